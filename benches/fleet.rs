//! How long a whole audit takes: `make bench`. A mock fleet in a process of its own on loopback addresses, the release binary
//! against it, each case twice: the second has a history to compare with.
//!
//! ```text
//!  devices  delay ms  at once   wall s  ideal s  devices/s  CPU ms/device  peak MiB
//!      200         0      256     0.33       -        606           2.05        48
//! ```
//!
//! A last case, `sessions`, has 19,000 sessions on one process: the memory after them is that after 2,000, or something leaks.
//!
//! The figures are kept in `target/bench/fleet.json` and compared with those of the last time. Names as arguments choose cases.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// One case: devices, what each thinks before a reply, devices at once.
const CASES: &[(&str, usize, u64, usize)] = &[
    ("200-quick", 200, 0, 256),
    ("1000-c200", 1_000, 300, 200),
    ("1000-c1000", 1_000, 300, 1_000),
    ("5000-c1000", 5_000, 300, 1_000),
];
const PASSWORD: &str = "mock";
/// The case about leaks: how many sessions it has, as many as descriptors allow where 20,000 are the limit, and after how many
/// the memory is that of the first ones.
const SESSIONS: usize = 19_000;
const FIRST: usize = 2_000;

fn main() {
    // `cargo bench` adds `--bench`.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench");
    fs::create_dir_all(&folder).expect("a folder for the figures");
    let file = folder.join("fleet.json");
    let last: Value = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    // Kept to the end: for a minute after many files were removed, some file systems take several times as long to make new ones.
    let rooms = tempfile::tempdir().expect("a folder");
    let room = |name: &str| {
        let room = rooms.path().join(name);
        fs::create_dir(&room).expect("a folder");
        room
    };
    let mut figures = last.clone();
    if !figures.is_object() {
        figures = json!({});
    }
    say(" devices  delay ms  at once   wall s  ideal s  devices/s  CPU ms/device  peak MiB   last time");
    for (name, devices, delay, at_once) in CASES {
        if !chosen.is_empty() && !chosen.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let found = case(&room(name), *devices, *delay, *at_once);
        let before = last.get(name).and_then(|before| {
            Some(format!(
                "{:.2} s, {:.2} ms, {:.0} MiB",
                before["wall_s"].as_f64()?,
                before["cpu_ms_a_device"].as_f64()?,
                before["peak_mib"].as_f64()?
            ))
        });
        say(&format!(
            "{devices:>8}{delay:>10}{at_once:>9}{:>9.2}{:>9}{:>11.0}{:>15.2}{:>10.0}   {}",
            found.wall,
            found.ideal.map_or("-".to_owned(), |ideal| format!("{ideal:.2}")),
            count(*devices) / found.wall,
            found.cpu * 1000.0 / count(*devices),
            found.peak_mib,
            before.unwrap_or_default()
        ));
        figures[name] = json!({
            "devices": devices,
            "delay_ms": delay,
            "concurrency": at_once,
            "commands_a_device": found.commands,
            "wall_s": found.wall,
            "ideal_s": found.ideal,
            "cpu_ms_a_device": found.cpu * 1000.0 / count(*devices),
            "peak_mib": found.peak_mib,
        });
    }
    if chosen.is_empty() || chosen.iter().any(|word| "sessions".contains(word.as_str())) {
        let (first, last) = sessions(&room("sessions"));
        say(&format!("{first:.0} MiB after {FIRST} sessions, {last:.0} MiB after {SESSIONS}"));
        figures["sessions"] = json!({ "sessions": SESSIONS, "rss_mib_first": first, "rss_mib_last": last });
    }
    fs::write(&file, serde_json::to_vec_pretty(&figures).expect("JSON")).expect("the figures are kept");
}

struct Found {
    wall: f64,
    ideal: Option<f64>,
    cpu: f64,
    peak_mib: f64,
    commands: usize,
}

