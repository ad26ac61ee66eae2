//! Texts with placeholders: expanded once when a scenario is read, filled with the device's own values when asked for.
//!
//! ```text
//! {{last_ack}}            a value of the scenario (itself a text with placeholders)
//! {{block policy}}        a text that several commands share
//! {{hostname}} {{serial}} {{serial 2}} {{privilege}}      the device's own
//! {{time -8d}} {{clock}} {{log -2h}} {{job +16h}}         relative to the device's clock
//! {{each unit}} ... {{end}}                               once for each unit of the stack
//! ```
//!
//! A line that is one placeholder with an empty value disappears, as a line does that a release does not print.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use crate::clock::{Form, offset};

/// A placeholder inside a placeholder inside ...: more than this is a circle.
const DEPTH: usize = 12;

/// A text ready to be filled in for one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Hostname,
    Serial(usize),
    Privilege,
    When(Form, i64),
}

/// What a device knows of itself when a template is filled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) hostname: &'a str,
    pub(crate) serial: &'a str,
    pub(crate) privilege: u8,
    pub(crate) now: Timestamp,
}

/// One member of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unit {
    /// `Active`, `Standby` or `Member`.
    pub(crate) role: String,
    /// The product id, where it is not the scenario's `pid`.
    #[serde(default)]
    pub(crate) pid: Option<String>,
    /// Whether a trust code is installed on it.
    #[serde(default = "yes")]
    pub(crate) trusted: bool,
}

impl Unit {
    #[cfg(test)]
    pub(crate) fn new(role: &str, trusted: bool) -> Unit {
        Unit { role: role.into(), pid: None, trusted }
    }
}

fn yes() -> bool {
    true
}

/// Everything a placeholder can name while a scenario is read.
pub(crate) struct Names<'a> {
    pub(crate) set: &'a BTreeMap<String, String>,
    pub(crate) units: &'a [Unit],
    pub(crate) block: fn(&str) -> Option<&'static str>,
    pub(crate) template: fn(&str) -> Option<&'static str>,
}

impl Template {
    /// Expands all that does not depend on the device.
    pub(crate) fn read(text: &str, names: &Names) -> Result<Template, String> {
        let expanded = names.expand(text, DEPTH)?;
        let mut parts = Vec::new();
        let mut rest = expanded.as_str();
        while let Some((before, name, after)) = split(rest)? {
            push_text(&mut parts, before);
            parts.push(dynamic(name).ok_or_else(|| format!("nothing is called {{{{{name}}}}}"))?);
            rest = after;
        }
        push_text(&mut parts, rest);
        Ok(Template { parts })
    }

    /// The text for one device at one moment, with LF line ends.
    pub(crate) fn fill(&self, values: Values) -> String {
        let mut text = String::with_capacity(1024);
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Hostname => text.push_str(values.hostname),
                Part::Serial(unit) => text.push_str(&unit_serial(values.serial, *unit)),
                Part::Privilege => text.push_str(&values.privilege.to_string()),
                Part::When(form, offset) => text.push_str(&form.print(values.now, *offset)),
            }
        }
        text
    }
}

impl Names<'_> {
    fn expand(&self, text: &str, depth: usize) -> Result<String, String> {
        if depth == 0 {
            return Err("placeholders go round in a circle".into());
        }
        let mut out = String::with_capacity(text.len());
        let mut lines = text.split_inclusive('\n');
        while let Some(line) = lines.next() {
            let bare = line.trim_end_matches('\n');
            if let Some(group) = inner(bare).and_then(|name| name.strip_prefix("each ")) {
                let body: String = lines.by_ref().take_while(|line| line.trim_end() != "{{end}}").collect();
                out += &self.each(group, &body, depth)?;
            } else if let Some(value) = inner(bare).and_then(|name| self.fixed(name)) {
                let value = value.strip_suffix('\n').unwrap_or(value);
                let value = self.expand(value, depth - 1)?;
                if !value.is_empty() {
                    out += &value;
                    out += &line[bare.len()..];
                }
            } else {
                out += &self.inline(line, depth)?;
            }
        }
        Ok(out)
    }

    fn inline(&self, line: &str, depth: usize) -> Result<String, String> {
        let mut out = String::with_capacity(line.len());
        let mut rest = line;
        while let Some((before, name, after)) = split(rest)? {
            out += before;
            match self.fixed(name) {
                Some(value) => out += &self.expand(value.trim_end_matches('\n'), depth - 1)?,
                // The device's own; filled in later.
                None => out.extend(["{{", name, "}}"]),
            }
            rest = after;
        }
        Ok(out + rest)
    }

    fn fixed(&self, name: &str) -> Option<&str> {
        match name.split_once(' ') {
            Some(("block", block)) => (self.block)(block),
            Some(("template", template)) => (self.template)(template),
            _ => self.set.get(name).map(String::as_str),
        }
    }

    fn each(&self, group: &str, body: &str, depth: usize) -> Result<String, String> {
        let mut out = String::new();
        for (index, unit) in self.units.iter().enumerate() {
            let wanted = match group {
                "unit" => true,
                "trusted" => unit.trusted,
                "untrusted" => !unit.trusted,
                _ => return Err(format!("there is no group of units called {group:?}")),
            };
            if !wanted {
                continue;
            }
            let number = index + 1;
            let text = body
                .replace("{{role}}", &unit.role)
                .replace("{{unit_pid}}", unit.pid.as_deref().unwrap_or("{{pid}}"))
                .replace("{{unit_serial}}", &format!("{{{{serial {number}}}}}"))
                .replace("{{unit_number}}", &number.to_string())
                .replace("{{unit_star}}", if number == 1 { "*" } else { " " })
                .replace("{{unit_trust_id}}", &(317 + 211 * index).to_string());
            out += &self.expand(&text, depth - 1)?;
        }
        Ok(out)
    }
}

