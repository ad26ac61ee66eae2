//! Reading stamps, by hand: they stand on every line of a log.

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::{DAY, Mark, SOME_YEAR, Stamp, When, Zone};

/// The names of months, as every platform prints them.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Years that are years: four digits may also be a sequence number.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2099;

impl<'a> Stamp<'a> {
    /// The stamp that a text begins with, and what follows it.
    pub(crate) fn at_start(text: &'a str) -> Option<(Self, &'a str)> {
        let (mark, text) = match text.as_bytes().first()? {
            b'*' => (Mark::NotAuthoritative, &text[1..]),
            b'.' => (Mark::Lost, &text[1..]),
            _ => (Mark::None, text),
        };
        let first = text.as_bytes().first()?;
        if first.is_ascii_alphabetic() {
            return month_first(text, mark);
        }
        if !first.is_ascii_digit() {
            return None;
        }
        match text.as_bytes().iter().position(|byte| !byte.is_ascii_digit())? {
            4 if text.as_bytes()[4] == b'-' => iso(text, mark),
            4 if text.as_bytes()[4] == b' ' => {
                let (year, rest) = year(text)?;
                let (month, day, rest) = month_day(rest.trim_start_matches(' '))?;
                dated(Some(year), month, day, rest.strip_prefix(' ')?, mark)
            }
            2 if text.as_bytes()[2] == b':' => clock_first(text, mark),
            _ => units(text, mark),
        }
    }
}

/// `Mar  1 00:01:26.123`, `Jun 17 2025 11:59:00 CET`, `Jun 17 11:59:00 2025 CET`, all of them maybe after a weekday.
fn month_first(text: &str, mark: Mark) -> Option<(Stamp<'_>, &str)> {
    let (month, day, rest) = month_day(text).or_else(|| month_day(after_weekday(text)?))?;
    let rest = rest.strip_prefix(' ')?;
    match year(rest) {
        Some((year, rest)) => dated(Some(year), month, day, rest.strip_prefix(' ')?, mark),
        None => dated(None, month, day, rest, mark),
    }
}

/// What follows the date: the time, and maybe year and zone.
fn dated(known: Option<i16>, month: i8, day: i8, text: &str, mark: Mark) -> Option<(Stamp<'_>, &str)> {
    let clock = clock(text)?;
    // A number before a colon is the sequence number of a log server.
    let later = |rest: &'_ str| -> Option<(i16, usize)> {
        let (year, after) = year(rest.strip_prefix(' ')?)?;
        (known.is_none() && !after.starts_with(':')).then_some((year, rest.len() - after.len()))
    };
    let (mut year, mut rest) = (known, clock.rest);
    if let Some((found, length)) = later(rest) {
        (year, rest) = (Some(found), &rest[length..]);
    }
    let is_own = clock.has_fraction || mark != Mark::None;
    let (zone, mut rest) = match zone(rest, is_own) {
        Some(found) => found,
        // `11:59:00 CET 2025`.
        None => match name(rest.strip_prefix(' ').unwrap_or_default()) {
            Some((name, after)) if year.is_none() && later(after).is_some() => (Zone::Named(name), after),
            _ => (Zone::Unknown, rest),
        },
    };
    if let (None, Some((found, length))) = (year, later(rest)) {
        (year, rest) = (Some(found), &rest[length..]);
    }
    Some((on_date(year, month, day, clock.time, mark, zone)?, rest))
}

/// `11:59:00.123 CET Tue Jun 17 2025`, with or without its zone; or `00:01:26`, a time since boot.
fn clock_first(text: &str, mark: Mark) -> Option<(Stamp<'_>, &str)> {
    let Clock { time, rest, .. } = clock(text)?;
    let seconds = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let date = |text| {
        let (month, day, rest) = month_day(after_weekday(text)?)?;
        let (year, rest) = year(rest.strip_prefix(' ')?)?;
        Some((month, day, year, rest))
    };
    let dated = rest.strip_prefix(' ').and_then(|rest| {
        if let Some(found) = date(rest) {
            return Some((Zone::Unknown, found));
        }
        let (zone, rest) = rest.split_once(' ')?;
        Some((Zone::parse(zone), date(rest)?))
    });
    match dated {
        Some((zone, (month, day, year, rest))) => Some((on_date(Some(year), month, day, time, mark, zone)?, rest)),
        None if rest.is_empty() || rest.starts_with(':') => {
            Some((Stamp { mark, zone: Zone::Unknown, when: When::SinceBoot { seconds, unit: 1 } }, rest))
        }
        None => None,
    }
}

