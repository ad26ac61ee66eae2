//! `--probe`: each device pings the host it reports to, once, and nothing else; the saved ping is judged like the live one.

use mock_device::{Device, Scenario};

use super::bench::{Bench, Run};

const RULE: &str = "reach-probe-failed";

fn fleet() -> Vec<Device> {
    let names = ["healthy-smart", "smart-unreachable", "smart-wrong-url", "cslu-healthy", "transport-off"];
    names.iter().map(|name| Device::new(*name, Scenario::named(name).expect("a scenario"))).collect()
}

fn pings(bench: &Bench, device: &str) -> Vec<String> {
    let commands = bench.fleet.get(device).expect("a device").log().commands;
    commands.into_iter().filter(|command| command.starts_with("ping")).collect()
}

/// `severity observed cause` of the rule's finding.
fn found(run: &Run, device: &str) -> Option<String> {
    let row = run.rows("findings.csv").into_iter().find(|row| row["rule"] == RULE && row["device"] == device)?;
    assert_eq!(row["evidence_command"], "ping");
    Some(format!("{} {} {}", row["severity"], row["observed"], row["cause"]))
}

fn check(run: &Run) {
    assert_eq!(found(run, "healthy-smart"), None);
    assert_eq!(found(run, "cslu-healthy"), None);
    assert_eq!(found(run, "transport-off"), None);
    let silent = "high no answer from smartreceiver.cisco.com (0 of 5) timeout";
    assert_eq!(found(run, "smart-unreachable").as_deref(), Some(silent));
    let unresolved = "high smartreceiver.example.com is not resolved dns-server-missing";
    assert_eq!(found(run, "smart-wrong-url").as_deref(), Some(unresolved));
}

#[test]
fn each_device_pings_its_host_once_and_the_analysis_says_the_same() {
    let bench = Bench::start(fleet());
    let run = bench.audit_with(&[], &[("SLAUDIT_PROBE", "true")]);
    check(&run);
    assert_eq!(pings(&bench, "healthy-smart"), ["ping smartreceiver.cisco.com"]);
    assert_eq!(pings(&bench, "smart-wrong-url"), ["ping smartreceiver.example.com"]);
    assert_eq!(pings(&bench, "cslu-healthy").len(), 1);
    assert_eq!(pings(&bench, "transport-off"), Vec::<String>::new(), "it reports to nobody");
    for device in bench.fleet.devices() {
        let row = &run.devices()[&device.name];
        assert_eq!(row["status"], "audited", "{}: {}", device.name, row["status_detail"]);
        for command in device.log().commands {
            let first = command.split_whitespace().next().unwrap_or_default();
            assert!(["show", "terminal", "enable", "exit", "ping", ""].contains(&first), "{}: {command}", device.name);
        }
    }
    check(&bench.analyze(&run.folder));
    // The same files without what a run keeps beside them: the file's name tells the host.
    let transcripts = run.folder.join("transcripts");
    for device in bench.fleet.devices() {
        std::fs::remove_file(transcripts.join(&device.name).join("session.json")).expect("a session");
    }
    check(&bench.analyze(&transcripts));
}

#[test]
fn nobody_pings_unless_asked_to() {
    let bench = Bench::start(fleet());
    let run = bench.audit(&[]);
    for device in bench.fleet.devices() {
        assert_eq!(pings(&bench, &device.name), Vec::<String>::new());
        assert_eq!(found(&run, &device.name), None);
    }
    let plan = |options: &[&str]| {
        let output =
            bench.command().arg("plan").arg(bench.inventory()).args(options).output().expect("the binary runs");
        String::from_utf8(output.stdout).expect("text")
    };
    assert!(!plan(&[]).contains("ping"), "{}", plan(&[]));
    assert!(plan(&["--probe"]).contains("ping [vrf <vrf>] <host>"), "{}", plan(&["--probe"]));
    std::fs::write(bench.folder.path().join("slaudit.toml"), "[audit]\nprobe = true\n").expect("written");
    assert!(plan(&[]).contains("ping [vrf <vrf>] <host>"), "{}", plan(&[]));
}
