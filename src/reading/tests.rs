//! What is asked in which situation, and which answer wins.

use super::*;
use crate::inventory::{Expectations, Topology};

fn exchange(command: &str, reply: Reply) -> Exchange {
    Exchange { command: command.to_owned(), sent_at: None, took: Duration::ZERO, reply }
}

fn output(command: &str, text: &str) -> Exchange {
    exchange(command, Reply::Output(text.to_owned()))
}

fn refused(command: &str) -> Exchange {
    exchange(command, Reply::Refused("% Invalid input detected at '^' marker.".to_owned()))
}

/// Asks a device that answers by `replies`, and gives back what it was asked.
fn interview(device: &Device, replies: &[(&str, &str)]) -> (Vec<String>, Reading) {
    let mut reader = Reader::default();
    let mut asked = Vec::new();
    while let Some(question) = reader.next_question(device) {
        let sends = question.text();
        asked.push(sends.to_owned());
        assert!(asked.len() <= ALL.len(), "asked without end: {asked:?}");
        let reply = replies.iter().find(|(name, _)| sends.starts_with(name));
        reader.add(&match reply {
            Some((_, text)) => output(sends, text),
            None => refused(sends),
        });
    }
    (asked, reader.finish(device, None))
}

fn has(asked: &[String], sends: &str) -> bool {
    asked.iter().any(|one| one == sends)
}

const VERSION: (&str, &str) = ("show version", "Cisco IOS XE Software, Version 17.09.04\n");
const CONFIGURATION: (&str, &str) = ("show running-config | include", "hostname sw1\n");
const LOGGING: (&str, &str) = ("show logging", "Buffer logging:  level debugging\n");
const CLOCK: (&str, &str) = ("show clock", "10:00:00.000 UTC Mon Nov 24 2025\n");

fn support(transport: &str, overall: u8) -> String {
    format!(
        "Smart Licensing Using Policy:\n Status: ENABLED\nTransport:\n  {transport}\nUsage Reporting:\n  Last ACK received: <none>\n\
         Communication Statistics:\nTrust Establishment:\n  Attempts: Total=1, Success=0, Fail=1  Ongoing Failure: \
         Overall={overall} Communication=0\nOther Info\n=====\nOverall Trust: No ID\nClock sync-ed with NTP: True\n"
    )
}

#[test]
fn a_healthy_direct_device_is_asked_little() {
    let support = support("Type: Smart", 0);
    let replies = [
        VERSION,
        CONFIGURATION,
        LOGGING,
        CLOCK,
        ("show license tech support", support.as_str()),
        ("show crypto pki trustpoints status", "Trustpoint SLA-TrustPoint:\n"),
        ("show running-config | section", "crypto pki trustpoint SLA-TrustPoint\n revocation-check crl\n"),
    ];
    let (asked, reading) = interview(&Device::named("sw1"), &replies);
    let short: Vec<_> = asked.iter().map(|sends| sends.split(" | ").next().unwrap_or_default()).collect();
    assert_eq!(
        short,
        [
            "show version",
            "show license tech support",
            "show running-config",
            "show logging",
            "show clock",
            "show crypto pki trustpoints status",
            "show running-config"
        ]
    );
    assert_eq!(reading.facts.transport_type.value(), Some(&TransportType::Smart));
    let trustpoints = reading.facts.trustpoints.value().expect("trustpoints");
    assert_eq!(trustpoints[0].revocation_check.as_deref(), Some("crl"));
    assert!(reading.licence_readable && reading.refused.is_empty());
}

#[test]
fn a_device_that_refuses_everything_is_asked_down_the_ladder() {
    let (asked, reading) = interview(&Device::named("sw1"), &[VERSION]);
    for sends in [
        "show license all",
        "show license status",
        "show license udi",
        "show license usage",
        "show ntp status",
        "show hosts",
        "show privilege",
    ] {
        assert!(has(&asked, sends), "{sends} not in {asked:?}");
    }
    assert!(!reading.licence_readable);
    assert!(matches!(reading.facts.transport_type, Fact::Unknown(Unknown::NotPermitted(_))));
    assert!(matches!(reading.facts.slp_enabled, Fact::Unknown(Unknown::NotPermitted(_))));
}

#[test]
fn the_shorter_command_stands_in_for_the_longer() {
    let all = "Smart Licensing Using Policy:\n  Status: ENABLED\nUsage Reporting:\n  Last ACK received: <none>\nUDI: PID:A,SN:F1\n\
               License Usage\n=====\nNo licenses in use\nProduct Information\n=====\nUDI: PID:A,SN:F1\nAgent Version\n====\nSmart Agent for Licensing: 5.5\n";
    let (asked, reading) = interview(&Device::named("sw1"), &[VERSION, ("show license all", all)]);
    assert!(!has(&asked, "show license status") && !has(&asked, "show license usage"), "{asked:?}");
    assert_eq!(reading.facts.slp_enabled.value(), Some(&true));
    assert!(matches!(reading.facts.communication, Fact::Unknown(Unknown::NotPermitted(_))));
}

