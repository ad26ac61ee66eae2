//! Text of devices made safe to print: for a terminal, and for a cell of a spreadsheet.
//!
//! What a device, a server or an inventory says is hostile until shown otherwise: `\u{1b}]0;owned\u{7}` retitles a terminal,
//! `=cmd|'/c calc'!A1` runs in a spreadsheet, a bidirectional override makes `fdp.exe` read `exe.pdf`.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::inventory::spelled;

/// Characters a text cell may have; the JSON has the whole.
pub(crate) const CELL_LIMIT: usize = 300;

spelled! {
    /// How a CSV file is written.
    CsvProfile {
        /// UTF-8, lines end in LF, quotes only where RFC 4180 needs them: for programs.
        Plain = "plain",
        /// Byte order mark, CRLF, text quoted and kept from turning into numbers and dates: for opening by a double click.
        Excel = "excel",
    }
}

/// A text in at most `width` columns of a terminal, with `...` where it was cut.
///
/// `console::truncate_str` adds up the characters one by one, and so leaves a line too long where a variation selector makes a
/// character two columns wide, as in `4\u{fe0f}`.
pub fn fit(text: &str, width: usize) -> Cow<'_, str> {
    let cuts = (0..=width).rev().map(|room| console::truncate_str(text, room, "..."));
    cuts.into_iter().find(|cut| console::measure_text_width(cut) <= width).unwrap_or_default()
}

/// One line without anything a terminal or a reader could trip over: escape sequences and control characters are removed,
/// tabs are blanks, line breaks are ` | `.
///
/// The joiners U+200C and U+200D stay: emoji and some scripts are spelled with them.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let text = console::strip_ansi_codes(text);
    let text = if text.contains(is_break) {
        let lines: Vec<_> = text.split(is_break).map(str::trim).filter(|line| !line.is_empty()).collect();
        Cow::Owned(lines.join(" | "))
    } else {
        text
    };
    Cow::Owned(text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !is_harmful(*c)).collect())
}

/// True for what Unicode calls a line break.
fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// True for characters that are not seen but change what is: C0, C1 and DEL, bidirectional marks, embeddings, overrides and
/// isolates, zero-width blanks, the byte order mark, and the two that no XML document may have.
pub(crate) fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A text inside a line or a table cell of Markdown, as it stands: nothing of it is markup, a link or a mention. Not for the
/// beginning of a line, where `#` and `-` have a meaning too.
pub(crate) fn markdown(text: &str) -> String {
    let clean = one_line(text);
    let mut out = String::with_capacity(clean.len());
    for (at, c) in clean.char_indices() {
        let rest = &clean[at + c.len_utf8()..];
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A backslash does not stop mentions and bare addresses from becoming links everywhere; an entity does.
            '@' => out.push_str("&#64;"),
            ':' if rest.starts_with("//") => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

/// At most `limit` characters; what was longer ends with `...`.
pub(crate) fn capped(text: Cow<'_, str>, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit || text.chars().nth(limit).is_none() {
        return text;
    }
    let end = text.char_indices().nth(limit.saturating_sub(3)).map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}...", &text[..end]))
}

/// A text as the cell of a CSV file.
///
/// A leading `'` keeps formulas from running and, in the Excel profile, numbers and dates from being made. It is seen in the
/// cell, which is the price: `="17.12.4"` hides itself, but is a formula, breaks every other reader, and LibreOffice shows it
/// as it stands; a blank or TAB before the value is undone by Excel or breaks look-ups without being seen. Whoever reads the
/// file by program takes one `'` off.
pub(crate) fn cell(text: &str, profile: CsvProfile) -> Cow<'_, str> {
    let clean = one_line(text);
    let protect = text.starts_with(['\t', '\r'])
        // The full-width forms are formulas where the spreadsheet speaks Chinese or Japanese.
        || clean.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
        || (profile == CsvProfile::Excel && is_converted(&clean));
    capped(if protect { Cow::Owned(format!("'{clean}")) } else { clean }, CELL_LIMIT)
}

/// Yes and no in English, German, French, Spanish, Portuguese, Italian and Dutch.
const TRUTHS: [&str; 12] =
    ["true", "false", "wahr", "falsch", "vrai", "faux", "verdadero", "falso", "verdadeiro", "vero", "waar", "onwaar"];

