//! What the terminal shows after a run: at most one screen, whatever the size of the fleet.
//!
//! ```text
//! 14 of 24 devices have problems (3 critical); 2 could not be judged.
//!   24 devices in 12s   22 audited   1 unreachable   1 auth failed
//!   critical 3   high 17   medium 2   low 1        new 23
//!
//!   CRITICAL  dns-server-missing      3 devices  lon1-acc-* (3 of 7 in LON1)
//!             leads to ack-overdue (critical, all 3)
//!             -> ip name-server <address>
//! ```
//!
//! The words say everything; colour only repeats it.

use std::fmt::Write as _;
use std::time::Duration;

use console::{Alignment, Style, measure_text_width, pad_str};

use super::shorten::Sites;
use super::text::{fit, one_line};
use super::verdict::{self, thousands};
use crate::finding::Severity;
use crate::record::{Change, Health, Status};
use crate::run::{Counts, MissingEvidence, Problem, Run};

/// How the summary is to look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Columns of the terminal; 40 at least.
    pub width: usize,
    /// Lines of the terminal; the summary takes 24 to 40.
    pub height: usize,
    /// Whether colours are wanted. The caller knows of `NO_COLOR` and of pipes.
    pub colour: bool,
    /// The run folder, as the user gave it, with the names of the files in it.
    pub files: Option<(&'a str, &'a [String])>,
}

impl Default for Look<'_> {
    /// What fits everywhere.
    fn default() -> Self {
        Self { width: 80, height: 40, colour: false, files: None }
    }
}

/// Where the second and further lines of a problem begin: below the rule's name.
const INDENT: usize = 12;

/// The summary; every line ends with a line break.
pub fn summary(run: &Run, look: &Look<'_>) -> String {
    let page = Page { run, sites: Sites::of(run), width: look.width.max(40), colour: look.colour };
    let mut lines = page.head(&run.overview.counts);
    let mut tail = page.not_judged(&run.overview.missing);
    tail.extend(page.files(look.files));
    // Three lines are left for a prompt and what is typed on it.
    let room = look.height.clamp(24, 40).saturating_sub(lines.len() + tail.len() + 3);
    lines.extend(page.problems(&run.overview.problems, room));
    lines.extend(tail);
    lines.iter().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

struct Page<'a> {
    run: &'a Run,
    sites: Sites<'a>,
    width: usize,
    colour: bool,
}

