//! Saved output comes in: slaudit's own archives and other people's captures become transcripts.
//!
//! Taken are a run folder, its `transcripts` or one device of it; a folder a device with a file a command; a folder a
//! command with a file a device; terminal logs with prompts; `show tech-support` bundles with headings; all of them also as
//! gzip or UTF-16. The command of an output is known from a heading or an echo, else from the file's name, else from its
//! folder's, else it is the one given. The device is known from the prompt, else from the folder of a folder a device, else
//! from the file's name.
//!
//! Intake has two steps, so that a thousand devices need the memory of one: [`scan`] finds out what there is, and
//! [`Source::load`] reads one device. What could not be placed is in [`Plan::unplaced`], with the reason: nothing is lost
//! silently.

mod capture;
mod join;
mod naming;
mod split;
mod walk;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Read;
use std::net::IpAddr;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::capture::Files;
use self::naming::Names;
use self::walk::Found;
use super::archive::{self, ArchiveError};
use crate::inventory::{Device, Inventory};

pub use self::join::Taken;

/// Recognises a command as typed (`sh lic stat`) or as a file spells it, and gives its full text.
pub type Known<'a> = dyn Fn(&str) -> Option<Cow<'static, str>> + 'a;

/// The clean text of one file or stream: plain, UTF-16 or gzip; empty where there is none.
///
/// # Errors
/// Where it cannot be read, is too large, or is no text.
pub fn read_text(reader: impl Read) -> Result<String, Reason> {
    match capture::read_from(reader) {
        Ok(capture) => Ok(capture.text),
        Err(Reason::Empty) => Ok(String::new()),
        Err(reason) => Err(reason),
    }
}

/// What the user says about the captures.
pub struct Options<'a> {
    /// The commands slaudit reads.
    pub known: &'a Known<'a>,
    /// The command of files that do not say it (`--command`), in full.
    pub command: Option<Cow<'static, str>>,
    /// Sites and expectations, by device name.
    pub inventory: Option<&'a Inventory>,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inventory = self.inventory.map(|inventory| inventory.devices.len());
        f.debug_struct("Options").field("command", &self.command).field("inventory", &inventory).finish_non_exhaustive()
    }
}

/// What the paths hold.
#[derive(Debug, Default)]
pub struct Plan {
    /// One entry a device, in the order in which they were found.
    pub devices: Vec<Source>,
    /// What is in no transcript.
    pub unplaced: Vec<Unplaced>,
    /// Names of the columns in [`Device::extra`] of every device.
    pub extra_columns: Vec<String>,
}

/// A path that is in no transcript, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", .path.display())]
pub struct Unplaced {
    /// The file or folder.
    pub path: PathBuf,
    /// Why, and what to do.
    pub reason: Reason,
}

impl From<ArchiveError> for Unplaced {
    fn from(error: ArchiveError) -> Self {
        Self { path: error.path, reason: Reason::Session(error.problem.to_string()) }
    }
}

/// Why a path is in no transcript.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The file system or the unpacking said no.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// Over the size limit.
    #[error("is larger than 64 MiB; split it by device")]
    TooLarge,
    /// It was changed between the two steps.
    #[error("was changed while it was read; run it again")]
    Changed,
    /// `session.json` cannot be used.
    #[error("{0}")]
    Session(String),
    /// A device file, a pipe.
    #[error("is not a regular file; save the output into one")]
    NotAFile,
    /// A folder of run folders.
    #[error("holds {0} runs; name one of them")]
    SeveralRuns(usize),
    /// A link to a folder.
    #[error("is a link to a folder, and links are not followed; name the folder itself")]
    Link,
    /// A folder without files.
    #[error("holds no file")]
    NoFiles,
    /// A file without text.
    #[error("is empty")]
    Empty,
    /// A picture, a workbook, a database.
    #[error("is not text")]
    NotText,
    /// A zip or tar archive.
    #[error("is a zip or tar archive; unpack it first")]
    Packed,
    /// Neither content nor names say which command printed it.
    #[error("which command printed it is not known; name the file after it (show_license_all.txt) or give --command")]
    NoCommand,
    /// It holds other commands only.
    #[error("holds no command that slaudit reads, only {}", .0.join(", "))]
    OtherCommands(Vec<String>),
}

impl Reason {
    /// True where something that may be evidence could not be read; false where a file merely has no place.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Unreadable(_)
                | Self::TooLarge
                | Self::Changed
                | Self::Session(_)
                | Self::NotAFile
                | Self::SeveralRuns(_)
        )
    }
}

/// Where the transcript of one device comes from.
#[derive(Debug)]
pub struct Source {
    /// The inventory's row; without one a device that has a name only.
    pub device: Device,
    hostname: Option<String>,
    parts: Vec<Part>,
    files: Arc<Files>,
}

