//! `slaudit analyze`: from saved output to the same facts, findings and reports.
use crate::cli::Analyze;
use crate::exit::Exit;
use crate::settings::Settings;
pub(super) fn run(options: &Analyze, settings: &Settings) -> anyhow::Result<Exit> {
    let _ = (options, settings);
    anyhow::bail!("wip")
}
