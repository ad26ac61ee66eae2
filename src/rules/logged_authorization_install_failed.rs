//! `logged-authorization-install-failed`: the log has AUTHORIZATION_INSTALL_FAILED without a later success for that unit. Reads `log`.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::{Category, Generation, Judged, Rule, failure, history, next_steps};

pub(super) static RULE: Rule = Rule {
    id: "logged-authorization-install-failed",
    category: Category::SystemMessages,
    core: false,
    severity: Severity::High,
    severity_note: "",
    generation: Generation::Slp,
    title: "Logged: an authorization code could not be installed",
    why: "The licences of that code stay unauthorized. Too few codes for the licences in use, a file made for other units, or a wrong \
          clock are the usual reasons.",
    reads: "show logging: AUTHORIZATION_INSTALL_FAILED and AUTHORIZATION_INSTALL_SUCCESS.",
    healthy: "No such message, or a success of the same unit after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED.",
    next_step: "compare show license udi with the UDIs of the SLAC file (every unit of a stack), then install it again",
    explained_by: &["clock-not-synchronized", "slac-udi-mismatch"],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let standing = history::standing(facts, "AUTHORIZATION_INSTALL_FAILED", &["AUTHORIZATION_INSTALL_SUCCESS"])?;
    Ok(standing
        .into_iter()
        .map(|message| {
            let mut problem =
                Problem::new(Severity::High, history::described(message), "AUTHORIZATION_INSTALL_SUCCESS after it")
                    .about(history::subject(message))
                    .proved_by(history::evidence(message, facts).as_ref());
            if failure::names_clock(&message.text) {
                problem = problem.next_step(next_steps::NTP);
            }
            problem
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, logged, refused};

    const UDI: Option<&str> = Some("PID:C9300-24UX,SN:FCW0001A001");

    fn with_log(messages: Vec<crate::facts::LogMessage>) -> Case {
        Case::direct().with(|facts| facts.log = known(messages))
    }

    #[test]
    fn fails_for_its_unit() {
        let problem = with_log(vec![logged("AUTHORIZATION_INSTALL_FAILED", UDI, "Jun 10 10:00:00")]).fails(&RULE);
        assert_eq!(Some(problem.subject.as_str()), UDI);
    }

    #[test]
    fn fails_where_another_unit_succeeded() {
        with_log(vec![
            logged("AUTHORIZATION_INSTALL_FAILED", UDI, "Jun 10 10:00:00"),
            logged("AUTHORIZATION_INSTALL_SUCCESS", Some("PID:C9300-24UX,SN:FCW0002A002"), "Jun 10 11:00:00"),
        ])
        .fails(&RULE);
    }

    #[test]
    fn fails_and_points_to_the_clock() {
        let mut message = logged("AUTHORIZATION_INSTALL_FAILED", UDI, "Jun 10 10:00:00");
        message.text = "Signature mismatch".to_owned();
        assert_eq!(with_log(vec![message]).fails(&RULE).next_step.as_deref(), Some(next_steps::NTP));
    }

    #[test]
    fn passes_after_a_success() {
        with_log(vec![
            logged("AUTHORIZATION_INSTALL_FAILED", UDI, "Jun 10 10:00:00"),
            logged("AUTHORIZATION_INSTALL_SUCCESS", UDI, "Jun 10 11:00:00"),
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
