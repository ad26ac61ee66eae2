//! Devices and findings of a run, one after the other: no more than one is in memory.

use std::collections::HashMap;
use std::io::{self, Read as _};

use flate2::read::ZlibDecoder;
use rusqlite::{Connection, Row, params};
use serde::de::DeserializeOwned;

use super::{Store, StoreError, json_error, moment};
use crate::finding::Severity;
use crate::record::{Change, Details, DeviceRow, FindingRow, Health, Member, State, Status, Tally, Track, VerdictRow};

/// A device of a run.
#[derive(Debug, Clone)]
pub struct Device {
    /// The row for lists.
    pub row: DeviceRow,
    /// Its findings, sorted by severity, rule and subject; resolved ones are among them.
    pub findings: Vec<FindingRow>,
    details: Vec<u8>,
}

impl Device {
    /// What a closer look shows.
    ///
    /// # Errors
    /// Where the text is not what slaudit writes.
    pub fn details(&self) -> io::Result<Details> {
        unpack(&self.details).map_err(io::Error::other)
    }

    /// The same as one object of JSON, unread.
    ///
    /// # Errors
    /// Where the bytes are not what slaudit writes.
    pub fn details_json(&self) -> io::Result<String> {
        let mut text = String::new();
        ZlibDecoder::new(self.details.as_slice()).read_to_string(&mut text)?;
        Ok(text)
    }
}

const FINDING: &str = "row, change, state, waiver_until, waiver_reason, first_seen, last_seen, runs_seen";

impl Store {
    /// Calls `visit` for every device of a run in the order of the inventory.
    ///
    /// # Errors
    /// Of SQLite, and those of `visit`.
    pub fn each_device(&self, run: &str, visit: &mut dyn FnMut(Device) -> io::Result<()>) -> io::Result<()> {
        let failed = |error| io::Error::other(self.failed()(error));
        let connection = &self.connection;
        let mut devices = connection
            .prepare(
                "SELECT position, row, health, last_audited, details FROM device
                 WHERE run = ?1 AND row IS NOT NULL ORDER BY position",
            )
            .map_err(failed)?;
        let mut rows = devices.query([run]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(device(connection, run, row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// Calls `visit` for every finding of a run, sorted by severity, site, device, rule, subject.
    ///
    /// # Errors
    /// Of SQLite, and those of `visit`.
    pub fn each_finding(&self, run: &str, visit: &mut dyn FnMut(FindingRow) -> io::Result<()>) -> io::Result<()> {
        let failed = |error| io::Error::other(self.failed()(error));
        let sql = format!(
            "SELECT {FINDING} FROM finding WHERE run = ?1 ORDER BY severity, site, device, rule, subject, fingerprint"
        );
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([run]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(finding(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// Calls `visit` for every device of a run in the order of the inventory, as much of it as headlines need.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn each_member(&self, run: &str, visit: &mut dyn FnMut(Member)) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(
                "SELECT name, site, status, health, (SELECT min(severity) FROM finding f WHERE f.run = device.run
                     AND f.position = device.position AND f.change <> 'resolved' AND f.state <> 'waived'),
                     coalesce(json_extract(row, '$.coverage'), 0) > 0,
                     json_extract(row, '$.contact.enable_refused') IS NOT NULL,
                     coalesce(json_extract(row, '$.contact.is_site_aside'), 0)
                 FROM device WHERE run = ?1 AND row IS NOT NULL ORDER BY position",
            )?;
            let mut rows = statement.query([run])?;
            while let Some(row) = rows.next()? {
                visit(Member {
                    name: row.get(0)?,
                    site: row.get(1)?,
                    status: Status::parse(row.get_ref(2)?.as_str()?).unwrap_or_default(),
                    health: Health::parse(row.get_ref(3)?.as_str()?).unwrap_or_default(),
                    worst: row.get::<_, Option<i64>>(4)?.and_then(severity),
                    has_evidence: row.get(5)?,
                    enable_refused: row.get(6)?,
                    is_site_aside: row.get(7)?,
                });
            }
            Ok(())
        };
        read().map_err(self.failed())
    }

    /// Calls `visit` for every kind of finding of a run: severity, change, state, and how many there are.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn each_count(
        &self,
        run: &str,
        visit: &mut dyn FnMut(Severity, Change, State, usize),
    ) -> Result<(), StoreError> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(
                "SELECT severity, change, state, count(*) FROM finding WHERE run = ?1 GROUP BY severity, change, state",
            )?;
            let mut rows = statement.query([run])?;
            while let Some(row) = rows.next()? {
                let change = Change::parse(row.get_ref(1)?.as_str()?);
                let state = State::parse(row.get_ref(2)?.as_str()?);
                if let (Some(severity), Some(change), Some(state)) = (severity(row.get(0)?), change, state) {
                    visit(severity, change, state, count(row, 3)?);
                }
            }
            Ok(())
        };
        read().map_err(self.failed())
    }

    /// The verdicts on a device of a run, by rule; `None` where the run does not have the device.
    ///
    /// # Errors
    /// Of SQLite.
    pub fn verdicts(&self, run: &str, device: &str) -> Result<Option<HashMap<String, VerdictRow>>, StoreError> {
        let read = || {
            let sql = "SELECT position FROM device WHERE run = ?1 AND key = ?2 AND row IS NOT NULL";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![run, super::draft::key(device)])?;
            match rows.next()? {
                Some(row) => super::history::verdicts(&self.connection, run, row.get(0)?).map(Some),
                None => Ok(None),
            }
        };
        read().map_err(self.failed())
    }
}

