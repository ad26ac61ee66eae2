//! `show running-config`, filtered: only lines that hold no secret, and `hostname` as a canary.
//!
//! ```text
//! hostname sw1                                          without it the account may not read the configuration
//! no ip domain lookup
//! ip name-server vrf Mgmt-vrf 192.0.2.1 192.0.2.2
//! ip http client source-interface GigabitEthernet0/0
//! license smart transport cslu
//! ntp server vrf Mgmt-vrf 192.0.2.3 key 2 prefer
//! ```
//!
//! What a configuration does not hold is not configured: with the canary, absence is known. Defaults are not printed, so for
//! licensing itself absence proves nothing, and the agent's own output is read instead.

use super::lines::{Field, Line, Speaker, Text};
use super::plan::{ALWAYS, IOS};
use super::{Answers, Command};
use crate::fact::Unknown;
use crate::facts::Facts;

// One line of the device's command line: under 254 characters, and without `?`, which asks for help as soon as it is typed.
// Sub-keywords are named, so that no password, key or user can be among the lines: `license smart proxy` alone could hold one.
pub(super) const SENDS: &str = concat!(
    "show running-config | include ^hostname|^ntp (server|peer|master)",
    "|^(no )*ip(v6)* (http client (source-i|secure-t|proxy-s)|domain|name-server|host )",
    "|^license smart (transport|url|proxy (address|port)|vrf|usage i)|^clock timezone|service call-home"
);

pub(super) static COMMAND: Command = Command { sends: SENDS, platforms: IOS, wanted: ALWAYS, read };