/// `2025-06-17T11:59:00,123+02:00`, `2025-06-17 11:59:00.123 UTC`.
fn iso(text: &str, mark: Mark) -> Option<(Stamp<'_>, &str)> {
    let (year, rest) = year(text)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let clock = clock(rest.strip_prefix(['T', 't', ' '])?)?;
    let (zone, rest) = zone(clock.rest, false).unwrap_or((Zone::Unknown, clock.rest));
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    Some((on_date(Some(year), month, day, clock.time, mark, zone)?, rest))
}

/// `1w2d`, `3d04h`: two units at least, so that a word such as `5d` is none.
fn units(text: &str, mark: Mark) -> Option<(Stamp<'_>, &str)> {
    let (mut rest, mut seconds, mut unit, mut count) = (text, 0_i64, 0, 0);
    while let Some(length) = rest.bytes().position(|byte| !byte.is_ascii_digit()).filter(|length| *length > 0) {
        unit = match rest.as_bytes()[length] {
            b'y' => 365 * DAY,
            b'w' => 7 * DAY,
            b'd' => DAY,
            b'h' => 3_600,
            _ => return None,
        };
        seconds = seconds.checked_add(rest[..length].parse::<i64>().ok()?.checked_mul(unit)?)?;
        (rest, count) = (&rest[length + 1..], count + 1);
    }
    let ends = !rest.starts_with(|c: char| c.is_alphanumeric());
    let stamp = Stamp { mark, zone: Zone::Unknown, when: When::SinceBoot { seconds, unit } };
    (count > 1 && ends).then_some((stamp, rest))
}

/// A stamp with its date, where there is such a day.
fn on_date(year: Option<i16>, month: i8, day: i8, time: Time, mark: Mark, zone: Zone<'_>) -> Option<Stamp<'_>> {
    let date = Date::new(year.unwrap_or(SOME_YEAR), month, day).ok()?;
    let when = match year {
        Some(_) => When::Dated(date.to_datetime(time)),
        None => When::Yearless { month, day, time },
    };
    Some(Stamp { mark, zone, when })
}

fn after_weekday(text: &str) -> Option<&str> {
    let (word, rest) = (text.get(..3)?, text.get(3..)?);
    let known = WEEKDAYS.iter().any(|name| name.eq_ignore_ascii_case(word));
    rest.strip_prefix(' ').filter(|_| known).map(|rest| rest.trim_start_matches(' '))
}

/// `Jun 17`, `Mar  1`, and what follows.
fn month_day(text: &str) -> Option<(i8, i8, &str)> {
    let word = text.get(..3)?;
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(word))?;
    let rest = text[3..].strip_prefix(' ')?.trim_start_matches(' ');
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = digits(rest, length.clamp(1, 2))?;
    Some((i8::try_from(month + 1).ok()?, i8::try_from(day).ok()?, rest))
}

fn year(text: &str) -> Option<(i16, &str)> {
    let (year, rest) = digits(text, 4)?;
    let year = i16::try_from(year).ok().filter(|year| YEARS.contains(year))?;
    (!rest.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some((year, rest))
}

/// A number of so many digits.
fn digits(text: &str, count: usize) -> Option<(i32, &str)> {
    let digits = text.get(..count).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    Some((digits.parse().ok()?, &text[count..]))
}

struct Clock<'a> {
    time: Time,
    /// Log servers print none, devices mostly do.
    has_fraction: bool,
    rest: &'a str,
}

/// `11:59:00`, `11:59:00.123`, `11:59:00,123`.
fn clock(text: &str) -> Option<Clock<'_>> {
    let part = |text| digits(text, 2).and_then(|(number, rest)| Some((i8::try_from(number).ok()?, rest)));
    let (hour, rest) = part(text)?;
    let (minute, rest) = part(rest.strip_prefix(':')?)?;
    let (second, rest) = part(rest.strip_prefix(':')?)?;
    let fraction = rest.strip_prefix(['.', ',']).unwrap_or_default();
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    let (mut nanos, mut end) = (0, 0);
    if length > 0 {
        nanos = fraction[..length].parse::<i32>().ok()? * 10_i32.pow(u32::try_from(9_usize.checked_sub(length)?).ok()?);
        end = length + 1;
    }
    let rest = &rest[end..];
    let time = Time::new(hour, minute, second, nanos).ok()?;
    let is_whole = !rest.starts_with(|c: char| c.is_ascii_alphanumeric() && !matches!(c, 'Z' | 'z'));
    is_whole.then_some(Clock { time, has_fraction: length > 0, rest })
}

