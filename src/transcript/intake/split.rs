//! A capture is taken apart: which device answered which command on which lines.
//!
//! ```text
//! lon1-core-1#sh lic stat                               a prompt with an echo: device and command
//! ------------------ show version ------------------    a heading of `show tech-support`: command
//! `show version`                                        the same on NX-OS
//! show license all                                      an echo alone, as the first line of a file
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Known;
use super::capture::Capture;
use crate::transcript::dialect::{PromptLine, show_argument};

static HEADING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:-{3,} *(show .*?[^ -]) *-{3,}|`(show [^`]+)`)$").expect("a constant pattern")
});

/// The head PuTTY writes whenever it begins or goes on with a log.
const PUTTY: &str = "=~=~=~=~=~=";

/// One command's output within a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The device's name in the prompt.
    pub(super) host: Option<String>,
    /// The command; `None` where the capture does not say, and is one piece.
    pub(super) command: Option<Cow<'static, str>>,
    /// Where its output stands in the text, in bytes.
    pub(super) output: Range<usize>,
    /// Line of the file on which the output begins, from 1.
    pub(super) line: usize,
    /// Somebody left the output at a paging prompt.
    pub(super) cut: bool,
}

/// A capture, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) pieces: Vec<Piece>,
    /// Show commands in it that slaudit does not read.
    pub(super) unread: BTreeSet<String>,
}

/// Takes a capture apart.
pub(super) fn split(capture: &Capture, known: &Known<'_>) -> Split {
    let text = capture.text.as_str();
    let hosts = hosts(text);
    let mut splitter = Splitter { known, open: None, split: Split::default(), host: None, any: false, headings: false };
    let (mut start, mut content, mut first) = (0, 0, true);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let (at, end) = (start, start + line.len());
        start = end;
        let line = line.trim_end();
        let paged = capture.paged.binary_search(&number).is_ok();
        if let Some((host, typed)) = prompt(line).filter(|(host, _)| hosts.contains(*host)) {
            splitter.close(at, paged);
            splitter.host = Some(host.to_owned());
            // Of what is no show command only what slaudit reads is of interest.
            if show_argument(typed).is_some() || known(typed).is_some() {
                splitter.begin(typed, end, number);
            }
        } else if let Some(heading) = HEADING.captures(line) {
            splitter.close(at, false);
            let command = heading.get(1).or_else(|| heading.get(2)).map_or("", |found| found.as_str());
            splitter.begin(command, end, number);
            splitter.headings = true;
        } else if line.starts_with(PUTTY) {
            splitter.close(at, false);
            (content, first) = (end, true);
            continue;
        } else if first && !splitter.any && known(line).is_some() {
            splitter.begin(line, end, number);
        }
        first &= line.is_empty();
    }
    let last = text.lines().count().saturating_sub(1);
    let left = capture.paged.last().is_some_and(|paged| {
        *paged >= last.saturating_sub(1) && text.lines().skip(*paged).all(|line| line.trim().is_empty())
    });
    splitter.close(text.len(), left);
    let (any, mut split) = (splitter.any, splitter.split);
    if splitter.headings {
        // What it printed was read under its headings.
        let is_bundle = |word: &str| word.to_ascii_lowercase().starts_with("tech");
        split.unread.retain(|command| !show_argument(command).is_some_and(is_bundle));
    }
    let only = Some(&hosts).filter(|hosts| hosts.len() == 1).and_then(|hosts| hosts.first());
    if !any {
        // The only prompt there is stands on the last line.
        let last = || text[content..].trim_end().rfind('\n').map_or(content, |at| content + at + 1);
        let end = if only.is_some() { last() } else { text.len() };
        let line = text[..content].lines().count() + 1;
        split.pieces.push(Piece { host: None, command: None, output: content..end, line, cut: left });
    }
    for piece in &mut split.pieces {
        // A heading has no prompt before it where the log begins inside the output.
        if piece.host.is_none() {
            piece.host = only.map(|host| (*host).to_owned());
        }
    }
    split
}

/// The device names of a capture's prompts: a prompt is what a show command was typed at, or the last line.
fn hosts(text: &str) -> BTreeSet<&str> {
    let typed = text.lines().filter_map(prompt).filter(|(_, typed)| show_argument(typed).is_some());
    let mut hosts: BTreeSet<&str> = typed.map(|(host, _)| host).collect();
    let last = text.trim_end().lines().next_back().and_then(prompt);
    hosts.extend(last.filter(|(_, typed)| typed.is_empty()).map(|(host, _)| host));
    hosts
}

/// Device and command of a line with a prompt.
fn prompt(line: &str) -> Option<(&str, &str)> {
    let line = PromptLine::parse(line)?;
    Some((line.host()?, line.typed))
}

struct Splitter<'a> {
    known: &'a Known<'a>,
    open: Option<Piece>,
    split: Split,
    host: Option<String>,
    /// A command was seen, known or not.
    any: bool,
    headings: bool,
}

impl Splitter<'_> {
    fn begin(&mut self, typed: &str, output: usize, number: usize) {
        self.any = true;
        let Some(command) = (self.known)(typed) else {
            self.split.unread.insert(typed.to_owned());
            return;
        };
        let (host, command) = (self.host.clone(), Some(command));
        self.open = Some(Piece { host, command, output: output..output, line: number + 2, cut: false });
    }

    fn close(&mut self, end: usize, cut: bool) {
        if let Some(mut piece) = self.open.take() {
            piece.output.end = end.max(piece.output.start);
            piece.cut = cut;
            self.split.pieces.push(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::text::normalise_paged;

    fn known(text: &str) -> Option<Cow<'static, str>> {
        match text.to_lowercase().as_str() {
            "show version" | "sh ver" => Some("show version".into()),
            "show license status" | "sh lic stat" => Some("show license status".into()),
            text if text.starts_with("ping ") => Some(text.to_owned().into()),
            _ => None,
        }
    }

    /// `host command "output"` of each piece, `!` where it is cut.
    fn pieces(bytes: &str) -> Vec<String> {
        let (text, paged) = normalise_paged(bytes.as_bytes());
        let capture = Capture { text, paged };
        let show = |piece: &Piece| {
            let cut = if piece.cut { "!" } else { "" };
            let (host, command) = (piece.host.as_deref().unwrap_or("-"), piece.command.as_deref().unwrap_or("-"));
            format!("{host} {command} {:?}{cut}", &capture.text[piece.output.clone()])
        };
        split(&capture, &known).pieces.iter().map(show).collect()
    }

    #[test]
    fn a_terminal_log_has_several_devices_and_modes() {
        let log = "=~=~=~=~=~=~= PuTTY log 2026.01.01 =~=~=\r\nlogin banner # with > signs\r\nsw1>en\r\nPassword:\r\nsw1#sh ver\r\nIOS XE\r\n\
                   sw1#conf t\r\nsw1(config)#do sh lic stat\r\nTransport:\r\n  Type: Smart\r\nsw1(config)#end\r\nsw1#ssh sw2\r\nRP/0/RP0/CPU0:sw2#show version\r\nXR\r\n\
                   RP/0/RP0/CPU0:sw2#exit\r\n";
        let expected = [
            r#"sw1 show version "IOS XE\n""#,
            r#"sw1 show license status "Transport:\n  Type: Smart\n""#,
            r#"sw2 show version "XR\n""#,
        ];
        assert_eq!(pieces(log), expected);
    }

    #[test]
    fn a_ping_is_read_where_a_show_command_says_what_a_prompt_is() {
        let log = "sw1#ping ssm.example.com\n!!!!!\nsw1#sh ver\nIOS XE\nsw1#traceroute ssm.example.com\n  1 x\nsw1#\n";
        assert_eq!(pieces(log), [r#"sw1 ping ssm.example.com "!!!!!\n""#, r#"sw1 show version "IOS XE\n""#]);
        assert_eq!(pieces("ping ssm.example.com\n!!!!!\n"), [r#"- ping ssm.example.com "!!!!!\n""#]);
    }

    #[test]
    fn a_bundle_has_headings() {
        let bundle = "sw1#show tech-support\n\n------------------ show version ------------------\n\nIOS\n\n\
                      ------------------ show foo ------------------\nx\n`show license status`\nT\nsw1#\n";
        assert_eq!(pieces(bundle), [r#"sw1 show version "\nIOS\n\n""#, r#"sw1 show license status "T\n""#]);
        let (text, paged) = normalise_paged(bundle.as_bytes());
        let unread = split(&Capture { text, paged }, &known).unread;
        assert_eq!(unread.into_iter().collect::<Vec<_>>(), ["show foo"]);
    }

    #[test]
    fn a_file_of_one_command_may_have_an_echo_or_a_last_prompt() {
        assert_eq!(pieces("\nshow version\nIOS\nshow version\n"), [r#"- show version "IOS\nshow version\n""#]);
        assert_eq!(pieces("IOS\n more\n"), [r#"- - "IOS\n more\n""#]);
        assert_eq!(pieces("IOS\nsw1#\n"), [r#"sw1 - "IOS\n""#]);
        assert_eq!(pieces("sw1#"), [r#"sw1 - """#]);
    }

    #[test]
    fn an_output_left_at_a_pager_is_cut() {
        let back = "\x08".repeat(9);
        let whole = format!("sw1#sh ver\r\na\r\n --More-- {back}        {back}b\r\nsw1#");
        assert_eq!(pieces(&whole), [r#"sw1 show version "a\nb\n""#]);
        let left = format!("sw1#sh ver\r\na\r\n --More-- {back}        {back}sw1#");
        assert_eq!(pieces(&left), [r#"sw1 show version "a\n"!"#]);
        assert_eq!(pieces("sw1#sh ver\r\na\r\n --More-- \r\n"), [r#"sw1 show version "a\n\n"!"#]);
        assert_eq!(pieces("a\r\n --More-- "), [r#"- - "a\n"!"#]);
    }

    #[test]
    fn signs_inside_an_output_are_no_prompts() {
        let log = "sw1#sh ver\nfoo>bar\nsw1 is up#\n description a#b\nname#\nsw1#\n";
        assert_eq!(pieces(log), [r#"sw1 show version "foo>bar\nsw1 is up#\n description a#b\nname#\n""#]);
    }
}
