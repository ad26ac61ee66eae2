//! Who is audited: the devices of an inventory, and what is expected of each.
//!
//! A [`Device`] is one row of an inventory file or one entry of `--hosts`; it holds no secret.

mod csv;
mod header;
pub mod hosts;
pub mod limit;
mod problem;
mod reach;
mod row;
mod shard;
mod slac;
mod ssh_config;
mod target;

use std::sync::Arc;

pub use self::csv::Loaded;
pub(crate) use self::csv::Table;
pub use self::header::Column;
pub(crate) use self::problem::nearest;
pub use self::problem::{InventoryErrors, Problem};
pub use self::reach::Reach;
pub use self::shard::Shard;
pub use self::slac::{SlacFile, SlacUdi};
pub(crate) use self::ssh_config::wildcard;
pub use self::ssh_config::{HostSettings, SshConfig, SshConfigError};
pub use self::target::{Target, TargetError};

/// One device of the inventory: how to reach it and what it should look like.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Device {
    /// Unique; the device's name in every report.
    pub name: String,
    /// Host name, IPv4 or IPv6 address, without brackets.
    pub address: String,
    /// TCP port of the SSH server.
    pub port: u16,
    /// Free text, for selection, pacing and reports; empty where not given.
    pub site: String,
    /// Free text, for selection and reports; empty where not given.
    pub role: String,
    /// What the inventory says it is; [`Platform::Auto`] leaves it to `show version`.
    pub platform: Platform,
    /// Name of the credential set that opens it.
    pub credential: String,
    /// Account from `user@host` of `--hosts`; wins over the credential set's.
    pub user: Option<String>,
    /// Which SSH algorithms may be offered to it.
    pub ssh_profile: SshProfile,
    /// Jump hosts on the way to it, nearest to the collector first, as `user@host:port`.
    pub jump: Vec<String>,
    /// What is right for this device.
    pub expect: Expectations,
    /// Values of the inventory's own extra columns, in the order of [`Inventory::extra_columns`].
    pub extra: Vec<String>,
}

impl Device {
    /// A device with a name (also its address) and every default.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: name.to_owned(),
            port: 22,
            site: String::new(),
            role: String::new(),
            platform: Platform::Auto,
            credential: "default".to_owned(),
            user: None,
            ssh_profile: SshProfile::Compat,
            jump: Vec::new(),
            expect: Expectations::default(),
            extra: Vec::new(),
        }
    }
}

/// All devices of one run, in the order of the inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The devices; names are unique without regard to case.
    pub devices: Vec<Device>,
    /// Names of columns slaudit does not know; carried into devices.csv unchanged.
    pub extra_columns: Vec<String>,
}

impl Inventory {
    /// Applies what is expected of the whole fleet; each row's own values win.
    pub fn expect(&mut self, fleet: &Expectations) {
        for device in &mut self.devices {
            device.expect.fill_from(fleet);
        }
    }

    /// The device of a name, without regard to case.
    pub fn find(&self, name: &str) -> Option<&Device> {
        let name = name.to_lowercase();
        self.devices.iter().find(|device| device.name.to_lowercase() == name)
    }
}

/// What the operator expects of a device; `None` and empty mean "nothing expected".
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Expectations {
    /// The transport that is right here.
    pub transport: Option<ExpectedTransport>,
    /// The URL that is right here: a CSLU, an On-Prem tenant, a gateway.
    pub url: Option<String>,
    /// URLs accepted on every device besides the vendor's.
    pub urls: Vec<String>,
    /// The Smart Account it must be in.
    pub smart_account: Option<String>,
    /// The Virtual Account it must be in.
    pub virtual_account: Option<String>,
    /// The policy that must be in force: its name, or `custom` for any but the vendor's default.
    pub policy: Option<String>,
    /// How it reports, where the facts cannot tell.
    pub topology: Option<Topology>,
    /// The serial number that must be one of its units'.
    pub serial: Option<String>,
    /// True where the device is asked to ping the host that it reports to (`--probe`).
    pub probe: bool,
    /// The moment to judge deadlines at where the device's own time was not captured (`--as-of`).
    pub as_of: Option<jiff::Timestamp>,
    /// The SLAC files that are to be installed (`--slac`); shared by all devices of a run.
    pub slac: Option<Arc<[SlacFile]>>,
}

