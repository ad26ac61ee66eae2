//! The column contract: what every row about a finding and about a device holds, in the order of `findings.csv` and
//! `devices.csv`. Columns are only ever appended.
//!
//! The same columns are the keys of a finding in `report.json`, and the columns of the workbook and the page.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{rule, utc};
use crate::finding::Severity;
use crate::inventory::spelled;
use crate::record::{Change, DeviceRow, FindingRow};
use crate::remedy::{self, Step};
use crate::store::Head;

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
    /// A day.
    Day(Date),
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
            Self::Day(day) => serializer.collect_str(day),
        }
    }
}

spelled! {
    /// What the cells of a column hold, where they hold anything.
    Kind {
        /// [`Cell::Text`].
        Text = "text",
        /// [`Cell::Number`].
        Number = "number",
        /// [`Cell::Share`].
        Share = "share",
        /// [`Cell::Flag`].
        Flag = "yes or no",
        /// [`Cell::Time`].
        Time = "time (UTC)",
        /// [`Cell::Day`].
        Day = "day",
    }
}

/// One column: its name, what it means and holds, and its value in a row.
#[derive(Debug)]
pub struct Column<F: 'static> {
    /// The name in every format.
    pub name: &'static str,
    /// What it means, in a line.
    pub about: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// Its value.
    pub cell: F,
}

/// A value of a row about a finding, in a run.
pub type FindingCell = for<'a> fn(&'a Head, &'a FindingRow) -> Cell<'a>;
/// A value of a row about a device, in a run.
pub type DeviceCell = for<'a> fn(&'a Head, &'a DeviceRow) -> Cell<'a>;

/// Names of the inventory's own columns, as they stand in `devices.csv`. One that is called like a column of slaudit gets
/// `inventory_` before it: readers that find columns by name would take it for slaudit's.
pub fn extra_columns(run: &Head) -> impl Iterator<Item = Cow<'_, str>> {
    run.extra_columns.iter().map(|name| {
        let taken = DEVICES.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        if taken { Cow::Owned(format!("inventory_{name}")) } else { Cow::Borrowed(name.as_str()) }
    })
}

/// The values of a finding, in the order of [`FINDINGS`].
pub fn finding_cells<'a>(run: &'a Head, row: &'a FindingRow) -> impl Iterator<Item = Cell<'a>> {
    FINDINGS.iter().map(move |column| (column.cell)(run, row))
}

/// The values of a device, in the order of [`DEVICES`] and then of the inventory's own columns.
pub fn device_cells<'a>(run: &'a Head, row: &'a DeviceRow) -> impl Iterator<Item = Cell<'a>> {
    let own = DEVICES.iter().map(move |column| (column.cell)(run, row));
    own.chain((0..run.extra_columns.len()).map(|at| row.extra.get(at).map_or(Cell::Empty, |value| text(value))))
}

/// A finding with its run, as an object whose keys are the columns.
#[derive(Debug, Clone, Copy)]
pub struct FindingObject<'a>(pub &'a Head, pub &'a FindingRow);

impl Serialize for FindingObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(FINDINGS.len() + 1))?;
        for (column, cell) in FINDINGS.iter().zip(finding_cells(self.0, self.1)) {
            map.serialize_entry(column.name, &cell)?;
        }
        map.serialize_entry("next_steps", &StepObject::all(&self.1.steps))?;
        map.end()
    }
}

/// A step of a finding: its commands are lines that can be pasted, from privileged EXEC mode on.
#[derive(Serialize)]
pub(super) struct StepObject<'a> {
    id: &'a str,
    text: Cow<'a, str>,
    commands: Vec<&'a str>,
}

impl<'a> StepObject<'a> {
    pub(super) fn all(steps: &'a [Step]) -> Vec<Self> {
        steps.iter().map(Self::new).collect()
    }

    fn new(step: &'a Step) -> Self {
        let is_choice = !step.when.is_empty();
        let text = if is_choice { format!("{}: {}", step.when, step.text).into() } else { (&*step.text).into() };
        Self { id: &step.id, text, commands: remedy::lines(&step.commands) }
    }
}

fn text(value: &str) -> Cell<'_> {
    Cell::Text(Cow::Borrowed(value))
}

fn number(value: impl TryInto<i64>) -> Cell<'static> {
    Cell::Number(value.try_into().unwrap_or(i64::MAX))
}

/// Empty text is not known.
fn known(value: &str) -> Cell<'_> {
    if value.is_empty() { Cell::Empty } else { text(value) }
}

