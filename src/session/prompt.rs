//! What a screen shows: bytes so far in, "done, paged, asked for a password, or not yet" out. Pure; no clock, no socket.
//!
//! Nothing is ever matched on an echo. A reply is complete when its last line is the learned prompt; complete log lines after
//! it are ignored. Work is linear in the bytes: only the last lines are looked at.

use crate::transcript::dialect::{Paging, Prompt, is_echo_of, is_log_line, question};
use crate::transcript::text::normalise;

/// How many complete lines after a prompt are looked through for log lines.
const LOG_LINES: usize = 64;

/// What the end of the screen asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shows {
    /// Nothing: more is to come.
    Nothing,
    /// A prompt-shaped last line.
    Prompt(Prompt),
    /// `--More--` in any spelling; a blank goes on.
    Pager,
    /// A hidden question, for example `Password:`.
    Question(String),
}

/// The bytes that arrived since the last command was sent.
#[derive(Debug, Default)]
pub(super) struct Screen {
    bytes: Vec<u8>,
    /// Start of the last, unterminated line.
    line: usize,
    /// Bytes before this one belong to a pager that is answered.
    answered: usize,
}

impl Screen {
    /// Adds bytes, in any chunking.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.line = self.bytes.len() + at + 1;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// How many bytes it holds.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes all bytes and starts anew.
    pub(super) fn take(&mut self) -> Vec<u8> {
        (self.line, self.answered) = (0, 0);
        std::mem::take(&mut self.bytes)
    }

    /// The last line that says something, for messages.
    pub(super) fn last_words(&self) -> String {
        let text = normalise(&self.bytes[self.bytes.len().saturating_sub(512)..]);
        let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        let skip = line.chars().count().saturating_sub(80);
        line.chars().skip(skip).collect()
    }

    /// Remembers that the pager at the end was answered.
    pub(super) fn answer(&mut self) {
        self.answered = self.bytes.len();
    }

    /// What the end of the screen asks for.
    pub(super) fn shows(&self) -> Shows {
        let last = shown(&self.bytes[self.line..]);
        if self.bytes.len() > self.answered && Paging::is_at_end(&self.bytes[self.line.max(self.answered)..]) {
            return Shows::Pager;
        }
        if let Some(prompt) = Prompt::read(&last) {
            return Shows::Prompt(prompt);
        }
        if let Some(question) = question(&last) {
            return Shows::Question(question.to_owned());
        }
        let earlier = if last.trim().is_empty() { self.before_log_lines() } else { None };
        earlier.and_then(|line| Prompt::read(&line)).map_or(Shows::Nothing, Shows::Prompt)
    }

    /// True where the reply to a command is complete: the learned prompt stands at the end, and `echo`, the command as the
    /// device repeats it, stands at the beginning. Without its echo a prompt may belong to an earlier line.
    pub(super) fn is_done(&self, prompt: &Prompt, echo: Option<&str>) -> bool {
        matches!(self.shows(), Shows::Prompt(shown) if shown == *prompt)
            && echo.is_none_or(|command| self.has_echo(command))
    }

    /// Looks for the echo where it must be: among the first lines.
    pub(super) fn has_echo(&self, command: &str) -> bool {
        const HEAD: usize = 4096;
        let head = normalise(&self.bytes[..self.bytes.len().min(HEAD)]);
        head.lines().any(|line| is_echo_of(line, command))
    }

    /// The last complete line that is neither blank nor a log line, with its line end gone.
    fn before_log_lines(&self) -> Option<String> {
        let mut end = self.line;
        for _ in 0..LOG_LINES {
            let body = self.bytes[..end].strip_suffix(b"\n")?;
            let start = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let line = shown(&body[start..]);
            if !line.trim().is_empty() && !is_log_line(line.trim()) {
                return Some(line);
            }
            end = start;
        }
        None
    }
}

/// A line as a terminal shows it. Only its last part is looked at: prompts and pagers are short.
fn shown(line: &[u8]) -> String {
    const TAIL: usize = 512;
    normalise(&line[line.len().saturating_sub(TAIL)..])
}

