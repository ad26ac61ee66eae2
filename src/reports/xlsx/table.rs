//! A large sheet in the making: a header, typed rows one after the other, and widths that fit.

use std::borrow::Cow;
use std::collections::HashSet;

use console::measure_text_width;
use jiff::civil::Date;
use rust_xlsxwriter::{
    ExcelDateTime, Format, IgnoreError, Table, TableColumn, TableStyle, Workbook, Worksheet, XlsxError,
};

use super::look::{self, Look};
use crate::finding::Severity;
use crate::record::Health;
use crate::reports::row::{Cell, Kind};
use crate::reports::text::{capped, one_line};
use crate::reports::verdict::thousands;

/// Characters of a cell: what somebody reads in the line above the sheet. Excel takes 32,767, and `report.json` has the whole.
pub(super) const TEXT_LIMIT: usize = 1_000;
/// Characters of a column's name; Excel takes 255.
const NAME_LIMIT: usize = 100;
/// Columns are as wide as their content, within these bounds.
const WIDTHS: (usize, usize) = (6, 48);
/// What the button of the filter takes.
const BUTTON: usize = 3;
/// Excel keeps 15 digits of a number.
const WHOLE: i64 = 1_000_000_000_000_000;

/// A column of a sheet.
pub(super) struct Column<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) kind: Kind,
}

impl<'a> Column<'a> {
    pub(super) fn new(name: impl Into<Cow<'a, str>>, kind: Kind) -> Self {
        Self { name: name.into(), kind }
    }
}

/// A sheet in the making.
pub(super) struct Rows<'a> {
    sheet: Worksheet,
    look: &'a Look,
    /// Formats of the words that have a colour.
    painted: Vec<(&'static str, Format)>,
    columns: Vec<(Kind, bool)>,
    widths: Vec<usize>,
    printed: usize,
    is_table: bool,
    written: u32,
    most: u32,
    left_out: usize,
}

/// A sheet with all its rows.
pub(super) struct Done {
    pub(super) sheet: Worksheet,
    left_out: usize,
}

impl Done {
    /// Says how many rows the sheet could not take.
    pub(super) fn notice(&self) -> Option<String> {
        (self.left_out > 0).then(|| notice(&self.sheet.name(), self.left_out))
    }
}

fn notice(sheet: &str, left_out: usize) -> String {
    let file = if sheet == "Licenses" { "report.json".to_owned() } else { format!("{}.csv", sheet.to_lowercase()) };
    format!("{sheet}: {} more rows do not fit into a sheet of Excel; {file} has all of them", thousands(left_out))
}

/// What a large sheet is to be.
pub(super) struct Plan<'a> {
    /// Its name, and that of its table.
    pub(super) name: &'static str,
    pub(super) columns: Vec<Column<'a>>,
    /// How many rows it will have, which makes it an Excel table; `None` for a list that can be filtered.
    pub(super) rows: Option<usize>,
    /// Columns that stay in view.
    pub(super) frozen: u16,
    /// The last column that is printed: no paper takes all of them.
    pub(super) printed: &'static str,
}

