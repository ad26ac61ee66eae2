//! Reads a SLAC file: every `<udi>` element, whatever stands around it.
//!
//! Taken are any case and any namespace prefix of the name, entities, CDATA and comments inside, and the spellings
//! `P:...,SN:...` and `PID:...,SN:...` with blanks. A file that breaks off or is no XML from some line on gives what stands
//! before that line, and the fault. Only elements that are closed count: half a serial number is no serial number.

use std::fmt;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use crate::inventory::{SlacFile, SlacUdi};

/// What a SLAC file says, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The units it names.
    pub file: SlacFile,
    /// The first thing that is wrong with it; `None` where it is whole.
    pub fault: Option<Fault>,
}

/// What is wrong with a SLAC file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// Reads the text of a file; `name` is its path, for messages.
pub fn read(name: &str, text: &str) -> Read {
    let mut reading = Reading::new(name, text);
    reading.run();
    let Reading { file, mut fault, .. } = reading;
    if file.udis.is_empty() && fault.is_none() {
        let what = "no <udi> element in the whole file; is it a SLAC file?".to_owned();
        fault = Some(Fault { line: 1, what });
    }
    Read { file, fault }
}

struct Reading<'t> {
    text: &'t str,
    /// Up to where lines were counted, and the line there.
    counted: (usize, usize),
    /// The elements that are open, with the line each began on.
    open: Vec<(String, usize)>,
    /// The content of the `<udi>` that is open, the line it began on, and how deep it stands.
    udi: Option<(String, usize, usize)>,
    file: SlacFile,
    fault: Option<Fault>,
}

impl<'t> Reading<'t> {
    fn new(name: &str, text: &'t str) -> Self {
        let file = SlacFile { name: name.to_owned(), udis: Vec::new() };
        Self { text, counted: (0, 1), open: Vec::new(), udi: None, file, fault: None }
    }

    fn run(&mut self) {
        let mut reader = Reader::from_str(self.text);
        // Faults of the structure are found below, with their line, and do not stop the reading.
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let line = self.line_at(reader.buffer_position());
            match reader.read_event() {
                Ok(Event::Start(tag)) => {
                    let name = tag.local_name().as_ref().to_owned();
                    let line = self.line_at(reader.buffer_position());
                    if name.eq_ignore_ascii_case("udi") && self.udi.is_none() {
                        self.udi = Some((String::new(), line, self.open.len()));
                    }
                    self.open.push((name, line));
                }
                Ok(Event::End(tag)) => {
                    let name = tag.local_name().as_ref().to_owned();
                    let line = self.line_at(reader.buffer_position());
                    self.close(&name, line);
                }
                Ok(Event::Text(text)) => self.take(&text),
                Ok(Event::CData(text)) => self.take(&text),
                Ok(Event::GeneralRef(entity)) => self.take(&resolved(&entity)),
                Ok(Event::Eof) => return self.end(line),
                Ok(_) => {}
                Err(error) => {
                    let line = self.line_at(reader.error_position().max(reader.buffer_position()));
                    return self.note(line, format!("not XML from here on: {error}"));
                }
            }
        }
    }

    /// The line of a position; positions only grow.
    fn line_at(&mut self, position: u64) -> usize {
        let end = usize::try_from(position).unwrap_or(usize::MAX).min(self.text.len());
        // Inside a character, where a fault may be, the line is that of the last event.
        if let Some(new) = self.text.get(self.counted.0..end) {
            self.counted = (end, self.counted.1 + new.matches('\n').count());
        }
        self.counted.1
    }

    fn take(&mut self, text: &str) {
        if let Some((content, ..)) = &mut self.udi {
            content.push_str(text);
        }
    }

    /// Ends an element. Elements inside it that were not ended are a fault, and so is an end without a beginning.
    fn close(&mut self, name: &str, line: usize) {
        let Some(at) = self.open.iter().rposition(|(open, _)| open == name) else {
            return self.note(line, format!("</{name}> without <{name}>"));
        };
        if let Some((inner, began)) = self.open.get(at + 1).cloned() {
            self.note(began, format!("<{inner}> is not closed before </{name}>"));
        }
        self.open.truncate(at);
        match self.udi.take() {
            Some((content, began, depth)) if depth == at => self.add(&content, began),
            // A surrounding element ended first: the text may be half of what it should be.
            Some((.., depth)) if depth > at => {}
            open => self.udi = open,
        }
    }

    fn add(&mut self, content: &str, line: usize) {
        match udi(content) {
            Some((pid, serial)) => {
                let known = |udi: &SlacUdi| udi.pid == pid && udi.serial == serial;
                if !self.file.udis.iter().any(known) {
                    self.file.udis.push(SlacUdi { pid, serial, line });
                }
            }
            None => self.note(line, format!("no UDI such as P:PID,SN:SERIAL: {}", shown(content))),
        }
    }

    fn end(&mut self, line: usize) {
        if let Some((name, began)) = self.open.last().cloned() {
            self.note(line, format!("the file ends inside <{name}>, which began on line {began}; copy it again"));
        }
    }

    /// Keeps the first fault: the others mostly follow from it.
    fn note(&mut self, line: usize, what: String) {
        self.fault.get_or_insert(Fault { line, what });
    }
}

