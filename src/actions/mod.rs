//! The commands, each from settings to exit code. Everything before the first connection may fail with wrong usage; after it,
//! failures are rows.

mod analyze;
mod audit;
mod catalogue;
mod config;
mod decode;
mod finish;
mod manual;
mod plan;
mod remediate;
mod run_name;
mod saved;
mod slac;
mod slac_view;
mod table;

use std::io::{self, Write as _};

use crate::cli::{AccessOptions, Action, Selection};
use crate::exit::Exit;
use crate::inventory::limit::Limit;
use crate::inventory::{Inventory, Reach, SshConfig, hosts};
use crate::secrets::from_home;
use crate::settings::Settings;

/// An error that is no wrong usage: the run went wrong on this side.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

/// Runs the command.
///
/// # Errors
/// Wrong usage, configuration or inventory, found before anything was contacted; [`Failed`] for the rest.
pub fn run(settings: &Settings) -> anyhow::Result<Exit> {
    match &settings.cli.action {
        Action::Audit(options) => audit::run(options, settings),
        Action::Analyze(options) => analyze::run(options, settings),
        Action::Plan(options) => plan::run(options, settings),
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
    let mut warnings = Vec::new();
    let listed = match &selection.inventory {
        Some(path) => {
            let loaded = Inventory::load(path)?;
            warnings.extend(loaded.warnings);
            Some(loaded.inventory)
        }
        None => None,
    };
    let source = selection.inventory.as_ref().map(|path| path.display().to_string());
    let (mut inventory, source) = match (&selection.hosts, listed) {
        (Some(names), listed) => {
            let loaded = hosts::read(names, &mut io::stdin(), listed.as_ref())?;
            warnings.extend(loaded.warnings);
            (loaded.inventory, source.unwrap_or_else(|| "--hosts".to_owned()))
        }
        (None, Some(listed)) => (listed, source.unwrap_or_default()),
        (None, None) => anyhow::bail!("name an inventory file, or devices with --hosts"),
    };
    if !settings.cli.common.quiet {
        for warning in &warnings {
            let _ = writeln!(io::stderr(), "warning: {warning}");
        }
    }
    if let Some(expression) = &selection.limit {
        inventory = Limit::parse(expression)?.select(&inventory)?;
    }
    for device in inventory.devices.iter_mut().filter(|device| device.jump.is_empty()) {
        device.jump = access.jump.iter().map(ToString::to_string).collect();
    }
    inventory.expect(&settings.file.expectations());
    let reach = Reach::find(&ssh_config(access)?, &mut inventory.devices)?;
    Ok(Selected { inventory, source, reach })
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

/// Prints to standard output. A reader that has gone away is no error: `slaudit rules | head`.
fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed(format!("standard output: {error}")).into())
        }
        _ => Ok(()),
    }
}
