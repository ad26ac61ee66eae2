//! Everything one run produced; all that a report may see.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::{Finding, Severity};
use crate::inventory::{Device, spelled};
use crate::reading::Reading;
use crate::rules::{self, Judgement};

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

impl Run {
    /// Every finding with the device it is about, in the order of the inventory.
    pub fn findings(&self) -> impl Iterator<Item = (&DeviceRecord, &Finding)> {
        self.devices.iter().flat_map(|record| record.judgement.findings.iter().map(move |finding| (record, finding)))
    }

    /// What is known of a finding beyond this run. Without a store every finding is new and open.
    pub fn track(&self, finding: &Finding) -> Track {
        let _ = finding;
        Track {
            change: Change::New,
            state: State::Open,
            waiver_until: None,
            waiver_reason: String::new(),
            first_seen: self.started,
            last_seen: self.started,
            runs_seen: 1,
        }
    }

    /// False where the run was interrupted: its devices are not all told, and `latest` does not point at it.
    pub fn is_complete(&self) -> bool {
        self.devices.iter().all(|record| record.status != Status::Interrupted)
    }

    /// The figures of the run.
    pub fn counts(&self) -> Counts {
        let tracks: Vec<_> = self.findings().map(|(_, finding)| (finding, self.track(finding))).collect();
        let open = tracks.iter().filter(|(_, track)| track.state.is_open());
        Counts {
            devices: self.devices.len(),
            status: tally(Status::ALL, self.devices.iter().map(|record| record.status)),
            health: tally(Health::ALL, self.devices.iter().map(|record| record.health)),
            findings: tally(Severity::ALL, open.map(|(finding, _)| finding.problem.severity)),
            change: tally(Change::ALL, tracks.iter().map(|(_, track)| track.change)),
            not_audited: self.not_audited(),
        }
    }

    /// Devices that count for `--max-unreachable`: every status but audited and not_supported. Where not one device of the run
    /// could be judged, all of them: a run that knows nothing must not look like success.
    fn not_audited(&self) -> usize {
        let judged = self.devices.iter().any(|record| record.health != Health::Unknown);
        self.devices.iter().filter(|record| !judged || !record.status.is_audited()).count()
    }

    /// A name for the catalogue of rules that judged: it changes with the ids, severities and explanations of the rules.
    pub fn rules_version() -> String {
        let mut hash = Sha256::new();
        for rule in rules::ALL {
            hash.update(format!("{} {} {} {:?}\n", rule.id, rule.severity, rule.core, rule.explained_by));
        }
        let hash = hash.finalize().iter().take(4).fold(0_u32, |hash, byte| hash << 8 | u32::from(*byte));
        format!("{}-{hash:08x}", rules::ALL.len())
    }
}

/// Counts how often each value occurs; every value is there, also with 0.
fn tally<T: Copy + Ord>(all: &[T], found: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts: BTreeMap<T, usize> = all.iter().map(|value| (*value, 0)).collect();
    for value in found {
        *counts.entry(value).or_default() += 1;
    }
    counts
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
}

impl Counts {
    /// Open findings at or above a severity: what `--fail-on` asks.
    pub fn at_or_above(&self, severity: Severity) -> usize {
        self.findings.range(..=severity).map(|(_, count)| count).sum()
    }

    /// True where at least one device got a verdict on its health.
    pub fn judged_any(&self) -> bool {
        self.health.iter().any(|(health, count)| *health != Health::Unknown && *count > 0)
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

impl State {
    /// True where the finding counts.
    pub fn is_open(self) -> bool {
        self != Self::Waived
    }
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

impl Status {
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

impl Health {
    /// Health by status and judgement (the definition stands in RULES.md).
    pub fn of(status: Status, judgement: &Judgement) -> Self {
        use crate::finding::{Severity, Verdict};
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
