//! The command line. Every option has an environment variable `SLAUDIT_*` and a key in `slaudit.toml`; `settings` joins them.
//!
//! No option takes a secret: arguments are visible to every user of the machine.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::exit::MaxUnreachable;
use crate::finding::Severity;
use crate::inventory::Target;
use crate::reports::CsvProfile;
use crate::session::HostKeyPolicy;

/// Audits fleets of Cisco devices for Smart Licensing Using Policy. It reads; it never changes a device.
#[derive(Debug, Parser)]
#[command(name = "slaudit", version = version(), max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Configuration file [default: ./slaudit.toml, then the user's, then /etc/slaudit/slaudit.toml]
    #[arg(long, env = "SLAUDIT_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// No progress and no summary, errors only
    #[arg(long, env = "SLAUDIT_QUIET", global = true, value_parser = clap::builder::BoolishValueParser::new())]
    pub quiet: bool,
    /// A line for each finished device
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Audit devices over SSH, write a run folder, print a summary (worst first)
    Audit(Box<Audit>),
    /// The same facts, rules and reports from saved output; no network
    Analyze(Box<Analyze>),
    /// Show who would be contacted, how, and with which commands; connects to nothing
    Plan(Box<Plan>),
    /// Write what would cure the findings of a run, one commented .cfg a device, for people; sends nothing
    Remediate(Box<Remediate>),
    /// Compare the UDIs of authorization-code (SLAC) files with those of the devices
    Slac(Box<Slac>),
    /// List the rules
    Rules,
    /// Explain one rule: why, where it is read, what is healthy, what to do
    Explain {
        /// The rule's id, for example `ack-overdue`
        rule: String,
    },
    /// Explain system messages: fields, meaning, reasons, what to do; exit code 1 where the text holds none
    Decode(Decode),
}

/// `slaudit audit`.
#[derive(Debug, Args)]
pub struct Audit {
    /// Who is asked.
    #[command(flatten)]
    pub selection: Selection,
    /// How they are reached.
    #[command(flatten)]
    pub access: AccessOptions,
    /// How fast.
    #[command(flatten)]
    pub pace: PaceOptions,
    /// What is judged and written.
    #[command(flatten)]
    pub output: Output,
}

/// `slaudit analyze`.
#[derive(Debug, Args)]
pub struct Analyze {
    /// Saved output: run folders, a folder a device, terminal logs, `show tech-support` bundles; gzip is read
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Inventory with sites and expectations of the devices
    #[arg(long, env = "SLAUDIT_INVENTORY", value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// Devices to analyze: globs, `site=LON1`, `!role=lab`; several with commas
    #[arg(long, env = "SLAUDIT_LIMIT", value_name = "EXPR")]
    pub limit: Option<String>,
    /// The command whose output the files hold, where neither content nor name tells
    #[arg(long, value_name = "COMMAND")]
    pub command: Option<String>,
    /// Judge deadlines at this moment where a capture does not hold the device's time, for example 2026-11-24T02:00:00Z
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<jiff::Timestamp>,
    /// Write a run folder under this directory; `-` prints one JSON document
    // The id is not that of `--out` of audits: what is set up for these must not make an analysis write.
    #[arg(id = "analyze_out", long = "out", value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What is judged and written.
    #[command(flatten)]
    pub output: Output,
}

/// `slaudit plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// Who is asked.
    #[command(flatten)]
    pub selection: Selection,
    /// How they are reached.
    #[command(flatten)]
    pub access: AccessOptions,
}

/// `slaudit decode`.
#[derive(Debug, Args)]
pub struct Decode {
    /// Messages, files that hold some (logs, captures; gzip is read), or `-` for standard input, the default
    #[arg(value_name = "TEXT|FILE|-")]
    pub inputs: Vec<OsString>,
    /// How the answer is written: text, json
    // The id is not that of `--format` of the runs, whose value in slaudit.toml is none of these.
    #[arg(id = "answer_format", long = "format", default_value = "text", value_name = "F", value_parser = answer_format)]
    pub format: AnswerFormat,
}

/// `--format` of commands that answer on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFormat {
    /// For people, 80 columns wide.
    Text,
    /// One document, for programs.
    Json,
}

/// `slaudit remediate`.
#[derive(Debug, Args)]
pub struct Remediate {
    /// The run: its id, its folder, `latest`, or a label given with --label
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Where the files are written; an earlier file of a device is replaced
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Devices to write files for: globs, `site=LON1`, `!role=lab`; several with commas
    #[arg(long, env = "SLAUDIT_LIMIT", value_name = "EXPR")]
    pub limit: Option<String>,
    /// Where the run folders are
    #[arg(long, env = "SLAUDIT_OUT", default_value = "slaudit-runs", value_name = "DIR")]
    pub runs: PathBuf,
}

