//! Where a device sends its reports, by what is known of it: the host, and the VRF that leads there.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{CallHomeProfile, Facts, TransportType, Vrf};
use crate::fact::{Fact, Unknown};

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

impl Facts {
    /// The Call Home profiles that carry Smart Licensing data and are active.
    pub(crate) fn reporting_profiles(&self) -> Result<Vec<&CallHomeProfile>, &Unknown> {
        let profiles = self.call_home_profiles.get()?;
        Ok(profiles.iter().filter(|profile| profile.active && profile.reporting_licensing == Some(true)).collect())
    }

    /// The name or address that the device has to reach: the proxy's where one is set, else that of the URL in use; `None`
    /// where the transport is off.
    pub(crate) fn host_in_use(&self) -> Result<Option<String>, &Unknown> {
        if let Fact::Unknown(why @ Unknown::Unparsed(_)) = &self.proxy_address {
            return Err(why);
        }
        if let Some(proxy) = self.proxy_address.value().and_then(Option::as_deref).filter(|proxy| !proxy.is_empty()) {
            return Ok(Some(Url::parse(proxy).map_or(proxy, |url| url.host).to_owned()));
        }
        let (url, fallback) = match self.transport_type.get()? {
            TransportType::Off => return Ok(None),
            TransportType::Smart => (self.transport_url.get()?.clone(), SMART),
            TransportType::Cslu => (self.cslu_address.get()?.clone(), DISCOVERED),
            TransportType::Callhome => {
                let profiles = self.reporting_profiles()?;
                (profiles.iter().find_map(|profile| profile.urls.first().cloned()), CALL_HOME)
            }
        };
        let url = url.filter(|url| !url.trim().is_empty()).unwrap_or_else(|| fallback.to_owned());
        Ok(Some(Url::parse(&url).map_or(url.as_str(), |url| url.host).to_owned()))
    }

    /// The interface that reports leave from: Call Home's own under transport Callhome, else that of the HTTP client.
    pub(crate) fn reporting_interface(&self) -> &Fact<Option<String>> {
        let is_call_home = self.transport_type.value() == Some(&TransportType::Callhome);
        match self.call_home_source_interface.value() {
            Some(Some(_)) if is_call_home => &self.call_home_source_interface,
            _ => &self.http_source_interface,
        }
    }

    /// The VRF in which reports are routed, `None` for the global table: that of licensing (Call Home: its own), else that of
    /// the interface they leave from.
    pub(crate) fn reporting_vrf(&self) -> Result<Option<&str>, &Unknown> {
        let own = match self.transport_type.get()? {
            TransportType::Callhome => &self.call_home_vrf,
            _ => &self.transport_vrf,
        };
        // Older releases print no VRF, and have none.
        if *own != Fact::Unknown(Unknown::Absent)
            && let Some(vrf) = own.get()?.as_deref().filter(|vrf| !vrf.trim().is_empty())
        {
            return Ok(Some(vrf));
        }
        let Some(interface) = self.reporting_interface().get()? else { return Ok(None) };
        self.vrfs.get()?;
        Ok(self.vrf_of_interface(interface))
    }

    /// The VRF that is known to list an interface.
    pub(crate) fn vrf_of_interface(&self, interface: &str) -> Option<&str> {
        self.vrfs.value()?.iter().find(|vrf| holds(vrf, interface)).map(|vrf| vrf.name.as_str())
    }
}

/// True where a VRF lists the interface, by its full name or by a short one such as `Gi0/0`.
fn holds(vrf: &Vrf, interface: &str) -> bool {
    vrf.interfaces.iter().any(|short| is_short_for(short, interface))
}

/// True where `short` is the name of an interface or a beginning of it with its number: `Gi0/0` of `GigabitEthernet0/0`.
pub(crate) fn is_short_for(short: &str, interface: &str) -> bool {
    let ((kind, number), (short_kind, short_number)) = (split_name(interface), split_name(short));
    short_number == number && kind.starts_with(&short_kind)
}

/// The kind of an interface in lower case, and its number.
pub(crate) fn split_name(interface: &str) -> (String, &str) {
    let digits = interface.find(|c: char| c.is_ascii_digit()).unwrap_or(interface.len());
    (interface[..digits].to_lowercase(), &interface[digits..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Evidence;

    fn known<T>(value: T) -> Fact<T> {
        Fact::known(value, Evidence { command: "show license all", line: 1, text: "a line".to_owned() })
    }

    fn smart(vrf: Fact<Option<String>>, interface: Option<&str>) -> Facts {
        Facts {
            transport_type: known(TransportType::Smart),
            transport_url: known(Some(SMART.to_owned())),
            transport_vrf: vrf,
            http_source_interface: known(interface.map(ToOwned::to_owned)),
            ..Facts::default()
        }
    }

    #[test]
    fn the_vrf_is_that_of_licensing_then_that_of_the_interface() {
        let mut facts = smart(known(Some("Mgmt-vrf".to_owned())), Some("Vlan10"));
        assert_eq!(facts.reporting_vrf(), Ok(Some("Mgmt-vrf")));
        facts.transport_vrf = known(Some(String::new()));
        assert_eq!(facts.reporting_vrf(), Err(&Unknown::NotCollected), "the VRFs are not known");
        facts.vrfs = known(vec![Vrf { name: "BLUE".to_owned(), interfaces: vec!["Vl10".to_owned()] }]);
        assert_eq!(facts.reporting_vrf(), Ok(Some("BLUE")));
        facts.http_source_interface = known(Some("Vlan11".to_owned()));
        assert_eq!(facts.reporting_vrf(), Ok(None));
        assert_eq!(smart(Fact::Unknown(Unknown::Absent), None).reporting_vrf(), Ok(None));
        assert!(smart(Fact::default(), None).reporting_vrf().is_err());
    }

    #[test]
    fn the_host_is_that_of_the_proxy_then_that_of_the_url() {
        let mut facts = smart(known(None), None);
        assert_eq!(facts.host_in_use(), Ok(Some("smartreceiver.cisco.com".to_owned())));
        facts.proxy_address = known(Some("http://proxy.example.com:8080".to_owned()));
        assert_eq!(facts.host_in_use(), Ok(Some("proxy.example.com".to_owned())));
        facts = Facts { transport_type: known(TransportType::Off), ..Facts::default() };
        assert_eq!(facts.host_in_use(), Ok(None));
        assert!(Facts::default().host_in_use().is_err());
    }
}
