//! The breaker of a credential set: one wrong secret must not lock an account on a whole fleet.
//!
//! Until a login has succeeded, one device at a time is the canary; the others wait before they send anything. A canary that
//! hangs lets the next one go after a while, as long as all of them together cannot lock the account. After three refused
//! logins without a success nobody sends the secret any more. The enable secret, which AAA servers check against the same
//! account, has a gate of its own.
//!
//! Jump hosts that take the same set share its refusals, which count against one account. That a jump host accepts a secret says
//! nothing about the devices behind it: to these it is not proven.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Duration, Instant, timeout_at};

use super::{Failure, SessionError, Stage};

/// AAA servers often lock an account after three to five refused logins.
const REFUSALS: u32 = 3;
/// Refusals in a row that stop a set which has worked before: single devices may lack the account, a whole fleet does not.
const REFUSALS_IN_A_ROW: u32 = 20;
/// How long the others wait for a canary that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the logins of one credential set have shown so far.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    login: Arc<Gate>,
    enable: Arc<Gate>,
    /// Why no device can be logged in to with this set, where that is known.
    useless: Arc<Mutex<Option<SessionError>>>,
    is_of_jump_hosts: bool,
}

impl Breaker {
    /// The same breaker, as jump hosts use it.
    #[must_use]
    pub fn of_jump_hosts(&self) -> Self {
        Self { is_of_jump_hosts: true, ..self.clone() }
    }

    /// Waits for leave to log in; `None` where the set is stopped.
    pub async fn enter(&self) -> Option<Login<'_>> {
        self.login.enter(self.is_of_jump_hosts).await
    }

    /// Waits for leave to send the enable secret; `None` where it was refused too often.
    pub(super) async fn enter_enable(&self) -> Option<Login<'_>> {
        self.enable.enter(false).await
    }

    /// True where nobody may log in with the set any more.
    pub fn is_open(&self) -> bool {
        self.login.lock().open
    }

    /// Stops the set: whatever the device, there is nothing to log in with.
    pub(super) fn stop(&self, why: &SessionError) {
        lock(&self.useless).get_or_insert_with(|| why.clone());
        self.login.lock().open = true;
        self.login.changed.notify_waiters();
    }

    /// The error of a device that is not asked because the set is stopped.
    pub fn stopped(&self, set: &str) -> SessionError {
        let because = lock(&self.useless).clone();
        let (what, advice) = match because {
            Some(why) => (format!("credential set `{set}` was stopped, nothing was sent: {}", why.what), why.advice),
            None => (format!("credential set `{set}` was stopped"), "check the account and its secret".to_owned()),
        };
        SessionError::new(Stage::Authentication, Failure::Stopped, what, advice)
    }

    /// True where the set was stopped without a refused login.
    pub fn was_useless(&self) -> bool {
        lock(&self.useless).is_some()
    }
}

/// One secret of a set.
#[derive(Debug)]
struct Gate {
    state: Mutex<State>,
    changed: Notify,
    patience: Duration,
}

impl Default for Gate {
    fn default() -> Self {
        Self { state: Mutex::default(), changed: Notify::default(), patience: PATIENCE }
    }
}

#[derive(Debug, Default)]
struct State {
    /// By a device, and by a jump host.
    proven: [bool; 2],
    /// Logins under way.
    pending: u32,
    /// When the last of them began.
    last: Option<Instant>,
    refusals: u32,
    open: bool,
}

impl State {
    /// True where one login more cannot be the one that locks the account, whatever becomes of those under way.
    fn has_room(&self) -> bool {
        self.refusals + self.pending < REFUSALS
    }
}

/// Leave to send a secret once. Dropped without an answer it counts as inconclusive: the next device is the canary.
#[derive(Debug)]
pub struct Login<'a> {
    gate: &'a Gate,
    /// The place in `State::proven`.
    kind: usize,
}

