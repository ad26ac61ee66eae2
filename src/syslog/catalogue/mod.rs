//! The SMART_LIC messages: what each means, why it comes, and what to do about each reason.
//!
//! Twelve messages stand in the vendor's troubleshooting guide; the rest was seen on devices and has a line only. A message is
//! a value of [`Entry`] and one line in [`ALL`].

mod authorization;
mod communication;
mod policy;
mod reporting;
mod seen;
mod trust_code;

use crate::failure::{self, Reason};
use crate::inventory::spelled;
use crate::remedy::Template;

pub use crate::failure::Origin;

/// One message of the Smart Agent.
#[derive(Debug)]
pub struct Entry {
    /// For example `COMM_FAILED`.
    pub mnemonic: &'static str,
    /// The digit it usually has; releases differ.
    pub severity: u8,
    /// Where its meaning comes from.
    pub origin: Origin,
    /// What it reports.
    pub kind: Kind,
    /// The variable fields of its text, in their order, with what each holds.
    pub fields: &'static [(Field, &'static str)],
    /// What happened, and what follows from it.
    pub explanation: &'static str,
    /// Why it may come, by the ids of [`failure::ALL`].
    pub reasons: &'static [&'static str],
    /// What to do, by topology where that matters.
    pub actions: &'static [Action],
    /// The messages whose trouble it ends, where the peer or UDI is the same.
    pub clears: &'static [&'static str],
}

spelled! {
    /// What a message reports, whatever its digit says.
    Kind {
        /// Something failed.
        Failure = "failure",
        /// Something succeeded or recovered.
        Success = "success",
        /// Something to know, or to check that it was meant.
        Notice = "notice",
    }
}

spelled! {
    /// A variable field in the text of a message.
    Field {
        /// The server of a communication message.
        Peer = "peer",
        /// The unit, by product id and serial number.
        Udi = "udi",
        /// The device's own words about a failure.
        Reason = "reason",
        /// Days until something is due.
        Days = "days",
    }
}

impl Entry {
    /// The reason that a text of the message means: of several the most telling one.
    pub fn reason(&self, text: &str) -> Option<&'static Reason> {
        failure::reasons(text).find(|reason| self.reasons.contains(&reason.id))
    }
}

/// What to do, under one condition.
#[derive(Debug)]
pub struct Action {
    /// The topology or case; empty where there is but one.
    pub when: &'static str,
    /// Words of the peer that say that this one applies, in lower case; none where the peer does not tell.
    pub peers: &'static [&'static str],
    /// The steps, in their order.
    pub steps: &'static [&'static Template],
}

/// The one thing to do.
const fn only(steps: &'static [&'static Template]) -> Action {
    when("", steps)
}

/// What to do in one case, whatever the peer is.
const fn when(when: &'static str, steps: &'static [&'static Template]) -> Action {
    Action { when, peers: &[], steps }
}

/// Every message, those of the guide first, in its order.
pub static ALL: &[&Entry] = &[
    &policy::INSTALL_FAILED,
    &authorization::INSTALL_FAILED,
    &communication::FAILED,
    &communication::RESTORED,
    &policy::REMOVED,
    &trust_code::INSTALL_FAILED,
    &reporting::NOT_SUPPORTED,
    &policy::INSTALL_SUCCESS,
    &authorization::INSTALL_SUCCESS,
    &authorization::REMOVED,
    &reporting::REQUIRED,
    &trust_code::INSTALL_SUCCESS,
    &seen::AGENT_ENABLED,
    &seen::AGENT_READY,
    &seen::EXPORT_CONTROLLED,
    &seen::EVAL_START,
    &seen::EVAL_EXPIRED,
    &seen::SYSTEM_CLOCK_CHANGED,
    &seen::PLATFORM_ERROR,
];

/// The message of a mnemonic.
pub fn find(mnemonic: &str) -> Option<&'static Entry> {
    ALL.iter().copied().find(|entry| entry.mnemonic == mnemonic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_sound() {
        for (at, entry) in ALL.iter().enumerate() {
            let name = entry.mnemonic;
            assert!(ALL[..at].iter().all(|earlier| earlier.mnemonic != name), "{name} twice");
            assert!(entry.severity < 8 && entry.explanation.ends_with('.'), "{name}");
            assert!(!entry.actions.is_empty(), "{name}");
            assert!(entry.clears.iter().all(|cleared| find(cleared).is_some()), "{name}");
            assert!(entry.clears.is_empty() || entry.kind == Kind::Success, "{name}");
            for reason in entry.reasons {
                assert!(failure::find(reason).is_some(), "{name}: {reason}");
            }
        }
    }

    #[test]
    fn reasons_are_known_by_whole_words() {
        let reason =
            |mnemonic: &str, text: &str| find(mnemonic).and_then(|entry| entry.reason(text)).map(|reason| reason.name);
        assert_eq!(reason("AUTHORIZATION_INSTALL_FAILED", "UDI mismatch"), Some("UDI mismatch"));
        assert!(reason("AUTHORIZATION_INSTALL_FAILED", "see the audit").is_none());
        assert_eq!(reason("COMM_FAILED", "Host unreachable"), Some("The server is not reached"));
        assert_eq!(reason("COMM_FAILED", "404 host not found"), Some("404 host not found"));
        assert_eq!(reason("TRUST_CODE_INSTALL_FAILED", "Timestamp mismatch"), Some("Time stamp mismatch"));
    }

    #[test]
    fn several_actions_each_say_when() {
        for entry in ALL.iter().filter(|entry| entry.actions.len() > 1) {
            assert!(entry.actions.iter().all(|action| !action.when.is_empty()), "{}", entry.mnemonic);
        }
    }

    #[test]
    fn every_failure_of_the_guide_but_one_is_ended_by_a_success() {
        let cleared = |name: &str| ALL.iter().any(|entry| entry.clears.contains(&name));
        let open: Vec<_> = ALL
            .iter()
            .filter(|entry| entry.origin == Origin::Guide && entry.kind == Kind::Failure && !cleared(entry.mnemonic))
            .map(|entry| entry.mnemonic)
            .collect();
        assert_eq!(open, ["REPORTING_NOT_SUPPORTED"]);
    }
}
