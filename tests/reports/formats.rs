//! The reports for programs and trackers: lines of JSON, Markdown, JUnit and Prometheus.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use quick_xml::events::{BytesStart, Event};
use slaudit::fact::Unknown;
use slaudit::finding::{Severity, Verdict};
use slaudit::record::{DeviceRecord, State, Status};
use slaudit::reports::{CsvProfile, row};
use slaudit::run::Run;
use slaudit::store::{Head, Store, Waived};

use super::{is_hidden, rendered};
use crate::fleet;

fn plain(run: &Run, file: &str) -> String {
    rendered(run, file, CsvProfile::Plain)
}

fn due(name: &str, site: &str, deadline: &str) -> DeviceRecord {
    let mut record = fleet::device(name, site);
    fleet::due(&mut record, deadline);
    record
}

#[test]
fn jsonl_has_a_finding_a_line() {
    let run = fleet::nasty();
    let text = plain(&run, "findings.jsonl");
    let columns: Vec<_> = row::FINDINGS.iter().map(|column| column.name).chain(["next_steps"]).collect();
    let mut fingerprints = Vec::new();
    for line in text.lines() {
        assert!(!line.contains(is_hidden), "{line:?}");
        let value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(value.as_object().expect("an object").keys().collect::<Vec<_>>(), columns);
        fingerprints.push(value["fingerprint"].as_str().expect("text").to_owned());
    }
    let mut expected = Vec::new();
    let mut keep = |finding: slaudit::record::FindingRow| {
        expected.push(finding.fingerprint);
        Ok(())
    };
    run.each_finding(&mut keep).expect("a store");
    assert_eq!(fingerprints, expected);
    assert!(text.contains("no, \u{2603} no, \u{2603}") && text.len() > 5_000, "text is whole");
    assert!(plain(&fleet::run(&[]), "findings.jsonl").is_empty());
}

#[test]
fn markdown_reads_well() {
    assert_snapshot!("report_md_24", plain(&fleet::troubled(24), "report.md"));
    assert_snapshot!("report_md_nasty", plain(&fleet::nasty(), "report.md"));
    let healthy = fleet::run(&[fleet::device("sw<b>1", "LON1")]);
    assert_snapshot!("report_md_healthy", plain(&healthy, "report.md"));
}

#[test]
fn markdown_fits_into_a_ticket() {
    let mut records = Vec::new();
    for at in 0..3_000 {
        let mut record = fleet::device(&format!("{at:04}-{}", "n|".repeat(300)), &"s`".repeat(300));
        let mut problem = fleet::problem(Severity::High, &format!("step {at}: {}", "x".repeat(900)));
        problem.observed = "<b>@all".repeat(100);
        fleet::find(&mut record, ["transport-off", "ack-overdue"][at % 2], None, problem);
        records.push(record);
    }
    let text = plain(&fleet::run(&records), "report.md");
    assert!(text.chars().count() < 65_536, "{} characters", text.chars().count());
    assert!(text.ends_with("\nAnd 2,900 more; `findings.csv` has all of them.\n"), "{}", &text[text.len() - 80..]);
}

/// Rules' titles stand in Markdown as they are.
#[test]
fn titles_are_plain_prose() {
    for rule in slaudit::rules::ALL {
        assert!(!rule.title.contains(['<', '>', '*', '_', '`', '[', ']', '|', '&', '@', '#']), "{}", rule.title);
    }
}

#[test]
fn what_devices_say_stays_in_code_spans() {
    let text = plain(&fleet::nasty(), "report.md");
    // Code spans are removed as a reader of Markdown would: the shortest run of as many backticks.
    let mut prose = String::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find('`') {
        prose.push_str(&rest[..start]);
        let fence: String = rest[start..].chars().take_while(|c| *c == '`').collect();
        let inside = &rest[start + fence.len()..];
        let end = inside.find(&fence).unwrap_or_else(|| panic!("a span without an end: {inside}"));
        assert!(!inside[..end].contains('\n'), "{}", &inside[..end]);
        rest = &inside[end + fence.len()..];
    }
    prose.push_str(rest);
    assert!(!prose.contains(['<', '@', '=', '\u{202e}', '\u{1b}']), "{prose}");
    assert!(!prose.contains("http"), "{prose}");
}

