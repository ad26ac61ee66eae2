//! `report.md`: the run for a ticket, a wiki or a merge request: the verdict, the figures, the causes with what to do, who was
//! not judged, and the findings that matter.
//!
//! It fits into an issue of GitHub, which takes 65,536 characters; all of it is in `findings.csv`.
//!
//! What devices and people said stands in code spans: there neither HTML nor a link nor a picture begins, and `@name` and `#12`
//! tell nobody. A backslash or an entity would not do: trackers look for names in the text that comes out.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::shorten::Sites;
use super::summary::{consequences, duration, plural, shown};
use super::text::{capped, one_line};
use super::verdict::{self, thousands};
use super::{Options, Report, rule, utc};
use crate::finding::Severity;
use crate::record::{Change, FindingRow, Health, State, Status};
use crate::run::{Problem, Run};

/// For people, where Markdown is read.
pub(super) static REPORT: Report = Report { format: "md", name: "report", extension: "md", by_default: false, write };

/// Causes that are told.
const CAUSES: usize = 20;
/// Rows of the table of findings.
const ROWS: usize = 100;
/// Characters of a list of devices.
const NAMES: usize = 100;
/// Characters of a cell.
const CELL: usize = 80;
/// Characters of anything else.
const TEXT: usize = 300;

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Smart Licensing: {}\n", verdict::sentence_with(run, |name| code(name, CELL)))?;
    out.write_all(head(run).as_bytes())?;
    let sites = Sites::of(run);
    out.write_all(causes(&run.overview.problems, &sites).as_bytes())?;
    out.write_all(not_judged(run, &sites).as_bytes())?;
    findings(run, out)?;
    waived(run, out)
}

/// Which run it is, and its figures.
fn head(run: &Run) -> String {
    let (head, counts) = (&run.head, &run.overview.counts);
    let took = duration(run.overview.took);
    let mut text = format!("Run {}", code(&head.id, CELL));
    if let Some(label) = &head.label {
        let _ = write!(text, " ({})", code(label, CELL));
    }
    if !head.inventory.is_empty() {
        let _ = write!(text, " of {}", code(&head.inventory, TEXT));
    }
    let _ = write!(text, ", {} in {took}", utc(head.started));
    let _ = writeln!(text, ", slaudit {}.\n\n| figure | |\n| --- | --- |", code(&head.version, CELL));
    let mut line = |name: &str, figures: Vec<String>| {
        let figures = if figures.is_empty() { "none".to_owned() } else { figures.join(", ") };
        let _ = writeln!(text, "| {name} | {figures} |");
    };
    line(&plural(counts.devices, "device"), shown(Status::ALL, |status| counts.status.get(status).copied()));
    line("health", shown(Health::ALL, |health| counts.health.get(health).copied()));
    line("open findings", shown(Severity::ALL, |severity| counts.findings.get(severity).copied()));
    for (name, count) in [("waived", counts.waived), ("waiver expired", counts.waiver_expired)] {
        line(name, Some(count).filter(|count| *count > 0).map(thousands).into_iter().collect());
    }
    line("since the last run", shown(Change::ALL, |change| counts.change.get(change).copied()));
    text
}

fn causes(problems: &[Problem], sites: &Sites<'_>) -> String {
    let mut text = String::from("\n## Causes, worst first\n\n");
    if problems.is_empty() {
        text.push_str("No open finding.\n");
    }
    for problem in problems.iter().take(CAUSES) {
        text.push_str(&cause(problem, sites));
    }
    if let Some(more) = problems.len().checked_sub(CAUSES).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nAnd {}.", plural(more, "more cause"));
    }
    text
}

fn cause(problem: &Problem, sites: &Sites<'_>) -> String {
    let title = rule(&problem.rule).map_or("", |rule| rule.title);
    let head = format!("1. **{}** {} {title}", problem.severity.as_str().to_uppercase(), code(&problem.rule, CELL));
    let names = code(&sites.shorten(&problem.devices, NAMES), TEXT);
    let mut lines = vec![head.trim_end().to_owned(), format!("{}: {names}", plural(problem.devices.len(), "device"))];
    let why = [code(&problem.failure(), TEXT), consequences(problem)];
    let why: Vec<_> = why.into_iter().filter(|part| !part.is_empty()).collect();
    if !why.is_empty() {
        lines.push(why.join("; "));
    }
    if problem.severity < Severity::Low && !problem.next_step.is_empty() {
        let mut step = format!("next step: {}", code(&problem.next_step, TEXT));
        if problem.other_steps > 0 {
            let _ = write!(step, " (another on {})", plural(problem.other_steps, "device"));
        }
        lines.push(step);
    }
    // Two blanks break a line, three belong to the item.
    lines.join("  \n   ") + "\n"
}

