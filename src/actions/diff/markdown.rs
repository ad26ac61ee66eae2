//! The comparison for a change ticket.

use std::fmt::Write as _;

use super::{Compared, lists, name};
use crate::reports::text::markdown;

/// Rows of one list: a ticket is read by people.
const MOST: usize = 100;

pub(super) fn write(compared: &Compared) -> String {
    let diff = &compared.diff;
    let (old, new) = (name(&compared.old), name(&compared.new));
    let mut out = format!(
        "## slaudit: {}\n\nFrom {} to {}.\n\n| | count |\n| --- | ---: |\n",
        compared.sentence(),
        markdown(&old),
        markdown(&new)
    );
    for (what, count) in [
        ("new", diff.new.len()),
        ("devices lost", diff.lost.len()),
        ("not checked", diff.unverified.len()),
        ("fixed", diff.resolved.len()),
        ("unchanged", diff.persisting.len()),
    ] {
        let _ = writeln!(out, "| {what} | {count} |");
    }
    for list in lists(diff, ("next step", |finding| &finding.next_step)) {
        let (all, rule) = (list.rows.len(), " --- |".repeat(list.header.len()));
        let _ = write!(out, "\n### {}\n\n| {} |\n|{rule}\n", list.title, list.header.join(" | "));
        for row in list.rows.iter().take(MOST) {
            let cells: Vec<_> = row.iter().map(|cell| markdown(cell)).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        if all > MOST {
            let _ = writeln!(out, "\nand {} more", all - MOST);
        }
    }
    out
}
