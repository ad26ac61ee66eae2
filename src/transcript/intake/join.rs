//! The parts of one device become its transcript.
//!
//! Each command stands in it once. Of two outputs the later one counts, and it is said; a refusal never replaces an output.

use std::path::Path;
use std::time::Duration;

use super::{Part, Reason, Source, Unplaced};
use crate::transcript::archive::Archived;
use crate::transcript::redact::Redactor;
use crate::transcript::{Cut, Exchange, Reply, Transcript};

/// A device, taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    /// What it said.
    pub transcript: Transcript,
    /// How it was reached, where an archived session says so.
    pub contact: Option<serde_json::Value>,
    /// What the user should know, one sentence each: outputs that were replaced, commands that are not read.
    pub notes: Vec<String>,
}

/// An exchange, and where it comes from.
struct Placed {
    exchange: Exchange,
    part: usize,
    place: String,
}

impl Source {
    /// Reads the device. Text is normalised and redacted as that of a live session.
    pub fn load(&self) -> Result<Taken, Unplaced> {
        let redactor = Redactor::default();
        let mut placed = Vec::new();
        let (mut hostname, mut contact, mut notes) = (self.hostname.clone(), None, Vec::new());
        for (number, part) in self.parts.iter().enumerate() {
            match part {
                Part::Session(folder) => {
                    let archived = Archived::read(folder).map_err(Unplaced::from)?;
                    hostname = archived.transcript.hostname.or(hostname);
                    contact = Some(archived.contact);
                    for exchange in archived.transcript.exchanges {
                        let place = folder.display().to_string();
                        add(&mut placed, Placed { exchange, part: number, place }, &mut notes);
                    }
                }
                Part::Output { path, command, output, line, cut } => {
                    let capture = self.files.read(path).map_err(|reason| unplaced(path, reason))?;
                    let text = capture.text.get(output.clone()).ok_or_else(|| unplaced(path, Reason::Changed))?;
                    let text = redactor.redact(text).into_owned();
                    let reply = match Reply::classify(text) {
                        Reply::Output(partial) if *cut => Reply::Cut { partial, why: Cut::Closed },
                        reply => reply,
                    };
                    let (command, took) = (command.clone().into_owned(), Duration::ZERO);
                    let exchange = Exchange { command, sent_at: None, took, reply };
                    let place = format!("{} line {line}", path.display());
                    add(&mut placed, Placed { exchange, part: number, place }, &mut notes);
                }
                Part::Other { path, commands } => {
                    notes.push(format!("{}: not read by slaudit: {}", path.display(), commands.join(", ")));
                }
            }
        }
        let exchanges = placed.into_iter().map(|placed| placed.exchange).collect();
        let transcript = Transcript { device: self.device.clone(), exchanges, hostname };
        Ok(Taken { transcript, contact, notes })
    }
}

/// Adds an exchange. Within one session a command may stand twice: it was asked twice.
fn add(placed: &mut Vec<Placed>, new: Placed, notes: &mut Vec<String>) {
    let same = |old: &&mut Placed| old.part != new.part && old.exchange.command == new.exchange.command;
    let Some(old) = placed.iter_mut().find(same) else {
        placed.push(new);
        return;
    };
    let keeps = matches!((&old.exchange.reply, &new.exchange.reply), (Reply::Output(_), Reply::Refused(_)));
    let (used, unused) = if keeps { (&old.place, &new.place) } else { (&new.place, &old.place) };
    notes.push(format!("{} stands twice: read from {used}, not from {unused}", new.exchange.command));
    if !keeps {
        *old = new;
    }
}

fn unplaced(path: &Path, reason: Reason) -> Unplaced {
    Unplaced { path: path.to_owned(), reason }
}
