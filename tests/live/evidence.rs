//! A device whose transcript could not be kept is not done: it is not lost without a word, and is asked again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use mock_device::{Device, Fault, Scenario};

use super::bench::{Bench, Run};
use super::healthy;
use super::resume::until_done;

/// With findings, and slow enough for something to happen meanwhile.
fn faulty(name: &str) -> Device {
    Device::new(name, Scenario::named("callhome-wrong-url").expect("a scenario")).delay(Duration::from_millis(15))
}

/// The command of an audit whose process may write no file beyond so many blocks of 512 bytes.
pub(crate) fn limited(audit: &Command, blocks: u32) -> Command {
    let mut limited = Command::new("sh");
    limited.args(["-c", &format!("ulimit -f {blocks}; exec \"$0\" \"$@\"")]).arg(audit.get_program());
    limited.args(audit.get_args()).env_clear();
    limited.envs(audit.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(audit.get_current_dir().expect("a folder"));
    limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    limited
}

fn with_status<'a>(run: &'a Run, status: &'a str) -> BTreeSet<String> {
    run.devices().into_iter().filter(|(_, row)| row["status"] == status).map(|(name, _)| name).collect()
}

fn connections(bench: &Bench) -> Vec<usize> {
    bench.fleet.devices().iter().map(|device| device.log().connections).collect()
}

/// The run folder of the only run.
fn run_folder(bench: &Bench) -> PathBuf {
    let runs = fs::read_dir(bench.folder.path().join("runs")).expect("runs").flatten();
    runs.map(|entry| entry.path()).find(|path| path.is_dir() && !path.is_symlink()).expect("a run")
}

fn id(folder: &Path) -> String {
    folder.file_name().expect("a name").to_string_lossy().into_owned()
}

/// Resumes the run: exactly these devices are asked again, and all of the fleet is audited then, with its transcripts.
fn asked_again(bench: &Bench, run: &Run, lost: &BTreeSet<String>, exit: i32) {
    let before = connections(bench);
    let again = bench.audit_with(&["--resume", &id(&run.folder)], &[]);
    assert_eq!(again.exit, exit, "{}", again.stderr);
    for (device, before) in bench.fleet.devices().iter().zip(before) {
        let expected = before + usize::from(lost.contains(&device.name));
        assert_eq!(device.log().connections, expected, "{}: lost are {lost:?}", device.name);
    }
    let rows = again.devices();
    assert_eq!(rows.len(), bench.fleet.devices().len());
    for (name, row) in &rows {
        assert_eq!(row["status"], "audited", "{name}: {}", row["status_detail"]);
        assert!(run.folder.join("transcripts").join(name).join("session.json").is_file(), "{name} has its transcript");
    }
    let left = fs::read_dir(run.folder.join("transcripts")).expect("transcripts").count();
    assert_eq!(left, rows.len(), "no half transcript is left");
}

/// As a disk that fills in the middle of a run, on every machine: a file stands where the folder was.
#[test]
fn devices_whose_transcripts_are_lost_in_the_middle_of_a_run_are_asked_again() {
    const DEVICES: usize = 24;
    let bench = Bench::start((0..DEVICES).map(|number| faulty(&format!("sw{number:02}"))).collect());
    let child = bench.begin(&["--concurrency", "3"]);
    until_done(&bench, 8);
    let transcripts = run_folder(&bench).join("transcripts");
    let aside = transcripts.with_file_name("aside");
    fs::rename(&transcripts, &aside).expect("moved");
    fs::write(&transcripts, "in the way").expect("written");
    let run = bench.end(child);

    let lost = with_status(&run, "error");
    assert!(!lost.is_empty() && lost.len() < DEVICES, "some were done before: {lost:?}");
    assert_eq!(with_status(&run, "audited").len(), DEVICES - lost.len());
    assert_eq!(run.exit, 4, "problems, and incomplete: {}", run.stderr);
    for name in &lost {
        let row = &run.devices()[name];
        let detail = &row["status_detail"];
        assert!(detail.starts_with("move away the file that stands where a folder is needed at "), "{detail}");
        assert!(detail.contains("the transcript could not be kept: ") && detail.contains("--resume"), "{detail}");
        assert!(!run.findings_of(name).is_empty(), "{name}: what was judged is in the reports");
    }
    let said: Vec<&str> = run.stderr.lines().filter(|line| line.contains("could not be kept")).collect();
    assert_eq!(said.len(), 1, "{}", run.stderr);
    let devices = if lost.len() == 1 { "1 device ".to_owned() } else { format!("{} devices ", lost.len()) };
    assert!(said[0].contains(&devices) && said[0].contains("transcripts/.sw"), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("--resume {}", id(&run.folder))), "{}", run.stderr);

    // Still in the way, which is found before anybody is asked.
    let refused = bench.audit_with(&["--resume", &id(&run.folder)], &[]);
    assert_eq!(refused.exit, 2, "{}", refused.stderr);
    fs::remove_file(&transcripts).expect("removed");
    fs::rename(&aside, &transcripts).expect("moved back");
    asked_again(&bench, &run, &lost, 1);
}

