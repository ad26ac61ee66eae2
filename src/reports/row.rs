//! The column contract: what every row about a finding and about a device holds, in the order of `findings.csv` and
//! `devices.csv`. Columns are only ever appended.
//!
//! The same columns are the keys of a finding in `report.json`, and the columns of the workbook and the page.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{glance, rule, utc};
use crate::finding::{Finding, Severity};
use crate::run::{Change, DeviceRecord, Run, Status, Track};

/// A value with its type, so that each format can show it in its own way. Text is as it was read: hostile.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Not known, or there is none.
    Empty,
    /// Text; a format that shows it makes it safe.
    Text(Cow<'a, str>),
    /// A number that slaudit counted.
    Number(i64),
    /// From 0 to 1.
    Share(f64),
    /// Yes or no.
    Flag(bool),
    /// A moment.
    Time(Timestamp),
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Share(share) => serializer.serialize_f64((share * 100.0).round() / 100.0),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Time(time) => serializer.serialize_str(&utc(*time)),
        }
    }
}

/// One column: its name, what it means, and its value in a row.
#[derive(Debug)]
pub struct Column<F: 'static> {
    /// The name in every format.
    pub name: &'static str,
    /// What it means, in a line.
    pub about: &'static str,
    /// Its value.
    pub cell: F,
}

/// A value of a row about a finding.
pub type FindingCell = for<'a> fn(&FindingRow<'a>) -> Cell<'a>;
/// A value of a row about a device.
pub type DeviceCell = for<'a> fn(&DeviceRow<'a>) -> Cell<'a>;

/// A row about a finding.
#[derive(Debug, Clone)]
pub struct FindingRow<'a> {
    run: &'a Run,
    record: &'a DeviceRecord,
    finding: &'a Finding,
    track: Track,
}

/// A row about a device.
#[derive(Debug, Clone, Copy)]
pub struct DeviceRow<'a> {
    run: &'a Run,
    record: &'a DeviceRecord,
}

/// Every finding of a run, sorted by severity, site, device, rule, subject.
pub fn findings(run: &Run) -> Vec<FindingRow<'_>> {
    let mut rows: Vec<_> = run.devices.iter().flat_map(|record| findings_of(run, record)).collect();
    rows.sort_by(|a, b| a.order().cmp(&b.order()));
    rows
}

/// The findings of one device, in the same order.
pub fn findings_of<'a>(run: &'a Run, record: &'a DeviceRecord) -> Vec<FindingRow<'a>> {
    let row = |finding| FindingRow { run, record, finding, track: run.track(finding) };
    let mut rows: Vec<_> = record.judgement.findings.iter().map(row).collect();
    rows.sort_by(|a, b| a.order().cmp(&b.order()));
    rows
}

/// Every device of a run, in the order of the inventory.
pub fn devices(run: &Run) -> impl Iterator<Item = DeviceRow<'_>> {
    run.devices.iter().map(move |record| DeviceRow { run, record })
}

/// Names of the inventory's own columns, as they stand in `devices.csv`. One that is called like a column of slaudit gets
/// `inventory_` before it: readers that find columns by name would take it for slaudit's.
pub fn extra_columns(run: &Run) -> impl Iterator<Item = Cow<'_, str>> {
    run.extra_columns.iter().map(|name| {
        let taken = DEVICES.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        if taken { Cow::Owned(format!("inventory_{name}")) } else { Cow::Borrowed(name.as_str()) }
    })
}

impl<'a> FindingRow<'a> {
    /// The values, in the order of [`FINDINGS`].
    pub fn cells(&self) -> impl Iterator<Item = Cell<'a>> {
        FINDINGS.iter().map(move |column| (column.cell)(self))
    }

    fn order(&self) -> (Severity, &str, &str, &str, &str) {
        let problem = &self.finding.problem;
        (problem.severity, &self.record.device.site, &self.record.device.name, self.finding.rule, &problem.subject)
    }
}

impl<'a> DeviceRow<'a> {
    /// The values, in the order of [`DEVICES`] and then of the inventory's own columns.
    pub fn cells(self) -> impl Iterator<Item = Cell<'a>> {
        let own = DEVICES.iter().map(move |column| (column.cell)(&self));
        let extra = &self.record.device.extra;
        own.chain((0..self.run.extra_columns.len()).map(|at| extra.get(at).map_or(Cell::Empty, |value| text(value))))
    }
}

impl Serialize for FindingRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FINDINGS.len()))?;
        for (column, cell) in FINDINGS.iter().zip(self.cells()) {
            map.serialize_entry(column.name, &cell)?;
        }
        map.end()
    }
}

fn text(value: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(value))
}

fn number(value: impl TryInto<i64>) -> Cell<'static> {
    Cell::Number(value.try_into().unwrap_or(i64::MAX))
}

fn optional<'a, T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'a>) -> Cell<'a> {
    value.map_or(Cell::Empty, cell)
}

