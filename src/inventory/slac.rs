//! The units that SLAC files name: what a device is to have where an authorization code is to be installed.

use serde::{Deserialize, Serialize};

/// The UDIs of one SLAC file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlacFile {
    /// Its path, as given.
    pub name: String,
    /// What it lists, each once, in its order.
    pub udis: Vec<SlacUdi>,
}

/// One `<udi>` of a SLAC file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlacUdi {
    /// Product id.
    pub pid: String,
    /// Serial number.
    pub serial: String,
    /// Line of the file, from 1.
    pub line: usize,
}
