//! `trustpoint-missing`: the trustpoint of Smart Licensing is absent, or its certificate authority is not accepted. Reads
//! `trustpoints` and the topology.

use crate::fact::Unknown;
use crate::facts::{Facts, TransportType};
use crate::finding::{FailureClass, Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::checks::{no_line, not_applicable};
use crate::rules::{Category, Generation, Judged, Rule, Undecided, situation};

pub(super) static RULE: Rule = Rule {
    id: "trustpoint-missing",
    category: Category::Trust,
    core: false,
    severity: Severity::High,
    severity_note: "",
    generation: Generation::Slp,
    title: "SLA-TrustPoint is missing or not authenticated",
    why: "The device trusts CSSM and SSM On-Prem through this trustpoint. It is created by itself once the clock is believable; \
          without it no TLS session comes up.",
    reads: "show crypto pki trustpoints status: block SLA-TrustPoint, Issuing CA authenticated.",
    healthy: "Present, with Issuing CA authenticated Yes. Keys generated No and Certificate request(s) None are normal for it.",
    source: "Troubleshooting guide, COMM_FAILED: trustpoint and certificates.",
    next_step: "set the clock (ntp server <address>) and wait a minute: the device creates SLA-TrustPoint by itself; for SSM \
                On-Prem: crypto pki trustpoint SLA-TrustPoint / enrollment terminal / revocation-check none",
    explained_by: &["clock-not-synchronized"],
    judge,
};

fn judge(facts: &Facts, expected: &Expectations) -> Judged {
    situation::needs_transport(facts, expected)?;
    if *facts.transport_type.get()? == TransportType::Cslu {
        match situation::needs_onprem(facts, expected) {
            Ok(true) => {}
            Ok(false) => return not_applicable("SSM On-Prem is reached over http"),
            Err(Undecided::NotApplicable(_)) => return not_applicable("CSLU needs no trustpoint"),
            Err(unknown) => return Err(unknown),
        }
    }
    let found = facts.trustpoints.get()?.iter().find(|point| point.name.eq_ignore_ascii_case("SLA-TrustPoint"));
    let observed = match found.map(|point| point.ca_authenticated) {
        Some(Some(true)) => return Ok(Vec::new()),
        Some(None) => return Err(Undecided::Unknown(Unknown::Absent)),
        Some(Some(false)) => "SLA-TrustPoint: issuing CA not authenticated",
        None => "no SLA-TrustPoint",
    };
    let line = match found {
        Some(point) => facts.proof("trustpoints", &facts.trustpoints, point, "ca"),
        None => no_line(&facts.trustpoints, "Trustpoint SLA-TrustPoint:"),
    };
    let mut problem =
        Problem::new(Severity::High, observed, "SLA-TrustPoint with an authenticated CA").proved_by(line.as_ref());
    problem.class = Some(FailureClass::Tls);
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Trustpoint;
    use crate::rules::case::{Case, known, refused};

    fn point(authenticated: Option<bool>) -> Vec<Trustpoint> {
        vec![Trustpoint { name: "SLA-TrustPoint".to_owned(), ca_authenticated: authenticated, ..Trustpoint::default() }]
    }

    #[test]
    fn fails_without_it() {
        assert_eq!(
            Case::direct().with(|facts| facts.trustpoints = known(Vec::new())).fails(&RULE).observed,
            "no SLA-TrustPoint"
        );
    }

    #[test]
    fn fails_without_authentication() {
        Case::on_prem().with(|facts| facts.trustpoints = known(point(Some(false)))).fails(&RULE);
    }

    #[test]
    fn passes_with_it() {
        Case::direct().passes(&RULE);
        Case::call_home().passes(&RULE);
        Case::on_prem().passes(&RULE);
    }

    #[test]
    fn unknown_where_the_state_is_not_printed() {
        Case::direct().with(|facts| facts.trustpoints = known(point(None))).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.trustpoints = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_no_tls_is_used() {
        Case::off().not_applicable(&RULE);
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").not_applicable(&RULE);
        Case::cslu("http://ssm.example.com/cslu/v1/pi/campus-1").not_applicable(&RULE);
    }
}
