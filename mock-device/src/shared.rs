//! What all connections of a device share: its scenario, its log, and what it offers as an SSH server.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey};
use russh::server::Config;
use russh::{MethodKind, MethodSet, Preferred, SshId};

use crate::clock::Clock;
use crate::device::{Algorithms, Device, Login, Method, fingerprint};
use crate::error::MockError;
use crate::fault::Fault;
use crate::log::Journal;
use crate::scenario::Scenario;
use crate::template::Values;

/// A device that serves.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) name: String,
    pub(crate) scenario: Scenario,
    pub(crate) fault: Fault,
    pub(crate) delay: Duration,
    pub(crate) clock: Clock,
    pub(crate) login: Login,
    pub(crate) journal: Journal,
    serial: String,
    pub(crate) forwards: bool,
    /// What an ed25519 host key is made from.
    pub(crate) seed: [u8; 32],
    pub(crate) config: Arc<Config>,
}

impl Shared {
    /// The device ready to serve, and its host key as a line of OpenSSH.
    pub(crate) fn new(device: &Device) -> Result<(Shared, String), MockError> {
        let key = host_key(device)?;
        let line = key.public_key().to_openssh().map_err(|error| MockError::HostKey(error.to_string()))?;
        let shared = Shared {
            name: device.name.clone(),
            scenario: device.scenario.clone(),
            fault: device.fault,
            delay: device.delay,
            clock: device.clock,
            login: device.login.clone(),
            journal: Journal::default(),
            serial: device.first_serial(),
            forwards: device.forwards,
            seed: seed(device),
            config: Arc::new(config(device, key)),
        };
        Ok((shared, line))
    }

    pub(crate) fn values(&self, privilege: u8) -> Values<'_> {
        Values { hostname: &self.name, serial: &self.serial, privilege, now: self.clock.now() }
    }

    pub(crate) fn noisy(&self) -> bool {
        self.fault == Fault::LogLines || self.scenario.shell().noise
    }
}

fn config(device: &Device, key: PrivateKey) -> Config {
    let kinds: Vec<MethodKind> = device
        .login
        .methods
        .iter()
        .map(|method| match method {
            Method::PublicKey => MethodKind::PublicKey,
            Method::KeyboardInteractive => MethodKind::KeyboardInteractive,
            Method::Password => MethodKind::Password,
        })
        .collect();
    Config {
        server_id: SshId::Standard(Cow::Owned(device.scenario.shell().server_id.clone())),
        methods: MethodSet::from(kinds.as_slice()),
        auth_rejection_time: Duration::ZERO,
        auth_rejection_time_initial: Some(Duration::ZERO),
        keys: vec![key],
        max_auth_attempts: 6,
        inactivity_timeout: None,
        preferred: preferred(device.algorithms),
        ..Config::default()
    }
}

fn preferred(algorithms: Algorithms) -> Preferred {
    use russh::{cipher, kex, mac};
    let rsa = vec![Algorithm::Rsa { hash: Some(HashAlg::Sha512) }, Algorithm::Rsa { hash: Some(HashAlg::Sha256) }];
    match algorithms {
        Algorithms::Modern => Preferred {
            key: Cow::Owned(vec![Algorithm::Ed25519, Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 }]),
            ..Preferred::default()
        },
        Algorithms::Rsa => Preferred {
            kex: Cow::Owned(vec![kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::DH_G14_SHA256]),
            key: Cow::Owned(rsa),
            cipher: Cow::Owned(vec![cipher::AES_256_CTR, cipher::AES_192_CTR, cipher::AES_128_CTR]),
            mac: Cow::Owned(vec![mac::HMAC_SHA256, mac::HMAC_SHA512]),
            ..Preferred::default()
        },
        Algorithms::Legacy => Preferred {
            kex: Cow::Owned(vec![kex::DH_G14_SHA1, kex::DH_G1_SHA1]),
            key: Cow::Owned(vec![Algorithm::Rsa { hash: None }]),
            cipher: Cow::Owned(vec![cipher::AES_128_CBC, cipher::AES_192_CBC, cipher::AES_256_CBC]),
            mac: Cow::Owned(vec![mac::HMAC_SHA1]),
            ..Preferred::default()
        },
    }
}

/// The host key. An ed25519 key is made from name and number: fast, the same again after a restart, and worth nothing elsewhere.
fn host_key(device: &Device) -> Result<PrivateKey, MockError> {
    if device.algorithms != Algorithms::Modern {
        // An RSA key takes a second to make: all devices of the process share one.
        static RSA: OnceLock<Result<PrivateKey, String>> = OnceLock::new();
        let made = RSA.get_or_init(|| {
            PrivateKey::random(&mut russh::keys::key::safe_rng(), Algorithm::Rsa { hash: None })
                .map_err(|error| error.to_string())
        });
        return made.clone().map_err(MockError::HostKey);
    }
    Ok(PrivateKey::from(Ed25519Keypair::from_seed(&seed(device))))
}

fn seed(device: &Device) -> [u8; 32] {
    let mut seed = [0; 32];
    for (index, piece) in seed.chunks_mut(8).enumerate() {
        let text = format!("{} {} {index}", device.name, device.key_number);
        piece.copy_from_slice(&fingerprint(text.as_bytes()).to_be_bytes());
    }
    seed
}
