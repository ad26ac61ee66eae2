//! One run with everything that is counted in its own way: what every report says, against the rows of `findings.csv` and
//! `devices.csv` counted by hand.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use serde_json::{Value, json};
use slaudit::fact::Unknown;
use slaudit::finding::{Severity, Verdict};
use slaudit::record::{DeviceRecord, State, Status};
use slaudit::reports::summary::Look;
use slaudit::reports::{self, CsvProfile, Options};
use slaudit::run::Run;
use slaudit::store::{Head, Store, Waived};

use crate::fleet;
use crate::reports::{records, rendered, summary};

const OLD: &str = "ack-stale";
const WAIVED: &str = "ntp-server-missing";
const EXPIRED: &str = "policy-default";

fn failing(name: &str, rules: &[(&'static str, Severity)]) -> DeviceRecord {
    let mut record = fleet::device(name, "LON1");
    for (rule, severity) in rules {
        for (id, verdict) in &mut record.judgement.verdicts {
            if id == rule {
                *verdict = Verdict::Fail(Vec::new());
            }
        }
        fleet::find(&mut record, rule, None, fleet::problem(*severity, "step"));
    }
    record
}

fn blind() -> DeviceRecord {
    let mut record = fleet::device("blind", "LON1");
    for (id, verdict) in &mut record.judgement.verdicts {
        if *id == "smart-url-wrong" {
            *verdict = Verdict::Unknown(Unknown::NotPermitted("no".to_owned()));
        }
    }
    record
}

/// The second of two runs.
fn run() -> Run {
    let runs = tempfile::tempdir().expect("a folder");
    let waive = |rule: &str, _: &str| {
        let waived = |state| Waived { state, until: jiff::civil::date(2026, 12, 31), reason: "lab".to_owned() };
        match rule {
            WAIVED => Some(waived(State::Waived)),
            EXPIRED => Some(waived(State::WaiverExpired)),
            _ => None,
        }
    };
    let at = |day: u32, devices: Vec<DeviceRecord>| {
        let head = Head {
            id: format!("202611{day}T020000Z-0001"),
            started: format!("2026-11-{day}T02:00:00.9Z").parse().expect("a time"),
            ..fleet::head()
        };
        fleet::finished(Store::open(runs.path()).expect("a store"), head, &devices, &waive)
    };
    let (high, medium, low) = (Severity::High, Severity::Medium, Severity::Low);
    at(
        22,
        vec![
            failing("bad", &[(OLD, high), (WAIVED, medium)]),
            failing("cured", &[(OLD, high), (WAIVED, medium)]),
            failing("gone", &[(OLD, high), (WAIVED, medium), (EXPIRED, low)]),
            failing("again", &[(OLD, high)]),
        ],
    );
    at(23, vec![fleet::device("again", "LON1")]);
    let mut due = fleet::device("due", "LON1");
    fleet::due(&mut due, "2026-12-01T02:00:00");
    let mut past =
        failing("bad", &[(OLD, high), (WAIVED, medium), (EXPIRED, medium), ("transport-off", Severity::Info)]);
    fleet::due(&mut past, "2026-11-01T02:00:00");
    let mut partial = failing("partial", &[("ack-overdue", Severity::Critical)]);
    partial.status = Status::Partial;
    at(
        24,
        vec![
            past,
            fleet::device("cured", "LON1"),
            fleet::lost("gone", "LON1", Status::Unreachable, "check the route"),
            failing("again", &[(OLD, high)]),
            failing("new", &[(WAIVED, medium)]),
            due,
            partial,
            blind(),
            fleet::lost("skipped", "LON1", Status::SkippedBreaker, "correct the secret"),
            fleet::lost("foreign", "LON1", Status::NotSupported, "take it out"),
        ],
    )
}

/// The rows of a CSV file, by column.
fn rows(run: &Run, file: &str) -> Vec<BTreeMap<String, String>> {
    let mut all = records(&rendered(run, file, CsvProfile::Plain)).into_iter();
    let header = all.next().expect("a header");
    all.map(|row| header.iter().cloned().zip(row).collect()).collect()
}

/// How many rows have a value in a column: every one of `values` is there, also with 0.
fn by<'a>(rows: impl Iterator<Item = &'a BTreeMap<String, String>>, column: &str, values: &[&str]) -> Value {
    let rows: Vec<_> = rows.collect();
    let count = |value: &str| rows.iter().filter(|row| row[column] == value).count();
    values.iter().map(|value| ((*value).to_owned(), json!(count(value)))).collect::<serde_json::Map<_, _>>().into()
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|value| word(*value)).collect()
}