impl<'a> Rows<'a> {
    /// Begins a sheet of at most `most` rows.
    pub(super) fn begin(book: &mut Workbook, plan: &Plan<'_>, look: &'a Look, most: u32) -> Result<Self, XlsxError> {
        let Plan { name, columns, rows, frozen, printed } = plan;
        let mut sheet = match book.new_worksheet_with_constant_memory() {
            // Where nothing may be written beside, the cells stay in memory.
            Err(XlsxError::TempFileError(..)) => Worksheet::new(),
            sheet => sheet?,
        };
        sheet.set_name(*name)?.set_freeze_panes(1, *frozen)?;
        on_paper(&mut sheet, A3)?;
        let names = unique(columns.iter().map(|column| column.name.as_ref()));
        for (at, column) in (0..).zip(columns) {
            sheet.set_column_format(at, look.of(column.kind))?;
        }
        let last = u16::try_from(columns.len()).unwrap_or(u16::MAX).saturating_sub(1);
        if let Some(rows) = *rows {
            let header = |name: &String| TableColumn::new().set_header(name).set_header_format(&look.header);
            let table = Table::new().set_name(*name).set_style(TableStyle::Light1);
            let table = table.set_columns(&names.iter().map(header).collect::<Vec<_>>());
            // A table without a row is none.
            let rows = u32::try_from(rows).unwrap_or(u32::MAX).clamp(1, most);
            sheet.add_table(0, 0, rows, last, &table)?;
        } else {
            for (at, name) in (0..).zip(&names) {
                sheet.write_string_with_format(0, at, name, &look.header)?;
            }
        }
        let severities = Severity::ALL.iter().map(|one| (one.as_str(), look::severity(&look.text, *one)));
        let healths = Health::ALL.iter().map(|one| (one.as_str(), look::health(&look.text, *one)));
        let is_coloured = |name: &str| matches!(name, "severity" | "worst_severity" | "health");
        Ok(Self {
            sheet,
            look,
            painted: severities.chain(healths).collect(),
            columns: columns.iter().map(|column| (column.kind, is_coloured(&column.name))).collect(),
            printed: columns.iter().position(|column| column.name == *printed).unwrap_or(columns.len()),
            widths: names.iter().map(|name| measure_text_width(name) + BUTTON).collect(),
            is_table: rows.is_some(),
            written: 0,
            most,
            left_out: 0,
        })
    }

    /// Writes the next row; where the sheet is full, counts it.
    pub(super) fn put<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) -> Result<(), XlsxError> {
        if self.written == self.most {
            self.left_out += 1;
            return Ok(());
        }
        self.written += 1;
        for (at, cell) in (0..).zip(cells) {
            self.cell(self.written, at, cell)?;
        }
        Ok(())
    }

    fn cell(&mut self, row: u32, column: u16, cell: Cell<'_>) -> Result<(), XlsxError> {
        let at = usize::from(column);
        let Some((kind, is_coloured)) = self.columns.get(at).copied() else { return Ok(()) };
        let sheet = &mut self.sheet;
        let width = match cell {
            Cell::Empty => return Ok(()),
            Cell::Text(value) => return self.text(row, column, &value, is_coloured),
            // More digits than Excel keeps.
            Cell::Number(number) if number.abs() >= WHOLE => {
                return self.text(row, column, &number.to_string(), false);
            }
            Cell::Number(number) => {
                #[allow(clippy::cast_precision_loss, reason = "fewer than 16 digits")]
                sheet.write_number(row, column, number as f64)?;
                number.to_string().len()
            }
            Cell::Share(share) => {
                sheet.write_number(row, column, share)?;
                4
            }
            Cell::Flag(flag) => {
                sheet.write_boolean(row, column, flag)?;
                5
            }
            Cell::Time(time) => match ExcelDateTime::from_timestamp(time.as_second()) {
                Ok(moment) => {
                    sheet.write_datetime_with_format(row, column, moment, self.look.of(kind))?;
                    19
                }
                // Excel's calendar begins in 1900 and ends with 9999.
                Err(_) => return self.text(row, column, &crate::reports::utc(time), false),
            },
            Cell::Day(day) => match excel_day(day) {
                Some(moment) => {
                    sheet.write_datetime_with_format(row, column, moment, self.look.of(kind))?;
                    10
                }
                None => return self.text(row, column, &day.to_string(), false),
            },
        };
        self.widths[at] = self.widths[at].max(width);
        Ok(())
    }

    fn text(&mut self, row: u32, column: u16, value: &str, is_coloured: bool) -> Result<(), XlsxError> {
        let value = capped(one_line(value), TEXT_LIMIT);
        let width = &mut self.widths[usize::from(column)];
        *width = (*width).max(if value.is_ascii() { value.len() } else { measure_text_width(&value) });
        let painted = self.painted.iter().find(|(word, _)| is_coloured && *word == value);
        // A cell of its own format is always text; the others have that of their column.
        match painted {
            Some((_, format)) => self.sheet.write_string_with_format(row, column, value, format)?,
            None if self.columns[usize::from(column)].0 == Kind::Text => self.sheet.write_string(row, column, value)?,
            None => self.sheet.write_string_with_format(row, column, value, &self.look.text)?,
        };
        Ok(())
    }

    /// Ends the sheet.
    pub(super) fn end(self) -> Result<Done, XlsxError> {
        let Self { mut sheet, widths, printed, left_out, written, .. } = self;
        let last = u16::try_from(widths.len()).unwrap_or(u16::MAX).saturating_sub(1);
        if left_out > 0 {
            let notice = notice(&sheet.name(), left_out);
            sheet.write_string_with_format(written + 1, 0, notice, &self.look.warning)?;
        }
        sheet.set_print_area(0, 0, written.max(1), last.min(u16::try_from(printed).unwrap_or(u16::MAX)))?;
        if !self.is_table {
            sheet.autofilter(0, 0, written.max(1), last)?;
        }
        for (at, width) in (0..).zip(&widths) {
            // A little air, and room for letters that are wider than digits.
            let width = u16::try_from((*width).clamp(WIDTHS.0, WIDTHS.1)).unwrap_or(u16::MAX);
            sheet.set_column_width(at, f64::from(width) + 1.5)?;
        }
        // Serial numbers are text, and need no green corners that say so.
        sheet.ignore_error_range(0, 0, written.max(1), last, IgnoreError::NumberStoredAsText)?;
        Ok(Done { sheet, left_out })
    }
}

