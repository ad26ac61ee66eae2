//! Between the network and libssh2: a socket pair, and a count of what goes in.
//!
//! A call of libssh2 reads its socket until that is empty, and queues every packet that nobody asked for. On the network's own
//! socket a host that floods packets would hold a thread for as long as it likes, and take all memory meanwhile. So libssh2
//! has one end of a socket pair, and the task that owns the session puts into the other end what it has read from the network:
//! a portion between two calls, and in all no more than a session can need.
//!
//! ```text
//! network ── fill, counted ──▶ pair ──▶ libssh2
//! network ◀────── flush ────── pair ◀── libssh2
//! ```
//!
//! Every call ends with the portion that it was given, whatever the host sends; so deadlines hold, and the count is exact.

use std::io::{self, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};

use super::stream::{Fate, Stream};

/// Read from the network at a time.
const PIECE: usize = 16 * 1024;
/// Given to libssh2 between two calls, about: small enough that a call is short, large enough for long outputs.
const PORTION: usize = 4 * PIECE;
/// Taken from libssh2 at a time. It is what is typed, and what device sessions say over a jump host.
const OUTWARD: usize = 2 * 1024;

/// What a host may send before somebody is logged in: keys, signatures, banners. 16 KiB is much.
const BEFORE_LOGIN: u64 = 256 * 1024;
/// What a host may send after the login besides output and the packets around it: answers, keepalives, new keys.
const BESIDES: u64 = 4 * 1024 * 1024;
/// Bytes on the network for a byte of output. A packet adds 30 to 60 bytes, and some devices send a packet for each line.
/// Those that send one for each byte have [`BESIDES`].
const FOR_EACH_BYTE: u64 = 4;

/// What libssh2 reads and writes, and the network connection behind it.
#[derive(Debug)]
pub(super) struct Feed {
    network: Stream,
    /// Our end of the pair. libssh2 has the other one.
    pair: Arc<UnixStream>,
    /// Read from the network; the pair has no room for it yet.
    inward: Vec<u8>,
    /// Written by libssh2; the network has no room for it yet.
    outward: Vec<u8>,
    /// The network gives nothing more, and libssh2 has been told.
    has_ended: bool,
    /// The network takes nothing more, and libssh2 has been told.
    is_deaf: bool,
    /// Nothing that libssh2 has written is left in the pair: it needs no look before the next call.
    is_empty: bool,
    received: u64,
    output: u64,
}

/// Cuts a connection from inside a callback of libssh2.
pub(super) struct Cutter(Arc<UnixStream>);

