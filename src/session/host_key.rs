//! Host keys: an OpenSSH known_hosts file, read line by line, and what to do about a key that is not in it.
//!
//! A line that cannot be read is skipped with a warning; it never costs the rest of the file. Hashed names, `[host]:port`,
//! several keys a host, wildcards and `@revoked` are understood. A changed key is never accepted.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use ssh_key::known_hosts::{Entry, HostPatterns, Marker};
use ssh_key::{HashAlg, PublicKey};

use crate::inventory::{spelled, wildcard};

spelled! {
    /// What to do about a host key that is not known.
    Policy {
        /// Refuse it.
        Strict = "strict",
        /// Remember it; refuse a changed one.
        AcceptNew = "accept-new",
        /// Do not look at keys at all.
        Off = "off",
    }
}

/// The known host keys of a run, shared by all sessions.
#[derive(Debug)]
pub struct HostKeys {
    policy: Policy,
    path: PathBuf,
    entries: Mutex<Vec<Entry>>,
    /// Lines that could not be read, as `line 7: reason`.
    pub warnings: Vec<String>,
}

/// The answer about one key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Go on. `added` where it was unknown and is now remembered.
    Accepted { added: bool },
    /// Not known, and the policy is strict.
    Unknown,
    /// Another key is known for this host; its line shows it.
    Changed { known: String },
    /// The key is marked `@revoked`.
    Revoked,
    /// It could not be remembered.
    NotWritten(String),
}

impl HostKeys {
    /// Reads a known_hosts file. A file that is not there is empty.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn load(path: &Path, policy: Policy) -> io::Result<Self> {
        let text = match fs::read(path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let (mut entries, mut warnings) = (Vec::new(), Vec::new());
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.parse::<Entry>() {
                Ok(entry) => entries.push(entry),
                Err(error) => warnings.push(format!("line {}: {error}", number + 1)),
            }
        }
        Ok(Self { policy, path: path.to_owned(), entries: Mutex::new(entries), warnings })
    }

    /// The key types known for a host, so that the handshake asks for one that can be compared.
    pub(super) fn known_types(&self, host: &str, port: u16) -> Vec<String> {
        let entries = self.lock();
        let of_host =
            entries.iter().filter(|entry| entry.marker().is_none() && matches(entry.host_patterns(), host, port));
        of_host.map(|entry| entry.public_key().algorithm().as_str().to_owned()).collect()
    }

    /// Decides about the key that a host showed, and remembers a new one where the policy says so.
    pub(super) fn check(&self, host: &str, port: u16, key: &PublicKey) -> Answer {
        if self.policy == Policy::Off {
            return Answer::Accepted { added: false };
        }
        // Held over the decision and the write: two sessions to one new host must not both add it.
        let mut entries = self.lock();
        let mut other = None;
        for entry in entries.iter().filter(|entry| matches(entry.host_patterns(), host, port)) {
            let same = entry.public_key().key_data() == key.key_data();
            match entry.marker() {
                Some(Marker::Revoked) if same => return Answer::Revoked,
                // Host certificates are not offered by devices, and a CA's key says nothing about a plain one.
                Some(_) => {}
                None if same => return Answer::Accepted { added: false },
                None => other = Some(describe(entry.public_key())),
            }
        }
        if let Some(known) = other {
            return Answer::Changed { known };
        }
        if self.policy == Policy::Strict {
            return Answer::Unknown;
        }
        match self.append(host, port, key) {
            Ok(entry) => {
                entries.push(entry);
                Answer::Accepted { added: true }
            }
            Err(error) => Answer::NotWritten(format!("{}: {error}", self.path.display())),
        }
    }

    fn append(&self, host: &str, port: u16, key: &PublicKey) -> io::Result<Entry> {
        let mut key = key.clone();
        key.set_comment("");
        let openssh = key.to_openssh().map_err(io::Error::other)?;
        let line = format!("{} {}\n", host_field(host, port), openssh.trim());
        let entry = line.trim().parse::<Entry>().map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let unended = fs::read(&self.path).is_ok_and(|bytes| bytes.last().is_some_and(|byte| *byte != b'\n'));
        let line = if unended { format!("\n{line}") } else { line };
        // One write of one line in append mode: other processes, OpenSSH included, may append at the same time.
        fs::OpenOptions::new().create(true).append(true).open(&self.path)?.write_all(line.as_bytes())?;
        Ok(entry)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// `ssh-ed25519 SHA256:...`, as `ssh-keygen -l` shows it.
pub(super) fn describe(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm().as_str(), key.fingerprint(HashAlg::Sha256))
}

