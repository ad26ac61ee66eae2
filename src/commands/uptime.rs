//! Times as devices print them: a local time and a zone name, never more.
//!
//! ```text
//! Jun 17 15:04:29 2025 IST                  licence outputs
//! Jan 05 2023 12:19:01 UTC                  ASA, agent 4.3
//! 15:08:49.347 IST Wed Mar 19 2025          show clock, `Time source is` header
//! 2021-11-17 03:31:32.920 UTC               show license eventlog
//! ```

use jiff::civil::DateTime;

use crate::fact::DeviceTime;

/// What the character before a time says about the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// None: the time is authoritative and its source answers.
    None,
    /// `.`: authoritative, but NTP does not answer.
    Lost,
    /// `*`: not authoritative.
    NotAuthoritative,
}

/// Takes the mark off a time.
pub(crate) fn mark(text: &str) -> (Mark, &str) {
    match text.as_bytes().first() {
        Some(b'*') => (Mark::NotAuthoritative, &text[1..]),
        Some(b'.') => (Mark::Lost, &text[1..]),
        _ => (Mark::None, text),
    }
}

/// Reads a whole text as a time; `None` where it is anything else.
pub(crate) fn time(text: &str) -> Option<DeviceTime> {
    let text = text.trim();
    let mut words = [""; 8];
    let mut count = 0;
    for word in text.split_ascii_whitespace() {
        *words.get_mut(count)? = word;
        count += 1;
    }
    let (date, clock, zone) = match words[..count] {
        // `Jun 17 15:04:29 2025 IST`; without the zone on some captures.
        [m, d, c, y] if c.contains(':') => ((y, m, d), c, ""),
        [m, d, c, y, zone] if c.contains(':') => ((y, m, d), c, zone),
        // ASA: `Jan 05 2023 12:19:01 UTC`.
        [m, d, y, c] if c.contains(':') => ((y, m, d), c, ""),
        [m, d, y, c, zone] if c.contains(':') => ((y, m, d), c, zone),
        // `15:08:49.347 IST Wed Mar 19 2025`; without the zone where none is configured.
        [c, zone, _weekday, m, d, y] => ((y, m, d), c, zone),
        [c, _weekday, m, d, y] => ((y, m, d), c, ""),
        [date, c, zone] if c.contains(':') => (split_iso(date)?, c, zone),
        [date, c] if c.contains(':') => (split_iso(date)?, c, ""),
        _ => return None,
    };
    let local = civil(date, clock)?;
    Some(DeviceTime { text: text.to_owned(), local, zone: zone.to_owned() })
}

fn split_iso(date: &str) -> Option<(&str, &str, &str)> {
    let mut parts = date.splitn(3, '-');
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn civil((year, month, day): (&str, &str, &str), clock: &str) -> Option<DateTime> {
    let year: i16 = number(year)?.try_into().ok()?;
    let month: i8 = match number(month) {
        Some(number) => number.try_into().ok()?,
        None => month_number(month)?,
    };
    let day: i8 = number(day)?.try_into().ok()?;
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut parts = whole.splitn(3, ':');
    let mut part = || -> Option<i8> { number(parts.next()?)?.try_into().ok() };
    let (hour, minute, second) = (part()?, part()?, part()?);
    let nanos = if fraction.is_empty() {
        0
    } else {
        let digits = u32::try_from(fraction.len()).ok().filter(|&digits| digits <= 9)?;
        i32::try_from(number(fraction)? * 10_u32.pow(9 - digits)).ok()?
    };
    DateTime::new(year, month, day, hour, minute, second, nanos).ok()
}

/// Decimal digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// `Jan` is 1.
fn month_number(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = NAMES.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i8::try_from(at + 1).ok()
}

/// Seconds of `1 year, 22 weeks, 6 days, 9 hours, 38 minutes`, in the spellings of all platforms: `day(s)`, no commas.
pub(crate) fn span(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    let mut seconds = 0_u64;
    for pair in words.chunks(2) {
        let [count, unit] = pair else { return None };
        let unit = unit.trim_end_matches("(s)").trim_end_matches('s');
        let length = match unit {
            "year" => 365 * 86_400,
            "week" => 7 * 86_400,
            "day" => 86_400,
            "hour" | "hr" => 3_600,
            "minute" | "min" => 60,
            "second" | "sec" => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(u64::from(number(count)?).checked_mul(length)?)?;
    }
    if words.is_empty() { None } else { Some(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, local, zone) in [
            ("Jun 17 15:04:29 2025 IST", "2025-06-17T15:04:29", "IST"),
            ("Aug 3 09:02:50 2024 est", "2024-08-03T09:02:50", "est"),
            ("Aug 03 09:02:50 2024", "2024-08-03T09:02:50", ""),
            ("Jan 05 2023 12:19:01 UTC", "2023-01-05T12:19:01", "UTC"),
            ("15:08:49.347 IST Wed Mar 19 2025", "2025-03-19T15:08:49.347", "IST"),
            ("15:08:49.347 Wed Mar 19 2025", "2025-03-19T15:08:49.347", ""),
            ("2021-11-17 03:31:32.920 UTC", "2021-11-17T03:31:32.92", "UTC"),
        ] {
            let time = time(text).expect(text);
            assert_eq!((time.local.to_string().as_str(), time.zone.as_str()), (local, zone), "{text}");
            assert_eq!(time.text, text);
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "<none>",
            "Jun 31 15:04:29 2025 UTC",
            "Jun 17 15:04 2025 UTC",
            "Foo 17 15:04:29 2025 UTC",
            "15:08:49.12345678901 UTC Wed Mar 19 2025",
            "Mon Nov  5 23:22:25.521 UTC",
            "a b c d e f g h i j",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn uptimes_of_all_platforms() {
        assert_eq!(span("1 week, 1 day, 19 hours, 23 minutes"), Some(8 * 86_400 + 19 * 3_600 + 23 * 60));
        assert_eq!(span("3 days 22 hours"), Some(3 * 86_400 + 22 * 3_600));
        assert_eq!(span("0 day(s), 0 hour(s), 1 minute(s), 33 second(s)"), Some(93));
        assert_eq!(span(""), None);
        assert_eq!(span("soon"), None);
    }
}
