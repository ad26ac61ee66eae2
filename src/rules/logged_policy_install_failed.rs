//! `logged-policy-install-failed`: the log has POLICY_INSTALL_FAILED without a later success. Reads `log`.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::{Category, Generation, Judged, Rule, failure, history, next_steps};

pub(super) static RULE: Rule = Rule {
    id: "logged-policy-install-failed",
    category: Category::SystemMessages,
    core: false,
    severity: Severity::High,
    severity_note: "",
    generation: Generation::Slp,
    title: "Logged: a policy could not be installed",
    why: "The device goes on with its old policy, whose duties to report may be others. A refused signature or time stamp means that the \
          clock is wrong.",
    reads: "show logging: POLICY_INSTALL_FAILED and POLICY_INSTALL_SUCCESS.",
    healthy: "No such message, or a policy installed after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, POLICY_INSTALL_FAILED.",
    next_step: next_steps::NTP,
    explained_by: &["clock-not-synchronized"],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let standing = history::standing(facts, "POLICY_INSTALL_FAILED", &["POLICY_INSTALL_SUCCESS"])?;
    Ok(standing
        .into_iter()
        .map(|message| {
            let mut problem =
                Problem::new(Severity::High, history::described(message), "POLICY_INSTALL_SUCCESS after it")
                    .about(history::subject(message))
                    .proved_by(history::evidence(message, facts).as_ref());
            if !failure::names_clock(&message.text) {
                problem = problem.next_step(format!("license smart sync all; {}", next_steps::SUPPORT));
            }
            problem
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, logged, refused};

    const UDI: Option<&str> = None;

    fn with_log(messages: Vec<crate::facts::LogMessage>) -> Case {
        Case::direct().with(|facts| facts.log = known(messages))
    }

    #[test]
    fn fails_and_points_to_the_clock() {
        let mut message = logged("POLICY_INSTALL_FAILED", UDI, "Jun 10 10:00:00");
        message.text = "Timestamp mismatch".to_owned();
        assert_eq!(with_log(vec![message]).fails(&RULE).next_step, None);
    }

    #[test]
    fn fails_for_another_reason() {
        let problem = with_log(vec![logged("POLICY_INSTALL_FAILED", UDI, "Jun 10 10:00:00")]).fails(&RULE);
        assert!(problem.next_step.is_some_and(|step| step.starts_with("license smart sync all")));
    }

    #[test]
    fn passes_after_a_success() {
        with_log(vec![
            logged("POLICY_INSTALL_FAILED", UDI, "Jun 10 10:00:00"),
            logged("POLICY_INSTALL_SUCCESS", UDI, "Jun 10 11:00:00"),
        ])
        .passes(&RULE);
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
