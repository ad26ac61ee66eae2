//! `show ip http server status`: the servers' states. Read where somebody saved it; never asked.

use super::http_server::{Scope, read as read_server};
use super::lines::Text;
use super::plan::{IOS, NEVER};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show ip http server status", platforms: IOS, wanted: NEVER, read };

fn read(text: &Text<'_>) -> Answers {
    read_server(text, Scope { server: true, secure_server: true, modules: false })
}
