//! The show commands slaudit knows: what is sent, where and when, and how the reply is read.
//!
//! One file a command, named after it, and one line in [`ALL`]. The order of [`ALL`] is the order in which a device is asked, and
//! the order of trust: where two commands answer one question, the earlier wins (`reading` knows the exceptions).

mod lines;
mod names;
mod plan;
mod time;

mod license;
mod show_license_all;
mod show_license_status;
mod show_license_tech_support;

pub use names::find;
pub use plan::Situation;

pub(crate) use lines::{Stamp, Text};
pub(crate) use time::Mark;

use crate::fact::Evidence;
use crate::facts::Facts;
use crate::inventory::Platform;
use crate::syslog::Message;
use lines::Line;

/// A command that slaudit may send to a device. Only this module and its children make one: what may be sent is a closed list.
#[derive(Debug)]
pub struct Command {
    /// What is sent, for example `show license status`.
    pub sends: &'static str,
    /// Where it exists.
    pub platforms: &'static [Platform],
    /// True where its answer is still needed. Never true for a command that is read where somebody saved it, and never asked.
    pub wanted: fn(&Situation<'_>) -> bool,
    /// How a reply is read.
    read: fn(&Text<'_>) -> Answers,
}

impl Command {
    /// Reads a reply.
    pub(crate) fn read(&self, text: &Text<'_>) -> Answers {
        (self.read)(text)
    }

    /// True for the commands of which one must be readable before a device counts as audited.
    pub(crate) fn is_licence(&self) -> bool {
        self.sends.starts_with("show license")
            && !matches!(self.sends, "show license udi" | "show license history message")
    }
}

/// What one reply says.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Facts; what the command does not tell is "not collected".
    pub facts: Facts,
    /// Lines that no parser understood.
    pub unparsed: Vec<(usize, String)>,
    /// At least one line was one of this command.
    pub recognised: bool,
    /// The device answered, and its answer means that it would not.
    pub refused: Option<String>,
    /// Synchronised, by the mark before a time.
    pub mark: Option<(bool, Evidence)>,
    /// Messages of the log.
    pub log: Vec<Message>,
}

impl Line<'_> {
    /// The line as it is kept where no parser understood it.
    fn kept(&self) -> (usize, String) {
        (self.number, self.text.to_owned())
    }
}

/// Every command, in the order in which a device is asked.
pub static ALL: &[&Command] =
    &[&show_license_tech_support::COMMAND, &show_license_all::COMMAND, &show_license_status::COMMAND];

/// The filtered configuration.
pub(crate) const CONFIGURATION: &str = "show running-config";

/// Where a command stands in [`ALL`]: smaller is asked, and trusted, first.
pub(crate) fn order(sends: &str) -> usize {
    ALL.iter().position(|command| command.sends == sends).unwrap_or(ALL.len())
}
