//! What carries a session: a TCP connection, or a socket pair that ends in a channel of a jump host's session.
//!
//! The runtime watches it; libssh2 never touches it, see `feed`.

use std::io;
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{Duration, timeout};

use super::SessionError;

/// A connected socket.
#[derive(Debug)]
pub(super) enum Stream {
    /// To the host itself.
    Tcp(TcpStream),
    /// To the task that owns the session of a jump host.
    Jump(UnixStream, Fate),
}

/// Why the session of a jump host has ended, once it has: an end of stream alone would not say whose fault it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<OnceLock<SessionError>>);

impl Fate {
    /// To be called before the sockets are closed.
    pub(super) fn seal(&self, why: SessionError) {
        // Only the first reason is one; what follows from it is not.
        let _ = self.0.set(why);
    }

    /// The end of the jump session, where it has ended.
    pub(super) fn get(&self) -> Option<&SessionError> {
        self.0.get()
    }

    /// The reason for an error of a session over this jump host; its stage stays.
    pub(super) fn explain(&self, error: SessionError) -> SessionError {
        match self.get() {
            Some(why) => SessionError { stage: error.stage, ..why.clone() },
            None => error,
        }
    }
}

impl Stream {
    /// Waits until the socket is ready.
    pub(super) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        match self {
            Self::Tcp(socket) => socket.ready(interest).await,
            Self::Jump(socket, _) => socket.ready(interest).await,
        }
    }

    /// Calls `call` where the socket is ready; "would block" clears the readiness that was seen before the call.
    pub(super) fn try_io<R>(&self, interest: Interest, call: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        match self {
            Self::Tcp(socket) => socket.try_io(interest, call),
            Self::Jump(socket, _) => socket.try_io(interest, call),
        }
    }

    /// Looks at what there is to read without taking it. 0 bytes: the other side has closed.
    pub(super) fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.try_io(Interest::READABLE, || self.peek_now(into))
    }

    /// The same, whether the runtime has noticed yet or not.
    fn peek_now(&self, into: &mut [u8]) -> io::Result<usize> {
        // The standard library peeks at TCP sockets only; the call is the same for all sockets.
        std::net::TcpStream::from(self.as_fd().try_clone_to_owned()?).peek(into)
    }

    /// True where the other side has closed, also where there is something left to read.
    pub(super) async fn is_closed(&self) -> bool {
        match self.peek_now(&mut [0]) {
            Ok(0) => true,
            Ok(_) => timeout(Duration::ZERO, self.ready(Interest::READABLE))
                .await
                .is_ok_and(|ready| ready.is_ok_and(Ready::is_read_closed)),
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// Ends the connection at once.
    pub(super) fn cut(&self) {
        let _ = SockRef::from(self).shutdown(Shutdown::Both);
    }

    /// What became of the jump host that this stream leads over; nothing, where it leads over none.
    pub(super) fn fate(&self) -> Fate {
        match self {
            Self::Tcp(_) => Fate::default(),
            Self::Jump(_, fate) => fate.clone(),
        }
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Jump(socket, _) => socket.as_fd(),
        }
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

/// For the few bytes that are read without libssh2.
impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_read(context, into),
            Self::Jump(socket, _) => Pin::new(socket).poll_read(context, into),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(socket) => Pin::new(socket).poll_write(context, bytes),
            Self::Jump(socket, _) => Pin::new(socket).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.cut();
        Poll::Ready(Ok(()))
    }
}
