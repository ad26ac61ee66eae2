//! What a rule says about a device: a verdict, and the problems of a failed one.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::fact::{DeviceTime, Evidence, Unknown};
use crate::inventory::spelled;
use crate::remedy::{self, Step};

pub use crate::failure::FailureClass;

spelled! {
    /// How bad a problem is. Smaller is worse, so sorting puts the worst first.
    Severity {
        /// Service loss or a missed deadline.
        Critical = "critical",
        /// Reporting fails or cannot work.
        High = "high",
        /// Will fail, or a wrong setting without a symptom yet.
        Medium = "medium",
        /// Hygiene.
        Low = "low",
        /// Report only.
        Info = "info",
    }
}

impl Severity {
    /// One step worse; critical stays.
    #[must_use]
    pub fn worse(self) -> Self {
        match self {
            Self::Critical | Self::High => Self::Critical,
            Self::Medium => Self::High,
            Self::Low => Self::Medium,
            Self::Info => Self::Low,
        }
    }
}

/// What a rule says about one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The evidence was there, and it is right.
    Pass,
    /// At least one problem.
    Fail(Vec<Problem>),
    /// The question has no meaning on this device; why.
    NotApplicable(&'static str),
    /// The evidence is missing; why.
    Unknown(Unknown),
}

impl Verdict {
    /// The spelling of `report.json`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::NotApplicable(_) => "not_applicable",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Why it is not applicable or unknown; empty for pass and fail.
    pub fn reason(&self) -> String {
        match self {
            Self::Pass | Self::Fail(_) => String::new(),
            Self::NotApplicable(why) => (*why).to_owned(),
            Self::Unknown(why) => why.to_string(),
        }
    }
}

/// One thing that is wrong on a device, as a rule found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is here.
    pub severity: Severity,
    /// What inside the device: a UDI, a profile, a channel. Empty for the device as a whole. Part of the finding's identity.
    pub subject: String,
    /// What the device shows.
    pub observed: String,
    /// What would be right.
    pub expected: String,
    /// What cures it here; the rule fills in its own where there is none.
    pub steps: Vec<Step>,
    /// Why it fails, where the device says so.
    pub class: Option<FailureClass>,
    /// The deadline that is at stake.
    pub deadline: Option<DeviceTime>,
    /// Days to it by the device's clock; negative when past.
    pub days_left: Option<i64>,
    /// The line that proves it.
    pub evidence: Option<Evidence>,
    /// Rules whose failure on the same device would explain this problem; `None` takes the rule's list.
    pub explained_by: Option<&'static [&'static str]>,
}

impl Problem {
    /// A problem of the device as a whole.
    pub fn new(severity: Severity, observed: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            severity,
            subject: String::new(),
            observed: observed.into(),
            expected: expected.into(),
            steps: Vec::new(),
            class: None,
            deadline: None,
            days_left: None,
            evidence: None,
            explained_by: None,
        }
    }

    /// The same about a part of the device.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// The same with the line that proves it.
    #[must_use]
    pub fn proved_by(mut self, evidence: Option<&Evidence>) -> Self {
        self.evidence = evidence.cloned();
        self
    }

    /// What to do, in one line.
    pub fn next_step(&self) -> String {
        remedy::one_line(&self.steps)
    }
}

/// A problem of one rule on one device, as reports show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// The problem, with the steps that cure it.
    pub problem: Problem,
    /// Rule id of the finding on the same device that explains this one.
    pub explained_by: Option<&'static str>,
    /// Stable identity across runs.
    pub fingerprint: Fingerprint,
}

impl Finding {
    /// The column `cause`: the explaining rule, else the failure class, else empty.
    pub fn cause(&self) -> &'static str {
        self.explained_by.or_else(|| self.problem.class.map(FailureClass::as_str)).unwrap_or_default()
    }
}

/// The finding at the beginning of the chain that explains `finding` on its device; itself where nothing there does.
/// `explains` tells whether the first explains the second.
pub(crate) fn root<'a, T>(finding: &'a T, of_device: &[&'a T], explains: impl Fn(&T, &T) -> bool) -> &'a T {
    // A chain longer than the findings goes in a circle; then each stands for itself.
    let mut root = finding;
    for _ in 0..of_device.len() {
        match of_device.iter().copied().find(|other| explains(other, root)) {
            Some(earlier) => root = earlier,
            None => return root,
        }
    }
    finding
}

/// Identity of a finding: `sf1-` and 16 hexadecimal digits. Observed values, dates and severities are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// SHA-256 over `sf1`, the rule id, the inventory name in lower case and the subject (blanks folded, lower case), joined
    /// by the byte 0x1f.
    pub fn new(rule: &str, device: &str, subject: &str) -> Self {
        let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let text = ["sf1", rule, &device.to_lowercase(), &subject].join("\u{1f}");
        let digest = Sha256::digest(text.as_bytes());
        let hex = digest.iter().take(8).fold(String::from("sf1-"), |mut hex, byte| {
            use std::fmt::Write as _;
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self(hex)
    }

    /// The text of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_stable_and_folds_case_and_blanks() {
        let one = Fingerprint::new("trust-code-member-missing", "SW01", "Member  PID:A,SN:1");
        assert_eq!(one, Fingerprint::new("trust-code-member-missing", "sw01", "member pid:a,sn:1"));
        assert_ne!(one, Fingerprint::new("trust-code-missing", "sw01", "member pid:a,sn:1"));
        // Recorded once: a change here would turn every known finding into a new one.
        assert_eq!(Fingerprint::new("transport-off", "sw01", "").as_str(), "sf1-1852965b85697434");
    }
}