/// `slaudit slac`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("devices").required(true).args(["run", "from"]))]
pub struct Slac {
    /// Files of authorization codes, as CSSM makes them; gzip is read
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Compare with the devices of a run: its id, its folder, `latest`, or a label
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Compare with the devices of saved output, as analyze takes it
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub from: Vec<PathBuf>,
    /// Where the run folders are
    #[arg(long, env = "SLAUDIT_OUT", default_value = "slaudit-runs", value_name = "DIR")]
    pub runs: PathBuf,
    /// How the comparison is printed: text, json
    #[arg(id = "answer_format", long = "format", default_value = "text", value_name = "F", value_parser = answer_format)]
    pub format: AnswerFormat,
}

/// Who is asked.
#[derive(Debug, Args)]
pub struct Selection {
    /// The inventory, a CSV file; the README explains its columns
    #[arg(value_name = "INVENTORY", env = "SLAUDIT_INVENTORY")]
    pub inventory: Option<PathBuf>,
    /// Devices by name or address: `sw1`, `user@sw2:port`, `[v6]:port`, `@FILE`, `-` for standard input
    #[arg(long, env = "SLAUDIT_HOSTS", value_name = "HOSTS")]
    pub hosts: Option<String>,
    /// Only these of the inventory: globs, `site=LON1`, `!role=lab`; several with commas
    #[arg(long, env = "SLAUDIT_LIMIT", value_name = "EXPR")]
    pub limit: Option<String>,
}

/// How devices are reached.
#[derive(Debug, Args)]
#[command(next_help_heading = "Access")]
pub struct AccessOptions {
    /// The account; the inventory's credential sets may name others
    #[arg(long, env = "SLAUDIT_USER", value_name = "NAME")]
    pub user: Option<String>,
    /// Ask for the password at the terminal [else: SLAUDIT_PASSWORD, or a credential set in slaudit.toml]
    #[arg(long, env = "SLAUDIT_ASK_PASS", value_parser = clap::builder::BoolishValueParser::new())]
    pub ask_pass: bool,
    /// A private key
    #[arg(long, env = "SLAUDIT_IDENTITY", value_name = "FILE")]
    pub identity: Option<PathBuf>,
    /// Jump hosts to devices whose inventory row names none, as user@host:port, nearest to here first
    #[arg(long, env = "SLAUDIT_JUMP", value_name = "HOST[,HOST]", value_delimiter = ',')]
    pub jump: Vec<Target>,
    /// OpenSSH's client configuration, of which hosts, accounts, keys and jump hosts are used; `none` for none [default:
    /// ~/.ssh/config]
    #[arg(long, env = "SLAUDIT_SSH_CONFIG", value_name = "FILE|none")]
    pub ssh_config: Option<PathBuf>,
    /// Known host keys, in OpenSSH's format [default: ~/.ssh/known_hosts]
    #[arg(long, env = "SLAUDIT_KNOWN_HOSTS", value_name = "FILE")]
    pub known_hosts: Option<PathBuf>,
    /// What to do about a host key that is not known: strict, accept-new, off
    #[arg(long, env = "SLAUDIT_HOST_KEYS", default_value = "accept-new", value_name = "POLICY", value_parser = host_key_policy)]
    pub host_keys: HostKeyPolicy,
    /// Connection, banner and key exchange
    #[arg(long, env = "SLAUDIT_CONNECT_TIMEOUT", default_value = "15s", value_name = "TIME", value_parser = duration)]
    pub connect_timeout: Duration,
    /// One command
    #[arg(long, env = "SLAUDIT_COMMAND_TIMEOUT", default_value = "120s", value_name = "TIME", value_parser = duration)]
    pub command_timeout: Duration,
    /// One device, with its retries
    #[arg(long, env = "SLAUDIT_DEVICE_TIMEOUT", default_value = "300s", value_name = "TIME", value_parser = duration)]
    pub device_timeout: Duration,
    /// Connections tried again after a failure that may pass; never after a refused login
    #[arg(long, env = "SLAUDIT_RETRIES", default_value_t = 1, value_name = "N")]
    pub retries: u32,
}

/// How many at once, how fast, how long.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pace")]
pub struct PaceOptions {
    /// Devices at once
    #[arg(long, env = "SLAUDIT_CONCURRENCY", default_value_t = 256, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: u32,
    /// Devices of one site at once
    #[arg(long, env = "SLAUDIT_PER_SITE", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub per_site: Option<u32>,
    /// Logins a second, second tries and jump hosts included, for example 20/s
    #[arg(long, env = "SLAUDIT_LOGIN_RATE", value_name = "N/s", value_parser = rate)]
    pub login_rate: Option<f64>,
    /// The end of the run, whatever is unfinished
    #[arg(long, env = "SLAUDIT_DEADLINE", value_name = "TIME", value_parser = duration)]
    pub deadline: Option<Duration>,
    /// Run folders are written under this directory; `-` prints one JSON document instead
    #[arg(long, env = "SLAUDIT_OUT", default_value = "slaudit-runs", value_name = "DIR", help_heading = "Output")]
    pub out: PathBuf,
}

