//! The log as history: which messages still stand, and how old they are.
//!
//! Time stamps of a log mostly lack the year and the zone: they are compared with each other and with the device's own clock
//! only. The digit of a message's severity differs between releases and is never read.

use jiff::civil::{Date, DateTime, Time};

use crate::fact::{DeviceTime, Evidence};
use crate::facts::{Facts, LogMessage};
use crate::rules::Undecided;
use crate::rules::situation::DAY;
use crate::syslog::spelling;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The messages of a mnemonic that no message of `cured_by` about the same peer or UDI followed.
pub(super) fn standing<'a>(
    facts: &'a Facts,
    mnemonic: &str,
    cured_by: &[&str],
) -> Result<Vec<&'a LogMessage>, Undecided> {
    let log = facts.log.get()?;
    let now = facts.device_time.value();
    let cured = |at: usize, message: &LogMessage| {
        log.iter().enumerate().any(|(later, cure)| {
            cured_by.contains(&cure.mnemonic.as_str())
                && same_peer(message, cure)
                && follows((at, message), (later, cure), now)
        })
    };
    let mut standing: Vec<&LogMessage> = Vec::new();
    for (at, message) in log.iter().enumerate() {
        if message.mnemonic == mnemonic && !cured(at, message) {
            // One finding a peer or unit: its last message stands for the earlier ones.
            standing.retain(|earlier| subject(earlier) != subject(message));
            standing.push(message);
        }
    }
    Ok(standing)
}

/// True where the last `cure` came after the last `message`: by their time stamps, else by their order in the log.
fn follows(message: (usize, &LogMessage), cure: (usize, &LogMessage), now: Option<&DeviceTime>) -> bool {
    match (last_seen(message.1, now), last_seen(cure.1, now)) {
        (Some(failed), Some(cured)) if failed != cured => cured > failed,
        _ => cure.0 > message.0,
    }
}

/// Peers by their abbreviation, units by their serial number: texts about one of them differ between messages.
fn same_peer(a: &LogMessage, b: &LogMessage) -> bool {
    match (&a.peer_or_udi, &b.peer_or_udi) {
        (Some(a), Some(b)) => spelling(a) == spelling(b),
        _ => true,
    }
}

/// When a message was last logged, by the device's clock; `None` where its time stamp is a time since boot, or none.
pub(super) fn last_seen(message: &LogMessage, now: Option<&DeviceTime>) -> Option<DateTime> {
    let text = message.last.as_deref().or(message.first.as_deref())?;
    let mut month = None;
    let (mut day, mut year, mut clock) = (None, None, None);
    for word in text.split_whitespace().map(|word| word.trim_matches(|c: char| "*.,:".contains(c))) {
        if let Some(at) = MONTHS.iter().position(|name| word.to_lowercase().starts_with(name)) {
            month = i8::try_from(at + 1).ok();
        } else if word.contains(':') {
            clock = word.split('.').next()?.parse::<Time>().ok();
        } else if word.len() == 4 {
            year = year.or_else(|| word.parse::<i16>().ok());
        } else {
            day = day.or_else(|| word.parse::<i8>().ok());
        }
    }
    let (month, day, clock) = (month?, day?, clock?);
    let in_year = |year| Date::new(year, month, day).ok().map(|date| date.to_datetime(clock));
    if year.is_some() {
        return in_year(year?);
    }
    let Some(now) = now else {
        // Without the device's time any leap year orders the stamps of one year.
        return in_year(2024);
    };
    let this_year = in_year(now.local.year());
    // A stamp ahead of the clock by more than a day is of last year.
    match this_year {
        Some(stamp) if now.local.duration_until(stamp).as_secs() <= 86_400 => Some(stamp),
        _ => in_year(now.local.year() - 1),
    }
}

/// Seconds since boot at which a message was last logged, by a time stamp such as `1w2d` or `3d04h`; the latest that it may mean.
pub(super) fn since_boot(message: &LogMessage) -> Option<i64> {
    let text = message.last.as_deref().or(message.first.as_deref())?;
    let (mut seconds, mut smallest, mut number) = (0_i64, None, String::new());
    for c in text.trim_matches(['*', '.', ':', ' ']).chars() {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            'y' => 365 * DAY,
            'w' => 7 * DAY,
            'd' => DAY,
            'h' => 3_600,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
        smallest = Some(unit);
    }
    if number.is_empty() { seconds.checked_add(smallest?) } else { None }
}

