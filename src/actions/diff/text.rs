//! The comparison on a terminal: the verdict, then what is worse, then what is better.

use std::fmt::Write as _;

use console::truncate_str;

use super::super::table::table;
use super::{Compared, name, status, unchanged};
use crate::record::FindingRow;
use crate::reports::text::one_line;

/// Rows of one list; all of them are in the JSON.
const MOST: usize = 40;

pub(super) fn write(compared: &Compared, width: usize) -> String {
    let diff = &compared.diff;
    let (old, new) = (name(&compared.old), name(&compared.new));
    let mut out = format!("{}\n  from {}\n  to   {}\n", compared.sentence(), one_line(&old), one_line(&new));
    let row = |row: &FindingRow, last: &str| {
        vec![
            row.severity.as_str().to_owned(),
            row.device.clone(),
            row.rule.clone(),
            row.subject.clone(),
            last.to_owned(),
        ]
    };
    let found = ["SEVERITY", "DEVICE", "RULE", "SUBJECT", "OBSERVED"];
    list(&mut out, "New", found, diff.new.iter().map(|f| row(f, &f.observed)));
    let lost = diff.lost.iter().map(|lost| vec![lost.device.clone(), lost.site.clone(), status(lost)]);
    list(&mut out, "Devices lost", ["DEVICE", "SITE", "NOW"], lost);
    let why = ["SEVERITY", "DEVICE", "RULE", "SUBJECT", "WHY"];
    list(&mut out, "Not checked", why, diff.unverified.iter().map(|(f, why)| row(f, why)));
    list(&mut out, "Fixed", found, diff.resolved.iter().map(|f| row(f, &f.observed)));
    list(&mut out, "Unchanged", ["SEVERITY", "RULE", "FINDINGS"], unchanged(&diff.persisting).into_iter());
    if !diff.gained.is_empty() {
        let _ = writeln!(out, "\nNot in the older run, or not audited there: {}", one_line(&diff.gained.join(", ")));
    }
    out.lines().flat_map(|line| [truncate_str(line, width, "..."), "\n".into()]).collect()
}

fn list<const N: usize>(
    out: &mut String,
    title: &str,
    header: [&str; N],
    rows: impl ExactSizeIterator<Item = Vec<String>>,
) {
    let all = rows.len();
    if all == 0 {
        return;
    }
    let _ = writeln!(out, "\n{title}: {all}");
    for line in table(&header, &rows.take(MOST).collect::<Vec<_>>()).lines() {
        let _ = writeln!(out, "  {line}");
    }
    if all > MOST {
        let _ = writeln!(out, "  and {} more, see --format json", all - MOST);
    }
}
