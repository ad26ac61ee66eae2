//! How long a device is up, as `show version` prints it: `1 week, 1 day, 19 hours, 23 minutes`.

/// Seconds of `1 year, 22 weeks, 6 days, 9 hours, 38 minutes`, in the spellings of all platforms: `day(s)`, no commas.
pub(crate) fn span(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).collect();
    let mut seconds = 0_u64;
    for pair in words.chunks(2) {
        let [count, unit] = pair else { return None };
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
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
        seconds = seconds.checked_add(count.parse::<u64>().ok()?.checked_mul(length)?)?;
    }
    if words.is_empty() { None } else { Some(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uptimes_of_all_platforms() {
        assert_eq!(span("1 week, 1 day, 19 hours, 23 minutes"), Some(8 * 86_400 + 19 * 3_600 + 23 * 60));
        assert_eq!(span("3 days 22 hours"), Some(3 * 86_400 + 22 * 3_600));
        assert_eq!(span("0 day(s), 0 hour(s), 1 minute(s), 33 second(s)"), Some(93));
        assert_eq!(span(""), None);
        assert_eq!(span("soon"), None);
    }
}
