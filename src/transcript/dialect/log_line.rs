//! Log lines: alone, inside an output, relayed by a log server, or run into one another.
//!
//! ```text
//! *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from ...                        IOS, IOS XE
//! RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[186]: SMART_LIC-6-AGENT_READY:Smart ...   IOS XR
//! 2025 Nov 24 10:00:00 n9k %LICMGR-3-LOG_LIC_NO_LIC: No license                     NX-OS
//! Nov 19 14:54:45 sw1 123: *Nov 19 14:54:45.907: %SMART_LIC-...                     a log server, RFC 3164
//! <189>1 2025-11-19T14:54:45+00:00 sw1 - - - - %SMART_LIC-...                       a log server, RFC 5424
//! 000042: sw1: *Nov 19 14:54:45.907: %SMART_LIC-...                                 `logging origin-id hostname`
//! ```

use std::ops::Range;

use crate::stamp::{Mark, Stamp, after_lead, after_priority, find_last, is_node};

/// What may stand before the name of a message: priority, numbers, stamps, host, process.
const LONGEST_HEAD: usize = 160;
/// A line that is a message from its start has its name before this place.
const NAME_BEFORE: usize = 121;
/// Longest name of a device, with its domain.
const LONGEST_HOST: usize = 253;

/// What names a message: `%SYS-5-CONFIG_I:`, `%LICENSE-SMART_LIC-3-COMM_FAILED :`, without the mark on IOS XR before 24.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name<'a> {
    /// Where it stands, with its mark and its colon.
    pub(crate) range: Range<usize>,
    /// For example `LICENSE-SMART_LIC`.
    pub(crate) facility: &'a str,
    /// The digit.
    pub(crate) severity: u8,
    /// For example `COMM_FAILED`.
    pub(crate) mnemonic: &'a str,
    /// True where `%` stands before it.
    pub(crate) is_marked: bool,
}

/// Where a message begins, of which only the name was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its first byte: of a sequence number, a node, or a stamp.
    pub(crate) start: usize,
    /// Its stamp.
    pub(crate) stamp: Option<Range<usize>>,
}

/// The names of the messages of a line, in their order.
pub(crate) fn names(line: &str) -> impl Iterator<Item = Name<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(length) = line[at..].find(|c: char| c.is_ascii_uppercase()) {
            let first = at + length;
            let before = line[..first].chars().next_back();
            let token = token(&line[first..]);
            at = first + token.len();
            if before.is_none_or(|c| c.is_whitespace() || matches!(c, '%' | ':'))
                && let Some(name) = name(line, first, token)
            {
                at = name.range.end;
                return Some(name);
            }
        }
        None
    })
}

/// The letters that a name is made of.
fn token(text: &str) -> &str {
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    &text[..text.bytes().take_while(is_part).count()]
}

/// The name that begins at `first` and whose letters are `token`.
fn name<'a>(line: &'a str, first: usize, token: &'a str) -> Option<Name<'a>> {
    let end = first + token.len();
    let colon = if line[end..].starts_with(':') { 1 } else { line[end..].starts_with(" :").then_some(2)? };
    let (before, mnemonic) = token.rsplit_once('-').filter(|(_, mnemonic)| !mnemonic.is_empty())?;
    let (facility, digit) = before.rsplit_once('-').filter(|(facility, _)| !facility.ends_with('-'))?;
    let severity = digit.parse().ok().filter(|severity| digit.len() == 1 && *severity < 8)?;
    let is_marked = line[..first].ends_with('%');
    let range = first - usize::from(is_marked)..end + colon;
    Some(Name { range, facility, severity, mnemonic, is_marked })
}

/// Where the message begins whose name stands behind `before`.
pub(crate) fn head(before: &str) -> Head {
    let mut skipped = before.len().saturating_sub(LONGEST_HEAD);
    while !before.is_char_boundary(skipped) {
        skipped += 1;
    }
    let near = &before[skipped..];
    let stamp = find_last(near).filter(|stamp| is_process(&near[stamp.end..]));
    let end = stamp.as_ref().map_or(near.len(), |stamp| stamp.start);
    let start = skipped + end - lead(&near[..end]);
    Head { start, stamp: stamp.map(|stamp| stamp.start + skipped..stamp.end + skipped) }
}

/// True for what may stand between a stamp and a name: nothing but a colon, or a process: `: smartlicserver[186]: `.
fn is_process(text: &str) -> bool {
    let text = text.strip_prefix(':').unwrap_or(text).trim();
    let Some(process) = text.strip_suffix(':') else { return text.is_empty() };
    let (word, number) = process.trim_end().split_once('[').unwrap_or((process.trim_end(), "]"));
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    is_word && number.strip_suffix(']').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How many bytes at the end of a text belong to the message behind it: a sequence number, a node of IOS XR.
fn lead(text: &str) -> usize {
    let trimmed = text.strip_suffix(' ').unwrap_or(text);
    let Some(body) = trimmed.strip_suffix(':') else { return 0 };
    let word = body.bytes().rev().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'/').count();
    let word = &body[body.len() - word..];
    let digits = word.bytes().rev().take_while(u8::is_ascii_digit).count();
    let node = &word[["RP/", "LC/"].iter().find_map(|node| word.find(node)).unwrap_or(0)..];
    let length = if is_node(node) {
        node.len()
    } else if digits >= 4 && trimmed.len() < text.len() {
        digits
    } else {
        return 0;
    };
    length + text.len() - body.len()
}

