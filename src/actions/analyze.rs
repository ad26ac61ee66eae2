//! `slaudit analyze`: from saved output to the same facts, findings and reports. No network; one device in memory at a time.

use std::path::Path;

use jiff::Timestamp;

use super::audit::command_line;
use super::finish::{Place, Target, finish};
use super::saved::{self, Saved};
use super::slac;
use crate::cli::Analyze;
use crate::exit::Exit;
use crate::inventory::Expectations;
use crate::reports::files::{RunFolder, run_id};
use crate::run::Run;
use crate::settings::Settings;

/// Analyzes saved output.
pub(super) fn run(options: &Analyze, settings: &Settings) -> anyhow::Result<Exit> {
    let started = Timestamp::now();
    let quiet = settings.cli.common.quiet;
    let target = Target::of(options.out.as_deref(), &options.output)?;
    let rules = settings.file.rule_set(&options.output.rules, &options.output.skip_rules)?;
    let slac = slac::expected(&options.output.slac)?;
    let place = saved::Place {
        paths: &options.paths,
        inventory: options.inventory.as_deref(),
        limit: options.limit.as_deref(),
        command: options.command.as_deref(),
    };
    let saved = Saved::find(&place, quiet)?;
    let folder = match &target {
        Target::Folder(out) => Some(RunFolder::create(out, &run_id(started))?),
        Target::Output | Target::Nowhere => None,
    };
    let expected = Expectations { as_of: options.as_of, slac, ..settings.file.expectations() };
    let devices = saved.records(&expected, &rules).collect();
    let run = Run {
        id: folder.as_ref().map_or_else(|| run_id(started), |folder| name_of(folder.path())),
        label: options.output.label.clone(),
        command: command_line(),
        started,
        finished: Timestamp::now(),
        inventory: options.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" "),
        extra_columns: saved.extra_columns().to_vec(),
        devices,
    };
    let place = match (&target, &folder) {
        (_, Some(folder)) => Place::Folder(folder),
        (Target::Nowhere, None) => Place::Nowhere,
        (_, None) => Place::Output,
    };
    let exit = finish(&run, place, &options.output, quiet, None, false)?;
    // What could not be read may have held the evidence: such a run is not complete.
    let lost = saved.lost_something();
    Ok(match exit {
        Exit::Clean if lost => Exit::Incomplete,
        Exit::Problems if lost => Exit::ProblemsAndIncomplete,
        exit => exit,
    })
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
