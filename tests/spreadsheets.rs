//! What a spreadsheet makes of the reports: LibreOffice opens them as a double click would, hostile cells and all, and nothing is
//! computed, no digit is lost, no cell moves.
//!
//! Where there is no LibreOffice, every test is reported as ignored: `apt-get install libreoffice-calc`.

#[path = "spreadsheets/hostile.rs"]
mod hostile;
#[path = "spreadsheets/office.rs"]
mod office;

use std::path::Path;

use calamine::{Data, Ods, Range, Reader, Xlsx, open_workbook};
use libtest_mimic::{Failed, Trial};
use slaudit::reports::row::{self, Kind};
use slaudit::reports::{self, CsvProfile, Options};
use slaudit::run::Run;

use crate::trial::{Obstacle, trial};

type Test = fn() -> Result<(), Failed>;

pub(crate) fn trials() -> Vec<Trial> {
    let found = office::is_there();
    let tests: [(&str, Test); 3] =
        [("CSV, opened in English", || csv(1033)), ("CSV, opened in German", || csv(1031)), ("the workbook", workbook)];
    let trials = tests
        .into_iter()
        .map(|(name, test)| trial(name, (!found).then(|| Obstacle::missing("there is no LibreOffice")), test));
    trials.collect()
}

/// The kinds of the columns of a CSV file; all that follow are of the inventory.
fn kinds(file: &str) -> Vec<Kind> {
    if file == "findings" {
        row::FINDINGS.iter().map(|column| column.kind).collect()
    } else {
        row::DEVICES.iter().map(|column| column.kind).collect()
    }
}

fn write(run: &Run, file: &str, profile: CsvProfile, at: &Path) {
    let report = reports::ALL.iter().find(|report| report.file_name() == file).expect("a report of that name");
    let mut out = Vec::new();
    (report.write)(run, Options { csv: profile }, &mut out).expect("memory takes everything");
    std::fs::write(at, out).expect("written");
}

/// Both files in both profiles, in one start.
fn csv(language: u32) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let run = hostile::run();
    let mut files = Vec::new();
    for profile in [CsvProfile::Plain, CsvProfile::Excel] {
        for file in ["findings", "devices"] {
            let path = folder.path().join(format!("{file}_{profile}.csv"));
            write(&run, &format!("{file}.csv"), profile, &path);
            files.push(path);
        }
    }
    let control = folder.path().join("control.csv");
    std::fs::write(&control, "=1+1,1E10,0012,17.12.4,2026-11-24\n")?;
    files.push(control);
    office::convert(folder.path(), &files, "ods", Some(&office::csv_filter(language)))?;

    // What is not protected is computed and converted: otherwise this test would see nothing.
    let (cells, formulas) = read(&folder.path().join("control.ods"));
    assert!(!formulas.is_empty(), "a formula of a CSV file was not computed: {cells:?}");
    assert_eq!((cells[0][1].clone(), cells[0][2].clone()), (Data::Float(1e10), Data::Float(12.0)));

    let mut wrong = Vec::new();
    for file in ["findings", "devices"] {
        for profile in [CsvProfile::Plain, CsvProfile::Excel] {
            let name = format!("{file}_{profile}");
            let written = std::fs::read_to_string(folder.path().join(format!("{name}.csv")))?;
            let written = records(written.trim_start_matches('\u{feff}'));
            let (cells, formulas) = read(&folder.path().join(format!("{name}.ods")));
            assert!(formulas.is_empty(), "{name} computes: {formulas:?}");
            assert_eq!(cells.len(), written.len(), "{name}: rows");
            let kinds = kinds(file);
            for (line, (found, wanted)) in cells.iter().zip(&written).enumerate() {
                for (at, wanted) in wanted.iter().enumerate() {
                    let found = found.get(at).unwrap_or(&Data::Empty);
                    let kind = if line == 0 { Kind::Text } else { kinds.get(at).copied().unwrap_or(Kind::Text) };
                    // The plain profile is for programs: what looks like a number is made one.
                    let is_free = profile == CsvProfile::Plain && !matches!(found, Data::String(_) | Data::Empty);
                    if !is_free && !is_same(found, wanted, kind) {
                        wrong.push(format!("{name}, row {line}, column {at}: {wanted:?} is {found:?}"));
                    }
                }
                assert!(found.iter().skip(wanted.len()).all(|cell| *cell == Data::Empty), "{name}: {found:?}");
            }
        }
    }
    none(&wrong)
}

