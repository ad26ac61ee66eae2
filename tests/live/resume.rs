//! Runs that are killed and go on; output that cannot be written.

use std::time::{Duration, Instant};

use super::bench::Bench;
use super::evidence::limited;
use super::healthy;

/// Waits until so many devices have a transcript.
pub(crate) fn until_done(bench: &Bench, devices: usize) {
    let begun = Instant::now();
    loop {
        let runs = std::fs::read_dir(bench.folder.path().join("runs")).into_iter().flatten().flatten();
        let done =
            |run: std::fs::DirEntry| std::fs::read_dir(run.path().join("transcripts")).into_iter().flatten().count();
        if runs.map(done).max().unwrap_or_default() >= devices {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{devices} devices are not done after a minute");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn after_kill_9_no_finished_device_is_asked_again_and_none_is_lost() {
    const DEVICES: usize = 500;
    let fleet = (0..DEVICES).map(|number| healthy(&format!("sw{number:03}")).delay(Duration::from_millis(20)));
    let bench = Bench::start(fleet.collect());
    let mut child = bench.audit_command(&["--concurrency", "32"], &[]).spawn().expect("the binary runs");
    until_done(&bench, 150);
    child.kill().expect("killed");
    child.wait().expect("gone");
    let before: Vec<usize> = bench.fleet.devices().iter().map(|device| device.log().connections).collect();
    assert!(before.iter().filter(|count| **count == 0).count() > 50, "killed in the middle");

    let id = std::fs::read_dir(bench.folder.path().join("runs"))
        .expect("runs")
        .flatten()
        .find(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .expect("a run");
    // The store knows which are done; 32 were under way.
    let store = slaudit::store::Store::open(&bench.folder.path().join("runs")).expect("a store");
    let past = store.run(&id).expect("read").expect("a run");
    let missing = store.resume(past).missing().expect("read");
    let left: Vec<&str> = missing.iter().map(|device| device.name.as_str()).collect();
    assert!(left.len() <= DEVICES - 150 + 32, "{} of {DEVICES} are left where 150 have a transcript", left.len());

    let run = bench.audit_with(&["--resume", &id], &[]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{} devices are left", left.len())), "{}", run.stderr);
    let rows = run.devices();
    assert_eq!(rows.len(), DEVICES, "none is lost");
    assert!(rows.values().all(|row| row["status"] == "audited" && row["run_id"] == id));
    for (device, before) in bench.fleet.devices().iter().zip(before) {
        let expected = if left.contains(&&*device.name) { before + 1 } else { before };
        assert_eq!(device.log().connections, expected, "{}: a finished device is not asked again", device.name);
    }
    let latest = std::fs::read_link(bench.folder.path().join("runs/latest")).expect("a link");
    assert_eq!(latest.to_str(), Some(id.as_str()), "the run is complete now");
}

#[test]
fn a_resumed_run_takes_its_own_devices_where_no_inventory_is_given() {
    let mut devices: Vec<_> = (0..3).map(|number| healthy(&format!("quick{number}"))).collect();
    devices.push(healthy("slow").delay(Duration::from_secs(30)));
    let bench = Bench::start(devices);
    let interrupted = bench.audit_interrupted(Duration::from_millis(1500), &["--limit", "quick0,slow"]);
    assert_eq!(interrupted.exit, 130, "{}", interrupted.stderr);
    let id = interrupted.folder.file_name().expect("a name").to_string_lossy().into_owned();
    let hint = interrupted.stderr.lines().find_map(|line| line.split_once("slaudit audit ")).expect("a hint").1;
    assert!(hint.contains(" --user netaudit ") && hint.contains(" --out runs"), "what it needs, to be pasted: {hint}");
    assert!(!hint.contains("--limit") && hint.ends_with(&format!(" --resume {id}")), "{hint}");
    let mut command = bench.command();
    command.args(["audit", "--resume", &id, "--user", "netaudit", "--known-hosts", "known_hosts", "--out", "runs"]);
    command.args(["--device-timeout", "1s", "--retries", "0"]).env("SLAUDIT_PASSWORD", super::bench::PASSWORD);
    let output = command.output().expect("the binary runs");
    let rows = interrupted.devices();
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(rows.len(), 2, "the selection of the run, not the whole inventory");
    assert_eq!((rows["quick0"]["status"].as_str(), rows["slow"]["status"].as_str()), ("audited", "timeout"));
}

#[test]
fn output_that_cannot_be_written_is_found_before_the_first_connection() {
    let bench = Bench::start(vec![healthy("sw01")]);
    // A file where the folder should be: root may write into every folder, so a mode is no test.
    std::fs::write(bench.folder.path().join("runs"), "in the way").expect("written");
    let run = bench.audit_with(&[], &[]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert!(run.stderr.contains("nothing was contacted") && run.stderr.contains("runs"), "{}", run.stderr);
    std::fs::remove_file(bench.folder.path().join("runs")).expect("removed");
    std::fs::create_dir(bench.folder.path().join("runs")).expect("made");
    std::fs::write(bench.folder.path().join("runs/slaudit.db"), "no database, but somebody's file").expect("written");
    let run = bench.audit_with(&[], &[]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert!(run.stderr.contains("slaudit.db") && run.stderr.contains("nothing was contacted"), "{}", run.stderr);
    assert_eq!(bench.fleet.devices()[0].log().connections, 0);
}

#[test]
fn a_full_disk_stops_the_run_and_what_is_stored_is_whole() {
    const DEVICES: usize = 120;
    let fleet = (0..DEVICES).map(|number| healthy(&format!("sw{number:03}")).delay(Duration::from_millis(5)));
    let bench = Bench::start(fleet.collect());
    let audit = bench.audit_command(&["--concurrency", "8"], &[]);
    // No file may grow beyond 300 KB: a disk that is full for whoever writes the most, without one.
    let mut limited = limited(&audit, 600);
    let output = limited.output().expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "no fault of slaudit: {said}");
    assert!(said.contains("slaudit.db") && said.contains("go on with: slaudit audit "), "{said}");
    assert!(said.contains("check the disk at runs: ") && !said.contains("report this"), "{said}");
    let before: Vec<usize> = bench.fleet.devices().iter().map(|device| device.log().connections).collect();
    assert!(before.iter().filter(|count| **count == 0).count() > 20, "the rest is not asked for nothing: {before:?}");

    let id = said.rsplit("--resume ").next().and_then(|rest| rest.split_whitespace().next()).expect("an id").to_owned();
    let runs = bench.folder.path().join("runs");
    let store = slaudit::store::Store::open(&runs).expect("whole");
    let past = store.run(&id).expect("read").expect("a run");
    let missing = store.resume(past).missing().expect("read");
    let left: Vec<&str> = missing.iter().map(|device| device.name.as_str()).collect();
    assert!(left.len() < DEVICES, "something was stored before the disk was full");
    let run = bench.audit_with(&["--resume", &id], &[]);
    assert_eq!(run.exit, 0, "{}", run.stderr);
    assert_eq!(run.devices().len(), DEVICES);
    for (device, before) in bench.fleet.devices().iter().zip(before) {
        if !left.contains(&&*device.name) {
            assert_eq!(device.log().connections, before, "{}: what is stored is not asked again", device.name);
        }
    }
}

#[test]
fn a_run_that_the_breaker_stopped_goes_on_with_the_right_password() {
    let bench = Bench::start((0..8).map(|number| healthy(&format!("sw{number}"))).collect());
    let stopped = bench.audit_with(&[], &[("SLAUDIT_PASSWORD", "wrong")]);
    assert_eq!(stopped.exit, 5, "{}", stopped.stderr);
    let id = stopped.folder.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(stopped.stderr.contains(&format!("--resume {id}")), "{}", stopped.stderr);
    let again = bench.audit_with(&["--resume", &id], &[]);
    assert_eq!(again.exit, 3, "{}", again.stderr);
    assert!(again.stderr.contains("5 devices are left"), "{}", again.stderr);
    let rows = again.devices();
    let count = |status: &str| rows.values().filter(|row| row["status"] == status).count();
    assert_eq!((count("auth_failed"), count("audited")), (3, 5));
}

#[test]
fn only_a_run_that_is_over_goes_on_and_only_as_it_was_begun() {
    let mut devices: Vec<_> = (0..3).map(|number| healthy(&format!("quick{number}"))).collect();
    devices.push(healthy("slow").delay(Duration::from_secs(30)));
    let bench = Bench::start(devices);
    let mut child = bench.audit_command(&[], &[]).spawn().expect("the binary runs");
    until_done(&bench, 3);
    let runs = bench.folder.path().join("runs");
    let run = std::fs::read_dir(&runs).expect("runs").flatten().find(|entry| entry.path().is_dir()).expect("a run");
    let id = run.file_name().into_string().expect("UTF-8");
    let connections = || bench.fleet.devices().iter().map(|device| device.log().connections).sum::<usize>();
    let before = connections();
    let twice = bench.audit_with(&["--resume", &id], &[]);
    assert_eq!(twice.exit, 2, "{}", twice.stderr);
    assert!(twice.stderr.contains("still going on"), "{}", twice.stderr);
    child.kill().expect("killed");
    child.wait().expect("gone");
    for (options, words) in [
        (["--skip-rules", "ack-overdue"], "other rules"),
        (["--limit", "quick0"], "cannot be used with"),
        (["--label", "post"], "cannot be used with"),
    ] {
        let options = [options[0], options[1], "--resume", &id];
        let refused = bench.audit_with(&options, &[]);
        assert_eq!(refused.exit, 2, "{}", refused.stderr);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    assert_eq!(connections(), before, "nobody was asked");
}

#[test]
fn a_resumed_run_adds_nobody_and_completes_its_devices_anew() {
    let mut devices: Vec<_> = (0..2).map(|number| healthy(&format!("quick{number}"))).collect();
    devices.push(healthy("slow").delay(Duration::from_secs(30)));
    let mut bench = Bench::start(devices);
    // The inventory has aliases; the SSH configuration has the rest, the account among it.
    let address = bench.fleet.get("slow").expect("a device").address;
    let listed = bench.fleet.inventory_csv();
    let aliases = listed.replace(&format!("slow,{}", address.ip()), "slow,alias-of-slow");
    assert_ne!(aliases, listed);
    std::fs::write(bench.inventory(), &aliases).expect("written");
    let config = format!("Host alias-of-slow\n  HostName {}\n  User netaudit\n", address.ip());
    std::fs::write(bench.folder.path().join("ssh_config"), config).expect("written");
    let audit = |bench: &Bench, more: &[&str]| {
        let mut command = bench.command();
        command
            .args(["audit", "--known-hosts", "known_hosts", "--out", "runs", "--ssh-config", "ssh_config"])
            .args(more);
        command.env("SLAUDIT_PASSWORD", super::bench::PASSWORD).env("SLAUDIT_INVENTORY", bench.inventory());
        command.output().expect("the binary runs")
    };
    let first = audit(&bench, &["--limit", "slow", "--device-timeout", "20s", "--deadline", "2s"]);
    let said = String::from_utf8_lossy(&first.stderr).into_owned();
    let id = said.trim().rsplit("--resume ").next().expect("an id").to_owned();
    bench.restart(vec![healthy("slow")], address);
    std::fs::write(bench.inventory(), &aliases).expect("written");
    let second = audit(&bench, &["--resume", &id]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(0), "{said}");
    assert!(said.contains("1 device is left"), "{said}");
    let rows = std::fs::read_to_string(bench.folder.path().join("runs").join(&id).join("devices.csv")).expect("rows");
    assert_eq!(rows.lines().count(), 2, "the selection of the run, whatever inventory is set: {rows}");
    assert!(rows.contains("slow") && rows.contains(",audited,"), "{rows}");
}
