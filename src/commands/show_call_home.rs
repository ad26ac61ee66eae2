//! `show call-home`: settings of Call Home, and its profiles by name; `detail` prints them whole. The lines are those of `call_home`.

use super::call_home::{Scope, read as read_call_home};
use super::lines::Text;
use super::plan::{IOS, never, uses_callhome};
use super::{Answers, Command};

pub(super) static COMMAND: Command = Command { sends: "show call-home", platforms: IOS, wanted: uses_callhome, read };

/// Read where somebody saved it; the plain form tells as much.
pub(super) static DETAIL: Command = Command { sends: "show call-home detail", platforms: IOS, wanted: never, read };

fn read(text: &Text<'_>) -> Answers {
    read_call_home(text, Scope { settings: true, messages: true, profiles: true })
}
