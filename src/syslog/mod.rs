//! SMART_LIC system messages: recognised in any spelling a device uses, and repeats made one.
//!
//! ```text
//! *Nov 19 14:54:45.907: %SMART_LIC-6-REPORTING_REQUIRED: A Usage report ...              IOS XE
//! RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[390]: %LICENSE-SMART_LIC-3-COMM_FAILED : Comm...   IOS XR 24
//! RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[186]: SMART_LIC-6-AGENT_READY:Smart Agent ...      IOS XR before
//! %USER-2-SYSTEM_MSG: %SMART_LIC-2-PLATFORM_ERROR:Smart ...                              FXOS
//! ```

pub mod catalogue;
mod collapse;
mod decode;
mod fields;
pub mod severity;

use std::sync::LazyLock;

use regex::Regex;

pub use collapse::collapse;
pub use decode::{Cleared, Decoded, Decoding, Given, decode};
pub(crate) use fields::spelling;

use crate::stamp::find_last;
use crate::transcript::dialect::{head, names, next_message};

/// One system message, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Time stamp as printed, with its mark: `*Nov 19 14:54:45.907`.
    pub stamp: Option<String>,
    /// For example `SMART_LIC`, `SYS`.
    pub facility: String,
    /// The digit: 0 is worst. Releases print one message with different digits.
    pub severity: u8,
    /// For example `COMM_FAILED`.
    pub mnemonic: String,
    /// What follows the colon.
    pub text: String,
}

static UDI: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\bP(?:ID)?:[^,\s]+,\s?SN?:[A-Za-z0-9-]+")
        .unwrap_or_else(|error| unreachable!("a pattern of this program: {error}"))
});

impl Message {
    /// Takes a line apart; `None` where it holds no message. Where it holds two, the SMART_LIC one is meant.
    pub fn parse(line: &str) -> Option<Self> {
        let mut found = Self::all(line);
        let at = found.iter().position(Self::is_smart_lic).unwrap_or(0);
        (at < found.len()).then(|| found.swap_remove(at))
    }

    /// Every message of a line, in their order: on busy consoles, lines run into one another.
    ///
    /// A message that only carries another one, as `%USER-2-SYSTEM_MSG: %SMART_LIC-2-...` does, is left out.
    pub fn all(line: &str) -> Vec<Self> {
        // Without a digit between dashes there is no name of a message; most lines of any text end here.
        if !line.contains('-') {
            return Vec::new();
        }
        let mut found: Vec<Self> = Vec::new();
        // Where the text of the latest message begins, and a stamp that a carrier had.
        let (mut begin, mut carried) = (0, None);
        for name in names(line) {
            let between = &line[begin..name.range.start];
            // Inside a line, a time may be one that the text of the message before it names.
            let head = head(between);
            let stamp = if found.is_empty() { find_last(between) } else { head.stamp };
            if let Some(latest) = found.last_mut() {
                if between.trim().is_empty() && !latest.is_smart_lic() {
                    carried = found.pop().and_then(|carrier| carrier.stamp);
                } else if stamp.is_none() && !name.is_marked {
                    // A name without a mark in the middle of a text is part of that text.
                    continue;
                } else {
                    between[..head.start].trim().clone_into(&mut latest.text);
                }
            }
            begin = name.range.end;
            let is_ours = name.facility == "SMART_LIC" || name.facility.ends_with("-SMART_LIC");
            found.push(Self {
                stamp: stamp.map(|stamp| between[stamp].to_owned()).or_else(|| carried.take()),
                facility: if is_ours { "SMART_LIC" } else { name.facility }.to_owned(),
                severity: name.severity,
                mnemonic: name.mnemonic.to_owned(),
                text: String::new(),
            });
        }
        if let Some(latest) = found.last_mut() {
            let rest = &line[begin..];
            rest[..next_message(rest).unwrap_or(rest.len())].trim().clone_into(&mut latest.text);
        }
        found
    }

    /// True for messages of the Smart Agent.
    pub fn is_smart_lic(&self) -> bool {
        self.facility == "SMART_LIC"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling() {
        for (line, stamp) in [
            (
                "*Nov 19 14:54:45.907: %SMART_LIC-3-COMM_FAILED: Communications failure with the X : y",
                Some("*Nov 19 14:54:45.907"),
            ),
            ("2025-11-19T14:54:45+00:00 sw1 42: %SMART_LIC-3-COMM_FAILED: z", Some("2025-11-19T14:54:45+00:00")),
            ("000042: .Nov  9 2025 14:54:45 CET: %SMART_LIC-3-COMM_FAILED: z", Some(".Nov  9 2025 14:54:45 CET")),
            (
                "RP/0/RP0/CPU0:Sep 25 23:25:32.821 UTC: smartlicserver[1]: SMART_LIC-3-COMM_FAILED:z",
                Some("Sep 25 23:25:32.821 UTC"),
            ),
            ("smartlicserver[390]: %LICENSE-SMART_LIC-3-COMM_FAILED : Communications failure", None),
            ("%USER-2-SYSTEM_MSG: %SMART_LIC-3-COMM_FAILED:Smart", None),
            ("1w2d: %SMART_LIC-3-COMM_FAILED: z", Some("1w2d")),
            ("%SMART_LIC-3-COMM_FAILED:z", None),
        ] {
            let message = Message::parse(line).expect(line);
            assert!(message.is_smart_lic(), "{line}");
            assert_eq!((message.severity, message.mnemonic.as_str()), (3, "COMM_FAILED"), "{line}");
            assert_eq!(message.stamp.as_deref(), stamp, "{line}");
        }
    }

    #[test]
    fn other_facilities_are_taken_apart_too() {
        let message = Message::parse("*Mar 1 00:00:01: %SYS-5-CONFIG_I: Configured from console").expect("a message");
        assert_eq!((message.facility.as_str(), message.text.as_str()), ("SYS", "Configured from console"));
        assert!(!message.is_smart_lic());
        assert_eq!(Message::parse("no message - at all"), None);
        assert_eq!(Message::parse("entitlement-4-x"), None);
    }

    #[test]
    fn peers_and_udis() {
        let peer = |line: &str| Message::parse(line).and_then(|message| message.peer_or_udi().map(str::to_owned));
        assert_eq!(
            peer(
                "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve"
            ),
            Some("Cisco Smart License Utility (CSLU)".to_owned())
        );
        assert_eq!(
            peer("%SMART_LIC-5-COMM_RESTORED: Communications with the Cisco Smart License utility (CSLU) restored."),
            Some("Cisco Smart License utility (CSLU)".to_owned())
        );
        assert_eq!(
            peer(
                "%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install of a new licensing trust code has failed on PID:A-1,SN:F00: x."
            ),
            Some("PID:A-1,SN:F00".to_owned())
        );
        assert_eq!(
            peer("%SMART_LIC-6-REPORTING_REQUIRED: A Usage report acknowledgement will be required in 9 days."),
            None
        );
    }

    #[test]
    fn a_message_that_runs_into_the_next_ends_there() {
        let message =
            Message::parse("*Jul 1 07:41:18.9: %SMART_LIC-6-AGENT_READY: Ready*Jul 1 07:41:19.1: %SYS-5-X: y");
        assert_eq!(message.map(|message| message.text).as_deref(), Some("Ready"));
    }
}
