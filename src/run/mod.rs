//! One finished run of the store: all that a report may see. Its figures and problems are made once, when it is loaded; its devices
//! and findings are read one after the other.

mod overview;
mod problems;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

pub use self::overview::{Counts, Deadlines, MissingEvidence, Overview};
pub use self::problems::{Problem, Symptom};
use crate::record::{DeviceRow, FindingRow, Member, VerdictRow};
use crate::rules;
use crate::store::{Device, Figures, Head, RuleChoice, Store};

/// One run: an audit of devices, or an analysis of saved output.
#[derive(Debug)]
pub struct Run {
    /// What is known of it besides its devices.
    pub head: Head,
    /// When the last device was done.
    pub finished: Timestamp,
    /// One a selected row of the inventory, always, in the order of the inventory.
    pub roster: Vec<Arc<Member>>,
    /// Its figures and its problems.
    pub overview: Overview,
    is_complete: bool,
    store: Store,
    /// How often its devices were read.
    #[cfg(test)]
    pub(crate) readings: std::cell::Cell<usize>,
}

impl Run {
    /// A finished run of the store.
    ///
    /// # Errors
    /// There is no such run, it never ended, or the store cannot be read.
    pub fn load(store: Store, id: &str) -> io::Result<Self> {
        let past = store.ended(id).map_err(io::Error::other)?;
        let (overview, roster) = Overview::read(&store, &past)?;
        let finished = past.finished.unwrap_or(past.head.started);
        Ok(Self {
            head: past.head,
            finished,
            roster,
            overview,
            is_complete: past.is_complete,
            store,
            #[cfg(test)]
            readings: std::cell::Cell::default(),
        })
    }

    /// Calls `visit` for every device in the order of the inventory.
    ///
    /// # Errors
    /// The store cannot be read, or `visit` fails.
    pub fn each_device(&self, visit: &mut dyn FnMut(Device) -> io::Result<()>) -> io::Result<()> {
        self.note_reading();
        self.store.each_device(&self.head.id, visit)
    }

    /// Calls `visit` for every device in the order of the inventory, without its details: its row, and its findings.
    ///
    /// # Errors
    /// The store cannot be read, or `visit` fails.
    pub fn each_row(&self, visit: &mut dyn FnMut(DeviceRow, Vec<FindingRow>) -> io::Result<()>) -> io::Result<()> {
        self.note_reading();
        self.store.each_row(&self.head.id, visit)
    }

    #[allow(clippy::unused_self, reason = "tests count how often devices are read")]
    fn note_reading(&self) {
        #[cfg(test)]
        self.readings.set(self.readings.get() + 1);
    }

    /// Calls `visit` for every finding, sorted by severity, site, device, rule, subject.
    ///
    /// # Errors
    /// The store cannot be read, or `visit` fails.
    pub fn each_finding(&self, visit: &mut dyn FnMut(FindingRow) -> io::Result<()>) -> io::Result<()> {
        self.store.each_finding(&self.head.id, visit)
    }

    /// The verdicts on a device, by rule; none where the run does not have it.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn verdicts(&self, device: &str) -> io::Result<HashMap<String, VerdictRow>> {
        let verdicts = self.store.verdicts(&self.head.id, device).map_err(io::Error::other)?;
        Ok(verdicts.unwrap_or_default())
    }

    /// Open findings of this run and of `most - 1` complete ones before it, the oldest first.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn history(&self, most: usize) -> io::Result<Vec<Figures>> {
        self.store.figures(&self.head.id, most).map_err(io::Error::other)
    }

    /// When the last complete run began, of this one and those before it, in which at least one device could be judged.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn last_success(&self) -> io::Result<Option<Timestamp>> {
        self.store.last_success(&self.head.id).map_err(io::Error::other)
    }

    /// False where the run was interrupted: its devices are not all told, and `latest` does not point at it.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// True where `latest` is to point at it: it is complete, its rules were not chosen for it alone, and no other run of that kind has
    /// newer evidence.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn is_latest(&self) -> io::Result<bool> {
        let is_candidate = self.is_complete && self.head.rule_choice == RuleChoice::Standing;
        Ok(is_candidate && self.store.is_newest(&self.head.id).map_err(io::Error::other)?)
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
