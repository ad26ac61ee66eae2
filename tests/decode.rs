//! `slaudit decode`: the messages of the guide in every spelling, hostile text, and the command itself.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use slaudit::failure;
use slaudit::syslog::catalogue::{self, Field, Origin};
use slaudit::syslog::{Message, decode};

const UDI: &str = "PID:C9300-24UX,SN:FCW2304L0AB";
const CSLU: &str = "Cisco Smart License Utility (CSLU)";

/// Mnemonic, digit, text, the fields in it, the reasons that the guide names.
type OfTheGuide = (&'static str, u8, &'static str, &'static [(Field, &'static str)], &'static [&'static str]);

/// The messages of the guide, in its order.
#[rustfmt::skip]
const GUIDE: [OfTheGuide; 12] = [
    ("POLICY_INSTALL_FAILED", 3, "The installation of a new licensing policy has failed: Signature mismatch.",
        &[(Field::Reason, "Signature mismatch")], &["Signature mismatch", "Time stamp mismatch"]),
    ("AUTHORIZATION_INSTALL_FAILED", 3, "The install of a new licensing authorization code has failed on PID:C9300-24UX,SN:FCW2304L0AB: UDI mismatch.",
        &[(Field::Udi, UDI), (Field::Reason, "UDI mismatch")], &["Not enough licences in the code", "UDI mismatch", "Signature mismatch"]),
    ("COMM_FAILED", 3, "Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve server hostname/domain name",
        &[(Field::Peer, CSLU), (Field::Reason, "Unable to resolve server hostname/domain name")],
        &["The server is not reached", "404 host not found", "TLS or SSL handshake"]),
    ("COMM_RESTORED", 3, "Communications with the Cisco Smart License Utility (CSLU) restored.", &[(Field::Peer, CSLU)], &[]),
    ("POLICY_REMOVED", 3, "The licensing policy has been removed.", &[], &["Licensing was reset"]),
    ("TRUST_CODE_INSTALL_FAILED", 3, "The install of a new licensing trust code has failed on PID:C9300-24UX,SN:FCW2304L0AB: Timestamp mismatch.",
        &[(Field::Udi, UDI), (Field::Reason, "Timestamp mismatch")],
        &["A trust code is there already", "Another Smart Account or Virtual Account", "Signature mismatch", "Time stamp mismatch"]),
    ("REPORTING_NOT_SUPPORTED", 4, "The CSSM OnPrem that this product instance is connected to is down rev and does not support the enhanced policy and usage reporting mode.",
        &[], &["SSM On-Prem is too old"]),
    ("POLICY_INSTALL_SUCCESS", 6, "A new licensing policy was successfully installed.", &[], &[]),
    ("AUTHORIZATION_INSTALL_SUCCESS", 6, "A new licensing authorization code was successfully installed on: PID:C9300-24UX,SN:FCW2304L0AB.",
        &[(Field::Udi, UDI)], &[]),
    ("AUTHORIZATION_REMOVED", 6, "A licensing authorization code has been removed from PID:C9300-24UX,SN:FCW2304L0AB", &[(Field::Udi, UDI)], &[]),
    ("REPORTING_REQUIRED", 6, "A Usage report acknowledgement will be required in 364 days.", &[(Field::Days, "364")], &[]),
    ("TRUST_CODE_INSTALL_SUCCESS", 6, "A new licensing trust code was successfully installed on PID:C9300-24UX,SN:FCW2304L0AB.",
        &[(Field::Udi, UDI)], &[]),
];

