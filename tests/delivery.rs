//! What is delivered besides the source, tried with the programs that it is for: units, alerts, cron file, man pages, package.
//!
//! Where such a program is missing its test is reported as ignored. `make test-reports` installs them and builds the package.

#[path = "delivery/programs.rs"]
mod programs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;
use programs::{SLAUDIT, project, quiet, read, run, text};

use crate::trial::{Obstacle, trial};

/// What the binary may need of a system: the C library and what belongs to it.
const SYSTEM_LIBRARIES: [&str; 5] = ["linux-vdso", "libgcc_s", "libm", "libc", "ld-linux"];

type Test = fn();

pub(crate) fn trials() -> Vec<Trial> {
    let package_obstacle = |programs: &[&str]| {
        let none = package().is_none().then(|| "PACKAGE_UNDER_TEST names no package: make test-reports builds one");
        none.map(Obstacle::missing).or_else(|| missing(programs))
    };
    let tests: Vec<(&str, Test, Option<Obstacle>)> = vec![
        ("the alerts fire when they must", alerts, missing(&["promtool"])),
        ("the units are sound", units, missing(&["systemd-analyze"])),
        ("man pages are set without a warning", pages, missing(&["man"])),
        ("the package runs from any folder", unpacked, package_obstacle(&["dpkg", "ldd"])),
        ("the man pages of the package are read", packaged_pages, package_obstacle(&["dpkg", "man"])),
        ("the package is installed and removed", installed, package_obstacle(&["dpkg"]).or_else(may_not_install)),
    ];
    let trials = tests.into_iter().map(|(name, test, obstacle)| {
        trial(name, obstacle, move || {
            test();
            Ok(())
        })
    });
    trials.collect()
}

/// Why a test cannot be made, where a program is missing.
fn missing(programs: &[&str]) -> Option<Obstacle> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &str| std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let absent = programs.iter().find(|program| !is_there(program));
    absent.map(|program| Obstacle::missing(format!("there is no {program}")))
}

fn package() -> Option<PathBuf> {
    std::env::var_os("PACKAGE_UNDER_TEST").map(PathBuf::from).filter(|path| path.is_file())
}

/// Installing changes the machine: CI's only, which is thrown away.
fn may_not_install() -> Option<Obstacle> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    if std::env::var_os("CI").is_none() {
        return Some(Obstacle::NotWanted("this is no CI".to_owned()));
    }
    if !is_root {
        return Some(Obstacle::missing("only root may install"));
    }
    Path::new("/usr/bin/slaudit").exists().then(|| Obstacle::missing("slaudit is installed already"))
}

fn alerts() {
    let folder = project("contrib/prometheus");
    quiet("promtool", &["check", "rules", text(&folder.join("slaudit.rules.yml"))]);
    quiet("promtool", &["test", "rules", text(&folder.join("slaudit.rules.test.yml"))]);
    // Every alert has its case, and every metric is one that a run writes.
    let (rules, cases) = (read(&folder.join("slaudit.rules.yml")), read(&folder.join("slaudit.rules.test.yml")));
    let names: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        assert!(cases.matches(&format!("alertname: {name}")).count() >= 2, "{name} is tried firing and not firing");
    }
    let written = metrics(&real_metrics());
    let used = metrics(&(rules + &cases));
    assert!(used.len() >= 6, "{used:?}");
    for metric in used {
        assert!(written.contains(&metric), "no run writes {metric}: {written:?}");
    }
}

/// The metrics that a text names.
fn metrics(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("slaudit_")).map(ToOwned::to_owned).collect()
}

/// What a run that judged a device writes.
fn real_metrics() -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let device = folder.path().join("saved/sw1");
    fs::create_dir_all(&device).expect("made");
    let said = "Smart Licensing Using Policy:\n  Status: ENABLED\n\nTransport:\n  Type: Smart\n  URL: https://wrong.example.com/\n\
                \nUsage Reporting:\n  Last ACK received: <none>\n  Next ACK deadline: Feb 03 10:00:00 2031 UTC\n";
    fs::write(device.join("show_license_status.txt"), said).expect("written");
    fs::write(device.join("show_clock.txt"), "10:00:00.000 UTC Fri Jan 3 2031\n").expect("written");
    let mut command = Command::new(SLAUDIT);
    command.env_clear().env("HOME", folder.path()).current_dir(folder.path());
    let output = command.args(["analyze", "saved", "--format", "prom"]).output().expect("the binary runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn units() {
    let folder = tempfile::tempdir().expect("a folder");
    let units = ["slaudit.service", "slaudit.timer"].map(|name| {
        let path = folder.path().join(name);
        let unit = read(&project("contrib/systemd").join(name));
        fs::write(&path, unit.replace("/usr/bin/slaudit", SLAUDIT)).expect("written");
        path
    });
    quiet("systemd-analyze", &["verify", "--man=no", text(&units[0]), text(&units[1])]);
    let service = read(&units[0]);
    // Findings are no failure of the unit; every other code is.
    assert!(service.contains("\nSuccessExitStatus=1\n"), "{service}");
}

