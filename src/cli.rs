//! The command line. Every option has an environment variable `SLAUDIT_*` and a key in `slaudit.toml`; `settings` joins them.
//!
//! No option takes a secret: arguments are visible to every user of the machine.

mod stored;
mod values;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

pub use self::stored::{Again, DiffFormat, Difference, Merge};

use crate::exit::MaxUnreachable;
use crate::finding::Severity;
use crate::inventory::{Shard, Target};
use crate::reports::{self, CsvProfile};
use crate::session::HostKeyPolicy;
use values::{answer_format, csv_profile, duration, fail_on, host_key_policy, label, rate};

/// Audits fleets of Cisco devices for Smart Licensing Using Policy. It reads; it never changes a device.
#[derive(Debug, Parser)]
#[command(name = "slaudit", version = version(), long_version = long_version(), max_term_width = 100, disable_help_subcommand = true)]
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
    /// No progress, no warnings; instead of the summary one line of JSON
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
    /// Render a stored run again, in any format
    Report(Box<Again>),
    /// Join the runs of `audit --shard` into one
    Merge(Box<Merge>),
    /// Compare two runs: what is new, fixed, unchanged or not checked; exit code 1 where something is new or was lost
    Diff(Box<Difference>),
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
    /// Show what is in force, and where each value comes from; takes the options of audit
    Config(Box<Config>),
    /// Print the completions of a shell, to be kept where it looks for them
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the man page; `slaudit man | man -l -`
    Man {
        /// Write a page a command into this directory instead
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
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
    /// Go on with a run that was interrupted: its own devices, and no finished one again; rows of an inventory replace its own
    #[arg(long, env = "SLAUDIT_RESUME", value_name = "RUN", conflicts_with_all = ["hosts", "limit", "shard", "label"])]
    pub resume: Option<String>,
    /// Only this part of the devices, for one of several collectors: 1/3, 2/3, 3/3; `slaudit merge` joins their runs
    #[arg(long, env = "SLAUDIT_SHARD", value_name = "I/N")]
    pub shard: Option<Shard>,
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

/// `slaudit config`.
#[derive(Debug, Args)]
#[command(mut_arg("format", |arg| arg.long("report-format").help("What --format is for audit")))]
pub struct Config {
    /// What an audit would be told.
    #[command(flatten)]
    pub audit: Audit,
    /// How it is printed: text, json
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
    /// Let each device ping the host it reports to: the one command that makes it send something
    #[arg(long, env = "SLAUDIT_PROBE", value_parser = clap::builder::BoolishValueParser::new())]
    pub probe: bool,
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
    #[arg(long, env = "SLAUDIT_LABEL", value_name = "NAME", value_parser = label)]
    pub label: Option<String>,
    /// Which reports.
    #[command(flatten)]
    pub format: Formats,
    /// Exit with 1 for findings of this severity or worse: critical, high, medium, low, never
    #[arg(long, env = "SLAUDIT_FAIL_ON", default_value = "medium", value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: FailOn,
    /// Exit with 3 where more devices than this could not be audited: a number, or a share such as 5%
    #[arg(long, env = "SLAUDIT_MAX_UNREACHABLE", default_value = "0", value_name = "N|P%")]
    pub max_unreachable: MaxUnreachable,
    /// SLAC files that are to be installed; the rule slac-udi-mismatch compares them
    #[arg(long, env = "SLAUDIT_SLAC", value_name = "FILE[,FILE]", value_delimiter = ',')]
    pub slac: Vec<PathBuf>,
    /// Waivers, a CSV file with the columns rule, device, reason, owner, until; slaudit.toml may hold others
    #[arg(long, env = "SLAUDIT_WAIVERS", value_name = "FILE")]
    pub waivers: Option<PathBuf>,
    /// Only these rules
    #[arg(long, env = "SLAUDIT_RULES", value_name = "RULE[,RULE]", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// Never these rules
    #[arg(long, env = "SLAUDIT_SKIP_RULES", value_name = "RULE[,RULE]", value_delimiter = ',')]
    pub skip_rules: Vec<String>,
}

/// Which reports are written, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct Formats {
    /// Reports to write.
    #[arg(long, env = "SLAUDIT_FORMAT", value_name = "F[,F]", value_delimiter = ',', help = formats())]
    pub format: Vec<String>,
    /// How CSV is written: plain (RFC 4180), or excel (for spreadsheets)
    #[arg(long, env = "SLAUDIT_CSV_PROFILE", default_value = "plain", value_name = "PROFILE", value_parser = csv_profile)]
    pub csv_profile: CsvProfile,
}

/// The help of `--format`: all of them, and the usual ones.
fn formats() -> String {
    let usual = reports::usual_formats().join(",");
    format!("Reports to write: {} [default: {usual}]", reports::formats().join(", "))
}

/// `--fail-on`; `None` is `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailOn(pub Option<Severity>);

/// The description of the command line, for what is made from it.
pub fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// The version with what the binary is made of.
fn version() -> &'static str {
    concat!(env!("CARGO_PKG_VERSION"), env!("SLAUDIT_BUILD"))
}

/// The same with the libraries that are built in: what to look at when one of them has a fault.
fn long_version() -> &'static str {
    concat!(env!("CARGO_PKG_VERSION"), env!("SLAUDIT_BUILD"), "\n", env!("SLAUDIT_LIBRARIES"))
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
}
