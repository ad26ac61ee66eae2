//! Names of runs: a run folder, a run id, `latest`, or a label given with `--label`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use anyhow::bail;
use serde::Deserialize;

use crate::reports::text::one_line;

/// The part of `report.json` that stands at its beginning, in a line of its own.
const HEAD_LIMIT: u64 = 1 << 20;

/// The folder of a run. `runs` is where run folders are.
///
/// # Errors
/// No run of that name; the message says which there are.
pub(super) fn find(name: &str, runs: &Path) -> anyhow::Result<PathBuf> {
    let is_plain = Path::new(name).components().count() == 1 && !matches!(name, "." | "..");
    if is_plain && let Some(folder) = under(name, runs) {
        return Ok(folder);
    }
    if !is_plain && Path::new(name).exists() {
        return Ok(PathBuf::from(name));
    }
    let mut ids = ids(runs);
    // Ids begin with their time: the newest run of a label wins.
    ids.sort_unstable_by(|a, b| b.cmp(a));
    let labels: Vec<_> = ids.iter().map(|id| label(&runs.join(id))).collect();
    if let Some(at) = labels.iter().position(|label| label.as_deref() == Some(name)) {
        return Ok(runs.join(&ids[at]));
    }
    if Path::new(name).exists() {
        return Ok(PathBuf::from(name));
    }
    let Some(newest) = ids.first() else {
        bail!("no run `{name}`: {} holds no run; name a run folder, or the directory with --runs", runs.display());
    };
    let mut labels: Vec<_> = labels.into_iter().flatten().collect();
    labels.sort_unstable();
    labels.dedup();
    let labels = if labels.is_empty() { "none".to_owned() } else { one_line(&labels.join(", ")).into_owned() };
    bail!(
        "no run `{name}` in {}; it holds {} (the newest is {newest}; labels: {labels}); \
         name an id, a run folder, `latest` or a label",
        runs.display(),
        if ids.len() == 1 { "1 run".to_owned() } else { format!("{} runs", ids.len()) }
    )
}

/// The name of a run for people: its id.
pub(super) fn id(folder: &Path) -> String {
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A folder of that name, or the one that the file `latest` names where there are no links.
fn under(name: &str, runs: &Path) -> Option<PathBuf> {
    let path = runs.join(name);
    if path.is_file() && name == "latest" {
        let id = fs::read_to_string(&path).ok()?;
        return Some(runs.join(id.trim())).filter(|folder| folder.is_dir());
    }
    // A link is followed here, because intake follows none.
    path.is_dir().then(|| fs::canonicalize(&path).unwrap_or(path))
}

fn ids(runs: &Path) -> Vec<String> {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect()
}

/// The label of a run, from the first lines of its report: reports of large fleets are long.
fn label(folder: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Head {
        label: Option<String>,
    }
    #[derive(Deserialize)]
    struct Whole {
        run: Head,
    }
    let path = folder.join("report.json");
    let lines = BufReader::new(File::open(&path).ok()?.take(HEAD_LIMIT)).lines().map_while(Result::ok);
    let line = lines.take(2).find(|line| line.starts_with("\"run\":"));
    let head = line.and_then(|line| serde_json::from_str(line.strip_prefix("\"run\":")?.trim_end_matches(',')).ok());
    // Somebody may have laid it out anew.
    let whole = || serde_json::from_reader::<_, Whole>(BufReader::new(File::open(&path).ok()?)).ok().map(|w| w.run);
    head.or_else(whole).and_then(|head: Head| head.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(runs: &Path, id: &str, report: &str) {
        fs::create_dir_all(runs.join(id)).expect("made");
        fs::write(runs.join(id).join("report.json"), report).expect("written");
    }

    #[test]
    fn a_run_is_found_by_id_folder_and_label() {
        let folder = tempfile::tempdir().expect("a folder");
        let runs = folder.path();
        let with =
            |label: &str| format!("{{\"schema\":1,\n\"run\":{{\"id\":\"x\",\"label\":{label}}},\n\"devices\":[]}}");
        run(runs, "20260101T000000Z-0001", &with("\"pre\""));
        run(runs, "20260102T000000Z-0001", "{ \"schema\": 1, \"run\": { \"label\": \"pre\" } }");
        run(runs, "20260103T000000Z-0001", &with("null"));
        let found = |name: &str| find(name, runs).map(|path| id(&path)).map_err(|error| error.to_string());
        assert_eq!(found("20260101T000000Z-0001").as_deref(), Ok("20260101T000000Z-0001"));
        assert_eq!(found("pre").as_deref(), Ok("20260102T000000Z-0001"), "the newest of that label");
        let path = runs.join("20260103T000000Z-0001");
        assert_eq!(found(&path.display().to_string()).as_deref(), Ok("20260103T000000Z-0001"));
        let error = found("post").expect_err("no such run");
        assert!(error.contains("3 runs (the newest is 20260103T000000Z-0001; labels: pre)"), "{error}");
        assert!(find("post", &runs.join("nowhere")).expect_err("none").to_string().contains("holds no run"));
    }

    #[cfg(unix)]
    #[test]
    fn latest_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path(), "20260101T000000Z-0001", "{}");
        std::os::unix::fs::symlink("20260101T000000Z-0001", folder.path().join("latest")).expect("a link");
        let found = find("latest", folder.path()).expect("found");
        assert!(!found.is_symlink());
        assert_eq!(id(&found), "20260101T000000Z-0001");
    }
}
