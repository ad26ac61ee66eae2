//! `report-backlog`: unacknowledged usage reports pile up. Reads `rum.waiting_for_ack`, `rum.available_to_report`, `rum.total`
//! and the release.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::checks::not_applicable;
use crate::rules::release::Release;
use crate::rules::{Category, Generation, Judged, Rule};

/// Reports from which the affected releases begin to suffer.
const SOME: u64 = 200;
/// Reports from which they were seen to suffer, and from which any release deserves a look.
const MANY: u64 = 1_000;

pub(super) static RULE: Rule = Rule {
    id: "report-backlog",
    category: Category::Reporting,
    core: false,
    severity: Severity::Medium,
    severity_note: "on the releases of field notice FN72578 medium above 200 reports and high above 1000; on others medium above \
                    1000",
    generation: Generation::Slp,
    title: "Unacknowledged reports pile up",
    why: "Every report that is not acknowledged stays on the device. On releases before 17.3.7, 17.6.5 and 17.9.1 a thousand of \
          them cost CPU and memory; on all of them they show that reporting stands still.",
    reads: "Usage Report Summary of show license all or show license tech support: Waiting for Ack (the number in parentheses, where \
            there is one) and Available to Report.",
    healthy: "Few reports under way.",
    source: "Field notice FN72578.",
    next_step: "cure the connection, then license smart sync all; on releases of field notice FN72578 upgrade to 17.3.7, 17.6.5, \
                17.9.1 or later",
    explained_by: &["communication-failing", "cslu-undiscovered"],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let (waiting, available) = (&facts.rum_waiting_for_ack, &facts.rum_available_to_report);
    let known = waiting.value().copied().unwrap_or(0) + available.value().copied().unwrap_or(0);
    if known == 0 && facts.rum_total.value() == Some(&0) {
        return not_applicable("no usage reports");
    }
    let release = facts.os_version.get();
    let affected =
        release.is_ok_and(|release| Release::parse(release).is_some_and(|parsed| parsed.has_report_pile_up()));
    let severity = match known {
        count if count > MANY => {
            if affected {
                Severity::High
            } else {
                Severity::Medium
            }
        }
        count if count > SOME && affected => Severity::Medium,
        count => {
            waiting.get()?;
            available.get()?;
            if count > SOME {
                release?;
            }
            return Ok(Vec::new());
        }
    };
    let mut observed = format!("{known} reports without an ACK");
    if let (true, Ok(release)) = (affected, release) {
        observed.push_str(", release ");
        observed.push_str(release);
    }
    let limit = if affected { SOME } else { MANY };
    let evidence =
        if waiting.value().is_some_and(|count| *count > 0) { waiting.evidence() } else { available.evidence() };
    Ok(vec![Problem::new(severity, observed, format!("at most {limit}")).proved_by(evidence.or(waiting.evidence()))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused};

    fn piled(waiting: u64, release: &str) -> Case {
        Case::direct().with(|facts| {
            facts.rum_waiting_for_ack = known(waiting);
            facts.rum_available_to_report = known(1);
            facts.os_version = known(release.to_owned());
        })
    }

    #[test]
    fn fails_above_a_thousand() {
        let problem = piled(1_000, "17.12.4").fails(&RULE);
        assert_eq!((problem.severity, problem.observed.as_str()), (Severity::Medium, "1001 reports without an ACK"));
    }

    #[test]
    fn fails_on_releases_of_the_notice() {
        assert_eq!(piled(200, "17.3.4").fails(&RULE).severity, Severity::Medium);
        assert_eq!(piled(1_200, "17.6.4").fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn passes_with_few() {
        Case::direct().passes(&RULE);
        piled(500, "17.9.1").passes(&RULE);
    }

    #[test]
    fn unknown_without_the_counts() {
        Case::direct().with(|facts| facts.rum_waiting_for_ack = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_where_it_hangs_on_the_release() {
        piled(500, "17.9.1").with(|facts| facts.os_version = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_reports() {
        Case::direct()
            .with(|facts| {
                facts.rum_total = known(0);
                facts.rum_waiting_for_ack = known(0);
                facts.rum_available_to_report = known(0);
            })
            .not_applicable(&RULE);
    }
}
