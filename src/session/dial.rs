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

const CLOSED_PATH: &str = "check that it is up and the path to it is open";

/// The first address that answers. Each has a share of the time, so that a silent one does not take it from the next; they are
/// tried in turn, because two connections at once would take two lines of a device.
async fn open(peer: &Peer, addresses: &[SocketAddr], deadline: Instant) -> Result<TcpStream, SessionError> {
    let mut silent = Vec::new();
    let mut last = None;
    for (number, address) in addresses.iter().enumerate() {
        // The last one may use all that is left; before it, a share is left for banner and key exchange too.
        let others = u32::try_from(addresses.len() - number - 1).unwrap_or(u32::MAX);
        let left = deadline.saturating_duration_since(Instant::now());
        let until = if others == 0 { deadline } else { Instant::now() + left / (others + 2) };
        match timeout_at(until, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => last = Some(error),
            Err(_) => silent.push(address.to_string()),
        }
    }
    let Some(error) = last else {
        let what = format!("no answer from {}", silent.join(" and "));
        return Err(SessionError::new(Stage::Connect, Failure::Timeout, what, CLOSED_PATH));
    };
    let advice = match error.kind() {
        io::ErrorKind::ConnectionRefused if peer.is_hop => "check that its SSH server runs and the port is right",
        io::ErrorKind::ConnectionRefused => {
            "check that SSH is enabled on the device and the port is right; maybe no vty is free"
        }
        _ if error.raw_os_error() == Some(24) => "raise the limit of open files (ulimit -n) or lower --concurrency",
        _ => CLOSED_PATH,
    };
    let mut what = format!("{}: {error}", peer.endpoint());
    if !silent.is_empty() {
        what = format!("{what}; no answer from {}", silent.join(" and "));
    }
    Err(SessionError::new(Stage::Connect, Failure::Unreachable, what, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listener whose queue is full answers no SYN. The sockets keep it full.
    fn black_hole() -> (SocketAddr, Vec<socket2::Socket>) {
        let socket = || socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
        let hole = socket();
        hole.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("an address");
        hole.listen(0).expect("a listener");
        let at = hole.local_addr().expect("an address");
        let mut kept = vec![hole];
        for _ in 0..3 {
            let filler = socket();
            filler.set_nonblocking(true).expect("a mode");
            let _ = filler.connect(&at);
            kept.push(filler);
        }
        (at.as_socket().expect("an address"), kept)
    }

    fn peer() -> Peer {
        Peer { host: "dual.example.com".to_owned(), port: 22, profile: SshProfile::Compat, is_hop: false }
    }

    #[tokio::test]
    async fn an_address_that_is_silent_leaves_time_for_the_next() {
        let (silent, _kept) = black_hole();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let good = listener.local_addr().expect("an address");
        let deadline = Instant::now() + Duration::from_millis(900);
        let stream = open(&peer(), &[silent, good], deadline).await.expect("a connection");
        assert_eq!(stream.peer_addr().expect("an address"), good);
        assert!(deadline.saturating_duration_since(Instant::now()) > Duration::from_millis(300), "time for the banner");
    }

    #[tokio::test]
    async fn addresses_that_fail_are_all_told_and_within_the_limit() {
        let (silent, _kept) = black_hole();
        let closed = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a listener");
            listener.local_addr().expect("an address")
        };
        let began = Instant::now();
        let error = open(&peer(), &[silent, silent], began + Duration::from_millis(300)).await.expect_err("silence");
        assert_eq!(error.failure, Failure::Timeout);
        assert!(began.elapsed() < Duration::from_millis(800), "{:?}", began.elapsed());
        let error = open(&peer(), &[silent, closed], Instant::now() + Duration::from_millis(300)).await;
        let what = error.expect_err("nobody there").what;
        assert!(what.contains("refused") && what.contains(&format!("no answer from {silent}")), "{what}");
    }
}
