//! What devices print around their answers and instead of them: prompts, echoes, pagers, headers, refusals, log lines. The only
//! place that knows what these look like; sessions, intake and parsers ask here.
//!
//! ```text
//! sw1#show license status                                             prompt and echo
//! Load for five secs: 2%/0%; one minute: 0%; five minutes: 0%         header
//! Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021               header with the device's time
//! Transport:
//! *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from vty0         log line, on a line of its own or inside another
//!  --More--                                                           pager
//! % Invalid input detected at '^' marker.                             refusal
//! sw1#                                                                prompt
//! ```

mod echo;
mod header;
mod log_line;
mod pager;
mod prompt;
mod refusal;
pub(crate) mod typed;

pub(crate) use echo::{is_echo, is_echo_of, show_argument};
pub(crate) use header::{Header, header};
pub(crate) use log_line::{head, is_log_line, message_start, names, next_message, owner};
pub(crate) use pager::{NEXT_PAGE, Paging};
pub(crate) use prompt::{Prompt, PromptLine, asks_for_password, question};
pub(crate) use refusal::{Cause, is_refusal, refusal};
