//! `findings.csv` and `devices.csv`: RFC 4180, safe to open in a spreadsheet.
//!
//! ```text
//! change,severity,device,site,rule,title,...
//! new,critical,fra1-acc-sw07,FRA1,ack-overdue,"The ACK deadline has passed",...
//! ```

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::row::{self, Cell};
use super::text::{self, CsvProfile};
use super::{Options, Report, utc};
use crate::run::Run;

/// One row a finding.
pub(super) static FINDINGS: Report =
    Report { format: "csv", name: "findings", extension: "csv", by_default: true, write: write_findings };

/// One row for every selected row of the inventory, always.
pub(super) static DEVICES: Report =
    Report { format: "csv", name: "devices", extension: "csv", by_default: true, write: write_devices };

fn write_findings(run: &Run, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(options.csv, out)?;
    table.row(row::FINDINGS.iter().map(|column| Cell::Text(column.name.into())))?;
    run.each_finding(&mut |finding| table.row(row::finding_cells(&run.head, &finding)))?;
    table.writer.flush()
}

fn write_devices(run: &Run, options: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(options.csv, out)?;
    let names = row::DEVICES.iter().map(|column| Cow::Borrowed(column.name)).chain(row::extra_columns(&run.head));
    table.row(names.map(Cell::Text))?;
    run.each_row(&mut |device, _| table.row(row::device_cells(&run.head, &device)))?;
    table.writer.flush()
}

/// A CSV file in the making.
struct Table<W: Write> {
    writer: Writer<W>,
    profile: CsvProfile,
}

impl<W: Write> Table<W> {
    fn new(profile: CsvProfile, mut out: W) -> io::Result<Self> {
        let mut builder = WriterBuilder::new();
        match profile {
            CsvProfile::Plain => builder.terminator(Terminator::Any(b'\n')),
            CsvProfile::Excel => {
                // Without the mark Excel reads UTF-8 as the code page of the country.
                out.write_all("\u{feff}".as_bytes())?;
                // Text that reads as a number was given a `'` before, so this quotes all text and no number.
                builder.terminator(Terminator::CRLF).quote_style(QuoteStyle::NonNumeric)
            }
        };
        Ok(Self { writer: builder.from_writer(out), profile })
    }

    fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> io::Result<()> {
        for cell in cells {
            let field: Cow<'_, str> = match &cell {
                Cell::Empty => Cow::Borrowed(""),
                Cell::Text(value) => text::cell(value, self.profile),
                Cell::Number(number) => Cow::Owned(number.to_string()),
                Cell::Share(share) => Cow::Owned(format!("{share:.2}")),
                Cell::Flag(flag) => Cow::Borrowed(if *flag { "true" } else { "false" }),
                Cell::Time(time) => Cow::Owned(utc(*time)),
                Cell::Day(day) => Cow::Owned(text::cell(&day.to_string(), self.profile).into_owned()),
            };
            self.writer.write_field(&*field)?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(io::Error::from)
    }
}
