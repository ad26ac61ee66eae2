//! Runs as people use them between one another: labels, `report`, `diff`, and what `--quiet` prints.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const GOOD: &str = "Smart Licensing Using Policy:\n  Status: ENABLED\n\nTransport:\n  Type: Smart\n  URL: https://smartreceiver.cisco.com/licservice/license\n";
const WRONG_URL: &str = "Smart Licensing Using Policy:\n  Status: ENABLED\n\nTransport:\n  Type: Smart\n  URL: https://smartreceiver.example.com/licservice/license\n";

fn slaudit(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_slaudit"))
        .env_clear()
        .env("HOME", folder)
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the binary runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Saves what devices say, and analyzes it into the store.
fn run(folder: &Path, label: &str, devices: &[(&str, &str)]) -> Value {
    run_with(folder, label, devices, &[])
}

fn run_with(folder: &Path, label: &str, devices: &[(&str, &str)], options: &[&str]) -> Value {
    let saved = folder.join(label);
    for (name, said) in devices {
        std::fs::create_dir_all(saved.join(name)).expect("made");
        std::fs::write(saved.join(name).join("show_license_status.txt"), said).expect("written");
    }
    let usual = ["analyze", label, "--out", "slaudit-runs", "--label", label, "--quiet"];
    let output = slaudit(folder, &[&usual, options].concat());
    let line = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(line.lines().count(), 1, "{line}");
    let line: Value = serde_json::from_str(&line).expect("one line of JSON");
    assert_eq!(line["exit_code"].as_i64(), output.status.code().map(i64::from));
    line
}

#[test]
fn a_change_is_judged_by_the_runs_before_and_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let pre = run(path, "pre", &[("sw1", GOOD), ("sw2", WRONG_URL), ("sw3", GOOD)]);
    assert_eq!((pre["label"].as_str(), pre["complete"].as_bool()), (Some("pre"), Some(true)));
    assert_eq!(pre["counts"]["devices"], 3);
    // The change broke sw1, cured sw2, and sw3 is not there any more.
    run(path, "post", &[("sw1", WRONG_URL), ("sw2", GOOD)]);

    let same = slaudit(path, &["diff", "pre", "pre"]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same));
    let diff = slaudit(path, &["diff", "pre", "post"]);
    assert_eq!(diff.status.code(), Some(1), "{}", text(&diff));
    let said = text(&diff);
    assert!(said.starts_with("WORSE: 1 new, 1 device lost, 1 fixed\n"), "{said}");
    assert!(said.contains("sw3") && said.contains("not selected"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 100), "{said}");
    assert_eq!(slaudit(path, &["diff", "pre", "post", "--fail-on", "never"]).status.code(), Some(0));

    let markdown = text(&slaudit(path, &["diff", "pre", "post", "--format", "md"]));
    assert!(markdown.starts_with("## slaudit: WORSE") && markdown.contains("| new | 1 |"), "{markdown}");
    assert!(markdown.contains("| high | sw1 | smart-url-wrong |"), "{markdown}");
    let json = slaudit(path, &["diff", "pre", "post", "--format", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((json["worse"].as_bool(), json["counts"]["resolved"].as_i64()), (Some(true), Some(1)));
    assert_eq!(json["findings"]["new"][0]["device"], "sw1");
    assert_eq!(json["findings"]["resolved"][0]["device"], "sw2");
    assert_eq!(json["lost_devices"][0]["device"], "sw3");
}

#[test]
fn what_could_not_be_checked_again_is_not_fixed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    run(path, "pre", &[("sw1", WRONG_URL), ("sw2", GOOD)]);
    run(path, "post", &[("sw1", "% Authorization failed\n"), ("sw2", GOOD)]);
    let diff = text(&slaudit(path, &["diff", "pre", "post"]));
    assert!(diff.starts_with("WORSE: 1 not checked\n") && diff.contains("not permitted"), "{diff}");
    let blind = run(path, "blind", &[("sw1", "% Authorization failed\n")]);
    assert_eq!(blind["exit_code"], 4, "an unverified finding counts as open, and nothing was audited");
    let diff = slaudit(path, &["diff", "pre", "blind"]);
    assert_eq!(diff.status.code(), Some(1));
    assert!(text(&diff).starts_with("NOT KNOWN"), "{}", text(&diff));
}

