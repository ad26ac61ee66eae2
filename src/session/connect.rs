//! From a name to a connection with a checked host key.

use std::io;
use std::net::SocketAddr;

use libssh2_sys as raw;
use ssh_key::PublicKey;
use ssh2::{ErrorCode, MethodType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::algorithms::{self, Mismatch};
use super::drive::{DriveError, Driver};
use super::host_key::{self, Answer, HostKeys};
use super::{Failure, SessionError, Stage, Timeouts};
use crate::inventory::Device;

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

/// Connects to a device, exchanges keys and checks the host key, all within `timeouts.connect`.
///
/// # Errors
/// Names the stage; nothing of a secret was sent.
pub async fn connect(device: &Device, host_keys: &HostKeys, timeouts: &Timeouts) -> Result<Connection, SessionError> {
    let deadline = Instant::now() + timeouts.connect;
    let addresses = resolve(device, deadline).await?;
    let stream = open(device, &addresses, deadline).await?;
    let peer = stream.peer_addr().map_err(|error| internal(&error))?;
    let known = host_keys.known_types(&device.address, device.port);
    let (mut driver, handshake) = handshake(stream, device, &known, deadline).await?;
    if let Err(error) = handshake {
        drop(driver);
        return Err(explain_handshake(error, device, peer, deadline).await);
    }
    let host_key = check_host_key(&mut driver, device, host_keys)?;
    let kex = driver.ssh.methods(MethodType::Kex).unwrap_or_default().to_owned();
    Ok(Connection { driver, kex, host_key })
}

async fn resolve(device: &Device, deadline: Instant) -> Result<Vec<SocketAddr>, SessionError> {
    let fail = |what: String| {
        let advice = "check the address in the inventory, or the resolver of this host";
        SessionError::new(Stage::Resolve, Failure::Unreachable, what, advice)
    };
    let lookup = tokio::net::lookup_host((device.address.as_str(), device.port));
    match timeout_at(deadline, lookup).await {
        Err(_) => Err(fail(format!("`{}` was not resolved in time", device.address))),
        Ok(Err(error)) => Err(fail(format!("`{}` cannot be resolved: {error}", device.address))),
        Ok(Ok(found)) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() { Err(fail(format!("`{}` has no address", device.address))) } else { Ok(found) }
        }
    }
}

/// The first address that answers.
async fn open(device: &Device, addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, SessionError> {
    let mut last = None;
    for address in addresses {
        match timeout_at(deadline, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Some(error),
            Err(_) => {
                let what = format!("no answer from {address}");
                let advice = "check that the device is up and the path to it is open";
                return Err(SessionError::new(Stage::Connect, Failure::Timeout, what, advice));
            }
        }
    }
    let error = last.unwrap_or_else(|| io::Error::other("no address"));
    let advice = match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "check that SSH is enabled on the device and the port is right; maybe no vty is free"
        }
        _ if error.raw_os_error() == Some(24) => "raise the limit of open files (ulimit -n) or lower --concurrency",
        _ => "check that the device is up and the path to it is open",
    };
    let what = format!("{}:{}: {error}", device.address, device.port);
    Err(SessionError::new(Stage::Connect, Failure::Unreachable, what, advice))
}

async fn handshake(
    stream: TcpStream,
    device: &Device,
    known: &[String],
    deadline: Instant,
) -> Result<(Driver, Result<(), DriveError>), SessionError> {
    // Small writes must not wait for each other. Failing to set it costs time, nothing else.
    let _ = stream.set_nodelay(true);
    let mut driver = Driver::new(stream).map_err(|error| failed(Stage::KeyExchange, error))?;
    algorithms::restrict(&driver.ssh, device.ssh_profile, known)
        .map_err(|error| failed(Stage::KeyExchange, DriveError::Ssh(error)))?;
    let done = driver.ssh(deadline, ssh2::Session::handshake).await;
    Ok((driver, done))
}

/// Why a handshake failed. libssh2 names no algorithm, so the server's offer is read on a second connection.
async fn explain_handshake(error: DriveError, device: &Device, peer: SocketAddr, deadline: Instant) -> SessionError {
    let code = match &error {
        DriveError::Ssh(error) => error.code(),
        DriveError::Deadline | DriveError::Io(_) => return failed(Stage::KeyExchange, error),
    };
    let mismatch = match code {
        ErrorCode::Session(raw::LIBSSH2_ERROR_KEX_FAILURE | raw::LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE) => {
            server_offer(peer, deadline).await.and_then(|offer| algorithms::compare(&offer, device.ssh_profile))
        }
        _ => None,
    };
    match mismatch {
        Some(mismatch) => no_common_algorithm(&mismatch),
        None => failed(Stage::KeyExchange, error),
    }
}

fn no_common_algorithm(mismatch: &Mismatch) -> SessionError {
    let advice = match mismatch.fitting {
        Some(profile) => format!("set ssh_profile to `{profile}` for this device, or upgrade its SSH server"),
        None => "the device offers nothing that slaudit can speak; upgrade its SSH server".to_owned(),
    };
    SessionError::new(Stage::KeyExchange, Failure::NoCommonAlgorithm, mismatch.to_string(), advice)
}

/// Reads what a server offers: its identification line, then its KEXINIT.
async fn server_offer(peer: SocketAddr, deadline: Instant) -> Option<Vec<Vec<String>>> {
    let read = async {
        let mut stream = TcpStream::connect(peer).await.ok()?;
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

fn check_host_key(driver: &mut Driver, device: &Device, host_keys: &HostKeys) -> Result<String, SessionError> {
    let unreadable = || {
        let advice = "check which host keys the device has (`show ip ssh`)";
        SessionError::new(Stage::HostKey, Failure::Internal, "the host key cannot be read", advice)
    };
    let (blob, _) = driver.ssh.host_key().ok_or_else(unreadable)?;
    let key = PublicKey::from_bytes(blob).map_err(|_| unreadable())?;
    let shown = host_key::describe(&key);
    let error = |failure, what: String, advice: &str| Err(SessionError::new(Stage::HostKey, failure, what, advice));
    match host_keys.check(&device.address, device.port, &key) {
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
            "replaced hardware? compare the key with the device's, then remove the old line from known_hosts",
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
            let closed = is_closed(&error) || error.code() == ErrorCode::Session(raw::LIBSSH2_ERROR_BANNER_RECV);
            let (what, advice) = match (stage, closed) {
                (Stage::KeyExchange, true) => (
                    format!("the connection was closed: {}", error.message()),
                    "no free vty? look at `show users` and `line vty` on the device",
                ),
                _ => (error.message().to_owned(), "look at the device's log"),
            };
            SessionError::new(stage, Failure::Unreachable, what, advice)
        }
        DriveError::Io(error) => {
            SessionError::new(stage, Failure::Unreachable, error.to_string(), "look at the device's log")
        }
    }
}

/// True where the other side closed the connection.
pub(super) fn is_closed(error: &ssh2::Error) -> bool {
    use raw::{LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND};
    let closed = [LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND];
    closed.iter().any(|code| error.code() == ErrorCode::Session(*code))
}

fn internal(error: &io::Error) -> SessionError {
    SessionError::new(Stage::Connect, Failure::Internal, error.to_string(), "please report this")
}
