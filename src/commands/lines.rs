//! The only parsing toolkit: lines as captured, without what a terminal adds to a command's output.
//!
//! ```text
//! show license status                                            echo: skipped
//! Load for five secs: 2%/0%; one minute: 0%                      header: skipped
//! Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021          the device's time, with its mark
//! Transport:                                                     a line
//! *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from vty0    a log line: no evidence, kept apart
//!   Type: Smart                                                  a line
//! sw1#                                                           prompt: skipped
//! ```

use crate::fact::{DeviceTime, Evidence, Fact, ParseError, Unknown};
use crate::stamp::{Mark, Stamp};
use crate::transcript::dialect::{Header, PromptLine, header, is_echo, is_refusal, message_start};

/// One line of a reply.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// From 1, as captured.
    pub number: usize,
    /// Without surrounding blanks.
    pub text: &'a str,
    /// Blanks before the text. Captures lose them, so nothing but a guess may hang on them.
    pub indent: usize,
    /// A log message broke into this line: what it says is not whole.
    pub torn: bool,
}

impl<'a> Line<'a> {
    /// The text before the first colon and the one after it, without surrounding blanks.
    pub(crate) fn key_value(&self) -> Option<(&'a str, &'a str)> {
        self.text.split_once(':').map(|(key, value)| (key.trim_end(), value.trim_start()))
    }

    /// True for the underline of a heading, and for the rule of a table.
    pub(crate) fn is_rule(&self) -> bool {
        self.text.len() >= 3 && self.text.bytes().all(|byte| matches!(byte, b'=' | b'-' | b' '))
    }

    /// The line as proof.
    pub(crate) fn evidence(&self, command: &'static str) -> Evidence {
        Evidence { command, line: self.number, text: self.text.to_owned() }
    }
}

/// The device's clock in the header of an output.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ClockHeader<'a> {
    /// Where it stands.
    pub line: Line<'a>,
    /// The time, where its year is printed (IOS XR prints none).
    pub time: Option<DeviceTime>,
    /// What the mark says.
    pub mark: Mark,
    /// `Time source is NTP`; `None` where the line names no source.
    pub by_ntp: Option<bool>,
}

impl<'a> ClockHeader<'a> {
    /// Half a header says nothing, least of all that there is no mark.
    fn new(line: Line<'a>, by_ntp: bool, time: &str) -> Self {
        let stamp = Stamp::parse(time).filter(|_| !line.torn);
        let time = stamp.and_then(|_| DeviceTime::parse(time));
        let by_ntp = time.is_some().then_some(by_ntp);
        Self { line, time, mark: stamp.map_or(Mark::None, |stamp| stamp.mark), by_ntp }
    }
}

/// The reply to one command, taken apart into lines.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    /// The command, as in the registry.
    pub command: &'static str,
    /// Lines of the output itself; blank ones are dropped.
    pub lines: Vec<Line<'a>>,
    /// The time in the header, where one is printed.
    pub clock: Option<ClockHeader<'a>>,
    /// Log messages that stood between the lines.
    pub log: Vec<Line<'a>>,
    /// Number of the line before, where a message broke it.
    broken: Option<usize>,
    /// Why something that is not there is missing. [`Unknown::Absent`] for a whole reply.
    missing: Unknown,
}

impl<'a> Text<'a> {
    /// A whole reply.
    pub(crate) fn whole(command: &'static str, reply: &'a str) -> Self {
        Self::new(command, reply, Unknown::Absent)
    }

    /// A reply that was cut, and why. Its last line counts only where its line break arrived.
    pub(crate) fn cut(command: &'static str, partial: &'a str, why: Unknown) -> Self {
        let end = partial.rfind('\n').map_or(0, |at| at + 1);
        Self::new(command, &partial[..end], why)
    }

    /// No reply, and why.
    pub(crate) fn none(command: &'static str, why: Unknown) -> Self {
        Self::new(command, "", why)
    }

    fn new(command: &'static str, reply: &'a str, missing: Unknown) -> Self {
        let mut text = Self {
            command,
            lines: Vec::with_capacity(reply.len() / 28),
            clock: None,
            log: Vec::new(),
            broken: None,
            missing,
        };
        for (index, raw) in reply.lines().enumerate() {
            text.sort_in(index + 1, raw);
        }
        while text.lines.last().is_some_and(|line| is_prompt(line.text)) {
            text.lines.pop();
        }
        // What seems to be missing may have been what a message broke.
        if let (Some(line), true) = (text.lines.iter().find(|line| line.torn), text.is_whole()) {
            let at = line.evidence(command);
            text.missing = Unknown::Unparsed(ParseError { at, wanted: "whole line" });
        }
        text
    }

