//! Devices behind jump hosts: few logins there, keys checked at every hop, each failure where it belongs.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use mock_device::{Device, Fault, Login, Method, Scenario};

use super::bench::{Bench, PASSWORD};
use super::healthy;

fn bastion(name: &str) -> Device {
    Device::new(name, Scenario::named("healthy-smart").expect("a scenario")).forwards(true)
}

/// A row for each device that is no jump host, with this path.
fn behind(bench: &Bench, path: impl Fn(&str) -> String) {
    let mut text = "name,address,port,jump\n".to_owned();
    for device in bench.fleet.devices().iter().filter(|device| !device.name.starts_with("hop")) {
        let (ip, port) = (device.address.ip(), device.address.port());
        let _ = writeln!(text, "{},{ip},{port},{}", device.name, path(&device.name));
    }
    std::fs::write(bench.inventory(), text).expect("an inventory");
}

fn address(bench: &Bench, name: &str) -> String {
    bench.fleet.get(name).expect("a device").address.to_string()
}

fn log(bench: &Bench, name: &str) -> mock_device::Log {
    bench.fleet.get(name).expect("a device").log()
}

#[test]
fn many_devices_share_few_sessions_of_a_jump_host() {
    let mut devices: Vec<Device> = (0..100).map(|number| healthy(&format!("sw{number:03}"))).collect();
    devices.push(bastion("hop1"));
    let bench = Bench::start(devices);
    behind(&bench, |_| address(&bench, "hop1"));
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 0, "{}{}", run.stdout, run.stderr);
    let at_hop = log(&bench, "hop1");
    assert_eq!(at_hop.forwarded, 100);
    assert!(at_hop.auth_attempts.len() <= 8, "{} logins for 100 devices", at_hop.auth_attempts.len());
    let rows = run.devices();
    assert_eq!(rows.len(), 100);
    for (name, row) in &rows {
        let expected = format!("{} > {}", address(&bench, "hop1"), row["address"]);
        assert_eq!((row["status"].as_str(), row["path"].as_str()), ("audited", expected.as_str()), "{name}");
    }
}

#[test]
fn two_jump_hosts_in_turn_each_with_its_own_account() {
    let login = |user: &str| Login { user: user.into(), ..Login::default() };
    let bench = Bench::start(vec![
        bastion("hop1").login(login("gate")),
        bastion("hop2").login(login("relay")),
        healthy("sw1"),
        healthy("sw2"),
    ]);
    behind(&bench, |_| format!("gate@{} > relay@{}", address(&bench, "hop1"), address(&bench, "hop2")));
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!((log(&bench, "hop1").forwarded, log(&bench, "hop2").forwarded), (1, 2), "one session carries both");
    let known = std::fs::read_to_string(bench.folder.path().join("known_hosts")).expect("known hosts");
    assert_eq!(known.lines().count(), 4, "the keys of both hops and both devices: {known}");
}

