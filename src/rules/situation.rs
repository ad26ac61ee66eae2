//! What several rules ask about a device: how it reports, what time it is there, whether its reports arrive.

use crate::fact::DeviceTime;
pub(super) use crate::facts::DAY;
use crate::facts::{CallHomeProfile, Channel, TransportType, no_time};
use crate::inventory::Topology;
use crate::rules::checks::not_applicable;
use crate::rules::url::{self, CsluAddress, Url};
use crate::rules::{Subject, Undecided};

/// How long a device goes on trying before its report is overdue (the guide: up to four hours).
pub(super) const PUSH_PATIENCE: i64 = 4 * 3_600;
/// Days before a deadline from which trouble is urgent.
pub(super) const NEAR_DAYS: i64 = 30;
/// The push interval taken where the device's own is not known: the usual default.
const USUAL_PUSH_INTERVAL: u32 = 30;

impl<'a> Subject<'a> {
    /// How usage reports travel.
    pub(crate) fn topology(self) -> Result<Topology, Undecided> {
        Ok(self.reporting.topology?)
    }

    /// True where something else fetches or sends the device's reports.
    pub(super) fn is_fetched(self) -> bool {
        self.reporting.is_fetched()
    }

    /// True where no transport is known to be on.
    pub(super) fn is_off(self) -> bool {
        self.reporting.is_off()
    }

    /// Answers "not applicable" for a device without a transport, "unknown" where its transport is not known.
    pub(super) fn needs_transport(self) -> Result<(), Undecided> {
        if self.is_off() {
            return not_applicable("the transport is off");
        }
        self.facts.transport_type.get()?;
        Ok(())
    }

    /// Answers "not applicable" for every transport but Smart and Call Home.
    pub(super) fn needs_direct(self) -> Result<(), Undecided> {
        match self.facts.transport_type.get()? {
            TransportType::Smart | TransportType::Callhome => Ok(()),
            TransportType::Cslu => not_applicable("the transport is cslu"),
            TransportType::Off => not_applicable("the transport is off"),
        }
    }

    /// Answers "not applicable" for every transport but one.
    pub(super) fn needs_type(self, wanted: TransportType) -> Result<(), Undecided> {
        if *self.facts.transport_type.get()? == wanted {
            return Ok(());
        }
        not_applicable(match wanted {
            TransportType::Smart => "the transport is not Smart",
            TransportType::Callhome => "the transport is not Callhome",
            TransportType::Cslu => "the transport is not cslu",
            TransportType::Off => "the transport is not off",
        })
    }

