//! `proxy-incomplete`: a proxy with an address and no port, or the other way round. Reads `transport.proxy_address`,
//! `transport.proxy_port` and `transport.type`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "proxy-incomplete",
    category: Category::Transport,
    severity: Severity::Medium,
    title: "Proxy without port, or port without proxy",
    why: "A half-configured proxy is either not used or tried at a port where nobody listens; both look like a network problem.",
    reads: "show license status, show license all or show license tech support: Transport, Proxy, Address and Port; under Callhome \
            show call-home: http proxy.",
    healthy: "Both are set, or neither. <empty> and Not Configured mean the same.",
    source: "Captures of show license tech support; documentation of license smart proxy.",
    remedy,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_off() {
        return not_applicable("the transport is off");
    }
    let is_call_home = device.facts.transport_type.value() == Some(&TransportType::Callhome);
    if is_call_home && device.facts.proxy_address == Fact::Unknown(Unknown::Absent) {
        return not_applicable("Call Home has a proxy of its own, and its settings were not read");
    }
    let address = device.facts.proxy_address.get()?.as_deref().filter(|address| !address.trim().is_empty());
    let port = *device.facts.proxy_port.get()?;
    let (observed, evidence) = match (address, port) {
        (None, None) => return not_applicable("no proxy is configured"),
        (Some(_), Some(_)) => return Ok(Vec::new()),
        (Some(address), None) => (format!("proxy {address} without a port"), device.facts.proxy_port.evidence()),
        (None, Some(port)) => (format!("proxy port {port} without an address"), device.facts.proxy_address.evidence()),
    };
    Ok(vec![device.problem(observed, "address and port, or neither").proved_by(evidence)])
}

fn remedy(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let has_address =
        device.facts.proxy_address.value().and_then(Option::as_deref).is_some_and(|a| !a.trim().is_empty());
    remedies::plain(device, &[if has_address { &steps::PROXY_PORT } else { &steps::PROXY_ADDRESS }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, known, refused, text};

    #[test]
    fn fails_without_a_port() {
        let case = Case::direct().with(|facts| facts.proxy_address = text("proxy.example.com"));
        assert_eq!(case.fails(&RULE).observed, "proxy proxy.example.com without a port");
    }

    #[test]
    fn fails_without_an_address() {
        Case::direct().with(|facts| facts.proxy_port = known(Some(8080))).fails(&RULE);
    }

    #[test]
    fn passes_with_both() {
        let case = Case::direct().with(|facts| facts.proxy_address = text("proxy.example.com"));
        case.with(|facts| facts.proxy_port = known(Some(8080))).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.proxy_address = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_a_proxy() {
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn not_applicable_where_no_licence_output_prints_the_proxy_of_call_home() {
        Case::call_home().with(|facts| facts.proxy_address = absent()).not_applicable(&RULE);
    }

    #[test]
    fn trap_empty_is_not_configured() {
        Case::direct().with(|facts| facts.proxy_address = text("")).not_applicable(&RULE);
    }
}
