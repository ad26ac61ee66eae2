//! `show ip http server session-module`: the row of SL_HTTP.

use super::http_server::{Scope, read as read_server};
use super::lines::Text;
use super::plan::{IOS, IS_PULLED};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show ip http server session-module", platforms: IOS, wanted: IS_PULLED, read };

fn read(text: &Text<'_>) -> Answers {
    read_server(text, Scope { server: false, secure_server: false, modules: true })
}
