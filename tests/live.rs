//! The binary against mock devices, over real SSH: every scenario is judged as it should be, every fault is a row with a
//! status and advice, and the run ends.

#[path = "live/accounts.rs"]
mod accounts;
#[path = "live/evidence.rs"]
mod evidence;
#[path = "live/fault_fleet.rs"]
mod fault_fleet;
#[path = "live/faults.rs"]
mod faults;
#[path = "live/floods.rs"]
mod floods;
#[path = "live/resume.rs"]
mod resume;
#[path = "live/habits.rs"]
mod habits;
#[path = "live/jump.rs"]
mod jump;
#[path = "live/pace.rs"]
mod pace;
#[path = "live/secrets.rs"]
mod secrets;
#[path = "live/signals.rs"]
mod signals;
#[path = "live/probe.rs"]
mod probe;

use std::time::{Duration, Instant};

use mock_device::{Device, Fault, Login, Method, Scenario, scenarios};

use crate::bench::{self, Bench, PASSWORD};

fn healthy(name: &str) -> Device {
    Device::new(name, Scenario::named("healthy-smart").expect("a scenario"))
}

#[test]
fn every_scenario_is_judged_as_it_says() {
    let devices = scenarios().iter().map(|name| Device::new(*name, Scenario::named(name).expect("a scenario")));
    let bench = Bench::start(devices.collect());
    let run = bench.audit(&[]);
    let rows = run.devices();
    for device in bench.fleet.devices() {
        // Without the enable secret of `read-only-refused` its expectation is that of a plain read-only account.
        let row = &rows[&device.name];
        let found: Vec<String> = run.findings_of(&device.name);
        let mut expected = device.expect.findings.clone();
        expected.sort();
        assert_eq!(found, expected, "findings of {}: {}", device.name, row["status_detail"]);
        assert_eq!(row["status"], device.expect.status, "{}: {}", device.name, row["status_detail"]);
        assert_eq!(row["health"], device.expect.health, "health of {}", device.name);
    }
    assert_eq!(rows.len(), scenarios().len());
}

#[test]
fn an_audit_and_the_analysis_of_its_run_say_the_same() {
    let mut devices: Vec<Device> =
        scenarios().iter().map(|name| Device::new(*name, Scenario::named(name).expect("a scenario"))).collect();
    devices.push(healthy("refusing").fault(Fault::Refuse));
    let bench = Bench::start(devices);
    let run = bench.audit(&[]);
    let again = bench.analyze(&run.folder);
    for file in ["findings.csv", "devices.csv"] {
        // An audit lists devices as the inventory does, an analysis as it finds them.
        let (mut first, mut second) = (run.rows(file), again.rows(file));
        first.sort_by_key(|row| (row["device"].clone(), row.get("fingerprint").cloned()));
        second.sort_by_key(|row| (row["device"].clone(), row.get("fingerprint").cloned()));
        assert_eq!(first.len(), second.len(), "rows of {file}");
        for (one, other) in first.iter().zip(&second) {
            for (column, value) in one {
                let of_run =
                    ["run_id", "first_seen_utc", "last_seen_utc", "last_audited_utc"].contains(&column.as_str());
                assert!(
                    of_run || other[column] == *value,
                    "{file}, {column} of {}: {value} / {}",
                    one["device"],
                    other[column]
                );
            }
        }
    }
}

#[test]
fn every_fault_is_a_row_and_the_run_ends_in_time() {
    let faults = [
        ("refuse", Fault::Refuse, "unreachable"),
        ("hang-banner", Fault::HangBeforeBanner, "timeout"),
        ("hang-kex", Fault::HangInKeyExchange, "timeout"),
        ("no-vty", Fault::CloseAfterBanner, "unreachable"),
        ("hang-output", Fault::HangInOutput(2), "partial"),
        ("cut", Fault::CutInOutput(2), "partial"),
        ("log-lines", Fault::LogLines, "audited"),
        ("drip", Fault::SlowDrip { bytes: 512, every: Duration::from_millis(5) }, "audited"),
        ("none", Fault::None, "audited"),
    ];
    let bench = Bench::start(faults.iter().map(|(name, fault, _)| healthy(name).fault(*fault)).collect());
    let began = Instant::now();
    let run = bench.audit(&["--connect-timeout", "2", "--command-timeout", "3", "--device-timeout", "20"]);
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let rows = run.devices();
    for (name, _, status) in faults {
        let detail = &rows[name]["status_detail"];
        assert_eq!(rows[name]["status"], status, "{name}: {detail}");
        assert_eq!(detail.is_empty(), status == "audited", "{name}: {detail}");
    }
    assert_eq!(rows["none"]["health"], "ok");
    assert_eq!(rows["log-lines"]["health"], "ok", "log lines inside outputs are no evidence");
    assert_eq!(rows["refuse"]["attempts"], "2", "one retry");
}