/// The serial number of the n-th unit, made from that of the first: units of one stack are seldom of one delivery.
pub(crate) fn unit_serial(first: &str, unit: usize) -> String {
    if unit <= 1 {
        return first.to_owned();
    }
    let mut letters: Vec<u8> = first.bytes().collect();
    if let Some(last) = letters.last_mut() {
        *last = b'A' + u8::try_from((usize::from(*last) + unit) % 26).unwrap_or(0);
    }
    String::from_utf8_lossy(&letters).into_owned()
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn dynamic(name: &str) -> Option<Part> {
    let (word, argument) = name.split_once(' ').unwrap_or((name, ""));
    Some(match word {
        "hostname" => Part::Hostname,
        "privilege" => Part::Privilege,
        "serial" if argument.is_empty() => Part::Serial(1),
        "serial" => Part::Serial(argument.parse().ok()?),
        _ => {
            let seconds = if argument.is_empty() { 0 } else { offset(argument)? };
            Part::When(Form::named(word)?, seconds)
        }
    })
}

/// The name, where the whole line is one placeholder.
fn inner(line: &str) -> Option<&str> {
    let name = line.strip_prefix("{{")?.strip_suffix("}}")?;
    (!name.contains("}}")).then_some(name)
}

/// What stands before the first placeholder, its name, and the rest.
fn split(text: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let Some((before, rest)) = text.split_once("{{") else {
        return Ok(None);
    };
    let (name, after) = rest.split_once("}}").ok_or_else(|| format!("a placeholder is not closed after {before:?}"))?;
    Ok(Some((before, name, after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, set: &[(&str, &str)]) -> Result<String, String> {
        let set = set.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let units = [Unit::new("Active", true), Unit::new("Member", false)];
        let names = Names { set: &set, units: &units, block: |_| Some("shared\n"), template: |_| None };
        let now = "2026-11-24T15:08:49Z".parse().expect("a time");
        let values = Values { hostname: "sw01", serial: "FOC1111A0AA", privilege: 15, now };
        Template::read(text, &names).map(|template| template.fill(values))
    }

    #[test]
    fn fills_values_inside_values() {
        let set = [("a", "[{{b}}]"), ("b", "{{time +60d}}")];
        assert_eq!(read("x {{a}} {{hostname}}\n", &set).as_deref(), Ok("x [Jan 23 15:08:49 2027 UTC] sw01\n"));
    }

    #[test]
    fn an_empty_value_takes_its_line_away() {
        let set = [("none", ""), ("two", "1\n2\n")];
        assert_eq!(read("a\n{{none}}\nb\n{{two}}\n{{block x}}\nc\n", &set).as_deref(), Ok("a\nb\n1\n2\nshared\nc\n"));
    }

    #[test]
    fn repeats_for_each_unit() {
        let text =
            "{{each unit}}\n{{role}} {{unit_serial}}\n{{end}}\n{{each untrusted}}\n{{unit_number}}\n{{end}}\n.\n";
        assert_eq!(read(text, &[]).as_deref(), Ok("Active FOC1111A0AA\nMember FOC1111A0AP\n2\n.\n"));
    }

    #[test]
    fn names_what_it_does_not_know() {
        assert!(read("{{nobody}}", &[]).expect_err("unknown").contains("nobody"));
        assert!(read("{{time +x}}", &[]).is_err());
        assert!(read("{{a}}", &[("a", "{{a}}")]).expect_err("circle").contains("circle"));
    }
}
