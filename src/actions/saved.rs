//! Saved output as rows: what `analyze`, `remediate` and `slac` read. One device in memory at a time.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::commands;
use crate::interview::{End, Interview};
use crate::inventory::limit::Limit;
use crate::inventory::{Expectations, Inventory};
use crate::pipeline;
use crate::record::{Contact, DeviceRecord};
use crate::reports::text::one_line;
use crate::rules::RuleSet;
use crate::transcript::intake::{self, Plan, Source, Taken};

/// Where saved output lies, and what its user says about it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// Files and folders.
    pub(super) paths: &'a [PathBuf],
    /// `--inventory`.
    pub(super) inventory: Option<&'a Path>,
    /// `--limit`.
    pub(super) limit: Option<&'a str>,
    /// `--command`.
    pub(super) command: Option<&'a str>,
}

/// Saved output that was found, and the devices that are selected.
#[derive(Debug)]
pub(super) struct Saved {
    plan: Plan,
    chosen: HashSet<String>,
    quiet: bool,
}

impl Saved {
    /// Finds out what there is. What could not be placed is told, unless `quiet`.
    ///
    /// # Errors
    /// An inventory or a selection that cannot be used, and paths without anything that slaudit reads.
    pub(super) fn find(place: &Place<'_>, quiet: bool) -> anyhow::Result<Self> {
        let plan = scan(place, quiet)?;
        for unplaced in &plan.unplaced {
            say(quiet, &format!("warning: {unplaced}"));
        }
        if plan.devices.is_empty() {
            bail!("no output of a command that slaudit reads was found; the README tells what analyze takes");
        }
        let devices = plan.devices.iter().map(|source| source.device.clone()).collect();
        let mut found = Inventory { devices, extra_columns: plan.extra_columns.clone() };
        if let Some(expression) = place.limit {
            found = Limit::parse(expression)?.select(&found)?;
        }
        let chosen = found.devices.into_iter().map(|device| device.name).collect();
        Ok(Self { plan, chosen, quiet })
    }

    /// Names of the extra columns of every device.
    pub(super) fn extra_columns(&self) -> &[String] {
        &self.plan.extra_columns
    }

    /// True where something could not be read: it may have held the evidence.
    pub(super) fn lost_something(&self) -> bool {
        self.plan.unplaced.iter().any(|unplaced| unplaced.reason.is_failure())
    }

    /// The rows of the selected devices, read and judged one after the other.
    pub(super) fn records<'a>(
        &'a self,
        expected: &'a Expectations,
        rules: &'a RuleSet,
    ) -> impl Iterator<Item = DeviceRecord> + 'a {
        let chosen = self.plan.devices.iter().filter(|source| self.chosen.contains(&source.device.name));
        chosen.map(move |source| {
            let (record, notes) = one(source, expected, rules);
            for note in notes {
                say(self.quiet, &format!("note: {}: {note}", record.device.name));
            }
            record
        })
    }
}

fn scan(place: &Place<'_>, quiet: bool) -> anyhow::Result<Plan> {
    let command = match place.command {
        Some(text) => {
            Some(commands::full_text(text).with_context(|| format!("--command: slaudit does not read `{text}`"))?)
        }
        None => None,
    };
    let inventory = place.inventory.map(Inventory::load).transpose()?.map(|loaded| loaded.inventory);
    let known = |text: &str| commands::full_text(text);
    let plan = intake::scan(place.paths, &intake::Options { known: &known, command, inventory: inventory.as_ref() });
    let found: HashSet<&str> = plan.devices.iter().map(|source| source.device.name.as_str()).collect();
    let without: Vec<&str> = inventory
        .iter()
        .flat_map(|inventory| &inventory.devices)
        .map(|device| device.name.as_str())
        .filter(|name| !found.contains(name))
        .collect();
    if let Some(first) = without.first() {
        say(
            quiet,
            &format!(
                "warning: no output of {} devices of the inventory, `{first}` among them; they have no row",
                without.len()
            ),
        );
    }
    Ok(plan)
}

/// The row of one device, and what its user should know.
fn one(source: &Source, expected: &Expectations, rules: &RuleSet) -> (DeviceRecord, Vec<String>) {
    let Taken { mut transcript, contact, notes } = match source.load() {
        Ok(taken) => taken,
        Err(unplaced) => return (pipeline::unreadable(&source.device, &unplaced.to_string(), rules), Vec::new()),
    };
    transcript.device.expect.fill_from(expected);
    let interview = match contact {
        Some(contact) => pipeline::recorded(transcript, contact),
        None => Interview::of(transcript, Contact::default(), End::Saved),
    };
    (pipeline::record(interview, rules), notes)
}

pub(super) fn say(quiet: bool, line: &str) {
    if !quiet {
        // Names of other people's files and devices stand in it.
        let _ = writeln!(io::stderr(), "{}", one_line(line));
    }
}
