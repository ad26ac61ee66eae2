//! What a column of the store holds: moments, names, ranks, counts, and JSON under zlib.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use jiff::Timestamp;
use rusqlite::Row;
use serde::de::DeserializeOwned;

use crate::finding::Severity;

/// The name of a device across runs.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// A moment as the store keeps it.
pub(super) fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// A moment that the store kept. One that no calendar has reads as the first of 1970.
pub(super) fn moment(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// An error of JSON inside a row, as SQLite's kind of error.
pub(super) fn json_error(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

/// Severities are kept by their rank, so that SQL sorts them.
pub(super) fn severity(row: &Row<'_>, at: usize) -> rusqlite::Result<Severity> {
    let rank = count(row, at)?;
    Severity::ALL
        .get(rank)
        .copied()
        .ok_or_else(|| rusqlite::Error::IntegralValueOutOfRange(at, row.get(at).unwrap_or(-1)))
}

/// A number of rows.
pub(super) fn count(row: &Row<'_>, at: usize) -> rusqlite::Result<usize> {
    Ok(usize::try_from(row.get::<_, i64>(at)?).unwrap_or_default())
}

/// JSON under zlib.
pub(super) fn unpack<T: DeserializeOwned>(packed: &[u8]) -> rusqlite::Result<T> {
    let mut text = String::new();
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Blob, error)
    };
    ZlibDecoder::new(packed).read_to_string(&mut text).map_err(|error| failed(error.into()))?;
    serde_json::from_str(&text).map_err(json_error)
}
