//! The run in one sentence, and the devices that nothing can be said about.
//!
//! `3 of 24 devices have problems (1 critical); 2 could not be judged.` "Healthy" is said only where every device was judged.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::text::one_line;
use crate::finding::Severity;
use crate::record::{Health, Member, Status};
use crate::run::Run;

/// The verdict of a run, as the summary, the workbook and the page begin.
pub fn sentence(run: &Run) -> String {
    sentence_with(run, |name| one_line(name).into_owned())
}

/// [`sentence`] with the name of a device as `shown` makes it safe.
pub(crate) fn sentence_with(run: &Run, shown: impl Fn(&str) -> String) -> String {
    let (counts, rules) = (&run.overview.counts, run.overview.rules);
    let (all, bad, unjudged) = (counts.devices, counts.health[&Health::Problem], counts.not_judged);
    let critical = run.roster.iter().filter(|member| member.worst == Some(Severity::Critical));
    let by = if rules.is_whole() { String::new() } else { format!(" by {rules}") };
    let rest = match unjudged {
        0 => ".".to_owned(),
        unjudged => format!("; {} could not be judged.", thousands(unjudged)),
    };
    match (all, bad, critical.count()) {
        (0, ..) => "No device was selected.".to_owned(),
        (1, 0, _) if unjudged == 0 => format!("{} is healthy{by}.", shown(&run.roster[0].name)),
        (1, 0, _) => format!("{} could not be judged{by}.", shown(&run.roster[0].name)),
        (_, 0, _) if unjudged == 0 => format!("All {} devices are healthy{by}.", thousands(all)),
        (_, 0, _) if unjudged == all => format!("None of the {} devices could be judged{by}.", thousands(all)),
        (_, 0, _) => format!("No problem{by} on {} of {} devices{rest}", thousands(all - unjudged), thousands(all)),
        (1, ..) if unjudged == 0 => format!("{} has problems{by}.", shown(&run.roster[0].name)),
        (1, ..) => format!("{} had problems, and could not be judged{by}.", shown(&run.roster[0].name)),
        (_, bad, critical) => {
            let have = if bad == 1 { "has problems" } else { "have problems" };
            let critical = if critical == 0 { String::new() } else { format!(" ({} critical)", thousands(critical)) };
            format!("{} of {} devices {have}{by}{critical}{rest}", thousands(bad), thousands(all))
        }
    }
}

/// Devices without a verdict on their health, for one reason.
#[derive(Debug, Clone)]
pub struct NotJudged {
    /// How the audit of them went.
    pub status: Status,
    /// Why they have no verdict, for people.
    pub reason: &'static str,
    /// The devices, in the order of the inventory.
    pub devices: Vec<Arc<Member>>,
}

/// Every device without a verdict, by reason, the most frequent first.
pub fn not_judged(run: &Run) -> Vec<NotJudged> {
    let mut groups = BTreeMap::<(Status, &'static str), Vec<Arc<Member>>>::new();
    for member in run.roster.iter().filter(|member| member.is_unjudged()) {
        groups.entry((member.status, reason(member))).or_default().push(Arc::clone(member));
    }
    let named = groups.into_iter().map(|((status, reason), devices)| NotJudged { status, reason, devices });
    let mut groups: Vec<_> = named.collect();
    groups.sort_by_key(|group| Reverse(group.devices.len()));
    groups
}

/// Why a device has no verdict.
fn reason(member: &Member) -> &'static str {
    match member.status {
        // The session went on without it, and that is why too little could be read.
        Status::Audited if member.enable_refused => "enable refused",
        Status::Audited if member.coverage.is_none() => "no selected rule applies",
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
        Status::Error => "an error on this machine",
    }
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
    use crate::finding::{Finding, Fingerprint, Problem, Verdict};
    use crate::reports::tests::{device, run_of};
    use crate::rules;

    #[test]
    fn missing_evidence_is_counted_by_its_kind() {
        let refused = |words: &str| Verdict::Unknown(Unknown::NotPermitted(words.to_owned()));
        let core = |name: &str, verdicts: Vec<(&'static str, Verdict)>| {
            let mut record = device(name, "");
            let rules = rules::ALL.iter().map(|rule| (rule.id, Verdict::Pass));
            record.judgement.verdicts = verdicts
                .iter()
                .cloned()
                .chain(rules.filter(|(id, _)| !verdicts.iter().any(|(given, _)| given == id)))
                .collect();
            record
        };
        let (clock, url) = ("clock-not-synchronized", "trust-code-missing");
        let mut records = vec![
            core("a", vec![(clock, refused("% one")), (url, Verdict::Pass)]),
            core("b", vec![(clock, refused("% other")), (url, refused("x"))]),
            core("c", vec![(clock, Verdict::Unknown(Unknown::TimedOut))]),
        ];
        let found = run_of(&records).overview.missing;
        let found: Vec<_> = found.iter().map(|m| (m.rule.as_str(), m.devices, m.reason.as_str())).collect();
        assert_eq!(found, [(clock, 3, "not permitted"), (url, 1, "not permitted")]);
        // A device that did not answer is told as such, not as evidence that is missing.
        records[2].status = Status::Unreachable;
        assert_eq!(run_of(&records).overview.missing[0].devices, 2);
    }

    #[test]
    fn the_sentence_of_one_device_names_it() {
        let mut record = device("sw\u{1b}[31m1", "");
        assert_eq!(sentence(&run_of(std::slice::from_ref(&record))), "sw1 could not be judged.");
        let core = rules::ALL.iter().map(|rule| (rule.id, Verdict::Pass));
        record.judgement.verdicts = core.collect();
        assert_eq!(sentence(&run_of(std::slice::from_ref(&record))), "sw1 is healthy.");
        let problem = Problem::new(Severity::High, "", "");
        let fingerprint = Fingerprint::new("transport-off", "sw1", "");
        record.judgement.findings = vec![Finding { rule: "transport-off", problem, explained_by: None, fingerprint }];
        assert_eq!(sentence(&run_of(&[record])), "sw1 has problems.");
        assert_eq!(sentence(&run_of(&[])), "No device was selected.");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