fn case(folder: &Path, devices: usize, delay: u64, at_once: usize) -> Found {
    let fleet = Fleet::start(folder, devices, delay);
    let mut best: Option<Found> = None;
    for _ in 0..2 {
        let cpu = children_cpu();
        let begun = Instant::now();
        let mut child = audit(folder, at_once).spawn().expect("the release binary; make bench builds it");
        let peak_mib = watch(&mut child);
        let wall = begun.elapsed().as_secs_f64();
        let cpu = children_cpu() - cpu;
        let commands = commands(folder);
        // The mock fleet thinks before the reply to a show command; the login and the two lines before them are at once.
        let rounds = count(devices.div_ceil(at_once)) * count(commands);
        #[allow(clippy::cast_precision_loss, reason = "milliseconds of a benchmark")]
        let ideal = (delay > 0).then(|| rounds * delay as f64 / 1000.0);
        if best.as_ref().is_none_or(|best| wall < best.wall) {
            best = Some(Found { wall, ideal, cpu, peak_mib, commands });
        }
    }
    drop(fleet);
    best.expect("two runs")
}

/// Resident MiB after the first sessions, and after the last.
fn sessions(folder: &Path) -> (f64, f64) {
    let fleet = Fleet::start(folder, SESSIONS, 0);
    // Known hosts grow with the fleet, and are no session.
    let mut child =
        audit(folder, 200).args(["--host-keys", "off"]).spawn().expect("the release binary; make bench builds it");
    let (mut first, mut last) = (None, 0.0);
    while child.try_wait().expect("its state").is_none() {
        let done = done(folder);
        let now = memory(&child, "VmRSS:").unwrap_or(last);
        if done >= FIRST {
            first.get_or_insert(now);
        }
        // The reports come after the last device.
        if done < SESSIONS {
            last = now;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(fleet);
    (first.expect("the run had that many"), last)
}

/// Devices that are done: each is a line of the log.
fn done(folder: &Path) -> usize {
    let runs = fs::read_dir(folder.join("runs")).into_iter().flatten().flatten();
    let logs = runs.filter_map(|run| fs::read_to_string(run.path().join("run.log")).ok());
    logs.map(|log| log.lines().count()).max().unwrap_or_default()
}

/// A line of `/proc/PID/status` in MiB; `None` once the process has ended.
fn memory(child: &Child, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// A mock fleet that ends with this value.
struct Fleet(Child);

impl Fleet {
    fn start(folder: &Path, devices: usize, delay: u64) -> Self {
        let inventory = folder.join("inventory.csv");
        let child = Command::new(binary("mock-device"))
            .args(["--scenario-mix", "healthy-smart", "--base", "127.30.0.1", "--for", "600", "--until-stdin-closes"])
            .args(["--devices", &devices.to_string(), "--delay", &format!("{delay}ms")])
            .arg("--inventory")
            .arg(&inventory)
            .env("MOCK_PASSWORD", PASSWORD)
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the mock fleet; make bench builds it");
        let begun = Instant::now();
        while !inventory.exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the mock fleet did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self(child)
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn audit(folder: &Path, at_once: usize) -> Command {
    let mut command = Command::new(binary("slaudit"));
    command
        .arg("audit")
        .arg("inventory.csv")
        .args(["--user", "netaudit", "--known-hosts", "known_hosts", "--out", "runs", "--quiet"])
        .args(["--concurrency", &at_once.to_string()])
        .env("SLAUDIT_PASSWORD", PASSWORD)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// Waits for the end, and answers with the most memory it had.
fn watch(child: &mut Child) -> f64 {
    let mut peak: f64 = 0.0;
    while child.try_wait().expect("its state").is_none() {
        peak = peak.max(memory(child, "VmHWM:").unwrap_or_default());
        std::thread::sleep(Duration::from_millis(5));
    }
    peak
}

/// Seconds of processor time of all processes that this one waited for.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("/proc");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = after_name.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // The state is no number; cutime and cstime are fields 16 and 17 of the line, in hundredths of a second.
    (fields[12] + fields[13]) / 100.0
}

/// How many commands a device was asked: its transcripts in the newest run.
fn commands(folder: &Path) -> usize {
    let device = fs::read_dir(folder.join("runs/latest/transcripts")).into_iter().flatten().flatten().next();
    let files = device.map(|device| fs::read_dir(device.path()).into_iter().flatten().count());
    // One file describes the session.
    files.unwrap_or(1).saturating_sub(1)
}

fn binary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/release").join(name)
}

#[allow(clippy::cast_precision_loss, reason = "fleets are smaller than 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