#[derive(Debug, Default)]
struct Configuration<'a> {
    hostname: Field<'a, String>,
    ntp_servers: Vec<(String, Line<'a>)>,
    ntp_master: Field<'a, bool>,
    name_servers: Vec<(String, Line<'a>)>,
    hosts: Vec<(String, Line<'a>)>,
    domain: Field<'a, Option<String>>,
    lookup: Field<'a, bool>,
    source_interface: Field<'a, Option<String>>,
    client_trustpoint: Field<'a, Option<String>>,
    call_home: Field<'a, bool>,
    /// Any of these lines was there.
    recognised: bool,
}

fn read(text: &Text<'_>) -> Answers {
    let mut configuration = Configuration::default();
    for line in &text.lines {
        configuration.line(*line);
    }
    configuration.answers(text)
}

impl<'a> Configuration<'a> {
    fn line(&mut self, line: Line<'a>) {
        if line.torn {
            return;
        }
        let words: Vec<&str> = line.text.split_ascii_whitespace().collect();
        match words[..] {
            ["hostname", name] => {
                self.hostname.take(line, "host name", Some(name.trim_matches('"').to_owned()));
            }
            ["ntp", "server" | "peer", ref rest @ ..] => {
                self.ntp_servers.extend(ntp_address(rest).map(|address| (address.to_owned(), line)));
            }
            ["ntp", "master", ..] => {
                self.ntp_master.take(line, "", Some(true));
            }
            ["ip", "name-server", "vrf", vrf, ref servers @ ..] => {
                self.name_servers.extend(servers.iter().map(|server| (format!("vrf {vrf} {server}"), line)));
            }
            ["ip", "name-server", ref servers @ ..] => {
                self.name_servers.extend(servers.iter().map(|server| ((*server).to_owned(), line)));
            }
            ["no", "ip", "domain", "lookup"] | ["no", "ip", "domain-lookup"] => {
                self.lookup.take(line, "", Some(false));
            }
            // The name without a VRF, and only where there is none the name of a VRF.
            ["ip", "domain", "name", name] | ["ip", "domain-name", name] => {
                self.domain = Field::Read(Some(name.to_owned()), line);
            }
            ["ip", "domain", "name", "vrf", _, name] | ["ip", "domain-name", "vrf", _, name] => {
                self.domain.take(line, "", Some(Some(name.to_owned())));
            }
            ["ip" | "ipv6", "host", "vrf", vrf, name, _, ..] => self.hosts.push((format!("vrf {vrf} {name}"), line)),
            ["ip" | "ipv6", "host", name, _, ..] => {
                self.hosts.push((name.to_owned(), line));
            }
            ["ip", "http", "client", "source-interface", ref interface @ ..] if !interface.is_empty() => {
                self.source_interface.take(line, "", Some(Some(interface.concat())));
            }
            ["ip", "http", "client", "secure-trustpoint", name] => {
                self.client_trustpoint.take(line, "", Some(Some(name.to_owned())));
            }
            ["service", "call-home"] => {
                self.call_home.take(line, "", Some(true));
            }
            ["no", "service", "call-home"] => {
                self.call_home.take(line, "", Some(false));
            }
            _ => return,
        }
        self.recognised = true;
    }

    fn answers(self, text: &Text<'a>) -> Answers {
        let canary = match &self.hostname {
            Field::Read(_, line) => Some(*line),
            _ => None,
        };
        // A lowered-privilege account gets a blank configuration by design, with the usual first lines or without.
        let refused = (!self.recognised && text.is_whole()).then(|| "blank configuration".to_owned());
        let speaker = Speaker {
            command: text.command,
            missing: match (&refused, canary) {
                (Some(words), _) => Unknown::NotPermitted(words.clone()),
                // Lines, and no canary: somebody filtered it in his own way. What he left out was not asked.
                (None, None) if text.is_whole() => Unknown::NotCollected,
                _ => text.speaker(true).missing,
            },
        };
        // Only a whole configuration with its canary says that a line is not there.
        let whole = canary.filter(|_| text.is_whole());
        let list = |items: Vec<(String, Line<'a>)>| match (items.first(), whole) {
            (Some((_, line)), _) if text.is_whole() => {
                Field::Read(items.iter().map(|(item, _)| item.clone()).collect(), *line)
            }
            (None, Some(canary)) => Field::Read(Vec::new(), canary),
            _ => Field::Missing,
        };
        let facts = Facts {
            ntp_servers: speaker.fact(list(self.ntp_servers)),
            ntp_master: speaker.fact(or_none(self.ntp_master, false, whole)),
            dns_servers: speaker.fact(list(self.name_servers)),
            dns_hosts: speaker.fact(list(self.hosts)),
            dns_domain: speaker.fact(or_none(self.domain, None, whole)),
            dns_lookup_enabled: speaker.fact(or_none(self.lookup, true, whole)),
            http_source_interface: speaker.fact(or_none(self.source_interface, None, whole)),
            http_client_trustpoint: speaker.fact(or_none(self.client_trustpoint, None, whole)),
            call_home_enabled: speaker.fact(self.call_home),
            hostname: speaker.fact(self.hostname),
            ..Facts::default()
        };
        Answers { facts, recognised: self.recognised, refused, ..Answers::default() }
    }
}

/// What a field is where its line is not in the configuration.
fn or_none<'a, T>(field: Field<'a, T>, absent: T, whole: Option<Line<'a>>) -> Field<'a, T> {
    match (field, whole) {
        (Field::Missing, Some(canary)) => Field::Read(absent, canary),
        (field, _) => field,
    }
}

/// The address behind `ntp server [vrf V] [ip|ipv6]`.
pub(super) fn ntp_address<'t>(words: &[&'t str]) -> Option<&'t str> {
    let (["vrf", _, words @ ..] | words) = words;
    match words {
        ["ip" | "ipv6", address, ..] | [address, ..] => Some(address),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Fact;

    fn facts(reply: &str) -> Facts {
        read(&Text::whole(COMMAND.sends, reply)).facts
    }

    #[test]
    fn what_is_configured() {
        let facts = facts(
            "hostname sw1\nno ip domain lookup\nip domain name example.net\nip name-server vrf Mgmt-vrf 192.0.2.1 192.0.2.2\n\
             ip name-server 192.0.2.9\nip host cslu-local 192.0.2.7\nip host vrf Mgmt-vrf ssm.example.net 192.0.2.8\n\
             ipv6 host tools.example.net 2001:DB8::8\n\
             ip http client source-interface GigabitEthernet 0/0\nip http client secure-trustpoint SLA-TrustPoint\n\
             ntp server vrf Mgmt-vrf 192.0.2.3 key 2 prefer\nntp peer 192.0.2.4\nservice call-home\n",
        );
        let list = |fact: &Fact<Vec<String>>| fact.value().cloned().unwrap_or_default();
        assert_eq!(list(&facts.dns_servers), ["vrf Mgmt-vrf 192.0.2.1", "vrf Mgmt-vrf 192.0.2.2", "192.0.2.9"]);
        assert_eq!(list(&facts.dns_hosts), ["cslu-local", "vrf Mgmt-vrf ssm.example.net", "tools.example.net"]);
        assert_eq!(list(&facts.ntp_servers), ["192.0.2.3", "192.0.2.4"]);
        assert_eq!(facts.dns_lookup_enabled.value(), Some(&false));
        assert_eq!(facts.dns_domain.value(), Some(&Some("example.net".to_owned())));
        assert_eq!(facts.http_source_interface.value(), Some(&Some("GigabitEthernet0/0".to_owned())));
        assert_eq!(facts.call_home_enabled.value(), Some(&true));
    }

    #[test]
    fn the_canary_makes_absence_known() {
        let facts = facts("hostname sw1\n");
        assert_eq!(facts.ntp_servers.value(), Some(&Vec::new()));
        assert_eq!(facts.http_source_interface.value(), Some(&None));
        assert_eq!(facts.dns_lookup_enabled.value(), Some(&true));
        assert!(!facts.call_home_enabled.is_known());
    }

    #[test]
    fn a_blank_configuration_is_a_refusal() {
        for blank in ["", "Building configuration...\n\nCurrent configuration : 64 bytes\n"] {
            let answers = read(&Text::whole(COMMAND.sends, blank));
            assert_eq!(answers.refused.as_deref(), Some("blank configuration"));
            let expected = Unknown::NotPermitted("blank configuration".to_owned());
            assert_eq!(answers.facts.ntp_servers, Fact::Unknown(expected));
        }
    }

    #[test]
    fn somebody_s_own_filter_answers_what_it_shows() {
        let facts = facts("ntp server 192.0.2.3\n");
        assert_eq!(facts.ntp_servers.value().map(Vec::len), Some(1));
        assert_eq!(facts.dns_servers, Fact::Unknown(Unknown::NotCollected));
    }

    #[test]
    fn a_configuration_that_was_cut_proves_no_absence() {
        let facts = read(&Text::cut(COMMAND.sends, "hostname sw1\nntp server 192.0.2.3\n", Unknown::TimedOut)).facts;
        assert_eq!(facts.ntp_servers, Fact::Unknown(Unknown::TimedOut));
        assert_eq!(facts.http_source_interface, Fact::Unknown(Unknown::TimedOut));
        assert_eq!(facts.hostname.value().map(String::as_str), Some("sw1"));
    }
}
