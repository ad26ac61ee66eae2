//! Why licensing fails, in the words of devices: one table that the rules and `slaudit decode` ask.
//!
//! A device says why in `Failure Reason:` of `show license tech support` and in the texts of its system messages. The words differ
//! between releases, the reasons do not.

use crate::inventory::spelled;
use crate::remedy::{Template, steps};

spelled! {
    /// What kind of failure it is. The words are those of the column `cause`.
    FailureClass {
        /// The name could not be resolved.
        Dns = "dns",
        /// TLS or a certificate.
        Tls = "tls",
        /// The connection was refused.
        Refused = "refused",
        /// No answer.
        Timeout = "timeout",
        /// An HTTP status that says that the address is wrong or the service down.
        Http = "http",
        /// The server does not know or does not accept the product instance.
        Identity = "identity",
        /// The server answered with an error of its own.
        Server = "server",
        /// The clock of the device, or a time stamp.
        Time = "time",
        /// A code or a file for other units.
        Udi = "udi",
        /// The transport does not carry Smart Licensing.
        Transport = "transport",
        /// Too many requests.
        Throttled = "throttled",
        /// An error of the licensing agent itself, which says nothing about the network.
        Internal = "internal",
    }
}

spelled! {
    /// Where a meaning comes from.
    Origin {
        /// The vendor's troubleshooting guide.
        Guide = "guide",
        /// Not in the guide; seen on devices.
        Seen = "seen",
    }
}

/// A reason of a failure.
#[derive(Debug)]
pub struct Reason {
    /// For example `dns.not_resolved`. Never renamed.
    pub id: &'static str,
    /// Its kind; `None` where it is no failure on the way to the licensing server.
    pub class: Option<FailureClass>,
    /// Where it comes from.
    pub origin: Origin,
    /// A short name.
    pub name: &'static str,
    /// Beginnings of words of the device's text that mean this reason, in lower case; one of them is enough.
    pub words: &'static [&'static str],
    /// What is behind it.
    pub meaning: &'static str,
    /// What to do about it.
    pub steps: &'static [&'static Template],
}

impl Reason {
    /// True where the device's text means this reason.
    pub fn is_meant(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let begins = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric());
        self.words.iter().any(|words| text.match_indices(words).any(|(at, _)| begins(at)))
    }

    /// True where a wrong clock may be behind it: a signature, a time stamp, a certificate.
    pub fn may_be_clock(&self) -> bool {
        self.class == Some(FailureClass::Time) || self.id == "tls.certificate"
    }
}

const fn guide(
    id: &'static str,
    class: Option<FailureClass>,
    name: &'static str,
    words: &'static [&'static str],
    meaning: &'static str,
    steps: &'static [&'static Template],
) -> Reason {
    Reason { id, class, origin: Origin::Guide, name, words, meaning, steps }
}

const fn seen(
    id: &'static str,
    class: FailureClass,
    name: &'static str,
    words: &'static [&'static str],
    meaning: &'static str,
    steps: &'static [&'static Template],
) -> Reason {
    Reason { id, class: Some(class), origin: Origin::Seen, name, words, meaning, steps }
}

