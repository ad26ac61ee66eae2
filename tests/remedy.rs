//! `slaudit remediate` and `slaudit slac` through the binary, on a run of mock devices.

use std::fs;
use std::path::Path;
use std::process::Output;

use mock_device::{Device, Scenario};
use regex::Regex;

use crate::bench::{Bench, Run};

const CAUSES: [&str; 8] = [
    "callhome-wrong-url",
    "cslu-undiscovered",
    "onprem-no-tenant",
    "clock-unsynchronized",
    "ack-overdue",
    "trust-missing-offline",
    "stack-member-no-trust",
    "smart-wrong-url",
];

/// A run, labelled `pre`, of these scenarios; each device has the name of its own.
fn audited(scenarios: &[&str]) -> (Bench, Run) {
    let device = |name: &&str| Device::new(*name, Scenario::named(name).expect("a scenario"));
    let bench = Bench::start(scenarios.iter().map(device).collect());
    let run = bench.audit(&["--label", "pre"]);
    assert!(run.folder.join("report.json").is_file(), "{}", run.stderr);
    (bench, run)
}

fn slaudit(bench: &Bench, arguments: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = bench.command().args(arguments).output().expect("the binary runs");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// What differs between two runs of one scenario: times, ids, addresses, serial numbers.
fn masked(text: &str) -> String {
    let masks = [
        (r"\d{8}T\d{6}Z-[0-9a-f]{4}", "RUN"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME"),
        (r"[A-Z][a-z]{2} +\d+ (\d{4} )?\d\d:\d\d:\d\d(\.\d+)?( \d{4})?( UTC)?", "TIME"),
        (r"127\.\d+\.\d+\.\d+", "ADDRESS"),
        (r"FOC\d{4}[0-9A-Z]{4}", "SERIAL"),
    ];
    masks.iter().fold(text.to_owned(), |text, (pattern, mask)| {
        Regex::new(pattern).expect("a pattern").replace_all(&text, *mask).into_owned()
    })
}

#[test]
fn each_cause_has_its_file() {
    let (bench, _) = audited(&[&CAUSES[..], &["healthy-smart"]].concat());
    let (exit, out, errors) = slaudit(&bench, &["remediate", "pre", "--runs", "runs", "--out", "fixes"]);
    assert_eq!((exit, errors.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("8 files in fixes; nothing was sent to a device\n"), "{out}");
    assert!(out.contains("1 device with nothing to do"), "{out}");
    for cause in CAUSES {
        let text = fs::read_to_string(bench.folder.path().join("fixes").join(format!("{cause}.cfg"))).expect("a file");
        let commands: Vec<_> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('!')).collect();
        for command in &commands {
            let first = command.split_whitespace().next().unwrap_or_default();
            let harmful = ["no", "reload", "write", "erase", "delete", "default", "format", "clear"];
            let is_harmful = harmful.contains(&first) && *command != "write memory";
            assert!(!is_harmful && !command.contains("factory"), "{cause}: {command}");
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(format!("remedy__{cause}"), masked(&text)));
    }
    assert!(!bench.folder.path().join("fixes/healthy-smart.cfg").exists());
}

#[test]
fn a_run_is_named_in_every_way_and_a_wrong_name_says_what_there_is() {
    let (bench, run) = audited(&["callhome-wrong-url", "stack-member-no-trust"]);
    let id = run.folder.file_name().expect("a name").to_string_lossy().into_owned();
    let folder = run.folder.display().to_string();
    for name in [id.as_str(), &folder, "latest", "pre", "runs/latest"] {
        let (exit, out, errors) = slaudit(&bench, &["remediate", name, "--runs", "runs", "--out", "fixes"]);
        assert_eq!(exit, 0, "{name}: {errors}");
        assert!(out.starts_with("2 files"), "{name}: {out}");
    }
    let limited = ["remediate", "pre", "--runs", "runs", "--out", "one", "--limit", "stack-*"];
    assert!(slaudit(&bench, &limited).1.starts_with("1 file in one"));
    let (exit, _, errors) = slaudit(&bench, &["remediate", "post", "--runs", "runs", "--out", "fixes"]);
    assert_eq!(exit, 2);
    assert!(errors.contains(&format!("the newest is {id}; labels: pre")), "{errors}");
    let stale = slaudit(&bench, &["remediate", "pre", "--runs", "runs", "--out", "fixes", "--limit", "stack-*"]).2;
    assert!(stale.contains("callhome-wrong-url.cfg is of another run"), "{stale}");
}

/// The units of a device by the report of a run.
fn units(run: &Run, device: &str) -> Vec<(String, String)> {
    let json = fs::read(run.folder.join("report.json")).expect("a report");
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let devices = json["devices"].as_array().expect("devices");
    let found = devices.iter().find(|known| known["name"] == device).expect("the device");
    let text = |unit: &serde_json::Value, key: &str| unit[key].as_str().expect("text").to_owned();
    let units = found["facts"]["udis"].as_array().expect("units");
    units.iter().map(|unit| (text(unit, "pid"), text(unit, "serial"))).collect()
}

fn write_slac(folder: &Path, name: &str, udis: &[(String, String)], end: &str) {
    let udi = |(pid, serial): &(String, String)| format!("<udi>P:{pid},SN:{serial}</udi>\n");
    let text = format!("<smartLicenseAuthorization>\n{}{end}", udis.iter().map(udi).collect::<String>());
    fs::write(folder.join(name), text).expect("written");
}

const END: &str = "</smartLicenseAuthorization>\n";

#[test]
fn slac_files_are_compared_with_a_run() {
    let (bench, run) = audited(&["stack-member-no-trust", "healthy-smart", "not-cisco"]);
    let folder = bench.folder.path();
    let stack = units(&run, "stack-member-no-trust");
    let one = units(&run, "healthy-smart");
    let foreign = ("C9300-24P".to_owned(), "FOC0000ZZZZ".to_owned());
    write_slac(folder, "stack.xml", &stack, END);
    write_slac(folder, "both.xml", &[stack.clone(), one.clone()].concat(), END);
    write_slac(folder, "wrong.xml", &[stack[0].clone(), ("X1".to_owned(), stack[2].1.clone()), foreign.clone()], END);
    write_slac(folder, "cut.xml", &one, "<udi>P:C93");
    write_slac(folder, "nobody.xml", &[foreign], END);
    fs::write(folder.join("empty.xml"), "<a/>").expect("written");
    let slac = |arguments: &[&str]| slaudit(&bench, &[&["slac"], arguments, &["--runs", "runs"]].concat());

    let (exit, out, errors) = slac(&["stack.xml", "--run", "pre"]);
    assert_eq!(exit, 0, "{out}{errors}");
    assert!(out.contains("\n1 match, 0 do not, 0 not compared\n") && out.contains("1 device: no code needed"), "{out}");
    let (exit, out, _) = slac(&["both.xml", "--run", "latest"]);
    assert_eq!(exit, 0, "{out}");
    assert!(out.contains("both.xml names 2 devices"), "{out}");

    let (exit, out, _) = slac(&["wrong.xml", "nobody.xml", "cut.xml", "--run", "pre"]);
    assert_eq!(exit, 1);
    for words in ["missing in the files", "PID differs: X1 in wrong.xml:3", "foreign: wrong.xml:4", "cut.xml: line 3: "]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
    assert!(out.lines().all(|line| line.chars().count() <= 90), "{out}");

    let transcripts = run.folder.join("transcripts/healthy-smart").display().to_string();
    let (exit, out, _) = slac(&["nobody.xml", "--format", "json", "--from", &transcripts]);
    assert_eq!(exit, 1);
    let json: serde_json::Value = serde_json::from_str(&out).expect("one document");
    assert_eq!((&json["schema"], &json["match"]), (&1.into(), &false.into()));
    assert_eq!(json["devices"][0]["missing"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["devices"][0]["foreign"][0]["serial"], "FOC0000ZZZZ");

    let (exit, _, errors) = slac(&["empty.xml", "nowhere.xml", "--run", "pre"]);
    assert_eq!(exit, 2);
    assert!(
        errors.contains("empty.xml: line 1: no <udi>") && errors.contains("nowhere.xml: cannot be read"),
        "{errors}"
    );
    assert_eq!(slac(&["stack.xml"]).0, 2, "neither --run nor --from");
}

#[test]
fn the_rule_judges_by_the_files_and_its_run_says_so_again() {
    let (bench, first) = audited(&["stack-member-no-trust", "healthy-smart"]);
    let stack = units(&first, "stack-member-no-trust");
    write_slac(bench.folder.path(), "short.xml", &stack[..2], END);
    let run = bench.audit(&["--slac", "short.xml"]);
    assert!(run.findings_of("stack-member-no-trust").contains(&"slac-udi-mismatch".to_owned()), "{}", run.stderr);
    assert!(run.findings_of("healthy-smart").is_empty());
    // The files are kept with the run: they need not be there any more.
    fs::remove_file(bench.folder.path().join("short.xml")).expect("removed");
    let again = bench.analyze(&run.folder);
    assert_eq!(again.findings_of("stack-member-no-trust"), run.findings_of("stack-member-no-trust"));
    let refused = bench.audit(&["--slac", "short.xml"]);
    assert_eq!(refused.exit, 2);
    assert!(refused.stderr.contains("short.xml: cannot be read"), "{}", refused.stderr);
}
