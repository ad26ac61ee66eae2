//! A run in the making: every device is kept as soon as it is done.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use jiff::Timestamp;
use rusqlite::params;

use super::columns::{json_error, key, millis};
use super::history::{Settled, Waive, settle};
use super::{Head, Past, Store, StoreError};
use crate::inventory;
use crate::record::{Details, DeviceRecord, DeviceRow, FindingRow};

/// A run that is not finished.
#[derive(Debug)]
pub struct Draft {
    store: Store,
    head: Head,
    /// Devices that are kept together: where the output can be read again, a device need not be safe at once.
    together: usize,
    /// Devices of the open transaction.
    open: usize,
    /// When what it judges was captured, where that is not when it began: its place in the history.
    captured: Option<Timestamp>,
    /// The runs it was joined from.
    pub(super) parts: Vec<String>,
}

impl Store {
    /// Begins a run.
    ///
    /// # Errors
    /// The store cannot be written, or has a run of that id.
    pub fn begin(self, head: Head) -> Result<Draft, StoreError> {
        self.insert(&head)?;
        Ok(Draft::of(self, head))
    }

    /// Goes on with a run that did not end, or that was interrupted.
    pub fn resume(self, run: Past) -> Draft {
        Draft::of(self, run.head)
    }
}

impl Draft {
    fn of(store: Store, head: Head) -> Self {
        Self { store, head, together: 1, open: 0, captured: None, parts: Vec::new() }
    }

    /// What is known of the run.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The same for a run that can be made again at any time: devices are kept in larger lots, which is faster.
    #[must_use]
    pub fn in_lots(mut self) -> Self {
        self.together = 256;
        self
    }

    /// The same for saved output, captured then: what other runs found since is not resolved by it.
    pub fn captured_at(&mut self, time: Timestamp) {
        self.captured = Some(time);
    }

    /// Notes the devices that are to be done, so that a run that is killed knows which are missing; each with its place among
    /// all rows of the inventory. Those that the run has are left alone, and those it gets later stand after them. From now on the
    /// run has not ended, also where it had before.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn expect<'a>(
        &mut self,
        devices: impl Iterator<Item = (usize, &'a inventory::Device)>,
    ) -> Result<(), StoreError> {
        let known = self.noted()?;
        let after = self.next_position()?;
        self.all(|connection| {
            connection.execute("UPDATE run SET finished = NULL, complete = 0 WHERE id = ?1", [&self.head.id])?;
            let mut insert = connection
                .prepare("INSERT INTO device (run, position, key, name, site, plan) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            for (place, device) in devices.filter(|(_, device)| !known.contains(&key(&device.name))) {
                let position = after + i64::try_from(place).unwrap_or(i64::MAX);
                let mut plan = device.clone();
                // Large, the same for all, and given again where a run goes on.
                plan.expect.slac = None;
                let plan = serde_json::to_string(&plan).map_err(json_error)?;
                insert.execute(params![self.head.id, position, key(&device.name), device.name, device.site, plan])?;
            }
            Ok(())
        })
    }

