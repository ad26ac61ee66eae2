//! How a device reports: which way, to which address, from where, and until when. What rules, reports, remedies and the ping of
//! `--probe` say about it comes from one [`Reporting`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::url::{CALL_HOME, CsluAddress, DISCOVERED, SMART, Url, cslu_address};
use super::{CallHomeProfile, Facts, TransportType, Vrf};
use crate::fact::{DeviceTime, Evidence, Fact, ParseError, Unknown};
use crate::inventory::{Expectations, Topology};

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;
/// How far a local clock may be from universal time, whatever its zone is.
const FARTHEST_ZONE: i64 = 14 * 3600;

/// How a device reports, by its facts and by what the inventory says; each answer is known, or it is known why not.
#[derive(Debug, Clone, Copy)]
pub struct Reporting<'a> {
    facts: &'a Facts,
    expected: &'a Expectations,
    /// How usage reports travel: the inventory's word, else what the transport tells. An address with the port of CSLU is one of CSLU,
    /// whatever path stands behind it: SSM On-Prem does not listen there.
    pub topology: Result<Topology, &'a Unknown>,
    /// The address that reports are sent to, as printed; `None` where there is none.
    pub url: Result<Option<&'a str>, &'a Unknown>,
    /// The name or address that the device has to reach: the proxy's where one is set, else that of the URL, else that of the service
    /// that the transport has of itself; `None` where the transport is off.
    pub host: Result<Option<&'a str>, &'a Unknown>,
    /// The interface that reports leave from: Call Home's own under transport Callhome, else that of the HTTP client.
    pub interface: &'a Fact<Option<String>>,
    /// The VRF in which reports are routed, `None` for the global table: that of licensing (Call Home: its own), else that of the
    /// interface they leave from.
    pub vrf: Result<Option<&'a str>, &'a Unknown>,
}

impl<'a> Reporting<'a> {
    /// How a device reports.
    pub fn new(facts: &'a Facts, expected: &'a Expectations) -> Self {
        let is_call_home = facts.transport_type.value() == Some(&TransportType::Callhome);
        let interface = match facts.call_home_source_interface.value() {
            Some(Some(_)) if is_call_home => &facts.call_home_source_interface,
            _ => &facts.http_source_interface,
        };
        Self {
            facts,
            expected,
            topology: topology(facts, expected),
            url: url(facts),
            host: host(facts),
            interface,
            vrf: vrf(facts, interface),
        }
    }

    /// Host and port of the server at the far end, in lower case: what devices with one broken server have in common. Empty where it
    /// is not known, or there is none.
    pub(crate) fn far_end(&self) -> String {
        let Ok(Some(url)) = self.url.map(|url| url.or_else(|| usual(self.facts))) else { return String::new() };
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default().to_lowercase()
    }

    /// True where the inventory says that something else fetches or sends the device's reports: CSLU, SSM On-Prem, a controller.
    pub(crate) fn is_fetched(&self) -> bool {
        self.expected.topology.is_some_and(|topology| topology.is_pull() || topology == Topology::Controller)
    }

    /// True where no transport is known to be on: type Off, or the inventory says that files are carried.
    pub(crate) fn is_off(&self) -> bool {
        self.expected.topology == Some(Topology::Offline)
            || self.facts.transport_type.value() == Some(&TransportType::Off)
    }

    /// The moment to judge at: the device's own clock at capture, else the moment given with `--as-of`.
    ///
    /// # Errors
    /// Neither is known, or the clock is wrong by what the device says itself.
    pub(crate) fn now(&self) -> Result<DeviceTime, Unknown> {
        match (self.facts.device_time.get(), self.expected.as_of) {
            (Ok(time), _) if self.is_believable(time) && !self.is_before_its_past(time) => Ok(time.clone()),
            (Ok(_), _) => Err(no_time(self.facts.device_time.evidence())),
            (Err(_), Some(moment)) => {
                let local = jiff::tz::Offset::UTC.to_datetime(moment);
                Ok(DeviceTime { text: moment.to_string(), local, zone: "UTC".to_owned() })
            }
            (Err(why), None) => Err(why.clone()),
        }
    }

