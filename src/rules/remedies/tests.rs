//! What every rule advises, in every way a device may report and be known.

use std::collections::BTreeSet;

use super::*;
use crate::failure;
use crate::finding::Severity;
use crate::inventory::{Expectations, ExpectedTransport};
use crate::rules::case::{Case, known, text};
use crate::rules::{ALL, Rule, find};
use crate::syslog::catalogue;

/// The problem of a rule with its steps.
fn advised(case: &Case, rule: &'static Rule, class: Option<FailureClass>) -> Problem {
    let device = Subject { rule, ..case.subject() };
    filled(device, Problem { class, ..Problem::new(Severity::High, "x", "y") })
}

fn situations() -> Vec<Case> {
    let topologies =
        Topology::ALL.iter().map(|topology| Expectations { topology: Some(*topology), ..Expectations::default() });
    let transports = ExpectedTransport::ALL
        .iter()
        .map(|transport| Expectations { transport: Some(*transport), ..Expectations::default() });
    let expected: Vec<_> = std::iter::once(Expectations::default()).chain(topologies).chain(transports).collect();
    let strange = Case::call_home().with(|facts| {
        facts.proxy_address = text("proxy.example.com");
        facts.call_home_source_interface = text("Loopback0");
        facts.ntp_synchronized = known(false);
        facts.call_home_profiles =
            known(vec![crate::facts::CallHomeProfile { urls: vec!["http://x".to_owned()], ..Default::default() }]);
    });
    let mut cases =
        vec![Case::default(), Case::direct(), Case::cslu(""), Case::on_prem(), Case::call_home(), Case::stack()];
    cases.push(strange);
    let with = |case: &Case| {
        let case = case.clone();
        expected.clone().into_iter().map(move |expected| Case { expected, ..case.clone() })
    };
    cases.iter().flat_map(with).collect()
}

fn classes() -> impl Iterator<Item = Option<FailureClass>> {
    std::iter::once(None).chain(FailureClass::ALL.iter().copied().map(Some))
}

#[test]
fn every_rule_has_steps_every_command_is_allowed_and_every_step_is_used() {
    let mut used: BTreeSet<String> = BTreeSet::from([steps::SUPPORT.id.to_owned()]);
    let templates = failure::ALL.iter().map(|reason| reason.steps);
    let actions = catalogue::ALL.iter().flat_map(|entry| entry.actions).map(|action| action.steps);
    used.extend(templates.chain(actions).flatten().map(|step| step.id.to_owned()));
    let mut commands = 0;
    for case in situations() {
        for rule in ALL {
            for class in classes() {
                let problem = advised(&case, rule, class);
                assert!(!problem.steps.is_empty() && !problem.next_step().is_empty(), "{}", rule.id);
                for step in problem.steps {
                    for command in &step.commands {
                        let line = command.line.replace("[vrf <vrf>] ", "").into();
                        let command = remedy::Command { line, ..command.clone() };
                        assert!(command.is_allowed(), "{}: {command:?}", rule.id);
                        commands += 1;
                    }
                    used.insert(step.id.into_owned());
                }
            }
        }
    }
    assert!(commands > 1000, "{commands}");
    // What hangs on the subject of a problem.
    let registration = Problem { subject: "last renewal attempt".to_owned(), ..Problem::new(Severity::High, "x", "y") };
    let case = Case::before_slp();
    let device = Subject { rule: find("registration-invalid").expect("a rule"), ..case.subject() };
    used.extend(filled(device, registration).steps.into_iter().map(|step| step.id.into_owned()));
    let unused: Vec<_> = steps::all().map(|step| step.id).filter(|id| !used.contains(*id)).collect();
    assert!(unused.is_empty(), "no rule and no message uses {unused:?}");
}

#[test]
fn a_changed_configuration_is_kept_and_verified() {
    let problem = advised(&Case::direct(), find("smart-url-wrong").expect("a rule"), None);
    assert_eq!(
        problem.next_step(),
        "license smart transport smart ; license smart url smart https://smartreceiver.cisco.com/licservice/license ; \
         write memory; verify with show license status"
    );
    for case in situations() {
        for rule in ALL {
            let steps = advised(&case, rule, None).steps;
            let saves = steps.iter().filter(|step| step.id == steps::SAVE.id).count();
            assert_eq!(saves, usize::from(steps.iter().any(Step::configures)), "{}: {steps:?}", rule.id);
        }
    }
}

#[test]
fn every_topology_has_its_own_way() {
    let rule = find("ack-overdue").expect("a rule");
    let mut case = Case::direct();
    let mut all = BTreeSet::new();
    for topology in Topology::ALL {
        case.expected.topology = Some(*topology);
        all.insert(advised(&case, rule, None).next_step());
    }
    // Direct and CSLU push share theirs.
    assert_eq!(all.len(), Topology::ALL.len() - 1);
}

#[test]
fn a_client_certificate_is_for_cssm_only() {
    let rule = find("communication-failing").expect("a rule");
    for case in situations() {
        let steps = advised(&case, rule, Some(FailureClass::Tls)).steps;
        let has = steps.iter().any(|step| step.id == steps::CLIENT_TRUSTPOINT.id);
        assert_eq!(has, case.subject().topology() == Ok(Topology::Direct), "{steps:?}");
    }
    let cslu = Case::cslu("https://cslu.example.com:8182/cslu/v1/pi");
    assert!(
        advised(&cslu, rule, Some(FailureClass::Tls)).next_step().starts_with("check that cslu.example.com serves")
    );
}

#[test]
fn nx_os_is_told_neither_local_nor_all_and_no_command_of_ios() {
    let mut case = Case::stack();
    let ends = |case: &Case, rule: &str, end: &str| {
        let steps = advised(case, find(rule).expect("a rule"), None).steps;
        assert!(steps.iter().any(|step| step.one_line().ends_with(end)), "{rule}: {steps:?}");
    };
    ends(&case, "trust-code-missing", "<token> all");
    ends(&case, "trust-code-expired", "<token> all force");
    case.facts.platform = known(Platform::NxOs);
    ends(&case, "trust-code-missing", "<token>");
    ends(&case, "trust-code-expired", "<token> force");
    for platform in [Platform::NxOs, Platform::IosXr, Platform::Asa] {
        case.facts.platform = known(platform);
        for rule in ALL {
            let problem = advised(&case, rule, None);
            assert!(!problem.steps.iter().any(Step::configures), "{}: {problem:?}", rule.id);
            assert!(!problem.next_step().is_empty(), "{}", rule.id);
        }
    }
}

#[test]
fn what_is_known_stands_in_the_command() {
    let mut case = Case::cslu("");
    case.expected.url = Some("https://ssm.example.com/cslu/v1/pi/a-1".to_owned());
    let step = advised(&case, find("cslu-url-wrong").expect("a rule"), None).next_step();
    assert!(step.contains("license smart url cslu https://ssm.example.com/cslu/v1/pi/a-1 ; write memory"), "{step}");
    let mut case = Case::direct().with(|facts| facts.transport_vrf = text("Mgmt-vrf"));
    case.facts.ntp_servers = known(Vec::new());
    let step = advised(&case, find("ntp-server-missing").expect("a rule"), None).next_step();
    assert!(step.starts_with("ntp server vrf Mgmt-vrf <ntp-server> version 2 prefer ; write memory"), "{step}");
    case.facts.transport_vrf = text("x\nreload");
    let step = advised(&case, find("ntp-server-missing").expect("a rule"), None).next_step();
    assert!(step.starts_with("ntp server <ntp-server>") && !step.contains("reload"), "{step}");
}
