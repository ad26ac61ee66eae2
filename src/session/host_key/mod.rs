//! Host keys: an OpenSSH known_hosts file, read line by line, and what to do about a key that is not in it.
//!
//! A line that cannot be read is skipped with a warning; it never costs the rest of the file. Hashed names, `[host]:port`,
//! several keys a host, wildcards and `@revoked` are understood. A changed key is never accepted.
//!
//! A host behind jump hosts has the name that it is asked for by, as OpenSSH has it without HostKeyAlias: two devices with one
//! private address at two sites need names of their own.

mod known;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ssh_key::known_hosts::{Entry, Marker};
use ssh_key::{HashAlg, PublicKey};

use crate::inventory::spelled;
use known::Known;

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
    known: Mutex<Known>,
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
    /// Reads a known_hosts file. A file that is not there is empty; where nobody looks at keys, none is read.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub fn load(path: &Path, policy: Policy) -> io::Result<Self> {
        let mut known = if policy == Policy::Off { Known::default() } else { Known::load(path)? };
        let warnings = std::mem::take(&mut known.warnings);
        Ok(Self { policy, path: path.to_owned(), known: Mutex::new(known), warnings })
    }

    /// The key types known for a host, so that the handshake asks for one that can be compared.
    pub(super) fn known_types(&self, host: &str, port: u16) -> Vec<String> {
        let lines = self.lock().of(&name(host, port));
        let plain = lines.iter().filter(|entry| entry.marker().is_none());
        plain.map(|entry| entry.public_key().algorithm().as_str().to_owned()).collect()
    }

    /// Decides about the key that a host showed, and remembers a new one where the policy says so.
    pub(super) fn check(&self, host: &str, port: u16, key: &PublicKey) -> Answer {
        if self.policy == Policy::Off {
            return Answer::Accepted { added: false };
        }
        // Held over the decision and the write: two sessions to one new host must not both add it.
        let mut known = self.lock();
        let name = name(host, port);
        // Another run may have met the host meanwhile.
        let read = known.refresh();
        let lines = known.of(&name);
        let is_same = |entry: &Entry| entry.public_key().key_data() == key.key_data();
        // Before all others: the key's old line may still be there.
        if lines.iter().any(|entry| entry.marker() == Some(&Marker::Revoked) && is_same(entry)) {
            return Answer::Revoked;
        }
        // Host certificates are not offered by devices, and a CA's key says nothing about a plain one.
        let plain = || lines.iter().filter(|entry| entry.marker().is_none());
        if plain().any(|entry| is_same(entry)) {
            return Answer::Accepted { added: false };
        }
        if let Some(other) = plain().next() {
            return Answer::Changed { known: describe(other.public_key()) };
        }
        if self.policy == Policy::Strict {
            return Answer::Unknown;
        }
        match read.and_then(|_| known.append(&name, key)) {
            Ok(()) => Answer::Accepted { added: true },
            Err(error) => Answer::NotWritten(format!("{}: {error}", self.path.display())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `ssh-ed25519 SHA256:...`, as `ssh-keygen -l` shows it.
pub(super) fn describe(key: &PublicKey) -> String {
    format!("{} {}", key.algorithm().as_str(), key.fingerprint(HashAlg::Sha256))
}

/// The name of a host in known_hosts: `host`, or `[host]:port` for another port than 22.
fn name(host: &str, port: u16) -> String {
    let host = host.to_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, Instant};

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
        let (known, _folder) = keys(&format!("sw1 {KEY_A}\n@revoked * {KEY_A}\n"), Policy::AcceptNew);
        assert_eq!(known.check("sw1", 22, &key(KEY_A)), Answer::Revoked, "although its old line is still there");
        // OpenSSH takes any blanks between the parts of a line.
        let blanks = format!("sw1\t{}\n@revoked   * \t {KEY_B}\n", KEY_A.replace(' ', "  "));
        let (known, _folder) = keys(&blanks, Policy::AcceptNew);
        assert_eq!(known.warnings, Vec::<String>::new());
        assert!(matches!(known.check("sw1", 22, &key_number(1)), Answer::Changed { .. }));
        assert_eq!(known.check("sw2", 22, &key(KEY_B)), Answer::Revoked);

        // `[10.0.0.1]:2222` with a salt of twenty bytes 7, as `ssh-keygen -H` would write it.
        let hashed = "|1|BwcHBwcHBwcHBwcHBwcHBwcHBwc=|sgDYxDIfVD4rhKEpwThPX6xK2IE=";
        let (known, _folder) = keys(&format!("{hashed} {KEY_A}\n"), Policy::Strict);
        assert_eq!(known.check("10.0.0.1", 2222, &key(KEY_A)), Answer::Accepted { added: false });
        assert_eq!(known.check("10.0.0.2", 2222, &key(KEY_A)), Answer::Unknown);
    }

    /// A key of its own for each number.
    fn key_number(number: u16) -> PublicKey {
        let [high, low] = number.to_be_bytes();
        let mut bytes = [7; 32];
        (bytes[0], bytes[1]) = (high, low);
        PublicKey::from(ssh_key::public::Ed25519PublicKey(bytes))
    }

    #[test]
    fn off_needs_no_file_that_can_be_read() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(HostKeys::load(folder.path(), Policy::AcceptNew).is_err(), "a folder is no file");
        let keys = HostKeys::load(folder.path(), Policy::Off).expect("not read");
        assert_eq!(keys.check("sw1", 22, &key(KEY_A)), Answer::Accepted { added: false });
        assert_eq!(keys.known_types("sw1", 22), Vec::<String>::new());
    }

    #[test]
    fn what_another_program_writes_meanwhile_counts() {
        let (ours, folder) = keys("", Policy::AcceptNew);
        let path = folder.path().join("known_hosts");
        let theirs = HostKeys::load(&path, Policy::AcceptNew).expect("loaded");
        assert_eq!(ours.check("sw1", 22, &key(KEY_A)), Answer::Accepted { added: true });
        assert_eq!(theirs.check("sw1", 22, &key(KEY_A)), Answer::Accepted { added: false }, "it is in the file by now");
        assert!(matches!(theirs.check("sw1", 22, &key(KEY_B)), Answer::Changed { .. }));
        assert_eq!(theirs.check("sw2", 22, &key(KEY_B)), Answer::Accepted { added: true });
        assert!(matches!(ours.check("sw2", 22, &key(KEY_A)), Answer::Changed { .. }));
        let text = fs::read_to_string(&path).expect("read");
        assert_eq!(text, format!("sw1 {KEY_A}\nsw2 {KEY_B}\n"), "each host once");
        // As `ssh-keygen -R sw2` does it: another file under the same name.
        fs::write(folder.path().join("new"), format!("sw1 {KEY_A}\n")).expect("written");
        fs::rename(folder.path().join("new"), &path).expect("renamed");
        assert_eq!(ours.check("sw2", 22, &key(KEY_A)), Answer::Accepted { added: true });
        // A line that is still being written is none yet.
        let mut text = fs::read_to_string(&path).expect("read");
        text += "sw3 ssh-ed25519 AAAAC3Nza";
        fs::write(&path, &text).expect("written");
        assert_eq!(ours.check("sw1", 22, &key(KEY_A)), Answer::Accepted { added: false });
    }

    #[test]
    fn sessions_that_meet_new_hosts_at_once_write_whole_lines_and_each_once() {
        let (known, folder) = keys("", Policy::AcceptNew);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..50 {
                        known.check(&format!("sw{number}"), 22, &key_number(number));
                    }
                });
            }
        });
        let text = fs::read_to_string(folder.path().join("known_hosts")).expect("read");
        assert_eq!(text.lines().count(), 50);
        assert!(HostKeys::load(&folder.path().join("known_hosts"), Policy::Strict).expect("read").warnings.is_empty());
    }

    #[test]
    fn a_large_fleet_costs_no_more_a_host_than_a_small_one() {
        let time = |hosts: u16| {
            let (known, _folder) = keys("", Policy::AcceptNew);
            let began = Instant::now();
            for number in 0..hosts {
                let host = format!("switch-{number}.example.com");
                known.known_types(&host, 22);
                assert_eq!(known.check(&host, 22, &key_number(number)), Answer::Accepted { added: true });
            }
            began.elapsed() / u32::from(hosts)
        };
        // The best of three: a busy machine is slow now and then.
        let best = |hosts| (0..3).map(|_| time(hosts)).min().expect("three");
        let (few, many) = (best(200), best(6000));
        assert!(many < few * 4 + Duration::from_micros(50), "{few:?} a host of 200, {many:?} a host of 6000");
    }
}
