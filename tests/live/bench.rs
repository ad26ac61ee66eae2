//! A mock fleet, a folder, and the binary between them.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use mock_device::{BlockingFleet, DEMO_PASSWORD, Device, Fleet};

pub(crate) const PASSWORD: &str = DEMO_PASSWORD;

/// A running fleet with its inventory in a folder of its own.
pub(crate) struct Bench {
    pub(crate) fleet: BlockingFleet,
    pub(crate) folder: tempfile::TempDir,
}

/// What the binary said and wrote.
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) folder: PathBuf,
}

impl Bench {
    pub(crate) fn start(devices: Vec<Device>) -> Self {
        let fleet = Fleet::start_blocking(devices).expect("a fleet");
        let bench = Self { fleet, folder: tempfile::tempdir().expect("a folder") };
        std::fs::write(bench.inventory(), bench.fleet.inventory_csv()).expect("an inventory");
        bench
    }

    /// Other devices at the same address; the known host keys stay.
    pub(crate) fn restart(&mut self, devices: Vec<Device>, at: SocketAddr) {
        let IpAddr::V4(first) = at.ip() else { panic!("mock devices have IPv4 addresses") };
        self.fleet.restart(devices, first, at.port()).expect("a fleet");
        std::fs::write(self.inventory(), self.fleet.inventory_csv()).expect("an inventory");
    }

    pub(crate) fn inventory(&self) -> PathBuf {
        self.folder.path().join("inventory.csv")
    }

    /// The binary in the folder of the bench.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slaudit"));
        // No configuration, agent or known host of whoever runs the tests.
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn audit_command(&self, options: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = self.command();
        command.arg("audit").arg(self.inventory()).args(["--user", "netaudit", "--known-hosts", "known_hosts"]);
        if !options.contains(&"--out") {
            command.args(["--out", "runs"]);
        }
        command.args(options).env("SLAUDIT_PASSWORD", PASSWORD).envs(environment.iter().copied());
        if !environment.iter().any(|(name, _)| *name == "SLAUDIT_ENABLE_PASSWORD")
            && self.fleet.get("enable-needed").is_some()
        {
            // The scenario that needs it; `read-only-refused` refuses it.
            command.env("SLAUDIT_ENABLE_PASSWORD", PASSWORD);
        }
        command
    }

    pub(crate) fn audit(&self, options: &[&str]) -> Run {
        self.audit_with(options, &[])
    }

    pub(crate) fn audit_with(&self, options: &[&str], environment: &[(&str, &str)]) -> Run {
        let output = self.audit_command(options, environment).output().expect("the binary runs");
        self.run("runs", output)
    }

    /// Ctrl-C after a while.
    pub(crate) fn audit_interrupted(&self, after: Duration, options: &[&str]) -> Run {
        let child = self.begin(options);
        std::thread::sleep(after);
        signal(&child, "INT");
        self.end(child)
    }

    /// An audit that goes on while the test does something.
    pub(crate) fn begin(&self, options: &[&str]) -> Child {
        self.audit_command(options, &[]).spawn().expect("the binary runs")
    }

    /// Waits for its end.
    pub(crate) fn end(&self, child: Child) -> Run {
        self.run("runs", child.wait_with_output().expect("the binary ends"))
    }

    /// With the most memory it had, in MiB.
    pub(crate) fn audit_measured(&self, options: &[&str]) -> (Run, u64) {
        let mut child = self.audit_command(options, &[]).spawn().expect("the binary runs");
        let mut peak = 0;
        while child.try_wait().expect("its state").is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
            peak = peak.max(kib.unwrap_or_default() / 1024);
            std::thread::sleep(Duration::from_millis(20));
        }
        (self.run("runs", child.wait_with_output().expect("the binary ends")), peak)
    }

    pub(crate) fn analyze(&self, path: &Path) -> Run {
        let output =
            self.command().arg("analyze").arg(path).args(["--out", "analyzed"]).output().expect("the binary runs");
        self.run("analyzed", output)
    }

    /// The newest run, of a binary that was started otherwise.
    pub(crate) fn newest(&self) -> Run {
        self.run("runs", Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() })
    }

    /// The newest run under a directory.
    fn run(&self, under: &str, output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let runs = std::fs::read_dir(self.folder.path().join(under)).into_iter().flatten();
        // By time: the ids of two runs of one second sort by chance.
        let written = |path: &PathBuf| path.metadata().and_then(|of| of.modified()).expect("a time");
        let folder = runs
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir() && !path.is_symlink())
            .max_by_key(written);
        Run {
            exit: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            folder: folder.unwrap_or_default(),
        }
    }

    /// Every file that was written.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut files, mut folders) = (Vec::new(), vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_symlink() {
                } else if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files
    }
}

/// Sends a signal to a process of this test.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().expect("kill");
    assert!(sent.success(), "{name}");
}

impl Run {
    /// The rows of a CSV file, by column.
    pub(crate) fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let path = self.folder.join(file);
        let mut reader = csv::Reader::from_path(&path)
            .unwrap_or_else(|error| panic!("{}: {error}\n{}\n{}", path.display(), self.stdout, self.stderr));
        reader.deserialize().map(|row| row.expect("a row")).collect()
    }

    /// The rows of devices.csv by device.
    pub(crate) fn devices(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        self.rows("devices.csv").into_iter().map(|row| (row["device"].clone(), row)).collect()
    }

    /// The rules that fail on a device, sorted, each once.
    pub(crate) fn findings_of(&self, device: &str) -> Vec<String> {
        let rows = self.rows("findings.csv").into_iter().filter(|row| row["device"] == device);
        let rules: std::collections::BTreeSet<String> = rows.map(|row| row["rule"].clone()).collect();
        rules.into_iter().collect()
    }
}
