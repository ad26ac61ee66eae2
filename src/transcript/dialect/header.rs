//! Headers that a terminal may put before every output.

use crate::stamp::{Stamp, Zone};

/// A line that heads an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header<'a> {
    /// `Load for five secs: 2%/0%; one minute: 0%`, of `terminal exec prompt timestamp`.
    Load,
    /// `Time source is NTP, .05:30:30.132 UTC Fri Oct 22 2021`, `No time source, *17:05:54.449 UTC Fri Mar 1 2024`.
    Time {
        /// True where the source is NTP.
        by_ntp: bool,
        /// The time as printed, with its mark.
        time: &'a str,
    },
    /// `Tue Jan 16 13:19:27.208 UTC` of IOS XR, which prints no year.
    Date,
}

/// What a line is, where it is a header.
pub(crate) fn header(line: &str) -> Option<Header<'_>> {
    if line.starts_with("Load for five secs") {
        return Some(Header::Load);
    }
    if let Some(rest) = line.strip_prefix("Time source is ") {
        let (source, time) = rest.split_once(',')?;
        return Some(Header::Time { by_ntp: source.eq_ignore_ascii_case("NTP"), time: time.trim() });
    }
    if let Some(rest) = line.strip_prefix("No time source,") {
        return Some(Header::Time { by_ntp: false, time: rest.trim() });
    }
    // Only lines that begin with a word of three letters are tried.
    let may_be_date = line.as_bytes().get(3) == Some(&b' ') && line.contains('.');
    let stamp = may_be_date.then(|| Stamp::parse(line)).flatten()?;
    (stamp.local().is_none() && stamp.zone != Zone::Unknown).then_some(Header::Date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_all_systems() {
        let time = "*17:05:54.449 UTC Fri Mar 1 2024";
        assert_eq!(header(&format!("No time source, {time}")), Some(Header::Time { by_ntp: false, time }));
        assert_eq!(header(&format!("Time source is NTP, {time}")), Some(Header::Time { by_ntp: true, time }));
        assert_eq!(header("Tue Jan 16 13:19:27.208 AEST"), Some(Header::Date));
        assert_eq!(header("Load for five secs: 1%/0%; one minute: 2%"), Some(Header::Load));
        for line in ["Time source is NTP", "Tue Jan 16 13:19:27 2024", "Load: 20%", "The time. Jan 16", ""] {
            assert_eq!(header(line), None, "{line}");
        }
    }
}
