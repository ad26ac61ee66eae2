//! Real signals to a running audit: what is finished is kept, every device has its row, and the process always ends.

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use mock_device::{Device, Fault};

use super::bench::{Bench, Run, signal};
use super::healthy;

/// Four devices that end in a moment, four that take two seconds, four that never end, and one that waits for them.
fn fleet() -> Bench {
    let mut devices: Vec<Device> = (0..4).map(|number| healthy(&format!("quick{number}"))).collect();
    devices.extend((0..4).map(|number| healthy(&format!("slow{number}")).delay(Duration::from_millis(250))));
    devices.extend((0..4).map(|number| healthy(&format!("hang{number}")).fault(Fault::HangInOutput(1))));
    devices.push(healthy("later"));
    Bench::start(devices)
}

/// Room for those before `later`.
const ROOM: &[&str] = &["--concurrency", "8"];

/// Waits until every device that will end soon has begun, and those that are quick have ended.
fn begun(bench: &Bench) {
    let began = Instant::now();
    let asked = |name: &str| bench.fleet.get(name).expect("a device").log().commands.len();
    while (0..4).any(|number| asked(&format!("slow{number}")) == 0 || asked(&format!("hang{number}")) == 0)
        || (0..4).any(|number| bench.fleet.get(&format!("quick{number}")).expect("a device").log().logouts == 0)
    {
        assert!(began.elapsed() < Duration::from_secs(20), "the audit does not begin");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(100));
}

fn count(run: &Run, status: &str) -> usize {
    run.devices().values().filter(|row| row["status"] == status).count()
}

/// Ends within so many seconds.
fn ends(mut child: Child, seconds: u64) -> Child {
    let began = Instant::now();
    while child.try_wait().expect("its state").is_none() {
        if began.elapsed() > Duration::from_secs(seconds) {
            child.kill().expect("killed");
            panic!("still there after {seconds} s");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

#[test]
fn one_ctrl_c_lets_running_devices_finish_and_begins_no_other() {
    let bench = fleet();
    let child = bench.begin(ROOM);
    begun(&bench);
    let child = {
        signal(&child, "INT");
        let began = Instant::now();
        let child = ends(child, 12);
        assert!(began.elapsed() >= Duration::from_secs(4), "those that run have five seconds: {:?}", began.elapsed());
        child
    };
    let run = bench.end(child);
    assert_eq!(run.exit, 130, "{}", run.stderr);
    let told: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("stopping: ")).collect();
    assert_eq!(told.len(), 1, "{}", run.stderr);
    assert!(told[0].ends_with("devices are finishing, at most 5 s; once more stops at once"), "{}", told[0]);
    assert_eq!((run.devices().len(), count(&run, "audited"), count(&run, "interrupted")), (13, 8, 5), "{}", run.stderr);
    assert_eq!(
        bench.fleet.get("later").expect("a device").log().connections,
        0,
        "there was room for it, and it was late"
    );
    for number in 0..4 {
        assert_eq!(bench.fleet.get(&format!("slow{number}")).expect("a device").log().logouts, 1, "left with `exit`");
    }
}

#[test]
fn a_second_ctrl_c_ends_at_once_with_every_row() {
    let bench = fleet();
    let child = bench.begin(ROOM);
    begun(&bench);
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    signal(&child, "INT");
    let run = bench.end(ends(child, 3));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(run.exit, 130, "{}", run.stderr);
    assert_eq!((run.devices().len(), count(&run, "audited"), count(&run, "interrupted")), (13, 4, 9));
}

#[test]
fn sigterm_is_a_ctrl_c() {
    let bench = fleet();
    let child = bench.begin(ROOM);
    begun(&bench);
    signal(&child, "TERM");
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, "TERM");
    let run = bench.end(ends(child, 3));
    assert_eq!((run.exit, run.devices().len(), count(&run, "audited")), (130, 13, 4), "{}", run.stderr);
    assert!(run.stderr.contains("stopping: 8 devices are finishing"), "{}", run.stderr);
}

#[test]
fn a_process_that_hangs_in_its_reports_is_ended_by_the_second_signal() {
    let bench = Bench::start((0..12).map(|number| healthy(&format!("sw{number:02}"))).collect());
    // The document does not fit into the pipe, and nobody reads it: the audit is done, its report is not.
    let mut child = bench.audit_command(&["--out", "-"], &[]).spawn().expect("the binary runs");
    let began = Instant::now();
    while bench.fleet.devices().iter().any(|device| device.log().logouts == 0) {
        assert!(began.elapsed() < Duration::from_secs(20), "the audit does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(1500));
    signal(&child, "TERM");
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().expect("its state").is_none(), "one signal does not cost the reports of a run");
    signal(&child, "TERM");
    let mut child = ends(child, 3);
    assert_eq!(child.wait().expect("its state").signal(), Some(15));
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("text");
    assert!(text.starts_with('{'), "the report had begun");
}
