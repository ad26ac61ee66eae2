//! `ack-due-soon`: a deadline is near, and nothing will bring the ACK in time. Reads `reporting.next_ack_deadline`,
//! `reporting.next_push`, the channels, the topology and, for CUBE, release and licences.

use crate::rules::prelude::*;

/// Days before a deadline from which the trouble is urgent.
const URGENT_DAYS: i64 = 7;

pub(super) static RULE: Rule = Rule {
    id: "ack-due-soon",
    category: Category::Reporting,
    severity: Severity::Medium,
    severity_note: "high within 7 days; one step up where CUBE is in use on a release that stops it at the deadline",
    title: "An ACK is due soon, and none is on its way",
    why: "Somebody has to act before the deadline: the device's own attempts fail, nothing sends its reports, or the next one goes \
          out too late.",
    reads: "Usage Reporting, Next ACK deadline and Next report push, and Transport, Type, of show license status or show license \
            all; Communication Statistics of show license tech support.",
    healthy: "More than 30 days left, or a report that goes out before the deadline and channels that work. A policy of 30 days is \
              always near its deadline: while it works, it is quiet.",
    source: "Troubleshooting guide, REPORTING_REQUIRED; configuration guide of CUBE: Smart Licensing.",
    remedy: remedies::report,
    explained_by: &["communication-failing", "cslu-undiscovered", "trust-code-missing"],
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
    if days < 0 {
        return not_applicable("the deadline is past: ack-overdue");
    }
    if days > NEAR_DAYS {
        return Ok(Vec::new());
    }
    let Some(trouble) = trouble(device, days)? else { return Ok(Vec::new()) };
    let mut severity = if days <= URGENT_DAYS { Severity::High } else { Severity::Medium };
    let mut observed = format!("deadline {} ({days} days left), {trouble}", deadline.text);
    if stops_cube(device) {
        severity = severity.worse();
        observed.push_str("; CUBE stops on this release when it is missed");
    }
    let mut problem = Problem::new(severity, observed, "an ACK before the deadline")
        .proved_by(device.facts.next_ack_deadline.evidence());
    problem.deadline = Some(deadline.clone());
    problem.days_left = Some(days);
    Ok(vec![problem])
}

/// Why no ACK will come in time; `None` where one is on its way.
fn trouble(device: Subject<'_>, days: i64) -> Result<Option<String>, Undecided> {
    if device.is_off() {
        return Ok(Some("reports are carried by file".to_owned()));
    }
    if let Some(channel) = device.failing_to_report() {
        return Ok(Some(format!("{}: {}", channel.channel.replace('_', " "), failure::described(channel))));
    }
    if device.is_fetched() {
        // The device plans no report of its own: only the days tell whether somebody fetches.
        if days <= URGENT_DAYS {
            return Ok(Some("nobody fetched a report".to_owned()));
        }
        device.facts.communication.get()?;
        device.facts.transport_type.get()?;
        return Ok(None);
    }
    let trouble = match device.facts.next_push.get()? {
        None => Some("no report is planned".to_owned()),
        Some(push) => {
            let to_push = device.seconds_to(push)?;
            let deadline = device.facts.next_ack_deadline.value().and_then(Option::as_ref);
            if to_push < -PUSH_PATIENCE {
                Some(format!("the report of {} did not go out", push.text))
            } else if deadline.is_some_and(|deadline| push.seconds_until(deadline) < 0) {
                Some(format!("the next report goes out after it, {}", push.text))
            } else {
                None
            }
        }
    };
    if trouble.is_none() {
        device.facts.communication.get()?;
        device.facts.transport_type.get()?;
    }
    Ok(trouble)
}

/// True where CUBE is in use on a release that stops it at the deadline.
fn stops_cube(device: Subject<'_>) -> bool {
    let release = device.facts.os_version.value().and_then(|release| Release::parse(release));
    let licenses = device.facts.licenses.value().map(Vec::as_slice).unwrap_or_default();
    release.is_some_and(|release| release.stops_cube())
        && licenses
            .iter()
            .any(|license| license.name.to_uppercase().starts_with("CUBE") && situation::is_in_use(license))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, dated, failing, known, license, refused};

    fn due(case: Case, on: &str) -> Case {
        case.with(|facts| facts.next_ack_deadline = dated(on))
    }

    #[test]
    fn fails_where_a_channel_fails() {
        let case = due(Case::direct(), "2025-07-10 12:00")
            .with(|facts| facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]));
        let problem = case.fails(&RULE);
        assert_eq!((problem.severity, problem.days_left), (Severity::Medium, Some(23)));
        assert!(problem.observed.contains("usage reporting: 30 failures"), "{}", problem.observed);
    }

    #[test]
    fn fails_worse_within_a_week_with_the_transport_off() {
        assert_eq!(due(Case::off(), "2025-06-20 12:00").fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn fails_where_the_next_report_comes_too_late_or_never() {
        due(Case::direct(), "2025-07-01 12:00").fails(&RULE);
        due(Case::direct(), "2025-07-15 12:00").with(|facts| facts.next_push = known(None)).fails(&RULE);
        due(Case::direct(), "2025-07-15 12:00").with(|facts| facts.next_push = dated("2025-06-17 07:00")).fails(&RULE);
    }

    #[test]
    fn fails_worse_with_cube() {
        let case = due(Case::off(), "2025-06-20 12:00").with(|facts| {
            facts.os_version = known("17.3.4a".to_owned());
            facts.licenses = known(vec![license("CUBE_T_STD", "IN USE", "NOT ENFORCED")]);
        });
        assert_eq!(case.fails(&RULE).severity, Severity::Critical);
    }

    #[test]
    fn fails_within_a_week_where_nobody_fetched() {
        let case = due(Case::cslu(""), "2025-06-20 12:00").expecting(|e| e.topology = Some(Topology::CsluPull));
        assert_eq!(case.fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn passes_with_weeks_left_where_reports_are_fetched() {
        let pulled = due(Case::cslu(""), "2025-07-01 12:00").expecting(|e| e.topology = Some(Topology::CsluPull));
        pulled.passes(&RULE);
        pulled.with(|facts| facts.communication = known(vec![failing("hello_message", "NO REPLY", "")])).passes(&RULE);
    }

    #[test]
    fn passes_where_only_telemetry_or_an_authorization_fails() {
        for name in ["telemetry_reporting", "authorization_request"] {
            due(Case::direct(), "2025-07-14 12:00")
                .with(|facts| facts.communication = known(vec![failing(name, "NO REPLY", "")]))
                .passes(&RULE);
        }
    }

    #[test]
    fn passes_with_months_left() {
        Case::direct().passes(&RULE);
        Case::off().passes(&RULE);
    }

    #[test]
    fn unknown_without_counters() {
        due(Case::direct(), "2025-07-15 12:00").with(|facts| facts.communication = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_without_the_time() {
        Case::direct().with(|facts| facts.device_time = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_past_it() {
        due(Case::direct(), "2025-06-01 12:00").not_applicable(&RULE);
    }

    #[test]
    fn trap_thirty_days_left_under_a_policy_of_thirty_days_that_works() {
        due(Case::direct(), "2025-07-17 12:00").passes(&RULE);
    }

    #[test]
    fn trap_a_report_forty_seconds_late_is_on_its_way() {
        let case = due(Case::direct(), "2025-07-10 12:00");
        case.with(|facts| facts.next_push = dated("2025-06-17 11:59")).passes(&RULE);
    }
}