/// Sets pages as `man` does, with every warning of the formatter.
fn set(pages: &Path) -> usize {
    let mut count = 0;
    for entry in fs::read_dir(pages).expect("pages").flatten() {
        let page = quiet("man", &["--warnings", "--encoding=UTF-8", "--local-file", text(&entry.path())]);
        assert!(page.contains("NAME") && page.contains("SEE ALSO"), "{}: {page}", entry.path().display());
        count += 1;
    }
    count
}

fn pages() {
    let folder = tempfile::tempdir().expect("a folder");
    quiet(SLAUDIT, &["man", "--out", text(folder.path())]);
    assert!(set(folder.path()) > 10);
}

/// The package in a folder of its own.
fn unpack() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    quiet("dpkg", &["-x", text(&package().expect("a package")), text(root.path())]);
    root
}

fn unpacked() {
    let root = unpack();
    let binary = root.path().join("usr/bin/slaudit");
    let version = quiet(text(&binary), &["--version"]);
    assert!(version.starts_with(concat!("slaudit ", env!("CARGO_PKG_VERSION"))), "{version}");
    // OpenSSL is part of it, and the commit is that of the tests.
    assert!(version.contains("libssh2 1.") && version.contains("OpenSSL 3."), "{version}");
    assert!(!version.contains("(system)"), "{version}");
    assert_eq!(version.lines().next(), quiet(SLAUDIT, &["--version"]).lines().next());
    let libraries = quiet("ldd", &[text(&binary)]);
    for line in libraries.lines().map(str::trim) {
        let name = line.rsplit_once(" => ").map_or(line, |(name, _)| name);
        let name = name.split_whitespace().next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        let known = SYSTEM_LIBRARIES
            .iter()
            .any(|library| name.starts_with(&format!("{library}.")) || name.starts_with(&format!("{library}-")));
        assert!(known, "{name} is no part of the C library\n{libraries}");
    }
    let analysis = run(text(&binary), &["analyze", text(&project("tests/commands")), "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&analysis.stdout).expect("one document");
    assert!(document["devices"].as_array().is_some_and(|devices| devices.len() >= 4), "{document}");
    let config = root.path().join("etc/slaudit/slaudit.toml");
    assert!(quiet(text(&binary), &["config", "--config", text(&config)]).contains("concurrency = 256"));
    for path in [
        "usr/lib/systemd/system/slaudit.service",
        "usr/lib/systemd/system/slaudit.timer",
        "usr/share/bash-completion/completions/slaudit",
        "usr/share/zsh/vendor-completions/_slaudit",
        "usr/share/fish/vendor_completions.d/slaudit.fish",
        "usr/share/doc/slaudit/copyright",
        "usr/share/doc/slaudit/LICENSE-APACHE",
        "usr/share/doc/slaudit/report.schema.json",
        "usr/share/doc/slaudit/examples/inventory.example.csv",
    ] {
        assert!(!read(&root.path().join(path)).is_empty(), "{path} is empty");
    }
    let licences = read(&root.path().join("usr/share/doc/slaudit/THIRD-PARTY.txt"));
    for part in ["COPYING\n", "LICENSE.txt\n", "tokio 1."] {
        assert!(licences.contains(part), "{part} is not among the licences");
    }
}

fn packaged_pages() {
    assert!(set(&unpack().path().join("usr/share/man/man1")) > 10);
}

fn installed() {
    let package = package().expect("a package");
    run("dpkg", &["--install", text(&package)]);
    let version = run("slaudit", &["--version"]);
    // Whatever came of it, the machine is left as it was.
    let removed = run("dpkg", &["--purge", "slaudit"]);
    assert!(version.status.success() && version.stdout.starts_with(b"slaudit "), "{version:?}");
    assert!(removed.status.success() && !Path::new("/usr/bin/slaudit").exists(), "{removed:?}");
}