/// What `run.counts` must be, by the rows.
fn by_hand(run: &Run) -> Value {
    let (findings, devices) = (rows(run, "findings.csv"), rows(run, "devices.csv"));
    let is_open = |row: &&BTreeMap<String, String>| row["change"] != "resolved" && row["state"] != "waived";
    let open = findings.iter().filter(is_open);
    let told = findings.iter().filter(|row| row["change"] == "resolved" || is_open(row));
    let expired = open.clone().filter(|row| row["state"] == "waiver_expired").count();
    let waived = findings.iter().filter(|row| row["change"] != "resolved" && row["state"] == "waived").count();
    let not_audited = devices.iter().filter(|row| !matches!(row["status"].as_str(), "audited" | "not_supported"));
    // Of `gone` only the past is known.
    let not_judged = devices.iter().filter(|row| row["health"] == "unknown" || row["status"] == "unreachable");
    let days: Vec<i64> = devices.iter().filter_map(|row| row["days_to_ack_deadline"].parse().ok()).collect();
    let due = |wanted: &dyn Fn(i64) -> bool| days.iter().filter(|days| wanted(**days)).count();
    json!({
        "devices": devices.len(),
        "status": by(devices.iter(), "status", &words(Status::ALL, Status::as_str)),
        "health": by(devices.iter(), "health", &["ok", "problem", "unknown"]),
        "findings": by(open, "severity", &words(Severity::ALL, Severity::as_str)),
        "change": by(told, "change", &["new", "persisting", "reopened", "resolved", "unverified"]),
        "not_audited": not_audited.count(),
        "waived": waived,
        "waiver_expired": expired,
        "not_judged": not_judged.count(),
        "ack_deadlines": {"past": due(&|days| days < 0), "within_7_days": due(&|days| (0..=7).contains(&days)),
            "within_30_days": 0, "later": 0, "unknown": devices.len() - days.len(), "next_days": 7},
    })
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))).expect("small")
}

