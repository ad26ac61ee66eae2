//! What a terminal adds to an output: the echo of the command, the prompt, headers with the device's time, log messages.
//!
//! ```text
//! sw1#show clock                                                   echo
//! Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021            header of `terminal exec prompt timestamp`
//! Tue Jan 16 13:19:27.208 UTC                                      the same on IOS XR
//! *Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from vty0      log message, on a line of its own or inside another
//! sw1#                                                             prompt
//! ```

use std::sync::LazyLock;

use regex::Regex;

use super::lines::Line;
use super::time::{Mark, mark, time};
use crate::fact::DeviceTime;

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

/// The command as it was typed, with or without its prompt: `sw1#show clock`, `show license all`.
pub(super) fn is_echo(text: &str) -> bool {
    let typed = match text.find(['#', '>']) {
        Some(at) if !text[..at].contains(' ') && !text.starts_with('<') => text[at + 1..].trim_start(),
        _ => text,
    };
    let mut words = typed.split_ascii_whitespace();
    let is_show = words.next().is_some_and(|word| word.len() >= 2 && "show".starts_with(word));
    is_show && words.next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// Words by which a device refuses a command.
pub(super) fn is_refusal(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "% Invalid input detected",
        "% Incomplete command",
        "% Ambiguous command",
        "% Unknown command",
        "% Invalid command",
        "% Permission denied",
        "% Authorization failed",
        "Command authorization failed",
        "ERROR: % Invalid input detected",
    ];
    WORDS.iter().any(|words| text.starts_with(words))
}

/// A prompt alone on its line, with nothing typed.
pub(super) fn is_prompt(text: &str) -> bool {
    let Some(name) = text.strip_suffix(['#', '>']) else { return false };
    !name.is_empty()
        && name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/@()".contains(c))
}

/// The header of `terminal exec prompt timestamp`, and the date line of IOS XR (`Tue Jan 16 13:19:27.208 UTC`).
pub(super) fn header_stamp(line: Line<'_>) -> Option<Stamp<'_>> {
    let (by_ntp, rest) = if let Some(rest) = line.text.strip_prefix("Time source is ") {
        let (source, rest) = rest.split_once(',')?;
        (source.eq_ignore_ascii_case("NTP"), rest)
    } else if let Some(rest) = line.text.strip_prefix("No time source") {
        (false, rest.strip_prefix(',')?)
    } else {
        // Of all lines only those that begin with a word of three letters are tried.
        let is_date = line.text.as_bytes().get(3) == Some(&b' ') && XR_DATE.is_match(line.text);
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
pub(super) fn message_start(text: &str) -> Option<usize> {
    // The patterns are tried on lines that can hold a message only: nearly none in a licence output.
    let first = text.as_bytes()[0];
    let may_have_stamp = first.is_ascii_digit() || matches!(first, b'*' | b'.' | b'<') || text.starts_with("RP/");
    let may_be = may_have_stamp || text.as_bytes().get(3) == Some(&b' ') || text.contains('%');
    if !may_be {
        return None;
    }
    if MESSAGE.is_match(text) { Some(0) } else { INSIDE.find(text).map(|found| found.start()) }
}

/// Compiles a pattern of this program; that each one is right is tested.
fn compile(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("a pattern of this program: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::lines::Text;
    use super::*;

    fn texts(reply: &str) -> Vec<&str> {
        Text::whole("show x", reply).lines.iter().map(|line| line.text).collect()
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
}
