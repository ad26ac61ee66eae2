//! `dns-domain-missing`: CSLU is to be found by `cslu-local`, and the device has no domain to look in. Reads the CSLU address,
//! `dns.domain` and `dns.hosts`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "dns-domain-missing",
    category: Category::Reach,
    severity: Severity::Medium,
    title: "No domain name, and CSLU is to be found by DNS",
    why: "The device looks up cslu-local in its own domain; without a domain name no name server holds such an entry.",
    reads: "ip domain name and ip host of the running configuration, or show hosts; Transport, Cslu address.",
    healthy: "A domain name, an ip host entry cslu-local, or a configured CSLU address. Quiet where reports arrive.",
    source: "Troubleshooting guide, COMM_FAILED: CSLU not reachable, zero-touch discovery.",
    remedy: remedies::discovery,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_discovery()?;
    if device.reports_arrive() {
        return not_applicable("reports arrive");
    }
    if device.facts.dns_domain.get()?.as_deref().is_some_and(|domain| !domain.trim().is_empty()) {
        return Ok(Vec::new());
    }
    if device.facts.dns_hosts.get()?.iter().any(|entry| entry.to_lowercase().contains("cslu-local")) {
        return Ok(Vec::new());
    }
    let mut problem = device
        .problem("no domain name; cslu-local is looked for", "ip domain name <domain>")
        .proved_by(no_line(&device.facts.dns_domain, "ip domain name").as_ref());
    problem.class = Some(FailureClass::Dns);
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused};

    /// A device that never found its CSLU.
    fn lost() -> Case {
        Case::cslu("").with(|facts| {
            facts.last_ack = known(None);
            facts.communication = known(Vec::new());
        })
    }

    #[test]
    fn fails_without_a_domain() {
        assert_eq!(lost().with(|facts| facts.dns_domain = known(None)).fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn passes_with_a_domain() {
        lost().passes(&RULE);
    }

    #[test]
    fn passes_with_a_host_entry() {
        lost()
            .with(|facts| {
                facts.dns_domain = known(None);
                facts.dns_hosts = known(vec!["cslu-local".to_owned()]);
            })
            .passes(&RULE);
    }

    #[test]
    fn unknown_where_the_configuration_is_refused() {
        lost().with(|facts| facts.dns_domain = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_discovery() {
        Case::direct().not_applicable(&RULE);
        Case::on_prem().not_applicable(&RULE);
    }

    #[test]
    fn trap_a_device_whose_reports_arrive_needs_no_domain() {
        Case::cslu("").with(|facts| facts.dns_domain = known(None)).not_applicable(&RULE);
    }
}