/// What may stand around a message, and the time stamp in it. `NAME` is digit and mnemonic, `TEXT` the text.
#[rustfmt::skip]
const SPELLINGS: [(&str, Option<&str>); 18] = [
    ("*Nov 19 14:54:45.907: %SMART_LIC-NAME: TEXT", Some("*Nov 19 14:54:45.907")),
    (".Nov  9 14:54:45.907: %SMART_LIC-NAME: TEXT", Some(".Nov  9 14:54:45.907")),
    ("Nov 19 14:54:45.907 CET: %SMART_LIC-NAME: TEXT", Some("Nov 19 14:54:45.907 CET")),
    ("Nov 19 2025 14:54:45 UTC: %SMART_LIC-NAME: TEXT", Some("Nov 19 2025 14:54:45 UTC")),
    ("000042: *Nov 19 14:54:45.907 EST5: %SMART_LIC-NAME: TEXT", Some("*Nov 19 14:54:45.907 EST5")),
    ("00:01:23: %SMART_LIC-NAME: TEXT", Some("00:01:23")),
    ("1w2d: %SMART_LIC-NAME: TEXT", Some("1w2d")),
    ("%SMART_LIC-NAME: TEXT", None),
    ("%SMART_LIC-NAME:TEXT", None),
    ("RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[390]: %LICENSE-SMART_LIC-NAME : TEXT", Some("Nov 19 14:54:45.907 UTC")),
    ("RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[186]: SMART_LIC-NAME:TEXT", Some("Nov 19 14:54:45.907 UTC")),
    ("2025 Nov 19 14:54:45 sw1 %USER-2-SYSTEM_MSG: %SMART_LIC-NAME:TEXT", Some("2025 Nov 19 14:54:45")),
    ("%USER-2-SYSTEM_MSG: %SMART_LIC-NAME:TEXT", None),
    ("Nov 19 14:54:46 sw1 123: *Nov 19 14:54:45.907: %SMART_LIC-NAME: TEXT", Some("*Nov 19 14:54:45.907")),
    ("<189>2025-11-19T14:54:46Z sw1 123: Nov 19 14:54:45: %SMART_LIC-NAME: TEXT", Some("Nov 19 14:54:45")),
    // Torn: another message runs into the end, or this one into another, or a prompt stands before it.
    ("*Nov 19 14:54:45.907: %SMART_LIC-NAME: TEXT*Nov 19 14:54:46.1: %SYS-5-CONFIG_I: Configured", Some("*Nov 19 14:54:45.907")),
    ("*Nov 19 14:54:44.1: %SYS-5-CONFIG_I: Configured000042: *Nov 19 14:54:45.907: %SMART_LIC-NAME: TEXT", Some("*Nov 19 14:54:45.907")),
    ("Switch#*Nov 19 14:54:45.907: %SMART_LIC-NAME: TEXT*Nov 19 14:54:46.1: %SY", Some("*Nov 19 14:54:45.907")),
];

fn spelled(form: &str, digit: u8, mnemonic: &str, text: &str) -> String {
    form.replace("NAME", &format!("{digit}-{mnemonic}")).replace("TEXT", text)
}

#[test]
fn every_message_in_every_spelling() {
    for (mnemonic, digit, text, fields, _) in GUIDE {
        for (form, stamp) in SPELLINGS {
            let line = spelled(form, digit, mnemonic, text);
            let decoded = decode(&line);
            let ours: Vec<_> = decoded.messages.iter().filter(|decoding| decoding.message.is_smart_lic()).collect();
            assert_eq!(ours.len(), 1, "{line}");
            assert_eq!(decoded.lines_without_message, 0, "{line}");
            let message = &ours[0].message;
            assert_eq!((message.mnemonic.as_str(), message.severity), (mnemonic, digit), "{line}");
            assert_eq!(message.text, text, "{line}");
            assert_eq!((message.stamp.as_deref(), ours[0].first.as_deref()), (stamp, stamp), "{line}");
            for (field, value) in fields {
                assert_eq!(message.field(*field), Some(*value), "{line}");
            }
            let declared: Vec<_> = ours[0].entry.expect(mnemonic).fields.iter().map(|(field, _)| *field).collect();
            assert_eq!(declared, fields.iter().map(|(field, _)| *field).collect::<Vec<_>>(), "{mnemonic}");
        }
    }
}

#[test]
fn the_catalogue_holds_every_message_and_reason_of_the_guide() {
    let names: Vec<_> =
        catalogue::ALL.iter().filter(|entry| entry.origin == Origin::Guide).map(|entry| entry.mnemonic).collect();
    assert_eq!(names, GUIDE.map(|(mnemonic, ..)| mnemonic));
    for (mnemonic, digit, text, _, reasons) in GUIDE {
        let entry = catalogue::find(mnemonic).expect(mnemonic);
        assert_eq!(entry.severity, digit, "{mnemonic}");
        for reason in reasons {
            let found = entry.reasons.iter().filter_map(|id| failure::find(id)).find(|known| known.name == *reason);
            assert!(found.is_some_and(|known| known.origin == Origin::Guide), "{mnemonic}: {reason}");
        }
        // No sentence is the guide's: not even the message's own text.
        assert!(!entry.explanation.contains(text), "{mnemonic}");
    }
    let topologies = catalogue::find("REPORTING_REQUIRED").expect("an entry").actions.len();
    assert_eq!(topologies, 8);
}

