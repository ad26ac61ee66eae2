//! What the names of a file and its folder say: the command, the device, or both.
//!
//! | path | command | device |
//! | --- | --- | --- |
//! | `sw01/show_license_all.txt` | of the file | `sw01` |
//! | `show_license_all/sw01.txt` | of the folder | `sw01` |
//! | `dumps/sw01-show_license_all.txt` | of the file's end | `sw01` |
//! | `dumps/sw01.log` | | `sw01` |

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::Known;
use crate::transcript::path_name::original_name;

/// Ends of file names that are no part of a name. Others are: `sw01.example.com`.
const EXTENSIONS: [&str; 10] = ["gz", "txt", "log", "out", "output", "raw", "cfg", "conf", "text", "cli"];

/// Host names devices are delivered with: many devices may have them, so they name none.
const FACTORY_HOSTS: [&str; 9] =
    ["switch", "router", "ciscoasa", "asa", "ios", "localhost", "nexus", "wlc", "firepower"];

/// What a path says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) command: Option<Cow<'static, str>>,
    pub(super) device: String,
    /// A show command that file or folder are named after, and slaudit does not read.
    pub(super) other: Option<String>,
    /// In the layout of a folder a command, where each file is a device of its own: the file.
    pub(super) alone: Option<PathBuf>,
}

/// True for a prompt's name that tells one device from another.
pub(super) fn is_own_name(host: &str) -> bool {
    !FACTORY_HOSTS.contains(&host.to_lowercase().as_str())
}

/// Reads a path's names.
pub(super) fn read(path: &Path, known: &Known<'_>) -> Names {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem(&file);
    let folder = folder(path).unwrap_or_default();
    let own = command(stem, known);
    let of_folder = command(&folder, known);
    let other = [stem, &folder].into_iter().find(|name| is_command_like(name)).map(|name| name.replace('_', " "));
    let names = |command: Option<Cow<'static, str>>, device: &str| {
        let other = other.clone().filter(|_| command.is_none());
        Names { command, device: name(device), other, alone: None }
    };
    if of_folder.is_some() {
        return Names { alone: Some(path.to_owned()), ..names(own.or(of_folder), stem) };
    }
    // A name like `show_tech-support.txt` is a command's also where the command is none slaudit knows.
    if (own.is_some() || is_command_like(stem)) && !folder.is_empty() {
        return names(own, &folder);
    }
    match device_and_command(stem, known) {
        Some((device, command)) => names(Some(command), device),
        None => names(own, stem),
    }
}

/// Name of the folder a file lies in; for a bare file name that of the working directory.
fn folder(path: &Path) -> Option<String> {
    let named = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    named.or_else(|| Some(path.canonicalize().ok()?.parent()?.file_name()?.to_string_lossy().into_owned()))
}

fn stem(file: &str) -> &str {
    let mut stem = file;
    while let Some((rest, extension)) = stem.rsplit_once('.') {
        if rest.is_empty() || !EXTENSIONS.contains(&extension.to_lowercase().as_str()) {
            break;
        }
        stem = rest;
    }
    stem
}

/// A device's name as it was before it became a path name.
fn name(path_name: &str) -> String {
    original_name(path_name).filter(|name| !name.is_empty()).unwrap_or_else(|| path_name.to_owned())
}

fn is_command_like(name: &str) -> bool {
    let rest = name.get(..4).filter(|verb| verb.eq_ignore_ascii_case("show")).and(name.get(4..));
    rest.is_some_and(|rest| rest.starts_with(['_', '-', ' ']))
}

/// The command of a name: `show_license_all`, `show-license-all`, `show running-config`.
fn command(name: &str, known: &Known<'_>) -> Option<Cow<'static, str>> {
    let begins = |verb: &str| name.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb));
    if !(begins("sh") || begins("ping_") || begins("ping ")) {
        return None;
    }
    // A dash may be a blank, or part of a word as in `call-home`.
    let words = original_name(name)?.replace('_', " ");
    known(&words).or_else(|| known(&words.replace('-', " ")))
}

/// `sw01-show_license_all`, `sw01.example.com_show_version`.
fn device_and_command<'a>(stem: &'a str, known: &Known<'_>) -> Option<(&'a str, Cow<'static, str>)> {
    let lower = stem.to_ascii_lowercase();
    let starts = lower.match_indices("show").map(|(at, _)| at);
    let mut parts = starts.filter_map(|at| Some((stem.get(..at)?, command(stem.get(at..)?, known)?)));
    let (device, command) = parts.find(|(device, _)| device.ends_with(['_', '-', '.', ' ']))?;
    let device = device.trim_end_matches(['_', '-', '.', ' ']);
    (!device.is_empty()).then_some((device, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Option<Cow<'static, str>> {
        ["show license all", "show call-home profile all", "ping ssm.example.com"]
            .into_iter()
            .find(|command| text.eq_ignore_ascii_case(command))
            .map(Cow::Borrowed)
    }

    #[test]
    fn paths_say_command_and_device() {
        let all = Some("show license all");
        let cases = [
            ("sw01/show_license_all.txt", all, "sw01"),
            ("sw01/Show License All.log", all, "sw01"),
            ("sw01/show-license-all.txt.gz", all, "sw01"),
            ("sw01/show_call-home_profile_all", Some("show call-home profile all"), "sw01"),
            ("%5B2001%3Adb8%3A%3A1%5D/show_license_all.txt", all, "[2001:db8::1]"),
            ("show_license_all/sw01.txt", all, "sw01"),
            ("show_license_all/lab-show_license_all.txt", all, "lab-show_license_all"),
            ("dumps/sw01-show_license_all.txt", all, "sw01"),
            ("dumps/sw01.example.com_show_license_all.txt", all, "sw01.example.com"),
            ("dumps/sw01.example.com", None, "sw01.example.com"),
            ("dumps/sw01.log", None, "sw01"),
            ("sw01/ping_ssm.example.com.txt", Some("ping ssm.example.com"), "sw01"),
            ("dumps/ping-sw1.txt", None, "ping-sw1"),
            ("sw01/show_tech-support.txt", None, "sw01"),
            ("show_foo_bar/sw01.txt", None, "sw01"),
            ("dumps/showroom-sw1.txt", None, "showroom-sw1"),
            ("dumps/.gz", None, ".gz"),
        ];
        for (path, command, device) in cases {
            let names = read(Path::new(path), &known);
            assert_eq!((names.command.as_deref(), names.device.as_str()), (command, device), "{path}");
        }
    }
    #[test]
    fn commands_that_are_not_read_are_named() {
        let other = |path: &str| read(Path::new(path), &known).other;
        assert_eq!(other("sw01/show_tech-support.txt").as_deref(), Some("show tech-support"));
        assert_eq!(other("show_foo_bar/sw01.txt").as_deref(), Some("show foo bar"));
        assert_eq!(other("sw01/show_license_all.txt"), None);
        assert_eq!(other("dumps/sw01.txt"), None);
    }
}
