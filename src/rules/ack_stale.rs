//! `ack-stale`: the last ACK is older than two reporting intervals. Reads `reporting.last_ack`,
//! `reporting.push_interval_days` and the device's own clock.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "ack-stale",
    category: Category::Reporting,
    severity: Severity::High,
    title: "The last ACK is old",
    why: "A device that reports every so many days gets an ACK for each report. When two of them brought none, reporting has stopped \
          though the deadline may be far away.",
    reads: "show license status, show license all or show license tech support: Usage Reporting, Last ACK received and Reporting push \
            interval.",
    healthy: "An ACK younger than twice the push interval (where that is not readable, twice the shortest reporting frequency of \
              the policy).",
    source: "Troubleshooting guide, COMM_FAILED: a recent Last ACK received proves the connection.",
    remedy: remedies::report,
    explained_by: &["communication-failing", "ack-overdue"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_fetched() {
        return not_applicable("the device does not send its reports itself");
    }
    device.needs_transport()?;
    if device.facts.push_interval_days.value() == Some(&0) {
        return not_applicable("the push interval is 0");
    }
    let Some(ack) = device.facts.last_ack.get()? else {
        return not_applicable("no ACK yet: ack-never-received");
    };
    // Without the interval the policy's shortest frequency serves, and without both there is no measure.
    if !matches!(device.facts.min_reporting_frequency_days.value(), Some(Some(_))) {
        device.facts.push_interval_days.get()?;
    }
    let days = -device.seconds_to(ack)? / situation::DAY;
    let limit = device.stale_after_days();
    if device.has_fresh_ack()? {
        // A shorter push interval would have a shorter limit: no pass without it.
        device.facts.push_interval_days.get()?;
        return Ok(Vec::new());
    }
    let observed = format!("last ACK {}, {days} days ago", ack.text);
    let problem =
        device.problem(observed, format!("an ACK within {limit} days")).proved_by(device.facts.last_ack.evidence());
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, absent, dated, known, refused};

    fn last(on: &str) -> Case {
        Case::direct().with(|facts| facts.last_ack = dated(on))
    }

    #[test]
    fn fails_after_two_intervals() {
        let problem = last("2025-04-01 12:00").fails(&RULE);
        assert_eq!(problem.observed, "last ACK 2025-04-01 12:00 UTC, 77 days ago");
        assert_eq!(problem.expected, "an ACK within 60 days");
    }

    #[test]
    fn fails_by_the_frequency_where_the_interval_is_not_printed() {
        let case = last("2025-05-20 12:00").with(|facts| {
            facts.push_interval_days = absent();
            facts.min_reporting_frequency_days = known(Some(7));
        });
        case.fails(&RULE);
    }

    #[test]
    fn passes_within_two_intervals() {
        last("2025-04-19 12:00").passes(&RULE);
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_without_the_interval() {
        last("2025-05-20 12:00").with(|facts| facts.push_interval_days = absent()).unknown(&RULE);
    }

    #[test]
    fn unknown_without_the_time() {
        Case::direct().with(|facts| facts.device_time = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_with_an_ack_of_the_future() {
        last("2026-06-01 12:00").unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_nothing_is_sent() {
        last("2024-01-01 12:00").with(|facts| facts.push_interval_days = known(0)).not_applicable(&RULE);
        last("2024-01-01 12:00").expecting(|e| e.topology = Some(Topology::Controller)).not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
    }
}