    /// The devices that were noted and are not done, as the inventory had them. Devices that were interrupted are among them.
    ///
    /// # Errors
    /// The store cannot be read or written.
    pub fn missing(&self) -> Result<Vec<inventory::Device>, StoreError> {
        let read = || -> rusqlite::Result<Vec<inventory::Device>> {
            let mut statement = self.store.connection.prepare(
                "SELECT plan FROM device WHERE run = ?1 AND plan IS NOT NULL AND NOT done ORDER BY position",
            )?;
            let mut rows = statement.query([&self.head.id])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(serde_json::from_str(row.get_ref(0)?.as_str()?).map_err(json_error)?);
            }
            Ok(found)
        };
        read().map_err(self.store.failed())
    }

    /// The keys of the devices that were noted.
    fn noted(&self) -> Result<HashSet<String>, StoreError> {
        let read = || {
            let mut statement = self.store.connection.prepare("SELECT key FROM device WHERE run = ?1")?;
            statement.query_map([&self.head.id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()
        };
        read().map_err(self.store.failed())
    }

    fn next_position(&self) -> Result<i64, StoreError> {
        let sql = "SELECT coalesce(max(position) + 1, 0) FROM device WHERE run = ?1";
        self.store.connection.query_row(sql, [&self.head.id], |row| row.get(0)).map_err(self.store.failed())
    }

    /// Keeps a device that is done: in the place of the one that was noted, else after the others.
    ///
    /// # Errors
    /// The store cannot be written; the device is not kept then, nor are those of its lot.
    pub fn put(&mut self, packed: &Packed) -> Result<(), StoreError> {
        if self.open == 0 {
            self.store.connection.execute_batch("BEGIN IMMEDIATE").map_err(self.store.failed())?;
        }
        self.open += 1;
        if let Err(error) = self.write(packed) {
            // Half a device must not look like a whole one: a rule that fails without its finding would count as resolved.
            let _ = self.store.connection.execute_batch("ROLLBACK");
            self.open = 0;
            return Err(self.store.failed()(error));
        }
        if self.open >= self.together { self.commit() } else { Ok(()) }
    }

    fn write(&self, packed: &Packed) -> rusqlite::Result<()> {
        let (connection, run, row) = (&self.store.connection, &self.head.id, &packed.row);
        let key = key(&row.name);
        let position: i64 = connection
            .prepare_cached(
                "SELECT coalesce((SELECT position FROM device WHERE run = ?1 AND key = ?2 AND name = ?3),
                     (SELECT max(position) + 1 FROM device WHERE run = ?1), 0)",
            )?
            .query_row(params![run, key, row.name], |row| row.get(0))?;
        connection
            .prepare_cached("DELETE FROM finding WHERE run = ?1 AND position = ?2")?
            .execute(params![run, position])?;
        connection
            .prepare_cached(
                "INSERT INTO device (run, position, key, name, site, done, row, details)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (run, position) DO UPDATE SET name = excluded.name, site = excluded.site,
                     done = excluded.done, row = excluded.row, details = excluded.details",
            )?
            .execute(params![
                run,
                position,
                key,
                row.name,
                row.site,
                row.status.is_done(),
                packed.row_json,
                packed.details,
            ])?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO finding (run, captured, position, key, fingerprint, severity, site, device, rule, subject, row)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        for finding in &packed.findings {
            insert.execute(params![
                run,
                millis(self.head.started),
                position,
                key,
                finding.fingerprint,
                finding.severity as i64,
                finding.site,
                finding.device,
                finding.rule,
                finding.subject,
                serde_json::to_string(finding).map_err(json_error)?,
            ])?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if std::mem::take(&mut self.open) > 0 {
            let failed = self.store.failed();
            self.store.connection.execute_batch("COMMIT").map_err(|error| {
                // A full disk: what could not be kept must not be half there.
                let _ = self.store.connection.execute_batch("ROLLBACK");
                failed(error)
            })?;
        }
        Ok(())
    }

    /// Ends the run: what is new, resolved and waived is decided, and the reports can be made. May be called again after the
    /// run went on.
    ///
    /// # Errors
    /// The store cannot be written; the devices are kept.
    pub fn finish(mut self, at: Timestamp, waive: Waive<'_>) -> Result<Store, StoreError> {
        self.commit()?;
        let id = &self.head.id;
        let captured = millis(self.captured.unwrap_or(self.head.started));
        self.all(|connection| {
            connection.execute("UPDATE run SET captured = ?2 WHERE id = ?1", params![id, captured])?;
            connection.execute("UPDATE finding SET captured = ?2 WHERE run = ?1", params![id, captured])?;
            for part in &self.parts {
                // Neither the parts nor another run that was joined from them are runs before this one.
                let set_aside = "UPDATE run SET part_of = ?2
                     WHERE id <> ?2 AND (id = ?1 OR id = (SELECT part_of FROM run WHERE id = ?1))";
                connection.execute(set_aside, params![part, id])?;
            }
            let Settled { judged, unfinished } = settle(connection, &self.head, captured, waive)?;
            connection.execute(
                "UPDATE run SET finished = ?2, complete = ?3, judged = ?4 WHERE id = ?1",
                params![id, millis(at), unfinished == 0, i64::try_from(judged).unwrap_or(i64::MAX)],
            )
        })?;
        Ok(self.store)
    }

    /// Does something wholly or not at all.
    pub(super) fn all<T>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let connection = &self.store.connection;
        let done = || {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let result = work(connection)?;
            connection.execute_batch("COMMIT")?;
            Ok(result)
        };
        done().map_err(|error| {
            let _ = connection.execute_batch("ROLLBACK");
            self.store.failed()(error)
        })
    }
}

/// A device as the store keeps it. Made where the device was judged, so that many are made at once, and small: a device that
/// waits for its turn to be kept is in memory like one that is asked.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The row for lists.
    pub row: DeviceRow,
    findings: Vec<FindingRow>,
    row_json: String,
    details: Vec<u8>,
}

impl Packed {
    /// Packs a device.
    ///
    /// # Errors
    /// Where a value has no JSON form; no value of a device can bring that about.
    pub fn new(record: &DeviceRecord) -> io::Result<Self> {
        let row = DeviceRow::new(record);
        let row_json = serde_json::to_string(&row)?;
        let details = compress(&serde_json::to_vec(&Details::new(record)?)?)?;
        Ok(Self { row, findings: FindingRow::all_of(record), row_json, details })
    }
}

/// Details under zlib. Each thread keeps its compressor: one takes 380 KB, and made anew for every device they leave holes in the
/// heap, which grew by 3 KB a device.
fn compress(json: &[u8]) -> io::Result<Vec<u8>> {
    thread_local! {
        static ENCODER: RefCell<ZlibEncoder<Vec<u8>>> = RefCell::new(ZlibEncoder::new(Vec::new(), Compression::fast()));
    }
    ENCODER.with_borrow_mut(|encoder| {
        encoder.write_all(json)?;
        let mut packed = encoder.reset(Vec::new())?;
        packed.shrink_to_fit();
        Ok(packed)
    })
}
