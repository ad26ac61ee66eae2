//! Log lines that a device prints into the middle of an output: `*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from ...`.

use std::sync::LazyLock;

use regex::Regex;

/// A stamp, a host or a process, or nothing, then `%FACILITY-n-MNEMONIC:`. IOS XR prints a blank before the colon.
static LOG_LINE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?:[^%]{0,120}[: ])?%[A-Z][A-Z0-9_]*(?:-[A-Z0-9_]+)*-[0-7]-[A-Z0-9_]+ ?:";
    Regex::new(pattern).expect("a constant pattern")
});

/// True where a whole line is a system message, not evidence of what a command printed.
pub fn is_log_line(line: &str) -> bool {
    line.contains('%') && LOG_LINE.is_match(line.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_messages_of_all_spellings_are_log_lines() {
        for line in [
            "*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0",
            "000123: .Nov 24 10:00:00.123 CET: %SMART_LIC-3-COMM_FAILED: Communications failure with the CSLU : no answer",
            "RP/0/RP0/CPU0:Nov 24 10:00:00.123 UTC: smartlicserver[390]: %LICENSE-SMART_LIC-3-COMM_FAILED : text",
            "%LINK-3-UPDOWN: Interface GigabitEthernet1/0/1, changed state to up",
        ] {
            assert!(is_log_line(line), "{line}");
        }
    }

    #[test]
    fn outputs_are_not() {
        for line in
            ["% Invalid input detected at '^' marker.", "  Type: Smart", "CPU 5%/0%; one minute: 5%", "a %B-C: d"]
        {
            assert!(!is_log_line(line), "{line}");
        }
    }
}
