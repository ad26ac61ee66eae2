//! The questions slaudit asks about a device: one [`Fact`] each, whichever command answers it.
//!
//! Each has a dotted key, as in `report.json`. [`Facts`] starts with everything Unknown ("not collected"); `reading` fills it.

use serde_json::Value;

use crate::fact::{DeviceTime, Evidence, Fact, Unknown};
use crate::inventory::Platform;

mod proofs;
mod records;
mod reporting;
mod url;

pub use self::proofs::Proofs;
pub use self::records::{
    AuthorizationUnit, CallHomeProfile, Channel, Interface, License, LogMessage, Probe, TransportType, TrustCode,
    Trustpoint, Udi, Vrf,
};
pub(crate) use self::reporting::{DAY, is_short_for, no_time, split_name};
pub use self::reporting::{Reporting, ReportingRow};
pub(crate) use self::url::{CALL_HOME, CsluAddress, DISCOVERED, PATH, SMART, Url, cslu_address, is_address};

/// Declares [`Facts`]: a dotted key, a field and a type a line; keys are the contract of `report.json`.
macro_rules! facts {
    ($($(#[$doc:meta])* $key:literal $field:ident: $type:ty,)+) => {
        /// What is known about one device, and why the rest is not.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Facts {
            $($(#[$doc])* pub $field: Fact<$type>,)+
            /// The lines of the parts of lists.
            pub proofs: Proofs,
        }

        impl Facts {
            /// Every key, in the order of the reports.
            pub const KEYS: &'static [&'static str] = &[$($key),+];

            /// How each fact is taken away, for tests that ask what is left without it.
            #[cfg(test)]
            pub(crate) const FORGET: &'static [(&'static str, fn(&mut Facts))] =
                &[$(($key, |facts| facts.$field = Fact::default())),+];

            /// Calls `each` for every fact in the order of [`Facts::KEYS`], with its value or the reason why there is none.
            pub fn for_each(&self, mut each: impl FnMut(&'static str, Result<Value, &Unknown>)) {
                $(each($key, self.$field.get().map(|value| serde_json::to_value(value).unwrap_or(Value::Null)));)+
            }

            /// Calls `each` for every known fact with the line that proves it.
            pub fn for_each_evidence(&self, mut each: impl FnMut(&'static str, &Evidence)) {
                $(if let Some(evidence) = self.$field.evidence() { each($key, evidence); })+
            }

            /// Takes from `other` what is better: a known fact before an unknown one; of two known ones the one that `wins`,
            /// which is asked with the key and the evidence of both, `other`'s last.
            pub(crate) fn absorb(&mut self, mut other: Self, wins: impl Fn(&'static str, &Evidence, &Evidence) -> bool) {
                $(match (&self.$field, &other.$field) {
                    (Fact::Known { evidence: mine, .. }, Fact::Known { evidence: theirs, .. }) => {
                        if wins($key, mine, theirs) {
                            self.$field = other.$field;
                            self.proofs.take_over($key, &mut other.proofs);
                        }
                    }
                    (Fact::Known { .. }, Fact::Unknown(_)) => {}
                    // Most facts of most replies: nothing was asked.
                    (Fact::Unknown(_), Fact::Unknown(Unknown::NotCollected)) => {}
                    _ => {
                        self.$field = std::mem::take(&mut self.$field).or(other.$field);
                        self.proofs.take_over($key, &mut other.proofs);
                    }
                })+
            }
        }
    };
}

facts! {
    /// `Smart Licensing is ENABLED`.
    "smart_licensing_enabled" smart_licensing_enabled: bool,
    /// The block `Smart Licensing Using Policy:`. False where the device shows Smart Licensing before SLP, or PAK/RTU.
    "slp_enabled" slp_enabled: bool,
    /// `Transport:` / `Type:`.
    "transport.type" transport_type: TransportType,
    /// `URL:` of Smart transport; `<empty>` is the empty string.
    "transport.url" transport_url: Option<String>,
    /// `Cslu address:`; `<empty>` is the empty string.
    "transport.cslu_address" cslu_address: Option<String>,
    /// Proxy address; `None` where not configured.
    "transport.proxy_address" proxy_address: Option<String>,
    /// Proxy port; `None` where not configured or `<empty>`.
    "transport.proxy_port" proxy_port: Option<u16>,
    /// `VRF:` of licensing traffic; `None` where not configured.
    "transport.vrf" transport_vrf: Option<String>,
    /// `Trust Point:` of the Transport block (agent 6 and later).
    "transport.trustpoint" transport_trustpoint: Option<String>,
    /// `Server Identity Check:`.
    "transport.server_identity_check" server_identity_check: bool,
    /// Smart Account, without `As of ...`; before SLP from `Registration:`.
    "account.smart_account" smart_account: Option<String>,
    /// Virtual Account.
    "account.virtual_account" virtual_account: Option<String>,
    /// The time of `As of ...`.
    "account.as_of" account_as_of: Option<DeviceTime>,
    /// `Policy in use:` as printed.
    "policy.in_use" policy_in_use: Option<String>,
    /// `Policy name:`.
    "policy.name" policy_name: Option<String>,
    /// `Reporting ACK required:`.
    "policy.ack_required" ack_required: bool,
    /// Smallest non-zero `Reporting frequency (days)` of the policy; `None` where all are zero.
    "policy.min_reporting_frequency_days" min_reporting_frequency_days: Option<u32>,
    /// `Last ACK received:`.
    "reporting.last_ack" last_ack: Option<DeviceTime>,
    /// `Next ACK deadline:`.
    "reporting.next_ack_deadline" next_ack_deadline: Option<DeviceTime>,
    /// `Next ACK push check:`.
    "reporting.next_ack_push_check" next_ack_push_check: Option<DeviceTime>,
    /// `Next report push:`.
    "reporting.next_push" next_push: Option<DeviceTime>,
    /// `Last report push:`.
    "reporting.last_push" last_push: Option<DeviceTime>,
    /// `Reporting push interval:` in days; 0 is "no reporting".
    "reporting.push_interval_days" push_interval_days: u32,
    /// True where the job `Send Utility RUM reports` reads `Expired Not Rescheduled`.
    "reporting.send_rum_expired" send_rum_expired: bool,
    /// One entry a unit with an installed trust code; empty where `<none>`.
    "trust_codes" trust_codes: Vec<TrustCode>,
    /// `Overall Trust:` as printed.
    "overall_trust" overall_trust: String,
    /// One entry a unit; standalone devices have one of role `standalone`.
    "udis" udis: Vec<Udi>,
    /// `Clock sync-ed with NTP:`, else `show ntp status`, else the mark before the time.
    "clock.ntp_synchronized" ntp_synchronized: bool,
    /// The device's own clock at capture.
    "clock.device_time" device_time: DeviceTime,
    /// Device minus collector in seconds; known where the device's offset to UTC is known and the collector's time recorded.
    "clock.offset_s" clock_offset_s: i64,
    /// One entry a channel of `Communication Statistics:`.
    "communication" communication: Vec<Channel>,
    /// `Communication Level Allowed:`.
    "communication_level" communication_level: String,
    /// `Overall State:`; `<empty>` is the empty string, and healthy.
    "overall_state" overall_state: String,
    /// `Smart Agent for Licensing:`.
    "agent_version" agent_version: String,
    /// One entry a handle or block as printed, NOT IN USE included.
    "licenses" licenses: Vec<License>,
    /// `Registration:` / `Status:` (before SLP).
    "registration.status" registration_status: Option<String>,
    /// `License Authorization:` / `Status:` (before SLP).
    "authorization.status" authorization_status: Option<String>,
    /// True where the product instance has an installed authorization code or licence reservation.
    "authorization.installed" authorization_installed: bool,
    /// The call-home feature.
    "call_home.enabled" call_home_enabled: bool,
    /// Smart-license messages of Call Home.
    "call_home.messages_enabled" call_home_messages_enabled: bool,
    /// Call Home profiles, as far as printed.
    "call_home.profiles" call_home_profiles: Vec<CallHomeProfile>,
    /// `ip http client source-interface`; `None` where not configured.
    "http.source_interface" http_source_interface: Option<String>,
    /// `ip http client secure-trustpoint`; `None` where not configured.
    "http.client_trustpoint" http_client_trustpoint: Option<String>,
    /// The row `SL_HTTP` of the session modules: secure status Active.
    "http.sl_http_active" sl_http_active: bool,
    /// `HTTP server status:`.
    "http.server_enabled" http_server_enabled: bool,
    /// `HTTP secure server status:`.
    "http.secure_server_enabled" http_secure_server_enabled: bool,
    /// Trustpoints, as far as printed.
    "trustpoints" trustpoints: Vec<Trustpoint>,
    /// Name servers, `vrf` included where one is named.
    "dns.servers" dns_servers: Vec<String>,
    /// Domain name; `None` where not set.
    "dns.domain" dns_domain: Option<String>,
    /// False where `no ip domain lookup` is configured.
    "dns.lookup_enabled" dns_lookup_enabled: bool,
    /// Names of `ip host` and `ipv6 host` entries, `vrf` included where one is named.
    "dns.hosts" dns_hosts: Vec<String>,
    /// Addresses of `ntp server` and `ntp peer`, as configured.
    "ntp.servers" ntp_servers: Vec<String>,
    /// `synchronized` or `unsynchronized`, from `show ntp status`.
    "ntp.status" ntp_status: String,
    /// Stratum of the device itself.
    "ntp.stratum" ntp_stratum: u8,
    /// The reference it follows; `None` where it has none.
    "ntp.reference" ntp_reference: Option<String>,
    /// SMART_LIC messages of the log, repeats collapsed, in the order in which they came last.
    "log" log: Vec<LogMessage>,
    /// RUM reports in all.
    "rum.total" rum_total: u64,
    /// RUM reports that wait for their ACK.
    "rum.waiting_for_ack" rum_waiting_for_ack: u64,
    /// RUM reports not yet sent.
    "rum.available_to_report" rum_available_to_report: u64,
    /// Operating system, by `show version` and the shape of the outputs.
    "device.platform" platform: Platform,
    /// Chassis model.
    "device.model" model: String,
    /// Software release, for example `17.12.4`.
    "device.os_version" os_version: String,
    /// Host name by prompt or `show version`.
    "device.hostname" hostname: String,
    /// Chassis serial number.
    "device.serial" serial: String,
    /// Seconds since boot, by `show version`.
    "device.uptime_s" uptime_s: u64,
    /// Privilege level of the session.
    "device.privilege" privilege: u8,
    /// `Registration Expires:` (before SLP).
    "registration.expires" registration_expires: Option<DeviceTime>,
    /// `Last Renewal Attempt:` as printed, for example `FAILED on ...` (before SLP).
    "registration.last_attempt" registration_last_attempt: Option<String>,
    /// `Last Communication Attempt:` as printed (before SLP).
    "authorization.last_attempt" authorization_last_attempt: Option<String>,
    /// One entry a unit of `Overall status:`, with the state of its authorization code.
    "authorization.units" authorization_units: Vec<AuthorizationUnit>,
    /// VRF of Call Home; `None` where not set up.
    "call_home.vrf" call_home_vrf: Option<String>,
    /// Source interface of Call Home; `None` where not set up.
    "call_home.source_interface" call_home_source_interface: Option<String>,
    /// `HTTP secure server trustpoint:`; `None` where none is named, `INVALID_TP` where the named one cannot be used.
    "http.secure_server_trustpoint" http_secure_server_trustpoint: Option<String>,
    /// Interfaces with their addresses and states.
    "interfaces" interfaces: Vec<Interface>,
    /// VRFs and the interfaces in them.
    "vrfs" vrfs: Vec<Vrf>,
    /// True where `ntp master` makes the device its own reference.
    "ntp.master" ntp_master: bool,
    /// The device's ping of the host it reports to, where it was asked for (`--probe`) or saved.
    "reach.probe" probe: Probe,
    /// RUM reports without an ACK: those that wait for it and those not yet sent, each counted once.
    "rum.unacknowledged" rum_unacknowledged: u64,
    /// `In Storage:`, the RUM reports that are kept on the device (tech support only).
    "rum.in_storage" rum_in_storage: u64,
}

impl Facts {
    /// True where a channel of communication fails now.
    pub fn any_channel_fails(&self) -> bool {
        self.communication.value().is_some_and(|channels| channels.iter().any(|channel| channel.ongoing_overall > 0))
    }
}
