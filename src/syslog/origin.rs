//! Which device a log line is of, where the line says so: one file of a log server holds many.
//!
//! ```text
//! Nov 19 14:54:45 sw1 123: *Nov 19 14:54:45.907: %SMART_LIC-...        a log server
//! 000042: sw1: *Nov 19 14:54:45.907: %SMART_LIC-...                    `logging origin-id hostname`
//! ```

use std::sync::LazyLock;

use regex::Regex;

use super::pattern;

/// The device that stands before a message.
pub(super) fn device(line: &str) -> Option<&str> {
    static DEVICE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:<\d{1,3}>\d{0,2} ?)?(?:",
            r"(?:[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{1,40})",
            r" (?<relayed>[A-Za-z0-9][A-Za-z0-9._:-]{0,252}?):? (?:\d+: |[*.A-Z]|%)",
            r"|(?:\d+: )?(?<origin>[A-Za-z][A-Za-z0-9._-]{0,252}): (?:\d+: )?[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} )",
        ))
    });
    /// A zone after the time: `Nov 19 14:54:45 CET: %SMART_LIC-...`.
    static ZONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^%]{0,60} [A-Z]{2,5}(?:[+-]?\d{1,4})?: ?%"));
    let found = DEVICE.captures(line)?;
    let relayed = found.name("relayed").filter(|_| !ZONE.is_match(line));
    relayed.or_else(|| found.name("origin")).map(|name| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_no_zones_and_no_numbers() {
        for (line, name) in [
            ("Nov 19 14:54:45 sw1 %SMART_LIC-3-A: x", Some("sw1")),
            ("<189>Nov 19 14:54:45 10.0.0.1 42: *Nov 19 14:54:45.907: %SMART_LIC-3-A: x", Some("10.0.0.1")),
            (
                "2025-11-19T14:54:45+00:00 sw1.example.com 42: Nov 19 14:54:45: %SMART_LIC-3-A: x",
                Some("sw1.example.com"),
            ),
            ("000042: sw1: *Nov 19 14:54:45.907: %SMART_LIC-3-A: x", Some("sw1")),
            ("Nov 19 14:54:45 CET: %SMART_LIC-3-A: x", None),
            ("Nov 19 14:54:45.907 UTC: %SMART_LIC-3-A: x", None),
            ("000042: *Nov 19 14:54:45.907: %SMART_LIC-3-A: x", None),
            ("RP/0/RP0/CPU0:Nov 19 14:54:45.907 UTC: smartlicserver[1]: SMART_LIC-3-A:x", None),
            ("%SMART_LIC-3-A: x", None),
        ] {
            assert_eq!(device(line), name, "{line}");
        }
    }
}
