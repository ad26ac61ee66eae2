//! How hard a fleet is asked: lines that are taken, the rate of logins, descriptors, and sets that nobody can log in with.

use std::process::Command;
use std::time::{Duration, Instant};

use mock_device::{Device, Fault, Login};

use super::bench::{Bench, PASSWORD};
use super::healthy;

#[test]
fn a_device_without_a_free_vty_is_tried_again_later_and_says_so() {
    let bench = Bench::start(vec![
        healthy("busy").fault(Fault::BusyAtFirst(2)),
        healthy("taken").fault(Fault::CloseAfterBanner),
        healthy("reads-offer").fault(Fault::CutInKeyExchange),
    ]);
    // The second connection of a try is the one that asks what the device offers.
    let run = bench.audit(&["--retries", "2"]);
    let rows = run.devices();
    assert_eq!((rows["busy"]["status"].as_str(), rows["busy"]["attempts"].as_str()), ("audited", "2"));
    let took: u64 = rows["busy"]["duration_ms"].parse().expect("a number");
    assert!(took >= 1000, "at once would find no line either: {took} ms");
    let taken = &rows["taken"];
    assert_eq!((taken["status"].as_str(), taken["attempts"].as_str()), ("unreachable", "3"));
    assert!(taken["status_detail"].starts_with("no free vty?"), "{}", taken["status_detail"]);
    for device in bench.fleet.devices().iter().filter(|device| device.name != "busy") {
        assert!(device.log().auth_attempts.is_empty(), "{}", device.name);
    }
}

#[test]
fn second_tries_take_turns_as_first_ones_do() {
    // Six devices that are busy at first: twelve logins, one every quarter of a second.
    let devices = (0..6).map(|number| healthy(&format!("sw{number}")).fault(Fault::BusyAtFirst(2)));
    let bench = Bench::start(devices.collect());
    let began = Instant::now();
    let run = bench.audit(&["--login-rate", "4/s"]);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    assert!(run.devices().values().all(|row| row["attempts"] == "2"));
    assert!(began.elapsed() >= Duration::from_millis(2700), "{:?}", began.elapsed());
    let text = std::fs::read_to_string(bench.folder.path().join("known_hosts")).expect("known hosts");
    assert_eq!(text.lines().count(), 6);
}

#[test]
fn the_login_of_a_jump_host_takes_a_turn_too() {
    let bench = Bench::start(vec![healthy("hop").forwards(true), healthy("sw0"), healthy("sw1"), healthy("sw2")]);
    let hop = bench.fleet.get("hop").expect("a device").address;
    let rows = bench.fleet.devices().iter().skip(1);
    let text = rows.fold("name,address,port,jump\n".to_owned(), |text, device| {
        text + &format!("{},{},{},{hop}\n", device.name, device.address.ip(), device.address.port())
    });
    std::fs::write(bench.inventory(), text).expect("written");
    let began = Instant::now();
    let run = bench.audit(&["--login-rate", "2/s"]);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    // Four logins have three pauses between them.
    assert!(began.elapsed() >= Duration::from_millis(1450), "{:?}", began.elapsed());
}

#[test]
fn few_descriptors_mean_fewer_devices_at_once_and_a_warning_and_nothing_is_lost() {
    let bench = Bench::start((0..60).map(|number| healthy(&format!("sw{number:02}"))).collect());
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", bench.folder.path()).current_dir(bench.folder.path());
    command.env("SLAUDIT_PASSWORD", PASSWORD).args(["-c", "ulimit -n 90; exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_slaudit")).arg("audit").arg(bench.inventory());
    command.args(["--user", "netaudit", "--known-hosts", "known_hosts", "--out", "runs"]);
    let output = command.output().expect("the binary runs");
    let (run, said) = (bench.newest(), String::from_utf8_lossy(&output.stderr).into_owned());
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("the limit of open files allows 8 devices at once, not 256 (ulimit -n)"), "{said}");
    let rows = run.devices();
    assert!(rows.len() == 60 && rows.values().all(|row| row["status"] == "audited"), "{said}");
}

#[test]
fn a_soft_limit_of_descriptors_is_raised() {
    let bench = Bench::start((0..60).map(|number| healthy(&format!("sw{number:02}"))).collect());
    let mut command = Command::new("sh");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", bench.folder.path()).current_dir(bench.folder.path());
    command.env("SLAUDIT_PASSWORD", PASSWORD).args(["-c", "ulimit -S -n 70; exec \"$0\" \"$@\""]);
    command.arg(env!("CARGO_BIN_EXE_slaudit")).arg("audit").arg(bench.inventory());
    command.args(["--user", "netaudit", "--known-hosts", "known_hosts", "--out", "runs"]);
    let output = command.output().expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(0) && !said.contains("ulimit"), "{said}");
}

