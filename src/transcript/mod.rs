//! What a device answered: the commands sent to it and its replies, as text.
//!
//! A transcript is all that judgement needs: bytes, the collector's times and the inventory row. It is the same whether it
//! came over SSH or from files.

pub mod archive;
pub(crate) mod dialect;
pub mod intake;
pub mod path_name;
pub mod redact;
pub mod text;

mod unwrap;

use std::time::Duration;

use jiff::Timestamp;

use crate::inventory::Device;

pub use unwrap::unwrap;

/// Everything one device said in one interview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcript {
    /// The inventory row.
    pub device: Device,
    /// Commands and replies in the order they were asked.
    pub exchanges: Vec<Exchange>,
    /// Host name of the prompt, where a prompt was seen.
    pub hostname: Option<String>,
}

/// One command and what came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The command as sent, for example `show license status`.
    pub command: String,
    /// The collector's clock when the command was sent; `None` for captures that do not say.
    pub sent_at: Option<Timestamp>,
    /// How long the reply took.
    pub took: Duration,
    /// What came back.
    pub reply: Reply,
}

/// The verdict on one command. Only [`Reply::Output`] is evidence that something is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The device ran the command; text as captured, normalised, without echo and prompt.
    Output(String),
    /// The device would not run it: its own words, one line.
    Refused(String),
    /// The reply is incomplete.
    Cut {
        /// What had arrived.
        partial: String,
        /// Why there is no more.
        why: Cut,
    },
}

impl Reply {
    /// Sorts a complete, normalised reply: [`Reply::Refused`] with the device's own words where these are all it
    /// consists of, else [`Reply::Output`] with the text unchanged.
    pub fn classify(text: String) -> Self {
        match dialect::refusal(&text) {
            Some(words) => Self::Refused(words.to_owned()),
            None => Self::Output(text),
        }
    }
}

/// Why a reply is incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The deadline of the command passed.
    TimedOut,
    /// The device closed the connection.
    Closed,
    /// More than the size limit of a command.
    TooLarge,
    /// Too much that nobody asked for: packets that are no output.
    Flood,
}