impl Gate {
    async fn enter(&self, is_jump_host: bool) -> Option<Login<'_>> {
        let kind = usize::from(is_jump_host);
        loop {
            // Registered before the state is looked at, so that no change is missed.
            let changed = self.changed.notified();
            let again = {
                let mut state = self.lock();
                if state.open {
                    return None;
                }
                let now = Instant::now();
                let again = state.last.map_or(now, |last| last + self.patience);
                if state.proven[kind] || state.pending == 0 || (state.has_room() && again <= now) {
                    state.pending += 1;
                    state.last = Some(now);
                    return Some(Login { gate: self, kind });
                }
                again
            };
            if self.lock().has_room() {
                let _ = timeout_at(again, changed).await;
            } else {
                changed.await;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Login<'_> {
    /// The device accepted the secret.
    pub fn accepted(self) {
        let mut state = self.gate.lock();
        state.proven[self.kind] = true;
        // A server of jump hosts that takes the secret has not forgotten what the devices' server refused.
        if self.kind == 0 {
            state.refusals = 0;
        }
    }

    /// The device refused the secret.
    pub fn refused(self) {
        let mut state = self.gate.lock();
        state.refusals += 1;
        state.open |= state.refusals >= if state.proven[self.kind] { REFUSALS_IN_A_ROW } else { REFUSALS };
    }
}

impl Drop for Login<'_> {
    fn drop(&mut self) {
        self.gate.lock().pending -= 1;
        self.gate.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    async fn try_all(refuse: impl Fn(u32) -> bool + Send + Sync + Copy + 'static) -> (u32, bool) {
        let (breaker, sent) = (Arc::new(Breaker::default()), Arc::new(AtomicU32::new(0)));
        let mut devices = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let (breaker, sent) = (Arc::clone(&breaker), Arc::clone(&sent));
            devices.spawn(async move {
                let Some(login) = breaker.enter().await else { return };
                let number = sent.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                if refuse(number) { login.refused() } else { login.accepted() }
            });
        }
        devices.join_all().await;
        (sent.load(Ordering::SeqCst), breaker.is_open())
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_wrong_password_reaches_three_devices() {
        assert_eq!(try_all(|_| true).await, (3, true));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_success_lets_all_others_in() {
        assert_eq!(try_all(|number| number == 1 || number % 7 == 0).await, (200, false));
    }

    #[tokio::test]
    async fn a_canary_that_hangs_holds_up_nobody_for_long_and_three_secrets_are_out_at_most() {
        let gate = Gate { patience: Duration::from_millis(40), ..Gate::default() };
        let began = Instant::now();
        let hung = [gate.enter(false).await, gate.enter(false).await, gate.enter(false).await];
        assert!(began.elapsed() >= Duration::from_millis(80), "{:?}", began.elapsed());
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        assert!(
            timeout_at(Instant::now() + Duration::from_millis(200), gate.enter(false)).await.is_err(),
            "a fourth secret"
        );
        let mut hung = hung.into_iter().flatten();
        hung.next().expect("a login").accepted();
        assert!(gate.enter(false).await.is_some());
    }

    #[tokio::test]
    async fn the_enable_secret_has_a_gate_of_its_own() {
        let breaker = Breaker::default();
        for _ in 0..3 {
            breaker.enter_enable().await.expect("leave").refused();
        }
        assert!(breaker.enter_enable().await.is_none());
        assert!(!breaker.is_open() && breaker.enter().await.is_some());
    }

    #[tokio::test]
    async fn jump_hosts_share_the_refusals_and_prove_nothing_about_devices() {
        let devices = Breaker::default();
        let hops = devices.of_jump_hosts();
        hops.enter().await.expect("leave").accepted();
        let canary = devices.enter().await.expect("leave");
        let second = timeout_at(Instant::now() + Duration::from_millis(100), devices.enter()).await;
        assert!(second.is_err(), "another device before the first one has answered");
        canary.refused();
        devices.enter().await.expect("leave").refused();
        devices.enter().await.expect("leave").refused();
        assert!(hops.is_open() && hops.enter().await.is_none(), "the account has three refusals");
    }

    #[tokio::test]
    async fn an_inconclusive_canary_makes_room_for_the_next() {
        let breaker = Breaker::default();
        drop(breaker.enter().await);
        assert!(breaker.enter().await.is_some());
    }
}