    /// The CSLU address and its form.
    pub(super) fn cslu_address(self) -> Result<CsluAddress<'a>, Undecided> {
        Ok(url::cslu_address(self.facts.cslu_address.get()?.as_deref()))
    }

    /// Answers "not applicable" where the device does not report to SSM On-Prem; true where it does so over https.
    pub(super) fn needs_onprem(self) -> Result<bool, Undecided> {
        match self.topology()? {
            Topology::OnPremPush | Topology::OnPremPull => {
                let address = self.facts.cslu_address.value().and_then(Option::as_deref).and_then(Url::parse);
                // On-Prem fetches over https always; the address counts only where the device sends.
                Ok(address.is_none_or(|url| url.is_https()))
            }
            _ => not_applicable("no SSM On-Prem"),
        }
    }

    /// Answers "not applicable" unless the device looks for `cslu-local` because no address is configured.
    pub(crate) fn needs_discovery(self) -> Result<(), Undecided> {
        if self.is_fetched() {
            return not_applicable("the device does not send its reports itself");
        }
        if self.expected.topology == Some(Topology::Offline) {
            return not_applicable("reports are carried by file");
        }
        self.needs_type(TransportType::Cslu)?;
        match self.cslu_address()? {
            CsluAddress::Empty => Ok(()),
            _ => not_applicable("a CSLU address is set"),
        }
    }

    /// The profiles that carry Smart Licensing data and are active.
    pub(super) fn reporting_profiles(self) -> Result<Vec<&'a CallHomeProfile>, Undecided> {
        Ok(self.facts.reporting_profiles()?)
    }

    /// The name or address that the device has to reach.
    pub(super) fn host_in_use(self) -> Result<&'a str, Undecided> {
        match self.reporting.host? {
            Some(host) => Ok(host),
            None => not_applicable("the transport is off"),
        }
    }

    /// The moment to judge at.
    pub(super) fn now(self) -> Result<DeviceTime, Undecided> {
        self.reporting.now().map_err(Undecided::Unknown)
    }

    /// Seconds from now to `time`; negative where it is past.
    pub(super) fn seconds_to(self, time: &DeviceTime) -> Result<i64, Undecided> {
        self.reporting.seconds_to(time).map_err(Undecided::Unknown)
    }

    /// Whole days from now to `time`, rounded towards the past.
    pub(super) fn days_to(self, time: &DeviceTime) -> Result<i64, Undecided> {
        self.seconds_to(time).map(|seconds| seconds.div_euclid(DAY))
    }

    /// Days after which an ACK is old: twice the push interval, else twice the smallest reporting frequency of the policy.
    pub(super) fn stale_after_days(self) -> i64 {
        let interval = self.facts.push_interval_days.value().copied().filter(|days| *days > 0);
        let frequency = self.facts.min_reporting_frequency_days.value().copied().flatten();
        2 * i64::from(interval.or(frequency).unwrap_or(USUAL_PUSH_INTERVAL))
    }

    /// True where an ACK came, and not too long ago. One of the future has no age: a clock was wrong when it came, or is wrong now.
    pub(super) fn has_fresh_ack(self) -> Result<bool, Undecided> {
        match self.facts.last_ack.get()? {
            None => Ok(false),
            Some(ack) => match -self.seconds_to(ack)? {
                age if age < -DAY => Err(Undecided::Unknown(no_time(self.facts.last_ack.evidence()))),
                age => Ok(age <= self.stale_after_days() * DAY),
            },
        }
    }

    /// True where a failure of the channel means something: not without a transport, not the hello of a device whose reports are
    /// fetched, which nobody waits for, and not an authorization that the server refused, which has a rule of its own.
    pub(super) fn counts(self, channel: &Channel) -> bool {
        let is_refused_authorization =
            channel.channel.starts_with("authorization_") && channel.ongoing_communication == 0;
        let is_idle_hello = channel.channel == "hello_message" && self.is_fetched();
        !self.is_off() && !is_refused_authorization && !is_idle_hello
    }

    /// True where a channel is known to fail now and its failure means something.
    pub(super) fn any_channel_fails(self) -> bool {
        self.failing().any(|channel| self.counts(channel))
    }

    /// The first channel that carries reports and fails now.
    pub(super) fn failing_to_report(self) -> Option<&'a Channel> {
        self.failing().find(|channel| REPORTING.contains(&channel.channel.as_str()) && self.counts(channel))
    }

    /// True where reports are known to arrive: no channel that carries them is known to fail, and a fresh ACK or a fresh success says
    /// so.
    pub(super) fn reports_arrive(self) -> bool {
        if self.failing_to_report().is_some() {
            return false;
        }
        let channels = self.facts.communication.value().into_iter().flatten();
        let success = channels
            .filter(|channel| REPORTING.contains(&channel.channel.as_str()))
            .filter_map(|channel| channel.last_success.as_ref())
            .any(|success| self.seconds_to(success).is_ok_and(|to| to <= DAY && -to <= self.stale_after_days() * DAY));
        success || self.has_fresh_ack() == Ok(true)
    }

    /// True where the ACK deadline is known to be past or near.
    pub(super) fn deadline_is_near(self) -> bool {
        matches!(self.reporting.days_to_deadline(), Ok(Some(..=NEAR_DAYS)))
    }

    /// True where a licence reservation is installed: such a device owes no reports.
    pub(super) fn has_reservation(self) -> bool {
        let is_reserved =
            |status: &str| status.starts_with("SPECIFIC INSTALLED") || status.starts_with("PERMANENT INSTALLED");
        self.facts
            .authorization_units
            .value()
            .is_some_and(|units| units.iter().any(|unit| is_reserved(unit.status.trim())))
    }

    /// True where a licence that needs an authorization code is known to be in use.
    pub(super) fn uses_enforced_licence(self) -> bool {
        self.facts
            .licenses
            .value()
            .is_some_and(|licenses| licenses.iter().any(|l| is_in_use(l) && needs_authorization(l)))
    }
}

/// The channels that carry reports and their ACKs, and the trust they need. Authorizations and telemetry go their own ways.
const REPORTING: [&str; 6] = [
    "trust_establishment",
    "trust_acknowledgement",
    "usage_reporting",
    "result_polling",
    "trust_sync",
    "hello_message",
];

/// How a finding names a unit: `member PID:C9300-24UX,SN:FCW0003A003`, as far as it is printed.
pub(crate) fn unit_name(role: &str, pid: &str, serial: &str) -> String {
    let parts = [("PID:", pid), ("SN:", serial)].into_iter().filter(|(_, text)| !text.is_empty());
    let udi = parts.map(|(name, text)| format!("{name}{text}")).collect::<Vec<_>>().join(",");
    format!("{role} {udi}").trim().to_owned()
}

/// True for a licence in use, authorized or not.
pub(crate) fn is_in_use(license: &crate::facts::License) -> bool {
    let status = license.status.to_ascii_uppercase();
    status.starts_with("IN USE") || status.contains("NOT AUTHORIZED")
}

