//! `metrics.prom` as Prometheus' own checker reads it: `promtool check metrics`, which knows the rules for names, units and types.
//!
//! Where there is no promtool (Debian: in the package `prometheus`), every test is reported as ignored.

use std::io::Write as _;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use slaudit::reports::{self, Options};
use slaudit::run::Run;

use crate::fleet;
use crate::trial::{Obstacle, trial};

type Made = fn() -> Run;

pub(crate) fn trials() -> Vec<Trial> {
    let found = Command::new("promtool").arg("--version").output().is_ok();
    let tests: [(&str, Made); 4] = [
        ("a fleet with the usual troubles", || fleet::troubled(300)),
        ("hostile names", hostile),
        ("devices that were lost", || {
            fleet::run(&[fleet::lost("sw1", "", slaudit::record::Status::Unreachable, "check the route")])
        }),
        ("no device", || fleet::run(&[])),
    ];
    let trials = tests.into_iter().map(|(name, run)| {
        let obstacle = (!found).then(|| Obstacle::missing("there is no promtool"));
        trial(&format!("metrics: {name}"), obstacle, move || check(&run()))
    });
    trials.collect()
}

/// Names of devices and sites in labels.
fn hostile() -> Run {
    let names = [
        "a\\",
        "\"}",
        "\n# TYPE x counter",
        "\u{1b}[31m",
        "\u{e9}\u{1f469}\u{200d}\u{1f4bb}",
        "{",
        "same",
        "same\u{200b}",
    ];
    let records = names.map(|name| {
        let mut record = fleet::device(name, name);
        fleet::due(&mut record, "2026-12-01T02:00:00");
        record
    });
    fleet::run(&records)
}

fn check(run: &Run) -> Result<(), Failed> {
    let report = reports::of_format("prom");
    let mut text = Vec::new();
    (report[0].write)(run, Options::default(), &mut text)?;
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&text)?;
    }
    let answer = child.wait_with_output()?;
    let said = [answer.stdout, answer.stderr].concat();
    if answer.status.success() && said.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n{}", answer.status, String::from_utf8_lossy(&said)).into())
}
