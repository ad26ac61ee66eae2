//! Saved output in every layout that is taken: which devices and commands come out, and what is said about the rest.

use std::borrow::Cow;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::json;
use slaudit::inventory::{Device, Inventory};
use slaudit::transcript::archive::Archived;
use slaudit::transcript::intake::{Options, Plan, Reason, scan};
use slaudit::transcript::{Cut, Exchange, Reply, Transcript};
use tempfile::TempDir;

const STATUS: &str = "Transport:\n  Type: Smart\n";

/// Stands for the registry of commands.
fn known(text: &str) -> Option<Cow<'static, str>> {
    let full = match text.to_lowercase().as_str() {
        "show version" | "sh ver" => "show version",
        "show license status" | "sh lic stat" => "show license status",
        "show license all" => "show license all",
        "show logging | include smart_lic" => "show logging | include SMART_LIC",
        _ => return None,
    };
    Some(full.into())
}

fn tree(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
    folder
}

fn plan_of(paths: &[PathBuf], command: Option<&'static str>, inventory: Option<&Inventory>) -> Plan {
    scan(paths, &Options { known: &known, command: command.map(Cow::Borrowed), inventory })
}

fn plan(folder: &TempDir) -> Plan {
    plan_of(&[folder.path().to_owned()], None, None)
}

fn load(plan: &Plan) -> Vec<Transcript> {
    plan.devices.iter().map(|source| source.load().expect("readable").transcript).collect()
}

/// `device: command, command` of each device.
fn summary(plan: &Plan) -> Vec<String> {
    let line = |transcript: Transcript| {
        let commands: Vec<_> = transcript.exchanges.into_iter().map(|exchange| exchange.command).collect();
        format!("{}: {}", transcript.device.name, commands.join(", "))
    };
    load(plan).into_iter().map(line).collect()
}

