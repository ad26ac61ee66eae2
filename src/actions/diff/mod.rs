//! `slaudit diff OLD NEW`: what a change brought about. Exit code 1 where something at or above `--fail-on` is new, or was lost.

mod json;
mod markdown;
mod text;

use std::collections::BTreeMap;

use super::{Failed, print, run_name};
use crate::cli::{DiffFormat, Difference};
use crate::diff::{self, Diff};
use crate::exit::Exit;
use crate::finding::Severity;
use crate::record::FindingRow;
use crate::run::Run;

/// Two runs, compared.
struct Compared {
    old: Run,
    new: Run,
    diff: Diff,
    /// Whether it fails by `--fail-on`.
    is_worse: bool,
}

impl Compared {
    /// The answer in one sentence.
    fn sentence(&self) -> String {
        let diff = &self.diff;
        let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
        let devices = if diff.lost.len() == 1 { "device lost" } else { "devices lost" };
        let parts: Vec<String> = [
            count(diff.new.len(), "new"),
            count(diff.lost.len(), devices),
            count(diff.unverified.len(), "not checked"),
            count(diff.resolved.len(), "fixed"),
            count(diff.persisting.len(), "unchanged"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if diff.is_blind {
            return "NOT KNOWN: the newer run could not judge a single device".to_owned();
        }
        let all = if parts.is_empty() { "no findings in either run".to_owned() } else { parts.join(", ") };
        format!("{}: {all}", if self.is_worse { "WORSE" } else { "NOT WORSE" })
    }
}

/// Compares two runs.
pub(super) fn run(options: &Difference) -> anyhow::Result<Exit> {
    let old = run_name::find(&options.old, &options.runs)?.load()?;
    let new = run_name::find(&options.new, &options.runs)?.load()?;
    let failed = |error: std::io::Error| Failed::internal(error.to_string());
    let diff = diff::of(&old, &new).map_err(failed)?;
    let is_worse = diff.is_worse(options.fail_on.0);
    let compared = Compared { old, new, diff, is_worse };
    let width = console::Term::stdout().size_checked().map_or(100, |(_, columns)| usize::from(columns));
    print(&match options.format {
        DiffFormat::Text => text::write(&compared, width),
        DiffFormat::Md => markdown::write(&compared),
        DiffFormat::Json => json::write(&compared).map_err(failed)?,
    })?;
    Ok(if is_worse { Exit::Problems } else { Exit::Clean })
}

/// One part of the answer as a table; empty parts are left out.
struct List {
    title: &'static str,
    /// How many there are, where a row stands for several.
    count: usize,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// What is worse, then what is better. `last` names the last column of a finding, and says it.
fn lists(diff: &Diff, last: (&'static str, fn(&FindingRow) -> &str)) -> Vec<List> {
    let row = |row: &FindingRow, last: &str| {
        let cells = [row.severity.as_str(), &row.device, &row.rule, &row.subject, last];
        cells.map(ToOwned::to_owned).to_vec()
    };
    let found = |rows: &[FindingRow]| rows.iter().map(|f| row(f, last.1(f))).collect();
    let header = |last| vec!["severity", "device", "rule", "subject", last];
    let lost = diff.lost.iter().map(|lost| vec![lost.device.clone(), lost.site.clone(), status(lost)]);
    let unverified = diff.unverified.iter().map(|(f, why)| row(f, why));
    let list = |title, header, rows: Vec<_>| List { title, count: rows.len(), header, rows };
    let all = [
        list("New", header(last.0), found(&diff.new)),
        list("Devices lost", vec!["device", "site", "now"], lost.collect()),
        list("Not checked", header("why"), unverified.collect()),
        list("Fixed", header(last.0), found(&diff.resolved)),
        List {
            count: diff.persisting.len(),
            ..list("Unchanged", vec!["severity", "rule", "findings"], unchanged(&diff.persisting))
        },
    ];
    all.into_iter().filter(|list| !list.rows.is_empty()).collect()
}

/// What did not change, by rule: for people the number is enough.
fn unchanged(rows: &[FindingRow]) -> Vec<Vec<String>> {
    let mut rules = BTreeMap::<(Severity, &str), usize>::new();
    for row in rows {
        *rules.entry((row.severity, &row.rule)).or_default() += 1;
    }
    let row = |((severity, rule), count): ((Severity, &str), usize)| {
        vec![severity.as_str().to_owned(), rule.to_owned(), count.to_string()]
    };
    rules.into_iter().map(row).collect()
}

/// A run for people: its label and its id.
fn name(run: &Run) -> String {
    match &run.head.label {
        Some(label) => format!("{label} ({})", run.head.id),
        None => run.head.id.clone(),
    }
}

/// How a lost device went, for people.
fn status(lost: &diff::Lost) -> String {
    lost.status.map_or_else(|| "not selected".to_owned(), |status| status.as_str().replace('_', " "))
}