/// Waived, unknown, not applicable and unverified, besides what passes and fails.
fn judged() -> Run {
    let mut first = fleet::device("sw.one", "LON.1");
    for (rule, verdict) in &mut first.judgement.verdicts {
        *verdict = match *rule {
            "dns-server-missing" | "transport-off" | "ntp-server-missing" => Verdict::Fail(Vec::new()),
            "ack-stale" => Verdict::Unknown(Unknown::NotPermitted("% Authorization failed".to_owned())),
            "ack-overdue" => Verdict::Pass,
            _ => verdict.clone(),
        };
    }
    for subject in ["a", "b"] {
        fleet::find(&mut first, "dns-server-missing", None, fleet::problem(Severity::High, "step").about(subject));
    }
    fleet::find(&mut first, "ntp-server-missing", None, fleet::problem(Severity::Medium, "step"));
    fleet::find(&mut first, "gone-rule", None, fleet::problem(Severity::Low, "step"));
    let lost = fleet::lost("sw2", "", Status::AuthFailed, "check the password: refused");
    let foreign = fleet::lost("sw3", "", Status::NotSupported, "");
    let waive = |rule: &str, _: &str| {
        (rule == "ntp-server-missing").then(|| Waived {
            state: State::Waived,
            until: "2027-01-31".parse().expect("a day"),
            reason: "lab]]>".to_owned(),
        })
    };
    let records = vec![first, lost, foreign];
    fleet::stored_with(fleet::head(), &records, &waive)
}

#[test]
fn junit_tells_failures_from_errors_and_skips() {
    let text = plain(&judged(), "junit.xml");
    assert_snapshot!("junit_judged", text);
}

#[test]
fn junit_is_sound_and_its_figures_are_right() {
    for run in [fleet::nasty(), judged(), fleet::troubled(50), fleet::run(&[])] {
        let text = plain(&run, "junit.xml");
        assert!(!text.contains(is_hidden));
        let mut reader = quick_xml::Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        let (mut claimed, mut found, mut suites) = (BTreeMap::new(), BTreeMap::<String, usize>::new(), 0);
        let mut names = std::collections::BTreeSet::new();
        loop {
            let event = reader.read_event().expect("XML");
            match &event {
                Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                    "testsuite" => {
                        suites += 1;
                        for key in ["tests", "failures", "errors", "skipped"] {
                            *claimed.entry(key).or_default() += attribute(tag, key).parse::<usize>().expect("a number");
                        }
                    }
                    "testcase" => {
                        let name = (attribute(tag, "classname"), attribute(tag, "name"));
                        assert!(names.insert(name.clone()), "{name:?} is there twice: GitLab would show the first");
                        *found.entry("tests".to_owned()).or_default() += 1;
                    }
                    name => *found.entry(name.to_owned()).or_default() += 1,
                },
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(suites, run.roster.len(), "every device is there");
        let count = |key: &str| found.get(key).copied().unwrap_or_default();
        let claim = |key: &str| claimed.get(key).copied().unwrap_or_default();
        assert_eq!(claim("tests"), count("tests"));
        assert_eq!(
            (claim("failures"), claim("errors"), claim("skipped")),
            (count("failure"), count("error"), count("skipped"))
        );
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    let found = tag.try_get_attribute(name).expect("XML").unwrap_or_else(|| panic!("no {name}"));
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).expect("text").into_owned()
}

/// The samples of a metrics file, each with its labels as written.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        let before = found.insert(series.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line}")));
        assert_eq!(before, None, "{series} is there twice: the collector would drop the file");
    }
    found
}