#[test]
fn a_stored_run_is_told_again_in_any_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let line = run(path, "pre", &[("sw1", WRONG_URL)]);
    let runs = path.join(line["folder"].as_str().expect("a folder"));
    let written = std::fs::read(runs.join("findings.csv")).expect("read");
    std::fs::remove_file(runs.join("findings.csv")).expect("removed");
    let again = slaudit(path, &["report", "pre", "--format", "csv"]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again));
    assert_eq!(std::fs::read(runs.join("findings.csv")).expect("read"), written, "byte for byte");
    let document = slaudit(path, &["report", "latest", "--format", "json", "--out", "-"]);
    let document: Value = serde_json::from_slice(&document.stdout).expect("one document, nothing else");
    assert_eq!(document["run"]["label"], "pre");
    let other = slaudit(path, &["report", "pre", "--format", "html", "--out", "elsewhere"]);
    assert!(text(&other).contains("elsewhere/report.html") && path.join("elsewhere/report.html").is_file());
    let unknown = slaudit(path, &["report", "pre", "--format", "pdf"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown));
    let unknown = slaudit(path, &["report", "nightly"]);
    assert!(text(&unknown).contains("labels: pre"), "{}", text(&unknown));
    for label in ["latest", "../x", ""] {
        let refused = slaudit(path, &["analyze", "pre", "--out", "slaudit-runs", "--label", label]);
        assert_eq!(refused.status.code(), Some(2), "{label}: {}", text(&refused));
    }
}

/// The first device of a run's report.json, and its run.
fn report(folder: &Path, label: &str) -> (Value, Value) {
    let output = slaudit(folder, &["report", label, "--format", "json", "--out", "-"]);
    let mut document: Value = serde_json::from_slice(&output.stdout).expect("one document");
    (document["devices"][0].take(), document["run"].take())
}

#[test]
fn a_rule_that_is_switched_off_has_no_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let devices = [("sw1", GOOD)];
    let whole = run(path, "whole", &devices);
    assert_eq!((whole["exit_code"].as_i64(), whole["verdict"].as_str()), (Some(3), Some("sw1 could not be judged.")));
    let (device, _) = report(path, "whole");
    let verdicts = device["verdicts"].as_array().expect("verdicts");
    let unknown = verdicts.iter().filter(|verdict| verdict["verdict"] == "unknown");
    let unknown: Vec<_> = unknown.map(|verdict| verdict["rule"].as_str().expect("a rule")).collect();
    let known = slaudit::rules::ALL.len();

    let few = run_with(path, "few", &devices, &["--skip-rules", &unknown.join(",")]);
    let says = format!("sw1 is healthy by {} of {known} rules.", known - unknown.len());
    assert_eq!((few["exit_code"].as_i64(), few["verdict"].as_str()), (Some(0), Some(says.as_str())));
    assert_eq!((&few["counts"]["health"]["ok"], &few["counts"]["not_audited"]), (&1.into(), &0.into()));
    let (device, run) = report(path, "few");
    assert_eq!((&run["counts"], &run["duration_s"]), (&few["counts"], &few["duration_s"]));
    assert_eq!((&device["health"], &run["rules_known"]), (&"ok".into(), &known.into()));
    assert_eq!(
        (&run["rules_selected"], &few["rules_selected"]),
        (&(known - unknown.len()).into(), &run["rules_selected"])
    );
    for (format, says) in
        [("md", says.clone()), ("html", says.clone()), ("prom", "slaudit_rules{selected=\"false\"}".to_owned())]
    {
        let output = slaudit(path, &["report", "few", "--format", format, "--out", "-"]);
        assert!(text(&output).replace('`', "").contains(&says), "{format}");
    }

    // The selection of slaudit.toml is that of every run: `latest` follows it.
    let off: Vec<_> = unknown.iter().map(|rule| format!("[rules.{rule}]\nenabled = false\n")).collect();
    std::fs::write(path.join("slaudit.toml"), off.concat()).expect("written");
    let standing = run_with(path, "standing", &devices, &[]);
    assert_eq!((standing["exit_code"].as_i64(), standing["verdict"].as_str()), (Some(0), Some(says.as_str())));
    let latest = std::fs::read_link(path.join("slaudit-runs/latest")).expect("a link");
    assert_eq!(latest.to_str(), standing["run_id"].as_str());
}

#[test]
fn a_run_of_chosen_rules_moves_neither_latest_nor_the_history() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let whole = run(path, "one", &[("sw1", WRONG_URL)]);
    let chosen = run_with(path, "two", &[("sw1", GOOD)], &["--rules", "smart-url-wrong"]);
    assert_eq!((&chosen["counts"]["change"]["resolved"], &chosen["exit_code"]), (&1.into(), &0.into()));
    let latest = std::fs::read_link(path.join("slaudit-runs/latest")).expect("a link");
    assert_eq!(latest.to_str(), whole["run_id"].as_str());
    let next = run(path, "three", &[("sw1", WRONG_URL)]);
    assert_eq!(next["counts"]["change"]["persisting"], 1, "as if the chosen run had not been: {next}");
    let page = text(&slaudit(path, &["report", "three", "--format", "html", "--out", "-"]));
    let history = page.split_once("\"history\":[").expect("a history").1;
    assert!(!history.contains(chosen["run_id"].as_str().expect("an id")), "{history}");
}