/// Where the next message begins in the text of one, also where the rest of it is torn off.
pub(crate) fn next_message(text: &str) -> Option<usize> {
    text.match_indices('%').find_map(|(at, _)| {
        let before = &text[..at];
        let head = before.trim_end().ends_with(':').then(|| head(before))?;
        head.stamp.map(|_| head.start)
    })
}

/// True where a whole line is a system message, not evidence of what a command printed.
pub(crate) fn is_log_line(line: &str) -> bool {
    let line = line.trim_start();
    let Some(at) = line.find('%').filter(|at| *at <= NAME_BEFORE) else { return false };
    matches!(line[..at].chars().next_back(), None | Some(' ' | ':')) && is_named(&line[at..])
}

/// True where a text begins with the marked name of a message.
fn is_named(text: &str) -> bool {
    let first = text.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase);
    first && text.starts_with('%') && name(text, 1, token(&text[1..])).is_some()
}

/// Where a log message starts in a line of an output: 0 for a line that is one, more for a line that one broke into.
pub(crate) fn message_start(text: &str) -> Option<usize> {
    let first = *text.as_bytes().first()?;
    // Only lines that can hold a message are looked at: nearly none in a license output.
    let may_be = first.is_ascii_digit()
        || matches!(first, b'*' | b'.' | b'<')
        || matches!(text.as_bytes(), [_, _, b'/', ..] | [_, _, _, b' ', ..])
        || text.contains('%');
    if !may_be {
        return None;
    }
    if is_message(text) {
        return Some(0);
    }
    names(text).find(|name| name.is_marked).map(|name| head(&text[..name.range.start]).start)
}

/// A line that is a message: with a stamp any text will do, without one only a name.
fn is_message(text: &str) -> bool {
    let lead = after_lead(text);
    let Some((_, rest)) = Stamp::at_start(lead) else {
        let process = text.split_once("]: ").filter(|(process, _)| !process.contains(char::is_whitespace));
        // `Count: *Nov 24 ...` may be a line that a message broke into: a name counts behind a number only.
        let has_number =
            text.split_once(": ").is_some_and(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit()));
        let is_named = is_named(text) || process.is_some_and(|(_, rest)| is_named(rest));
        return is_named || ((has_number || text.starts_with('<')) && is_relayed(text));
    };
    let is_text = |rest: &str| {
        let text = rest.strip_prefix(' ').unwrap_or(rest).strip_prefix(": ");
        text.is_some_and(|text| text.starts_with(|c: char| !c.is_whitespace()))
    };
    if is_text(rest) {
        return true;
    }
    // A host, or a zone that is none of the usual ones.
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    let word = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+_.-".contains(byte)).count();
    (word > 0 && is_text(&rest[word..]))
        || rest.split_once(' ').is_some_and(|(_, rest)| is_named(rest))
        || is_relayed(text)
}

/// A line of a log server, whose message is somewhere behind.
fn is_relayed(text: &str) -> bool {
    owner(text).is_some() && names(text).next().is_some()
}

/// The device that a line says it is of: one file of a log server holds many.
pub(crate) fn owner(line: &str) -> Option<&str> {
    let text = after_priority(line);
    let Some((stamp, rest)) = Stamp::at_start(text) else { return origin(text) };
    let (word, after) = rest.strip_prefix(' ')?.split_once(' ')?;
    let host = word.strip_suffix(':').unwrap_or(word);
    let number = after.bytes().take_while(u8::is_ascii_digit).count();
    let is_relay = text.len() < line.len()
        || after.starts_with(|c: char| matches!(c, '*' | '.' | '%' | ':') || c.is_ascii_uppercase())
        || number > 0 && after[number..].starts_with(": ");
    (stamp.mark == Mark::None && is_relay && is_host(host)).then_some(host)
}

/// `000042: sw1: *Nov 19 14:54:45.907: `, with `logging origin-id`.
fn origin(text: &str) -> Option<&str> {
    let after_number = |text: &'_ str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && text[digits..].starts_with(": ") { digits + 2 } else { 0 }
    };
    let (host, rest) = text[after_number(text)..].split_once(": ")?;
    let is_name = is_host(host) && (host.contains(|c: char| c.is_ascii_alphabetic()) || host.contains('.'));
    (is_name && Stamp::at_start(&rest[after_number(rest)..]).is_some()).then_some(host)
}

