//! What the archive writes it reads back equal, whatever devices and commands are called.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use slaudit::inventory::{Device, Expectations, Topology};
use slaudit::transcript::archive::{self, About, ArchiveProblem, Archived, Recording};
use slaudit::transcript::text::normalise;
use slaudit::transcript::{Cut, Exchange, Reply, Transcript};

fn exchange(command: &str, reply: Reply) -> Exchange {
    let sent_at = "2026-11-24T02:00:00.123456789Z".parse().expect("a time");
    Exchange { command: command.to_owned(), sent_at: Some(sent_at), took: Duration::new(3, 141_592_653), reply }
}

fn archived(name: &str, exchanges: Vec<Exchange>) -> Archived {
    let mut device = Device::named(name);
    device.extra = vec!["12".to_owned()];
    device.jump = vec!["ops@bastion:22".to_owned()];
    device.expect = Expectations {
        topology: Some(Topology::OnPremPull),
        urls: vec!["https://ssm.example.com/cslu/v1/pi/x".to_owned()],
        as_of: Some(Timestamp::UNIX_EPOCH),
        ..Expectations::default()
    };
    Archived {
        transcript: Transcript { device, exchanges, hostname: Some("sw1".to_owned()) },
        extra_columns: vec!["rack".to_owned()],
        contact: json!({ "status": "audited", "path": ["bastion"] }),
    }
}

