//! Whether a device is healthy: decided here, and nowhere else.

use super::{DeviceRecord, DeviceRow, Status};
use crate::finding::Severity;
use crate::inventory::spelled;

spelled! {
    /// Whether a device is healthy.
    Health {
        /// Audited, every selected core rule Pass or Not Applicable, no open finding of medium or above.
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
    /// Decides from what the selected rules said (`row`) and from the findings that are open: severity and rule. Those include what
    /// earlier runs found and this one could not check again, and leave out what is waived.
    ///
    /// A rule that is switched off has no say. A device on which no selected rule could be judged, because it did not answer or
    /// because none of them applies to it, is not healthy: nothing is known that would make it so.
    pub(crate) fn decide<'a>(row: &DeviceRow, open: impl Iterator<Item = (Severity, &'a str)>) -> Self {
        let mut is_clear = row.status == Status::Audited && row.has_evidence() && row.core_unknown.is_empty();
        for (severity, rule) in open {
            if severity <= Severity::Medium {
                return Self::Problem;
            }
            // A core rule whose findings are all waived is clear: the operator accepts what it says.
            is_clear &= !row.core_failed.iter().any(|failed| failed == rule);
        }
        if is_clear { Self::Ok } else { Self::Unknown }
    }
}

impl DeviceRecord {
    /// The health of a device by itself: without waivers, and without what other runs found.
    pub fn health(&self) -> Health {
        let open = self.judgement.findings.iter().map(|finding| (finding.problem.severity, finding.rule));
        Health::decide(&DeviceRow::new(self), open)
    }
}
