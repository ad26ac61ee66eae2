//! `slaudit rules` and `slaudit explain RULE`.

use super::print;
use super::table::table;
use crate::exit::Exit;
use crate::rules;

/// Lists the rules.
pub(super) fn rules() -> anyhow::Result<Exit> {
    let row = |row: rules::Row| {
        let core = if row.core { "core" } else { "" };
        vec![row.id.to_owned(), row.severity.to_string(), core.to_owned(), row.title.to_owned()]
    };
    print(&table(&["RULE", "SEVERITY", "", "PROBLEM"], &rules::rows().map(row).collect::<Vec<_>>()))?;
    Ok(Exit::Clean)
}

/// Explains one rule.
pub(super) fn explain(id: &str) -> anyhow::Result<Exit> {
    let Some(rule) = rules::find(id) else {
        let near = rules::suggest(id);
        let hint = if near.is_empty() {
            "`slaudit rules` lists them".to_owned()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        anyhow::bail!("there is no rule `{id}`; {hint}");
    };
    print(&rules::explain(rule))?;
    Ok(Exit::Clean)
}
