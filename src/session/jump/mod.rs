//! Jump hosts: sessions whose channels carry the sessions of many devices.
//!
//! ```text
//! device ─┐                       ┌─ link ═══ session of the jump host (32 connections at most)
//! device ─┼─ request ─▶ keeper ───┤
//! device ─┘                       └─ link ═══ another, where the first is full or stuck
//! ```
//!
//! A jump host sees few logins, however many devices are behind it: `MaxStartups`, limits of sessions and whoever reads its log
//! care. A host behind two jump hosts is reached by a keeper whose own links are connections of the first one's keeper.

mod keeper;
mod line;
mod link;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::connect::Connection;
use super::dial::{Peer, Way};
use super::{Breaker, Credentials, HostKeys, SessionError, Timeouts, Turns};
use crate::inventory::{Device, SshProfile};
use keeper::Keeper;

/// A jump host, and who logs in to it.
#[derive(Debug, Clone)]
pub struct Hop {
    /// As it was asked for, for paths and errors.
    pub name: String,
    /// Host name, IPv4 or IPv6 address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Which algorithms it may be offered.
    pub ssh_profile: SshProfile,
    /// Its account, and whether that may still be used.
    pub access: Arc<(Credentials, Breaker)>,
}

/// Two routes are one where every hop is the same host with the same account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    host: String,
    port: u16,
    set: String,
    user: String,
    identity: Option<PathBuf>,
}

impl Hop {
    fn key(&self) -> Key {
        let who = &self.access.0;
        Key {
            host: self.host.to_lowercase(),
            port: self.port,
            set: who.set.clone(),
            user: who.user.clone(),
            identity: who.spare_identity.clone(),
        }
    }

    fn peer(&self) -> Peer {
        Peer { host: self.host.clone(), port: self.port, profile: self.ssh_profile, is_hop: true }
    }
}

/// How hosts are reached: the known keys, the limits, and the jump hosts that are logged in to. Shared by all devices of a run.
#[derive(Debug)]
pub struct Routes {
    shared: Arc<Shared>,
    /// Each route of jump hosts that is in use, with its keeper.
    kept: Mutex<HashMap<Vec<Key>, Way>>,
}

/// What every connection needs, also those of jump hosts.
#[derive(Debug)]
struct Shared {
    host_keys: HostKeys,
    timeouts: Timeouts,
    turns: Arc<Turns>,
}

impl Routes {
    /// No jump host is logged in to yet.
    pub fn new(host_keys: HostKeys, timeouts: Timeouts, turns: Arc<Turns>) -> Self {
        Self { shared: Arc::new(Shared { host_keys, timeouts, turns }), kept: Mutex::default() }
    }

    /// Waits until a device may be tried again: its first login has had its turn, and each further one takes another.
    pub async fn turn(&self) {
        self.shared.turns.device().await;
    }

    /// A device that had its turn is not contacted after all.
    pub fn turn_unused(&self) {
        self.shared.turns.give_back();
    }

    /// Connects to a device over its jump hosts, exchanges keys and checks the host key, all within `timeouts.connect`.
    ///
    /// # Errors
    /// Names the stage, and the jump host where it is one's fault; nothing of a secret was sent to the device.
    pub async fn connect(&self, device: &Device, hops: &[Hop]) -> Result<Connection, SessionError> {
        let way = self.way(hops);
        Connection::to(&Peer::of(device), &way, &self.shared.host_keys, self.shared.timeouts.connect).await
    }

    /// The way behind the last of these hops. Keepers are started on first use; a route is a few hops long.
    fn way(&self, hops: &[Hop]) -> Way {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut way, mut key) = (Way::Direct, Vec::new());
        for hop in hops {
            key.push(hop.key());
            let before = way;
            way = kept
                .entry(key.clone())
                .or_insert_with(|| Way::Jump(Keeper::start(hop.clone(), before, Arc::clone(&self.shared))))
                .clone();
        }
        way
    }
}
