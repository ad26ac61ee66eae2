//! How far a run is: a bar on a terminal, one line a minute without one. All of it on standard error.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::record::DeviceRow;
use crate::reports::text::one_line;

/// How often a run without a terminal says how far it is.
const A_LINE_EVERY: Duration = Duration::from_secs(60);

/// Shows how far a run is.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    tally: Arc<Mutex<Tally>>,
    verbose: bool,
    lines: Option<(Sender<()>, JoinHandle<()>)>,
}

#[derive(Debug)]
struct Tally {
    began: Instant,
    total: usize,
    done: usize,
    failed: usize,
}

impl Tally {
    /// `412 of 1400 devices, 6.9/s, 3 not audited, 2m 23s left`.
    fn line(&self) -> String {
        let rate = self.rate();
        let left = self.total - self.done;
        #[allow(clippy::cast_precision_loss, reason = "fleets are smaller than 2^52")]
        let eta = if rate > 0.0 {
            format!(", {} left", short(Duration::from_secs_f64(left as f64 / rate)))
        } else {
            String::new()
        };
        format!("{} of {} devices, {rate:.1}/s, {} not audited{eta}", self.done, self.total, self.failed)
    }

    fn rate(&self) -> f64 {
        let seconds = self.began.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "fleets are smaller than 2^52")]
        if seconds > 0.0 { self.done as f64 / seconds } else { 0.0 }
    }
}

/// `2m 23s`.
fn short(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

impl Progress {
    /// Begins. `quiet` shows nothing; `verbose` a line for each finished device.
    pub fn begin(total: usize, quiet: bool, verbose: bool) -> Self {
        let tally = Arc::new(Mutex::new(Tally { began: Instant::now(), total, done: 0, failed: 0 }));
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr_with_hz(5));
        if quiet || !terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = "{bar:24} {pos}/{len}  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        // Shown from the start: until the first login has succeeded the others wait, and a blank screen looks like a hang.
        bar.set_message("no device done yet");
        bar.enable_steady_tick(Duration::from_millis(250));
        let lines = (!quiet && !terminal).then(|| lines(Arc::clone(&tally)));
        Self { bar, tally, verbose: verbose && !quiet, lines }
    }

    /// A device is done.
    pub fn done(&self, row: &DeviceRow) {
        let message = {
            let mut tally = lock(&self.tally);
            tally.done += 1;
            tally.failed += usize::from(!row.status.is_audited());
            let (rate, left) = (tally.rate(), tally.total - tally.done);
            #[allow(clippy::cast_precision_loss, reason = "fleets are smaller than 2^52")]
            let eta = if left > 0 && rate > 0.0 { Duration::from_secs_f64(left as f64 / rate) } else { Duration::ZERO };
            format!("{rate:.1}/s  {} not audited  ETA {}", tally.failed, short(eta))
        };
        self.bar.inc(1);
        self.bar.set_message(message);
        if self.verbose {
            self.say(&line_of(row));
        }
    }

    /// A line that does not disturb the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }

    /// Takes the bar away.
    pub fn end(mut self) {
        self.bar.finish_and_clear();
        if let Some((stop, thread)) = self.lines.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

/// `sw01  audited  812 ms` and what to do, where something is to do.
pub fn line_of(row: &DeviceRow) -> String {
    let name = one_line(&row.name);
    let detail = one_line(&row.detail);
    let line = format!("{name}  {}  {} ms  {detail}", row.status, row.contact.took.as_millis());
    line.trim_end().to_owned()
}

fn lines(tally: Arc<Mutex<Tally>>) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel();
    let thread = std::thread::spawn(move || {
        while stopped.recv_timeout(A_LINE_EVERY) == Err(RecvTimeoutError::Timeout) {
            let line = lock(&tally).line();
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    });
    (stop, thread)
}

fn lock(tally: &Mutex<Tally>) -> std::sync::MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_done_total_rate_failures_and_what_is_left() {
        let began = Instant::now().checked_sub(Duration::from_secs(10)).expect("a machine that runs for ten seconds");
        let line = Tally { began, total: 1400, done: 100, failed: 3 }.line();
        assert!(line.starts_with("100 of 1400 devices, ") && line.contains("/s, 3 not audited, 2m "), "{line}");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(short(Duration::from_secs(59)), "59s");
        assert_eq!(short(Duration::from_secs(143)), "2m 23s");
        assert_eq!(short(Duration::from_secs(7260)), "2h 01m");
    }
}
