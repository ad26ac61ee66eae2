//! Cases for the tests of rules: healthy devices to spoil, and verdicts to expect.
//!
//! Every expectation also tries the case with each single fact taken away: a problem or a missing answer never becomes a pass
//! because less is known.

use crate::facts::{CallHomeProfile, Facts, TransportType, Trustpoint};
use crate::finding::{Problem, Verdict};
use crate::inventory::{Expectations, Platform};
use crate::rules::{Rule, Subject};

pub(super) use crate::rules::sample::{
    absent, authorization, channel, dated, failing, known, license, logged, proved, refused, text, time, trust_code,
    unit,
};

/// A device and what is expected of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Case {
    /// What is known.
    pub(super) facts: Facts,
    /// What is expected.
    pub(super) expected: Expectations,
}

impl Case {
    /// A healthy device that reports to CSSM by Smart transport. Its clock says `2025-06-17 12:00`.
    pub(super) fn direct() -> Self {
        let facts = Facts {
            smart_licensing_enabled: known(true),
            slp_enabled: known(true),
            transport_type: known(TransportType::Smart),
            transport_url: text("https://smartreceiver.cisco.com/licservice/license"),
            cslu_address: known(None),
            proxy_address: known(None),
            proxy_port: known(None),
            transport_vrf: known(None),
            server_identity_check: known(true),
            smart_account: text("EXAMPLE-NET"),
            virtual_account: text("Campus"),
            ack_required: known(true),
            last_ack: dated("2025-06-10 12:00"),
            next_ack_deadline: dated("2025-09-08 12:00"),
            next_push: dated("2025-07-10 12:00"),
            last_push: dated("2025-06-10 11:00"),
            push_interval_days: known(30),
            min_reporting_frequency_days: known(None),
            send_rum_expired: known(false),
            udis: known(vec![unit("standalone", "FCW0001A001")]),
            trust_codes: known(vec![trust_code("standalone", "FCW0001A001")]),
            overall_trust: known("INSTALLED (2)".to_owned()),
            ntp_synchronized: proved(true, "Clock sync-ed with NTP: True"),
            device_time: known(time("2025-06-17 12:00")),
            clock_offset_s: known(1),
            communication: known(vec![channel("trust_establishment"), channel("usage_reporting")]),
            overall_state: known(String::new()),
            licenses: known(vec![license("network-advantage", "IN USE", "NOT ENFORCED")]),
            authorization_installed: known(false),
            authorization_units: known(vec![authorization("active", "FCW0001A001", "NOT INSTALLED")]),
            http_source_interface: known(None),
            http_client_trustpoint: known(None),
            trustpoints: known(vec![Trustpoint {
                name: "SLA-TrustPoint".to_owned(),
                ca_authenticated: Some(true),
                ca_subject: Some("cn=Cisco Licensing Root CA,o=Cisco".to_owned()),
                revocation_check: Some("crl".to_owned()),
            }]),
            dns_servers: known(vec!["192.0.2.53".to_owned()]),
            dns_domain: text("example.com"),
            dns_lookup_enabled: known(true),
            dns_hosts: known(Vec::new()),
            ntp_servers: known(vec!["192.0.2.123".to_owned()]),
            ntp_reference: text("192.0.2.123"),
            log: known(Vec::new()),
            rum_total: known(10),
            rum_waiting_for_ack: known(1),
            rum_available_to_report: known(1),
            rum_unacknowledged: known(2),
            platform: known(Platform::IosXe),
            os_version: known("17.12.4".to_owned()),
            serial: known("FCW0001A001".to_owned()),
            uptime_s: known(90 * 86_400),
            ..Facts::default()
        };
        Self { facts, expected: Expectations::default() }
    }

    /// A healthy device that reports to CSLU or SSM On-Prem at `address`, without trust code; empty means discovery.
    pub(super) fn cslu(address: &str) -> Self {
        let mut case = Self::direct();
        case.facts.transport_type = known(TransportType::Cslu);
        case.facts.transport_url = known(None);
        case.facts.cslu_address = text(address);
        case.facts.trust_codes = known(Vec::new());
        case.facts.overall_trust = known("No ID".to_owned());
        case
    }

    /// A healthy device that reports to SSM On-Prem.
    pub(super) fn on_prem() -> Self {
        let mut case = Self::cslu("https://ssm.example.com/cslu/v1/pi/campus-1");
        case.facts.trustpoints = known(vec![Trustpoint {
            name: "SLA-TrustPoint".to_owned(),
            ca_authenticated: Some(true),
            revocation_check: Some("none".to_owned()),
            ..Trustpoint::default()
        }]);
        case
    }

    /// A healthy device that reports to CSSM by Call Home.
    pub(super) fn call_home() -> Self {
        let mut case = Self::direct();
        case.facts.transport_type = known(TransportType::Callhome);
        case.facts.transport_url = known(None);
        case.facts.call_home_enabled = known(true);
        case.facts.call_home_messages_enabled = known(true);
        case.facts.call_home_profiles = known(vec![CallHomeProfile {
            name: "CiscoTAC-1".to_owned(),
            active: true,
            reporting_licensing: Some(true),
            methods: vec!["http".to_owned()],
            urls: vec!["https://tools.cisco.com/its/service/oddce/services/DDCEService".to_owned()],
        }]);
        case
    }

