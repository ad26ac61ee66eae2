//! One device a fault, all of them in one run: each has a status, an advice, and an end in time.

use std::time::{Duration, Instant};

use mock_device::{Device, Fault, Scenario};

use super::bench::{Bench, PASSWORD};
use super::healthy;

/// The limits of the run, in seconds.
const CONNECT: u64 = 2;
const COMMAND: u64 = 3;
const DEVICE: u64 = 10;

/// A fault and what must become of its device.
struct Case {
    device: Device,
    status: &'static str,
    /// What its detail says; nothing where nothing is to be said.
    says: &'static str,
    /// When it ends, in milliseconds.
    within: (u64, u64),
}

fn case(name: &str, fault: Fault, status: &'static str, says: &'static str, within: (u64, u64)) -> Case {
    Case { device: healthy(name).fault(fault), status, says, within }
}

/// A deadline holds within a second.
fn after(seconds: u64) -> (u64, u64) {
    (seconds * 1000, seconds * 1000 + 1000)
}

/// At once, on a busy machine with thirty other devices.
const AT_ONCE: (u64, u64) = (0, 1900);
/// Inside a session, before any limit.
const IN_TIME: (u64, u64) = (0, DEVICE * 1000);

fn cases() -> Vec<Case> {
    let scenario = |name: &str, scenario: &str| Device::new(name, Scenario::named(scenario).expect("a scenario"));
    let of = |device: Device, status, says| Case { device, status, says, within: IN_TIME };
    let ms = Duration::from_millis;
    let drip = Fault::SlowDrip { bytes: 16, every: ms(40) };
    let mut cases = vec![
        case("none", Fault::None, "audited", "", AT_ONCE),
        // Before there is a connection.
        case("refuse", Fault::Refuse, "unreachable", "check that SSH is enabled", AT_ONCE),
        case("black-hole", Fault::BlackHole, "timeout", "no answer from 127.", after(CONNECT)),
        // Before the key exchange is done.
        case("close-at-once", Fault::CloseAtOnce, "unreachable", "no free vty?", AT_ONCE),
        case("hang-before-banner", Fault::HangBeforeBanner, "timeout", "(key exchange)", after(CONNECT)),
        case("hang-in-banner", Fault::HangInBanner, "timeout", "(key exchange)", after(CONNECT)),
        case("no-ssh", Fault::NoSsh, "unreachable", "it says `HTTP/1.1 400 Bad Request`", AT_ONCE),
        case("endless-garbage", Fault::EndlessGarbage, "unreachable", "no SSH server?", AT_ONCE),
        case("dripping-garbage", Fault::DrippingGarbage(ms(20)), "timeout", "no SSH server?", after(CONNECT)),
        case("no-vty", Fault::CloseAfterBanner, "unreachable", "no free vty?", AT_ONCE),
        case("half-closed", Fault::HalfClosed, "unreachable", "no free vty?", AT_ONCE),
        case("hang-in-kex", Fault::HangInKeyExchange, "timeout", "(key exchange)", after(CONNECT)),
        case("hang-after-algorithms", Fault::HangAfterAlgorithms, "timeout", "(key exchange)", after(CONNECT)),
        case("cut-in-kex", Fault::CutInKeyExchange, "unreachable", "was closed", AT_ONCE),
        // Logging in.
        case("wrong-password", Fault::RejectLogin, "auth_failed", "check the account", IN_TIME),
        case("cut-in-auth", Fault::CutInAuthentication, "auth_failed", "login block-for", IN_TIME),
        case("slow-aaa", Fault::SlowAaa(ms(250)), "audited", "", IN_TIME),
        // The shell and its prompt.
        case("hang-before-shell", Fault::HangBeforeShell, "timeout", "(first prompt)", after(COMMAND)),
        case("cut-before-shell", Fault::CutBeforeShell, "unreachable", "(first prompt)", AT_ONCE),
        case("hang-after-login", Fault::HangAfterLogin, "timeout", "no prompt: no line", after(COMMAND)),
        case("cut-after-login", Fault::CutAfterLogin, "unreachable", "closed the session", AT_ONCE),
        case("dripping-banner", Fault::DrippingBanner(ms(50)), "timeout", "no prompt: no line", after(COMMAND)),
        case("late-prompt", Fault::LatePrompt(ms(700)), "audited", "", IN_TIME),
        of(scenario("no-length-no-width", "paged"), "audited", ""),
        of(scenario("no-cisco", "not-cisco"), "not_supported", "take it out of the inventory"),
        // Privileged mode: the limit, and three seconds of patience.
        of(scenario("enable", "enable-needed"), "audited", ""),
        of(scenario("enable-refused", "read-only-refused"), "audited", "check the enable secret: % Access denied"),
        Case {
            device: scenario("hang-in-enable", "enable-needed").fault(Fault::HangInEnable),
            status: "timeout",
            says: "no answer in time",
            within: after(COMMAND + 3),
        },
        // Commands.
        case("hang-in-command", Fault::HangInOutput(2), "partial", "did not end in time", after(COMMAND)),
        case("cut-in-command", Fault::CutInOutput(2), "partial", "closed the session", AT_ONCE),
        case("half-closed-in-command", Fault::HalfClosedInOutput(2), "partial", "closed the session", AT_ONCE),
        case("endless", Fault::EndlessOutput(2), "partial", "printed more than 8 MiB", IN_TIME),
        case("log-lines", Fault::LogLines, "audited", "", IN_TIME),
        case("dirty-bytes", Fault::DirtyBytes, "audited", "", IN_TIME),
        case("drip", drip, "partial", "did not end in time", IN_TIME),
    ];
    let large = Fault::LargeOutput { command: 2, bytes: 50_000_000 };
    cases.push(case("fifty-megabytes", large, "partial", "printed more than 8 MiB", IN_TIME));
    // The device as a whole.
    let slow = healthy("slow").delay(Duration::from_secs(2));
    cases.push(Case { device: slow, status: "partial", says: "raise --device-timeout", within: after(DEVICE) });
    // Last: as the first canary it would hold up the others for a moment.
    let hang = Fault::HangInAuthentication;
    cases.push(case("hang-in-auth", hang, "timeout", "raise --device-timeout", after(DEVICE)));
    cases
}