/// The first of what is wrong.
fn none(wrong: &[String]) -> Result<(), Failed> {
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} cells are wrong:\n{shown}", wrong.len()).into()) }
}

/// True where a cell shows a field as it was written.
fn is_same(found: &Data, wanted: &str, kind: Kind) -> bool {
    match (found, kind) {
        (Data::Empty, _) => wanted.is_empty(),
        (Data::String(text), _) => text == wanted,
        (Data::Float(number), Kind::Number | Kind::Share) => wanted.parse() == Ok(*number),
        (Data::Bool(flag), Kind::Flag) => wanted.parse() == Ok(*flag),
        (Data::DateTimeIso(time), Kind::Time) => wanted.trim_end_matches('Z') == time,
        _ => false,
    }
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("RFC 4180").iter().map(str::to_owned).collect()).collect()
}

/// The cells and the formulas of the first sheet.
fn read(path: &Path) -> (Vec<Vec<Data>>, Vec<String>) {
    let mut book: Ods<_> = open_workbook(path).expect("a spreadsheet");
    let name = book.sheet_names().first().cloned().expect("a sheet");
    sheet(&mut book, &name)
}

fn sheet<R: Reader<std::io::BufReader<std::fs::File>>>(book: &mut R, name: &str) -> (Vec<Vec<Data>>, Vec<String>)
where
    R::Error: std::fmt::Debug,
{
    let cells: Range<Data> = book.worksheet_range(name).expect("a sheet");
    let formulas = book.worksheet_formula(name).expect("a sheet");
    let computed = formulas.used_cells().map(|(_, _, formula)| formula.clone()).filter(|formula| !formula.is_empty());
    (cells.rows().map(<[Data]>::to_vec).collect(), computed.collect())
}

/// LibreOffice shows the cells of the workbook as they were written.
fn workbook() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("report.xlsx");
    write(&hostile::run(), "report.xlsx", CsvProfile::Plain, &path);
    office::convert(folder.path(), std::slice::from_ref(&path), "ods", None)?;
    let mut written: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let mut shown: Ods<_> = open_workbook(folder.path().join("report.ods")).expect("a spreadsheet");
    assert_eq!(written.sheet_names(), shown.sheet_names());
    let (mut texts, mut wrong) = (0, Vec::new());
    for name in written.sheet_names() {
        let (wanted, _) = sheet(&mut written, &name);
        let (found, formulas) = sheet(&mut shown, &name);
        // LibreOffice has no truth values: it reads them as these formulas.
        let computed: Vec<_> =
            formulas.iter().filter(|text| !matches!(text.as_str(), "of:=TRUE()" | "of:=FALSE()")).collect();
        assert!(computed.is_empty(), "{name} computes: {computed:?}");
        for (line, wanted) in wanted.iter().enumerate() {
            for (at, wanted) in wanted.iter().enumerate() {
                let found = found.get(line).and_then(|row| row.get(at)).unwrap_or(&Data::Empty);
                texts += usize::from(matches!(wanted, Data::String(_)));
                if !is_shown(wanted, found) {
                    wrong.push(format!("{name}, row {line}, column {at}: {wanted:?} is {found:?}"));
                }
            }
        }
    }
    assert!(texts > 10_000, "only {texts} cells of text were compared");
    none(&wrong)
}

fn is_shown(wanted: &Data, found: &Data) -> bool {
    match (wanted, found) {
        (Data::DateTime(wanted), Data::DateTimeIso(found)) => {
            let (year, month, day, hour, minute, second, _) = wanted.to_ymd_hms_milli();
            *found == format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
        }
        (Data::Float(wanted), Data::Float(found)) => (wanted - found).abs() < 1e-9,
        (Data::Bool(wanted), Data::Float(found)) => (f64::from(u8::from(*wanted)) - found).abs() < 1e-9,
        (wanted, found) => wanted == found,
    }
}
