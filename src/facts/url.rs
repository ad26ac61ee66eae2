//! The addresses that reports are sent to: their parts and their forms.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The one right URL of Smart transport.
pub(crate) const SMART: &str = "https://smartreceiver.cisco.com/licservice/license";
/// The one right URL of Call Home.
pub(crate) const CALL_HOME: &str = "https://tools.cisco.com/its/service/oddce/services/DDCEService";
/// What a device looks for where no CSLU address is configured.
pub(crate) const DISCOVERED: &str = "cslu-local";

/// A URL in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    /// As written, without `://`.
    pub(crate) scheme: &'a str,
    /// Without brackets, user and port.
    pub(crate) host: &'a str,
    /// Where one is written.
    pub(crate) port: Option<&'a str>,
    /// From the first slash; may be empty.
    pub(crate) path: &'a str,
}

impl<'a> Url<'a> {
    /// The parts of `text`; `None` where it has no scheme or no host.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = split_port(authority);
        let whole = !scheme.is_empty() && !host.is_empty() && !host.contains(char::is_whitespace);
        whole.then_some(Self { scheme, host, port, path })
    }

    /// True for `https`.
    pub(crate) fn is_https(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("https")
    }
}

/// Host and port of `host:port`, `[v6]:port` or a bare host.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':'));
    }
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// True where a host is an address and no name has to be resolved.
pub(crate) fn is_address(host: &str) -> bool {
    host.parse::<Ipv4Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok()
}

/// The path of CSLU and, with a tenant behind it, of SSM On-Prem.
pub(crate) const PATH: &str = "/cslu/v1/pi";
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
}
