//! From captured bytes to clean text: what a terminal would have shown, without the traces of paging and line editing.
//!
//! Used once for each reply and each file, so that everything after it sees LF line ends and no control character but TAB.
//! Lines keep the numbers they have in the capture: text is removed inside a line, lines are never joined or dropped.
//!
//! ```
//! let bytes = b"Transport:\r\n --More-- \x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08\x08\x08\x08\x08\x08\x08\x08\x08  Type: Smart\r\n";
//! assert_eq!(slaudit::transcript::text::normalise(bytes), "Transport:\n  Type: Smart\n");
//! ```

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use super::dialect::Paging;

const ESCAPE: char = '\u{1b}';
/// The one-character form of `ESC [`.
const CSI: char = '\u{9b}';
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Turns captured bytes into the text a reader would have seen. Calling it again changes nothing.
///
/// UTF-8 is expected and read loosely (a device's banner may be Latin-1); UTF-16 is taken where a byte-order mark says so.
/// CR LF and CR CR LF end a line, and so does a lone CR after visible text, because overwriting would lose evidence; after
/// paging text or blanks it is the erasure of these. Backspaces and the erasing escape sequences are carried out, all
/// other escape sequences and control characters removed.
pub fn normalise(bytes: &[u8]) -> String {
    normalise_paged(bytes).0
}

/// The text, and the lines (from 0) that paging text was removed from. A prompt on such a line, or the end of the capture,
/// means that somebody left the output before its end.
pub(super) fn normalise_paged(bytes: &[u8]) -> (String, Vec<usize>) {
    let text = decode(bytes);
    let mut out = String::with_capacity(text.len());
    let (mut number, mut paged) = (0, Vec::new());
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_end_matches('\r');
        if is_plain(line) {
            push_line(&mut out, line);
        } else {
            let before = out.len();
            Screen::default().show(line, &mut out);
            number += out[before..].matches('\n').count();
        }
        if starts_paged(line) {
            paged.push(number);
        }
        if lines.peek().is_some() {
            out.push('\n');
            number += 1;
        }
    }
    (out, paged)
}

/// True where a captured line begins with paging text, erased or not.
fn starts_paged(line: &str) -> bool {
    Paging::at_start(line.trim_start_matches(|c: char| c.is_control())).is_some()
}

/// Bytes to characters; without a byte-order mark they are taken for UTF-8.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => encoding.decode_without_bom_handling(&bytes[mark..]).0,
        None => String::from_utf8_lossy(bytes),
    }
}

/// True where nothing in the line needs the screen: the common case, and many times faster.
fn is_plain(line: &str) -> bool {
    let ascii = line.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    ascii || !line.chars().any(|c| (c.is_control() && c != '\t') || c == BYTE_ORDER_MARK)
}

/// Adds a line without the paging text at its start.
///
/// Some terminals log the blanks that erase the paging text but not the backspaces around them. There are as many as the
/// text has visible characters; what follows them is the line's own indentation.
fn push_line(out: &mut String, line: &str) {
    let mut rest = line;
    while let Some(paging) = Paging::at_start(rest) {
        rest = &rest[paging.end..];
        let blanks = rest.bytes().take(paging.visible).take_while(|byte| *byte == b' ').count();
        rest = &rest[blanks..];
    }
    out.push_str(rest);
}

/// One line of a terminal: its cells, and where the next character goes.
#[derive(Debug, Default)]
struct Screen {
    cells: Vec<char>,
    cursor: usize,
    /// A CR was seen and nothing visible after it.
    returned: bool,
}

impl Screen {
    /// Plays one captured line and adds what is left of it.
    fn show(mut self, line: &str, out: &mut String) {
        let mut input = line.chars().peekable();
        while let Some(c) = input.next() {
            match c {
                '\r' => self.returned = true,
                '\u{8}' => self.cursor = self.cursor.saturating_sub(1),
                ESCAPE => self.escape(&mut input),
                CSI => self.control_sequence(&mut input),
                '\t' => self.put(c, out),
                c if c.is_control() || c == BYTE_ORDER_MARK => {}
                c => self.put(c, out),
            }
        }
        push_line(out, &self.take_text());
    }

