//! `show ntp config`: the servers as configured. Read where somebody saved it; never asked.
//!
//! ```text
//! ntp server vrf Mgmt-vrf 192.0.2.3 key 2 prefer
//! ```

use super::lines::{Field, Text};
use super::plan::{IOS, NEVER};
use super::show_running_config::ntp_address;
use super::{Answers, Command};

pub(super) static COMMAND: Command = Command { sends: "show ntp config", platforms: IOS, wanted: NEVER, read };

fn read(text: &Text<'_>) -> Answers {
    let mut servers = Vec::new();
    let mut first = None;
    for line in text.lines.iter().filter(|line| !line.torn) {
        let words: Vec<&str> = line.text.split_ascii_whitespace().collect();
        if let ["ntp", "server" | "peer", ref rest @ ..] = words[..] {
            first.get_or_insert(*line);
            servers.extend(ntp_address(rest).map(str::to_owned));
        }
    }
    let mut answers = Answers { recognised: first.is_some(), ..Answers::default() };
    answers.facts.ntp_servers = text.speaker(first.is_some()).fact(match first {
        Some(line) if text.is_whole() => Field::Read(servers, line),
        _ => Field::Missing,
    });
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_in_and_out_of_a_vrf() {
        let reply = "ntp server 192.0.2.3\nntp server vrf Mgmt 192.0.2.4 key 2\n";
        let facts = read(&Text::whole("show ntp config", reply)).facts;
        assert_eq!(facts.ntp_servers.value(), Some(&vec!["192.0.2.3".to_owned(), "192.0.2.4".to_owned()]));
    }
}
