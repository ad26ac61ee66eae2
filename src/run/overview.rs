//! A run at a glance: every number and every group that a report shows, made in one reading of its devices.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::problems::{Grouping, Problem};
use crate::finding::Severity;
use crate::record::{Change, DeviceRow, Health, Member, Status, Tally};
use crate::store::{Past, Selected, Store};

/// A run at a glance.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The figures.
    pub counts: Counts,
    /// How long it took, from its beginning to the last device.
    pub took: Duration,
    /// How many of the rules it was judged by.
    pub rules: Selected,
    /// The problems, worst first, then by the number of devices. Waived findings are not among them.
    pub problems: Vec<Problem>,
    /// The core rules that could not be judged on devices that answered, the most frequent first.
    pub missing: Vec<MissingEvidence>,
    /// Open findings by rule and severity; those of the rules that the run judged are there, also with 0.
    pub by_rule: BTreeMap<(String, Severity), usize>,
}

/// The figures of a run: what all reports, the line of `--quiet` and the exit code rest on. Every status, health, severity and
/// change is there, also with 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Rows of the inventory that were selected.
    pub devices: usize,
    /// Devices by status.
    pub status: BTreeMap<Status, usize>,
    /// Devices by health.
    pub health: BTreeMap<Health, usize>,
    /// Open findings by severity; what is waived or resolved is not among them.
    pub findings: BTreeMap<Severity, usize>,
    /// Open findings by what became of them since the last run, and those that are resolved.
    pub change: BTreeMap<Change, usize>,
    /// Devices that count for `--max-unreachable`.
    pub not_audited: usize,
    /// Findings that somebody has accepted until a day that has not passed.
    pub waived: usize,
    /// Open findings that somebody had accepted until a day that has passed.
    pub waiver_expired: usize,
    /// Devices of which this run could not tell how they are.
    pub not_judged: usize,
    /// ACK deadlines of the devices.
    pub ack_deadlines: Deadlines,
}

/// ACK deadlines of devices, counted by how near they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// Past.
    pub past: usize,
    /// In 7 days at most.
    pub within_7_days: usize,
    /// In 8 to 30 days.
    pub within_30_days: usize,
    /// Later.
    pub later: usize,
    /// Not known, or none is set.
    pub unknown: usize,
    /// Days to the earliest that is not past.
    pub next_days: Option<i64>,
}

/// A core rule that could not be judged on devices that answered: without it none of them can be called healthy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingEvidence {
    /// The rule.
    pub rule: String,
    /// On how many devices.
    pub devices: usize,
    /// Why, on most of them: the beginning of the reason.
    pub reason: String,
}

impl Overview {
    /// Reads a run: its overview, and its devices in the order of the inventory.
    pub(super) fn read(store: &Store, run: &Past) -> io::Result<(Self, Vec<Arc<Member>>)> {
        let (mut roster, mut tally, mut grouping) = (Vec::new(), Tally::default(), Grouping::default());
        let mut missing = BTreeMap::<String, BTreeMap<String, usize>>::new();
        let zeros =
            run.head.rules.iter().flat_map(|rule| Severity::ALL.iter().map(|severity| (rule.clone(), *severity)));
        let mut by_rule: BTreeMap<_, _> = zeros.map(|series| (series, 0)).collect();
        store.each_row(&run.head.id, &mut |row, findings| {
            let member = Arc::new(Member::from(&row));
            tally.join(&row.tally);
            count_missing(&row, &mut missing);
            let open: Vec<_> = findings.iter().filter(|finding| finding.track.is_open()).collect();
            for finding in &open {
                *by_rule.entry((finding.rule.clone(), finding.severity)).or_default() += 1;
            }
            grouping.add(&member, &row.far_end, &open);
            roster.push(member);
            Ok(())
        })?;
        let (started, rules) = (run.head.started, run.head.selected());
        // A clock that was set back meanwhile makes no run of negative length.
        let took = run.finished.map_or(Duration::ZERO, |at| at.duration_since(started).try_into().unwrap_or_default());
        let counts = Counts::new(&roster, &tally);
        let (problems, missing) = (grouping.finish(), most_frequent(missing));
        Ok((Self { counts, took, rules, problems, missing, by_rule }, roster))
    }
}

fn count_missing(row: &DeviceRow, missing: &mut BTreeMap<String, BTreeMap<String, usize>>) {
    // A device that did not answer is listed as such, not as missing evidence.
    for core in row.core_unknown.iter().filter(|_| row.status.has_answered()) {
        *missing.entry(core.rule.clone()).or_default().entry(core.kind.clone()).or_default() += 1;
    }
}

fn most_frequent(missing: BTreeMap<String, BTreeMap<String, usize>>) -> Vec<MissingEvidence> {
    let rule = |(rule, reasons): (String, BTreeMap<String, usize>)| {
        let devices = reasons.values().sum();
        let reason = reasons.into_iter().max_by_key(|(_, count)| *count).map_or_else(String::new, |(why, _)| why);
        MissingEvidence { rule, devices, reason }
    };
    let mut missing: Vec<_> = missing.into_iter().map(rule).collect();
    missing.sort_by_key(|missing| Reverse(missing.devices));
    missing
}

impl Counts {
    /// The figures of these devices, with their findings.
    pub(crate) fn new(roster: &[Arc<Member>], findings: &Tally) -> Self {
        let devices = |wanted: &dyn Fn(&Member) -> bool| roster.iter().filter(|member| wanted(member)).count();
        let not_judged = devices(&Member::is_unjudged);
        let mut ack_deadlines = Deadlines::default();
        for member in roster {
            ack_deadlines.add(member.days_to_ack_deadline);
        }
        Self {
            devices: roster.len(),
            status: each(Status::ALL, |status| devices(&|member| member.status == status)),
            health: each(Health::ALL, |health| devices(&|member| member.health == health)),
            findings: each(Severity::ALL, |severity| findings.open(severity)),
            change: each(Change::ALL, |change| findings.change(change)),
            // A run that knows nothing must not look like success: where it could judge no device, it audited none.
            not_audited: devices(&|member| not_judged == roster.len() || !member.status.is_audited()),
            waived: findings.waived,
            waiver_expired: findings.waiver_expired,
            not_judged,
            ack_deadlines,
        }
    }

    /// Rows of `findings.csv`: what is open, waived or resolved.
    pub fn rows(&self) -> usize {
        self.change.values().sum::<usize>() + self.waived
    }

    /// Open findings.
    pub fn open(&self) -> usize {
        self.findings.values().sum()
    }

    /// Open findings at or above a severity: what `--fail-on` asks.
    pub fn at_or_above(&self, severity: Severity) -> usize {
        self.findings.range(..=severity).map(|(_, count)| count).sum()
    }

    /// True where there are devices, and this run could not tell of one of them how it is. What older runs found does not count.
    pub fn is_blind(&self) -> bool {
        self.devices > 0 && self.not_judged == self.devices
    }
}

impl Deadlines {
    fn add(&mut self, days: Option<i64>) {
        let bin = match days {
            None => &mut self.unknown,
            Some(..0) => &mut self.past,
            Some(..=7) => &mut self.within_7_days,
            Some(..=30) => &mut self.within_30_days,
            Some(_) => &mut self.later,
        };
        *bin += 1;
        let ahead = days.filter(|days| *days >= 0);
        self.next_days = self.next_days.into_iter().chain(ahead).min();
    }
}

/// Every value is there, also with 0.
fn each<T: Copy + Ord>(all: &[T], count: impl Fn(T) -> usize) -> BTreeMap<T, usize> {
    all.iter().map(|value| (*value, count(*value))).collect()
}
