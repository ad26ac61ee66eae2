//! Values for the tests of rules: facts with evidence, channels, units, licences, messages.

use crate::fact::{DeviceTime, Evidence, Fact, Unknown};
use crate::facts::{AuthorizationUnit, Channel, License, LogMessage, TrustCode, Udi};

/// A fact with some line for evidence.
pub(super) fn known<T>(value: T) -> Fact<T> {
    proved(value, "a line of the device")
}

/// A fact with a line that matters.
pub(super) fn proved<T>(value: T, line: &str) -> Fact<T> {
    Fact::known(value, Evidence { command: "show license tech support", line: 7, text: line.to_owned() })
}

/// A refused command.
pub(super) fn refused<T>() -> Fact<T> {
    Fact::Unknown(Unknown::NotPermitted("% Authorization failed.".to_owned()))
}

/// A complete output without the line.
pub(super) fn absent<T>() -> Fact<T> {
    Fact::Unknown(Unknown::Absent)
}

/// Universal time of `2025-06-17 12:00`.
pub(super) fn time(text: &str) -> DeviceTime {
    let local = text.replace(' ', "T").parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    DeviceTime { text: format!("{text} UTC"), local, zone: "UTC".to_owned() }
}

/// A dated fact.
pub(super) fn dated(text: &str) -> Fact<Option<DeviceTime>> {
    known(Some(time(text)))
}

/// A text that the device prints.
pub(super) fn text(text: &str) -> Fact<Option<String>> {
    known(Some(text.to_owned()))
}

/// A channel that works: ten attempts, ten successes, the last one yesterday.
pub(super) fn channel(name: &str) -> Channel {
    Channel {
        channel: name.to_owned(),
        total: 10,
        success: 10,
        last_response: Some("OK".to_owned()),
        last_success: Some(time("2025-06-16 12:00")),
        ..Channel::default()
    }
}

/// A channel that fails now, without an answer unless the test says otherwise.
pub(super) fn failing(name: &str, response: &str, reason: &str) -> Channel {
    Channel {
        channel: name.to_owned(),
        total: 40,
        success: 10,
        fail: 30,
        ongoing_overall: 30,
        ongoing_communication: if response == "NO REPLY" { 30 } else { 0 },
        last_response: Some(response.to_owned()),
        failure_reason: (!reason.is_empty()).then(|| reason.to_owned()),
        ..Channel::default()
    }
}

/// A unit.
pub(super) fn unit(role: &str, serial: &str) -> Udi {
    Udi { role: role.to_owned(), pid: "C9300-24UX".to_owned(), serial: serial.to_owned() }
}

/// A trust code without an end.
pub(super) fn trust_code(role: &str, serial: &str) -> TrustCode {
    TrustCode {
        role: role.to_owned(),
        pid: "C9300-24UX".to_owned(),
        serial: serial.to_owned(),
        installed: Some(time("2024-06-17 12:00")),
        expires: None,
        kind: None,
    }
}

/// A licence.
pub(super) fn license(name: &str, status: &str, enforcement: &str) -> License {
    License {
        name: name.to_owned(),
        count: 1,
        status: status.to_owned(),
        enforcement: Some(enforcement.to_owned()),
        kind: Some("Perpetual".to_owned()),
    }
}

/// The authorization code of a unit.
pub(super) fn authorization(role: &str, serial: &str, status: &str) -> AuthorizationUnit {
    AuthorizationUnit {
        role: role.to_owned(),
        pid: "C9300-24UX".to_owned(),
        serial: serial.to_owned(),
        status: status.to_owned(),
    }
}

/// A message of the log.
pub(super) fn logged(mnemonic: &str, peer: Option<&str>, last: &str) -> LogMessage {
    LogMessage {
        mnemonic: mnemonic.to_owned(),
        severity: 3,
        peer_or_udi: peer.map(ToOwned::to_owned),
        text: "the text of the message".to_owned(),
        first: None,
        last: (!last.is_empty()).then(|| last.to_owned()),
        count: 1,
    }
}