#[test]
fn metrics_hold_every_series_that_an_alert_could_miss() {
    let run = fleet::troubled(24);
    let text = plain(&run, "metrics.prom");
    let found = samples(&text);
    assert!((found["slaudit_devices{status=\"audited\"}"] - 22.0).abs() < 0.1);
    assert!(found["slaudit_devices{status=\"host_key_changed\"}"].abs() < 0.1, "zeros are there");
    assert!((found["slaudit_device_health{health=\"unknown\"}"] - 2.0).abs() < 0.1);
    assert!((found["slaudit_findings{rule=\"ack-overdue\",severity=\"critical\"}"] - 3.0).abs() < 0.1);
    assert!(found["slaudit_findings{rule=\"transport-off\",severity=\"critical\"}"].abs() < 0.1);
    for (rule, severity) in slaudit::rules::ALL.iter().flat_map(|rule| Severity::ALL.iter().map(|one| (rule.id, one))) {
        let series = format!("slaudit_findings{{rule=\"{rule}\",severity=\"{severity}\"}}");
        assert!(found.contains_key(&series), "{series}");
    }
    assert!((found["slaudit_run_duration_seconds"] - 12.65).abs() < 0.001);
    assert!((found["slaudit_run_timestamp_seconds"] - 1_795_485_600.0).abs() < 0.1);
    assert!((found["slaudit_last_success_timestamp_seconds"] - 1_795_485_600.0).abs() < 0.1);
    assert!(text.contains("slaudit_run_info{run_id=\"20261124T020000Z-7f3a\",version=\""));

    // A rule that was switched off has no series: nobody looked.
    let few = fleet::stored(Head { rules: vec!["ack-overdue".to_owned()], ..fleet::head() }, &[]);
    assert!(!plain(&few, "metrics.prom").contains("transport-off"));
}

#[test]
fn labels_hold_what_people_write() {
    let records = vec![
        due("a\\b\"c\nd\u{1b}[31m", "LON1", "2026-11-30T02:00:00"),
        due("late", "", "2026-11-20T01:00:00"),
        // Two names that read the same: the nearer deadline stands.
        due("same", "x", "2026-12-30T02:00:00"),
        due("same\u{200b}", "x", "2026-11-26T02:00:00"),
    ];
    let found = samples(&plain(&fleet::run(&records), "metrics.prom"));
    let deadline = |device: &str, site: &str| {
        found[&format!("slaudit_ack_deadline_seconds{{device=\"{device}\",site=\"{site}\"}}")] / 86_400.0
    };
    assert!((deadline("a\\\\b\\\"c | d", "LON1") - 6.0).abs() < 0.1);
    assert!(deadline("late", "") < -3.0);
    assert!((deadline("same", "x") - 2.0).abs() < 0.1);
}

#[test]
fn the_last_success_is_a_complete_run_that_judged_something() {
    let runs = tempfile::tempdir().expect("a folder");
    let success = |day: u32, records: &[DeviceRecord]| {
        let head = Head {
            id: format!("202611{day:02}T020000Z-0001"),
            started: format!("2026-11-{day:02}T02:00:00Z").parse().expect("a time"),
            ..fleet::head()
        };
        let run = fleet::finished(Store::open(runs.path()).expect("a store"), head, records, &|_, _| None);
        let found = samples(&plain(&run, "metrics.prom")).get("slaudit_last_success_timestamp_seconds").copied();
        // 2026-11-01T02:00:00Z
        found.map(|at| ((at - 1_793_498_400.0) / 86_400.0).round() + 1.0)
    };
    let good = || {
        let mut record = fleet::device("sw1", "");
        fleet::find(&mut record, "ack-overdue", None, fleet::problem(Severity::High, "step"));
        record
    };
    let lost = |status| fleet::lost("sw1", "", status, "");
    assert_eq!(success(1, &[lost(Status::Unreachable)]), None);
    assert_eq!(success(2, &[good()]), Some(2.0));
    // What was open before still is, but nothing was judged.
    assert_eq!(success(3, &[lost(Status::Unreachable)]), Some(2.0));
    assert_eq!(success(4, &[good(), fleet::lost("sw2", "", Status::Interrupted, "")]), Some(2.0));
    assert_eq!(success(5, &[good()]), Some(5.0));
    // A part of a joined run says nothing about the fleet.
    rusqlite::Connection::open(runs.path().join("slaudit.db"))
        .expect("opened")
        .execute("UPDATE run SET part_of = 'x' WHERE id LIKE '20261105%'", [])
        .expect("written");
    assert_eq!(success(6, &[lost(Status::Unreachable)]), Some(2.0));
}