    /// False where the device has Smart Licensing Using Policy and a clock from before its time (its first release is of 2020).
    pub(crate) fn is_believable(&self, time: &DeviceTime) -> bool {
        time.local.year() >= 2020 || self.facts.slp_enabled.value() == Some(&false)
    }

    /// True where the clock stands more than a day before something that the device says has happened. Where the collector's clock
    /// agrees with it, the clock is right today and was wrong then.
    fn is_before_its_past(&self, now: &DeviceTime) -> bool {
        if self.facts.clock_offset_s.value().is_some_and(|seconds| seconds.abs() < DAY) {
            return false;
        }
        let channels = self.facts.communication.value().into_iter().flatten();
        [&self.facts.last_ack, &self.facts.last_push]
            .into_iter()
            .filter_map(|time| time.value()?.as_ref())
            .chain(channels.flat_map(|channel| channel.last_success.iter().chain(&channel.last_failure)))
            .any(|happened| now.seconds_until(happened) > DAY)
    }

    /// Seconds from now to `time`; negative where it is past. A moment of `--as-of` is compared with a time of an unknown zone only
    /// where no zone could turn before into after; the seconds are then right to within fourteen hours.
    ///
    /// # Errors
    /// As [`Self::now`], and where the zone matters.
    pub(crate) fn seconds_to(&self, time: &DeviceTime) -> Result<i64, Unknown> {
        let seconds = self.now()?.seconds_until(time);
        match self.facts.device_time.get() {
            Err(why) if time.utc().is_none() && seconds.abs() <= FARTHEST_ZONE => Err(why.clone()),
            _ => Ok(seconds),
        }
    }

    /// Whole days from now to the ACK deadline, rounded towards the past; `None` where no deadline is set.
    ///
    /// # Errors
    /// The deadline is not known, or as [`Self::seconds_to`].
    pub(crate) fn days_to_deadline(&self) -> Result<Option<i64>, Unknown> {
        let deadline = self.facts.next_ack_deadline.get().map_err(Clone::clone)?;
        let Some(deadline) = deadline else { return Ok(None) };
        self.seconds_to(deadline).map(|seconds| Some(seconds.div_euclid(DAY)))
    }

    /// The answers as they are kept.
    pub(crate) fn row(&self) -> ReportingRow {
        let mut unknown = BTreeMap::new();
        let text = |value: Option<&str>| value.map(ToOwned::to_owned);
        ReportingRow {
            topology: known("topology", self.topology, &mut unknown),
            url: known("url", self.url.map(text), &mut unknown).flatten(),
            host: known("host", self.host.map(text), &mut unknown).flatten(),
            vrf: known("vrf", self.vrf.map(text), &mut unknown).flatten(),
            proxy: known("proxy", self.facts.proxy_address.get().cloned(), &mut unknown).flatten(),
            days_to_ack_deadline: known("days_to_ack_deadline", self.days_to_deadline(), &mut unknown).flatten(),
            unknown,
        }
    }
}

/// How a device reports, as it is kept and shown. `None` is what the device does not have, or what `unknown` has a reason for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportingRow {
    /// How usage reports travel.
    pub topology: Option<Topology>,
    /// The address that reports are sent to, as printed.
    pub url: Option<String>,
    /// The name or address that the device has to reach.
    pub host: Option<String>,
    /// The VRF in which reports are routed.
    pub vrf: Option<String>,
    /// The proxy, as printed.
    pub proxy: Option<String>,
    /// Days to the ACK deadline by the device's own clock; negative when past.
    pub days_to_ack_deadline: Option<i64>,
    /// Why an answer is not known, by its name.
    pub unknown: BTreeMap<String, String>,
}

/// An answer, or a note why there is none.
fn known<T>(name: &str, answer: Result<T, impl ToString>, unknown: &mut BTreeMap<String, String>) -> Option<T> {
    answer.map_err(|why| unknown.insert(name.to_owned(), why.to_string())).ok()
}