/// What a limit on file sizes cuts is a device without its evidence, and not the end of the process.
#[test]
fn a_transcript_that_is_too_large_for_the_disk_is_lost_alone() {
    const BYTES: usize = 3 << 20;
    let device = |number: usize| match number % 4 {
        0 => healthy(&format!("large{number}")).fault(Fault::LargeOutput { command: 1, bytes: BYTES }),
        _ => healthy(&format!("sw{number}")),
    };
    let bench = Bench::start((0..8).map(device).collect());
    let child = limited(&bench.audit_command(&["--max-unreachable", "100%"], &[]), 4096).spawn().expect("a shell");
    let run = bench.end(child);
    assert_eq!(run.exit, 3, "evidence is missing, whatever may be unreachable: {}", run.stderr);
    let lost = with_status(&run, "error");
    assert_eq!(lost, BTreeSet::from(["large0".to_owned(), "large4".to_owned()]), "{}", run.stderr);
    for name in &lost {
        let detail = &run.devices()[name]["status_detail"];
        assert!(detail.starts_with("raise the limit on file sizes (ulimit -f), or free space at "), "{detail}");
    }
    assert!(run.stderr.contains("the transcripts of 2 devices could not be kept"), "{}", run.stderr);
    assert_eq!(fs::read_dir(run.folder.join("transcripts")).expect("transcripts").count(), 6, "no half transcript");
    asked_again(&bench, &run, &lost, 0);
}

#[test]
fn without_transcripts_none_can_be_lost() {
    let bench = Bench::start(vec![healthy("large").fault(Fault::LargeOutput { command: 1, bytes: 3 << 20 })]);
    let audit = bench.audit_command(&["--out", "-", "--format", "json"], &[]);
    let output = limited(&audit, 4096).output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["devices"][0]["status"], "audited", "{said}");
}

/// A device's output is kept whole or not at all, but a device that said nothing keeps its row: one that refused a password is
/// not sent it again.
#[test]
fn a_device_that_said_nothing_has_no_evidence_to_lose() {
    let mut devices = vec![healthy("sw1").delay(Duration::from_millis(10))];
    devices.push(healthy("gone").fault(Fault::HangAfterLogin));
    let bench = Bench::start(devices);
    let child = bench.begin(&["--command-timeout", "3s", "--device-timeout", "4s", "--retries", "0"]);
    until_done(&bench, 1);
    while !run_folder(&bench).join("transcripts/sw1").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let transcripts = run_folder(&bench).join("transcripts");
    fs::rename(&transcripts, transcripts.with_file_name("aside")).expect("moved");
    fs::write(&transcripts, "in the way").expect("written");
    let run = bench.end(child);
    assert_eq!(run.devices()["gone"]["status"], "timeout", "{}", run.stderr);
    assert!(run.exit == 3 && run.stderr.contains("the transcript of 1 device could not be kept"), "{}", run.stderr);
    let store = slaudit::store::Store::open(&bench.folder.path().join("runs")).expect("a store");
    let past = store.run(&id(&run.folder)).expect("read").expect("a run");
    let left = store.resume(past).missing().expect("read");
    assert!(left.is_empty(), "nobody is asked again: {left:?}");
}