/// Every reason; of those that a text means, the first is the most telling.
#[rustfmt::skip]
pub static ALL: &[Reason] = &[
    seen("tls.server_identity", FailureClass::Tls, "The name of the server is not in its certificate", &["server identity"],
        "The device compares the name in the URL with the certificate of the server, and they differ.",
        &[&steps::SERVER_CERTIFICATE]),
    // {"product_instance_identifier":["The identity for the instance ... is not valid.Please re-register the instance."]}
    seen("identity.not_valid", FailureClass::Identity, "The identity is not accepted", &["identity", "re-register", "register again"],
        "The server answers, but does not know the device any more. Neither network nor DNS is at fault.",
        &[&steps::CHECK_ACCOUNT, &steps::NEW_TOKEN, &steps::TRUST_CODE_AGAIN]),
    seen("throttled.429", FailureClass::Throttled, "Too many requests", &["429", "too many requests"],
        "CSSM limits how often it is asked, and asks to wait.",
        &[&steps::RATE_LIMIT, &steps::SYNC]),
    // An answer of a server: it must be tried before the names of hosts.
    guide("server.not_found", Some(FailureClass::Http), "404 host not found", &["404"],
        "CSSM is down.",
        &[&steps::CSSM_STATUS]),
    seen("server.empty_response", FailureClass::Http, "Empty response", &["empty response"],
        "The server does not speak the configured transport, as SSM On-Prem with a URL of another transport.",
        &[&steps::SERVICE_UP]),
    seen("server.status_code", FailureClass::Http, "An HTTP status that is not expected", &["status code"],
        "Something answers, but not as a licensing server does: the path of the URL is wrong, or a proxy answers.",
        &[&steps::SERVICE_UP]),
    seen("transport.disabled", FailureClass::Transport, "The transport is switched off", &["transport is disabled"],
        "Call Home is the transport, but does not carry Smart Licensing.",
        &[&steps::CALL_HOME_CHECK, &steps::TRANSPORT_CHOOSE]),
    seen("dns.not_resolved", FailureClass::Dns, "The name is not resolved", &["resolve", "unknown host", "host not found", "dns"],
        "DNS does not answer, or does not know the server: cslu-local where no CSLU address is configured.",
        &[&steps::DOMAIN_LOOKUP, &steps::NAME_SERVER, &steps::DOMAIN_NAME, &steps::RESOLVED]),
    seen("tls.certificate", FailureClass::Tls, "A certificate is not accepted", &["certificate"],
        "The certificate of the server or of the device is not trusted, or not valid at the time that the device has.",
        &[&steps::CLIENT_TRUSTPOINT, &steps::ON_PREM_TRUSTPOINT]),
    guide("tls.handshake", Some(FailureClass::Tls), "TLS or SSL handshake", &["tls", "ssl", "openssl", "handshake"],
        "The client certificate is missing, which may follow an upgrade of the server. It happens to devices that report directly to \
         CSSM. Apart from that, neither the configuration nor the connection is at fault.",
        &[&steps::CLIENT_TRUSTPOINT, &steps::ON_PREM_TRUSTPOINT]),
    seen("route.refused", FailureClass::Refused, "The connection is refused", &["refused"],
        "The host is reached, but nothing listens on the port, or a firewall refuses it.",
        &[&steps::SERVICE_LISTENS]),
    guide("route.no_answer", Some(FailureClass::Timeout), "The server is not reached",
        &["timed out", "timeout", "unreachable", "reachable", "no route", "no reply", "communications failure", "communication failure",
          "init failure", "communications init failure"],
        "There is no way through the network to CSSM, CSLU or SSM On-Prem, or nothing listens there.",
        &[&steps::ROUTE]),
    seen("server.error", FailureClass::Server, "The server has an error", &["server error"],
        "The server answers with an error of its own.",
        &[&steps::SERVER_LOG, &steps::SYNC]),
    seen("internal.null_pointer", FailureClass::Internal, "The licensing agent has an error", &["null pointer"],
        "The agent could not make the request. That says nothing about the network.",
        &[&steps::SYNC]),
    guide("time.signature", Some(FailureClass::Time), "Signature mismatch", &["signature"],
        "The clock of the device is wrong, so that a valid signature does not verify.",
        &[&steps::NTP_SERVER]),
    guide("time.stamp", Some(FailureClass::Time), "Time stamp mismatch", &["timestamp", "time stamp", "time-stamp"],
        "The clock of the device and that of CSSM differ.",
        &[&steps::NTP_SERVER]),
    guide("udi.not_enough", Some(FailureClass::Udi), "Not enough licences in the code", &["not enough", "requisite", "insufficient"],
        "The features that are configured need more licences than the codes grant.",
        &[&steps::COMPARE_UDIS, &steps::MORE_CODES]),
    guide("server.account", Some(FailureClass::Server), "Another Smart Account or Virtual Account",
        &["account", "smartaccount", "virtualaccount"],
        "The token belongs to an account that this device is not in. A token counts for the devices of its account only.",
        &[&steps::CHECK_ACCOUNT, &steps::NEW_TOKEN, &steps::TRUST_CODE]),
    guide("udi.mismatch", Some(FailureClass::Udi), "UDI mismatch", &["udi"],
        "The code was made for other units. In a stack or pair, every UDI of the code must be a unit of it, and the other way round; \
         one that differs fails the whole code.",
        &[&steps::COMPARE_UDIS, &steps::MAKE_CODES, &steps::IMPORT_CODES]),
    seen("server.mismatch", FailureClass::Server, "Something does not match", &["mismatch"],
        "The server compared what it was sent with what it knows, and they differ.",
        &[&steps::SERVER_LOG]),
    guide("trust.already", None, "A trust code is there already", &["already"],
        "A trust code is tied to the UDI of its unit. A unit that has one does not take a second one by itself.",
        &[&steps::TRUST_CODE_AGAIN]),
    guide("server.too_old", Some(FailureClass::Server), "SSM On-Prem is too old", &["down rev"],
        "Reporting to SSM On-Prem needs a version of it that supports Smart Licensing Using Policy, and IOS XE 17.3.3 or later on the \
         device.",
        &[&steps::UPGRADE_ON_PREM]),
    guide("policy.reset", None, "Licensing was reset", &[],
        "Somebody entered license smart factory reset. It removes everything about licensing, the policy included.",
        &[&steps::RESET_CHECK]),
];

