//! One remedy a rule, in the order of the rules. What needs no command on the device is the finding's own next step.

use super::Step;
use super::steps::{
    authorization, call_home, client_certificate, configure, cslu, discovery, dns, exec, manual, ntp,
    on_prem_trustpoint, points_to_clock, report, smart, told, trust, verify, word,
};
use crate::facts::{Facts, TransportType};
use crate::finding::{FailureClass, Finding};
use crate::inventory::{Expectations, ExpectedTransport, Topology};
use crate::rules::Subject;

/// From a finding to its steps.
type Remedy = fn(&Facts, &Expectations, &Finding) -> Vec<Step>;

/// The remedy of every rule.
pub(super) static ALL: &[(&str, Remedy)] = &[
    ("release-without-slp", |_, _, finding| told(finding)),
    ("registration-invalid", registration),
    ("license-out-of-compliance", |_, _, _| {
        vec![
            manual("move or buy licences in CSSM for the Virtual Account of this device"),
            exec("license smart renew auth"),
            verify("show license status: License Authorization, Status: AUTHORIZED"),
        ]
    }),
    ("release-without-onprem-support", |_, _, finding| told(finding)),
    ("transport-unexpected", transport),
    ("transport-off", |facts, expected, _| report(facts, expected)),
    ("agent-offline", |facts, expected, _| trust(facts, expected, false)),
    ("smart-url-wrong", smart_url),
    ("cslu-url-wrong", |facts, expected, _| cslu(facts, expected, false, address(facts))),
    ("onprem-tenant-missing", |facts, expected, _| cslu(facts, expected, true, address(facts))),
    ("cslu-undiscovered", |facts, _, _| discovery(facts)),
    ("proxy-incomplete", proxy),
    ("server-identity-check-off", |_, _, _| {
        vec![
            configure("license smart server-identity-check"),
            verify("show license status: Server Identity Check: True"),
        ]
    }),
    ("callhome-disabled", profile),
    ("callhome-profile-inactive", profile),
    ("callhome-url-wrong", profile),
    ("callhome-method-email", profile),
    ("dns-server-missing", |facts, _, _| dns(facts)),
    ("dns-domain-missing", |facts, _, _| discovery(facts)),
    ("http-source-interface-unusable", source_interface),
    ("vrf-mismatch", vrf),
    ("reach-probe-failed", communication),
    ("pull-server-inactive", |_, _, _| {
        vec![
            configure("ip http secure-server"),
            configure("ip http authentication local"),
            manual("a local user of privilege 15 is needed as well; make it by the rules of your site"),
            manual("then open https://<device>/ in a browser on the CSLU or SSM On-Prem host"),
            verify("show ip http server session-module: SL_HTTP is Active"),
        ]
    }),
    ("trustpoint-missing", trustpoint),
    ("trustpoint-revocation-check", |_, _, _| on_prem_trustpoint()),
    ("http-client-trustpoint-wrong", |_, _, _| client_certificate()),
    ("trust-code-missing", |facts, expected, _| trust(facts, expected, false)),
    ("trust-code-member-missing", |facts, expected, _| trust(facts, expected, true)),
    ("trust-code-expired", |facts, expected, _| trust(facts, expected, true)),
    ("clock-not-synchronized", |facts, _, _| ntp(facts)),
    ("ntp-server-missing", |facts, _, _| ntp(facts)),
    ("ntp-own-reference", |facts, _, _| ntp(facts)),
    ("clock-skewed", |facts, _, _| ntp(facts)),
    ("ack-overdue", |facts, expected, _| report(facts, expected)),
    ("ack-due-soon", |facts, expected, _| report(facts, expected)),
    ("ack-never-received", |facts, expected, _| report(facts, expected)),
    ("ack-stale", |facts, expected, _| report(facts, expected)),
    ("report-push-overdue", |facts, expected, _| report(facts, expected)),
    ("report-backlog", |facts, expected, finding| joined(told(finding), report(facts, expected))),
    ("policy-default", |facts, expected, finding| joined(told(finding), report(facts, expected))),
    ("policy-removed", |facts, expected, finding| joined(told(finding), report(facts, expected))),
    ("communication-failing", communication),
    ("identity-rejected", |facts, expected, _| trust(facts, expected, true)),
    ("authorization-missing", |facts, expected, _| authorization(facts, expected, false)),
    ("authorization-failing", clock_or_told),
    ("slac-udi-mismatch", |facts, expected, _| authorization(facts, expected, true)),
    ("account-unexpected", |_, _, finding| told(finding)),
    ("serial-unexpected", |_, _, finding| told(finding)),
    ("logged-comm-failed", communication),
    ("logged-policy-install-failed", |facts, expected, finding| {
        if points_to_clock(finding) { ntp(facts) } else { joined(told(finding), report(facts, expected)) }
    }),
    ("logged-authorization-install-failed", |facts, expected, finding| {
        if points_to_clock(finding) { ntp(facts) } else { authorization(facts, expected, true) }
    }),
    ("logged-trust-code-install-failed", |facts, expected, finding| {
        if points_to_clock(finding) { ntp(facts) } else { trust(facts, expected, true) }
    }),
    ("logged-authorization-removed", |_, _, finding| told(finding)),
];

