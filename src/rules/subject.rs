//! What a rule judges. Questions that several rules ask are methods of it, in `situation` and `failure`.

use crate::facts::Facts;
use crate::finding::Problem;
use crate::inventory::Expectations;
use crate::rules::Rule;

/// A device that a rule judges: what is known of it and what is expected.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What is known of the device.
    pub facts: &'a Facts,
    /// What the inventory and the options expect of it.
    pub expected: &'a Expectations,
    /// The rule that judges.
    pub(super) rule: &'static Rule,
}

impl Subject<'_> {
    /// A problem of the device as a whole, at the usual severity of the rule.
    pub(super) fn problem(self, observed: impl Into<String>, expected: impl Into<String>) -> Problem {
        Problem::new(self.rule.severity, observed, expected)
    }
}
