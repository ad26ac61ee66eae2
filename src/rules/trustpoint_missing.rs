//! `trustpoint-missing`: the trustpoint of Smart Licensing is absent, or its certificate authority is not accepted. Reads
//! `trustpoints` and the topology.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "trustpoint-missing",
    category: Category::Trust,
    severity: Severity::High,
    title: "SLA-TrustPoint is missing or not authenticated",
    why: "The device trusts CSSM and SSM On-Prem through this trustpoint. It is created by itself once the clock is believable; \
          without it no TLS session comes up.",
    reads: "show crypto pki trustpoints status: block SLA-TrustPoint, Issuing CA authenticated.",
    healthy: "Present, with Issuing CA authenticated Yes. Keys generated No and Certificate request(s) None are normal for it.",
    source: "Troubleshooting guide, COMM_FAILED: trustpoint and certificates.",
    remedy,
    explained_by: &["clock-not-synchronized"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_transport()?;
    if *device.facts.transport_type.get()? == TransportType::Cslu {
        match device.needs_onprem() {
            Ok(true) => {}
            Ok(false) => return not_applicable("SSM On-Prem is reached over http"),
            Err(Undecided::NotApplicable(_)) => return not_applicable("CSLU needs no trustpoint"),
            Err(unknown) => return Err(unknown),
        }
    }
    let found = device.facts.trustpoints.get()?.iter().find(|point| point.name.eq_ignore_ascii_case("SLA-TrustPoint"));
    let observed = match found.map(|point| point.ca_authenticated) {
        Some(Some(true)) => return Ok(Vec::new()),
        Some(None) => return Err(Undecided::Unknown(Unknown::Absent)),
        Some(Some(false)) => "SLA-TrustPoint: issuing CA not authenticated",
        None => "no SLA-TrustPoint",
    };
    let line = match found {
        Some(point) => device.facts.proof("trustpoints", &device.facts.trustpoints, point, "ca"),
        None => no_line(&device.facts.trustpoints, "Trustpoint SLA-TrustPoint:"),
    };
    let mut problem = device.problem(observed, "SLA-TrustPoint with an authenticated CA").proved_by(line.as_ref());
    problem.class = Some(FailureClass::Tls);
    Ok(vec![problem])
}

fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let is_synchronized = device.facts.ntp_synchronized.value() == Some(&true);
    let mut all = if is_synchronized { Vec::new() } else { remedies::clock(device, problem) };
    all.push(device.step(match device.needs_onprem() {
        Ok(_) => &steps::ON_PREM_TRUSTPOINT,
        Err(_) => &steps::TRUSTPOINT_BY_ITSELF,
    }));
    all
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
