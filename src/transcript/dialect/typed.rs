//! What is typed before and after the questions, as data. Together with the questions this is all that slaudit ever sends: a
//! closed list that changes nothing on a device.

/// Typed once the first prompt is there. Any of them may be refused under command authorization; the session goes on.
pub(crate) const PAGING_OFF: &str = "terminal length 0";
/// The widest that IOS takes.
pub(crate) const WIDE: &str = "terminal width 511";
/// Where 511 is refused: 0 means "no limit" on some releases.
pub(crate) const WIDE_OTHERWISE: &str = "terminal width 0";
/// Typed where log lines came inside an output: vty lines show none unless asked, so most sessions save the round trip.
pub(crate) const NO_LOG_LINES: &str = "terminal no monitor";
/// Asked where the prompt ends in `>` and an enable secret is at hand.
pub(crate) const ENABLE: &str = "enable";
/// Frees the vty line.
pub(crate) const GOODBYE: &str = "exit";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_typed_changes_a_device() {
        for line in [PAGING_OFF, WIDE, WIDE_OTHERWISE, NO_LOG_LINES] {
            assert!(line.starts_with("terminal "), "{line}");
        }
        assert_eq!([ENABLE, GOODBYE], ["enable", "exit"]);
    }
}
