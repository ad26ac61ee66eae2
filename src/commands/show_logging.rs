//! `show logging`, filtered: SMART_LIC messages, and whether there is a buffer at all.
//!
//! ```text
//!     Buffer logging:  level debugging, 57 messages logged, xml disabled,
//! *Nov 19 14:54:55.907: %SMART_LIC-3-COMM_FAILED: Communications failure with the ... : ...
//! ```
//!
//! Without a buffer (`no logging buffered`) silence says nothing; the line `Buffer logging:` tells the one from the other. A blank
//! reply has neither: also under a filter of somebody's own it is no clean log.

use super::lines::Text;
use super::plan::{ALWAYS, IOS};
use super::{Answers, Command};
use crate::fact::{Evidence, Fact, Unknown};
use crate::syslog::{Message, collapse};

pub(super) static COMMAND: Command =
    Command { sends: "show logging | include SMART_LIC|Buffer logging", platforms: IOS, wanted: ALWAYS, read };

fn read(text: &Text<'_>) -> Answers {
    let mut lines: Vec<_> =
        text.log.iter().chain(&text.lines).filter(|line| line.text.contains("SMART_LIC-")).collect();
    lines.sort_unstable_by_key(|line| line.number);
    let messages: Vec<Message> =
        lines.iter().filter_map(|line| Message::parse(line.text)).filter(Message::is_smart_lic).collect();
    let buffer = text.lines.iter().find(|line| line.text.starts_with("Buffer logging:"));
    let has_buffer = buffer.is_none_or(|line| line.text.contains("level"));
    let mut answers = Answers { recognised: buffer.is_some() || !messages.is_empty(), ..Answers::default() };
    let is_blank = text.lines.is_empty() && text.log.is_empty();
    let evidence = lines.first().copied().or(buffer).map_or_else(
        // A log of other messages only: there is no line to show.
        || Evidence { command: text.command, line: 0, text: String::new() },
        |line| line.evidence(text.command),
    );
    let other_text = !(answers.recognised || is_blank || is_log(text));
    answers.facts.log = if !text.is_whole() || other_text {
        Fact::Unknown(text.speaker(answers.recognised).missing)
    } else if is_blank || (!has_buffer && messages.is_empty()) {
        Fact::Unknown(Unknown::Absent)
    } else {
        let log = collapse(messages.iter().cloned());
        // Of repeats the last line is the one to point at.
        for message in &log {
            let line = lines
                .iter()
                .rev()
                .find(|line| line.text.contains(&message.mnemonic) && line.text.contains(&message.text));
            if let Some(line) = line {
                answers.facts.proofs.note("log", 0, "message", line.evidence(text.command));
            }
        }
        Fact::known(log, evidence)
    };
    answers.log = messages;
    answers
}

/// A log without any SMART_LIC message, saved without a filter.
fn is_log(text: &Text<'_>) -> bool {
    !text.log.is_empty()
        || text.lines.iter().any(|line| line.text.starts_with("Syslog logging:") || line.text.starts_with("Log Buffer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(reply: &str) -> Fact<Vec<crate::facts::LogMessage>> {
        read(&Text::whole(COMMAND.sends, reply)).facts.log
    }

    #[test]
    fn silence_counts_where_there_is_a_buffer() {
        assert_eq!(
            log("    Buffer logging:  level debugging, 57 messages logged, xml disabled,\n").value(),
            Some(&Vec::new())
        );
        assert_eq!(log(""), Fact::Unknown(Unknown::Absent));
        assert_eq!(log("    Buffer logging:  disabled, xml disabled,\n"), Fact::Unknown(Unknown::Absent));
        assert!(!log("something else\n").is_known());
        let elsewhere = "*Nov 19 14:54:45: %SYS-5-CONFIG_I: Configured from console\n";
        assert_eq!(log(elsewhere).value(), Some(&Vec::new()));
    }

    #[test]
    fn repeats_are_one() {
        let reply = "*Nov 19 14:54:45: %SMART_LIC-3-COMM_FAILED: Communications failure with the X : y\n\
                     *Nov 19 15:54:45: %SMART_LIC-3-COMM_FAILED: Communications failure with the X : z\n";
        let log = log(reply);
        let messages = log.value().expect("a log");
        assert_eq!((messages.len(), messages[0].count), (1, 2));
        assert_eq!(log.evidence().map(|evidence| evidence.line), Some(1));
    }

    #[test]
    fn a_log_that_was_cut_is_not_known() {
        let text = Text::cut(COMMAND.sends, "    Buffer logging:  level debugging\n", Unknown::TimedOut);
        assert_eq!(read(&text).facts.log, Fact::Unknown(Unknown::TimedOut));
    }
}
