//! `reach-probe-failed`: the device's own ping of the host it reports to fails. Reads `reach.probe`, which is asked for with
//! `--probe`, and the host and VRF in use.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "reach-probe-failed",
    category: Category::Reach,
    severity: Severity::High,
    severity_note: "info where reports arrive: then only the ping is filtered",
    title: "The device's ping of the host it reports to fails",
    why: "The device itself finds no address for the name, or gets no answer from it. What the name, the route or a firewall stops for a \
          ping it mostly stops for reports too.",
    reads: "ping of the host of the URL in use (or of the proxy), in the VRF in use; asked with --probe only, and read where somebody \
            saved it.",
    healthy: "At least one answer: the first may be lost while an address is looked up. One lost ping is no proof where firewalls drop \
              ICMP, so it is a remark only where reports arrive.",
    source: "Troubleshooting guide, COMM_FAILED: ping of smartreceiver.cisco.com, tools.cisco.com, cslu-local.",
    remedy,
    explained_by: &[
        "dns-server-missing",
        "dns-domain-missing",
        "smart-url-wrong",
        "cslu-url-wrong",
        "callhome-url-wrong",
        "vrf-mismatch",
        "http-source-interface-unusable",
    ],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if !device.expected.probe && device.facts.probe == Fact::Unknown(Unknown::NotCollected) {
        return not_applicable("no ping was asked for (--probe)");
    }
    if device.is_fetched() {
        return not_applicable("the device does not send its reports itself");
    }
    device.needs_transport()?;
    let probe = device.facts.probe.get()?;
    if probe.received > 0 {
        return Ok(Vec::new());
    }
    // Silence in the global table says nothing about a VRF that is not known.
    device.reporting.vrf?;
    let is_name = !is_address(&probe.host);
    if !probe.resolved
        && is_name
        && probe.vrf.is_some()
        && device.facts.transport_type.value() == Some(&TransportType::Callhome)
    {
        return not_applicable("Call Home resolves names in the global table, a ping in the VRF");
    }
    let severity = if device.reports_arrive() { Severity::Info } else { Severity::High };
    let place = probe.vrf.as_deref().map(|vrf| format!(" in VRF {vrf}")).unwrap_or_default();
    let mut problem = Problem::new(severity, format!("{}{place}", observed(probe, is_name)), "an answer to a ping")
        .about(&probe.host)
        .proved_by(device.facts.probe.evidence());
    problem.class = Some(if probe.resolved || !is_name { FailureClass::Timeout } else { FailureClass::Dns });
    Ok(vec![problem])
}

fn observed(probe: &Probe, is_name: bool) -> String {
    let host = &probe.host;
    match (probe.resolved, is_name) {
        (true, _) => format!("no answer from {host} (0 of {})", probe.sent),
        (false, true) => format!("{host} is not resolved"),
        (false, false) => format!("{host} cannot be pinged: the device does not run that protocol"),
    }
}

fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    match problem.class {
        Some(FailureClass::Dns) if problem.subject == DISCOVERED => remedies::discovery(device, problem),
        Some(FailureClass::Dns) => remedies::names(device, problem),
        _ => vec![device.step(&steps::ROUTE), device.choice(&steps::NOT_ICMP)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, dated, failing, known, refused, text};

    fn silence(host: &str) -> Probe {
        Probe { host: host.to_owned(), vrf: None, resolved: true, sent: 5, received: 0 }
    }

    fn unresolved(host: &str) -> Probe {
        Probe { resolved: false, sent: 0, ..silence(host) }
    }

    fn probed(case: Case, probe: Probe) -> Case {
        case.expecting(|expect| expect.probe = true).with(|facts| facts.probe = known(probe))
    }

    /// The same, where reports do not arrive.
    fn failing_too(case: Case) -> Case {
        case.with(|facts| {
            facts.last_ack = dated("2024-12-01 12:00");
            facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
        })
    }

    #[test]
    fn fails_without_an_answer() {
        let problem = failing_too(probed(Case::direct(), silence("smartreceiver.cisco.com"))).fails(&RULE);
        assert_eq!((problem.severity, problem.class), (Severity::High, Some(FailureClass::Timeout)));
        assert_eq!(problem.observed, "no answer from smartreceiver.cisco.com (0 of 5)");
        assert!(problem.next_step().contains("towards smartreceiver.cisco.com"));
    }

    #[test]
    fn fails_without_an_address() {
        let problem = failing_too(probed(Case::cslu(""), unresolved("cslu-local"))).fails(&RULE);
        assert_eq!((problem.observed.as_str(), problem.class), ("cslu-local is not resolved", Some(FailureClass::Dns)));
        assert!(problem.next_step().contains("cslu-local."), "{problem:?}");
    }

    #[test]
    fn fails_in_the_vrf() {
        let probe = Probe { vrf: Some("Mgmt-vrf".to_owned()), ..silence("smartreceiver.cisco.com") };
        let case = failing_too(probed(Case::direct(), probe)).with(|facts| facts.transport_vrf = text("Mgmt-vrf"));
        assert!(case.fails(&RULE).observed.ends_with("in VRF Mgmt-vrf"));
    }

    #[test]
    fn fails_where_the_protocol_is_off() {
        let case = Case::cslu("http://[2001:db8::1]:8182/cslu/v1/pi");
        let problem = failing_too(probed(case, unresolved("2001:db8::1"))).fails(&RULE);
        assert!(problem.observed.contains("does not run that protocol"), "{}", problem.observed);
        assert_eq!(problem.class, Some(FailureClass::Timeout));
    }

    #[test]
    fn passes_with_an_answer() {
        let probe = Probe { received: 4, ..silence("smartreceiver.cisco.com") };
        failing_too(probed(Case::direct(), probe)).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        let case = Case::direct().expecting(|expect| expect.probe = true);
        case.clone().with(|facts| facts.probe = refused()).unknown(&RULE);
        // Asked for, and not asked: the host is not known, or is none.
        assert!(case.unknown(&RULE).starts_with("not collected: ping of the host"));
    }

    #[test]
    fn unknown_where_the_vrf_is_not_known() {
        failing_too(probed(Case::direct(), silence("smartreceiver.cisco.com")))
            .with(|facts| facts.http_source_interface = refused())
            .unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_the_option() {
        Case::direct().not_applicable(&RULE);
        probed(Case::off(), silence("192.0.2.1")).not_applicable(&RULE);
        probed(Case::cslu(""), silence("cslu-local"))
            .expecting(|expect| expect.topology = Some(Topology::CsluPull))
            .not_applicable(&RULE);
    }

    #[test]
    fn a_saved_ping_is_judged_without_the_option() {
        let case = failing_too(Case::direct());
        case.with(|facts| facts.probe = known(silence("smartreceiver.cisco.com"))).fails(&RULE);
    }

    #[test]
    fn trap_a_firewall_that_drops_icmp_only() {
        let problem = probed(Case::direct(), silence("smartreceiver.cisco.com")).fails(&RULE);
        assert_eq!(problem.severity, Severity::Info);
    }

    #[test]
    fn trap_call_home_resolves_in_the_global_table() {
        let probe = Probe { vrf: Some("Mgmt-vrf".to_owned()), ..unresolved("tools.cisco.com") };
        let case = failing_too(probed(Case::call_home(), probe));
        case.with(|facts| facts.call_home_vrf = text("Mgmt-vrf")).not_applicable(&RULE);
    }
}
