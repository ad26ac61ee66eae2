//! Takes secrets out of captured text before it is stored or shown.
//!
//! Two kinds are masked: the secrets slaudit itself uses, wherever a device repeats them, and what a configuration or a
//! status page says in the forms of Cisco devices. The word that names the secret stays, so that evidence still reads:
//!
//! ```text
//! username admin secret 9 [redacted]
//! license smart trust idtoken [redacted] all
//! ```
//!
//! Lines are never added or dropped. Certificates are no secrets. Redact whole replies: a secret torn over two reads is not
//! seen in either half.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use secrecy::{ExposeSecret, SecretString};

/// What stands in a secret's place.
pub const REDACTED: &str = "[redacted]";

/// A line without one of these words holds no secret in a form known here; most text is passed over by this alone.
static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
    let words = r"(?i)password|passwd|passphrase|secret|\bkey\b|-key|key-string|community|snmp-server|idtoken|token|://[^/\s]*@|PRIVATE KEY";
    Regex::new(words).expect("a constant pattern")
});

/// Forms of secrets; the group `secret` is masked. Read line by line, each form on what the earlier ones left.
static FORMS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [
        // Any word with an encryption type: `secret 9 $9$...`, `key 7 0822455D0A16`, `ascii 0 ...`.
        r"\b(?:password|secret|passphrase|key|key-string|authentication-key|pre-shared-key|md5|ascii|community|idtoken)\s+(?:encrypted\s+)?[0456789]\s+(?P<secret>\S+)",
        // The same without a type, at the end of a configuration line: `enable password x`, `neighbor 192.0.2.1 password x`.
        r"^\s*(?:[a-z][\w.:/-]*\s.*?)??(?:password|secret|passphrase)\s+(?P<secret>\S+)\s*$",
        r"^\s*username\s+\S+\s.*?\b(?:password|secret)\s+(?P<secret>\S+)",
        // `key x` of a TACACS+ or RADIUS server, `crypto isakmp key x address ...`; a bare number is the id of a key.
        r"^\s*(?:tacacs-server|radius-server|server-private)\b.*\bkey\s+(?P<secret>\S+)",
        r"^\s+key\s+(?P<secret>\S*[^\s\d]\S*)\s*$",
        r"\bcrypto isakmp key\s+(?P<secret>\S+)\s+(?:address|hostname)\b",
        r"\bpre-shared-key\s+(?:(?:local|remote|address\s+\S+(?:\s+\d+\.\S+)?|hostname\s+\S+)\s+)*(?:key\s+)?(?P<secret>\S+)",
        r"\bkey-string\s+(?P<secret>\S+)",
        // `ntp authentication-key 1 md5 x 7`, `ip ospf message-digest-key 1 md5 x`, `ip ospf authentication-key x`.
        r"\b(?:authentication-key|message-digest-key)\s+\d+\s+\S+\s+(?P<secret>\S+)",
        r"\bauthentication-key\s+(?P<secret>\S*[^\s\d]\S*)\s*$",
        r"\bsnmp-server community\s+(?P<secret>\S+)",
        r"\bsnmp-server host\s+\S+\s+(?:vrf\s+\S+\s+)?(?:traps\s+|informs\s+)?(?:version\s+(?:1|2c|3\s+\S+)\s+)?(?P<secret>\S+)",
        r"\bsnmp-server user\b.*\bauth\s+(?:md5|sha\S*)(?:\s+\d+)?\s+(?P<secret>\S+)",
        r"\bsnmp-server user\b.*\bpriv\s+(?:des|3des|aes)(?:\s+\d+)?\s+(?P<secret>\S+)",
        // A registration token lets anybody put devices into the account.
        r"(?i)\bidtoken\s+(?P<secret>\S+)",
        r#"(?i)\b(?:access|id|refresh|bearer|auth|api)[_-]?token"?\s*[:=]\s*"?(?P<secret>[^\s",}\[]+)"#,
        // A page's own line: the proxy's password. `<empty>` and the like say that there is none.
        r"(?i)^\s*(?:\w+ )?(?:password|passphrase)\s*:\s*(?P<secret>[^\s<].*?)\s*$",
        r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:(?P<secret>[^\s/@]+)@",
    ];
    forms.iter().map(|form| Regex::new(form).expect("a constant pattern")).collect()
});

