//! `show call-home profile all`: every profile, with what it reports, how and where. The lines are those of `call_home`.

use super::call_home::{Scope, read as read_call_home};
use super::lines::Text;
use super::plan::{IOS, USES_CALLHOME};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show call-home profile all", platforms: IOS, wanted: USES_CALLHOME, read };

fn read(text: &Text<'_>) -> Answers {
    read_call_home(text, Scope { settings: false, messages: false, profiles: true })
}
