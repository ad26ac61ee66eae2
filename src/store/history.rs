//! What other runs say about the findings of a run: new, persisting, reopened, resolved or unverified; and what is waived.
//!
//! The last run that had the device, and judged the rule, is the one to compare with: a run of a few devices or rules says nothing
//! about the others. A finding is resolved only where this run has the evidence; an outage never looks like progress.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use rusqlite::{Connection, params};

use super::read::unpack;
use super::{Head, json_error};
use crate::finding::Severity;
use crate::record::{Change, Details, DeviceRow, FindingRow, Health, State, Status, VerdictRow};
use crate::rules::SWITCHED_OFF;

/// What a waiver says about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// Waived, or expired.
    pub state: State,
    /// Its last day.
    pub until: Date,
    /// Why.
    pub reason: String,
}

/// Asks for the waiver of a rule on a device, by name.
pub type Waive<'a> = &'a dyn Fn(&str, &str) -> Option<Waived>;

/// What the runs before say about one finding.
struct Earlier {
    row: i64,
    rule: String,
    was_open: bool,
    first_seen: i64,
    last_seen: i64,
    runs_seen: u32,
}

/// The run, in the history.
struct Place<'a> {
    id: &'a str,
    rules: &'a [String],
    captured: i64,
}

/// A device of the run.
struct Settled {
    position: i64,
    key: String,
    name: String,
    site: String,
    has_answered: bool,
}

/// Decides all of it for a run. May be called again; what it decided before is decided anew.
///
/// `captured` is the run's place in the history.
pub(super) fn settle(connection: &Connection, run: &Head, captured: i64, waive: Waive<'_>) -> rusqlite::Result<()> {
    let run = &Place { id: &run.id, rules: &run.rules, captured };
    let carried = "DELETE FROM finding WHERE run = ?1 AND change IN ('resolved', 'unverified')";
    connection.execute(carried, [run.id])?;
    let devices: Vec<Settled> = connection
        .prepare(
            "SELECT position, key, name, site, status FROM device WHERE run = ?1 AND row IS NOT NULL ORDER BY position",
        )?
        .query_map([run.id], |row| {
            let has_answered = Status::parse(row.get_ref(4)?.as_str()?).is_some_and(Status::has_answered);
            let (position, key) = (row.get(0)?, row.get(1)?);
            Ok(Settled { position, key, name: row.get(2)?, site: row.get(3)?, has_answered })
        })?
        .collect::<Result<_, _>>()?;
    let judged: HashSet<&str> = run.rules.iter().map(String::as_str).collect();
    for device in &devices {
        let mut earlier = earlier(connection, run, &device.key)?;
        seen(connection, run, device, &mut earlier)?;
        // What is left was found before, and not now.
        earlier.retain(|_, finding| finding.was_open && judged.contains(finding.rule.as_str()));
        carry(connection, run, device, earlier)?;
        waivers(connection, run, device, waive)?;
        health(connection, run, device)?;
    }
    Ok(())
}

/// The last word of the runs before on every finding of a device, by fingerprint.
fn earlier(connection: &Connection, run: &Place<'_>, key: &str) -> rusqlite::Result<HashMap<String, Earlier>> {
    let mut statement = connection.prepare_cached(
        "SELECT fingerprint, rowid, rule, change, first_seen, last_seen, runs_seen FROM finding
         WHERE key = ?1 AND change IS NOT NULL AND (captured, run) < (?2, ?3)
             AND run NOT IN (SELECT id FROM run WHERE part_of IS NOT NULL) ORDER BY captured DESC, run DESC",
    )?;
    let mut rows = statement.query(params![key, run.captured, run.id])?;
    let mut found = HashMap::new();
    while let Some(row) = rows.next()? {
        let fingerprint: String = row.get(0)?;
        if let std::collections::hash_map::Entry::Vacant(place) = found.entry(fingerprint) {
            place.insert(Earlier {
                row: row.get(1)?,
                rule: row.get(2)?,
                was_open: row.get_ref(3)?.as_str()? != Change::Resolved.as_str(),
                first_seen: row.get(4)?,
                last_seen: row.get(5)?,
                runs_seen: row.get(6)?,
            });
        }
    }
    Ok(found)
}

/// The findings of this run; those that were known are taken out of `earlier`.
fn seen(
    connection: &Connection,
    run: &Place<'_>,
    device: &Settled,
    earlier: &mut HashMap<String, Earlier>,
) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT rowid, fingerprint FROM finding WHERE run = ?1 AND position = ?2")?;
    let found: Vec<(i64, String)> = statement
        .query_map(params![run.id, device.position], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let now = run.captured;
    let mut update = connection.prepare_cached(
        "UPDATE finding SET change = ?2, first_seen = ?3, last_seen = ?4, runs_seen = ?5 WHERE rowid = ?1",
    )?;
    for (row, fingerprint) in found {
        let (change, first, runs) = match earlier.remove(&fingerprint) {
            None => (Change::New, now, 1),
            Some(known) => {
                let change = if known.was_open { Change::Persisting } else { Change::Reopened };
                (change, known.first_seen, known.runs_seen + 1)
            }
        };
        update.execute(params![row, change.as_str(), first, now, runs])?;
    }
    Ok(())
}