const fn finding(name: &'static str, about: &'static str, cell: FindingCell) -> Column<FindingCell> {
    Column { name, about, cell }
}

const fn device(name: &'static str, about: &'static str, cell: DeviceCell) -> Column<DeviceCell> {
    Column { name, about, cell }
}

/// The columns of `findings.csv`.
pub static FINDINGS: &[Column<FindingCell>] = &[
    finding("change", "new, persisting, reopened, resolved or unverified, against the last run", |row| {
        text(row.track.change.as_str())
    }),
    finding("severity", "critical, high, medium, low or info", |row| text(row.finding.problem.severity.as_str())),
    finding("device", "name in the inventory", |row| text(&row.record.device.name)),
    finding("site", "site in the inventory", |row| text(&row.record.device.site)),
    finding("rule", "id of the rule; slaudit explain RULE tells more", |row| text(row.finding.rule)),
    finding("title", "the problem in a few words", |row| {
        text(rule(row.finding.rule).map_or(row.finding.rule, |r| r.title))
    }),
    finding("subject", "what inside the device: a unit, a profile, a channel; empty for the whole device", |row| {
        text(&row.finding.problem.subject)
    }),
    finding("observed", "what the device shows", |row| text(&row.finding.problem.observed)),
    finding("expected", "what would be right", |row| text(&row.finding.problem.expected)),
    finding("cause", "rule of the finding that explains this one, else the class of the failure", |row| {
        text(row.finding.cause())
    }),
    finding("next_step", "what to do", |row| text(next_step(row.finding))),
    finding("deadline_utc", "the deadline at stake, where the device's offset to UTC is known", |row| {
        optional(row.finding.problem.deadline.as_ref().and_then(crate::fact::DeviceTime::utc), Cell::Time)
    }),
    finding("days_left", "days to it by the device's own clock; negative when past", |row| {
        optional(row.finding.problem.days_left, Cell::Number)
    }),
    finding("category", "part of the catalogue of rules", |row| {
        text(rule(row.finding.rule).map_or("", |rule| rule.category.as_str()))
    }),
    finding("state", "open, waived or waiver_expired", |row| text(row.track.state.as_str())),
    finding("waiver_until", "last day of the waiver", |row| {
        optional(row.track.waiver_until, |day| Cell::Text(day.to_string().into()))
    }),
    finding("waiver_reason", "why it was waived", |row| Cell::Text(row.track.waiver_reason.clone().into())),
    finding("first_seen_utc", "first run that saw it", |row| Cell::Time(row.track.first_seen)),
    finding("last_seen_utc", "last run that saw it", |row| Cell::Time(row.track.last_seen)),
    finding("runs_seen", "how many runs saw it", |row| number(row.track.runs_seen)),
    finding("address", "address in the inventory", |row| text(&row.record.device.address)),
    finding("platform", "iosxe, ios, nxos, iosxr or asa", |row| text(glance::platform(row.record))),
    finding("os_version", "software release", |row| text(glance::text(&row.record.reading.facts.os_version))),
    finding("serial", "serial number of the chassis", |row| text(glance::serial(&row.record.reading.facts))),
    finding("evidence_command", "the command whose output proves it", |row| {
        text(row.finding.problem.evidence.as_ref().map_or("", |evidence| evidence.command))
    }),
    finding("evidence", "the line that proves it", |row| {
        text(row.finding.problem.evidence.as_ref().map_or("", |evidence| evidence.text.as_str()))
    }),
    finding("evidence_line", "its line number in that output, from 1", |row| {
        optional(row.finding.problem.evidence.as_ref(), |evidence| number(evidence.line))
    }),
    finding("fingerprint", "the same in every run for the same problem", |row| text(row.finding.fingerprint.as_str())),
    finding("run_id", "id of the run", |row| text(&row.run.id)),
];

/// What to do about a finding.
pub(crate) fn next_step(finding: &Finding) -> &str {
    finding.problem.next_step.as_deref().or_else(|| rule(finding.rule).map(|rule| rule.next_step)).unwrap_or_default()
}

