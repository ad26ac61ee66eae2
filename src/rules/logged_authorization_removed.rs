//! `logged-authorization-removed`: the log has AUTHORIZATION_REMOVED without a later success for that unit. Reads `log` and `licenses`.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::{Category, Generation, Judged, Rule, history, situation};

pub(super) static RULE: Rule = Rule {
    id: "logged-authorization-removed",
    category: Category::SystemMessages,
    core: false,
    severity: Severity::Medium,
    severity_note: "info where no licence in use needs an authorization code",
    generation: Generation::Slp,
    title: "Logged: an authorization code was removed",
    why: "With the code its licences went: features that need one may change or stop. It may have been meant.",
    reads: "show logging: AUTHORIZATION_REMOVED and AUTHORIZATION_INSTALL_SUCCESS; License Usage of show license all.",
    healthy: "No such message, or a code installed on the same unit after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, AUTHORIZATION_REMOVED.",
    next_step: "check with show license all that no feature in use lost its licence; else install the code again",
    explained_by: &[],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let standing = history::standing(facts, "AUTHORIZATION_REMOVED", &["AUTHORIZATION_INSTALL_SUCCESS"])?;
    // Where the licences are not readable, the worse is taken.
    let harmless = facts.licenses.is_known() && !situation::uses_enforced_licence(facts);
    let severity = if harmless { Severity::Info } else { Severity::Medium };
    Ok(standing
        .into_iter()
        .map(|message| {
            Problem::new(severity, history::described(message), "a removal that was meant")
                .about(history::subject(message))
                .proved_by(history::evidence(message, facts).as_ref())
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::license;
    use crate::rules::case::{Case, known, logged, refused};

    const UDI: Option<&str> = Some("PID:C9300-24UX,SN:FCW0001A001");

    fn with_log(messages: Vec<crate::facts::LogMessage>) -> Case {
        Case::direct().with(|facts| facts.log = known(messages))
    }

    #[test]
    fn fails_with_an_enforced_licence_in_use() {
        let case = with_log(vec![logged("AUTHORIZATION_REMOVED", UDI, "Jun 10 10:00:00")]);
        let enforced = known(vec![license("hseck9", "IN USE", "EXPORT RESTRICTED")]);
        assert_eq!(case.with(|facts| facts.licenses = enforced).fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn fails_mildly_without_one() {
        let case = with_log(vec![logged("AUTHORIZATION_REMOVED", UDI, "Jun 10 10:00:00")]);
        assert_eq!(case.fails(&RULE).severity, Severity::Info);
    }

    #[test]
    fn passes_after_a_success() {
        with_log(vec![
            logged("AUTHORIZATION_REMOVED", UDI, "Jun 10 10:00:00"),
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