#[test]
fn a_wrong_password_reaches_three_devices_and_is_sent_once_to_each() {
    let bench = Bench::start((0..40).map(|number| healthy(&format!("sw{number:02}"))).collect());
    let run = bench.audit_with(&[], &[("SLAUDIT_PASSWORD", "not-the-password")]);
    assert_eq!(run.exit, 5, "{}", run.stderr);
    let attempts: Vec<usize> = bench.fleet.devices().iter().map(|device| device.log().auth_attempts.len()).collect();
    assert_eq!(attempts.iter().sum::<usize>(), 3, "{attempts:?}");
    assert!(attempts.iter().all(|tries| *tries <= 1), "{attempts:?}");
    let rows = run.devices();
    let count = |status: &str| rows.values().filter(|row| row["status"] == status).count();
    assert_eq!((count("auth_failed"), count("skipped_breaker"), rows.len()), (3, 37, 40));
}

#[test]
fn a_password_is_sent_by_the_method_the_device_offers() {
    let only = |method| Login { methods: vec![method], ..Login::default() };
    let bench = Bench::start(vec![
        healthy("interactive").login(only(Method::KeyboardInteractive)),
        healthy("password").login(only(Method::Password)),
        healthy("key-only").login(only(Method::PublicKey)),
    ]);
    let rows = bench.audit(&[]).devices();
    assert_eq!(rows["interactive"]["auth_method"], "keyboard-interactive");
    assert_eq!(rows["password"]["auth_method"], "password");
    assert_eq!(rows["key-only"]["status"], "auth_failed");
    assert!(rows["key-only"]["status_detail"].contains("--identity"), "{}", rows["key-only"]["status_detail"]);
    assert!(bench.fleet.get("key-only").expect("a device").log().auth_attempts.is_empty(), "no secret was sent");
}

#[test]
fn a_changed_host_key_is_refused_before_anything_is_sent() {
    let mut bench = Bench::start(vec![healthy("sw01")]);
    assert_eq!(bench.audit(&[]).devices()["sw01"]["status"], "audited");
    let address = bench.fleet.devices()[0].address;
    bench.restart(vec![healthy("sw01").key_number(2)], address);
    let run = bench.audit(&[]);
    let row = &run.devices()["sw01"];
    assert_eq!(row["status"], "host_key_changed");
    assert!(row["status_detail"].starts_with("replaced hardware?"), "{}", row["status_detail"]);
    assert!(bench.fleet.devices()[0].log().auth_attempts.is_empty());
}

#[test]
fn strict_refuses_a_host_that_is_not_known() {
    let bench = Bench::start(vec![healthy("sw01")]);
    let run = bench.audit(&["--host-keys", "strict"]);
    assert_eq!(run.devices()["sw01"]["status"], "host_key_unknown");
    assert_eq!(run.exit, 3);
}

#[test]
fn sessions_end_with_exit_and_a_device_is_never_asked_twice_at_once() {
    let bench = Bench::start((0..12).map(|number| healthy(&format!("sw{number:02}"))).collect());
    assert_eq!(bench.audit(&["--concurrency", "4"]).exit, 0);
    for device in bench.fleet.devices() {
        let log = device.log();
        assert_eq!((log.connections, log.max_open, log.logouts), (1, 1, 1), "{}", device.name);
        let sent_twice = log.commands.iter().enumerate().any(|(at, command)| log.commands[..at].contains(command));
        assert!(!sent_twice, "{:?}", log.commands);
    }
}

#[test]
fn only_reading_commands_reach_a_device() {
    let devices = scenarios().iter().map(|name| Device::new(*name, Scenario::named(name).expect("a scenario")));
    let bench = Bench::start(devices.collect());
    bench.audit_with(&[], &[("SLAUDIT_ENABLE_PASSWORD", PASSWORD)]);
    for device in bench.fleet.devices() {
        for command in device.log().commands {
            let first = command.split_whitespace().next().unwrap_or_default();
            assert!(["show", "terminal", "enable", "exit", ""].contains(&first), "{}: {command}", device.name);
        }
    }
}

#[test]
fn an_interrupted_run_keeps_what_is_finished_and_has_every_row() {
    let mut devices: Vec<Device> = (0..4).map(|number| healthy(&format!("quick{number}"))).collect();
    devices.extend((0..8).map(|number| healthy(&format!("slow{number}")).delay(Duration::from_secs(30))));
    let bench = Bench::start(devices);
    let run = bench.audit_interrupted(Duration::from_millis(1500), &["--concurrency", "6"]);
    assert_eq!(run.exit, 130, "{}", run.stderr);
    let rows = run.devices();
    assert_eq!(rows.len(), 12);
    let count = |status: &str| rows.values().filter(|row| row["status"] == status).count();
    assert_eq!((count("audited"), count("interrupted")), (4, 8), "{rows:?}");
    let again = bench.analyze(&run.folder).devices();
    assert_eq!(again.len(), 12, "an analysis of the run loses no row");
    assert_eq!(again["slow0"]["status"], "interrupted");
    assert!(!bench.folder.path().join("runs/latest").exists(), "`latest` points at complete runs only");
}

#[test]
fn nothing_is_contacted_where_the_inventory_is_wrong() {
    let bench = Bench::start(vec![healthy("sw01")]);
    let text = bench.fleet.inventory_csv() + "sw01,127.20.0.9,99999,,,,,,,,\n";
    std::fs::write(bench.inventory(), text).expect("written");
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("99999") && run.stderr.contains("sw01"), "{}", run.stderr);
    assert_eq!(bench.fleet.devices()[0].log().connections, 0);
}
