//! Everything one run produced; all that a report may see.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;

use crate::finding::Finding;
use crate::inventory::{Device, spelled};
use crate::reading::Reading;
use crate::rules::Judgement;

/// One run: an audit of devices, or an analysis of saved output.
#[derive(Debug, Clone)]
pub struct Run {
    /// For example `20261124T020000Z-7f3a`.
    pub id: String,
    /// `--label`.
    pub label: Option<String>,
    /// `audit` or `analyze`, with its arguments; no secret can stand there.
    pub command: String,
    /// When it began.
    pub started: Timestamp,
    /// When the last device was done.
    pub finished: Timestamp,
    /// Where the devices came from: a path, `--hosts`, or the paths analyzed.
    pub inventory: String,
    /// Names of the inventory's own extra columns.
    pub extra_columns: Vec<String>,
    /// One a selected row of the inventory, always, in the order of the inventory.
    pub devices: Vec<DeviceRecord>,
}

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

impl DeviceRecord {
    /// The worst severity among its findings.
    pub fn worst(&self) -> Option<&Finding> {
        self.judgement.findings.iter().min_by_key(|finding| finding.problem.severity)
    }
}

/// How a device was reached, for devices.csv. Empty fields are not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
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
    #[serde(skip)]
    pub enable_refused: Option<String>,
    /// Connections tried.
    pub attempts: u32,
    /// From the first connection to the last byte.
    #[serde(skip)]
    pub took: Duration,
    /// When the first connection was tried.
    pub started: Option<Timestamp>,
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
        /// An error of slaudit itself.
        Error = "error",
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

impl Health {
    /// Health by status and judgement (the definition stands in RULES.md).
    pub fn of(status: Status, judgement: &Judgement) -> Self {
        use crate::finding::{Severity, Verdict};
        if judgement.findings.iter().any(|finding| finding.problem.severity <= Severity::Medium) {
            return Self::Problem;
        }
        let core_is_clear =
            judgement.core_verdicts().all(|verdict| matches!(verdict, Verdict::Pass | Verdict::NotApplicable(_)));
        // No verdict at all is no evidence of health.
        let judged = judgement.verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Pass));
        if status == Status::Audited && core_is_clear && judged { Self::Ok } else { Self::Unknown }
    }
}
