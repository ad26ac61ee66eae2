//! Values of options as they are typed: times, rates, names of choices.

use std::time::Duration;

use super::{AnswerFormat, FailOn};
use crate::finding::Severity;
use crate::reports::CsvProfile;
use crate::session::HostKeyPolicy;

pub(super) fn host_key_policy(text: &str) -> Result<HostKeyPolicy, String> {
    HostKeyPolicy::parse(text).ok_or_else(|| "use strict, accept-new or off".to_owned())
}

/// A label must not be taken for another name of a run.
pub(super) fn label(text: &str) -> Result<String, String> {
    let is_plain = !text.trim().is_empty() && !text.contains(['/', '\\']) && !text.starts_with('.');
    if is_plain && text != "latest" && !text.chars().any(char::is_control) {
        Ok(text.to_owned())
    } else {
        Err("a label is a word such as pre; not `latest`, and no path".to_owned())
    }
}

pub(super) fn csv_profile(text: &str) -> Result<CsvProfile, String> {
    match text {
        "plain" => Ok(CsvProfile::Plain),
        "excel" => Ok(CsvProfile::Excel),
        _ => Err("use plain or excel".to_owned()),
    }
}

pub(super) fn answer_format(text: &str) -> Result<AnswerFormat, String> {
    match text {
        "text" => Ok(AnswerFormat::Text),
        "json" => Ok(AnswerFormat::Json),
        _ => Err("use text or json".to_owned()),
    }
}

pub(super) fn fail_on(text: &str) -> Result<FailOn, String> {
    match (text, Severity::parse(text)) {
        ("never", _) => Ok(FailOn(None)),
        (_, Some(severity)) if severity != Severity::Info => Ok(FailOn(Some(severity))),
        _ => Err("use critical, high, medium, low or never".to_owned()),
    }
}

/// Times are added to clocks, which end somewhere.
const LONGEST_TIME: Duration = Duration::from_secs(366 * 86_400);
/// A login in a quarter of an hour.
const SLOWEST_RATE: f64 = 0.001;
/// More than any machine logs in.
const FASTEST_RATE: f64 = 100_000.0;

/// `15s`, `2m`, `1h 30m`; a bare number is seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time such as 15s, 2m or 1h".to_owned();
    let parsed = if let Ok(seconds) = text.trim().parse::<f64>() {
        Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?
    } else {
        let signed: jiff::SignedDuration = text.trim().parse().map_err(|_| wrong())?;
        Duration::try_from(signed).map_err(|_| wrong())?
    };
    if parsed.is_zero() {
        return Err("must be longer than 0".to_owned());
    }
    if parsed > LONGEST_TIME { Err("must not be longer than a year".to_owned()) } else { Ok(parsed) }
}

/// `20/s` or `20`.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix("/s").unwrap_or(text).trim().parse::<f64>();
    number
        .ok()
        .filter(|rate| (SLOWEST_RATE..=FASTEST_RATE).contains(rate))
        .ok_or_else(|| "write logins a second from 0.001/s to 100000/s, such as 20/s".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_rates_are_read() {
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("0.5"), Ok(Duration::from_millis(500)));
        assert!(duration("0").is_err() && duration("-3s").is_err() && duration("soon").is_err());
        assert_eq!(rate("20/s"), Ok(20.0));
        assert!(rate("0").is_err() && rate("nan").is_err());
        for text in ["1e-30", "1e-30/s", "-1", "inf", "1e300"] {
            assert!(rate(text).is_err_and(|words| words.contains("0.001/s")), "{text}");
        }
        for text in ["1e30", "400d", "99999999999h", "18446744073709551615", "inf", "nan"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration("8784h"), Ok(LONGEST_TIME));
        assert_eq!(fail_on("never"), Ok(FailOn(None)));
        assert!(fail_on("info").is_err());
    }
}
