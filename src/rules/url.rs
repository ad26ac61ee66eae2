//! The addresses that reports are sent to: their forms, and what is wrong with another one.

use crate::inventory::same_url;

pub(crate) use crate::facts::{CALL_HOME, DISCOVERED, SMART, Url, is_address};

/// The path of CSLU and, with a tenant behind it, of SSM On-Prem.
const PATH: &str = "/cslu/v1/pi";
/// The port of CSLU.
const CSLU_PORT: &str = "8182";

/// What a CSLU address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CsluAddress<'a> {
    /// `<empty>`: the device looks for `cslu-local`.
    Empty,
    /// `http(s)://HOST:8182/cslu/v1/pi`.
    Cslu,
    /// `http(s)://HOST/cslu/v1/pi/TENANT`.
    OnPrem {
        /// The tenant.
        tenant: &'a str,
    },
    /// `http(s)://HOST/cslu/v1/pi`: neither the port of CSLU nor a tenant of SSM On-Prem.
    TenantMissing,
    /// Something else; what.
    Wrong(&'static str),
}

/// Reads a CSLU address.
pub(crate) fn cslu_address(address: Option<&str>) -> CsluAddress<'_> {
    let text = address.unwrap_or_default();
    if text.trim().is_empty() {
        return CsluAddress::Empty;
    }
    let Some(url) = Url::parse(text) else {
        return CsluAddress::Wrong("no scheme, or no host");
    };
    if text != text.trim() {
        return CsluAddress::Wrong("a blank before or after it");
    }
    if !url.is_https() && !url.scheme.eq_ignore_ascii_case("http") {
        return CsluAddress::Wrong("neither http nor https");
    }
    let cslu_port = url.port == Some(CSLU_PORT);
    match url.path.strip_prefix(PATH).map(|rest| rest.trim_end_matches('/')) {
        None if url.path.eq_ignore_ascii_case("/SmartTransport") => {
            CsluAddress::Wrong("the On-Prem address from before Smart Licensing Using Policy")
        }
        None if url.path.contains("Transportgateway") => CsluAddress::Wrong("an address for Call Home"),
        None => CsluAddress::Wrong("the path is not /cslu/v1/pi"),
        Some("") if url.path != PATH => CsluAddress::Wrong("a slash behind the path"),
        Some("") if cslu_port => CsluAddress::Cslu,
        Some("") if url.port.is_some_and(|port| port != "443" && port != "80") => {
            CsluAddress::Wrong("neither the port of CSLU, 8182, nor a tenant of SSM On-Prem")
        }
        Some("") => CsluAddress::TenantMissing,
        Some(rest) => match rest.strip_prefix('/') {
            None => CsluAddress::Wrong("the path is not /cslu/v1/pi"),
            Some(tenant) if tenant.contains('/') => CsluAddress::Wrong("more than a tenant behind /cslu/v1/pi"),
            Some(_) if cslu_port => CsluAddress::Wrong("the port of CSLU with a tenant of SSM On-Prem"),
            Some(tenant) => CsluAddress::OnPrem { tenant },
        },
    }
}

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
    fn parts_of_a_url() {
        let url = Url::parse("http://[2001:db8::1]:8182/cslu/v1/pi").expect("a URL");
        assert_eq!((url.host, url.port, url.path), ("2001:db8::1", Some("8182"), "/cslu/v1/pi"));
        assert!(is_address(url.host));
        assert_eq!(Url::parse("http:10.0.0.1:8182/cslu/v1/pi"), None);
    }

    #[test]
    fn forms_of_a_cslu_address() {
        let forms = [
            ("", CsluAddress::Empty),
            ("http://192.0.2.1:8182/cslu/v1/pi", CsluAddress::Cslu),
            ("https://ssm.example.com/cslu/v1/pi/on-prem-default", CsluAddress::OnPrem { tenant: "on-prem-default" }),
            ("https://ssm.example.com/cslu/v1/pi", CsluAddress::TenantMissing),
            ("https://ssm.example.com:443/cslu/v1/pi", CsluAddress::TenantMissing),
            ("http://192.0.2.1:8182/cslu/v1/pi/", CsluAddress::Wrong("a slash behind the path")),
            ("http:192.0.2.1:8182/cslu/v1/pi", CsluAddress::Wrong("no scheme, or no host")),
            ("ftp://192.0.2.1:8182/cslu/v1/pi", CsluAddress::Wrong("neither http nor https")),
            ("http://192.0.2.1:8182/cslu/v1/pix", CsluAddress::Wrong("the path is not /cslu/v1/pi")),
            (
                "http://192.0.2.1:8181/cslu/v1/pi",
                CsluAddress::Wrong("neither the port of CSLU, 8182, nor a tenant of SSM On-Prem"),
            ),
            ("http://192.0.2.1:8182/cslu/v1/pi/a", CsluAddress::Wrong("the port of CSLU with a tenant of SSM On-Prem")),
        ];
        for (text, form) in forms {
            assert_eq!(cslu_address(Some(text)), form, "{text}");
        }
        assert_eq!(cslu_address(None), CsluAddress::Empty);
    }

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
