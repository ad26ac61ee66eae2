//! `trust-code-expired`: a trust code is past its end. Reads `trust_codes` and the device's own clock.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "trust-code-expired",
    category: Category::Trust,
    severity: Severity::High,
    title: "A trust code has expired",
    why: "CSSM refuses reports that are signed with a trust code past its end; a new one has to be installed.",
    reads: "show license status or show license all (agent 6 and later): Trust Code Installed, Expired on.",
    healthy: "An end in the future by the device's own clock, or none. An end in 1970 means never.",
    source: "Captures of show license all; troubleshooting guide, TRUST_CODE_INSTALL_FAILED.",
    remedy: remedies::trust_again,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_direct()?;
    let codes = device.facts.trust_codes.get()?;
    let mut problems: Vec<Problem> = Vec::new();
    let mut dated = false;
    for code in codes {
        let Some(end) = code.expires.as_ref().filter(|end| end.local.year() > 1970) else { continue };
        dated = true;
        let days = device.days_to(end)?;
        let subject = situation::unit_name(&code.role, &code.pid, &code.serial);
        if days >= 0 || problems.iter().any(|problem| problem.subject == subject) {
            continue;
        }
        let mut problem = device
            .problem(format!("expired on {}", end.text), "a trust code that is valid")
            .about(subject)
            .proved_by(device.facts.proof("trust_codes", &device.facts.trust_codes, code, "end").as_ref());
        problem.deadline = Some(end.clone());
        problem.days_left = Some(days);
        problems.push(problem);
    }
    if !dated {
        return not_applicable("no end is printed");
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused, time, trust_code};

    fn ending(on: &str) -> Case {
        let mut code = trust_code("standalone", "FCW0001A001");
        code.expires = Some(time(on));
        Case::direct().with(|facts| facts.trust_codes = known(vec![code]))
    }

    #[test]
    fn fails_past_its_end() {
        let problem = ending("2025-06-16 12:00").fails(&RULE);
        assert_eq!(problem.days_left, Some(-1));
        assert_eq!(problem.observed, "expired on 2025-06-16 12:00 UTC");
    }

    #[test]
    fn passes_before_its_end() {
        ending("2026-06-16 12:00").passes(&RULE);
    }

    #[test]
    fn unknown_without_the_time() {
        ending("2026-06-16 12:00").with(|facts| facts.device_time = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_no_end_is_printed() {
        Case::direct().not_applicable(&RULE);
        Case::cslu("").not_applicable(&RULE);
    }

    #[test]
    fn trap_1970_means_never() {
        ending("1970-01-01 00:00").not_applicable(&RULE);
    }
}
