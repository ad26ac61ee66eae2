//! The rules as text: `RULES.md`, `slaudit explain RULE`, and the rows of `slaudit rules`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::finding::Severity;
use crate::remedy;
use crate::rules::{ALL, Category, Generation, Rule};

/// Columns of plain text.
const WIDTH: usize = 80;

/// What stands above the rules in `RULES.md`.
const INTRODUCTION: &str = include_str!("catalogue_introduction.md");

/// One rule in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The rule's id.
    pub id: &'static str,
    /// Its usual severity.
    pub severity: Severity,
    /// True where it decides about health.
    pub core: bool,
    /// Its part of the catalogue.
    pub category: Category,
    /// The problem in a few words.
    pub title: &'static str,
}

/// One row a rule, in the order of the catalogue.
pub fn rows() -> impl Iterator<Item = Row> {
    ALL.iter().map(|rule| Row {
        id: rule.id,
        severity: rule.severity,
        core: rule.core,
        category: rule.category,
        title: rule.title,
    })
}

impl Category {
    /// The heading of this part of the catalogue.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Release => "Release",
            Self::Transport => "Transport",
            Self::CallHome => "Call Home",
            Self::Reach => "Name resolution and reach",
            Self::Trust => "Trust",
            Self::Clock => "Clock",
            Self::Reporting => "Policy and reporting",
            Self::Communication => "Communication",
            Self::Authorization => "Authorization",
            Self::Identity => "Account and identity",
            Self::SystemMessages => "System messages",
        }
    }
}

/// The names and texts of a rule, as far as it has them.
fn parts(rule: &'static Rule) -> Vec<(&'static str, String)> {
    let mut severity = format!("{}{}", rule.severity, if rule.core { ", core" } else { "" });
    if !rule.severity_note.is_empty() {
        let _ = write!(severity, "; {}", rule.severity_note);
    }
    let mut parts = vec![
        ("Severity", severity),
        ("Why", rule.why.to_owned()),
        ("Read from", rule.reads.to_owned()),
        ("Healthy", rule.healthy.to_owned()),
        ("Next step", rule.next_step()),
    ];
    match rule.generation {
        Generation::Slp => {}
        Generation::BeforeSlp => parts.insert(1, ("Applies to", "Smart Licensing before SLP only".to_owned())),
        Generation::Any => parts.insert(1, ("Applies to", "every generation of Smart Licensing".to_owned())),
    }
    if !rule.explained_by.is_empty() {
        parts.push(("Explained by", rule.explained_by.join(", ")));
    }
    parts.push(("Source", rule.source.to_owned()));
    parts
}

/// The text of `slaudit explain RULE`: plain, 80 columns.
pub fn explain(rule: &'static Rule) -> String {
    let mut text = format!("{}\n  {}\n", rule.id, rule.title);
    for (name, words) in parts(rule) {
        let _ = write!(text, "\n{name}\n{}", wrapped(&words));
    }
    text
}

/// Words in lines of at most [`WIDTH`] columns, two blanks indented.
fn wrapped(words: &str) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in words.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            text.push('\n');
            column = 0;
        }
        let lead = if column == 0 { "  " } else { " " };
        column += lead.len() + width;
        text.push_str(lead);
        text.push_str(word);
    }
    text.push('\n');
    text
}

/// `RULES.md`: what the words mean, a table of all rules, and each rule in full.
pub fn catalogue_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    let core = ALL.iter().filter(|rule| rule.core).count();
    let _ = write!(text, "\n## All rules\n\n{} rules, {core} of them core.\n\n", ALL.len());
    text.push_str("| rule | severity | core | problem |\n| --- | --- | --- | --- |\n");
    for row in rows() {
        let core = if row.core { "core" } else { "" };
        let _ = writeln!(text, "| [{0}](#{0}) | {1} | {core} | {2} |", row.id, row.severity, escaped(row.title));
    }
    let mut category = None;
    for rule in ALL {
        if category != Some(rule.category) {
            category = Some(rule.category);
            let _ = write!(text, "\n## {}\n", rule.category.heading());
        }
        let _ = write!(text, "\n### {}\n\n{}.\n\n", rule.id, escaped(rule.title));
        for (name, words) in parts(rule) {
            let words = match name {
                "Explained by" => words.split(", ").map(|id| format!("[{id}](#{id})")).collect::<Vec<_>>().join(", "),
                _ => escaped(&words),
            };
            let _ = writeln!(text, "- **{name}**: {words}");
        }
    }
    text.push_str(
        "\n## Steps\n\nWhat next steps are made of. A value that is known of a device stands in place of its placeholder.\n\n\
         | step | when | on | what | commands |\n| --- | --- | --- | --- | --- |\n",
    );
    for step in remedy::steps::all() {
        let places: Vec<_> = step.topologies.iter().map(|topology| topology.as_str()).collect();
        let platforms = if step.platforms.is_empty() { "" } else { "IOS XE, IOS" };
        let on =
            [platforms, &places.join(", ")].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
        let commands: Vec<_> = step.commands.iter().map(|(_, line, _)| format!("`{}`", line.trim())).collect();
        let (when, words) = (escaped(step.condition), escaped(step.text));
        let _ = writeln!(text, "| {} | {when} | {on} | {words} | {} |", step.id, commands.join("<br>"));
    }
    text
}

/// Placeholders and values such as `<none>` would be taken for HTML, names with underscores for emphasis.
fn escaped(words: &str) -> String {
    words.replace('<', "\\<").replace('|', "\\|").replace('*', "\\*").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_fits_eighty_columns_and_names_everything() {
        for rule in ALL {
            let text = explain(rule);
            for line in text.lines() {
                // A URL or a path is one word; it may be longer than a line.
                let one_word = line.split_whitespace().count() == 1;
                assert!(line.chars().count() <= WIDTH || one_word, "{}: {line}", rule.id);
            }
            assert!(text.starts_with(rule.id) && text.contains("\nNext step\n"), "{text}");
        }
    }

    #[test]
    fn an_explanation_as_it_is_read() {
        let rule = crate::rules::find("ntp-server-missing").expect("a rule");
        assert_eq!(
            explain(rule),
            "\
ntp-server-missing
  No NTP server is configured

Severity
  medium

Applies to
  every generation of Smart Licensing

Why
  Without a server nothing sets the clock; it drifts, and starts at some old
  date after a power failure.

Read from
  show running-config: ntp server, ntp peer; show ntp associations.

Healthy
  At least one server or peer, or a clock that is synchronized another way.

Next step
  ntp server [vrf <vrf>] <ntp-server> version 2 prefer ; write memory; verify
  with show ntp status

Source
  Troubleshooting guide: the ntp server command of every clock failure.
"
        );
    }

    #[test]
    fn the_catalogue_is_grouped() {
        let mut seen = Vec::new();
        for rule in ALL {
            if seen.last() != Some(&rule.category) {
                assert!(!seen.contains(&rule.category), "{}: {} stands in two places", rule.id, rule.category);
                seen.push(rule.category);
            }
        }
    }

    #[test]
    fn every_step_is_in_the_catalogue() {
        let text = catalogue_markdown();
        for step in remedy::steps::all() {
            assert_eq!(text.matches(&format!("\n| {} | ", step.id)).count(), 1, "{}", step.id);
        }
    }

    #[test]
    fn rows_are_the_rules() {
        assert_eq!(rows().count(), ALL.len());
    }
}