/// What a time that cannot be judged by is: its line, and that the clock is wrong.
pub(crate) fn no_time(evidence: Option<&Evidence>) -> Unknown {
    evidence.map_or(Unknown::Absent, |at| {
        Unknown::Unparsed(ParseError { at: at.clone(), wanted: "time to judge by (the clock is wrong)" })
    })
}

fn topology<'a>(facts: &'a Facts, expected: &Expectations) -> Result<Topology, &'a Unknown> {
    if let Some(topology) = expected.topology {
        return Ok(topology);
    }
    Ok(match facts.transport_type.get()? {
        TransportType::Smart | TransportType::Callhome => Topology::Direct,
        TransportType::Off => Topology::Offline,
        TransportType::Cslu => match cslu_address(facts.cslu_address.get()?.as_deref()) {
            CsluAddress::OnPrem { .. } => Topology::OnPremPush,
            _ => Topology::CsluPush,
        },
    })
}

fn url(facts: &Facts) -> Result<Option<&str>, &Unknown> {
    let url = match facts.transport_type.get()? {
        TransportType::Off => None,
        TransportType::Smart => facts.transport_url.get()?.as_deref(),
        TransportType::Cslu => facts.cslu_address.get()?.as_deref(),
        TransportType::Callhome => {
            facts.reporting_profiles()?.into_iter().find_map(|profile| profile.urls.first()).map(String::as_str)
        }
    };
    Ok(url.filter(|url| !url.trim().is_empty()))
}

/// What a transport reports to where no address is set.
fn usual(facts: &Facts) -> Option<&'static str> {
    match facts.transport_type.value()? {
        TransportType::Off => None,
        TransportType::Smart => Some(SMART),
        // The device asks DNS for this name.
        TransportType::Cslu => Some(DISCOVERED),
        TransportType::Callhome => Some(CALL_HOME),
    }
}

fn host(facts: &Facts) -> Result<Option<&str>, &Unknown> {
    let host_of = |url| Url::parse(url).map_or(url, |url| url.host);
    if let Fact::Unknown(why @ Unknown::Unparsed(_)) = &facts.proxy_address {
        return Err(why);
    }
    if let Some(proxy) = facts.proxy_address.value().and_then(Option::as_deref).filter(|proxy| !proxy.is_empty()) {
        return Ok(Some(host_of(proxy)));
    }
    Ok(url(facts)?.or_else(|| usual(facts)).map(host_of))
}

fn vrf<'a>(facts: &'a Facts, interface: &'a Fact<Option<String>>) -> Result<Option<&'a str>, &'a Unknown> {
    let own = match facts.transport_type.get()? {
        TransportType::Callhome => &facts.call_home_vrf,
        _ => &facts.transport_vrf,
    };
    // Older releases print no VRF, and have none.
    if *own != Fact::Unknown(Unknown::Absent)
        && let Some(vrf) = own.get()?.as_deref().filter(|vrf| !vrf.trim().is_empty())
    {
        return Ok(Some(vrf));
    }
    let Some(interface) = interface.get()? else { return Ok(None) };
    facts.vrfs.get()?;
    Ok(facts.vrf_of_interface(interface))
}

