//! `ack-never-received`: no report of this device was ever acknowledged. Reads `reporting.last_ack` and the channels.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "ack-never-received",
    category: Category::Reporting,
    severity: Severity::Info,
    severity_note: "high where a channel that carries reports fails now",
    title: "No ACK was ever received",
    why: "A new device has none yet; on one that tries and fails it means that CSSM has never heard of it.",
    reads: "show license status, show license all or show license tech support: Usage Reporting, Last ACK received.",
    healthy: "A dated ACK. A device that owes no reports has no ACK to wait for.",
    source: "Troubleshooting guide, COMM_FAILED and REPORTING_REQUIRED.",
    remedy: remedies::report,
    explained_by: &["communication-failing", "cslu-undiscovered", "trust-code-missing"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.has_reservation() {
        return not_applicable("a licence reservation owes no reports");
    }
    if device.facts.last_ack.get()?.is_some() {
        return Ok(Vec::new());
    }
    if device.facts.push_interval_days.value() == Some(&0) && device.facts.next_ack_deadline.value() == Some(&None) {
        return not_applicable("the policy asks for no report");
    }
    let severity = if device.failing_to_report().is_some() { Severity::High } else { Severity::Info };
    let mut problem =
        Problem::new(severity, "Last ACK received: <none>", "a dated ACK").proved_by(device.facts.last_ack.evidence());
    problem.deadline = device.facts.next_ack_deadline.value().cloned().flatten();
    problem.days_left = problem.deadline.as_ref().and_then(|deadline| device.days_to(deadline).ok());
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, failing, known, refused};

    fn never() -> Case {
        Case::direct().with(|facts| facts.last_ack = known(None))
    }

    #[test]
    fn fails_mildly_on_a_new_device() {
        let problem = never().fails(&RULE);
        assert_eq!((problem.severity, problem.days_left), (Severity::Info, Some(83)));
    }

    #[test]
    fn fails_worse_with_failures() {
        let case = never().with(|facts| facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]));
        assert_eq!(case.fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn fails_mildly_where_only_a_hello_fails_that_nobody_waits_for() {
        let hello = vec![failing("hello_message", "NO REPLY", "")];
        let fails = |case: Case| case.with(|facts| facts.communication = known(hello.clone())).fails(&RULE).severity;
        let cslu = || Case::cslu("").with(|facts| facts.last_ack = known(None));
        assert_eq!(fails(cslu()), Severity::High);
        assert_eq!(fails(cslu().expecting(|expect| expect.topology = Some(Topology::CsluPull))), Severity::Info);
        assert_eq!(fails(Case::off().with(|facts| facts.last_ack = known(None))), Severity::Info);
    }

    #[test]
    fn passes_with_an_ack() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.last_ack = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_before_slp() {
        Case::before_slp().not_applicable(&RULE);
    }

    #[test]
    fn trap_a_policy_without_reports_brings_no_ack() {
        never()
            .with(|facts| {
                facts.push_interval_days = known(0);
                facts.next_ack_deadline = known(None);
            })
            .not_applicable(&RULE);
    }
}
