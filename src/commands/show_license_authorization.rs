//! `show license authorization`: authorization codes (SLAC) of the units.
//!
//! ```text
//! Overall status:
//!   Active: PID:C9300X-24HX,SN:FOC0000AAAA
//!       Status: SMART AUTHORIZATION INSTALLED on Oct 29 17:45:28 2021 UTC
//!       Last Confirmation code: 6746c5b5
//!   Standby: PID:C9300X-24HX,SN:FOC0000AAAB
//!       Status: NOT INSTALLED
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::Text;
use super::plan::{IOS, USES_ENFORCED_LICENSE};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show license authorization", platforms: IOS, wanted: USES_ENFORCED_LICENSE, read };

fn read(text: &Text<'_>) -> Answers {
    Licensing::read(text, Block::Start).answers(text, Scope { authorizations: true, ..Scope::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_of_two_has_a_code() {
        let reply = "Overall status:\n  Active: PID:A,SN:F1\n      Status: SMART AUTHORIZATION INSTALLED on Oct 29 17:45:28 2021 UTC\n\
                     Last Confirmation code: 6746c5b5\n  Standby: PID:A,SN:F2\n      Status: NOT INSTALLED\n\
                     Purchased Licenses:\n  No Purchase Information Available\n";
        let answers = read(&Text::whole("show license authorization", reply));
        assert_eq!(answers.unparsed, []);
        assert_eq!(answers.facts.authorization_installed.value(), Some(&true));
        let units = answers.facts.authorization_units.value().expect("units");
        assert_eq!(units[0].status, "SMART AUTHORIZATION INSTALLED on Oct 29 17:45:28 2021 UTC");
        assert_eq!(units[1].status, "NOT INSTALLED");
    }
    #[test]
    fn a_unit_that_cannot_be_read_is_not_left_out() {
        let reply = "Overall status:\n  Active: PID:A,SN:F1\n      Status: SMART AUTHORIZATION INSTALLED on Oct 29 17:45:28 2021 UTC\n\
                     \x20 Standby: PID:A,SN:\n      Status: NOT INSTALLED\n";
        let answers = read(&Text::whole("show license authorization", reply));
        assert!(!answers.facts.authorization_units.is_known());
        assert_eq!(answers.unparsed.len(), 1);
    }
}
