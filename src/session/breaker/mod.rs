//! The breaker of an account: one wrong secret must not lock it on a whole fleet.
//!
//! Everything is counted for each user name, over all credential sets, jump hosts and devices that log in with it. Until a login
//! has succeeded, one host at a time is the canary; the others wait before they send anything. A canary that hangs lets the next
//! one go after a while, as long as all of them together cannot lock the account. Afterwards a window of parallel logins grows
//! with each success and shrinks to one with a refusal. [`counts`] has the bounds, [`gate`] the queue.
//!
//! The enable secret, which AAA servers check against an account too, has a gate of its own with the same bounds. Nobody waits
//! there for devices that have not come yet, since nobody knows which of them will ask.

mod counts;
mod gate;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::{Failure, SessionError, Stage};
use counts::{Caller, Kind, Stop, WITHOUT_SUCCESS};
use gate::Gate;
pub use gate::Slots;

/// One account: a user name of one directory.
#[derive(Debug, Clone)]
pub struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    user: String,
    login: Gate,
    enable: Gate,
    names: Mutex<Names>,
}

#[derive(Debug, Default)]
struct Names {
    /// The number of each site.
    sites: HashMap<String, usize>,
    /// Why nobody can be logged in to with a set, where that is known.
    useless: HashMap<usize, SessionError>,
}

impl Account {
    /// An account that nobody has logged in with yet.
    pub fn new(user: &str, slots: &Slots) -> Self {
        // Nobody waits at the gate for enable secrets without a login under way there: it takes no slot.
        let (login, enable) = (Gate::new(slots.clone()), Gate::new(slots.clone()));
        Self(Arc::new(Inner { user: user.to_owned(), login, enable, names: Mutex::default() }))
    }

    /// A credential set of the account, as jump hosts use it.
    pub fn add_set(&self) -> Breaker {
        let set = self.0.login.change(Instant::now(), counts::Counts::add_set);
        self.0.enable.change(Instant::now(), counts::Counts::add_set);
        let caller = Caller { set, kind: Kind::JumpHost, site: None, device: None };
        Breaker { account: self.clone(), caller, site: Arc::default() }
    }

    /// True where the account or one of its credential sets was stopped.
    pub fn was_stopped(&self) -> bool {
        self.0.login.read(counts::Counts::is_anything_stopped)
    }

    /// True where the logins at a site were set aside.
    pub fn has_site_aside(&self) -> bool {
        self.0.login.read(counts::Counts::is_a_site_set_aside)
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a host asks before it sends a secret of a credential set, and tells what became of it.
#[derive(Debug, Clone)]
pub struct Breaker {
    account: Account,
    caller: Caller,
    site: Arc<str>,
}

impl Breaker {
    /// The breaker of a device at this site that will log in with the set; an empty name is no site, which counts as one.
    #[must_use]
    pub fn for_device(&self, site: &str) -> Self {
        let number = {
            let mut names = self.account.names();
            let next = names.sites.len();
            *names.sites.entry(site.to_owned()).or_insert(next)
        };
        let device = self.account.0.login.change(Instant::now(), |counts| counts.plan(number));
        let caller = Caller { set: self.caller.set, kind: Kind::Device, site: Some(number), device: Some(device) };
        Self { account: self.account.clone(), caller, site: site.into() }
    }

    /// A guard for as long as a device is under way.
    pub fn under_way(&self) -> UnderWay {
        UnderWay(self.clone())
    }

    /// No login of this device is to come any more, however it has ended.
    pub fn ended(&self) {
        self.settle(true);
    }

    /// Waits for leave to log in; `None` where nothing may be sent any more.
    pub async fn enter(&self) -> Option<Login<'_>> {
        Login::begin(&self.account.0.login, self.caller).await
    }

    /// Waits for leave to send the enable secret; `None` where it was refused too often.
    pub(super) async fn enter_enable(&self) -> Option<Login<'_>> {
        Login::begin(&self.account.0.enable, Caller { device: None, ..self.caller }).await
    }

    /// The login of this device was answered, or it needed no secret: others need not wait for it.
    pub(super) fn logged_in(&self) {
        self.settle(false);
    }

    fn settle(&self, has_ended: bool) {
        if let Some(device) = self.caller.device {
            self.account.0.login.change(Instant::now(), |counts| counts.settle(device, has_ended));
        }
    }

    /// True where this host may not log in any more.
    pub fn is_open(&self) -> bool {
        self.account.0.login.read(|counts| counts.stop(self.caller).is_some())
    }

    /// Stops the credential set: whatever the device, there is nothing to log in with.
    pub(super) fn stop(&self, why: &SessionError) {
        self.account.names().useless.entry(self.caller.set).or_insert_with(|| why.clone());
        self.account.0.login.change(Instant::now(), |counts| counts.stop_set(self.caller.set));
    }

    /// The error of a host that is not asked because the account, its credential set or the site was stopped.
    pub fn stopped(&self, set: &str) -> SessionError {
        let useless = self.account.names().useless.get(&self.caller.set).cloned();
        let (stop, (refused, answered)) =
            self.account.0.login.read(|counts| (counts.stop(self.caller), counts.answers()));
        let (user, site) = (&self.account.0.user, &self.site);
        let (what, advice) = match (useless, stop) {
            (Some(why), _) => (format!("credential set `{set}` was stopped: {}", why.what), why.advice),
            (None, Some(Stop::Site)) => {
                let at = if site.is_empty() { "without a site".to_owned() } else { format!("at site `{site}`") };
                (
                    format!(
                        "{WITHOUT_SUCCESS} devices {at} refused account `{user}` and none accepted it, so the others there were set aside"
                    ),
                    format!("check that account `{user}` may log in to devices {at}, then run again"),
                )
            }
            (None, Some(Stop::Set)) => (
                format!(
                    "credential set `{set}` was stopped: its secret was refused and never accepted, others of account `{user}` work"
                ),
                "correct the secret and run again".to_owned(),
            ),
            (None, _) => (
                format!("account `{user}` was stopped: {refused} of {answered} logins were refused"),
                "correct the secret and run again".to_owned(),
            ),
        };
        let failure = if stop == Some(Stop::Site) { Failure::SetAside } else { Failure::Stopped };
        SessionError::new(Stage::Authentication, failure, format!("{what}; nothing was sent"), advice)
    }
}

/// Keeps others waiting for a device until it has ended, however that comes about.
#[derive(Debug)]
pub struct UnderWay(Breaker);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.ended();
    }
}

/// Leave to send a secret once. Dropped without an answer it counts as inconclusive.
#[derive(Debug)]
pub struct Login<'a> {
    gate: &'a Gate,
    caller: Caller,
    is_answered: bool,
}

impl<'a> Login<'a> {
    async fn begin(gate: &'a Gate, caller: Caller) -> Option<Self> {
        gate.enter(caller).await.then(|| Self { gate, caller, is_answered: false })
    }

    /// The device accepted the secret.
    pub fn accepted(mut self) {
        self.is_answered = true;
        let most = self.gate.most();
        let now = Instant::now();
        self.gate.change(now, |counts| counts.accept(self.caller, most, now));
    }

    /// The device refused the secret.
    pub fn refused(mut self) {
        self.is_answered = true;
        let now = Instant::now();
        self.gate.change(now, |counts| counts.refuse(self.caller, now));
    }
}

impl Drop for Login<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.gate.change(Instant::now(), |counts| counts.end(self.caller));
        }
    }
}
