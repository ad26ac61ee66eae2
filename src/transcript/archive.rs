//! A transcript on disk: a folder a device, a file a command, and `session.json`, which says what the files do not.
//!
//! ```text
//! transcripts/lon1-core-1/session.json
//! transcripts/lon1-core-1/show_license_tech_support.txt
//! transcripts/lon1-core-1/show_running-config_include.txt
//! ```
//!
//! What is written here is read back equal, so that the analysis of saved text judges what the audit judged.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::path_name::path_name;
use super::text::normalise;
use super::{Cut, Exchange, Reply, Transcript};
use crate::inventory::Device;

/// Name of the file that describes a device's folder.
pub const SESSION_FILE: &str = "session.json";
const SCHEMA: u32 = 1;

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
struct Session {
    schema: u32,
    device: Device,
    extra_columns: Vec<String>,
    hostname: Option<String>,
    contact: serde_json::Value,
    commands: Vec<Asked>,
}

/// One command in `session.json`.
#[derive(Serialize, Deserialize)]
struct Asked {
    command: String,
    file: String,
    sent_at: Option<Timestamp>,
    took_ms: f64,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
enum Verdict {
    Output,
    Refused { words: String },
    Cut { why: Cut },
}

impl Archived {
    /// Writes the folder of one device into `transcripts`, and returns it. It appears whole or not at all; an earlier one
    /// is replaced. The text must be normalised and redacted.
    pub fn write(&self, transcripts: &Path) -> Result<PathBuf, ArchiveError> {
        let name = path_name(&self.transcript.device.name);
        let folder = transcripts.join(&name);
        // Begins with a dot, as no path name does; readers pass over it.
        let partial = transcripts.join(format!(".{name}.partial"));
        remove(&partial)?;
        fs::create_dir_all(&partial).map_err(at(&partial))?;
        let mut taken = HashSet::new();
        let mut commands = Vec::with_capacity(self.transcript.exchanges.len());
        for exchange in &self.transcript.exchanges {
            let file = file_name(&exchange.command, &mut taken);
            let (text, verdict) = match &exchange.reply {
                Reply::Output(text) => (text, Verdict::Output),
                Reply::Refused(words) => (words, Verdict::Refused { words: words.clone() }),
                Reply::Cut { partial, why } => (partial, Verdict::Cut { why: *why }),
            };
            write_file(&partial.join(&file), text.as_bytes())?;
            commands.push(Asked {
                command: exchange.command.clone(),
                file,
                sent_at: exchange.sent_at,
                took_ms: exchange.took.as_secs_f64() * 1000.0,
                verdict,
            });
        }
        let session = Session {
            schema: SCHEMA,
            device: self.transcript.device.clone(),
            extra_columns: self.extra_columns.clone(),
            hostname: self.transcript.hostname.clone(),
            contact: self.contact.clone(),
            commands,
        };
        let path = partial.join(SESSION_FILE);
        let json = serde_json::to_vec_pretty(&session).map_err(json_at(&path))?;
        write_file(&path, &json)?;
        remove(&folder)?;
        fs::rename(&partial, &folder).map_err(at(&folder))?;
        Ok(folder)
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
        let transcript = Transcript { device: session.device, exchanges, hostname: session.hostname };
        Ok(Self { transcript, extra_columns: session.extra_columns, contact: session.contact })
    }
}

/// Whose folder it is, and the names of its extra columns, without reading the outputs.
pub(super) fn read_head(folder: &Path) -> Result<(Device, Vec<String>), ArchiveError> {
    read_session(folder).map(|(_, session)| (session.device, session.extra_columns))
}

fn read_session(folder: &Path) -> Result<(PathBuf, Session), ArchiveError> {
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

fn write_file(path: &Path, bytes: &[u8]) -> Result<(), ArchiveError> {
    fs::write(path, bytes).map_err(at(path))
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
