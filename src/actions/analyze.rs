//! `slaudit analyze`: from saved output to the same facts, findings and reports. No network; one device in memory at a time.

use jiff::Timestamp;

use super::finish::{Ending, Place, Target, finish};
use super::saved::{self, Saved};
use super::{Failed, head, slac, waive, waivers};
use crate::cli::Analyze;
use crate::exit::Exit;
use crate::inventory::Expectations;
use crate::reports::files::run_id;
use crate::run::Run;
use crate::settings::Settings;
use crate::store::Packed;

/// Analyzes saved output.
pub(super) fn run(options: &Analyze, settings: &Settings) -> anyhow::Result<Exit> {
    let started = Timestamp::now();
    let quiet = settings.cli.common.quiet;
    let target = Target::of(options.out.as_deref(), &options.output.format)?;
    let rules = settings.file.rule_set(&options.output.rules, &options.output.skip_rules)?;
    let waivers = waivers(&options.output, settings)?;
    let slac = slac::expected(&options.output.slac)?;
    let place = saved::Place {
        paths: &options.paths,
        inventory: options.inventory.as_deref(),
        limit: options.limit.as_deref(),
        command: options.command.as_deref(),
    };
    let saved = Saved::find(&place, quiet)?;
    let id = run_id(started);
    let source = options.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let head = head(&id, started, &options.output, source, saved.extra_columns(), &rules);
    let (draft, folder) = target.begin(head)?;
    let (mut draft, mut captured) = (draft.in_lots(), None);
    let expected = Expectations { as_of: options.as_of, slac, ..settings.file.expectations() };
    for record in saved.records(&expected, &rules) {
        captured = captured.max(record.contact.started);
        draft.put(&Packed::new(&record)?).map_err(Failed::from)?;
    }
    // Output of an earlier run is as old as that run, whenever it is read.
    if let Some(captured) = captured {
        draft.captured_at(captured);
    }
    let store = draft.finish(Timestamp::now(), &waive(&waivers, started)).map_err(Failed::from)?;
    let run = Run::load(store, &id).map_err(Failed::from)?;
    let place = match (&target, &folder) {
        (_, Some(folder)) => Place::Folder(folder),
        (Target::Nowhere, None) => Place::Nowhere,
        (_, None) => Place::Output,
    };
    let ending = Ending { lost: saved.lost_something(), ..Ending::default() };
    finish(&run, place, &options.output, quiet, ending)
}
