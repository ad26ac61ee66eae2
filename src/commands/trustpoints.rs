//! Trustpoints, by either command.
//!
//! ```text
//! Trustpoint SLA-TrustPoint:                                    show crypto pki trustpoints status
//!   Issuing CA certificate configured:
//!     Subject Name:
//!      cn=Cisco Licensing Root CA,o=Cisco
//!   Router General Purpose certificate configured:              its subject is not the CA's
//!   State:
//!     Keys generated ............. No                           normal for SLA-TrustPoint
//!     Issuing CA authenticated ....... Yes
//! Trustpoint SLA-TrustPoint:                                    show crypto pki trustpoints
//!     Subject Name:
//!     cn=Cisco Licensing Root CA
//!     o=Cisco
//!           Serial Number (hex): 01
//!     Certificate configured.
//! ```

use super::Answers;
use super::lines::{Field, Text};
use crate::facts::Trustpoint;

/// Where in the block of a trustpoint a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing of the CA's certificate was seen.
    Start,
    /// The lines that follow are the CA's subject.
    Subject,
    /// Past it.
    After,
}

pub(super) fn read(text: &Text<'_>) -> Answers {
    let mut trustpoints: Vec<Trustpoint> = Vec::new();
    let mut first = None;
    let mut unread = None;
    let mut lines = Vec::new();
    let mut place = Place::Start;
    for line in &text.lines {
        let name = line.text.strip_prefix("Trustpoint ").and_then(|rest| rest.strip_suffix(':'));
        if let Some(name) = name {
            first.get_or_insert(*line);
            trustpoints.push(Trustpoint { name: name.trim().to_owned(), ..Trustpoint::default() });
            place = Place::Start;
            continue;
        }
        if line.torn {
            unread.get_or_insert(*line);
        }
        let Some(trustpoint) = trustpoints.last_mut() else { continue };
        if let Some(dots) = line.text.strip_prefix("Issuing CA authenticated") {
            trustpoint.ca_authenticated = yes_or_no(dots);
            lines.push((trustpoints.len() - 1, *line));
        } else if line.text == "Certificate configured." {
            trustpoint.ca_authenticated.get_or_insert(true);
        } else if line.text == "Subject Name:" && place == Place::Start {
            place = Place::Subject;
        } else if line.text.ends_with("certificate configured:") && !line.text.starts_with("Issuing CA") {
            place = Place::After;
        } else if place == Place::Subject && line.text.contains('=') && !line.text.contains(": ") {
            let subject = trustpoint.ca_subject.get_or_insert_default();
            if !subject.is_empty() {
                subject.push(',');
            }
            subject.push_str(line.text);
        } else if place == Place::Subject {
            place = Place::After;
        }
    }
    let speaker = text.speaker(first.is_some());
    let mut answers = Answers { recognised: first.is_some(), ..Answers::default() };
    for (part, line) in lines {
        answers.facts.proofs.note("trustpoints", part, "ca", line.evidence(text.command));
    }
    answers.facts.trustpoints = speaker.fact(match (unread, first) {
        (Some(line), _) => Field::Unread("trustpoint", line),
        (None, Some(line)) if text.is_whole() => Field::Read(trustpoints, line),
        _ => Field::Missing,
    });
    answers
}

/// ` ....... Yes`
fn yes_or_no(dots: &str) -> Option<bool> {
    match dots.trim_start_matches(['.', ' ', ':']).trim() {
        "Yes" | "yes" => Some(true),
        "No" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trustpoints(reply: &str) -> Vec<Trustpoint> {
        read(&Text::whole("show crypto pki trustpoints status", reply))
            .facts
            .trustpoints
            .value()
            .cloned()
            .unwrap_or_default()
    }

    #[test]
    fn the_long_form() {
        let found = trustpoints(
            "Trustpoint SLA-TrustPoint:\n  Issuing CA certificate configured:\n    Subject Name:\n     cn=Cisco Licensing Root CA,o=Cisco\n\
             Fingerprint MD5: 00 \n  State:\n    Keys generated ............. No\n    Issuing CA authenticated ....... Yes\n\
             Certificate request(s) ..... None\n\n\nTrustpoint X:\n  Router General Purpose certificate configured:\n    Subject Name:\n     cn=sw1\n\
             State:\n    Issuing CA authenticated ....... No\n",
        );
        assert_eq!(found[0].ca_subject.as_deref(), Some("cn=Cisco Licensing Root CA,o=Cisco"));
        assert_eq!((found[0].ca_authenticated, found[1].ca_authenticated), (Some(true), Some(false)));
        assert_eq!(found[1].ca_subject, None);
    }

    #[test]
    fn the_short_form() {
        let found = trustpoints(
            "Trustpoint SLA-TrustPoint:\n    Subject Name:\n    cn=Cisco Licensing Root CA\n    o=Cisco\n          Serial Number (hex): 01\n\
             Certificate configured.\n\nTrustpoint empty:\n",
        );
        assert_eq!(found[0].ca_subject.as_deref(), Some("cn=Cisco Licensing Root CA,o=Cisco"));
        assert_eq!((found[0].ca_authenticated, found[1].ca_authenticated), (Some(true), None));
    }
}