    /// Finds out what a line is, and keeps it where it belongs.
    fn sort_in(&mut self, number: usize, raw: &'a str) {
        let start = raw.trim_start_matches(is_noise);
        let trimmed = start.trim_end_matches(is_noise);
        if trimmed.is_empty() {
            return;
        }
        // The rest of a torn line stands in the next one, and may look like a line of its own: `address:` of `Cslu address:`.
        let is_rest = self.broken.take() == number.checked_sub(1);
        let mut line = Line { number, text: trimmed, indent: raw.len() - start.len(), torn: is_rest };
        if self.lines.is_empty() && is_echo(trimmed) {
            return;
        }
        match message_start(trimmed) {
            Some(0) => return self.log.push(line),
            Some(at) => {
                self.log.push(Line { text: &trimmed[at..], ..line });
                line.text = trimmed[..at].trim_end();
                line.torn = true;
                self.broken = Some(number);
            }
            None => {}
        }
        match header(line.text) {
            None => self.lines.push(line),
            Some(Header::Load) => {}
            Some(Header::Time { by_ntp, time }) => {
                self.clock.get_or_insert_with(|| ClockHeader::new(line, by_ntp, time));
            }
            Some(Header::Date) => {
                self.clock.get_or_insert(ClockHeader { line, time: None, mark: Mark::None, by_ntp: None });
            }
        }
    }

    /// True where the whole output arrived unbroken, so that what is not there was not printed.
    pub(crate) fn is_whole(&self) -> bool {
        self.missing == Unknown::Absent
    }

    /// The device's words, where all it says is that it would not run the command.
    pub(crate) fn refusal(&self) -> Option<String> {
        let words = self.lines.iter().map(|line| line.text).find(|text| is_refusal(text))?;
        (self.is_whole() && self.lines.len() <= 4).then(|| words.to_owned())
    }

    /// Speaks for this reply. Where no line of it was recognised, nothing is proved absent by it.
    pub(crate) fn speaker(&self, recognised: bool) -> Speaker {
        let missing = if recognised || !self.is_whole() {
            self.missing.clone()
        } else if let Some(line) = self.lines.first() {
            Unknown::Unparsed(ParseError { at: line.evidence(self.command), wanted: "output of this command" })
        } else {
            Unknown::Truncated
        };
        Speaker { command: self.command, missing }
    }
}

/// What turns the fields of one reply into facts.
#[derive(Debug)]
pub(crate) struct Speaker {
    /// The command, as in the registry.
    pub command: &'static str,
    /// Why a field that was not read is not known.
    pub missing: Unknown,
}

impl Speaker {
    /// The fact that a field holds.
    pub(crate) fn fact<T>(&self, field: Field<'_, T>) -> Fact<T> {
        match field {
            Field::Read(value, line) => Fact::known(value, line.evidence(self.command)),
            Field::Unread(wanted, line) => {
                Fact::Unknown(Unknown::Unparsed(ParseError { at: line.evidence(self.command), wanted }))
            }
            Field::Missing => Fact::Unknown(self.missing.clone()),
        }
    }
}

/// What one reply says to one question, with its line.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Field<'a, T> {
    /// No line about it.
    #[default]
    Missing,
    /// A line that answers.
    Read(T, Line<'a>),
    /// A line that should answer and cannot be read, and what was wanted of it.
    Unread(&'static str, Line<'a>),
}

impl<'a, T> Field<'a, T> {
    /// Takes what a line says; the first line that can be read stays. False where this line could not be read.
    pub(crate) fn take(&mut self, line: Line<'a>, wanted: &'static str, value: Option<T>) -> bool {
        let value = value.filter(|_| !line.torn);
        let readable = value.is_some();
        match (&self, value) {
            (Self::Read(..), _) | (Self::Unread(..), None) => {}
            (_, Some(value)) => *self = Self::Read(value, line),
            (Self::Missing, None) => *self = Self::Unread(wanted, line),
        }
        readable
    }

    /// The value, where it was read.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Read(value, _) => Some(value),
            _ => None,
        }
    }

    /// True where no line was about it.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// A key or title in lower case, without an allocation: systems spell one line `Next report push` and `Next Report push`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Folded {
    bytes: [u8; Self::LONGEST],
    length: usize,
}

