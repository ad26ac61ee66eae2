//! `clock-not-synchronized`: NTP does not set the clock. Reads `clock.ntp_synchronized`, and whether a failure names what a wrong
//! clock breaks.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "clock-not-synchronized",
    category: Category::Clock,
    core: true,
    severity: Severity::Medium,
    severity_note: "high where a failing channel names a signature, a time stamp or a certificate; low where only the mark before \
                    the time says so, or the transport is off",
    generation: Generation::Any,
    title: "The clock is not synchronized",
    why: "Policies, trust codes and authorization codes are signed and dated: with a clock that drifts their installation fails, \
          and so does TLS. Until then it is a risk, not an outage.",
    reads: "show license tech support: Clock sync-ed with NTP; else show ntp status; else the mark before the time (show clock).",
    healthy: "True, or synchronized, or no mark before the time.",
    source: "Troubleshooting guide, POLICY_INSTALL_FAILED, AUTHORIZATION_INSTALL_FAILED and TRUST_CODE_INSTALL_FAILED.",
    remedy: remedies::clock,
    explained_by: &["ntp-server-missing"],
    judge,
};

fn judge(device: Subject<'_>) -> Judged {
    if *device.facts.ntp_synchronized.get()? {
        return Ok(Vec::new());
    }
    let evidence = device.facts.ntp_synchronized.evidence();
    let lost = evidence.is_some_and(says_lost);
    let severity = if device.any_names_clock() {
        Severity::High
    } else if lost || device.is_off() {
        Severity::Low
    } else {
        Severity::Medium
    };
    let observed = match evidence {
        Some(line) if !line.text.is_empty() => format!("not synchronized: {}", line.text.trim()),
        _ => "not synchronized".to_owned(),
    };
    Ok(vec![Problem::new(severity, observed, "synchronized with NTP").proved_by(evidence)])
}

/// True where the evidence is the mark `.` before a time: it was set by NTP, and the server was lost.
fn says_lost(line: &Evidence) -> bool {
    line.text.split_whitespace().any(|word| {
        word.strip_prefix('.').is_some_and(|time| time.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, failing, known, proved, refused};

    fn unsynchronized(line: &str) -> Case {
        Case::direct().with(|facts| facts.ntp_synchronized = proved(false, line))
    }

    #[test]
    fn fails_by_the_agent_s_line() {
        let problem = unsynchronized("Clock sync-ed with NTP: False").fails(&RULE);
        assert_eq!(problem.severity, Severity::Medium);
        assert_eq!(problem.observed, "not synchronized: Clock sync-ed with NTP: False");
    }

    #[test]
    fn fails_mildly_by_the_mark() {
        assert_eq!(unsynchronized("Time source is NTP, .05:30:30.118 UTC").fails(&RULE).severity, Severity::Low);
        assert_eq!(unsynchronized("*05:30:30.118 UTC Tue Jun 17 2025").fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn fails_worse_where_a_signature_is_refused() {
        let channel = failing("trust_establishment", "INVALID STATUS CODE", "Signature mismatch");
        let case =
            unsynchronized("Clock sync-ed with NTP: False").with(|facts| facts.communication = known(vec![channel]));
        assert_eq!(case.fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn fails_mildly_with_the_transport_off() {
        assert_eq!(
            Case::off().with(|facts| facts.ntp_synchronized = known(false)).fails(&RULE).severity,
            Severity::Low
        );
    }

    #[test]
    fn passes_synchronized() {
        Case::direct().passes(&RULE);
        Case::before_slp().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.ntp_synchronized = refused()).unknown(&RULE);
    }
}
