//! What is wrong with an inventory: every error at once, each with row, column and value.
//!
//! ```text
//! fleet.csv: 2 errors
//!   row 4, column port, value "70000": not a TCP port; a port is a number from 1 to 65535
//!   row 9, column name, value "sw1": stands in row 3 already; names are unique without regard to case
//! ```

use std::fmt;
use std::sync::Arc;

/// So many errors are shown; all of them are in [`InventoryErrors::problems`].
const SHOWN: usize = 50;
/// So much of a wrong value is shown, in characters.
const VALUE_SHOWN: usize = 60;

/// One error or one warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's path, or `--hosts`.
    pub source: Arc<str>,
    /// Line of the file, from 1; `None` where the whole file is meant.
    pub row: Option<u64>,
    /// The column's name, where one column is meant.
    pub column: Option<String>,
    /// The wrong value; `None` where there is none, and where it holds a secret.
    pub value: Option<String>,
    /// What is wrong, then what to do.
    pub what: String,
}

impl Problem {
    /// A problem with a whole file.
    pub(crate) fn of(source: &Arc<str>, what: impl Into<String>) -> Self {
        Self { source: Arc::clone(source), row: None, column: None, value: None, what: what.into() }
    }

    pub(crate) fn row(mut self, row: u64) -> Self {
        self.row = Some(row);
        self
    }

    pub(crate) fn column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }

    pub(crate) fn value(mut self, value: &str) -> Self {
        self.value = Some(value.to_owned());
        self
    }

    /// The problem without its source, for lists that name the source once.
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.row.map(|row| format!("row {row}")));
        parts.extend(self.column.as_ref().map(|column| format!("column {column}")));
        if let Some(value) = &self.value {
            let shown: String = value.chars().take(VALUE_SHOWN).collect();
            let more = if shown.len() < value.len() { "..." } else { "" };
            parts.push(format!("value {shown:?}{more}"));
        }
        if parts.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", parts.join(", "), self.what) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        self.write(f)
    }
}

/// Everything that is wrong with an inventory, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryErrors {
    /// All of the errors; at least one.
    pub problems: Vec<Problem>,
}

impl InventoryErrors {
    pub(crate) fn one(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for InventoryErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.problems.as_slice() {
            return only.fmt(f);
        }
        let mut source = None;
        for problem in self.problems.iter().take(SHOWN) {
            if source != Some(&problem.source) {
                let count = self.problems.iter().filter(|other| other.source == problem.source).count();
                let end = if source.is_some() { "\n" } else { "" };
                let plural = if count == 1 { "" } else { "s" };
                write!(f, "{end}{}: {count} error{plural}", problem.source)?;
                source = Some(&problem.source);
            }
            f.write_str("\n  ")?;
            problem.write(f)?;
        }
        match self.problems.len().checked_sub(SHOWN) {
            Some(more) if more > 0 => write!(f, "\n  ... and {more} more"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for InventoryErrors {}

/// Of `known`, the spelling nearest to a misspelt `word`, for "did you mean".
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    // One slip in a short word, two in a longer one: `adress`, `wite`; not `state` for `site`.
    let slips = if word.chars().count() <= 5 { 1 } else { 2 };
    let distances = known.into_iter().map(|candidate| (strsim::damerau_levenshtein(&word, candidate), candidate));
    distances.filter(|(distance, _)| *distance <= slips).min_by_key(|(distance, _)| *distance).map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(count: usize) -> InventoryErrors {
        let source: Arc<str> = "fleet.csv".into();
        InventoryErrors { problems: (1..).take(count).map(|row| Problem::of(&source, "bad").row(row)).collect() }
    }

    #[test]
    fn one_error_is_one_line() {
        assert_eq!(problems(1).to_string(), "fleet.csv: row 1: bad");
    }

    #[test]
    fn a_long_list_is_capped_in_what_is_shown_only() {
        let errors = problems(360);
        let text = errors.to_string();
        assert!(text.starts_with("fleet.csv: 360 errors\n  row 1: bad\n"), "{text}");
        assert!(text.ends_with("\n  row 50: bad\n  ... and 310 more"), "{text}");
        assert_eq!(errors.problems.len(), 360);
    }

    #[test]
    fn values_are_shown_short_and_escaped() {
        let problem = Problem::of(&"f".into(), "no").row(2).column("name").value("a\u{7}b");
        assert_eq!(problem.to_string(), "f: row 2, column name, value \"a\\u{7}b\": no");
        assert!(Problem::of(&"f".into(), "no").value(&"x".repeat(1000)).to_string().len() < 100);
    }

    #[test]
    fn slips_of_the_keyboard_are_recognised() {
        assert_eq!(nearest("adress", ["name", "address"]), Some("address"));
        assert_eq!(nearest("state", ["site"]), None);
        assert_eq!(nearest("ios-xe", ["iosxe", "ios"]), Some("iosxe"));
    }
}
