//! No text of a device becomes a command.

use proptest::prelude::*;

use super::*;
use crate::fact::{Evidence, Fact};
use crate::facts::{CallHomeProfile, Channel, Facts, TransportType, Udi, Vrf};
use crate::inventory::Device;
use crate::reading::Reading;
use crate::record::{Contact, Status};
use crate::rules::RuleSet;

fn known<T>(value: T, text: &str) -> Fact<T> {
    Fact::known(value, Evidence { command: "show license tech support", line: 7, text: text.to_owned() })
}

/// A device of a transport that says `hostile` wherever it can, with trouble of every kind.
fn device(transport: TransportType, hostile: &str) -> DeviceRecord {
    let text = || known(Some(hostile.to_owned()), hostile);
    let channel = Channel {
        channel: hostile.to_owned(),
        fail: 3,
        ongoing_overall: 3,
        last_response: Some(hostile.to_owned()),
        failure_reason: Some(hostile.to_owned()),
        ..Channel::default()
    };
    let facts = Facts {
        slp_enabled: known(true, hostile),
        transport_type: known(transport, hostile),
        transport_url: text(),
        cslu_address: text(),
        transport_vrf: text(),
        call_home_enabled: known(false, hostile),
        call_home_profiles: known(
            vec![CallHomeProfile {
                name: hostile.to_owned(),
                urls: vec![hostile.to_owned()],
                ..CallHomeProfile::default()
            }],
            hostile,
        ),
        http_source_interface: text(),
        interfaces: known(Vec::new(), hostile),
        vrfs: known(vec![Vrf { name: hostile.to_owned(), interfaces: vec![hostile.to_owned()] }], hostile),
        dns_servers: known(Vec::new(), hostile),
        dns_hosts: known(Vec::new(), hostile),
        ntp_servers: known(vec![hostile.to_owned()], hostile),
        ntp_synchronized: known(false, hostile),
        trust_codes: known(Vec::new(), hostile),
        udis: known(
            vec![Udi { role: hostile.to_owned(), pid: hostile.to_owned(), serial: hostile.to_owned() }],
            hostile,
        ),
        last_ack: known(None, hostile),
        communication: known(vec![channel], hostile),
        server_identity_check: known(false, hostile),
        os_version: known(hostile.to_owned(), hostile),
        ..Facts::default()
    };
    let mut device = Device::named(hostile);
    device.expect.url = Some(hostile.to_owned());
    device.expect.virtual_account = Some(hostile.to_owned());
    let judgement = rules::judge(&facts, &device, &RuleSet::default());
    DeviceRecord {
        device,
        status: Status::Audited,
        detail: String::new(),
        reading: Reading { facts, ..Reading::default() },
        judgement,
        contact: Contact::default(),
    }
}

/// Every line is a comment, empty, or a command of the closed list.
fn is_harmless(text: &str) -> Result<(), String> {
    for line in text.split(['\n', '\r']) {
        let allowed = |mode| Command { mode, line: line.to_owned().into(), shows: "".into() }.is_allowed();
        if !line.is_empty() && !line.starts_with('!') && !allowed(Mode::Configure) && !allowed(Mode::Exec) {
            return Err(line.to_owned());
        }
        if line.chars().any(char::is_control) {
            return Err(format!("a control character in {line:?}"));
        }
    }
    Ok(())
}

#[test]
fn a_hostile_reason_stays_in_its_comment() {
    let hostile =
        "no reply\nreload\r\nwrite erase\u{85}license smart factory reset\u{2028}\u{1b}[2Jdelete /force bootflash:";
    for transport in TransportType::ALL {
        let page = page(&device(*transport, hostile), hostile).expect("a file");
        assert_eq!(is_harmless(&page.text), Ok(()), "{}", page.text);
        assert!(page.text.contains("no reply | reload | write erase"), "{}", page.text);
        let commands = page.text.lines().filter(|line| !line.starts_with('!')).collect::<Vec<_>>().join("\n");
        assert!(!commands.contains("reload") && !commands.contains("erase"), "{commands}");
    }
}

#[test]
fn nothing_to_do_means_no_file() {
    let mut record = device(TransportType::Smart, "x");
    record.judgement.findings.retain(|finding| finding.problem.severity == Severity::Info);
    assert_eq!(page(&record, "run"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_becomes_a_command(
        hostile in "(\n|\r|!|reload|write erase|no ip|end|https://|/cslu/v1/pi| |\\?|;|\"|\u{85}|\u{2028}|\u{1b}\\[|\\PC|\\x08){0,12}",
        transport in proptest::sample::select(TransportType::ALL),
    ) {
        if let Some(page) = page(&device(transport, &hostile), &hostile) {
            prop_assert_eq!(is_harmless(&page.text), Ok(()));
        }
    }
}
