//! What runs leave behind: their devices, findings and details in one SQLite file, `slaudit-runs/slaudit.db`. All reports are
//! made from it, and what is new or resolved is told by it.
//!
//! A device is kept as soon as it is done; nothing of a fleet stays in memory. Times are milliseconds since 1970, universal time.
//! Without an output directory the same tables are made in a temporary file.

mod columns;
mod draft;
mod history;
mod merge;
mod read;
mod runs;
mod schema;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use crate::disk;

pub use self::draft::{Draft, Packed};
pub use self::history::Waive;
pub use self::read::Device;
pub use self::runs::{Figures, Head, Past, RuleChoice, Selected};
pub use crate::record::Waived;

/// The name of the file in the directory of the runs.
pub const FILE_NAME: &str = "slaudit.db";
/// How long a run waits while another one writes: the end of a large run takes seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("{}: the store cannot be opened: {cause}; {remedy}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What to do.
        remedy: String,
        /// What SQLite says, or which version it has.
        // Not `source`: whoever prints the chain of causes would say it twice.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// SQLite refused to read or to write.
    #[error("{place}: the store failed: {cause}{}", .remedy.as_ref().map(|remedy| format!("; {remedy}")).unwrap_or_default())]
    Sql {
        /// The file, in words where it is a temporary one.
        place: String,
        /// What SQLite says.
        cause: rusqlite::Error,
        /// What to do, where the machine is the reason and not slaudit: the disk is full, for example.
        remedy: Option<String>,
    },
    /// There is no such run, or it has no reports yet.
    #[error("{place}: {what}")]
    Run {
        /// The file.
        place: String,
        /// Which run, and what to do.
        what: String,
    },
}

impl StoreError {
    /// True where nothing that is mended in slaudit would help: the disk is full, for example.
    pub fn is_external(&self) -> bool {
        match self {
            Self::Open { .. } | Self::Run { .. } => true,
            Self::Sql { remedy, .. } => remedy.is_some(),
        }
    }
}

/// What to do where the machine is the reason for an error of SQLite.
fn remedy(error: &rusqlite::Error, path: Option<&Path>) -> Option<String> {
    let kind = match error.sqlite_error_code()? {
        ErrorCode::DiskFull => io::ErrorKind::StorageFull,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => io::ErrorKind::PermissionDenied,
        ErrorCode::SystemIoFailure | ErrorCode::CannotOpen => io::ErrorKind::Other,
        ErrorCode::DatabaseBusy => {
            return Some("another slaudit has it in use; run again when that is over".to_owned());
        }
        _ => return None,
    };
    let temporary = std::env::temp_dir();
    let folder = path.and_then(Path::parent).unwrap_or(&temporary);
    Some(disk::remedy(kind, folder))
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: Option<PathBuf>,
}

impl Store {
    /// Opens the store of a directory of runs; it is made where it is missing.
    ///
    /// # Errors
    /// The file cannot be read and written, is no SQLite file, or another version of slaudit made it.
    pub fn open(runs: &Path) -> Result<Self, StoreError> {
        let path = runs.join(FILE_NAME);
        let open = || -> Result<Connection, Box<dyn std::error::Error + Send + Sync>> {
            let mut connection = Connection::open(&path)?;
            connection.busy_timeout(PATIENCE)?;
            // Readers do not wait for writers, and a device costs no flush of the disk. What a crash of the whole machine may
            // lose are the last devices of a run that was not finished.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            // In KiB. A run is written and read in order: 10,000 devices with a history take no longer than with the usual 2,000.
            connection.pragma_update(None, "cache_size", -512)?;
            schema::prepare(&mut connection)?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self { connection, path: Some(path) }),
            Err(cause) => Err(cannot_open(path.clone(), Some(&path), cause)),
        }
    }

    /// The store of a directory of runs, where there is one.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn existing(runs: &Path) -> Result<Option<Self>, StoreError> {
        if runs.join(FILE_NAME).is_file() { Self::open(runs).map(Some) } else { Ok(None) }
    }

    /// A store for one run, of which nothing is kept. It grows on disk, not in memory.
    ///
    /// # Errors
    /// There is no room for temporary files.
    pub fn temporary() -> Result<Self, StoreError> {
        let open = || -> Result<Connection, Box<dyn std::error::Error + Send + Sync>> {
            let mut connection = Connection::open("")?;
            connection.pragma_update(None, "journal_mode", "OFF")?;
            connection.pragma_update(None, "synchronous", "OFF")?;
            schema::prepare(&mut connection)?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self { connection, path: None }),
            Err(cause) => Err(cannot_open(PathBuf::from("a temporary file"), None, cause)),
        }
    }

    /// The store's name in messages.
    fn place(&self) -> String {
        self.path.as_ref().map_or_else(|| "temporary store".to_owned(), |path| path.display().to_string())
    }

    /// Names the store in an error of SQLite.
    fn failed(&self) -> impl Fn(rusqlite::Error) -> StoreError {
        let (place, path) = (self.place(), self.path.clone());
        move |cause| {
            let remedy = remedy(&cause, path.as_deref());
            StoreError::Sql { place: place.clone(), cause, remedy }
        }
    }
}

fn cannot_open(shown: PathBuf, path: Option<&Path>, cause: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    let remedy = cause.downcast_ref().and_then(|cause| remedy(cause, path));
    let remedy = remedy.unwrap_or_else(|| "where it is no store of slaudit, move it away".to_owned());
    StoreError::Open { path: shown, remedy, cause }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_fault_of_slaudit() {
        let store = Store { path: Some(PathBuf::from("/srv/runs/slaudit.db")), ..Store::temporary().expect("a store") };
        let said = |code| {
            let error = store.failed()(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
            (error.is_external(), error.to_string())
        };
        for (code, words) in [
            (ffi::SQLITE_FULL, "free space at /srv/runs"),
            (ffi::SQLITE_READONLY, "make /srv/runs writable"),
            (ffi::SQLITE_IOERR_WRITE, "check the disk at /srv/runs"),
            (ffi::SQLITE_BUSY, "another slaudit has it in use"),
        ] {
            let (is_external, text) = said(code);
            assert!(
                is_external && text.starts_with("/srv/runs/slaudit.db: ") && text.contains(words),
                "{code}: {text}"
            );
        }
        for code in [ffi::SQLITE_CONSTRAINT, ffi::SQLITE_CORRUPT, ffi::SQLITE_ERROR] {
            let (is_external, text) = said(code);
            assert!(!is_external && text.contains("the store failed"), "{code}: {text}");
        }
        let temporary = Store::temporary().expect("a store");
        let error = temporary.failed()(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), None));
        let folder = std::env::temp_dir().display().to_string();
        assert!(error.to_string().ends_with(&format!("free space at {folder}")), "{error}");
    }
}
