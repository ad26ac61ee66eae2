//! The runs before a run: what they say about its findings and devices is put together here; what that means is decided in `record`.
//!
//! The last run that had the device, and judged the rule, is the one to compare with: a run of a few devices or rules says nothing
//! about the others.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use rusqlite::{CachedStatement, Connection, Row, params};

use super::Head;
use super::columns::{json_error, millis, moment, severity, unpack};
use crate::finding::Severity;
use crate::record::{Change, Details, DeviceRow, FindingRow, Health, Member, Status, Track, VerdictRow, Waived};

/// Asks for the waiver of a rule on a device, by name.
pub type Waive<'a> = &'a dyn Fn(&str, &str) -> Option<Waived>;

/// What the runs before say about one finding.
struct Earlier {
    id: i64,
    rule: String,
    severity: Severity,
    track: Track,
}

/// The run, in the history.
struct Place<'a> {
    id: &'a str,
    rules: HashSet<&'a str>,
    captured: i64,
}

/// A device of the run.
struct Device {
    position: i64,
    key: String,
    row: DeviceRow,
}

/// What is known of a run once all its devices are settled.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Devices of which it could say how they are.
    pub(super) judged: usize,
    /// Devices that are noted and not done, or were interrupted.
    pub(super) unfinished: usize,
}

/// Decides all of it for a run. May be called again; what it decided before is decided anew.
///
/// `captured` is the run's place in the history.
pub(super) fn settle(
    connection: &Connection,
    run: &Head,
    captured: i64,
    waive: Waive<'_>,
) -> rusqlite::Result<Settled> {
    let run = &Place { id: &run.id, rules: run.rules.iter().map(String::as_str).collect(), captured };
    connection.execute("DELETE FROM finding WHERE run = ?1 AND carried", [run.id])?;
    let positions: Vec<i64> = connection
        .prepare("SELECT position FROM device WHERE run = ?1 ORDER BY position")?
        .query_map([run.id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut settled = Settled::default();
    for position in positions {
        let mut device = connection.prepare_cached("SELECT key, row FROM device WHERE run = ?1 AND position = ?2")?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (key, Some(row)): (String, Option<String>) = device.query_row(params![run.id, position], read)? else {
            settled.unfinished += 1;
            continue;
        };
        let row: DeviceRow = serde_json::from_str(&row).map_err(json_error)?;
        settled.unfinished += usize::from(row.status == Status::Interrupted);
        let member = settle_device(connection, run, Device { position, key, row }, waive)?;
        settled.judged += usize::from(!member.is_unjudged());
    }
    Ok(settled)
}

fn settle_device(
    connection: &Connection,
    run: &Place<'_>,
    mut device: Device,
    waive: Waive<'_>,
) -> rusqlite::Result<Member> {
    let mut findings = earlier(connection, run, &device.key)?;
    let found = found(connection, run, &device)?;
    let mut open = Vec::new();
    let mut note = |id: i64, rule: String, severity: Severity, mut track: Track| {
        if let Some(waived) = waive(&rule, &device.row.name) {
            track.waive(waived);
        }
        write(connection, id, &track)?;
        if track.is_open() {
            open.push((severity, rule));
        }
        Ok::<_, rusqlite::Error>(())
    };
    for (id, fingerprint, rule, severity) in found {
        let known = findings.remove(&fingerprint);
        note(id, rule, severity, Track::found(known.as_ref().map(|known| &known.track), moment(run.captured)))?;
    }
    // What is left was found before, and not now.
    findings.retain(|_, known| known.track.change != Change::Resolved && run.rules.contains(known.rule.as_str()));
    if !findings.is_empty() {
        let verdicts = verdicts(connection, run.id, device.position)?;
        for known in findings.into_values() {
            let has_looked = verdicts.get(&known.rule).is_some_and(VerdictRow::has_looked);
            let track = Track::missed(&known.track, device.row.status.has_answered() && has_looked);
            let id = carry(connection, run, &device, known.id)?;
            note(id, known.rule, known.severity, track)?;
        }
    }
    device.row.health = Health::decide(&device.row, open.iter().map(|(severity, rule)| (*severity, rule.as_str())));
    let last_audited =
        if device.row.status.has_answered() { Some(run.captured) } else { last_audited(connection, run, &device.key)? };
    connection
        .prepare_cached("UPDATE device SET health = ?3, last_audited = ?4 WHERE run = ?1 AND position = ?2")?
        .execute(params![run.id, device.position, device.row.health.as_str(), last_audited])?;
    Ok(Member::from(&device.row))
}

/// The last word of the runs before on every finding of a device, by fingerprint.
fn earlier(connection: &Connection, run: &Place<'_>, key: &str) -> rusqlite::Result<HashMap<String, Earlier>> {
    let mut statement = connection.prepare_cached(
        "SELECT fingerprint, rowid, rule, severity, change, first_seen, last_seen, runs_seen FROM finding
         WHERE key = ?1 AND change IS NOT NULL AND (captured, run) < (?2, ?3)
             AND run NOT IN (SELECT id FROM aside) ORDER BY captured DESC, run DESC",
    )?;
    let mut rows = statement.query(params![key, run.captured, run.id])?;
    let mut found = HashMap::new();
    while let Some(row) = rows.next()? {
        if let Entry::Vacant(place) = found.entry(row.get(0)?) {
            let track = Track {
                change: Change::parse(row.get_ref(4)?.as_str()?).unwrap_or(Change::New),
                first_seen: moment(row.get(5)?),
                last_seen: moment(row.get(6)?),
                runs_seen: row.get(7)?,
                ..Track::default()
            };
            place.insert(Earlier { id: row.get(1)?, rule: row.get(2)?, severity: severity(row, 3)?, track });
        }
    }
    Ok(found)
}

/// The findings of this run: row, fingerprint, rule and severity.
fn found(
    connection: &Connection,
    run: &Place<'_>,
    device: &Device,
) -> rusqlite::Result<Vec<(i64, String, String, Severity)>> {
    connection
        .prepare_cached("SELECT rowid, fingerprint, rule, severity FROM finding WHERE run = ?1 AND position = ?2")?
        .query_map(params![run.id, device.position], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, severity(row, 3)?))
        })?
        .collect()
}

