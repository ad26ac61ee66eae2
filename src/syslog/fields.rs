//! The variable fields in the text of a message: peer, UDI, reason, days.
//!
//! ```text
//! Communications failure with the Cisco Smart License Utility (CSLU) : Unable to resolve server hostname
//!                                 peer                                 reason
//! The install of a new licensing trust code has failed on PID:C9300-24T,SN:FOC1234X0AB: Signature mismatch.
//!                                                         UDI                           reason
//! ```

use std::ops::Range;

use super::catalogue::Field;
use super::{Message, UDI};

impl Message {
    /// The peer of a communication message (`Cisco Smart Software Manager (CSSM)`), or the UDI that the text names.
    pub fn peer_or_udi(&self) -> Option<&str> {
        Some(&self.text[self.udi().or_else(|| self.peer())?])
    }

    /// The value of a field; `None` where the text does not hold it.
    pub fn field(&self, field: Field) -> Option<&str> {
        let value = match field {
            Field::Peer => &self.text[self.peer()?],
            Field::Udi => match self.udi() {
                Some(udi) => &self.text[udi],
                None => self.unit()?,
            },
            Field::Reason => self.reason()?,
            Field::Days => self.days()?,
        };
        (!value.is_empty()).then_some(value)
    }

    fn udi(&self) -> Option<Range<usize>> {
        UDI.find(&self.text).map(|udi| udi.range())
    }

    fn peer(&self) -> Option<Range<usize>> {
        if !self.mnemonic.starts_with("COMM_") {
            return None;
        }
        let start = self.text.find(" with ")? + " with ".len();
        let rest = &self.text[start..];
        let start = start + if rest.starts_with("the ") { "the ".len() } else { 0 };
        let rest = &self.text[start..];
        let end = colon(rest).or_else(|| rest.find(" restored")).unwrap_or(rest.len());
        let peer = rest[..end].trim().trim_end_matches('.');
        let blanks = rest[..end].len() - rest[..end].trim_start().len();
        (!peer.is_empty()).then(|| start + blanks..start + blanks + peer.len())
    }

    /// What stands where a UDI should: the guide's `[chars]`, or a form not known yet.
    fn unit(&self) -> Option<&str> {
        let at = [" failed on ", " installed on: ", " installed on ", " removed from "];
        let rest = at.iter().find_map(|words| Some(self.text.split_once(words)?.1))?;
        Some(rest[..colon(rest).unwrap_or(rest.len())].trim().trim_end_matches('.'))
    }

    /// What follows the colon after peer or UDI, or after the failure.
    fn reason(&self) -> Option<&str> {
        let known = self.udi().or_else(|| self.peer());
        let rest = match known {
            Some(about) => &self.text[about.end..],
            None => &self.text,
        };
        let (at, colon) = rest.char_indices().find(|(_, c)| *c == ':')?;
        let reason = rest[at + colon.len_utf8()..].trim();
        Some(reason.strip_suffix('.').unwrap_or(reason))
    }

    fn days(&self) -> Option<&str> {
        let before = self.text[..self.text.find(" day")?].trim_end();
        let number = before.rsplit(' ').next()?;
        let digits = number.strip_prefix('-').unwrap_or(number);
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) || number == "[dec]").then_some(number)
    }
}

/// The colon that ends a name: the first with a blank on one side, so that those of `https://host:443` are none; else the
/// first at all.
fn colon(text: &str) -> Option<usize> {
    let spaced = [text.find(" :"), text.find(": ")].into_iter().flatten().min();
    spaced.or_else(|| text.find(':'))
}

/// What tells peers and units apart: the abbreviation of the one, the serial number of the other. A failure and its recovery
/// spell them differently.
pub(crate) fn spelling(text: &str) -> String {
    let text = text.to_lowercase();
    // IOS XR calls CSSM so in a recovery, and by its name in a failure.
    if text.contains("licensing cloud") {
        return "cssm".to_owned();
    }
    let serial = text.rsplit_once("sn:").map(|(_, serial)| serial);
    let short = text.rsplit_once('(').map(|(_, short)| short.trim_end_matches(')'));
    serial.or(short).unwrap_or(&text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(mnemonic: &str, text: &str, field: Field) -> Option<String> {
        let message = Message::parse(&format!("%SMART_LIC-3-{mnemonic}: {text}")).expect("a message");
        message.field(field).map(str::to_owned)
    }

    #[test]
    fn peers_end_before_their_colon() {
        let peer = |text| field("COMM_FAILED", text, Field::Peer);
        assert_eq!(peer("Communications failure with the A (B) : no : route").as_deref(), Some("A (B)"));
        assert_eq!(peer("Communications failure with A: no : route").as_deref(), Some("A"));
        assert_eq!(peer("Communications failure with the https://h:8182/x : no").as_deref(), Some("https://h:8182/x"));
        assert_eq!(peer("Communications with the A restored.").as_deref(), Some("A"));
        assert_eq!(peer("Communications failure with the : no"), None);
        assert_eq!(peer("something else"), None);
    }

    #[test]
    fn reasons_follow_peer_or_unit() {
        let reason = |mnemonic, text| field(mnemonic, text, Field::Reason);
        assert_eq!(reason("COMM_FAILED", "Failure with the A : b: c").as_deref(), Some("b: c"));
        assert_eq!(
            reason("POLICY_INSTALL_FAILED", "It has failed: Signature mismatch.").as_deref(),
            Some("Signature mismatch")
        );
        assert_eq!(
            reason("TRUST_CODE_INSTALL_FAILED", "It has failed on PID:A-1,SN:F0: Trust code: there.").as_deref(),
            Some("Trust code: there")
        );
        assert_eq!(reason("COMM_FAILED", "Failure with the A :"), None);
    }

    #[test]
    fn days_are_a_number() {
        let days = |text| field("REPORTING_REQUIRED", text, Field::Days);
        assert_eq!(days("required in 364 days.").as_deref(), Some("364"));
        assert_eq!(days("required in 1 day.").as_deref(), Some("1"));
        assert_eq!(days("required in some days."), None);
        assert_eq!(days("required"), None);
    }

    #[test]
    fn units_of_unknown_form_are_kept_as_printed() {
        assert_eq!(
            field("AUTHORIZATION_REMOVED", "A licensing authorization code has been removed from [chars]", Field::Udi)
                .as_deref(),
            Some("[chars]")
        );
    }
}
