//! Licence outputs in every form, one test a trap. The outputs in `tests/commands/` are invented, in the form that devices print.

use std::time::Duration;

use slaudit::fact::{Fact, Unknown};
use slaudit::facts::{Facts, TransportType};
use slaudit::inventory::Device;
use slaudit::reading::{Reading, read};
use slaudit::transcript::{Cut, Exchange, Reply, Transcript};

const STACK: &str = include_str!("commands/show_license_tech_support/stack.txt");
const STANDALONE: &str = include_str!("commands/show_license_tech_support/standalone.txt");
const VALIDITY: &str = include_str!("commands/show_license_status/validity.txt");
const EXPORT: &str = include_str!("commands/show_license_usage/export.txt");
const BEFORE_SLP: &str = include_str!("commands/show_license_all/before_slp.txt");

fn read_reply(command: &str, reply: Reply) -> Reading {
    let exchange = Exchange { command: command.to_owned(), sent_at: None, took: Duration::ZERO, reply };
    read(&Transcript { device: Device::named("sw1"), exchanges: vec![exchange], hostname: None })
}

fn reading(command: &str, text: &str) -> Reading {
    read_reply(command, Reply::Output(text.to_owned()))
}

fn support(text: &str) -> Facts {
    let reading = reading("show license tech support", text);
    assert_eq!(reading.unparsed, []);
    reading.facts
}

fn text(fact: &Fact<Option<String>>) -> Option<&str> {
    fact.value().and_then(|value| value.as_deref())
}

#[test]
fn an_account_s_name_may_hold_the_words_before_its_date() {
    let facts = support(STACK);
    assert_eq!(text(&facts.smart_account), Some("Example As of Yesterday"));
    assert_eq!(text(&facts.virtual_account), Some("Lab: East"));
    let as_of = facts.account_as_of.value().expect("known").as_ref().expect("a time");
    assert_eq!(as_of.text, "Feb 02 10:00:00 2031 CET");
}

#[test]
fn transport_with_a_proxy() {
    let facts = support(STACK);
    assert_eq!(facts.transport_type.value(), Some(&TransportType::Smart));
    assert_eq!(text(&facts.transport_url), Some("https://smartreceiver.cisco.com/licservice/license"));
    assert_eq!((text(&facts.proxy_address), facts.proxy_port.value()), (Some("proxy.example.net"), Some(&Some(3128))));
    assert_eq!(text(&facts.transport_vrf), Some("Mgmt-vrf"));
    assert_eq!(facts.cslu_address, Fact::Unknown(Unknown::Absent));
}

#[test]
fn a_proxy_that_is_not_configured_and_an_empty_address_are_known() {
    let facts = support(STANDALONE);
    assert_eq!(facts.cslu_address.value(), Some(&Some(String::new())));
    assert_eq!((facts.proxy_address.value(), facts.proxy_port.value()), (Some(&None), Some(&None)));
    assert_eq!(facts.server_identity_check.value(), Some(&false));
    // Agent 5.1 prints neither accounts nor a VRF.
    assert_eq!(facts.smart_account, Fact::Unknown(Unknown::Absent));
    assert_eq!(facts.transport_vrf, Fact::Unknown(Unknown::Absent));
}

#[test]
fn numbers_with_something_behind_them() {
    let facts = support(STACK);
    assert_eq!(facts.push_interval_days.value(), Some(&30));
    assert_eq!(facts.rum_waiting_for_ack.value(), Some(&349));
    assert_eq!((facts.rum_total.value(), facts.rum_available_to_report.value()), (Some(&70), Some(&12)));
    assert_eq!((facts.rum_unacknowledged.value(), facts.rum_in_storage.value()), (Some(&349), Some(&30)));
    assert_eq!(facts.min_reporting_frequency_days.value(), Some(&Some(30)));
    assert_eq!(support(STANDALONE).push_interval_days.value(), Some(&0));
    assert_eq!(support(STANDALONE).ack_required.value(), Some(&false));
}

