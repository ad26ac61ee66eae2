//! Many devices: bounded, paced, interruptible. The only place where concurrency is decided.
//!
//! A device that panics is that device's row, and so is one that hangs in a call which no deadline reaches; one that is not
//! reached before the run stops has a row too.

mod queue;
mod signals;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::session::Turns;
use queue::Queue;
use signals::Signals;

/// Descriptors that a run needs besides its sessions: reports, logs, name resolution, sessions of jump hosts.
const OTHER_DESCRIPTORS: u64 = 64;
/// How long running devices may go on after the first Ctrl-C, and before the end of the run.
pub const LAST_ORDERS: Duration = Duration::from_secs(5);
/// Longer than any run.
const FAR: Duration = Duration::from_secs(10 * 365 * 86_400);

/// How many devices at once, and how fast.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Devices at once.
    pub concurrency: usize,
    /// Devices of one site at once.
    pub per_site: Option<usize>,
    /// Turns to log in, shared with all that log in besides.
    pub turns: Arc<Turns>,
    /// A device that has not ended after so long is given up, whatever it hangs in: its own deadline has failed.
    pub device_limit: Duration,
    /// The end of the run, whatever is unfinished.
    pub deadline: Option<Duration>,
}

/// What became of one device.
#[derive(Debug)]
pub enum Done<T> {
    /// Its work ended.
    Finished(T),
    /// Its work panicked, or never came to an end; the message.
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
/// devices have five seconds, and `on_stop` is told why and how many they are. Twice: everything stops at once. Before the
/// deadline of the run it is the same, so that the run ends with it.
///
/// # Errors
/// Where the runtime or the signal handlers cannot be set up.
pub fn run<T, F>(
    count: usize,
    pace: &Pace,
    site: impl Fn(usize) -> String,
    work: impl Fn(usize) -> F,
    on_stop: impl FnMut(Stop, usize),
    on_done: impl FnMut(usize, Done<T>),
) -> io::Result<Option<Stop>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    // A few threads that are busy with one device's large output, or hang in a library, must not be all of them.
    let threads = std::thread::available_parallelism().map_or(4, |cores| cores.get().max(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    // Deadlines and signals have a clock of their own, on this thread: they hold even where all the others hang.
    let control = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let queue = Queue::new(count, pace.per_site, site);
    let fleet = Fleet {
        pace,
        work,
        on_stop,
        on_done,
        queue,
        workers: runtime.handle().clone(),
        left: (0..count).collect(),
        running: JoinSet::new(),
        devices: HashMap::new(),
        begun: VecDeque::new(),
    };
    let stop = control.block_on(fleet.run())?;
    // A resolver call that hangs must not hold up the end of the run.
    runtime.shutdown_background();
    signals::end_the_process_at_the_second()?;
    Ok(stop)
}

struct Fleet<'a, T, W, S, D> {
    pace: &'a Pace,
    work: W,
    on_stop: S,
    on_done: D,
    queue: Queue,
    /// Where devices run.
    workers: Handle,
    /// Devices that have not ended.
    left: BTreeSet<usize>,
    running: JoinSet<T>,
    /// What runs, with the handle that ends it.
    devices: HashMap<Id, (usize, AbortHandle)>,
    /// When each began, the first one first. Those that have ended are still there.
    begun: VecDeque<(Instant, Id)>,
}

impl<T, F, W, S, D> Fleet<'_, T, W, S, D>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
    W: Fn(usize) -> F,
    S: FnMut(Stop, usize),
    D: FnMut(usize, Done<T>),
{
    async fn run(mut self) -> io::Result<Option<Stop>> {
        let mut signals = Signals::new()?;
        let far = Instant::now() + FAR;
        let mut end = self.pace.deadline.map_or(far, |limit| Instant::now() + limit.min(FAR));
        let last_orders = self.pace.deadline.map_or(far, |limit| end - LAST_ORDERS.min(limit / 2));
        let turns = Arc::clone(&self.pace.turns);
        let mut stop = None;
        loop {
            let may_begin = stop.is_none() && self.devices.len() < self.pace.concurrency && self.queue.has_next();
            if self.devices.is_empty() && !may_begin {
                break;
            }
            let overdue = self.overdue();
            tokio::select! {
                // In this order: nothing begins where the run is to stop.
                biased;
                () = signals.next() => {
                    if stop == Some(Stop::Interrupted) { break; }
                    stop = Some(Stop::Interrupted);
                    end = end.min(Instant::now() + LAST_ORDERS);
                    (self.on_stop)(Stop::Interrupted, self.devices.len());
                }
                () = sleep_until(end) => {
                    stop.get_or_insert(Stop::OutOfTime);
                    break;
                }
                () = sleep_until(last_orders), if stop.is_none() => {
                    stop = Some(Stop::OutOfTime);
                    (self.on_stop)(Stop::OutOfTime, self.devices.len());
                }
                Some(ended) = self.running.join_next_with_id() => self.end(ended),
                () = sleep_until(overdue.unwrap_or(far)), if overdue.is_some() => self.give_up_the_first(),
                () = turns.device(), if may_begin => self.begin(),
            }
        }
        // What has ended meanwhile is not lost.
        while let Some(ended) = self.running.try_join_next_with_id() {
            self.end(ended);
        }
        self.running.abort_all();
        for device in std::mem::take(&mut self.left) {
            (self.on_done)(device, Done::Stopped(stop.unwrap_or(Stop::Interrupted)));
        }
        Ok(stop)
    }

    fn begin(&mut self) {
        let Some(device) = self.queue.begin() else { return };
        // Also timers that the work sets up before it is awaited belong to the clock of the workers.
        let workers = self.workers.enter();
        let task = self.running.spawn((self.work)(device));
        drop(workers);
        self.begun.push_back((Instant::now(), task.id()));
        self.devices.insert(task.id(), (device, task));
    }

    fn end(&mut self, ended: Result<(Id, T), JoinError>) {
        let (id, done) = match ended {
            Ok((id, result)) => (id, Done::Finished(result)),
            Err(error) => (error.id(), Done::Panicked(panic_message(error))),
        };
        // Of a device that was given up all is said.
        if let Some((device, _)) = self.devices.remove(&id) {
            self.done(device, done);
        }
    }

    fn done(&mut self, device: usize, done: Done<T>) {
        self.left.remove(&device);
        self.queue.end(device);
        (self.on_done)(device, done);
    }

    /// When the device that runs longest is to be given up.
    fn overdue(&mut self) -> Option<Instant> {
        while self.begun.front().is_some_and(|(_, id)| !self.devices.contains_key(id)) {
            self.begun.pop_front();
        }
        self.begun.front().map(|(began, _)| *began + self.pace.device_limit.min(FAR))
    }

    fn give_up_the_first(&mut self) {
        let Some((began, id)) = self.begun.pop_front() else { return };
        let Some((device, task)) = self.devices.remove(&id) else { return };
        task.abort();
        self.done(device, Done::Panicked(format!("it hung, and was given up after {} s", began.elapsed().as_secs())));
    }
}

fn panic_message(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "stopped".to_owned() };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without words".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn pace(concurrency: usize) -> Pace {
        let turns = Arc::new(Turns::new(None));
        Pace { concurrency, per_site: None, turns, device_limit: Duration::from_secs(60), deadline: None }
    }

    /// Nobody stops it.
    fn never(_: Stop, _: usize) {
        panic!("nothing was stopped");
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
            never,
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
        run(40, &pace(5), |_| String::new(), work, never, |_, _| {}).expect("a runtime");
        assert!(most.swap(0, Ordering::SeqCst) <= 5);
        let one_site = Pace { per_site: Some(2), ..pace(16) };
        run(40, &one_site, |_| "LON1".to_owned(), work, never, |_, _| {}).expect("a runtime");
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[test]
    fn the_deadline_of_a_run_is_its_end() {
        let limit = Pace { deadline: Some(Duration::from_millis(400)), ..pace(2) };
        // The first ones end in time, the others never do.
        let work = |device| tokio::time::sleep(Duration::from_millis(if device < 4 { 20 } else { 60_000 }));
        let (mut finished, mut stopped, mut told) = (0, 0, Vec::new());
        let began = Instant::now();
        let stop = run(
            20,
            &limit,
            |_| String::new(),
            work,
            |why, running| told.push((why, running)),
            |_, done| match done {
                Done::Finished(()) => finished += 1,
                _ => stopped += 1,
            },
        );
        assert_eq!(stop.expect("a runtime"), Some(Stop::OutOfTime));
        assert!(began.elapsed() < Duration::from_millis(1400), "{:?}", began.elapsed());
        assert_eq!((finished, stopped, told), (4, 16, vec![(Stop::OutOfTime, 2)]));
    }

    #[test]
    fn what_has_ended_when_the_run_stops_is_not_lost() {
        let limit = Pace { deadline: Some(Duration::from_millis(400)), ..pace(2) };
        let mut finished = 0;
        let stop = run(
            2,
            &limit,
            |_| String::new(),
            |_| tokio::time::sleep(Duration::from_millis(250)),
            // Told at 200 ms, and slow to hear: both devices and the run have ended when it is done.
            |_, _| std::thread::sleep(Duration::from_millis(300)),
            |_, done| finished += usize::from(matches!(done, Done::Finished(()))),
        );
        assert_eq!((stop.expect("a runtime"), finished), (Some(Stop::OutOfTime), 2));
    }

    #[test]
    fn a_device_that_hangs_where_no_deadline_reaches_is_given_up_and_the_others_go_on() {
        let limit = Pace { device_limit: Duration::from_millis(300), ..pace(2) };
        let work = |device: usize| async move {
            if device == 0 {
                // A thread of the runtime, as a library that never returns would hold it.
                std::thread::sleep(Duration::from_secs(5));
            }
        };
        let (mut finished, mut given_up) = (0, Vec::new());
        let began = Instant::now();
        let stop = run(
            12,
            &limit,
            |_| "LON1".to_owned(),
            work,
            never,
            |device, done| match done {
                Done::Finished(()) => finished += 1,
                Done::Panicked(words) => given_up.push((device, words)),
                Done::Stopped(_) => panic!("nothing was stopped"),
            },
        );
        assert_eq!(stop.expect("a runtime"), None);
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
        assert_eq!(finished, 11);
        assert!(given_up[0].0 == 0 && given_up[0].1.contains("it hung"), "{given_up:?}");
    }

    #[test]
    fn devices_that_hold_every_thread_do_not_hold_up_the_end_of_the_run() {
        let limit = Pace { deadline: Some(Duration::from_millis(600)), ..pace(64) };
        let (mut stopped, began) = (0, Instant::now());
        let stop = run(
            64,
            &limit,
            |_| String::new(),
            |_| async { std::thread::sleep(Duration::from_secs(8)) },
            |_, _| {},
            |_, done| stopped += usize::from(matches!(done, Done::Stopped(Stop::OutOfTime))),
        );
        assert_eq!((stop.expect("a runtime"), stopped), (Some(Stop::OutOfTime), 64));
        assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
    }

    #[test]
    fn logins_are_paced() {
        let rate = Pace { turns: Arc::new(Turns::new(Some(40.0))), ..pace(16) };
        let began = Instant::now();
        run(9, &rate, |_| String::new(), |_| async {}, never, |_, _| {}).expect("a runtime");
        assert!(began.elapsed() >= Duration::from_millis(190), "{:?}", began.elapsed());
    }
}
