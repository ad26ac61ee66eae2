//! Runs of the store: what is known of one before its devices, which there are, and which is meant by a name.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::columns::{count, json_error, millis, moment};
use super::{Store, StoreError};
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
    /// How many rules the catalogue had.
    pub rules_known: usize,
    /// How they were chosen.
    pub rule_choice: RuleChoice,
    /// When it began.
    pub started: Timestamp,
    /// `--shard`: which part of the devices it was to ask.
    pub shard: Option<Shard>,
}

/// How the rules of a run were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleChoice {
    /// By the catalogue and `[rules.ID]` of slaudit.toml, like those of the runs around it.
    Standing,
    /// By `--rules` or `--skip-rules`: it moves neither `latest` nor what later runs are compared with.
    OneOff,
}

/// How many rules a run judged by; shown as `1 of 53 rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected {
    /// Rules that were judged.
    pub rules: usize,
    /// Rules that the catalogue had.
    pub known: usize,
}

impl Selected {
    /// True where no rule was switched off.
    pub fn is_whole(self) -> bool {
        self.rules == self.known
    }
}

impl std::fmt::Display for Selected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} rules", self.rules, self.known)
    }
}

impl Head {
    /// How many of the rules it was judged by.
    pub fn selected(&self) -> Selected {
        Selected { rules: self.rules.len(), known: self.rules_known }
    }

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
            rules_known: 0,
            rule_choice: RuleChoice::Standing,
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
    "id, label, command, inventory, extra_columns, version, rules_version, rules, started, shard, rules_known, one_off, finished,
     complete";

impl Store {
    pub(super) fn insert(&self, head: &Head) -> Result<(), StoreError> {
        let list = |list: &Vec<String>| serde_json::to_string(list).unwrap_or_default();
        self.connection
            .execute(
                &format!(
                    "INSERT INTO run ({COLUMNS}, captured) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, NULL, 0, ?9)"
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
                    i64::try_from(head.rules_known).unwrap_or(i64::MAX),
                    head.rule_choice == RuleChoice::OneOff,
                ],
            )
            .map_err(self.failed())?;
        Ok(())
    }

    /// The run of an id.
    ///
    /// # Errors
    /// The store cannot be read.
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
    /// The store cannot be read.
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
    /// The store cannot be read.
    pub fn is_newest(&self, id: &str) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM run r, run this WHERE this.id = ?1 AND r.complete
             AND r.id NOT IN (SELECT id FROM aside) AND (r.captured, r.id) > (this.captured, this.id))";
        self.connection.query_row(sql, [id], |row| row.get(0)).map_err(self.failed())
    }

    /// When the last complete run began, of a run and those before it, that judged at least one device. Runs that no other is compared
    /// with are left out.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn last_success(&self, id: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT max(r.captured) FROM run r, run this
             WHERE this.id = ?1 AND r.complete AND r.judged > 0 AND (r.captured, r.id) <= (this.captured, this.id)
                 AND (r.id = this.id OR r.id NOT IN (SELECT id FROM aside))";
        let found = self.connection.query_row(sql, [id], |row| row.get::<_, Option<i64>>(0));
        found.map(|started| started.map(moment)).map_err(self.failed())
    }

    /// The open findings of a run and of those before it, `most` at most, the oldest first. Runs that were interrupted are left out.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn figures(&self, id: &str, most: usize) -> Result<Vec<Figures>, StoreError> {
        let read = || -> rusqlite::Result<Vec<Figures>> {
            let mut runs = self.connection.prepare(
                "SELECT r.id, r.captured FROM run r, run this WHERE this.id = ?1
                 AND (r.id = this.id OR (r.complete AND r.id NOT IN (SELECT id FROM aside)
                     AND (r.captured, r.id) < (this.captured, this.id)))
                 ORDER BY r.captured DESC, r.id DESC LIMIT ?2",
            )?;
            let mut open = self
                .connection
                .prepare("SELECT severity, count(*) FROM finding WHERE run = ?1 AND open GROUP BY severity")?;
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
            rules_known: count(row, 10)?,
            rule_choice: if row.get(11)? { RuleChoice::OneOff } else { RuleChoice::Standing },
        },
        finished: row.get::<_, Option<i64>>(12)?.map(moment),
        is_complete: row.get(13)?,
    })
}