fn optional<'a, T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'a>) -> Cell<'a> {
    value.map_or(Cell::Empty, cell)
}

const fn finding(name: &'static str, about: &'static str, cell: FindingCell) -> Column<FindingCell> {
    Column { name, about, kind: Kind::Text, cell }
}

const fn device(name: &'static str, about: &'static str, cell: DeviceCell) -> Column<DeviceCell> {
    Column { name, about, kind: Kind::Text, cell }
}

impl<F: Copy> Column<F> {
    /// The same with cells of another kind than text.
    const fn of(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

/// The columns of `findings.csv`.
pub static FINDINGS: &[Column<FindingCell>] = &[
    finding("change", "new, persisting, reopened, resolved or unverified, against the last run", |_, row| {
        text(row.track.change.as_str())
    }),
    finding("severity", "critical, high, medium, low or info", |_, row| text(row.severity.as_str())),
    finding("device", "name in the inventory", |_, row| text(&row.device)),
    finding("site", "site in the inventory", |_, row| text(&row.site)),
    finding("rule", "id of the rule; slaudit explain RULE tells more", |_, row| text(&row.rule)),
    finding("title", "the problem in a few words", |_, row| {
        text(rule(&row.rule).map_or(row.rule.as_str(), |rule| rule.title))
    }),
    finding("subject", "what inside the device: a unit, a profile, a channel; empty for the whole device", |_, row| {
        text(&row.subject)
    }),
    finding("observed", "what the device shows", |_, row| text(&row.observed)),
    finding("expected", "what would be right", |_, row| text(&row.expected)),
    finding("cause", "rule of the finding that explains this one, else the class of the failure", |_, row| {
        text(row.cause())
    }),
    finding("next_step", "what to do", |_, row| text(&row.next_step)),
    finding("deadline_utc", "the deadline at stake, where the device's offset to UTC is known", |_, row| {
        optional(row.deadline, Cell::Time)
    })
    .of(Kind::Time),
    finding("days_left", "days to it by the device's own clock; negative when past", |_, row| {
        optional(row.days_left, Cell::Number)
    })
    .of(Kind::Number),
    finding("category", "part of the catalogue of rules", |_, row| {
        text(rule(&row.rule).map_or("", |rule| rule.category.as_str()))
    }),
    finding("state", "open, waived or waiver_expired", |_, row| text(row.track.state.as_str())),
    finding("waiver_until", "last day of the waiver", |_, row| optional(row.track.waiver_until, Cell::Day))
        .of(Kind::Day),
    finding("waiver_reason", "why it was waived", |_, row| text(&row.track.waiver_reason)),
    finding("first_seen_utc", "first run that saw it", |_, row| Cell::Time(row.track.first_seen)).of(Kind::Time),
    finding("last_seen_utc", "last run that saw it", |_, row| Cell::Time(row.track.last_seen)).of(Kind::Time),
    finding("runs_seen", "how many runs saw it", |_, row| number(row.track.runs_seen)).of(Kind::Number),
    finding("address", "address in the inventory", |_, row| text(&row.address)),
    finding("platform", "iosxe, ios, nxos, iosxr or asa", |_, row| text(&row.platform)),
    finding("os_version", "software release", |_, row| text(&row.os_version)),
    finding("serial", "serial number of the chassis", |_, row| text(&row.serial)),
    finding("evidence_command", "the command whose output proves it", |_, row| {
        text(row.proof.as_ref().map_or("", |proof| proof.command.as_str()))
    }),
    finding("evidence", "the line that proves it", |_, row| {
        text(row.proof.as_ref().map_or("", |proof| proof.text.as_str()))
    }),
    finding("evidence_line", "its line number in that output, from 1", |_, row| {
        optional(row.proof.as_ref(), |proof| number(proof.line))
    })
    .of(Kind::Number),
    finding("fingerprint", "the same in every run for the same problem", |_, row| text(&row.fingerprint)),
    finding("run_id", "id of the run", |run, _| text(&run.id)),
];

/// The columns of `devices.csv`, without the inventory's own.
pub static DEVICES: &[Column<DeviceCell>] = &[
    device("device", "name in the inventory", |_, row| text(&row.name)),
    device("site", "site in the inventory", |_, row| text(&row.site)),
    device("role", "role in the inventory", |_, row| text(&row.role)),
    device("address", "address in the inventory", |_, row| text(&row.address)),
    device("status", "how the audit of the device went", |_, row| text(row.status.as_str())),
    device("status_detail", "what to do first, then what happened", |_, row| text(&row.detail)),
    device("health", "ok, problem or unknown", |_, row| text(row.health.as_str())),
    device("worst_severity", "worst severity of its open findings", |_, row| {
        optional(row.tally.worst(), |severity| text(severity.as_str()))
    }),
    device("n_critical", "critical findings", |_, row| number(row.tally.open(Severity::Critical))).of(Kind::Number),
    device("n_high", "high findings", |_, row| number(row.tally.open(Severity::High))).of(Kind::Number),
    device("n_medium", "medium findings", |_, row| number(row.tally.open(Severity::Medium))).of(Kind::Number),
    device("n_low", "low findings", |_, row| number(row.tally.open(Severity::Low))).of(Kind::Number),
    device("n_info", "informational findings", |_, row| number(row.tally.open(Severity::Info))).of(Kind::Number),
    device("n_new", "open findings that the last run did not have", |_, row| number(row.tally.change(Change::New)))
        .of(Kind::Number),
    device("n_resolved", "findings of the last run that are gone", |_, row| number(row.tally.change(Change::Resolved)))
        .of(Kind::Number),
    device("n_unknown", "rules without the evidence to judge", |_, row| number(row.n_unknown)).of(Kind::Number),
    device("transport", "smart, callhome, cslu or off", |_, row| known(&row.transport)),
    device("url", "where usage reports are sent to", |_, row| text(row.reporting.url.as_deref().unwrap_or_default())),
    device("last_ack", "last ACK received, as printed", |_, row| text(&row.last_ack)),
    device("ack_deadline", "next ACK deadline, as printed", |_, row| text(&row.ack_deadline)),
    device("days_to_ack_deadline", "days to it by the device's own clock; negative when past", |_, row| {
        optional(row.reporting.days_to_ack_deadline, Cell::Number)
    })
    .of(Kind::Number),
    device("trust", "trust codes: installed, partial, missing or not_needed", |_, row| text(&row.trust)),
    device("clock_synchronized", "whether the clock follows NTP", |_, row| {
        optional(row.clock_synchronized, Cell::Flag)
    })
    .of(Kind::Flag),
    device("clock_offset_s", "device's clock minus collector's, in seconds", |_, row| {
        optional(row.clock_offset_s, Cell::Number)
    })
    .of(Kind::Number),
    device("smart_account", "Smart Account", |_, row| optional(row.smart_account.as_deref(), text)),
    device("virtual_account", "Virtual Account", |_, row| optional(row.virtual_account.as_deref(), text)),
    device("platform", "iosxe, ios, nxos, iosxr or asa", |_, row| text(&row.platform)),
    device("model", "chassis model", |_, row| text(&row.model)),
    device("os_version", "software release", |_, row| text(&row.os_version)),
    device("serial", "serial number of the chassis", |_, row| text(&row.serial)),
    device("members", "serial numbers of all units, as printed", |_, row| optional(row.members.as_deref(), text)),
    device("hostname_seen", "host name the device gives itself", |_, row| text(&row.hostname)),
    device("auth_method", "how the login was made", |_, row| text(&row.contact.auth_method)),
    device("ssh_kex", "key exchange of the SSH session", |_, row| text(&row.contact.ssh_kex)),
    device("ssh_host_key", "host key of the device", |_, row| text(&row.contact.ssh_host_key)),
    device("path", "jump hosts on the way, or direct", |_, row| text(&row.contact.path)),
    device("attempts", "connections tried", |_, row| number(row.contact.attempts)).of(Kind::Number),
    device("duration_ms", "from the first connection to the last byte", |_, row| {
        optional(row.contact.started, |_| number(row.contact.took.as_millis()))
    })
    .of(Kind::Number),
    device("started_utc", "first connection", |_, row| optional(row.contact.started, Cell::Time)).of(Kind::Time),
    device("last_audited_utc", "last run that could read the device", |_, row| optional(row.last_audited, Cell::Time))
        .of(Kind::Time),
    device("unparsed_lines", "lines of known parts that were not understood", |_, row| number(row.unparsed_lines))
        .of(Kind::Number),
    device("commands_refused", "commands the device refused", |_, row| Cell::Text(row.refused.join("; ").into())),
    device("coverage", "share of the applicable rules that could be judged", |_, row| {
        optional(row.coverage, Cell::Share)
    })
    .of(Kind::Share),
    device("topology", "how usage reports travel", |_, row| {
        optional(row.reporting.topology, |topology| text(topology.as_str()))
    }),
    device("run_id", "id of the run", |run, _| text(&run.id)),
];
