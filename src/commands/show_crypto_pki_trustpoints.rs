//! `show crypto pki trustpoints`: the same, shorter; asked where the status is refused.

use super::Command;
use super::plan::{IOS, needs_trustpoints};
use super::trustpoints::read;

pub(super) static COMMAND: Command =
    Command { sends: "show crypto pki trustpoints", platforms: IOS, wanted: needs_trustpoints, read };
