//! `report-backlog`: unacknowledged usage reports pile up. Reads `rum.unacknowledged`, `rum.total`, `rum.in_storage` and the
//! release.

use crate::rules::prelude::*;

/// Reports from which the affected releases begin to suffer.
const SOME: u64 = 200;
/// Reports from which they were seen to suffer, and from which any release deserves a look.
const MANY: u64 = 1_000;
const SOME_MORE: u64 = SOME + 1;
const MANY_MORE: u64 = MANY + 1;

pub(super) static RULE: Rule = Rule {
    id: "report-backlog",
    category: Category::Reporting,
    severity: Severity::Medium,
    severity_note: "on the releases of field notice FN72578 medium above 200 reports and high above 1000; on others medium above \
                    1000",
    title: "Unacknowledged reports pile up",
    why: "Every report that is not acknowledged stays on the device. On releases before 17.3.7, 17.6.5 and 17.9.1 a thousand of \
          them cost CPU and memory; on all of them they show that reporting stands still.",
    reads: "Usage Report Summary of show license all or show license tech support: Waiting for Ack and Available to Report; the \
            number in parentheses of tech support holds both.",
    healthy: "Few reports under way.",
    source: "Field notice FN72578.",
    remedy,
    explained_by: &["communication-failing", "cslu-undiscovered"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let (all, waiting) = (&device.facts.rum_unacknowledged, &device.facts.rum_waiting_for_ack);
    // Half of the block may be lost; those that wait are a part of them all.
    let counted = if all.is_known() { all } else { waiting };
    let count = counted.value().copied().unwrap_or(0);
    let is_empty = count == 0 || device.facts.rum_in_storage.value() == Some(&0);
    if device.facts.rum_total.value() == Some(&0) && is_empty {
        return not_applicable("no usage reports");
    }
    let release = device.facts.os_version.get();
    let affected =
        release.is_ok_and(|release| Release::parse(release).is_some_and(|parsed| parsed.has_report_pile_up()));
    let severity = match (count, affected) {
        (MANY_MORE.., true) => Severity::High,
        (SOME_MORE.., true) | (MANY_MORE.., false) => Severity::Medium,
        (count, _) => {
            all.get()?;
            if count > SOME {
                release?;
            }
            return Ok(Vec::new());
        }
    };
    let mut observed = format!("{count} reports without an ACK");
    if let (true, Ok(release)) = (affected, release) {
        observed.push_str(", release ");
        observed.push_str(release);
    }
    let limit = if affected { SOME } else { MANY };
    Ok(vec![Problem::new(severity, observed, format!("at most {limit}")).proved_by(counted.evidence())])
}

fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let mut all = remedies::before(device.step(&steps::CURE_CONNECTION), remedies::report(device, problem));
    all.push(device.choice(&steps::BACKLOG_RELEASE));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::rules::case::{Case, absent, known, refused};

    fn piled(count: u64, release: &str) -> Case {
        Case::direct().with(|facts| {
            facts.rum_total = known(count + 40);
            facts.rum_unacknowledged = known(count);
            facts.os_version = known(release.to_owned());
        })
    }

    #[test]
    fn fails_above_a_thousand() {
        let problem = piled(1_001, "17.12.4").fails(&RULE);
        assert_eq!((problem.severity, problem.observed.as_str()), (Severity::Medium, "1001 reports without an ACK"));
    }

    #[test]
    fn fails_on_releases_of_the_notice() {
        assert_eq!(piled(201, "17.3.4").fails(&RULE).severity, Severity::Medium);
        assert_eq!(piled(1_201, "17.6.4").fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn fails_where_those_that_wait_are_enough() {
        let case = piled(0, "17.12.4").with(|facts| {
            facts.rum_unacknowledged = absent();
            facts.rum_waiting_for_ack = known(1_500);
        });
        assert_eq!(case.fails(&RULE).observed, "1500 reports without an ACK");
    }

    #[test]
    fn passes_with_few() {
        Case::direct().passes(&RULE);
        piled(500, "17.9.1").passes(&RULE);
        piled(1_000, "17.9.1").passes(&RULE);
        piled(200, "17.3.4").passes(&RULE);
    }

    #[test]
    fn unknown_without_the_counts() {
        Case::direct().with(|facts| facts.rum_unacknowledged = refused()).unknown(&RULE);
        let nothing = Facts { slp_enabled: known(true), ..Facts::default() };
        let why = Case { facts: nothing, ..Case::direct() }.unknown(&RULE);
        assert!(why.starts_with("not collected: Usage Report Summary of show license all"), "{why}");
    }

    #[test]
    fn unknown_where_it_hangs_on_the_release() {
        piled(500, "17.9.1").with(|facts| facts.os_version = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_reports() {
        let none = |facts: &mut Facts| (facts.rum_total, facts.rum_unacknowledged) = (known(0), known(0));
        Case::direct().with(none).not_applicable(&RULE);
    }

    #[test]
    fn trap_a_count_of_reports_that_are_gone() {
        let gone = |facts: &mut Facts| (facts.rum_total, facts.rum_in_storage) = (known(0), known(0));
        piled(205, "17.3.4").with(gone).not_applicable(&RULE);
    }
}
