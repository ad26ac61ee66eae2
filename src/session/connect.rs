//! From a connected socket to a connection with a checked host key.

use libssh2_sys as raw;
use ssh_key::PublicKey;
use ssh2::{ErrorCode, MethodType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Duration, Instant, timeout_at};

use super::algorithms::{self, Mismatch};
use super::dial::{Peer, Way};
use super::drive::{DriveError, Driver};
use super::host_key::{self, Answer, HostKeys};
use super::identification::{self, closed};
use super::{Failure, SessionError, Stage};

/// A connection whose host key is accepted; nobody is logged in.
pub struct Connection {
    pub(super) driver: Driver,
    /// Key exchange method.
    pub kex: String,
    /// Host key, as `ssh-ed25519 SHA256:...`; `(new)` behind it where it was remembered just now.
    pub host_key: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("kex", &self.kex).field("host_key", &self.host_key).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects to a host, exchanges keys and checks the host key, all within `limit`; waiting for a jump host is no part of it.
    pub(super) async fn to(
        peer: &Peer,
        way: &Way,
        host_keys: &HostKeys,
        limit: Duration,
    ) -> Result<Self, SessionError> {
        let (mut stream, deadline) = way.dial(peer, limit).await?;
        let fate = stream.fate();
        identification::find(&mut stream, deadline).await.map_err(|error| fate.explain(error))?;
        let known = host_keys.known_types(&peer.host, peer.port);
        let mut driver = Driver::new(stream).map_err(|error| failed(Stage::KeyExchange, error))?;
        algorithms::restrict(&driver.ssh, peer.profile, &known)
            .map_err(|error| failed(Stage::KeyExchange, DriveError::Ssh(error)))?;
        if let Err(error) = driver.ssh(deadline, ssh2::Session::handshake).await {
            let is_over = driver.stream.is_closed().await;
            drop(driver);
            return Err(fate.explain(explain_handshake(error, is_over, peer, way, deadline).await));
        }
        let host_key = check_host_key(&mut driver, peer, way, host_keys)?;
        let kex = driver.ssh.methods(MethodType::Kex).unwrap_or_default().to_owned();
        Ok(Self { driver, kex, host_key })
    }
}

/// Why a handshake failed. libssh2 names no algorithm, and says the same of a server that closes: its offer, if it makes one, is
/// read on a second connection.
async fn explain_handshake(
    error: DriveError,
    is_over: bool,
    peer: &Peer,
    way: &Way,
    deadline: Instant,
) -> SessionError {
    let code = match &error {
        DriveError::Ssh(error) => error.code(),
        DriveError::Deadline | DriveError::Io(_) | DriveError::Flood(_) => return failed(Stage::KeyExchange, error),
    };
    let mismatch = match code {
        ErrorCode::Session(raw::LIBSSH2_ERROR_KEX_FAILURE | raw::LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE) => {
            let offer = server_offer(peer, way, deadline).await;
            offer.and_then(|offer| algorithms::compare(&offer, peer.profile))
        }
        _ => None,
    };
    match mismatch {
        Some(mismatch) => no_common_algorithm(&mismatch, peer),
        None if is_over => closed("the key exchange was not done"),
        None => failed(Stage::KeyExchange, error),
    }
}

fn no_common_algorithm(mismatch: &Mismatch, peer: &Peer) -> SessionError {
    let advice = match mismatch.fitting {
        Some(profile) if peer.is_hop => format!("set ssh_profile to `{profile}` in [jump], or upgrade its SSH server"),
        Some(profile) => format!("set ssh_profile to `{profile}` for this device, or upgrade its SSH server"),
        None => "it offers nothing that slaudit can speak; upgrade its SSH server".to_owned(),
    };
    SessionError::new(Stage::KeyExchange, Failure::NoCommonAlgorithm, mismatch.to_string(), advice)
}

