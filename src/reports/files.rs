//! The folder of a run, `slaudit-runs/<run-id>/`: each file is there whole or not at all, and `latest` points at the newest
//! complete run.
//!
//! ```text
//! slaudit-runs/20261124T020000Z-7f3a/findings.csv
//!                                    transcripts/fra1-acc-sw07/show_version.txt
//! slaudit-runs/latest -> 20261124T020000Z-7f3a
//! ```

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use thiserror::Error;

use super::{Options, Report};
use crate::disk;
use crate::run::Run;

/// A file of a run folder that could not be written.
#[derive(Debug, Error)]
#[error("{doing} {}: {cause}{}", .path.display(), self.remedy())]
pub struct FileError {
    doing: &'static str,
    path: PathBuf,
    // Not `source`: whoever prints the chain of causes would say it twice.
    cause: io::Error,
}

impl FileError {
    /// True where the file system is the reason, and not what was to be written.
    pub fn is_external(&self) -> bool {
        self.cause.raw_os_error().is_some()
    }

    fn remedy(&self) -> String {
        let folder = self.path.parent().filter(|_| self.is_external());
        folder.map(|folder| format!("; {}", disk::remedy(self.cause.kind(), folder))).unwrap_or_default()
    }
}

fn failed<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> FileError + 'a {
    move |cause| FileError { doing, path: path.to_owned(), cause }
}

/// The id of a run that begins now, for example `20261124T020000Z-7f3a`: ids sort by time, and two runs of one second differ.
pub fn run_id(now: Timestamp) -> String {
    format!("{}-{:04x}", now.strftime("%Y%m%dT%H%M%SZ"), random() & 0xffff)
}

/// A number nobody can foresee: the standard library seeds its hashers from the system.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The folder of one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a run under `out` (`--out`), which is made where it is missing. An existing run folder is taken
    /// again: `report` and `--resume` add to it.
    pub fn create(out: &Path, id: &str) -> Result<Self, FileError> {
        let path = out.join(id);
        fs::create_dir_all(&path).map_err(failed("cannot make the folder", &path))?;
        Ok(Self { path })
    }

    /// A directory that takes reports, whatever its name.
    pub fn at(path: &Path) -> Result<Self, FileError> {
        fs::create_dir_all(path).map_err(failed("cannot make the folder", path))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of what the devices said: a folder a device in it.
    pub fn transcripts(&self) -> PathBuf {
        self.path.join("transcripts")
    }

    /// Writes reports; each file is there whole or, on an error, as it was before. Answers with their names.
    pub fn write(&self, run: &Run, reports: &[&Report], options: Options) -> Result<Vec<String>, FileError> {
        reports
            .iter()
            .map(|report| {
                let name = report.file_name();
                write_whole(&self.path.join(&name), |out| (report.write)(run, options, out))?;
                Ok(name)
            })
            .collect()
    }

    /// Points `latest` beside the folder at it. For complete runs only: whoever reads `latest` must find the whole fleet.
    pub fn mark_latest(&self) -> Result<(), FileError> {
        let latest = self.path.with_file_name("latest");
        let beside = self.path.with_file_name(format!(".latest.{:016x}", random()));
        let link = || {
            let id = self.path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
            // Relative, so that the runs can be moved together.
            link(Path::new(id), &beside)?;
            fs::rename(&beside, &latest)
        };
        link()
            .inspect_err(|_| drop(fs::remove_file(&beside)))
            .map_err(failed("cannot point at the newest run with", &latest))
    }
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// Links need a privilege elsewhere: a file with the run's id does.
#[cfg(not(unix))]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    fs::write(at, target.as_os_str().as_encoded_bytes())
}

/// Writes a file beside `path` and renames it, so that no reader sees half of it and an old one stays until the new one is
/// whole, on disk too.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), FileError> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{:016x}.tmp", random()));
    let whole = || {
        let mut out = BufWriter::with_capacity(1 << 16, File::create_new(&beside)?);
        write(&mut out)?;
        // The rename must not reach the disk before the text: after a power cut the file would be empty.
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&beside, path)
    };
    whole().inspect_err(|_| drop(fs::remove_file(&beside))).map_err(failed("cannot write", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_sorts_by_time() {
        let at: Timestamp = "2026-11-24T02:00:00.7Z".parse().expect("a time");
        let id = run_id(at);
        assert!(id.starts_with("20261124T020000Z-") && id.len() == 21, "{id}");
        assert!(id[17..].bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    }

    #[test]
    fn a_failed_report_leaves_the_old_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("findings.csv");
        write_whole(&path, |out| out.write_all(b"old")).expect("written");
        let error = write_whole(&path, |out| {
            out.write_all(b"half of the new")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(error.is_err_and(|error| error.to_string().contains("findings.csv")));
        assert_eq!(fs::read(&path).expect("read"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("listed").count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn latest_moves_to_the_newer_run() {
        let out = tempfile::tempdir().expect("a folder");
        for id in ["20261124T020000Z-7f3a", "20261125T020000Z-0001"] {
            RunFolder::create(out.path(), id).expect("made").mark_latest().expect("marked");
            assert_eq!(fs::read_link(out.path().join("latest")).expect("a link"), Path::new(id));
        }
        assert_eq!(fs::read_dir(out.path()).expect("listed").count(), 3);
    }
}
