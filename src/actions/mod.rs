//! The commands, each from settings to exit code. Everything before the first connection may fail with wrong usage; after it,
//! failures are rows.

mod analyze;
mod audit;
mod catalogue;
mod command_line;
mod config;
mod decode;
mod diff;
mod evidence;
mod finish;
mod manual;
mod merge;
mod plan;
mod remediate;
mod report;
mod run_name;
mod saved;
mod slac;
mod slac_view;
mod table;

use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use signal_hook::consts::SIGXFSZ;

use crate::cli::{AccessOptions, Action, Output, Selection};
use crate::exit::Exit;
use crate::inventory::limit::Limit;
use crate::inventory::{Inventory, Reach, SshConfig, hosts};
use crate::record::State;
use crate::reports::files::FileError;
use crate::rules::{self, RuleSet};
use crate::run::Run;
use crate::secrets::from_home;
use crate::settings::Settings;
use crate::store::{Head, RuleChoice, StoreError, Waived};
use crate::waivers::{Standing, Waiver, Waivers};

/// An error that is no wrong usage: the run went wrong on this side.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub struct Failed {
    text: String,
    exit: Exit,
}

impl Failed {
    /// An error that is to be reported to the authors.
    fn internal(text: String) -> Self {
        Self { text, exit: Exit::Internal }
    }

    /// What was found could not be written, which nothing in slaudit would mend.
    fn unwritten(text: String) -> Self {
        Self { text, exit: Exit::Incomplete }
    }

    /// Adds a line that says what to do.
    fn advise(self, advice: &str) -> Self {
        Self { text: format!("{}\n{advice}", self.text), ..self }
    }

    /// The code the process ends with.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        if error.is_external() { Self::unwritten(text) } else { Self::internal(text) }
    }
}

/// What reads a run hands on errors of the store and of files alike.
impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(error) => error.into(),
            Err(error) => Self::internal(error.to_string()),
        }
    }
}

impl From<FileError> for Failed {
    fn from(error: FileError) -> Self {
        let text = error.to_string();
        if error.is_external() { Self::unwritten(text) } else { Self::internal(text) }
    }
}

/// Runs the command.
///
/// # Errors
/// Wrong usage, configuration or inventory, found before anything was contacted; [`Failed`] for the rest.
pub fn run(settings: &Settings) -> anyhow::Result<Exit> {
    // A limit on file sizes (ulimit -f) is to be an error like a full disk, not the end of the process. Taken, not ignored: the
    // commands that print secrets do not inherit it.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    match &settings.cli.action {
        Action::Audit(options) => audit::run(options, settings),
        Action::Analyze(options) => analyze::run(options, settings),
        Action::Plan(options) => plan::run(options, settings),
        Action::Report(options) => report::run(options, settings),
        Action::Merge(options) => merge::run(options, settings),
        Action::Diff(options) => diff::run(options),
        Action::Remediate(options) => remediate::run(options, settings),
        Action::Slac(options) => slac::run(options, settings),
        Action::Rules => catalogue::rules(),
        Action::Explain { rule } => catalogue::explain(rule),
        Action::Decode(options) => decode::run(options, settings),
        Action::Config(options) => config::run(options, settings),
        Action::Completions { shell } => manual::completions(*shell),
        Action::Man { out } => manual::man(out.as_deref()),
    }
}

/// The devices that are selected, where they come from, and what the SSH configuration says about them.
struct Selected {
    inventory: Inventory,
    source: String,
    reach: Reach,
}

fn select(selection: &Selection, access: &AccessOptions, settings: &Settings) -> anyhow::Result<Selected> {
    let (mut inventory, source) = listed(selection, settings)?;
    let reach = reach(&mut inventory, access, settings)?;
    Ok(Selected { inventory, source, reach })
}

/// The devices that are selected as the inventory has them, and where they come from.
fn listed(selection: &Selection, settings: &Settings) -> anyhow::Result<(Inventory, String)> {
    let file = selection.inventory.as_deref().map(|path| inventory(path, settings)).transpose()?;
    let source = selection.inventory.as_ref().map(|path| path.display().to_string());
    let (inventory, source) = match (&selection.hosts, file) {
        (Some(names), file) => {
            let loaded = hosts::read(names, &mut io::stdin(), file.as_ref())?;
            warn(&loaded.warnings, settings);
            (loaded.inventory, source.unwrap_or_else(|| "--hosts".to_owned()))
        }
        (None, Some(file)) => (file, source.unwrap_or_default()),
        (None, None) => anyhow::bail!("name an inventory file, or devices with --hosts"),
    };
    match &selection.limit {
        Some(expression) => Ok((Limit::parse(expression)?.select(&inventory)?, source)),
        None => Ok((inventory, source)),
    }
}

