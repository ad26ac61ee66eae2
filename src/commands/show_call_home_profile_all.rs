//! `show call-home profile all`: every profile, with what it reports, how and where. The lines are those of `call_home`.

use super::call_home::{Scope, read as read_call_home};
use super::lines::Text;
use super::plan::{IOS, uses_callhome};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show call-home profile all", platforms: IOS, wanted: uses_callhome, read };

fn read(text: &Text<'_>) -> Answers {
    read_call_home(text, Scope { settings: false, messages: false, profiles: true })
}
