//! From outputs to facts: the replies of one device are read, and each question gets one answer.
//!
//! A parser stays faithful to one command's text; this module alone decides which command wins when two answer one question.

use crate::commands::Command;
use crate::facts::Facts;
use crate::inventory::Device;
use crate::transcript::{Exchange, Transcript};

/// What a transcript says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The answers.
    pub facts: Facts,
    /// Lines inside a known section that no parser understood: a new release shows up here as a number, not as a lost device.
    pub unparsed: Vec<Unparsed>,
    /// Commands the device refused, with its words.
    pub refused: Vec<(&'static str, String)>,
    /// Commands whose reply is incomplete.
    pub cut: Vec<&'static str>,
    /// True where at least one licence command gave an answer.
    pub licence_readable: bool,
}

/// A line that no parser understood.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unparsed {
    /// The command that printed it.
    pub command: String,
    /// Line of the reply, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

/// Reads a whole transcript.
pub fn read(transcript: &Transcript) -> Reading {
    let mut reader = Reader::new(&transcript.device);
    for exchange in &transcript.exchanges {
        reader.add(exchange);
    }
    reader.finish(transcript.hostname.as_deref())
}

/// Reads replies one by one, as an interview goes on, and says what to ask next.
#[derive(Debug)]
pub struct Reader<'a> {
    device: &'a Device,
}

impl<'a> Reader<'a> {
    /// Nothing read yet.
    pub fn new(device: &'a Device) -> Self {
        Self { device }
    }

    /// Reads one reply.
    pub fn add(&mut self, exchange: &Exchange) {
        let _ = (self.device, exchange);
    }

    /// The next command to ask, by what is known so far; `None` where nothing is wanted any more.
    pub fn next_command(&self) -> Option<&'static Command> {
        None
    }

    /// The answers of everything read. `hostname` is the one of the prompt.
    pub fn finish(self, hostname: Option<&str>) -> Reading {
        let _ = hostname;
        Reading::default()
    }
}
