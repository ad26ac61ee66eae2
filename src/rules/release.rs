//! Software releases of IOS XE, and what is known about some of them.

/// A release such as `17.3.2a`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Release {
    /// `17`, `3` and `2` of `17.3.2a`.
    numbers: (u32, u32, u32),
    /// `a` of `17.3.2a`; empty where there is none.
    letter: String,
}

impl Release {
    /// Reads `17.3.2a`, `17.03.02a` and `Amsterdam 17.3.2a`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let mut parts = text[start..].split_whitespace().next()?.splitn(3, '.');
        let (major, minor, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let letter = rest[digits..].chars().take_while(char::is_ascii_lowercase).collect();
        let numbers = (major.parse().ok()?, minor.parse().ok()?, rest[..digits].parse().ok()?);
        Some(Self { numbers, letter })
    }

    /// True where it is older than `major.minor.rebuild`, letters aside.
    pub(super) fn before(&self, major: u32, minor: u32, rebuild: u32) -> bool {
        self.numbers < (major, minor, rebuild)
    }

    /// Field notice FN72578: unacknowledged reports pile up and cost CPU and memory.
    pub(super) fn has_report_pile_up(&self) -> bool {
        match self.numbers {
            (17, 3, n) => (2..=6).contains(&n),
            (17, 4 | 5 | 7, n) => n <= 1,
            (17, 6, n) => (1..=4).contains(&n),
            _ => false,
        }
    }

    /// Releases on which CUBE stops its calls when an ACK misses its deadline.
    pub(super) fn stops_cube(&self) -> bool {
        match self.numbers {
            (17, 4 | 5, _) | (17, 3, 2 | 3) => true,
            (17, 3, 4) | (17, 6, 1) => self.letter == "a",
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        Release::parse(text).unwrap_or_else(|| panic!("{text} is a release"))
    }

    #[test]
    fn spellings() {
        assert_eq!(release("17.03.02a"), release("Amsterdam 17.3.2a"));
        assert!(release("16.12.5b").before(17, 3, 2));
        assert!(!release("17.3.3").before(17, 3, 3));
        // Classic IOS counts otherwise and has no Smart Licensing Using Policy of this kind.
        assert_eq!(Release::parse("15.2(7)E3"), None);
        assert_eq!(Release::parse("unknown"), None);
    }

    #[test]
    fn notices_name_exact_releases() {
        for affected in ["17.3.2a", "17.3.6", "17.4.1", "17.5.1", "17.6.4", "17.7.1"] {
            assert!(release(affected).has_report_pile_up(), "{affected}");
        }
        for fixed in ["17.3.7", "17.6.5", "17.9.1", "17.12.4", "16.12.5"] {
            assert!(!release(fixed).has_report_pile_up(), "{fixed}");
        }
        for affected in ["17.3.2", "17.3.3", "17.3.4a", "17.6.1a", "17.4.1", "17.5.1a"] {
            assert!(release(affected).stops_cube(), "{affected}");
        }
        assert!(!release("17.6.2").stops_cube() && !release("17.3.5").stops_cube());
    }
}
