//! `show call-home smart-licensing`: the profile that carries licensing, and its address. The lines are those of `call_home`.

use super::call_home::{Scope, read as read_call_home};
use super::lines::Text;
use super::plan::{IOS, USES_CALLHOME};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show call-home smart-licensing", platforms: IOS, wanted: USES_CALLHOME, read };

fn read(text: &Text<'_>) -> Answers {
    read_call_home(text, Scope { settings: false, messages: true, profiles: true })
}
