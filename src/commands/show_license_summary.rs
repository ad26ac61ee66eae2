//! `show license summary`: accounts and a table of licences. Read where somebody saved it; never asked.
//!
//! ```text
//! Account Information:
//!   Smart Account: <none>
//! License Usage:
//!   License                 Entitlement Tag               Count Status
//!   -----------------------------------------------------------------------------
//!   network-advantage       (C9300-24 Network Advan...)       2 IN USE
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::Text;
use super::plan::{LICENSING, NEVER};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show license summary", platforms: LICENSING, wanted: NEVER, read };

fn read(text: &Text<'_>) -> Answers {
    Licensing::read(text, Block::Start)
        .answers(text, Scope { account: true, licenses: true, slp: true, ..Scope::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_and_without_a_name() {
        let reply = "License Usage:\n  License   Entitlement Tag   Count Status\n  ------\n  network-advantage  (C9300-48 Network Advan...)  1 IN USE\n\
                     (CSR_1G) 3 EVAL EXPIRED\n";
        let facts = read(&Text::whole("show license summary", reply)).facts;
        let licenses = facts.licenses.value().expect("licences");
        let short: Vec<_> = licenses.iter().map(|l| (l.name.as_str(), l.count, l.status.as_str())).collect();
        assert_eq!(short, [("network-advantage", 1, "IN USE"), ("CSR_1G", 3, "EVAL EXPIRED")]);
    }
}
