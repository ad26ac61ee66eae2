//! Many devices: bounded, paced, interruptible. The only place where concurrency is decided.
//!
//! A device that panics is that device's row; one that is not reached before the run stops has a row too.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until};

/// Descriptors that a run needs besides its sessions: reports, logs, name resolution, sessions of jump hosts.
const OTHER_DESCRIPTORS: u64 = 64;
/// How long running devices may go on after the first Ctrl-C.
const LAST_ORDERS: Duration = Duration::from_secs(5);

/// How many devices at once, and how fast.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// Devices at once.
    pub concurrency: usize,
    /// Devices of one site at once.
    pub per_site: Option<usize>,
    /// Logins a second.
    pub login_rate: Option<f64>,
    /// The end of the run, whatever is unfinished.
    pub deadline: Option<Duration>,
}

/// What became of one device.
#[derive(Debug)]
pub enum Done<T> {
    /// Its work ended.
    Finished(T),
    /// Its work panicked; the message.
    Panicked(String),
    /// It was stopped, or never begun.
    Stopped(Stop),
}

/// Why a run ended before all devices were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Ctrl-C or SIGTERM.
    Interrupted,
    /// `--deadline`.
    OutOfTime,
}

/// Raises the limit of open files to what is allowed, and answers with the concurrency that fits, at most `wanted`.
///
/// `descriptors` is how many a session takes.
pub fn fitting_concurrency(wanted: usize, descriptors: u64) -> usize {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    let sessions = usize::try_from(limit.saturating_sub(OTHER_DESCRIPTORS) / descriptors.max(1)).unwrap_or(usize::MAX);
    wanted.clamp(1, sessions.max(1))
}

/// Works through devices `0..count`, calling `on_done` for each exactly once, in the order in which they end.
///
/// `site` names the device's site, for pacing; an empty name is no site. Ctrl-C or SIGTERM once: nothing new begins, running
/// devices have five seconds. Twice: everything stops at once.
///
/// # Errors
/// Where the runtime or the signal handlers cannot be set up.
pub fn run<T, F>(
    count: usize,
    pace: &Pace,
    site: impl Fn(usize) -> String,
    work: impl Fn(usize) -> F,
    on_done: impl FnMut(usize, Done<T>),
) -> io::Result<Option<Stop>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stop = runtime.block_on(Fleet::new(count, pace, site, work, on_done).run())?;
    // A resolver call that hangs must not hold up the end of the run.
    runtime.shutdown_background();
    Ok(stop)
}

struct Fleet<'a, T, S, W, D> {
    pace: &'a Pace,
    site: S,
    work: W,
    on_done: D,
    /// Devices that have not begun, in the order of the inventory.
    pending: VecDeque<usize>,
    /// Devices that have not ended.
    left: HashSet<usize>,
    running: JoinSet<T>,
    devices: HashMap<Id, usize>,
    /// Running devices of each site.
    busy: HashMap<String, usize>,
    next_login: Instant,
}

