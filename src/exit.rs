//! The exit codes: one enum, one file. Only `main` ends the process with them.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use crate::finding::Severity;
use crate::fleet::Stop;
use crate::run::Counts;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Every selected device audited, nothing at or above `--fail-on`.
    Clean = 0,
    /// Problems at or above `--fail-on`.
    Problems = 1,
    /// Wrong usage, configuration or inventory; nothing was contacted.
    Usage = 2,
    /// More devices than `--max-unreachable` could not be audited, or what was found could not be written.
    Incomplete = 3,
    /// Both problems and incomplete.
    ProblemsAndIncomplete = 4,
    /// Stopped by the authentication breaker.
    Breaker = 5,
    /// An internal error.
    Internal = 70,
    /// Interrupted; what was finished is kept.
    Interrupted = 130,
}

/// `--max-unreachable N|P%`: how many devices may be left unaudited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxUnreachable {
    /// This many.
    Devices(usize),
    /// This share of the selected devices, in percent.
    Percent(f64),
}

impl std::str::FromStr for MaxUnreachable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || format!("`{text}` is neither a number of devices nor a percentage from 0% to 100%");
        match text.trim().strip_suffix('%') {
            Some(share) => match share.trim().parse::<f64>() {
                Ok(share) if (0.0..=100.0).contains(&share) => Ok(Self::Percent(share)),
                _ => Err(wrong()),
            },
            None => text.trim().parse().map(Self::Devices).map_err(|_| wrong()),
        }
    }
}

impl MaxUnreachable {
    fn is_exceeded(self, not_audited: usize, devices: usize) -> bool {
        match self {
            Self::Devices(most) => not_audited > most,
            #[allow(clippy::cast_precision_loss, reason = "fleets are smaller than 2^52")]
            Self::Percent(most) => not_audited as f64 * 100.0 > most * devices as f64,
        }
    }
}

impl Exit {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Clean,
        Self::Problems,
        Self::Usage,
        Self::Incomplete,
        Self::ProblemsAndIncomplete,
        Self::Breaker,
        Self::Internal,
        Self::Interrupted,
    ];

    /// The number the process ends with.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// What it says about a run, for manuals.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Clean => "Every selected device audited, nothing at or above --fail-on.",
            Self::Problems => "Problems at or above --fail-on.",
            Self::Usage => "Wrong usage, configuration or inventory; nothing was contacted.",
            Self::Incomplete => {
                "Incomplete: more devices than --max-unreachable could not be audited, nothing could be judged, or what was found could not be written (a full disk)."
            }
            Self::ProblemsAndIncomplete => "Both 1 and 3.",
            Self::Breaker => "Stopped by the authentication breaker.",
            Self::Internal => "An internal error; please report it.",
            Self::Interrupted => "Interrupted; what was finished is in the reports.",
        }
    }

    /// The code of a run. `fail_on` of `None` is `--fail-on never`.
    pub fn of(
        counts: &Counts,
        fail_on: Option<Severity>,
        most: MaxUnreachable,
        stop: Option<Stop>,
        breaker: bool,
    ) -> Self {
        if stop == Some(Stop::Interrupted) {
            return Self::Interrupted;
        }
        if breaker {
            return Self::Breaker;
        }
        let problems = fail_on.is_some_and(|severity| counts.at_or_above(severity) > 0);
        // A run that knows nothing is never clean, whatever may be left unaudited.
        match (problems, counts.is_blind() || most.is_exceeded(counts.not_audited, counts.devices)) {
            (false, false) => Self::Clean,
            (true, false) => Self::Problems,
            (false, true) => Self::Incomplete,
            (true, true) => Self::ProblemsAndIncomplete,
        }
    }
}

/// Runs a command. A panic anywhere says where it was; one that nothing catches is an internal error.
///
/// The words of a panic are not printed: they may quote what a device said. Those of a device's own panic stand in its row,
/// without secrets.
pub fn guarded(command: impl FnOnce() -> Exit) -> Exit {
    set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let version = env!("CARGO_PKG_VERSION");
        let _ = writeln!(std::io::stderr(), "error: please report this: slaudit {version} failed at {place}");
    }));
    catch_unwind(AssertUnwindSafe(command)).unwrap_or(Exit::Internal)
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::record::Health;
    use crate::run::Deadlines;

    fn counts(high: usize, not_audited: usize, devices_ok: usize) -> Counts {
        Counts {
            devices: 20,
            status: BTreeMap::new(),
            health: BTreeMap::from([(Health::Ok, devices_ok)]),
            findings: BTreeMap::from([(Severity::High, high)]),
            change: BTreeMap::new(),
            not_audited,
            waived: 0,
            waiver_expired: 0,
            not_judged: 20 - devices_ok,
            ack_deadlines: Deadlines::default(),
        }
    }

    #[test]
    fn codes_follow_the_contract() {
        let none = MaxUnreachable::Devices(0);
        let code = |high, lost, fail_on, most, stop, breaker| {
            Exit::of(&counts(high, lost, 1), fail_on, most, stop, breaker) as u8
        };
        assert_eq!(code(0, 0, Some(Severity::Medium), none, None, false), 0);
        assert_eq!(code(1, 0, Some(Severity::Medium), none, None, false), 1);
        assert_eq!(code(1, 0, Some(Severity::Critical), none, None, false), 0);
        assert_eq!(code(1, 0, None, none, None, false), 0);
        assert_eq!(code(0, 1, Some(Severity::Medium), none, None, false), 3);
        assert_eq!(code(1, 1, Some(Severity::Medium), none, None, false), 4);
        assert_eq!(code(1, 1, Some(Severity::Medium), none, None, true), 5);
        assert_eq!(code(1, 1, Some(Severity::Medium), none, Some(Stop::Interrupted), true), 130);
        assert_eq!(code(0, 2, Some(Severity::Medium), MaxUnreachable::Percent(10.0), None, false), 0);
        assert_eq!(code(0, 3, Some(Severity::Medium), MaxUnreachable::Percent(10.0), None, false), 3);
    }

    #[test]
    fn a_run_that_judged_nothing_is_never_clean() {
        let all = MaxUnreachable::Percent(100.0);
        assert_eq!(Exit::of(&counts(0, 20, 0), Some(Severity::Medium), all, None, false), Exit::Incomplete);
    }

    #[test]
    fn shares_and_numbers_are_read() {
        assert_eq!("3".parse(), Ok(MaxUnreachable::Devices(3)));
        assert_eq!("2.5%".parse(), Ok(MaxUnreachable::Percent(2.5)));
        assert!("101%".parse::<MaxUnreachable>().is_err());
        assert!("-1".parse::<MaxUnreachable>().is_err());
    }

    #[test]
    fn a_panic_is_an_internal_error_that_says_where_and_not_what() {
        // The hook is that of the whole process: a process of its own shows what it prints.
        const INSIDE: &str = "SLAUDIT_TEST_OF_A_PANIC";
        if std::env::var_os(INSIDE).is_some() {
            let exit = guarded(|| {
                let said = String::from("Sup3r-S3cret of a device");
                assert!(said.is_empty(), "{said}");
                Exit::Clean
            });
            assert_eq!(exit as u8, 70);
            return;
        }
        let this = std::env::current_exe().expect("this program");
        let name = "exit::tests::a_panic_is_an_internal_error_that_says_where_and_not_what";
        let output = std::process::Command::new(this)
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(INSIDE, "1")
            .env("RUST_BACKTRACE", "full")
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        assert!(said.contains("please report this: slaudit") && said.contains("failed at src/exit.rs:"), "{said}");
        assert!(!said.contains("S3cret"), "{said}");
    }
}