impl Facts {
    /// The Call Home profiles that carry Smart Licensing data and are active.
    pub(crate) fn reporting_profiles(&self) -> Result<Vec<&CallHomeProfile>, &Unknown> {
        let profiles = self.call_home_profiles.get()?;
        Ok(profiles.iter().filter(|profile| profile.active && profile.reporting_licensing == Some(true)).collect())
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

    fn known<T>(value: T) -> Fact<T> {
        Fact::known(value, Evidence { command: "show license all", line: 1, text: "a line".to_owned() })
    }

    fn time(local: &str) -> DeviceTime {
        DeviceTime { text: local.to_owned(), local: local.parse().expect("a time"), zone: "UTC".to_owned() }
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

    fn cslu(address: &str) -> Facts {
        Facts {
            transport_type: known(TransportType::Cslu),
            cslu_address: known(Some(address.to_owned())),
            ..Facts::default()
        }
    }

    fn row(facts: &Facts) -> ReportingRow {
        Reporting::new(facts, &Expectations::default()).row()
    }

    #[test]
    fn the_port_of_cslu_is_that_of_cslu_whatever_the_path() {
        for (address, topology) in [
            ("", Topology::CsluPush),
            ("http://192.0.2.1:8182/cslu/v1/pi", Topology::CsluPush),
            ("http://h:8182/cslu/v1/pi/tenant1", Topology::CsluPush),
            ("https://ssm.example.com/cslu/v1/pi/tenant1", Topology::OnPremPush),
        ] {
            assert_eq!(row(&cslu(address)).topology, Some(topology), "{address}");
        }
        assert_eq!(row(&Facts::default()).unknown["topology"], "not collected");
    }

    #[test]
    fn a_wrong_clock_counts_no_days() {
        let mut facts = smart(known(None), None);
        facts.slp_enabled = known(true);
        facts.next_ack_deadline = known(Some(time("2026-12-01T02:00:00")));
        facts.device_time = known(time("2026-11-24T02:00:00"));
        assert_eq!(row(&facts).days_to_ack_deadline, Some(7));
        facts.device_time = known(time("2000-01-03T00:00:00"));
        let found = row(&facts);
        assert_eq!(found.days_to_ack_deadline, None);
        assert!(found.unknown["days_to_ack_deadline"].contains("the clock is wrong"), "{:?}", found.unknown);
        facts.next_ack_deadline = known(None);
        assert!(!row(&facts).unknown.contains_key("days_to_ack_deadline"), "none is set");
    }

    #[test]
    fn the_vrf_is_that_of_licensing_then_that_of_the_interface() {
        let mut facts = smart(known(Some("Mgmt-vrf".to_owned())), Some("Vlan10"));
        let expected = Expectations::default();
        assert_eq!(Reporting::new(&facts, &expected).vrf, Ok(Some("Mgmt-vrf")));
        facts.transport_vrf = known(Some(String::new()));
        assert_eq!(Reporting::new(&facts, &expected).vrf, Err(&Unknown::NotCollected), "the VRFs are not known");
        facts.vrfs = known(vec![Vrf { name: "BLUE".to_owned(), interfaces: vec!["Vl10".to_owned()] }]);
        assert_eq!(Reporting::new(&facts, &expected).vrf, Ok(Some("BLUE")));
        facts.http_source_interface = known(Some("Vlan11".to_owned()));
        assert_eq!(Reporting::new(&facts, &expected).vrf, Ok(None));
        assert_eq!(Reporting::new(&smart(Fact::Unknown(Unknown::Absent), None), &expected).vrf, Ok(None));
        assert!(Reporting::new(&smart(Fact::default(), None), &expected).vrf.is_err());
    }

    #[test]
    fn the_host_is_that_of_the_proxy_then_that_of_the_url() {
        let host = |facts: &Facts| row(facts).host;
        let mut facts = smart(known(None), None);
        assert_eq!(host(&facts).as_deref(), Some("smartreceiver.cisco.com"));
        facts.proxy_address = known(Some("http://proxy.example.com:8080".to_owned()));
        assert_eq!(host(&facts).as_deref(), Some("proxy.example.com"));
        assert_eq!(host(&cslu("")).as_deref(), Some("cslu-local"));
        let off = row(&Facts { transport_type: known(TransportType::Off), ..Facts::default() });
        assert_eq!((off.host, off.unknown.contains_key("host")), (None, false));
        assert!(row(&Facts::default()).unknown.contains_key("host"));
    }

    #[test]
    fn the_far_end_is_a_host_without_case() {
        let far_end = |facts: &Facts| Reporting::new(facts, &Expectations::default()).far_end();
        assert_eq!(far_end(&Facts { cslu_address: Fact::default(), ..cslu("") }), "", "not known is nobody");
        assert_eq!(far_end(&cslu("")), "cslu-local");
        for address in
            ["http://CSLU.example.com:8182/cslu/v1/pi", "cslu.example.com:8182", "https://cslu.example.com:8182"]
        {
            assert_eq!(far_end(&cslu(address)), "cslu.example.com:8182");
        }
    }
}
