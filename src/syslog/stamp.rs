//! Which of two time stamps of a log is earlier. Most lack the year and the zone, so that some pairs cannot be told.

use std::cmp::Ordering;

use jiff::civil::{Date, DateTime, Time};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// Where no year is printed: any leap year.
const SOME_YEAR: i16 = 2024;
/// Two stamps without a year that lie further apart than this have a New Year between them.
const HALF_A_YEAR: i64 = 183 * 86_400;

/// The order of two stamps as printed (`*Nov 19 14:54:45.907`); `None` where one cannot be read, as a time since boot.
pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (read(a)?, read(b)?);
    let (first, second) = (a.at(), b.at());
    let apart = first.duration_until(second).as_secs();
    let order = first.cmp(&second);
    let is_wrapped = a.year.is_none() && b.year.is_none() && apart.abs() > HALF_A_YEAR;
    match (a.year.is_some(), b.year.is_some()) {
        (true, false) | (false, true) => None,
        _ if is_wrapped => Some(order.reverse()),
        _ => Some(order),
    }
}

struct Stamp {
    year: Option<i16>,
    date: Date,
    time: Time,
}

impl Stamp {
    fn at(&self) -> DateTime {
        self.date.to_datetime(self.time)
    }
}

fn read(text: &str) -> Option<Stamp> {
    let text = text.trim_start_matches(['*', '.']);
    if let Some((date, time)) = text.split_once('T')
        && let (Ok(date), Some(Ok(time))) = (date.parse::<Date>(), time.get(..8).map(str::parse::<Time>))
    {
        return Some(Stamp { year: Some(date.year()), date, time });
    }
    let (mut year, mut month, mut day, mut time) = (None, None, None, None);
    for word in text.split_whitespace() {
        if let Some(at) = MONTHS.iter().position(|name| word.eq_ignore_ascii_case(name)) {
            month = i8::try_from(at + 1).ok();
        } else if word.contains(':') {
            time = word.parse::<Time>().ok();
        } else if word.len() == 4 {
            year = year.or_else(|| word.parse::<i16>().ok());
        } else {
            day = day.or_else(|| word.parse::<i8>().ok());
        }
    }
    let date = Date::new(year.unwrap_or(SOME_YEAR), month?, day?).ok()?;
    Some(Stamp { year, date, time: time? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_ordered_where_they_can_be() {
        let less = Some(Ordering::Less);
        assert_eq!(compare("*Nov 19 14:54:45.907", "Nov 19 14:54:45.908 UTC"), less);
        assert_eq!(compare("*Nov  9 14:54:45", ".Nov 19 10:00:00"), less);
        assert_eq!(compare("Dec 31 23:59:59", "Jan  1 00:00:01"), less);
        assert_eq!(compare("Dec 31 2025 23:59:59", "Jan 1 2026 00:00:01"), less);
        assert_eq!(compare("2025-11-19T14:54:45+00:00", "2025-11-19T14:54:46.1Z"), less);
        assert_eq!(compare("1w2d", "1w3d"), None);
        assert_eq!(compare("Nov 19 2025 10:00:00", "Nov 19 10:00:00"), None);
        assert_eq!(compare("Feb 31 10:00:00", "Mar 1 10:00:00"), None);
        assert_eq!(compare("", "\u{e9}T\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}"), None);
    }
}