fn joined(mut first: Vec<Step>, second: Vec<Step>) -> Vec<Step> {
    first.extend(second);
    first
}

fn address(facts: &Facts) -> Option<&str> {
    facts.cslu_address.value().and_then(Option::as_deref)
}

fn clock_or_told(facts: &Facts, _: &Expectations, finding: &Finding) -> Vec<Step> {
    if points_to_clock(finding) { ntp(facts) } else { told(finding) }
}

fn registration(_: &Facts, _: &Expectations, finding: &Finding) -> Vec<Step> {
    let is_attempt = finding.problem.subject.starts_with("last ");
    let mut steps = told(finding);
    if is_attempt {
        steps.extend([exec("license smart renew id"), exec("license smart renew auth")]);
    } else {
        steps.push(manual("create a token in CSSM for the right Virtual Account"));
        steps.push(exec("license smart register idtoken <token>"));
    }
    steps.push(verify("show license status: Registration, Status: REGISTERED"));
    steps
}

fn transport(facts: &Facts, expected: &Expectations, finding: &Finding) -> Vec<Step> {
    match expected.transport {
        Some(ExpectedTransport::Smart) => smart(expected),
        Some(ExpectedTransport::Callhome) => {
            joined(vec![configure("license smart transport callhome")], profile(facts, expected, finding))
        }
        Some(ExpectedTransport::Cslu) => cslu(facts, expected, false, address(facts)),
        Some(ExpectedTransport::OnPrem) => cslu(facts, expected, true, None),
        Some(ExpectedTransport::Off) => vec![
            manual("from then on reports are carried by file; the inventory says that this is right here"),
            configure("license smart transport off"),
            verify("show license status: Transport, Type"),
        ],
        None => told(finding),
    }
}

fn smart_url(facts: &Facts, expected: &Expectations, finding: &Finding) -> Vec<Step> {
    let to_on_prem = finding.problem.next_step.as_deref().is_some_and(|step| step.contains("transport cslu"));
    let present = facts.transport_url.value().and_then(Option::as_deref);
    if to_on_prem { cslu(facts, expected, true, present) } else { smart(expected) }
}

fn proxy(facts: &Facts, _: &Expectations, _: &Finding) -> Vec<Step> {
    let line = match facts.proxy_address.value() {
        Some(Some(address)) if !address.trim().is_empty() => "license smart proxy port <proxy-port>",
        _ => "license smart proxy address <proxy-host>",
    };
    vec![configure(line), verify("show license status: Proxy, Address and Port")]
}

fn profile(facts: &Facts, expected: &Expectations, finding: &Finding) -> Vec<Step> {
    call_home(facts, expected, &finding.problem.subject)
}

fn source_interface(facts: &Facts, _: &Expectations, _: &Finding) -> Vec<Step> {
    let has_own = matches!(facts.call_home_source_interface.value(), Some(Some(_)));
    let is_call_home = facts.transport_type.value() == Some(&TransportType::Callhome) && has_own;
    let usable = facts.interfaces.value().into_iter().flatten();
    let usable: Vec<_> = usable
        .filter(|interface| interface.address.is_some() && interface.protocol == "up" && interface.status == "up")
        .map(|interface| interface.name.as_str())
        .take(8)
        .collect();
    let mut steps = vec![manual(format!(
        "choose an interface with a way to the host; up and with an address: {}",
        if usable.is_empty() { "none seen".to_owned() } else { usable.join(", ") }
    ))];
    if is_call_home {
        steps.extend([configure("call-home"), configure(" source-interface <interface>")]);
    } else {
        steps.push(configure("ip http client source-interface <interface>"));
    }
    steps.push(verify("show ip http client all: source interface"));
    steps
}

