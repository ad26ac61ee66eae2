//! Refusals: did the device run the command, or say that it would not, and why?
//!
//! A refusal is short, and one of its lines is the device's own formula:
//!
//! ```text
//! show license tech support
//!              ^
//! % Invalid input detected at '^' marker.
//! ```

use std::sync::LazyLock;

use regex::RegexSet;

use super::header;

/// More lines than this are an output, whatever one of them quotes. An echo, a log line in between and an advice
/// (`% Type "show ?" for a list of subcommands`) leave room for the formula.
const FEW_LINES: usize = 6;

/// What devices say instead of running a command.
static REFUSALS: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        // IOS, IOS XE, IOS XR; ASA puts `ERROR: ` in front. NX-OS says "command" for "input" and names the marker every time.
        r"(?i)^(?:error: )?% ?(?:invalid|incomplete|ambiguous|unrecognized) (?:input|command)\b",
        r"(?i)^(?:error: )?(?:% ?)?(?:bad ip address or host name)?(?:% ?)?unknown command\b",
        r"(?i)^(?:error: )?(?:% ?)?command authorization failed\b",
        r"(?i)^(?:error: )?% ?authorization failed\b",
        r"(?i)^(?:error: )?% ?this command is not authorized\b",
        r"(?i)^% ?permission denied\b",
        r"(?i)^(?:error: )?(?:% ?)?insufficient privileges?\b",
        // NX-OS with TACACS+: `Error: AAA authorization failed for command:show license all, AAA_AUTHOR_STATUS_METHOD=16(0x10)`.
        r"(?i)^error: .*\bauthori[sz](?:ation|ed)\b",
        r"(?i)^syntax error while parsing\b",
        // A shell instead of a command line: a Guest Shell, a jump host.
        r"(?i)^\S*sh: .*(?:command )?not found$",
        r"(?i)^show: command not found$",
    ])
    .expect("constant patterns")
});

/// What a refusal says about its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The account may not, in the words of AAA.
    Account,
    /// The release does not have the command in this form, for any account.
    Incomplete,
    /// Anything else; in the form of Cisco's systems, which begins with `%`, or not.
    Other {
        /// True where a Cisco device says so.
        is_cisco: bool,
    },
}

impl Cause {
    /// The cause of a refusal, by its words.
    pub(crate) fn from_words(words: &str) -> Self {
        let lower = words.to_lowercase();
        if ["authoriz", "authoris", "permi", "privilege"].iter().any(|part| lower.contains(part)) {
            Self::Account
        } else if lower.contains("incomplete") {
            Self::Incomplete
        } else {
            Self::Other { is_cisco: lower.trim_start().starts_with('%') }
        }
    }
}

/// True for a line by which a device refuses a command.
pub(crate) fn is_refusal(line: &str) -> bool {
    REFUSALS.is_match(line)
}

/// The telling line of a reply that is a refusal.
pub(crate) fn refusal(text: &str) -> Option<&str> {
    let mut telling = None;
    // The marker under the command, and what heads every output, say nothing.
    let lines = text.lines().map(str::trim).filter(|line| !matches!(*line, "" | "^") && header(line).is_none());
    for (count, line) in lines.enumerate() {
        if count >= FEW_LINES {
            return None;
        }
        if telling.is_none() && is_refusal(line) {
            telling = Some(line);
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Reply;

    fn refused(text: &str, words: &str) {
        assert_eq!(Reply::classify(text.to_owned()), Reply::Refused(words.to_owned()), "{text}");
    }

    #[test]
    fn every_known_formula_is_a_refusal() {
        let formulas = [
            "% Invalid input detected at '^' marker.",
            "% Incomplete command.",
            "% Ambiguous command:  \"show lic\"",
            "% Unknown command or computer name, or unable to find computer address",
            "% Bad IP address or host name% Unknown command or computer name, or unable to find computer address",
            "Command authorization failed.",
            "% Authorization failed.",
            "% Permission denied for the role",
            "% Invalid command at '^' marker.",
            "% Incomplete command at '^' marker.",
            "ERROR: % Invalid input detected at '^' marker.",
            "% This command is not authorized",
            "Error: AAA authorization failed for command:show license all, AAA_AUTHOR_STATUS_METHOD=16(0x10)",
            "bash: show: command not found",
            "-sh: show: not found",
        ];
        for formula in formulas {
            refused(formula, formula);
        }
    }

    #[test]
    fn echo_marker_and_headers_may_stand_around_it() {
        refused(
            "show license tech support\n             ^\n% Invalid input detected at '^' marker.\n\n",
            "% Invalid input detected at '^' marker.",
        );
        refused(
            "Load for five secs: 1%/0%; one minute: 2%; five minutes: 2%\nTime source is NTP, 10:00:00.000 UTC Mon Jan 1 2026\n\nCommand authorization failed.\n",
            "Command authorization failed.",
        );
        refused(
            "Translating \"sho1\"...domain server (255.255.255.255)\n% Unknown command or computer name, or unable to find computer address",
            "% Unknown command or computer name, or unable to find computer address",
        );
        refused("Fri Sep 25 23:34:26.169 UTC\n% Incomplete command.", "% Incomplete command.");
    }

    #[test]
    fn the_words_tell_the_cause() {
        for (words, cause) in [
            ("% Authorization failed.", Cause::Account),
            ("% Permission denied for the role", Cause::Account),
            ("% Incomplete command.", Cause::Incomplete),
            ("% Invalid input detected at '^' marker.", Cause::Other { is_cisco: true }),
            ("bash: show: command not found", Cause::Other { is_cisco: false }),
        ] {
            assert_eq!(Cause::from_words(words), cause, "{words}");
        }
    }

    #[test]
    fn an_output_that_quotes_a_refusal_stays_an_output() {
        let text = format!("{}% Invalid input detected at '^' marker.\n", "Transport:\n".repeat(12));
        assert_eq!(Reply::classify(text.clone()), Reply::Output(text));
        for text in [
            "",
            "*Nov 19 14:54:45.907: %SMART_LIC-3-COMM_FAILED: Communications failure: authorization failed",
            "License Authorization:\n  Status: Not Applicable",
            "Error: 3, Unauthorized retries: 0",
        ] {
            assert_eq!(Reply::classify(text.to_owned()), Reply::Output(text.to_owned()));
        }
    }
}