/// A part of a device's transcript.
#[derive(Debug)]
enum Part {
    /// An archived session.
    Session(PathBuf),
    /// The output of one command.
    Output { path: Arc<Path>, command: Cow<'static, str>, output: Range<usize>, line: usize, cut: bool },
    /// Commands in a file that are not read.
    Other { path: Arc<Path>, commands: Vec<String> },
}

/// Finds out which devices and commands the paths hold.
pub fn scan(paths: &[PathBuf], options: &Options<'_>) -> Plan {
    let inventory = options.inventory.map_or(&[][..], |inventory| inventory.devices.as_slice());
    let mut scan = Scan {
        options,
        rows: inventory.iter().map(|device| (device.name.to_lowercase(), device)).collect(),
        short: HashMap::new(),
        plan: Plan::default(),
        places: HashMap::new(),
        alone: HashMap::new(),
        files: Arc::default(),
    };
    for device in inventory.iter().filter(|device| device.name.parse::<IpAddr>().is_err()) {
        if let Some((short, _)) = device.name.split_once('.') {
            scan.short.entry(short.to_lowercase()).and_modify(|row| *row = None).or_insert(Some(device));
        }
    }
    scan.plan.extra_columns = options.inventory.map(|inventory| inventory.extra_columns.clone()).unwrap_or_default();
    for found in paths.iter().flat_map(|path| walk::walk(path)) {
        let result = match found {
            Found::Session(folder) => scan.add_session(folder),
            Found::File(path) => scan.add_file(&path).map_err(|reason| Unplaced { path, reason }),
            Found::Unplaced(path, reason) => Err(Unplaced { path, reason }),
        };
        scan.plan.unplaced.extend(result.err());
    }
    let width = scan.plan.extra_columns.len();
    for source in &mut scan.plan.devices {
        source.device.extra.resize(width, String::new());
    }
    scan.plan
}

struct Scan<'a> {
    options: &'a Options<'a>,
    /// The inventory's rows by name in lower case.
    rows: HashMap<String, &'a Device>,
    /// The same by the name without its domain; `None` where two rows share it.
    short: HashMap<String, Option<&'a Device>>,
    plan: Plan,
    /// Position of each device in the plan, by its name in lower case.
    places: HashMap<String, usize>,
    /// In the layout of a folder a command: the file that has a device name.
    alone: HashMap<String, PathBuf>,
    files: Arc<Files>,
}

impl Scan<'_> {
    fn add_session(&mut self, folder: PathBuf) -> Result<(), Unplaced> {
        let (mut device, columns) = archive::read_head(&folder)?;
        device.extra = self.arrange(&columns, &device.extra);
        self.source(device).parts.push(Part::Session(folder));
        Ok(())
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Reason> {
        let capture = self.files.read(path)?;
        let split = split::split(&capture, self.options.known);
        let names = naming::read(path, self.options.known);
        let path: Arc<Path> = path.into();
        let unread: Vec<_> = split.unread.into_iter().collect();
        let mut places = Vec::new();
        for piece in split.pieces {
            let command = piece.command.or_else(|| names.command.clone()).or_else(|| self.options.command.clone());
            let command = command.ok_or_else(|| {
                names.other.clone().map_or(Reason::NoCommand, |command| Reason::OtherCommands(vec![command]))
            })?;
            let device = self.name(piece.host.as_deref(), &names);
            let source = self.source(Device::named(&device));
            source.hostname = source.hostname.take().or(piece.host);
            let (output, line, cut) = (piece.output, piece.line, piece.cut);
            source.parts.push(Part::Output { path: Arc::clone(&path), command, output, line, cut });
            places.push(device);
        }
        match places.first() {
            None if unread.is_empty() => Err(Reason::NoCommand),
            None => Err(Reason::OtherCommands(unread)),
            Some(_) if unread.is_empty() => Ok(()),
            Some(device) => {
                let device = Device::named(device);
                self.source(device).parts.push(Part::Other { path, commands: unread });
                Ok(())
            }
        }
    }

    /// The device's name: the prompt's, unless many devices have it, or the inventory knows the other one only.
    fn name(&mut self, host: Option<&str>, names: &Names) -> String {
        if let Some(row) = host.and_then(|host| self.row(host)).or_else(|| self.row(&names.device)) {
            return row.name.clone();
        }
        match (host.filter(|host| naming::is_own_name(host)), &names.alone) {
            (Some(host), _) => host.to_owned(),
            (None, None) => names.device.clone(),
            (None, Some(path)) => self.name_alone(&names.device, path),
        }
    }

    /// A file in a folder that names a command is a device of its own, named by its stem; where another file has that name,
    /// by as much of its path as tells them apart.
    fn name_alone(&mut self, device: &str, path: &Path) -> String {
        let mut name = device.to_owned();
        for folder in path.ancestors().skip(1) {
            let owner = self.alone.entry(name.to_lowercase()).or_insert_with(|| path.to_owned());
            let Some(folder) = folder.file_name().filter(|_| owner != path) else { break };
            name = format!("{}/{name}", folder.to_string_lossy());
        }
        name
    }

    /// The inventory's row of a name. A prompt has no domain, so `sw1` is `sw1.example.com` where no other `sw1` is.
    fn row(&self, name: &str) -> Option<&Device> {
        let name = name.to_lowercase();
        self.rows.get(&name).copied().or_else(|| self.short.get(&name).copied().flatten())
    }

    /// The source of a device, new or known; the inventory's row wins over `device`.
    fn source(&mut self, device: Device) -> &mut Source {
        let key = device.name.to_lowercase();
        let place = *self.places.entry(key).or_insert_with_key(|key| {
            let device = self.rows.get(key).map_or(device, |row| (*row).clone());
            let files = Arc::clone(&self.files);
            self.plan.devices.push(Source { device, hostname: None, parts: Vec::new(), files });
            self.plan.devices.len() - 1
        });
        &mut self.plan.devices[place]
    }

    /// Values of a session's own columns, in the order of the plan's, which gain those that are new.
    fn arrange(&mut self, columns: &[String], values: &[String]) -> Vec<String> {
        let all = &mut self.plan.extra_columns;
        let mut arranged = vec![String::new(); all.len()];
        for (column, value) in columns.iter().zip(values) {
            let place = all.iter().position(|known| known == column).unwrap_or_else(|| {
                all.push(column.clone());
                arranged.push(String::new());
                all.len() - 1
            });
            arranged[place].clone_from(value);
        }
        arranged
    }
}
