//! A transcript on disk: a folder a device, a file a command, and `session.json`, which says what the files do not.
//!
//! ```text
//! transcripts/lon1-core-1/session.json
//! transcripts/lon1-core-1/show_license_tech_support.txt
//! transcripts/lon1-core-1/show_running-config_include.txt
//! ```
//!
//! What is written here is read back equal, so that the analysis of saved text judges what the audit judged.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::path_name::path_name;
use super::text::normalise;
use super::{Cut, Exchange, Reply, Transcript};
use crate::disk;
use crate::inventory::Device;

/// Name of the file that describes a device's folder.
pub const SESSION_FILE: &str = "session.json";
const SCHEMA: u32 = 1;
/// How folders in the making end.
const PARTIAL: &str = ".partial";

/// A transcript, and what was stored with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Archived {
    /// The transcript.
    pub transcript: Transcript,
    /// Names of the columns in [`Device::extra`].
    pub extra_columns: Vec<String>,
    /// How the device was reached, in the words of whoever wrote it.
    pub contact: serde_json::Value,
}

/// Why a transcript could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .path.display())]
pub struct ArchiveError {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    #[source]
    pub problem: ArchiveProblem,
}

impl ArchiveError {
    /// What to do, where the file system did not let `folder`, that of all transcripts, be written.
    pub fn remedy(&self, folder: &Path) -> String {
        let kind = match &self.problem {
            ArchiveProblem::Io(error) => error.kind(),
            _ => io::ErrorKind::Other,
        };
        disk::remedy(kind, folder)
    }
}

/// What is wrong with a file of the archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveProblem {
    /// The file system said no.
    #[error("{0}")]
    Io(io::Error),
    /// `session.json` is not what slaudit writes.
    #[error("not a session of slaudit: {0}")]
    Json(serde_json::Error),
    /// A newer slaudit wrote it.
    #[error("has schema {0}, this slaudit reads {SCHEMA}; use the slaudit that wrote it, or a newer one")]
    Schema(u32),
    /// `session.json` names a file elsewhere.
    #[error("names the file {0:?}, which is not in its folder")]
    Elsewhere(String),
}

/// `session.json`.
#[derive(Serialize, Deserialize)]
struct Session<'a> {
    schema: u32,
    device: Cow<'a, Device>,
    extra_columns: Cow<'a, [String]>,
    hostname: Option<Cow<'a, str>>,
    contact: serde_json::Value,
    commands: Vec<Asked>,
}

/// One command in `session.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    command: String,
    file: String,
    sent_at: Option<Timestamp>,
    took_ms: f64,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Verdict {
    Output,
    Refused { words: String },
    Cut { why: Cut },
}

/// The folder of a device in the making: what it says is written as it comes, so that no reply waits in memory for the last one.
#[derive(Debug)]
pub struct Recording {
    /// What the device leaves at last.
    folder: PathBuf,
    /// Where it is until then. Begins with a dot, as no path name does; readers pass over it.
    partial: PathBuf,
    is_begun: bool,
    taken: HashSet<String>,
    commands: Vec<Asked>,
    /// The first thing that could not be written; nothing is after it.
    failed: Option<ArchiveError>,
}

impl Recording {
    /// Prepares to write what a device says. Nothing is written yet.
    ///
    /// Each is in a place of its own until it is finished: a device may be asked again while what it said before is still kept,
    /// and work on it that was given up may end after its row was written.
    pub fn of(device: &str, transcripts: &Path) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let (name, number) = (path_name(device), NUMBER.fetch_add(1, Ordering::Relaxed));
        Self {
            partial: transcripts.join(format!(".{name}.{number}{PARTIAL}")),
            folder: transcripts.join(name),
            is_begun: false,
            taken: HashSet::new(),
            commands: Vec::new(),
            failed: None,
        }
    }

    /// Writes a reply; its text must be normalised and redacted. What cannot be written is said by [`Recording::finish`].
    pub fn add(&mut self, exchange: &Exchange) {
        if self.failed.is_none() {
            self.failed = self.write(exchange).err();
        }
    }

    /// Puts the folder in its place and returns it. It appears whole or not at all; an earlier one is replaced.
    ///
    /// # Errors
    /// The first thing that could not be written.
    pub fn finish(mut self, of: About<'_>) -> Result<PathBuf, ArchiveError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.begin()?;
        let session = Session {
            schema: SCHEMA,
            device: Cow::Borrowed(of.device),
            extra_columns: Cow::Borrowed(of.extra_columns),
            hostname: of.hostname.map(Cow::Borrowed),
            contact: of.contact,
            commands: std::mem::take(&mut self.commands),
        };
        let path = self.partial.join(SESSION_FILE);
        let json = serde_json::to_vec_pretty(&session).map_err(json_at(&path))?;
        write_file(&path, &json)?;
        remove(&self.folder)?;
        fs::rename(&self.partial, &self.folder).map_err(at(&self.folder))?;
        self.is_begun = false;
        Ok(self.folder.clone())
    }

    fn begin(&mut self) -> Result<(), ArchiveError> {
        if !self.is_begun {
            fs::create_dir_all(&self.partial).map_err(at(&self.partial))?;
            self.is_begun = true;
        }
        Ok(())
    }

    fn write(&mut self, exchange: &Exchange) -> Result<(), ArchiveError> {
        self.begin()?;
        let file = file_name(&exchange.command, &mut self.taken);
        let (text, verdict) = match &exchange.reply {
            Reply::Output(text) => (text, Verdict::Output),
            Reply::Refused(words) => (words, Verdict::Refused { words: words.clone() }),
            Reply::Cut { partial, why } => (partial, Verdict::Cut { why: *why }),
        };
        write_file(&self.partial.join(&file), text.as_bytes())?;
        self.commands.push(Asked {
            command: exchange.command.clone(),
            file,
            sent_at: exchange.sent_at,
            took_ms: exchange.took.as_secs_f64() * 1000.0,
            verdict,
        });
        Ok(())
    }
}

