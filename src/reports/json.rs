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
use serde_json::value::RawValue;

use super::row::FindingObject;
use super::{Options, Report, text, utc};
use crate::facts::ReportingRow;
use crate::record::{Details, Health, Status};
use crate::rules::{self, Rule};
use crate::run::{Counts, Run};
use crate::store::{Device, Head};

/// The whole run in one document.
pub(super) static REPORT: Report =
    Report { format: "json", name: "report", extension: "json", by_default: true, write };

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"schema\":1,\n\"run\":")?;
    value(&RunJson::new(run), out)?;
    out.write_all(b",\n\"devices\":[")?;
    let mut first = true;
    run.each_device(&mut |device| {
        out.write_all(if std::mem::take(&mut first) { b"\n" } else { b",\n" })?;
        let details = device.details()?;
        value(&DeviceJson::new(&run.head, &device, &details), out)
    })?;
    out.write_all(b"],\n\"rules\":[")?;
    each(rules::ALL.iter().map(|rule| RuleJson::new(rule)), out)?;
    out.write_all(b"],\n\"problems\":[")?;
    each(&run.overview.problems, out)?;
    out.write_all(b"]}\n")
}

/// Writes the items of an array, one a line.
pub(super) fn each<T: Serialize>(items: impl IntoIterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    for (at, item) in items.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        value(&item, out)?;
    }
    Ok(())
}

/// Writes a value in one line, with [`Escaped`].
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

    /// In compact JSON such characters stand nowhere but inside strings.
    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        self.write_string_fragment(writer, fragment)
    }
}

#[derive(Serialize)]
pub(super) struct RunJson<'a> {
    id: &'a str,
    label: Option<&'a str>,
    command: &'a str,
    started_utc: String,
    finished_utc: String,
    version: &'a str,
    rules_version: &'a str,
    inventory: &'a str,
    counts: &'a Counts,
    duration_s: f64,
    rules_selected: usize,
    rules_known: usize,
}

impl<'a> RunJson<'a> {
    pub(super) fn new(run: &'a Run) -> Self {
        Self {
            id: &run.head.id,
            label: run.head.label.as_deref(),
            command: &run.head.command,
            started_utc: utc(run.head.started),
            finished_utc: utc(run.finished),
            version: &run.head.version,
            rules_version: &run.head.rules_version,
            inventory: &run.head.inventory,
            counts: &run.overview.counts,
            // Milliseconds are as exact as the times of the store.
            duration_s: run.overview.took.as_secs_f64(),
            rules_selected: run.overview.rules.rules,
            rules_known: run.overview.rules.known,
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
    facts: &'a RawValue,
    unknown: &'a RawValue,
    verdicts: &'a RawValue,
    findings: Vec<FindingObject<'a>>,
    unparsed: &'a RawValue,
    reporting: &'a ReportingRow,
}

impl<'a> DeviceJson<'a> {
    fn new(run: &'a Head, device: &'a Device, details: &'a Details) -> Self {
        let row = &device.row;
        let known = |text: &'a str| (!text.is_empty()).then_some(text);
        Self {
            name: &row.name,
            address: &row.address,
            site: &row.site,
            role: &row.role,
            status: row.status,
            status_detail: &row.detail,
            health: row.health,
            platform: known(&row.platform),
            model: known(&row.model),
            os_version: known(&row.os_version),
            hostname: known(&row.hostname),
            facts: &details.facts,
            unknown: &details.unknown,
            verdicts: &details.verdicts,
            findings: device.findings.iter().map(|finding| FindingObject(run, finding)).collect(),
            unparsed: &details.unparsed,
            reporting: &row.reporting,
        }
    }
}

#[derive(Serialize)]
pub(super) struct RuleJson {
    id: &'static str,
    category: &'static str,
    severity: &'static str,
    title: &'static str,
    why: &'static str,
    next_step: String,
    source: &'static str,
}

impl RuleJson {
    pub(super) fn new(rule: &'static Rule) -> Self {
        Self {
            id: rule.id,
            category: rule.category.as_str(),
            severity: rule.severity.as_str(),
            title: rule.title,
            why: rule.why,
            next_step: rule.next_step(),
            source: rule.source,
        }
    }
}
