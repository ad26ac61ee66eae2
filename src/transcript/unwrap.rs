//! Lines that a narrow terminal broke are made whole again.
//!
//! A device whose `terminal width` may not be changed breaks its lines after 80 columns:
//!
//! ```text
//!   Attempts: Total=1, Success=1, Fail=0  Ongoing Failure: Overall=0 Communication
//! =0
//! ```

use std::borrow::Cow;

use super::dialect::is_log_line;

/// Widths that terminals have unless somebody asks for more.
const WIDTHS: [usize; 2] = [80, 132];

/// Joins broken lines; an empty line stands where the rest of one stood, so that every line keeps its number.
///
/// A text is taken for broken where no line is longer than a terminal's width and some are just as long. The rest of a broken
/// line begins in the first column; an indented line is one of its own.
pub fn unwrap(text: &str) -> Cow<'_, str> {
    let longest = text.lines().map(width).max().unwrap_or(0);
    if !WIDTHS.contains(&longest) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let (mut rest, mut joined) = (width(line), 0);
        while rest == longest {
            let Some(next) = lines.next_if(|next| is_rest(line, next)) else { break };
            out.push_str(next);
            (rest, joined) = (width(next), joined + 1);
        }
        out.extend(std::iter::repeat_n('\n', joined));
        if lines.peek().is_some() {
            out.push('\n');
        }
    }
    Cow::Owned(out)
}

fn width(line: &str) -> usize {
    if line.is_ascii() { line.len() } else { line.chars().count() }
}

/// The rest of a line begins in the first column, and is no heading: those end in a colon. A line of a log is one of its own.
fn is_rest(line: &str, next: &str) -> bool {
    let rule = line.trim().trim_matches(['-', '=', '*', '#']).is_empty();
    if rule || is_log_line(next) {
        return false;
    }
    let indented = line.starts_with(' ');
    !next.is_empty() && !next.starts_with([' ', '\t', '=', '-']) && (indented || !next.trim_end().ends_with(':'))
        || indented && next.starts_with('=') && !next.trim_matches('=').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_whole_and_its_neighbours_keep_their_numbers() {
        let whole = "  Attempts: Total=1, Success=1, Fail=0  Ongoing Failure: Overall=0 Communication=0";
        let broken = format!("{}\n{}\n  Last Response: <none>", &whole[..80], &whole[80..]);
        assert_eq!(unwrap(&broken), format!("{whole}\n\n  Last Response: <none>"));
    }

    #[test]
    fn a_line_broken_twice_is_whole() {
        let tag = format!("  Entitlement Tag: {}", "x".repeat(180));
        let broken = format!("{}\n{}\n{}\n  Count: 1", &tag[..80], &tag[80..160], &tag[160..]);
        assert_eq!(unwrap(&broken), format!("{tag}\n\n\n  Count: 1"));
    }

    #[test]
    fn wide_outputs_and_lines_that_are_just_as_long_stay() {
        let long = format!("{}\n{}\nend", "a".repeat(80), "b".repeat(81));
        assert_eq!(unwrap(&long), long);
        let url = format!("  URL: https://{}\n  Proxy:\n    Not Configured", "u".repeat(65));
        assert_eq!(unwrap(&url), url);
        let table = format!("{}\nMPLS_PKG  No", "-".repeat(80));
        assert_eq!(unwrap(&table), table);
        let log = format!("*Nov 19 14:54:45.907: %SMART_LIC-3-COMM_FAILED: {}", "f".repeat(32));
        assert_eq!(log.len(), 80);
        let log = format!("{log}\n*Nov 19 15:54:45.907: %SMART_LIC-5-COMM_RESTORED: Communications restored");
        assert_eq!(unwrap(&log), log);
        let heading = format!("{}\nTransport:\n  Type: Smart", "h".repeat(80));
        assert_eq!(unwrap(&heading), heading);
    }
}
