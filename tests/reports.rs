//! Reports of runs made by hand: the column contract, safety of what is printed, and the summary on every size of fleet.

#[path = "reports/counts.rs"]
mod counts;
#[path = "reports/formats.rs"]
mod formats;
#[path = "reports/store.rs"]
mod store;
#[path = "reports/workbook.rs"]
mod workbook;

use std::collections::BTreeSet;

use console::measure_text_width;
use insta::assert_snapshot;
use proptest::prelude::*;
use slaudit::finding::{FailureClass, Severity};
use slaudit::record::{Health, Status};
use slaudit::reports::summary::{self, Look};
use slaudit::reports::{self, CsvProfile, Options, files};
use slaudit::run::Run;
use slaudit::store::Head;

use crate::fleet;

fn summary(run: &Run, look: &Look<'_>) -> String {
    summary::summary(run, look)
}

/// The bytes of one file of a run folder.
fn rendered(run: &Run, file: &str, csv: CsvProfile) -> String {
    let report = reports::ALL.iter().find(|report| report.file_name() == file).expect("a report of that name");
    let mut out = Vec::new();
    (report.write)(run, Options { csv }, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let record =
        |record: Result<csv::StringRecord, csv::Error>| record.expect("RFC 4180").iter().map(str::to_owned).collect();
    reader.records().map(record).collect()
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&rendered(run, "report.json", CsvProfile::Plain)).expect("JSON")
}

/// A document without what changes with every new rule and fact.
fn lasting(mut document: serde_json::Value) -> String {
    document["rules"] = "left out".into();
    for key in ["rules_version", "rules_selected", "rules_known"] {
        document["run"][key] = "left out".into();
    }
    for device in document["devices"].as_array_mut().into_iter().flatten() {
        let verdicts = device["verdicts"].as_array_mut().expect("an array");
        verdicts.retain(|verdict| verdict["rule"].as_str().is_some_and(|rule| rule.starts_with("test-")));
        device["facts"].as_object_mut().expect("an object").retain(|_, fact| !fact.is_null());
        device["unknown"].as_object_mut().expect("an object").retain(|_, why| why != "not collected");
        for finding in device["findings"].as_array_mut().into_iter().flatten() {
            let evidence: String = finding["evidence"].as_str().unwrap_or_default().chars().take(40).collect();
            finding["evidence"] = evidence.into();
        }
    }
    let text = serde_json::to_string_pretty(&document).expect("JSON");
    let shown = |c: char| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// Characters that would not be seen in a snapshot, or do worse.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n') || c == '\u{202e}'
}

#[test]
fn the_columns_are_those_of_the_contract() {
    let findings = "change,severity,device,site,rule,title,subject,observed,expected,cause,next_step,deadline_utc,days_left,\
                    category,state,waiver_until,waiver_reason,first_seen_utc,last_seen_utc,runs_seen,address,platform,\
                    os_version,serial,evidence_command,evidence,evidence_line,fingerprint,run_id";
    let devices = "device,site,role,address,status,status_detail,health,worst_severity,n_critical,n_high,n_medium,n_low,\
                   n_info,n_new,n_resolved,n_unknown,transport,url,last_ack,ack_deadline,days_to_ack_deadline,trust,\
                   clock_synchronized,clock_offset_s,smart_account,virtual_account,platform,model,os_version,serial,\
                   members,hostname_seen,auth_method,ssh_kex,ssh_host_key,path,attempts,duration_ms,started_utc,\
                   last_audited_utc,unparsed_lines,commands_refused,coverage,topology,run_id";
    let empty = fleet::run(&[]);
    assert_eq!(rendered(&empty, "findings.csv", CsvProfile::Plain), format!("{findings}\n"));
    assert_eq!(rendered(&empty, "devices.csv", CsvProfile::Plain), format!("{devices}\n"));
}

