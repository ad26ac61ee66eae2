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

use std::sync::LazyLock;

use regex::Regex;

use super::time::{Mark, mark, time};
use crate::fact::{DeviceTime, Evidence, Fact, ParseError, Unknown};

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

/// The device's clock as its own lines show it, with the mark before the time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stamp<'a> {
    /// Where it stands.
    pub line: Line<'a>,
    /// The time, where its year is printed (IOS XR prints none).
    pub time: Option<DeviceTime>,
    /// What the mark says.
    pub mark: Mark,
    /// `Time source is NTP`; `None` where the line names no source.
    pub by_ntp: Option<bool>,
}

/// The reply to one command, taken apart into lines.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    /// The command, as in the registry.
    pub command: &'static str,
    /// Lines of the output itself; blank ones are dropped.
    pub lines: Vec<Line<'a>>,
    /// The time in the header, where one is printed.
    pub stamp: Option<Stamp<'a>>,
    /// Log messages that stood between the lines.
    pub log: Vec<Line<'a>>,
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
        let mut text =
            Self { command, lines: Vec::with_capacity(reply.len() / 28), stamp: None, log: Vec::new(), missing };
        for (index, raw) in reply.lines().enumerate() {
            text.sort_in(index + 1, raw);
        }
        while text.lines.last().is_some_and(|line| is_prompt(line.text)) {
            text.lines.pop();
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
        let mut line = Line { number, text: trimmed, indent: raw.len() - start.len(), torn: false };
        if self.lines.is_empty() && is_echo(trimmed) {
            return;
        }
        match message_start(trimmed) {
            Some(0) => return self.log.push(line),
            Some(at) => {
                self.log.push(Line { text: &trimmed[at..], ..line });
                line.text = trimmed[..at].trim_end();
                line.torn = true;
            }
            None => {}
        }
        if line.text.starts_with("Load for five secs") {
            return;
        }
        if let Some(stamp) = header_stamp(line) {
            self.stamp.get_or_insert(stamp);
            return;
        }
        self.lines.push(line);
    }

    /// True where the whole output arrived, so that what is not there was not printed.
    pub(crate) fn is_whole(&self) -> bool {
        self.missing == Unknown::Absent
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

/// Blanks, control characters and the byte order mark: what may surround a line.
fn is_noise(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

/// The command as it was typed, with or without its prompt: `sw1#show clock`, `show license all`.
fn is_echo(text: &str) -> bool {
    let typed = match text.find(['#', '>']) {
        Some(at) if !text[..at].contains(' ') && !text.starts_with('<') => text[at + 1..].trim_start(),
        _ => text,
    };
    let mut words = typed.split_ascii_whitespace();
    let is_show = words.next().is_some_and(|word| word.len() >= 2 && "show".starts_with(word));
    is_show && words.next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// A prompt alone on its line, with nothing typed.
fn is_prompt(text: &str) -> bool {
    let Some(name) = text.strip_suffix(['#', '>']) else { return false };
    !name.is_empty()
        && name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@()".contains(c))
}

/// The header of `terminal exec prompt timestamp`, and the date line of IOS XR (`Tue Jan 16 13:19:27.208 UTC`).
fn header_stamp(line: Line<'_>) -> Option<Stamp<'_>> {
    let (by_ntp, rest) = if let Some(rest) = line.text.strip_prefix("Time source is ") {
        let (source, rest) = rest.split_once(',')?;
        (source.eq_ignore_ascii_case("NTP"), rest)
    } else if let Some(rest) = line.text.strip_prefix("No time source") {
        (false, rest.strip_prefix(',')?)
    } else {
        let is_date = XR_DATE.is_match(line.text);
        return is_date.then_some(Stamp { line, time: None, mark: Mark::None, by_ntp: None });
    };
    let (mark, rest) = mark(rest.trim());
    // Half a header says nothing, least of all that there is no mark.
    let time = time(rest).filter(|_| !line.torn);
    let by_ntp = time.is_some().then_some(by_ntp);
    Some(Stamp { line, time, mark, by_ntp })
}

static XR_DATE: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d\.\d{3} [A-Za-z0-9+-]+$")
});

/// A time stamp of the log: of IOS with or without year and zone, of NX-OS, RFC 5424, or the uptime (`1w2d`, `00:00:12`).
const STAMP: &str = concat!(
    r"[*.]?(?:(?:\d{4} )?[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?:\.\d{1,6})?",
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^\s:]*|\d+[ywd]\d+[wdh]|\d\d:\d\d:\d\d)"
);
/// What names a message: `%SYS-5-CONFIG_I:`, `%LICENSE-SMART_LIC-3-COMM_FAILED :`.
const NAME: &str = r"%[A-Z][A-Z0-9_-]*-[0-7]-[A-Z0-9_]+ ?:";

/// A line that is a log message: with a stamp any text will do, without one only the full name of a message.
static MESSAGE: LazyLock<Regex> = LazyLock::new(|| {
    // IOS XR puts the node before the stamp (`RP/0/RP0/CPU0:`, `0/RP0/ADMIN0:`), and syslog servers a priority.
    let before = r"(?:<\d{1,3}>)?(?:\d{1,10}: )?(?:(?:[A-Za-z0-9]+/)+[A-Za-z0-9]+:)?";
    compile(&format!(
        r"^(?:{before}{STAMP}(?: [A-Za-z0-9+_.-]+)? ?: \S|{before}{STAMP} \S+ {NAME}|(?:\S+\[\d+\]: )?{NAME})"
    ))
});

