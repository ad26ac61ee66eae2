//! Hosts that send SSH packets without end which nobody asked for: they are cut, and nobody else notices.

use std::fmt::Write as _;

use mock_device::{Device, Fault, Flood, FloodAt};

use super::bench::{Bench, Run};
use super::healthy;

/// IGNORE, UNIMPLEMENTED, DEBUG, USERAUTH_SUCCESS, BANNER, INFO_RESPONSE, GLOBAL_REQUEST, CHANNEL_DATA, one that nobody knows.
const PACKETS: [u8; 9] = [2, 3, 4, 52, 53, 61, 80, 94, 192];
/// A run of good devices takes 45 MiB.
const ENOUGH_MIB: u64 = 200;
/// What a host has sent ends it, not the time, however slow the machine is.
const LIMITS: &[&str] =
    &["--retries", "2", "--connect-timeout", "60", "--command-timeout", "120", "--device-timeout", "240"];

fn flood(name: &str, packet: u8, at: FloodAt) -> Device {
    healthy(name).fault(Fault::Flood(Flood { packet, at }))
}

/// A flooding host for each kind of packet, beside good devices.
fn beside_good_devices(at: FloodAt) -> (Bench, Run) {
    let mut devices: Vec<Device> = (0..8).map(|number| healthy(&format!("good{number}"))).collect();
    devices.extend(PACKETS.iter().map(|packet| flood(&format!("flood{packet}"), *packet, at)));
    let bench = Bench::start(devices);
    let (run, peak_mib) = bench.audit_measured(LIMITS);
    assert!(peak_mib < ENOUGH_MIB, "{peak_mib} MiB");
    let rows = run.devices();
    assert_eq!(rows.len(), 8 + PACKETS.len());
    for (name, row) in rows.iter().filter(|(name, _)| name.starts_with("good")) {
        assert_eq!(row["status"], "audited", "{name}: {}", row["status_detail"]);
    }
    for packet in PACKETS {
        let name = format!("flood{packet}");
        assert_eq!(rows[&name]["attempts"], "1", "{name}: {}", rows[&name]["status_detail"]);
        let connections = bench.fleet.get(&name).expect("a device").log().connections;
        assert_eq!(connections, 1, "a host that floods is not asked again: {name}");
    }
    (bench, run)
}

/// Every host that floods was found out at this stage.
fn all_cut(run: &Run, stage: &str) {
    for (name, row) in run.devices().iter().filter(|(name, _)| name.starts_with("flood")) {
        let detail = &row["status_detail"];
        assert_eq!(row["status"], "unreachable", "{name}: {detail}");
        assert!(detail.starts_with("find out what answers at this address"), "{name}: {detail}");
        assert!(detail.contains("KiB that nobody asked for") && detail.ends_with(&format!("({stage})")), "{detail}");
    }
}

#[test]
fn a_flood_before_the_key_exchange_is_cut() {
    let (_bench, run) = beside_good_devices(FloodAt::BeforeKeyExchange);
    all_cut(&run, "key exchange");
}

#[test]
fn a_flood_before_the_login_is_cut() {
    let (_bench, run) = beside_good_devices(FloodAt::BeforeLogin);
    for (name, row) in run.devices().iter().filter(|(name, _)| name.starts_with("flood")) {
        assert_eq!(row["status"], "unreachable", "{name}: {}", row["status_detail"]);
        assert!(row["status_detail"].contains("KiB that nobody asked for"), "{name}: {}", row["status_detail"]);
    }
}

#[test]
fn a_flood_after_the_login_is_cut() {
    let (_bench, run) = beside_good_devices(FloodAt::AfterLogin);
    all_cut(&run, "first prompt");
}

#[test]
fn a_flood_in_a_reply_is_cut() {
    let (_bench, run) = beside_good_devices(FloodAt::InReply);
    for (name, row) in run.devices().iter().filter(|(name, _)| name.starts_with("flood")) {
        assert_eq!(row["status"], "partial", "{name}: {}", row["status_detail"]);
    }
    let detail = &run.devices()["flood192"]["status_detail"];
    assert!(detail.contains("cut during `show version`, because it sent too much that nobody asked for"), "{detail}");
}

/// Rows for all devices that are no jump host, each with its path.
fn behind(bench: &Bench, path: impl Fn(&str) -> String) {
    let mut text = "name,address,port,jump\n".to_owned();
    for device in bench.fleet.devices().iter().filter(|device| !device.name.starts_with("hop")) {
        let _ =
            writeln!(text, "{},{},{},{}", device.name, device.address.ip(), device.address.port(), path(&device.name));
    }
    std::fs::write(bench.inventory(), text).expect("an inventory");
}

fn address(bench: &Bench, name: &str) -> String {
    bench.fleet.get(name).expect("a device").address.to_string()
}

#[test]
fn a_device_that_floods_over_a_jump_host_does_not_hurt_its_neighbours() {
    let mut devices: Vec<Device> = (0..8).map(|number| healthy(&format!("good{number}"))).collect();
    devices.push(flood("flood-early", 2, FloodAt::BeforeKeyExchange));
    devices.push(flood("flood-login", 53, FloodAt::BeforeLogin));
    devices.push(flood("flood-late", 80, FloodAt::AfterLogin));
    devices.push(healthy("hop").forwards(true));
    let bench = Bench::start(devices);
    behind(&bench, |_| address(&bench, "hop"));
    let (run, peak_mib) = bench.audit_measured(LIMITS);
    assert!(peak_mib < ENOUGH_MIB, "{peak_mib} MiB");
    for (name, row) in run.devices() {
        let expected = if name.starts_with("flood") { "unreachable" } else { "audited" };
        assert_eq!(row["status"], expected, "{name}: {}", row["status_detail"]);
    }
    let logins = bench.fleet.get("hop").expect("a device").log().auth_attempts.len();
    assert!(logins <= 2, "{logins} sessions of the jump host");
}

#[test]
fn a_jump_host_that_floods_is_not_asked_again_and_is_named_by_those_behind_it() {
    let mut devices: Vec<Device> = (0..4).map(|number| healthy(&format!("direct{number}"))).collect();
    devices.extend((0..6).map(|number| healthy(&format!("behind{number}"))));
    devices.push(flood("hop", 192, FloodAt::AfterLogin));
    let bench = Bench::start(devices);
    behind(&bench, |name| if name.starts_with("behind") { address(&bench, "hop") } else { String::new() });
    let (run, peak_mib) = bench.audit_measured(LIMITS);
    assert!(peak_mib < ENOUGH_MIB, "{peak_mib} MiB");
    for (name, row) in run.devices() {
        let detail = &row["status_detail"];
        if name.starts_with("direct") {
            assert_eq!(row["status"], "audited", "{name}: {detail}");
        } else {
            assert_eq!(row["status"], "unreachable", "{name}: {detail}");
            assert!(detail.contains("jump host `") && detail.contains("that nobody asked for"), "{name}: {detail}");
        }
    }
    // A session that opens nothing for two seconds is not waited for; once one is found out, there is no other.
    let connections = bench.fleet.get("hop").expect("a device").log().connections;
    assert!(connections <= 6, "{connections} for six devices that were asked once");
}
