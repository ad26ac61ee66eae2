//! Time stamps as devices and log servers print them: one parser for every spelling, and what can be said about two of them.
//!
//! ```text
//! *Mar  1 00:01:26.123         not authoritative, no year, no zone
//! .Jun 17 2025 11:59:00 CET    authoritative, but NTP does not answer; a zone whose offset its name does not tell
//! 2025 Jun 17 11:59:00.123     NX-OS
//! 2025-06-17T11:59:00+02:00    RFC 5424, log servers
//! Jun 17 11:59:00 2025 CET     licensing outputs
//! 11:59:00.123 CET Tue Jun 17 2025     `show clock`, `Time source is` header
//! 1w2d, 00:01:26               time since boot
//! ```

mod read;

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

pub(crate) use read::{after_lead, after_priority, find_last, is_node};

const DAY: i64 = 86_400;
/// Orders stamps without a year among each other: a leap year, so that it has every day.
const SOME_YEAR: i16 = 2024;
/// Two stamps without a year that are further apart than this have a New Year between them.
const HALF_A_YEAR: i64 = 183 * DAY;
/// Years that a stamp without one is looked for in; between two leap years lie at most eight.
const YEARS_BACK: i16 = 8;
/// Before this year there was no Smart Licensing Using Policy: such a clock was never set.
const FIRST_YEAR: i16 = 2020;

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

/// The zone of a stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone<'a> {
    /// None is printed.
    Unknown,
    /// A name; only those of universal time tell an offset, others are never guessed.
    Named(&'a str),
    /// `Z`, `+02:00`; as printed, and the offset.
    Offset(&'a str, Offset),
}

impl<'a> Zone<'a> {
    /// A zone as printed; empty where none is.
    pub(crate) fn parse(text: &'a str) -> Self {
        match read::offset(text) {
            _ if text.is_empty() => Self::Unknown,
            Some((offset, "")) => Self::Offset(text, offset),
            _ => Self::Named(text),
        }
    }

    /// The zone as printed; empty where none is.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Unknown => "",
            Self::Named(text) | Self::Offset(text, _) => text,
        }
    }

    /// The difference to universal time, where it is known.
    pub(crate) fn offset(self) -> Option<Offset> {
        match self {
            Self::Offset(_, offset) => Some(offset),
            Self::Named(name) => ["UTC", "GMT"].iter().any(|utc| name.eq_ignore_ascii_case(utc)).then_some(Offset::UTC),
            Self::Unknown => None,
        }
    }
}

/// When, as far as it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// A local time.
    Dated(DateTime),
    /// A local time of some year.
    Yearless { month: i8, day: i8, time: Time },
    /// Seconds since boot, and those of the smallest unit that is printed: `1w2d` is some time of that day.
    SinceBoot { seconds: i64, unit: i64 },
}

/// A time stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp<'a> {
    /// What it says about the clock.
    pub(crate) mark: Mark,
    /// The zone.
    pub(crate) zone: Zone<'a>,
    when: When,
}

/// The device's clock when it was asked: what a stamp lacks is taken from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Now {
    /// The local time.
    pub(crate) local: DateTime,
    /// Its difference to universal time, where that is known.
    pub(crate) offset: Option<Offset>,
    /// Seconds since boot, where they are known.
    pub(crate) uptime: Option<i64>,
}

impl<'a> Stamp<'a> {
    /// Reads a whole text as a stamp: with what log lines put before it (sequence number, node of IOS XR) and the colon behind it.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim();
        // Most values have no lead; it is looked for where they cannot be read without.
        let (stamp, rest) = Self::at_start(text).or_else(|| Self::at_start(after_lead(text)))?;
        matches!(rest.trim_start(), "" | ":").then_some(stamp)
    }

    /// The local time, where its year is printed.
    pub(crate) fn local(&self) -> Option<DateTime> {
        if let When::Dated(local) = self.when { Some(local) } else { None }
    }

    /// The latest second since boot that it may mean, where it is a time since boot.
    pub(crate) fn since_boot(&self) -> Option<i64> {
        match self.when {
            When::SinceBoot { seconds, unit } => seconds.checked_add(unit),
            _ => None,
        }
    }

    /// False for a year before 2020.
    pub(crate) fn is_believable(&self) -> bool {
        self.local().is_none_or(|local| local.year() >= FIRST_YEAR)
    }

    /// True where the clock is known not to have been set: `*`, or a year before 2020.
    pub(crate) fn is_unset(&self) -> bool {
        self.mark == Mark::NotAuthoritative || !self.is_believable()
    }

    /// The moment by the device's local clock.
    ///
    /// A missing year is the latest that does not lie more than a day ahead of the device's clock. Where both offsets are known,
    /// they count; otherwise the stamp is taken for local time, which may be wrong by as much as zones differ. A time since boot
    /// needs the uptime, and is the latest moment that it may mean.
    pub(crate) fn at(&self, now: &Now) -> Option<DateTime> {
        let local = |printed: DateTime| match (self.zone.offset(), now.offset) {
            (Some(own), Some(offset)) => own.to_timestamp(printed).map_or(printed, |moment| offset.to_datetime(moment)),
            _ => printed,
        };
        match self.when {
            When::Dated(printed) => Some(local(printed)),
            When::Yearless { month, day, time } => {
                let years = (now.local.year() - YEARS_BACK..=now.local.year() + 1).rev();
                let dates = years.filter_map(|year| Date::new(year, month, day).ok());
                let mut moments = dates.map(|date| local(date.to_datetime(time)));
                moments.find(|moment| now.local.duration_until(*moment).as_secs() <= DAY)
            }
            When::SinceBoot { .. } => {
                let ago = (now.uptime? - self.since_boot()?).max(0);
                now.local.checked_sub(jiff::SignedDuration::from_secs(ago)).ok()
            }
        }
    }

    /// The order of two stamps; `None` where it cannot be told.
    ///
    /// It cannot where only one of them has a clock that was set, for times since boot, because the boots may differ, and where
    /// `now` is not known and only one has a year. No `PartialOrd`: without `now`, stamps without a year that are more than half
    /// a year apart are of two years, so that it is not transitive.
    pub(crate) fn compare(&self, other: &Stamp<'_>, now: Option<&Now>) -> Option<Ordering> {
        if self.is_unset() != other.is_unset() {
            return None;
        }
        match (self.when, other.when, now) {
            (When::SinceBoot { .. }, ..) | (_, When::SinceBoot { .. }, _) => None,
            (When::Dated(a), When::Dated(b), _) => match (self.moment(a), other.moment(b)) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => Some(a.cmp(&b)),
            },
            (.., Some(now)) => Some(self.at(now)?.cmp(&other.at(now)?)),
            (When::Yearless { .. }, When::Yearless { .. }, None) => {
                let (a, b) = (self.in_some_year()?, other.in_some_year()?);
                let is_wrapped = a.duration_until(b).as_secs().abs() > HALF_A_YEAR;
                let order = a.cmp(&b);
                Some(if is_wrapped { order.reverse() } else { order })
            }
            (.., None) => None,
        }
    }

    fn moment(&self, local: DateTime) -> Option<Timestamp> {
        self.zone.offset()?.to_timestamp(local).ok()
    }

    fn in_some_year(&self) -> Option<DateTime> {
        let When::Yearless { month, day, time } = self.when else { return None };
        Some(Date::new(SOME_YEAR, month, day).ok()?.to_datetime(time))
    }
}

#[cfg(test)]
mod tests;
