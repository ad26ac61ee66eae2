//! The first line of a server, before libssh2 sees it.
//!
//! A server may send other lines before its identification (RFC 4253, 4.2). libssh2 reads past them in one call that ends only
//! when the socket is empty: a host that prints without end would hold the thread for ever, and no deadline would help. So
//! they are read here, up to a limit, and libssh2 begins where `SSH-` stands.

use std::io;

use tokio::io::{AsyncReadExt as _, Interest};
use tokio::time::{Duration, Instant, sleep, timeout_at};

use super::stream::Stream;
use super::{Failure, SessionError, Stage};
use crate::transcript::text::normalise;

/// What may stand before the identification. OpenSSH's client reads less.
const MOST: usize = 16 * 1024;
/// A server that says nothing at first may wait for us to begin.
const SERVER_FIRST: Duration = Duration::from_secs(1);
/// Half of `SSH-` is there: nothing tells when the rest is, because it stays where it is until libssh2 reads it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const MARK: &[u8] = b"SSH-";
/// What a device without a free line does is close early.
const NO_FREE_VTY: &str = "no free vty? look at `show users` and `line vty` on the device";

/// The other side closed before anybody logged in.
pub(super) fn closed(why: &str) -> SessionError {
    let what = format!("the connection was closed: {why}");
    SessionError::new(Stage::KeyExchange, Failure::Unreachable, what, NO_FREE_VTY)
}

/// Reads what stands before a server's identification, and leaves the identification where it is.
///
/// # Errors
/// Where the connection is closed, where nothing like an identification comes in time, or too much of something else.
pub(super) async fn find(stream: &mut Stream, deadline: Instant) -> Result<(), SessionError> {
    let mut before = Before { bytes: Vec::new(), at_line_start: true };
    let first = deadline.min(Instant::now() + SERVER_FIRST);
    loop {
        let mut buffer = [0; 512];
        match stream.peek(&mut buffer) {
            Ok(0) => return Err(before.closed()),
            Ok(length) => match before.look(&buffer[..length]) {
                Seen::Identification => return Ok(()),
                Seen::Other(length) => {
                    if before.bytes.len() > MOST {
                        return Err(before.is_no_ssh("it prints without end"));
                    }
                    stream.read_exact(&mut buffer[..length]).await.map_err(|error| closed(&error.to_string()))?;
                }
                Seen::Part => sleep(LOOK_AGAIN).await,
            },
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let until = if before.bytes.is_empty() { first } else { deadline };
                match timeout_at(until, stream.ready(Interest::READABLE)).await {
                    Ok(ready) => drop(ready.map_err(|error| closed(&error.to_string()))?),
                    Err(_) if before.bytes.is_empty() => return Ok(()),
                    Err(_) => {}
                }
            }
            Err(error) => return Err(closed(&error.to_string())),
        }
        if Instant::now() >= deadline {
            return Err(before.late());
        }
    }
}

/// What stood before the identification.
struct Before {
    bytes: Vec<u8>,
    at_line_start: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Identification,
    /// As many bytes of something else.
    Other(usize),
    /// The identification may begin here.
    Part,
}

impl Before {
    /// Looks at the next bytes, and keeps those of other lines.
    fn look(&mut self, bytes: &[u8]) -> Seen {
        if self.at_line_start && bytes.starts_with(MARK) {
            return Seen::Identification;
        }
        if self.at_line_start && MARK.starts_with(bytes) {
            return Seen::Part;
        }
        let length = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        self.at_line_start = bytes[length - 1] == b'\n';
        self.bytes.extend_from_slice(&bytes[..length]);
        Seen::Other(length)
    }

    fn closed(&self) -> SessionError {
        if self.bytes.is_empty() { closed("it said nothing") } else { self.is_no_ssh("then it closed the connection") }
    }

    fn late(&self) -> SessionError {
        if self.bytes.is_empty() {
            let what = "no SSH identification in time";
            return SessionError::new(Stage::KeyExchange, Failure::Timeout, what, NO_FREE_VTY);
        }
        SessionError { failure: Failure::Timeout, ..self.is_no_ssh("and no SSH identification in time") }
    }

    fn is_no_ssh(&self, then: &str) -> SessionError {
        let text = normalise(&self.bytes[..self.bytes.len().min(256)]);
        let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let shown: String = first.chars().filter(|c| !c.is_control()).take(60).collect();
        let what = format!("it says `{shown}`, {then}");
        let advice = "no SSH server? check the address and the port";
        SessionError::new(Stage::KeyExchange, Failure::Unreachable, what, advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before() -> Before {
        Before { bytes: Vec::new(), at_line_start: true }
    }

    #[test]
    fn lines_before_the_identification_are_passed_over() {
        let mut before = before();
        assert_eq!(before.look(b"Welcome to SSH-land\r\nSSH-2.0-x"), Seen::Other(21));
        assert_eq!(before.look(b"SS"), Seen::Part);
        assert_eq!(before.look(b"SSH-2.0-Cisco-1.25\r\n"), Seen::Identification);
    }

    #[test]
    fn the_mark_counts_at_the_start_of_a_line_only() {
        let mut before = before();
        assert_eq!(before.look(b"no "), Seen::Other(3));
        assert_eq!(before.look(b"SSH-2.0"), Seen::Other(7));
        let said = before.is_no_ssh("then it closed the connection");
        assert_eq!(said.what, "it says `no SSH-2.0`, then it closed the connection");
    }
}