    /// A device whose reports are carried by file.
    pub(super) fn off() -> Self {
        let mut case = Self::cslu("");
        case.facts.transport_type = known(TransportType::Off);
        case.facts.cslu_address = known(None);
        case.facts.next_push = known(None);
        case.facts.communication = known(Vec::new());
        case
    }

    /// A healthy stack of three, direct.
    pub(super) fn stack() -> Self {
        let mut case = Self::direct();
        let units = [("active", "FCW0001A001"), ("standby", "FCW0002A002"), ("member", "FCW0003A003")];
        case.facts.udis = known(units.iter().map(|(role, serial)| unit(role, serial)).collect());
        case.facts.trust_codes = known(units.iter().map(|(role, serial)| trust_code(role, serial)).collect());
        case
    }

    /// A device with Smart Licensing before SLP, registered and in compliance.
    pub(super) fn before_slp() -> Self {
        let facts = Facts {
            smart_licensing_enabled: known(true),
            slp_enabled: known(false),
            os_version: known("16.12.5b".to_owned()),
            registration_status: text("REGISTERED"),
            authorization_status: text("AUTHORIZED on Jun 10 12:00:00 2025 UTC"),
            device_time: known(time("2025-06-17 12:00")),
            registration_expires: dated("2026-06-10 12:00"),
            registration_last_attempt: text("SUCCEEDED on Jun 10 12:00:00 2025 UTC"),
            authorization_last_attempt: text("SUCCEEDED on Jun 10 12:00:00 2025 UTC"),
            ntp_synchronized: known(true),
            ..Facts::default()
        };
        Self { facts, expected: Expectations::default() }
    }

    /// The same, spoilt.
    #[must_use]
    pub(super) fn with(mut self, spoil: impl FnOnce(&mut Facts)) -> Self {
        spoil(&mut self.facts);
        self
    }

    /// The same, with expectations.
    #[must_use]
    pub(super) fn expecting(mut self, expect: impl FnOnce(&mut Expectations)) -> Self {
        expect(&mut self.expected);
        self
    }

    /// The device as no rule in particular sees it.
    pub(super) fn subject(&self) -> Subject<'_> {
        Subject { facts: &self.facts, expected: &self.expected, rule: &Rule::DEFAULT }
    }

    /// The one problem that the rule finds.
    #[track_caller]
    pub(super) fn fails(&self, rule: &'static Rule) -> Problem {
        let mut problems = self.fails_with(rule);
        assert_eq!(problems.len(), 1, "{}: {problems:?}", rule.id);
        problems.remove(0)
    }

    /// All problems that the rule finds.
    #[track_caller]
    pub(super) fn fails_with(&self, rule: &'static Rule) -> Vec<Problem> {
        match self.verdict(rule) {
            Verdict::Fail(problems) => problems,
            other => panic!("{} should fail: {other:?}", rule.id),
        }
    }

    /// The rule finds nothing.
    #[track_caller]
    pub(super) fn passes(&self, rule: &'static Rule) {
        assert_eq!(self.verdict(rule), Verdict::Pass, "{}", rule.id);
    }

    /// The rule cannot answer; why.
    #[track_caller]
    pub(super) fn unknown(&self, rule: &'static Rule) -> String {
        match self.verdict(rule) {
            Verdict::Unknown(why) => why.to_string(),
            other => panic!("{} should be unknown: {other:?}", rule.id),
        }
    }

    /// The rule has no meaning here.
    #[track_caller]
    pub(super) fn not_applicable(&self, rule: &'static Rule) {
        let verdict = self.verdict(rule);
        assert!(matches!(verdict, Verdict::NotApplicable(_)), "{} should not apply: {verdict:?}", rule.id);
    }

    #[track_caller]
    fn verdict(&self, rule: &'static Rule) -> Verdict {
        let verdict = rule.verdict(&self.facts, &self.expected);
        if let Verdict::Fail(problems) = &verdict {
            check_problems(rule, problems);
        }
        if matches!(verdict, Verdict::Fail(_) | Verdict::Unknown(_)) {
            for (key, forget) in Facts::FORGET {
                let mut less = self.facts.clone();
                forget(&mut less);
                let then = rule.verdict(&less, &self.expected);
                assert!(then != Verdict::Pass, "{} passes where {key} is not known: {verdict:?}", rule.id);
            }
        }
        verdict
    }
}

/// What holds for every problem: one line of text each, subjects that tell them apart, explanations from the rule's list.
#[track_caller]
fn check_problems(rule: &'static Rule, problems: &[Problem]) {
    for (at, problem) in problems.iter().enumerate() {
        for text in [&problem.observed, &problem.expected] {
            assert!(!text.is_empty() && !text.contains('\n'), "{}: {text:?}", rule.id);
        }
        let told_apart = problems[..at].iter().all(|other| other.subject != problem.subject);
        assert!(told_apart, "{}: two problems about {:?} would be one finding", rule.id, problem.subject);
        for cause in problem.explained_by.unwrap_or_default() {
            assert!(rule.explained_by.contains(cause), "{}: its list lacks {cause}", rule.id);
        }
    }
}

#[test]
fn healthy_devices_have_no_finding() {
    use crate::rules::ALL;
    let healthy = vec![
        Case::direct(),
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi"),
        Case::cslu(""),
        Case::on_prem(),
        Case::call_home(),
        Case::stack(),
    ];
    for case in healthy {
        for rule in ALL {
            let verdict = case.verdict(rule);
            assert!(!matches!(verdict, Verdict::Fail(_) | Verdict::Unknown(_)), "{}: {verdict:?}", rule.id);
        }
    }
}