/// Paper sizes by Excel's numbers.
pub(super) const A4: u8 = 9;
pub(super) const A3: u8 = 8;

/// One page wide, with the header on each.
pub(super) fn on_paper(sheet: &mut Worksheet, size: u8) -> Result<(), XlsxError> {
    sheet.set_landscape().set_paper_size(size).set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_footer("&L&A&RPage &P of &N").set_repeat_rows(0, 0)?;
    Ok(())
}

fn excel_day(day: Date) -> Option<ExcelDateTime> {
    let (month, of_month) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day()).ok()?);
    ExcelDateTime::from_ymd(u16::try_from(day.year()).ok()?, month, of_month).ok()
}

/// Names of columns as a table takes them: none empty, none twice whatever the case, and none with `_x0041_`, which Excel reads as
/// a character in one place and as text in another. Otherwise it would call the file damaged.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = HashSet::new();
    names
        .map(|name| {
            let mut name = capped(Cow::Owned(one_line(name).trim().to_owned()), NAME_LIMIT).into_owned();
            if name.is_empty() {
                "column".clone_into(&mut name);
            }
            if has_escape(&name) {
                name = name.replace('_', " ");
            }
            let mut free = name.clone();
            for number in 2.. {
                if taken.insert(free.to_lowercase()) {
                    break;
                }
                free = format!("{name} ({number})");
            }
            free
        })
        .collect()
}

fn has_escape(name: &str) -> bool {
    name.as_bytes()
        .windows(7)
        .any(|part| part.starts_with(b"_x") && part.ends_with(b"_") && part[2..6].iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_unique_and_never_empty() {
        let names = ["owner", "Owner", "OWNER (2)", "", " ", "\u{1b}[31m", "a\nb", "_x0041_", "x_x12", "=1"];
        let expected = [
            "owner",
            "Owner (2)",
            "OWNER (2) (2)",
            "column",
            "column (2)",
            "column (3)",
            "a | b",
            " x0041 ",
            "x_x12",
            "=1",
        ];
        assert_eq!(unique(names.into_iter()), expected);
        assert_eq!(unique(["x".repeat(400).as_str()].into_iter())[0].len(), NAME_LIMIT);
    }
}