/// True where Excel or LibreOffice, in some language setting, would make a number, a date, a time or a truth value of it:
/// `17.12.4`, `1E10`, `MAR1`, `0012`, `10.1.2.3` (thousands in German), `1/2`, `5 %`, `true`.
///
/// Months are the English ones: those of other languages are made dates only where that language is set. Truth has more words:
/// they are few.
fn is_converted(text: &str) -> bool {
    // The pattern is a constant; where it did not compile, every test of this file would fail.
    static CONVERTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^\s*(?:
                [(\p{Sc}]* [.,]? \d [\d.,:/+\-'\s%et)\p{Sc}]* (?:[ap]m|\s[ap]|z)?
              | (?:\d{1,4}[\s\-/.,]*)? (?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?
                    |sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?) [\s\-/.,]* (?:\d[\d:/\-.,\s]*)? (?:[ap]m|\s[ap])?
            )\s*$",
        )
        .ok()
    });
    let truth = TRUTHS.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    // A month alone stays text.
    let number = text.contains(|c: char| c.is_ascii_digit()) && CONVERTED.as_ref().is_some_and(|p| p.is_match(text));
    truth || number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_whatever_its_characters_are() {
        let width = |text: &str| console::measure_text_width(text);
        assert_eq!(fit("sw1", 3), "sw1");
        assert_eq!(fit("communication-failing", 10), "communi...");
        // Sequences in which the width of the whole is not the sum of the parts.
        for text in ["4\u{fe0f}".repeat(40), "\u{1f469}\u{200d}\u{1f4bb}".repeat(40), "\u{4e00}".repeat(80)] {
            for most in 3..90 {
                let cut = fit(&text, most);
                assert!(width(&cut) <= most, "{cut} has {} columns, not {most}", width(&cut));
                assert!(cut == text || most < 6 || cut.len() > 3, "{cut}: all is gone in {most} columns");
            }
        }
    }

    #[test]
    fn markdown_is_only_text() {
        let text = "a|b `c` <img> @team http://x_y [l](z) sw-01\n# d";
        let safe = r"a\|b \`c\` &lt;img&gt; &#64;team http&#58;//x\_y \[l\](z) sw-01 \| # d";
        assert_eq!(markdown(text), safe);
    }

    #[test]
    fn what_a_terminal_would_obey_is_removed() {
        assert_eq!(one_line("a\u{1b}[31mb\u{1b}[0m"), "ab");
        assert_eq!(one_line("\u{1b}]0;owned\u{7}name"), "name");
        assert_eq!(one_line("\u{9b}31mx\u{7f}"), "x");
        assert_eq!(one_line("a\u{202e}fdp.exe\u{2066}"), "afdp.exe");
        assert_eq!(one_line("tab\there, NUL\0"), "tab here, NUL");
        assert_eq!(one_line("no XML: \u{fffe}\u{ffff}\u{fffd}\u{1fffe}"), "no XML: \u{fffd}\u{1fffe}");
    }

    #[test]
    fn line_breaks_are_shown() {
        assert_eq!(one_line("one\r\n  two\n\nthree\u{2028}four\n"), "one | two | three | four");
        assert_eq!(one_line("  blanks of a single line stay \u{e9} "), "  blanks of a single line stay \u{e9} ");
    }

    #[test]
    fn emoji_stay_whole() {
        assert_eq!(one_line("\u{1f469}\u{200d}\u{1f4bb}"), "\u{1f469}\u{200d}\u{1f4bb}");
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        let text = "\u{e9}".repeat(301);
        let cut = capped(Cow::Borrowed(&text), 300);
        assert_eq!(cut.chars().count(), 300);
        assert!(cut.ends_with("\u{e9}..."));
        assert!(matches!(capped(Cow::Borrowed(&text), 301), Cow::Borrowed(_)));
    }

    #[test]
    fn formulas_do_not_run() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\u{1b}[0m=1", "\u{feff}=1", "\u{ff1d}1"] {
            assert!(cell(formula, CsvProfile::Plain).starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("a=1", CsvProfile::Plain), "a=1");
        assert_eq!(cell(&format!("={}", "x".repeat(400)), CsvProfile::Plain).chars().count(), CELL_LIMIT);
    }

    #[test]
    fn excel_makes_no_numbers_and_no_dates_of_text() {
        let converted = [
            "17.12.4",
            "1E10",
            "MAR1",
            "mar-1",
            "1-Mar",
            "Sep 2024",
            "0012",
            "12345678901234567890",
            "10.1.2.3",
            "1/2",
            "10:15",
            "5 %",
            "$5",
            "(5)",
            ".5",
            "TRUE",
            "false",
            "9 pm",
            "2026-11-24",
            "Jun 17 2025",
            "December 1",
            "2026-11-24T02:00:00",
            "2026-11-24T02:00:00Z",
            "Wahr",
        ];
        for text in converted {
            assert_eq!(cell(text, CsvProfile::Excel), format!("'{text}"), "{text:?}");
            assert_eq!(cell(text, CsvProfile::Plain), text);
        }
        for text in
            ["", "FCW2304L0AB", "17.12.4a", "may", "march", "decor1", "mars-rover1", "sw01", "C9300-24UX", "trueish"]
        {
            assert_eq!(cell(text, CsvProfile::Excel), text);
        }
    }
}
