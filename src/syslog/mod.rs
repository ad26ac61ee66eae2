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
mod origin;
pub mod severity;
mod stamp;

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

pub use collapse::collapse;
pub use decode::{Cleared, Decoded, Decoding, Given, decode};
pub(crate) use fields::spelling;

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

/// Facility, digit and mnemonic. Lazy, so that of `LICENSE-SMART_LIC-3-X` all before the digit is the facility.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|[%\s:])(?<facility>[A-Z][A-Z0-9_]*(?:-[A-Z][A-Z0-9_]*)*)-(?<severity>[0-7])-(?<mnemonic>[A-Z0-9_]+) ?:",
    )
});

/// A time stamp with its zone; year and zone are seldom printed.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"[*.]?(?:(?:\d{4} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}(?: \d{4})?",
        r" \d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [A-Za-z][A-Za-z0-9+-]{0,8}\b)?",
        r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\s:]*|\b\d+[ywd]\d+[wdh]\b|\b\d\d:\d\d:\d\d\b)"
    ))
});

/// A message that begins on the same line, whole or torn.
static NEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?:\d{4,}: )?[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,6})?",
        r"(?: [A-Za-z0-9+-]{1,9})?: ?%"
    ))
});

static UDI: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bP(?:ID)?:[^,\s]+,\s?SN?:[A-Za-z0-9-]+"));

/// A stamp without what only looks like its zone: a zone ends in a colon, the host of a log server does not.
fn zoned(text: &str, stamp: Range<usize>) -> &str {
    let (found, after) = (&text[stamp.clone()], &text[stamp.end..]);
    match found.rsplit_once(' ') {
        Some((time, zone)) if zone.starts_with(|c: char| c.is_ascii_alphabetic()) && !after.starts_with(':') => time,
        _ => found,
    }
}

/// What stands before a time stamp and belongs to its message: a sequence number, a node of IOS XR.
static LEAD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:\d{4,}: |(?:RP|LC|\d{1,2})/[A-Za-z0-9/]+:)\s?$"));

/// What may stand between a time stamp and the name of its message: the process of IOS XR.
static TAIL: LazyLock<Regex> = LazyLock::new(|| pattern(r"^:?\s*(?:[\w-]+(?:\[\d+\])?\s?:)?\s*$"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a pattern of this program: {error}"))
}

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
        for name in NAME.captures_iter(line) {
            let Some(whole) = name.get(0) else { continue };
            let between = &line[begin..whole.start()];
            let stamp = STAMP.find_iter(between).last();
            // Inside a line, a time may be one that the text of the message before it names.
            let stamp = stamp.filter(|stamp| found.is_empty() || TAIL.is_match(&between[stamp.end()..]));
            if let Some(latest) = found.last_mut() {
                if between.trim().is_empty() && !latest.is_smart_lic() {
                    carried = found.pop().and_then(|carrier| carrier.stamp);
                } else if stamp.is_none() && !whole.as_str().starts_with('%') {
                    // A name without a mark in the middle of a text is part of that text.
                    continue;
                } else {
                    let text = &between[..stamp.map_or(between.len(), |stamp| stamp.start())];
                    let text = LEAD.find(text).map_or(text, |lead| &text[..lead.start()]);
                    text.trim().clone_into(&mut latest.text);
                }
            }
            begin = whole.end();
            let facility = &name["facility"];
            let is_ours = facility == "SMART_LIC" || facility.ends_with("-SMART_LIC");
            found.push(Self {
                stamp: stamp.map(|stamp| zoned(between, stamp.range()).to_owned()).or_else(|| carried.take()),
                facility: if is_ours { "SMART_LIC" } else { facility }.to_owned(),
                // The pattern takes one digit from 0 to 7.
                severity: name["severity"].parse().unwrap_or(7),
                mnemonic: name["mnemonic"].to_owned(),
                text: String::new(),
            });
        }
        if let Some(latest) = found.last_mut() {
            let rest = &line[begin..];
            let rest = NEXT.find(rest).map_or(rest, |next| &rest[..next.start()]);
            rest.trim().clone_into(&mut latest.text);
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