#[test]
fn a_device_to_which_no_selected_rule_applies_is_not_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    let cslu = GOOD.replace(
        "Type: Smart\n  URL: https://smartreceiver.cisco.com/licservice/license",
        "Type: cslu\n  Cslu address: http://192.0.2.1:8182/cslu/v1/pi",
    );
    let both = run_with(path, "both", &[("sw1", GOOD), ("sw2", &cslu)], &["--rules", "cslu-url-wrong"]);
    let known = slaudit::rules::ALL.len();
    let says = format!("No problem by 1 of {known} rules on 1 of 2 devices; 1 could not be judged.");
    assert_eq!((both["exit_code"].as_i64(), both["verdict"].as_str()), (Some(0), Some(says.as_str())));
    let told = text(&slaudit(path, &["report", "both", "--format", "md", "--out", "-"]));
    assert!(told.contains("1 device: no selected rule applies: `sw1`"), "{told}");
    let one = run_with(path, "one", &[("sw1", GOOD)], &["--rules", "cslu-url-wrong"]);
    assert_eq!(one["exit_code"], 3, "nothing was judged: {one}");
}

/// What a device says: its transport, and a deadline where there is one; the clock of the session is given.
fn saved_output(transport: &str, clock: &str, deadline: &str) -> String {
    format!(
        "sw1#show clock\n{clock}\nsw1#show license status\nSmart Licensing Using Policy:\n  Status: ENABLED\n\nTransport:\n{transport}\n\
         Usage Reporting:\n  Last ACK received: <none>\n  Next ACK deadline: {deadline}\n  Reporting push interval: 30  days\nsw1#\n"
    )
}

/// The device of `text`, as JSON, and its row of devices.csv by column.
fn analyzed(folder: &Path, text: &str) -> (Value, std::collections::BTreeMap<String, String>, String) {
    std::fs::write(folder.join("sw1.log"), text).expect("written");
    let run = |format: &str| slaudit(folder, &["analyze", "sw1.log", "--format", format, "--out", "runs"]);
    assert_ne!(run("json,csv,prom").status.code(), Some(2));
    let file = |name: &str| std::fs::read_to_string(folder.join("runs/latest").join(name)).expect("a report");
    let document: Value = serde_json::from_str(&file("report.json")).expect("JSON");
    let devices = file("devices.csv");
    let mut reader = csv::Reader::from_reader(devices.as_bytes());
    let row = reader.deserialize().next().expect("a row").expect("columns");
    (document["devices"][0].clone(), row, file("metrics.prom"))
}

fn verdict<'a>(device: &'a Value, rule: &str) -> (&'a str, &'a str) {
    let verdicts = device["verdicts"].as_array().expect("verdicts");
    let found = verdicts.iter().find(|verdict| verdict["rule"] == rule).expect("every rule");
    (found["verdict"].as_str().expect("text"), found["reason"].as_str().expect("text"))
}

#[test]
fn reports_and_rules_agree_on_the_topology() {
    let folder = tempfile::tempdir().expect("a folder");
    for (address, topology, is_on_prem) in [
        ("http://h:8182/cslu/v1/pi/tenant1", "cslu-push", false),
        ("https://h/cslu/v1/pi/tenant1", "onprem-push", true),
    ] {
        let transport = format!("  Type: cslu\n  Cslu address: {address}\n");
        let (device, row, _) =
            analyzed(folder.path(), &saved_output(&transport, "10:00:00.000 UTC Tue Nov 24 2026", "<none>"));
        assert_eq!((row["topology"].as_str(), &device["reporting"]["topology"]), (topology, &topology.into()));
        let says_none = verdict(&device, "trustpoint-revocation-check") == ("not_applicable", "no SSM On-Prem");
        assert_eq!(says_none, !is_on_prem, "{address}");
    }
}

#[test]
fn a_clock_that_is_wrong_counts_no_days_to_a_deadline() {
    let folder = tempfile::tempdir().expect("a folder");
    let transport = "  Type: Smart\n  URL: https://smartreceiver.cisco.com/licservice/license\n";
    let deadline = "Dec 01 02:00:00 2026 UTC";
    let right = saved_output(transport, "10:00:00.000 UTC Tue Nov 24 2026", deadline);
    let (device, row, metrics) = analyzed(folder.path(), &right);
    assert_eq!((row["days_to_ack_deadline"].as_str(), &device["reporting"]["days_to_ack_deadline"]), ("6", &6.into()));
    assert!(metrics.contains("slaudit_ack_deadline_seconds{device=\"sw1\",site=\"\"} 518400\n"), "{metrics}");
    let wrong = saved_output(transport, "*10:00:00.000 UTC Mon Jan 3 2000", deadline);
    let (device, row, metrics) = analyzed(folder.path(), &wrong);
    let (found, why) = verdict(&device, "ack-overdue");
    assert!(found == "unknown" && why.contains("the clock is wrong"), "{found}: {why}");
    assert_eq!((row["ack_deadline"].as_str(), row["days_to_ack_deadline"].as_str()), (deadline, ""));
    assert!(
        device["reporting"]["unknown"]["days_to_ack_deadline"]
            .as_str()
            .is_some_and(|why| why.contains("the clock is wrong"))
    );
    assert!(!metrics.contains("slaudit_ack_deadline_seconds{"), "{metrics}");
}
