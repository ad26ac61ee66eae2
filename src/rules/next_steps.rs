//! What to do, by how the device reports: the exact commands, with `<placeholders>`. Lines of configuration are joined by ` / `.

use crate::failure::FailureClass;
use crate::inventory::{Platform, Topology};
use crate::rules::Subject;

/// A clock that NTP sets.
pub(super) const NTP: &str = "ntp server [vrf <vrf>] <address> version 2 prefer, then copy running-config startup-config; \
     verify with show ntp status";
/// Direct, by Smart transport.
pub(super) const SMART: &str = "license smart transport smart / license smart url smart \
     https://smartreceiver.cisco.com/licservice/license, then copy running-config startup-config";
/// Direct, by Call Home.
pub(super) const CALL_HOME: &str = "service call-home / call-home / profile \"CiscoTAC-1\" / active / reporting \
     smart-licensing-data / destination transport-method http / destination address http \
     https://tools.cisco.com/its/service/oddce/services/DDCEService, then copy running-config startup-config";
/// CSLU with its address.
pub(super) const CSLU: &str = "license smart transport cslu / license smart url cslu http://<host>:8182/cslu/v1/pi, then copy \
     running-config startup-config";
/// SSM On-Prem with its tenant.
pub(super) const ON_PREM: &str = "copy the transport URL from the SSM On-Prem page, then license smart transport cslu / license \
     smart url cslu https://<host>/cslu/v1/pi/<tenant>, then copy running-config startup-config";
/// CSLU found by its name, or named.
pub(super) const DISCOVERY: &str = "ip domain name <domain> / ip name-server <address>, with a DNS entry cslu-local.<domain>; or \
     license smart transport cslu / license smart url cslu http://<host>:8182/cslu/v1/pi; then copy running-config startup-config";
/// Names resolved.
pub(super) const DNS: &str = "ip domain lookup / ip name-server [vrf <vrf>] <address> / ip domain name <domain>, then copy \
     running-config startup-config";
/// A first trust code.
pub(super) const TRUST: &str = "create a token in CSSM for the right Virtual Account, then license smart trust idtoken <token> all \
     (local on a standalone device)";
/// A trust code in place of another one.
pub(super) const TRUST_AGAIN: &str = "check in CSSM that the device is in the right Virtual Account, then license smart trust \
     idtoken <token> all force";
/// The client certificate of TLS to CSSM.
pub(super) const CLIENT_CERTIFICATE: &str = "ip http client secure-trustpoint SLA-TrustPoint, then copy running-config \
     startup-config";
/// The trustpoint towards SSM On-Prem.
pub(super) const ON_PREM_TRUSTPOINT: &str = "crypto pki trustpoint SLA-TrustPoint / enrollment terminal / revocation-check none, \
     then copy running-config startup-config";
/// The server that CSLU or SSM On-Prem fetches from.
pub(super) const PULL_SERVER: &str = "ip http secure-server / ip http authentication local, with a user of privilege 15, then copy \
     running-config startup-config; then open https://<device>/ from the CSLU or SSM On-Prem host";

/// What the vendor's support needs.
pub(crate) const SUPPORT: &str = "where it stays, collect show license tech support, show license history message and show \
     tech-support license for the vendor";
/// A report carried by file.
pub(super) const REPORT_BY_FILE: &str = "license smart save usage all file bootflash:<name>, upload it to CSSM, license smart \
     import bootflash:<ack-file>";
/// How a report is brought to CSSM and its ACK back, where the topology is not known.
pub(super) const REPORT: &str = "license smart sync all; without a transport: license smart save usage all file bootflash:<name>, \
     upload it to CSSM, license smart import bootflash:<ack-file>";