    fn put(&mut self, c: char, out: &mut String) {
        if std::mem::take(&mut self.returned) {
            let text = self.take_text();
            if !is_erasable(&text) {
                push_line(out, &text);
                out.push('\n');
            }
        }
        match self.cells.get_mut(self.cursor) {
            Some(cell) => *cell = c,
            None => self.cells.push(c),
        }
        self.cursor += 1;
    }

    /// The line as it stands. Blanks right of the cursor are what an erasure left behind.
    fn take_text(&mut self) -> String {
        let written = self.cells.iter().rposition(|c| *c != ' ').map_or(0, |last| last + 1);
        self.cells.truncate(written.max(self.cursor));
        self.cursor = 0;
        self.cells.drain(..).collect()
    }

    /// Reads what follows an ESC. Sequences end with the line at the latest, so that a torn one cannot swallow the rest.
    fn escape(&mut self, input: &mut Peekable<Chars<'_>>) {
        match input.peek() {
            Some('[') => {
                input.next();
                self.control_sequence(input);
            }
            // Window titles and device strings end with BEL or ESC \.
            Some(']' | 'P' | 'X' | '^' | '_') => {
                while let Some(c) = input.next() {
                    if c == '\u{7}' || c == '\u{9c}' || (c == ESCAPE && input.next_if_eq(&'\\').is_some()) {
                        break;
                    }
                }
            }
            // `ESC ( B` chooses a character set; `ESC =` and its like are one character.
            _ => {
                while input.next_if(|c| (' '..='/').contains(c)).is_some() {}
                input.next_if(|c| ('0'..='~').contains(c));
            }
        }
    }

    /// Reads a control sequence and carries out those by which pagers erase.
    fn control_sequence(&mut self, input: &mut Peekable<Chars<'_>>) {
        let mut parameters = String::new();
        while let Some(c) = input.next_if(|c| (' '..='?').contains(c)) {
            parameters.push(c);
        }
        let number = parameters.parse::<usize>().ok();
        match input.next_if(|c| ('@'..='~').contains(c)) {
            Some('D') => self.cursor = self.cursor.saturating_sub(number.unwrap_or(1).max(1)),
            Some('C') => self.cursor = self.cells.len().min(self.cursor.saturating_add(number.unwrap_or(1).max(1))),
            Some('K') if number == Some(2) || (self.returned && number.unwrap_or(0) == 0) => self.clear(),
            Some('K') if number.unwrap_or(0) == 0 => self.cells.truncate(self.cursor),
            _ => {}
        }
    }

    fn clear(&mut self) {
        self.cells.clear();
        self.cursor = 0;
        self.returned = false;
    }
}

