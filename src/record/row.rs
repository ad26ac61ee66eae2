//! What is kept of a device: a row for lists, a row a finding, and the details that only a closer look needs.
//!
//! Rows hold what this release read and judged, as text and numbers: a store of years must not depend on today's facts and rules.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Contact, DeviceRecord, Health, Status, Tally, Track, glance};
use crate::fact::{DeviceTime, Evidence};
use crate::facts::{Reporting, ReportingRow};
use crate::finding::{FailureClass, Finding, Severity};
use crate::reading::Unparsed;
use crate::remedy::Step;
use crate::rules;

/// A device for lists: what `devices.csv` says of it, and what is needed to group devices.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceRow {
    /// Name in the inventory.
    pub name: String,
    /// Site in the inventory.
    pub site: String,
    /// Role in the inventory.
    pub role: String,
    /// Address in the inventory.
    pub address: String,
    /// Values of the inventory's own extra columns.
    pub extra: Vec<String>,
    /// How it went.
    pub status: Status,
    /// What to do first, then what happened.
    pub detail: String,
    /// How it was reached.
    pub contact: Contact,
    /// Rules without the evidence to judge.
    pub n_unknown: usize,
    /// `smart`, `callhome`, `cslu`, `off`; empty where not known.
    pub transport: String,
    /// How it reports.
    pub reporting: ReportingRow,
    /// Host and port of the server: what devices with one broken server have in common.
    pub far_end: String,
    /// As printed.
    pub last_ack: String,
    /// As printed.
    pub ack_deadline: String,
    /// `installed`, `partial`, `missing` or `not_needed`.
    pub trust: String,
    /// Whether the clock follows NTP.
    pub clock_synchronized: Option<bool>,
    /// Device minus collector, in seconds.
    pub clock_offset_s: Option<i64>,
    /// Smart Account; `None` where there is none, or it is not known.
    pub smart_account: Option<String>,
    /// Virtual Account.
    pub virtual_account: Option<String>,
    /// `iosxe`, `ios`, `nxos`, `iosxr`, `asa`; empty where not known.
    pub platform: String,
    /// Chassis model.
    pub model: String,
    /// Software release.
    pub os_version: String,
    /// Serial number of the chassis.
    pub serial: String,
    /// Serial numbers of all units; `None` where they are not known.
    pub members: Option<String>,
    /// Host name the device gives itself.
    pub hostname: String,
    /// Lines of known parts that were not understood.
    pub unparsed_lines: usize,
    /// Commands the device refused.
    pub refused: Vec<String>,
    /// Share of the applicable rules that could be judged.
    pub coverage: Option<f64>,
    /// Core rules that failed.
    pub core_failed: Vec<String>,
    /// Core rules that could not be judged.
    pub core_unknown: Vec<CoreUnknown>,
    /// Whether it is healthy, with what is known from other runs and of waivers.
    #[serde(skip)]
    pub health: Health,
    /// Its findings, counted.
    #[serde(skip)]
    pub tally: Tally,
    /// Start of the last run that could read it.
    #[serde(skip)]
    pub last_audited: Option<Timestamp>,
}

/// A core rule that could not be judged: without it the device cannot be called healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreUnknown {
    /// The rule.
    pub rule: String,
    /// The kind of reason, without the words of the device.
    pub kind: String,
}

/// A problem on a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRow {
    /// How bad it is.
    pub severity: Severity,
    /// Name of the device in the inventory.
    pub device: String,
    /// Its site.
    pub site: String,
    /// Id of the rule.
    pub rule: String,
    /// What inside the device.
    pub subject: String,
    /// What the device shows.
    pub observed: String,
    /// What would be right.
    pub expected: String,
    /// Why it fails, where the device says so.
    pub class: Option<FailureClass>,
    /// The rule whose finding on the same device explains this one.
    pub explained_by: Option<String>,
    /// What to do, in one line.
    pub next_step: String,
    /// The steps of it; none in what releases kept that had none.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The deadline at stake, where the device's offset to UTC is known.
    pub deadline: Option<Timestamp>,
    /// Days to it by the device's own clock, when it was seen.
    pub days_left: Option<i64>,
    /// Address of the device.
    pub address: String,
    /// Its platform.
    pub platform: String,
    /// Its software release.
    pub os_version: String,
    /// Its serial number.
    pub serial: String,
    /// The line that proves it.
    pub proof: Option<Proof>,
    /// The same in every run for the same problem.
    pub fingerprint: String,
    /// What other runs and waivers say about it.
    #[serde(skip)]
    pub track: Track,
}