#[test]
fn nasty_values_are_written_safely() {
    let run = fleet::nasty();
    assert_snapshot!("findings_plain", rendered(&run, "findings.csv", CsvProfile::Plain));
    assert_snapshot!("devices_plain", rendered(&run, "devices.csv", CsvProfile::Plain));
    assert_snapshot!("findings_excel", rendered(&run, "findings.csv", CsvProfile::Excel).escape_debug());
    assert_snapshot!("devices_excel", rendered(&run, "devices.csv", CsvProfile::Excel).replace("\r\n", "<CRLF>\n"));
    assert_snapshot!("report_json", lasting(json(&run)));
    assert_snapshot!("summary_nasty", summary(&run, &Look::default()));
}

#[test]
fn the_json_holds_everything_whole() {
    let run = fleet::nasty();
    let document = json(&run);
    assert_eq!(document["schema"], 1);
    assert_eq!(document["rules"].as_array().map(Vec::len), Some(slaudit::rules::ALL.len()));
    assert_eq!(document["devices"].as_array().map(Vec::len), Some(run.roster.len()));
    let finding = &document["devices"][0]["findings"][0];
    let hostile = fleet::hostile();
    let evidence = hostile.judgement.findings[0].problem.evidence.as_ref().expect("evidence");
    assert_eq!(finding["evidence"].as_str(), Some(evidence.text.as_str()), "5,000 characters are kept");
    let header = records(&rendered(&run, "findings.csv", CsvProfile::Plain)).remove(0);
    let keys: Vec<_> = finding.as_object().expect("an object").keys().cloned().collect();
    let (columns, more) = keys.split_at(header.len());
    assert_eq!(columns, header, "every column is a key");
    assert_eq!(more, ["next_steps"]);
    let facts = document["devices"][2]["facts"].as_object().expect("an object");
    let unknown = document["devices"][2]["unknown"].as_object().expect("an object");
    assert_eq!(facts.len(), slaudit::facts::Facts::KEYS.len(), "a fact that is not known is null");
    assert!(facts["account.virtual_account"].is_null() && !unknown.contains_key("account.virtual_account"));
    assert_eq!(facts["reporting.last_ack"]["utc"], "2026-11-10T02:00:00Z");
    assert_eq!(document["devices"][3]["unknown"]["clock.ntp_synchronized"], "not permitted: % Authorization failed");
}

#[test]
fn one_document_on_a_terminal_is_only_text() {
    let text = rendered(&fleet::nasty(), "report.json", CsvProfile::Plain);
    assert!(!text.contains(is_hidden));
}

#[test]
fn a_server_that_is_down_is_one_problem_with_its_symptoms() {
    let run = fleet::troubled(24);
    let problems = &run.overview.problems;
    let down = problems.iter().find(|problem| problem.class == Some(FailureClass::Timeout)).expect("the CSLU");
    assert_eq!((down.target.as_str(), down.devices.len()), ("cslu1.example.com:8182", 4));
    assert_eq!(down.symptoms.iter().map(|s| (s.rule.as_str(), s.devices)).collect::<Vec<_>>(), [("ack-stale", 1)]);
    let first = &problems[0];
    assert_eq!((first.rule.as_str(), first.severity, first.worst_on), ("dns-server-missing", Severity::Critical, 3));
    let symptoms: Vec<_> = first.symptoms.iter().map(|symptom| symptom.rule.as_str()).collect();
    assert_eq!(symptoms, ["ack-overdue", "communication-failing"], "a chain of two ends at its beginning");
    assert_eq!(json(&run)["problems"][0]["symptoms"][0]["rule"], "ack-overdue");
}

#[test]
fn explanations_in_a_circle_lose_no_finding() {
    let mut record = fleet::device("sw1", "");
    fleet::find(&mut record, "ack-overdue", Some("ack-stale"), fleet::problem(Severity::High, "a"));
    fleet::find(&mut record, "ack-stale", Some("ack-overdue"), fleet::problem(Severity::High, "b"));
    fleet::find(&mut record, "ack-due-soon", Some("not-found-here"), fleet::problem(Severity::High, "c"));
    let run = fleet::run(&[record]);
    let problems = &run.overview.problems;
    let rules: BTreeSet<_> = problems.iter().map(|problem| problem.rule.as_str()).collect();
    assert_eq!(rules, BTreeSet::from(["ack-overdue", "ack-stale", "ack-due-soon"]));
}

