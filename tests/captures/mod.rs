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

/// Other people's captures, which are not part of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Corpus {
    /// A folder that holds captures.
    At(PathBuf),
    /// `SLAUDIT_CORPUS` names a folder that does not exist or holds no capture, for this reason.
    Wrong(String),
    /// Nothing names a folder, and none is in the usual places.
    Missing,
    /// `SLAUDIT_CORPUS=none`: the tests were deliberately run without captures.
    LeftOut,
}

/// Where the captures are: the folder in `SLAUDIT_CORPUS`, else one beside the project or its parent.
pub(crate) fn corpus() -> Corpus {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = ["../shared/transcripts", "../../shared/transcripts"].map(|path| project.join(path));
    find_corpus(std::env::var_os("SLAUDIT_CORPUS").map(PathBuf::from), &beside)
}

/// Where the captures are, by the value of `SLAUDIT_CORPUS` and the usual places.
pub(crate) fn find_corpus(named: Option<PathBuf>, beside: &[PathBuf]) -> Corpus {
    let path = match named {
        Some(path) if path.as_os_str() == "none" => return Corpus::LeftOut,
        Some(path) if path.is_dir() => path,
        Some(path) => return Corpus::Wrong(format!("SLAUDIT_CORPUS={}: there is no such folder", path.display())),
        None => match beside.iter().find(|path| path.is_dir()) {
            Some(path) => path.clone(),
            None => return Corpus::Missing,
        },
    };
    if captures(&path).is_empty() {
        let layout = "expected PLATFORM/COMMAND_WITH_UNDERSCORES/NAME.txt";
        return Corpus::Wrong(format!("{}: the folder holds no capture; {layout}", path.display()));
    }
    Corpus::At(path)
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
