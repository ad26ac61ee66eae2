//! When a command is wanted: what is known so far decides what is asked next.
//!
//! The table stands in RULES.md under "what a device is asked".

use crate::fact::{Fact, Unknown};
use crate::facts::{Facts, Reporting, TransportType};
use crate::inventory::{Device, Platform, Topology};

/// IOS XE and classic IOS.
pub(super) const IOS: &[Platform] = &[Platform::IosXe, Platform::Ios];
/// Where the licence commands of the Smart Agent exist.
pub(super) const LICENSING: &[Platform] =
    &[Platform::IosXe, Platform::Ios, Platform::IosXr, Platform::NxOs, Platform::Asa];
/// Where NTP shows itself as on IOS.
pub(super) const NTP: &[Platform] = &[Platform::IosXe, Platform::Ios, Platform::IosXr, Platform::Asa];
/// NX-OS only.
pub(super) const NX_OS: &[Platform] = &[Platform::NxOs];
/// Where a ping is typed, and answered, in a way that is known.
pub(super) const IOS_AND_NX_OS: &[Platform] = &[Platform::IosXe, Platform::Ios, Platform::IosXr, Platform::NxOs];
/// Everywhere.
pub(super) const EVERYWHERE: &[Platform] =
    &[Platform::Auto, Platform::IosXe, Platform::Ios, Platform::IosXr, Platform::NxOs, Platform::Asa];

/// What is known when the next command is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The inventory row.
    pub device: &'a Device,
    /// What the replies so far said.
    pub facts: &'a Facts,
    /// Commands the device refused so far.
    pub refused: &'a [&'static str],
    /// Commands asked so far, whatever came back.
    pub asked: &'a [&'static str],
}

/// When a command is asked.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The condition in words, for `slaudit plan`; empty for a command that is read where somebody saved it, and never asked.
    pub when: &'static str,
    /// The condition.
    pub(crate) holds: fn(&Situation<'_>) -> bool,
}

pub(super) const ALWAYS: Wanted = Wanted { when: "always", holds: always };
pub(super) const NEEDS_LICENSE_ALL: Wanted =
    Wanted { when: "tech support gave no reporting status, or the system has none", holds: needs_license_all };
pub(super) const NEEDS_LICENSE_STATUS: Wanted =
    Wanted { when: "show license all gave none either", holds: needs_license_status };
pub(super) const NEEDS_LICENSE_UDI: Wanted = Wanted { when: "units still unknown", holds: needs_license_udi };
pub(super) const NEEDS_LICENSE_USAGE: Wanted = Wanted { when: "licences still unknown", holds: needs_license_usage };
pub(super) const NEEDS_LICENSE: Wanted = Wanted { when: "generation still unknown", holds: needs_license };
pub(super) const USES_CALLHOME: Wanted = Wanted { when: "Type Callhome", holds: uses_callhome };
pub(super) const USES_TRUSTPOINT: Wanted = Wanted { when: "direct, or SSM On-Prem over https", holds: uses_trustpoint };
pub(super) const IS_PULLED: Wanted = Wanted { when: "topology pull", holds: is_pulled };
pub(super) const NEEDS_HTTP_SERVER: Wanted =
    Wanted { when: "topology pull, server still unknown", holds: needs_http_server };
pub(super) const NEEDS_NTP: Wanted = Wanted { when: "NTP flag False or unknown, or ntp master", holds: needs_ntp };
pub(super) const HAS_FAILING_CHANNEL: Wanted = Wanted { when: "a channel fails", holds: has_failing_channel };
pub(super) const NEEDS_HOSTS: Wanted = Wanted { when: "a channel fails, or name servers unknown", holds: needs_hosts };
pub(super) const USES_ENFORCED_LICENSE: Wanted =
    Wanted { when: "enforced or export licence in use", holds: uses_enforced_license };
pub(super) const WAS_REFUSED_ANYTHING: Wanted = Wanted { when: "anything refused", holds: was_refused_anything };
pub(super) const NEEDS_TRUSTPOINTS: Wanted = Wanted { when: "trustpoints refused", holds: needs_trustpoints };
pub(super) const NEEDS_VRFS: Wanted =
    Wanted { when: "a channel fails, or --probe with a source interface", holds: needs_vrfs };
pub(super) const NEVER: Wanted = Wanted { when: "", holds: never };

/// True where asking again could not tell more: the answer is known, or known not to be printed.
fn settled<T>(fact: &Fact<T>) -> bool {
    matches!(fact, Fact::Known { .. } | Fact::Unknown(Unknown::Absent))
}