impl Cutter {
    /// Ends the session at once: libssh2 reads and writes nothing more.
    pub(super) fn cut(&self) {
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

impl Feed {
    /// Puts a pair before the connection; the other end is for libssh2.
    pub(super) fn new(network: Stream) -> io::Result<(Self, UnixStream)> {
        let (pair, theirs) = Socket::pair(Domain::UNIX, Type::STREAM.nonblocking(), None)?;
        let (pair, theirs) = (UnixStream::from(pair), UnixStream::from(theirs));
        let feed = Self {
            network,
            pair: Arc::new(pair),
            inward: Vec::new(),
            outward: Vec::new(),
            has_ended: false,
            is_deaf: false,
            is_empty: true,
            received: 0,
            output: 0,
        };
        Ok((feed, theirs))
    }

    /// Gives libssh2 the next portion of what the network has. Ready where there is something new for it to read, the end of the
    /// connection included; an error where it has been told of the end before, and still waits.
    pub(super) fn poll_fill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.has_ended {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        let mut given = self.give();
        while self.inward.is_empty() && given < PORTION {
            // On the stack of the call, not of the task: thousands of waiting sessions hold no buffer.
            let mut buffer = [const { MaybeUninit::uninit() }; PIECE];
            let mut piece = ReadBuf::uninit(&mut buffer);
            match Pin::new(&mut self.network).poll_read(context, &mut piece) {
                Poll::Ready(Ok(())) if !piece.filled().is_empty() => {
                    let length = piece.filled().len();
                    self.received += length as u64;
                    given += self.put(piece.filled());
                    if length < PIECE {
                        break;
                    }
                }
                Poll::Ready(_) => {
                    self.has_ended = true;
                    let _ = self.pair.shutdown(Shutdown::Write);
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => break,
            }
        }
        if given > 0 { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Puts bytes into the pair; keeps those that it has no room for. Answers how many are in.
    fn put(&mut self, bytes: &[u8]) -> usize {
        match (&*self.pair).write(bytes) {
            Ok(taken) => {
                self.inward.extend_from_slice(&bytes[taken..]);
                taken
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.inward.extend_from_slice(bytes);
                0
            }
            // It was cut.
            Err(_) => bytes.len(),
        }
    }

    /// Puts into the pair what had no room before.
    fn give(&mut self) -> usize {
        if self.inward.is_empty() {
            return 0;
        }
        let kept = std::mem::take(&mut self.inward);
        self.put(&kept)
    }

    /// To be said before libssh2 is called: it may write.
    pub(super) fn before_call(&mut self) {
        self.is_empty = false;
    }

    /// Sends what libssh2 has written. True where libssh2 has room to write again.
    pub(super) fn flush(&mut self, context: &mut Context<'_>) -> bool {
        let mut made_room = false;
        loop {
            if !self.outward.is_empty() {
                let kept = std::mem::take(&mut self.outward);
                if self.send(context, &kept) < kept.len() {
                    return made_room;
                }
            }
            if self.is_empty {
                return made_room;
            }
            let mut buffer = [0; OUTWARD];
            let length = (&*self.pair).read(&mut buffer).unwrap_or_default();
            self.is_empty = length < OUTWARD;
            made_room |= length > 0;
            self.send(context, &buffer[..length]);
        }
    }

    /// Sends bytes; keeps those that the network has no room for. Answers how many need no more care.
    fn send(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> usize {
        let mut sent = 0;
        while sent < bytes.len() && !self.is_deaf {
            match Pin::new(&mut self.network).poll_write(context, &bytes[sent..]) {
                Poll::Ready(Ok(taken @ 1..)) => sent += taken,
                Poll::Ready(_) => {
                    // What the host has said before it closed can still be read.
                    self.is_deaf = true;
                    let _ = self.pair.shutdown(Shutdown::Read);
                }
                Poll::Pending => {
                    self.outward.extend_from_slice(&bytes[sent..]);
                    return sent;
                }
            }
        }
        bytes.len()
    }

    /// So many bytes of output were read by somebody.
    pub(super) fn count_output(&mut self, bytes: usize) {
        self.output += bytes as u64;
    }

    /// How many bytes the host has sent, where they are more than a session can need; `unread` bytes of output are still to be
    /// read.
    pub(super) fn flooded(&self, ssh: &ssh2::Session, unread: impl FnOnce() -> u64) -> Option<u64> {
        let besides = |output: u64| self.received.saturating_sub(output.saturating_mul(FOR_EACH_BYTE));
        // In this order: most sessions never have so much that the next questions arise.
        let is_much = besides(self.output) > BEFORE_LOGIN
            && (!ssh.authenticated() || besides(self.output) > BESIDES && besides(self.output + unread()) > BESIDES);
        is_much.then_some(self.received)
    }

    /// A handle that cuts the connection while a call runs.
    pub(super) fn cutter(&self) -> Cutter {
        Cutter(Arc::clone(&self.pair))
    }

    /// Ends the connection at once.
    pub(super) fn cut(&self) {
        let _ = self.pair.shutdown(Shutdown::Both);
        self.network.cut();
    }

    /// True where the other side has closed, also where there is something left to read.
    pub(super) async fn is_closed(&self) -> bool {
        self.has_ended || self.network.is_closed().await
    }

    /// What became of the jump host that the connection leads over; nothing, where it leads over none.
    pub(super) fn fate(&self) -> Fate {
        self.network.fate()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A feed, the host's end of its network, and the end that libssh2 would have.
    fn feed() -> (Feed, tokio::net::UnixStream, UnixStream) {
        let (ours, host) = tokio::net::UnixStream::pair().expect("sockets");
        let (feed, theirs) = Feed::new(Stream::Jump(ours, Fate::default())).expect("sockets");
        (feed, host, theirs)
    }

    async fn fill(feed: &mut Feed) -> io::Result<()> {
        poll_fn(|context| feed.poll_fill(context)).await
    }

    fn drain(mut theirs: &UnixStream) -> usize {
        let (mut bytes, mut length) = (vec![0; 4096], 0);
        while let Ok(read @ 1..) = theirs.read(&mut bytes) {
            length += read;
        }
        length
    }

    #[tokio::test]
    async fn however_much_a_host_sends_a_call_gets_a_portion() {
        let (mut feed, mut host, theirs) = feed();
        let flood = tokio::spawn(async move { while host.write_all(&[0; 8192]).await.is_ok() {} });
        let (ssh, mut rounds) = (ssh2::Session::new().expect("a session"), 0);
        let cut_at = loop {
            fill(&mut feed).await.expect("an open connection");
            let portion = drain(&theirs);
            assert!(portion > 0 && portion <= PORTION, "{portion}");
            tokio::task::yield_now().await;
            rounds += 1;
            if let Some(bytes) = feed.flooded(&ssh, || 0) {
                break bytes;
            }
        };
        assert!((BEFORE_LOGIN..=BEFORE_LOGIN + PORTION as u64).contains(&cut_at), "{cut_at} after {rounds}");
        feed.cut();
        flood.await.expect("the host sees the end");
    }

    #[tokio::test]
    async fn output_may_be_as_long_as_it_is() {
        let (mut feed, _host, _theirs) = feed();
        let ssh = ssh2::Session::new().expect("a session");
        feed.received = 100 * BEFORE_LOGIN;
        assert_eq!(feed.flooded(&ssh, || 0), Some(100 * BEFORE_LOGIN));
        feed.count_output(25 * 256 * 1024);
        assert_eq!(feed.flooded(&ssh, || 0), None);
    }

    #[tokio::test]
    async fn what_stood_before_the_end_is_read_and_then_the_end() {
        let (mut feed, mut host, theirs) = feed();
        host.write_all(b"last words").await.expect("written");
        drop(host);
        fill(&mut feed).await.expect("something new");
        assert_eq!(drain(&theirs), 10);
        fill(&mut feed).await.expect("the end is new");
        assert_eq!((&theirs).read(&mut [0]).expect("the end"), 0);
        assert!(fill(&mut feed).await.is_err() && feed.is_closed().await);
    }

    #[tokio::test]
    async fn what_the_network_does_not_take_yet_is_kept_in_order() {
        let (mut feed, mut host, mut theirs) = feed();
        let said: Vec<u8> = (0..4_000_000_u32).flat_map(u32::to_be_bytes).collect();
        let (mut written, mut heard) = (0, vec![0; said.len()]);
        let mut read = 0;
        while read < said.len() {
            match theirs.write(&said[written..]) {
                Ok(taken) => written += taken,
                Err(error) if written < said.len() => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
                Err(_) => {}
            }
            feed.before_call();
            poll_fn(|context| Poll::Ready(feed.flush(context))).await;
            assert!(feed.outward.len() <= OUTWARD);
            tokio::select! {
                biased;
                length = host.read(&mut heard[read..]) => read += length.expect("an open connection"),
                () = tokio::task::yield_now() => {}
            }
        }
        assert!(heard == said);
    }

    #[tokio::test]
    async fn a_host_that_closes_is_heard_to_the_end_and_spoken_to_no_more() {
        let (mut feed, mut host, mut theirs) = feed();
        host.write_all(b"go away").await.expect("written");
        drop(host);
        theirs.write_all(b"hello").expect("room");
        feed.before_call();
        poll_fn(|context| Poll::Ready(feed.flush(context))).await;
        assert!(feed.is_deaf);
        assert_eq!(theirs.write(b"hello").expect_err("nobody listens").kind(), io::ErrorKind::BrokenPipe);
        fill(&mut feed).await.expect("something new");
        assert_eq!(drain(&theirs), 7);
    }

    #[tokio::test]
    async fn a_cut_ends_both_sides() {
        let (feed, mut host, theirs) = feed();
        feed.cutter().cut();
        assert_eq!((&theirs).read(&mut [0]).expect("the end"), 0);
        feed.cut();
        assert_eq!(host.read(&mut [0]).await.expect("the end"), 0);
    }
}
