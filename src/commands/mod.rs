//! The show commands slaudit knows: what is sent, where and when, and how the reply is read.
//!
//! One file a command, named after it, and one line in [`ALL`]. The order of [`ALL`] is the order in which a device is asked.

use crate::facts::Facts;
use crate::inventory::{Device, Platform};

/// A command that slaudit may send to a device. Only this module makes one: what may be sent is a closed list.
#[derive(Debug)]
pub struct Command {
    /// What is sent, for example `show license status`.
    pub sends: &'static str,
    /// Where it exists.
    pub platforms: &'static [Platform],
    /// True where its answer is still needed.
    pub wanted: fn(&Situation<'_>) -> bool,
}

/// What is known when the next command is chosen.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The inventory row.
    pub device: &'a Device,
    /// What the replies so far said.
    pub facts: &'a Facts,
    /// Commands the device refused so far.
    pub refused: &'a [&'static str],
}