fn device(connection: &Connection, run: &str, row: &Row<'_>) -> rusqlite::Result<Device> {
    let position: i64 = row.get(0)?;
    let mut device: DeviceRow = serde_json::from_str(row.get_ref(1)?.as_str()?).map_err(json_error)?;
    device.health = Health::parse(row.get_ref(2)?.as_str()?).unwrap_or_default();
    device.last_audited = row.get::<_, Option<i64>>(3)?.map(moment);
    let sql = format!(
        "SELECT {FINDING} FROM finding WHERE run = ?1 AND position = ?2 ORDER BY severity, rule, subject, fingerprint"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let findings: Vec<_> = statement.query_map(params![run, position], finding)?.collect::<Result<_, _>>()?;
    device.tally = Tally::default();
    for finding in &findings {
        device.tally.add(finding.severity, &finding.track);
    }
    Ok(Device { row: device, findings, details: row.get(4)? })
}

fn finding(row: &Row<'_>) -> rusqlite::Result<FindingRow> {
    let mut finding: FindingRow = serde_json::from_str(row.get_ref(0)?.as_str()?).map_err(json_error)?;
    let word = |at: usize| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
    let time = |at: usize| row.get::<_, Option<i64>>(at).map(|millis| moment(millis.unwrap_or_default()));
    finding.track = Track {
        change: Change::parse(&word(1)?).unwrap_or(Change::New),
        state: State::parse(&word(2)?).unwrap_or(State::Open),
        waiver_until: word(3)?.parse().ok(),
        waiver_reason: word(4)?,
        first_seen: time(5)?,
        last_seen: time(6)?,
        runs_seen: row.get::<_, Option<u32>>(7)?.unwrap_or(1),
    };
    Ok(finding)
}

/// Severities are kept by their rank, so that SQL sorts them.
fn severity(rank: i64) -> Option<Severity> {
    Severity::ALL.get(usize::try_from(rank).ok()?).copied()
}

/// A number of rows.
pub(super) fn count(row: &Row<'_>, at: usize) -> rusqlite::Result<usize> {
    Ok(usize::try_from(row.get::<_, i64>(at)?).unwrap_or_default())
}

/// JSON under zlib.
pub(super) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> rusqlite::Result<T> {
    let mut text = String::new();
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, error)
    };
    ZlibDecoder::new(packed).read_to_string(&mut text).map_err(|error| failed(error.into()))?;
    serde_json::from_str(&text).map_err(json_error)
}