impl Situation<'_> {
    /// How the device reports, by what it has said so far.
    pub(super) fn reporting(&self) -> Reporting<'_> {
        Reporting::new(self.facts, &self.device.expect)
    }

    fn was_asked(&self, sends: &str) -> bool {
        self.asked.contains(&sends)
    }

    fn was_refused(&self, sends: &str) -> bool {
        self.refused.contains(&sends)
    }

    /// Reporting was read, or the device shows Smart Licensing before SLP, which prints none.
    fn status_is_read(&self) -> bool {
        settled(&self.facts.last_ack) || matches!(self.facts.registration_status.value(), Some(Some(_)))
    }

    /// True on the systems whose first licence command is `show license tech support`.
    fn has_tech_support(&self) -> bool {
        IOS.contains(&self.platform())
    }

    /// By the inventory, else by the device itself; IOS XE until it said otherwise.
    pub(crate) fn platform(&self) -> Platform {
        match (self.device.platform, self.facts.platform.value()) {
            (Platform::Auto, None) if self.was_asked("show version") => Platform::IosXe,
            (_, Some(&platform)) | (platform, None) => platform,
        }
    }
}

fn always(_: &Situation<'_>) -> bool {
    true
}

fn never(_: &Situation<'_>) -> bool {
    false
}

fn needs_license_all(now: &Situation<'_>) -> bool {
    !now.has_tech_support() || (now.was_asked("show license tech support") && !now.status_is_read())
}

fn needs_license_status(now: &Situation<'_>) -> bool {
    now.was_asked("show license all") && !now.status_is_read()
}

fn needs_license_udi(now: &Situation<'_>) -> bool {
    now.was_asked("show license status") && !settled(&now.facts.udis)
}

fn needs_license_usage(now: &Situation<'_>) -> bool {
    now.was_asked("show license all") && !settled(&now.facts.licenses)
}

/// The oldest form, which tells PAK and right-to-use from everything newer.
fn needs_license(now: &Situation<'_>) -> bool {
    now.was_asked("show license status") && !now.status_is_read() && !now.facts.slp_enabled.is_known()
}

fn uses_callhome(now: &Situation<'_>) -> bool {
    now.facts.transport_type.value() == Some(&TransportType::Callhome)
}

/// Direct, or SSM On-Prem over https: the paths on which SLA-TrustPoint is used.
fn uses_trustpoint(now: &Situation<'_>) -> bool {
    let facts = now.facts;
    match facts.transport_type.value() {
        Some(TransportType::Smart | TransportType::Callhome) => true,
        Some(TransportType::Cslu) => {
            matches!(facts.cslu_address.value(), Some(Some(address)) if address.to_ascii_lowercase().starts_with("https:"))
        }
        _ => false,
    }
}

fn is_pulled(now: &Situation<'_>) -> bool {
    now.device.expect.topology.is_some_and(Topology::is_pull)
}

/// The session modules alone leave the server's own state open.
fn needs_http_server(now: &Situation<'_>) -> bool {
    is_pulled(now)
        && now.was_asked("show ip http server session-module")
        && !(settled(&now.facts.sl_http_active) && now.facts.http_secure_server_enabled.is_known())
}

/// The agent's own line says more than any mark; only its True ends the question, and that of a device that may follow itself
/// does not.
fn needs_ntp(now: &Situation<'_>) -> bool {
    now.facts.ntp_master.value() == Some(&true)
        || !matches!(&now.facts.ntp_synchronized, Fact::Known { value: true, evidence } if evidence.text.starts_with("Clock sync-ed"))
}

fn has_failing_channel(now: &Situation<'_>) -> bool {
    let failed = |log: &Vec<crate::facts::LogMessage>| log.iter().any(|entry| entry.mnemonic == "COMM_FAILED");
    now.facts.any_channel_fails() || (!now.facts.communication.is_known() && now.facts.log.value().is_some_and(failed))
}

/// The VRF of the source interface is the one to ping in.
fn needs_vrfs(now: &Situation<'_>) -> bool {
    has_failing_channel(now) || (now.device.expect.probe && matches!(now.reporting().interface.value(), Some(Some(_))))
}

/// Name servers, where the configuration may not be read.
fn needs_hosts(now: &Situation<'_>) -> bool {
    has_failing_channel(now) || (!now.facts.dns_servers.is_known() && now.was_asked(super::CONFIGURATION))
}

/// A licence in use that needs an authorization code.
fn uses_enforced_license(now: &Situation<'_>) -> bool {
    now.facts.licenses.value().is_some_and(|licenses| {
        licenses.iter().any(|license| {
            let enforced = license.enforcement.as_deref().is_some_and(|text| text != "NOT ENFORCED");
            (enforced && license.status != "NOT IN USE") || license.status.starts_with("NOT AUTHORIZED")
        })
    })
}

fn was_refused_anything(now: &Situation<'_>) -> bool {
    !now.refused.is_empty()
}

/// Trustpoints by the shorter command, where the longer is not there.
fn needs_trustpoints(now: &Situation<'_>) -> bool {
    uses_trustpoint(now) && now.was_refused("show crypto pki trustpoints status")
}