#[test]
fn two_servers_are_two_problems() {
    let records = ["http://a:8182/cslu/v1/pi", "http://b:8182/cslu/v1/pi", "http://A:8182/cslu/v1/pi"].map(|address| {
        let mut record = fleet::device(address, "");
        fleet::reports_to(&mut record, address);
        fleet::find(&mut record, "communication-failing", None, fleet::failing(Severity::High, "x", FailureClass::Tls));
        record
    });
    let run = fleet::run(&records);
    let found: Vec<_> = run.overview.problems.iter().map(|p| (p.target.clone(), p.devices.len())).collect();
    assert_eq!(found, [("a:8182".to_owned(), 2), ("b:8182".to_owned(), 1)]);
}

#[test]
fn the_summary_says_what_is_wrong() {
    let names: Vec<_> =
        ["findings.csv", "devices.csv", "report.json", "report.xlsx", "report.html"].map(str::to_owned).into();
    let look = Look { files: Some(("slaudit-runs/20261124T020000Z-7f3a", &names)), ..Look::default() };
    assert_snapshot!("summary_24", summary(&fleet::troubled(24), &look));
    assert_snapshot!("summary_1400", summary(&fleet::troubled(1_400), &look));
    assert_snapshot!(
        "summary_1400_low_screen",
        summary(&fleet::troubled(1_400), &Look { height: 24, width: 60, ..look })
    );
    assert_snapshot!("summary_1400_wide", summary(&fleet::troubled(1_400), &Look { width: 132, ..look }));
    let healthy: Vec<_> = (0..24).map(|at| fleet::device(&format!("sw{at}"), "LON1")).collect();
    assert_snapshot!("summary_healthy", summary(&fleet::run(&healthy), &look));
    assert_snapshot!("summary_one", summary(&fleet::run(&[fleet::device("sw1", "LON1")]), &Look::default()));
    let lost = vec![fleet::lost("sw1", "LON1", Status::Timeout, ""), fleet::lost("sw2", "", Status::Error, "")];
    assert_snapshot!("summary_lost", summary(&fleet::run(&lost), &Look::default()));
    assert_snapshot!("summary_colour", summary(&fleet::troubled(24), &Look { colour: true, ..look }).escape_debug());
}

#[test]
fn colour_adds_nothing() {
    let run = fleet::troubled(1_400);
    let coloured = summary(&run, &Look { colour: true, ..Look::default() });
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(console::strip_ansi_codes(&coloured), summary(&run, &Look::default()));
}

#[test]
fn the_summary_fits_on_the_screen() {
    for devices in [1, 2, 24, 300, 1_400] {
        for (width, height) in [(40, 24), (60, 24), (80, 32), (100, 40), (200, 100)] {
            let run = fleet::troubled(devices);
            let text = summary(&run, &Look { width, height, colour: devices % 2 == 0, files: None });
            assert!(text.lines().count() <= height.min(40), "{devices} devices, {width}x{height}:\n{text}");
            for line in text.lines() {
                assert!(measure_text_width(line) <= width, "{devices} devices, {width} columns: {line}");
            }
        }
    }
}

#[test]
fn healthy_is_said_only_where_all_were_judged() {
    let mut devices = vec![fleet::device("sw1", ""), fleet::device("sw2", "")];
    assert!(summary(&fleet::run(&devices), &Look::default()).starts_with("All 2 devices are healthy.\n"));
    devices.push(fleet::lost("sw3", "", Status::Unreachable, ""));
    let text = summary(&fleet::run(&devices), &Look::default());
    assert!(text.starts_with("No problem on 2 of 3 devices; 1 could not be judged.\n"), "{text}");
    assert!(!text.contains("healthy"), "{text}");
}

