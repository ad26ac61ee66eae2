//! `show ip http server all`: the servers' states and the row of SL_HTTP; asked where the session modules alone do not tell.

use super::http_server::{Scope, read as read_server};
use super::lines::Text;
use super::plan::{IOS, NEEDS_HTTP_SERVER};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show ip http server all", platforms: IOS, wanted: NEEDS_HTTP_SERVER, read };

fn read(text: &Text<'_>) -> Answers {
    read_server(text, Scope { server: true, secure_server: true, modules: true })
}
