//! The terminal a device believes in: lines broken at its width, pages of its length, and what it echoes.

/// What stands at the end of a page.
pub(crate) const MORE: &str = " --More-- ";

/// How ` --More-- ` is taken away again: ten columns are nine steps back, eight blanks, nine steps back.
pub(crate) const ERASE: &str = "\x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08\x08";

/// The lines of a text as they stand on a terminal of this width; 0 is without limit.
pub(crate) fn lines(text: &str, width: usize) -> Vec<&str> {
    let mut lines = Vec::with_capacity(text.len() / 40);
    for mut line in text.lines() {
        while width > 0 && line.chars().count() > width {
            let cut = line.char_indices().nth(width).map_or(line.len(), |(index, _)| index);
            let (head, tail) = line.split_at(cut);
            lines.push(head);
            line = tail;
        }
        lines.push(line);
    }
    lines
}

/// A line being typed: what it holds, and which part of it is to be seen.
#[derive(Debug, Default)]
pub(crate) struct Line {
    pub(crate) text: String,
    /// Characters on the screen behind the prompt, with the `$` of a shifted line.
    shown: usize,
}

/// The longest line that IOS takes.
const LONGEST: usize = 254;

impl Line {
    /// Takes a character, and answers with what the device prints for it.
    pub(crate) fn push(&mut self, letter: char, prompt: usize, width: usize) -> String {
        if self.text.len() >= LONGEST {
            return "\x07".into();
        }
        self.text.push(letter);
        self.shown += 1;
        if width == 0 || prompt + self.shown < width {
            return letter.to_string();
        }
        // The end of the screen: the line is shifted to the left, and a `$` says so.
        let keep = 20.min(self.text.chars().count());
        let tail: String = self.text.chars().skip(self.text.chars().count() - keep).collect();
        let before = self.shown - 1;
        let blanks = before.saturating_sub(keep + 1);
        self.shown = keep + 1;
        format!("{}${tail}{}{}", "\x08".repeat(before), " ".repeat(blanks), "\x08".repeat(blanks))
    }

    /// Takes the last character back.
    pub(crate) fn pop(&mut self) -> &'static str {
        if self.text.pop().is_none() {
            return "";
        }
        self.shown = self.shown.saturating_sub(1);
        "\x08 \x08"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_lines_at_the_width() {
        assert_eq!(lines("abcdef\n\nab\n", 4), ["abcd", "ef", "", "ab"]);
        assert_eq!(lines("abcdef\n", 0), ["abcdef"]);
        assert_eq!(lines("abcd\n", 4), ["abcd"]);
    }

    #[test]
    fn more_is_erased_by_as_much_as_ios_sends() {
        assert_eq!(ERASE.len(), 26);
        assert!(ERASE.starts_with("\x08\x08") && ERASE.ends_with('\x08'));
    }

    #[test]
    fn echoes_what_is_typed_and_shifts_a_long_line() {
        let mut line = Line::default();
        assert_eq!(line.push('s', 5, 80), "s");
        assert_eq!(line.pop(), "\x08 \x08");
        assert_eq!(line.pop(), "");
        let echo: String = "show running-config | include ^hostname".chars().map(|c| line.push(c, 5, 30)).collect();
        assert!(echo.contains('$'), "{echo:?}");
        assert_eq!(line.text, "show running-config | include ^hostname");
    }

    #[test]
    fn a_line_ends_at_254_characters() {
        let mut line = Line::default();
        let echo: String = "x".repeat(300).chars().map(|c| line.push(c, 5, 0)).collect();
        assert_eq!(line.text.len(), 254);
        assert_eq!(echo.matches('\x07').count(), 46);
    }
}