fn inventory(path: &Path, settings: &Settings) -> anyhow::Result<Inventory> {
    let loaded = Inventory::load(path)?;
    warn(&loaded.warnings, settings);
    Ok(loaded.inventory)
}

/// Completes devices with what options, configuration and the SSH configuration say about all of them.
fn reach(inventory: &mut Inventory, access: &AccessOptions, settings: &Settings) -> anyhow::Result<Reach> {
    for device in inventory.devices.iter_mut().filter(|device| device.jump.is_empty()) {
        device.jump = access.jump.iter().map(ToString::to_string).collect();
    }
    inventory.expect(&settings.file.expectations());
    Ok(Reach::find(&ssh_config(access)?, &mut inventory.devices)?)
}

fn warn(warnings: &[impl std::fmt::Display], settings: &Settings) {
    if !settings.cli.common.quiet {
        for warning in warnings {
            let _ = writeln!(io::stderr(), "warning: {warning}");
        }
    }
}

/// OpenSSH's configuration of the user; one that is named must be there.
fn ssh_config(access: &AccessOptions) -> anyhow::Result<SshConfig> {
    let home = std::env::home_dir().unwrap_or_default();
    let path = match &access.ssh_config {
        Some(none) if none.as_os_str() == "none" => return Ok(SshConfig::default()),
        Some(path) => from_home(path),
        None => home.join(".ssh/config"),
    };
    if access.ssh_config.is_none() && !path.is_file() {
        return Ok(SshConfig::default());
    }
    Ok(SshConfig::load(&path, &home)?)
}

/// What is known of a run before its devices.
fn head(
    id: &str,
    started: Timestamp,
    output: &Output,
    inventory: String,
    extra_columns: &[String],
    rules: &RuleSet,
) -> Head {
    Head {
        label: output.label.clone(),
        command: command_line::typed(),
        inventory,
        extra_columns: extra_columns.to_vec(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules_version: Run::rules_version(),
        rules: judged(rules),
        rules_known: rules::ALL.len(),
        rule_choice: if output.rules.is_empty() && output.skip_rules.is_empty() {
            RuleChoice::Standing
        } else {
            RuleChoice::OneOff
        },
        ..Head::new(id, started)
    }
}

/// Ids of the rules that are judged.
fn judged(rules: &RuleSet) -> Vec<String> {
    rules::ALL.iter().filter(|rule| rules.runs(rule)).map(|rule| rule.id.to_owned()).collect()
}

/// The waivers of a run. Those that end soon are told, so that nobody is surprised by what they hide, and those that have ended.
fn waivers(output: &Output, settings: &Settings) -> anyhow::Result<Waivers> {
    const AHEAD: i64 = 14;
    let waivers = settings.waivers(output.waivers.as_deref())?;
    let today = day(Timestamp::now());
    let told = |waiver: &Waiver, ends: &str| {
        let Waiver { place, rule, device, until, owner, .. } = waiver;
        format!("{place}: the waiver of {rule} on {device} {ends} on {until} ({owner})")
    };
    let ended = waivers.iter().filter(|waiver| waiver.until < today).map(|waiver| told(waiver, "ended"));
    let soon = waivers.expiring(today, AHEAD).into_iter().map(|waiver| told(waiver, "ends"));
    warn(&ended.chain(soon).collect::<Vec<_>>(), settings);
    Ok(waivers)
}

/// What waivers say of a finding on the day on which its run began.
fn waive(waivers: &Waivers, started: Timestamp) -> impl Fn(&str, &str) -> Option<Waived> {
    let on = day(started);
    move |rule, device| {
        let (waiver, standing) = waivers.of(rule, device, on)?;
        let state = match standing {
            Standing::Valid => State::Waived,
            Standing::Expired => State::WaiverExpired,
        };
        Some(Waived { state, until: waiver.until, reason: waiver.reason.clone() })
    }
}

/// The day that waivers are judged by.
fn day(time: Timestamp) -> Date {
    Offset::UTC.to_datetime(time).date()
}

/// Prints to standard output. A reader that has gone away is no error: `slaudit rules | head`.
fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::unwritten(format!("standard output: {error}")).into())
        }
        _ => Ok(()),
    }
}
