//! `logged-trust-code-install-failed`: the log has TRUST_CODE_INSTALL_FAILED without a later success for that unit. Reads `log`, `trust_codes` and `udis`.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::{Category, Generation, Judged, Rule, failure, history, next_steps};

pub(super) static RULE: Rule = Rule {
    id: "logged-trust-code-install-failed",
    category: Category::SystemMessages,
    core: false,
    severity: Severity::High,
    severity_note: "info where every unit has a trust code",
    generation: Generation::Slp,
    title: "Logged: a trust code could not be installed",
    why: "One is installed already, the token belongs to another account, or the clock is wrong: the text tells which.",
    reads: "show logging: TRUST_CODE_INSTALL_FAILED and TRUST_CODE_INSTALL_SUCCESS; Trust Code Installed and HA UDI List of show license \
            all.",
    healthy: "No such message, or a success of the same unit after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, TRUST_CODE_INSTALL_FAILED.",
    next_step: next_steps::TRUST_AGAIN,
    explained_by: &["clock-not-synchronized", "account-unexpected"],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let standing = history::standing(facts, "TRUST_CODE_INSTALL_FAILED", &["TRUST_CODE_INSTALL_SUCCESS"])?;
    let severity = if is_trusted(facts) { Severity::Info } else { Severity::High };
    Ok(standing
        .into_iter()
        .map(|message| {
            let mut problem =
                Problem::new(severity, history::described(message), "TRUST_CODE_INSTALL_SUCCESS after it")
                    .about(history::subject(message))
                    .proved_by(history::evidence(message, facts).as_ref());
            if failure::names_clock(&message.text) {
                problem = problem.next_step(next_steps::NTP);
            }
            problem
        })
        .collect())
}

/// True where every unit has a trust code.
fn is_trusted(facts: &Facts) -> bool {
    let codes = facts.trust_codes.value().map_or(0, Vec::len);
    codes > 0 && facts.udis.value().is_some_and(|units| codes >= units.len())
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
        let case = with_log(vec![logged("TRUST_CODE_INSTALL_FAILED", UDI, "Jun 10 10:00:00")]);
        let problem = case.with(|facts| facts.trust_codes = known(Vec::new())).fails(&RULE);
        assert_eq!((problem.severity, Some(problem.subject.as_str())), (Severity::High, UDI));
    }

    #[test]
    fn fails_mildly_where_every_unit_is_trusted() {
        let case = with_log(vec![logged("TRUST_CODE_INSTALL_FAILED", UDI, "Jun 10 10:00:00")]);
        assert_eq!(case.fails(&RULE).severity, Severity::Info);
    }

    #[test]
    fn passes_after_a_success() {
        with_log(vec![
            logged("TRUST_CODE_INSTALL_FAILED", UDI, "Jun 10 10:00:00"),
            logged("TRUST_CODE_INSTALL_SUCCESS", UDI, "Jun 10 11:00:00"),
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
