//! What became of one device, and what of it is kept: the store and the reports see nothing else.
//!
//! A [`DeviceRecord`] has what the device said, with types; `row` turns it into the rows that the store keeps for years.

mod glance;
mod health;
mod row;
mod track;

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::finding::Severity;
use crate::inventory::{Device, spelled};
use crate::reading::Reading;
use crate::rules::Judgement;

pub use self::health::Health;
pub use self::row::{CoreUnknown, Details, DeviceRow, FindingRow, Proof, VerdictRow};
pub use self::track::{Change, State, Tally, Track, Waived};

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

    /// True where the device was asked to the end. One that was not contacted because its credential set was stopped is still to be
    /// asked, and so is one whose audit went wrong on this side: its transcript could not be kept, or slaudit failed on it.
    pub(crate) fn is_done(self) -> bool {
        !matches!(self, Self::Interrupted | Self::SkippedBreaker | Self::Error)
    }
}

/// A device of a run, as much of it as groups and headlines need.
#[derive(Debug, Clone, PartialEq)]
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
    /// Share of the applicable rules that this run could judge; `None` where no selected rule applies.
    pub coverage: Option<f64>,
    /// Whether `enable` was refused: what is missing may be missing for that.
    pub enable_refused: bool,
    /// Whether it was skipped because its site was set aside.
    pub is_site_aside: bool,
    /// Days to its ACK deadline.
    pub days_to_ack_deadline: Option<i64>,
}

impl Member {
    /// True where this run could judge at least one rule on it.
    pub fn has_evidence(&self) -> bool {
        self.coverage.is_some_and(|share| share > 0.0)
    }

    /// True where this run could not say whether it is healthy; what was wrong with it before may still be known.
    pub fn is_unjudged(&self) -> bool {
        self.health == Health::Unknown
            || !self.has_evidence()
            || !(self.status.has_answered() || self.status == Status::NotSupported)
    }
}

impl From<&DeviceRow> for Member {
    fn from(row: &DeviceRow) -> Self {
        Self {
            name: row.name.clone(),
            site: row.site.clone(),
            status: row.status,
            health: row.health,
            worst: row.tally.worst(),
            coverage: row.coverage,
            enable_refused: row.contact.enable_refused.is_some(),
            is_site_aside: row.contact.is_site_aside,
            days_to_ack_deadline: row.reporting.days_to_ack_deadline,
        }
    }
}