impl Page<'_> {
    /// The verdict and the figures.
    fn head(&self, counts: &Counts) -> Vec<String> {
        let style = match (counts.health[&Health::Problem], counts.not_judged) {
            (0, 0) => Style::new().green().bold(),
            (0, _) => Style::new().yellow().bold(),
            _ => Style::new().red().bold(),
        };
        let verdict = wrapped(&verdict::sentence(self.run), self.width, 2);
        let mut lines: Vec<_> = verdict.iter().map(|line| self.paint(&style, line)).collect();

        let took = duration(self.run.overview.took);
        let mut devices = vec![format!("{} in {took}", plural(counts.devices, "device"))];
        devices.extend(shown(Status::ALL, |status| counts.status.get(status).copied()));
        lines.extend(self.flow(&devices));

        let mut figures: Vec<_> = Severity::ALL
            .iter()
            .filter_map(|severity| Some((severity, counts.findings.get(severity).copied().filter(|count| *count > 0)?)))
            .map(|(severity, count)| self.paint(&colour_of(*severity), &format!("{severity} {}", thousands(count))))
            .collect();
        if figures.is_empty() {
            figures.push("no findings".to_owned());
        }
        let changes = Change::ALL.iter().filter_map(|change| Some((change, counts.change.get(change)?)));
        for (at, (change, count)) in changes.filter(|(_, count)| **count > 0).enumerate() {
            let gap = if at == 0 { "     " } else { "" };
            figures.push(format!("{gap}{change} {}", thousands(*count)));
        }
        let waivers = [("waived", counts.waived), ("waiver expired", counts.waiver_expired)];
        let waivers = waivers.into_iter().filter(|(_, count)| *count > 0);
        figures.extend(waivers.map(|(word, count)| format!("{word} {}", thousands(count))));
        lines.extend(self.flow(&figures));
        lines
    }

    /// The problems, as many as fit in `room` lines; the rest as a number.
    fn problems(&self, problems: &[Problem], room: usize) -> Vec<String> {
        if problems.is_empty() {
            return Vec::new();
        }
        let columns = Columns::for_problems(problems, self.width);
        let mut lines = vec![String::new()];
        for (at, problem) in problems.iter().enumerate() {
            let (head, detail) = self.problem(problem, &columns);
            let after = problems.len() - at - 1;
            // What to do comes before how much there is for the first one; then the next few get a line each before details.
            let kept = if at == 0 { after.min(1) } else { after.min(6) };
            if lines.len() + head.len() + detail.len() + kept <= room {
                lines.extend(head.into_iter().chain(detail));
            } else if lines.len() + head.len() + after.min(1) <= room {
                lines.extend(head);
            } else {
                lines.push(self.left_out(&problems[at..]));
                break;
            }
        }
        lines
    }

    fn left_out(&self, problems: &[Problem]) -> String {
        let by_severity = |severity: &Severity| Some(problems.iter().filter(|p| p.severity == *severity).count());
        let counts: Vec<_> = Severity::ALL
            .iter()
            .filter_map(|severity| by_severity(severity).filter(|count| *count > 0).map(|count| (severity, count)))
            .map(|(severity, count)| format!("{} {severity}", thousands(count)))
            .collect();
        self.cut(&format!("  and {}: {}", plural(problems.len(), "more problem"), counts.join(", ")))
    }

    /// One problem: who has it; and what it leads to and what to do.
    fn problem(&self, problem: &Problem, columns: &Columns) -> (Vec<String>, Vec<String>) {
        let style = colour_of(problem.severity);
        let severity = self.paint(&style.clone().bold(), &format!("{:<8}", problem.severity.as_str().to_uppercase()));
        let count = thousands(problem.devices.len());
        let noun = if problem.devices.len() == 1 { "device" } else { "devices" };
        let rule = fit(&problem.rule, columns.rule);
        let rule = pad_str(&rule, columns.rule, Alignment::Left, None);
        let head = format!("  {severity}  {rule}  {count:>digits$} {noun:<7}", digits = columns.count);
        let room = self.width.saturating_sub(measure_text_width(&head) + 2);
        let head = if room >= 24 {
            vec![format!("{head}  {}", self.sites.shorten(&problem.devices, room))]
        } else {
            let names = self.sites.shorten(&problem.devices, self.width - INDENT);
            vec![head, format!("{:INDENT$}{names}", "")]
        };
        let mut lines = Vec::new();
        // What costs nothing today gets one line.
        if problem.severity >= Severity::Low {
            return (head, lines);
        }
        let width = self.width - INDENT;
        for line in wrapped(&explanation(problem), width, 2) {
            lines.push(format!("{:INDENT$}{line}", ""));
        }
        let mut step = one_line(&problem.next_step).into_owned();
        if problem.other_steps > 0 {
            let _ = write!(step, " (another step on {}, see next_step)", thousands(problem.other_steps));
        }
        for (at, line) in wrapped(&step, width - 3, 3).iter().enumerate() {
            lines.push(format!("{:INDENT$}{} {line}", "", if at == 0 { "->" } else { "  " }));
        }
        (head, lines)
    }

    /// Who has no verdict, and why.
    fn not_judged(&self, missing: &[MissingEvidence]) -> Vec<String> {
        const MOST: usize = 3;
        let groups = verdict::not_judged(self.run);
        if groups.is_empty() && missing.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![String::new()];
        if !groups.is_empty() {
            let total = groups.iter().map(|group| group.devices.len()).sum();
            lines.push(format!("  Not judged: {}", plural(total, "device")));
            // A fourth reason is named; a fifth and more are counted.
            let shown = if groups.len() <= MOST + 1 { groups.len() } else { MOST };
            let digits = groups.iter().map(|group| thousands(group.devices.len()).len()).max().unwrap_or(1);
            let words = groups[..shown].iter().map(|group| group.reason.len()).max().unwrap_or_default();
            for group in &groups[..shown] {
                let head = format!("    {:>digits$} {:<words$}  ", thousands(group.devices.len()), group.reason);
                let room = self.width.saturating_sub(measure_text_width(&head));
                lines.push(self.cut(&format!("{head}{}", self.sites.shorten(&group.devices, room))));
            }
            let rest: usize = groups[shown..].iter().map(|group| group.devices.len()).sum();
            if rest > 0 {
                lines.push(format!("    {:>digits$} for other reasons, see devices.csv", thousands(rest)));
            }
        }
        for missing in missing.iter().take(2) {
            let on = plural(missing.devices, "device");
            lines.push(self.cut(&format!("  {} unknown on {on} ({})", missing.rule, one_line(&missing.reason))));
        }
        lines
    }

    /// Where to read on.
    fn files(&self, files: Option<(&str, &[String])>) -> Vec<String> {
        let Some((folder, names)) = files else { return Vec::new() };
        let folder = one_line(folder);
        let mut parts = vec![format!("{}/", folder.trim_end_matches('/'))];
        parts.extend(names.iter().map(|name| one_line(name).into_owned()));
        let mut lines = vec![String::new()];
        lines.extend(self.flow(&parts));
        if self.run.overview.counts.open() > 0 {
            lines.push("  slaudit explain RULE tells why and what to do.".to_owned());
        }
        lines
    }

    /// Items side by side, three blanks between them, in as many lines as they need.
    fn flow(&self, items: &[String]) -> Vec<String> {
        let mut lines = Vec::<String>::new();
        for item in items {
            match lines.last_mut() {
                Some(line) if measure_text_width(line) + 3 + measure_text_width(item) <= self.width => {
                    line.push_str("   ");
                    line.push_str(item);
                }
                _ => lines.push(self.cut(&format!("  {}", item.trim_start()))),
            }
        }
        lines
    }

    fn cut(&self, line: &str) -> String {
        fit(line, self.width).into_owned()
    }

    fn paint(&self, style: &Style, text: &str) -> String {
        style.clone().force_styling(self.colour).apply_to(text).to_string()
    }
}

