//! `report.xlsx`: the workbook, for people who sort, filter and hand things on.
//!
//! | sheet | what |
//! | --- | --- |
//! | Summary | the verdict, the figures, the causes with what to do, who was not judged |
//! | Findings | a row a finding: the table `Findings`, columns of `findings.csv` |
//! | Devices | a row a device: the table `Devices`, columns of `devices.csv` |
//! | Licenses | a row a licence of a device |
//! | Rules | what each id means |
//! | About | the run, and what each column means |
//!
//! Cells are typed: text stays text whatever it looks like, times are dates in UTC, nothing is computed. The large sheets are written
//! row by row into temporary files; at the end the packed workbook is in memory once.

mod about;
mod look;
mod sheets;
mod summary;
mod table;

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use self::look::Look;
use super::text::one_line;
use super::{Options, Report, verdict};
use crate::run::Run;

/// The workbook.
pub(super) static REPORT: Report =
    Report { format: "xlsx", name: "report", extension: "xlsx", by_default: true, write };

/// Rows of a sheet below its header: Excel has 1,048,576, and the last one is kept to say what was left out.
const MOST_ROWS: u32 = 1_048_574;

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    // The crate has no error for a temporary file that cannot be written, as on a full disk: it panics.
    let made = panic::catch_unwind(AssertUnwindSafe(|| workbook(run, MOST_ROWS)));
    let bytes =
        made.unwrap_or_else(|_| Err(io::Error::other("the temporary files of the workbook cannot be written")))?;
    out.write_all(&bytes)
}

fn workbook(run: &Run, most: u32) -> io::Result<Vec<u8>> {
    let (mut book, look) = (Workbook::new(), Look::new());
    let mut properties = DocProperties::new()
        .set_title(verdict::sentence(run))
        .set_subject(one_line(&run.head.id))
        .set_author("slaudit");
    // Without it the file would tell when it was written, and one run would not always give the same file.
    if let Ok(finished) = ExcelDateTime::from_timestamp(run.finished.as_second()) {
        properties = properties.set_creation_datetime(&finished);
    }
    book.set_properties(&properties);

    let findings = sheets::findings(run, &mut book, &look, most)?;
    let (devices, licenses) = sheets::devices(run, &mut book, &look, most)?;
    let cut: Vec<_> = [&findings, &devices, &licenses].into_iter().filter_map(table::Done::notice).collect();
    let summary = summary::sheet(run, &look, &cut)?;
    let rules = about::rules(&look).map_err(failed)?;
    let about = about::sheet(run, &look).map_err(failed)?;
    let mut add = |sheet| book.push_worksheet(sheet);
    add(summary);
    add(findings.sheet);
    add(devices.sheet);
    add(licenses.sheet);
    add(rules);
    add(about);
    book.save_to_buffer().map_err(failed)
}

fn failed(error: XlsxError) -> io::Error {
    match error {
        // What the system said stays readable: a full disk is no fault of the workbook.
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => error,
        error => io::Error::other(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader as _, Xlsx};

    use super::*;
    use crate::reports::tests;

    #[test]
    fn a_full_sheet_says_what_it_leaves_out() {
        let run = tests::run(&[("a", ""), ("b", ""), ("c", ""), ("d", "")]);
        let bytes = workbook(&run, 2).expect("a workbook");
        let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
        let notice = "Devices: 2 more rows do not fit into a sheet of Excel; devices.csv has all of them";
        let devices = book.worksheet_range("Devices").expect("a sheet");
        let first: Vec<_> = devices.rows().map(|row| row[0].to_string()).collect();
        assert_eq!(first, ["device", "a", "b", notice]);
        let summary = book.worksheet_range("Summary").expect("a sheet");
        assert!(summary.rows().any(|row| row[0] == Data::String(notice.to_owned())));
        let licenses = book.worksheet_range("Licenses").expect("a sheet");
        assert!(
            licenses.rows().next_back().is_some_and(|row| row[0].to_string().ends_with("report.json has all of them"))
        );
        book.load_tables().expect("tables");
        assert_eq!(book.table_by_name("Devices").expect("a table").data().height(), 2, "the table ends above it");
        let whole = workbook(&run, 4).expect("a workbook");
        let mut book = Xlsx::new(Cursor::new(whole)).expect("a workbook");
        assert_eq!(book.worksheet_range("Devices").expect("a sheet").height(), 5);
    }
}
