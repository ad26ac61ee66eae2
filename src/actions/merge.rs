//! `slaudit merge RUN... --out DIR`: the runs of `audit --shard` as one run, with the reports that one run would have written.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::finish::{Ending, Place, Target, finish};
use super::run_name::{self, Named};
use super::{Failed, waive, waivers};
use crate::cli::Merge;
use crate::exit::Exit;
use crate::reports::files::{RunFolder, run_id, write_whole};
use crate::run::Run;
use crate::settings::Settings;
use crate::store::{Head, Store};

/// Joins runs.
pub(super) fn run(options: &Merge, settings: &Settings) -> anyhow::Result<Exit> {
    let Target::Folder(out) = Target::of(Some(&options.out), &options.output.format)? else {
        bail!("--out -: a joined run is a folder; name a directory");
    };
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
    let folder = RunFolder::create(&out, &id)?;
    let mut draft = Store::open(&out)?.begin(head)?;
    let failed = |error: &dyn std::fmt::Display| Failed(error.to_string());
    for (named, _) in &parts {
        draft.adopt(&named.store()?, &named.id).map_err(|error| failed(&error))?;
        link_all(&named.folder.join("transcripts"), &folder.transcripts())
            .with_context(|| format!("{}: the transcripts cannot be taken over", named.folder.display()))?;
    }
    logs(&parts, &folder)?;
    let store = draft.finish(finished, &waive(&waivers, started)).map_err(|error| failed(&error))?;
    let run = Run::load(store, &id).map_err(|error| failed(&error))?;
    finish(&run, Place::Folder(&folder), &options.output, settings.cli.common.quiet, Ending::default())
}

/// Parts must be of one fleet, judged alike, and no device may be in two of them.
fn check(parts: &[(Named, Run)]) -> anyhow::Result<()> {
    let mut faults = Vec::new();
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

/// What is known of the joined run: that of the first, begun when the earliest began.
fn joined(parts: &[(Named, Run)], label: Option<&String>) -> Head {
    let first = &parts[0].1.head;
    let started = parts.iter().map(|(_, run)| run.head.started).min().unwrap_or(first.started);
    Head {
        id: run_id(Timestamp::now()),
        label: label.or(first.label.as_ref()).cloned(),
        command: without_shard(&first.command),
        started,
        ..first.clone()
    }
}

/// The command that one run of the whole would have been.
fn without_shard(command: &str) -> String {
    let mut words = command.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--shard" => drop(words.next()),
            word if word.starts_with("--shard=") => {}
            word => kept.push(word),
        }
    }
    kept.join(" ")
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
        .map_err(|error| Failed(error.to_string()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_of_a_part_is_that_of_the_whole() {
        for command in ["audit a.csv --shard 1/2 --quiet", "audit a.csv --shard=2/2 --quiet"] {
            assert_eq!(without_shard(command), "audit a.csv --quiet");
        }
    }
}