/// What was open before and is not found now gets a row of its own: resolved where this run has the evidence.
fn carry(
    connection: &Connection,
    run: &Place<'_>,
    device: &Settled,
    earlier: HashMap<String, Earlier>,
) -> rusqlite::Result<()> {
    if earlier.is_empty() {
        return Ok(());
    }
    let verdicts = verdicts(connection, run.id, device.position)?;
    let mut insert = connection.prepare_cached(
        "INSERT INTO finding (run, captured, position, key, fingerprint, severity, site, device, rule, subject, change,
             first_seen, last_seen, runs_seen, row)
         SELECT ?2, ?3, ?4, key, fingerprint, severity, ?5, ?6, rule, subject, ?7, ?8, ?9, ?10, ?11
         FROM finding WHERE rowid = ?1",
    )?;
    for finding in earlier.into_values() {
        let is_gone = device.has_answered && is_judged(verdicts.get(&finding.rule));
        let change = if is_gone { Change::Resolved } else { Change::Unverified };
        let row: String =
            connection.query_row("SELECT row FROM finding WHERE rowid = ?1", [finding.row], |row| row.get(0))?;
        let mut row: FindingRow = serde_json::from_str(&row).map_err(json_error)?;
        // Counted on the day it was seen; today it would be wrong.
        row.days_left = None;
        device.site.clone_into(&mut row.site);
        insert.execute(params![
            finding.row,
            run.id,
            run.captured,
            device.position,
            device.site,
            device.name,
            change.as_str(),
            finding.first_seen,
            finding.last_seen,
            finding.runs_seen,
            serde_json::to_string(&row).map_err(json_error)?,
        ])?;
    }
    Ok(())
}

/// The verdicts of a device, by rule; empty where it said nothing.
pub(super) fn verdicts(
    connection: &Connection,
    run: &str,
    position: i64,
) -> rusqlite::Result<HashMap<String, VerdictRow>> {
    let details: Vec<u8> = connection.query_row(
        "SELECT coalesce(details, x'') FROM device WHERE run = ?1 AND position = ?2",
        params![run, position],
        |row| row.get(0),
    )?;
    if details.is_empty() {
        return Ok(HashMap::new());
    }
    let details: Details = unpack(&details)?;
    let rows = details.verdicts().map_err(json_error)?;
    Ok(rows.into_iter().map(|row| (row.rule.clone(), row)).collect())
}

/// True where the evidence for a rule was there: it passed, failed elsewhere on the device, or does not apply any more. A rule
/// that was switched off looked at nothing.
fn is_judged(verdict: Option<&VerdictRow>) -> bool {
    verdict.is_some_and(|row| row.verdict != "unknown" && row.reason != SWITCHED_OFF)
}

fn waivers(connection: &Connection, run: &Place<'_>, device: &Settled, waive: Waive<'_>) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare_cached("SELECT rowid, rule FROM finding WHERE run = ?1 AND position = ?2")?;
    let found: Vec<(i64, String)> = statement
        .query_map(params![run.id, device.position], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut update = connection
        .prepare_cached("UPDATE finding SET state = ?2, waiver_until = ?3, waiver_reason = ?4 WHERE rowid = ?1")?;
    for (row, rule) in found {
        let waived = waive(&rule, &device.name);
        let state = waived.as_ref().map_or(State::Open, |waived| waived.state);
        let until = waived.as_ref().map(|waived| waived.until.to_string());
        update.execute(params![row, state.as_str(), until, waived.map(|waived| waived.reason)])?;
    }
    Ok(())
}

/// The health of a device, with what is open from earlier runs and without what is waived; and when it was read last.
fn health(connection: &Connection, run: &Place<'_>, device: &Settled) -> rusqlite::Result<()> {
    let place = params![run.id, device.position];
    let row: String = connection
        .prepare_cached("SELECT row FROM device WHERE run = ?1 AND position = ?2")?
        .query_row(place, |row| row.get(0))?;
    let row: DeviceRow = serde_json::from_str(&row).map_err(json_error)?;
    let (mut is_problem, mut open_rules) = (false, HashSet::new());
    {
        let mut statement = connection.prepare_cached(
            "SELECT severity, rule FROM finding
             WHERE run = ?1 AND position = ?2 AND change <> 'resolved' AND state <> 'waived'",
        )?;
        let mut rows = statement.query(place)?;
        while let Some(row) = rows.next()? {
            is_problem |= row.get::<_, i64>(0)? <= Severity::Medium as i64;
            open_rules.insert(row.get::<_, String>(1)?);
        }
    }
    let core_is_clear = row.is_sound && row.core_failed.iter().all(|rule| !open_rules.contains(rule));
    let health = match (is_problem, core_is_clear) {
        (true, _) => Health::Problem,
        (false, true) => Health::Ok,
        (false, false) => Health::Unknown,
    };
    let last_audited =
        if row.status.has_answered() { Some(run.captured) } else { last_audited(connection, run, device)? };
    connection
        .prepare_cached("UPDATE device SET health = ?3, last_audited = ?4 WHERE run = ?1 AND position = ?2")?
        .execute(params![run.id, device.position, health.as_str(), last_audited])?;
    Ok(())
}

fn last_audited(connection: &Connection, run: &Place<'_>, device: &Settled) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT max(run.captured) FROM device JOIN run ON run.id = device.run
             WHERE device.key = ?1 AND device.status IN ('audited', 'partial') AND (run.captured, run.id) < (?2, ?3)
                 AND run.part_of IS NULL",
        )?
        .query_row(params![device.key, run.captured, run.id], |row| row.get(0))
}
