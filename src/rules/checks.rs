//! How a rule collects its answer: problems, or why there is none.

use crate::fact::{Evidence, Fact, Unknown};
use crate::finding::Problem;
use crate::rules::Judged;

/// Why a rule has no answer. Facts that are not known turn into it with `?`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undecided {
    /// The question has no meaning on this device; why.
    NotApplicable(&'static str),
    /// The evidence is missing; why.
    Unknown(Unknown),
}

impl From<&Unknown> for Undecided {
    fn from(why: &Unknown) -> Self {
        Self::Unknown(why.clone())
    }
}

/// The answer "this question has no meaning here".
pub(super) fn not_applicable<T>(why: &'static str) -> Result<T, Undecided> {
    Err(Undecided::NotApplicable(why))
}

/// What proves that a line is not there: the command whose whole output lacks it. A line that says so itself is kept.
pub(super) fn no_line<T>(fact: &Fact<T>, wanted: &str) -> Option<Evidence> {
    let line = fact.evidence()?;
    // Of a configuration the first line tells only that it could be read.
    let says_nothing = line.text.starts_with("hostname ") || line.text.starts_with("Trustpoint ");
    let text = if says_nothing { format!("no line `{wanted}`") } else { line.text.clone() };
    Some(Evidence { command: line.command, line: if says_nothing { 0 } else { line.line }, text })
}

/// Several questions under one rule: one bad answer fails it, and it passes only where every answer is known.
#[derive(Debug, Default)]
pub(super) struct Checks {
    problems: Vec<Problem>,
    missing: Option<Unknown>,
}

impl Checks {
    /// Judges one fact.
    pub(super) fn ask<T>(&mut self, fact: &Fact<T>, judge: impl FnOnce(&T) -> Option<Problem>) {
        match fact.get() {
            Ok(value) => self.problems.extend(judge(value)),
            Err(why) => self.miss(why),
        }
    }

    /// Adds a problem.
    pub(super) fn fail(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// True where there is a problem about a subject already: units may look the same.
    pub(super) fn has_about(&self, subject: &str) -> bool {
        self.problems.iter().any(|problem| problem.subject == subject)
    }

    /// Notes that an answer is missing; the first reason is kept.
    pub(super) fn miss(&mut self, why: &Unknown) {
        self.missing.get_or_insert_with(|| why.clone());
    }

    /// The answer to all of them.
    pub(super) fn answer(self) -> Judged {
        match self.missing {
            Some(why) if self.problems.is_empty() => Err(Undecided::Unknown(why)),
            _ => Ok(self.problems),
        }
    }
}
