//! `show ip interface brief`: interfaces with addresses and states, for the source interface of the HTTP client.
//!
//! ```text
//! Interface              IP-Address      OK? Method Status                Protocol
//! GigabitEthernet0/0     192.0.2.10      YES NVRAM  up                    up
//! Vlan1                  unassigned      YES unset  administratively down down
//! ```

use super::lines::{Field, Line, Text};
use super::plan::{HAS_FAILING_CHANNEL, IOS};
use super::{Answers, Command};
use crate::facts::Interface;

pub(super) static COMMAND: Command =
    Command { sends: "show ip interface brief", platforms: IOS, wanted: HAS_FAILING_CHANNEL, read };

fn read(text: &Text<'_>) -> Answers {
    let head = text.lines.iter().position(|line| line.text.starts_with("Interface") && line.text.ends_with("Protocol"));
    let rows = head.map_or(&[][..], |head| &text.lines[head + 1..]);
    let interfaces: Vec<Interface> = rows.iter().filter(|line| !line.torn).filter_map(row).collect();
    let speaker = text.speaker(head.is_some());
    let mut answers = Answers { recognised: head.is_some(), ..Answers::default() };
    answers.facts.interfaces = speaker.fact(match head {
        Some(head) if text.is_whole() => Field::Read(interfaces, text.lines[head]),
        _ => Field::Missing,
    });
    answers
}

/// Name, address, `YES`, method, state of one or two words, protocol.
fn row(line: &Line<'_>) -> Option<Interface> {
    let words: Vec<&str> = line.text.split_ascii_whitespace().collect();
    let [name, address, "YES" | "NO", _, ref status @ .., protocol] = words[..] else { return None };
    Some(Interface {
        name: name.to_owned(),
        address: (address != "unassigned").then(|| address.to_owned()),
        status: status.join(" "),
        protocol: protocol.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_one_and_two_words() {
        let reply = "Interface              IP-Address      OK? Method Status                Protocol\n\
                     GigabitEthernet0/0     192.0.2.10      YES NVRAM  up                    up      \n\
                     Vlan1                  unassigned      YES unset  administratively down down    \n";
        let facts = read(&Text::whole("show ip interface brief", reply)).facts;
        let interfaces = facts.interfaces.value().expect("interfaces");
        assert_eq!((interfaces[0].address.as_deref(), interfaces[0].status.as_str()), (Some("192.0.2.10"), "up"));
        assert_eq!((interfaces[1].address.as_deref(), interfaces[1].status.as_str()), (None, "administratively down"));
    }
}