/// Gives a finding of an earlier run a row in this one.
fn carry(connection: &Connection, run: &Place<'_>, device: &Device, id: i64) -> rusqlite::Result<i64> {
    let read = |row: &Row<'_>| row.get(0);
    let row: String = connection.prepare_cached("SELECT row FROM finding WHERE rowid = ?1")?.query_row([id], read)?;
    let mut row: FindingRow = serde_json::from_str(&row).map_err(json_error)?;
    // Counted on the day it was seen; today it would be wrong.
    row.days_left = None;
    row.site.clone_from(&device.row.site);
    let row = serde_json::to_string(&row).map_err(json_error)?;
    connection
        .prepare_cached(
            "INSERT INTO finding (run, captured, position, key, fingerprint, severity, site, device, rule, subject, row,
                 carried)
             SELECT ?2, ?3, ?4, key, fingerprint, severity, ?5, ?6, rule, subject, ?7, 1 FROM finding WHERE rowid = ?1",
        )?
        .insert(params![id, run.id, run.captured, device.position, device.row.site, device.row.name, row])
}

fn write(connection: &Connection, id: i64, track: &Track) -> rusqlite::Result<()> {
    let mut update: CachedStatement<'_> = connection.prepare_cached(
        "UPDATE finding SET change = ?2, state = ?3, open = ?4, waiver_until = ?5, waiver_reason = ?6, first_seen = ?7,
             last_seen = ?8, runs_seen = ?9 WHERE rowid = ?1",
    )?;
    let until = track.waiver_until.map(|day| day.to_string());
    let (first_seen, last_seen) = (millis(track.first_seen), millis(track.last_seen));
    let (change, state, open) = (track.change.as_str(), track.state.as_str(), track.is_open());
    update.execute(params![
        id,
        change,
        state,
        open,
        until,
        track.waiver_reason,
        first_seen,
        last_seen,
        track.runs_seen
    ])?;
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

/// The last run before that could read a device.
fn last_audited(connection: &Connection, run: &Place<'_>, key: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached(
            "SELECT max(device.last_audited) FROM device JOIN run ON run.id = device.run
             WHERE device.key = ?1 AND (run.captured, run.id) < (?2, ?3) AND run.part_of IS NULL",
        )?
        .query_row(params![key, run.captured, run.id], |row| row.get(0))
}
