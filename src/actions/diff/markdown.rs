//! The comparison for a change ticket.

use std::fmt::Write as _;

use super::{Compared, name, status, unchanged};
use crate::record::FindingRow;
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
    let row = |row: &FindingRow, last: &str| {
        vec![
            row.severity.as_str().to_owned(),
            row.device.clone(),
            row.rule.clone(),
            row.subject.clone(),
            last.to_owned(),
        ]
    };
    let found = ["severity", "device", "rule", "subject", "next step"];
    list(&mut out, "New", found, diff.new.iter().map(|f| row(f, &f.next_step)));
    let lost = diff.lost.iter().map(|lost| vec![lost.device.clone(), lost.site.clone(), status(lost)]);
    list(&mut out, "Devices lost", ["device", "site", "now"], lost);
    let why = ["severity", "device", "rule", "subject", "why"];
    list(&mut out, "Not checked", why, diff.unverified.iter().map(|(f, why)| row(f, why)));
    list(&mut out, "Fixed", found, diff.resolved.iter().map(|f| row(f, &f.next_step)));
    list(&mut out, "Unchanged", ["severity", "rule", "findings"], unchanged(&diff.persisting).into_iter());
    out
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
    let _ = write!(out, "\n### {title}\n\n| {} |\n|{}\n", header.join(" | "), " --- |".repeat(N));
    for row in rows.take(MOST) {
        let cells: Vec<_> = row.iter().map(|cell| markdown(cell)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    if all > MOST {
        let _ = writeln!(out, "\nand {} more", all - MOST);
    }
}
