//! The severity levels of system messages: the digit of `%SMART_LIC-3-COMM_FAILED`, its name and what it says.
//!
//! Releases print one message with different digits (COMM_RESTORED with 3 and with 5), so the digit is shown and explained, and
//! nothing is judged by it.

/// One level.
#[derive(Debug, PartialEq, Eq)]
pub struct Level {
    /// The digit; 0 is worst.
    pub digit: u8,
    /// Its name, for example `error`.
    pub name: &'static str,
    /// What the sender means by it.
    pub meaning: &'static str,
}

/// The levels; each stands at the index of its digit.
pub static LEVELS: [Level; 8] = [
    level(0, "emergency", "the system cannot be used"),
    level(1, "alert", "something must be done at once"),
    level(2, "critical", "a critical state"),
    level(3, "error", "something failed"),
    level(4, "warning", "something may go wrong"),
    level(5, "notification", "normal, but worth knowing"),
    level(6, "informational", "for information only"),
    level(7, "debugging", "appears while debugging is on"),
];

const fn level(digit: u8, name: &'static str, meaning: &'static str) -> Level {
    Level { digit, name, meaning }
}

/// The level of a digit; `None` above 7.
pub fn find(digit: u8) -> Option<&'static Level> {
    LEVELS.get(usize::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_stands_at_its_digit() {
        for digit in 0..8 {
            assert_eq!(find(digit).map(|level| level.digit), Some(digit));
        }
        assert_eq!(find(8), None);
    }
}