impl Folded {
    /// No known key is longer.
    const LONGEST: usize = 64;

    /// Folds a text; one that is too long to be a key becomes empty.
    pub(crate) fn of(text: &str) -> Self {
        let mut folded = Self { bytes: [0; Self::LONGEST], length: 0 };
        if let Some(bytes) = folded.bytes.get_mut(..text.len()) {
            bytes.copy_from_slice(text.as_bytes());
            bytes.make_ascii_lowercase();
            folded.length = text.len();
        }
        folded
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// A prompt alone on its line, with nothing typed.
fn is_prompt(text: &str) -> bool {
    PromptLine::parse(text).is_some_and(|line| line.is_empty() && line.host().is_some())
}

/// Blanks, control characters and the byte order mark: what may surround a line.
fn is_noise(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

/// `<none>`, `None` and their like: known not to be there.
pub(crate) fn is_none(value: &str) -> bool {
    matches!(value, "<none>" | "None" | "none" | "Not Configured" | "Not yet set up" | "<not set>")
}

/// A text value: `<none>` is `None`, `<empty>` the empty string.
#[allow(clippy::option_option, reason = "outer: readable; inner: the device's own `<none>`")]
pub(crate) fn text_value(value: &str) -> Option<Option<String>> {
    match value {
        "" => None,
        "<empty>" => Some(Some(String::new())),
        value if is_none(value) => Some(None),
        value => Some(Some(value.to_owned())),
    }
}

/// A time value: `<none>` is `None`.
#[allow(clippy::option_option, reason = "outer: readable; inner: the device's own `<none>`")]
pub(crate) fn time_value(value: &str) -> Option<Option<DeviceTime>> {
    if is_none(value) || value == "<empty>" { Some(None) } else { DeviceTime::parse(value).map(Some) }
}

/// The number that a text starts with: `30  days`, `0(349)` is 0.
pub(crate) fn leading_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_s_additions_are_no_lines() {
        let text = Text::whole(
            "show license status",
            "\u{feff}sw1#show lic stat\r\nLoad for five secs: 1%/0%; one minute: 0%\r\n\
             Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021\r\n\r\nUtility:\r\n\t Status: DISABLED  \r\nsw1#\r\n",
        );
        let lines: Vec<_> = text.lines.iter().map(|line| (line.number, line.text, line.indent)).collect();
        assert_eq!(lines, [(5, "Utility:", 0), (6, "Status: DISABLED", 2)]);
        let stamp = text.clock.expect("a header");
        assert_eq!((stamp.mark, stamp.by_ntp), (Mark::Lost, Some(true)));
        assert_eq!(stamp.time.map(|time| time.zone).as_deref(), Some("UTC"));
    }

    #[test]
    fn a_line_torn_by_a_message_cannot_be_read() {
        let text = Text::whole("show x", "  Count: 1*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured\n2\nA: b\n");
        let line = text.lines[0];
        assert_eq!(text.lines.iter().map(|line| line.torn).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!((line.text, line.torn), ("Count: 1", true));
        assert_eq!(text.log[0].text, "*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured");
        let mut field = Field::default();
        assert!(!field.take(line, "a count", Some(1)));
        assert_eq!(field, Field::Unread("a count", line));
    }

    #[test]
    fn a_cut_reply_loses_its_last_line_and_proves_no_absence() {
        let text = Text::cut("show x", "A: b\nC: 12", Unknown::TimedOut);
        assert_eq!(text.lines.len(), 1);
        assert_eq!(text.speaker(true).missing, Unknown::TimedOut);
        assert_eq!(Text::whole("show x", "").speaker(false).missing, Unknown::Truncated);
        assert!(matches!(Text::whole("show x", "rubbish").speaker(false).missing, Unknown::Unparsed(_)));
        assert_eq!(Text::whole("show x", "A: b").speaker(true).missing, Unknown::Absent);
    }

    #[test]
    fn values() {
        assert_eq!(text_value("<none>"), Some(None));
        assert_eq!(text_value("<empty>"), Some(Some(String::new())));
        assert_eq!(text_value(""), None);
        assert_eq!(leading_number::<u64>("30  days State(4)"), Some(30));
        assert_eq!(leading_number::<u64>("days"), None);
        assert_eq!(leading_number::<u16>("99999999"), None);
    }
}
