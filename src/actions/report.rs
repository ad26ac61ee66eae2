//! `slaudit report RUN`: the reports of a stored run once more, in any format.

use super::finish::{Place, Target, write};
use super::{print, run_name};
use crate::cli::Again;
use crate::exit::Exit;
use crate::reports::files::RunFolder;
use crate::settings::Settings;

/// Writes the reports into the run's folder, into another one, or one of them to standard output.
pub(super) fn run(options: &Again, settings: &Settings) -> anyhow::Result<Exit> {
    let named = run_name::find(&options.run, &options.runs)?;
    let target = match &options.out {
        None => Target::Folder(named.folder.clone()),
        Some(out) => Target::of(Some(out), &options.format)?,
    };
    let run = named.load()?;
    let folder = match &target {
        Target::Folder(folder) => Some(RunFolder::at(folder)?),
        Target::Output | Target::Nowhere => None,
    };
    let place = folder.as_ref().map_or(Place::Output, Place::Folder);
    let names = write(&run, place, &options.format)?;
    if let (Some(folder), false) = (&folder, settings.cli.common.quiet) {
        let lines = names.iter().map(|name| format!("{}\n", folder.path().join(name).display()));
        print(&lines.collect::<String>())?;
    }
    Ok(Exit::Clean)
}
