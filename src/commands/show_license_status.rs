//! `show license status`: transport, policy, reporting and trust codes.
//!
//! ```text
//! Smart Licensing Using Policy:
//!   Status: ENABLED
//! Transport:
//!   Type: cslu
//!   Cslu address: <empty>
//! Usage Reporting:
//!   Last ACK received: Oct 14 12:10:32 2021 UTC
//!   Next ACK deadline: Jan 12 12:10:32 2022 UTC
//! Trust Code Installed:
//!   Active: PID:C9300-24UX,SN:FCW0000AAAA
//!     INSTALLED on Oct 14 11:37:52 2021 UTC
//! ```

use super::license::{Block, Licensing, Scope};
use super::lines::Text;
use super::plan::{LICENSING, NEEDS_LICENSE_STATUS};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show license status", platforms: LICENSING, wanted: NEEDS_LICENSE_STATUS, read };

fn read(text: &Text<'_>) -> Answers {
    let scope = Scope { status: true, slp: true, account: true, ..Scope::default() };
    Licensing::read(text, Block::Start).answers(text, scope)
}
