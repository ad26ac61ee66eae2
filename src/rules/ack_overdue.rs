//! `ack-overdue`: the deadline for an ACK is past. Reads `reporting.next_ack_deadline` and the device's own clock.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "ack-overdue",
    category: Category::Reporting,
    core: true,
    severity: Severity::Critical,
    title: "The ACK deadline is past",
    why: "The policy demands an acknowledged report by this moment, and CSSM has none: the device is out of its policy, and some \
          releases stop features for it.",
    reads: "show license status, show license all or show license tech support: Usage Reporting, Next ACK deadline; the device's own \
            time at capture.",
    healthy: "A deadline in the future by the device's own clock, or none. Unknown where that clock stands before what the device says \
              has happened.",
    source: "Troubleshooting guide, REPORTING_REQUIRED.",
    remedy: remedies::report,
    explained_by: &["communication-failing", "cslu-undiscovered", "agent-offline"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.has_reservation() {
        return not_applicable("a licence reservation owes no reports");
    }
    let Some(deadline) = device.facts.next_ack_deadline.get()? else {
        return not_applicable("no ACK deadline is set");
    };
    let days = device.days_to(deadline)?;
    if days >= 0 {
        return Ok(Vec::new());
    }
    let mut problem = device
        .problem(format!("deadline {}", deadline.text), "an ACK before the deadline")
        .proved_by(device.facts.next_ack_deadline.evidence());
    problem.deadline = Some(deadline.clone());
    problem.days_left = Some(days);
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, authorization, dated, known, refused, time};

    fn deadline(case: Case, on: &str) -> Case {
        case.with(|facts| facts.next_ack_deadline = dated(on))
    }

    #[test]
    fn fails_past_the_deadline() {
        let problem = deadline(Case::direct(), "2025-06-17 11:59").fails(&RULE);
        assert_eq!((problem.severity, problem.days_left), (Severity::Critical, Some(-1)));
        assert_eq!(problem.next_step(), "license smart sync all");
    }

    #[test]
    fn fails_with_the_transport_off_and_says_how_files_are_carried() {
        let problem = deadline(Case::off(), "2024-02-01 12:00").fails(&RULE);
        assert!(problem.next_step().starts_with("license smart save usage"));
    }

    #[test]
    fn fails_and_names_who_fetches() {
        let case = deadline(Case::cslu(""), "2025-06-01 12:00").expecting(|e| e.topology = Some(Topology::CsluPull));
        assert!(case.fails(&RULE).next_step().starts_with("in CSLU"));
    }

    #[test]
    fn fails_without_push_where_a_deadline_is_dated() {
        deadline(Case::direct(), "2025-06-01 12:00").with(|facts| facts.push_interval_days = known(0)).fails(&RULE);
    }

    #[test]
    fn passes_before_it() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_without_any_time() {
        Case::direct().with(|facts| facts.device_time = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_with_a_clock_of_1999() {
        let why = Case::direct().with(|facts| facts.device_time = known(time("1999-01-01 00:00"))).unknown(&RULE);
        assert!(why.contains("the clock is wrong"), "{why}");
    }

    #[test]
    fn unknown_with_a_clock_that_fell_back_behind_the_last_ack() {
        let why = Case::direct()
            .with(|facts| {
                facts.device_time = known(time("2021-03-01 12:00"));
                facts.clock_offset_s = refused();
            })
            .unknown(&RULE);
        assert!(why.contains("the clock is wrong"), "{why}");
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.next_ack_deadline = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_with_a_reservation() {
        let reserved = deadline(Case::direct(), "2025-06-01 12:00");
        let units = vec![authorization("active", "FCW0001A001", "SPECIFIC INSTALLED on Nov 02 03:16:01 2024 UTC")];
        reserved.with(|facts| facts.authorization_units = known(units)).not_applicable(&RULE);
    }

    #[test]
    fn trap_no_deadline_and_no_reporting() {
        Case::direct()
            .with(|facts| {
                facts.next_ack_deadline = known(None);
                facts.push_interval_days = known(0);
            })
            .not_applicable(&RULE);
    }

    #[test]
    fn trap_an_old_capture_is_judged_by_its_own_time() {
        // Captured in 2021, with a deadline of 2022, both long past today.
        let case = deadline(Case::direct(), "2022-01-12 12:10");
        case.with(|facts| {
            facts.device_time = known(time("2021-10-22 05:30"));
            facts.last_ack = dated("2021-10-14 12:10");
            facts.last_push = dated("2021-10-14 12:05");
            facts.communication = known(Vec::new());
        })
        .passes(&RULE);
    }
}