/// The line that proves something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The command whose output it stands in.
    pub command: String,
    /// Its number there, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl From<&Evidence> for Proof {
    fn from(evidence: &Evidence) -> Self {
        Self { command: evidence.command.to_owned(), line: evidence.line, text: evidence.text.clone() }
    }
}

/// A rule's verdict on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// Id of the rule.
    pub rule: String,
    /// `pass`, `fail`, `not_applicable` or `unknown`.
    pub verdict: String,
    /// Why, where there is something to say.
    pub reason: String,
}

impl VerdictRow {
    /// True where the evidence is missing.
    pub(crate) fn is_unknown(&self) -> bool {
        self.verdict == "unknown"
    }

    /// True where the rule looked at the device and had its evidence: it passed, failed, or does not apply. One that was switched
    /// off looked at nothing.
    pub(crate) fn has_looked(&self) -> bool {
        !self.is_unknown() && self.reason != rules::SWITCHED_OFF
    }
}

/// What a closer look at a device shows, as the JSON texts of `report.json`: most readers pass them on unread.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Details {
    /// Every fact by its key; null where it is not known.
    pub facts: Box<RawValue>,
    /// Why facts are not known, by key.
    pub unknown: Box<RawValue>,
    /// The line that proves a known fact, by key: a [`Proof`] each.
    pub evidence: Box<RawValue>,
    /// A list of [`VerdictRow`], one a rule of the catalogue.
    pub verdicts: Box<RawValue>,
    /// Lines that were not understood.
    pub unparsed: Box<RawValue>,
}

impl Details {
    /// The verdicts.
    ///
    /// # Errors
    /// Where the text is not what slaudit writes.
    pub fn verdicts(&self) -> serde_json::Result<Vec<VerdictRow>> {
        serde_json::from_str(self.verdicts.get())
    }

    /// What a closer look at a device shows.
    ///
    /// # Errors
    /// Where a fact has no JSON form; no value of a device can bring that about.
    pub(crate) fn new(record: &DeviceRecord) -> serde_json::Result<Self> {
        let facts = &record.reading.facts;
        let (mut values, mut unknown, mut evidence) = (Map::new(), Map::new(), Map::new());
        facts.for_each(|key, fact| {
            let value = fact.unwrap_or_else(|why| {
                unknown.insert(key.to_owned(), Value::String(why.to_string()));
                Value::Null
            });
            values.insert(key.to_owned(), value);
        });
        facts.for_each_evidence(|key, line| {
            evidence.insert(key.to_owned(), serde_json::to_value(line).unwrap_or(Value::Null));
        });
        let verdicts = glance::verdicts(record);
        let unparsed: &Vec<Unparsed> = &record.reading.unparsed;
        Ok(Self {
            facts: serde_json::value::to_raw_value(&values)?,
            unknown: serde_json::value::to_raw_value(&unknown)?,
            evidence: serde_json::value::to_raw_value(&evidence)?,
            verdicts: serde_json::value::to_raw_value(&verdicts)?,
            unparsed: serde_json::value::to_raw_value(unparsed)?,
        })
    }
}