#[test]
fn the_option_is_for_devices_that_name_no_jump_host() {
    let bench = Bench::start(vec![bastion("hop1"), bastion("hop2"), healthy("sw1"), healthy("sw2")]);
    behind(&bench, |name| if name == "sw1" { address(&bench, "hop1") } else { String::new() });
    let run = bench.audit(&["--jump", &address(&bench, "hop2")]);
    assert_eq!(run.exit, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!((log(&bench, "hop1").forwarded, log(&bench, "hop2").forwarded), (1, 1));
}

#[test]
fn a_jump_host_has_the_credential_set_that_the_file_names() {
    let login = Login { user: "gate".into(), password: "gate-secret".into(), ..Login::default() };
    let bench = Bench::start(vec![bastion("hop1").login(login), healthy("sw1")]);
    behind(&bench, |_| address(&bench, "hop1"));
    let file = "[jump]\ncredential = \"gates\"\n[credentials.gates]\nuser = \"gate\"\npassword_env = \"GATE\"\n";
    std::fs::write(bench.folder.path().join("slaudit.toml"), file).expect("a configuration");
    let run = bench.audit_with(&[], &[("GATE", "gate-secret")]);
    assert_eq!(run.exit, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_refused_login_at_the_jump_host_is_sent_once_for_all_devices() {
    let mut devices: Vec<Device> = (0..30).map(|number| healthy(&format!("sw{number:02}"))).collect();
    devices.push(bastion("hop1").login(Login { password: "another".into(), ..Login::default() }));
    let bench = Bench::start(devices);
    behind(&bench, |_| address(&bench, "hop1"));
    let run = bench.audit(&[]);
    assert_eq!(log(&bench, "hop1").auth_attempts.len(), 1);
    for row in run.devices().values() {
        assert_eq!(row["status"], "auth_failed");
        assert!(row["status_detail"].contains("jump host `127."), "{}", row["status_detail"]);
    }
    assert!(bench.fleet.devices().iter().all(|device| device.name == "hop1" || device.log().connections == 0));
}

#[test]
fn a_changed_key_at_the_jump_host_stops_there_and_names_it() {
    let mut bench = Bench::start(vec![bastion("hop1"), healthy("sw1")]);
    behind(&bench, |_| address(&bench, "hop1"));
    assert_eq!(bench.audit(&[]).exit, 0);
    let at = bench.fleet.devices()[0].address;
    bench.restart(vec![bastion("hop1").key_number(2), healthy("sw1")], at);
    behind(&bench, |_| address(&bench, "hop1"));
    let row = &bench.audit(&[]).devices()["sw1"];
    assert_eq!(row["status"], "host_key_changed");
    assert!(row["status_detail"].contains(&format!("jump host `{at}`")), "{}", row["status_detail"]);
    assert!(log(&bench, "hop1").auth_attempts.is_empty());
}

#[test]
fn two_devices_with_one_address_are_told_from_replaced_hardware() {
    let mut bench = Bench::start(vec![bastion("hop1"), healthy("sw1")]);
    behind(&bench, |_| address(&bench, "hop1"));
    assert_eq!(bench.audit(&[]).exit, 0);
    let at = bench.fleet.devices()[0].address;
    bench.restart(vec![bastion("hop1"), healthy("sw1").key_number(2)], at);
    behind(&bench, |_| address(&bench, "hop1"));
    let row = &bench.audit(&[]).devices()["sw1"];
    assert_eq!(row["status"], "host_key_changed");
    assert!(row["status_detail"].contains("same address behind another jump host"), "{}", row["status_detail"]);
}

#[test]
fn faults_behind_and_at_the_jump_host_are_told_apart() {
    let bench = Bench::start(vec![
        bastion("hop-good"),
        bastion("hop-silent").fault(Fault::HangBeforeBanner),
        bastion("hop-gone").fault(Fault::Refuse),
        Device::new("hop-closed", Scenario::named("healthy-smart").expect("a scenario")),
        healthy("good"),
        healthy("refuse").fault(Fault::Refuse),
        healthy("hang-kex").fault(Fault::HangInKeyExchange),
        healthy("hang-output").fault(Fault::HangInOutput(2)),
        healthy("endless").fault(Fault::EndlessOutput(2)),
        healthy("silent"),
        healthy("gone"),
        healthy("closed"),
    ]);
    behind(&bench, |name| {
        let hop = format!("hop-{name}");
        address(&bench, if bench.fleet.get(&hop).is_some() { &hop } else { "hop-good" })
    });
    let began = Instant::now();
    let run = bench.audit(&["--connect-timeout", "2", "--command-timeout", "3", "--retries", "0"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let rows = run.devices();
    let expected = [
        ("good", "audited", ""),
        ("refuse", "unreachable", "cannot connect to"),
        ("hang-kex", "timeout", "key exchange"),
        ("hang-output", "partial", "did not end in time"),
        ("endless", "partial", ""),
        ("silent", "timeout", "jump host"),
        ("gone", "unreachable", "jump host"),
        ("closed", "unreachable", "administratively prohibited"),
    ];
    for (name, status, words) in expected {
        let detail = &rows[name]["status_detail"];
        assert_eq!(rows[name]["status"], status, "{name}: {detail}");
        assert!(detail.contains(words), "{name}: {detail}");
    }
    assert_eq!(log(&bench, "hop-good").open_now, 0);
}

#[test]
fn a_password_is_asked_for_at_the_jump_host_by_questions_too() {
    let login = Login { methods: vec![Method::KeyboardInteractive], ..Login::default() };
    let bench = Bench::start(vec![bastion("hop1").login(login), healthy("sw1")]);
    behind(&bench, |_| address(&bench, "hop1"));
    let run = bench.audit_with(&[], &[("SLAUDIT_PASSWORD", PASSWORD)]);
    assert_eq!(run.exit, 0, "{}{}", run.stdout, run.stderr);
}
