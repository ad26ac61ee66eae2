//! Why a channel of communication fails, in the device's own words: the class of a failure, and how it is shown.

use crate::fact::Evidence;
use crate::facts::{Channel, Facts};
use crate::finding::FailureClass;

/// Words of a `Failure Reason:` and the class they mean, the most telling first. Lower case.
///
/// The texts were seen on devices, in their logs, or stand in the guide.
const REASONS: &[(&str, FailureClass)] = &[
    // TLS that compares the name in a certificate, not the identity of the device.
    ("server identity", FailureClass::Tls),
    // {"product_instance_identifier":["The identity for the instance ... is not valid.Please re-register the instance."]}
    ("identity", FailureClass::Identity),
    ("re-register", FailureClass::Identity),
    ("register again", FailureClass::Identity),
    // "404 host not found" is an answer of a server: it must be tried before the names of hosts.
    ("404", FailureClass::Http),
    ("empty response", FailureClass::Http),
    ("status code", FailureClass::Http),
    ("transport is disabled", FailureClass::Http),
    ("unable to resolve", FailureClass::Dns),
    ("resolve", FailureClass::Dns),
    ("unknown host", FailureClass::Dns),
    ("host not found", FailureClass::Dns),
    ("dns", FailureClass::Dns),
    ("tls", FailureClass::Tls),
    ("ssl", FailureClass::Tls),
    ("handshake", FailureClass::Tls),
    ("certificate", FailureClass::Tls),
    ("refused", FailureClass::Refused),
    ("timed out", FailureClass::Timeout),
    ("timeout", FailureClass::Timeout),
    ("unreachable", FailureClass::Timeout),
    ("not reachable", FailureClass::Timeout),
    ("no route", FailureClass::Timeout),
    ("no reply", FailureClass::Timeout),
    ("communications failure", FailureClass::Timeout),
    ("communications init failure", FailureClass::Timeout),
    ("server error", FailureClass::Server),
    ("null pointer", FailureClass::Server),
    ("signature", FailureClass::Server),
    ("timestamp", FailureClass::Server),
    ("mismatch", FailureClass::Server),
    ("not enough", FailureClass::Server),
];

/// Values of `Last Response:` and their class, for a channel that gives no reason.
const RESPONSES: &[(&str, FailureClass)] =
    &[("no reply", FailureClass::Timeout), ("invalid status code", FailureClass::Http)];

/// The class of a channel's present failure; `None` where its words say nothing.
pub(super) fn class(channel: &Channel) -> Option<FailureClass> {
    let by_reason = channel.failure_reason.as_deref().and_then(class_of);
    by_reason.or_else(|| first(RESPONSES, channel.last_response.as_deref()?))
}

/// The class of a reason, of a channel or of a logged message.
pub(super) fn class_of(reason: &str) -> Option<FailureClass> {
    first(REASONS, reason)
}

fn first(table: &[(&str, FailureClass)], text: &str) -> Option<FailureClass> {
    let text = text.to_lowercase();
    table.iter().find(|(words, _)| text.contains(words)).map(|(_, class)| *class)
}

/// True where a reason names what a wrong clock breaks: a signature, a time stamp, a certificate.
pub(super) fn names_clock(reason: &str) -> bool {
    let reason = reason.to_lowercase();
    ["signature", "timestamp", "time stamp", "time-stamp", "certificate"].iter().any(|word| reason.contains(word))
}

/// True where a channel that fails now names what a wrong clock breaks.
pub(super) fn any_names_clock(facts: &Facts) -> bool {
    failing(facts).any(|channel| channel.failure_reason.as_deref().is_some_and(names_clock))
}

/// The channels that are known to fail now.
pub(super) fn failing(facts: &Facts) -> impl Iterator<Item = &Channel> {
    facts.communication.value().into_iter().flatten().filter(|channel| channel.ongoing_overall > 0)
}

/// True where the agent could not even make its last request (`BUILD REQUEST ERROR`): no counter of failures goes up then.
pub(super) fn was_not_built(channel: &Channel) -> bool {
    let says_so = channel.last_response.as_deref().is_some_and(|words| words.to_uppercase().contains("REQUEST ERROR"));
    let cured = match (&channel.last_success, &channel.last_failure) {
        (Some(success), Some(failure)) => failure.seconds_until(success) > 0,
        _ => false,
    };
    says_so && !cured && channel.ongoing_overall == 0
}

/// The channel of a name, where it is printed.
pub(super) fn channel<'a>(facts: &'a Facts, name: &str) -> Option<&'a Channel> {
    facts.communication.value()?.iter().find(|channel| channel.channel == name)
}

/// The last response and its reason: `BUILD REQUEST ERROR, Null pointer Error`.
pub(super) fn described_response(channel: &Channel) -> String {
    let words = [&channel.last_response, &channel.failure_reason];
    words.into_iter().flatten().map(|words| words.trim()).collect::<Vec<_>>().join(", ")
}

/// A channel's failure in one line: `30 failures since the last success, NO REPLY`.
pub(super) fn described(channel: &Channel) -> String {
    let failures = if channel.ongoing_overall == 1 { "failure" } else { "failures" };
    let since = if channel.success == 0 { "and never a success" } else { "since the last success" };
    let response = described_response(channel);
    let comma = if response.is_empty() { "" } else { ", " };
    format!("{} {failures} {since}{comma}{response}", channel.ongoing_overall)
}

/// The line of the counters.
pub(super) fn evidence(channel: &Channel, facts: &Facts) -> Option<Evidence> {
    let all = facts.communication.evidence()?;
    if channel.line == 0 {
        return Some(all.clone());
    }
    Some(Evidence { command: all.command, line: channel.line, text: channel.counters.trim().to_owned() })
}

/// The line of the reason, where there is one, else that of the counters.
pub(super) fn reason_line(channel: &Channel, facts: &Facts) -> Option<Evidence> {
    match channel.failure_reason {
        Some(_) => facts.proof("communication", &facts.communication, channel, "reason"),
        None => evidence(channel, facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_by_reason_then_by_response() {
        let cases = [
            ("Unable to resolve server hostname/domain name", "NO REPLY", Some(FailureClass::Dns)),
            ("404 host not found", "", Some(FailureClass::Http)),
            ("Received empty response from server", "", Some(FailureClass::Http)),
            (
                r#"{"id":["The identity for the instance x is not valid."]}"#,
                "INVALID STATUS CODE",
                Some(FailureClass::Identity),
            ),
            ("TLS handshake failed", "", Some(FailureClass::Tls)),
            ("Connection refused", "", Some(FailureClass::Refused)),
            ("Server error occurred: LS_LICENGINE_FAIL_TO_CONNECT", "NO REPLY", Some(FailureClass::Server)),
            ("", "NO REPLY", Some(FailureClass::Timeout)),
            ("", "INVALID STATUS CODE", Some(FailureClass::Http)),
            ("", "BUILD REQUEST ERROR", None),
        ];
        for (reason, response, expected) in cases {
            let channel = Channel {
                failure_reason: Some(reason.to_owned()),
                last_response: Some(response.to_owned()),
                ..Channel::default()
            };
            assert_eq!(class(&channel), expected, "{reason} / {response}");
        }
    }
}
