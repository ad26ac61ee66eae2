//! `slaudit remediate RUN --out DIR`: a file a device with what would cure its findings. Nothing is sent.

mod page;

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

use self::page::page;
use super::saved::{Place, Saved, say};
use super::table::table;
use super::{Failed, print, run_name};
use crate::cli::Remediate;
use crate::exit::Exit;
use crate::record::Health;
use crate::reports::files::write_whole;
use crate::settings::Settings;
use crate::transcript::path_name::path_name;

/// Writes the files and says which.
pub(super) fn run(options: &Remediate, settings: &Settings) -> anyhow::Result<Exit> {
    let quiet = settings.cli.common.quiet;
    let rules = settings.file.rule_set(&[], &[])?;
    let run_name::Named { id, folder, .. } = run_name::find(&options.run, &options.runs)?;
    let place = Place { paths: &[folder], limit: options.limit.as_deref(), ..Place::default() };
    let saved = Saved::find(&place, quiet).with_context(|| format!("run {id}"))?;
    let out = &options.out;
    fs::create_dir_all(out)
        .with_context(|| format!("{}: cannot make the folder; choose another --out", out.display()))?;
    let expected = settings.file.expectations();
    let (mut rows, mut written) = (Vec::new(), HashSet::new());
    let (mut without, mut unknown) = (0_usize, 0_usize);
    for record in saved.records(&expected, &rules) {
        let Some(page) = page(&record, &id) else {
            if record.health() == Health::Unknown {
                unknown += 1;
            } else {
                without += 1;
            }
            continue;
        };
        let name = format!("{}.cfg", path_name(&record.device.name));
        write_whole(&out.join(&name), |file| file.write_all(page.text.as_bytes())).map_err(Failed::from)?;
        let change = if page.placeholders.is_empty() { "nothing".to_owned() } else { page.placeholders.join(" ") };
        rows.push(vec![name.clone(), page.worst.to_string(), page.causes.to_string(), change]);
        written.insert(OsString::from(name));
    }
    for name in left_over(out, &written) {
        say(quiet, &format!("note: {} is of another run", out.join(name).display()));
    }
    if !quiet {
        print(&summary(&rows, without, unknown, out))?;
    }
    Ok(if saved.lost_something() { Exit::Incomplete } else { Exit::Clean })
}

fn summary(rows: &[Vec<String>], without: usize, unknown: usize, out: &Path) -> String {
    let count = |count: usize| if count == 1 { "1 device".to_owned() } else { format!("{count} devices") };
    let files = if rows.len() == 1 { "1 file".to_owned() } else { format!("{} files", rows.len()) };
    let mut text = format!("{files} in {}; nothing was sent to a device\n", out.display());
    if !rows.is_empty() {
        text += "\n";
        text += &table(&["FILE", "WORST", "CAUSES", "TO CHANGE"], rows);
    }
    if without > 0 {
        let _ = writeln!(text, "\n{} with nothing to do", count(without));
    }
    if unknown > 0 {
        let _ = writeln!(text, "\n{} without a file because too little is known of them", count(unknown));
    }
    text
}

/// Files of devices that this run writes nothing for: they may be cured since.
fn left_over(out: &Path, written: &HashSet<OsString>) -> Vec<OsString> {
    let entries = fs::read_dir(out).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let is_page = |name: &OsString| Path::new(name).extension().is_some_and(|extension| extension == "cfg");
    let mut names: Vec<_> = entries.filter(|name| is_page(name) && !written.contains(name)).collect();
    names.sort();
    names
}