impl DeviceRow {
    /// The row of a device.
    pub(crate) fn new(record: &DeviceRecord) -> Self {
        let verdicts = glance::verdicts(record);
        let core = |row: &&VerdictRow| rules::find(&row.rule).is_some_and(|rule| rule.core);
        let core_unknown = |row: &VerdictRow| CoreUnknown {
            rule: row.rule.clone(),
            // The words of each device differ; what stands before the colon is the kind.
            kind: row.reason.split(':').next().unwrap_or_default().to_owned(),
        };
        let (device, reading, facts) = (&record.device, &record.reading, &record.reading.facts);
        let reporting = Reporting::new(facts, &device.expect);
        let account = |fact: &crate::fact::Fact<Option<String>>| fact.value().cloned().flatten();
        let units = |units: &Vec<crate::facts::Udi>| {
            units.iter().map(|unit| unit.serial.as_str()).collect::<Vec<_>>().join("; ")
        };
        Self {
            name: device.name.clone(),
            site: device.site.clone(),
            role: device.role.clone(),
            address: device.address.clone(),
            extra: device.extra.clone(),
            status: record.status,
            detail: record.detail.clone(),
            contact: record.contact.clone(),
            n_unknown: verdicts.iter().filter(|row| row.is_unknown()).count(),
            transport: facts.transport_type.value().map_or("", |transport| transport.as_str()).to_owned(),
            reporting: reporting.row(),
            far_end: reporting.far_end(),
            last_ack: glance::printed(&facts.last_ack).to_owned(),
            ack_deadline: glance::printed(&facts.next_ack_deadline).to_owned(),
            trust: glance::trust(facts).to_owned(),
            clock_synchronized: facts.ntp_synchronized.value().copied(),
            clock_offset_s: facts.clock_offset_s.value().copied(),
            smart_account: account(&facts.smart_account),
            virtual_account: account(&facts.virtual_account),
            platform: glance::platform(record).to_owned(),
            model: glance::text(&facts.model).to_owned(),
            os_version: glance::text(&facts.os_version).to_owned(),
            serial: glance::serial(facts).to_owned(),
            members: facts.udis.value().map(units),
            hostname: glance::hostname(record).to_owned(),
            unparsed_lines: reading.unparsed.len(),
            refused: reading.refused.iter().map(|(command, _)| (*command).to_owned()).collect(),
            coverage: glance::coverage(&verdicts),
            core_failed: verdicts
                .iter()
                .filter(|row| row.verdict == "fail")
                .filter(core)
                .map(|row| row.rule.clone())
                .collect(),
            core_unknown: verdicts.iter().filter(|row| row.is_unknown()).filter(core).map(core_unknown).collect(),
            health: Health::Unknown,
            tally: Tally::default(),
            last_audited: None,
        }
    }

    /// True where this run could judge at least one rule on the device.
    pub(crate) fn has_evidence(&self) -> bool {
        self.coverage.is_some_and(|share| share > 0.0)
    }
}

impl FindingRow {
    /// The rows of the findings of a device, worst first.
    pub(crate) fn all_of(record: &DeviceRecord) -> Vec<Self> {
        record.judgement.findings.iter().map(|finding| Self::new(record, finding)).collect()
    }

    fn new(record: &DeviceRecord, finding: &Finding) -> Self {
        let (device, facts, problem) = (&record.device, &record.reading.facts, &finding.problem);
        Self {
            severity: problem.severity,
            device: device.name.clone(),
            site: device.site.clone(),
            rule: finding.rule.to_owned(),
            subject: problem.subject.clone(),
            observed: problem.observed.clone(),
            expected: problem.expected.clone(),
            class: problem.class,
            explained_by: finding.explained_by.map(ToOwned::to_owned),
            next_step: problem.next_step(),
            steps: problem.steps.clone(),
            deadline: problem.deadline.as_ref().and_then(DeviceTime::utc),
            days_left: problem.days_left,
            address: device.address.clone(),
            platform: glance::platform(record).to_owned(),
            os_version: glance::text(&facts.os_version).to_owned(),
            serial: glance::serial(facts).to_owned(),
            proof: problem.evidence.as_ref().map(Proof::from),
            fingerprint: finding.fingerprint.as_str().to_owned(),
            track: Track::default(),
        }
    }

    /// The column `cause`: the explaining rule, else the failure class, else empty.
    pub fn cause(&self) -> &str {
        self.explained_by.as_deref().or_else(|| self.class.map(FailureClass::as_str)).unwrap_or_default()
    }
}