/// The name of a host in known_hosts: `host`, or `[host]:port` for another port than 22.
fn host_field(host: &str, port: u16) -> String {
    let host = host.to_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

fn matches(patterns: &HostPatterns, host: &str, port: u16) -> bool {
    let field = host_field(host, port);
    match patterns {
        HostPatterns::Patterns(patterns) => {
            let mut matched = false;
            for pattern in patterns {
                match pattern.strip_prefix('!') {
                    Some(pattern) if wildcard(&pattern.to_lowercase(), &field) => return false,
                    Some(_) => {}
                    None => matched |= wildcard(&pattern.to_lowercase(), &field),
                }
            }
            matched
        }
        HostPatterns::HashedName { salt, hash } => Hmac::<Sha1>::new_from_slice(salt).is_ok_and(|mac| {
            let mut mac = mac;
            mac.update(field.as_bytes());
            mac.verify_slice(hash).is_ok()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY_A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";
    const KEY_B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv2tTaV7ajFTqbDfS5LlCUc/SMLNhSiN1gx6hT0W1Ud";

    fn key(text: &str) -> PublicKey {
        PublicKey::from_openssh(text).expect("a key")
    }

    fn keys(text: &str, policy: Policy) -> (HostKeys, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("known_hosts");
        fs::write(&path, text).expect("written");
        (HostKeys::load(&path, policy).expect("loaded"), folder)
    }

    #[test]
    fn a_new_key_is_remembered_once_and_a_changed_one_is_refused() {
        let (known, folder) = keys("# a comment\nother", Policy::AcceptNew);
        assert_eq!(known.warnings.len(), 1);
        assert_eq!(known.check("SW1", 2222, &key(KEY_A)), Answer::Accepted { added: true });
        assert_eq!(known.check("sw1", 2222, &key(KEY_A)), Answer::Accepted { added: false });
        let text = fs::read_to_string(folder.path().join("known_hosts")).expect("read");
        assert_eq!(text, format!("# a comment\nother\n[sw1]:2222 {KEY_A}\n"));
        let again = HostKeys::load(&folder.path().join("known_hosts"), Policy::AcceptNew).expect("loaded");
        assert!(matches!(again.check("sw1", 2222, &key(KEY_B)), Answer::Changed { .. }));
        assert_eq!(again.check("sw1", 22, &key(KEY_B)), Answer::Accepted { added: true });
    }

    #[test]
    fn keys_of_every_type_that_is_offered_are_read() {
        const CURVES: [&str; 3] = [
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKwLAGHTizj6VtQrdKg4k8MYwIT6HX1eUPQMOg9sMoelgDeCJBRUdvlQOx8LMSMIKGTmHESBRvsnfw17i7H2f20=",
            "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBNON+se/q1uDa4LkqtMStygdmxvt9cJXgMQGWkUpReV707UJieYEDMK5cGEXMN1t1FUN14sih6R6SzEiNiuLPW77kuUItsTK4XG94xXQ7n4RnXZQDFTakN86OkcIqsfLkQ==",
            "ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAEZpNIKl8ADdUJLr6xl6KTZZQUKbocHA5erwzOQNWxr5cmC0evQJmFCHB2wSgfg03il2X3JnT1/pua1eXvIPSoyzQBcHn+eBPvwJUXao9LxkfAUtv3G3ykq5uvnQJbZNe9zo5xEfQXPd1qlpThUxmdNxHYr8Me3LZ0fp6rINa94mh6IUA==",
        ];
        for line in CURVES {
            let (known, _folder) = keys(&format!("sw1 {line}\n"), Policy::Strict);
            assert_eq!(known.warnings, Vec::<String>::new(), "{line}");
            assert_eq!(known.check("sw1", 22, &key(line)), Answer::Accepted { added: false });
        }
    }

    #[test]
    fn strict_refuses_and_off_looks_away() {
        let (known, _folder) = keys("", Policy::Strict);
        assert_eq!(known.check("sw1", 22, &key(KEY_A)), Answer::Unknown);
        let (known, _folder) = keys(&format!("sw1 {KEY_B}\n"), Policy::Off);
        assert_eq!(known.check("sw1", 22, &key(KEY_A)), Answer::Accepted { added: false });
    }

    #[test]
    fn revoked_hashed_and_wildcard_lines_are_understood() {
        let text = format!("@revoked * {KEY_B}\n*.example.com,!bad.example.com {KEY_A}\n");
        let (known, _folder) = keys(&text, Policy::Strict);
        assert_eq!(known.check("a.example.com", 22, &key(KEY_A)), Answer::Accepted { added: false });
        assert_eq!(known.check("bad.example.com", 22, &key(KEY_A)), Answer::Unknown);
        assert_eq!(known.check("a.example.com", 22, &key(KEY_B)), Answer::Revoked);

        // `[10.0.0.1]:2222` with a salt of twenty bytes 7, as `ssh-keygen -H` would write it.
        let hashed = "|1|BwcHBwcHBwcHBwcHBwcHBwcHBwc=|sgDYxDIfVD4rhKEpwThPX6xK2IE=";
        let (known, _folder) = keys(&format!("{hashed} {KEY_A}\n"), Policy::Strict);
        assert_eq!(known.check("10.0.0.1", 2222, &key(KEY_A)), Answer::Accepted { added: false });
        assert_eq!(known.check("10.0.0.2", 2222, &key(KEY_A)), Answer::Unknown);
    }
}
