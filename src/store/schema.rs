//! The tables, and which files have them.

use rusqlite::{Connection, TransactionBehavior};

/// The version of the tables. Versions 1 to 3 were those of slaudit before its first release. Once a release has written a
/// version, the next one brings its files up to date here.
const VERSION: i64 = 4;

/// `device.row`, `finding.row` and `device.plan` are JSON of what `record` and `inventory` define: they may gain keys without a new
/// version. `details` is zlib over JSON. `key` is a device's name in lower case, which names it across runs.
///
/// What the columns `done`, `judged`, `health`, `change`, `state` and `open` hold is decided in `record`.
const TABLES: &str = "
    CREATE TABLE run (
        id TEXT PRIMARY KEY NOT NULL,
        label TEXT,
        command TEXT NOT NULL,
        inventory TEXT NOT NULL,
        extra_columns TEXT NOT NULL,
        version TEXT NOT NULL,
        rules_version TEXT NOT NULL,
        rules TEXT NOT NULL,
        rules_known INTEGER NOT NULL,
        one_off INTEGER NOT NULL,
        shard TEXT,
        started INTEGER NOT NULL,
        captured INTEGER NOT NULL,
        finished INTEGER,
        complete INTEGER NOT NULL DEFAULT 0,
        judged INTEGER NOT NULL DEFAULT 0,
        part_of TEXT
    ) STRICT;
    CREATE TABLE device (
        run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        key TEXT NOT NULL,
        name TEXT NOT NULL,
        site TEXT NOT NULL,
        plan TEXT,
        done INTEGER NOT NULL DEFAULT 0,
        row TEXT,
        details BLOB,
        health TEXT,
        last_audited INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX device_of_run ON device (run, position);
    CREATE INDEX device_of_run_by_key ON device (run, key);
    CREATE INDEX device_by_key ON device (key);
    CREATE TABLE finding (
        run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
        captured INTEGER NOT NULL,
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
        open INTEGER,
        carried INTEGER NOT NULL DEFAULT 0,
        waiver_until TEXT,
        waiver_reason TEXT,
        first_seen INTEGER,
        last_seen INTEGER,
        runs_seen INTEGER,
        row TEXT NOT NULL
    ) STRICT;
    CREATE INDEX finding_of_run ON finding (run, position);
    CREATE INDEX finding_by_key ON finding (key, captured);
    -- Runs that no later run is compared with: parts of a joined one, and those of rules chosen for one run alone.
    CREATE VIEW aside AS SELECT id FROM run WHERE part_of IS NOT NULL OR one_off;";

/// Makes the tables where there are none.
///
/// `rusqlite_migration` looks at the version before it locks the file: two runs that begin at once both make the tables. Here the
/// lock comes first.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    connection.pragma_update(None, "foreign_keys", "ON")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match transaction.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? {
        VERSION => return Ok(()),
        0 => {}
        found @ 1..VERSION => {
            return Err(format!(
                "it has version {found}, of a slaudit that was never released, and this one has {VERSION}\n\
                 move the file away, and the next run makes a new one; `slaudit analyze RUN-FOLDER --out DIR` reads the transcripts of \
                 earlier runs into it"
            )
            .into());
        }
        found => {
            return Err(format!(
                "it has version {found}, this slaudit knows up to {VERSION}; use the slaudit that made it, or a newer one"
            )
            .into());
        }
    }
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}
