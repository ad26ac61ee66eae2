//! `show license all`: state, licences, units and agent, in one output. No counters, no clock.
//!
//! ```text
//! Smart Licensing Status
//! ======================
//! Smart Licensing is ENABLED
//!   ... the blocks of `show license status`
//! License Usage
//! =============
//! network-advantage (C9300-24 Network Advantage):
//!   Count: 2
//!   Status: IN USE
//! Product Information
//! ===================
//! UDI: PID:C9300-24UX,SN:FCW0000AAAA
//! Agent Version
//! =============
//! Smart Agent for Licensing: 5.3.10_rel/25
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::Text;
use super::plan::{LICENSING, NEEDS_LICENSE_ALL};
use super::show_license::before_smart_licensing;
use super::{Answers, Command};
use crate::fact::Fact;

pub(super) static COMMAND: Command =
    Command { sends: "show license all", platforms: LICENSING, wanted: NEEDS_LICENSE_ALL, read };

fn read(text: &Text<'_>) -> Answers {
    if let Some(evidence) = before_smart_licensing(text) {
        let mut answers = Answers { recognised: true, ..Answers::default() };
        answers.facts.slp_enabled = Fact::known(false, evidence);
        return answers;
    }
    Licensing::read(text, Block::Start).answers(text, Scope::ALL)
}
