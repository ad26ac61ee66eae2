//! One finished run of the store: all that a report may see. Its devices and findings are read one after the other.

use std::collections::{BTreeMap, HashMap};
use std::io;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::finding::Severity;
use crate::record::{Change, FindingRow, Health, Member, State, Status, VerdictRow};
use crate::rules;
use crate::store::{Device, Figures, Head, Store, StoreError};

/// One run: an audit of devices, or an analysis of saved output.
#[derive(Debug)]
pub struct Run {
    /// What is known of it besides its devices.
    pub head: Head,
    /// When the last device was done.
    pub finished: Timestamp,
    /// One a selected row of the inventory, always, in the order of the inventory.
    pub roster: Vec<Member>,
    /// Findings by severity and change.
    findings: BTreeMap<Severity, usize>,
    change: BTreeMap<Change, usize>,
    waived: usize,
    is_complete: bool,
    store: Store,
}

impl Run {
    /// A finished run of the store.
    ///
    /// # Errors
    /// There is no such run, it never ended, or the store cannot be read.
    pub fn load(store: Store, id: &str) -> Result<Self, StoreError> {
        let past = store.ended(id)?;
        let (mut findings, mut change) = (counter(Severity::ALL), counter(Change::ALL));
        let mut roster = Vec::new();
        store.each_member(id, &mut |member| roster.push(member))?;
        let mut waived = 0;
        store.each_count(id, &mut |severity, kind, state, count| {
            *change.entry(kind).or_default() += count;
            match (kind, state) {
                (Change::Resolved, _) => {}
                (_, State::Waived) => waived += count,
                _ => *findings.entry(severity).or_default() += count,
            }
        })?;
        let finished = past.finished.unwrap_or(past.head.started);
        Ok(Self { head: past.head, finished, roster, findings, change, waived, is_complete: past.is_complete, store })
    }

    /// Calls `visit` for every device in the order of the inventory.
    ///
    /// # Errors
    /// Of the store, and those of `visit`.
    pub fn each_device(&self, visit: &mut dyn FnMut(Device) -> io::Result<()>) -> io::Result<()> {
        self.store.each_device(&self.head.id, visit)
    }

    /// Calls `visit` for every finding, sorted by severity, site, device, rule, subject.
    ///
    /// # Errors
    /// Of the store, and those of `visit`.
    pub fn each_finding(&self, visit: &mut dyn FnMut(FindingRow) -> io::Result<()>) -> io::Result<()> {
        self.store.each_finding(&self.head.id, visit)
    }

    /// The verdicts on a device, by rule; none where the run does not have it.
    ///
    /// # Errors
    /// Of the store.
    pub fn verdicts(&self, device: &str) -> io::Result<HashMap<String, VerdictRow>> {
        let verdicts = self.store.verdicts(&self.head.id, device).map_err(io::Error::other)?;
        Ok(verdicts.unwrap_or_default())
    }

    /// Open findings of this run and of `most - 1` complete ones before it, the oldest first.
    ///
    /// # Errors
    /// Of the store.
    pub fn history(&self, most: usize) -> io::Result<Vec<Figures>> {
        self.store.figures(&self.head.id, most).map_err(io::Error::other)
    }

    /// When the last complete run began, of this one and those before it, in which at least one device could be judged.
    ///
    /// # Errors
    /// Of the store.
    pub fn last_success(&self) -> io::Result<Option<Timestamp>> {
        self.store.last_success(&self.head.id).map_err(io::Error::other)
    }

    /// False where the run was interrupted: its devices are not all told, and `latest` does not point at it.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// True where no complete run of the store has newer evidence.
    ///
    /// # Errors
    /// Of the store.
    pub fn is_newest(&self) -> io::Result<bool> {
        self.store.is_newest(&self.head.id).map_err(io::Error::other)
    }

    /// The figures of the run.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            devices: self.roster.len(),
            status: counter(Status::ALL),
            health: counter(Health::ALL),
            findings: self.findings.clone(),
            change: self.change.clone(),
            not_audited: self.not_audited(),
            waived: self.waived,
            judged: self.roster.iter().filter(|member| !member.is_unjudged()).count(),
        };
        for member in &self.roster {
            *counts.status.entry(member.status).or_default() += 1;
            *counts.health.entry(member.health).or_default() += 1;
        }
        counts
    }

    /// Devices that count for `--max-unreachable`: every status but audited and not_supported. Where not one device of the run
    /// could be judged, all of them: a run that knows nothing must not look like success.
    fn not_audited(&self) -> usize {
        let judged = self.roster.iter().any(|member| !member.is_unjudged());
        self.roster.iter().filter(|member| !judged || !member.status.is_audited()).count()
    }

    /// A name for the catalogue of rules that judges now: it changes with the ids, severities and explanations of the rules.
    pub fn rules_version() -> String {
        let mut hash = Sha256::new();
        for rule in rules::ALL {
            hash.update(format!("{} {} {} {:?}\n", rule.id, rule.severity, rule.core, rule.explained_by));
        }
        let hash = hash.finalize().iter().take(4).fold(0_u32, |hash, byte| hash << 8 | u32::from(*byte));
        format!("{}-{hash:08x}", rules::ALL.len())
    }
}

/// Every value is there, also with 0.
fn counter<T: Copy + Ord>(all: &[T]) -> BTreeMap<T, usize> {
    all.iter().map(|value| (*value, 0)).collect()
}

/// The figures of a run; what the summary, `report.json` and the exit code rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of the inventory that were selected.
    pub devices: usize,
    /// Devices by status.
    pub status: BTreeMap<Status, usize>,
    /// Devices by health.
    pub health: BTreeMap<Health, usize>,
    /// Open findings by severity; waived ones are not among them.
    pub findings: BTreeMap<Severity, usize>,
    /// Findings by what became of them since the last run.
    pub change: BTreeMap<Change, usize>,
    /// Devices that count for `--max-unreachable`.
    pub not_audited: usize,
    /// Findings that somebody has accepted until a day that has not passed.
    pub waived: usize,
    /// Devices of which this run could tell how they are.
    #[serde(skip)]
    pub judged: usize,
}

impl Counts {
    /// Open findings at or above a severity: what `--fail-on` asks.
    pub fn at_or_above(&self, severity: Severity) -> usize {
        self.findings.range(..=severity).map(|(_, count)| count).sum()
    }

    /// True where this run could tell of at least one device how it is. What older runs found does not count.
    pub fn judged_any(&self) -> bool {
        self.judged > 0
    }
}
