//! `dns-server-missing`: the device has to resolve a name, and cannot. Reads the host in use, `dns.servers`, `dns.hosts`,
//! `dns.lookup_enabled` and the VRF in use.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "dns-server-missing",
    category: Category::Reach,
    severity: Severity::Medium,
    severity_note: "high where a channel fails now",
    title: "The name to report to cannot be resolved",
    why: "The device reports to a name, and has neither a name server in the VRF that it uses nor an entry of its own for it: every \
          attempt ends before a packet leaves.",
    reads: "ip name-server, ip domain lookup and ip host of the running configuration, or show hosts; the URL, the proxy and the VRF \
            of show license status or show license all, else the VRF of the source interface.",
    healthy: "A name server in the VRF in use and lookup on, an ip host entry in it, or an IP address instead of a name. Unknown where \
              show hosts alone was read, which shows the global table, and a VRF is in use. Quiet where reports arrive.",
    source: "Troubleshooting guide, COMM_FAILED: check of DNS resolution.",
    remedy: remedies::names,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_fetched() {
        return not_applicable("the device does not send its reports itself");
    }
    device.needs_transport()?;
    let host = device.host_in_use()?;
    if url::is_address(host) {
        return not_applicable("reports go to an IP address");
    }
    if device.reports_arrive() {
        return not_applicable("reports arrive");
    }
    let own: Vec<_> = device.facts.dns_hosts.get()?.iter().filter(|entry| names_host(entry, host)).collect();
    if !own.is_empty() {
        let vrf = vrf_in_use(device)?;
        if own.iter().any(|entry| vrf_of(entry) == vrf) {
            return Ok(Vec::new());
        }
    }
    let (observed, evidence) = if device.facts.dns_lookup_enabled.value() == Some(&false) {
        ("lookup is off".to_owned(), device.facts.dns_lookup_enabled.evidence().cloned())
    } else {
        let servers: Vec<_> = device.facts.dns_servers.get()?.iter().filter(|server| !is_broadcast(server)).collect();
        let vrf = if servers.is_empty() { None } else { vrf_in_use(device)? };
        if servers.iter().all(|server| vrf_of(server).is_none())
            && device.facts.dns_servers.evidence().is_some_and(|line| line.command == "show hosts")
            && matches!(vrf_in_use(device), Ok(Some(_)))
        {
            // That command shows the global table.
            return Err(Undecided::Unknown(Unknown::NotRead("show hosts vrf <vrf>")));
        }
        if servers.iter().any(|server| vrf_of(server) == vrf) {
            device.facts.dns_lookup_enabled.get()?;
            return Ok(Vec::new());
        }
        let observed = match (servers.is_empty(), vrf) {
            (true, _) => "no name server".to_owned(),
            (false, Some(vrf)) => format!("no name server in VRF {vrf}"),
            (false, None) => "name servers in other VRFs only".to_owned(),
        };
        (observed, no_line(&device.facts.dns_servers, "ip name-server"))
    };
    let severity = if device.any_channel_fails() { Severity::High } else { Severity::Medium };
    let mut problem =
        Problem::new(severity, format!("{observed}; {host} has to be resolved"), "a name server that is asked")
            .proved_by(evidence.as_ref());
    problem.class = Some(FailureClass::Dns);
    Ok(vec![problem])
}

/// The VRF in which names are looked up; Call Home asks in the global table.
fn vrf_in_use(device: Subject<'_>) -> Result<Option<&str>, &Unknown> {
    if device.facts.transport_type.value() == Some(&TransportType::Callhome) {
        return Ok(None);
    }
    device.reporting.vrf
}

/// The VRF of an entry such as `vrf Mgmt-vrf 192.0.2.53`; `None` for the global table.
fn vrf_of(entry: &str) -> Option<&str> {
    let mut words = entry.split([' ', '(', ')']).filter(|word| !word.is_empty());
    words.find(|word| word.eq_ignore_ascii_case("vrf"))?;
    words.next()
}

/// `show hosts` prints the broadcast address where no name server is configured.
fn is_broadcast(entry: &str) -> bool {
    entry.contains("255.255.255.255")
}

