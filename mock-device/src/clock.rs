//! The device's clock: real time or a fixed instant, and the forms in which a device prints it.
//!
//! `Jan 23 15:08:49 2026 UTC` (licence outputs), `15:08:49.347 UTC Tue Nov 24 2026` (`show clock`),
//! `Nov  4 15:08:49.347` (log lines), `E8F1C2A0.1A2B3C4D` (NTP).

use jiff::{SignedDuration, Timestamp};

/// What time the device believes it is. Devices always show UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clock {
    /// The real time.
    #[default]
    Now,
    /// The same instant for ever, for outputs that must not change between runs.
    Fixed(Timestamp),
    /// The real time plus so many seconds: a device whose clock is wrong.
    Skewed(i64),
}

impl Clock {
    /// The instant the device believes in now.
    pub fn now(self) -> Timestamp {
        match self {
            Clock::Now => Timestamp::now(),
            Clock::Fixed(at) => at,
            Clock::Skewed(seconds) => shift(Timestamp::now(), seconds),
        }
    }
}

/// A form in which a device prints a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `Jan 23 15:08:49 2026 UTC`.
    Date,
    /// `15:08:49.347 UTC Tue Nov 24 2026`.
    Clock,
    /// `Nov  4 15:08:49.347`.
    Log,
    /// Seconds since 1970.
    Epoch,
    /// A date and how long until then, as in the list of scheduled jobs.
    Job,
    /// NTP's 64-bit time in hexadecimal.
    Ntp,
}

impl Form {
    /// The placeholder's first word.
    pub(crate) fn named(word: &str) -> Option<Form> {
        Some(match word {
            "time" => Form::Date,
            "clock" => Form::Clock,
            "log" => Form::Log,
            "epoch" => Form::Epoch,
            "job" => Form::Job,
            "ntptime" => Form::Ntp,
            _ => return None,
        })
    }

    /// The text for `offset` seconds from `now`.
    pub(crate) fn print(self, now: Timestamp, offset: i64) -> String {
        let at = shift(now, offset);
        match self {
            Form::Date => at.strftime("%b %d %H:%M:%S %Y UTC").to_string(),
            Form::Clock => at.strftime("%H:%M:%S.%3f UTC %a %b %-d %Y").to_string(),
            Form::Log => at.strftime("%b %e %H:%M:%S.%3f").to_string(),
            Form::Epoch => at.as_second().to_string(),
            Form::Job => format!("{} ({} remaining)", at.strftime("%b %d %H:%M:%S %Y UTC"), remaining(offset)),
            Form::Ntp => {
                // NTP counts from 1900; the fraction is a constant, nobody compares it.
                let seconds = at.as_second() + 2_208_988_800;
                format!("{seconds:08X}.4E76C8B4")
            }
        }
    }
}

/// `16 hours, 3 minutes, 11 seconds`, with days in front where there are any and hours left out where there are none.
fn remaining(seconds: i64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (hours, rest) = (rest / 3_600, rest % 3_600);
    let (minutes, seconds) = (rest / 60, rest % 60);
    let short = format!("{minutes} minutes, {seconds} seconds");
    match (days, hours) {
        (0, 0) => short,
        (0, _) => format!("{hours} hours, {short}"),
        _ => format!("{days} days, {hours} hours, {short}"),
    }
}

/// Seconds of an offset such as `+60d`, `-8d4h` or `+1h30m5s`.
pub(crate) fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (mut total, mut number) = (0_i64, None::<i64>);
    for letter in rest.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = Some(number.unwrap_or(0) * 10 + i64::from(digit));
            continue;
        }
        let unit = match letter {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total += number.take()? * unit;
    }
    number.is_none().then_some(sign * total)
}

fn shift(at: Timestamp, seconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_the_forms_of_a_device() {
        let at: Timestamp = "2026-11-04T15:08:49.347Z".parse().expect("a time");
        assert_eq!(Form::Date.print(at, 0), "Nov 04 15:08:49 2026 UTC");
        assert_eq!(Form::Date.print(at, 60 * 86_400), "Jan 03 15:08:49 2027 UTC");
        assert_eq!(Form::Clock.print(at, 0), "15:08:49.347 UTC Wed Nov 4 2026");
        assert_eq!(Form::Log.print(at, 0), "Nov  4 15:08:49.347");
        assert_eq!(
            Form::Job.print(at, 3_600 + 61),
            "Nov 04 16:09:50 2026 UTC (1 hours, 1 minutes, 1 seconds remaining)"
        );
        assert_eq!(Form::Ntp.print(at, 0).len(), 17);
    }

    #[test]
    fn reads_offsets() {
        assert_eq!(offset("+60d"), Some(5_184_000));
        assert_eq!(offset("-8d4h"), Some(-705_600));
        assert_eq!(offset("+1h30m5s"), Some(5_405));
        assert_eq!(offset("60d"), None);
        assert_eq!(offset("+60"), None);
        assert_eq!(offset("+d"), None);
    }
}
