//! `trust-code-missing`: a device that reports directly has no trust code. Reads `trust_codes`, else `overall_trust`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "trust-code-missing",
    category: Category::Trust,
    core: true,
    severity: Severity::High,
    title: "No trust code",
    why: "CSSM takes signed reports only, and the trust code is what the device signs with: without it a device that reports \
          directly is not heard.",
    reads: "Trust Code Installed of show license status, show license all or show license tech support; else Overall Trust of show \
            license tech support.",
    healthy: "At least one unit reads INSTALLED. Towards CSLU or SSM On-Prem, and with the transport off, none is needed.",
    source: "Troubleshooting guide, TRUST_CODE_INSTALL_FAILED.",
    remedy: remedies::trust,
    explained_by: &["clock-not-synchronized", "communication-failing"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_direct()?;
    let (observed, evidence) = match device.facts.trust_codes.get() {
        Ok(codes) if !codes.is_empty() => return Ok(Vec::new()),
        Ok(_) => {
            // Agents 5.1 to 5.9 have a line a unit among others.
            let line = device.facts.trust_codes.evidence();
            let by_unit = line.is_some_and(|line| line.text.contains("No Trust Data"));
            (if by_unit { "No Trust Data" } else { "Trust Code Installed: <none>" }.to_owned(), line)
        }
        Err(why) => {
            // The line is missing in tech support of agents 5.1 to 5.9; what the agent thinks of its trust is always there.
            let Ok(trust) = device.facts.overall_trust.get() else { return Err(why.into()) };
            let words = trust.to_lowercase();
            if ["no id", "no trust", "not installed"].iter().any(|none| words.contains(none)) {
                (format!("Overall Trust: {trust}"), device.facts.overall_trust.evidence())
            } else if words.contains("installed") {
                return Ok(Vec::new());
            } else {
                return Err(Undecided::Unknown(Unknown::Absent));
            }
        }
    };
    let mut problem = device.problem(observed, "a trust code on every unit").proved_by(evidence);
    // Nothing but an attempt that failed can be explained: a device that never tried has nobody to blame.
    let attempt = device.channel("trust_establishment").filter(|attempt| attempt.ongoing_overall > 0);
    problem.class = attempt.and_then(failure::class);
    problem.explained_by = Some(match attempt {
        None => &[],
        Some(attempt) if attempt.failure_reason.as_deref().is_some_and(failure::names_clock) => RULE.explained_by,
        Some(_) => &["communication-failing", "clock-not-synchronized"],
    });
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, failing, known, proved, refused, trust_code};

    fn none() -> Case {
        Case::direct().with(|facts| {
            facts.trust_codes = known(Vec::new());
            facts.overall_trust = known("No ID".to_owned());
        })
    }

    #[test]
    fn fails_without_one() {
        let problem = none().fails(&RULE);
        assert_eq!(problem.observed, "Trust Code Installed: <none>");
        assert!(problem.next_step().ends_with("idtoken <token> local"));
        assert_eq!(problem.explained_by, Some(&[] as &[&str]));
    }

    #[test]
    fn fails_by_the_lines_of_units() {
        let data = proved(Vec::new(), "P:C9300-24UX,S:FCW0001A001: No Trust Data");
        assert_eq!(none().with(|facts| facts.trust_codes = data).fails(&RULE).observed, "No Trust Data");
    }

    #[test]
    fn fails_by_overall_trust_where_the_line_is_absent() {
        let problem = none().with(|facts| facts.trust_codes = absent()).fails(&RULE);
        assert_eq!(problem.observed, "Overall Trust: No ID");
        let not = none().with(|facts| {
            facts.trust_codes = absent();
            facts.overall_trust = known("NOT INSTALLED".to_owned());
        });
        not.fails(&RULE);
    }

    #[test]
    fn fails_and_names_the_failed_attempt() {
        let attempt = failing("trust_establishment", "NO REPLY", "");
        let problem = none().with(|facts| facts.communication = known(vec![attempt])).fails(&RULE);
        assert_eq!(problem.explained_by.and_then(<[_]>::first), Some(&"communication-failing"));
    }

    #[test]
    fn passes_with_one() {
        Case::direct().passes(&RULE);
        Case::call_home().passes(&RULE);
    }

    #[test]
    fn passes_by_overall_trust() {
        Case::direct().with(|facts| facts.trust_codes = absent()).passes(&RULE);
    }

    #[test]
    fn unknown_where_neither_is_readable() {
        let case = Case::direct().with(|facts| {
            facts.trust_codes = refused();
            facts.overall_trust = refused();
        });
        assert!(case.unknown(&RULE).starts_with("not permitted"));
    }

    #[test]
    fn trap_no_trust_under_cslu_or_off_is_normal() {
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").not_applicable(&RULE);
        Case::on_prem().not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
    }

    #[test]
    fn trap_one_unit_is_another_rule_s_matter() {
        Case::stack().with(|facts| facts.trust_codes = known(vec![trust_code("active", "FCW0001A001")])).passes(&RULE);
    }
}
