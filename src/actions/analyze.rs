//! `slaudit analyze`: from saved output to the same facts, findings and reports. No network; one device in memory at a time.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::audit::command_line;
use super::finish::{Place, Target, finish};
use crate::cli::Analyze;
use crate::commands;
use crate::exit::Exit;
use crate::interview::{End, Interview};
use crate::inventory::limit::Limit;
use crate::inventory::{Expectations, Inventory};
use crate::pipeline;
use crate::reports::files::{RunFolder, run_id};
use crate::rules::RuleSet;
use crate::run::{Contact, DeviceRecord, Run};
use crate::settings::Settings;
use crate::transcript::archive::Archived;
use crate::transcript::intake::{self, Plan, Source, Taken};

/// Analyzes saved output.
pub(super) fn run(options: &Analyze, settings: &Settings) -> anyhow::Result<Exit> {
    let started = Timestamp::now();
    let quiet = settings.cli.common.quiet;
    let target = Target::of(options.out.as_deref(), &options.output)?;
    let rules = settings.file.rule_set(&options.output.rules, &options.output.skip_rules)?;
    let plan = scan(options)?;
    let (devices, extra_columns) = (selected(options, &plan)?, plan.extra_columns.clone());
    for unplaced in &plan.unplaced {
        say(quiet, &format!("warning: {unplaced}"));
    }
    if plan.devices.is_empty() {
        bail!("no output of a command that slaudit reads was found; the README tells what analyze takes");
    }
    let folder = match &target {
        Target::Folder(out) => Some(RunFolder::create(out, &run_id(started))?),
        Target::Output | Target::Nowhere => None,
    };
    let expected = Expectations { as_of: options.as_of, ..settings.file.expectations() };
    let records = plan.devices.iter().filter(|source| devices.contains(&source.device.name)).map(|source| {
        let (record, notes) = one(source, &expected, &extra_columns, &rules);
        for note in notes {
            say(quiet, &format!("note: {}: {note}", record.device.name));
        }
        record
    });
    let devices = records.collect();
    let run = Run {
        id: folder.as_ref().map_or_else(|| run_id(started), |folder| name_of(folder.path())),
        label: options.output.label.clone(),
        command: command_line(),
        started,
        finished: Timestamp::now(),
        inventory: options.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" "),
        extra_columns,
        devices,
    };
    let place = match (&target, &folder) {
        (_, Some(folder)) => Place::Folder(folder),
        (Target::Nowhere, None) => Place::Nowhere,
        (_, None) => Place::Output,
    };
    let exit = finish(&run, place, &options.output, quiet, None, false)?;
    // What could not be read may have held the evidence: such a run is not complete.
    let lost = plan.unplaced.iter().any(|unplaced| unplaced.reason.is_failure());
    Ok(match exit {
        Exit::Clean if lost => Exit::Incomplete,
        Exit::Problems if lost => Exit::ProblemsAndIncomplete,
        exit => exit,
    })
}

fn scan(options: &Analyze) -> anyhow::Result<Plan> {
    let command = match &options.command {
        Some(text) => {
            Some(commands::find(text).with_context(|| format!("--command: slaudit does not read `{text}`"))?.sends)
        }
        None => None,
    };
    let inventory = options.inventory.as_deref().map(Inventory::load).transpose()?.map(|loaded| loaded.inventory);
    let known = |text: &str| commands::find(text).map(|command| command.sends);
    Ok(intake::scan(&options.paths, &intake::Options { known: &known, command, inventory: inventory.as_ref() }))
}

/// The names that `--limit` selects, or all.
fn selected(options: &Analyze, plan: &Plan) -> anyhow::Result<HashSet<String>> {
    let devices = plan.devices.iter().map(|source| source.device.clone()).collect();
    let mut found = Inventory { devices, extra_columns: plan.extra_columns.clone() };
    if let Some(expression) = &options.limit {
        found = Limit::parse(expression)?.select(&found)?;
    }
    Ok(found.devices.into_iter().map(|device| device.name).collect())
}

/// The row of one device, and what its user should know.
fn one(
    source: &Source,
    expected: &Expectations,
    extra_columns: &[String],
    rules: &RuleSet,
) -> (DeviceRecord, Vec<String>) {
    let Taken { mut transcript, contact, notes } = match source.load() {
        Ok(taken) => taken,
        Err(unplaced) => return (pipeline::unreadable(&source.device, &unplaced.to_string()), Vec::new()),
    };
    transcript.device.expect.fill_from(expected);
    let interview = match contact {
        Some(contact) => pipeline::recorded(Archived { transcript, extra_columns: extra_columns.to_vec(), contact }),
        None => Interview { transcript, contact: Contact::default(), end: End::Saved },
    };
    (pipeline::record(interview, extra_columns, rules).0, notes)
}

fn name_of(folder: &Path) -> String {
    folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn say(quiet: bool, line: &str) {
    if !quiet {
        let _ = writeln!(io::stderr(), "{line}");
    }
}
