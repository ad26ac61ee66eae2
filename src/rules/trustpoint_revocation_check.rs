//! `trustpoint-revocation-check`: SSM On-Prem, and its certificate is checked against a revocation list that nobody serves. Reads
//! `trustpoints` and the topology.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "trustpoint-revocation-check",
    category: Category::Trust,
    severity: Severity::Low,
    severity_note: "medium where a channel fails now",
    title: "Revocation check towards SSM On-Prem",
    why: "With revocation-check crl alone the device wants a revocation list from outside before it trusts SSM On-Prem; a closed \
          network has none, and TLS fails.",
    reads: "show running-config | section ^crypto pki trustpoint SLA-TrustPoint: revocation-check.",
    healthy: "none, alone or as the last method. For a device that reports directly, the default crl is right.",
    source: "Troubleshooting guide, COMM_FAILED: SSM On-Prem, trustpoint and certificates.",
    remedy: |device, _| remedies::plain(device, &[&steps::ON_PREM_TRUSTPOINT]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_onprem()?;
    let points = device.facts.trustpoints.get()?;
    let Some(point) = points.iter().find(|point| point.name.eq_ignore_ascii_case("SLA-TrustPoint")) else {
        return not_applicable("no SLA-TrustPoint");
    };
    let Some(check) = point.revocation_check.as_deref() else {
        return Err(Undecided::Unknown(Unknown::Absent));
    };
    if check.split_whitespace().any(|method| method.eq_ignore_ascii_case("none")) {
        return Ok(Vec::new());
    }
    let severity = if device.any_channel_fails() { Severity::Medium } else { Severity::Low };
    let mut problem = Problem::new(severity, format!("revocation-check {check}"), "revocation-check none")
        .proved_by(device.facts.proof("trustpoints", &device.facts.trustpoints, point, "revocation").as_ref());
    problem.class = Some(FailureClass::Tls);
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Trustpoint;
    use crate::rules::case::{Case, failing, known, refused};

    fn check(methods: Option<&str>) -> Case {
        Case::on_prem().with(|facts| {
            facts.trustpoints = known(vec![Trustpoint {
                name: "SLA-TrustPoint".to_owned(),
                revocation_check: methods.map(ToOwned::to_owned),
                ..Trustpoint::default()
            }]);
        })
    }

    #[test]
    fn fails_on_crl() {
        assert_eq!(check(Some("crl")).fails(&RULE).severity, Severity::Low);
    }

    #[test]
    fn fails_worse_with_failures() {
        let case = check(Some("crl"))
            .with(|facts| facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]));
        assert_eq!(case.fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn passes_on_none() {
        Case::on_prem().passes(&RULE);
        check(Some("crl none")).passes(&RULE);
    }

    #[test]
    fn unknown_where_the_configuration_is_not_printed() {
        check(None).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::on_prem().with(|facts| facts.trustpoints = refused()).unknown(&RULE);
    }

    #[test]
    fn trap_crl_is_the_default_of_a_direct_device() {
        Case::direct().not_applicable(&RULE);
    }
}
