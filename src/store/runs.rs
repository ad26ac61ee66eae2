//! Runs of the store: what is known of one before its devices, which there are, and which is meant by a name.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::read::count;
use super::{Store, StoreError, json_error, millis, moment};
use crate::finding::Severity;
use crate::inventory::Shard;

/// What is known of a run besides its devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// For example `20261124T020000Z-7f3a`.
    pub id: String,
    /// `--label`.
    pub label: Option<String>,
    /// `audit` or `analyze`, with its arguments; no secret can stand there.
    pub command: String,
    /// Where the devices came from: a path, `--hosts`, or the paths analyzed.
    pub inventory: String,
    /// Names of the inventory's own extra columns.
    pub extra_columns: Vec<String>,
    /// The slaudit that made it.
    pub version: String,
    /// The catalogue of rules that judged.
    pub rules_version: String,
    /// Ids of the rules that were judged: a finding of another rule is neither resolved nor unverified by this run.
    pub rules: Vec<String>,
    /// When it began.
    pub started: Timestamp,
    /// `--shard`: which part of the devices it was to ask.
    pub shard: Option<Shard>,
}

impl Head {
    /// A run of which nothing more is known: nothing was judged in it.
    pub fn new(id: &str, started: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            label: None,
            command: String::new(),
            inventory: String::new(),
            extra_columns: Vec::new(),
            version: String::new(),
            rules_version: String::new(),
            rules: Vec::new(),
            started,
            shard: None,
        }
    }
}

/// A run of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// What is known of it.
    pub head: Head,
    /// When the last device was done; `None` where it never ended.
    pub finished: Option<Timestamp>,
    /// True where every device was done.
    pub is_complete: bool,
}

/// How many findings were open at the end of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Its id.
    pub id: String,
    /// When it began.
    pub started: Timestamp,
    /// Open findings, in the order of [`Severity::ALL`].
    pub open: Vec<usize>,
}

const COLUMNS: &str =
    "id, label, command, inventory, extra_columns, version, rules_version, rules, started, shard, finished, complete";

impl Store {
    pub(super) fn insert(&self, head: &Head) -> Result<(), StoreError> {
        let list = |list: &Vec<String>| serde_json::to_string(list).unwrap_or_default();
        self.connection
            .execute(
                &format!(
                    "INSERT INTO run ({COLUMNS}, captured) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, 0, ?9)"
                ),
                params![
                    head.id,
                    head.label,
                    head.command,
                    head.inventory,
                    list(&head.extra_columns),
                    head.version,
                    head.rules_version,
                    list(&head.rules),
                    millis(head.started),
                    head.shard.map(|shard| shard.to_string()),
                ],
            )
            .map_err(self.failed())?;
        Ok(())
    }

    /// The run of an id.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn run(&self, id: &str) -> Result<Option<Past>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM run WHERE id = ?1");
        self.connection.query_row(&sql, [id], past).optional().map_err(self.failed())
    }

    /// The run of an id, which must have ended.
    ///
    /// # Errors
    /// There is no such run, it never ended, or SQLite.
    pub fn ended(&self, id: &str) -> Result<Past, StoreError> {
        let what = match self.run(id)? {
            Some(run) if run.finished.is_some() => return Ok(run),
            Some(_) => {
                format!("run {id} has not ended; where it was killed, slaudit audit --resume {id} goes on with it")
            }
            None => format!("it has no run {id}"),
        };
        Err(StoreError::Run { place: self.place(), what })
    }

    /// All runs, the newest first.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn runs(&self) -> Result<Vec<Past>, StoreError> {
        let read = || {
            let mut statement =
                self.connection.prepare(&format!("SELECT {COLUMNS} FROM run ORDER BY started DESC, id DESC"))?;
            statement.query_map([], past)?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(self.failed())
    }

    /// True where no complete run of the store has newer evidence.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn is_newest(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM run r, run this WHERE this.id = ?1 AND r.complete
             AND r.part_of IS NULL AND (r.captured, r.id) > (this.captured, this.id))";
        self.connection.query_row(sql, [id], |row| row.get(0)).map_err(self.failed())
    }

    /// When the last complete run began, of a run and those before it, in which at least one device was judged. Parts of a joined
    /// run are left out.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn last_success(&self, id: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT r.captured FROM run r, run this
             WHERE this.id = ?1 AND r.complete AND (r.captured, r.id) <= (this.captured, this.id)
                 AND (r.part_of IS NULL OR r.id = this.id) AND EXISTS
                 (SELECT 1 FROM device WHERE run = r.id AND health <> 'unknown' AND status IN ('audited', 'partial')
                     AND json_extract(row, '$.coverage') > 0)
             ORDER BY r.captured DESC, r.id DESC LIMIT 1";
        let found = self.connection.query_row(sql, [id], |row| row.get::<_, i64>(0)).optional();
        found.map(|started| started.map(moment)).map_err(self.failed())
    }

    /// The open findings of a run and of those before it, `most` at most, the oldest first. Runs that were interrupted are left out.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn figures(&self, id: &str, most: usize) -> Result<Vec<Figures>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Figures>> {
            let mut runs = self.connection.prepare(
                "SELECT r.id, r.captured FROM run r, run this WHERE this.id = ?1
                 AND (r.id = this.id OR (r.complete AND r.part_of IS NULL AND (r.captured, r.id) < (this.captured, this.id)))
                 ORDER BY r.captured DESC, r.id DESC LIMIT ?2",
            )?;
            let mut open = self.connection.prepare(
                "SELECT severity, count(*) FROM finding
                 WHERE run = ?1 AND change <> 'resolved' AND state <> 'waived' GROUP BY severity",
            )?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let found: Vec<(String, i64)> =
                runs.query_map(params![id, most], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            let mut figures = Vec::with_capacity(found.len());
            for (id, started) in found.into_iter().rev() {
                let mut counts = vec![0; Severity::ALL.len()];
                let mut rows = open.query([&id])?;
                while let Some(row) = rows.next()? {
                    if let Some(open) = counts.get_mut(count(row, 0)?) {
                        *open = count(row, 1)?;
                    }
                }
                figures.push(Figures { id, started: moment(started), open: counts });
            }
            Ok(figures)
        };
        read().map_err(self.failed())
    }
}

fn past(row: &Row<'_>) -> rusqlite::Result<Past> {
    let list = |at: usize| -> rusqlite::Result<Vec<String>> {
        serde_json::from_str(&row.get::<_, String>(at)?).map_err(json_error)
    };
    Ok(Past {
        head: Head {
            id: row.get(0)?,
            label: row.get(1)?,
            command: row.get(2)?,
            inventory: row.get(3)?,
            extra_columns: list(4)?,
            version: row.get(5)?,
            rules_version: row.get(6)?,
            rules: list(7)?,
            started: moment(row.get(8)?),
            shard: row.get::<_, Option<String>>(9)?.and_then(|text| text.parse().ok()),
        },
        finished: row.get::<_, Option<i64>>(10)?.map(moment),
        is_complete: row.get(11)?,
    })
}
