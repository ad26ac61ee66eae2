//! What is wrong with an address that reports are sent to.

use crate::inventory::same_url;

use crate::facts::PATH;
pub(crate) use crate::facts::{CALL_HOME, CsluAddress, DISCOVERED, SMART, Url, cslu_address, is_address};

/// True for an address of CSLU or of SSM On-Prem in the right form.
pub(crate) fn is_cslu_form(address: &str) -> bool {
    matches!(cslu_address(Some(address)), CsluAddress::Cslu | CsluAddress::OnPrem { .. })
}

/// True where two URLs name the same host and port. Schemes are not compared: CSLU and SSM On-Prem answer to both.
pub(crate) fn same_server(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Some(a), Some(b)) => a.host.eq_ignore_ascii_case(b.host) && a.port == b.port,
        _ => false,
    }
}

/// What is wrong with a URL of Smart transport; `None` where it is the vendor's.
pub(crate) fn smart_fault(text: &str) -> Option<&'static str> {
    if same_url(text, SMART) {
        return None;
    }
    if let Some(fault) = fault_of_form(text, SMART) {
        return Some(fault);
    }
    let url = Url::parse(text)?;
    let host = url.host.to_ascii_lowercase();
    first_true([
        (host.starts_with("smartreceiver-"), "a test server of Cisco"),
        (
            url.path.eq_ignore_ascii_case("/SmartTransport"),
            "the On-Prem address from before Smart Licensing Using Policy",
        ),
        (url.path.starts_with(PATH), "an address of CSLU or SSM On-Prem, which goes with transport cslu"),
        (is_address(&host), "an IP address, to which no certificate of Cisco belongs"),
        (!url.is_https(), "http instead of https"),
        (host != "smartreceiver.cisco.com", "another host"),
        (url.port.is_some(), "a port is written out"),
        (true, "another path"),
    ])
}

/// What is wrong with a URL of Call Home; `None` where it is the vendor's.
pub(crate) fn call_home_fault(text: &str) -> Option<&'static str> {
    if same_url(text, CALL_HOME) {
        return None;
    }
    if let Some(fault) = fault_of_form(text, CALL_HOME) {
        return Some(fault);
    }
    let url = Url::parse(text)?;
    first_true([
        (url.path.contains("Transportgateway"), "a transport gateway or SSM On-Prem, which nothing expects"),
        (is_address(url.host), "an IP address, to which no certificate of Cisco belongs"),
        (!url.is_https(), "http instead of https"),
        (!url.host.eq_ignore_ascii_case("tools.cisco.com"), "another host"),
        (url.port.is_some(), "a port is written out"),
        (true, "another path"),
    ])
}

/// The first fault that is there.
fn first_true<const N: usize>(faults: [(bool, &'static str); N]) -> Option<&'static str> {
    faults.into_iter().find(|(there, _)| *there).map(|(_, fault)| fault)
}

/// Faults that do not hang on the service.
fn fault_of_form(text: &str, right: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        Some("no URL")
    } else if same_url(text.trim(), right) {
        Some("a blank before or after it")
    } else if Url::parse(text).is_none() {
        Some("no scheme, or no host")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_a_smart_url() {
        let faults = [
            ("https://SMARTRECEIVER.cisco.com/licservice/license", None),
            ("https://smartreceiver.cisco.com/licservice/license ", Some("a blank before or after it")),
            ("https://smartreceiver.cisco.com:443/licservice/license", Some("a port is written out")),
            ("http://smartreceiver.cisco.com/licservice/license", Some("http instead of https")),
            ("https://192.0.2.7/licservice/license", Some("an IP address, to which no certificate of Cisco belongs")),
            ("https://smartreceiver-dev.cisco.com/licservice/license", Some("a test server of Cisco")),
            ("https://smartreceiver.cisco.com/licservice/licenses", Some("another path")),
            ("https://smartreciever.cisco.com/licservice/license", Some("another host")),
            ("smartreceiver.cisco.com/licservice/license", Some("no scheme, or no host")),
            ("", Some("no URL")),
        ];
        for (text, fault) in faults {
            assert_eq!(smart_fault(text), fault, "{text}");
        }
    }
}
