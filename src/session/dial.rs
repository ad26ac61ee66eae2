//! From a host's name to a connected socket, directly or over jump hosts.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, Instant, timeout_at};

use super::stream::Stream;
use super::{Failure, SessionError, Stage};
use crate::inventory::{Device, SshProfile, Target};

/// The host at the other end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    /// Host name, IPv4 or IPv6 address, without brackets.
    pub(super) host: String,
    /// TCP port.
    pub(super) port: u16,
    /// Which algorithms it may be offered.
    pub(super) profile: SshProfile,
    /// A jump host, not the device.
    pub(super) is_hop: bool,
}

impl Peer {
    pub(super) fn of(device: &Device) -> Self {
        Self { host: device.address.clone(), port: device.port, profile: device.ssh_profile, is_hop: false }
    }

    /// `host:port`, with an IPv6 address in brackets.
    pub(super) fn endpoint(&self) -> String {
        Target { user: None, host: self.host.clone(), port: Some(self.port) }.to_string()
    }
}

/// Asks the keeper of a jump host for a connection to a host behind it.
pub(super) struct Request {
    pub(super) host: String,
    pub(super) port: u16,
    /// How long opening may take, from the moment when a session of the jump host is free for it.
    pub(super) limit: Duration,
    pub(super) reply: oneshot::Sender<Result<Opened, SessionError>>,
    /// Its jump session ended before it was opened, once already.
    pub(super) again: bool,
}

/// A connection and when opening it began.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) began: Instant,
}

/// How a host is reached.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// By TCP from here.
    Direct,
    /// Over a jump host, by asking its keeper.
    Jump(mpsc::Sender<Request>),
}

impl Way {
    /// Connects. The instant is the end of `limit`; waiting for a jump host is no part of it.
    pub(super) async fn dial(&self, peer: &Peer, limit: Duration) -> Result<(Stream, Instant), SessionError> {
        match self {
            Self::Direct => {
                let deadline = Instant::now() + limit;
                let addresses = resolve(peer, deadline).await?;
                let stream = open(peer, &addresses, deadline).await?;
                // Small writes must not wait for each other. Failing to set it costs time, nothing else.
                let _ = stream.set_nodelay(true);
                Ok((Stream::Tcp(stream), deadline))
            }
            Self::Jump(keeper) => {
                let (reply, answer) = oneshot::channel();
                let request = Request { host: peer.host.clone(), port: peer.port, limit, reply, again: false };
                let lost = |()| {
                    let what = "its sessions are no longer kept";
                    SessionError::new(Stage::Connect, Failure::Internal, what, "please report this")
                };
                keeper.send(request).await.map_err(|_| lost(()))?;
                let Opened { stream, began } = answer.await.map_err(|_| lost(()))??;
                Ok((stream, began + limit))
            }
        }
    }
}

async fn resolve(peer: &Peer, deadline: Instant) -> Result<Vec<SocketAddr>, SessionError> {
    let fail = |what: String| {
        let advice = "check the address in the inventory, or the resolver of this host";
        SessionError::new(Stage::Resolve, Failure::Unreachable, what, advice)
    };
    let lookup = tokio::net::lookup_host((peer.host.as_str(), peer.port));
    match timeout_at(deadline, lookup).await {
        Err(_) => Err(fail(format!("`{}` was not resolved in time", peer.host))),
        Ok(Err(error)) => Err(fail(format!("`{}` cannot be resolved: {error}", peer.host))),
        Ok(Ok(found)) => {
            let found: Vec<_> = found.collect();
            if found.is_empty() { Err(fail(format!("`{}` has no address", peer.host))) } else { Ok(found) }
        }
    }
}

/// The first address that answers.
async fn open(peer: &Peer, addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, SessionError> {
    const CLOSED_PATH: &str = "check that it is up and the path to it is open";
    let mut last = None;
    for address in addresses {
        match timeout_at(deadline, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Some(error),
            Err(_) => {
                let what = format!("no answer from {address}");
                return Err(SessionError::new(Stage::Connect, Failure::Timeout, what, CLOSED_PATH));
            }
        }
    }
    let error = last.unwrap_or_else(|| io::Error::other("no address"));
    let advice = match error.kind() {
        io::ErrorKind::ConnectionRefused if peer.is_hop => "check that its SSH server runs and the port is right",
        io::ErrorKind::ConnectionRefused => {
            "check that SSH is enabled on the device and the port is right; maybe no vty is free"
        }
        _ if error.raw_os_error() == Some(24) => "raise the limit of open files (ulimit -n) or lower --concurrency",
        _ => CLOSED_PATH,
    };
    let what = format!("{}: {error}", peer.endpoint());
    Err(SessionError::new(Stage::Connect, Failure::Unreachable, what, advice))
}