#[test]
fn the_figures_are_those_of_the_contract() {
    let run = fleet::troubled(24);
    let counts = &run.overview.counts;
    assert_eq!((counts.devices, counts.status[&Status::Audited], counts.not_audited), (24, 22, 2));
    assert_eq!((counts.health[&Health::Unknown], counts.findings[&Severity::Critical]), (2, 3));
    assert_eq!(counts.at_or_above(Severity::Medium), counts.findings.values().sum::<usize>() - 1);
    assert_eq!(counts.status.len(), Status::ALL.len(), "every status is there, also with 0");

    // Not supported is no failure of the run, partial is one.
    let mut devices = vec![fleet::device("a", ""), fleet::lost("b", "", Status::NotSupported, "")];
    assert_eq!(fleet::run(&devices).overview.counts.not_audited, 0);
    devices.push(fleet::lost("c", "", Status::Partial, ""));
    assert_eq!(fleet::run(&devices).overview.counts.not_audited, 1);

    // Every device answered, and nothing could be judged: that is no success.
    let blind = vec![fleet::lost("a", "", Status::Audited, ""), fleet::lost("b", "", Status::NotSupported, "")];
    let counts = fleet::run(&blind).overview.counts;
    assert_eq!((counts.not_audited, counts.is_blind()), (2, true));
}

#[test]
fn a_run_folder_holds_whole_files() {
    let out = tempfile::tempdir().expect("a folder");
    let run = fleet::troubled(24);
    let folder = files::RunFolder::create(out.path(), &run.head.id).expect("made");
    let wanted: Vec<_> = ["csv", "json"].into_iter().flat_map(reports::of_format).collect();
    let names = folder.write(&run, &wanted, Options::default()).expect("written");
    assert_eq!(names, ["findings.csv", "devices.csv", "report.json"]);
    let mut found: Vec<_> = std::fs::read_dir(folder.path())
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    found.sort();
    assert_eq!(found, ["devices.csv", "findings.csv", "report.json"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_stays_in_its_cell(texts in prop::array::uniform5(any_text()), excel: bool) {
        let [name, site, subject, observed, extra] = texts;
        let mut record = fleet::device(&name, &site);
        record.device.extra = vec![extra.clone()];
        let mut problem = fleet::problem(Severity::High, &observed).about(subject);
        problem.observed = observed;
        fleet::find(&mut record, "communication-failing", None, problem);
        let run = fleet::stored(Head { extra_columns: vec![extra], ..fleet::head() }, &[record]);

        let profile = if excel { CsvProfile::Excel } else { CsvProfile::Plain };
        for file in ["findings.csv", "devices.csv"] {
            let text = rendered(&run, file, profile);
            let rows = records(text.trim_start_matches('\u{feff}'));
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!(rows[0].len(), rows[1].len());
            for field in rows.iter().flatten() {
                prop_assert!(!field.contains(char::is_control), "{:?}", field);
                prop_assert!(!field.starts_with(['=', '+', '-', '@']) || field.parse::<f64>().is_ok(), "{:?}", field);
                prop_assert!(field.chars().count() <= 300);
            }
        }
        if name.len() <= 300 && name.bytes().all(|b| matches!(b, b' '..=b'~')) && !name.starts_with(['=', '+', '-', '@']) {
            let plain = records(&rendered(&run, "devices.csv", CsvProfile::Plain));
            prop_assert_eq!(&plain[1][0], &name, "harmless text is not touched");
        }
        let document = json(&run);
        prop_assert_eq!(document["devices"][0]["name"].as_str(), Some(name.as_str()));
        for line in summary(&run, &Look::default()).lines() {
            prop_assert!(measure_text_width(line) <= 80 && !line.contains(char::is_control), "{:?}", line);
        }
    }
}

/// Any text, with more of what is dangerous.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[=+@\\t\\r\\n,\"'\u{1b}\u{9b}\u{202e};|\\[\\]a-c0-9 -]{0,24}", "\\PC{250,400}",]
}