fn vrf(facts: &Facts, _: &Expectations, finding: &Finding) -> Vec<Step> {
    let found = facts.vrf_of_interface(&finding.problem.subject).and_then(word);
    match found {
        Some(vrf) if facts.transport_type.value() != Some(&TransportType::Callhome) => vec![
            configure(format!("license smart vrf {vrf}")),
            manual("or, instead: ip http client source-interface <interface> with one in the VRF of licensing"),
            verify("show license status: VRF"),
        ],
        _ => told(finding),
    }
}

fn trustpoint(facts: &Facts, expected: &Expectations, _: &Finding) -> Vec<Step> {
    let on_prem = matches!(Subject::new(facts, expected).topology(), Ok(Topology::OnPremPush | Topology::OnPremPull));
    let mut steps = if facts.ntp_synchronized.value() == Some(&true) { Vec::new() } else { ntp(facts) };
    if on_prem {
        steps.extend(on_prem_trustpoint());
    } else {
        steps.push(manual("with a right clock the device creates SLA-TrustPoint by itself, within a minute"));
        steps.push(verify("show crypto pki trustpoints status: SLA-TrustPoint, Issuing CA authenticated"));
    }
    steps
}

/// By the class of the failure, as the next step of the finding has it.
fn communication(facts: &Facts, expected: &Expectations, finding: &Finding) -> Vec<Step> {
    let topology = Subject::new(facts, expected).topology();
    let on_prem = matches!(topology, Ok(Topology::OnPremPush | Topology::OnPremPull));
    match finding.problem.class {
        Some(FailureClass::Dns | FailureClass::Timeout) | None
            if Subject::new(facts, expected).needs_discovery().is_ok() =>
        {
            discovery(facts)
        }
        Some(FailureClass::Dns) => dns(facts),
        Some(FailureClass::Tls) if on_prem => on_prem_trustpoint(),
        Some(FailureClass::Tls) if topology == Ok(Topology::Direct) => client_certificate(),
        Some(FailureClass::Identity) => trust(facts, expected, true),
        Some(FailureClass::Time) => ntp(facts),
        Some(
            FailureClass::Tls
            | FailureClass::Http
            | FailureClass::Server
            | FailureClass::Refused
            | FailureClass::Timeout
            | FailureClass::Udi
            | FailureClass::Transport
            | FailureClass::Throttled
            | FailureClass::Internal,
        )
        | None => {
            let mut steps = told(finding);
            steps.push(verify("show license tech support: Ongoing Failure: Overall=0 of every channel"));
            steps
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Fingerprint, Problem, Severity};
    use crate::remedy::of;
    use crate::rules;

    fn finding(rule: &'static rules::Rule, class: Option<FailureClass>) -> Finding {
        let mut problem = Problem::new(Severity::High, "x", "y").next_step(rule.next_step);
        problem.class = class;
        Finding { rule: rule.id, problem, explained_by: None, fingerprint: Fingerprint::new(rule.id, "sw1", "") }
    }

    /// Every way a device may report, and be known.
    fn situations() -> Vec<(Facts, Expectations)> {
        let topologies =
            Topology::ALL.iter().map(|topology| Expectations { topology: Some(*topology), ..Expectations::default() });
        let transports = ExpectedTransport::ALL
            .iter()
            .map(|transport| Expectations { transport: Some(*transport), ..Expectations::default() });
        let expected: Vec<_> = std::iter::once(Expectations::default()).chain(topologies).chain(transports).collect();
        let facts = [None, Some(TransportType::Smart), Some(TransportType::Callhome), Some(TransportType::Cslu)];
        let facts = facts.map(|transport| {
            let mut facts = Facts::default();
            if let Some(transport) = transport {
                let evidence = crate::fact::Evidence { command: "show license all", line: 1, text: "Type".to_owned() };
                facts.transport_type = crate::fact::Fact::known(transport, evidence.clone());
                let is_call_home = transport == TransportType::Callhome;
                let proxy = is_call_home.then(|| "proxy.example.com".to_owned());
                facts.proxy_address = crate::fact::Fact::known(proxy, evidence.clone());
                facts.cslu_address = crate::fact::Fact::known(Some(String::new()), evidence);
            }
            facts
        });
        facts.iter().flat_map(|facts| expected.iter().map(|expected| (facts.clone(), expected.clone()))).collect()
    }

    #[test]
    fn every_rule_has_a_remedy_and_in_the_same_order() {
        let rules: Vec<_> = rules::ALL.iter().map(|rule| rule.id).collect();
        let remedies: Vec<_> = ALL.iter().map(|(rule, _)| *rule).collect();
        assert_eq!(rules, remedies);
    }

    #[test]
    fn every_command_of_every_remedy_is_on_the_list() {
        let mut commands = 0;
        for (facts, expected) in situations() {
            for rule in rules::ALL {
                for class in std::iter::once(None).chain(FailureClass::ALL.iter().copied().map(Some)) {
                    let steps = of(&facts, &expected, &finding(rule, class));
                    assert!(!steps.is_empty(), "{}", rule.id);
                    for step in steps {
                        assert!(!step.line.trim().is_empty(), "{}: {step:?}", rule.id);
                        assert!(!step.line.contains("factory reset"), "{}: {step:?}", rule.id);
                        commands += usize::from(step.is_command());
                        assert!(step.is_allowed() || !step.is_command(), "{}: {step:?}", rule.id);
                    }
                }
            }
        }
        assert!(commands > 1000, "{commands}");
    }

    #[test]
    fn a_client_certificate_is_for_cssm_only() {
        let rule = rules::find("communication-failing").expect("a rule");
        for (facts, expected) in situations() {
            let steps = of(&facts, &expected, &finding(rule, Some(FailureClass::Tls)));
            let has = steps.iter().any(|step| step.line.contains("secure-trustpoint"));
            assert_eq!(has, Subject::new(&facts, &expected).topology() == Ok(Topology::Direct), "{steps:?}");
        }
    }

    #[test]
    fn nx_os_is_told_neither_local_nor_all() {
        let (mut facts, expected) = (Facts::default(), Expectations::default());
        let evidence = crate::fact::Evidence { command: "show version", line: 1, text: "NX-OS".to_owned() };
        facts.platform = crate::fact::Fact::known(crate::inventory::Platform::NxOs, evidence);
        for (rule, line) in [("trust-code-missing", "<token>"), ("trust-code-expired", "<token> force")] {
            let steps = of(&facts, &expected, &finding(rules::find(rule).expect("a rule"), None));
            assert!(steps.iter().any(|step| step.is_allowed() && step.line.ends_with(line)), "{steps:?}");
        }
    }

    /// The catalogue of rules and the remedies say the same: each command that a rule's next step spells is in its remedy.
    #[test]
    fn remedies_hold_the_commands_of_the_next_steps() {
        let starts = [
            "license smart",
            "ntp server",
            "ip name-server",
            "ip domain",
            "ip http",
            "service call-home",
            "crypto pki",
        ];
        let mut compared = 0;
        for rule in rules::ALL {
            let lines: Vec<String> = situations()
                .iter()
                .flat_map(|(facts, expected)| of(facts, expected, &finding(rule, None)))
                .map(|step| step.line)
                .collect();
            for piece in rule.next_step.split([',', ';', '/', '(']).flat_map(|piece| piece.split(" then ")) {
                let piece = piece.trim().trim_start_matches("or ");
                if !starts.iter().any(|start| piece.starts_with(start)) {
                    continue;
                }
                let is_word = |word: &&str| !word.starts_with(['<', '[']);
                let words: Vec<_> = piece.split_whitespace().take_while(is_word).take(4).collect();
                compared += 1;
                assert!(lines.iter().any(|line| line.contains(&words.join(" "))), "{}: {words:?}", rule.id);
            }
        }
        assert!(compared > 30, "{compared}");
    }
}
