//! The workbook, as another program reads it: typed cells, tables, and text that stays text.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use proptest::prelude::*;
use slaudit::facts::{License, Udi};
use slaudit::finding::Severity;
use slaudit::record::{DeviceRecord, Status};
use slaudit::reports::row::{self, Cell, Kind};
use slaudit::reports::text::one_line;
use slaudit::reports::{self, Options, verdict};
use slaudit::run::Run;
use slaudit::store::Head;

use super::any_text;
use crate::fleet;

type Book = Xlsx<Cursor<Vec<u8>>>;

fn bytes(run: &Run) -> Vec<u8> {
    let mut out = Vec::new();
    (reports::of_format("xlsx")[0].write)(run, Options::default(), &mut out).expect("memory takes everything");
    out
}

fn open(run: &Run) -> Book {
    Xlsx::new(Cursor::new(bytes(run))).expect("a workbook")
}

fn sheet(book: &mut Book, name: &str) -> Range<Data> {
    book.worksheet_range(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The rows of a sheet by the names of its columns.
fn rows(book: &mut Book, name: &str) -> Vec<BTreeMap<String, Data>> {
    let range = sheet(book, name);
    let header: Vec<_> = range.rows().next().expect("a header").iter().map(ToString::to_string).collect();
    range.rows().skip(1).map(|row| header.iter().cloned().zip(row.iter().cloned()).collect()).collect()
}

fn text(value: &str) -> Data {
    Data::String(value.to_owned())
}

/// All cells of the first column of the summary and of those beside it, in one text.
fn words(book: &mut Book, name: &str) -> String {
    sheet(book, name).rows().flatten().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What a cell must be in the workbook.
fn expected(cell: &Cell<'_>) -> Data {
    match cell {
        Cell::Empty => Data::Empty,
        Cell::Text(value) if one_line(value).is_empty() => Data::Empty,
        Cell::Text(value) => Data::String(cut(one_line(value))),
        #[allow(clippy::cast_precision_loss)]
        Cell::Number(number) => Data::Float(*number as f64),
        Cell::Share(share) => Data::Float(*share),
        Cell::Flag(flag) => Data::Bool(*flag),
        Cell::Time(time) => text(&reports_time(time.as_second())),
        Cell::Day(day) => text(&format!("{day} 00:00:00")),
    }
}

fn cut(value: Cow<'_, str>) -> String {
    if value.chars().count() <= 1_000 {
        return value.into_owned();
    }
    value.chars().take(997).chain("...".chars()).collect()
}

fn reports_time(second: i64) -> String {
    jiff::Timestamp::from_second(second).expect("a time").strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A cell as it was read; times as text.
fn found(cell: &Data) -> Data {
    let Data::DateTime(time) = cell else { return cell.clone() };
    // Days since 1899-12-30, of which 25,569 are before 1970.
    #[allow(clippy::cast_possible_truncation)]
    let second = ((time.as_f64() - 25_569.0) * 86_400.0).round() as i64;
    text(&reports_time(second))
}

fn assert_row<'a>(row: &[Data], cells: impl Iterator<Item = Cell<'a>>, rank_at: usize, rank: Option<Severity>) {
    let mut wanted: Vec<_> = cells.map(|cell| expected(&cell)).collect();
    wanted.insert(rank_at, rank.map_or(Data::Empty, |severity| Data::Float(f64::from(severity as u8) + 1.0)));
    assert_eq!(row.iter().map(found).collect::<Vec<_>>(), wanted);
}

/// Every cell of findings and devices is what the contract says, with its type.
fn assert_tables(run: &Run) {
    let mut book = open(run);
    let (findings, devices) = (sheet(&mut book, "Findings"), sheet(&mut book, "Devices"));
    let mut lines = findings.rows().skip(1);
    run.each_finding(&mut |finding| {
        assert_row(lines.next().expect("a row"), row::finding_cells(&run.head, &finding), 2, Some(finding.severity));
        Ok(())
    })
    .expect("a store");
    assert_eq!(lines.next(), None, "a row a finding");
    let mut lines = devices.rows().skip(1);
    run.each_device(&mut |device| {
        let row = &device.row;
        assert_row(lines.next().expect("a row"), row::device_cells(&run.head, row), 8, row.tally.worst());
        Ok(())
    })
    .expect("a store");
    assert_eq!(lines.next(), None, "a row a device");
    for name in ["Findings", "Devices", "Licenses", "Summary"] {
        let formulas = book.worksheet_formula(name).expect("a sheet");
        assert!(formulas.is_empty(), "{name} computes: {formulas:?}");
    }
}

#[test]
fn cells_are_what_they_are() {
    assert_tables(&fleet::nasty());
    assert_tables(&fleet::troubled(50));
}

#[test]
fn it_opens_on_the_summary() {
    let run = fleet::troubled(24);
    let mut book = open(&run);
    assert_eq!(book.sheet_names(), ["Summary", "Findings", "Devices", "Licenses", "Rules", "About"]);
    let summary = sheet(&mut book, "Summary");
    assert_eq!(summary.get_value((0, 0)), Some(&text(&verdict::sentence(&run))));
    let words = words(&mut book, "Summary");
    for word in [
        "dns-server-missing",
        "The name to report to cannot be resolved; leads to ack-overdue (critical, all 3), communication-failing (high, all 3)",
        "ip name-server <address>",
        "no answer from cslu1.example.com:8182",
        "lon1-acc-sw01, lon1-acc-sw02, lon1-acc-sw03",
        "wrong credentials",
    ] {
        assert!(words.contains(word), "{word} is not in\n{words}");
    }
    let rule = |name| summary.rows().position(|row| row[3] == text(name)).unwrap_or_else(|| panic!("no {name}"));
    assert!(
        rule("dns-server-missing") < rule("callhome-url-wrong") && rule("callhome-url-wrong") < rule("policy-default")
    );

    let healthy = words_of(&fleet::run(&[fleet::device("sw1", "")]));
    assert!(healthy.contains("No open finding.") && !healthy.contains("Not judged"), "{healthy}");
}

fn words_of(run: &Run) -> String {
    words(&mut open(run), "Summary")
}

#[test]
fn findings_and_devices_are_tables() {
    for (run, findings, devices) in [(fleet::troubled(24), 23, 24), (fleet::run(&[]), 1, 1)] {
        let mut book = open(&run);
        book.load_tables().expect("tables");
        for (name, rows) in [("Findings", findings), ("Devices", devices)] {
            let table = book.table_by_name(name).expect("a table");
            assert_eq!((table.sheet_name(), table.data().height()), (name, rows));
            let header: Vec<_> = sheet(&mut book, name).rows().next().expect("a header").to_vec();
            assert_eq!(table.columns().iter().map(|column| text(column)).collect::<Vec<_>>(), header);
        }
    }
}

#[test]
fn columns_of_one_name_break_no_table() {
    let names = ["owner", "OWNER", "", "rank", "worst_rank", "Status", "=1+1", "_x0041_", "a\tb"];
    let head = Head { extra_columns: names.map(str::to_owned).into(), ..fleet::head() };
    let mut record = fleet::device("sw1", "");
    record.device.extra = (0..names.len()).map(|at| format!("0{at}")).collect();
    let run = fleet::stored(head, &[record]);
    assert_tables(&run);
    let mut book = open(&run);
    book.load_tables().expect("tables");
    let table = book.table_by_name("Devices").expect("a table");
    let columns: Vec<_> = table.columns().iter().map(|name| name.to_lowercase()).collect();
    let distinct: std::collections::BTreeSet<_> = columns.iter().collect();
    assert_eq!(distinct.len(), columns.len(), "{columns:?}");
    assert!(columns.iter().all(|name| !name.trim().is_empty()));
}

#[test]
fn cells_hold_what_their_column_says() {
    fn check<'a, F: 'static>(columns: &[row::Column<F>], cells: impl Iterator<Item = Cell<'a>>) {
        for (column, cell) in columns.iter().zip(cells) {
            let kind = match cell {
                Cell::Empty => continue,
                Cell::Text(_) => Kind::Text,
                Cell::Number(_) => Kind::Number,
                Cell::Share(_) => Kind::Share,
                Cell::Flag(_) => Kind::Flag,
                Cell::Time(_) => Kind::Time,
                Cell::Day(_) => Kind::Day,
            };
            assert_eq!(kind, column.kind, "{}", column.name);
        }
    }
    let waive = |_: &str, _: &str| {
        let until = "2027-01-31".parse().expect("a day");
        Some(slaudit::store::Waived { state: slaudit::record::State::Waived, until, reason: "lab".to_owned() })
    };
    let mut record = fleet::device("sw1", "");
    fleet::find(&mut record, "ack-overdue", None, fleet::problem(Severity::High, "step"));
    for run in [fleet::nasty(), fleet::stored_with(fleet::head(), &[record], &waive)] {
        run.each_device(&mut |device| {
            check(row::DEVICES, row::device_cells(&run.head, &device.row));
            device.findings.iter().for_each(|finding| check(row::FINDINGS, row::finding_cells(&run.head, finding)));
            Ok(())
        })
        .expect("a store");
        assert_tables(&run);
    }
}

fn licensed() -> DeviceRecord {
    let mut record = fleet::device("stack", "LON1");
    let unit = |role: &str, serial: &str| Udi { role: role.into(), pid: "C9300".into(), serial: serial.into() };
    record.reading.facts.udis = fleet::known(vec![unit("standby", "0011"), unit("active", "0012")]);
    let license = |name: &str, count, kind: Option<&str>| License {
        name: name.to_owned(),
        count,
        status: "IN USE".to_owned(),
        enforcement: None,
        kind: kind.map(str::to_owned),
    };
    record.reading.facts.licenses =
        fleet::known(vec![license("network-advantage", 2, Some("Perpetual")), license("=evil", 1, None)]);
    record
}

#[test]
fn licences_are_listed_and_silence_is_told() {
    let mut none = fleet::device("none", "");
    none.reading.facts.licenses = fleet::known(Vec::new());
    let records = vec![licensed(), fleet::lost("lost", "LON1", Status::Unreachable, "check the route"), none];
    let rows = rows(&mut open(&fleet::run(&records)), "Licenses");
    assert_eq!(rows.len(), 4);
    let first = &rows[0];
    assert_eq!(
        (&first["device"], &first["udi"], &first["units"]),
        (&text("stack"), &text("PID:C9300,SN:0012"), &Data::Float(2.0))
    );
    assert_eq!(
        (&first["license"], &first["count"], &first["status"], &first["type"]),
        (&text("network-advantage"), &Data::Float(2.0), &text("IN USE"), &text("Perpetual"))
    );
    assert_eq!((&rows[1]["license"], &rows[1]["type"]), (&text("=evil"), &Data::Empty));
    assert_eq!((&rows[2]["device"], &rows[2]["status"]), (&text("lost"), &text("not known: not collected")));
    assert_eq!((&rows[3]["license"], &rows[3]["status"]), (&Data::Empty, &text("no license")));
}

#[test]
fn the_workbook_explains_itself() {
    let run = fleet::nasty();
    let mut book = open(&run);
    let rules = rows(&mut book, "Rules");
    assert_eq!(rules.len(), slaudit::rules::ALL.len());
    for (row, rule) in rules.iter().zip(slaudit::rules::ALL) {
        assert_eq!((&row["rule"], &row["why"]), (&text(rule.id), &text(rule.why)));
    }
    let about: Vec<_> = sheet(&mut book, "About").rows().map(<[Data]>::to_vec).collect();
    for name in ["Findings", "Devices", "Licenses"] {
        for column in sheet(&mut book, name).rows().next().expect("a header") {
            assert!(
                about.iter().any(|row| row[0] == text(name) && row[1] == *column),
                "{name}: {column} is not explained"
            );
        }
    }
    assert!(words(&mut book, "About").contains(&run.head.rules_version));
}

/// As in a container whose only writable place is the run folder.
#[test]
fn no_room_for_temporary_files_costs_memory_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let capture = folder.path().join("sw1.txt");
    std::fs::write(&capture, "sw1#show license udi\nUDI: PID:C9300,SN:0012\nsw1#\n").expect("written");
    let out = folder.path().join("runs");
    let answer = std::process::Command::new(env!("CARGO_BIN_EXE_slaudit"))
        .args(["analyze", "--format", "xlsx", "--out"])
        .args([&out, &capture])
        .env("TMPDIR", "/nowhere")
        .output()
        .expect("run");
    let said = String::from_utf8_lossy(&answer.stderr);
    let path = out.join("latest").join("report.xlsx");
    let mut book: Xlsx<_> = calamine::open_workbook(&path).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(book.worksheet_range("Devices").expect("a sheet").get_value((1, 0)), Some(&text("sw1")));
}

#[test]
fn one_run_gives_one_file() {
    let run = fleet::troubled(24);
    assert!(bytes(&run) == bytes(&run));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_is_text(texts in prop::array::uniform5(any_text())) {
        let [name, site, subject, observed, extra] = texts;
        let mut record = fleet::device(&name, &site);
        record.device.extra = vec![extra.clone()];
        let mut problem = fleet::problem(Severity::High, &observed).about(subject);
        problem.observed = observed;
        fleet::find(&mut record, "communication-failing", None, problem);
        assert_tables(&fleet::stored(Head { extra_columns: vec![extra], ..fleet::head() }, &[record]));
    }
}
