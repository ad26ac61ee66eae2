//! What is typed before and after the questions, as data. Together with the registry of show commands this is all that
//! slaudit ever sends: a closed list that changes nothing on a device.

/// Typed once the first prompt is there. Any of them may be refused under command authorisation; the session goes on.
pub(super) const PAGING_OFF: &str = "terminal length 0";
/// The widest that IOS takes.
pub(super) const WIDE: &str = "terminal width 511";
/// Where 511 is refused: 0 means "no limit" on some releases.
pub(super) const WIDE_OTHERWISE: &str = "terminal width 0";
/// Typed where log lines came inside an output: vty lines show none unless asked, so most sessions save the round trip.
pub(super) const NO_LOG_LINES: &str = "terminal no monitor";
/// Asked where the prompt ends in `>` and an enable secret is at hand.
pub(super) const ENABLE: &str = "enable";
/// Frees the vty line.
pub(super) const GOODBYE: &str = "exit";

/// A line that only reads. A session takes questions in no other form, so nothing else can reach a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question(&'static str);

impl Question {
    /// A `show` command in one line.
    ///
    /// # Panics
    /// Where the text is anything else: a mistake in the registry of commands, not in a device.
    pub const fn show(text: &'static str) -> Self {
        let bytes = text.as_bytes();
        assert!(bytes.len() > 5 && bytes.len() < 254, "a command is one line of the device's command line");
        assert!(bytes[0] == b's' && bytes[1] == b'h' && bytes[2] == b'o' && bytes[3] == b'w' && bytes[4] == b' ');
        let mut at = 0;
        while at < bytes.len() {
            // A line break would begin another command; a redirection would write a file.
            assert!(bytes[at] >= b' ' && bytes[at] != b'>' && bytes[at] != b';');
            // Of the filters `include` and `section` read; `redirect`, `append` and `tee` write files.
            if bytes[at] == b'|' && bytes[at - 1] == b' ' {
                assert!(
                    at + 2 < bytes.len() && bytes[at + 1] == b' ' && (bytes[at + 2] == b'i' || bytes[at + 2] == b's')
                );
            }
            at += 1;
        }
        Self(text)
    }

    /// The text.
    pub const fn text(self) -> &'static str {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_questions_can_be_asked() {
        assert_eq!(Question::show("show version").text(), "show version");
        for text in [
            "reload",
            "show",
            "show version\nreload",
            "configure terminal",
            "show run > flash:x",
            "show run | redirect flash:x",
            "Show version",
        ] {
            assert!(std::panic::catch_unwind(|| Question::show(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_that_is_typed_changes_a_device() {
        for line in [PAGING_OFF, WIDE, WIDE_OTHERWISE, NO_LOG_LINES] {
            assert!(line.starts_with("terminal "), "{line}");
        }
        assert_eq!([ENABLE, GOODBYE], ["enable", "exit"]);
    }
}
