//! Pagers: `--More--` in the spellings of all platforms, and what answers them.

use std::sync::LazyLock;

use regex::{Regex, bytes};

/// The key that shows the next page.
pub(crate) const NEXT_PAGE: &str = " ";
/// Longest pager, with the escape sequences around it.
const LONGEST: usize = 128;

/// IOS ` --More-- `, NX-OS `--More--`, ASA `<--- More --->`, `--More or (q)uit--`, `--(more 12%)--`.
const SPELLINGS: &str = r"(?:-{2,3} ?\(?more(?: or \(q\)uit)?(?: \d{1,3}%)?\)? ?-{2,3}|<-{1,3} ?more ?-{1,3}>)";

static AT_START: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = format!(r"(?i)^ ?({SPELLINGS})(?: ?\((?:\d{{1,3}}%|end|q to quit)\))? ?");
    Regex::new(&pattern).expect("a constant pattern")
});

/// At the end of the bytes, whatever a terminal would make of what follows it.
static AT_END: LazyLock<bytes::Regex> = LazyLock::new(|| {
    let pattern = format!(r"(?i){SPELLINGS}(?: ?\([^)\r\n]{{0,40}}\))?(?:\s|\x1b\[[0-9;?]*[A-Za-z])*$");
    bytes::Regex::new(&pattern).expect("a constant pattern")
});

/// Paging text at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paging {
    /// Characters that erase it.
    pub(crate) visible: usize,
    /// Where the line goes on.
    pub(crate) end: usize,
}

impl Paging {
    /// Finds paging text at the start of a line.
    pub(crate) fn at_start(line: &str) -> Option<Self> {
        if !line.starts_with([' ', '-', '<']) {
            return None;
        }
        let found = AT_START.captures(line)?;
        Some(Self { visible: found.get(1).map_or(0, |visible| visible.len()), end: found[0].len() })
    }

    /// True where the device waits for a key at the end of a line.
    pub(crate) fn is_at_end(line: &[u8]) -> bool {
        AT_END.is_match(&line[line.len().saturating_sub(LONGEST)..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_pager_is_one() {
        for text in [
            " --More-- ",
            "--More--",
            "-- More --",
            "--more--",
            "--More--(45%)",
            "--More-- (q to quit)",
            "--More or (q)uit--",
            "--(more 12%)--",
            "<--- More --->",
        ] {
            assert!(Paging::is_at_end(text.as_bytes()), "{text:?}");
            let paging = Paging::at_start(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(paging.end, text.len(), "{text:?}");
        }
        assert!(Paging::is_at_end(b" --More-- \x1b[K"));
        for text in ["--More-- lines follow", "Learn more: ", "sw01#", "----------"] {
            assert!(!Paging::is_at_end(text.as_bytes()), "{text:?}");
        }
        for text in ["more: --More--", "-- more than 3 --", "--------- show clock ---------", "<-- see more"] {
            assert_eq!(Paging::at_start(text), None, "{text:?}");
        }
    }
}
