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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Unknown;
    use crate::finding::Verdict;
    use crate::fleet::Stop;
    use crate::inventory::Device;
    use crate::pipeline::unfinished;
    use crate::rules::{ALL, Judgement, RuleSet, SWITCHED_OFF};

    const CORE: &str = "ack-overdue";

    /// The row of an audited device: `core` is the verdict of a core rule, `rest` that of all others.
    fn row(core: &Verdict, rest: &Verdict) -> DeviceRow {
        let mut record = unfinished(&Device::named("sw1"), Stop::Interrupted, &RuleSet::default());
        record.status = Status::Audited;
        let verdict = |id| if id == CORE { core.clone() } else { rest.clone() };
        let verdicts = ALL.iter().map(|rule| (rule.id, verdict(rule.id))).collect();
        record.judgement = Judgement { verdicts, findings: Vec::new() };
        DeviceRow::new(&record)
    }

    fn alone(row: &DeviceRow) -> Health {
        Health::decide(row, [].into_iter())
    }

    #[test]
    fn a_core_rule_that_is_off_has_no_say_and_one_that_is_unknown_has() {
        let missing = Verdict::Unknown(Unknown::NotCollected);
        assert_eq!(alone(&row(&Verdict::Pass, &Verdict::Pass)), Health::Ok);
        assert_eq!(alone(&row(&missing, &Verdict::Pass)), Health::Unknown);
        let off = Verdict::NotApplicable(SWITCHED_OFF);
        assert_eq!(alone(&row(&off, &Verdict::Pass)), Health::Ok);
        assert_eq!(alone(&row(&Verdict::Pass, &off)), Health::Ok, "one rule is enough, where it alone was asked for");
        assert_eq!(alone(&row(&missing, &off)), Health::Unknown);
    }

    #[test]
    fn silence_is_never_a_pass() {
        let off = Verdict::NotApplicable(SWITCHED_OFF);
        for nothing in [off.clone(), Verdict::NotApplicable("the transport is off")] {
            let row = row(&nothing, &off);
            assert_eq!((alone(&row), row.coverage), (Health::Unknown, None), "no selected rule applies");
        }
    }

    #[test]
    fn what_is_open_decides_and_what_is_waived_does_not() {
        let row = row(&Verdict::Fail(Vec::new()), &Verdict::Pass);
        let with = |severity| Health::decide(&row, [(severity, CORE)].into_iter());
        assert_eq!((with(Severity::Medium), with(Severity::Low)), (Health::Problem, Health::Unknown));
        assert_eq!(alone(&row), Health::Ok, "all its findings are waived");
    }

    #[test]
    fn a_device_that_said_nothing_lacks_the_selected_rules_only() {
        let rules = RuleSet { only: vec![CORE.to_owned()], ..RuleSet::default() };
        let row = DeviceRow::new(&unfinished(&Device::named("sw1"), Stop::Interrupted, &rules));
        assert_eq!((row.n_unknown, row.coverage, alone(&row)), (1, Some(0.0), Health::Unknown));
    }
}
