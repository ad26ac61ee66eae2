//! The facts of a capture as text, and their comparison with what was read before.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use slaudit::reading::Reading;

use super::identifiers;
use crate::captures::Capture;

/// Captures that have no snapshot, each with the reason.
const WITHOUT: [(&str, &str); 0] = [];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

/// The name of the snapshot of a capture.
fn file_name(capture: &str) -> String {
    capture.replace('/', "__")
}

/// Compares the facts of a capture with their snapshot: one line a known fact, then why others are not known.
pub(crate) fn compare(capture: &Capture, reading: &Reading) -> Result<(), Failed> {
    let name = capture.name.as_str();
    let file = file_name(name);
    let has_snapshot = folder().join(format!("{file}.snap")).is_file();
    if let Some((_, why)) = WITHOUT.iter().find(|(without, _)| *without == name) {
        return if has_snapshot {
            Err(format!("{name} has a snapshot, and is listed as one without: {why}").into())
        } else {
            Ok(())
        };
    }
    if !has_snapshot && std::env::var_os("INSTA_UPDATE").is_none() {
        return Err(
            format!("{name} has no snapshot: `make fresh` writes it, or list it in tests/corpus/snapshot.rs").into()
        );
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let text = identifiers::mask(&facts(reading), &capture.text);
    settings.bind(|| insta::assert_snapshot!(file, text));
    Ok(())
}

/// Finds snapshots whose capture is gone: nothing compares them any more.
pub(crate) fn orphans(captures: &[Capture]) -> Result<(), Failed> {
    let known: BTreeSet<String> = captures.iter().map(|capture| format!("{}.snap", file_name(&capture.name))).collect();
    let platforms: BTreeSet<&str> = captures.iter().filter_map(|capture| capture.name.split('/').next()).collect();
    let mut compared = 0;
    for entry in std::fs::read_dir(folder())?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !platforms.iter().any(|platform| name.starts_with(&format!("{platform}__"))) {
            continue;
        }
        if !known.contains(&name) {
            return Err(format!("tests/snapshots/{name} belongs to no capture").into());
        }
        compared += 1;
    }
    if compared == 0 { Err("no snapshot of a capture was found".into()) } else { Ok(()) }
}

/// Facts as text, for people: `key = json`, and the reasons for the rest by group.
fn facts(reading: &Reading) -> String {
    let mut known = String::new();
    let mut unknown = String::new();
    reading.facts.for_each(|key, value| match value {
        Ok(serde_json::Value::Array(items)) if !items.is_empty() => {
            let _ = writeln!(known, "{key} =");
            for item in items {
                let _ = writeln!(known, "  {item}");
            }
        }
        Ok(value) => {
            let _ = writeln!(known, "{key} = {value}");
        }
        Err(slaudit::fact::Unknown::NotCollected) => {}
        Err(why) => {
            let _ = writeln!(unknown, "{key}: {why}");
        }
    });
    let mut text = known;
    if !unknown.is_empty() {
        let _ = write!(text, "\nunknown\n{unknown}");
    }
    if !reading.unparsed.is_empty() {
        let _ = write!(text, "\nunparsed\n");
        for line in &reading.unparsed {
            let _ = writeln!(text, "{}: {}", line.line, line.text);
        }
    }
    text
}
