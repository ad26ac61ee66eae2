//! One file of saved output, as clean text: plain, UTF-16 or gzip, up to 64 MiB.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::read::MultiGzDecoder;

use super::Reason;
use crate::transcript::text::normalise_paged;

/// More than any terminal log; a limit so that one file cannot fill the memory, also not by unpacking.
const MAX_BYTES: u64 = 64 << 20;
/// So much of a file decides whether it is text.
const PROBE: usize = 8192;

/// The text of a file.
#[derive(Debug)]
pub(super) struct Capture {
    pub(super) text: String,
    /// Lines (from 0) from which paging text was removed.
    pub(super) paged: Vec<usize>,
}

/// Reads files and remembers the last one: a log of several devices is asked for once a device.
#[derive(Debug, Default)]
pub(super) struct Files {
    last: Mutex<Option<(PathBuf, Arc<Capture>)>>,
}

impl Files {
    pub(super) fn read(&self, path: &Path) -> Result<Arc<Capture>, Reason> {
        let last = || self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, capture)) = &*last()
            && known == path
        {
            return Ok(Arc::clone(capture));
        }
        let capture = Arc::new(read(path)?);
        *last() = Some((path.to_owned(), Arc::clone(&capture)));
        Ok(capture)
    }
}

fn read(path: &Path) -> Result<Capture, Reason> {
    read_from(File::open(path).map_err(|error| Reason::unreadable(&error))?)
}

pub(super) fn read_from(reader: impl Read) -> Result<Capture, Reason> {
    let mut bytes = take(reader)?;
    if bytes.starts_with(b"\x1f\x8b") {
        bytes = take(MultiGzDecoder::new(bytes.as_slice()))?;
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.get(257..262) == Some(b"ustar") {
        return Err(Reason::Packed);
    }
    if !is_text(&bytes) {
        return Err(Reason::NotText);
    }
    let (text, paged) = normalise_paged(&bytes);
    if text.trim().is_empty() { Err(Reason::Empty) } else { Ok(Capture { text, paged }) }
}

fn take(reader: impl Read) -> Result<Vec<u8>, Reason> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| Reason::unreadable(&error))?;
    if bytes.len() as u64 > MAX_BYTES { Err(Reason::TooLarge) } else { Ok(bytes) }
}

/// Console logs hold NUL and escape sequences, but few of them; UTF-16 says what it is.
fn is_text(bytes: &[u8]) -> bool {
    if encoding_rs::Encoding::for_bom(bytes).is_some() {
        return true;
    }
    let probe = &bytes[..bytes.len().min(PROBE)];
    let foreign = |byte: &&u8| matches!(byte, 0..=7 | 14..=26 | 28..=31);
    probe.iter().filter(foreign).count() * 10 <= probe.len()
}

impl Reason {
    pub(super) fn unreadable(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Unreadable("there is no such file or folder".to_owned()),
            io::ErrorKind::PermissionDenied => Self::Unreadable("permission denied".to_owned()),
            _ => Self::Unreadable(error.to_string()),
        }
    }
}
