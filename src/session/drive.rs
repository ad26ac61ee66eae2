//! The only place that turns libssh2's "would block" into an await.
//!
//! One task owns one connection. Every call has a wall-clock deadline: libssh2's own timeout is per call, so a slow drip
//! would never trip it. The socket is shut down before the session is dropped: dropping a non-blocking session in
//! mid-output otherwise leaks its queue.

use std::io;
use std::sync::{Arc, LazyLock, mpsc};
use std::thread;

use ssh2::{BlockDirections, ErrorCode};
use tokio::io::Interest;
use tokio::time::{Instant, timeout_at};

use super::stream::Stream;

/// A connected socket with an SSH session on it.
pub(super) struct Driver {
    /// The session; used by the owning task alone.
    pub(super) ssh: ssh2::Session,
    /// The one descriptor: libssh2 reads and writes it, the runtime watches it.
    pub(super) stream: Arc<Stream>,
}

/// Cuts a connection from inside a callback of libssh2.
pub(super) struct Cutter(Arc<Stream>);

impl Cutter {
    /// Ends the connection at once; every waiting call returns.
    pub(super) fn cut(&self) {
        self.0.cut();
    }
}

/// Why a call on the connection gave no answer.
#[derive(Debug)]
pub(super) enum DriveError {
    /// The deadline passed. The call may be repeated later.
    Deadline,
    /// libssh2 says no.
    Ssh(ssh2::Error),
    /// The socket says no.
    Io(io::Error),
}

/// A session of libssh2, made on a thread that does nothing else.
///
/// A session is one block of 82 KB. glibc has a heap for each thread; between the small things of a worker these blocks would
/// leave holes that nothing else fits, and a fleet of many times the concurrency would grow by a third of its memory.
fn new_session() -> Result<ssh2::Session, ssh2::Error> {
    type Made = Result<ssh2::Session, ssh2::Error>;
    static MAKER: LazyLock<Option<mpsc::Sender<mpsc::SyncSender<Made>>>> = LazyLock::new(|| {
        let (orders, queue) = mpsc::channel::<mpsc::SyncSender<Made>>();
        let work = move || queue.iter().for_each(|order| drop(order.send(ssh2::Session::new())));
        thread::Builder::new().name("sessions".to_owned()).spawn(work).is_ok().then_some(orders)
    });
    let made = MAKER.as_ref().and_then(|maker| {
        let (order, made) = mpsc::sync_channel(1);
        maker.send(order).ok()?;
        made.recv().ok()
    });
    // Where there is no thread to be had, here.
    made.unwrap_or_else(ssh2::Session::new)
}

impl Driver {
    /// Puts a session on a connection.
    pub(super) fn new(stream: Stream) -> Result<Self, DriveError> {
        let stream = Arc::new(stream);
        let mut ssh = new_session().map_err(DriveError::Ssh)?;
        ssh.set_blocking(false);
        ssh.set_tcp_stream(Arc::clone(&stream));
        Ok(Self { ssh, stream })
    }

    /// A handle that cuts the connection while a call runs.
    pub(super) fn cutter(&self) -> Cutter {
        Cutter(Arc::clone(&self.stream))
    }

    /// Repeats a libssh2 call until it does not block any more.
    pub(super) async fn ssh<T>(
        &mut self,
        deadline: Instant,
        mut call: impl FnMut(&mut ssh2::Session) -> Result<T, ssh2::Error>,
    ) -> Result<T, DriveError> {
        self.drive(deadline, |ssh| match call(ssh) {
            Err(error) if error.code() == ErrorCode::Session(libssh2_sys::LIBSSH2_ERROR_EAGAIN) => None,
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
            match timeout_at(deadline, self.stream.ready(interest)).await {
                Ok(ready) => ready.map_err(DriveError::Io)?,
                Err(_) => return Err(DriveError::Deadline),
            };
            // Inside `try_io`, so that "would block" clears just the readiness that woke us and no later one.
            let ssh = &mut self.ssh;
            let tried = self.stream.try_io(interest, || call(ssh).ok_or_else(|| io::ErrorKind::WouldBlock.into()));
            match tried {
                Ok(done) => return done,
                // A peer that sends without end keeps the socket ready; the deadline holds all the same.
                Err(_) if Instant::now() >= deadline => return Err(DriveError::Deadline),
                Err(_) => {}
            }
        }
    }

    /// Ends the connection at once.
    pub(super) fn cut(&self) {
        self.stream.cut();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.cut();
    }
}
