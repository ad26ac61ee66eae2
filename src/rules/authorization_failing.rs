//! `authorization-failing`: a request for an authorization code, its confirmation or its return fails now. Reads the counters of
//! `communication`, `licenses` and `authorization.units`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "authorization-failing",
    category: Category::Authorization,
    severity: Severity::High,
    title: "Requests for authorization codes fail",
    why: "The device asked for an authorization code, or returned one, and did not get through: licences that need it stay \
          unauthorized, or stay booked in the account.",
    reads: "show license tech support: Communication Statistics, Authorization Request, Confirmation and Return.",
    healthy: "Ongoing Failure: Overall=0 on all three. Not enough licenses in the reason means fewer codes than licences in use. A \
              request that could not be built (BUILD REQUEST ERROR) counts only where a licence in use needs a code.",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED.",
    remedy,
    explained_by: &["communication-failing", "clock-not-synchronized"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let channels =
        device.facts.communication.get()?.iter().filter(|channel| channel.channel.starts_with("authorization_"));
    let (failing, others): (Vec<_>, Vec<_>) = channels.partition(|channel| channel.ongoing_overall > 0);
    let mut problems: Vec<_> = failing.into_iter().map(|channel| failed(channel, device)).collect();
    let mut not_built = others.into_iter().filter(|channel| failure::was_not_built(channel)).peekable();
    if not_built.peek().is_some() {
        match lacks_code(device) {
            Ok(true) => problems.extend(not_built.map(|channel| unbuilt(channel, device))),
            Err(why) if problems.is_empty() => return Err(why.into()),
            Ok(false) | Err(_) => {}
        }
    }
    Ok(problems)
}

fn failed(channel: &Channel, device: Subject<'_>) -> Problem {
    let mut problem = device
        .problem(failure::described(channel), "Ongoing Failure: Overall=0")
        .about(&channel.channel)
        .proved_by(device.evidence(channel).as_ref());
    problem.class = failure::class(channel);
    // Without an answer it is the connection; with one it is what the answer says.
    problem.explained_by = Some(match channel.ongoing_communication {
        0 => &["clock-not-synchronized"],
        _ => &["communication-failing"],
    });
    problem
}

fn unbuilt(channel: &Channel, device: Subject<'_>) -> Problem {
    let observed = format!("the last request could not be made: {}", failure::described_response(channel));
    let mut problem = device
        .problem(observed, "a request that is sent")
        .about(&channel.channel)
        .proved_by(device.reason_line(channel).as_ref());
    problem.explained_by = Some(&[]);
    problem
}

/// True where a licence in use needs a code that is not there. Agents ask for codes by themselves: where no licence needs one, a
/// request that stumbles (`NO DATA TO PROCESS`, `BUILD REQUEST ERROR`) harms nobody.
fn lacks_code(device: Subject<'_>) -> Result<bool, &Unknown> {
    device.facts.licenses.get()?;
    if !device.uses_enforced_licence() {
        return Ok(false);
    }
    match device.facts.authorization_units.value() {
        Some(units) if !units.is_empty() => {
            Ok(units.iter().any(|unit| unit.status.trim().starts_with("NOT INSTALLED")))
        }
        _ => Ok(!*device.facts.authorization_installed.get()?),
    }
}

/// By what the reason says; a request that could not even be made has no reason of the server.
fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let channel = device.channel(&problem.subject);
    let reason = channel.and_then(|channel| channel.failure_reason.as_deref()).unwrap_or_default();
    match channel {
        Some(channel) if failure::was_not_built(channel) => {
            remedies::plain(device, &[&steps::CHECK_LICENSES, &steps::SUPPORT])
        }
        _ if failure::names_clock(reason) => remedies::clock(device, problem),
        _ if failure::is(reason, "udi.not_enough") => remedies::plain(device, &[&steps::MORE_CODES]),
        _ => remedies::plain(device, &[&steps::READ_REASON, &steps::CHECK_LICENSES]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, authorization, channel, failing, known, license, refused, time};

    fn with_reason(response: &str, reason: &str) -> Case {
        let channel = failing("authorization_request", response, reason);
        Case::direct().with(|facts| facts.communication = known(vec![channel]))
    }

    #[test]
    fn fails_with_the_reason() {
        let reason = "Not enough licenses with authorization for currently configured features";
        let problem = with_reason("INVALID STATUS CODE", reason).fails(&RULE);
        assert!(problem.observed.ends_with(reason));
        assert!(problem.next_step().contains("as many authorization codes"));
    }

    #[test]
    fn fails_by_the_connection() {
        let problem = with_reason("NO REPLY", "").fails(&RULE);
        assert_eq!(problem.explained_by, Some(&["communication-failing"] as &[&str]));
    }

    fn not_built(licence: &str) -> Case {
        let channel = crate::facts::Channel {
            total: 2,
            success: 0,
            last_success: None,
            last_failure: Some(time("2025-06-16 12:00")),
            last_response: Some("BUILD REQUEST ERROR".to_owned()),
            failure_reason: Some("Null pointer Error".to_owned()),
            ..channel("authorization_request")
        };
        Case::direct().with(|facts| {
            facts.communication = known(vec![channel]);
            facts.licenses = known(vec![license("hseck9", "IN USE", licence)]);
        })
    }

    #[test]
    fn fails_where_a_request_that_is_needed_cannot_be_built() {
        let problem = not_built("EXPORT RESTRICTED").fails(&RULE);
        assert_eq!(problem.observed, "the last request could not be made: BUILD REQUEST ERROR, Null pointer Error");
        assert!(problem.next_step().contains("show license tech support"));
    }

    #[test]
    fn trap_nothing_to_ask_for_cannot_be_built() {
        not_built("NOT ENFORCED").passes(&RULE);
    }

    #[test]
    fn trap_a_success_since_then() {
        let mut case = not_built("EXPORT RESTRICTED");
        if let crate::fact::Fact::Known { value, .. } = &mut case.facts.communication {
            value[0].last_success = Some(time("2025-06-16 13:00"));
        }
        case.passes(&RULE);
    }

    #[test]
    fn trap_the_code_is_there_already() {
        let installed = "SMART AUTHORIZATION INSTALLED on Jun 10 12:00:00 2025 UTC";
        let units = vec![authorization("active", "FCW0001A001", installed)];
        not_built("EXPORT RESTRICTED").with(|facts| facts.authorization_units = known(units)).passes(&RULE);
    }

    #[test]
    fn unknown_where_the_need_is_not_known() {
        not_built("NOT ENFORCED").with(|facts| facts.licenses = refused()).unknown(&RULE);
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
