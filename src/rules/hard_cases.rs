//! Whole devices under all rules: the hard cases of the field, and that knowing less never makes a device look better.

use proptest::prelude::*;

use crate::fact::Evidence;
use crate::facts::Facts;
use crate::facts::{CallHomeProfile, Channel};
use crate::finding::Verdict;
use crate::inventory::{Device, ExpectedTransport, Topology};
use crate::rules::case::{
    Case, channel, dated, failing, known, license, logged, proved, refused, text, time, trust_code, unit,
};
use crate::rules::{ALL, Judgement, RuleSet, Subject, find, judge};

fn judged(case: &Case) -> Judgement {
    let mut device = Device::named("sw01");
    device.expect = case.expected.clone();
    judge(&case.facts, &device, &RuleSet::default())
}

/// `severity rule <- cause` of every finding, as it is read.
fn findings(case: &Case) -> Vec<String> {
    judged(case)
        .findings
        .iter()
        .map(|finding| {
            let because = finding.explained_by.map(|cause| format!(" <- {cause}")).unwrap_or_default();
            format!("{} {}{because}", finding.problem.severity, finding.rule)
        })
        .collect()
}

/// A device whose transport is off, with an ACK deadline of last year.
fn off_and_overdue() -> Case {
    Case::off().with(|facts| {
        facts.last_ack = dated("2023-11-08 12:00");
        facts.next_ack_deadline = dated("2024-02-06 12:00");
        facts.next_push = dated("2024-06-12 11:09");
    })
}

/// Everything green but the agent, which does not try.
fn silent_agent() -> Case {
    Case::direct().with(|facts| {
        facts.trust_codes = known(Vec::new());
        facts.overall_trust = known("No ID".to_owned());
        facts.overall_state = known("Device configured for Offline transport".to_owned());
        facts.last_ack = known(None);
        facts.next_push = known(None);
        facts.communication = known(vec![Channel { channel: "trust_establishment".to_owned(), ..Channel::default() }]);
    })
}

/// The server refuses the identity.
fn refused_identity() -> Case {
    let reason = r#"{"product_instance_identifier":["The identity for the instance f6 is not valid.Please re-register the instance."]}"#;
    Case::direct().with(|facts| {
        facts.proxy_address = text("proxy.example.com");
        facts.proxy_port = known(Some(8080));
        facts.communication =
            known(vec![failing("trust_sync", "INVALID STATUS CODE", reason), channel("usage_reporting")]);
    })
}

/// A new device that never found a CSLU: default transport, nothing configured.
fn day_zero() -> Case {
    Case::cslu("").with(|facts| {
        facts.last_ack = known(None);
        facts.next_ack_deadline = dated("2026-06-16 12:00");
        facts.communication = known(vec![failing("hello_message", "NO REPLY", "")]);
        facts.log = known(vec![logged("REPORTING_REQUIRED", None, "Jun 16 12:00:00")]);
    })
}

/// A name server that is missing, and all that follows from it.
fn no_name_server() -> Case {
    Case::direct().with(|facts| {
        facts.dns_servers = known(Vec::new());
        facts.last_ack = dated("2025-01-10 12:00");
        facts.next_ack_deadline = dated("2025-04-10 12:00");
        let reason = "Unable to resolve server hostname/domain name";
        facts.communication = known(vec![failing("usage_reporting", "NO REPLY", reason)]);
    })
}

fn all_hard_cases() -> Vec<Case> {
    vec![
        Case::direct(),
        Case::on_prem(),
        Case::call_home(),
        Case::stack(),
        Case::before_slp(),
        off_and_overdue(),
        silent_agent(),
        refused_identity(),
        day_zero(),
        no_name_server(),
    ]
}

#[test]
fn no_trust_and_transport_off() {
    assert_eq!(findings(&off_and_overdue()), ["critical ack-overdue", "info transport-off"]);
    // Without a time of the device the deadline cannot be judged.
    let timeless = off_and_overdue().with(|facts| facts.device_time = refused());
    assert_eq!(findings(&timeless), ["info transport-off"]);
}

#[test]
fn discovery_with_a_fresh_ack_and_codes_of_an_earlier_transport() {
    let case = Case::cslu("").with(|facts| {
        facts.last_ack = dated("2025-06-09 12:00");
        facts.next_push = dated("2025-06-17 11:00");
        facts.udis = Case::stack().facts.udis;
        facts.trust_codes = Case::stack().facts.trust_codes;
        facts.ntp_synchronized = proved(false, "Time source is NTP, .12:00:00.118 UTC Tue Jun 17 2025");
    });
    assert_eq!(findings(&case), ["low clock-not-synchronized"]);
}

