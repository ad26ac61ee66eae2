//! What the operator expects reaches the rules, from `slaudit.toml` and from the inventory: the binary on saved output.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const STATUS: &str = "Smart Licensing Using Policy:\n  Status: ENABLED\n\nTransport:\n  Type: Smart\n  URL: \
                      https://smartreceiver.cisco.com/licservice/license\n\nPolicy:\n  Policy in use: Merged from multiple \
                      sources.\n  Reporting ACK required: yes (CISCO default)\n\nUsage Reporting:\n  Last ACK received: \
                      <none>\n  Next ACK deadline: <none>\n  Reporting push interval: 30  days\n  Next ACK push check: \
                      <none>\n  Next report push: <none>\n  Last report push: <none>\n  Last report file write: \
                      <none>\n\nTrust Code Installed: <none>\n";

/// The verdicts of one rule, by device.
fn verdicts(folder: &Path, options: &[&str], rule: &str) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_slaudit"))
        .env_clear()
        .env("HOME", folder)
        .current_dir(folder)
        .args(["analyze", "saved", "--format", "json"])
        .args(options)
        .output()
        .expect("the binary runs");
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let devices = report["devices"].as_array().expect("devices").iter();
    let of_rule = |device: &Value| {
        let verdict = device["verdicts"].as_array().expect("verdicts").iter().find(|verdict| verdict["rule"] == rule);
        (text(&device["name"]), text(&verdict.expect("the rule's verdict")["verdict"]))
    };
    devices.map(of_rule).collect()
}

#[test]
fn an_expected_policy_comes_from_the_file_and_the_inventory_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    for device in ["sw1", "sw2"] {
        let path = folder.path().join("saved").join(device);
        fs::create_dir_all(&path).expect("a folder");
        let own = "Policy in use: Installed On Nov 20 10:00:00 2025 UTC\n  Policy name: Branch Policy";
        let status = if device == "sw2" {
            STATUS.replace("Policy in use: Merged from multiple sources.", own)
        } else {
            STATUS.into()
        };
        fs::write(path.join("show_license_status.txt"), status).expect("written");
    }
    let found = |options: &[&str]| verdicts(folder.path(), options, "policy-default");
    let both = |first: &str, second: &str| vec![("sw1".into(), first.into()), ("sw2".into(), second.into())];
    assert_eq!(found(&[]), both("not_applicable", "not_applicable"));
    fs::write(folder.path().join("slaudit.toml"), "[expect]\npolicy = \"custom\"\n").expect("written");
    assert_eq!(found(&[]), both("fail", "pass"));
    fs::write(folder.path().join("fleet.csv"), "name,expect_policy\nsw1,\nsw2,Campus Policy\n").expect("written");
    assert_eq!(found(&["--inventory", "fleet.csv"]), both("fail", "fail"));
}
