//! `show ntp associations`: servers, and with `*` the one that is followed.
//!
//! ```text
//!   address         ref clock       st   when   poll reach  delay  offset   disp
//! *~192.0.2.3       192.0.2.99       2     25     64     7  5.610  27.027  3.342
//!  ~127.127.1.1     .LOCL.           7      6     16   377  0.000   0.000  1.204      the device's own clock
//! ```

use super::lines::{Field, Text};
use super::plan::{NEEDS_NTP, NTP};
use super::{Answers, Command};
use crate::facts::Facts;

pub(super) static COMMAND: Command =
    Command { sends: "show ntp associations", platforms: NTP, wanted: NEEDS_NTP, read };

fn read(text: &Text<'_>) -> Answers {
    let mut servers: Vec<String> = Vec::new();
    let mut reference: Field<'_, Option<String>> = Field::default();
    let mut first = None;
    for line in text.lines.iter().filter(|line| !line.torn) {
        if line.text.starts_with("address") {
            first.get_or_insert(*line);
        }
        // Codes, `~` for configured, the address; the legend has a blank behind each code.
        let Some((codes, rest)) = line.text.split_once('~') else { continue };
        if codes.len() > 2 || rest.starts_with(' ') {
            continue;
        }
        first.get_or_insert(*line);
        let Some(address) = rest.split_ascii_whitespace().next() else { continue };
        if codes.contains('*') {
            reference.take(*line, "reference", Some(Some(address.to_owned())));
        }
        if !address.starts_with("127.127.") && !servers.iter().any(|known| known == address) {
            servers.push(address.to_owned());
        }
    }
    let speaker = text.speaker(first.is_some());
    let mut facts = Facts::default();
    if let (Some(line), true) = (first, text.is_whole()) {
        facts.ntp_servers = speaker.fact(Field::Read(servers, line));
        if reference.is_missing() {
            reference = Field::Read(None, line);
        }
    } else {
        facts.ntp_servers = speaker.fact(Field::Missing);
    }
    facts.ntp_reference = speaker.fact(reference);
    Answers { facts, recognised: first.is_some(), ..Answers::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_followed_server_is_the_address_not_its_reference() {
        let reply = "  address         ref clock       st   when   poll reach  delay  offset   disp\n\
                     *~192.0.2.3       127.127.1.1      3     25     64     7  5.610  27.027  3.342\n ~192.0.2.4       .INIT.          16\n\
                     \u{20}* sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured\n";
        let facts = read(&Text::whole("show ntp associations", reply)).facts;
        assert_eq!(facts.ntp_reference.value(), Some(&Some("192.0.2.3".to_owned())));
        assert_eq!(facts.ntp_servers.value(), Some(&vec!["192.0.2.3".to_owned(), "192.0.2.4".to_owned()]));
    }

    #[test]
    fn own_clock_and_nothing_followed() {
        let head = "  address         ref clock       st\n";
        let facts = read(&Text::whole("show ntp associations", &format!("{head}*~127.127.1.1     .LOCL.   0\n"))).facts;
        assert_eq!(facts.ntp_reference.value(), Some(&Some("127.127.1.1".to_owned())));
        assert_eq!(facts.ntp_servers.value(), Some(&Vec::new()));
        let facts = read(&Text::whole("show ntp associations", &format!("{head} ~192.0.2.4  .INIT. 16\n"))).facts;
        assert_eq!(facts.ntp_reference.value(), Some(&None));
    }
}