/// Reads what a server offers: its identification line, then its KEXINIT.
async fn server_offer(peer: &Peer, way: &Way, deadline: Instant) -> Option<Vec<Vec<String>>> {
    let read = async {
        let (mut stream, _) = way.dial(peer, deadline.saturating_duration_since(Instant::now())).await.ok()?;
        stream.write_all(b"SSH-2.0-slaudit\r\n").await.ok()?;
        let mut bytes = Vec::new();
        // Lines before the identification are allowed (RFC 4253, 4.2); a KEXINIT is shorter than 8 KiB.
        while bytes.len() < 16_384 && stream.read_buf(&mut bytes).await.ok()? > 0 {
            if let Some(offer) = after_identification(&bytes).and_then(algorithms::read_kexinit) {
                return Some(offer);
            }
        }
        None
    };
    timeout_at(deadline, read).await.ok().flatten()
}

fn after_identification(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let (line, tail) = rest.split_at(end + 1);
        if line.starts_with(b"SSH-") {
            return Some(tail);
        }
        rest = tail;
    }
}

fn check_host_key(driver: &mut Driver, peer: &Peer, way: &Way, host_keys: &HostKeys) -> Result<String, SessionError> {
    let unreadable = || {
        let advice = "check which host keys the device has (`show ip ssh`)";
        SessionError::new(Stage::HostKey, Failure::Internal, "the host key cannot be read", advice)
    };
    let (blob, _) = driver.ssh.host_key().ok_or_else(unreadable)?;
    let key = PublicKey::from_bytes(blob).map_err(|_| unreadable())?;
    let shown = host_key::describe(&key);
    let error = |failure, what: String, advice: &str| Err(SessionError::new(Stage::HostKey, failure, what, advice));
    match host_keys.check(&peer.host, peer.port, &key) {
        Answer::Accepted { added: true } => Ok(format!("{shown} (new)")),
        Answer::Accepted { added: false } => Ok(shown),
        Answer::Unknown => error(
            Failure::HostKeyUnknown,
            format!("{shown} is not known"),
            "compare the key with the device's, then add it, or use --host-keys accept-new",
        ),
        Answer::Changed { known } => error(
            Failure::HostKeyChanged,
            format!("{shown} is not the known {known}"),
            match way {
                Way::Direct => {
                    "replaced hardware? compare the key with the device's, then remove the old line from known_hosts"
                }
                Way::Jump(_) => {
                    "replaced hardware, or the same address behind another jump host? compare the key with the device's; \
                     devices with one address need host names of their own"
                }
            },
        ),
        Answer::Revoked => error(
            Failure::HostKeyChanged,
            format!("{shown} is marked @revoked"),
            "do not log in to this device before its key is replaced",
        ),
        Answer::NotWritten(why) => error(
            Failure::Internal,
            format!("the new key cannot be remembered: {why}"),
            "make known_hosts writable, or name another with --known-hosts",
        ),
    }
}

/// A failure of libssh2 or of the socket, in words.
pub(super) fn failed(stage: Stage, error: DriveError) -> SessionError {
    match error {
        DriveError::Deadline => {
            let advice = "the device accepts connections but does not go on; look at its load and its vty lines";
            SessionError::new(stage, Failure::Timeout, "no answer in time", advice)
        }
        DriveError::Ssh(error) => {
            let is_closed = is_closed(&error) || error.code() == ErrorCode::Session(raw::LIBSSH2_ERROR_BANNER_RECV);
            if stage == Stage::KeyExchange && is_closed {
                return closed(error.message());
            }
            SessionError::new(stage, Failure::Unreachable, error.message(), "look at the device's log")
        }
        DriveError::Io(error) => {
            SessionError::new(stage, Failure::Unreachable, error.to_string(), "look at the device's log")
        }
        DriveError::Flood(bytes) => {
            let what = format!("cut, because it had sent {} KiB that nobody asked for", bytes / 1024);
            SessionError::new(stage, Failure::Flood, what, FIND_OUT)
        }
    }
}

/// What to do about a host that floods.
pub(super) const FIND_OUT: &str = "find out what answers at this address, and whether it is sound";

/// True where the other side closed the connection.
pub(super) fn is_closed(error: &ssh2::Error) -> bool {
    use raw::{LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND};
    let closed = [LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND];
    closed.iter().any(|code| error.code() == ErrorCode::Session(*code))
}
