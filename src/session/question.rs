//! What may be asked of a device: the only door through which a line reaches it after the login.
//!
//! A show command is a constant of this program. A ping, the one line with words from elsewhere, is made of a host and a VRF
//! that can be nothing else: no blank, no `?`, no word that IOS would take for a keyword.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::inventory::Platform;

/// A line that changes nothing. A session takes questions in no other form, so nothing else can reach a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question(Cow<'static, str>);

/// Words that may stand behind `ping` on IOS, IOS XE, IOS XR or NX-OS. They may be typed short, so a host that is the beginning
/// of one would be taken for it, and the device would ask for what is missing.
const KEYWORDS: [&str; 24] = [
    "appletalk",
    "apollo",
    "atm",
    "bulk",
    "call-home",
    "clns",
    "control",
    "decnet",
    "ethernet",
    "fabric",
    "ip",
    "ipv4",
    "ipv6",
    "ipx",
    "mpls",
    "multicast",
    "nve",
    "pseudowire",
    "sna",
    "srb",
    "tag",
    "vines",
    "vrf",
    "xns",
];
/// The longest name of DNS, and the longest part of one.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;
/// The longest name of a VRF.
const LONGEST_VRF: usize = 32;

impl Question {
    /// A `show` command in one line.
    ///
    /// # Panics
    /// Where the text is anything else: a mistake in the registry of commands, not in a device.
    pub const fn show(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes.len() > 5 && bytes.len() < 254, "a command is one line of the device's command line");
        assert!(bytes[0] == b's' && bytes[1] == b'h' && bytes[2] == b'o' && bytes[3] == b'w' && bytes[4] == b' ');
        let mut at = 0;
        while at < bytes.len() {
            // A line break would begin another command; a redirection would write a file.
            assert!(bytes[at] >= b' ' && bytes[at] != b'>' && bytes[at] != b';');
            // Of the filters `include` and `section` read; `redirect`, `append` and `tee` write files.
            if bytes[at] == b'|' && bytes[at - 1] == b' ' {
                assert!(
                    at + 2 < bytes.len() && bytes[at + 1] == b' ' && (bytes[at + 2] == b'i' || bytes[at + 2] == b's')
                );
            }
            at += 1;
        }
        Self(Cow::Borrowed(text))
    }

    /// Five echo requests to one host, in a VRF or in the global table; `None` where either is not the name of one, so that
    /// nothing is sent.
    pub fn ping(host: &str, vrf: Option<&str>, platform: Platform) -> Option<Self> {
        if !(is_address(host) || is_name(host)) || !vrf.is_none_or(is_vrf) {
            return None;
        }
        Some(Self(Cow::Owned(match vrf {
            None => format!("ping {host}"),
            Some(vrf) if platform == Platform::NxOs => format!("ping {host} vrf {vrf}"),
            Some(vrf) => format!("ping vrf {vrf} {host}"),
        })))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// True for the address of one host. A group or a broadcast would be answered by many.
fn is_address(host: &str) -> bool {
    match (host.parse::<Ipv4Addr>(), host.parse::<Ipv6Addr>()) {
        (Ok(address), _) => !(address.is_unspecified() || address.is_multicast() || address.is_broadcast()),
        (_, Ok(address)) => !(address.is_unspecified() || address.is_multicast()),
        _ => false,
    }
}

/// True for a host name: letters, digits and inner hyphens between dots, and a letter in the last part, without which it is a
/// mistyped address.
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty() && label.len() <= LONGEST_LABEL && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_keyword = KEYWORDS.iter().any(|keyword| keyword.starts_with(&host.to_ascii_lowercase()));
    host.len() <= LONGEST_NAME
        && host.split('.').all(is_label)
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !is_keyword
}

/// True for a name of a VRF as people give them; what IOS would take besides is not asked.
fn is_vrf(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    name.len() <= LONGEST_VRF && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ping(host: &str, vrf: Option<&str>) -> Option<String> {
        Question::ping(host, vrf, Platform::IosXe).map(|question| question.text().to_owned())
    }

    #[test]
    fn only_questions_can_be_asked() {
        assert_eq!(Question::show("show version").text(), "show version");
        for text in [
            "reload",
            "show",
            "show version\nreload",
            "configure terminal",
            "show run > flash:x",
            "show run | redirect flash:x",
            "Show version",
            "ping 192.0.2.1",
        ] {
            assert!(std::panic::catch_unwind(|| Question::show(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_ping_goes_to_one_host() {
        assert_eq!(ping("smartreceiver.cisco.com", None).as_deref(), Some("ping smartreceiver.cisco.com"));
        assert_eq!(ping("cslu-local", Some("Mgmt-vrf")).as_deref(), Some("ping vrf Mgmt-vrf cslu-local"));
        assert_eq!(ping("192.0.2.1", None).as_deref(), Some("ping 192.0.2.1"));
        assert_eq!(ping("2001:db8::1", None).as_deref(), Some("ping 2001:db8::1"));
        let on_nx_os = Question::ping("ssm.example.com", Some("management"), Platform::NxOs);
        assert_eq!(on_nx_os.as_ref().map(Question::text), Some("ping ssm.example.com vrf management"));
    }

    #[test]
    fn nothing_else_can_be_typed_behind_ping() {
        let long = format!("{}.example.com", "a".repeat(64));
        for host in [
            "",
            " ",
            "a b",
            "host?",
            "host\nreload",
            "host\rreload",
            "host;reload",
            "host|redirect",
            "host>flash:x",
            "-c",
            "host-",
            "a..b",
            ".a",
            "a.",
            "h\u{f6}st",
            "host_name",
            "10.0.0.256",
            "10.0.0",
            "10",
            "255.255.255.255",
            "224.0.0.1",
            "0.0.0.0",
            "ff02::1",
            "fe80::1%eth0",
            "[2001:db8::1]",
            "user@host",
            "host:80",
            "https://host",
            // A keyword, or the beginning of one, opens a dialogue.
            "ip",
            "IPv6",
            "vr",
            "mpls",
            "e",
            &long,
        ] {
            assert_eq!(ping(host, None), None, "{host:?}");
        }
        for vrf in ["", "a b", "a?", "-a", "a\nreload", "a;b", "a|b", "Mgmt vrf", &"v".repeat(33)] {
            assert_eq!(ping("192.0.2.1", Some(vrf)), None, "{vrf:?}");
        }
    }

    proptest! {
        /// Whatever stands in a URL: what is typed is one line of words that are none of a command line's signs.
        #[test]
        fn whatever_is_given_is_one_ping_or_nothing(host in "\\PC{0,40}|[ -~\r\n\t?]{0,40}", vrf in prop::option::of("[ -~\r\n]{0,40}")) {
            if let Some(line) = ping(&host, vrf.as_deref()) {
                let words: Vec<_> = line.split(' ').collect();
                prop_assert_eq!(words[0], "ping");
                prop_assert_eq!(words.len(), if vrf.is_some() { 4 } else { 2 });
                let is_harmless = |c: char| c.is_ascii_alphanumeric() || " .-:_".contains(c);
                prop_assert!(line.chars().all(is_harmless), "{}", line);
            }
        }
    }
}
