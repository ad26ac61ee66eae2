//! What to do where something cannot be written: a full disk, a used-up quota, a folder that is read-only.

use std::io;
use std::path::Path;

/// What to do where a file in `folder` could not be written, for the end of a message: `free space at /srv/slaudit-runs`.
pub fn remedy(kind: io::ErrorKind, folder: &Path) -> String {
    let folder = folder.display();
    match kind {
        io::ErrorKind::StorageFull => format!("free space at {folder}"),
        io::ErrorKind::QuotaExceeded => format!("free space at {folder}, or raise the quota"),
        io::ErrorKind::FileTooLarge => format!("raise the limit on file sizes (ulimit -f), or free space at {folder}"),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => format!("make {folder} writable"),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("move away the file that stands where a folder is needed at {folder}")
        }
        _ => format!("check the disk at {folder}: whether it is there, full or failing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_to_do_and_where() {
        // As the system numbers them: no space, quota, file too large, read-only, permission, not a directory, exists, I/O error.
        for (number, words) in [
            (28, "free space at /srv/runs"),
            (122, "quota"),
            (27, "ulimit -f"),
            (30, "make /srv/runs writable"),
            (13, "make /srv/runs writable"),
            (20, "move away the file"),
            (17, "move away the file"),
            (5, "check the disk at /srv/runs"),
        ] {
            let kind = io::Error::from_raw_os_error(number).kind();
            let said = remedy(kind, Path::new("/srv/runs"));
            assert!(said.contains(words) && said.contains("/srv/runs"), "{number}: {said}");
        }
    }
}
