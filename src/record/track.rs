//! What other runs and waivers say about a finding, and how findings are counted: decided here, and nowhere else.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::finding::Severity;
use crate::inventory::spelled;

/// What is known of a finding beyond its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Against the last run.
    pub change: Change,
    /// Whether the operator waived it.
    pub state: State,
    /// Last day of the waiver.
    pub waiver_until: Option<jiff::civil::Date>,
    /// Why it was waived.
    pub waiver_reason: String,
    /// Time of the first run that saw it.
    pub first_seen: Timestamp,
    /// Time of the last run that saw it.
    pub last_seen: Timestamp,
    /// How many runs saw it.
    pub runs_seen: u32,
}

impl Default for Track {
    /// A finding of a run that is not finished, or of the first one.
    fn default() -> Self {
        Self {
            change: Change::New,
            state: State::Open,
            waiver_until: None,
            waiver_reason: String::new(),
            first_seen: Timestamp::UNIX_EPOCH,
            last_seen: Timestamp::UNIX_EPOCH,
            runs_seen: 1,
        }
    }
}

impl Track {
    /// The track of a finding of a run that judges the state of `now`; `earlier` is the last word of the runs before it.
    pub(crate) fn found(earlier: Option<&Self>, now: Timestamp) -> Self {
        let (change, first_seen, before) = match earlier {
            None => (Change::New, now, 0),
            Some(known) if known.change == Change::Resolved => (Change::Reopened, known.first_seen, known.runs_seen),
            Some(known) => (Change::Persisting, known.first_seen, known.runs_seen),
        };
        Self { change, first_seen, last_seen: now, runs_seen: before + 1, ..Self::default() }
    }

    /// The track of a finding that was open before and is not found now: resolved where this run has the evidence.
    pub(crate) fn missed(earlier: &Self, is_gone: bool) -> Self {
        let change = if is_gone { Change::Resolved } else { Change::Unverified };
        let Self { first_seen, last_seen, runs_seen, .. } = *earlier;
        Self { change, first_seen, last_seen, runs_seen, ..Self::default() }
    }

    /// Notes what a waiver says.
    pub(crate) fn waive(&mut self, waived: Waived) {
        (self.state, self.waiver_until, self.waiver_reason) = (waived.state, Some(waived.until), waived.reason);
    }

    /// True where the finding counts: for health, figures and the exit code. What is waived or resolved does not.
    pub fn is_open(&self) -> bool {
        self.change != Change::Resolved && self.state != State::Waived
    }
}

/// What a waiver says about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waived {
    /// Waived, or expired.
    pub state: State,
    /// Its last day.
    pub until: jiff::civil::Date,
    /// Why.
    pub reason: String,
}

spelled! {
    /// What became of a finding since the last run.
    Change {
        /// Not seen before.
        New = "new",
        /// Seen in the last run too.
        Persisting = "persisting",
        /// Resolved in an earlier run, and back.
        Reopened = "reopened",
        /// Open before; this run has the evidence, and it passes.
        Resolved = "resolved",
        /// Open before; this run could not tell. Counts as open.
        Unverified = "unverified",
    }
}

spelled! {
    /// Whether a finding is waived.
    State {
        /// Nobody waived it.
        Open = "open",
        /// The operator accepts it.
        Waived = "waived",
        /// The operator accepted it until a day that has passed.
        WaiverExpired = "waiver_expired",
    }
}

/// Findings of a device or of a run, counted. Each is counted once as open, waived or resolved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Open ones by severity.
    open: BTreeMap<Severity, usize>,
    /// Open ones by what became of them since the last run, and those that are resolved.
    change: BTreeMap<Change, usize>,
    /// Findings with a waiver that is still valid.
    pub waived: usize,
    /// Open findings whose waiver has expired.
    pub waiver_expired: usize,
}

impl Tally {
    /// Counts one more.
    pub(crate) fn add(&mut self, severity: Severity, track: &Track) {
        if track.is_open() {
            *self.open.entry(severity).or_default() += 1;
            self.waiver_expired += usize::from(track.state == State::WaiverExpired);
        } else if track.change != Change::Resolved {
            self.waived += 1;
            return;
        }
        *self.change.entry(track.change).or_default() += 1;
    }

    /// Counts those of another one too.
    pub(crate) fn join(&mut self, other: &Self) {
        for (severity, count) in &other.open {
            *self.open.entry(*severity).or_default() += count;
        }
        for (change, count) in &other.change {
            *self.change.entry(*change).or_default() += count;
        }
        self.waived += other.waived;
        self.waiver_expired += other.waiver_expired;
    }

    /// How many are open of a severity.
    pub fn open(&self, severity: Severity) -> usize {
        self.open.get(&severity).copied().unwrap_or_default()
    }

    /// How many changed in a way: open ones, and resolved ones.
    pub fn change(&self, change: Change) -> usize {
        self.change.get(&change).copied().unwrap_or_default()
    }

    /// The worst severity of an open one.
    pub fn worst(&self) -> Option<Severity> {
        self.open.keys().next().copied()
    }
}
