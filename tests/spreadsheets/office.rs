//! LibreOffice without a window: one start converts any number of files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

/// A start takes seconds; on a busy machine, more of them.
const PATIENCE: Duration = Duration::from_secs(180);

pub(crate) fn is_there() -> bool {
    Command::new("soffice").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// How a CSV file is opened: comma, quotes, UTF-8, in the language of a country; a quoted field may be a number, and what looks
/// like a date or a number in words is made one. Excel does so without asking.
pub(crate) fn csv_filter(language: u32) -> String {
    format!("Text - txt - csv (StarCalc):44,34,76,1,,{language},false,true")
}

/// Converts files into `folder`.
pub(crate) fn convert(folder: &Path, files: &[PathBuf], to: &str, filter: Option<&str>) -> Result<(), Failed> {
    // A profile of its own: a window that is open somewhere would take the files and convert nothing.
    let profile = folder.join("profile");
    let mut command = Command::new("soffice");
    command.arg(format!("-env:UserInstallation=file://{}", profile.display())).args(["--headless", "--norestore"]);
    if let Some(filter) = filter {
        command.arg(format!("--infilter={filter}"));
    }
    command.args(["--convert-to", to, "--outdir"]).arg(folder).args(files).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let begun = Instant::now();
    while child.try_wait()?.is_none() {
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err("LibreOffice did not end".into());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    for file in files {
        let made = folder.join(file.file_name().unwrap_or_default()).with_extension(to);
        if !made.is_file() {
            return Err(format!("LibreOffice made no {}", made.display()).into());
        }
    }
    Ok(())
}
