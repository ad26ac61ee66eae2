//! Logins a second, over everything that logs in: devices, their second tries, and jump hosts.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Duration, Instant, timeout_at};

/// What a late wake-up may make good: timers are a millisecond or two late, and a rate of 500/s must not become one of 300.
const SLACK: Duration = Duration::from_millis(20);

/// Hands out turns to log in, evenly spaced.
#[derive(Debug)]
pub struct Turns {
    /// Between two logins; `None` without a rate.
    every: Option<Duration>,
    /// Devices wait here for each other, so that at most one of them competes with a jump host: behind that many others wait.
    devices: tokio::sync::Mutex<()>,
    /// When the next login may begin.
    next: Mutex<Instant>,
    given_back: Notify,
}

impl Turns {
    /// So many logins a second; any number without a rate. The rate is positive.
    pub fn new(rate: Option<f64>) -> Self {
        let every = rate.map(|rate| Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX));
        Self {
            every,
            devices: tokio::sync::Mutex::default(),
            next: Mutex::new(Instant::now()),
            given_back: Notify::new(),
        }
    }

    /// Waits until the next device may log in. Whoever stops waiting takes no turn.
    pub async fn device(&self) {
        if self.every.is_some() {
            let _first = self.devices.lock().await;
            self.hop().await;
        }
    }

    /// The same for a jump host, before the devices that wait.
    pub(super) async fn hop(&self) {
        let Some(every) = self.every else { return };
        loop {
            // Registered before the time is looked at, so that nothing given back is missed.
            let given_back = self.given_back.notified();
            let until = {
                let mut next = self.lock();
                let now = Instant::now();
                if *next <= now {
                    let began = now.checked_sub(SLACK).map_or(*next, |earliest| earliest.max(*next));
                    *next = began.checked_add(every).unwrap_or(now);
                    return;
                }
                *next
            };
            let _ = timeout_at(until, given_back).await;
        }
    }

    /// A turn that was not used after all: nobody need wait for it.
    pub(super) fn give_back(&self) {
        *self.lock() = Instant::now();
        self.given_back.notify_waiters();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Instant> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn turns_are_spaced_and_one_that_is_not_taken_is_not_lost() {
        let turns = Turns::new(Some(50.0));
        let began = Instant::now();
        turns.device().await;
        let given_up = tokio::time::timeout(Duration::from_millis(1), turns.device()).await;
        assert!(given_up.is_err());
        for _ in 0..10 {
            turns.device().await;
        }
        let took = began.elapsed();
        assert!(took >= Duration::from_millis(180) && took < Duration::from_millis(600), "{took:?}");
    }

    #[tokio::test]
    async fn a_jump_host_does_not_stand_behind_the_devices_that_wait() {
        let turns = Arc::new(Turns::new(Some(20.0)));
        turns.device().await;
        let mut devices = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let turns = Arc::clone(&turns);
            devices.spawn(async move { turns.device().await });
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        let began = Instant::now();
        turns.hop().await;
        assert!(began.elapsed() < Duration::from_millis(200), "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn without_a_rate_nobody_waits() {
        let turns = Turns::new(None);
        let began = Instant::now();
        for _ in 0..1000 {
            turns.device().await;
            turns.hop().await;
        }
        assert!(began.elapsed() < Duration::from_millis(500));
    }

    #[tokio::test]
    async fn a_turn_that_is_given_back_is_for_the_next() {
        let turns = Turns::new(Some(0.1));
        let began = Instant::now();
        turns.device().await;
        tokio::join!(turns.device(), async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            turns.give_back();
        });
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
