//! A known_hosts file in memory, found by name, and kept up to date with the file.
//!
//! Plain names are looked up in a table: a fleet of thousands would otherwise read the whole list for every device. Hashed names
//! must be tried one by one, but once for each host only. Other programs may write to the file while a run goes on; what they
//! have added or removed counts.

use std::collections::HashMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use ssh_key::PublicKey;
use ssh_key::known_hosts::{Entry, HostPatterns};

use crate::inventory::wildcard;

/// The lines of a file.
#[derive(Debug, Default)]
pub(super) struct Known {
    path: PathBuf,
    /// The lines of each plain name, and those hashed ones that were found to be of it.
    by_name: HashMap<String, Vec<Arc<Entry>>>,
    /// Lines with hashed names.
    hashed: Vec<Arc<Entry>>,
    /// How many of the hashed lines were tried for each name.
    tried: HashMap<String, usize>,
    /// Lines with wildcards or a marker: few, looked through for every host.
    patterns: Vec<Arc<Entry>>,
    read: Read,
    /// Lines that could not be read, as `line 7: reason`.
    pub(super) warnings: Vec<String>,
}

/// The state of the file when it was read, and how far.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Read {
    inode: u64,
    changed: Option<SystemTime>,
    length: u64,
}

impl Read {
    fn of(metadata: &Metadata) -> Self {
        Self { inode: metadata.ino(), changed: metadata.modified().ok(), length: metadata.len() }
    }
}

impl Known {
    /// Reads a file. One that is not there is empty.
    ///
    /// # Errors
    /// Where the file is there and cannot be read.
    pub(super) fn load(path: &Path) -> io::Result<Self> {
        let mut known = Self { path: path.to_owned(), ..Self::default() };
        let Some(mut file) = present(File::open(path))? else { return Ok(known) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        known.read = Read { length: bytes.len() as u64, ..Read::of(&file.metadata()?) };
        known.add_lines(&bytes);
        Ok(known)
    }

    /// Takes in what others have written since the file was read; true where there was something.
    ///
    /// # Errors
    /// Where the file cannot be read any more.
    pub(super) fn refresh(&mut self) -> io::Result<bool> {
        let now = match present(fs::metadata(&self.path))? {
            Some(metadata) => Read::of(&metadata),
            None => Read::default(),
        };
        if now == self.read {
            return Ok(false);
        }
        if now.inode == self.read.inode && now.length > self.read.length {
            // Lines were added, as OpenSSH and other runs do it.
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(self.read.length))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            // A line that is being written is read when it is whole.
            bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
            self.read = Read { length: self.read.length + bytes.len() as u64, ..now };
            self.add_lines(&bytes);
            return Ok(!bytes.is_empty());
        }
        *self = Self { warnings: std::mem::take(&mut self.warnings), ..Self::load(&self.path)? };
        Ok(true)
    }

    /// The lines about a host, by its name in the file.
    pub(super) fn of(&mut self, name: &str) -> Vec<Arc<Entry>> {
        if !self.hashed.is_empty() {
            let tried = self.tried.insert(name.to_owned(), self.hashed.len()).unwrap_or_default();
            for entry in self.hashed[tried..].iter().filter(|entry| matches(entry.host_patterns(), name)) {
                self.by_name.entry(name.to_owned()).or_default().push(Arc::clone(entry));
            }
        }
        let plain = self.by_name.get(name).into_iter().flatten();
        let patterns = self.patterns.iter().filter(|entry| matches(entry.host_patterns(), name));
        plain.chain(patterns).cloned().collect()
    }

    /// Writes a line and remembers it.
    pub(super) fn append(&mut self, name: &str, key: &PublicKey) -> io::Result<()> {
        let mut key = key.clone();
        key.set_comment("");
        let openssh = key.to_openssh().map_err(io::Error::other)?;
        let line = format!("{name} {}\n", openssh.trim());
        let entry = line.trim().parse::<Entry>().map_err(io::Error::other)?;
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&self.path)?;
        let line = if is_unended(&mut file)? { format!("\n{line}") } else { line };
        let before = file.metadata()?.len();
        // One write of one line in append mode: other processes, OpenSSH included, may append at the same time.
        file.write_all(line.as_bytes())?;
        let now = Read::of(&file.metadata()?);
        // Where others wrote as well, their lines are still to be read, and this one again.
        if before == self.read.length && now.length == before + line.len() as u64 {
            self.read = now;
        }
        self.add(entry);
        Ok(())
    }

    fn add_lines(&mut self, bytes: &[u8]) {
        for (number, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
            // The parts may stand apart by any blanks; the parser knows one.
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.parse::<Entry>() {
                Ok(entry) => self.add(entry),
                Err(error) => self.warnings.push(format!("line {}: {error}", number + 1)),
            }
        }
    }

    fn add(&mut self, entry: Entry) {
        let entry = Arc::new(entry);
        match entry.host_patterns() {
            _ if entry.marker().is_some() => self.patterns.push(entry),
            HostPatterns::HashedName { .. } => self.hashed.push(entry),
            HostPatterns::Patterns(names) if names.iter().any(|name| name.contains(['*', '?', '!'])) => {
                self.patterns.push(entry);
            }
            HostPatterns::Patterns(names) => {
                for name in names {
                    let lines = self.by_name.entry(name.to_lowercase()).or_default();
                    if !lines.iter().any(|line| line.public_key().key_data() == entry.public_key().key_data()) {
                        lines.push(Arc::clone(&entry));
                    }
                }
            }
        }
    }
}

fn present<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// True where the last line of a file has no end: the next one must not become a part of it.
fn is_unended(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

fn matches(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::Patterns(patterns) => {
            let mut matched = false;
            for pattern in patterns {
                match pattern.strip_prefix('!') {
                    Some(pattern) if wildcard(&pattern.to_lowercase(), name) => return false,
                    Some(_) => {}
                    None => matched |= wildcard(&pattern.to_lowercase(), name),
                }
            }
            matched
        }
        HostPatterns::HashedName { salt, hash } => Hmac::<Sha1>::new_from_slice(salt).is_ok_and(|mut mac| {
            mac.update(name.as_bytes());
            mac.verify_slice(hash).is_ok()
        }),
    }
}