impl<'a, T, F, S, W, D> Fleet<'a, T, S, W, D>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
    S: Fn(usize) -> String,
    W: Fn(usize) -> F,
    D: FnMut(usize, Done<T>),
{
    fn new(count: usize, pace: &'a Pace, site: S, work: W, on_done: D) -> Self {
        Self {
            pace,
            site,
            work,
            on_done,
            pending: (0..count).collect(),
            left: (0..count).collect(),
            running: JoinSet::new(),
            devices: HashMap::new(),
            busy: HashMap::new(),
            next_login: Instant::now(),
        }
    }

    async fn run(mut self) -> io::Result<Option<Stop>> {
        let mut signals = Signals::new()?;
        let far = Instant::now() + Duration::from_secs(u64::from(u32::MAX));
        let deadline = self.pace.deadline.map_or(far, |limit| Instant::now() + limit);
        let (mut stop, mut last_orders) = (None, far);
        loop {
            while stop.is_none() && self.running.len() < self.pace.concurrency {
                let Some(device) = self.next_device() else { break };
                self.begin(device);
            }
            if self.running.is_empty() {
                break;
            }
            tokio::select! {
                Some(ended) = self.running.join_next_with_id() => self.end(ended),
                () = signals.next() => {
                    if stop.replace(Stop::Interrupted).is_some() { break; }
                    last_orders = Instant::now() + LAST_ORDERS;
                }
                () = sleep_until(deadline), if stop.is_none() => {
                    stop = Some(Stop::OutOfTime);
                    last_orders = Instant::now() + LAST_ORDERS;
                }
                () = sleep_until(last_orders) => break,
            }
        }
        self.running.abort_all();
        let mut left: Vec<usize> = self.left.into_iter().collect();
        left.sort_unstable();
        for device in left {
            (self.on_done)(device, Done::Stopped(stop.unwrap_or(Stop::Interrupted)));
        }
        Ok(stop)
    }

    /// The first device whose site has room: a full site must not hold up the others.
    fn next_device(&mut self) -> Option<usize> {
        let Some(limit) = self.pace.per_site else { return self.pending.pop_front() };
        let has_room = |device: &usize| {
            let site = (self.site)(*device);
            site.is_empty() || self.busy.get(&site).is_none_or(|busy| *busy < limit.max(1))
        };
        let at = self.pending.iter().position(has_room)?;
        self.pending.remove(at)
    }

    fn begin(&mut self, device: usize) {
        *self.busy.entry((self.site)(device)).or_default() += 1;
        let turn = self.pace.login_rate.map(|rate| {
            let turn = self.next_login.max(Instant::now());
            self.next_login = turn + Duration::from_secs_f64(1.0 / rate);
            turn
        });
        let work = (self.work)(device);
        let task = self.running.spawn(async move {
            if let Some(turn) = turn {
                sleep_until(turn).await;
            }
            work.await
        });
        self.devices.insert(task.id(), device);
    }

    fn end(&mut self, ended: Result<(Id, T), tokio::task::JoinError>) {
        let (id, done) = match ended {
            Ok((id, result)) => (id, Done::Finished(result)),
            Err(error) => {
                let id = error.id();
                (id, Done::Panicked(panic_message(error)))
            }
        };
        if let Some(device) = self.devices.remove(&id) {
            self.left.remove(&device);
            if let Some(busy) = self.busy.get_mut(&(self.site)(device)) {
                *busy -= 1;
            }
            (self.on_done)(device, done);
        }
    }
}

fn panic_message(error: tokio::task::JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "stopped".to_owned() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

/// Ctrl-C and SIGTERM.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn pace(concurrency: usize) -> Pace {
        Pace { concurrency, per_site: None, login_rate: None, deadline: None }
    }

    #[test]
    fn every_device_is_done_once_and_a_panic_is_a_row() {
        let mut seen = vec![0; 50];
        let work = |device: usize| async move {
            assert!(device != 7, "device seven");
            device
        };
        let stop = run(
            50,
            &pace(8),
            |_| String::new(),
            work,
            |device, done| {
                seen[device] += 1;
                match done {
                    Done::Finished(value) => assert_eq!(value, device),
                    Done::Panicked(words) => assert_eq!((device, words.as_str()), (7, "device seven")),
                    Done::Stopped(_) => panic!("nothing was stopped"),
                }
            },
        );
        assert_eq!(stop.expect("a runtime"), None);
        assert_eq!(seen, vec![1; 50]);
    }

    #[test]
    fn no_more_at_once_than_asked_for_in_all_and_at_a_site() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = |_| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(2)).await;
                now.fetch_sub(1, Ordering::SeqCst);
            }
        };
        run(40, &pace(5), |_| String::new(), work, |_, _| {}).expect("a runtime");
        assert!(most.swap(0, Ordering::SeqCst) <= 5);
        let one_site = Pace { per_site: Some(2), ..pace(16) };
        run(40, &one_site, |_| "LON1".to_owned(), work, |_, _| {}).expect("a runtime");
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[test]
    fn the_deadline_of_a_run_stops_what_has_not_begun() {
        let limit = Pace { deadline: Some(Duration::from_millis(30)), ..pace(2) };
        let work = |_| tokio::time::sleep(Duration::from_millis(20));
        let (mut finished, mut stopped) = (0, 0);
        let stop = run(
            20,
            &limit,
            |_| String::new(),
            work,
            |_, done| match done {
                Done::Finished(()) => finished += 1,
                _ => stopped += 1,
            },
        );
        assert_eq!(stop.expect("a runtime"), Some(Stop::OutOfTime));
        assert_eq!(finished + stopped, 20);
        assert!(finished >= 2 && stopped > 0);
    }
}