/// The reasons that a device's text means, the most telling first.
pub fn reasons(text: &str) -> impl Iterator<Item = &'static Reason> {
    ALL.iter().filter(move |reason| reason.is_meant(text))
}

/// The class of a device's text; `None` where its words say nothing.
pub fn class(text: &str) -> Option<FailureClass> {
    reasons(text).find_map(|reason| reason.class)
}

/// True where a text names what a wrong clock breaks.
pub fn names_clock(text: &str) -> bool {
    reasons(text).any(Reason::may_be_clock)
}

/// True where a text means the reason of an id.
pub fn is(text: &str, id: &str) -> bool {
    reasons(text).any(|reason| reason.id == id)
}

/// The reason of an id.
pub fn find(id: &str) -> Option<&'static Reason> {
    ALL.iter().find(|reason| reason.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sound() {
        for (at, reason) in ALL.iter().enumerate() {
            assert!(ALL[..at].iter().all(|earlier| earlier.id != reason.id), "{} twice", reason.id);
            let parts = reason.id.split_once('.').map(|(class, name)| !class.is_empty() && !name.is_empty());
            assert_eq!(parts, Some(true), "{}", reason.id);
            assert!(reason.words.iter().all(|words| *words == words.to_lowercase()), "{}", reason.id);
            assert!(reason.meaning.ends_with('.') && !reason.steps.is_empty(), "{}", reason.id);
        }
        for class in FailureClass::ALL {
            assert!(ALL.iter().any(|reason| reason.class == Some(*class)), "no reason is of the class {class}");
        }
    }

    #[test]
    fn texts_of_devices_and_their_class() {
        let cases = [
            ("Unable to resolve server hostname/domain name", Some(FailureClass::Dns)),
            ("404 host not found", Some(FailureClass::Http)),
            ("Received empty response from server", Some(FailureClass::Http)),
            (r#"{"id":["The identity for the instance x is not valid."]}"#, Some(FailureClass::Identity)),
            ("Server identity check failed", Some(FailureClass::Tls)),
            ("TLS handshake failed", Some(FailureClass::Tls)),
            ("OpenSSL error", Some(FailureClass::Tls)),
            ("Connection refused", Some(FailureClass::Refused)),
            ("Host not reachable", Some(FailureClass::Timeout)),
            ("Server error occurred: LS_LICENGINE_FAIL_TO_CONNECT", Some(FailureClass::Server)),
            ("Timestamp mismatch", Some(FailureClass::Time)),
            ("UDI mismatch", Some(FailureClass::Udi)),
            ("Null pointer Error", Some(FailureClass::Internal)),
            ("HTTP 429 Too Many Requests", Some(FailureClass::Throttled)),
            ("Some transport is disabled", Some(FailureClass::Transport)),
            ("see the audit", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(class(text), expected, "{text}");
        }
    }

    #[test]
    fn a_clock_is_named_by_what_it_breaks() {
        for text in ["Signature mismatch", "Timestamp mismatch", "TLS handshake: certificate expired", "Time-stamp"] {
            assert!(names_clock(text), "{text}");
        }
        assert!(!names_clock("TLS handshake failed") && !names_clock("UDI mismatch"));
    }
}
