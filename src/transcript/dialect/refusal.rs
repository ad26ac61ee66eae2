//! The verdict on a reply: did the device run the command, or say that it would not?
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

use super::Reply;

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

/// Lines that a device may print around every reply.
static NOISE: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"^Load for five secs:",
        r"^(?:Time source is|No time source)\b",
        // IOS XR heads each output with its time.
        r"^[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d",
        r"^\^$",
    ])
    .expect("constant patterns")
});

impl Reply {
    /// Sorts a complete, normalised reply: [`Reply::Refused`] with the device's own words where these are all it
    /// consists of, else [`Reply::Output`] with the text unchanged.
    pub fn classify(text: String) -> Self {
        match refusal(&text) {
            Some(words) => Self::Refused(words.to_owned()),
            None => Self::Output(text),
        }
    }
}

/// The telling line of a refusal.
fn refusal(text: &str) -> Option<&str> {
    let mut telling = None;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !NOISE.is_match(line));
    for (count, line) in lines.enumerate() {
        if count >= FEW_LINES {
            return None;
        }
        if telling.is_none() && REFUSALS.is_match(line) {
            telling = Some(line);
        }
    }
    telling
}

#[cfg(test)]
mod tests {
    use super::*;

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
