//! `show crypto pki trustpoints status`: trustpoints, and whether each one's CA is authenticated.

use super::Command;
use super::plan::{IOS, USES_TRUSTPOINT};
use super::trustpoints::read;

pub(super) static COMMAND: Command =
    Command { sends: "show crypto pki trustpoints status", platforms: IOS, wanted: USES_TRUSTPOINT, read };
