//! `registration-invalid`: Smart Licensing before SLP, and the device is not registered. Reads `registration.status`,
//! `registration.expires`, `authorization.status`, and the last attempts of both.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "registration-invalid",
    category: Category::Release,
    severity: Severity::High,
    generation: Generation::BeforeSlp,
    title: "Not registered with CSSM",
    why: "Before Smart Licensing Using Policy a device has to be registered; unregistered it lives on its evaluation period, and \
          when that is over some platforms restrict features.",
    reads: "show license status or show license all: Registration and License Authorization, their Status, last attempts and expiry; show \
            version.",
    healthy: "Registration reads REGISTERED and is not past its end, and nothing reads EXPIRED or FAILED.",
    source: "Documentation of Smart Licensing before SLP: registration states.",
    remedy,
    judge,
    ..Rule::DEFAULT
};

/// Words of a status that is no valid registration.
const INVALID: [&str; 4] = ["UNREGISTERED", "NOT REGISTERED", "EXPIRED", "FAILED"];

fn judge(device: Subject<'_>) -> Judged {
    if device.facts.smart_licensing_enabled.value() == Some(&false) {
        return Err(Undecided::NotApplicable("no Smart Licensing"));
    }
    let mut checks = Checks::default();
    let is_invalid = |status: &str| INVALID.iter().any(|word| status.to_uppercase().contains(word));
    checks.ask(&device.facts.registration_status, |status| {
        let status = status.as_deref().filter(|status| is_invalid(status))?;
        let problem = device.problem(format!("registration {status}"), "registration REGISTERED");
        Some(problem.proved_by(device.facts.registration_status.evidence()))
    });
    if device.facts.registration_status.value() == Some(&None) {
        checks.miss(&Unknown::Absent);
    }
    checks.ask(&device.facts.authorization_status, |status| {
        let status = status.as_deref().filter(|status| is_invalid(status))?;
        let problem = device.problem(format!("authorization {status}"), "AUTHORIZED");
        Some(problem.about("authorization").proved_by(device.facts.authorization_status.evidence()))
    });
    for (what, attempt) in [
        ("last renewal attempt", &device.facts.registration_last_attempt),
        ("last communication attempt", &device.facts.authorization_last_attempt),
    ] {
        // Not printed before the first attempt.
        if *attempt != Fact::Unknown(Unknown::Absent) {
            checks.ask(attempt, |outcome| {
                let outcome = outcome.as_deref().filter(|outcome| is_invalid(outcome))?;
                let problem = device.problem(format!("{what} {outcome}"), format!("{what} SUCCEEDED"));
                Some(problem.about(what).proved_by(attempt.evidence()))
            });
        }
    }
    match device.facts.registration_expires.get() {
        Ok(None) | Err(Unknown::Absent) => {}
        Err(why) => checks.miss(why),
        Ok(Some(end)) => match device.days_to(end) {
            Ok(days) if days < 0 => {
                let problem = device.problem(format!("registration expired {}", end.text), "a valid registration");
                let mut problem = problem.about("expiry").proved_by(device.facts.registration_expires.evidence());
                problem.deadline = Some(end.clone());
                problem.days_left = Some(days);
                checks.fail(problem);
            }
            Ok(_) | Err(Undecided::NotApplicable(_)) => {}
            Err(Undecided::Unknown(why)) => checks.miss(&why),
        },
    }
    checks.answer()
}

/// A device that is registered needs no token where an attempt of it failed.
fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    if problem.subject.starts_with("last ") {
        return remedies::plain(device, &[&steps::CHECK_WAY, &steps::RENEW_ID, &steps::RENEW_AUTHORIZATION]);
    }
    let mut all = remedies::plain(device, &[&steps::NEW_TOKEN, &steps::REGISTER]);
    all.push(device.step(&steps::UPGRADE_SLP).when("or, instead"));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, dated, refused, text};

    #[test]
    fn fails_unregistered() {
        let case = Case::before_slp().with(|facts| facts.registration_status = text("UNREGISTERED"));
        assert_eq!(case.fails(&RULE).observed, "registration UNREGISTERED");
    }

    #[test]
    fn fails_when_the_evaluation_is_over() {
        let case = Case::before_slp().with(|facts| {
            facts.registration_status = text("UNREGISTERED");
            facts.authorization_status = text("EVAL EXPIRED");
        });
        assert_eq!(case.fails_with(&RULE).len(), 2);
    }

    #[test]
    fn fails_on_a_failed_attempt() {
        let case = Case::before_slp()
            .with(|facts| facts.authorization_last_attempt = text("FAILED on Jun 16 12:00:00 2025 UTC"));
        assert_eq!(case.fails(&RULE).observed, "last communication attempt FAILED on Jun 16 12:00:00 2025 UTC");
    }

    #[test]
    fn fails_past_its_end() {
        let case = Case::before_slp().with(|facts| facts.registration_expires = dated("2025-06-01 12:00"));
        assert_eq!(case.fails(&RULE).days_left, Some(-16));
    }

    #[test]
    fn passes_without_any_attempt_yet() {
        Case::before_slp()
            .with(|facts| {
                facts.registration_last_attempt = absent();
                facts.registration_expires = absent();
            })
            .passes(&RULE);
    }

    #[test]
    fn passes_registered() {
        Case::before_slp().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::before_slp().with(|facts| facts.registration_status = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_under_slp() {
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn trap_a_reservation_is_a_registration() {
        let status = "REGISTERED - SPECIFIC LICENSE RESERVATION";
        Case::before_slp().with(|facts| facts.registration_status = text(status)).passes(&RULE);
    }
}
