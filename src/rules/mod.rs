//! The rules: what slaudit judges. One file a rule, named after its id, and one line in [`ALL`].
//!
//! A rule sees facts, never text. Without its evidence its verdict is Unknown, never Pass.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::finding::{Finding, Severity, Verdict};
use crate::inventory::{Expectations, spelled};

/// One rule: its metadata and its judgement.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; names the problem.
    pub id: &'static str,
    /// The part of the catalogue it stands in.
    pub category: Category,
    /// True where only a Pass or Not Applicable lets a device be healthy.
    pub core: bool,
    /// The usual severity; a problem may differ where the catalogue says so.
    pub severity: Severity,
    /// The problem in a few words.
    pub title: &'static str,
    /// Why it matters, where it is read and what is healthy.
    pub why: &'static str,
    /// Which part of the guide or which public notice it comes from.
    pub source: &'static str,
    /// What to do, in one line.
    pub next_step: &'static str,
    /// Rules whose failure on the same device explains this one.
    pub explained_by: &'static [&'static str],
    /// The judgement.
    pub judge: fn(&Facts, &Expectations) -> Verdict,
}

spelled! {
    /// Parts of the catalogue.
    Category {
        /// Releases and generations of Smart Licensing.
        Release = "release",
        /// How reports are sent.
        Transport = "transport",
        /// Call Home.
        CallHome = "call_home",
        /// Name resolution and reach.
        Reach = "reach",
        /// Trust codes and trustpoints.
        Trust = "trust",
        /// Clock and NTP.
        Clock = "clock",
        /// Policy and reporting.
        Reporting = "reporting",
        /// Communication.
        Communication = "communication",
        /// Authorization codes.
        Authorization = "authorization",
        /// Account and identity.
        Identity = "identity",
        /// System messages.
        SystemMessages = "system_messages",
    }
}

/// Every rule, in the order of the catalogue.
pub static ALL: &[&Rule] = &[];

/// Which rules run, and at which severity: options and configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSet {
    /// Only these, where not empty.
    pub only: Vec<String>,
    /// Never these.
    pub skip: Vec<String>,
    /// Severities set by the operator; they win over the catalogue's and over a rule's own.
    pub severity: BTreeMap<String, Severity>,
}

/// What all rules say about one device.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// Every rule's verdict, in the order of [`ALL`]. Rules switched off are Not Applicable, with that reason.
    pub verdicts: Vec<(&'static str, Verdict)>,
    /// The problems, worst first, each with the finding that explains it.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// Verdicts of the core rules.
    pub fn core_verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.verdicts
            .iter()
            .filter(|(id, _)| ALL.iter().any(|rule| rule.core && rule.id == *id))
            .map(|(_, verdict)| verdict)
    }
}