#[test]
fn every_fault_has_a_status_an_advice_and_an_end_in_time() {
    let cases = cases();
    let wrong = audit(&cases);
    if !wrong.is_empty() {
        // On a machine that does much else at once a second is short: what is wrong twice is wrong.
        let again = audit(&cases);
        assert!(again.is_empty(), "{}\nand before:\n{}", again.join("\n"), wrong.join("\n"));
    }
}

/// Audits the fleet, and answers with the devices that did not end as they should, or when they should.
fn audit(cases: &[Case]) -> Vec<String> {
    let bench = Bench::start(cases.iter().map(|case| case.device.clone()).collect());
    let limits = [CONNECT, COMMAND, DEVICE].map(|seconds| seconds.to_string());
    let options = ["--connect-timeout", &limits[0], "--command-timeout", &limits[1], "--device-timeout", &limits[2]];
    let options = [&options[..], &["--retries", "0", "--login-rate", "30/s"]].concat();
    let began = Instant::now();
    let run = bench.audit_with(&options, &[("SLAUDIT_ENABLE_PASSWORD", PASSWORD)]);
    let took = began.elapsed();
    assert_eq!(run.exit, 3, "{}{}", run.stdout, run.stderr);
    let rows = run.devices();
    assert_eq!(rows.len(), cases.len(), "one row an inventory row");
    let mut wrong = Vec::new();
    for case in cases {
        let row = &rows[&case.device.name];
        let (detail, time) = (&row["status_detail"], row["duration_ms"].parse::<u64>().expect("a number"));
        let told = if case.says.is_empty() { detail.is_empty() } else { detail.contains(case.says) };
        // What to do comes first, what happened after it.
        let advised = case.says.is_empty() || detail.split_once(": ").is_some_and(|(advice, _)| advice.len() > 15);
        let seen = format!("{}: {}, {time} ms: {detail}", case.device.name, row["status"]);
        let in_time = (case.within.0..=case.within.1).contains(&time);
        if row["status"] != case.status || !told || !advised || !in_time {
            wrong.push(seen);
        }
    }
    // The pace of the logins, the slowest device, and the reports.
    if took > Duration::from_secs(DEVICE + 5) {
        wrong.push(format!("the run: {took:?}"));
    }
    assert_eq!((rows["none"]["health"].as_str(), rows["log-lines"]["health"].as_str()), ("ok", "ok"));
    let half = run.folder.join("transcripts/hang-in-command");
    let kept = std::fs::read_dir(half)
        .expect("a folder")
        .flatten()
        .any(|file| std::fs::read_to_string(file.path()).is_ok_and(|text| text.contains("Smart Licensing Status")));
    assert!(kept, "the half of an output that came is kept");
    for running in bench.fleet.devices() {
        let log = running.log();
        // What a device offers is read on a second connection, where the first ended in the key exchange.
        assert!(log.connections <= 2 && log.auth_attempts.len() <= 1, "{}: {log:?}", running.name);
    }
    let again = bench.analyze(&run.folder).devices();
    for (name, row) in &rows {
        assert_eq!(again[name]["status"], row["status"], "{name}, analysed again");
    }
    wrong
}

