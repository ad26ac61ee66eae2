//! One fact about a device: known with the line that proves it, or unknown with the reason. Silence is never a pass.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::stamp::{Stamp, Zone};

/// The answer to one question about one device.
///
/// A value that the device prints as `<none>` or `Not Configured` is *known*: `Fact<Option<T>>` with `None`.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact<T> {
    /// The device said so.
    Known {
        /// What it said.
        value: T,
        /// Where it said it.
        evidence: Evidence,
    },
    /// It cannot be told, and why.
    Unknown(Unknown),
}

impl<T> Fact<T> {
    /// A known fact.
    pub fn known(value: T, evidence: Evidence) -> Self {
        Self::Known { value, evidence }
    }

    /// The value, where it is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The line that proves it, where it is known.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Known { evidence, .. } => Some(evidence),
            Self::Unknown(_) => None,
        }
    }

    /// The value, or the reason why there is none: `let url = facts.url.get()?` in code that answers with [`Unknown`].
    pub fn get(&self) -> Result<&T, &Unknown> {
        match self {
            Self::Known { value, .. } => Ok(value),
            Self::Unknown(why) => Err(why),
        }
    }

    /// True where the value is known.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known { .. })
    }

    /// This fact where it is known, else the other: the first command in order of trust wins.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (Self::Known { .. }, _) => self,
            (Self::Unknown(_), Self::Known { .. }) => other,
            // Of two reasons the more telling one is kept: "not collected" says least.
            (Self::Unknown(a), Self::Unknown(b)) => {
                if b.rank() > a.rank() {
                    other
                } else {
                    self
                }
            }
        }
    }
}

impl<T> Default for Fact<T> {
    fn default() -> Self {
        Self::Unknown(Unknown::NotCollected)
    }
}

/// Why a fact is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// The command that tells it was not asked, or its output is not among the files.
    NotCollected,
    /// The same, where it is a judgement that misses it: the commands and lines that would tell.
    NotRead(&'static str),
    /// The device refused the command; its words.
    NotPermitted(String),
    /// The command did not end in time.
    TimedOut,
    /// The output ends before the line could have come.
    Truncated,
    /// The line was there and could not be read.
    Unparsed(ParseError),
    /// The output was complete, and this release or transport does not print the line.
    Absent,
}

impl Unknown {
    /// How much the reason explains, for choosing between two.
    fn rank(&self) -> u8 {
        match self {
            Self::NotCollected | Self::NotRead(_) => 0,
            Self::Absent => 1,
            Self::NotPermitted(_) => 2,
            Self::TimedOut => 3,
            Self::Truncated => 4,
            Self::Unparsed(_) => 5,
        }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCollected => f.write_str("not collected"),
            Self::NotRead(place) => write!(f, "not collected: {}", place.trim_end_matches('.')),
            Self::NotPermitted(words) => write!(f, "not permitted: {words}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Truncated => f.write_str("output incomplete"),
            Self::Unparsed(error) => write!(f, "not understood: {error}"),
            Self::Absent => f.write_str("not printed"),
        }
    }
}

/// A line that stood where a fact was looked for and could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// Where it stood, and its text.
    pub at: Evidence,
    /// What was looked for, for example "a time like `Jun 17 15:04:29 2025 IST`".
    pub wanted: &'static str,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of `{}` is no {}: {}", self.at.line, self.at.command, self.wanted, self.at.text)
    }
}

/// The line of a transcript that proves something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The command, as in the registry of commands.
    pub command: &'static str,
    /// Line of the reply, from 1, counted as captured.
    pub line: usize,
    /// The line without surrounding blanks.
    pub text: String,
}

/// A time as a device prints it: a local time and a zone name, whose offset the name does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceTime {
    /// As printed, for example `Jun 17 15:04:29 2025 IST`.
    pub text: String,
    /// The local time.
    pub local: jiff::civil::DateTime,
    /// The zone's name as printed; empty where none is.
    pub zone: String,
}

impl DeviceTime {
    /// Reads a whole text as a time with its year; the mark before it is left out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['*', '.']);
        let stamp = Stamp::parse(text)?;
        Some(Self { text: text.to_owned(), local: stamp.local()?, zone: stamp.zone.text().to_owned() })
    }

    /// The moment, where the offset is known: zone names of universal time only. Other letters are never guessed.
    pub fn utc(&self) -> Option<jiff::Timestamp> {
        self.offset()?.to_timestamp(self.local).ok()
    }

    /// The difference to universal time, where the zone tells it.
    pub(crate) fn offset(&self) -> Option<jiff::tz::Offset> {
        Zone::parse(&self.zone).offset()
    }

    /// Seconds from `self` to `other`, both by the same device's clock: local times are subtracted, zone names are not read
    /// (a change between summer and winter time costs one hour, which is harmless here).
    pub fn seconds_until(&self, other: &Self) -> i64 {
        self.local.duration_until(other.local).as_secs()
    }
}

impl Serialize for DeviceTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            text: &'a str,
            utc: Option<String>,
        }
        Json { text: &self.text, utc: self.utc().map(|time| time.to_string()) }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str, local: &str, zone: &str) -> DeviceTime {
        DeviceTime { text: text.to_owned(), local: local.parse().expect("a local time"), zone: zone.to_owned() }
    }

    #[test]
    fn only_universal_time_becomes_utc() {
        let local = "2025-06-17T15:04:29";
        assert_eq!(time("a", local, "utc").utc().map(|t| t.to_string()).as_deref(), Some("2025-06-17T15:04:29Z"));
        assert_eq!(time("a", local, "IST").utc(), None);
        assert_eq!(time("a", local, "").utc(), None);
    }

    #[test]
    fn days_are_counted_by_the_local_clock() {
        let now = time("", "2025-06-17T12:00:00", "EST");
        assert_eq!(now.seconds_until(&time("", "2025-06-19T12:00:00", "EDT")), 2 * 86_400);
        assert_eq!(now.seconds_until(&time("", "2025-06-17T11:59:59", "EST")), -1);
    }

    #[test]
    fn a_known_fact_wins_and_the_better_reason_stays() {
        let evidence = Evidence { command: "show clock", line: 1, text: "x".to_owned() };
        let known = Fact::known(1, evidence);
        assert_eq!(Fact::<u8>::Unknown(Unknown::TimedOut).or(known.clone()), known);
        assert_eq!(
            Fact::<u8>::Unknown(Unknown::NotCollected).or(Fact::Unknown(Unknown::Absent)),
            Fact::Unknown(Unknown::Absent)
        );
    }
}
