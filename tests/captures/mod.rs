//! Captured outputs: a file, the command its folder names, and what is read from it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use slaudit::inventory::Device;
use slaudit::reading::{Reading, read};
use slaudit::transcript::{Exchange, Reply, Transcript};

/// One captured output.
#[derive(Debug, Clone)]
pub(crate) struct Capture {
    /// `iosxe/show_license_all/genie-golden_output`.
    pub(crate) name: String,
    /// `show license all`.
    pub(crate) command: String,
    /// As captured.
    pub(crate) text: String,
}

impl Capture {
    /// What slaudit reads from it.
    pub(crate) fn read(&self) -> Reading {
        read_reply(&self.command, Reply::Output(self.text.clone()))
    }
}

/// What slaudit reads from one reply to one command.
pub(crate) fn read_reply(command: &str, reply: Reply) -> Reading {
    read(&Transcript {
        device: Device::named("sw1"),
        exchanges: vec![Exchange { command: command.to_owned(), sent_at: None, took: Duration::ZERO, reply }],
        hostname: None,
    })
}

/// Where other people's captures lie: `SLAUDIT_CORPUS`, else beside the project or its parent.
pub(crate) fn corpus() -> Option<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = ["../shared/transcripts", "../../shared/transcripts"].map(|path| project.join(path));
    match std::env::var_os("SLAUDIT_CORPUS") {
        Some(path) => Some(PathBuf::from(path)).filter(|path| path.is_dir()),
        None => beside.into_iter().find(|path| path.is_dir()),
    }
}

/// Every capture whose command slaudit knows, in the order of their names.
pub(crate) fn captures(root: &Path) -> Vec<Capture> {
    let mut files = Vec::new();
    collect(root, &mut files);
    files.sort();
    files
        .into_iter()
        .filter_map(|path| {
            let relative = path.strip_prefix(root).ok()?.with_extension("");
            let folder = relative.parent()?.file_name()?.to_str()?;
            let command = folder.replace('_', " ");
            slaudit::commands::find(&command)?;
            let text = String::from_utf8_lossy(&std::fs::read(&path).ok()?).into_owned();
            Some(Capture { name: relative.to_string_lossy().replace('\\', "/"), command, text })
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            files.push(path);
        }
    }
}