/// The columns of `devices.csv`, without the inventory's own.
pub static DEVICES: &[Column<DeviceCell>] = &[
    device("device", "name in the inventory", |row| text(&row.record.device.name)),
    device("site", "site in the inventory", |row| text(&row.record.device.site)),
    device("role", "role in the inventory", |row| text(&row.record.device.role)),
    device("address", "address in the inventory", |row| text(&row.record.device.address)),
    device("status", "how the audit of the device went", |row| text(row.record.status.as_str())),
    device("status_detail", "what to do first, then what happened", |row| text(&row.record.detail)),
    device("health", "ok, problem or unknown", |row| text(row.record.health.as_str())),
    device("worst_severity", "worst severity of its findings", |row| {
        optional(row.record.worst(), |finding| text(finding.problem.severity.as_str()))
    }),
    device("n_critical", "critical findings", |row| number(glance::count(row.record, Severity::Critical))),
    device("n_high", "high findings", |row| number(glance::count(row.record, Severity::High))),
    device("n_medium", "medium findings", |row| number(glance::count(row.record, Severity::Medium))),
    device("n_low", "low findings", |row| number(glance::count(row.record, Severity::Low))),
    device("n_info", "informational findings", |row| number(glance::count(row.record, Severity::Info))),
    device("n_new", "findings that the last run did not have", |row| changed(row, Change::New)),
    device("n_resolved", "findings of the last run that are gone", |row| changed(row, Change::Resolved)),
    device("n_unknown", "rules without the evidence to judge", |row| {
        number(glance::verdicts(row.record).iter().filter(|(_, verdict, _)| *verdict == "unknown").count())
    }),
    device("transport", "smart, callhome, cslu or off", |row| {
        optional(row.record.reading.facts.transport_type.value(), |transport| text(transport.as_str()))
    }),
    device("url", "where usage reports are sent to", |row| text(glance::url(&row.record.reading.facts))),
    device("last_ack", "last ACK received, as printed", |row| {
        text(glance::printed(&row.record.reading.facts.last_ack))
    }),
    device("ack_deadline", "next ACK deadline, as printed", |row| {
        text(glance::printed(&row.record.reading.facts.next_ack_deadline))
    }),
    device("days_to_ack_deadline", "days to it by the device's own clock; negative when past", |row| {
        optional(glance::days_to_deadline(&row.record.reading.facts), Cell::Number)
    }),
    device("trust", "trust codes: installed, partial, missing or not_needed", |row| {
        text(glance::trust(&row.record.reading.facts))
    }),
    device("clock_synchronized", "whether the clock follows NTP", |row| {
        optional(row.record.reading.facts.ntp_synchronized.value(), |synchronized| Cell::Flag(*synchronized))
    }),
    device("clock_offset_s", "device's clock minus collector's, in seconds", |row| {
        optional(row.record.reading.facts.clock_offset_s.value(), |offset| Cell::Number(*offset))
    }),
    device("smart_account", "Smart Account", |row| {
        optional(row.record.reading.facts.smart_account.value().and_then(Option::as_deref), text)
    }),
    device("virtual_account", "Virtual Account", |row| {
        optional(row.record.reading.facts.virtual_account.value().and_then(Option::as_deref), text)
    }),
    device("platform", "iosxe, ios, nxos, iosxr or asa", |row| text(glance::platform(row.record))),
    device("model", "chassis model", |row| text(glance::text(&row.record.reading.facts.model))),
    device("os_version", "software release", |row| text(glance::text(&row.record.reading.facts.os_version))),
    device("serial", "serial number of the chassis", |row| text(glance::serial(&row.record.reading.facts))),
    device("members", "serial numbers of all units, as printed", |row| {
        optional(row.record.reading.facts.udis.value(), |units| {
            Cell::Text(units.iter().map(|unit| unit.serial.as_str()).collect::<Vec<_>>().join("; ").into())
        })
    }),
    device("hostname_seen", "host name the device gives itself", |row| text(glance::hostname(row.record))),
    device("auth_method", "how the login was made", |row| text(&row.record.contact.auth_method)),
    device("ssh_kex", "key exchange of the SSH session", |row| text(&row.record.contact.ssh_kex)),
    device("ssh_host_key", "host key of the device", |row| text(&row.record.contact.ssh_host_key)),
    device("path", "jump hosts on the way, or direct", |row| text(&row.record.contact.path)),
    device("attempts", "connections tried", |row| number(row.record.contact.attempts)),
    device("duration_ms", "from the first connection to the last byte", |row| {
        optional(row.record.contact.started, |_| number(row.record.contact.took.as_millis()))
    }),
    device("started_utc", "first connection", |row| optional(row.record.contact.started, Cell::Time)),
    device("last_audited_utc", "last run that could read the device", |row| match row.record.status {
        Status::Audited | Status::Partial => Cell::Time(row.run.started),
        _ => Cell::Empty,
    }),
    device("unparsed_lines", "lines of known parts that were not understood", |row| {
        number(row.record.reading.unparsed.len())
    }),
    device("commands_refused", "commands the device refused", |row| {
        let commands: Vec<_> = row.record.reading.refused.iter().map(|(command, _)| *command).collect();
        Cell::Text(commands.join("; ").into())
    }),
    device("coverage", "share of the applicable rules that could be judged", |row| {
        optional(glance::coverage(row.record), Cell::Share)
    }),
    device("topology", "how usage reports travel", |row| {
        optional(glance::topology(row.record), |topology| text(topology.as_str()))
    }),
    device("run_id", "id of the run", |row| text(&row.run.id)),
];

fn changed(row: &DeviceRow<'_>, change: Change) -> Cell<'static> {
    number(row.record.judgement.findings.iter().filter(|finding| row.run.track(finding).change == change).count())
}