/// True where a CR after this text starts its erasure.
fn is_erasable(text: &str) -> bool {
    let mut rest = String::new();
    push_line(&mut rest, text);
    rest.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shows(bytes: &[u8], text: &str) {
        assert_eq!(normalise(bytes), text, "{}", bytes.escape_ascii());
    }

    #[test]
    fn line_ends_of_every_kind_become_lf() {
        shows(b"a\r\nb\r\r\nc\nd\r", "a\nb\nc\nd");
        shows(b"\n\rprompt#", "\nprompt#");
        // A capture whose lines end in CR alone keeps its lines.
        shows(b"one\rtwo\rthree", "one\ntwo\nthree");
        // Telnet sends CR NUL.
        shows(b"a\r\0\nb", "a\nb");
    }

    #[test]
    fn control_characters_go_and_tabs_stay() {
        shows(b"\x07Switch#\x00\tx\x7f\x0e", "Switch#\tx");
        shows("a\u{85}b\u{9b}31mc".as_bytes(), "abc");
    }

    #[test]
    fn encodings_are_told_by_their_mark() {
        shows(b"\xef\xbb\xbfab", "ab");
        shows(b"\xff\xfea\0\r\0\n\0b\0", "a\nb");
        shows(b"\xfe\xff\0a\0\n\0b", "a\nb");
        shows(b"caf\xe9 ok", "caf\u{fffd} ok");
    }

    #[test]
    fn escape_sequences_go() {
        shows(b"\x1b[1;31mred\x1b[0m \x1b(Bplain\x1b=\x1b>", "red plain");
        shows(b"\x1b]0;title\x07x\x1b]2;t\x1b\\y", "xy");
        shows(b"torn\x1b", "torn");
        shows(b"torn\x1b[12\nnext", "torn\nnext");
        shows(b"open\x1b]title\nnext", "open\nnext");
    }

    #[test]
    fn line_editing_is_carried_out() {
        shows(b"Switch#sho\x08\x08  \x08\x08how clock", "Switch#show clock");
        // A letter is put in: the device prints the rest again and goes back.
        shows(b"show vrsion\x08\x08\x08\x08\x08ersion\x08\x08\x08\x08\x08", "show version");
        shows(b"\x08\x08x", "x");
    }

    #[test]
    fn paging_leaves_no_trace() {
        let back = "\x08".repeat(9);
        shows(format!("a\r\n --More-- {back}        {back}  b: 1\r\n").as_bytes(), "a\n  b: 1\n");
        shows(b"a\r\n--More--\r        \r  b\r\n", "a\n  b\n");
        shows(b"<--- More --->\r              \rb\r\n", "b\n");
        shows(b"--More--(45%)\r\x1b[Kb\n", "b\n");
        shows(b"-- MORE --\x1b[42D                      \x1b[42Db\n", "b\n");
        // A short line over a long erasure keeps no blanks at its end.
        shows(format!(" --More-- {back}        {back}!\r\n").as_bytes(), "!\n");
        // Enter was pressed twice: two pagers for two lines.
        shows(format!(" --More-- {back}        {back}b\r\n --More-- {back}        {back}c").as_bytes(), "b\nc");
    }

    #[test]
    fn paging_without_backspaces_keeps_the_indentation() {
        shows(b" --More--           Type: Smart\n", "  Type: Smart\n");
        shows(b" --More-- \nnext", "\nnext");
    }

    #[test]
    fn lines_with_paging_are_known() {
        let capture = "a\r\n --More-- \r         \rb\r\nc\r\n\x07--More--\x08\x08\r\n";
        assert_eq!(normalise_paged(capture.as_bytes()).1, [1, 3]);
    }

    #[test]
    fn text_before_a_lone_return_is_kept() {
        shows(b"100 percent\rdone\n", "100 percent\ndone\n");
    }

    #[test]
    fn ordinary_text_is_not_taken_for_paging() {
        for text in ["more: --More--", "-- more than 3 --", "--------- show clock ---------", "<-- see more"] {
            shows(text.as_bytes(), text);
        }
    }

    #[test]
    fn hostile_input_takes_linear_time() {
        let size = 1 << 20;
        for pattern in
            ["\x08", "x\r", " \r", "\x1b]", "\x1b[", "\x1b[99999999C", "--More--", "x\x1b[2K", "<", "\u{9b}1"]
        {
            let bytes = pattern.repeat(size / pattern.len());
            let started = std::time::Instant::now();
            assert!(normalise(bytes.as_bytes()).len() <= bytes.len());
            assert!(started.elapsed().as_secs() < 5, "{}", pattern.escape_debug());
        }
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing(bytes in capture()) {
            let once = normalise(&bytes);
            prop_assert_eq!(normalise(once.as_bytes()), once);
        }

        #[test]
        fn what_is_left_is_printable(bytes in capture()) {
            let text = normalise(&bytes);
            prop_assert!(text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'), "{:?}", text);
        }

        #[test]
        fn lines_keep_their_numbers(lines in prop::collection::vec("[ -~]{0,12}", 0..12), end in "\r{0,2}\n") {
            let count = normalise(lines.join(&end).as_bytes()).matches('\n').count();
            prop_assert_eq!(count, lines.len().saturating_sub(1));
        }
    }

    /// Captures made of the pieces that interact, and of any bytes.
    fn capture() -> impl Strategy<Value = Vec<u8>> {
        const PIECES: &[&str] =
            &["--More--", " --More-- ", "<--- More --->", "        ", " ", "\r", "\n", "\x08", "\x1b[K", "\x1b[2K"];
        let piece = prop_oneof![
            prop::sample::select(PIECES).prop_map(|text| text.as_bytes().to_vec()),
            "[a-z]{1,3}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..4),
        ];
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }
}
