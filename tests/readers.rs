//! Tests with the programs that read what slaudit writes and delivers: Chromium, LibreOffice, promtool, man, systemd, dpkg.
//!
//! `cargo test` leaves them out, since these programs are large; `make test-reports` installs them and runs `cargo test --test
//! readers`.

mod delivery;
#[allow(dead_code, reason = "made for the tests of all reports")]
#[path = "reports/fleet.rs"]
mod fleet;
mod metrics;
mod page;
mod spreadsheets;
mod trial;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A browser and an office are several processes each, and some pages are timed.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    let trials = [delivery::trials(), metrics::trials(), spreadsheets::trials(), page::trials()];
    libtest_mimic::run(&arguments, trials.into_iter().flatten().collect()).exit_code()
}
