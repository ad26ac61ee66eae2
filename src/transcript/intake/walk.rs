//! From the paths of a command line to files and archived sessions, in a fixed order.
//!
//! A run folder stands for its `transcripts`: its reports, log and store are not saved output. Hidden files are passed over.

use std::fs;
use std::path::{Path, PathBuf};

use super::Reason;
use crate::transcript::archive::SESSION_FILE;

/// What a path holds.
#[derive(Debug)]
pub(super) enum Found {
    /// A device's folder with `session.json`.
    Session(PathBuf),
    /// A file of saved output.
    File(PathBuf),
    /// Something that cannot be read as either.
    Unplaced(PathBuf, Reason),
}

/// Everything under a path that was named by a user.
pub(super) fn walk(path: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    visit(path, &mut found);
    if found.is_empty() {
        found.push(Found::Unplaced(path.to_owned(), Reason::NoFiles));
    }
    found
}

fn visit(path: &Path, found: &mut Vec<Found>) {
    match fs::metadata(path) {
        Err(error) => found.push(Found::Unplaced(path.to_owned(), Reason::unreadable(&error))),
        Ok(metadata) if metadata.is_dir() => visit_folder(path, found),
        Ok(metadata) if metadata.is_file() => found.push(Found::File(path.to_owned())),
        Ok(_) => found.push(Found::Unplaced(path.to_owned(), Reason::NotAFile)),
    }
}

fn visit_folder(folder: &Path, found: &mut Vec<Found>) {
    if folder.join(SESSION_FILE).is_file() {
        return found.push(Found::Session(folder.to_owned()));
    }
    let transcripts = transcripts(folder);
    if transcripts.is_dir() {
        return visit_folder(&transcripts, found);
    }
    let entries = match entries(folder) {
        Ok(entries) => entries,
        Err(error) => return found.push(Found::Unplaced(folder.to_owned(), Reason::unreadable(&error))),
    };
    let runs = entries.iter().filter(|entry| !entry.is_symlink() && self::transcripts(entry).is_dir()).count();
    if runs > 1 {
        return found.push(Found::Unplaced(folder.to_owned(), Reason::SeveralRuns(runs)));
    }
    for entry in entries {
        // Beside a run lie the store and `latest`, the link to it.
        let of_store = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with("slaudit.db"));
        if runs == 1 && (of_store || (entry.is_symlink() && self::transcripts(&entry).is_dir())) {
            continue;
        }
        // Another link to a folder may lead back up.
        if entry.is_symlink() && entry.is_dir() {
            found.push(Found::Unplaced(entry, Reason::Link));
        } else {
            visit(&entry, found);
        }
    }
}

fn transcripts(folder: &Path) -> PathBuf {
    folder.join("transcripts")
}

/// The entries of a folder that are not hidden, by name.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            entries.push(entry.path());
        }
    }
    entries.sort();
    Ok(entries)
}
