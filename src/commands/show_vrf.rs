//! `show vrf`: VRFs and the interfaces in them.
//!
//! ```text
//!   Name                             Default RD            Protocols   Interfaces
//!   Mgmt-vrf                         <not set>             ipv4,ipv6   Gi0/0
//!   BLUE                             65000:1               ipv4        Vl10
//!                                                                      Vl20
//! ```

use super::lines::{Field, Text};
use super::plan::{IOS, NEEDS_VRFS};
use super::{Answers, Command};
use crate::facts::Vrf;

pub(super) static COMMAND: Command = Command { sends: "show vrf", platforms: IOS, wanted: NEEDS_VRFS, read };

fn read(text: &Text<'_>) -> Answers {
    let head = text.lines.iter().position(|line| line.text.starts_with("Name ") && line.text.ends_with("Interfaces"));
    let mut vrfs: Vec<Vrf> = Vec::new();
    for line in head.map_or(&[][..], |head| &text.lines[head + 1..]).iter().filter(|line| !line.torn) {
        let row = line.text.replace("<not set>", "-");
        let words: Vec<&str> = row.split_ascii_whitespace().collect();
        match (words.as_slice(), vrfs.last_mut()) {
            // A line of one word is one more interface of the VRF above.
            ([interface], Some(vrf)) => vrf.interfaces.push((*interface).to_owned()),
            ([name, _rd, rest @ ..], _) => vrfs.push(Vrf {
                name: (*name).to_owned(),
                interfaces: rest.iter().skip(1).map(|interface| (*interface).to_owned()).collect(),
            }),
            _ => {}
        }
    }
    // A device without VRFs prints nothing at all.
    let is_blank = text.lines.is_empty() && text.is_whole();
    let speaker = text.speaker(head.is_some());
    let mut answers = Answers { recognised: head.is_some(), ..Answers::default() };
    answers.facts.vrfs = speaker.fact(match head {
        Some(head) if text.is_whole() => Field::Read(vrfs, text.lines[head]),
        None if is_blank => Field::Read(Vec::new(), super::lines::Line::default()),
        _ => Field::Missing,
    });
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_go_on_below() {
        let reply = "  Name                             Default RD            Protocols   Interfaces\n\
                     \u{20} Mgmt-vrf                         <not set>             ipv4,ipv6   Gi0/0\n\
                     \u{20} BLUE                             65000:1               ipv4        Vl10\n\
                     \u{20}                                                                    Vl20\n";
        let facts = read(&Text::whole("show vrf", reply)).facts;
        let vrfs = facts.vrfs.value().expect("VRFs");
        assert_eq!(
            (vrfs[0].name.as_str(), vrfs[0].interfaces.as_slice()),
            ("Mgmt-vrf", ["Gi0/0".to_owned()].as_slice())
        );
        assert_eq!(vrfs[1].interfaces, ["Vl10", "Vl20"]);
    }
}
