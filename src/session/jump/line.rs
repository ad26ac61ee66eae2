//! One connection over a jump host: a channel, our end of a socket pair, and one buffer for each direction.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::task::Context;

use tokio::net::UnixStream;

/// As much of a connection as is held here, in each direction.
const BUFFER: usize = 16 * 1024;

/// One connection: a channel, and our end of the socket pair.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) channel: ssh2::Channel,
    socket: UnixStream,
    /// From the channel, not taken by the socket yet.
    inward: VecDeque<u8>,
    /// From the socket, not taken by the channel yet.
    outward: Vec<u8>,
    /// The host has said all.
    host_done: bool,
    /// Our session has said all, or is gone.
    session_done: bool,
}

impl Line {
    pub(super) fn new(number: usize, channel: ssh2::Channel, socket: UnixStream) -> Self {
        Self {
            number,
            channel,
            socket,
            inward: VecDeque::new(),
            outward: Vec::new(),
            host_done: false,
            session_done: false,
        }
    }

    /// True where what the host says may move the line on.
    pub(super) fn listens(&self) -> bool {
        self.inward.is_empty() || !self.outward.is_empty() || self.is_over()
    }

    /// From the host to the session: whether something moved, and how many bytes the host had said. `Err` where the jump host's
    /// session is lost, here and below.
    pub(super) fn read(&mut self) -> Result<(bool, usize), String> {
        let moved = self.deliver();
        if self.host_done || self.session_done || !self.inward.is_empty() {
            return Ok((moved, 0));
        }
        let mut buffer = [0; BUFFER];
        match self.channel.read(&mut buffer) {
            Ok(0) => self.host_done = true,
            Ok(length) => {
                self.inward.extend(&buffer[..length]);
                self.deliver();
                return Ok((true, length));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok((moved, 0)),
            Err(error) => return Err(error.to_string()),
        }
        Ok((true, 0))
    }

    /// From the session to the host.
    pub(super) fn write(&mut self) -> Result<bool, String> {
        let moved = self.collect();
        if self.outward.is_empty() {
            return Ok(moved);
        }
        match self.channel.write(&self.outward) {
            // A full window: its adjustment comes by reading.
            Ok(0) => Ok(moved),
            Ok(taken) => {
                self.outward.drain(..taken);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(moved),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Nothing more is to be copied.
    pub(super) fn is_over(&self) -> bool {
        let heard = self.host_done && self.inward.is_empty();
        heard || (self.session_done && self.outward.is_empty())
    }

    /// Hands on what the channel has said.
    fn deliver(&mut self) -> bool {
        let mut moved = false;
        while !self.inward.is_empty() && !self.session_done {
            match self.socket.try_write(self.inward.as_slices().0) {
                Ok(taken) => {
                    self.inward.drain(..taken);
                    moved = true;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => self.session_done = true,
            }
        }
        moved
    }

    /// Takes what the session says.
    fn collect(&mut self) -> bool {
        if self.session_done || !self.outward.is_empty() {
            return false;
        }
        let mut buffer = [0; BUFFER];
        match self.socket.try_read(&mut buffer) {
            Ok(0) => self.session_done = true,
            Ok(length) => self.outward.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            Err(_) => self.session_done = true,
        }
        true
    }

    /// True where the socket has something to do for us.
    pub(super) fn poll_ready(&self, context: &mut Context<'_>) -> bool {
        let reads = !self.session_done && self.outward.is_empty();
        let writes = !self.session_done && !self.inward.is_empty();
        // Both are asked, so that both wake the task.
        let readable = reads && self.socket.poll_read_ready(context).is_ready();
        let writable = writes && self.socket.poll_write_ready(context).is_ready();
        readable || writable
    }
}