#[test]
fn a_report_without_an_ack_is_counted_once() {
    let all = |summary: &str| {
        let text =
            format!("Smart Licensing Using Policy:\n  Status: ENABLED\n{END}\nUsage Report Summary:\n=====\n{summary}");
        reading("show license all", &text).facts
    };
    // Outputs without the number in parentheses count those that wait and those not yet sent apart.
    let facts = all(
        "Total: 9,  Purged: 0\nTotal Acknowledged Received: 5,  Waiting for Ack: 3\nAvailable to Report: 1  Collecting Data: 1\n",
    );
    assert_eq!((facts.rum_unacknowledged.value(), facts.rum_waiting_for_ack.value()), (Some(&4), Some(&3)));
    assert_eq!(facts.rum_unacknowledged.evidence().map(|at| at.text.contains("Waiting for Ack: 3")), Some(true));
    let facts = all("Total: 9,  Purged: 0\nTotal Acknowledged Received: 5,  Waiting for Ack: 3\n");
    assert_eq!(facts.rum_unacknowledged, Fact::Unknown(Unknown::Absent), "half of the sum is no sum");
}

#[test]
fn usage_reporting_has_two_meanings() {
    let facts = support(STACK);
    let deadline = facts.next_ack_deadline.value().expect("known").as_ref().expect("a time");
    assert_eq!(deadline.text, "Apr 03 10:00:10 2031 CET");
    let channels = facts.communication.value().expect("channels");
    assert_eq!(channels.len(), 10);
    assert_eq!(channels[2].channel, "usage_reporting");
    // The same where the title between them was lost.
    let lost = STACK.replace("Communication Statistics:\n=======================\n", "");
    let reading = reading("show license tech support", &lost);
    let channels = reading.facts.communication.value().expect("channels");
    assert_eq!((channels.len(), channels[2].ongoing_overall), (10, 3));
    assert_eq!(reading.facts.next_ack_deadline.value(), facts.next_ack_deadline.value());
}

