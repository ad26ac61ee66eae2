//! The answer for people: 80 columns, the messages of the Smart Agent in full, those of other facilities in short.
//!
//! ```text
//! %SMART_LIC-3-COMM_FAILED
//!   line      *Nov 19 14:54:55.907: %SMART_LIC-3-COMM_FAILED: Communications failure ...
//!   peer      Cisco Smart License Utility (CSLU)
//!
//!   Meaning
//!     An attempt to talk to ...
//! ```
//!
//! Everything a device says passes [`one_line`], so that nothing a terminal would obey is printed.

use std::fmt::Write as _;

use console::measure_text_width;

use super::{Part, advice, sentence};
use crate::failure::{Origin, Reason};
use crate::remedy::steps::SUPPORT;
use crate::remedy::{Command, Step, Template};
use crate::reports::text::one_line;
use crate::syslog::catalogue::{self, Entry, Field, Kind};
use crate::syslog::{Decoding, severity};

/// Columns of a line.
const WIDTH: usize = 80;
/// Where values begin.
const VALUE: usize = 12;

/// Everything the parts hold; empty where they hold no message.
pub(super) fn write(parts: &[Part]) -> String {
    let mut out = String::new();
    let all = || parts.iter().flat_map(|part| part.decoded.messages.iter().map(move |message| (part, message)));
    let is_named = parts.len() > 1;
    for (part, decoding) in all().filter(|(_, decoding)| decoding.message.is_smart_lic()) {
        head(&mut out, part.source.as_deref().filter(|_| is_named), decoding);
        if let Some(entry) = decoding.entry {
            fields(&mut out, decoding, entry);
            explained(&mut out, decoding, entry);
        } else {
            value(&mut out, "text", &decoding.message.text);
            heading(&mut out, "Meaning");
            paragraph(&mut out, 4, "", "Not in the catalogue: taken apart only.");
        }
        out.push('\n');
    }
    let mut others = all().filter(|(_, decoding)| !decoding.message.is_smart_lic()).peekable();
    if others.peek().is_some() {
        paragraph(&mut out, 0, "", "Messages of other facilities: taken apart only, the catalogue is about SMART_LIC.");
        out.push('\n');
    }
    for (part, decoding) in others {
        short(&mut out, part.source.as_deref().filter(|_| is_named), decoding);
        out.push('\n');
    }
    if !out.is_empty() {
        let messages: u64 = all().map(|(_, decoding)| decoding.count).sum();
        let distinct = all().count();
        let without: u64 = parts.iter().map(|part| part.decoded.lines_without_message).sum();
        let _ = writeln!(
            out,
            "{}, {distinct} distinct; {} without a system message",
            counted(messages, "message"),
            counted(without, "line")
        );
    }
    out
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Where it stood, when, how often, and how bad by its digit. `source` is given where there are several.
fn head(out: &mut String, source: Option<&str>, decoding: &Decoding) {
    let message = &decoding.message;
    let _ = writeln!(out, "%{}-{}-{}", message.facility, message.severity, message.mnemonic);
    for (name, text) in [("source", source), ("device", decoding.device.as_deref())] {
        if let Some(text) = text {
            value(out, name, text);
        }
    }
    value(out, "line", &decoding.line);
    // A last line that says the same needs no place of its own.
    if let Some(last) = decoding.last_line.as_deref().filter(|_| !decoding.line.ends_with(&message.text)) {
        value(out, "last line", last);
    }
    match (&decoding.first, &decoding.last) {
        (Some(first), Some(last)) if decoding.count > 1 => {
            value(out, "first", first);
            value(out, "last", last);
        }
        (Some(at), _) | (None, Some(at)) => value(out, "time", at),
        (None, None) => value(out, "time", "no time stamp"),
    }
    value(out, "count", &decoding.count.to_string());
    let mut words = severity_of(decoding);
    if let Some(entry) = decoding.entry.filter(|entry| entry.severity != message.severity || is_misleading(entry)) {
        let _ = write!(words, ". Releases print other digits; the name tells that this is a {}", entry.kind);
    }
    value(out, "severity", &words);
}

/// `3 (error): something failed`.
fn severity_of(decoding: &Decoding) -> String {
    let digit = decoding.message.severity;
    severity::find(digit)
        .map_or_else(|| digit.to_string(), |level| format!("{digit} ({}): {}", level.name, level.meaning))
}

/// A message of another facility: its parts in few lines.
fn short(out: &mut String, source: Option<&str>, decoding: &Decoding) {
    let Decoding { message, .. } = decoding;
    let times = match (&decoding.first, &decoding.last) {
        (Some(first), Some(last)) if decoding.count > 1 => {
            format!("{} times, first {first}, last {last}", decoding.count)
        }
        (Some(at), _) | (None, Some(at)) => at.clone(),
        (None, None) if decoding.count > 1 => format!("{} times", decoding.count),
        (None, None) => "no time stamp".to_owned(),
    };
    let from = [source, decoding.device.as_deref()].into_iter().flatten().map(|from| format!(", {from}"));
    let _ = writeln!(out, "%{}-{}-{}", message.facility, message.severity, message.mnemonic);
    paragraph(out, 2, "", &format!("{times}{}", from.collect::<String>()));
    paragraph(out, 2, "", &format!("facility {}, mnemonic {}", message.facility, message.mnemonic));
    paragraph(out, 2, "", &format!("severity {}", severity_of(decoding)));
    paragraph(out, 2, "", &message.text);
}

/// The variable fields of the message, and what ended it.
fn fields(out: &mut String, decoding: &Decoding, entry: &Entry) {
    let message = &decoding.message;
    for (field, meaning) in entry.fields {
        let name = if *field == Field::Udi { "UDI" } else { field.as_str() };
        match message.field(*field) {
            Some(_) if *field == Field::Reason && decoding.given.len() > 1 => {
                for (at, given) in decoding.given.iter().enumerate() {
                    let label = if at == 0 { name } else { "" };
                    value(out, label, &format!("{} ({} of {})", given.text, given.count, decoding.count));
                }
            }
            Some(text) => value(out, name, text),
            None => value(out, name, "not in the text, or in a form that is not known"),
        }
        value(out, "", &format!("= {meaning}"));
    }
    let cures: Vec<_> =
        catalogue::ALL.iter().filter(|cure| cure.clears.contains(&entry.mnemonic)).map(|cure| cure.mnemonic).collect();
    match &decoding.cleared {
        Some(cleared) => {
            let at = cleared.at.as_ref().map(|at| format!(", {at}")).unwrap_or_default();
            value(out, "cleared", &format!("by a later {}{at}", cleared.mnemonic));
        }
        None if !cures.is_empty() => {
            let about = if message.peer_or_udi().is_none() { "" } else { " about the same peer or unit" };
            value(out, "cleared", &format!("no: no later {}{about} in this text", cures.join(" or ")));
        }
        None => {}
    }
    if !entry.clears.is_empty() {
        value(out, "clears", &format!("an earlier {}", entry.clears.join(" or ")));
    }
}

/// A success whose usual digit says error.
fn is_misleading(entry: &Entry) -> bool {
    entry.kind == Kind::Success && entry.severity < 5
}

/// What the catalogue knows.
fn explained(out: &mut String, decoding: &Decoding, entry: &Entry) {
    heading(out, "Meaning");
    paragraph(out, 4, "", entry.explanation);
    if entry.origin == Origin::Seen {
        paragraph(out, 4, "", "This message is not in the vendor's guide.");
    }
    let (named, others): (Vec<_>, Vec<_>) = decoding.reasons().into_iter().partition(|(_, named)| named.is_some());
    if !named.is_empty() {
        heading(out, "The reason that the message gives");
    }
    for (reason, words) in &named {
        reason_of(out, reason, *words);
    }
    if !others.is_empty() {
        let title = match (named.is_empty(), decoding.given.is_empty()) {
            (false, _) => "Other reasons it may have",
            (true, true) => "Possible reasons",
            (true, false) => "Possible reasons; the one that the message gives is not known here",
        };
        heading(out, title);
    }
    for (reason, _) in &others {
        reason_of(out, reason, None);
    }
    let (actions, others): (Vec<_>, Vec<_>) = decoding.actions().into_iter().partition(|(_, applies)| *applies);
    heading(out, if others.is_empty() { "What to do" } else { "What to do, by the peer that the message names" });
    for (action, _) in actions {
        let indent = if action.when.is_empty() { 4 } else { 6 };
        if !action.when.is_empty() {
            paragraph(out, 4, "", &format!("{}:", action.when));
        }
        steps(out, indent, action.steps);
    }
    if entry.kind == Kind::Failure {
        step(out, 4, "", &SUPPORT.step().when(SUPPORT.condition));
    }
}

fn reason_of(out: &mut String, reason: &Reason, words: Option<&str>) {
    let mut title = reason.name.to_owned();
    if let Some(words) = words {
        let _ = write!(title, ", by \"{words}\"");
    }
    if reason.origin == Origin::Seen {
        title.push_str(" (seen on devices, not in the guide)");
    }
    paragraph(out, 4, "", &title);
    paragraph(out, 6, "", reason.meaning);
    steps(out, 6, reason.steps);
}

fn steps(out: &mut String, indent: usize, templates: &[&Template]) {
    let steps = advice(templates);
    for (at, each) in steps.iter().enumerate() {
        let lead = if steps.len() > 1 { format!("{}. ", at + 1) } else { "- ".to_owned() };
        step(out, indent, &lead, each);
    }
}

/// A step, then its commands, each on a line of its own and as it is to be typed.
fn step(out: &mut String, indent: usize, lead: &str, step: &Step) {
    paragraph(out, indent, lead, &sentence(step));
    let indent = indent + lead.len() + 2;
    for Command { line, .. } in &step.commands {
        let blanks = line.len() - line.trim_start().len();
        paragraph(out, indent + blanks, "", line);
    }
}

fn heading(out: &mut String, title: &str) {
    out.push('\n');
    paragraph(out, 2, "", title);
}

/// A name and its value, which may be text of a device.
fn value(out: &mut String, name: &str, text: &str) {
    paragraph(out, 2, &format!("{name:<width$}", width = VALUE - 2), &one_line(text));
}

/// Words in lines of at most [`WIDTH`] columns. `lead` stands before the first line, the others are as far in. What is longer
/// than a line is broken.
fn paragraph(out: &mut String, indent: usize, lead: &str, words: &str) {
    let words = one_line(words);
    let start = indent + measure_text_width(lead);
    let _ = write!(out, "{:indent$}{lead}", "");
    let mut column = start;
    for word in words.split_whitespace() {
        let width = measure_text_width(word);
        if column > start && column + 1 + width > WIDTH {
            let _ = write!(out, "\n{:start$}", "");
            column = start;
        } else if column > start {
            out.push(' ');
            column += 1;
        }
        if start + width <= WIDTH {
            out.push_str(word);
            column += width;
            continue;
        }
        for c in word.chars() {
            let width = measure_text_width(c.encode_utf8(&mut [0; 4]));
            if column + width > WIDTH {
                let _ = write!(out, "\n{:start$}", "");
                column = start;
            }
            out.push(c);
            column += width;
        }
    }
    let end = out.trim_end_matches(' ').len();
    out.truncate(end);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syslog::decode;

    fn shown(text: &str) -> String {
        write(&[Part { source: None, decoded: decode(text) }])
    }

    #[test]
    fn lines_end_at_the_width() {
        let mut out = String::new();
        paragraph(&mut out, 2, "- ", &format!("word {} end", "x".repeat(200)));
        assert!(out.lines().all(|line| measure_text_width(line) <= WIDTH), "{out}");
        assert!(out.starts_with("  - word\n    xxx"), "{out}");
        assert!(out.ends_with(" end\n"), "{out}");
    }

    #[test]
    fn every_message_of_the_catalogue_fits() {
        for entry in catalogue::ALL {
            let out = shown(&format!("%SMART_LIC-{}-{}: some text", entry.severity, entry.mnemonic));
            assert!(out.lines().all(|line| measure_text_width(line) <= WIDTH), "{out}");
            assert!(out.contains("\n  Meaning\n") && out.contains("\n  What to do"), "{out}");
        }
    }

    #[test]
    fn the_matching_reason_comes_first() {
        let out = shown("%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: It has failed on PID:A,SN:B: Timestamp mismatch.");
        let first = out.find("The reason that the message gives\n    Time stamp mismatch").expect(&out);
        assert!(out.find("Other reasons it may have\n    A trust code is there").expect(&out) > first);
    }

    #[test]
    fn a_recovery_printed_as_an_error_is_called_a_success() {
        for digit in [3, 5] {
            let out = shown(&format!("%SMART_LIC-{digit}-COMM_RESTORED: Communications with the A (B) restored."));
            assert!(out.contains("this is a success"), "{out}");
        }
    }
}
