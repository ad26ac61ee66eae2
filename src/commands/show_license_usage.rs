//! `show license usage`: licences in use; on NX-OS before 10.2 a table of licence files.
//!
//! ```text
//! License Authorization:
//!   Status: Not Applicable                                         SLP
//! network-advantage (C9300-24 Network Advantage):
//!   Count: 2
//!   Status: IN USE
//!
//! Feature                      Ins  Lic   Status Expiry Date Comments        NX-OS with licence files
//! LAN_ENTERPRISE_SERVICES_PKG  Yes   -    In use Never       -
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::{Line, Text};
use super::plan::{LICENSING, NEEDS_LICENSE_USAGE};
use super::{Answers, Command};
use crate::fact::Fact;
use crate::facts::License;

pub(super) static COMMAND: Command =
    Command { sends: "show license usage", platforms: LICENSING, wanted: NEEDS_LICENSE_USAGE, read };

fn read(text: &Text<'_>) -> Answers {
    let table = text.lines.iter().position(|line| line.text.starts_with("Feature ") && line.text.contains(" Ins "));
    if let Some(start) = table {
        return read_table(text, text.lines[start], &text.lines[start + 1..]);
    }
    Licensing::read(text, Block::LicenseUsage).answers(text, Scope { licenses: true, slp: true, ..Scope::default() })
}

fn read_table<'a>(text: &Text<'a>, head: Line<'a>, rows: &[Line<'a>]) -> Answers {
    let mut answers = Answers { recognised: true, ..Answers::default() };
    let mut licenses = Vec::new();
    for line in rows.iter().filter(|line| !line.is_rule() && line.text != "Count") {
        match row(line.text).filter(|_| !line.torn) {
            Some(license) => licenses.push(license),
            None => answers.unparsed.push(line.kept()),
        }
    }
    let evidence = head.evidence(text.command);
    answers.facts.slp_enabled = Fact::known(false, evidence.clone());
    if text.is_whole() && answers.unparsed.is_empty() {
        answers.facts.licenses = Fact::known(licenses, evidence);
    }
    answers
}

/// `LAN_ENTERPRISE_SERVICES_PKG   Yes   -   In use Never       -`
fn row(text: &str) -> Option<License> {
    let mut words = text.split_ascii_whitespace();
    let (name, installed, count) = (words.next()?, words.next()?, words.next()?);
    if !matches!(installed, "Yes" | "No") {
        return None;
    }
    let status = match words.next()? {
        "In" if words.next() == Some("use") => "IN USE",
        "Unused" => "NOT IN USE",
        _ => return None,
    };
    Some(License {
        name: name.to_owned(),
        count: count.parse().unwrap_or(0),
        status: status.to_owned(),
        enforcement: None,
        kind: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nx_os_of_both_ages() {
        let reply = "License Authorization:\n  Status: Not Applicable\n\n(LAN_X_PKG):\n  Description: LAN\n  Count: 1\n  Status: IN USE\n\
                     Enforcement Type: NOT ENFORCED\n  License Type: Generic\n";
        let facts = read(&Text::whole("show license usage", reply)).facts;
        assert_eq!(facts.slp_enabled.value(), Some(&true));
        let licenses = facts.licenses.value().expect("licences");
        assert_eq!((licenses[0].name.as_str(), licenses[0].kind.as_deref()), ("LAN_X_PKG", Some("Generic")));
        let reply = "Feature                      Ins  Lic   Status Expiry Date Comments\n                                 Count\n----\n\
                     MPLS_PKG                      No    -   Unused             Grace 10D 1H\nLAN_X_PKG   Yes   4   In use Never       -\n----\n";
        let answers = read(&Text::whole("show license usage", reply));
        assert_eq!(answers.facts.slp_enabled.value(), Some(&false));
        let licenses = answers.facts.licenses.value().expect("licences");
        assert_eq!((licenses.len(), licenses[1].count, licenses[1].status.as_str()), (2, 4, "IN USE"));
    }

    #[test]
    fn one_name_twice_is_two_licences() {
        let reply = "a (x 24):\n  Count: 2\n  Status: IN USE\na (x 48):\n  Count: 1\n  Status: IN USE\n";
        let facts = read(&Text::whole("show license usage", reply)).facts;
        assert_eq!(facts.licenses.value().map(Vec::len), Some(2));
    }
}
