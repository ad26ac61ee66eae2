//! Secrets reach no output and no file, whatever goes wrong and however much is said.

use std::path::Path;
use std::time::Duration;

use mock_device::{Device, Fault, Login, Method, Scenario};

use super::bench::{Bench, Run};
use super::healthy;

const PASSWORD: &str = "Pa55-of-the-login-x7";
const WRONG: &str = "Pa55-that-is-wrong-x8";
const ENABLE: &str = "S3cret-of-enable-x9";
const PASSPHRASE: &str = "Phras3-of-the-key-x0";
const ALL: [&str; 4] = [PASSWORD, WRONG, ENABLE, PASSPHRASE];
const ENVIRONMENT: [(&str, &str); 5] = [
    ("SLAUDIT_PASSWORD", PASSWORD),
    ("SLAUDIT_ENABLE_PASSWORD", ENABLE),
    ("SLAUDIT_PASSPHRASE", PASSPHRASE),
    ("RUST_LOG", "trace"),
    ("RUST_BACKTRACE", "full"),
];

/// What is said where everything is to be said.
const LEVELS: [&[&str]; 5] = [&[], &["-v"], &["-vv"], &["-vvvv"], &["--quiet"]];

/// A device that gives away what was typed: in a log, in a banner, in the middle of an output.
fn talkative(name: &str) -> Device {
    let text = format!(
        "extends = \"healthy-smart\"\n[commands]\n\
         \"show clock\" = \"\"\"\n12:00:00.000 UTC Tue Nov 24 2026\n{PASSWORD}\n\"\"\"\n\
         \"show logging\" = \"\"\"\n*Nov 24 12:00:00.000: %SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager (CSSM) : {PASSWORD} and{ENABLE}then {PASSPHRASE}\n\"\"\"\n\
         [banner]\nafter_login = \"\"\"\nYou typed {PASSWORD}\n\"\"\"\n"
    );
    Device::new(name, Scenario::read(name, &text).expect("a scenario"))
}

/// All that can go wrong with a login; `typed` is what the devices are given for a password.
fn fleet(typed: &str) -> Vec<Device> {
    let login = Login { password: PASSWORD.into(), enable: Some(ENABLE.into()), ..Login::default() };
    let enable = |name: &str| Device::new(name, Scenario::named("enable-needed").expect("a scenario"));
    let asks = |text: &str| Login {
        questions: vec![(format!("{text} "), true)],
        methods: vec![Method::KeyboardInteractive],
        ..login.clone()
    };
    vec![
        healthy("plain").login(login.clone()),
        enable("enable").login(login.clone()),
        enable("enable-refused").login(Login { enable: Some("another".into()), ..login.clone() }),
        talkative("talkative").login(login.clone()),
        talkative("in-pieces")
            .login(login.clone())
            .fault(Fault::SlowDrip { bytes: 61, every: Duration::from_millis(1) }),
        talkative("cut").login(login.clone()).fault(Fault::CutInOutput(4)),
        healthy("refuses").login(login.clone()).fault(Fault::RejectLogin),
        healthy("closes").login(login.clone()).fault(Fault::CutInAuthentication),
        healthy("asks").login(asks(&format!("Is it {typed}?"))),
        healthy("mute").login(login).fault(Fault::HangAfterLogin),
    ]
}

/// Fails where a secret stands in what was said, or in any file under the folder of the test.
fn clean(bench: &Bench, run: &Run, how: &str) {
    for secret in ALL {
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{how}: {secret} was printed");
        for file in bench.files() {
            let bytes = std::fs::read(&file).expect("a file");
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{how}: {secret} is in {}", file.display());
        }
    }
}

#[test]
fn nothing_that_is_printed_or_written_holds_a_secret_at_any_level() {
    let bench = Bench::start(fleet(PASSWORD));
    for level in LEVELS {
        let limits = ["--command-timeout", "2", "--device-timeout", "8", "--retries", "0"];
        let run = bench.audit_with(&[level, &limits[..]].concat(), &ENVIRONMENT);
        let rows = run.devices();
        assert_eq!(rows.len(), 10, "{}", run.stderr);
        assert_eq!((rows["plain"]["status"].as_str(), rows["enable"]["status"].as_str()), ("audited", "audited"));
        assert!(rows["asks"]["status_detail"].contains("[redacted]"), "{}", rows["asks"]["status_detail"]);
        let log =
            std::fs::read_to_string(run.folder.join("transcripts/talkative/show_clock.txt")).expect("a transcript");
        assert!(log.contains("[redacted]"), "the device did give it away: {log}");
        clean(&bench, &run, &format!("{level:?}"));
    }
    assert!(bench.files().len() > 100, "{} files", bench.files().len());
}

#[test]
fn a_wrong_password_is_not_repeated_anywhere() {
    let bench = Bench::start(fleet(WRONG));
    for level in LEVELS {
        let mut environment = ENVIRONMENT;
        environment[0].1 = WRONG;
        let run = bench.audit_with(&[level, &["--retries", "0"][..]].concat(), &environment);
        assert_eq!(run.exit, 5, "{}", run.stderr);
        clean(&bench, &run, &format!("{level:?}"));
    }
}

#[test]
fn a_document_on_standard_output_holds_no_secret() {
    let bench = Bench::start(vec![fleet(PASSWORD).swap_remove(3)]);
    let output = bench.audit_command(&["--out", "-"], &ENVIRONMENT).output().expect("the binary runs");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.starts_with('{') && text.contains("[redacted]"), "{text}");
    assert!(ALL.iter().all(|secret| !text.contains(secret)));
}

#[test]
fn what_goes_wrong_with_the_secrets_themselves_does_not_show_them() {
    let bench = Bench::start(vec![healthy("sw0")]);
    let key = bench.folder.path().join("key");
    std::fs::write(&key, "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
        .expect("written");
    let key = key.display().to_string();
    let run = bench.audit_with(&["--identity", &key, "-vvv"], &ENVIRONMENT);
    assert_eq!(run.devices()["sw0"]["status"], "auth_failed");
    clean(&bench, &run, "a key that cannot be read");
    // The command fails after it has printed the secret; the file that names it holds none.
    let printed = format!("printf '%s%s\\n' {} {}; exit 3", &PASSWORD[..9], &PASSWORD[9..]);
    let file = format!("[credentials.default]\nuser = \"netaudit\"\npassword_command = \"\"\"{printed}\"\"\"\n");
    std::fs::write(bench.folder.path().join("slaudit.toml"), file).expect("written");
    let run = bench.audit_with(&["-vvv"], &[("SLAUDIT_PASSWORD", "")]);
    assert_eq!(run.exit, 2);
    assert!(run.stderr.contains("failed"), "{}", run.stderr);
    clean(&bench, &run, "a command that fails");
    assert!(Path::new(&key).exists());
}
