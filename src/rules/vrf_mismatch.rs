//! `vrf-mismatch`: licensing is to use one VRF, and its source interface is in another. Reads `transport.vrf` (Call Home: its
//! own), the source interface and `vrfs`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "vrf-mismatch",
    category: Category::Reach,
    severity: Severity::Medium,
    severity_note: "high where a channel fails now",
    title: "The source interface is in another VRF than licensing",
    why: "Reports are routed in the VRF of licensing and leave with the address of the source interface; where the two differ, no \
          answer finds its way back.",
    reads: "Transport, VRF of show license status or show license all; ip http client source-interface and call-home of the running \
            configuration; show vrf.",
    healthy: "The same VRF, or one of the two not set. Name servers have a rule of their own. Quiet where reports arrive.",
    source: "Documentation of license smart vrf; troubleshooting guide, COMM_FAILED: HTTPs client source interface.",
    remedy,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_fetched() {
        return not_applicable("the device does not send its reports itself");
    }
    device.needs_transport()?;
    let own = match device.facts.transport_type.get()? {
        TransportType::Callhome => &device.facts.call_home_vrf,
        _ => &device.facts.transport_vrf,
    };
    let interface = device.reporting.interface;
    if interface.value() == Some(&None) {
        return not_applicable("no source interface is configured");
    }
    if own.value().is_some_and(|vrf| vrf.as_deref().unwrap_or_default().trim().is_empty()) {
        return not_applicable("no VRF is set for licensing");
    }
    if device.reports_arrive() {
        return not_applicable("reports arrive");
    }
    let (Some(vrf), Some(interface)) = (own.get()?, interface.get()?) else { return Ok(Vec::new()) };
    device.facts.vrfs.get()?;
    let found = device.facts.vrf_of_interface(interface);
    if found == Some(vrf.as_str()) {
        return Ok(Vec::new());
    }
    let place = found.map_or_else(|| "the global table".to_owned(), |found| format!("VRF {found}"));
    let severity = if device.any_channel_fails() { Severity::High } else { Severity::Medium };
    let problem = Problem::new(severity, format!("licensing in VRF {vrf}, {interface} in {place}"), "the same VRF");
    Ok(vec![problem.about(interface).proved_by(own.evidence())])
}

fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let found = device.facts.vrf_of_interface(&problem.subject).and_then(remedies::word);
    let step = device.step(&steps::LICENSE_VRF);
    let other = device.step(&steps::SOURCE_INTERFACE).when("or, instead, with an interface in the VRF of licensing");
    match found {
        _ if device.facts.transport_type.value() == Some(&TransportType::Callhome) => {
            vec![device.step(&steps::CALL_HOME_INTERFACE)]
        }
        Some(vrf) => vec![step.with("<vrf>", vrf), other],
        None => vec![step, other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Vrf;
    use crate::rules::case::{Case, dated, failing, known, refused, text};

    fn vrf(name: &str, interfaces: &[&str]) -> Vrf {
        Vrf { name: name.to_owned(), interfaces: interfaces.iter().map(|&name| name.to_owned()).collect() }
    }

    /// A device whose reports do not arrive: licensing in `Mgmt-vrf`, source interface `GigabitEthernet0/0`.
    fn silent(vrfs: Vec<Vrf>) -> Case {
        Case::direct().with(|facts| {
            facts.last_ack = dated("2024-12-01 12:00");
            facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
            facts.transport_vrf = text("Mgmt-vrf");
            facts.http_source_interface = text("GigabitEthernet0/0");
            facts.vrfs = known(vrfs);
        })
    }

    #[test]
    fn fails_on_two_vrfs() {
        let problem = silent(vec![vrf("Mgmt-vrf", &["Gi0/1"]), vrf("Users", &["Gi0/0"])]).fails(&RULE);
        assert_eq!(problem.observed, "licensing in VRF Mgmt-vrf, GigabitEthernet0/0 in VRF Users");
        assert_eq!(problem.severity, Severity::High);
    }

    #[test]
    fn fails_on_the_global_table() {
        assert!(silent(vec![vrf("Mgmt-vrf", &[])]).fails(&RULE).observed.ends_with("the global table"));
    }

    #[test]
    fn passes_in_one_vrf() {
        silent(vec![vrf("Mgmt-vrf", &["Gi0/0"])]).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        silent(Vec::new()).with(|facts| facts.vrfs = refused()).unknown(&RULE);
        silent(Vec::new()).with(|facts| facts.transport_vrf = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_two_to_compare() {
        silent(Vec::new()).with(|facts| facts.transport_vrf = known(None)).not_applicable(&RULE);
        silent(Vec::new()).with(|facts| facts.transport_vrf = text("")).not_applicable(&RULE);
        silent(Vec::new()).with(|facts| facts.http_source_interface = known(None)).not_applicable(&RULE);
    }
}
