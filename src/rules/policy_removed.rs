//! `policy-removed`: a custom policy was removed, and none was installed since. Reads the log.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "policy-removed",
    category: Category::Reporting,
    severity: Severity::Medium,
    title: "The licensing policy was removed",
    why: "The default policy is in force again, with other duties to report; license smart factory reset does that among other \
          things. It may have been meant.",
    reads: "show logging: POLICY_REMOVED and POLICY_INSTALL_SUCCESS.",
    healthy: "No such message, or a policy installed after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, POLICY_REMOVED.",
    remedy: |device, problem| remedies::before(device.step(&steps::POLICY_MEANT), remedies::report(device, problem)),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let removed = history::standing(device.facts, "POLICY_REMOVED", &["POLICY_INSTALL_SUCCESS"])?;
    Ok(removed
        .last()
        .map(|message| {
            device
                .problem(history::described(message), "the policy that the account has")
                .proved_by(history::evidence(message, device.facts).as_ref())
        })
        .into_iter()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, logged, refused};

    #[test]
    fn fails_after_a_removal() {
        let log = vec![logged("POLICY_REMOVED", None, "Jun 10 10:00:00")];
        let problem = Case::direct().with(|facts| facts.log = known(log)).fails(&RULE);
        assert!(problem.observed.starts_with("POLICY_REMOVED at Jun 10 10:00:00"), "{}", problem.observed);
    }

    #[test]
    fn passes_after_a_new_policy() {
        let log = vec![
            logged("POLICY_REMOVED", None, "Jun 10 10:00:00"),
            logged("POLICY_INSTALL_SUCCESS", None, "Jun 10 11:00:00"),
        ];
        Case::direct().with(|facts| facts.log = known(log)).passes(&RULE);
    }

    #[test]
    fn passes_on_a_log_without_it() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_without_a_log() {
        Case::direct().with(|facts| facts.log = refused()).unknown(&RULE);
    }
}