#[test]
fn messages_outside_the_guide_and_outside_the_catalogue_are_taken_apart() {
    for name in [
        "AGENT_ENABLED",
        "AGENT_READY",
        "EXPORT_CONTROLLED",
        "EVAL_START",
        "EVAL_EXPIRED",
        "SYSTEM_CLOCK_CHANGED",
        "PLATFORM_ERROR",
    ] {
        assert_eq!(catalogue::find(name).map(|entry| entry.origin), Some(Origin::Seen), "{name}");
    }
    let decoded = decode("%SMART_LIC-4-NEVER_HEARD_OF: x\n%ASA-6-302013: Built\n%PKT_INFRA-LINK-3-UPDOWN : y\nnothing");
    let parts: Vec<_> = decoded
        .messages
        .iter()
        .map(|decoding| {
            assert!(decoding.entry.is_none());
            let Message { facility, severity, mnemonic, text, .. } = &decoding.message;
            (facility.as_str(), *severity, mnemonic.as_str(), text.as_str())
        })
        .collect();
    let expected =
        [("SMART_LIC", 4, "NEVER_HEARD_OF", "x"), ("ASA", 6, "302013", "Built"), ("PKT_INFRA-LINK", 3, "UPDOWN", "y")];
    assert_eq!(parts, expected);
    assert_eq!(decoded.lines_without_message, 1);
}

#[test]
fn lines_that_a_terminal_broke_are_whole() {
    let (mnemonic, digit, text, fields, _) = GUIDE[2];
    let line = spelled(SPELLINGS[0].0, digit, mnemonic, text);
    let broken = format!("{}\n{}\n", &line[..80], &line[80..]);
    let decoded = decode(&broken);
    assert_eq!(decoded.messages[0].message.field(fields[1].0), Some(fields[1].1));
    assert_eq!(decoded.lines_without_message, 0);
}

#[test]
fn hostile_text_takes_linear_time() {
    for piece in [
        "%A-1-B:",
        "%SMART_LIC-3-COMM_FAILED: ",
        "A-",
        "Nov 19 14:54:45: ",
        ": %",
        "PID:",
        "00:00:00",
        "a.",
        "with the ",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        let started = Instant::now();
        let _ = decode(&text);
        let _ = decode(&format!("%SMART_LIC-3-COMM_FAILED: {}", text.replace(' ', "\n")));
        assert!(started.elapsed() < Duration::from_secs(20), "{piece:?} took {:?}", started.elapsed());
    }
}

proptest! {
    #[test]
    fn any_text_is_decoded(pieces in prop::collection::vec(piece(), 0..40)) {
        let text = pieces.concat();
        let decoded = decode(&text);
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count() as u64;
        prop_assert!(decoded.lines_without_message <= lines);
        for decoding in &decoded.messages {
            prop_assert!(decoding.count > 0 && decoding.message.severity < 8);
            let _ = (decoding.reasons(), decoding.actions());
        }
    }
}

/// The pieces that interact, and any characters.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "%SMART_LIC-3-COMM_FAILED: ",
        "%SMART_LIC-5-COMM_RESTORED: ",
        "%SYS-5-X:",
        "*Nov 19 14:54:45.9: ",
        "\n",
        " : ",
        ":",
        " with the ",
        "restored",
        " failed on ",
        "PID:A,SN:B",
        "in 3 days",
        "\u{e9}",
        " day",
        "000042: ",
        "sw1 ",
    ];
    prop_oneof![prop::sample::select(PIECES).prop_map(str::to_owned), "\\PC{0,6}"]
}

/// Runs `slaudit decode`, away from any configuration.
fn slaudit(arguments: &[&str], stdin: &[u8]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("slaudit.toml"), "[audit]\nformat = [\"csv\", \"json\"]\n").expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_slaudit"))
        .arg("decode")
        .args(arguments)
        .current_dir(folder.path())
        .env_remove("SLAUDIT_CONFIG")
        .env("SLAUDIT_FORMAT", "csv")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // A command that reads no input may be gone already.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    child.wait_with_output().expect("it ends")
}