#[test]
fn failures_and_topology_widen_the_questions() {
    let support = support("Type: cslu", 3);
    let mut device = Device::named("sw1");
    device.expect.topology = Some(Topology::CsluPull);
    let (asked, _) =
        interview(&device, &[VERSION, CONFIGURATION, LOGGING, CLOCK, ("show license tech support", &support)]);
    for sends in [
        "show license history message",
        "show hosts",
        "show ip interface brief",
        "show vrf",
        "show ip http server session-module",
        "show ip http server all",
    ] {
        assert!(has(&asked, sends), "{sends} not in {asked:?}");
    }
    assert!(!has(&asked, "show crypto pki trustpoints status"));
}

#[test]
fn a_ping_is_asked_with_probe_only_and_of_the_host_in_use() {
    let support = support("Type: Smart\n  URL: https://ssm.example.com/x\n  VRF: Mgmt-vrf", 0);
    let rate = "Success rate is 0 percent (0/5)\n";
    let replies =
        [VERSION, CONFIGURATION, LOGGING, CLOCK, ("show license tech support", support.as_str()), ("ping", rate)];
    let mut device = Device::named("sw1");
    let (asked, reading) = interview(&device, &replies);
    assert!(!asked.iter().any(|line| line.starts_with("ping")), "{asked:?}");
    assert_eq!(reading.facts.probe, Fact::default());
    device.expect.probe = true;
    let (asked, reading) = interview(&device, &replies);
    assert_eq!(
        asked.iter().filter(|line| line.starts_with("ping")).collect::<Vec<_>>(),
        ["ping vrf Mgmt-vrf ssm.example.com"]
    );
    assert_eq!(
        asked.last().map(String::as_str),
        Some("ping vrf Mgmt-vrf ssm.example.com"),
        "all else is known by then"
    );
    let probe = reading.facts.probe.value().expect("an outcome");
    assert_eq!((probe.host.as_str(), probe.vrf.as_deref(), probe.received), ("ssm.example.com", Some("Mgmt-vrf"), 0));
}

#[test]
fn a_device_with_nothing_to_reach_is_not_asked_to_ping() {
    let mut device = Device::named("sw1");
    device.expect.probe = true;
    for transport in
        ["Type: Transport Off", "Type: Smart\n  URL: https://a b?c/", "Type: cslu\n  Cslu address: http://ip/x"]
    {
        let support = support(transport, 0);
        let (asked, _) = interview(&device, &[VERSION, CONFIGURATION, ("show license tech support", &support)]);
        assert!(!asked.iter().any(|line| line.starts_with("ping")), "{transport}: {asked:?}");
    }
    let asks = |device: &Device, support: &str| {
        let (asked, _) = interview(device, &[VERSION, CONFIGURATION, ("show license tech support", support)]);
        asked.iter().any(|line| line.starts_with("ping"))
    };
    let smart = support("Type: Smart\n  URL: https://ssm.example.com/x", 0);
    assert!(asks(&device, &smart));
    assert!(!asks(&device, &smart.replace("Status: ENABLED", "Status: DISABLED")), "before SLP");
    device.expect.topology = Some(Topology::OnPremPull);
    assert!(!asks(&device, &smart), "its reports are fetched");
}

#[test]
fn a_refused_ping_is_unknown_and_a_ping_of_another_host_says_nothing() {
    let support = support("Type: Smart\n  URL: https://ssm.example.com/x", 0);
    let mut device = Device::named("sw1");
    device.expect.probe = true;
    let (_, reading) = interview(&device, &[VERSION, CONFIGURATION, ("show license tech support", &support)]);
    assert!(matches!(reading.facts.probe, Fact::Unknown(Unknown::NotPermitted(_))), "{:?}", reading.facts.probe);
    assert!(reading.refused.iter().any(|(command, _)| *command == "ping"));
    let read = |pings: &[&str]| {
        let mut reader = Reader::default();
        for ping in pings {
            reader.add(&output(ping, "Success rate is 100 percent (5/5)\n"));
        }
        reader.add(&output("show license tech support", &support));
        reader.add(&output("show running-config", CONFIGURATION.1));
        reader.finish(&Device::named("sw1"), None).facts.probe.value().cloned()
    };
    assert_eq!(read(&["ping 192.0.2.1"]), None);
    assert_eq!(read(&["ping vrf BLUE ssm.example.com"]), None);
    assert!(read(&["ping SSM.example.com", "ping 192.0.2.1"]).is_some(), "asked before anything else was known");
}

#[test]
fn other_systems_are_asked_what_they_have() {
    for (version, present, absent) in [
        ("Cisco Nexus Operating System (NX-OS) Software\n", "show ntp peer-status", "show license tech support"),
        ("Cisco IOS XR Software, Version 24.1.1\n", "show ntp status", "show privilege"),
        ("Cisco Adaptive Security Appliance Software Version 9.8(4)10\n", "show license all", "show running-config"),
    ] {
        let (asked, _) = interview(&Device::named("sw1"), &[("show version", version)]);
        assert!(has(&asked, present), "{present} not in {asked:?}");
        assert!(!asked.iter().any(|sends| sends.starts_with(absent)), "{absent} in {asked:?}");
    }
}