#[test]
fn a_transcript_comes_back_equal() {
    let commands = [
        exchange("show version", Reply::Output("Cisco IOS XE Software\n".to_owned())),
        exchange("show license tech support", Reply::Refused("% Authorization failed.".to_owned())),
        exchange("show running-config | include ^ntp|^hostname", Reply::Output(String::new())),
        exchange("show running-config | include ^ip http", Reply::Output("ip http client x\n\n".to_owned())),
        exchange("show clock", Reply::Cut { partial: "10:".to_owned(), why: Cut::TimedOut }),
    ];
    let archived = archived("lon1/core:1", commands.to_vec());
    let run = tempfile::tempdir().expect("a folder");
    let folder = archived.write(run.path()).expect("written");
    assert_eq!(folder, run.path().join("lon1%2Fcore%3A1"));
    assert_eq!(Archived::read(&folder).expect("read"), archived);
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    let expected = [
        "session.json",
        "show_clock.txt",
        "show_license_tech_support.txt",
        "show_running-config_include.txt",
        "show_running-config_include_2.txt",
        "show_version.txt",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_second_writing_replaces_the_first() {
    let run = tempfile::tempdir().expect("a folder");
    let first = archived("sw1", vec![exchange("show version", Reply::Output("old\n".to_owned()))]);
    let second = archived("sw1", vec![exchange("show clock", Reply::Output("new\n".to_owned()))]);
    first.write(run.path()).expect("written");
    let folder = second.write(run.path()).expect("written");
    assert_eq!(Archived::read(&folder).expect("read"), second);
    assert!(!folder.join("show_version.txt").exists());
    assert_eq!(std::fs::read_dir(run.path()).expect("a folder").count(), 1, "nothing temporary is left");
}

#[test]
fn the_recording_that_is_kept_is_the_only_one_left() {
    let run = tempfile::tempdir().expect("a folder");
    let device = Device::named("sw1");
    let about = || About { device: &device, extra_columns: &[], hostname: None, contact: json!({}) };
    // Of a run that was killed.
    let left = run.path().join(".sw1.1000000.partial");
    std::fs::create_dir_all(&left).expect("made");
    std::fs::write(left.join("show_version.txt"), "old\n").expect("written");
    archive::sweep(run.path()).expect("swept");
    assert!(!left.exists());
    let mut first = Recording::of("sw1", run.path());
    let mut second = Recording::of("sw1", run.path());
    first.add(&exchange("show clock", Reply::Output("first\n".to_owned())));
    second.add(&exchange("show clock", Reply::Output("second\n".to_owned())));
    assert!(!run.path().join("sw1").exists(), "it appears whole");
    drop(first);
    let folder = second.finish(about()).expect("written");
    assert_eq!(std::fs::read_to_string(folder.join("show_clock.txt")).expect("text"), "second\n");
    assert_eq!(std::fs::read_dir(run.path()).expect("a folder").count(), 1, "nothing else is left");

    // An earlier attempt may be the one that heard more.
    let mut first = Recording::of("sw1", run.path());
    first.add(&exchange("show clock", Reply::Output("third\n".to_owned())));
    let mut second = Recording::of("sw1", run.path());
    second.add(&exchange("show clock", Reply::Output("fourth\n".to_owned())));
    first.finish(about()).expect("written");
    drop(second);
    assert_eq!(std::fs::read_to_string(folder.join("show_clock.txt")).expect("text"), "third\n");
    archive::sweep(run.path()).expect("swept");
    assert!(folder.join("session.json").exists(), "what is whole is no rubbish");
    assert_eq!(std::fs::read_dir(run.path()).expect("a folder").count(), 1, "nothing else is left");
}

#[test]
fn what_could_not_be_written_is_said_at_the_end() {
    let run = tempfile::tempdir().expect("a folder");
    let place = run.path().join("transcripts");
    std::fs::write(&place, "a file where a folder should be").expect("written");
    let mut recording = Recording::of("sw1", &place);
    recording.add(&exchange("show clock", Reply::Output("10:00\n".to_owned())));
    recording.add(&exchange("show version", Reply::Output("10:00\n".to_owned())));
    let about = About { device: &Device::named("sw1"), extra_columns: &[], hostname: None, contact: json!({}) };
    let error = recording.finish(about).expect_err("there is no folder");
    assert!(matches!(error.problem, ArchiveProblem::Io(_)) && error.path.starts_with(&place), "{error}");
}

/// The folder in which a recording is until it is finished.
fn partial(run: &std::path::Path) -> std::path::PathBuf {
    let entries = std::fs::read_dir(run).expect("a folder").flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "partial")).expect("it has begun")
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_any_file_of_a_recording_is_an_error_and_leaves_nothing() {
    for full in ["show_version.txt", "session.json"] {
        let run = tempfile::tempdir().expect("a folder");
        let mut recording = Recording::of("sw1", run.path());
        recording.add(&exchange("show clock", Reply::Output("10:00\n".to_owned())));
        // Every write to it fails as on a full disk.
        std::os::unix::fs::symlink("/dev/full", partial(run.path()).join(full)).expect("a link");
        recording.add(&exchange("show version", Reply::Output("Cisco IOS XE Software\n".to_owned())));
        recording.add(&exchange("show license all", Reply::Output("this has room again\n".to_owned())));
        let about = About { device: &Device::named("sw1"), extra_columns: &[], hostname: None, contact: json!({}) };
        let error = recording.finish(about).expect_err(full);
        let ArchiveProblem::Io(cause) = &error.problem else { panic!("{error}") };
        assert_eq!(cause.kind(), std::io::ErrorKind::StorageFull);
        assert!(error.path.ends_with(full), "{error}");
        assert_eq!(error.remedy(run.path()), format!("free space at {}", run.path().display()));
        assert_eq!(std::fs::read_dir(run.path()).expect("a folder").count(), 0, "what is incomplete takes no room");
    }
}

#[test]
fn a_recording_that_cannot_be_put_in_its_place_is_an_error() {
    let run = tempfile::tempdir().expect("a folder");
    let device = Device::named("sw1");
    let about = || About { device: &device, extra_columns: &[], hostname: None, contact: json!({}) };
    // A file stands where its folder should be.
    std::fs::write(run.path().join("sw1"), "somebody's").expect("written");
    let mut recording = Recording::of("sw1", run.path());
    recording.add(&exchange("show clock", Reply::Output("10:00\n".to_owned())));
    let error = recording.finish(about()).expect_err("a file is in the way");
    assert!(error.path.ends_with("sw1"), "{error}");
    assert_eq!(std::fs::read_to_string(run.path().join("sw1")).expect("text"), "somebody's");
    std::fs::remove_file(run.path().join("sw1")).expect("removed");
    // What was written is gone before the end.
    let mut recording = Recording::of("sw1", run.path());
    recording.add(&exchange("show clock", Reply::Output("10:00\n".to_owned())));
    std::fs::remove_dir_all(partial(run.path())).expect("removed");
    recording.finish(about()).expect_err("it cannot be renamed");
    assert!(!run.path().join("sw1").exists());
}

#[test]
fn a_session_is_read_with_care() {
    let run = tempfile::tempdir().expect("a folder");
    let folder =
        archived("sw1", vec![exchange("show clock", Reply::Output(String::new()))]).write(run.path()).expect("written");
    let path = folder.join("session.json");
    let session = std::fs::read_to_string(&path).expect("text");
    for (from, to) in
        [("\"show_clock.txt\"", "\"../secret.txt\""), ("\"schema\": 1", "\"schema\": 2"), ("\"device\"", "\"devise\"")]
    {
        std::fs::write(&path, session.replace(from, to)).expect("written");
        let error = Archived::read(&folder).expect_err(to);
        assert!(error.to_string().contains("session.json"), "{error}");
    }
    std::fs::write(&path, session).expect("written");
    std::fs::remove_file(folder.join("show_clock.txt")).expect("removed");
    let error = Archived::read(&folder).expect_err("a file is missing");
    assert!(matches!(error.problem, ArchiveProblem::Io(_)) && error.path.ends_with("show_clock.txt"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nasty_names_come_back(
        name in "\\PC{0,60}|[./\\\\:%\\x00-\\x1f]{0,6}|x{190,260}",
        commands in prop::collection::vec("show [a-zA-Z|/^$.*()% -]{0,30}|\\PC{0,40}|y{240}", 0..5),
        text in "[ -~\\n]{0,60}",
        took in 0_u64..3_600_000_000_000,
    ) {
        let replies = [
            Reply::Output(normalise(text.as_bytes())),
            Reply::Refused(text.lines().next().unwrap_or_default().to_owned()),
            Reply::Cut { partial: normalise(text.as_bytes()), why: Cut::TooLarge },
        ];
        let exchanges = commands.iter().zip(replies.iter().cycle()).map(|(command, reply)| Exchange {
            took: Duration::from_nanos(took),
            ..exchange(command, reply.clone())
        });
        let archived = archived(&name, exchanges.collect());
        let run = tempfile::tempdir().expect("a folder");
        let folder = archived.write(run.path()).expect("written");
        prop_assert_eq!(folder.parent(), Some(run.path()));
        prop_assert_eq!(Archived::read(&folder).expect("read"), archived);
    }
}
