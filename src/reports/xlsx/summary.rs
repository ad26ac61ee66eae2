//! The first sheet: the verdict, the figures, the causes with what to do, and who was not judged. One page wide on paper.
//!
//! All columns are equally wide; what needs more room spans several of them.

use std::fmt::Write as _;
use std::io;

use rust_xlsxwriter::{Format, Url, Worksheet, XlsxError};

use super::failed;
use super::look::{self, Look};
use super::table::{A4, TEXT_LIMIT, on_paper};
use crate::finding::Severity;
use crate::record::{Change, Health};
use crate::reports::shorten::Sites;
use crate::reports::summary::{consequences, duration, plural};
use crate::reports::text::{capped, one_line};
use crate::reports::{rule, verdict};
use crate::rules;
use crate::run::{MissingEvidence, Problem, Run};

/// Characters that a column holds.
const WIDTH: u16 = 12;
/// Columns of the sheet.
const COLUMNS: u16 = 15;
/// Causes that are told; whoever has more filters the findings.
const CAUSES: usize = 200;
/// Characters of a list of devices.
const NAMES: usize = 110;

/// From which column to which, both included.
type Span = (u16, u16);

const SEVERITY: Span = (0, 0);
const DEVICES: Span = (1, 1);
const SITES: Span = (2, 2);
const RULE: Span = (3, 4);
const WHAT: Span = (5, 7);
const WHERE: Span = (8, 10);
const STEP: Span = (11, 14);
const REASON: Span = (0, 2);
const COUNT: Span = (3, 3);
const WHO: Span = (4, 14);

/// The sheet; `cut` says which others are not whole.
pub(super) fn sheet(run: &Run, look: &Look, cut: &[String]) -> io::Result<Worksheet> {
    let mut page = Page { sheet: Worksheet::new(), look, row: 0 };
    let mut written = || -> Result<(), XlsxError> {
        page.begin(run)?;
        for notice in cut {
            page.line(notice, &look.warning)?;
        }
        page.figures(run)?;
        page.causes(run, &run.overview.problems)?;
        page.not_judged(run, &run.overview.missing)
    };
    written().map_err(failed)?;
    Ok(page.sheet)
}

struct Page<'a> {
    sheet: Worksheet,
    look: &'a Look,
    row: u32,
}

