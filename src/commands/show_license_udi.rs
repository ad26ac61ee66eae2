//! `show license udi`: the units by product id and serial number.
//!
//! ```text
//! UDI: PID:C9350-24U,SN:FOC0000AAAA
//!
//! HA UDI List:                                      only where there are several units
//!     Active:PID:C9350-24U,SN:FOC0000AAAA
//!     Standby:PID:C9350-24U,SN:FOC0000AAAB
//!
//! SlotID   PID                SN            UDI     before Smart Licensing
//! --------------------------------------------
//! *        ASR1006            NWG0000AAAA   ASR1006:NWG0000AAAA
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::Text;
use super::plan::{LICENSING, NEEDS_LICENSE_UDI};
use super::{Answers, Command};
use crate::fact::Fact;
use crate::facts::Udi;

pub(super) static COMMAND: Command =
    Command { sends: "show license udi", platforms: LICENSING, wanted: NEEDS_LICENSE_UDI, read };

fn read(text: &Text<'_>) -> Answers {
    let is_table = text.lines.iter().any(|line| line.text.starts_with("SlotID"));
    if is_table && text.is_whole() {
        return read_table(text);
    }
    Licensing::read(text, Block::Product).answers(text, Scope { units: true, ..Scope::default() })
}

/// The row of the unit that answers is marked with `*`.
fn read_table(text: &Text<'_>) -> Answers {
    let row = text.lines.iter().filter(|line| !line.torn).find_map(|line| {
        let mut words = line.text.split_ascii_whitespace();
        let is_own = words.next() == Some("*");
        let (pid, serial) = (words.next()?, words.next()?);
        is_own.then(|| (*line, Udi { role: "standalone".to_owned(), pid: pid.to_owned(), serial: serial.to_owned() }))
    });
    let mut answers = Answers { recognised: row.is_some(), ..Answers::default() };
    if let Some((line, udi)) = row {
        answers.facts.udis = Fact::known(vec![udi], line.evidence(text.command));
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &Text<'_>) -> Option<Vec<(String, String)>> {
        let udis = read(text).facts.udis;
        udis.value().map(|udis| udis.iter().map(|udi| (udi.role.clone(), udi.serial.clone())).collect())
    }

    #[test]
    fn one_unit_several_and_the_old_table() {
        let one = Text::whole("show license udi", "UDI: PID:C9300-24T,SN:FOC0000AAAA\n");
        assert_eq!(roles(&one), Some(vec![("standalone".into(), "FOC0000AAAA".into())]));
        let two = "UDI: PID:A,SN:F1\nHA UDI List:\nActive:PID:A,SN:F1\nStandby:PID:A,SN:F1\n";
        let two = Text::whole("show license udi", two);
        assert_eq!(roles(&two), Some(vec![("active".into(), "F1".into()), ("standby".into(), "F1".into())]));
        let table = Text::whole(
            "show license udi",
            "SlotID   PID\tSN\tUDI\n-----\n*\t ASR1006  NWG0000AAAA  ASR1006:NWG0000AAAA\n",
        );
        assert_eq!(roles(&table), Some(vec![("standalone".into(), "NWG0000AAAA".into())]));
    }

    #[test]
    fn a_list_with_a_unit_that_cannot_be_read_is_not_known() {
        for unit in ["Standby:PID:A,SN:", "Member 2:PID:A,SN:F2"] {
            let reply =
                format!("UDI: PID:A,SN:F1\nHA UDI List:\n  Active:PID:A,SN:F1\n  {unit}\n  Member:PID:A,SN:F3\n");
            let answers = read(&Text::whole("show license udi", &reply));
            assert!(matches!(answers.facts.udis, Fact::Unknown(crate::fact::Unknown::Unparsed(_))), "{unit}");
            assert_eq!(answers.unparsed, [(4, unit.to_owned())]);
        }
    }

    #[test]
    fn a_list_that_was_cut_is_not_known() {
        let cut = Text::cut("show license udi", "UDI: PID:A,SN:F1\n", crate::fact::Unknown::TimedOut);
        assert_eq!(roles(&cut), None);
    }
}
