//! The only place that turns libssh2's "would block" into an await.
//!
//! One task owns one connection. Every call has a wall-clock deadline: libssh2's own timeout is per call, so a slow drip
//! would never trip it. The socket is shut down before the session is dropped: dropping a non-blocking session in
//! mid-output otherwise leaks its queue.

use std::io;
use std::net::Shutdown;
use std::sync::Arc;

use socket2::Socket;
use ssh2::{BlockDirections, ErrorCode};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

/// libssh2's code for "would block".
const EAGAIN: i32 = -37;

/// A connected socket with an SSH session on it.
pub(super) struct Driver {
    /// The session; used by the owning task alone.
    pub(super) ssh: ssh2::Session,
    socket: Arc<Socket>,
    ready: AsyncFd<Arc<Socket>>,
}

/// Why a call on the connection gave no answer.
#[derive(Debug)]
pub(super) enum DriveError {
    /// The deadline passed; the socket is shut down.
    Deadline,
    /// libssh2 says no.
    Ssh(ssh2::Error),
    /// The socket says no.
    Io(io::Error),
}

impl Driver {
    /// Puts a session on a connected, non-blocking socket.
    pub(super) fn new(socket: Socket) -> Result<Self, DriveError> {
        let socket = Arc::new(socket);
        let mut ssh = ssh2::Session::new().map_err(DriveError::Ssh)?;
        ssh.set_blocking(false);
        ssh.set_tcp_stream(Arc::clone(&socket));
        let ready = AsyncFd::new(Arc::clone(&socket)).map_err(DriveError::Io)?;
        Ok(Self { ssh, socket, ready })
    }

    /// A handle that cuts the connection from inside a callback of libssh2.
    pub(super) fn cutter(&self) -> Arc<Socket> {
        Arc::clone(&self.socket)
    }

    /// Repeats a libssh2 call until it does not block any more.
    pub(super) async fn ssh<T>(
        &mut self,
        deadline: Instant,
        mut call: impl FnMut(&mut ssh2::Session) -> Result<T, ssh2::Error>,
    ) -> Result<T, DriveError> {
        self.drive(deadline, |ssh| match call(ssh) {
            Err(error) if error.code() == ErrorCode::Session(EAGAIN) => None,
            other => Some(other.map_err(DriveError::Ssh)),
        })
        .await
    }

    /// Repeats a read or write on a channel until it does not block any more.
    pub(super) async fn io<T>(
        &mut self,
        deadline: Instant,
        mut call: impl FnMut() -> io::Result<T>,
    ) -> Result<T, DriveError> {
        self.drive(deadline, |_| match call() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            other => Some(other.map_err(DriveError::Io)),
        })
        .await
    }

    /// `None` from `call` means "would block".
    async fn drive<T>(
        &mut self,
        deadline: Instant,
        mut call: impl FnMut(&mut ssh2::Session) -> Option<Result<T, DriveError>>,
    ) -> Result<T, DriveError> {
        if let Some(done) = call(&mut self.ssh) {
            return done;
        }
        loop {
            let interest = match self.ssh.block_directions() {
                BlockDirections::Outbound => Interest::WRITABLE,
                BlockDirections::Both => Interest::READABLE | Interest::WRITABLE,
                BlockDirections::Inbound | BlockDirections::None => Interest::READABLE,
            };
            let Ok(ready) = tokio::time::timeout_at(deadline, self.ready.ready(interest)).await else {
                self.cut();
                return Err(DriveError::Deadline);
            };
            let mut guard = ready.map_err(DriveError::Io)?;
            if let Some(done) = call(&mut self.ssh) {
                return done;
            }
            // The call drained the socket: forget the readiness that woke us, or this loop would spin.
            guard.clear_ready();
            // A peer that sends without end keeps the socket ready; the deadline holds all the same.
            if Instant::now() >= deadline {
                self.cut();
                return Err(DriveError::Deadline);
            }
        }
    }

    /// Ends the connection at once; every waiting call returns.
    pub(super) fn cut(&self) {
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.cut();
    }
}
