//! The closed list of commands that a remedy may hold.
//!
//! What is not on it is not written. None of it starts with `no`, and nothing reloads, erases, deletes or resets.

use super::Mode;

/// Commands of configuration mode: whole where they end in a word, the beginning where they end in a blank.
const CONFIGURE: &[&str] = &[
    "active",
    "call-home",
    "crypto pki trustpoint SLA-TrustPoint",
    "destination address http ",
    "destination transport-method http",
    "enrollment terminal",
    "ip domain lookup",
    "ip domain name ",
    "ip http authentication local",
    "ip http client secure-trustpoint SLA-TrustPoint",
    "ip http client source-interface ",
    "ip http secure-server",
    "ip name-server ",
    "license smart proxy address ",
    "license smart proxy port ",
    "license smart server-identity-check",
    "license smart transport ",
    "license smart url cslu ",
    "license smart url smart ",
    "license smart vrf ",
    "ntp server ",
    "profile ",
    "reporting smart-licensing-data",
    "revocation-check none",
    "service call-home",
    "source-interface ",
];

/// Commands of privileged EXEC mode, in the same way.
const EXEC: &[&str] = &[
    "configure terminal",
    "copy running-config startup-config",
    "end",
    "license smart authorization request add <feature> ",
    "license smart import bootflash:<",
    "license smart register idtoken <token>",
    "license smart renew auth",
    "license smart renew id",
    "license smart save usage all file bootflash:<",
    "license smart sync all",
    "license smart trust idtoken <token>",
    "license smart trust idtoken <token> ",
    "write memory",
];

/// Commands that only show something.
const SHOW: &[&str] = &["ping ", "show "];

/// A terminal of IOS takes so many characters in a line.
const LONGEST: usize = 254;

/// True for a command of the list whose own words are harmless: no control character, no `?` (help), `;`, `|` or `!`.
pub(super) fn is_allowed(mode: Mode, line: &str) -> bool {
    let list = match mode {
        Mode::Configure => CONFIGURE,
        Mode::Exec => EXEC,
        Mode::Show => SHOW,
    };
    let command = line.trim_start_matches(' ');
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || " ._:/<>-\"[]~%+=&@,".contains(c);
    let is_listed = list.iter().any(|known| match known.strip_suffix([' ', '<']) {
        Some(_) => command.len() > known.len() && command.starts_with(known),
        None => command == *known,
    });
    is_listed && line.len() <= LONGEST && line.chars().all(is_harmless)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_destroys_is_not_on_the_list() {
        for command in [
            "license smart factory reset",
            "no ntp server 192.0.2.1",
            "no license smart url",
            "write erase",
            "reload",
            "delete bootflash:x",
            "erase startup-config",
            "copy startup-config running-config",
            "license smart authorization return all online",
            "ntp server 192.0.2.1\nreload",
            "ntp server 192.0.2.1 ; reload",
            "ntp server",
            "endless",
            "write memory all",
            "license smart trust idtoken 123 all",
        ] {
            assert!(!is_allowed(Mode::Configure, command) && !is_allowed(Mode::Exec, command), "{command}");
        }
        for list in [CONFIGURE, EXEC] {
            for start in list.iter().filter(|start| **start != "write memory") {
                let first = start.split(' ').next().unwrap_or_default();
                let harmful = ["no", "default", "reload", "erase", "delete", "write", "format", "clear", "reset"];
                assert!(!harmful.contains(&first) && !start.contains("reset"), "{start}");
            }
        }
        assert!(is_allowed(Mode::Configure, "  destination address http https://tools.cisco.com/its"));
        assert!(is_allowed(Mode::Exec, "license smart trust idtoken <token> all force"));
    }
}
