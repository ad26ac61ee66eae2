//! `license-out-of-compliance`: Smart Licensing before SLP, and more licences are in use than the account holds. Reads
//! `authorization.status`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "license-out-of-compliance",
    category: Category::Release,
    severity: Severity::High,
    generation: Generation::BeforeSlp,
    title: "Licences out of compliance",
    why: "The Virtual Account holds fewer licences than its devices use. The device says so itself, and some platforms refuse \
          configuration then.",
    reads: "show license status or show license all: License Authorization, Status.",
    healthy: "AUTHORIZED. Smart Licensing Using Policy has no such state; there this rule does not apply.",
    source: "Documentation of Smart Licensing before SLP: authorization states.",
    remedy: |device, _| remedies::plain(device, &[&steps::BUY_LICENSES, &steps::RENEW_AUTHORIZATION]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.facts.smart_licensing_enabled.value() == Some(&false) {
        return Err(Undecided::NotApplicable("no Smart Licensing"));
    }
    let Some(status) = device.facts.authorization_status.get()? else {
        return Err(Undecided::NotApplicable("no licence is in use"));
    };
    if !status.to_uppercase().contains("OUT OF COMPLIANCE") {
        return Ok(Vec::new());
    }
    let problem = device.problem(status, "AUTHORIZED");
    Ok(vec![problem.proved_by(device.facts.authorization_status.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused, text};

    #[test]
    fn fails_out_of_compliance() {
        let status = "OUT OF COMPLIANCE on Jun 10 12:00:00 2025 UTC";
        let case = Case::before_slp().with(|facts| facts.authorization_status = text(status));
        assert_eq!(case.fails(&RULE).observed, status);
    }

    #[test]
    fn passes_authorized() {
        Case::before_slp().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::before_slp().with(|facts| facts.authorization_status = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_under_slp() {
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn not_applicable_without_licences() {
        Case::before_slp().with(|facts| facts.authorization_status = known(None)).not_applicable(&RULE);
    }
}
