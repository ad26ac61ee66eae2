//! `show crypto pki trustpoints`: the same, shorter; asked where the status is refused.

use super::Command;
use super::plan::{IOS, NEEDS_TRUSTPOINTS};
use super::trustpoints::read;

pub(super) static COMMAND: Command =
    Command { sends: "show crypto pki trustpoints", platforms: IOS, wanted: NEEDS_TRUSTPOINTS, read };