/// True for a licence that needs an authorization code.
pub(crate) fn needs_authorization(license: &crate::facts::License) -> bool {
    let enforcement = license.enforcement.as_deref().unwrap_or_default().trim().to_ascii_uppercase();
    enforcement == "ENFORCED" || enforcement.starts_with("EXPORT")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::rules::case::{Case, channel, dated, failing, known, time};

    #[test]
    fn the_topology_follows_the_transport_unless_the_inventory_knows() {
        let mut case = Case::cslu("http://192.0.2.1:8182/cslu/v1/pi");
        assert_eq!(case.subject().topology(), Ok(Topology::CsluPush));
        case.facts.cslu_address = known(Some("https://ssm.example.com/cslu/v1/pi/a-1".to_owned()));
        assert_eq!(case.subject().topology(), Ok(Topology::OnPremPush));
        case.expected.topology = Some(Topology::CsluPull);
        assert_eq!(case.subject().topology(), Ok(Topology::CsluPull));
        let off = Case::off();
        assert_eq!(off.subject().topology(), Ok(Topology::Offline));
        assert!(Case::default().subject().topology().is_err());
    }

    #[test]
    fn a_moment_given_is_compared_with_a_foreign_zone_only_where_no_zone_matters() {
        let mut case = Case::direct().with(|facts| facts.device_time = Facts::default().device_time);
        let mut deadline = time("2024-02-06 10:31");
        deadline.zone = "EDT".to_owned();
        case.expected.as_of = Some("2024-06-12T12:00:00Z".parse().expect("a moment"));
        assert!(case.subject().seconds_to(&deadline).is_ok_and(|seconds| seconds < -100 * DAY));
        case.expected.as_of = Some("2024-02-06T20:00:00Z".parse().expect("a moment"));
        assert!(case.subject().seconds_to(&deadline).is_err());
    }

    #[test]
    fn the_moment_is_the_device_s_then_as_of() {
        let mut case = Case::direct();
        case.expected.as_of = Some("2031-01-01T00:00:00Z".parse().expect("a moment"));
        assert_eq!(case.subject().now(), Ok(time("2025-06-17 12:00")));
        case.facts.device_time = Facts::default().device_time;
        assert_eq!(case.subject().now().map(|now| now.local.year()), Ok(2031));
        // A moment of universal time says nothing about a time whose offset is not known.
        let mut indian = time("2030-12-31 23:00");
        assert_eq!(case.subject().days_to(&indian), Ok(-1));
        indian.zone = "IST".to_owned();
        assert!(case.subject().days_to(&indian).is_err());
    }

    #[test]
    fn a_clock_from_before_slp_judges_no_deadline() {
        let mut case = Case::direct();
        case.facts.device_time = known(time("1999-01-01 00:00"));
        assert!(case.subject().now().is_err());
        case.facts.slp_enabled = known(false);
        assert!(case.subject().now().is_ok());
    }

    #[test]
    fn a_clock_behind_what_has_happened_judges_nothing() {
        let mut case = Case::direct().with(|facts| {
            facts.device_time = known(time("2025-06-09 11:00"));
            facts.clock_offset_s = Facts::default().clock_offset_s;
        });
        assert!(case.subject().now().is_err(), "the last ACK is of the 10th");
        case.facts.device_time = known(time("2025-06-15 13:00"));
        assert!(case.subject().now().is_ok(), "the last success is less than a day ahead: a zone may explain it");
        case.facts.device_time = known(time("2025-06-15 11:00"));
        assert!(case.subject().now().is_err(), "the last success of a channel is of the 16th");
        // Right by the collector's clock: what lies ahead was stamped by a clock that was wrong then, and says nothing.
        case.facts.clock_offset_s = known(2);
        assert!(case.subject().now().is_ok());
        case.facts.last_ack = dated("2026-01-01 12:00");
        assert!(case.subject().has_fresh_ack().is_err());
        case.facts.communication = Facts::default().communication;
        assert!(!case.subject().reports_arrive());
    }

    #[test]
    fn reports_arrive_whatever_telemetry_and_authorizations_do() {
        let with = |name: &str| {
            let case = Case::direct();
            case.with(|facts| {
                facts.communication = known(vec![channel("usage_reporting"), failing(name, "NO REPLY", "")]);
            })
        };
        for name in ["telemetry_reporting", "authorization_request"] {
            assert!(with(name).subject().reports_arrive(), "{name}");
        }
        for name in REPORTING {
            assert!(!with(name).subject().reports_arrive(), "{name}");
        }
    }

    #[test]
    fn the_host_in_use_is_the_proxy_s_where_one_is_set() {
        let mut case = Case::direct();
        assert_eq!(case.subject().host_in_use(), Ok("smartreceiver.cisco.com"));
        case.facts.proxy_address = known(Some("proxy.example.com".to_owned()));
        assert_eq!(case.subject().host_in_use(), Ok("proxy.example.com"));
        assert_eq!(Case::cslu("").subject().host_in_use(), Ok("cslu-local"));
        assert_eq!(Case::call_home().subject().host_in_use(), Ok("tools.cisco.com"));
    }
}
