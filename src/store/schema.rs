//! The tables, and how files of older releases become those of this one. Steps are only ever added.
//!
//! `rusqlite_migration` looks at the version before it locks the file: two runs that begin at once both make the tables. Here the
//! lock comes first.

use rusqlite::{Connection, TransactionBehavior};

/// One step a release that changed the tables.
///
/// `device.row`, `finding.row` and `device.plan` are JSON of what `record` and `inventory` define: they may gain keys without a
/// step. `details` is zlib over JSON. `key` is a device's name in lower case, which names it across runs.
const STEPS: &[&str] = &[
    "CREATE TABLE run (
        id TEXT PRIMARY KEY NOT NULL,
        label TEXT,
        command TEXT NOT NULL,
        inventory TEXT NOT NULL,
        extra_columns TEXT NOT NULL,
        version TEXT NOT NULL,
        rules_version TEXT NOT NULL,
        rules TEXT NOT NULL,
        started INTEGER NOT NULL,
        finished INTEGER,
        complete INTEGER NOT NULL DEFAULT 0,
        part_of TEXT
    ) STRICT;
    CREATE TABLE device (
        run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        site TEXT NOT NULL,
        plan TEXT,
        status TEXT,
        health TEXT,
        last_audited INTEGER,
        row TEXT,
        details BLOB
    ) STRICT;
    CREATE UNIQUE INDEX device_of_run ON device (run, position);
    CREATE INDEX device_by_key ON device (key, status);
    CREATE TABLE finding (
        run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
        started INTEGER NOT NULL,
        position INTEGER NOT NULL,
        key TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        severity INTEGER NOT NULL,
        site TEXT NOT NULL,
        device TEXT NOT NULL,
        rule TEXT NOT NULL,
        subject TEXT NOT NULL,
        change TEXT,
        state TEXT,
        waiver_until TEXT,
        waiver_reason TEXT,
        first_seen INTEGER,
        last_seen INTEGER,
        runs_seen INTEGER,
        row TEXT NOT NULL
    ) STRICT;
    CREATE INDEX finding_of_run ON finding (run, position);
    CREATE INDEX finding_by_key ON finding (key, started);",
    // Where a run stands in the history is told by its evidence, not by the day on which it was judged.
    "ALTER TABLE run ADD COLUMN shard TEXT;
    ALTER TABLE run ADD COLUMN captured INTEGER NOT NULL DEFAULT 0;
    UPDATE run SET captured = started;
    ALTER TABLE finding RENAME COLUMN started TO captured;",
    // A device of a run is found by its name with every device that is kept: without this all devices of the run are looked at.
    "CREATE INDEX device_of_run_by_key ON device (run, key);",
];

/// Brings the tables up to date.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    connection.pragma_update(None, "foreign_keys", "ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(STEPS.len())?;
    if found > known {
        return Err(format!(
            "it has version {found}, this slaudit knows up to {known}; use the slaudit that made it, or a newer one"
        )
        .into());
    }
    for step in STEPS.iter().skip(usize::try_from(found)?) {
        transaction.execute_batch(step)?;
    }
    if found < known {
        transaction.pragma_update(None, "user_version", known)?;
    }
    Ok(transaction.commit()?)
}