/// How a report of this device is brought to CSSM and its ACK back.
pub(crate) fn report(device: Subject<'_>) -> &'static str {
    match device.topology() {
        Err(_) => REPORT,
        Ok(Topology::Direct | Topology::CsluPush) => "license smart sync all",
        Ok(Topology::OnPremPush) => "license smart sync all, then synchronise SSM On-Prem with CSSM",
        Ok(Topology::CsluPull) => "in CSLU: collect the usage reports of this product instance",
        Ok(Topology::OnPremPull) => {
            "in SSM On-Prem: Reports > Synchronisation pull schedule with the devices > Synchronise now with the device"
        }
        Ok(Topology::Controller) => {
            "wait for the controller's scheduled report, or upload from it (Catalyst Center 2.2.2 and later)"
        }
        Ok(Topology::CsluOffline) => {
            "license smart sync all, then export from CSLU, upload to CSSM, import the ACK into CSLU"
        }
        Ok(Topology::Offline) => REPORT_BY_FILE,
    }
}

/// What to look at where a channel fails, by the class of the failure.
pub(super) fn communication(class: Option<FailureClass>, device: Subject<'_>) -> String {
    let topology = device.topology();
    let to_on_prem = matches!(topology, Ok(Topology::OnPremPush | Topology::OnPremPull));
    let host = device.host_in_use().unwrap_or("<host>");
    match class {
        Some(FailureClass::Dns | FailureClass::Timeout) | None if device.needs_discovery().is_ok() => {
            DISCOVERY.to_owned()
        }
        Some(FailureClass::Dns) => DNS.to_owned(),
        Some(FailureClass::Tls) if to_on_prem => ON_PREM_TRUSTPOINT.to_owned(),
        // The guide: a client certificate is asked for where the device is connected to CSSM itself.
        Some(FailureClass::Tls) if topology == Ok(Topology::Direct) => CLIENT_CERTIFICATE.to_owned(),
        Some(FailureClass::Tls) => {
            format!(
                "check that {host} serves the scheme and port of the transport URL, and its certificate the name in it"
            )
        }
        Some(FailureClass::Identity) => trust_again(device).to_owned(),
        Some(FailureClass::Time) => NTP.to_owned(),
        Some(FailureClass::Throttled) => "wait an hour, then license smart sync all once".to_owned(),
        Some(FailureClass::Udi) => {
            "compare show license udi with the product instance in CSSM, then license smart sync all".to_owned()
        }
        Some(FailureClass::Internal) => format!("license smart sync all; {SUPPORT}"),
        Some(FailureClass::Http | FailureClass::Transport) => {
            format!("check the transport and its URL against this topology and that the service on {host} is up")
        }
        Some(FailureClass::Server) => format!("look into the log of {host}, then license smart sync all; {SUPPORT}"),
        Some(FailureClass::Refused) => {
            format!("check that the service on {host} listens and that no firewall refuses it")
        }
        Some(FailureClass::Timeout) | None => {
            format!("check route, firewall and ip http client source-interface towards {host}: ping [vrf <vrf>] {host}")
        }
    }
}

/// A first trust code for this device: `all` for a stack or a pair, `local` for one unit.
pub(super) fn trust(device: Subject<'_>) -> &'static str {
    match device.facts.udis.value().map(Vec::len) {
        _ if is_nx_os(device) => {
            "create a token in CSSM for the right Virtual Account, then license smart trust idtoken <token>"
        }
        Some(0 | 1) => {
            "create a token in CSSM for the right Virtual Account, then license smart trust idtoken <token> local"
        }
        Some(_) => "create a token in CSSM for the right Virtual Account, then license smart trust idtoken <token> all",
        None => TRUST,
    }
}

/// A trust code in place of another one, by the system.
pub(super) fn trust_again(device: Subject<'_>) -> &'static str {
    if is_nx_os(device) {
        "check in CSSM that the device is in the right Virtual Account, then license smart trust idtoken <token> force"
    } else {
        TRUST_AGAIN
    }
}

/// NX-OS installs a trust code without the words `local` and `all`.
fn is_nx_os(device: Subject<'_>) -> bool {
    device.facts.platform.value() == Some(&Platform::NxOs)
}

/// The URL of CSLU or SSM On-Prem: the expected one where there is one, else the form of the topology.
pub(super) fn cslu_url(device: Subject<'_>) -> String {
    let wanted = device.expected.url.iter().chain(&device.expected.urls).find(|url| url.contains("/cslu/v1/pi"));
    if let Some(url) = wanted {
        return format!(
            "license smart transport cslu / license smart url cslu {url}, then copy running-config startup-config"
        );
    }
    match device.topology() {
        Ok(Topology::OnPremPush | Topology::OnPremPull) => ON_PREM.to_owned(),
        _ => CSLU.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::Case;

    #[test]
    fn every_topology_has_its_own_way() {
        let mut case = Case::direct();
        let mut steps: Vec<_> = Topology::ALL
            .iter()
            .map(|topology| {
                case.expected.topology = Some(*topology);
                report(case.subject())
            })
            .collect();
        steps.sort_unstable();
        steps.dedup();
        // Direct and CSLU push share theirs.
        assert_eq!(steps.len(), Topology::ALL.len() - 1);
    }

    #[test]
    fn nx_os_is_told_neither_local_nor_all() {
        let mut case = Case::stack();
        assert!(
            trust(case.subject()).ends_with("<token> all")
                && trust_again(case.subject()).ends_with("<token> all force")
        );
        case.facts.platform = crate::rules::case::known(Platform::NxOs);
        assert!(trust(case.subject()).ends_with("<token>") && trust_again(case.subject()).ends_with("<token> force"));
    }

    #[test]
    fn a_client_certificate_is_for_cssm_only() {
        let told = |case: &Case| communication(Some(FailureClass::Tls), case.subject());
        assert_eq!(told(&Case::direct()), CLIENT_CERTIFICATE);
        assert_eq!(told(&Case::on_prem()), ON_PREM_TRUSTPOINT);
        assert!(
            told(&Case::cslu("https://cslu.example.com:8182/cslu/v1/pi")).starts_with("check that cslu.example.com")
        );
    }

    #[test]
    fn an_expected_url_stands_in_the_command() {
        let mut case = Case::cslu("");
        case.expected.url = Some("https://ssm.example.com/cslu/v1/pi/a-1".to_owned());
        assert!(cslu_url(case.subject()).contains("url cslu https://ssm.example.com/cslu/v1/pi/a-1,"));
    }
}
