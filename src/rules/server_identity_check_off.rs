//! `server-identity-check-off`: TLS is used, and the name in the server's certificate is not compared. Reads
//! `transport.server_identity_check` and the URL in use.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "server-identity-check-off",
    category: Category::Transport,
    severity: Severity::Low,
    title: "The server's identity is not checked",
    why: "Without the check any server with a certificate of a trusted authority may take the reports of this device.",
    reads: "show license tech support: Transport, Server Identity Check.",
    healthy: "True. An http address has no identity to check, and some releases do not print the line.",
    source: "Documentation of license smart server-identity-check.",
    remedy: |device, _| remedies::plain(device, &[&steps::SERVER_IDENTITY_CHECK]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_transport()?;
    if *device.facts.transport_type.get()? == TransportType::Cslu {
        let address = device.facts.cslu_address.get()?.as_deref().and_then(Url::parse);
        if !address.is_some_and(|url| url.is_https()) {
            return not_applicable("the address is not https");
        }
    }
    if device.facts.server_identity_check == Fact::Unknown(Unknown::Absent) {
        return not_applicable("this release does not print it");
    }
    if *device.facts.server_identity_check.get()? {
        return Ok(Vec::new());
    }
    let problem = device.problem("Server Identity Check: False", "Server Identity Check: True");
    Ok(vec![problem.proved_by(device.facts.server_identity_check.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, known, refused};

    #[test]
    fn fails_where_it_is_off() {
        let case = Case::direct().with(|facts| facts.server_identity_check = known(false));
        assert_eq!(case.fails(&RULE).severity, Severity::Low);
    }

    #[test]
    fn passes_where_it_is_on() {
        Case::direct().passes(&RULE);
        Case::on_prem().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.server_identity_check = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_over_http() {
        let case = Case::cslu("http://192.0.2.1:8182/cslu/v1/pi");
        case.with(|facts| facts.server_identity_check = known(false)).not_applicable(&RULE);
    }

    #[test]
    fn not_applicable_where_it_is_not_printed() {
        Case::direct().with(|facts| facts.server_identity_check = absent()).not_applicable(&RULE);
    }
}
