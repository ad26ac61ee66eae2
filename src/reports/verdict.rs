//! The run in one sentence, and the devices that nothing can be said about.
//!
//! `3 of 24 devices have problems (1 critical); 2 could not be judged.` "Healthy" is said only where every device was judged.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::text::one_line;
use super::{glance, rule};
use crate::finding::Severity;
use crate::run::{DeviceRecord, Health, Run, Status};

/// The verdict of a run, as the summary, the workbook and the page begin.
pub fn sentence(run: &Run) -> String {
    let counts = run.counts();
    let of = |health| counts.health.get(&health).copied().unwrap_or_default();
    let (all, bad, unknown) = (run.devices.len(), of(Health::Problem), of(Health::Unknown));
    let critical = run.devices.iter().filter(|record| {
        record.health == Health::Problem && record.worst().is_some_and(|f| f.problem.severity == Severity::Critical)
    });
    let rest = match unknown {
        0 => ".".to_owned(),
        unknown => format!("; {} could not be judged.", thousands(unknown)),
    };
    match (all, bad, critical.count()) {
        (0, ..) => "No device was selected.".to_owned(),
        (1, 0, _) if unknown == 0 => format!("{} is healthy.", one_line(&run.devices[0].device.name)),
        (1, 0, _) => format!("{} could not be judged.", one_line(&run.devices[0].device.name)),
        (_, 0, _) if unknown == 0 => format!("All {} devices are healthy.", thousands(all)),
        (_, 0, _) if unknown == all => format!("None of the {} devices could be judged.", thousands(all)),
        (_, 0, _) => format!("No problem on {} of {} devices{rest}", thousands(all - unknown), thousands(all)),
        (1, ..) => format!("{} has problems.", one_line(&run.devices[0].device.name)),
        (_, bad, critical) => {
            let have = if bad == 1 { "has problems" } else { "have problems" };
            let critical = if critical == 0 { String::new() } else { format!(" ({} critical)", thousands(critical)) };
            format!("{} of {} devices {have}{critical}{rest}", thousands(bad), thousands(all))
        }
    }
}

/// Devices without a verdict on their health, for one reason.
#[derive(Debug, Clone)]
pub struct NotJudged<'a> {
    /// How the audit of them went.
    pub status: Status,
    /// The same for people.
    pub reason: &'static str,
    /// The devices, in the order of the inventory.
    pub devices: Vec<&'a DeviceRecord>,
}

/// Every device without a verdict, by reason, the most frequent first.
pub fn not_judged(run: &Run) -> Vec<NotJudged<'_>> {
    let mut groups = BTreeMap::<Status, Vec<&DeviceRecord>>::new();
    for record in run.devices.iter().filter(|record| record.health == Health::Unknown) {
        groups.entry(record.status).or_default().push(record);
    }
    let named = groups.into_iter().map(|(status, devices)| NotJudged { status, reason: reason(status), devices });
    let mut groups: Vec<_> = named.collect();
    groups.sort_by_key(|group| Reverse(group.devices.len()));
    groups
}

/// Why a device of a status has no verdict.
fn reason(status: Status) -> &'static str {
    match status {
        Status::Audited => "too little evidence",
        Status::Partial => "incomplete answers",
        Status::Unreachable => "no answer",
        Status::Timeout => "timed out",
        Status::AuthFailed => "wrong credentials",
        Status::EnableFailed => "enable refused",
        Status::HostKeyUnknown => "unknown host key",
        Status::HostKeyChanged => "changed host key",
        Status::NoCommonAlgorithm => "no common algorithm",
        Status::NotSupported => "not supported",
        Status::SkippedBreaker => "skipped after refused logins",
        Status::Interrupted => "not finished",
        Status::Error => "internal error",
    }
}

/// A core rule that could not be judged on devices that answered: without it none of them can be called healthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingEvidence {
    /// The rule.
    pub rule: &'static str,
    /// On how many devices.
    pub devices: usize,
    /// Why, on most of them: the beginning of the reason.
    pub reason: String,
}

/// The core rules that could not be judged, the most frequent first.
pub fn missing_evidence(run: &Run) -> Vec<MissingEvidence> {
    missing_evidence_of(run, |id| rule(id).is_some_and(|rule| rule.core))
}

fn missing_evidence_of(run: &Run, is_core: impl Fn(&str) -> bool) -> Vec<MissingEvidence> {
    let mut found = BTreeMap::<&'static str, BTreeMap<String, usize>>::new();
    for record in run.devices.iter().filter(|record| matches!(record.status, Status::Audited | Status::Partial)) {
        for (id, verdict, why) in glance::verdicts(record) {
            if verdict == "unknown" && is_core(id) {
                // The words of each device differ; what stands before the colon is the kind.
                let kind = why.split(':').next().unwrap_or_default().to_owned();
                *found.entry(id).or_default().entry(kind).or_default() += 1;
            }
        }
    }
    let mut missing: Vec<_> = found
        .into_iter()
        .map(|(rule, reasons)| {
            let devices = reasons.values().sum();
            let reason = reasons.into_iter().max_by_key(|(_, count)| *count).map_or_else(String::new, |(why, _)| why);
            MissingEvidence { rule, devices, reason }
        })
        .collect();
    missing.sort_by_key(|missing| Reverse(missing.devices));
    missing
}

/// A number for people: `1,400`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Unknown;
    use crate::finding::Verdict;
    use crate::reports::tests::run;

    #[test]
    fn missing_evidence_is_counted_by_its_kind() {
        let mut run = run(&[("a", ""), ("b", ""), ("c", "")]);
        let refused = |words: &str| Verdict::Unknown(Unknown::NotPermitted(words.to_owned()));
        run.devices[0].judgement.verdicts =
            vec![("clock", refused("% one")), ("log", refused("x")), ("url", Verdict::Pass)];
        run.devices[1].judgement.verdicts = vec![("clock", refused("% other")), ("url", refused("x"))];
        run.devices[2].judgement.verdicts = vec![("clock", Verdict::Unknown(Unknown::TimedOut))];
        let found = missing_evidence_of(&run, |rule| matches!(rule, "clock" | "url"));
        let found: Vec<_> = found.iter().map(|m| (m.rule, m.devices, m.reason.as_str())).collect();
        assert_eq!(found, [("clock", 3, "not permitted"), ("url", 1, "not permitted")]);
        // A device that did not answer is told as such, not as evidence that is missing.
        run.devices[2].status = Status::Unreachable;
        assert_eq!(missing_evidence_of(&run, |rule| rule == "clock")[0].devices, 2);
    }

    #[test]
    fn the_sentence_of_one_device_names_it() {
        let mut run = run(&[("sw\u{1b}[31m1", "")]);
        assert_eq!(sentence(&run), "sw1 could not be judged.");
        run.devices[0].health = Health::Ok;
        assert_eq!(sentence(&run), "sw1 is healthy.");
        run.devices[0].health = Health::Problem;
        assert_eq!(sentence(&run), "sw1 has problems.");
        run.devices.clear();
        assert_eq!(sentence(&run), "No device was selected.");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
