//! `show call-home`: settings of Call Home, and its profiles by name; `detail` prints them whole. The lines are those of `call_home`.

use super::call_home::{Scope, read as read_call_home};
use super::lines::Text;
use super::plan::{IOS, NEVER, USES_CALLHOME};
use super::{Answers, Command};

pub(super) static COMMAND: Command = Command { sends: "show call-home", platforms: IOS, wanted: USES_CALLHOME, read };

/// Read where somebody saved it; the plain form tells as much.
pub(super) static DETAIL: Command = Command { sends: "show call-home detail", platforms: IOS, wanted: NEVER, read };

fn read(text: &Text<'_>) -> Answers {
    read_call_home(text, Scope { settings: true, messages: true, profiles: true })
}
