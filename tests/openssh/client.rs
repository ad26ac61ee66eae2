//! The binary in a folder of its own, with an inventory of OpenSSH servers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::server::user;

/// A folder, an inventory in it, and what the binary is given.
pub(crate) struct Client {
    folder: tempfile::TempDir,
    inventory: String,
    environment: Vec<(String, String)>,
    options: Vec<String>,
}

/// What it said and wrote.
pub(crate) struct Run {
    pub(crate) exit: i32,
    pub(crate) said: String,
    pub(crate) rows: BTreeMap<String, BTreeMap<String, String>>,
}

impl Client {
    pub(crate) fn new() -> Self {
        let inventory = "name,address,port,ssh_profile,jump,platform\n".to_owned();
        Self { folder: tempfile::tempdir().expect("a folder"), inventory, environment: Vec::new(), options: Vec::new() }
    }

    /// A device at this port of 127.0.0.1.
    pub(crate) fn device(mut self, name: &str, port: u16, profile: &str, jump: &str) -> Self {
        self.inventory += &[name, "127.0.0.1", &port.to_string(), profile, jump, "iosxe"].join(",");
        self.inventory.push('\n');
        self
    }

    pub(crate) fn row(mut self, row: &str) -> Self {
        self.inventory.push_str(row);
        self.inventory.push('\n');
        self
    }

    pub(crate) fn key(self, name: &str) -> Self {
        let path = super::server::keys().join(name).display().to_string();
        self.option("--identity").option(&path)
    }

    pub(crate) fn option(mut self, option: &str) -> Self {
        self.options.push(option.to_owned());
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
        self
    }

    /// A file under the folder that holds this text, if any does.
    pub(crate) fn file_with(&self, text: &str) -> Option<PathBuf> {
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.path()) {
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if path.is_file() {
                    let bytes = std::fs::read(&path).expect("a file");
                    if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
                        return Some(path);
                    }
                }
            }
        }
        None
    }

    fn command(&self, action: &str) -> Command {
        std::fs::write(self.path("inventory.csv"), &self.inventory).expect("written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_slaudit"));
        // No configuration, agent or known host of whoever runs the tests.
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .current_dir(self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg(action).arg("inventory.csv").args(&self.options).stdin(Stdio::null());
        if !self.path(".ssh/config").exists() {
            command.args(["--user", &user()]);
        }
        command
    }

    pub(crate) fn audit(&self) -> Run {
        let output =
            self.command("audit").args(["--known-hosts", "known_hosts", "--out", "runs"]).output().expect("the binary");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Run { exit: output.status.code().unwrap_or(-1), rows: rows(&self.path("runs"), &said), said }
    }

    pub(crate) fn plan(&self) -> String {
        let output = self.command("plan").output().expect("the binary");
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }
}

/// The rows of the newest run's devices.csv, by device.
fn rows(runs: &Path, said: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let folders = std::fs::read_dir(runs).into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = folders
        .filter(|path| !path.is_symlink() && path.is_dir())
        .max_by_key(|path| path.metadata().and_then(|of| of.modified()).expect("a time"));
    let Some(folder) = newest else { return BTreeMap::new() };
    let mut reader =
        csv::Reader::from_path(folder.join("devices.csv")).unwrap_or_else(|error| panic!("{error}\n{said}"));
    let rows = reader.deserialize::<BTreeMap<String, String>>();
    rows.map(|row| row.expect("a row")).map(|row| (row["device"].clone(), row)).collect()
}

impl Run {
    /// The row of a device with this status; everything that was said where it has another.
    pub(crate) fn expect(&self, device: &str, status: &str) -> &BTreeMap<String, String> {
        let row = self.rows.get(device).unwrap_or_else(|| panic!("no row of {device}\n{}", self.said));
        assert_eq!(row["status"], status, "{device}: {}\n{}", row["status_detail"], self.said);
        row
    }
}
