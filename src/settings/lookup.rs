//! Where the configuration file is looked for, and how it is opened.
//!
//! A file that is named (`--config`, `SLAUDIT_CONFIG`) is read regardless of its owner. A file that is found is read only if nobody
//! but the user and root can change it, because its author chooses a `password_command`, which runs as the user. The same rule
//! applies to all places. A file that fails the check is an error, not a reason to look further: its waivers and expectations
//! would be lost silently.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use super::owner::{self, Account, Untrusted};

/// A link to a link to a link: more of them are a circle.
const MAX_LINKS: usize = 40;

/// A configuration file that is open. What is read is what was judged, whatever the path leads to meanwhile.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) file: File,
    pub(super) choice: Choice,
}

/// Why a configuration file is the one in use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// `--config` or `SLAUDIT_CONFIG` names it.
    Named,
    /// It is the first of the [`places`] that exists.
    #[default]
    Found,
}

/// Where the configuration file is looked for, the first that exists is used.
pub fn places() -> Vec<PathBuf> {
    let user = std::env::var_os("XDG_CONFIG_HOME")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".config")))
        .map(|folder| folder.join("slaudit/slaudit.toml"));
    let places = [Some(PathBuf::from("slaudit.toml")), user, Some(PathBuf::from("/etc/slaudit/slaudit.toml"))];
    places.into_iter().flatten().collect()
}

/// Opens the configuration file: the one named, else the first that exists.
///
/// # Errors
/// The named file does not exist, the file cannot be opened, or others may change one that was found.
pub(super) fn open(named: Option<PathBuf>) -> anyhow::Result<Option<Opened>> {
    let opened = |path: &Path| File::open(path).with_context(|| format!("{}: cannot be read", path.display()));
    if let Some(path) = named {
        if !path.exists() {
            bail!("{}: there is no such configuration file", path.display());
        }
        return Ok(Some(Opened { file: opened(&path)?, path, choice: Choice::Named }));
    }
    let Some(path) = places().into_iter().find(|path| path.is_file()) else { return Ok(None) };
    let account = Account::current();
    check_way(&path, &account).map_err(|why| anyhow!(refusal(&path, &why)))?;
    let file = opened(&path)?;
    owner::check_file(&path, &file, &account).map_err(|why| anyhow!(refusal(&path, &why)))?;
    Ok(Some(Opened { path, file, choice: Choice::Found }))
}

/// Checks what a path leads through: each link on the way, and the folder that holds it or the file. Folders further
/// up are not checked: somebody who replaces the folder below them becomes the owner of its replacement, which is then refused.
fn check_way(path: &Path, account: &Account) -> Result<(), Untrusted> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        owner::check_folder(&folder, account)?;
        // Joined with the folder; a target that is absolute replaces it.
        let Ok(target) = fs::read_link(&path) else { return Ok(()) };
        owner::check_link(&path, account)?;
        path = folder.join(target);
    }
    Ok(())
}

/// What is said of a file that is not used.
fn refusal(path: &Path, why: &Untrusted) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (shown, named) = (whole.display(), path.to_string_lossy());
    let named = shlex::try_quote(&named).unwrap_or_default();
    let cure = why.cure().map(|cure| format!(", or: {cure}")).unwrap_or_default();
    format!(
        "{shown}: this configuration file is not used: {why}\n\
         anyone who can change it chooses commands that run as you; read it, then name it with --config {named} (or \
         SLAUDIT_CONFIG){cure}"
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    }

    /// A folder with the file in a folder below it.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let below = folder.path().join("below");
        fs::create_dir(&below).expect("a folder");
        set_mode(&below, 0o755);
        let file = below.join("slaudit.toml");
        fs::write(&file, "").expect("a file");
        set_mode(&file, 0o644);
        (folder, file)
    }

    #[test]
    fn the_way_to_a_file_is_checked_link_by_link() {
        let (folder, file) = folder();
        let account = Account::current();
        let way = |path: &Path| check_way(path, &account).map_err(|error| error.to_string());
        assert_eq!(way(&file), Ok(()));
        let link = folder.path().join("slaudit.toml");
        symlink("below/slaudit.toml", &link).expect("a link");
        let further = folder.path().join("further");
        symlink(&link, &further).expect("a link");
        assert_eq!(way(&further), Ok(()));
        // The folder of the target, two links away.
        set_mode(file.parent().expect("a folder"), 0o777);
        let said = way(&further).expect_err("others may replace the file");
        assert!(said.contains("below") && said.contains("0777"), "{said}");
        set_mode(file.parent().expect("a folder"), 0o1777);
        assert_eq!(way(&further), Ok(()), "with the sticky bit only owners may");
        let circle = folder.path().join("circle");
        symlink("circle", &circle).expect("a link");
        assert_eq!(way(&circle), Ok(()), "which the opening refuses");
    }

    #[test]
    fn the_advice_can_be_pasted() {
        let why = Untrusted::Unreadable { path: PathBuf::from("x"), cause: std::io::ErrorKind::NotFound.into() };
        let said = refusal(Path::new("my configs/slaudit.toml"), &why);
        assert!(said.contains("--config 'my configs/slaudit.toml'"), "{said}");
        assert!(said.starts_with('/'), "where it is, in full: {said}");
    }
}
