//! `report-push-overdue`: a planned report did not go out. Reads `reporting.next_push`, `reporting.send_rum_expired` and the
//! device's own clock.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "report-push-overdue",
    category: Category::Reporting,
    severity: Severity::Medium,
    title: "A report did not go out when planned",
    why: "The device tries for up to four hours after the planned time; a plan that is older than that was not carried out.",
    reads: "show license status, show license all or show license tech support: Usage Reporting, Next report push; the job Send \
            Utility RUM reports of show license tech support.",
    healthy: "A plan in the future, or at most four hours old.",
    source: "Troubleshooting guide, COMM_FAILED: how long the device goes on trying.",
    remedy: remedies::report,
    explained_by: &["communication-failing", "cslu-undiscovered", "trust-code-missing"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_fetched() {
        return not_applicable("the device does not send its reports itself");
    }
    device.needs_transport()?;
    let problem = |observed: String| device.problem(observed, "a report when it is planned");
    let mut checks = Checks::default();
    match device.facts.next_push.get() {
        Ok(None) => {}
        Err(why) => checks.miss(why),
        Ok(Some(push)) => match device.seconds_to(push) {
            Ok(seconds) if seconds < -PUSH_PATIENCE => {
                checks.fail(
                    problem(format!("next report push {}", push.text)).proved_by(device.facts.next_push.evidence()),
                );
            }
            Ok(_) => {}
            Err(Undecided::Unknown(why)) => checks.miss(&why),
            Err(other) => return Err(other),
        },
    }
    let is_late = checks.has_about("");
    // Agents that print no such job have none that could have expired.
    if device.facts.send_rum_expired != Fact::Unknown(Unknown::Absent) {
        checks.ask(&device.facts.send_rum_expired, |expired| {
            let job = || problem("job Send Utility RUM reports: Expired Not Rescheduled".to_owned());
            // The same report, seen from its plan and from its job, is one problem.
            (*expired && !is_late).then(|| job().proved_by(device.facts.send_rum_expired.evidence()))
        });
    }
    if device.facts.next_push.value() == Some(&None) && device.facts.send_rum_expired.value() != Some(&true) {
        return not_applicable("no report is planned");
    }
    checks.answer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, dated, known, refused};

    #[test]
    fn fails_after_four_hours() {
        let problem = Case::direct().with(|facts| facts.next_push = dated("2025-06-17 07:59")).fails(&RULE);
        assert_eq!(problem.observed, "next report push 2025-06-17 07:59 UTC");
    }

    #[test]
    fn fails_where_the_job_expired() {
        let expired = Case::direct().with(|facts| facts.send_rum_expired = known(true));
        assert!(expired.fails(&RULE).observed.starts_with("job Send Utility RUM reports"));
        expired.with(|facts| facts.next_push = dated("2025-06-16 12:00")).fails(&RULE);
    }

    #[test]
    fn passes_with_a_plan() {
        Case::direct().passes(&RULE);
        Case::direct().with(|facts| facts.send_rum_expired = absent()).passes(&RULE);
    }

    #[test]
    fn unknown_without_the_time() {
        Case::direct().with(|facts| facts.device_time = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.send_rum_expired = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_a_plan() {
        Case::direct().with(|facts| facts.next_push = known(None)).not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
    }

    #[test]
    fn trap_forty_seconds_ago_is_now() {
        Case::direct().with(|facts| facts.next_push = dated("2025-06-17 11:59:20")).passes(&RULE);
    }
}
