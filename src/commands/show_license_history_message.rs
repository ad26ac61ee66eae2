//! `show license history message`: the agent's last messages, and files imported. Nothing in it is a fact; it is asked so that
//! the transcript holds what the vendor wants to see of a device whose reports fail.
//!
//! ```text
//! Message History (oldest to newest):
//! ====================================================
//! Trust Establishment:
//!   No past history
//! Import POLICY:
//!   No past Import history
//! ```

use super::lines::Text;
use super::plan::{HAS_FAILING_CHANNEL, IOS};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show license history message", platforms: IOS, wanted: HAS_FAILING_CHANNEL, read };

fn read(text: &Text<'_>) -> Answers {
    let recognised = text.lines.iter().any(|line| line.text.contains("Message History"));
    Answers { recognised, ..Answers::default() }
}