/// `COMM_FAILED 12 times from May 1 10:00:00 to May 2 10:00:00: the text`.
pub(super) fn described(message: &LogMessage) -> String {
    let clean =
        |stamp: &Option<String>| stamp.as_deref().unwrap_or_default().trim_matches(['*', '.', ':', ' ']).to_owned();
    let (first, last) = (clean(&message.first), clean(&message.last));
    let when = match (message.count, first.as_str(), last.as_str()) {
        (0 | 1, "", "") => String::new(),
        (0 | 1, "", at) | (0 | 1, at, _) => format!(" at {at}"),
        (count, "", "") => format!(" {count} times"),
        (count, first, last) => format!(" {count} times, first {first}, last {last}"),
    };
    format!("{}{when}: {}", message.mnemonic, message.text.trim())
}

/// What a finding about a message is about: its peer or UDI.
pub(super) fn subject(message: &LogMessage) -> &str {
    message.peer_or_udi.as_deref().unwrap_or_default()
}

/// The last line of the message.
pub(super) fn evidence(message: &LogMessage, facts: &Facts) -> Option<Evidence> {
    let is_it = |line: &&Evidence| line.text.contains(&message.mnemonic) && line.text.contains(&message.text);
    facts.proofs.of("log").rev().find(is_it).or(facts.log.evidence().filter(is_it)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{known, logged, time};

    #[test]
    fn stamps_without_a_year_lie_in_the_past() {
        let now = time("2025-01-02 00:00");
        let seen = |stamp| last_seen(&logged("A", None, stamp), Some(&now)).map(|at| at.to_string());
        assert_eq!(seen("*Dec 31 23:59:59.907").as_deref(), Some("2024-12-31T23:59:59"));
        assert_eq!(seen("Jan  1 08:00:00.1 UTC:").as_deref(), Some("2025-01-01T08:00:00"));
        assert_eq!(seen("Jun 17 2023 08:00:00").as_deref(), Some("2023-06-17T08:00:00"));
        assert_eq!(seen("00:01:23"), None);
        assert_eq!(seen(""), None);
    }

    #[test]
    fn stamps_since_boot_are_seconds() {
        let seen = |stamp| since_boot(&logged("A", None, stamp));
        assert_eq!(seen("1w2d"), Some(10 * DAY), "until the end of that day");
        assert_eq!(seen("3d04h"), Some(3 * DAY + 5 * 3_600));
        for other in ["", "00:01:23", "Jun 17 08:00:00", "12", "d"] {
            assert_eq!(seen(other), None, "{other}");
        }
    }

    #[test]
    fn a_cure_counts_for_its_own_peer_and_only_afterwards() {
        let cslu = Some("Cisco Smart License Utility (CSLU)");
        let mut facts = Facts { device_time: known(time("2025-06-17 12:00")), ..Facts::default() };
        facts.log = known(vec![
            logged("COMM_FAILED", cslu, "Jun 10 10:00:00"),
            logged("COMM_RESTORED", Some("Cisco Smart License utility (CSLU)"), "Jun 11 10:00:00"),
            logged("COMM_FAILED", Some("Cisco Smart Software Manager (CSSM)"), "Jun 12 10:00:00"),
        ]);
        let standing = |facts: &Facts| {
            let messages = standing(facts, "COMM_FAILED", &["COMM_RESTORED"]).expect("the log is known");
            messages.iter().map(|message| subject(message).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(standing(&facts), ["Cisco Smart Software Manager (CSSM)"]);
        facts.log = known(vec![
            logged("COMM_FAILED", cslu, "Jun 12 10:00:00"),
            logged("COMM_RESTORED", cslu, "Jun 11 10:00:00"),
        ]);
        assert_eq!(standing(&facts).len(), 1);
        facts.log = known(vec![
            logged("COMM_FAILED", Some("Cisco Smart Software Manager (CSSM)"), "Jun 12 10:00:00"),
            logged("COMM_RESTORED", Some("Cisco licensing cloud"), "Jun 13 10:00:00"),
        ]);
        assert!(standing(&facts).is_empty());
    }
}