#[test]
fn the_agent_s_own_line_beats_the_mark_and_the_mark_beats_nothing() {
    let header = "Time source is NTP, .10:00:00.000 UTC Mon Nov 24 2025\n";
    let read = |exchanges: &[Exchange]| {
        let mut reader = Reader::default();
        for exchange in exchanges {
            reader.add(exchange);
        }
        reader.finish(&Device::named("sw1"), None).facts.ntp_synchronized.value().copied()
    };
    let agent = output("show license tech support", &format!("{header}{}", support("Type: Smart", 0)));
    assert_eq!(read(&[agent]), Some(true));
    assert_eq!(read(&[output("show license udi", &format!("{header}UDI: PID:A,SN:F1\n"))]), Some(false));
    // The agent's line may stand in what is missing.
    let partial = format!("{header}Transport:\n Type: Smart\n");
    assert_eq!(read(&[exchange("show license tech support", Reply::Cut { partial, why: Cut::TimedOut })]), None);
}

#[test]
fn the_clocks_are_compared_where_the_device_s_offset_is_known() {
    let offset = |text: &str| {
        let mut reader = Reader::default();
        reader.add(&Exchange {
            sent_at: "2025-11-24T10:00:00Z".parse().ok(),
            took: Duration::from_secs(2),
            ..output("show clock", text)
        });
        reader.finish(&Device::named("sw1"), None).facts.clock_offset_s.value().copied()
    };
    assert_eq!(offset("10:01:02.500 UTC Mon Nov 24 2025\n"), Some(60));
    assert_eq!(offset("09:00:02.000 GMT Mon Nov 24 2025\n"), Some(-3600));
    assert_eq!(offset("10:01:02.500 CET Mon Nov 24 2025\n"), None);
}

#[test]
fn a_refusal_proves_nothing_about_the_release() {
    let (_, reading) =
        interview(&Device::named("sw1"), &[("show version", "Cisco IOS XE Software, Version 17.09.04\n")]);
    assert!(!reading.facts.slp_enabled.is_known());
    assert!(
        reading.refused.iter().any(|(sends, words)| *sends == "show license tech support" && words.contains("Invalid"))
    );
}

#[test]
fn an_unknown_command_is_passed_over() {
    let mut reader = Reader::default();
    reader.add(&output("terminal length 0", ""));
    assert_eq!(
        reader.finish(&Device::named("sw1"), Some("sw1")).facts.hostname.value().map(String::as_str),
        Some("sw1")
    );
}

#[test]
fn name_servers_that_were_learned_are_in_no_configuration() {
    let hosts = output("show hosts", "Default domain is example.net\nName servers are 192.0.2.53\n");
    let read = |configuration: &str| {
        let mut reader = Reader::default();
        reader.add(&output(commands::CONFIGURATION, configuration));
        reader.add(&hosts);
        reader.finish(&Device::named("rtr1"), None).facts
    };
    let facts = read("hostname rtr1\n");
    assert_eq!(facts.dns_servers.value(), Some(&vec!["192.0.2.53".to_owned()]));
    assert_eq!(facts.dns_servers.evidence().map(|line| line.command), Some("show hosts"));
    assert_eq!(facts.dns_domain.value(), Some(&Some("example.net".to_owned())));
    let facts = read("hostname rtr1\nip name-server 192.0.2.1\nip domain name example.com\n");
    assert_eq!(facts.dns_servers.value(), Some(&vec!["192.0.2.1".to_owned()]), "what is configured wins");
    assert_eq!(facts.dns_domain.value(), Some(&Some("example.com".to_owned())));
}

#[test]
fn a_proxy_of_call_home_counts_under_call_home_only() {
    let host = |transport: &str, proxy: &str| {
        let mut reader = Reader::default();
        reader.add(&output("show call-home", &format!("call home feature : enable\n    http proxy: {proxy}\n")));
        let status = format!("Smart Licensing Using Policy:\n  Status: ENABLED\nTransport:\n  Type: {transport}\n");
        reader.add(&output("show license status", &status));
        let profiles = "Profile Name: CiscoTAC-1\n Profile status: ACTIVE\n Reporting Data: Smart Licensing\n";
        reader.add(&output("show call-home profile all", profiles));
        let facts = reader.finish(&Device::named("rtr1"), None).facts;
        (Reporting::new(&facts, &Expectations::default()).row().host, facts.proxy_port.value().copied())
    };
    assert_eq!(host("Callhome", "192.0.2.80:8080"), (Some("192.0.2.80".to_owned()), Some(Some(8080))));
    assert_eq!(host("Callhome", "Not yet set up"), (Some("tools.cisco.com".to_owned()), Some(None)));
    assert_eq!(host("Callhome", "in words of its own"), (None, None));
    assert_eq!(host("Smart", "192.0.2.80:8080").1, None);
}
