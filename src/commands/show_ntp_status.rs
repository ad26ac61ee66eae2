//! `show ntp status`: whether the clock is synchronised, and to what.
//!
//! ```text
//! Clock is synchronized, stratum 4, reference is 192.0.2.3
//! Clock is unsynchronized, stratum 16, no reference clock
//! %NTP is not enabled.
//! ```

use super::lines::{Field, Text};
use super::plan::{NEEDS_NTP, NTP};
use super::{Answers, Command};
use crate::facts::Facts;

pub(super) static COMMAND: Command = Command { sends: "show ntp status", platforms: NTP, wanted: NEEDS_NTP, read };

fn read(text: &Text<'_>) -> Answers {
    let mut synchronized: Field<'_, bool> = Field::default();
    let mut stratum: Field<'_, u8> = Field::default();
    let mut reference: Field<'_, Option<String>> = Field::default();
    for line in &text.lines {
        if line.text.trim_start_matches('%').trim_start().starts_with("NTP is not enabled") {
            synchronized.take(*line, "", Some(false));
            reference.take(*line, "", Some(None));
        }
        let Some(rest) = line.text.strip_prefix("Clock is ") else { continue };
        let mut parts = rest.split(',').map(str::trim);
        let state = match parts.next() {
            Some("synchronized" | "synchronised") => Some(true),
            Some("unsynchronized" | "unsynchronised") => Some(false),
            _ => None,
        };
        synchronized.take(*line, "synchronized or unsynchronized", state);
        for part in parts {
            if let Some(number) = part.strip_prefix("stratum ") {
                stratum.take(*line, "stratum", number.parse().ok());
            } else if let Some(name) = part.strip_prefix("reference is ") {
                reference.take(*line, "reference", Some(Some(name.to_owned())));
            } else if part.starts_with("no reference") {
                reference.take(*line, "reference", Some(None));
            }
        }
    }
    let recognised = !synchronized.is_missing();
    let speaker = text.speaker(recognised);
    let status = match &synchronized {
        Field::Read(true, line) => Field::Read("synchronized".to_owned(), *line),
        Field::Read(false, line) => Field::Read("unsynchronized".to_owned(), *line),
        Field::Unread(wanted, line) => Field::Unread(wanted, *line),
        Field::Missing => Field::Missing,
    };
    let facts = Facts {
        ntp_status: speaker.fact(status),
        ntp_synchronized: speaker.fact(synchronized),
        ntp_stratum: speaker.fact(stratum),
        ntp_reference: speaker.fact(reference),
        ..Facts::default()
    };
    Answers { facts, recognised, ..Answers::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Synchronised, stratum, and the reference; `-` where there is none, empty where it is not known.
    fn state(reply: &str) -> (Option<bool>, Option<u8>, String) {
        let facts = read(&Text::whole("show ntp status", reply)).facts;
        let reference = facts.ntp_reference.value().map(|name| name.clone().unwrap_or_else(|| "-".to_owned()));
        (facts.ntp_synchronized.value().copied(), facts.ntp_stratum.value().copied(), reference.unwrap_or_default())
    }

    #[test]
    fn every_state() {
        let reply = "Clock is synchronized, stratum 4, reference is 192.0.2.3        \nnominal freq is 250.0000 Hz\n";
        assert_eq!(state(reply), (Some(true), Some(4), "192.0.2.3".to_owned()));
        let reply = "Clock is synchronized, stratum 1, reference is .LOCL.\n";
        assert_eq!(state(reply), (Some(true), Some(1), ".LOCL.".to_owned()));
        assert_eq!(
            state("Clock is unsynchronized, stratum 16, no reference clock\n"),
            (Some(false), Some(16), "-".to_owned())
        );
        assert_eq!(state("%NTP is not enabled.\n"), (Some(false), None, "-".to_owned()));
        assert_eq!(state("Distribution : Disabled\n"), (None, None, String::new()));
    }
}
