//! `show license tech support`: everything the agent knows. Guides call it `show license tech`.
//!
//! ```text
//! Smart Licensing Tech Support info            may be missing
//!
//! Smart Licensing Status
//! ======================
//!   ... the blocks of `show license status`, with `Server Identity Check`, `IP Mode`, `Trust Point` in Transport
//! License Usage                                by handle, status with a code: IN USE(15)
//! Upcoming Scheduled Jobs
//! =======================
//! Current time: Mar 19 15:08:49 2025 IST       the device's time
//! Communication Statistics:                    ten channels
//! Other Info
//! ==========
//! P:C9500-32QC,S:CAT0000AAAA: No Trust Data
//! Overall Trust: No ID
//! Clock sync-ed with NTP: True
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::Text;
use super::plan::{ALWAYS, IOS};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show license tech support", platforms: IOS, wanted: ALWAYS, read };

fn read(text: &Text<'_>) -> Answers {
    Licensing::read(text, Block::Start).answers(text, Scope::SUPPORT)
}