impl Expectations {
    /// Fills what this device's own row leaves open from what is expected of the whole fleet.
    pub fn fill_from(&mut self, fleet: &Self) {
        fn fill<T: Clone>(own: &mut Option<T>, fleet: Option<&T>) {
            if own.is_none() {
                *own = fleet.cloned();
            }
        }
        fill(&mut self.transport, fleet.transport.as_ref());
        fill(&mut self.url, fleet.url.as_ref());
        fill(&mut self.smart_account, fleet.smart_account.as_ref());
        fill(&mut self.virtual_account, fleet.virtual_account.as_ref());
        fill(&mut self.policy, fleet.policy.as_ref());
        fill(&mut self.topology, fleet.topology.as_ref());
        fill(&mut self.serial, fleet.serial.as_ref());
        fill(&mut self.as_of, fleet.as_of.as_ref());
        self.probe |= fleet.probe;
        // No column of an inventory names SLAC files: those given now replace those that an earlier run was given.
        if fleet.slac.is_some() {
            self.slac.clone_from(&fleet.slac);
        }
        for url in &fleet.urls {
            if !self.urls.contains(url) {
                self.urls.push(url.clone());
            }
        }
    }

    /// True where `url` is one the operator named, for this device or for the fleet. The host is compared without case.
    pub fn accepts_url(&self, url: &str) -> bool {
        self.url.iter().chain(&self.urls).any(|known| same_url(known, url))
    }
}

/// Compares two URLs: scheme and host without case, everything else exactly.
pub fn same_url(a: &str, b: &str) -> bool {
    fn split(url: &str) -> (&str, &str) {
        let start = url.find("://").map_or(0, |at| at + 3);
        let end = url[start..].find('/').map_or(url.len(), |at| start + at);
        url.split_at(end)
    }
    let ((host_a, path_a), (host_b, path_b)) = (split(a), split(b));
    host_a.eq_ignore_ascii_case(host_b) && path_a == path_b
}

/// Declares an enum whose values have one spelling in files, reports and messages.
macro_rules! spelled {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The value's spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of a spelling, without regard to case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str().eq_ignore_ascii_case(text.trim()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use spelled;

spelled! {
    /// The operating system of a device.
    Platform {
        /// Not known before `show version` was read.
        Auto = "auto",
        /// Cisco IOS XE.
        IosXe = "iosxe",
        /// Classic Cisco IOS.
        Ios = "ios",
        /// Cisco NX-OS.
        NxOs = "nxos",
        /// Cisco IOS XR.
        IosXr = "iosxr",
        /// Cisco ASA.
        Asa = "asa",
    }
}

spelled! {
    /// Which SSH algorithms may be offered to a device.
    SshProfile {
        /// Nothing with SHA-1 or CBC.
        Modern = "modern",
        /// Modern first, and what devices of the last ten years have.
        Compat = "compat",
        /// Everything the build has, group1-sha1 and 3DES included.
        Legacy = "legacy",
    }
}

spelled! {
    /// The transport an operator expects. `onprem` is `cslu` towards SSM On-Prem, with a tenant in the path.
    ExpectedTransport {
        /// Smart transport, direct to CSSM.
        Smart = "smart",
        /// Call Home, direct to CSSM.
        Callhome = "callhome",
        /// CSLU.
        Cslu = "cslu",
        /// SSM On-Prem.
        OnPrem = "onprem",
        /// No transport: reports are carried by file.
        Off = "off",
    }
}

spelled! {
    /// How usage reports travel from a device to CSSM.
    Topology {
        /// The product instance talks to CSSM.
        Direct = "direct",
        /// The product instance sends to CSLU.
        CsluPush = "cslu-push",
        /// CSLU fetches from the product instance.
        CsluPull = "cslu-pull",
        /// The product instance sends to a CSLU that is itself disconnected from CSSM.
        CsluOffline = "cslu-offline",
        /// The product instance sends to SSM On-Prem.
        OnPremPush = "onprem-push",
        /// SSM On-Prem fetches from the product instance.
        OnPremPull = "onprem-pull",
        /// A controller (Catalyst Center) reports for the device.
        Controller = "controller",
        /// No connection: files are carried.
        Offline = "offline",
    }
}

impl Topology {
    /// True where CSLU or SSM On-Prem fetches from the device.
    pub fn is_pull(self) -> bool {
        matches!(self, Self::CsluPull | Self::OnPremPull)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_differ_in_all_but_the_case_of_the_host() {
        assert!(same_url("https://SSM.example.com/cslu/v1/pi/a", "https://ssm.example.com/cslu/v1/pi/a"));
        assert!(!same_url("https://ssm.example.com/cslu/v1/pi/a", "https://ssm.example.com/cslu/v1/pi/A"));
        assert!(!same_url("https://ssm.example.com:443/a", "https://ssm.example.com/a"));
    }

    #[test]
    fn spellings_are_read_without_case() {
        assert_eq!(Platform::parse(" IOSXE "), Some(Platform::IosXe));
        assert_eq!(Topology::parse("cslu"), None);
    }
}
