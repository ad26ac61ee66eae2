//! The SSH side of a device: who may log in, how many channels there are, and what a connection meets.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey, PublicKey};
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelOpenFailure, MethodKind, MethodSet, Preferred, Pty, SshId};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::before_login;
use crate::clock::Clock;
use crate::device::{Algorithms, Device, Login, Method, fingerprint};
use crate::error::MockError;
use crate::fault::Fault;
use crate::flood;
use crate::log::{Journal, Open};
use crate::scenario::Scenario;
use crate::shell::Shell;
use crate::template::Values;
use crate::wire::{Switch, Wire};

/// What all connections of a device share.
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
    forwards: bool,
    /// What an ed25519 host key is made from.
    seed: [u8; 32],
    config: Arc<Config>,
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

    /// Serves one connection until it ends; it is the one of this number.
    pub(crate) async fn serve(self: Arc<Self>, stream: TcpStream, switch: Switch, open: Open, number: usize) {
        let banner = format!("{}\r\n", self.scenario.shell().server_id);
        // Answers are small and waited for: they must not be held back to be joined.
        let _ = stream.set_nodelay(true);
        let wire = Wire::new(stream, switch.clone(), open);
        if let Fault::Flood(flood) = self.fault {
            // It ends when the client goes.
            let _ = flood::play(flood, &banner, &self.seed, wire).await;
            return;
        }
        let Some(wire) = before_login::play(self.fault, &banner, number, wire).await else { return };
        let logged_in = Arc::new(AtomicBool::new(false));
        if let (Fault::LoginGrace(time), 1) = (self.fault, number) {
            let (switch, logged_in) = (switch.clone(), Arc::clone(&logged_in));
            tokio::spawn(async move {
                tokio::time::sleep(time).await;
                if !logged_in.load(Ordering::SeqCst) {
                    switch.cut();
                }
            });
        }
        let visitor = Visitor { device: Arc::clone(&self), switch, has_channel: false, session: None, logged_in };
        if let Ok(session) = russh::server::run_stream(Arc::clone(&self.config), wire, visitor).await {
            let _ = session.await;
        }
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

/// One client.
struct Visitor {
    device: Arc<Shared>,
    switch: Switch,
    has_channel: bool,
    session: Option<AbortHandle>,
    logged_in: Arc<AtomicBool>,
}

impl Drop for Visitor {
    fn drop(&mut self) {
        // The connection is gone; a session that still waits or prints has nobody to talk to.
        if let Some(session) = &self.session {
            session.abort();
        }
    }
}

impl Visitor {
    async fn judge(&self, method: &'static str, user: &str, right: bool) -> Auth {
        match self.device.fault {
            Fault::HangInAuthentication => std::future::pending::<()>().await,
            Fault::SlowAaa(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        let accepted = right && user == self.device.login.user && self.device.fault != Fault::RejectLogin;
        self.device
            .journal
            .write(|log| log.auth_attempts.push(crate::AuthAttempt { method, user: user.to_owned(), accepted }));
        self.logged_in.fetch_or(accepted, Ordering::SeqCst);
        if self.device.fault == Fault::CutInAuthentication {
            self.switch.cut();
        }
        if accepted { Auth::Accept } else { Auth::reject() }
    }

    fn accepts(&self, key: &PublicKey) -> bool {
        self.device
            .login
            .public_key
            .as_deref()
            .and_then(|line| PublicKey::from_openssh(line).ok())
            .is_some_and(|accepted| accepted.key_data() == key.key_data())
    }

    fn offers(&self, method: Method) -> bool {
        self.device.login.methods.contains(&method)
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, Self::Error> {
        let banner = self.device.scenario.before_login(self.device.values(1));
        Ok(banner.map(|text| text.replace('\n', "\r\n")))
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let right = self.offers(Method::Password) && password == self.device.login.password;
        Ok(self.judge("password", user, right).await)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            if !self.offers(Method::KeyboardInteractive) {
                return Ok(Auth::reject());
            }
            let questions = self.device.login.questions.iter();
            let prompts = questions.map(|(text, echo)| (Cow::Owned(text.clone()), *echo)).collect();
            return Ok(Auth::Partial {
                name: Cow::Borrowed(""),
                instructions: Cow::Borrowed(""),
                prompts: Cow::Owned(prompts),
            });
        };
        let right = response.next().is_some_and(|answer| answer == self.device.login.password.as_bytes());
        Ok(self.judge("keyboard-interactive", user, right).await)
    }

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        if self.offers(Method::PublicKey) && self.accepts(offer.public_key) {
            return Ok(Auth::Accept);
        }
        Ok(self.judge("publickey", user, false).await)
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let right = self.accepts(key.public_key);
        Ok(self.judge("publickey", user, right).await)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.has_channel && !self.device.forwards {
            self.device.journal.write(|log| log.channels_refused += 1);
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        self.has_channel = true;
        reply.accept().await;
        let shell = Shell::new(Arc::clone(&self.device), channel, self.switch.clone());
        self.session = Some(tokio::spawn(shell.run()).abort_handle());
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let target = host.parse::<Ipv4Addr>().ok().zip(u16::try_from(port).ok());
        let Some((host, port)) = target.filter(|(host, _)| self.device.forwards && host.is_loopback()) else {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            return Ok(());
        };
        self.device.journal.write(|log| log.forwarded += 1);
        tokio::spawn(async move {
            let Ok(mut onward) = TcpStream::connect(SocketAddr::from((host, port))).await else {
                reply.reject(ChannelOpenFailure::ConnectFailed).await;
                return;
            };
            reply.accept().await;
            let mut channel = channel.into_stream();
            let _ = tokio::io::copy_bidirectional(&mut channel, &mut onward).await;
        });
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        match self.device.fault {
            Fault::HangBeforeShell => return Ok(()),
            Fault::CutBeforeShell => self.switch.cut(),
            _ => {}
        }
        session.channel_success(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        _value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }
}