#[test]
fn a_stopped_set_is_not_even_contacted() {
    let bench = Bench::start((0..40).map(|number| healthy(&format!("sw{number:02}"))).collect());
    let run = bench.audit_with(&["--concurrency", "4"], &[("SLAUDIT_PASSWORD", "not-the-password")]);
    assert_eq!(run.exit, 5, "{}", run.stderr);
    let contacted = bench.fleet.devices().iter().filter(|device| device.log().connections > 0).count();
    assert!((3..=7).contains(&contacted), "{contacted} of 40 devices were contacted");
    let rows = run.devices();
    assert_eq!(rows.values().filter(|row| row["status"] == "skipped_breaker").count(), 37);
}

#[test]
fn with_nothing_to_log_in_with_nothing_is_contacted() {
    let bench = Bench::start((0..5).map(|number| healthy(&format!("sw{number}"))).collect());
    let run = bench.audit_with(&[], &[("SLAUDIT_PASSWORD", "")]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert!(run.stderr.contains("nothing to log in with") && run.stderr.contains("--ask-pass"), "{}", run.stderr);
    assert!(run.stderr.contains("there is no ssh-agent"), "{}", run.stderr);
    assert!(bench.fleet.devices().iter().all(|device| device.log().connections == 0));
}

#[test]
fn an_agent_that_never_answers_holds_up_nothing() {
    let bench = Bench::start(vec![healthy("sw0")]);
    let socket = bench.folder.path().join("agent");
    let _deaf = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let socket = socket.display().to_string();
    let began = Instant::now();
    let run = bench.audit_with(&[], &[("SLAUDIT_PASSWORD", ""), ("SSH_AUTH_SOCK", &socket)]);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert!(run.stderr.contains("does not answer"), "{}", run.stderr);
    // With a password nobody asks it.
    let run = bench.audit_with(&[], &[("SSH_AUTH_SOCK", &socket)]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
}

#[test]
fn a_key_that_cannot_be_read_is_learned_at_the_first_device() {
    let login = Login { methods: vec![mock_device::Method::PublicKey], ..Login::default() };
    let devices = (0..30).map(|number| healthy(&format!("sw{number:02}")).login(login.clone()));
    let bench = Bench::start(devices.collect::<Vec<Device>>());
    let key = bench.folder.path().join("key");
    std::fs::write(&key, "this is no key\n").expect("written");
    let key = key.display().to_string();
    let run = bench.audit_with(&["--identity", &key, "--concurrency", "4"], &[("SLAUDIT_PASSWORD", "")]);
    assert_eq!(run.exit, 5, "{}", run.stderr);
    let contacted = bench.fleet.devices().iter().filter(|device| device.log().connections > 0).count();
    assert!(contacted <= 8, "{contacted} of 30 devices were contacted");
    let rows = run.devices();
    let (first, rest): (Vec<_>, Vec<_>) = rows.values().partition(|row| row["status"] == "auth_failed");
    assert!(!first.is_empty() && first.len() <= 4, "{}", first.len());
    for row in rest {
        let detail = &row["status_detail"];
        assert_eq!(row["status"], "skipped_breaker", "{detail}");
        assert!(detail.starts_with("check the key file") && detail.contains(&key), "{detail}");
    }
}

#[test]
fn without_looking_at_keys_known_hosts_is_not_read() {
    let bench = Bench::start(vec![healthy("sw0")]);
    std::fs::create_dir(bench.folder.path().join("known_hosts")).expect("a folder where a file should be");
    assert_eq!(bench.audit(&[]).exit, 2);
    let run = bench.audit(&["--host-keys", "off"]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
}

#[test]
fn times_and_rates_beyond_reason_are_wrong_usage() {
    let bench = Bench::start(vec![healthy("sw0")]);
    for option in [["--login-rate", "1e-30"], ["--device-timeout", "1e18"], ["--deadline", "99999999h"]] {
        let run = bench.audit(&option);
        assert_eq!(run.exit, 2, "{option:?}: {}", run.stderr);
        assert!(run.stderr.contains(option[0]), "{}", run.stderr);
    }
}
