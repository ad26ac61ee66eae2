//! `slaudit rules` and `slaudit explain RULE`.

use anyhow::anyhow;

use super::print;
use crate::exit::Exit;
use crate::rules;

/// Lists the rules.
pub(super) fn rules() -> anyhow::Result<Exit> {
    print(&rules::listing())?;
    Ok(Exit::Clean)
}

/// Explains one rule.
pub(super) fn explain(id: &str) -> anyhow::Result<Exit> {
    let rule = rules::find(id).map_err(|error| anyhow!(error))?;
    print(&rules::explain(rule))?;
    Ok(Exit::Clean)
}
