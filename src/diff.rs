//! Two runs side by side: what is new, persists, is resolved, or could not be checked; and which devices were lost.
//!
//! Compared is what each run found itself, whichever runs lie between them: for `pre` and `post` of a change.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::sync::Arc;

use crate::finding::Severity;
use crate::record::{Change, FindingRow, Member, Status, VerdictRow};
use crate::run::Run;

/// What differs between two runs. The lists are sorted like `findings.csv`.
#[derive(Debug, Default)]
pub struct Diff {
    /// Found now, and not open before.
    pub new: Vec<FindingRow>,
    /// Found now, and open before.
    pub persisting: Vec<FindingRow>,
    /// Open before, and this run has the evidence that it is gone.
    pub resolved: Vec<FindingRow>,
    /// Open before, and this run could not tell; with the reason.
    pub unverified: Vec<(FindingRow, String)>,
    /// Devices that answered before and do not now.
    pub lost: Vec<Lost>,
    /// Devices that answer now and did not before, or were not asked.
    pub gained: Vec<String>,
    /// True where the newer run could not judge one device: it says nothing about the change.
    pub is_blind: bool,
}

/// A device that answered before and does not now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its name.
    pub device: String,
    /// Its site.
    pub site: String,
    /// How it went now; `None` where it was not selected.
    pub status: Option<Status>,
}

/// Compares two runs.
///
/// # Errors
/// Of their stores.
pub fn of(old: &Run, new: &Run) -> io::Result<Diff> {
    let before = open(old)?;
    let mut diff = Diff::default();
    let mut seen = HashSet::new();
    new.each_finding(&mut |row| {
        if is_found(&row) {
            seen.insert(row.fingerprint.clone());
            let list = if before.contains_key(&row.fingerprint) { &mut diff.persisting } else { &mut diff.new };
            list.push(row);
        }
        Ok(())
    })?;
    let gone: Vec<_> = before.into_values().filter(|row| !seen.contains(&row.fingerprint)).collect();
    let mut verdicts = Verdicts { run: new, known: HashMap::new(), members: by_key(&new.roster) };
    for row in gone {
        match verdicts.why_not_judged(&row)? {
            None => diff.resolved.push(row),
            Some(why) => diff.unverified.push((row, why)),
        }
    }
    let order =
        |row: &FindingRow| (row.severity, row.site.clone(), row.device.clone(), row.rule.clone(), row.subject.clone());
    diff.resolved.sort_by_cached_key(order);
    diff.unverified.sort_by_cached_key(|(row, _)| order(row));
    devices(&mut diff, old, new);
    diff.is_blind = !new.roster.iter().any(|member| member.has_evidence() && member.status.has_answered());
    Ok(diff)
}

impl Diff {
    /// True where something at or above a severity is new, or could not be checked again, or a device was lost: what a change
    /// must not bring about; and where the newer run is blind. `None` asks for nothing.
    pub fn is_worse(&self, fail_on: Option<Severity>) -> bool {
        let Some(limit) = fail_on else { return false };
        let counts = |row: &FindingRow| row.track.is_open() && row.severity <= limit;
        self.is_blind
            || !self.lost.is_empty()
            || self.new.iter().any(counts)
            || self.unverified.iter().any(|(row, _)| counts(row))
    }
}

/// True for what a run found itself, not for what is carried on from earlier runs.
fn is_found(row: &FindingRow) -> bool {
    !matches!(row.track.change, Change::Resolved | Change::Unverified)
}

/// What was open at the end of a run, by fingerprint: what it could not check again too.
fn open(run: &Run) -> io::Result<BTreeMap<String, FindingRow>> {
    let mut found = BTreeMap::new();
    run.each_finding(&mut |row| {
        if row.track.change != Change::Resolved {
            found.insert(row.fingerprint.clone(), row);
        }
        Ok(())
    })?;
    Ok(found)
}

fn by_key(roster: &[Arc<Member>]) -> HashMap<String, &Member> {
    roster.iter().map(|member| (member.name.to_lowercase(), &**member)).collect()
}

/// The verdicts of the newer run, read for the devices that are asked for.
struct Verdicts<'a> {
    run: &'a Run,
    known: HashMap<String, HashMap<String, VerdictRow>>,
    members: HashMap<String, &'a Member>,
}

impl Verdicts<'_> {
    /// Why a finding that is not there any more may still be; `None` where the evidence says that it is gone.
    fn why_not_judged(&mut self, row: &FindingRow) -> io::Result<Option<String>> {
        let key = row.device.to_lowercase();
        let Some(member) = self.members.get(&key) else { return Ok(Some("the device was not selected".to_owned())) };
        if !member.status.has_answered() {
            return Ok(Some(format!("the device was not audited: {}", member.status)));
        }
        if !self.run.head.rules.contains(&row.rule) {
            return Ok(Some("the rule was not run".to_owned()));
        }
        let run = self.run;
        let verdicts = match self.known.entry(key) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => place.insert(run.verdicts(&row.device)?),
        };
        Ok(match verdicts.get(&row.rule) {
            None => Some("the rule was not run".to_owned()),
            Some(verdict) => (!verdict.has_looked()).then(|| verdict.reason.clone()),
        })
    }
}

fn devices(diff: &mut Diff, old: &Run, new: &Run) {
    let (before, now) = (by_key(&old.roster), by_key(&new.roster));
    for member in old.roster.iter().filter(|member| member.status.has_answered()) {
        let status = now.get(&member.name.to_lowercase()).map(|member| member.status);
        if !status.is_some_and(Status::has_answered) {
            diff.lost.push(Lost { device: member.name.clone(), site: member.site.clone(), status });
        }
    }
    let is_known =
        |member: &Member| before.get(&member.name.to_lowercase()).is_some_and(|before| before.status.has_answered());
    let gained = new.roster.iter().filter(|member| member.status.has_answered() && !is_known(member.as_ref()));
    diff.gained = gained.map(|member| member.name.clone()).collect();
}