#[test]
fn the_agent_does_not_try() {
    assert_eq!(
        findings(&silent_agent()),
        [
            "high agent-offline <- trust-code-missing",
            "high trust-code-missing",
            "info ack-never-received <- trust-code-missing",
        ]
    );
}

#[test]
fn one_member_of_a_stack_without_trust() {
    let mut case = Case::stack();
    case.facts.udis = known(vec![unit("active", "A"), unit("standby", "A"), unit("member", "B"), unit("member", "C")]);
    case.facts.trust_codes =
        known(vec![trust_code("active", "A"), trust_code("standby", "A"), trust_code("member", "B")]);
    assert_eq!(findings(&case), ["high trust-code-member-missing"]);
    assert_eq!(judged(&case).findings[0].problem.subject, "member PID:C9300-24UX,SN:C");
}

#[test]
fn the_server_refuses() {
    assert_eq!(
        findings(&refused_identity()),
        ["high identity-rejected", "medium communication-failing <- identity-rejected"]
    );
}

#[test]
fn a_failure_that_was_restored_and_one_that_no_log_tells() {
    let cssm = Some("Cisco Smart Software Manager (CSSM)");
    let restored = Case::direct().with(|facts| {
        facts.log = known(vec![
            logged("COMM_FAILED", cssm, "Jun 16 10:00:00"),
            logged("COMM_RESTORED", cssm, "Jun 16 11:00:00"),
        ]);
    });
    assert_eq!(findings(&restored), Vec::<String>::new());
    let unlogged = Case::direct().with(|facts| {
        facts.log = refused();
        facts.last_ack = dated("2025-05-01 12:00");
        facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
    });
    assert_eq!(findings(&unlogged), ["high communication-failing"]);
}

#[test]
fn call_home_by_another_profile() {
    let gateway = "https://gateway.example.com/Transportgateway/services/DeviceRequestHandler";
    let profile = |name: &str, active, url: &str| CallHomeProfile {
        name: name.to_owned(),
        active,
        reporting_licensing: Some(true),
        methods: vec!["http".to_owned()],
        urls: vec![url.to_owned()],
    };
    let case = Case::call_home().with(|facts| {
        facts.call_home_profiles =
            known(vec![profile("CiscoTAC-1", false, "https://tools.cisco.com/x"), profile("Campus", true, gateway)]);
    });
    assert_eq!(findings(&case), ["high callhome-url-wrong"]);
    assert_eq!(findings(&case.expecting(|expect| expect.urls = vec![gateway.to_owned()])), Vec::<String>::new());
}

#[test]
fn sl_http_active_and_a_secure_server_that_cannot_work() {
    let case = Case::cslu("").with(|facts| {
        facts.sl_http_active = known(true);
        facts.http_server_enabled = known(false);
        facts.http_secure_server_enabled = known(true);
        facts.http_secure_server_trustpoint = text("INVALID_TP");
    });
    let pulled = case.clone().expecting(|expect| expect.topology = Some(Topology::CsluPull));
    assert_eq!(findings(&pulled), ["high pull-server-inactive", "info pull-server-inactive"]);
    assert_eq!(findings(&case), Vec::<String>::new());
}

#[test]
fn unsynchronized_with_an_ack_of_the_same_hour() {
    let case = Case::stack().with(|facts| {
        facts.ntp_synchronized = proved(false, "Clock sync-ed with NTP: False");
        facts.last_ack = dated("2025-06-17 11:30");
        let mut old = channel("trust_sync");
        old.fail = 190;
        let mut polling = failing("result_polling", "NO REPLY", "");
        polling.ongoing_overall = 1;
        facts.communication = known(vec![old, polling]);
        facts.rum_unacknowledged = known(300);
        facts.os_version = known("17.3.4".to_owned());
    });
    assert_eq!(
        findings(&case),
        [
            "medium clock-not-synchronized",
            "medium report-backlog <- communication-failing",
            "medium communication-failing",
        ]
    );
}

