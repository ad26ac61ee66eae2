//! What became of one device, and what of it is kept: the store and the reports see nothing else.
//!
//! A [`DeviceRecord`] has what the device said, with types; `row` turns it into the rows that the store keeps for years.

pub(crate) mod glance;
mod row;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::{Severity, Verdict};
use crate::inventory::{Device, spelled};
use crate::reading::Reading;
use crate::rules::{self, Judgement};

pub use self::row::{Details, DeviceRow, FindingRow, Proof, VerdictRow};

/// What became of one device.
#[derive(Debug, Clone)]
pub struct DeviceRecord {
    /// The inventory row.
    pub device: Device,
    /// How it went.
    pub status: Status,
    /// What to do first, then what happened; empty for a device that was audited without a remark.
    pub detail: String,
    /// What it said; empty where it said nothing.
    pub reading: Reading,
    /// What the rules say of it.
    pub judgement: Judgement,
    /// Whether it is healthy.
    pub health: Health,
    /// How it was reached.
    pub contact: Contact,
}

/// How a device was reached, for devices.csv. Empty fields are not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Host name of the prompt.
    pub hostname_seen: String,
    /// `agent`, `publickey`, `keyboard-interactive`, `password`.
    pub auth_method: String,
    /// Key exchange method.
    pub ssh_kex: String,
    /// Host key, as `ssh-ed25519 SHA256:...`.
    pub ssh_host_key: String,
    /// Jump hosts, joined by ` > `; `direct` without; empty for saved output.
    pub path: String,
    /// Why the session stayed unprivileged although it should not.
    pub enable_refused: Option<String>,
    /// Connections tried.
    pub attempts: u32,
    /// From the first connection to the last byte.
    pub took: Duration,
    /// When the first connection was tried.
    pub started: Option<Timestamp>,
    /// It was skipped because its site was set aside, not because the run was stopped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_site_aside: bool,
}

spelled! {
    /// How it went with one device.
    Status {
        /// At least one licence command was readable, and no reply was cut.
        Audited = "audited",
        /// A command timed out or was cut, or no licence command was readable.
        Partial = "partial",
        /// No connection, or the name could not be resolved.
        Unreachable = "unreachable",
        /// A deadline passed before the first prompt, or the device's own deadline.
        Timeout = "timeout",
        /// The device refused the credentials.
        AuthFailed = "auth_failed",
        /// `enable` was refused, and without it nothing could be read.
        EnableFailed = "enable_failed",
        /// `--host-keys strict`, and the key is not known.
        HostKeyUnknown = "host_key_unknown",
        /// The key differs from the known one.
        HostKeyChanged = "host_key_changed",
        /// The device offers nothing that the profile allows.
        NoCommonAlgorithm = "no_common_algorithm",
        /// Not a device that slaudit can judge.
        NotSupported = "not_supported",
        /// Not contacted: its credential set was stopped after refused logins.
        SkippedBreaker = "skipped_breaker",
        /// Not finished when the run was interrupted.
        Interrupted = "interrupted",
        /// An error of slaudit itself, or its transcript could not be kept: nothing the device can help.
        Error = "error",
    }
}

impl Default for Status {
    /// What is not told is not done.
    fn default() -> Self {
        Self::Interrupted
    }
}

impl Status {
    /// True where the device said something that could be read.
    pub fn has_answered(self) -> bool {
        matches!(self, Self::Audited | Self::Partial)
    }

    /// True where all that can be read was read. A platform slaudit does not judge is no failure of the run.
    pub fn is_audited(self) -> bool {
        matches!(self, Self::Audited | Self::NotSupported)
    }
}

spelled! {
    /// Whether a device is healthy.
    Health {
        /// Audited, every core rule Pass or Not Applicable, no open finding of medium or above.
        Ok = "ok",
        /// An open finding of medium or above.
        Problem = "problem",
        /// The rest.
        Unknown = "unknown",
    }
}

#[allow(clippy::derivable_impls, reason = "`spelled!` declares the values, and knows no default")]
impl Default for Health {
    fn default() -> Self {
        Self::Unknown
    }
}

impl Health {
    /// Health by status and judgement (the definition stands in RULES.md).
    pub fn of(status: Status, judgement: &Judgement) -> Self {
        if judgement.findings.iter().any(|finding| finding.problem.severity <= Severity::Medium) {
            return Self::Problem;
        }
        let core_is_clear = judgement.core_verdicts().all(|verdict| match verdict {
            Verdict::Pass => true,
            // A core rule that was not run is no evidence of health.
            Verdict::NotApplicable(why) => *why != rules::SWITCHED_OFF,
            Verdict::Fail(_) | Verdict::Unknown(_) => false,
        });
        // No verdict at all is no evidence of health.
        let judged = judgement.verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Pass));
        if status == Status::Audited && core_is_clear && judged { Self::Ok } else { Self::Unknown }
    }
}

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
    /// True where the finding counts: for health, figures and the exit code.
    pub fn is_open(&self) -> bool {
        self.change != Change::Resolved && self.state != State::Waived
    }
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

/// The findings of one device, counted: the open ones by severity, and what changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    open: BTreeMap<Severity, usize>,
    /// Findings that the last run did not have.
    pub new: usize,
    /// Findings of the last run that are gone.
    pub resolved: usize,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, severity: Severity, track: &Track) {
        if track.is_open() {
            *self.open.entry(severity).or_default() += 1;
        }
        self.new += usize::from(track.change == Change::New);
        self.resolved += usize::from(track.change == Change::Resolved);
    }

    /// How many are open of a severity.
    pub fn of(&self, severity: Severity) -> usize {
        self.open.get(&severity).copied().unwrap_or_default()
    }

    /// The worst severity of an open one.
    pub fn worst(&self) -> Option<Severity> {
        self.open.keys().next().copied()
    }
}

/// A device of a run, as much of it as groups and headlines need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Name in the inventory.
    pub name: String,
    /// Site in the inventory.
    pub site: String,
    /// How it went.
    pub status: Status,
    /// Whether it is healthy.
    pub health: Health,
    /// The worst severity of its open findings.
    pub worst: Option<Severity>,
    /// Whether this run could judge one rule on it.
    pub has_evidence: bool,
    /// Whether `enable` was refused: what is missing may be missing for that.
    pub enable_refused: bool,
    /// Whether it was skipped because its site was set aside.
    pub is_site_aside: bool,
}

impl Member {
    /// True where this run could not say whether it is healthy; what was wrong with it before may still be known.
    pub fn is_unjudged(&self) -> bool {
        self.health == Health::Unknown
            || !self.has_evidence
            || !(self.status.has_answered() || self.status == Status::NotSupported)
    }
}
