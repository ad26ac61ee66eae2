//! `authorization-failing`: a request for an authorization code, its confirmation or its return fails now. Reads the counters of
//! `communication`.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::{Category, Generation, Judged, Rule, failure, next_steps};

pub(super) static RULE: Rule = Rule {
    id: "authorization-failing",
    category: Category::Authorization,
    core: false,
    severity: Severity::High,
    severity_note: "",
    generation: Generation::Slp,
    title: "Requests for authorization codes fail",
    why: "The device asked for an authorization code, or returned one, and did not get through: licences that need it stay \
          unauthorized, or stay booked in the account.",
    reads: "show license tech support: Communication Statistics, Authorization Request, Confirmation and Return.",
    healthy: "Ongoing Failure: Overall=0 on all three. Not enough licenses in the reason means fewer codes than licences in use.",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED.",
    next_step: "read the Failure Reason; check the account's licences in CSSM and every UDI of show license udi, then request again",
    explained_by: &["communication-failing", "clock-not-synchronized"],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let channels = facts.communication.get()?;
    Ok(channels
        .iter()
        .filter(|channel| channel.channel.starts_with("authorization_") && channel.ongoing_overall > 0)
        .map(|channel| {
            let reason = channel.failure_reason.as_deref().unwrap_or_default();
            let mut problem = Problem::new(Severity::High, failure::described(channel), "Ongoing Failure: Overall=0")
                .about(&channel.channel)
                .proved_by(failure::evidence(channel, facts).as_ref());
            problem.class = failure::class(channel);
            // Without an answer it is the connection; with one it is what the answer says.
            problem.explained_by = Some(match channel.ongoing_communication {
                0 => &["clock-not-synchronized"],
                _ => &["communication-failing"],
            });
            if failure::names_clock(reason) {
                problem = problem.next_step(next_steps::NTP);
            } else if reason.to_lowercase().contains("not enough") {
                problem = problem.next_step(
                    "bring as many authorization codes as licences in use: add them in CSSM, then request again",
                );
            }
            problem
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, failing, known, refused};

    fn with_reason(response: &str, reason: &str) -> Case {
        let channel = failing("authorization_request", response, reason);
        Case::direct().with(|facts| facts.communication = known(vec![channel]))
    }

    #[test]
    fn fails_with_the_reason() {
        let reason = "Not enough licenses with authorization for currently configured features";
        let problem = with_reason("INVALID STATUS CODE", reason).fails(&RULE);
        assert!(problem.observed.ends_with(reason));
        assert!(problem.next_step.is_some_and(|step| step.contains("as many authorization codes")));
    }

    #[test]
    fn fails_by_the_connection() {
        let problem = with_reason("NO REPLY", "").fails(&RULE);
        assert_eq!(problem.explained_by, Some(&["communication-failing"] as &[&str]));
    }

    #[test]
    fn passes_with_clean_counters() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.communication = refused()).unknown(&RULE);
    }
}
