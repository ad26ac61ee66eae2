//! What goes wrong before and after the login: each ends in time, as a row with its own status, and with no secret given away.

use std::time::{Duration, Instant};

use mock_device::{Fault, Login, Method};

use super::bench::Bench;
use super::healthy;

#[test]
fn a_name_that_cannot_be_resolved_ends_at_once_with_advice() {
    let bench = Bench::start(vec![healthy("sw1")]);
    std::fs::write(bench.inventory(), "name,address\nlost,no-such-host.invalid\n").expect("an inventory");
    let began = Instant::now();
    let run = bench.audit(&[]);
    let row = &run.devices()["lost"];
    assert_eq!((row["status"].as_str(), row["attempts"].as_str(), run.exit), ("unreachable", "1", 3));
    let detail = &row["status_detail"];
    assert!(detail.starts_with("check the address in the inventory"), "{detail}");
    assert!(detail.contains("`no-such-host.invalid`") && detail.contains("name resolution"), "{detail}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

#[test]
fn a_device_without_a_prompt_is_a_timeout() {
    let bench = Bench::start(vec![healthy("mute").fault(Fault::HangAfterLogin), healthy("good")]);
    let began = Instant::now();
    let rows = bench.audit(&["--command-timeout", "2", "--retries", "0"]).devices();
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!((rows["mute"]["status"].as_str(), rows["good"]["status"].as_str()), ("timeout", "audited"));
    let detail = &rows["mute"]["status_detail"];
    assert!(detail.contains("no prompt") && detail.contains("log in once by hand"), "{detail}");
}

#[test]
fn a_login_that_hangs_is_a_timeout_of_its_device() {
    let bench = Bench::start(vec![healthy("slow-aaa").fault(Fault::HangInAuthentication)]);
    let rows = bench.audit(&["--device-timeout", "3", "--retries", "0"]).devices();
    assert_eq!(rows["slow-aaa"]["status"], "timeout", "{}", rows["slow-aaa"]["status_detail"]);
}

#[test]
fn a_password_whose_fate_is_unknown_is_not_sent_again() {
    let bench = Bench::start(vec![healthy("slow-aaa").fault(Fault::HangInAuthentication)]);
    let rows = bench.audit(&["--device-timeout", "40", "--retries", "3"]).devices();
    assert_eq!(rows["slow-aaa"]["attempts"], "1", "{}", rows["slow-aaa"]["status_detail"]);
    assert_eq!(bench.fleet.get("slow-aaa").expect("a device").log().connections, 1);
}

#[test]
fn a_late_first_prompt_shifts_no_reply_to_another_command() {
    let late = Fault::LatePrompt(Duration::from_millis(4500));
    let bench = Bench::start(vec![healthy("late").fault(late), healthy("prompt")]);
    let run = bench.audit(&[]);
    let rows = run.devices();
    assert_eq!((rows["late"]["status"].as_str(), rows["late"]["health"].as_str()), ("audited", "ok"));
    let version = std::fs::read_to_string(run.folder.join("transcripts/late/show_version.txt")).expect("a transcript");
    assert!(version.contains("Cisco IOS XE Software") && !version.contains("terminal"), "{version}");
    let commands = bench.fleet.get("late").expect("a device").log().commands;
    let asked = bench.fleet.get("prompt").expect("a device").log().commands;
    assert_eq!(
        commands.iter().filter(|line| line.starts_with("show")).count(),
        asked.iter().filter(|line| line.starts_with("show")).count()
    );
}

#[test]
fn endless_output_is_cut_and_fills_no_memory() {
    let bench =
        Bench::start((0..3).map(|number| healthy(&format!("sw{number}")).fault(Fault::EndlessOutput(2))).collect());
    let (run, peak_mib) = bench.audit_measured(&["--command-timeout", "60"]);
    for row in run.devices().values() {
        assert_eq!(row["status"], "partial", "{}", row["status_detail"]);
    }
    // Three replies of 8 MiB, twice while they are read, and the program itself.
    assert!(peak_mib < 150, "{peak_mib} MiB");
}

#[test]
fn other_questions_than_one_hidden_one_get_no_secret() {
    let asks = |questions: &[(&str, bool)]| Login {
        methods: vec![Method::KeyboardInteractive],
        questions: questions.iter().map(|(text, echo)| ((*text).to_owned(), *echo)).collect(),
        ..Login::default()
    };
    let bench = Bench::start(vec![
        healthy("two").login(asks(&[("Password: ", false), ("Token: ", false)])),
        healthy("visible").login(asks(&[("Password: ", true)])),
        healthy("passcode").login(asks(&[("Enter PASSCODE: ", false)])),
    ]);
    let rows = bench.audit(&[]).devices();
    assert_eq!(rows["passcode"]["status"], "audited", "{}", rows["passcode"]["status_detail"]);
    for device in ["two", "visible"] {
        let detail = &rows[device]["status_detail"];
        assert_eq!(rows[device]["status"], "auth_failed", "{detail}");
        assert!(detail.contains("Password:") && detail.contains("one hidden question"), "{detail}");
        let log = bench.fleet.get(device).expect("a device").log();
        assert!(log.auth_attempts.is_empty(), "{device}: no answer was sent: {:?}", log.auth_attempts);
    }
}
