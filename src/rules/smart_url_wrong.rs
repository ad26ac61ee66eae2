//! `smart-url-wrong`: Smart transport with another URL than that of CSSM. Reads `transport.type` and `transport.url`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "smart-url-wrong",
    category: Category::Transport,
    core: true,
    severity: Severity::High,
    title: "Wrong URL of Smart transport",
    why: "Smart transport reaches CSSM at exactly one URL; with any other one no report arrives, and no ACK comes back.",
    reads: "show license status, show license all or show license tech support: Transport, URL.",
    healthy: "https://smartreceiver.cisco.com/licservice/license, or a URL that the operator names. The host is compared without \
              regard to case, all else exactly.",
    source: "Troubleshooting guide, COMM_FAILED: CSSM not reachable, transport smart.",
    remedy,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_type(TransportType::Smart)?;
    let found = device.facts.transport_url.get()?.as_deref().unwrap_or_default();
    let Some(fault) = url::smart_fault(found).filter(|_| !device.expected.accepts_url(found)) else {
        return Ok(Vec::new());
    };
    let observed = if found.trim().is_empty() { fault.to_owned() } else { format!("{found} ({fault})") };
    let right = device.expected.url.as_deref().unwrap_or(url::SMART);
    Ok(vec![device.problem(observed, right).proved_by(device.facts.transport_url.evidence())])
}

/// A URL of SSM On-Prem goes with another transport.
fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let found = device.facts.transport_url.value().and_then(Option::as_deref);
    let is_on_prem = |url: &Url<'_>| url.path.starts_with("/cslu/") || url.path.eq_ignore_ascii_case("/SmartTransport");
    match found.and_then(Url::parse).filter(is_on_prem) {
        Some(_) => remedies::cslu_at(device, true, found),
        None => remedies::smart(device, problem),
    }
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
        assert!(problem.next_step().contains("license smart transport cslu"));
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
