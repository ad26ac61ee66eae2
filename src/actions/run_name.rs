//! Names of runs: a run folder, a run id, `latest`, or a label given with `--label`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::command_line;
use crate::reports::text::one_line;
use crate::run::Run;
use crate::store::{Past, Store};

/// A run that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Its id.
    pub(super) id: String,
    /// Its folder; it may be gone where the store still has the run.
    pub(super) folder: PathBuf,
    /// The directory of the runs, with their store.
    pub(super) runs: PathBuf,
}

impl Named {
    fn of(folder: PathBuf) -> Self {
        // Links are followed here: `latest` is one, and intake follows none.
        let folder = fs::canonicalize(&folder).unwrap_or(folder);
        let id = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let runs = folder.parent().map(Path::to_owned).unwrap_or_default();
        Self { id, folder, runs }
    }

    /// The store that has the run.
    ///
    /// # Errors
    /// The folder stands alone, without a store beside it.
    pub(super) fn store(&self) -> anyhow::Result<Store> {
        Store::existing(&self.runs)?.with_context(|| {
            format!(
                "{}: there is no {} beside this run folder; `slaudit analyze` reads its transcripts again",
                self.folder.display(),
                crate::store::FILE_NAME
            )
        })
    }

    /// The run with its devices.
    ///
    /// # Errors
    /// It is in no store, or never ended.
    pub(super) fn load(&self) -> anyhow::Result<Run> {
        let store = self.store()?;
        if let Some(run) = store.run(&self.id)?.filter(|run| run.finished.is_none()) {
            let go_on = command_line::resuming(&run.head.command, &self.id);
            bail!("run {} has not ended; where it was killed, go on with: {go_on}", self.id);
        }
        Ok(Run::load(store, &self.id)?)
    }
}

/// The run of a name. `runs` is where run folders are.
///
/// # Errors
/// No run of that name; the message says which there are.
pub(super) fn find(name: &str, runs: &Path) -> anyhow::Result<Named> {
    let is_plain = Path::new(name).components().count() == 1 && !matches!(name, "." | "..");
    if is_plain && let Some(folder) = under(name, runs) {
        return Ok(Named::of(folder));
    }
    if !is_plain && Path::new(name).exists() {
        return Ok(Named::of(PathBuf::from(name)));
    }
    let stored = match Store::existing(runs)? {
        Some(store) => store.runs()?,
        None => Vec::new(),
    };
    // The newest of a label, before an id: `--label` may be given to every run.
    let is_called = |run: &&Past| run.head.label.as_deref() == Some(name) || run.head.id == name;
    if let Some(run) = stored.iter().find(is_called) {
        return Ok(Named { id: run.head.id.clone(), folder: runs.join(&run.head.id), runs: runs.to_owned() });
    }
    if Path::new(name).exists() {
        return Ok(Named::of(PathBuf::from(name)));
    }
    let Some(newest) = stored.first() else {
        bail!("no run `{name}`: {} holds no run; name a run folder, or the directory with --runs", runs.display());
    };
    let mut labels: Vec<_> = stored.iter().filter_map(|run| run.head.label.as_deref()).collect();
    labels.sort_unstable();
    labels.dedup();
    let labels = if labels.is_empty() { "none".to_owned() } else { one_line(&labels.join(", ")).into_owned() };
    bail!(
        "no run `{name}` in {}; it holds {} (the newest is {}; labels: {labels}); \
         name an id, a run folder, `latest` or a label",
        runs.display(),
        if stored.len() == 1 { "1 run".to_owned() } else { format!("{} runs", stored.len()) },
        newest.head.id
    )
}

/// A folder of that name, or the one that the file `latest` names where there are no links.
fn under(name: &str, runs: &Path) -> Option<PathBuf> {
    let path = runs.join(name);
    if path.is_file() && name == "latest" {
        let id = fs::read_to_string(&path).ok()?;
        return Some(runs.join(id.trim())).filter(|folder| folder.is_dir());
    }
    path.is_dir().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Head;

    fn run(runs: &Path, id: &str, label: Option<&str>, started: &str) {
        fs::create_dir_all(runs.join(id)).expect("made");
        let head = Head::new(id, started.parse().expect("a time"));
        let head = Head { label: label.map(ToOwned::to_owned), ..head };
        Store::open(runs).expect("a store").begin(head).expect("begun");
    }

    #[test]
    fn a_run_is_found_by_id_folder_and_label() {
        let folder = tempfile::tempdir().expect("a folder");
        let runs = fs::canonicalize(folder.path()).expect("a path");
        let runs = runs.as_path();
        run(runs, "20260101T000000Z-0001", Some("pre"), "2026-01-01T00:00:00Z");
        run(runs, "20260102T000000Z-0001", Some("pre"), "2026-01-02T00:00:00Z");
        run(runs, "20260103T000000Z-0001", None, "2026-01-03T00:00:00Z");
        let found = |name: &str| find(name, runs).map(|run| run.id).map_err(|error| error.to_string());
        assert_eq!(found("20260101T000000Z-0001").as_deref(), Ok("20260101T000000Z-0001"));
        assert_eq!(found("pre").as_deref(), Ok("20260102T000000Z-0001"), "the newest of that label");
        let path = runs.join("20260103T000000Z-0001");
        let named = find(&path.display().to_string(), Path::new("elsewhere")).expect("found");
        assert_eq!((named.id.as_str(), named.runs.as_path()), ("20260103T000000Z-0001", runs));
        let error = found("post").expect_err("no such run");
        assert!(error.contains("3 runs (the newest is 20260103T000000Z-0001; labels: pre)"), "{error}");
        assert!(find("post", &runs.join("nowhere")).expect_err("none").to_string().contains("holds no run"));
    }

    #[cfg(unix)]
    #[test]
    fn latest_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "20260101T000000Z-0001", None, "2026-01-01T00:00:00Z");
        std::os::unix::fs::symlink("20260101T000000Z-0001", folder.path().join("latest")).expect("a link");
        let found = find("latest", folder.path()).expect("found");
        assert!(!found.folder.is_symlink());
        assert_eq!(found.id, "20260101T000000Z-0001");
    }
}
