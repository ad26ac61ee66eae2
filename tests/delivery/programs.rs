//! Running programs, slaudit among them, on files of the project.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) const SLAUDIT: &str = env!("CARGO_BIN_EXE_slaudit");

pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs a program that must end with 0 and say nothing on standard error; what it prints.
pub(crate) fn quiet(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && errors.is_empty(), "{program} {arguments:?}: {printed}{errors}");
    printed.into_owned()
}

/// Runs a program without the user's own settings.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SLAUDIT_")) {
        command.env_remove(name);
    }
    command.args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"))
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}
