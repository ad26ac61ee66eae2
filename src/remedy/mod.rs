//! Remedies: what would cure a finding, as steps for people. Nothing here is ever sent to a device.
//!
//! One function a rule, in `catalogue`; the commands are those of the vendor's guide. [`Step::is_allowed`] is
//! the closed list of commands that a file may hold: nothing on it removes configuration or data. [`page()`] writes the file of a
//! device; what a device said stands in it as comments only.

mod allowed;
mod catalogue;
mod page;
mod steps;

pub use page::{Page, page};

use crate::facts::Facts;
use crate::finding::Finding;
use crate::inventory::Expectations;

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where it is done.
    pub mode: Mode,
    /// The command, with its indentation and `<placeholders>`; words for [`Mode::Manual`].
    pub line: String,
}

/// Where a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Configuration mode, after `configure terminal`.
    Configure,
    /// Privileged EXEC mode.
    Exec,
    /// Not on this device: CSSM, CSLU, SSM On-Prem, a decision. A comment.
    Manual,
    /// A command that shows whether it worked, with what it then says. A comment.
    Verify,
}

impl Step {
    fn new(mode: Mode, line: impl Into<String>) -> Self {
        Self { mode, line: line.into() }
    }

    /// True for a command, which a file holds as a line of its own.
    pub fn is_command(&self) -> bool {
        matches!(self.mode, Mode::Configure | Mode::Exec)
    }

    /// True where the line is a command of the closed list, with nothing in it that could be a second one.
    pub fn is_allowed(&self) -> bool {
        allowed::is_allowed(self.mode, &self.line)
    }
}

/// What would cure a finding.
pub fn of(facts: &Facts, expected: &Expectations, finding: &Finding) -> Vec<Step> {
    match catalogue::ALL.iter().find(|(rule, _)| *rule == finding.rule) {
        Some((_, remedy)) => remedy(facts, expected, finding),
        // A finding may be of a rule that is newer than the catalogue; its next step is never wrong.
        None => steps::told(finding),
    }
}