fn is_host(word: &str) -> bool {
    word.len() <= LONGEST_HOST
        && word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn system_messages_of_all_spellings_are_log_lines() {
        for line in [
            "*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0",
            "000123: .Nov 24 10:00:00.123 CET: %SMART_LIC-3-COMM_FAILED: Communications failure with the CSLU : no answer",
            "RP/0/RP0/CPU0:Nov 24 10:00:00.123 UTC: smartlicserver[390]: %LICENSE-SMART_LIC-3-COMM_FAILED : text",
            "%LINK-3-UPDOWN: Interface GigabitEthernet1/0/1, changed state to up",
        ] {
            assert!(is_log_line(line), "{line}");
        }
        for line in
            ["% Invalid input detected at '^' marker.", "  Type: Smart", "CPU 5%/0%; one minute: 5%", "a %B-C: d"]
        {
            assert!(!is_log_line(line), "{line}");
        }
    }

    #[test]
    fn messages_in_every_spelling_stand_apart() {
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
            "2025-11-24T10:00:00+00:00: %SYS-5-CONFIG_I: Configured",
            "<189>1 2025-11-24T10:00:00+00:00 sw1 - - - - %SYS-5-CONFIG_I: Configured",
            "Nov 24 10:00:00 sw1 123: *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured",
            "000042: sw1: *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured",
        ] {
            assert_eq!(message_start(log), Some(0), "{log}");
        }
        for (line, start) in [
            ("Type: Sma*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured", 9),
            ("Type: Smart000123: Nov 24 10:00:00.123 CET: %SYS-5-CONFIG_I: Configured", 11),
            ("Type: %SYS-5-CONFIG_I: Configured", 6),
            ("Unenforced/000123: Nov 24 10:00:00.123 CET: %SYS-5-CONFIG_I: Configured", 11),
            ("Enforcement000123: Nov 24 10:00:00.123 CET: %SYS-5-CONFIG_I: Configured", 11),
            ("Count: *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured", 7),
        ] {
            assert_eq!(message_start(line), Some(start), "{line}");
        }
    }

    #[test]
    fn lines_of_outputs_are_no_messages() {
        for line in [
            "*    1 50    C9500-40X          16.9.3            CAT9K_IOSXE           INSTALL",
            ".*                        major",
            "Load: 20%",
            "*~127.127.1.1     .LOCL.           0      6     16   377  0.000   0.000  1.204",
            "Entitlement Tag: regid.2017-03.com.x,1.0_bd1da96e-ec1d-4-b50e",
            "10.0.0.1: 4",
            "Failure Reason: Received 100%: retry",
            "04:45:00.857 UTC Thu Aug 7 2025",
            "",
        ] {
            assert_eq!(message_start(line), None, "{line}");
        }
    }

    #[test]
    fn names_of_devices_are_no_zones_and_no_numbers() {
        for (line, name) in [
            ("Nov 19 14:54:45 sw1 %SMART_LIC-3-A: x", Some("sw1")),
            ("Nov 19 14:54:45 sw1: %SMART_LIC-3-A: x", Some("sw1")),
            ("<189>Nov 19 14:54:45 10.0.0.1 42: *Nov 19 14:54:45.907: %SMART_LIC-3-A: x", Some("10.0.0.1")),
            (
                "2025-11-19T14:54:45+00:00 sw1.example.com 42: Nov 19 14:54:45: %SMART_LIC-3-A: x",
                Some("sw1.example.com"),
            ),
            ("<189>1 2025-11-19T14:54:45.1Z sw1 - - - - %SMART_LIC-3-A: x", Some("sw1")),
            ("<189>1 2025-11-19T14:54:45.1Z - - - - - %SMART_LIC-3-A: x", None),
            ("2025 Nov 24 10:00:00 n9k %LICMGR-3-A: x", Some("n9k")),
            ("Nov 24 2031 10:00:00 fw1 : %ASA-5-111008: x", Some("fw1")),
            ("000042: sw1: *Nov 19 14:54:45.907: %SMART_LIC-3-A: x", Some("sw1")),
            ("Nov 19 14:54:45 CET: %SMART_LIC-3-A: x", None),
            ("Nov 19 14:54:45.907 UTC: %SMART_LIC-3-A: x", None),
            ("000042: *Nov 19 14:54:45.907: %SMART_LIC-3-A: x", None),
            ("RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[1]: SMART_LIC-3-A:x", None),
            ("%SMART_LIC-3-A: x", None),
        ] {
            assert_eq!(owner(line), name, "{line}");
        }
    }

    #[test]
    fn many_marks_take_linear_time() {
        for line in [":%".repeat(20_000), "%A-1-B:".repeat(8_000), "00:00:01: %".repeat(4_000)] {
            let started = std::time::Instant::now();
            let _ = (message_start(&line), next_message(&line), names(&line).count());
            assert!(started.elapsed().as_secs() < 20);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}|[*.A-Za-z0-9:/<>% _é\\[\\]-]{0,80}") {
            let _ = (is_log_line(&text), owner(&text));
            prop_assert!(message_start(&text).is_none_or(|at| text.is_char_boundary(at)));
            prop_assert!(next_message(&text).is_none_or(|at| text.is_char_boundary(at)));
        }
    }
}
