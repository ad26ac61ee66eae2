//! `report.json`, schema 1: everything, whole, for programs. Keys are only ever added.
//!
//! Written device by device, one line each, so that a fleet of any size needs the memory of one device:
//!
//! ```text
//! {"schema":1,
//! "run":{"id":"20261124T020000Z-7f3a",...},
//! "devices":[
//! {"name":"fra1-acc-sw07",...},
//! {"name":"fra1-acc-sw08",...}],
//! "rules":[...],
//! "problems":[...]}
//! ```

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use super::row::{self, FindingRow};
use super::{Options, Report, glance, problems, text, utc};
use crate::reading::Unparsed;
use crate::rules::{self, Rule};
use crate::run::{Counts, DeviceRecord, Health, Run, Status};

/// The whole run in one document.
pub(super) static REPORT: Report = Report { format: "json", name: "report", extension: "json", write };

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"schema\":1,\n\"run\":")?;
    value(&RunJson::new(run), out)?;
    out.write_all(b",\n\"devices\":[")?;
    each(run.devices.iter().map(|record| DeviceJson::new(run, record)), out)?;
    out.write_all(b"],\n\"rules\":[")?;
    each(rules::ALL.iter().map(|rule| RuleJson::new(rule)), out)?;
    out.write_all(b"],\n\"problems\":[")?;
    each(problems::of(run), out)?;
    out.write_all(b"]}\n")
}

/// Writes the items of an array, one a line.
fn each<T: Serialize>(items: impl IntoIterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    for (at, item) in items.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        value(&item, out)?;
    }
    Ok(())
}

/// Compact JSON that is safe to print.
pub(crate) fn value(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Escaped)).map_err(io::Error::from)
}

/// Compact JSON in which characters that a terminal or an editor would obey are escaped: nothing is lost, and a document
/// printed on a terminal is only text. JSON itself asks for this below U+0020 only.
struct Escaped;

impl Formatter for Escaped {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| text::is_harmful(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            // All of them are in the basic plane: one unit of UTF-16.
            write!(writer, "\\u{:04x}", u32::from(c))?;
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[derive(Serialize)]
struct RunJson<'a> {
    id: &'a str,
    label: Option<&'a str>,
    command: &'a str,
    started_utc: String,
    finished_utc: String,
    version: &'static str,
    rules_version: String,
    inventory: &'a str,
    counts: Counts,
}

impl<'a> RunJson<'a> {
    fn new(run: &'a Run) -> Self {
        Self {
            id: &run.id,
            label: run.label.as_deref(),
            command: &run.command,
            started_utc: utc(run.started),
            finished_utc: utc(run.finished),
            version: env!("CARGO_PKG_VERSION"),
            rules_version: Run::rules_version(),
            inventory: &run.inventory,
            counts: run.counts(),
        }
    }
}

#[derive(Serialize)]
struct DeviceJson<'a> {
    name: &'a str,
    address: &'a str,
    site: &'a str,
    role: &'a str,
    status: Status,
    status_detail: &'a str,
    health: Health,
    platform: Option<&'a str>,
    model: Option<&'a str>,
    os_version: Option<&'a str>,
    hostname: Option<&'a str>,
    facts: Map<String, Value>,
    unknown: Map<String, Value>,
    verdicts: Vec<VerdictJson>,
    findings: Vec<FindingRow<'a>>,
    unparsed: &'a [Unparsed],
}

impl<'a> DeviceJson<'a> {
    fn new(run: &'a Run, record: &'a DeviceRecord) -> Self {
        let (mut facts, mut unknown) = (Map::new(), Map::new());
        record.reading.facts.for_each(|key, fact| match fact {
            Ok(value) => {
                facts.insert(key.to_owned(), value);
            }
            Err(why) => {
                facts.insert(key.to_owned(), Value::Null);
                unknown.insert(key.to_owned(), Value::String(why.to_string()));
            }
        });
        let verdicts = glance::verdicts(record).into_iter();
        let known = |text: &'a str| (!text.is_empty()).then_some(text);
        Self {
            name: &record.device.name,
            address: &record.device.address,
            site: &record.device.site,
            role: &record.device.role,
            status: record.status,
            status_detail: &record.detail,
            health: record.health,
            platform: known(glance::platform(record)),
            model: known(glance::text(&record.reading.facts.model)),
            os_version: known(glance::text(&record.reading.facts.os_version)),
            hostname: known(glance::hostname(record)),
            facts,
            unknown,
            verdicts: verdicts
                .map(|(rule, verdict, reason)| VerdictJson { rule, verdict, reason: reason.into() })
                .collect(),
            findings: row::findings_of(run, record),
            unparsed: &record.reading.unparsed,
        }
    }
}

#[derive(Serialize)]
struct VerdictJson {
    rule: &'static str,
    verdict: &'static str,
    reason: String,
}

#[derive(Serialize)]
struct RuleJson {
    id: &'static str,
    category: &'static str,
    severity: &'static str,
    title: &'static str,
    why: &'static str,
    next_step: &'static str,
    source: &'static str,
}

impl RuleJson {
    fn new(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            category: rule.category.as_str(),
            severity: rule.severity.as_str(),
            title: rule.title,
            why: rule.why,
            next_step: rule.next_step,
            source: rule.source,
        }
    }
}