/// What stands after `password:` where there is none.
const NO_SECRET: [&str; 4] = ["not configured", "none", "not set", "no"];

/// Masks secrets in text. It holds the secrets of a device's own session, and cannot be printed with them.
#[derive(Debug, Default)]
pub struct Redactor {
    known: Vec<SecretString>,
}

impl Redactor {
    /// A redactor that also knows these exact secrets; with none it masks by form only.
    pub fn new(known: impl IntoIterator<Item = SecretString>) -> Self {
        let mut known: Vec<_> = known.into_iter().filter(|secret| !secret.expose_secret().is_empty()).collect();
        // Where one secret is the start of another, the longer one is masked whole.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        Self { known }
    }

    /// The text without secrets.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.known {
            if let Some(masked) = mask_known(&text, secret.expose_secret()) {
                text = Cow::Owned(masked);
            }
        }
        match mask_forms(&text) {
            Some(masked) => Cow::Owned(masked),
            None => text,
        }
    }
}

/// Masks a known secret; `None` where the text does not hold it.
///
/// A weak secret ("cisco") is also an ordinary word: inside `smartreceiver.cisco.com` it is no leak, and masking it would
/// turn a right URL into a wrong one. It is masked only where it stands alone.
fn mask_known(text: &str, secret: &str) -> Option<String> {
    let weak = secret.len() < 8 || secret.chars().all(char::is_alphabetic) || secret.chars().all(char::is_numeric);
    let mut out = String::new();
    let mut done = 0;
    for (at, found) in text.match_indices(secret) {
        let end = at + found.len();
        if weak && (joins(text[..at].chars().next_back()) || joins(text[end..].chars().next())) {
            continue;
        }
        out.push_str(&text[done..at]);
        out.push_str(REDACTED);
        done = end;
    }
    (done > 0).then(|| {
        out.push_str(&text[done..]);
        out
    })
}

/// True where a neighbour makes one word of itself and what stands beside it.
fn joins(neighbour: Option<char>) -> bool {
    neighbour.is_some_and(|c| c.is_alphanumeric() || "._-/".contains(c))
}

/// Masks secrets by their form; `None` where there are none.
fn mask_forms(text: &str) -> Option<String> {
    CANDIDATE.find(text)?;
    let mut out = String::with_capacity(text.len());
    let mut inside_key = false;
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        let boundary = content.trim_start().starts_with("-----") && content.contains("PRIVATE KEY-----");
        if boundary {
            inside_key = content.contains("BEGIN ");
            out.push_str(content);
        } else if inside_key && !content.trim().is_empty() {
            out.push_str(REDACTED);
        } else if CANDIDATE.is_match(content) {
            out.push_str(&mask_line(content));
        } else {
            out.push_str(content);
        }
        out.push_str(&line[content.len()..]);
    }
    (out != text).then_some(out)
}

fn mask_line(line: &str) -> Cow<'_, str> {
    // `ntp server 192.0.2.1 key 5 prefer`: the number is a key's id.
    let start = line.trim_start();
    if start.starts_with("ntp server ") || start.starts_with("ntp peer ") {
        return Cow::Borrowed(line);
    }
    let mut line = Cow::Borrowed(line);
    for form in FORMS.iter() {
        if let Cow::Owned(masked) = form.replace_all(&line, mask_match) {
            line = Cow::Owned(masked);
        }
    }
    line
}

