//! One device over SSH: one connection, one channel, a pty shell, commands in turn.
//!
//! ```text
//! jump hosts ─▶ connect ─▶ host key ─▶ log in ─▶ learn the prompt ─▶ ask ... ask ─▶ exit
//! ```
//!
//! Every stage has a wall-clock deadline. A failure names its stage, what happened and what to do.

mod agent;
mod algorithms;
mod aside;
mod auth;
mod breaker;
mod connect;
mod credentials;
mod dial;
mod drive;
mod enable;
mod feed;
mod host_key;
mod identification;
mod jump;
mod prompt;
mod question;
mod shell;
mod stream;
mod terminal;
mod turns;

use std::fmt;
use std::time::Duration;

use crate::inventory::spelled;

pub use agent::agent_has_keys;
pub use algorithms::{Mismatch, describe as describe_algorithms};
pub use aside::aside;
pub use auth::LoggedIn;
pub use breaker::{Account, Breaker, Login, Slots, UnderWay};
pub use connect::Connection;
pub use credentials::Credentials;
pub use host_key::{HostKeys, Policy as HostKeyPolicy};
pub use jump::{Hop, Routes};
pub use question::Question;
pub use shell::Session;
pub use turns::Turns;

/// The wall-clock limits of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, connection, banner and key exchange together.
    pub connect: Duration,
    /// Authentication.
    pub authentication: Duration,
    /// From the shell to the first prompt.
    pub prompt: Duration,
    /// `enable`, which may wait for an AAA server.
    pub enable: Duration,
    /// One command.
    pub command: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            authentication: Duration::from_secs(30),
            prompt: Duration::from_secs(30),
            enable: Duration::from_secs(20),
            command: Duration::from_secs(120),
        }
    }
}

spelled! {
    /// Where a session stood when it failed.
    Stage {
        /// Name resolution.
        Resolve = "name resolution",
        /// The TCP connection.
        Connect = "connection",
        /// Identification and key exchange.
        KeyExchange = "key exchange",
        /// The host key.
        HostKey = "host key",
        /// Authentication.
        Authentication = "authentication",
        /// Pty, shell and first prompt.
        Prompt = "first prompt",
        /// A command.
        Command = "command",
    }
}

/// What went wrong with a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No connection could be made, or it was closed early. May be tried again.
    Unreachable,
    /// A deadline passed.
    Timeout,
    /// The device refused the credentials. Never tried again.
    Refused,
    /// The account or its credential set had been stopped by the breaker; no secret was sent. Never tried again.
    Stopped,
    /// The site of the device had been set aside by the breaker; no secret was sent. Never tried again.
    SetAside,
    /// There is nothing to log in with that the device would take; no secret was sent. Never tried again.
    NoMethod,
    /// The host key is not known, and the policy is strict.
    HostKeyUnknown,
    /// The host key differs from the known one, or is revoked.
    HostKeyChanged,
    /// It sent too much that nobody asked for. Never tried again: it would do the same.
    Flood,
    /// No algorithm fits.
    NoCommonAlgorithm,
    /// It prompts like no Cisco device.
    Foreign,
    /// An error of slaudit or of its surroundings.
    Internal,
}

/// A session that could not be had: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionError {
    /// Where it stood.
    pub stage: Stage,
    /// What kind of failure it is.
    pub failure: Failure,
    /// What happened, one line.
    pub what: String,
    /// What to do, one line.
    pub advice: String,
    /// The jump host that it is about; `None` where it is about the device.
    pub hop: Option<String>,
    /// A password or enable secret had been sent: whatever became of it, it is not sent again.
    pub secret_sent: bool,
}

impl SessionError {
    fn new(stage: Stage, failure: Failure, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { stage, failure, what: what.into(), advice: advice.into(), hop: None, secret_sent: false }
    }

    /// The same, about a jump host; one before it that is named already stays.
    fn at_hop(self, name: &str) -> Self {
        Self { hop: self.hop.or_else(|| Some(name.to_owned())), ..self }
    }

    /// The same, when a secret had been sent.
    fn after_a_secret(self) -> Self {
        Self { secret_sent: true, ..self }
    }

    /// True where trying again cannot help, or might lock an account: a secret is sent once.
    fn is_final(&self) -> bool {
        self.secret_sent || !matches!(self.failure, Failure::Unreachable | Failure::Timeout)
    }

    /// True where another connection may fare better. Never once a secret was sent.
    pub fn may_be_tried_again(&self) -> bool {
        !self.is_final() && self.stage != Stage::Resolve
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hop {
            Some(hop) => write!(f, "{}: jump host `{hop}`: {} ({})", self.advice, self.what, self.stage),
            None => write!(f, "{}: {} ({})", self.advice, self.what, self.stage),
        }
    }
}

impl std::error::Error for SessionError {}
