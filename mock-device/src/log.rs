//! What a device remembers of its visitors, so that a test can ask it.

use std::sync::{Arc, Mutex, PoisonError};

/// Everything that happened to a device since it was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log {
    /// Connections accepted.
    pub connections: usize,
    /// Every try to log in, a query for the methods (`none`) left out.
    pub auth_attempts: Vec<AuthAttempt>,
    /// Every line entered, as it was typed.
    pub commands: Vec<String>,
    /// Connections open now.
    pub open_now: usize,
    /// The most connections that were open at once.
    pub max_open: usize,
    /// How many sessions ended with `exit` or `logout`.
    pub logouts: usize,
    /// Channels refused because there was one already.
    pub channels_refused: usize,
    /// Connections passed on to other devices.
    pub forwarded: usize,
}

/// One try to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthAttempt {
    /// `publickey`, `keyboard-interactive` or `password`.
    pub method: &'static str,
    /// The user.
    pub user: String,
    /// Whether it succeeded.
    pub accepted: bool,
}

/// The passwords that reached one account, over all devices, as an AAA server would count them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountLog {
    /// Logins that succeeded.
    pub accepted: usize,
    /// Passwords that were refused. Public keys lock no account.
    pub refused: usize,
}

impl AccountLog {
    pub(crate) fn add(&mut self, log: &Log, user: &str) {
        for attempt in log.auth_attempts.iter().filter(|attempt| attempt.user == user) {
            self.accepted += usize::from(attempt.accepted);
            self.refused += usize::from(!attempt.accepted && attempt.method != "publickey");
        }
    }
}

/// A log that a device's tasks share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Log>>);

impl Journal {
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Log) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn read(&self) -> Log {
        self.write(|log| log.clone())
    }

    /// Counts a connection for as long as the answer lives; tells its number, from 1.
    pub(crate) fn open(&self) -> (Open, usize) {
        let number = self.write(|log| {
            log.connections += 1;
            log.open_now += 1;
            log.max_open = log.max_open.max(log.open_now);
            log.connections
        });
        (Open(self.clone()), number)
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Open(Journal);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.write(|log| log.open_now -= 1);
    }
}