/// Widths of the columns, so that all problems stand in line.
struct Columns {
    rule: usize,
    count: usize,
}

impl Columns {
    fn for_problems(problems: &[Problem], width: usize) -> Self {
        let rule = problems.iter().map(|problem| problem.rule.len()).max().unwrap_or_default();
        let count = problems.iter().map(|problem| thousands(problem.devices.len()).len()).max().unwrap_or_default();
        // Severity, gaps and the number of devices take the rest of a line.
        Self { rule: rule.min(width.saturating_sub(INDENT + 2 + count + 8)), count }
    }
}

/// What fails, how bad it is where, and what it leads to.
fn explanation(problem: &Problem) -> String {
    let parts = [one_line(&problem.failure()).into_owned(), consequences(problem)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What a problem leads to, else how bad it is where; rules and numbers only.
pub(super) fn consequences(problem: &Problem) -> String {
    let devices = thousands(problem.devices.len());
    let symptoms: Vec<_> = problem
        .symptoms
        .iter()
        .map(|symptom| {
            let all = symptom.devices == problem.devices.len();
            let on =
                if all { format!("all {devices}") } else { format!("{} of {devices}", thousands(symptom.devices)) };
            format!("{} ({}, {on})", symptom.rule, symptom.severity)
        })
        .collect();
    if !symptoms.is_empty() {
        format!("leads to {}", symptoms.join(", "))
    } else if problem.worst_on < problem.devices.len() {
        format!("{} on {} of {devices}", problem.severity, thousands(problem.worst_on))
    } else {
        String::new()
    }
}

fn colour_of(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => Style::new().red(),
        Severity::Medium => Style::new().yellow(),
        Severity::Low => Style::new().cyan(),
        Severity::Info => Style::new().dim(),
    }
}

/// What there is of each value, the number first: `1,322 audited`.
pub(super) fn shown<T: std::fmt::Display>(all: &'static [T], count: impl Fn(&T) -> Option<usize>) -> Vec<String> {
    let found = all.iter().filter_map(|value| count(value).filter(|count| *count > 0).map(|count| (value, count)));
    found.map(|(value, count)| format!("{} {}", thousands(count), value.to_string().replace('_', " "))).collect()
}

pub(super) fn plural(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// `12s`, `4m 12s`, `1h 03m`.
pub(super) fn duration(took: Duration) -> String {
    let seconds = took.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0) => format!("{}ms", took.subsec_millis()),
        (0, 0, s) => format!("{s}s"),
        (0, m, s) => format!("{m}m {s:02}s"),
        (h, m, _) => format!("{h}h {m:02}m"),
    }
}

/// Breaks text at blanks into at most `most` lines; the last ends with `...` where more would come.
pub(super) fn wrapped(text: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines = Vec::<String>::new();
    for word in text.split_whitespace() {
        let is_last = lines.len() == most;
        match lines.last_mut() {
            Some(line) if measure_text_width(line) + 1 + measure_text_width(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(line) if is_last => {
                *line = fit(&format!("{line} {word}"), width).into_owned();
                return lines;
            }
            _ => lines.push(fit(word, width).into_owned()),
        }
    }
    lines
}
