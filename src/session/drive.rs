//! The only place that turns libssh2's "would block" into an await.
//!
//! One task owns one connection. Every call has a wall-clock deadline: libssh2's own timeout is per call, so a slow drip
//! would never trip it. The socket is shut down before the session is dropped: dropping a non-blocking session in
//! mid-output otherwise leaks its queue.

use std::future::poll_fn;
use std::io;
use std::sync::{LazyLock, mpsc};
use std::task::Poll;
use std::thread;

use ssh2::{BlockDirections, ErrorCode};
use tokio::time::{Instant, timeout_at};

use super::feed::{Cutter, Feed};
use super::stream::Stream;

/// A connected socket with an SSH session on it.
pub(super) struct Driver {
    /// The session; used by the owning task alone.
    pub(super) ssh: ssh2::Session,
    /// What the session reads and writes.
    pub(super) stream: Feed,
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
    /// The host sent so many bytes that nobody asked for. The connection is cut.
    Flood(u64),
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
        let (stream, theirs) = Feed::new(stream).map_err(DriveError::Io)?;
        let mut ssh = new_session().map_err(DriveError::Ssh)?;
        ssh.set_blocking(false);
        ssh.set_tcp_stream(theirs);
        Ok(Self { ssh, stream })
    }

    /// A handle that cuts the connection while a call runs.
    pub(super) fn cutter(&self) -> Cutter {
        self.stream.cutter()
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
        loop {
            self.stream.before_call();
            // What a finished call has written is sent by the next wait: every write is followed by a wait for its answer.
            if let Some(done) = call(&mut self.ssh) {
                return done;
            }
            let directions = self.ssh.block_directions();
            let reads = directions != BlockDirections::Outbound;
            let writes = matches!(directions, BlockDirections::Outbound | BlockDirections::Both);
            let moved = poll_fn(|context| {
                let has_room = self.stream.flush(context) && writes;
                match reads.then(|| self.stream.poll_fill(context)) {
                    Some(Poll::Ready(filled)) => Poll::Ready(filled),
                    Some(Poll::Pending) | None if has_room => Poll::Ready(Ok(())),
                    Some(Poll::Pending) | None => Poll::Pending,
                }
            });
            match timeout_at(deadline, moved).await {
                Ok(moved) => moved.map_err(DriveError::Io)?,
                Err(_) => return Err(DriveError::Deadline),
            }
            if let Some(bytes) = self.stream.flooded(&self.ssh, || 0) {
                self.cut();
                return Err(DriveError::Flood(bytes));
            }
            // A peer that sends without end keeps the socket ready; the deadline holds all the same.
            if Instant::now() >= deadline {
                return Err(DriveError::Deadline);
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