/// The figures that are not 0, as `word count`.
fn shown(counts: &Value) -> Vec<(String, usize)> {
    let figures =
        counts.as_object().expect("figures").iter().map(|(word, count)| (word.replace('_', " "), number(count)));
    figures.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn the_figures_are_those_of_the_rows() {
    let run = run();
    let counts = by_hand(&run);
    // As the run was made: each kind is there, and in no other number.
    assert_eq!(counts["findings"], json!({"critical": 1, "high": 3, "medium": 1, "low": 1, "info": 1}));
    assert_eq!(counts["change"], json!({"new": 3, "persisting": 1, "reopened": 1, "resolved": 2, "unverified": 2}));
    assert_eq!((&counts["waived"], &counts["waiver_expired"]), (&json!(3), &json!(2)));
    assert_eq!(serde_json::to_value(&run.overview.counts).expect("JSON"), counts);
    let report: Value = serde_json::from_str(&rendered(&run, "report.json", CsvProfile::Plain)).expect("JSON");
    assert_eq!(report["run"]["counts"], counts);
    let sums = |column: &str| {
        rows(&run, "devices.csv").iter().map(|row| row[column].parse::<usize>().expect("a number")).sum::<usize>()
    };
    for severity in ["critical", "high", "medium", "low", "info"] {
        assert_eq!(json!(sums(&format!("n_{severity}"))), counts["findings"][severity], "n_{severity}");
    }
    assert_eq!(
        (json!(sums("n_new")), json!(sums("n_resolved"))),
        (counts["change"]["new"].clone(), counts["change"]["resolved"].clone())
    );
}

#[test]
fn the_terminal_and_markdown_say_the_same() {
    let run = run();
    let counts = by_hand(&run);
    let text = summary(&run, &Look { width: 300, ..Look::default() });
    for (word, count) in ["findings", "change"].iter().flat_map(|part| shown(&counts[*part])) {
        assert!(
            text.contains(&format!("{word} {count}  ")) || text.contains(&format!("{word} {count}\n")),
            "{word} {count}: {text}"
        );
    }
    assert!(text.contains("waived 3   waiver expired 2\n"), "{text}");
    for (word, count) in shown(&counts["status"]) {
        assert!(text.contains(&format!("{count} {word}")), "{count} {word}: {text}");
    }
    assert!(text.starts_with("4 of 10 devices have problems (1 critical); 4 could not be judged.\n"), "{text}");
    assert!(text.contains("Not judged: 4 devices"), "{text}");
    assert!(text.contains("10 devices in 12s"), "{text}");

    let text = rendered(&run, "report.md", CsvProfile::Plain);
    for (name, part) in [
        ("10 devices", "status"),
        ("health", "health"),
        ("open findings", "findings"),
        ("since the last run", "change"),
    ] {
        let figures: Vec<_> = shown(&counts[part]).iter().map(|(word, count)| format!("{count} {word}")).collect();
        assert!(text.contains(&format!("| {name} | {} |", figures.join(", "))), "{name}: {text}");
    }
    assert!(text.contains("| waived | 3 |\n| waiver expired | 2 |"), "{text}");
    assert!(text.contains(" in 12s"), "{text}");
}

#[test]
fn metrics_and_junit_say_the_same() {
    let run = run();
    let counts = by_hand(&run);
    let text = rendered(&run, "metrics.prom", CsvProfile::Plain);
    let sum = |start: &str, part: &str| -> f64 {
        let lines = text.lines().filter(|line| line.starts_with(start) && line.contains(part));
        lines.map(|line| line.rsplit(' ').next().and_then(|value| value.parse::<f64>().ok()).expect("a value")).sum()
    };
    let check = |start: &str, label: &str, counts: &Value| {
        for (word, count) in counts.as_object().expect("figures") {
            let found = sum(start, &format!("{label}=\"{word}\""));
            assert!((found - count.as_f64().expect("a number")).abs() < 0.1, "{start} {word}: {found}, not {count}");
        }
    };
    check("slaudit_devices{", "status", &counts["status"]);
    check("slaudit_device_health{", "health", &counts["health"]);
    check("slaudit_findings{", "severity", &counts["findings"]);
    assert!((sum("slaudit_findings_waived ", "") - 3.0).abs() < 0.1);
    assert!((sum("slaudit_run_duration_seconds ", "") - 12.65).abs() < 0.001);
    assert!((sum("slaudit_rules{selected=\"false\"}", "")).abs() < 0.1);

    let text = rendered(&run, "junit.xml", CsvProfile::Plain);
    assert_eq!(text.matches("<testsuite ").count(), number(&counts["devices"]));
    assert_eq!(text.matches("<error ").count(), number(&counts["not_audited"]));
    assert!(text.contains("name=\"slaudit\" time=\"12.650\""), "{}", &text[..200]);
}

#[test]
fn the_workbook_and_the_page_say_the_same() {
    let run = run();
    let counts = by_hand(&run);
    let mut bytes = Vec::new();
    (reports::of_format("xlsx")[0].write)(&run, Options::default(), &mut bytes).expect("a workbook");
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    let sheet = book.worksheet_range("Summary").expect("a sheet");
    let figure = |heading: &str, word: &str| {
        let (top, left) = sheet
            .used_cells()
            .find(|(_, _, cell)| **cell == heading)
            .map(|(row, column, _)| (row, column))
            .expect("a heading");
        let mut below = sheet.rows().skip(top).take(9).map(|row| (row[left].to_string(), row[left + 2].to_string()));
        below.find(|(found, _)| found == word).unwrap_or_else(|| panic!("no {word} under {heading}")).1
    };
    let check = |heading: &str, word: &str, count: &Value| {
        assert_eq!(figure(heading, word), count.to_string(), "{heading} {word}");
    };
    for (heading, part) in
        [("Devices by health", "health"), ("Open findings", "findings"), ("Since the last run", "change")]
    {
        for (word, count) in counts[part].as_object().expect("figures") {
            check(heading, word, count);
        }
    }
    for (word, key) in [("all", "devices"), ("not audited", "not_audited"), ("not judged", "not_judged")] {
        check("Devices by health", word, &counts[key]);
    }
    check("Open findings", "waived", &counts["waived"]);
    check("Open findings", "waiver expired", &counts["waiver_expired"]);
    for (word, key) in [("past", "past"), ("within 7 days", "within_7_days"), ("not known", "unknown")] {
        check("ACK deadlines", word, &counts["ack_deadlines"][key]);
    }

    let page = rendered(&run, "report.html", CsvProfile::Plain);
    let data = page.split_once("id=\"data\">").and_then(|(_, rest)| rest.split_once("</script>")).expect("the data").0;
    let data: Value = serde_json::from_str(data).expect("JSON");
    assert_eq!((&data["run"]["counts"], &data["took"]), (&counts, &json!("12s")));
    let listed = |parts: &str, key: &str| {
        let parts = data[parts].as_array().expect("a list").iter();
        json!(parts.map(|part| part[key].as_array().expect("a list").len()).sum::<usize>())
    };
    assert_eq!(
        (&listed("blocks", "rows"), &listed("not_judged", "devices")),
        (&counts["devices"], &counts["not_judged"])
    );
    assert_eq!(
        data["history"].as_array().and_then(|runs| runs.last()).expect("this run")["high"],
        counts["findings"]["high"]
    );
}
