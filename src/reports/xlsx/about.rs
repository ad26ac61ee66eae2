//! The sheets that explain the others: the catalogue of rules, and what the run and every column is.

use std::borrow::Cow;

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::look::{self, Look};
use super::sheets::{LICENSES, RANKS};
use super::table::{A3, A4, TEXT_LIMIT, on_paper};
use crate::reports::row::{self, Kind};
use crate::reports::text::{capped, one_line};
use crate::reports::utc;
use crate::rules::{self, Rule};
use crate::run::Run;

/// A column of the sheet of rules: its name, its width in characters, and its value.
type RuleColumn = (&'static str, u16, fn(&'static Rule) -> Cow<'static, str>);

/// The columns of the sheet of rules; the severity is the second.
static RULES: [RuleColumn; 10] = [
    ("rule", 30, |rule| rule.id.into()),
    ("severity", 10, |rule| rule.severity.as_str().into()),
    ("severity_note", 28, |rule| rule.severity_note.into()),
    ("category", 16, |rule| rule.category.as_str().into()),
    ("title", 32, |rule| rule.title.into()),
    ("why", 48, |rule| rule.why.into()),
    ("next_step", 48, |rule| rule.next_step().into()),
    ("healthy", 40, |rule| rule.healthy.into()),
    ("reads", 40, |rule| rule.reads.into()),
    ("source", 36, |rule| rule.source.into()),
];

/// The widths of the sheet about the run.
const WIDTHS: [u16; 4] = [18, 28, 14, 90];

/// The catalogue, in its order: the links of the summary lead to its rows.
pub(super) fn rules(look: &Look) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name("Rules")?.set_freeze_panes(1, 1)?;
    on_paper(&mut sheet, A3)?;
    for (at, (name, width, _)) in (0..).zip(&RULES) {
        sheet.set_column_width(at, *width)?.write_string_with_format(0, at, *name, &look.header)?;
    }
    for (row, rule) in (1..).zip(rules::ALL) {
        let values = RULES.iter().map(|(_, width, value)| (*width, value(rule))).collect::<Vec<_>>();
        for (at, (_, text)) in (0..).zip(&values) {
            sheet.write_string_with_format(row, at, &**text, &look.wrapped)?;
        }
        sheet.set_row_height(row, look::height(values.iter().map(|(width, text)| (*width, &**text))))?;
        let painted = look::severity(&look.wrapped, rule.severity);
        sheet.write_string_with_format(row, 1, rule.severity.as_str(), &painted)?;
    }
    let last = u32::try_from(rules::ALL.len()).unwrap_or(u32::MAX);
    sheet.autofilter(0, 0, last, u16::try_from(RULES.len() - 1).unwrap_or(u16::MAX))?;
    Ok(sheet)
}

/// The run, and every column of every sheet.
pub(super) fn sheet(run: &Run, look: &Look) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name("About")?.set_screen_gridlines(false);
    on_paper(&mut sheet, A4)?;
    for (at, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(at, width)?;
    }
    let mut row = 0;
    sheet.write_string_with_format(row, 0, "About this run", &look.heading)?;
    for (name, value) in run_lines(run) {
        row += 1;
        sheet.write_string_with_format(row, 0, name, &look.wrapped)?;
        let value = capped(one_line(&value), TEXT_LIMIT);
        sheet.merge_range(row, 1, row, 3, &value, &look.wrapped)?;
        sheet.set_row_height(row, look::height([(WIDTHS[1..].iter().sum(), value.as_ref())]))?;
    }
    row += 2;
    sheet.write_string_with_format(row, 0, "Columns", &look.heading)?;
    row += 1;
    for (at, name) in (0..).zip(["sheet", "column", "holds", "meaning"]) {
        sheet.write_string_with_format(row, at, name, &look.header)?;
    }
    for (of, name, kind, about) in columns(run) {
        row += 1;
        for (at, value) in (0..).zip([of, &name, kind.as_str(), &about]) {
            sheet.write_string_with_format(row, at, value, &look.wrapped)?;
        }
    }
    Ok(sheet)
}

fn run_lines(run: &Run) -> Vec<(&'static str, String)> {
    let head = &run.head;
    let mut lines = vec![("run", head.id.clone())];
    lines.extend(head.label.clone().map(|label| ("label", label)));
    lines.extend([
        ("command", head.command.clone()),
        ("inventory", head.inventory.clone()),
        ("started_utc", utc(head.started)),
        ("finished_utc", utc(run.finished)),
        ("complete", if run.is_complete() { "yes" } else { "no: the run was interrupted" }.to_owned()),
        ("slaudit", head.version.clone()),
        ("rules", format!("{}, judged by {}", head.rules_version, run.overview.rules)),
        ("schema", "1: columns are only ever added, at the end of findings.csv and devices.csv".to_owned()),
        ("times", "UTC; printed deadlines are as the device printed them, in its own zone".to_owned()),
        ("text", format!("at most {TEXT_LIMIT} characters of a cell; report.json has the whole")),
        ("evidence", "transcripts/ beside this file has what each device said".to_owned()),
    ]);
    lines
}

/// Sheet, name, kind and meaning of every column.
fn columns(run: &Run) -> Vec<(&'static str, String, Kind, String)> {
    let mut all = Vec::new();
    let mut add = |sheet, name: &str, kind, about: &str| {
        all.push((sheet, name.to_owned(), kind, about.to_owned()));
        if let Some((_, rank, about)) = RANKS.iter().find(|(severity, ..)| *severity == name) {
            all.push((sheet, (*rank).to_owned(), Kind::Number, (*about).to_owned()));
        }
    };
    for column in row::FINDINGS {
        add("Findings", column.name, column.kind, column.about);
    }
    for column in row::DEVICES {
        add("Devices", column.name, column.kind, column.about);
    }
    for name in row::extra_columns(&run.head) {
        add("Devices", &capped(one_line(&name), 100), Kind::Text, "a column of the inventory");
    }
    for (name, kind, about) in &LICENSES {
        add("Licenses", name, *kind, about);
    }
    all
}