#[test]
fn before_slp_there_is_one_finding() {
    assert_eq!(findings(&Case::before_slp()), ["info release-without-slp"]);
    let expected = Case::before_slp().expecting(|expect| expect.transport = Some(ExpectedTransport::Smart));
    assert_eq!(findings(&expected), ["medium release-without-slp"]);
}

#[test]
fn day_zero_is_one_medium_problem_with_its_symptoms() {
    let of_weight: Vec<_> = findings(&day_zero()).into_iter().filter(|finding| !finding.contains(" <- ")).collect();
    assert_eq!(of_weight, ["medium cslu-undiscovered"]);
}

#[test]
fn one_missing_name_server_explains_all() {
    assert_eq!(
        findings(&no_name_server()),
        [
            "critical ack-overdue <- communication-failing",
            "high dns-server-missing",
            "high ack-stale <- communication-failing",
            "high communication-failing <- dns-server-missing",
        ]
    );
}

#[test]
fn a_clock_of_1999_is_a_finding_of_the_clock_only() {
    let case = off_and_overdue().with(|facts| {
        facts.device_time = known(time("1999-03-01 00:10"));
        facts.ntp_synchronized = proved(false, "Clock sync-ed with NTP: False");
        facts.ntp_servers = known(Vec::new());
    });
    let case = case.expecting(|expect| expect.transport = Some(ExpectedTransport::Off));
    assert_eq!(
        findings(&case),
        [
            "critical clock-skewed <- clock-not-synchronized",
            "medium ntp-server-missing",
            "low clock-not-synchronized <- ntp-server-missing",
        ]
    );
}

#[test]
fn an_account_that_reads_little_is_not_healthy() {
    let case = Case::direct().with(|facts| {
        facts.communication = refused();
        facts.overall_state = refused();
    });
    let judgement = judged(&case);
    assert_eq!(judgement.findings.len(), 0);
    let unknown = judgement.verdicts.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Unknown(_)));
    assert!(unknown.count() >= 3);
    // Health asks that every core rule is clear.
    let is_core = |id: &str| find(id).is_some_and(|rule| rule.core);
    let is_clear = |verdict: &Verdict| matches!(verdict, Verdict::Pass | Verdict::NotApplicable(_));
    let all_clear =
        |judgement: &Judgement| judgement.verdicts.iter().all(|(id, verdict)| !is_core(id) || is_clear(verdict));
    assert!(!all_clear(&judgement));
    assert!(all_clear(&judged(&Case::direct())));
}

#[test]
fn a_finding_is_complete() {
    let case = no_name_server();
    let judgement = judged(&case);
    for finding in &judgement.findings {
        assert!(!finding.problem.next_step().is_empty(), "{finding:?}");
        assert!(finding.fingerprint.as_str().starts_with("sf1-"));
        let evidence: Option<&Evidence> = finding.problem.evidence.as_ref();
        assert!(evidence.is_some(), "{finding:?}");
    }
}

/// True where a verdict became a pass for want of evidence.
fn looks_better(before: &Verdict, after: &Verdict) -> bool {
    matches!(before, Verdict::Fail(_) | Verdict::Unknown(_)) && *after == Verdict::Pass
}

#[test]
fn one_fact_less_never_makes_a_device_look_better() {
    for case in all_hard_cases() {
        for (key, forget) in Facts::FORGET {
            let mut less = case.facts.clone();
            forget(&mut less);
            for rule in ALL {
                let (before, after) = (rule.verdict(case.subject()), rule.verdict(Subject::new(&less, &case.expected)));
                assert!(!looks_better(&before, &after), "{} without {key}: {before:?}", rule.id);
            }
        }
    }
}

proptest! {
    #[test]
    fn many_facts_less_never_make_a_device_look_better(
        case in 0..all_hard_cases().len(),
        enforced in any::<bool>(),
        gone in proptest::collection::vec(any::<bool>(), Facts::FORGET.len()),
    ) {
        let mut case = all_hard_cases().swap_remove(case);
        if enforced {
            case.facts.licenses = known(vec![license("hseck9", "IN USE", "EXPORT RESTRICTED")]);
        }
        let mut less = case.facts.clone();
        for ((_, forget), gone) in Facts::FORGET.iter().zip(gone) {
            if gone {
                forget(&mut less);
            }
        }
        for rule in ALL {
            let (before, after) = (rule.verdict(case.subject()), rule.verdict(Subject::new(&less, &case.expected)));
            prop_assert!(!looks_better(&before, &after), "{}: {before:?}", rule.id);
        }
    }
}