/// The zone that follows a time, and the rest; `None` where what follows is no zone.
///
/// A name before a colon may also be a log server's: capitals are a zone, and so is any name where the time before it is
/// `own`, of a device.
fn zone(text: &str, own: bool) -> Option<(Zone<'_>, &str)> {
    let word = text.strip_prefix(' ').unwrap_or(text);
    if let Some((offset, rest)) = offset(word) {
        return Some((Zone::Offset(&word[..word.len() - rest.len()], offset), rest));
    }
    let (name, rest) = name(text.strip_prefix(' ')?)?;
    let letters = name.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let is_zone = match rest.trim_start_matches(' ').bytes().next() {
        None => rest.is_empty(),
        Some(b':') => own || (2..=5).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_uppercase()),
        Some(_) => false,
    };
    is_zone.then_some((Zone::Named(name), rest))
}

/// A word that may name a zone: `CET`, `est`, `EST5`, `UTC+0530`.
fn name(text: &str) -> Option<(&str, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &text[letters..];
    let sign = usize::from(rest.starts_with(['+', '-']));
    let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let end = letters + if digits > 0 { sign + digits } else { 0 };
    let ends = !text[end..].starts_with(|c: char| c.is_alphanumeric() || "-_.+".contains(c));
    ((1..=8).contains(&letters) && digits <= 4 && ends).then(|| text.split_at(end))
}

/// `Z`, `+02:00`, `-0330`, and what follows.
pub(super) fn offset(text: &str) -> Option<(Offset, &str)> {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    if let Some(rest) = text.strip_prefix(['Z', 'z']) {
        return ends(rest).then_some((Offset::UTC, rest));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
    let after = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = digits(after, 2).unwrap_or((0, rest));
    let offset = Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()?;
    (minutes < 60 && ends(rest)).then_some((offset, rest))
}

/// The text without what log lines put before a stamp: `<189>1 `, `000123: `, `RP/0/RP0/CPU0:`.
pub(crate) fn after_lead(text: &str) -> &str {
    let text = after_priority(text);
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    let text = text[number..].strip_prefix(": ").filter(|_| (1..=10).contains(&number)).unwrap_or(text);
    match text.split_once(':') {
        Some((node, rest)) if is_node(node) => rest,
        _ => text,
    }
}

/// The text without the priority and the version of a log server.
pub(crate) fn after_priority(text: &str) -> &str {
    let Some((number, rest)) = text.strip_prefix('<').and_then(|text| text.split_once('>')) else { return text };
    if !(1..=3).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let version =
        rest.split_once(' ').filter(|(word, _)| matches!(word.len(), 1 | 2) && digits(word, word.len()).is_some());
    version.map_or(rest, |(_, rest)| rest)
}

/// A node of IOS XR: `RP/0/RP0/CPU0`, `0/RP0/ADMIN0`.
pub(crate) fn is_node(text: &str) -> bool {
    let is_alphanumeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_first =
        |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    text.split_once('/').is_some_and(|(first, rest)| is_first(first) && rest.split('/').all(is_alphanumeric))
}

/// The last stamp of a text, as a range of bytes.
pub(crate) fn find_last(text: &str) -> Option<std::ops::Range<usize>> {
    let (bytes, mut at, mut found) = (text.as_bytes(), 0, None);
    while at < bytes.len() {
        let is_start = match bytes[at] {
            b'*' | b'.' | b'A'..=b'Z' => true,
            b'0'..=b'9' => at == 0 || !bytes[at - 1].is_ascii_alphanumeric(),
            _ => false,
        };
        let stamp = is_start.then(|| Stamp::at_start(&text[at..])).flatten();
        // A bare time is one since boot only where nothing but a number stands before it: it may be the rest of a torn date.
        let stamp = stamp.filter(|(stamp, _)| {
            let before = text[..at].trim_end_matches(' ');
            !matches!(stamp.when, When::SinceBoot { unit: 1, .. }) || before.is_empty() || before.ends_with([':', '>'])
        });
        match stamp {
            Some((_, rest)) => {
                found = Some(at..text.len() - rest.len());
                at = text.len() - rest.len();
            }
            None => at += 1,
        }
    }
    found
}
