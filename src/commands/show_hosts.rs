//! `show hosts`: domain, name servers and names; what a read-only account may see of name resolution.
//!
//! ```text
//! Default domain is example.net                          or: is not set
//! Name/address lookup uses domain service                older IOS; `static mappings` where lookup is off
//! Name servers are 192.0.2.1, 192.0.2.2                  255.255.255.255 where none is configured
//! NAME  TTL  CLASS   TYPE      DATA/ADDRESS
//!  cslu-local   10      IN      A       192.0.2.7
//! cslu-local               None  (perm, OK)  0   IP    192.0.2.7        older IOS
//! ```

use super::lines::{Field, Line, Text};
use super::plan::{IOS, NEEDS_HOSTS};
use super::{Answers, Command};
use crate::facts::Facts;

pub(super) static COMMAND: Command = Command { sends: "show hosts", platforms: IOS, wanted: NEEDS_HOSTS, read };

fn read(text: &Text<'_>) -> Answers {
    let mut domain: Field<'_, Option<String>> = Field::default();
    let mut lookup: Field<'_, bool> = Field::default();
    let mut servers: Field<'_, Vec<String>> = Field::default();
    let mut names = Vec::new();
    let mut table: Option<Line<'_>> = None;
    for line in &text.lines {
        // Older IOS writes `Default Domain is`.
        let value = |prefix: &str| {
            let (start, rest) = line.text.split_at_checked(prefix.len())?;
            start.eq_ignore_ascii_case(prefix).then(|| rest.trim())
        };
        if let Some(name) = value("Default domain is ").or_else(|| value("Default domain name is ")) {
            let name = name.trim_matches('"');
            domain.take(*line, "domain", Some((name != "not set").then(|| name.to_owned())));
        } else if let Some(way) = value("Name/address lookup uses ") {
            lookup.take(*line, "way of name lookup", Some(!way.starts_with("static")));
        } else if let Some(list) = value("Name servers are") {
            let list = list.split([',', ' ']).filter(|server| !server.is_empty() && *server != "255.255.255.255");
            servers.take(*line, "addresses", Some(list.map(str::to_owned).collect()));
        } else if is_head(line.text) {
            table.get_or_insert(*line);
        } else if table.is_some() && !line.torn {
            names.extend(name_in(line.text));
        }
    }
    let recognised = !(domain.is_missing() && servers.is_missing() && table.is_none());
    let speaker = text.speaker(recognised);
    let mut facts = Facts {
        dns_domain: speaker.fact(domain),
        dns_servers: speaker.fact(servers),
        dns_hosts: speaker.fact(match table {
            Some(line) if text.is_whole() => Field::Read(names, line),
            _ => Field::Missing,
        }),
        ..Facts::default()
    };
    // Newer releases do not say; where they do not, a lookup that is off is seen in the configuration only.
    if !lookup.is_missing() {
        facts.dns_lookup_enabled = speaker.fact(lookup);
    }
    Answers { facts, recognised, ..Answers::default() }
}

fn is_head(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    matches!((words.next(), words.next()), (Some("NAME"), Some("TTL")) | (Some("Host"), Some("Port" | "Flags")))
}

/// The name of a row that gives an address.
fn name_in(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let is_address = matches!(words[..], [_, _, "IN", "A" | "AAAA", _, ..]) || text.contains("(perm,");
    is_address.then(|| words[0].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(reply: &str) -> Facts {
        read(&Text::whole("show hosts", reply)).facts
    }

    #[test]
    fn new_form() {
        let facts = facts(
            "Default domain is example.net\nName servers are 192.0.2.1, 192.0.2.2\nNAME  TTL  CLASS   TYPE      DATA/ADDRESS\n-----\n\
             cslu-local   10      IN      A       192.0.2.7\n 7.2.0.192.in-addr.arpa   10      IN      PTR     cslu-local\n",
        );
        assert_eq!(facts.dns_domain.value(), Some(&Some("example.net".to_owned())));
        assert_eq!(facts.dns_servers.value().map(Vec::len), Some(2));
        assert_eq!(facts.dns_hosts.value(), Some(&vec!["cslu-local".to_owned()]));
    }

    #[test]
    fn a_domain_with_a_capital_of_older_ios() {
        let facts = facts("Default Domain is lab.local\nName servers are 192.0.2.1\n");
        assert_eq!(facts.dns_domain.value(), Some(&Some("lab.local".to_owned())));
    }

    #[test]
    fn old_form_without_a_server() {
        let facts = facts(
            "Default domain is not set\nName/address lookup uses static mappings\nName servers are 255.255.255.255\n\
             Host                      Port  Flags      Age Type   Address(es)\ncslu-local  None  (perm, OK)  0   IP    192.0.2.7\n",
        );
        assert_eq!(facts.dns_domain.value(), Some(&None));
        assert_eq!(facts.dns_servers.value(), Some(&Vec::new()));
        assert_eq!(facts.dns_lookup_enabled.value(), Some(&false));
        assert_eq!(facts.dns_hosts.value().map(Vec::len), Some(1));
    }
}