/// The reply without the echo of its command and without the prompt. What stands before the echo belongs to an earlier line
/// and goes too; log lines stay wherever they came.
pub(super) fn body(text: &str, command: &str, prompt: &Prompt) -> String {
    const HEAD: usize = 40;
    let mut lines: Vec<&str> = text.split('\n').collect();
    let is_log = |line: &str| is_log_line(line.trim());
    let last = |lines: &[&str]| lines.iter().rposition(|line| !line.trim().is_empty() && !is_log(line));
    // More than one where the prompt was asked for by an empty line.
    while let Some(at) = last(&lines).filter(|at| Prompt::read(lines[*at]).is_some_and(|read| read == *prompt)) {
        lines.remove(at);
    }
    let echo = lines.iter().take(HEAD).position(|line| is_echo_of(line, command));
    let mut number = 0;
    lines.retain(|line| {
        number += 1;
        echo.is_none_or(|echo| number > echo + 1) || is_log(line)
    });
    // A line that is scrolled while it is typed leaves its parts on several lines.
    while lines.first().is_some_and(|line| line.contains('$') && is_echo_of(line, command)) {
        lines.remove(0);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn screen(text: &str) -> Screen {
        let mut screen = Screen::default();
        screen.push(text.as_bytes());
        screen
    }

    fn prompt(text: &str) -> Prompt {
        Prompt::read(text).expect("a prompt")
    }

    #[test]
    fn the_end_of_the_screen_tells_what_is_asked() {
        assert_eq!(screen("line 1\r\n --More-- ").shows(), Shows::Pager);
        assert_eq!(screen("<--- More --->").shows(), Shows::Pager);
        assert_eq!(screen("enable\r\nPassword: ").shows(), Shows::Question("Password:".to_owned()));
        assert_eq!(screen("a\r\nsw01#\x07").shows(), Shows::Prompt(prompt("sw01#")));
        assert_eq!(screen("\x1b[1msw01#\x1b[0m").shows(), Shows::Prompt(prompt("sw01#")));
        assert_eq!(screen("a\r\nsw01").shows(), Shows::Nothing);
    }

    #[test]
    fn an_answered_pager_is_not_answered_again() {
        let mut paged = screen("line\r\n --More-- ");
        paged.answer();
        assert_eq!(paged.shows(), Shows::Nothing);
        paged.push(b"\x08\x08\x08\x08\x08\x08\x08\x08\x08         \x08\x08\x08\x08\x08\x08\x08\x08\x08sw01#");
        assert_eq!(paged.shows(), Shows::Prompt(prompt("sw01#")));
    }

    #[test]
    fn log_lines_after_the_prompt_do_not_hide_it() {
        let text = "show clock\r\n10:00\r\nsw01#\r\n*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from console\r\n";
        assert!(screen(text).is_done(&prompt("sw01#"), Some("show clock")));
        let reply = body(&normalise(text.as_bytes()), "show clock", &prompt("sw01#"));
        assert!(reply.starts_with("10:00\n") && reply.contains("%SYS-5") && !reply.contains("sw01#"), "{reply}");
    }

    #[test]
    fn the_reply_of_an_earlier_line_is_not_the_end_of_this_one() {
        let late = "terminal length 0\r\nsw01#";
        assert!(!screen(late).is_done(&prompt("sw01#"), Some("show clock")));
        assert!(screen("\r\nsw01#").is_done(&prompt("sw01#"), None));
        let both = format!("{late}show clock\r\n10:00\r\nsw01#");
        assert!(screen(&both).is_done(&prompt("sw01#"), Some("show clock")));
        assert_eq!(body(&normalise(both.as_bytes()), "show clock", &prompt("sw01#")), "10:00");
    }

    #[test]
    fn an_echo_is_removed_even_where_it_is_scrolled() {
        let long = "show running-config | include ^hostname|^ntp (server|peer)";
        assert_eq!(
            body("sw01#$g | include ^hostname|^ntp (server|peer)\nhostname sw01\nsw01#", long, &prompt("sw01#")),
            "hostname sw01"
        );
        assert_eq!(body("show clock\n10:00\nsw01#", "show clock", &prompt("sw01#")), "10:00");
        assert_eq!(body("show clock\n10:00\nsw01#\nsw01#", "show clock", &prompt("sw01#")), "10:00");
        assert_eq!(body("10:00\nsw01#", "show clock", &prompt("sw01#")), "10:00");
    }

    proptest! {
        #[test]
        fn any_chunking_shows_the_same(cuts in proptest::collection::vec(0usize..200, 0..12)) {
            let text = b"show version\r\nCisco # IOS >\r\n --More-- \x08\x08\x08  \x08\x08Model\r\n\x1b[0msw01(config)# ";
            let mut whole = Screen::default();
            whole.push(text);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(text.len())).chain([0, text.len()]).collect();
            cuts.sort_unstable();
            let mut chunked = Screen::default();
            for pair in cuts.windows(2) {
                chunked.push(&text[pair[0]..pair[1]]);
            }
            prop_assert_eq!(chunked.shows(), whole.shows());
            prop_assert!(chunked.is_done(&prompt("sw01#"), Some("show version")));
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut screen = Screen::default();
            screen.push(&bytes);
            let _ = screen.shows();
            let _ = body(&normalise(&bytes), "show version", &prompt("sw01#"));
        }
    }
}