fn shown(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn line() -> String {
    spelled(SPELLINGS[0].0, 3, GUIDE[2].0, GUIDE[2].2)
}

#[test]
fn the_command_reads_arguments_files_and_standard_input() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(line().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    std::fs::write(&file, utf16).expect("written");
    let path = file.path().to_str().expect("UTF-8");
    let packed = tempfile::NamedTempFile::new().expect("a file");
    let mut gzip = flate2::write::GzEncoder::new(packed.as_file(), flate2::Compression::fast());
    gzip.write_all(line().as_bytes()).and_then(|()| gzip.finish().map(drop)).expect("written");
    let packed = packed.path().to_str().expect("UTF-8");
    let words: Vec<String> = line().split(' ').map(str::to_owned).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let piped = slaudit(&[], format!("{}\r\n", line()).as_bytes());
    for output in [
        &piped,
        &slaudit(&["-"], line().as_bytes()),
        &slaudit(&[&line()], b""),
        &slaudit(&words, b""),
        &slaudit(&[path], b""),
        &slaudit(&[packed], b""),
    ] {
        let text = shown(output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.starts_with("%SMART_LIC-3-COMM_FAILED\n"), "{text}");
        assert!(text.contains("The reason that the message gives\n    The name is not resolved"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(output.stderr.is_empty());
    }
}

#[test]
fn files_are_not_mixed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(path("a"), line()).expect("written");
    std::fs::write(path("b"), spelled(SPELLINGS[0].0, 5, GUIDE[3].0, GUIDE[3].2)).expect("written");
    let text = shown(&slaudit(&[&path("a"), &path("b")], b""));
    assert!(text.contains("no: no later COMM_RESTORED"), "{text}");
    assert!(text.contains("  source "), "{text}");
}

#[test]
fn the_command_says_it_by_its_exit_code() {
    let nothing = slaudit(&[], b"no message\n");
    assert_eq!(nothing.status.code(), Some(1));
    assert!(nothing.stdout.is_empty() && !nothing.stderr.is_empty());
    assert_eq!(slaudit(&["."], b"").status.code(), Some(2));
    assert_eq!(slaudit(&["--format", "yaml", "-"], b"").status.code(), Some(2));
    assert_eq!(slaudit(&["slaudit.toml"], b"").status.code(), Some(1));
}

#[test]
fn json_is_one_document() {
    let input =
        format!("{}\n{}\nnoise\n%SYS-5-CONFIG_I: x\n", line(), spelled(SPELLINGS[0].0, 5, GUIDE[3].0, GUIDE[3].2));
    let output = slaudit(&["--format", "json"], input.as_bytes());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&document["schema"], &document["lines_without_message"]), (&1.into(), &1.into()));
    let messages = document["messages"].as_array().expect("an array");
    assert_eq!(messages.len(), 3);
    let failed = &messages[0];
    assert_eq!((&failed["mnemonic"], &failed["severity_name"]), (&"COMM_FAILED".into(), &"error".into()));
    assert_eq!(failed["fields"]["peer"]["value"], CSLU);
    assert_eq!(failed["reasons"][0]["named_by"], "Unable to resolve server hostname/domain name");
    assert_eq!(messages[2]["kind"], serde_json::Value::Null);
    let empty = slaudit(&["--format", "json"], b"");
    assert_eq!(empty.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&empty.stdout).expect("JSON");
    assert_eq!(document["messages"], serde_json::json!([]));
}

#[test]
fn nothing_that_a_terminal_obeys_is_printed() {
    let hostile = "*Nov 19 14:54:45.907: %SMART_LIC-3-COMM_FAILED: Communications failure with the \u{1b}]0;owned\u{7}X\u{9b}31m\
                   \u{202e} : \u{1b}[2Jno\u{8}\u{0} name\n%SYS-5-A: \u{1b}[31m\u{200f}red\n";
    let mut bytes = hostile.as_bytes().to_vec();
    bytes.extend_from_slice(b"%SYS-5-B: \xff\xfe latin \xe9\n");
    for format in ["text", "json"] {
        for output in
            [slaudit(&["--format", format], &bytes), slaudit(&["--format", format, &hostile.replace('\0', "")], b"")]
        {
            assert_eq!(output.status.code(), Some(0));
            let text = shown(&output);
            let harmful = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}' | '\u{200f}');
            assert!(!text.contains(harmful), "{}", text.escape_debug());
            assert!(!text.contains("owned"), "{text}");
        }
    }
}
