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
    let saved = folder.join(label);
    for (name, said) in devices {
        std::fs::create_dir_all(saved.join(name)).expect("made");
        std::fs::write(saved.join(name).join("show_license_status.txt"), said).expect("written");
    }
    let output = slaudit(folder, &["analyze", label, "--out", "slaudit-runs", "--label", label, "--quiet"]);
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
