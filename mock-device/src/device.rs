//! A device to be started: its name, its scenario, who may log in, and what is wrong with it.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::clock::Clock;
use crate::fault::Fault;
use crate::scenario::Scenario;

/// One device before it is started; made with [`Device::new`] and the methods named after the fields.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Device {
    /// Its name in the inventory, and its host name.
    pub name: String,
    /// What it answers.
    pub scenario: Scenario,
    /// What is wrong with it.
    pub fault: Fault,
    /// How long it thinks before it answers a show command.
    pub delay: Duration,
    /// What time it believes it is.
    pub clock: Clock,
    /// Who may log in.
    pub login: Login,
    /// Its serial number; made from the name where it is not given.
    pub serial: Option<String>,
    /// Column `site` of the inventory.
    pub site: String,
    /// Column `role` of the inventory.
    pub role: String,
    /// Its address in 127.0.0.0/8; chosen where it is not given.
    pub address: Option<Ipv4Addr>,
    /// Which host key it has: the same number and name make the same key, another number is replaced hardware.
    pub key_number: u32,
    /// Which algorithms it offers.
    pub algorithms: Algorithms,
    /// Whether it passes connections on (`direct-tcpip`), as a jump host does; only to 127.0.0.0/8.
    pub forwards: bool,
}

/// The account of a device and how it may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The password, for `password` and `keyboard-interactive`.
    pub password: String,
    /// The enable password; without one, `enable` says that none is set.
    pub enable: Option<String>,
    /// What is offered, in this order.
    pub methods: Vec<Method>,
    /// What keyboard-interactive asks, and whether the answer is shown; the password answers the first.
    pub questions: Vec<(String, bool)>,
    /// The public key that is accepted, as a line of OpenSSH.
    pub public_key: Option<String>,
}

/// The password of everything that is not told otherwise.
pub const DEMO_PASSWORD: &str = "mock";

impl Default for Login {
    fn default() -> Self {
        Login {
            user: "netaudit".into(),
            password: DEMO_PASSWORD.into(),
            enable: Some(DEMO_PASSWORD.into()),
            methods: vec![Method::PublicKey, Method::KeyboardInteractive, Method::Password],
            questions: vec![("Password: ".into(), false)],
            public_key: None,
        }
    }
}

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `publickey`.
    PublicKey,
    /// `keyboard-interactive`, with the questions of [`Login`].
    KeyboardInteractive,
    /// `password`.
    Password,
}

/// Which algorithms a device offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithms {
    /// What is usual today, with an ed25519 host key.
    #[default]
    Modern,
    /// An RSA host key (its signatures with SHA-2), and what IOS XE 16.12 and later have: no ed25519.
    Rsa,
    /// What IOS 15 has: group14-sha1, group1-sha1, ssh-rsa with SHA-1, aes-cbc, hmac-sha1.
    Legacy,
}

impl Device {
    /// A healthy device with this name: user `netaudit`, password and enable password `mock`.
    pub fn new(name: impl Into<String>, scenario: Scenario) -> Device {
        Device {
            name: name.into(),
            scenario,
            fault: Fault::None,
            delay: Duration::ZERO,
            clock: Clock::Now,
            login: Login::default(),
            serial: None,
            site: "LON1".into(),
            role: "access".into(),
            address: None,
            key_number: 0,
            algorithms: Algorithms::Modern,
            forwards: false,
        }
    }

    /// With this fault.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Device {
        self.fault = fault;
        self
    }

    /// With this delay before the answer to each show command.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Device {
        self.delay = delay;
        self
    }

    /// With this clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Device {
        self.clock = clock;
        self
    }

    /// With this account.
    #[must_use]
    pub fn login(mut self, login: Login) -> Device {
        self.login = login;
        self
    }

    /// With this serial number.
    #[must_use]
    pub fn serial(mut self, serial: impl Into<String>) -> Device {
        self.serial = Some(serial.into());
        self
    }

    /// At this site.
    #[must_use]
    pub fn site(mut self, site: impl Into<String>) -> Device {
        self.site = site.into();
        self
    }

    /// With this role.
    #[must_use]
    pub fn role(mut self, role: impl Into<String>) -> Device {
        self.role = role.into();
        self
    }

    /// At this address of 127.0.0.0/8.
    #[must_use]
    pub fn address(mut self, address: Ipv4Addr) -> Device {
        self.address = Some(address);
        self
    }

    /// With the host key of this number.
    #[must_use]
    pub fn key_number(mut self, number: u32) -> Device {
        self.key_number = number;
        self
    }

    /// With these algorithms.
    #[must_use]
    pub fn algorithms(mut self, algorithms: Algorithms) -> Device {
        self.algorithms = algorithms;
        self
    }

    /// Passing connections on, as a jump host does.
    #[must_use]
    pub fn forwards(mut self, forwards: bool) -> Device {
        self.forwards = forwards;
        self
    }

    /// The serial number of its first unit: `FOC`, year and week, four characters.
    pub fn first_serial(&self) -> String {
        if let Some(serial) = &self.serial {
            return serial.clone();
        }
        let mut hash = fingerprint(self.name.as_bytes());
        let week = 1 + hash % 52;
        let mut serial = format!("FOC25{week:02}");
        for _ in 0..4 {
            hash /= 61;
            let digits = b"0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
            serial.push(char::from(digits[usize::try_from(hash % 34).unwrap_or(0)]));
        }
        serial
    }
}

/// A number that depends on every byte (FNV-1a): good for invented serials and keys, for nothing else.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