impl Page<'_> {
    fn begin(&mut self, run: &Run) -> Result<(), XlsxError> {
        let head = &run.head;
        self.sheet.set_name("Summary")?.set_screen_gridlines(false);
        on_paper(&mut self.sheet, A4)?;
        self.sheet.set_footer(format!("&L{}&RPage &P of &N", one_line(&head.id).replace('&', "&&")));
        for column in 0..COLUMNS {
            self.sheet.set_column_width(column, WIDTH)?;
        }
        self.sheet.set_row_height(0, 30)?;
        self.line(&verdict::sentence(run), &self.look.title)?;
        let label = head.label.as_deref().map_or_else(String::new, |label| format!(" ({})", one_line(label)));
        let of = if head.inventory.is_empty() { String::new() } else { format!(" of {}", one_line(&head.inventory)) };
        let took = duration(run.overview.took);
        let started = head.started.strftime("%Y-%m-%d %H:%M:%S UTC");
        let id = one_line(&head.id);
        let version = one_line(&head.version);
        self.line(
            &format!(
                "Run {id}{label}{of}: {} in {took}, begun {started}, slaudit {version}",
                plural(run.roster.len(), "device")
            ),
            &self.look.subtitle,
        )
    }

    /// Text from the first column on.
    fn line(&mut self, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, capped(text.into(), TEXT_LIMIT), format)?;
        self.row += 1;
        Ok(())
    }

    /// Four small tables side by side.
    fn figures(&mut self, run: &Run) -> Result<(), XlsxError> {
        let counts = &run.overview.counts;
        let deadlines = &counts.ack_deadlines;
        let look = self.look;
        let health = |word: &str, health: Health| {
            (word.to_owned(), counts.health[&health], Some(look::health(&look.figure, health)))
        };
        let severity = |severity: &Severity| {
            (severity.as_str().to_owned(), counts.findings[severity], Some(look::severity(&look.figure, *severity)))
        };
        let change = |change: &Change| (change.as_str().to_owned(), counts.change[change], None);
        let due = |word: &str, count: usize| (word.to_owned(), count, None);
        let mut devices =
            vec![health("ok", Health::Ok), health("problem", Health::Problem), health("unknown", Health::Unknown)];
        devices.push(("all".to_owned(), counts.devices, None));
        devices.push(("not audited".to_owned(), counts.not_audited, None));
        devices.push(("not judged".to_owned(), counts.not_judged, None));
        let mut findings: Vec<_> = Severity::ALL.iter().map(severity).collect();
        findings.push(("waived".to_owned(), counts.waived, None));
        findings.push(("waiver expired".to_owned(), counts.waiver_expired, None));
        let blocks = [
            ("Devices by health", devices),
            ("Open findings", findings),
            ("Since the last run", Change::ALL.iter().map(change).collect()),
            (
                "ACK deadlines",
                vec![
                    due("past", deadlines.past),
                    due("within 7 days", deadlines.within_7_days),
                    due("within 30 days", deadlines.within_30_days),
                    due("later", deadlines.later),
                    due("not known", deadlines.unknown),
                ],
            ),
        ];
        self.row += 1;
        for (at, (name, lines)) in (0..).zip(&blocks) {
            // Two columns for the words, one for the figure, and one for air.
            let left = at * 4;
            self.sheet.write_string_with_format(self.row, left, *name, &look.heading)?;
            for (down, (word, count, painted)) in (1..).zip(lines) {
                let row = self.row + down;
                self.sheet.merge_range(row, left, row, left + 1, word, &look.label)?;
                self.number(row, left + 2, *count, painted.as_ref().filter(|_| *count > 0).unwrap_or(&look.figure))?;
            }
        }
        // The longest has seven lines under its heading.
        self.row += 9;
        Ok(())
    }

    fn number(&mut self, row: u32, column: u16, number: usize, format: &Format) -> Result<(), XlsxError> {
        #[allow(clippy::cast_precision_loss, reason = "a number of devices")]
        self.sheet.write_number_with_format(row, column, number as f64, format)?;
        Ok(())
    }

    fn causes(&mut self, run: &Run, problems: &[Problem]) -> Result<(), XlsxError> {
        self.line("Causes, worst first", &self.look.heading)?;
        if problems.is_empty() {
            return self.line("No open finding.", &self.look.subtitle);
        }
        self.header(&[
            (SEVERITY, "severity"),
            (DEVICES, "devices"),
            (SITES, "sites"),
            (RULE, "rule"),
            (WHAT, "what is wrong"),
            (WHERE, "where"),
            (STEP, "next step"),
        ])?;
        let sites = Sites::of(run);
        for problem in problems.iter().take(CAUSES) {
            self.cause(problem, &sites)?;
        }
        if let Some(more) = problems.len().checked_sub(CAUSES).filter(|more| *more > 0) {
            let more = plural(more, "more cause");
            self.line(&format!("and {more}: see the sheet Findings"), &self.look.subtitle)?;
        }
        Ok(())
    }

    fn cause(&mut self, problem: &Problem, sites: &Sites<'_>) -> Result<(), XlsxError> {
        let known = rule(&problem.rule);
        let title = known.map_or(problem.rule.as_str(), |rule| rule.title);
        let parts = [title.to_owned(), problem.failure(), consequences(problem)];
        let what = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
        let mut step = problem.next_step.clone();
        if problem.other_steps > 0 {
            let _ = write!(step, " (another step on {}, see next_step)", plural(problem.other_steps, "device"));
        }
        let mut places: Vec<_> = problem.devices.iter().map(|member| member.site.as_str()).collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|site| !site.is_empty());

        let painted = look::severity(&self.look.wrapped, problem.severity);
        let names = sites.shorten(&problem.devices, NAMES);
        self.spans(&[(RULE, &problem.rule), (WHAT, &what), (WHERE, &names), (STEP, &step)])?;
        self.sheet.write_string_with_format(self.row, SEVERITY.0, problem.severity.as_str(), &painted)?;
        let count = self.look.count.clone();
        self.number(self.row, DEVICES.0, problem.devices.len(), &count)?;
        self.number(self.row, SITES.0, places.len(), &count)?;
        if let Some(at) = known.and_then(|rule| rules::ALL.iter().position(|one| one.id == rule.id)) {
            let url = Url::new(format!("internal:Rules!A{}", at + 2)).set_text(&problem.rule);
            self.sheet.write_url_with_format(self.row, RULE.0, url, &self.look.link)?;
        }
        self.row += 1;
        Ok(())
    }

    fn not_judged(&mut self, run: &Run, missing: &[MissingEvidence]) -> Result<(), XlsxError> {
        let groups = verdict::not_judged(run);
        let (sites, count) = (Sites::of(run), self.look.count.clone());
        if !groups.is_empty() {
            self.row += 1;
            self.line("Not judged", &self.look.heading)?;
            self.header(&[(REASON, "reason"), (COUNT, "devices"), (WHO, "which; the sheet Devices says what to do")])?;
        }
        for group in groups {
            let names = sites.shorten(&group.devices, 3 * NAMES);
            self.spans(&[(REASON, group.reason), (WHO, &names)])?;
            self.number(self.row, COUNT.0, group.devices.len(), &count)?;
            self.row += 1;
        }
        if !missing.is_empty() {
            self.row += 1;
            self.line("Evidence that is missing", &self.look.heading)?;
            self.header(&[(REASON, "rule"), (COUNT, "devices"), (WHO, "why, on most of them")])?;
        }
        for missing in missing {
            self.spans(&[(REASON, &missing.rule), (WHO, &missing.reason)])?;
            self.number(self.row, COUNT.0, missing.devices, &count)?;
            self.row += 1;
        }
        Ok(())
    }

    fn header(&mut self, names: &[(Span, &str)]) -> Result<(), XlsxError> {
        for (span, name) in names {
            self.span(*span, name, &self.look.header.clone())?;
        }
        self.row += 1;
        Ok(())
    }

    /// Texts in spans of one row, which is made as high as the longest needs.
    fn spans(&mut self, texts: &[(Span, &str)]) -> Result<(), XlsxError> {
        let width = |(first, last): Span| (last - first + 1) * WIDTH;
        let texts: Vec<_> = texts.iter().map(|(span, text)| (*span, capped(one_line(text), TEXT_LIMIT))).collect();
        for (span, text) in &texts {
            self.span(*span, text, &self.look.wrapped.clone())?;
        }
        let height = look::height(texts.iter().map(|(span, text)| (width(*span), text.as_ref())));
        self.sheet.set_row_height(self.row, height)?;
        Ok(())
    }

    fn span(&mut self, (first, last): Span, text: &str, format: &Format) -> Result<(), XlsxError> {
        if first == last {
            self.sheet.write_string_with_format(self.row, first, text, format)?;
        } else {
            self.sheet.merge_range(self.row, first, self.row, last, text, format)?;
        }
        Ok(())
    }
}