fn reasons(plan: &Plan) -> Vec<(String, Reason)> {
    let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    plan.unplaced.iter().map(|unplaced| (name(&unplaced.path), unplaced.reason.clone())).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

#[test]
fn a_folder_a_device_and_a_folder_a_command_are_taken() {
    let folder = tree(&[
        ("sw01/show_license_status.txt", STATUS.as_bytes()),
        ("sw01/show_version.txt", b"IOS XE\n"),
        ("sw02/show_version.txt", b"IOS XE\n"),
        ("show_license_all/sw03.txt", b"all\n"),
        ("show_version/sw03.txt", b"IOS XE\n"),
        ("flat/sw04_show_version.log", b"IOS XE\n"),
    ]);
    let plan = plan(&folder);
    let expected = [
        "sw04: show version",
        "sw03: show license all",
        "show_version/sw03: show version",
        "sw01: show license status, show version",
        "sw02: show version",
    ];
    assert_eq!(summary(&plan), expected);
    assert_eq!(plan.unplaced, []);
}

#[test]
fn files_of_one_name_in_command_folders_are_devices_of_their_own_unless_the_inventory_joins_them() {
    let folder = tree(&[
        ("fra/show_version/sw1.txt", b"IOS XE\n"),
        ("lon/show_license_all/sw1.txt", b"all\n"),
        ("lon/show_version/sw1.txt", b"IOS XE\n"),
    ]);
    let alone = ["sw1: show version", "show_license_all/sw1: show license all", "show_version/sw1: show version"];
    assert_eq!(summary(&plan(&folder)), alone);
    let inventory = Inventory::parse(b"name\nsw1\n", "inventory").expect("an inventory").inventory;
    let options = Options { known: &known, command: None, inventory: Some(&inventory) };
    let joined = scan(&[folder.path().to_owned()], &options);
    assert_eq!(summary(&joined), ["sw1: show version, show license all"]);
}

#[test]
fn a_log_with_two_devices_is_two_transcripts() {
    let log = "=~=~=~=~=~=~=~=~=~= PuTTY log 2026.01.01 10:00:00 =~=~=~=\r\n\
               lon1-a>enable\r\nPassword:\r\nlon1-a#sh lic stat\r\nTransport:\r\n  Type: Smart\r\nlon1-a#show vlan\r\nx\r\n\
               lon1-a#show logging | include SMART_LIC\r\nlon1-a#sh run\r\n                ^\r\n% Invalid input detected at '^' marker.\r\n\
               lon1-a#ssh fra1-b\r\nfra1-b>sh ver\r\n     ^\r\n% Invalid input detected at '^' marker.\r\nfra1-b>exit\r\n";
    let folder = tree(&[("console.log", log.as_bytes())]);
    let plan = plan(&folder);
    assert_eq!(
        summary(&plan),
        ["lon1-a: show license status, show logging | include SMART_LIC", "fra1-b: show version"]
    );
    let [first, second] = plan.devices.as_slice() else { panic!("two devices") };
    let first = first.load().expect("readable");
    assert_eq!(first.transcript.exchanges[0].reply, Reply::Output(STATUS.to_owned()));
    assert_eq!(first.transcript.exchanges[1].reply, Reply::Output(String::new()));
    assert_eq!(first.transcript.hostname.as_deref(), Some("lon1-a"));
    assert!(first.notes[0].ends_with("console.log: not read by slaudit: sh run, show vlan"), "{:?}", first.notes);
    let second = second.load().expect("readable").transcript;
    assert_eq!(second.exchanges[0].reply, Reply::Refused("% Invalid input detected at '^' marker.".to_owned()));
}

#[test]
fn a_bundle_is_taken_apart_by_its_headings() {
    let bundle = "\n------------------ show version ------------------\n\nIOS XE\n\n\
                  ------------------ show running-config ------------------\n\nhostname sw9\n\n\
                  ------------------ show license all ------------------\n\nSmart Licensing Status\n\n";
    let folder =
        tree(&[("sw9-tech.txt", bundle.as_bytes()), ("sw8/show_tech-support.txt.gz", &gzip(bundle.as_bytes()))]);
    let plan = plan(&folder);
    assert_eq!(summary(&plan), ["sw8: show version, show license all", "sw9-tech: show version, show license all"]);
}

#[test]
fn encodings_and_compression_make_no_difference() {
    let utf16: Vec<u8> = "\u{feff}sw1#sh lic stat\r\nTransport:\r\n  Type: Smart\r\nsw1#"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let folder =
        tree(&[("a.log", &utf16), ("b.log.gz", &gzip(b"sw2#sh lic stat\r\nTransport:\r\n  Type: Smart\r\nsw2#"))]);
    for transcript in load(&plan(&folder)) {
        assert_eq!(transcript.exchanges[0].reply, Reply::Output(STATUS.to_owned()), "{}", transcript.device.name);
    }
}

#[test]
fn what_has_no_place_is_told_with_the_reason() {
    let folder = tree(&[
        ("README.md", b"About these captures.\n"),
        (".hidden.txt", b"sw1#show version\nx\n"),
        ("empty.txt", b"\r\n"),
        ("picture.png", &[0x89, b'P', 1, 2, 3, 4, 5, 6, 0, 0, 0]),
        ("bundle.zip", b"PK\x03\x04xxxx"),
        ("other.log", b"sw1#show vlan\nx\nsw1#"),
        ("sw1/show_interfaces.txt", b"x\n"),
        ("torn.gz", &gzip(&[b'x'; 999])[..30]),
    ]);
    let plan = plan_of(&[folder.path().to_owned(), folder.path().join("missing")], None, None);
    assert_eq!(plan.devices.len(), 0);
    let reasons = reasons(&plan);
    let expected = [
        ("README.md", Reason::NoCommand),
        ("bundle.zip", Reason::Packed),
        ("empty.txt", Reason::Empty),
        ("other.log", Reason::OtherCommands(vec!["show vlan".to_owned()])),
        ("picture.png", Reason::NotText),
        ("show_interfaces.txt", Reason::OtherCommands(vec!["show interfaces".to_owned()])),
    ];
    for (at, (name, reason)) in expected.into_iter().enumerate() {
        assert_eq!(reasons[at], (name.to_owned(), reason));
    }
    assert!(reasons[6].0 == "torn.gz" && reasons[6].1.is_failure(), "{reasons:?}");
    assert!(reasons[7].0 == "missing" && reasons[7].1.is_failure(), "{reasons:?}");
    assert_eq!(reasons.len(), 8);
}

#[test]
fn a_given_command_is_for_files_that_say_none() {
    let folder = tree(&[("sw1.txt", STATUS.as_bytes()), ("sw2/show_version.txt", b"IOS XE\n")]);
    let plan = plan_of(&[folder.path().to_owned()], Some("show license status"), None);
    assert_eq!(summary(&plan), ["sw1: show license status", "sw2: show version"]);
}

#[test]
fn the_later_of_two_outputs_counts_and_it_is_said() {
    let log = "sw1#sh ver\nold\nsw1#sh ver\nnew\nsw1>sh ver\n% Authorization failed.\nsw1>";
    let folder = tree(&[("log.txt", log.as_bytes())]);
    let taken = plan(&folder).devices[0].load().expect("readable");
    assert_eq!(taken.transcript.exchanges.len(), 1);
    assert_eq!(taken.transcript.exchanges[0].reply, Reply::Output("new\n".to_owned()));
    assert!(taken.notes[0].contains("log.txt line 4, not from"), "{:?}", taken.notes);
    assert!(taken.notes[1].contains("log.txt line 4, not from"), "{:?}", taken.notes);
}

#[test]
fn an_output_left_at_a_pager_is_no_evidence_of_absence() {
    let folder = tree(&[("sw1/show_license_status.txt", b"Transport:\r\n  Type: Smart\r\n --More-- ")]);
    let reply = &load(&plan(&folder))[0].exchanges[0].reply;
    assert_eq!(*reply, Reply::Cut { partial: STATUS.to_owned(), why: Cut::Closed });
}

#[test]
fn secrets_of_a_capture_stay_outside() {
    let folder = tree(&[("sw1/show_license_status.txt", b"  Proxy:\n    Address: p\n    Password: hunter2\n")]);
    assert!(!format!("{:?}", load(&plan(&folder))).contains("hunter2"));
}

#[test]
fn the_inventory_gives_rows_to_names() {
    let csv = b"name,site,rack\nSW1,LON1,7\nsw2.example.com,FRA1,8\ncore-3,BER1,9\n";
    let inventory = Inventory::parse(csv, "f").expect("valid").inventory;
    let folder = tree(&[
        ("a.log", b"sw1#sh ver\nIOS\nsw1#"),
        ("b.log", b"sw2#sh ver\nIOS\nsw2#"),
        ("core-3/show_version.txt", b"renamed#sh ver\nIOS\nrenamed#"),
        ("d.log", b"stranger#sh ver\nIOS\nstranger#"),
        ("e.log", b"Switch#sh ver\nIOS\nSwitch#"),
    ]);
    let plan = plan_of(&[folder.path().to_owned()], None, Some(&inventory));
    let seen: Vec<_> = plan
        .devices
        .iter()
        .map(|d| (d.device.name.as_str(), d.device.site.as_str(), d.device.extra[0].as_str()))
        .collect();
    let expected = [
        ("SW1", "LON1", "7"),
        ("sw2.example.com", "FRA1", "8"),
        ("core-3", "BER1", "9"),
        ("stranger", "", ""),
        ("e", "", ""),
    ];
    assert_eq!(seen, expected);
    assert_eq!(plan.devices[2].load().expect("readable").transcript.hostname.as_deref(), Some("renamed"));
}

#[test]
fn a_run_folder_comes_back_as_it_was() {
    let run =
        tree(&[("r1/findings.csv", b"x\n"), ("r1/run.log", b"x\n"), ("r1/report.json", b"{}"), ("slaudit.db", b"x")]);
    let transcripts = run.path().join("r1/transcripts");
    let mut expected = Vec::new();
    for (name, rack) in [("lon1/a", "7"), ("lon1-b", "8")] {
        let mut device = Device::named(name);
        device.extra = vec![rack.to_owned()];
        let exchange = |text: &str| Exchange {
            command: "show clock".to_owned(),
            sent_at: Some("2026-11-24T02:00:00Z".parse().expect("a time")),
            took: Duration::from_millis(12),
            reply: Reply::Output(text.to_owned()),
        };
        let transcript = Transcript { device, exchanges: vec![exchange("1\n"), exchange("2\n")], hostname: None };
        let archived =
            Archived { transcript, extra_columns: vec!["rack".to_owned()], contact: json!({ "status": "audited" }) };
        archived.write(&transcripts).expect("written");
        expected.push(archived);
    }
    expected.sort_by(|a, b| a.transcript.device.name.cmp(&b.transcript.device.name));
    for path in ["", "r1", "r1/transcripts"] {
        let plan = plan_of(&[run.path().join(path)], None, None);
        assert_eq!(
            (plan.unplaced.as_slice(), plan.extra_columns.as_slice()),
            (&[][..], &["rack".to_owned()][..]),
            "{path}"
        );
        let taken: Vec<_> = plan.devices.iter().map(|source| source.load().expect("readable")).collect();
        let mut transcripts: Vec<_> = taken.iter().map(|taken| taken.transcript.clone()).collect();
        transcripts.sort_by(|a, b| a.device.name.cmp(&b.device.name));
        assert_eq!(
            transcripts,
            expected.iter().map(|archived| archived.transcript.clone()).collect::<Vec<_>>(),
            "{path}"
        );
        assert_eq!(taken[0].contact, Some(json!({ "status": "audited" })));
    }
    let one = plan_of(&[transcripts.join("lon1%2Fa")], None, None);
    assert_eq!(one.devices[0].device.name, "lon1/a");
}

#[test]
fn several_runs_and_broken_sessions_are_failures() {
    let runs = tree(&[("r1/transcripts/a/session.json", b"{}"), ("r2/transcripts/a/session.json", b"{}")]);
    assert!(matches!(plan(&runs).unplaced[0].reason, Reason::SeveralRuns(2)));
    let plan = plan_of(&[runs.path().join("r1")], None, None);
    assert!(plan.unplaced[0].reason.is_failure());
    assert!(plan.unplaced[0].to_string().contains("session.json: not a session of slaudit: "), "{}", plan.unplaced[0]);
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_in_circles() {
    let folder = tree(&[("sw1/show_version.txt", b"IOS\n")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sw1/up")).expect("a link");
    let plan = plan(&folder);
    assert_eq!((summary(&plan).len(), reasons(&plan)), (1, vec![("up".to_owned(), Reason::Link)]));
}

/// The processor time of this thread in hundredths of a second: what others do on the machine is no part of it.
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(") ").expect("the name in parentheses");
    fields.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

#[test]
fn hostile_captures_take_linear_time() {
    for pattern in ["\n", "sw1#\n", "x\n\n", "sw1#sh ver\n", "show x\n", "--- show version ---\n", " --More-- \n"] {
        let ticks = |size: usize| {
            let text = format!("sw1#sh ver\n{}", pattern.repeat(size / pattern.len()));
            let folder = tree(&[("a.log", text.as_bytes())]);
            let started = processor_time();
            load(&plan(&folder));
            processor_time() - started
        };
        let (small, large) = (ticks(1 << 16), ticks(1 << 20));
        // Sixteen times the text: 256 times the time, where it is not linear.
        assert!(large < 50 * small.max(2), "{}: {small} and {large} ticks", pattern.escape_debug());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a file holds, it becomes evidence or is told.
    #[test]
    fn every_file_is_accounted_for(pieces in prop::collection::vec(piece(), 0..20)) {
        let folder = tree(&[("dump.log", &pieces.concat())]);
        let plan = plan(&folder);
        prop_assert!(plan.devices.is_empty() != plan.unplaced.is_empty());
        load(&plan);
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&str] = &[
        "\n",
        "\r\n",
        "sw1#",
        "sw2>",
        "show version",
        "sh lic stat",
        "show foo",
        "---- show version ----",
        "`show license all`",
        " --More-- ",
        "\x08",
        "=~=~=~=~=~=~=",
    ];
    prop_oneof![
        4 => prop::sample::select(PIECES).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ]
}