impl Drop for Recording {
    /// An attempt that is not kept leaves nothing behind.
    fn drop(&mut self) {
        if self.is_begun {
            let _ = remove(&self.partial);
        }
    }
}

/// Removes what a run that was killed has left unfinished.
///
/// # Errors
/// Of the file system.
pub fn sweep(transcripts: &Path) -> Result<(), ArchiveError> {
    let entries = match fs::read_dir(transcripts) {
        // It was killed before a device had answered.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(at(transcripts))?,
    };
    for entry in entries {
        let path = entry.map_err(at(transcripts))?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.starts_with('.') && name.ends_with(PARTIAL) {
            remove(&path)?;
        }
    }
    Ok(())
}

/// What stands beside the replies of a device.
#[derive(Debug)]
pub struct About<'a> {
    /// Its row.
    pub device: &'a Device,
    /// Names of the columns in [`Device::extra`].
    pub extra_columns: &'a [String],
    /// Host name of the prompt, where a prompt was seen.
    pub hostname: Option<&'a str>,
    /// How it was reached, in the words of whoever writes it.
    pub contact: serde_json::Value,
}

impl Archived {
    /// Writes the folder of one device into `transcripts`, and returns it, as a [`Recording`] does.
    ///
    /// # Errors
    /// Those of a recording.
    pub fn write(&self, transcripts: &Path) -> Result<PathBuf, ArchiveError> {
        let Transcript { device, exchanges, hostname } = &self.transcript;
        let mut recording = Recording::of(&device.name, transcripts);
        for exchange in exchanges {
            recording.add(exchange);
        }
        recording.finish(About {
            device,
            extra_columns: &self.extra_columns,
            hostname: hostname.as_deref(),
            contact: self.contact.clone(),
        })
    }

    /// Reads the folder of one device.
    pub fn read(folder: &Path) -> Result<Self, ArchiveError> {
        let (path, session) = read_session(folder)?;
        let mut exchanges = Vec::with_capacity(session.commands.len());
        for asked in session.commands {
            if Path::new(&asked.file).file_name() != Some(asked.file.as_ref()) {
                return Err(ArchiveError { path, problem: ArchiveProblem::Elsewhere(asked.file) });
            }
            let file = folder.join(&asked.file);
            // Normalised again: an editor or version control may have changed the line ends.
            let text = || fs::read(&file).map(|bytes| normalise(&bytes)).map_err(at(&file));
            let reply = match asked.verdict {
                Verdict::Output => Reply::Output(text()?),
                Verdict::Refused { words } => Reply::Refused(words),
                Verdict::Cut { why } => Reply::Cut { partial: text()?, why },
            };
            let took = Duration::try_from_secs_f64(asked.took_ms / 1000.0).unwrap_or_default();
            exchanges.push(Exchange { command: asked.command, sent_at: asked.sent_at, took, reply });
        }
        let (device, hostname) = (session.device.into_owned(), session.hostname.map(Cow::into_owned));
        let transcript = Transcript { device, exchanges, hostname };
        Ok(Self { transcript, extra_columns: session.extra_columns.into_owned(), contact: session.contact })
    }
}

/// Whose folder it is, and the names of its extra columns, without reading the outputs.
pub(super) fn read_head(folder: &Path) -> Result<(Device, Vec<String>), ArchiveError> {
    read_session(folder).map(|(_, session)| (session.device.into_owned(), session.extra_columns.into_owned()))
}

fn read_session(folder: &Path) -> Result<(PathBuf, Session<'static>), ArchiveError> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let path = folder.join(SESSION_FILE);
    let json = fs::read(&path).map_err(at(&path))?;
    let found = serde_json::from_slice::<Version>(&json).map_err(json_at(&path))?.schema;
    if found != SCHEMA {
        return Err(ArchiveError { path, problem: ArchiveProblem::Schema(found) });
    }
    let session = serde_json::from_slice(&json).map_err(json_at(&path))?;
    Ok((path, session))
}

/// A file name of its own for each command: its words up to the pipe and the filter's verb, then a number if needed.
fn file_name(command: &str, taken: &mut HashSet<String>) -> String {
    let (words, filter) = command.split_once('|').unwrap_or((command, ""));
    let words: Vec<_> = words.split_whitespace().chain(filter.split_whitespace().next()).collect();
    let stem = path_name(&words.join("_"));
    let names = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}_{number}")));
    // Compared without case, as some file systems do.
    let free = names.into_iter().find(|name| taken.insert(name.to_lowercase())).unwrap_or(stem);
    format!("{free}.txt")
}

/// Writes a file to its end. Some file systems say only with `close` that there is no room for it, above all those over a network
/// and those with quotas; dropping the file would hide that.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    let write = || {
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        nix::unistd::close(file).map_err(io::Error::from)
    };
    write().map_err(at(path))
}

fn remove(folder: &Path) -> Result<(), ArchiveError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder)(error)),
        _ => Ok(()),
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    move |error| ArchiveError { path: path.to_owned(), problem: ArchiveProblem::Io(error) }
}

fn json_at(path: &Path) -> impl FnOnce(serde_json::Error) -> ArchiveError {
    move |error| ArchiveError { path: path.to_owned(), problem: ArchiveProblem::Json(error) }
}
