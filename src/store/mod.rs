//! What runs leave behind: their devices, findings and details in one SQLite file, `slaudit-runs/slaudit.db`. All reports are
//! made from it, and what is new or resolved is told by it.
//!
//! A device is kept as soon as it is done; nothing of a fleet stays in memory. Times are milliseconds since 1970, universal time.
//! Without an output directory the same tables are made in a temporary file.

mod draft;
mod history;
mod merge;
mod read;
mod runs;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

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
    #[error("{}: the store cannot be opened: {cause}; where it is no store of slaudit, move it away", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite says, or which version it has.
        // Not `source`: whoever prints the chain of causes would say it twice.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// SQLite refused to read or to write.
    #[error("{place}: the store failed: {cause}")]
    Sql {
        /// The file, in words where it is a temporary one.
        place: String,
        /// What SQLite says.
        cause: rusqlite::Error,
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
            Err(cause) => Err(StoreError::Open { path, cause }),
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
            Err(cause) => Err(StoreError::Open { path: PathBuf::from("a temporary file"), cause }),
        }
    }

    /// The store's name in messages.
    fn place(&self) -> String {
        self.path.as_ref().map_or_else(|| "temporary store".to_owned(), |path| path.display().to_string())
    }

    /// Names the store in an error of SQLite.
    fn failed(&self) -> impl Fn(rusqlite::Error) -> StoreError {
        let place = self.place();
        move |cause| StoreError::Sql { place: place.clone(), cause }
    }
}

/// A moment as the store keeps it.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A moment that the store kept. One that no calendar has reads as the first of 1970.
fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// An error of JSON inside a row, as SQLite's kind of error.
fn json_error(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}
