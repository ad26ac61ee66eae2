//! What a fact about a part of the device is made of: a unit, a channel, a licence, a message.

use serde::Serialize;

use crate::fact::DeviceTime;
use crate::inventory::spelled;

spelled! {
    /// How the product instance sends its reports.
    TransportType {
        /// Smart transport.
        Smart = "smart",
        /// Call Home.
        Callhome = "callhome",
        /// CSLU or SSM On-Prem.
        Cslu = "cslu",
        /// No transport.
        Off = "off",
    }
}

/// A unit of a stack or of a high-availability pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Udi {
    /// `active`, `standby`, `member` or `standalone`.
    pub role: String,
    /// Product id.
    pub pid: String,
    /// Serial number. Two units may print the same one.
    pub serial: String,
}

/// A trust code that is installed on a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrustCode {
    /// `active`, `standby`, `member` or `standalone`.
    pub role: String,
    /// Product id; empty where not printed.
    pub pid: String,
    /// Serial number; empty where not printed.
    pub serial: String,
    /// When it was installed; `None` where only its presence is printed (agents 5.1 to 5.9).
    pub installed: Option<DeviceTime>,
    /// When it ends; `None` where not printed, and for 1970, which means never.
    pub expires: Option<DeviceTime>,
    /// `Trust Code Type:`, for example `CSSM`.
    pub kind: Option<String>,
}

/// The counters of one channel of communication.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Channel {
    /// The heading in `snake_case`, for example `trust_establishment`.
    pub channel: String,
    /// Attempts ever.
    pub total: u64,
    /// Attempts that succeeded.
    pub success: u64,
    /// Attempts that failed; history, not a problem by itself.
    pub fail: u64,
    /// Failures since the last success. Above 0: the channel fails now.
    pub ongoing_overall: u64,
    /// Of these, failures without any answer. 0 with `ongoing_overall` above 0: the server answered, and refused.
    pub ongoing_communication: u64,
    /// `OK`, `NO REPLY`, ...; `None` where `<none>`.
    pub last_response: Option<String>,
    /// When it came.
    pub last_response_at: Option<DeviceTime>,
    /// `Failure Reason:`; `None` where `<none>`. Kept by the device after a success.
    pub failure_reason: Option<String>,
    /// `Last Success Time:`.
    pub last_success: Option<DeviceTime>,
    /// `Last Failure Time:`.
    pub last_failure: Option<DeviceTime>,
    /// Line of the counters in the reply, for evidence.
    #[serde(skip)]
    pub line: usize,
    /// The counters' line as printed, for evidence.
    #[serde(skip)]
    pub counters: String,
}

/// A licence in use or known to the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct License {
    /// For example `network-advantage`.
    pub name: String,
    /// `Count:`.
    pub count: u64,
    /// `IN USE`, `NOT IN USE`, `NOT AUTHORIZED`, ... without the code in parentheses.
    pub status: String,
    /// `NOT ENFORCED`, `ENFORCED`, `EXPORT RESTRICTED`; `None` where not printed.
    pub enforcement: Option<String>,
    /// `Perpetual`, `Subscription`, `Generic`; `None` where not printed.
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// The authorization code of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthorizationUnit {
    /// `active`, `standby`, `member`.
    pub role: String,
    /// Product id.
    pub pid: String,
    /// Serial number.
    pub serial: String,
    /// `NOT INSTALLED`, `SMART AUTHORIZATION INSTALLED on ...`; empty where not printed.
    pub status: String,
}

/// An interface of `show ip interface brief`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Full name, for example `GigabitEthernet0/0`.
    pub name: String,
    /// IPv4 address; `None` where `unassigned`.
    pub address: Option<String>,
    /// `up`, `down`, `administratively down`.
    pub status: String,
    /// `up` or `down`.
    pub protocol: String,
}

/// A VRF of `show vrf`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vrf {
    /// For example `Mgmt-vrf`.
    pub name: String,
    /// Short names as printed, for example `Gi0/0`.
    pub interfaces: Vec<String>,
}

/// A Call Home profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallHomeProfile {
    /// For example `CiscoTAC-1`.
    pub name: String,
    /// `status: ACTIVE`.
    pub active: bool,
    /// True where it carries Smart Licensing data; `None` where the output does not say.
    pub reporting_licensing: Option<bool>,
    /// `http`, `email`.
    pub methods: Vec<String>,
    /// Destination URLs of method http.
    pub urls: Vec<String>,
}

/// A PKI trustpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Trustpoint {
    /// For example `SLA-TrustPoint`.
    pub name: String,
    /// `Issuing CA authenticated ....... Yes`; `None` where not printed.
    pub ca_authenticated: Option<bool>,
    /// Subject of the CA certificate.
    pub ca_subject: Option<String>,
    /// `revocation-check` of its configuration.
    pub revocation_check: Option<String>,
}

/// A SMART_LIC message of the log; repeats are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogMessage {
    /// For example `COMM_FAILED`.
    pub mnemonic: String,
    /// The digit printed; releases differ, so no judgement hangs on it.
    pub severity: u8,
    /// The peer or UDI that the text names.
    pub peer_or_udi: Option<String>,
    /// The text after the colon.
    pub text: String,
    /// Time stamp of the first one, as printed.
    pub first: Option<String>,
    /// Time stamp of the last one, as printed.
    pub last: Option<String>,
    /// How many.
    pub count: u64,
}

/// What came of a ping.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// The name or address that was pinged.
    pub host: String,
    /// The VRF; `None` for the global table.
    pub vrf: Option<String>,
    /// False where the device found no address for the name, or does not run the protocol of the address.
    pub resolved: bool,
    /// Echo requests.
    pub sent: u64,
    /// Replies.
    pub received: u64,
}
