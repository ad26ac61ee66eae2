//! Devices and findings of a run, one after the other: no more than one is in memory.

use std::collections::HashMap;
use std::io::{self, Read as _};

use flate2::read::ZlibDecoder;
use rusqlite::{Connection, Row, params};

use super::columns::{json_error, key, moment, unpack};
use super::{Store, StoreError};
use crate::record::{Change, Details, DeviceRow, FindingRow, Health, State, Tally, Track, VerdictRow};

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
    /// The store cannot be read, or `visit` fails.
    pub fn each_device(&self, run: &str, visit: &mut dyn FnMut(Device) -> io::Result<()>) -> io::Result<()> {
        self.each(run, "details", visit)
    }

    /// Calls `visit` for every device of a run, without its details: its row, and its findings as in [`Device`].
    ///
    /// # Errors
    /// The store cannot be read, or `visit` fails.
    pub fn each_row(
        &self,
        run: &str,
        visit: &mut dyn FnMut(DeviceRow, Vec<FindingRow>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.each(run, "x''", &mut |device| visit(device.row, device.findings))
    }

    /// `details` is the SQL expression of a device's details: they are most of what the store has of it.
    fn each(&self, run: &str, details: &str, visit: &mut dyn FnMut(Device) -> io::Result<()>) -> io::Result<()> {
        let failed = |error| io::Error::other(self.failed()(error));
        let connection = &self.connection;
        let sql = format!(
            "SELECT position, row, health, last_audited, {details} FROM device
             WHERE run = ?1 AND row IS NOT NULL ORDER BY position"
        );
        let mut devices = connection.prepare(&sql).map_err(failed)?;
        let mut rows = devices.query([run]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(device(connection, run, row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// Calls `visit` for every finding of a run, sorted by severity, site, device, rule, subject.
    ///
    /// # Errors
    /// The store cannot be read, or `visit` fails.
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

    /// The verdicts on a device of a run, by rule; `None` where the run does not have the device.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn verdicts(&self, run: &str, device: &str) -> Result<Option<HashMap<String, VerdictRow>>, StoreError> {
        let read = || {
            let sql = "SELECT position FROM device WHERE run = ?1 AND key = ?2 AND row IS NOT NULL";
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![run, key(device)])?;
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
