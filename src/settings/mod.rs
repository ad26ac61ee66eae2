//! What a run is to do: the command line, the environment and `slaudit.toml`, joined. Flags beat environment beats file.
//!
//! ```toml
//! [audit]                      # any option of audit, dashes as underscores
//! concurrency = 100
//! [expect]                     # for the whole fleet; the inventory's columns win
//! transport = "smart"
//! [credentials.default]
//! user = "netaudit"
//! password_command = "pass show net/ro"
//! [jump]
//! credential = "bastion"       # the name of another set
//! [rules.transport-off]
//! severity = "low"             # or enabled = false
//! [[waiver]]
//! rule = "clock-not-synchronized"
//! device = "lab-*"
//! reason = "isolated lab"
//! owner = "netops"
//! until = 2027-01-31           # its last day
//! ```

mod effective;
mod file;
mod lookup;
mod options;
mod owner;
mod table;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::FromArgMatches as _;

pub use self::effective::{Effective, Origin, Section};
pub use self::file::{CredentialSet, File, Jump};
pub use self::lookup::{Choice, places};
pub use self::table::FileErrors;
use crate::cli::{self, Cli};
use crate::waivers::Waivers;

/// Commands that no configuration changes; a wrong one must not break the start of a shell.
const WITHOUT_FILE: [&str; 4] = ["completions", "man", "rules", "explain"];

/// The command line and the file, joined.
#[derive(Debug)]
pub struct Settings {
    /// The command with its options.
    pub cli: Cli,
    /// The configuration file; empty where there is none.
    pub file: File,
    /// The options of the command that may stand in `[audit]`.
    options: Vec<Effective>,
}

impl Settings {
    /// Reads the command line, finds the configuration file and joins both.
    ///
    /// # Errors
    /// Clap's own for the command line (help and version among them); everything that is wrong with the file.
    pub fn read(arguments: Vec<OsString>) -> anyhow::Result<Self> {
        let command = cli::command();
        let mut bare = options::without_empty_variables(command.clone());
        let first = bare.try_get_matches_from_mut(&arguments);
        let first = first.map_err(|error| options::name_variable(error, &bare, &arguments))?;
        let (action, _) = first.subcommand().context("no command")?;
        let known = options::Options::of(&command);
        let named = first.get_one::<PathBuf>("config").cloned();
        let opened = if WITHOUT_FILE.contains(&action) { None } else { lookup::open(named)? };
        let file = opened.map(|opened| File::load(opened, &known)).transpose()?.unwrap_or_default();
        let command = options::with_presets(command, action, &file.presets);
        let mut command = options::without_empty_variables(command);
        let matches = command.try_get_matches_from_mut(arguments)?;
        let (_, own) = matches.subcommand().context("no command")?;
        let here = command.find_subcommand(action).context("no such command")?;
        let options = effective::options(&known, here, own, &file);
        Ok(Self { cli: Cli::from_arg_matches(&matches)?, file, options })
    }

    /// The waivers of the file, with those of `--waivers`.
    ///
    /// # Errors
    /// Everything that is wrong with the CSV file; what is wrong with `[[waiver]]` has been told by [`Settings::read`].
    pub fn waivers(&self, csv: Option<&Path>) -> anyhow::Result<Waivers> {
        let more = csv.map(Waivers::load).transpose()?.unwrap_or_default();
        Ok(Waivers::new(self.file.waivers.clone()).with(more))
    }
}

/// `~/` is the home directory, as shells have it.
pub fn from_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}
