//! All rules over one device: verdicts, and findings in the order in which they are read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::facts::Facts;
use crate::finding::{Finding, Fingerprint, Problem, Severity, Verdict};
use crate::inventory::Device;
use crate::rules::{ALL, Rule, Subject, find, suggest};

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

/// The reason of a rule that was not run. Nothing is known from it.
pub(crate) const SWITCHED_OFF: &str = "switched off by configuration";

impl RuleSet {
    /// Refuses ids that no rule has; the error names all of them.
    pub fn validate(&self) -> Result<(), UnknownRules> {
        let named: BTreeSet<&str> =
            self.only.iter().chain(&self.skip).chain(self.severity.keys()).map(String::as_str).collect();
        let unknown: Vec<_> = named.into_iter().filter(|id| find(id).is_none()).map(ToOwned::to_owned).collect();
        if unknown.is_empty() { Ok(()) } else { Err(UnknownRules { ids: unknown }) }
    }

    /// True where a rule is to be judged.
    pub fn runs(&self, rule: &Rule) -> bool {
        let named = |ids: &[String]| ids.iter().any(|id| id.trim().eq_ignore_ascii_case(rule.id));
        !named(&self.skip) && (self.only.is_empty() || named(&self.only))
    }

    /// The operator's severity of a rule.
    fn severity_of(&self, rule: &Rule) -> Option<Severity> {
        self.severity.iter().find(|(id, _)| id.trim().eq_ignore_ascii_case(rule.id)).map(|(_, severity)| *severity)
    }
}

/// Ids that no rule has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownRules {
    /// The ids, as written.
    pub ids: Vec<String>,
}

impl fmt::Display for UnknownRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, id) in self.ids.iter().enumerate() {
            let line = if at == 0 { "" } else { "\n" };
            write!(f, "{line}no rule is called `{id}`")?;
            match suggest(id).as_slice() {
                [] => {}
                near => write!(f, "; did you mean `{}`?", near.join("` or `"))?,
            }
        }
        f.write_str("\n`slaudit rules` lists all of them")
    }
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
    /// The judgement of a device that said nothing: of a rule that is switched off it is known that nobody asked.
    pub fn none(rules: &RuleSet) -> Self {
        let off = ALL.iter().filter(|rule| !rules.runs(rule));
        let verdicts = off.map(|rule| (rule.id, Verdict::NotApplicable(SWITCHED_OFF))).collect();
        Self { verdicts, findings: Vec::new() }
    }
}

/// Judges a device by every rule. The same facts, inventory row and rules give the same judgement, whenever it is made.
pub fn judge(facts: &Facts, device: &Device, rules: &RuleSet) -> Judgement {
    let subject = Subject::new(facts, &device.expect);
    let verdicts: Vec<(&'static Rule, Verdict)> = ALL
        .iter()
        .map(|rule| {
            let verdict = if rules.runs(rule) { rule.verdict(subject) } else { Verdict::NotApplicable(SWITCHED_OFF) };
            (*rule, verdict)
        })
        .collect();
    // A remark of severity info is no cause. The severity is the rule's own: an operator's wish changes no cause.
    let causes: BTreeSet<&str> = verdicts
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Fail(problems) if problems.iter().any(|p| p.severity < Severity::Info)))
        .map(|(rule, _)| rule.id)
        .collect();

    let mut judgement = Judgement::default();
    for (rule, verdict) in verdicts {
        let verdict = match verdict {
            Verdict::Fail(problems) => {
                let problems: Vec<_> = problems.into_iter().map(|p| finished(p, rule, rules)).collect();
                judgement.findings.extend(problems.iter().map(|problem| Finding {
                    rule: rule.id,
                    explained_by: explanation(problem, rule, &causes),
                    fingerprint: Fingerprint::new(rule.id, &device.name, &problem.subject),
                    problem: problem.clone(),
                }));
                Verdict::Fail(problems)
            }
            other => other,
        };
        judgement.verdicts.push((rule.id, verdict));
    }
    // Both sorts are stable, and findings come in the order of the catalogue: severity, then rule, then subject.
    judgement.findings.sort_by_key(|finding| finding.problem.severity);
    for group in judgement.findings.chunk_by_mut(|a, b| (a.problem.severity, a.rule) == (b.problem.severity, b.rule)) {
        group.sort_by(|a, b| a.problem.subject.cmp(&b.problem.subject));
    }
    judgement
}

/// The problem as reports show it: with the operator's severity.
fn finished(mut problem: Problem, rule: &Rule, rules: &RuleSet) -> Problem {
    if let Some(severity) = rules.severity_of(rule) {
        problem.severity = severity;
    }
    problem
}

/// The first rule that explains the problem and failed on the same device.
fn explanation(problem: &Problem, rule: &Rule, causes: &BTreeSet<&str>) -> Option<&'static str> {
    let candidates = problem.explained_by.unwrap_or(rule.explained_by);
    candidates.iter().copied().find(|id| causes.contains(id) && *id != rule.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Expectations;
    use crate::rules::case::{Case, known};

    fn device(expect: Expectations) -> Device {
        Device { expect, ..Device::named("SW01") }
    }

    fn undiscovered() -> Case {
        Case::cslu("").with(|facts| {
            facts.last_ack = known(None);
            facts.communication = known(Vec::new());
        })
    }

    #[test]
    fn every_rule_has_a_verdict_also_one_that_is_switched_off() {
        let rules = RuleSet { skip: vec!["cslu-undiscovered".to_owned()], ..RuleSet::default() };
        let judgement = judge(&undiscovered().facts, &device(Expectations::default()), &rules);
        assert_eq!(judgement.verdicts.len(), ALL.len());
        let off = judgement.verdicts.iter().find(|(id, _)| *id == "cslu-undiscovered").map(|(_, verdict)| verdict);
        assert_eq!(off, Some(&Verdict::NotApplicable("switched off by configuration")));
        assert!(judgement.findings.iter().all(|finding| finding.explained_by.is_none()));
        let only = RuleSet { only: vec!["Transport-Off".to_owned()], ..RuleSet::default() };
        let judgement = judge(&Case::off().facts, &device(Expectations::default()), &only);
        assert_eq!(judgement.findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["transport-off"]);
    }

    #[test]
    fn the_operator_s_severity_wins_and_changes_no_cause() {
        let info = BTreeMap::from([("cslu-undiscovered".to_owned(), Severity::Info)]);
        let rules = RuleSet { severity: info, ..RuleSet::default() };
        let judgement = judge(&undiscovered().facts, &device(Expectations::default()), &rules);
        let told: Vec<_> = judgement.findings.iter().map(|f| (f.rule, f.problem.severity, f.explained_by)).collect();
        assert_eq!(
            told,
            [
                ("cslu-undiscovered", Severity::Info, None),
                ("ack-never-received", Severity::Info, Some("cslu-undiscovered")),
            ]
        );
    }

    #[test]
    fn unknown_ids_are_refused_all_at_once() {
        let rules = RuleSet {
            only: vec!["ack-overdu".to_owned()],
            skip: vec!["xyzzy".to_owned(), "transport-off".to_owned()],
            ..RuleSet::default()
        };
        let error = rules.validate().expect_err("two ids are wrong");
        assert_eq!(
            error.to_string(),
            "no rule is called `ack-overdu`; did you mean `ack-overdue`?\nno rule is called `xyzzy`\n\
             `slaudit rules` lists all of them"
        );
        assert_eq!(RuleSet::default().validate(), Ok(()));
    }
}