/// What is judged, written and failed on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Output {
    /// A name for the run, for example `pre`
    #[arg(long, env = "SLAUDIT_LABEL", value_name = "NAME")]
    pub label: Option<String>,
    /// Reports to write: csv, json [default: all of them]
    #[arg(long, env = "SLAUDIT_FORMAT", value_name = "F[,F]", value_delimiter = ',')]
    pub format: Vec<String>,
    /// How CSV is written: plain (RFC 4180), or excel (for spreadsheets)
    #[arg(long, env = "SLAUDIT_CSV_PROFILE", default_value = "plain", value_name = "PROFILE", value_parser = csv_profile)]
    pub csv_profile: CsvProfile,
    /// Exit with 1 for findings of this severity or worse: critical, high, medium, low, never
    #[arg(long, env = "SLAUDIT_FAIL_ON", default_value = "medium", value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: FailOn,
    /// Exit with 3 where more devices than this could not be audited: a number, or a share such as 5%
    #[arg(long, env = "SLAUDIT_MAX_UNREACHABLE", default_value = "0", value_name = "N|P%")]
    pub max_unreachable: MaxUnreachable,
    /// SLAC files that are to be installed; the rule slac-udi-mismatch compares them
    #[arg(long, env = "SLAUDIT_SLAC", value_name = "FILE[,FILE]", value_delimiter = ',')]
    pub slac: Vec<PathBuf>,
    /// Only these rules
    #[arg(long, env = "SLAUDIT_RULES", value_name = "RULE[,RULE]", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// Never these rules
    #[arg(long, env = "SLAUDIT_SKIP_RULES", value_name = "RULE[,RULE]", value_delimiter = ',')]
    pub skip_rules: Vec<String>,
}

/// `--fail-on`; `None` is `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(pub Option<Severity>);

/// The version with what the binary is made of.
fn version() -> &'static str {
    concat!(env!("CARGO_PKG_VERSION"), env!("SLAUDIT_BUILD"))
}

fn host_key_policy(text: &str) -> Result<HostKeyPolicy, String> {
    HostKeyPolicy::parse(text).ok_or_else(|| "use strict, accept-new or off".to_owned())
}

fn csv_profile(text: &str) -> Result<CsvProfile, String> {
    match text {
        "plain" => Ok(CsvProfile::Plain),
        "excel" => Ok(CsvProfile::Excel),
        _ => Err("use plain or excel".to_owned()),
    }
}

fn answer_format(text: &str) -> Result<AnswerFormat, String> {
    match text {
        "text" => Ok(AnswerFormat::Text),
        "json" => Ok(AnswerFormat::Json),
        _ => Err("use text or json".to_owned()),
    }
}

fn fail_on(text: &str) -> Result<FailOn, String> {
    match (text, Severity::parse(text)) {
        ("never", _) => Ok(FailOn(None)),
        (_, Some(severity)) if severity != Severity::Info => Ok(FailOn(Some(severity))),
        _ => Err("use critical, high, medium, low or never".to_owned()),
    }
}

/// Times are added to clocks, which end somewhere.
const LONGEST_TIME: Duration = Duration::from_secs(366 * 86_400);
/// A login in a quarter of an hour.
const SLOWEST_RATE: f64 = 0.001;
/// More than any machine logs in.
const FASTEST_RATE: f64 = 100_000.0;

/// `15s`, `2m`, `1h 30m`; a bare number is seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time such as 15s, 2m or 1h".to_owned();
    let parsed = if let Ok(seconds) = text.trim().parse::<f64>() {
        Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?
    } else {
        let signed: jiff::SignedDuration = text.trim().parse().map_err(|_| wrong())?;
        Duration::try_from(signed).map_err(|_| wrong())?
    };
    if parsed.is_zero() {
        return Err("must be longer than 0".to_owned());
    }
    if parsed > LONGEST_TIME { Err("must not be longer than a year".to_owned()) } else { Ok(parsed) }
}

/// `20/s` or `20`.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix("/s").unwrap_or(text).trim().parse::<f64>();
    number
        .ok()
        .filter(|rate| (SLOWEST_RATE..=FASTEST_RATE).contains(rate))
        .ok_or_else(|| "write logins a second from 0.001/s to 100000/s, such as 20/s".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_takes_no_secret() {
        let command = Cli::command();
        command.clone().debug_assert();
        for action in command.get_subcommands() {
            for argument in action.get_arguments() {
                let id = argument.get_id().as_str();
                let secret = ["password", "secret", "passphrase"].iter().any(|word| id.contains(word));
                assert!(!secret, "{id} of {}", action.get_name());
            }
        }
    }

    #[test]
    fn times_and_rates_are_read() {
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("0.5"), Ok(Duration::from_millis(500)));
        assert!(duration("0").is_err() && duration("-3s").is_err() && duration("soon").is_err());
        assert_eq!(rate("20/s"), Ok(20.0));
        assert!(rate("0").is_err() && rate("nan").is_err());
        for text in ["1e-30", "1e-30/s", "-1", "inf", "1e300"] {
            assert!(rate(text).is_err_and(|words| words.contains("0.001/s")), "{text}");
        }
        for text in ["1e30", "400d", "99999999999h", "18446744073709551615", "inf", "nan"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration("8784h"), Ok(LONGEST_TIME));
        assert_eq!(fail_on("never"), Ok(FailOn(None)));
        assert!(fail_on("info").is_err());
    }
}