/// A log message that broke into a line of output.
static INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    compile(&format!(r"(?:(?:\d{{1,10}}: )?{STAMP}(?: [A-Za-z0-9+_.-]+)? ?: (?:\S+\[\d+\]: )?)?{NAME}"))
});

/// Where a log message starts in a line: 0 for a line that is one, more for a line that one broke into.
fn message_start(text: &str) -> Option<usize> {
    // The regex is tried on lines that can hold a message only: nearly none in a licence output.
    let may_be = text.contains('%')
        || (text.contains(": ")
            && (text.starts_with(|c: char| c.is_ascii_digit() || c == '*' || c == '.')
                || text.starts_with("RP/")
                || text.get(..3).is_some_and(|word| super::time::month_number(word).is_some())));
    if !may_be {
        return None;
    }
    if MESSAGE.is_match(text) { Some(0) } else { INSIDE.find(text).map(|found| found.start()) }
}

/// Compiles a pattern of this program; that each one is right is tested.
pub(crate) fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("a pattern of this program: {error}"))
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
    if is_none(value) || value == "<empty>" { Some(None) } else { time(value).map(Some) }
}

/// The number that a text starts with: `30  days`, `0(349)` is 0.
pub(crate) fn leading_number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(reply: &str) -> Vec<&str> {
        Text::whole("show x", reply).lines.iter().map(|line| line.text).collect()
    }

    #[test]
    fn a_terminal_s_additions_are_no_lines() {
        let text = Text::whole(
            "show license status",
            "\u{feff}sw1#show lic stat\r\nLoad for five secs: 1%/0%; one minute: 0%\r\n\
             Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021\r\n\r\nUtility:\r\n\t Status: DISABLED  \r\nsw1#\r\n",
        );
        let lines: Vec<_> = text.lines.iter().map(|line| (line.number, line.text, line.indent)).collect();
        assert_eq!(lines, [(5, "Utility:", 0), (6, "Status: DISABLED", 2)]);
        let stamp = text.stamp.expect("a header");
        assert_eq!((stamp.mark, stamp.by_ntp), (Mark::Lost, Some(true)));
        assert_eq!(stamp.time.map(|time| time.zone).as_deref(), Some("UTC"));
    }

    #[test]
    fn headers_of_other_sources_and_systems() {
        let text = Text::whole("show x", "No time source, *17:05:54.449 UTC Fri Mar 1 2024\nA: b\n");
        assert_eq!(text.stamp.map(|stamp| (stamp.mark, stamp.by_ntp)), Some((Mark::NotAuthoritative, Some(false))));
        let text = Text::whole("show x", "Tue Jan 16 13:19:27.208 AEST\nA: b\n");
        assert_eq!((text.lines.len(), text.stamp.and_then(|stamp| stamp.time)), (1, None));
    }

    #[test]
    fn log_lines_in_every_spelling_stand_apart() {
        for log in [
            "*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by vty0",
            "Nov 24 10:00:00: %SYS-5-CONFIG_I: Configured",
            ".Nov  4 10:00:00.123 CET: %SMART_LIC-3-COMM_FAILED: Communications failure with the X : y",
            "000123: *Nov 24 2025 10:00:00.123 UTC: %LINK-3-UPDOWN: Interface up",
            "1w2d: %SYS-5-RESTART: System restarted --",
            "00:00:12: %SYS-5-RESTART: System restarted --",
            "%SMART_LIC-3-EVAL_EXPIRED:Evaluation period expired",
            "RP/0/RP0/CPU0:Sep 25 23:25:32.821 UTC: smartlicserver[186]: SMART_LIC-6-AGENT_READY:Smart Agent",
            "0/RP0/ADMIN0:Sep 25 23:25:25.856 UTC: wd_diskmon[3204]: %INFRA-WD-4-DISK_WARN : Sysadmin",
            "smartlicserver[390]: %LICENSE-SMART_LIC-3-COMM_FAILED : Communications failure",
            "2025 Nov 24 10:00:00 n9k %LICMGR-3-LOG_LIC_NO_LIC: No license",
            "*Jul 13 07:41:21.523: ISIS-GRACEFUL-RELOAD: (Standby) Init State GR_NOT_SUPPORTED",
        ] {
            let reply = format!("A: b\n  {log}\nC: d\n");
            assert_eq!(texts(&reply), ["A: b", "C: d"], "{log}");
        }
    }

    #[test]
    fn lines_of_outputs_are_no_log() {
        for line in [
            "*    1 50    C9500-40X          16.9.3            CAT9K_IOSXE           INSTALL",
            ".*                        major",
            "Load: 20%",
            "*~127.127.1.1     .LOCL.           0      6     16   377  0.000   0.000  1.204",
            "Entitlement Tag: regid.2017-03.com.x,1.0_bd1da96e-ec1d-4-b50e",
            "10.0.0.1: 4",
            "Failure Reason: Received 100%: retry",
        ] {
            assert_eq!(texts(line), [line]);
        }
    }

    #[test]
    fn a_line_torn_by_a_message_cannot_be_read() {
        let text = Text::whole("show x", "  Count: 1*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured\n2\n");
        let line = text.lines[0];
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