/// A match with its secret masked.
fn mask_match(found: &Captures<'_>) -> String {
    let (whole, Some(secret)) = (&found[0], found.name("secret")) else { return found[0].to_owned() };
    let word = secret.as_str();
    let hidden = word.bytes().all(|byte| byte == b'*');
    // A single digit is an encryption type or the id of a key.
    let number = word.len() == 1 && word.as_bytes()[0].is_ascii_digit();
    if word == REDACTED || hidden || number || NO_SECRET.iter().any(|none| word.eq_ignore_ascii_case(none)) {
        return whole.to_owned();
    }
    let start = found.get(0).map_or(0, |all| all.start());
    format!("{}{REDACTED}{}", &whole[..secret.start() - start], &whole[secret.end() - start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(line: &str, expected: &str) {
        let redactor = Redactor::default();
        assert_eq!(redactor.redact(line), expected);
        assert_eq!(redactor.redact(expected), expected, "a second time changes nothing");
    }

    #[test]
    fn configuration_secrets_are_masked() {
        masks("enable secret 9 $9$abc$def", "enable secret 9 [redacted]");
        masks("enable password plain", "enable password [redacted]");
        masks("username a privilege 15 secret 5 $1$x", "username a privilege 15 secret 5 [redacted]");
        masks("username a password 0 pw1 extra", "username a password 0 [redacted] extra");
        masks(" password 7 0822455D0A16", " password 7 [redacted]");
        masks("tacacs-server host 192.0.2.9 key t4c", "tacacs-server host 192.0.2.9 key [redacted]");
        masks(" key 7 0822455D0A16", " key 7 [redacted]");
        masks(
            "tacacs server A\n address ipv4 192.0.2.9\n key sharedT4c\n",
            "tacacs server A\n address ipv4 192.0.2.9\n key [redacted]\n",
        );
        masks("crypto isakmp key Pre5hared address 192.0.2.1", "crypto isakmp key [redacted] address 192.0.2.1");
        masks("  pre-shared-key local Pre5hared", "  pre-shared-key local [redacted]");
        masks("   key-string letmein", "   key-string [redacted]");
        masks("ntp authentication-key 1 md5 0822 7", "ntp authentication-key 1 md5 [redacted] 7");
        masks(" ip ospf message-digest-key 1 md5 hidden", " ip ospf message-digest-key 1 md5 [redacted]");
        masks("snmp-server community c0mm RO 99", "snmp-server community [redacted] RO 99");
        masks("snmp-server host 192.0.2.5 version 2c c0mm", "snmp-server host 192.0.2.5 version 2c [redacted]");
        masks(
            "snmp-server user u g v3 auth sha a1a1 priv aes 128 b2b2",
            "snmp-server user u g v3 auth sha [redacted] priv aes 128 [redacted]",
        );
        masks("license smart trust idtoken MTIz all", "license smart trust idtoken [redacted] all");
        masks("neighbor 192.0.2.1 password bgpPw", "neighbor 192.0.2.1 password [redacted]");
    }

    #[test]
    fn printed_passwords_and_urls_are_masked() {
        masks("    Password: hunter2", "    Password: [redacted]");
        masks("URL: https://user:pw@ssm.example.com/x", "URL: https://user:[redacted]@ssm.example.com/x");
    }

    #[test]
    fn private_keys_are_masked_and_keep_their_lines() {
        masks(
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\nBBBB\n-----END RSA PRIVATE KEY-----\nnext\n",
            "-----BEGIN RSA PRIVATE KEY-----\n[redacted]\n[redacted]\n-----END RSA PRIVATE KEY-----\nnext\n",
        );
    }

    #[test]
    fn evidence_is_left_alone() {
        for line in [
            "    Password: <empty>",
            "  Password: Not Configured",
            "Export Authorization Key:",
            "    Keys generated ............. No",
            "ntp server 192.0.2.1 key 5 prefer",
            "service password-encryption",
            "% No password set",
            "  URL: https://smartreceiver.cisco.com/licservice/license",
            "key chain OSPF\n key 1\n",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            "  30820321 30820209 A0030201 02020101",
            "Trust Code Installed: <none>",
            "HTTP secure server trustpoint: SLA-TrustPoint",
        ] {
            masks(line, line);
        }
    }

    #[test]
    fn known_secrets_are_masked_anywhere() {
        let redactor = Redactor::new(["Tr0ub4dor&3".into(), "cisco".into(), String::new().into()]);
        assert_eq!(redactor.redact("xTr0ub4dor&3y\n"), "x[redacted]y\n");
        assert_eq!(redactor.redact("Password:\ncisco\n"), "Password:\n[redacted]\n");
        assert_eq!(redactor.redact("https://tools.cisco.com/"), "https://tools.cisco.com/");
        assert!(!format!("{redactor:?}").contains("cisco"));
    }

    #[test]
    fn text_without_secrets_is_not_copied() {
        assert!(matches!(Redactor::default().redact("Transport:\n  Type: Smart\n"), Cow::Borrowed(_)));
    }
}