/// Who has no verdict, and why.
fn not_judged(run: &Run, sites: &Sites<'_>) -> String {
    let (groups, missing) = (verdict::not_judged(run), &run.overview.missing);
    let mut text = String::new();
    if groups.is_empty() && missing.is_empty() {
        return text;
    }
    text.push_str("\n## Not judged\n\n");
    for group in groups {
        let names = code(&sites.shorten(&group.devices, NAMES), TEXT);
        let _ = writeln!(text, "- {}: {}: {names}", plural(group.devices.len(), "device"), group.reason);
    }
    for missing in missing.iter().take(CAUSES) {
        let on = plural(missing.devices, "device");
        let _ = writeln!(text, "- {} unknown on {on}: {}", code(&missing.rule, CELL), code(&missing.reason, TEXT));
    }
    text
}

/// Open findings of medium and above, as many as a ticket takes.
fn findings(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let all = run.overview.counts.at_or_above(Severity::Medium);
    if all == 0 {
        return Ok(());
    }
    out.write_all(b"\n## Findings of medium and above\n\n")?;
    out.write_all(b"| severity | device | site | rule | subject | observed | deadline | change |\n")?;
    out.write_all(b"| --- | --- | --- | --- | --- | --- | --- | --- |\n")?;
    let mut rows = 0;
    run.each_finding(&mut |finding| {
        if finding.track.is_open() && finding.severity <= Severity::Medium && rows < ROWS {
            rows += 1;
            out.write_all(row(&finding).as_bytes())?;
        }
        Ok(())
    })?;
    more(all, rows, out)
}

/// What somebody has accepted is shown: nobody is to think that it is gone.
fn waived(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let all = run.overview.counts.waived;
    if all == 0 {
        return Ok(());
    }
    out.write_all(b"\n## Waived\n\n| device | rule | subject | until | reason |\n| --- | --- | --- | --- | --- |\n")?;
    let mut rows = 0;
    run.each_finding(&mut |finding| {
        let track = &finding.track;
        if track.state == State::Waived && track.change != Change::Resolved && rows < ROWS {
            rows += 1;
            let until = track.waiver_until.map(|day| day.to_string()).unwrap_or_default();
            let texts = [&finding.device, &finding.rule, &finding.subject, &until, &track.waiver_reason];
            writeln!(out, "| {} |", texts.map(|text| cell(text)).join(" | "))?;
        }
        Ok(())
    })?;
    more(all, rows, out)
}

fn more(all: usize, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(shown) {
        0 => Ok(()),
        more => writeln!(out, "\nAnd {} more; `findings.csv` has all of them.", thousands(more)),
    }
}

/// A text in a table.
fn cell(text: &str) -> String {
    code(text, CELL).replace('|', "\\|")
}

fn row(finding: &FindingRow) -> String {
    let days = finding.days_left.map(|days| match days {
        0.. => format!("in {days} d"),
        _ => format!("{} d ago", days.unsigned_abs()),
    });
    let cells = [
        finding.severity.as_str().to_owned(),
        cell(&finding.device),
        cell(&finding.site),
        cell(&finding.rule),
        cell(&finding.subject),
        cell(&finding.observed),
        days.unwrap_or_default(),
        finding.track.change.as_str().to_owned(),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// A text of somebody else as a code span, at most `limit` characters of it; nothing for nothing.
fn code(text: &str, limit: usize) -> String {
    let text = capped(Cow::Owned(one_line(text).trim().to_owned()), limit);
    if text.is_empty() {
        return String::new();
    }
    // A span ends at as many backticks as it began with.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_in_its_span() {
        assert_eq!(code("sw1", 9), "`sw1`");
        assert_eq!(code("", 9), "");
        assert_eq!(code(" \u{1b}[31m ", 9), "");
        assert_eq!(code("a`b", 9), "``a`b``");
        assert_eq!(code("`x``", 9), "``` `x`` ```");
        assert_eq!(code("<img src=x>\n@all", 40), "`<img src=x> | @all`");
        assert_eq!(code("abcdefghij", 9), "`abcdef...`");
    }
}
