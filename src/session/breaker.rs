//! The breaker of a credential set: one wrong password must not lock an account on a whole fleet.
//!
//! Until a login has succeeded, one device at a time is the canary; the others wait before they send anything. After three
//! refused logins without a success nobody sends the secret any more.

use std::sync::Mutex;

use tokio::sync::Notify;

/// AAA servers often lock an account after three to five refused logins.
const REFUSALS: u32 = 3;
/// Refusals in a row that stop a set which has worked before: single devices may lack the account, a whole fleet does not.
const REFUSALS_IN_A_ROW: u32 = 20;

/// What the logins of one credential set have shown so far.
#[derive(Debug, Default)]
pub struct Breaker {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    proven: bool,
    canary: bool,
    refusals: u32,
    open: bool,
}

/// Leave to send a secret once. Dropped without an answer it counts as inconclusive: the next device is the canary.
#[derive(Debug)]
pub struct Login<'a> {
    breaker: &'a Breaker,
}

impl Breaker {
    /// Waits for leave to log in; `None` where the set is stopped.
    pub async fn enter(&self) -> Option<Login<'_>> {
        loop {
            // Registered before the state is looked at, so that no change is missed.
            let changed = self.changed.notified();
            {
                let mut state = self.lock();
                if state.open {
                    return None;
                }
                if state.proven || !state.canary {
                    state.canary = true;
                    return Some(Login { breaker: self });
                }
            }
            changed.await;
        }
    }

    /// True where the set is stopped.
    pub fn is_open(&self) -> bool {
        self.lock().open
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Login<'_> {
    /// The device accepted the secret.
    pub fn accepted(self) {
        let mut state = self.breaker.lock();
        (state.proven, state.refusals) = (true, 0);
    }

    /// The device refused the secret.
    pub fn refused(self) {
        let mut state = self.breaker.lock();
        state.refusals += 1;
        state.open |= state.refusals >= if state.proven { REFUSALS_IN_A_ROW } else { REFUSALS };
    }
}

impl Drop for Login<'_> {
    fn drop(&mut self) {
        self.breaker.lock().canary = false;
        self.breaker.changed.notify_waiters();
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
    async fn an_inconclusive_canary_makes_room_for_the_next() {
        let breaker = Breaker::default();
        drop(breaker.enter().await);
        assert!(breaker.enter().await.is_some());
    }
}
