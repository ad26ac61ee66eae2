//! `slaudit merge RUN... --out DIR`: the runs of `audit --shard` as one run, with the reports that one run would have written.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::finish::{Ending, Place, Target, finish};
use super::run_name::{self, Named};
use super::{Failed, command_line, waive, waivers};
use crate::cli::Merge;
use crate::exit::Exit;
use crate::inventory::Shard;
use crate::record::Status;
use crate::reports::files::{RunFolder, run_id, write_whole};
use crate::run::Run;
use crate::settings::Settings;
use crate::store::Head;

/// Joins runs.
pub(super) fn run(options: &Merge, settings: &Settings) -> anyhow::Result<Exit> {
    let target = Target::of(Some(&options.out), &options.output.format)?;
    if target == Target::Output {
        bail!("--out -: a joined run is a folder; name a directory");
    }
    let mut parts = Vec::with_capacity(options.of.len());
    for name in &options.of {
        let named = run_name::find(name, &options.runs)?;
        let run = named.load()?;
        parts.push((named, run));
    }
    check(&parts)?;
    let head = joined(&parts, options.output.label.as_ref());
    let finished = parts.iter().map(|(_, run)| run.finished).max().unwrap_or(head.started);
    let (id, started) = (head.id.clone(), head.started);
    let waivers = waivers(&options.output, settings)?;
    let (mut draft, folder) = target.begin(head)?;
    let folder = folder.context("a joined run has a folder")?;
    for (named, _) in &parts {
        draft.adopt(&named.store()?, &named.id).map_err(Failed::from)?;
        link_all(&named.folder.join("transcripts"), &folder.transcripts())
            .with_context(|| format!("{}: the transcripts cannot be taken over", named.folder.display()))?;
    }
    logs(&parts, &folder)?;
    let store = draft.finish(finished, &waive(&waivers, started)).map_err(Failed::from)?;
    let run = Run::load(store, &id).map_err(Failed::from)?;
    let breaker = run.roster.iter().any(|member| member.status == Status::SkippedBreaker && !member.is_site_aside);
    let ending = Ending { breaker, ..Ending::default() };
    finish(&run, Place::Folder(&folder), &options.output, settings.cli.common.quiet, ending)
}

/// Parts must be of one fleet, judged alike, all of them there, and no device may be in two of them.
fn check(parts: &[(Named, Run)]) -> anyhow::Result<()> {
    let ids: Vec<_> = parts.iter().map(|(named, _)| named.id.as_str()).collect();
    if let Some(twice) = ids.iter().enumerate().find_map(|(at, id)| ids[..at].contains(id).then_some(id)) {
        bail!("run {twice} is named twice");
    }
    let shards: Vec<_> = parts.iter().map(|(_, run)| run.head.shard).collect();
    let mut faults = missing_parts(&shards);
    for (named, _) in parts.iter().filter(|(_, run)| !run.is_complete()) {
        faults.push(format!("run {0} was interrupted; slaudit audit --resume {0} goes on with it", named.id));
    }
    let Some(((first, one), others)) = parts.split_first() else { return Ok(()) };
    for (named, run) in others {
        let same = [
            ("the inventory", run.head.inventory == one.head.inventory),
            ("the columns of the inventory", run.head.extra_columns == one.head.extra_columns),
            ("the rules", run.head.rules == one.head.rules && run.head.rules_version == one.head.rules_version),
        ];
        for (what, _) in same.iter().filter(|(_, same)| !same) {
            faults.push(format!("{what} of run {} and of run {} differ", first.id, named.id));
        }
    }
    let mut owners = HashMap::<String, &str>::new();
    for (named, run) in parts {
        for member in &run.roster {
            if let Some(other) = owners.insert(member.name.to_lowercase(), &named.id) {
                faults.push(format!("{} is in run {other} and in run {}", member.name, named.id));
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { bail!("these runs are not parts of one:\n  {}", faults.join("\n  ")) }
}

/// The parts of a fleet that no run has. Runs without `--shard` are wholes of their own.
fn missing_parts(shards: &[Option<Shard>]) -> Vec<String> {
    let Some(first) = shards.iter().flatten().next() else { return Vec::new() };
    let lacking = first.all().filter(|part| !shards.contains(&Some(*part)));
    let foreign = shards.iter().filter(|shard| shard.is_none_or(|shard| shard.of() != first.of()));
    let foreign = foreign.map(|shard| match shard {
        Some(shard) => format!("part {shard} is none of {}", first.of()),
        None => "a run without --shard is no part".to_owned(),
    });
    lacking.map(|part| format!("part {part} is missing")).chain(foreign).collect()
}

/// What is known of the joined run: that of the first, begun when the earliest began.
fn joined(parts: &[(Named, Run)], label: Option<&String>) -> Head {
    let first = &parts[0].1.head;
    let started = parts.iter().map(|(_, run)| run.head.started).min().unwrap_or(first.started);
    Head {
        id: run_id(Timestamp::now()),
        label: label.or(first.label.as_ref()).cloned(),
        command: command_line::without(&first.command, &["--shard"]),
        shard: None,
        started,
        ..first.clone()
    }
}

/// Takes over a folder with all that is in it: by links where the file system has them, else by copies.
fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            link_all(&from, &to)?;
        } else if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// `run.log` of all of them, by time, which each line begins with.
fn logs(parts: &[(Named, Run)], folder: &RunFolder) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for (named, _) in parts {
        let text = fs::read_to_string(named.folder.join("run.log")).unwrap_or_default();
        lines.extend(text.lines().map(|line| format!("{line}\n")));
    }
    lines.sort();
    write_whole(&folder.path().join("run.log"), |out| out.write_all(lines.concat().as_bytes()))
        .map_err(|error| Failed::from(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_missing_is_named() {
        let parts = |texts: &[&str]| texts.iter().map(|text| text.parse().ok()).collect::<Vec<Option<Shard>>>();
        assert!(missing_parts(&parts(&["2/3", "1/3", "3/3"])).is_empty());
        assert!(missing_parts(&parts(&["", ""])).is_empty());
        assert_eq!(missing_parts(&parts(&["1/3", "3/3"])), ["part 2/3 is missing"]);
        assert_eq!(missing_parts(&parts(&["1/2", "2/3", "2/2"])), ["part 2/3 is none of 2"]);
        assert_eq!(missing_parts(&parts(&["1/2", "2/2", ""])), ["a run without --shard is no part"]);
    }
}
