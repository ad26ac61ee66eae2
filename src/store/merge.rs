//! Runs of parts of a fleet joined into one, as if they had been one run.

use rusqlite::params;
use rusqlite::types::Value;

use super::{Draft, Store, StoreError, millis};
use crate::record::Change;

impl Draft {
    /// Takes over the devices of a run of this or of another store, with what the run itself found; what other runs say about it
    /// is decided when this run is finished. Devices keep their places among all rows of the inventory.
    ///
    /// # Errors
    /// Of SQLite. A device that is there already is an error too.
    pub fn adopt(&mut self, from: &Store, run: &str) -> Result<(), StoreError> {
        let rows = || -> rusqlite::Result<()> {
            let here = self.connection();
            let mut free = here.prepare("SELECT coalesce(max(position) + 1, 0) FROM device WHERE run = ?1")?;
            let mut taken = here.prepare("SELECT 1 FROM device WHERE run = ?1 AND position = ?2")?;
            let mut insert = here.prepare(
                "INSERT INTO device (run, position, key, name, site, plan, status, health, row, details)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?;
            let mut insert_finding = here.prepare(
                "INSERT INTO finding (run, started, position, key, fingerprint, severity, site, device, rule, subject, row)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?;
            let mut devices = from.connection.prepare(
                "SELECT position, key, name, site, plan, status, health, row, details FROM device
                 WHERE run = ?1 AND row IS NOT NULL ORDER BY position",
            )?;
            let mut findings = from.connection.prepare(
                "SELECT key, fingerprint, severity, site, device, rule, subject, row FROM finding
                 WHERE run = ?1 AND position = ?2 AND coalesce(change, '') NOT IN (?3, ?4) ORDER BY rowid",
            )?;
            let (id, started) = (&self.head().id, millis(self.head().started));
            let mut rows = devices.query([run])?;
            while let Some(row) = rows.next()? {
                let place: i64 = row.get(0)?;
                // Places meet only where the runs were not parts of one selection.
                let position: i64 =
                    if taken.exists(params![id, place])? { free.query_row([id], |row| row.get(0))? } else { place };
                let value = |at: usize| row.get::<_, Value>(at);
                insert.execute(params![
                    id,
                    position,
                    value(1)?,
                    value(2)?,
                    value(3)?,
                    value(4)?,
                    value(5)?,
                    value(6)?,
                    value(7)?,
                    value(8)?,
                ])?;
                let carried = [Change::Resolved.as_str(), Change::Unverified.as_str()];
                let mut found = findings.query(params![run, place, carried[0], carried[1]])?;
                while let Some(row) = found.next()? {
                    let value = |at: usize| row.get::<_, Value>(at);
                    insert_finding.execute(params![
                        id,
                        started,
                        position,
                        value(0)?,
                        value(1)?,
                        value(2)?,
                        value(3)?,
                        value(4)?,
                        value(5)?,
                        value(6)?,
                        value(7)?,
                    ])?;
                }
            }
            // The parts are no runs before this one.
            here.execute("UPDATE run SET part_of = ?2 WHERE id = ?1", params![run, id])?;
            Ok(())
        };
        let copied = rows();
        copied.map_err(self.failed())
    }
}
