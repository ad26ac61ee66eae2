//! Runs of parts of a fleet joined into one, as if they had been one run.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::columns::millis;
use super::{Draft, Store, StoreError};

impl Draft {
    /// Takes over the devices of a run of this or of another store, with what the run itself found; what other runs say about it
    /// is decided when this run is finished. Devices keep their places among all rows of the inventory.
    ///
    /// # Errors
    /// A store cannot be read or written; nothing of the run is taken over then.
    pub fn adopt(&mut self, from: &Store, run: &str) -> Result<(), StoreError> {
        let (id, started) = (Value::from(self.head().id.clone()), Value::from(millis(self.head().started)));
        self.all(|here| copy(&from.connection, run, here, &id, &started))?;
        self.parts.push(run.to_owned());
        Ok(())
    }
}

fn copy(from: &Connection, run: &str, here: &Connection, id: &Value, started: &Value) -> rusqlite::Result<()> {
    let mut free = here.prepare("SELECT coalesce(max(position) + 1, 0) FROM device WHERE run = ?1")?;
    let mut taken = here.prepare("SELECT 1 FROM device WHERE run = ?1 AND position = ?2")?;
    let mut insert = here.prepare(
        "INSERT INTO device (run, position, key, name, site, plan, done, row, details)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let mut insert_finding = here.prepare(
        "INSERT INTO finding (run, captured, position, key, fingerprint, severity, site, device, rule, subject, row)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    let mut devices = from.prepare(
        "SELECT key, name, site, plan, done, row, details, position FROM device WHERE run = ?1 ORDER BY position",
    )?;
    let mut findings = from.prepare(
        "SELECT key, fingerprint, severity, site, device, rule, subject, row FROM finding
         WHERE run = ?1 AND position = ?2 AND NOT carried ORDER BY rowid",
    )?;
    let mut rows = devices.query([run])?;
    while let Some(row) = rows.next()? {
        let place: Value = row.get(7)?;
        // Places meet only where the runs were not parts of one selection.
        let position: Value =
            if taken.exists([id, &place])? { free.query_row([id], |row| row.get(0))? } else { place.clone() };
        insert.execute(params_from_iter([id.clone(), position.clone()].into_iter().chain(values(row, 7)?)))?;
        let mut found = findings.query(params_from_iter([Value::from(run.to_owned()), place]))?;
        while let Some(row) = found.next()? {
            let own = [id.clone(), started.clone(), position.clone()];
            insert_finding.execute(params_from_iter(own.into_iter().chain(values(row, 8)?)))?;
        }
    }
    Ok(())
}

/// The first columns of a row, to be copied as they are.
fn values(row: &Row<'_>, columns: usize) -> rusqlite::Result<Vec<Value>> {
    (0..columns).map(|at| row.get(at)).collect()
}
