//! How a channel of communication fails: its class, and how it is shown.

use crate::fact::Evidence;
use crate::facts::Channel;
use crate::failure::FailureClass;
use crate::rules::Subject;

pub(super) use crate::failure::{class as class_of, is, names_clock};

/// The class of a channel's present failure; `None` where its words say nothing.
pub(super) fn class(channel: &Channel) -> Option<FailureClass> {
    let by_reason = channel.failure_reason.as_deref().and_then(class_of);
    by_reason.or_else(|| channel.last_response.as_deref().and_then(class_of))
}

impl<'a> Subject<'a> {
    /// The channels that are known to fail now.
    pub(super) fn failing(self) -> impl Iterator<Item = &'a Channel> {
        self.facts.communication.value().into_iter().flatten().filter(|channel| channel.ongoing_overall > 0)
    }

    /// The channel of a name, where it is printed.
    pub(super) fn channel(self, name: &str) -> Option<&'a Channel> {
        self.facts.communication.value()?.iter().find(|channel| channel.channel == name)
    }

    /// True where a channel that fails now names what a wrong clock breaks.
    pub(super) fn any_names_clock(self) -> bool {
        self.failing().any(|channel| channel.failure_reason.as_deref().is_some_and(names_clock))
    }

    /// The line of the counters of a channel.
    pub(super) fn evidence(self, channel: &Channel) -> Option<Evidence> {
        let all = self.facts.communication.evidence()?;
        if channel.line == 0 {
            return Some(all.clone());
        }
        Some(Evidence { command: all.command, line: channel.line, text: channel.counters.trim().to_owned() })
    }

    /// The line of the reason of a channel, where there is one, else that of its counters.
    pub(super) fn reason_line(self, channel: &Channel) -> Option<Evidence> {
        match channel.failure_reason {
            Some(_) => self.facts.proof("communication", &self.facts.communication, channel, "reason"),
            None => self.evidence(channel),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_counts_before_the_response() {
        let cases = [
            ("404 host not found", "NO REPLY", Some(FailureClass::Http)),
            ("", "NO REPLY", Some(FailureClass::Timeout)),
            ("", "INVALID STATUS CODE", Some(FailureClass::Http)),
            ("", "BUILD REQUEST ERROR", None),
            ("", "OK", None),
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
