//! `http-client-trustpoint-wrong`: the HTTP client shows CSSM another certificate than that of SLA-TrustPoint, or none though
//! TLS fails. Reads `http.client_trustpoint` and the channels.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "http-client-trustpoint-wrong",
    category: Category::Trust,
    severity: Severity::Medium,
    title: "HTTP client without the certificate of SLA-TrustPoint",
    why: "CSSM may ask the device for its certificate. Where the HTTP client shows another trustpoint's or none, the TLS handshake \
          fails though nothing else is wrong.",
    reads: "show running-config: ip http client secure-trustpoint; Failure Reason of show license tech support.",
    healthy: "SLA-TrustPoint, or nothing configured as long as TLS works. For direct communication with CSSM only.",
    source: "Troubleshooting guide, COMM_FAILED: missing client certificate.",
    remedy: |device, _| remedies::plain(device, &[&steps::CLIENT_TRUSTPOINT]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_direct()?;
    let fact = &device.facts.http_client_trustpoint;
    let (observed, evidence) = match fact.get()?.as_deref() {
        Some(name) if name.eq_ignore_ascii_case("SLA-TrustPoint") => return Ok(Vec::new()),
        Some(name) => (format!("ip http client secure-trustpoint {name}"), fact.evidence().cloned()),
        None => {
            device.facts.communication.get()?;
            let by_tls = |channel: &&Channel| failure::class(channel) == Some(FailureClass::Tls);
            let Some(channel) = device.failing().find(by_tls) else { return Ok(Vec::new()) };
            ("no ip http client secure-trustpoint, and TLS fails".to_owned(), device.reason_line(channel))
        }
    };
    let mut problem =
        device.problem(observed, "ip http client secure-trustpoint SLA-TrustPoint").proved_by(evidence.as_ref());
    problem.class = Some(FailureClass::Tls);
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, failing, known, refused, text};

    #[test]
    fn fails_on_another_trustpoint() {
        Case::direct().with(|facts| facts.http_client_trustpoint = text("corporate")).fails(&RULE);
    }

    #[test]
    fn fails_without_one_where_tls_fails() {
        let channel = failing("usage_reporting", "NO REPLY", "SSL handshake failure");
        let problem = Case::direct().with(|facts| facts.communication = known(vec![channel])).fails(&RULE);
        assert_eq!(problem.class, Some(FailureClass::Tls));
    }

    #[test]
    fn passes_without_one_where_tls_works() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn passes_with_the_right_one() {
        Case::direct().with(|facts| facts.http_client_trustpoint = text("SLA-TrustPoint")).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.http_client_trustpoint = refused()).unknown(&RULE);
        Case::direct().with(|facts| facts.communication = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_unless_direct() {
        Case::on_prem().with(|facts| facts.http_client_trustpoint = text("corporate")).not_applicable(&RULE);
        Case::off().not_applicable(&RULE);
    }
}
