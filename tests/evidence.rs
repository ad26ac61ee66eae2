//! The evidence of a finding is the line that a person would point at: not the first line of a list, not the canary of a
//! filter. Each output here is invented, in the form that devices print.

use std::time::Duration;

use slaudit::inventory::{Device, Topology};
use slaudit::reading::read;
use slaudit::rules::{RuleSet, judge};
use slaudit::transcript::{Exchange, Reply, Transcript};

const STACK: &str = include_str!("commands/show_license_tech_support/stack.txt");

/// `line: text` of the evidence of one rule's findings, in their order.
fn evidence(rule: &str, outputs: &[(&str, &str)]) -> Vec<String> {
    evidence_of(Device::named("sw1"), rule, outputs)
}

fn evidence_of(device: Device, rule: &str, outputs: &[(&str, &str)]) -> Vec<String> {
    let exchange = |(command, text): &(&str, &str)| Exchange {
        command: (*command).to_owned(),
        sent_at: None,
        took: Duration::ZERO,
        reply: Reply::Output((*text).to_owned()),
    };
    let exchanges = outputs.iter().map(exchange).collect();
    let transcript = Transcript { device, exchanges, hostname: None };
    let reading = read(&transcript);
    let found = judge(&reading.facts, &transcript.device, &RuleSet::default()).findings;
    let lines = found.iter().filter(|finding| finding.rule == rule).map(|finding| {
        let line = finding.problem.evidence.as_ref().unwrap_or_else(|| panic!("{rule}: no evidence"));
        format!("{}: {}", line.line, line.text)
    });
    lines.collect()
}

fn status(transport: &str, more: &str) -> String {
    format!(
        "Smart Licensing Using Policy:\n  Status: ENABLED\nTransport:\n  {transport}\nUsage Reporting:\n  Last ACK received: <none>\n\
         Next ACK deadline: <none>\nTrust Code Installed:{more}\n"
    )
}

#[test]
fn a_profile_s_own_line() {
    let all = |state: &str, method: &str, url: &str| {
        format!(
            "Profile Name: CiscoTAC-1\n    Profile status: INACTIVE\n    Reporting Data: Smart Call Home\n    Transport Method: http\n\
             HTTP  address: https://tools.cisco.com/its/service/oddce/services/DDCEService\n\nProfile Name: Campus\n    \
             Profile status: {state}\n    Reporting Data: Smart Licensing\n    Transport Method: {method}\n    HTTP  address: {url}\n"
        )
    };
    let found = |rule: &str, state: &str, method: &str| {
        let profiles = all(state, method, "https://tools.cisco.com/its/service/oddce/services/DDCE");
        evidence(
            rule,
            &[("show license status", &status("Type: Callhome", " <none>")), ("show call-home profile all", &profiles)],
        )
    };
    let url = "11: HTTP  address: https://tools.cisco.com/its/service/oddce/services/DDCE";
    assert_eq!(found("callhome-url-wrong", "ACTIVE", "http"), [url]);
    assert_eq!(found("callhome-profile-inactive", "INACTIVE", "http"), ["8: Profile status: INACTIVE"]);
    assert_eq!(found("callhome-method-email", "ACTIVE", "email"), ["10: Transport Method: email"]);
}

#[test]
fn a_unit_s_own_line() {
    let direct = STACK.replace("Type: cslu", "Type: Smart");
    assert_eq!(
        evidence("trust-code-member-missing", &[("show license tech support", &direct)]),
        ["141: Member:PID:LAB-48X,SN:XYZ0000A003"]
    );
    let codes = " \n  Active: PID:A,SN:F1\n    INSTALLED on Jan 02 10:00:00 2031 UTC\n    Expired on Jan 02 09:55:00 2039 UTC\n  Standby: PID:A,SN:F2\n\
                 INSTALLED on Jan 02 10:00:00 2031 UTC\n    Expired on Jan 02 09:55:00 2032 UTC";
    let clock = ("show clock", "10:00:00.000 UTC Mon Jan 5 2032\n");
    let status = status("Type: Smart", codes);
    assert_eq!(
        evidence("trust-code-expired", &[("show license status", &status), clock]),
        ["14: Expired on Jan 02 09:55:00 2032 UTC"]
    );
}

#[test]
fn a_reason_s_own_line() {
    let support = format!(
        "{}Communication Statistics:\nTrust Sync:\n  Attempts: Total=3, Success=3, Fail=0  Ongoing Failure: Overall=0 Communication=0\n    \
         Failure Reason: an old one\nUsage Reporting:\n  Attempts: Total=3, Success=0, Fail=3  Ongoing Failure: Overall=3 Communication=0\n  \
         Last Response: INVALID STATUS CODE on Jan 02 10:00:00 2031 UTC\n    Failure Reason: The identity is not valid. Please re-register\n\
         Other Info\n=====\nOverall Trust: INSTALLED (2)\nClock sync-ed with NTP: True\n",
        status("Type: Smart", " Jan 02 10:00:00 2031 UTC")
    );
    let outputs = [("show license tech support", support.as_str())];
    let reason = "16: Failure Reason: The identity is not valid. Please re-register";
    assert_eq!(evidence("identity-rejected", &outputs), [reason]);
    let counters = "14: Attempts: Total=3, Success=0, Fail=3  Ongoing Failure: Overall=3 Communication=0";
    assert_eq!(evidence("communication-failing", &outputs), [counters]);
}

