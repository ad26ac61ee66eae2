//! `http-source-interface-unusable`: the HTTP client has to send from an interface that cannot. Reads `http.source_interface`
//! (Call Home: its own) and `interfaces`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "http-source-interface-unusable",
    category: Category::Reach,
    severity: Severity::Medium,
    severity_note: "high where a channel fails now",
    title: "The source interface of the HTTP client cannot be used",
    why: "Reports leave from the configured source interface only. Where it does not exist or is down, nothing leaves.",
    reads: "show running-config: ip http client source-interface, source-interface of call-home; show ip interface brief.",
    healthy: "An interface that is up and has an address, or none configured. Unknown where it has no IPv4 address: it may have one \
              of IPv6. Quiet where reports arrive.",
    source: "Troubleshooting guide, COMM_FAILED: HTTPs client source interface.",
    remedy,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_fetched() {
        return not_applicable("the device does not send its reports itself");
    }
    device.needs_transport()?;
    let fact = device.reporting.interface;
    let Some(name) = fact.get()?.as_deref() else {
        return not_applicable("no source interface is configured");
    };
    if device.reports_arrive() {
        return not_applicable("reports arrive");
    }
    let observed = match named(device.facts.interfaces.get()?, name)? {
        None => format!("{name} does not exist"),
        Some(interface) => match fault(interface)? {
            Some(fault) => format!("{name} {fault}"),
            None => return Ok(Vec::new()),
        },
    };
    let severity = if device.any_channel_fails() { Severity::High } else { Severity::Medium };
    let problem = Problem::new(severity, observed, "an interface that is up and has an address").about(name);
    Ok(vec![problem.proved_by(fact.evidence())])
}

/// The interface of a name. Long names are printed short (`Te1/1/1`); unknown where the short ones do not tell which it is.
fn named<'a>(interfaces: &'a [Interface], name: &str) -> Result<Option<&'a Interface>, Undecided> {
    if let Some(interface) = interfaces.iter().find(|interface| interface.name.eq_ignore_ascii_case(name)) {
        return Ok(Some(interface));
    }
    let mut short = interfaces.iter().filter(|interface| is_short_for(&interface.name, name));
    match (short.next(), short.next()) {
        (Some(interface), None) => Ok(Some(interface)),
        (None, _) if !interfaces.iter().any(|interface| may_mean(&interface.name, name)) => Ok(None),
        _ => Err(Undecided::Unknown(Unknown::NotRead("the full name of the interface"))),
    }
}

/// True where a name may be short for another one in a way of its own, such as `VG0` for `VirtualPortGroup0`.
fn may_mean(short: &str, name: &str) -> bool {
    let ((kind, number), (short_kind, short_number)) = (split_name(name), split_name(short));
    number == short_number && kind.chars().next() == short_kind.chars().next()
}

fn fault(interface: &Interface) -> Result<Option<&'static str>, Undecided> {
    match (interface.address.is_some(), interface.status.as_str(), interface.protocol.as_str()) {
        (_, status, _) if status.starts_with("admin") => Ok(Some("is shut down")),
        (true, "up", "up") => Ok(None),
        // It may have an IPv6 address, which this table does not show.
        (false, "up", "up") => Err(Undecided::Unknown(Unknown::NotRead("show ipv6 interface brief"))),
        _ => Ok(Some("is down")),
    }
}

fn remedy(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let has_own = matches!(device.facts.call_home_source_interface.value(), Some(Some(_)));
    let is_call_home = device.facts.transport_type.value() == Some(&TransportType::Callhome) && has_own;
    let usable = device.facts.interfaces.value().into_iter().flatten();
    let usable: Vec<_> = usable
        .filter(|interface| interface.address.is_some() && interface.protocol == "up" && interface.status == "up")
        .map(|interface| interface.name.as_str())
        .take(8)
        .collect();
    let usable = if usable.is_empty() { "none seen".to_owned() } else { usable.join(", ") };
    let step = if is_call_home { &steps::CALL_HOME_INTERFACE } else { &steps::SOURCE_INTERFACE };
    vec![device.step(&steps::CHOOSE_INTERFACE).with("<interfaces>", &usable), device.step(step)]
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
    fn fails_by_a_short_name() {
        let short = Interface { name: "Te1/1/1".to_owned(), ..interface(Some("192.0.2.4"), "down", "down") };
        let case = silent(short).with(|facts| facts.http_source_interface = text("TenGigabitEthernet1/1/1"));
        assert_eq!(case.fails(&RULE).observed, "TenGigabitEthernet1/1/1 is down");
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
    fn passes_by_a_short_name() {
        let short = Interface { name: "Te1/1/1".to_owned(), ..interface(Some("192.0.2.4"), "up", "up") };
        silent(short).with(|facts| facts.http_source_interface = text("TenGigabitEthernet1/1/1")).passes(&RULE);
    }

    #[test]
    fn unknown_without_an_ipv4_address() {
        assert!(silent(interface(None, "up", "up")).unknown(&RULE).contains("show ipv6 interface brief"));
    }

    #[test]
    fn unknown_where_short_names_do_not_tell() {
        let named = |name: &str| Interface { name: name.to_owned(), ..interface(Some("192.0.2.4"), "down", "down") };
        let two = silent(named("Tw1/0/1")).with(|facts| {
            facts.http_source_interface = text("TwentyFiveGigE1/0/1");
            facts.interfaces = known(vec![named("Tw1/0/1"), named("Twe1/0/1")]);
        });
        two.unknown(&RULE);
        silent(named("VG0")).with(|facts| facts.http_source_interface = text("VirtualPortGroup0")).unknown(&RULE);
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
