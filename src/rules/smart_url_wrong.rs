//! `smart-url-wrong`: Smart transport with another URL than that of CSSM. Reads `transport.type` and `transport.url`.

use crate::facts::{Facts, TransportType};
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::url::{self, Url};
use crate::rules::{Category, Generation, Judged, Rule, next_steps, situation};

pub(super) static RULE: Rule = Rule {
    id: "smart-url-wrong",
    category: Category::Transport,
    core: true,
    severity: Severity::High,
    severity_note: "",
    generation: Generation::Slp,
    title: "Wrong URL of Smart transport",
    why: "Smart transport reaches CSSM at exactly one URL; with any other one no report arrives, and no ACK comes back.",
    reads: "show license status, show license all or show license tech support: Transport, URL.",
    healthy: "https://smartreceiver.cisco.com/licservice/license, or a URL that the operator names. The host is compared without \
              regard to case, all else exactly.",
    source: "Troubleshooting guide, COMM_FAILED: CSSM not reachable, transport smart.",
    next_step: next_steps::SMART,
    explained_by: &[],
    judge,
};

fn judge(facts: &Facts, expected: &Expectations) -> Judged {
    situation::needs_type(facts, TransportType::Smart)?;
    let found = facts.transport_url.get()?.as_deref().unwrap_or_default();
    let Some(fault) = url::smart_fault(found).filter(|_| !expected.accepts_url(found)) else {
        return Ok(Vec::new());
    };
    let observed = if found.trim().is_empty() { fault.to_owned() } else { format!("{found} ({fault})") };
    let right = expected.url.as_deref().unwrap_or(url::SMART);
    let problem = Problem::new(Severity::High, observed, right).proved_by(facts.transport_url.evidence());
    let to_on_prem = Url::parse(found)
        .is_some_and(|url| url.path.starts_with("/cslu/") || url.path.eq_ignore_ascii_case("/SmartTransport"));
    Ok(vec![match &expected.url {
        _ if to_on_prem => problem.next_step(next_steps::ON_PREM),
        Some(url) => problem.next_step(format!(
            "license smart transport smart / license smart url smart {url}, then copy running-config startup-config"
        )),
        None => problem,
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused, text};

    fn with_url(url: &str) -> Case {
        Case::direct().with(|facts| facts.transport_url = text(url))
    }

    #[test]
    fn fails_on_a_test_server() {
        let problem = with_url("https://smartreceiver-stage.cisco.com/licservice/license").fails(&RULE);
        assert!(problem.observed.ends_with("(a test server of Cisco)"), "{}", problem.observed);
    }

    #[test]
    fn fails_on_http() {
        assert!(
            with_url("http://smartreceiver.cisco.com/licservice/license")
                .fails(&RULE)
                .observed
                .contains("http instead")
        );
    }

    #[test]
    fn fails_on_the_old_on_prem_form() {
        let problem = with_url("https://ssm.example.com/SmartTransport").fails(&RULE);
        assert!(problem.next_step.is_some_and(|step| step.contains("license smart transport cslu")));
    }

    #[test]
    fn fails_on_a_trailing_blank() {
        with_url("https://smartreceiver.cisco.com/licservice/license ").fails(&RULE);
    }

    #[test]
    fn fails_without_a_url() {
        assert_eq!(Case::direct().with(|facts| facts.transport_url = known(None)).fails(&RULE).observed, "no URL");
    }

    #[test]
    fn passes_on_the_vendor_s() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn passes_on_the_operator_s() {
        let gateway = "https://gateway.example.com/licservice/license";
        with_url(gateway).expecting(|expect| expect.url = Some(gateway.to_owned())).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.transport_url = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_under_another_transport() {
        Case::cslu("").not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
    }

    #[test]
    fn trap_the_case_of_the_host_means_nothing() {
        with_url("https://SmartReceiver.Cisco.com/licservice/license").passes(&RULE);
    }
}