#[test]
fn channels_with_responses_of_every_kind() {
    let facts = support(STACK);
    let channels = facts.communication.value().expect("channels");
    let usage = &channels[2];
    assert_eq!(usage.last_response.as_deref(), Some("INVALID STATUS CODE"));
    assert_eq!(
        usage.failure_reason.as_deref(),
        Some(r#"{"id":["The identity is not valid.Please re-register: again."]}"#)
    );
    assert_eq!((usage.ongoing_overall, usage.ongoing_communication), (3, 0));
    assert!(usage.last_response_at.is_some() && usage.last_failure.is_some());
    assert_eq!(channels[0].failure_reason, None);
    assert_eq!(channels[1].last_response, None);
    assert_eq!(channels[4].last_response.as_deref(), Some("NO DATA TO PROCESS"));
    assert_eq!(channels[4].last_response_at, None);
    assert!(usage.counters.starts_with("Attempts: Total=5"));
}

#[test]
fn a_reason_that_a_narrow_terminal_wrapped_is_one_text() {
    let wrapped = STACK.replace("Please re-register: again.", "Please\nre-register again.");
    let facts = support(&wrapped);
    let channels = facts.communication.value().expect("channels");
    assert_eq!(
        channels[2].failure_reason.as_deref(),
        Some(r#"{"id":["The identity is not valid.Please re-register again."]}"#)
    );
}

#[test]
fn the_trust_block_beats_other_info_and_names_each_unit() {
    let facts = support(STACK);
    let codes = facts.trust_codes.value().expect("trust codes");
    let roles: Vec<_> = codes.iter().map(|code| (code.role.as_str(), code.serial.as_str())).collect();
    assert_eq!(roles, [("active", "XYZ0000A001"), ("standby", "XYZ0000A002")]);
    assert!(codes[0].installed.is_some());
    assert_eq!(facts.udis.value().map(Vec::len), Some(3));
}

#[test]
fn without_the_block_other_info_tells_which_units_have_a_code() {
    let start = STACK.find("Trust Code Installed:").expect("a block");
    let end = STACK.find("License Usage\n").expect("the next part");
    let facts = support(&format!("{}{}", &STACK[..start], &STACK[end..]));
    let codes = facts.trust_codes.value().expect("trust codes");
    assert_eq!(codes.iter().map(|code| code.role.as_str()).collect::<Vec<_>>(), ["active", "standby"]);
    assert!(codes.iter().all(|code| code.installed.is_none()));
    assert_eq!(support(STANDALONE).trust_codes.value(), Some(&Vec::new()));
}

#[test]
fn two_units_of_one_serial_number_stay_two() {
    let same = STACK.replace("XYZ0000A002", "XYZ0000A001");
    let facts = support(&same);
    assert_eq!(facts.trust_codes.value().map(Vec::len), Some(2));
    assert_eq!(facts.udis.value().map(|udis| udis[1].role.clone()).as_deref(), Some("standby"));
}

#[test]
fn trust_codes_with_a_validity() {
    let reading = reading("show license status", VALIDITY);
    assert_eq!(reading.unparsed, []);
    let codes = reading.facts.trust_codes.value().expect("trust codes");
    assert_eq!((codes[0].kind.as_deref(), codes[1].kind.as_deref()), (Some("CSSM"), Some("OnPrem")));
    assert_eq!(codes[0].expires.as_ref().map(|time| time.text.as_str()), Some("Jan 02 09:55:00 2039 CET"));
    // 1970 is "never".
    assert_eq!(codes[1].expires, None);
}

#[test]
fn a_trust_code_of_one_date_is_the_device_s_own() {
    let status = "Smart Licensing Using Policy:\n  Status: ENABLED\nTrust Code Installed: Aug 03 09:02:50 2031 est\n";
    let facts = reading("show license status", status).facts;
    let codes = facts.trust_codes.value().expect("trust codes");
    assert_eq!((codes.len(), codes[0].role.as_str()), (1, "standalone"));
    let facts =
        reading("show license all", &format!("{status}Product Information\n===\nUDI: PID:LAB,SN:X1\n{END}")).facts;
    assert_eq!(facts.trust_codes.value().map(|codes| codes[0].serial.clone()).as_deref(), Some("X1"));
}

const END: &str = "Agent Version\n=====\nSmart Agent for Licensing: 5.5.1\n";

#[test]
fn a_unit_whose_line_cannot_be_read_is_not_one_without_a_code() {
    let torn = STACK.replace(
        "    INSTALLED on Jan 02 10:00:01 2031 CET\n",
        "    INSTALLED on Jan*Feb  3 09:00:00.1: %SYS-5-CONFIG_I: Configured\n 02 10:00:01 2031 CET\n",
    );
    let facts = reading("show license tech support", &torn).facts;
    assert!(matches!(facts.trust_codes, Fact::Unknown(Unknown::Unparsed(_))), "{:?}", facts.trust_codes);
    let bare =
        reading("show license status", "Smart Licensing Using Policy:\n  Status: ENABLED\nTrust Code Installed:\n")
            .facts;
    assert!(!bare.trust_codes.is_known());
}

#[test]
fn the_agent_s_own_state() {
    let facts = support(STACK);
    assert_eq!(facts.overall_state.value().map(String::as_str), Some(""));
    assert_eq!(facts.overall_trust.value().map(String::as_str), Some("INSTALLED (2)"));
    assert_eq!(facts.ntp_synchronized.value(), Some(&true), "the agent's line, not the mark of the header");
    assert_eq!(facts.device_time.value().map(|time| time.text.as_str()), Some("Feb 03 09:00:00 2031 CET"));
    assert_eq!(facts.send_rum_expired.value(), Some(&false));
    let facts = support(STANDALONE);
    assert_eq!(facts.overall_state.value().map(String::as_str), Some("Insufficient trust for direct communication"));
    let expired = STACK
        .replace("RUM reports: Mar 04 08:10:00 2031 CET (28 days", "RUM reports: Expired Not Rescheduled (28 days");
    assert_eq!(support(&expired).send_rum_expired.value(), Some(&true));
}

#[test]
fn licences_as_printed() {
    let facts = support(STACK);
    let licenses = facts.licenses.value().expect("licences");
    assert_eq!((licenses[0].status.as_str(), licenses[1].status.as_str()), ("IN USE", "NOT IN USE"));
    let reading = reading("show license usage", EXPORT);
    assert_eq!(reading.unparsed, []);
    let licenses = reading.facts.licenses.value().expect("licences");
    assert_eq!((licenses[1].name.as_str(), licenses[1].status.as_str()), ("hseck9", "NOT AUTHORIZED"));
    assert_eq!(licenses[1].enforcement.as_deref(), Some("EXPORT RESTRICTED"));
}

#[test]
fn smart_licensing_before_slp() {
    let reading = reading("show license all", BEFORE_SLP);
    assert_eq!(reading.unparsed, []);
    let facts = &reading.facts;
    assert_eq!(facts.slp_enabled.value(), Some(&false));
    assert_eq!(text(&facts.registration_status), Some("UNREGISTERED - REGISTRATION EXPIRED"));
    assert_eq!(text(&facts.authorization_status), Some("OUT OF COMPLIANCE"));
    assert!(text(&facts.registration_last_attempt).is_some_and(|attempt| attempt.starts_with("FAILED on")));
    assert_eq!((text(&facts.smart_account), text(&facts.virtual_account)), (Some("Example, Inc."), Some("Lab")));
    // The year stands before the time on ASA.
    let expires = facts.registration_expires.value().expect("known").as_ref().expect("a time");
    assert_eq!(expires.local.to_string(), "2031-01-05T12:00:00");
    assert_eq!(facts.licenses.value().map(|list| list[0].name.clone()).as_deref(), Some("Lab Standard - 1G"));
}

#[test]
fn a_part_of_a_later_release_is_a_number_and_changes_nothing() {
    let with = |block: &str| STACK.replace("Miscellaneous:", &format!("{block}Miscellaneous:"));
    for block in [
        "Quantum Licensing:\n  Status: DISABLED\n  Type: cslu\n\n",
        "Quantum Licensing\n=================\nType: cslu\nStatus: DISABLED\n\n",
    ] {
        let reading = reading("show license tech support", &with(block));
        assert_eq!(reading.unparsed.len(), 3, "{block}");
        assert_eq!(reading.facts.transport_type.value(), Some(&TransportType::Smart));
    }
    // A line, and a block inside a block, after which the block goes on.
    let inner =
        STACK.replace("  Server Identity Check:", "  Tunnel:\n    Address: 192.0.2.1\n  Server Identity Check:");
    let inner = inner.replace("  Proxy:\n", "  Speed: fast\n  Proxy:\n");
    let reading = reading("show license tech support", &inner);
    assert_eq!(reading.unparsed.len(), 3);
    assert_eq!(text(&reading.facts.proxy_address), Some("proxy.example.net"));
    assert_eq!(reading.facts.server_identity_check.value(), Some(&true));
    assert_eq!(text(&reading.facts.transport_vrf), Some("Mgmt-vrf"));
}

#[test]
fn an_output_that_ends_early_is_incomplete_not_silent() {
    let half = &STACK[..STACK.find("Trust Sync:").expect("a channel")];
    let facts = reading("show license tech support", half).facts;
    assert_eq!(facts.communication, Fact::Unknown(Unknown::Truncated));
    assert_eq!(facts.overall_trust, Fact::Unknown(Unknown::Truncated));
    assert!(facts.last_ack.is_known());
}

#[test]
fn of_a_cut_reply_what_arrived_is_known() {
    let partial = STACK[..STACK.find("License Usage").expect("a part") + 4].to_owned();
    let facts = read_reply("show license tech support", Reply::Cut { partial, why: Cut::TimedOut }).facts;
    assert_eq!(facts.transport_type.value(), Some(&TransportType::Smart));
    assert_eq!(facts.trust_codes, Fact::Unknown(Unknown::TimedOut), "more units may have followed");
    assert_eq!(facts.communication, Fact::Unknown(Unknown::TimedOut));
    assert_eq!(facts.ntp_synchronized, Fact::Unknown(Unknown::TimedOut), "not by the mark of the header");
}

#[test]
fn what_is_no_licence_output_proves_nothing() {
    for text in ["", "\n\n", "Lorem ipsum\ndolor: sit\n", "\u{0}\u{1}\u{fffd}\n"] {
        let reading = reading("show license tech support", text);
        reading.facts.for_each(|key, value| {
            assert!(!matches!(value, Ok(_) | Err(Unknown::Absent)), "{key} in {text:?}");
        });
        assert!(!reading.licence_readable);
    }
}

#[test]
fn counters_that_a_narrow_terminal_wrapped() {
    let wrapped =
        STACK.replace("Ongoing Failure: Overall=3 Communication=0", "Ongoing Failure: Overall=3 Communica\ntion=0");
    let facts = support(&wrapped);
    let channels = facts.communication.value().expect("channels");
    assert_eq!((channels.len(), channels[2].ongoing_overall, channels[2].ongoing_communication), (10, 3, 0));
    // Within a number, too.
    let wrapped = STACK.replace("Overall=3 Communication=0", "Overall=3 Communication=1\n2");
    let facts = support(&wrapped);
    assert_eq!(facts.communication.value().map(|channels| channels[2].ongoing_communication), Some(12));
}

#[test]
fn counters_that_cannot_be_read_leave_all_channels_unknown() {
    let broken = STACK.replace("Overall=3 Communication=0", "Overall=many");
    let reading = reading("show license tech support", &broken);
    assert!(matches!(reading.facts.communication, Fact::Unknown(Unknown::Unparsed(_))));
}

#[test]
fn nx_os_spells_lines_its_own_way() {
    let status = "Smart Licensing using Policy:\n  Status: ENABLED\nData Privacy:\n  Sending Hostname: yes\n    Callhome Hostname Privacy: DISABLED\n\
                  Transport:\n  Type: CSLU\n  Cslu address: cslu-local\nPolicy:\n  Policy in use: Merged from multiple sources.\n\
                  Reporting ACK required: Yes\n  Unenforced/Non-Export:\n    First report requirement (days): 90 (CISCO default)\n\
                  Ongoing reporting frequency (days): 365 (CISCO default)\nUsage reporting:\n  Last ACK received: <none>\n\
                  Reporting Push Interval: 30 days\n  Next Report push: Jan 02 10:00:00 2031 UTC\nTrust Code installed: <none>\n";
    let reading = reading("show license status", status);
    assert_eq!(reading.unparsed, []);
    let facts = &reading.facts;
    assert_eq!(facts.slp_enabled.value(), Some(&true));
    assert_eq!(facts.transport_type.value(), Some(&TransportType::Cslu));
    assert_eq!(facts.push_interval_days.value(), Some(&30));
    assert_eq!(facts.min_reporting_frequency_days.value(), Some(&Some(365)));
    assert!(facts.next_push.is_known() && facts.trust_codes.value().is_some_and(Vec::is_empty));
}

#[test]
fn an_installed_authorization_code_with_its_text() {
    let tech = STACK.replacen(
        "      Reservation status: NOT INSTALLED\n",
        "      Reservation status: SMART AUTHORIZATION INSTALLED on Jan 03 10:00:00 2031 CET\n",
        1,
    );
    let tech = tech.replacen("      Reservation authorization code: <none>\n", "      Reservation authorization code:\n<smartLicenseAuthorization><udi>P:LAB-48X,S:XYZ0000A001</udi></smartLicenseAuthorization>\n", 1);
    let facts = support(&tech);
    assert_eq!(facts.authorization_installed.value(), Some(&true));
    let units = facts.authorization_units.value().expect("units");
    assert_eq!(units.len(), 3);
    assert!(units[0].status.starts_with("SMART AUTHORIZATION INSTALLED"));
    assert_eq!(support(STACK).authorization_installed.value(), Some(&false));
}

#[test]
fn a_refusal_in_saved_output_is_a_refusal() {
    let text = "show license all\n             ^\n% Invalid input detected at '^' marker.\n\nsw1>\n";
    let reading = reading("show license all", text);
    assert_eq!(reading.refused, [("show license all", "% Invalid input detected at '^' marker.".to_owned())]);
    assert!(matches!(reading.facts.transport_type, Fact::Unknown(Unknown::NotPermitted(_))));
}
