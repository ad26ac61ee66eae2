//! Commands about runs of the store: `report`, `merge`, `diff`.

use std::path::PathBuf;

use clap::Args;

use super::{FailOn, Formats, Output, fail_on};

/// `slaudit report`.
#[derive(Debug, Args)]
pub struct Again {
    /// The run: its id, its folder, `latest`, or a label given with --label
    #[arg(value_name = "RUN")]
    pub run: String,
    /// Which reports.
    #[command(flatten)]
    pub format: Formats,
    /// Write into this directory instead of the run's folder; `-` prints one document
    // The id is not that of `--out` of audits: what is set up for these is the place of all runs.
    #[arg(id = "report_out", long = "out", value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where the run folders are
    #[arg(long, env = "SLAUDIT_OUT", default_value = "slaudit-runs", value_name = "DIR")]
    pub runs: PathBuf,
}

/// `slaudit merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// The runs: ids, run folders, or labels given with --label
    #[arg(value_name = "RUN", required = true, num_args = 1..)]
    pub of: Vec<String>,
    /// Write the joined run under this directory
    #[arg(id = "merge_out", long = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Where the run folders are that are not named by their path
    #[arg(long, env = "SLAUDIT_OUT", default_value = "slaudit-runs", value_name = "DIR")]
    pub runs: PathBuf,
    /// What is written and failed on.
    #[command(flatten)]
    pub output: Output,
}

/// `slaudit diff`.
#[derive(Debug, Args)]
pub struct Difference {
    /// The older run: its id, its folder, `latest`, or a label given with --label, for example `pre`
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The newer run, for example `post`
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Exit with 1 where something of this severity or worse is new or could not be checked again: critical, high, medium, low, never
    #[arg(long, env = "SLAUDIT_FAIL_ON", default_value = "medium", value_name = "SEVERITY", value_parser = fail_on)]
    pub fail_on: FailOn,
    /// How the answer is written: text, md (for a change ticket), json
    #[arg(id = "diff_format", long = "format", default_value = "text", value_name = "F", value_parser = diff_format)]
    pub format: DiffFormat,
    /// Where the run folders are
    #[arg(long, env = "SLAUDIT_OUT", default_value = "slaudit-runs", value_name = "DIR")]
    pub runs: PathBuf,
}

/// `--format` of `diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffFormat {
    /// For people.
    Text,
    /// For a ticket.
    Md,
    /// For programs.
    Json,
}

fn diff_format(text: &str) -> Result<DiffFormat, String> {
    match text {
        "text" => Ok(DiffFormat::Text),
        "md" | "markdown" => Ok(DiffFormat::Md),
        "json" => Ok(DiffFormat::Json),
        _ => Err("use text, md or json".to_owned()),
    }
}