#[test]
fn a_licence_s_own_line() {
    let usage = "License Authorization:\n  Status: Not Applicable\n\nlab (Lab):\n  Count: 1\n  Status: IN USE\n  Enforcement type: NOT ENFORCED\n\
                 \nhseck9 (HSEC):\n  Count: 1\n  Status: NOT AUTHORIZED\n  Enforcement type: EXPORT RESTRICTED\n";
    assert_eq!(evidence("authorization-missing", &[("show license usage", usage)]), ["11: Status: NOT AUTHORIZED"]);
    let used = usage.replace("NOT AUTHORIZED", "IN USE");
    let codes = "Overall status:\n  Active: PID:A,SN:F1\n      Status: SMART AUTHORIZATION INSTALLED on Jan 02 10:00:00 2031 UTC\n  Standby: PID:A,SN:F2\n\
                 Status: NOT INSTALLED\n\nPurchased Licenses:\n  No Purchase Information Available\n";
    assert_eq!(
        evidence("authorization-missing", &[("show license usage", &used), ("show license authorization", codes)]),
        ["5: Status: NOT INSTALLED"]
    );
}

#[test]
fn a_trustpoint_s_own_line() {
    let points = "Trustpoint TP-self-signed-1:\n  State:\n    Issuing CA authenticated ....... Yes\n\nTrustpoint SLA-TrustPoint:\n  State:\n\
                  Issuing CA authenticated ....... No\n";
    let direct = status("Type: Smart", " <none>");
    let found = |rule: &str, points: &str| {
        evidence(rule, &[("show license status", &direct), ("show crypto pki trustpoints status", points)])
    };
    assert_eq!(found("trustpoint-missing", points), ["7: Issuing CA authenticated ....... No"]);
    let other = points.replace("SLA-TrustPoint", "corporate");
    assert_eq!(found("trustpoint-missing", &other), ["0: no line `Trustpoint SLA-TrustPoint:`"]);
    let on_prem = status("Type: cslu\n  Cslu address: https://ssm.example.com/cslu/v1/pi/lab-1", " <none>");
    let section = "crypto pki trustpoint SLA-TrustPoint\n enrollment pkcs12\n revocation-check crl\n hash sha256\n";
    let outputs = [
        ("show license status", on_prem.as_str()),
        ("show crypto pki trustpoints status", points),
        ("show running-config | section ^crypto pki trustpoint SLA-TrustPoint", section),
    ];
    assert_eq!(evidence("trustpoint-revocation-check", &outputs), ["3: revocation-check crl"]);
}

#[test]
fn a_message_s_last_line() {
    let failed = "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart";
    let log = format!(
        "*Jan  4 10:00:00: {failed} License Utility (CSLU) : no route\n*Jan  4 11:00:00: {failed} Software Manager (CSSM) : no name\n\
         *Jan  4 12:00:00: {failed} License Utility (CSLU) : no route\n*Jan  4 13:00:00: {failed} Software Manager (CSSM) : timeout\n"
    );
    let clock = ("show clock", "10:00:00.000 UTC Mon Jan 5 2032\n");
    let direct = status("Type: Smart", " <none>");
    let version = "Cisco IOS XE Software, Version 17.12.4\nsw1 uptime is 5 weeks, 3 days\n";
    let found = evidence(
        "logged-comm-failed",
        &[("show version", version), ("show license status", &direct), ("show logging", &log), clock],
    );
    let cslu = format!("3: *Jan  4 12:00:00: {failed} License Utility (CSLU) : no route");
    let cssm = format!("4: *Jan  4 13:00:00: {failed} Software Manager (CSSM) : timeout");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&cslu) && found.contains(&cssm), "{found:?}");
}

#[test]
fn what_is_not_configured_has_no_line() {
    let configuration = ("show running-config", "hostname sw1\n");
    let ntp = ("show ntp status", "Clock is unsynchronized, stratum 16, no reference clock\n");
    assert_eq!(evidence("ntp-server-missing", &[configuration, ntp]), ["0: no line `ntp server`"]);
    let mut device = Device::named("sw1");
    device.expect.topology = Some(Topology::CsluPush);
    let undiscovered = status("Type: cslu\n  Cslu address: <empty>", " <none>");
    let outputs = [("show license status", undiscovered.as_str()), configuration];
    assert_eq!(evidence_of(device.clone(), "dns-domain-missing", &outputs), ["0: no line `ip domain name`"]);
    assert_eq!(evidence_of(device.clone(), "dns-server-missing", &outputs), ["0: no line `ip name-server`"]);
    // `show hosts` has a line that says it.
    let hosts = (
        "show hosts",
        "Default domain is not set\nName servers are 255.255.255.255\nNAME  TTL  CLASS   TYPE      DATA/ADDRESS\n",
    );
    let outputs = [("show license status", undiscovered.as_str()), hosts];
    assert_eq!(evidence_of(device, "dns-domain-missing", &outputs), ["1: Default domain is not set"]);
}