/// True where an `ip host` entry is about the host; `cslu-local` may carry the domain.
fn names_host(entry: &str, host: &str) -> bool {
    entry.split([' ', '(', ')', ',']).any(|word| {
        let word = word.to_lowercase();
        word == host.to_lowercase() || (host == url::DISCOVERED && word.starts_with("cslu-local."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Evidence, Fact};
    use crate::facts::Vrf;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, absent, dated, failing, known, refused, text};

    /// A device whose reports do not arrive.
    fn silent(case: Case) -> Case {
        case.with(|facts| {
            facts.last_ack = dated("2024-12-01 12:00");
            facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
        })
    }

    #[test]
    fn fails_without_a_server() {
        let problem = silent(Case::direct()).with(|facts| facts.dns_servers = known(Vec::new())).fails(&RULE);
        assert_eq!(problem.severity, Severity::High);
        assert_eq!(problem.observed, "no name server; smartreceiver.cisco.com has to be resolved");
        assert_eq!(problem.class, Some(FailureClass::Dns));
    }

    #[test]
    fn fails_milder_without_a_failing_channel() {
        let case = silent(Case::direct()).with(|facts| {
            facts.dns_servers = known(Vec::new());
            facts.communication = refused();
        });
        assert_eq!(case.fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn fails_where_lookup_is_off() {
        silent(Case::direct()).with(|facts| facts.dns_lookup_enabled = known(false)).fails(&RULE);
    }

    #[test]
    fn fails_where_the_server_is_in_another_vrf() {
        let case = silent(Case::direct()).with(|facts| facts.transport_vrf = text("Mgmt-vrf"));
        assert!(case.fails(&RULE).observed.starts_with("no name server in VRF Mgmt-vrf"));
    }

    #[test]
    fn fails_on_the_broadcast_address() {
        silent(Case::cslu("")).with(|facts| facts.dns_servers = known(vec!["255.255.255.255".to_owned()])).fails(&RULE);
    }

    #[test]
    fn fails_where_the_source_interface_is_in_another_vrf_than_the_server() {
        let case = silent(Case::direct()).with(|facts| {
            facts.http_source_interface = text("GigabitEthernet0/0");
            facts.vrfs = known(vec![Vrf { name: "Mgmt-vrf".to_owned(), interfaces: vec!["Gi0/0".to_owned()] }]);
        });
        assert!(case.fails(&RULE).observed.starts_with("no name server in VRF Mgmt-vrf"));
    }

    #[test]
    fn fails_where_the_host_entry_is_of_another_vrf() {
        let entry = |entry: &str| {
            silent(Case::cslu("")).with(|facts| {
                facts.transport_vrf = text("Mgmt-vrf");
                facts.dns_servers = known(Vec::new());
                facts.dns_hosts = known(vec![entry.to_owned()]);
            })
        };
        entry("cslu-local").fails(&RULE);
        entry("vrf Mgmt-vrf cslu-local").passes(&RULE);
    }

    #[test]
    fn passes_with_a_server() {
        silent(Case::direct()).passes(&RULE);
    }

    #[test]
    fn passes_with_a_server_in_the_vrf() {
        silent(Case::direct())
            .with(|facts| {
                facts.transport_vrf = text("Mgmt-vrf");
                facts.dns_servers = known(vec!["vrf Mgmt-vrf 192.0.2.53".to_owned()]);
            })
            .passes(&RULE);
    }

    #[test]
    fn passes_with_a_host_entry() {
        silent(Case::cslu(""))
            .with(|facts| {
                facts.dns_servers = known(Vec::new());
                facts.dns_hosts = known(vec!["cslu-local".to_owned()]);
            })
            .passes(&RULE);
    }

    #[test]
    fn unknown_where_the_configuration_is_refused() {
        silent(Case::direct()).with(|facts| facts.dns_servers = refused()).unknown(&RULE);
        silent(Case::direct()).with(|facts| facts.dns_hosts = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_where_only_the_global_table_was_seen_and_a_vrf_is_in_use() {
        let hosts = |servers: &[&str]| {
            let evidence = Evidence { command: "show hosts", line: 2, text: "Name servers are ...".to_owned() };
            Fact::known(servers.iter().map(|server| (*server).to_owned()).collect::<Vec<_>>(), evidence)
        };
        let none = silent(Case::direct()).with(|facts| facts.dns_servers = hosts(&[]));
        none.fails(&RULE);
        none.with(|facts| facts.transport_vrf = text("Mgmt-vrf")).unknown(&RULE);
        let global = silent(Case::direct()).with(|facts| facts.dns_servers = hosts(&["192.0.2.53"]));
        global.passes(&RULE);
        global.with(|facts| facts.transport_vrf = text("Mgmt-vrf")).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_a_name() {
        silent(Case::cslu("http://192.0.2.1:8182/cslu/v1/pi")).not_applicable(&RULE);
        silent(Case::direct()).with(|facts| facts.proxy_address = text("192.0.2.80")).not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
        silent(Case::cslu("")).expecting(|expect| expect.topology = Some(Topology::CsluPull)).not_applicable(&RULE);
    }

    #[test]
    fn trap_a_device_whose_reports_arrive_can_resolve() {
        Case::direct().with(|facts| facts.dns_servers = known(Vec::new())).not_applicable(&RULE);
    }

    #[test]
    fn trap_call_home_resolves_in_the_global_table() {
        silent(Case::call_home()).with(|facts| facts.transport_vrf = text("Mgmt-vrf")).passes(&RULE);
    }

    #[test]
    fn trap_an_old_release_prints_no_vrf() {
        silent(Case::direct()).with(|facts| facts.transport_vrf = absent()).passes(&RULE);
    }
}