/// The text of an entity; one that XML does not define stays as it is written.
fn resolved(entity: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return character.to_string();
    }
    let name: &str = entity;
    match quick_xml::escape::resolve_xml_entity(name) {
        Some(text) => text.to_owned(),
        None => format!("&{name};"),
    }
}

/// Product id and serial number of `P:PID,SN:SERIAL`; further parts, such as a version, are passed over.
fn udi(text: &str) -> Option<(String, String)> {
    let value = |names: [&str; 2]| {
        text.split(',').find_map(|part| {
            let (name, value) = part.split_once(':')?;
            let (name, value) = (name.trim(), value.trim());
            let found = names.iter().any(|known| known.eq_ignore_ascii_case(name));
            (found && !value.is_empty() && !value.contains(char::is_whitespace)).then(|| value.to_owned())
        })
    };
    Some((value(["P", "PID"])?, value(["SN", "S"])?))
}

/// Some of a text that is no UDI, on one line.
fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("`{}...`", &text[..at]),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn serials(text: &str) -> Vec<String> {
        read("a.xml", text)
            .file
            .udis
            .into_iter()
            .map(|udi| format!("{} {} {}", udi.pid, udi.serial, udi.line))
            .collect()
    }

    fn fault(text: &str) -> String {
        read("a.xml", text).fault.map(|fault| fault.to_string()).unwrap_or_default()
    }

    const WHOLE: &str = "<?xml version=\"1.0\"?>\n<smartLicenseAuthorization>\n<udi>P:C9300X-24HX,SN:FOC0000AAAA</udi>\n\
                         <x/>\n</smartLicenseAuthorization>\n";

    #[test]
    fn the_form_of_the_guide() {
        assert_eq!(serials(WHOLE), ["C9300X-24HX FOC0000AAAA 3"]);
        assert_eq!(fault(WHOLE), "");
    }

    #[test]
    fn every_spelling_of_an_element() {
        let text = "<a xmlns:s='urn:x'><s:UDI>PID : C1 , SN : F1</s:UDI><b><c><Udi>\n <![CDATA[P:C2,SN:F2]]>\n</Udi></c></b>\
                    <udi>P:C3&#44;SN:F&#x33;</udi><udi>P:A&amp;B,<!-- x -->V:V01,SN:F4</udi><udi>P:C1,SN:F1</udi></a>";
        assert_eq!(serials(text), ["C1 F1 1", "C2 F2 1", "C3 F3 3", "A&B F4 3"]);
        assert_eq!(fault(text), "");
    }

    #[test]
    fn several_documents_in_one_file() {
        let text = format!("{WHOLE}<smartLicenseAuthorization><udi>P:C1,SN:F2</udi></smartLicenseAuthorization>");
        assert_eq!(serials(&text).len(), 2);
        assert_eq!(fault(&text), "");
    }

    #[test]
    fn a_file_that_breaks_off_gives_what_stands_before() {
        let cut = "<a>\n<udi>P:C1,SN:F1</udi>\n<udi>P:C2,SN:F2";
        assert_eq!(serials(cut), ["C1 F1 2"]);
        assert_eq!(fault(cut), "line 3: the file ends inside <udi>, which began on line 3; copy it again");
        let in_tag = "<a>\n<udi>P:C1,SN:F1</udi>\n<ud";
        assert_eq!(serials(in_tag), ["C1 F1 2"]);
        assert!(fault(in_tag).starts_with("line 3: not XML from here on: "), "{}", fault(in_tag));
    }

    #[test]
    fn faults_of_the_structure_do_not_hide_what_follows() {
        let text = "<a>\n<b>\n<udi>P:C1,SN:F1</udi>\n</a>\n</c>\n<udi>P:C2,SN:F2</udi>";
        assert_eq!(serials(text), ["C1 F1 3", "C2 F2 6"]);
        assert_eq!(fault(text), "line 2: <b> is not closed before </a>");
        assert_eq!(fault("<a>\n</b></a>"), "line 2: </b> without <b>");
    }

    #[test]
    fn what_is_no_udi_is_told() {
        assert_eq!(fault("<udi>\nC9300</udi>"), "line 1: no UDI such as P:PID,SN:SERIAL: `C9300`");
        assert_eq!(fault("<a/>"), "line 1: no <udi> element in the whole file; is it a SLAC file?");
        assert_eq!(fault("just text"), "line 1: no <udi> element in the whole file; is it a SLAC file?");
    }

    proptest! {
        #[test]
        fn nothing_stops_it(text in "(<udi>|</udi>|P:A,SN:B|<!\\[CDATA\\[|\\]\\]>|&|<|>|\\PC|\n){0,40}") {
            let read = read("a.xml", &text);
            let lines = text.matches('\n').count() + 1;
            prop_assert!(read.file.udis.iter().all(|udi| udi.line <= lines));
            prop_assert!(read.fault.is_none_or(|fault| fault.line <= lines));
        }
    }
}
