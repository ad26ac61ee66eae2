//! `show ntp peer-status` of NX-OS: the peer that is followed is marked with `*`.
//!
//! ```text
//! Total peers : 2
//! * - selected for sync, + -  peer mode(active),
//!     remote                 local                 st   poll   reach delay   vrf
//! *192.0.2.3                 0.0.0.0                8   16     377   0.01311 default
//! =192.0.2.4                 0.0.0.0               16   64       0   0.00000 default
//! ```

use super::lines::{Field, Text};
use super::plan::{NEEDS_NTP, NX_OS};
use super::{Answers, Command};
use crate::facts::Facts;

pub(super) static COMMAND: Command =
    Command { sends: "show ntp peer-status", platforms: NX_OS, wanted: NEEDS_NTP, read };

fn read(text: &Text<'_>) -> Answers {
    let head = text.lines.iter().find(|line| line.text.starts_with("Total peers")).copied();
    let is_row = |text: &str| {
        text.starts_with(['*', '=', '+', '-']) && text[1..].starts_with(|c: char| c.is_ascii_hexdigit() || c == ':')
    };
    let rows: Vec<_> = text.lines.iter().filter(|line| is_row(line.text) && !line.torn).collect();
    let address = |row: &str| row[1..].split_ascii_whitespace().next().map(str::to_owned);
    let followed = rows.iter().find(|line| line.text.starts_with('*'));
    let speaker = text.speaker(head.is_some());
    let mut facts = Facts::default();
    let whole = head.filter(|_| text.is_whole());
    facts.ntp_synchronized = speaker.fact(match (followed, whole) {
        (Some(line), _) => Field::Read(true, **line),
        (None, Some(head)) => Field::Read(false, head),
        (None, None) => Field::Missing,
    });
    facts.ntp_reference = speaker.fact(match (followed, whole) {
        (Some(line), _) => Field::Read(address(line.text), **line),
        (None, Some(head)) => Field::Read(None, head),
        (None, None) => Field::Missing,
    });
    facts.ntp_servers = speaker.fact(match whole {
        Some(head) => {
            let peers = rows.iter().filter_map(|line| address(line.text));
            Field::Read(peers.filter(|peer| !peer.starts_with("127.127.")).collect(), head)
        }
        None => Field::Missing,
    });
    Answers { facts, recognised: head.is_some(), ..Answers::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followed_or_not() {
        let head = "Total peers : 1\n* - selected for sync, + -  peer mode(active),\n- - peer mode(passive), = - polled in client mode\n";
        let facts = read(&Text::whole("show ntp peer-status", &format!("{head}*192.0.2.3  0.0.0.0  8\n"))).facts;
        assert_eq!(facts.ntp_synchronized.value(), Some(&true));
        assert_eq!(facts.ntp_reference.value(), Some(&Some("192.0.2.3".to_owned())));
        let facts = read(&Text::whole("show ntp peer-status", &format!("{head}=192.0.2.3  0.0.0.0  16\n"))).facts;
        assert_eq!(facts.ntp_synchronized.value(), Some(&false));
        assert_eq!(facts.ntp_servers.value().map(Vec::len), Some(1));
    }
}
