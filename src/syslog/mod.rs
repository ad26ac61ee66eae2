//! SMART_LIC system messages: recognised in any spelling a device uses, and repeats made one.
//!
//! ```text
//! *Nov 19 14:54:45.907: %SMART_LIC-6-REPORTING_REQUIRED: A Usage report ...              IOS XE
//! RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[390]: %LICENSE-SMART_LIC-3-COMM_FAILED : Comm...   IOS XR 24
//! RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[186]: SMART_LIC-6-AGENT_READY:Smart Agent ...      IOS XR before
//! %USER-2-SYSTEM_MSG: %SMART_LIC-2-PLATFORM_ERROR:Smart ...                              FXOS
//! ```

mod collapse;

use std::sync::LazyLock;

use regex::Regex;

pub use collapse::collapse;

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

/// A message that follows on the same line: lines run into one another on busy consoles.
static NEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,6})?(?: [A-Za-z0-9+-]{1,9})?: ?%")
});

static UDI: LazyLock<Regex> = LazyLock::new(|| pattern(r"PID:[^,\s]+,\s?SN:[A-Za-z0-9-]+"));

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("a pattern of this program: {error}"))
}

impl Message {
    /// Takes a line apart; `None` where it holds no message. Where it holds two, the SMART_LIC one is meant.
    pub fn parse(line: &str) -> Option<Self> {
        // Without a digit between dashes there is no name of a message; most lines of any text end here.
        if !line.contains('-') {
            return None;
        }
        let mut found = None;
        let mut at = 0;
        while let Some(name) = NAME.captures_at(line, at) {
            let is_ours = name["facility"].ends_with("SMART_LIC");
            at = name.get(0).map_or(line.len(), |whole| whole.end());
            if is_ours || found.is_none() {
                found = Some(name);
            }
            if is_ours {
                break;
            }
        }
        let name = found?;
        let whole = name.get(0)?;
        let rest = &line[whole.end()..];
        let rest = NEXT.find(rest).map_or(rest, |next| &rest[..next.start()]);
        let facility = &name["facility"];
        Some(Self {
            stamp: STAMP.find_iter(&line[..whole.start()]).last().map(|stamp| stamp.as_str().to_owned()),
            facility: if facility.ends_with("SMART_LIC") { "SMART_LIC" } else { facility }.to_owned(),
            severity: name["severity"].parse().ok()?,
            mnemonic: name["mnemonic"].to_owned(),
            text: rest.trim().to_owned(),
        })
    }

    /// True for messages of the Smart Agent.
    pub fn is_smart_lic(&self) -> bool {
        self.facility == "SMART_LIC"
    }

    /// The peer of a communication message (`Cisco Smart Software Manager (CSSM)`), or the UDI that the text names.
    pub fn peer_or_udi(&self) -> Option<&str> {
        if let Some(udi) = UDI.find(&self.text) {
            return Some(udi.as_str());
        }
        if !self.mnemonic.starts_with("COMM_") {
            return None;
        }
        let (_, rest) = self.text.split_once(" with ")?;
        let rest = rest.strip_prefix("the ").unwrap_or(rest);
        let end = rest.find(" : ").or_else(|| rest.find(':')).or_else(|| rest.find(" restored")).unwrap_or(rest.len());
        let peer = rest[..end].trim().trim_end_matches('.');
        (!peer.is_empty()).then_some(peer)
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
