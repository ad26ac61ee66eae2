//! The header of an inventory: which column stands where, which are the user's own, and which may not be there.

use std::sync::Arc;

use super::problem::nearest;
use super::{Problem, spelled};

spelled! {
    /// A column slaudit knows.
    Column {
        /// The device's name in every report.
        Name = "name",
        /// Host name or address.
        Address = "address",
        /// TCP port.
        Port = "port",
        /// Site, free text.
        Site = "site",
        /// Role, free text.
        Role = "role",
        /// Operating system.
        Platform = "platform",
        /// Credential set.
        Credential = "credential",
        /// SSH algorithms.
        SshProfile = "ssh_profile",
        /// Jump hosts.
        Jump = "jump",
        /// Expected transport.
        ExpectTransport = "expect_transport",
        /// Expected URL.
        ExpectUrl = "expect_url",
        /// Expected Smart Account.
        SmartAccount = "smart_account",
        /// Expected Virtual Account.
        VirtualAccount = "virtual_account",
        /// How the device reports.
        Topology = "topology",
        /// Expected serial number.
        Serial = "serial",
        /// Expected policy.
        ExpectPolicy = "expect_policy",
    }
}

/// Names other tools give to these two columns.
const NAMES: [&str; 6] = ["hostname", "host", "device", "device_name", "sysname", "inventory_hostname"];
const ADDRESSES: [&str; 8] =
    ["ip", "ip_address", "ipaddress", "mgmt_ip", "management_ip", "ansible_host", "primary_ip", "mgmt_address"];

/// Where the columns stand in a row.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// Number of fields.
    pub(super) width: usize,
    /// Position of each known column that is there.
    known: Vec<(Column, usize)>,
    /// The user's own columns: name as written, and position.
    pub(super) extra: Vec<(String, usize)>,
    /// Positions without a name.
    pub(super) unnamed: Vec<usize>,
}

impl Header {
    /// Position of a known column.
    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.known.iter().find(|(known, _)| *known == column).map(|(_, at)| *at)
    }

    /// How many of the names are known: the measure by which the delimiter is found.
    pub(super) fn count_known<'a>(names: impl Iterator<Item = &'a str>) -> usize {
        names.filter(|name| Column::parse(&key(name)).is_some()).count()
    }

    /// Reads the names of the columns.
    pub(super) fn read<'a>(
        names: impl Iterator<Item = &'a str>,
        source: &Arc<str>,
        row: u64,
        errors: &mut Vec<Problem>,
        warnings: &mut Vec<Problem>,
    ) -> Self {
        let mut header = Self::default();
        let mut seen: Vec<String> = Vec::new();
        for (at, name) in names.map(str::trim).enumerate() {
            header.width = at + 1;
            let key = key(name);
            let problem = |what: String| Problem::of(source, what).row(row).column(name);
            if key.is_empty() {
                header.unnamed.push(at);
                continue;
            }
            if seen.contains(&key) {
                errors.push(problem("stands twice in the header; remove or rename one of the two".to_owned()));
                continue;
            }
            if holds_secrets(&key) {
                errors.push(problem(
                    "secrets are never read from an inventory, which is copied, mailed and kept in version control; remove the column and use --ask-pass, SLAUDIT_PASSWORD or a credential set's password_command".to_owned(),
                ));
            } else if let Some(column) = Column::parse(&key) {
                header.known.push((column, at));
            } else {
                if let Some(advice) = advise(&key) {
                    warnings.push(problem(advice));
                }
                header.extra.push((name.to_owned(), at));
            }
            seen.push(key);
        }
        header.check_mandatory(source, row, errors);
        header
    }

    fn check_mandatory(&self, source: &Arc<str>, row: u64, errors: &mut Vec<Problem>) {
        if self.position(Column::Name).is_some() || self.position(Column::Address).is_some() {
            return;
        }
        let advice = match self.extra.iter().find_map(|(name, _)| meant(&key(name)).map(|known| (name, known))) {
            Some((name, known)) => format!("rename the column {name} to {known}"),
            None => "the first line names the columns, for example name,address,site; for a bare list of hosts use --hosts @FILE".to_owned(),
        };
        errors.push(Problem::of(source, format!("neither a column name nor a column address; {advice}")).row(row));
    }
}

/// A name without regard to case; `Expect Transport` and `expect-transport` are `expect_transport`.
fn key(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

/// True for a column that holds secrets by its name: `password`, `enable_secret`, `ssh_pass`.
fn holds_secrets(key: &str) -> bool {
    let words = ["pass", "pwd", "passphrase", "enable", "secrets"];
    ["password", "passwd", "secret"].iter().any(|part| key.contains(part))
        || key.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

/// The known column that a name of another tool stands for, or a misspelt one.
fn meant(key: &str) -> Option<&'static str> {
    if NAMES.contains(&key) {
        return Some(Column::Name.as_str());
    }
    if ADDRESSES.contains(&key) {
        return Some(Column::Address.as_str());
    }
    nearest(key, Column::ALL.iter().map(|column| column.as_str()))
}

/// A warning for an unknown column that somebody may take for one with a meaning.
fn advise(key: &str) -> Option<String> {
    if ["user", "username", "login"].contains(&key) {
        return Some("is carried into the reports only; the account is --user, SLAUDIT_USER or a credential set's user (column credential)".to_owned());
    }
    // An address column beside `hostname` or `ip` is a choice, not a slip.
    if NAMES.contains(&key) || ADDRESSES.contains(&key) {
        return None;
    }
    meant(key).map(|known| {
        format!("is not a column slaudit knows, so it is only carried into the reports; did you mean {known}?")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str]) -> (Header, Vec<Problem>, Vec<Problem>) {
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        let header = Header::read(names.iter().copied(), &"f".into(), 1, &mut errors, &mut warnings);
        (header, errors, warnings)
    }

    #[test]
    fn order_and_case_do_not_matter() {
        let (header, errors, warnings) = read(&["Site", " NAME ", "Expect Transport", "rack"]);
        assert_eq!(header.position(Column::Name), Some(1));
        assert_eq!(header.position(Column::ExpectTransport), Some(2));
        assert_eq!(header.extra, [("rack".to_owned(), 3)]);
        assert!(errors.is_empty() && warnings.is_empty(), "{errors:?} {warnings:?}");
    }

    #[test]
    fn secrets_are_refused_by_name() {
        for name in ["password", "Enable", "enable_secret", "ssh-pass", "PASSWD", "sshpassword", "enable password"] {
            assert_eq!(read(&["name", name]).1.len(), 1, "{name}");
        }
        for name in ["enabled", "compass", "passive", "bypass"] {
            assert!(read(&["name", name]).1.is_empty(), "{name}");
        }
    }

    #[test]
    fn slips_are_warned_of_and_foreign_names_explained() {
        let (_, errors, warnings) = read(&["name", "adress", "username"]);
        assert!(errors.is_empty());
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].what.ends_with("did you mean address?"), "{warnings:?}");
        let (_, errors, _) = read(&["hostname", "site"]);
        assert!(errors[0].what.ends_with("rename the column hostname to name"), "{errors:?}");
        assert!(read(&["192.0.2.1"]).1[0].what.contains("--hosts @FILE"));
    }

    #[test]
    fn a_column_stands_once() {
        assert_eq!(read(&["name", "Name"]).1.len(), 1);
        assert_eq!(read(&["name", "rack", "RACK"]).1.len(), 1);
    }
}