#[test]
fn a_run_with_a_deadline_ends_with_it_and_loses_no_row() {
    let mut devices: Vec<Device> = (0..4).map(|number| healthy(&format!("good{number}"))).collect();
    devices.extend((0..8).map(|number| healthy(&format!("hang{number}")).fault(Fault::HangInOutput(1))));
    let bench = Bench::start(devices);
    let began = Instant::now();
    let run = bench.audit(&["--deadline", "4s", "--concurrency", "8"]);
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert!(run.stderr.contains("the time of the run is over: 8 devices are finishing"), "{}", run.stderr);
    let rows = run.devices();
    let count = |status: &str| rows.values().filter(|row| row["status"] == status).count();
    assert_eq!((rows.len(), count("audited"), count("interrupted")), (12, 4, 8), "{rows:?}");
}

#[test]
fn a_canary_that_hangs_holds_up_the_fleet_for_seconds_only() {
    // At this rate the first of the inventory is the first to log in.
    let mut devices = vec![healthy("hang").fault(Fault::HangInAuthentication)];
    devices.extend((0..12).map(|number| healthy(&format!("sw{number:02}"))));
    let bench = Bench::start(devices);
    let run = bench.audit(&["--device-timeout", "9", "--retries", "0", "--login-rate", "4/s"]);
    let rows = run.devices();
    assert_eq!(rows["hang"]["status"], "timeout");
    for (name, row) in rows.iter().filter(|(name, _)| *name != "hang") {
        let time: u64 = row["duration_ms"].parse().expect("a number");
        assert!(row["status"] == "audited" && time < 7000, "{name}: {}, {time} ms", row["status"]);
    }
}

#[test]
fn a_device_that_closes_while_its_login_waits_has_refused_nothing() {
    let mut devices = vec![healthy("hang").fault(Fault::HangInAuthentication)];
    let grace = Fault::LoginGrace(Duration::from_millis(1200));
    // Both begin after the one that hangs, and are closed before they have waited for it long enough.
    devices.extend((0..2).map(|number| healthy(&format!("sw{number:02}")).fault(grace)));
    let bench = Bench::start(devices);
    let run = bench.audit(&["--device-timeout", "12", "--login-rate", "2/s"]);
    let rows = run.devices();
    for (name, row) in rows.iter().filter(|(name, _)| *name != "hang") {
        let said = (row["status"].as_str(), row["attempts"].as_str());
        assert_eq!(said, ("audited", "2"), "{name}: {}", row["status_detail"]);
    }
    assert_eq!(run.exit, 3, "the breaker is not open: {}", run.stderr);
}
