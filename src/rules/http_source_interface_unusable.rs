//! `http-source-interface-unusable`: the HTTP client has to send from an interface that cannot. Reads `http.source_interface`
//! (Call Home: its own) and `interfaces`.

use crate::facts::{Facts, Interface};
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::checks::not_applicable;
use crate::rules::{Category, Generation, Judged, Rule, situation};

pub(super) static RULE: Rule = Rule {
    id: "http-source-interface-unusable",
    category: Category::Reach,
    core: false,
    severity: Severity::Medium,
    severity_note: "high where a channel fails now",
    generation: Generation::Slp,
    title: "The source interface of the HTTP client cannot be used",
    why: "Reports leave from the configured source interface only. Where it does not exist, is down or has no address, nothing \
          leaves.",
    reads: "show running-config: ip http client source-interface, source-interface of call-home; show ip interface brief.",
    healthy: "An interface that is up and has an address, or none configured. Quiet where reports arrive.",
    source: "Troubleshooting guide, COMM_FAILED: HTTPs client source interface.",
    next_step: "ip http client source-interface <interface> with one that is up and has a way to the host, then copy running-config \
                startup-config",
    explained_by: &[],
    judge,
};

fn judge(facts: &Facts, expected: &Expectations) -> Judged {
    if situation::is_fetched(expected) {
        return not_applicable("the device does not send its reports itself");
    }
    situation::needs_transport(facts, expected)?;
    let fact = facts.reporting_interface();
    let Some(name) = fact.get()?.as_deref() else {
        return not_applicable("no source interface is configured");
    };
    if situation::reports_arrive(facts, expected) {
        return not_applicable("reports arrive");
    }
    let observed = match facts.interfaces.get()?.iter().find(|interface| interface.name.eq_ignore_ascii_case(name)) {
        None => format!("{name} does not exist"),
        Some(interface) => match fault(interface) {
            Some(fault) => format!("{name} {fault}"),
            None => return Ok(Vec::new()),
        },
    };
    let severity = if facts.any_channel_fails() { Severity::High } else { Severity::Medium };
    let problem = Problem::new(severity, observed, "an interface that is up and has an address").about(name);
    Ok(vec![problem.proved_by(fact.evidence())])
}

fn fault(interface: &Interface) -> Option<&'static str> {
    match (interface.address.is_some(), interface.status.as_str(), interface.protocol.as_str()) {
        (_, status, _) if status.starts_with("admin") => Some("is shut down"),
        (true, "up", "up") => None,
        (false, "up", "up") => Some("has no address"),
        _ => Some("is down"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, dated, failing, known, refused, text};

    fn interface(address: Option<&str>, status: &str, protocol: &str) -> Interface {
        Interface {
            name: "GigabitEthernet0/0".to_owned(),
            address: address.map(ToOwned::to_owned),
            status: status.to_owned(),
            protocol: protocol.to_owned(),
        }
    }

    /// A device whose reports do not arrive, and its source interface.
    fn silent(interface: Interface) -> Case {
        Case::direct().with(|facts| {
            facts.last_ack = dated("2024-12-01 12:00");
            facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
            facts.http_source_interface = text("GigabitEthernet0/0");
            facts.interfaces = known(vec![interface]);
        })
    }

    #[test]
    fn fails_where_it_is_down() {
        let problem = silent(interface(Some("192.0.2.4"), "up", "down")).fails(&RULE);
        assert_eq!((problem.severity, problem.observed.as_str()), (Severity::High, "GigabitEthernet0/0 is down"));
        silent(interface(Some("192.0.2.4"), "administratively down", "down")).fails(&RULE);
    }

    #[test]
    fn fails_without_an_address() {
        silent(interface(None, "up", "up")).fails(&RULE);
    }

    #[test]
    fn fails_where_it_does_not_exist() {
        let case = silent(interface(Some("192.0.2.4"), "up", "up"));
        assert_eq!(
            case.with(|facts| facts.http_source_interface = text("Vlan10")).fails(&RULE).observed,
            "Vlan10 does not exist"
        );
    }

    #[test]
    fn passes_where_it_is_up() {
        silent(interface(Some("192.0.2.4"), "up", "up")).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        silent(interface(Some("192.0.2.4"), "up", "up")).with(|facts| facts.interfaces = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_none_is_configured() {
        Case::direct().not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
    }

    #[test]
    fn trap_a_device_whose_reports_arrive_has_the_right_one() {
        Case::direct().with(|facts| facts.http_source_interface = text("Vlan10")).not_applicable(&RULE);
    }
}
