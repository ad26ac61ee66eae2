//! Findings of all devices joined by cause: one problem is one rule, one class of failure and one far end, with every device
//! it is seen on.
//!
//! A CSLU that is down on 400 devices is one problem with 400 devices, and the ACK deadlines it makes some of them miss are its
//! symptoms, not problems of their own.

use std::collections::HashMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{glance, row};
use crate::finding::{FailureClass, Finding, Severity};
use crate::run::{DeviceRecord, Run};

/// One problem of the fleet.
#[derive(Debug, Clone)]
pub struct Problem<'a> {
    /// The worst severity, of the problem itself or of a symptom.
    pub severity: Severity,
    /// The rule that names it.
    pub rule: &'static str,
    /// How it fails, where it is a failure to communicate.
    pub class: Option<FailureClass>,
    /// Host and port at the far end that all the devices fail with; empty where the cause is on the devices.
    pub target: String,
    /// The devices, each once, in the order of the inventory.
    pub devices: Vec<&'a DeviceRecord>,
    /// On how many of them it is as bad as `severity` says.
    pub worst_on: usize,
    /// What to do, on most of the devices.
    pub next_step: &'a str,
    /// On how many devices something else is to be done, by their way of reporting.
    pub other_steps: usize,
    /// What it leads to, worst first.
    pub symptoms: Vec<Symptom>,
}

/// Findings that a problem explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// Their rule.
    pub rule: &'static str,
    /// The worst severity among them.
    pub severity: Severity,
    /// On how many devices.
    pub devices: usize,
}

/// The problems of a run, worst first, then by the number of devices. Waived findings are not among them.
pub fn of(run: &Run) -> Vec<Problem<'_>> {
    let mut groups = Vec::<Group>::new();
    let mut places = HashMap::new();
    for record in &run.devices {
        let open = |finding: &&Finding| run.track(finding).state.is_open();
        let findings: Vec<_> = record.judgement.findings.iter().filter(open).collect();
        let host = glance::host(&record.reading.facts);
        for finding in &findings {
            let root = root(finding, &findings);
            // Without a class of failure the cause is on the device, and where it reports to does not matter.
            let target = if root.problem.class.is_some() { host.as_str() } else { "" };
            let at = *places.entry((root.rule, root.problem.class, target.to_owned())).or_insert_with(|| {
                groups.push(Group::new(root, target));
                groups.len() - 1
            });
            groups[at].add(record, finding, std::ptr::eq(*finding, root));
        }
    }
    let mut problems: Vec<_> = groups.into_iter().map(Group::finish).collect();
    problems.sort_by(|a, b| a.order().cmp(&b.order()));
    problems
}

/// The finding at the beginning of the chain that explains `finding` on its device; itself where nothing there does.
pub(crate) fn root<'a>(finding: &'a Finding, of_device: &[&'a Finding]) -> &'a Finding {
    let explains = |of: &Finding| of_device.iter().copied().find(|other| Some(other.rule) == of.explained_by);
    // A chain longer than the findings goes in a circle; then each stands for itself.
    let mut root = finding;
    for _ in 0..of_device.len() {
        match explains(root) {
            Some(earlier) => root = earlier,
            None => return root,
        }
    }
    finding
}

/// A problem in the making.
struct Group<'a> {
    problem: Problem<'a>,
    /// The worst severity on each device, in the order of `problem.devices`.
    worst: Vec<Severity>,
    /// Next steps, each with the number of devices.
    steps: Vec<(&'a str, usize)>,
    /// The devices counted so far for each symptom, so that two units of one stack count once.
    last: HashMap<&'static str, usize>,
}

impl<'a> Group<'a> {
    fn new(root: &Finding, target: &str) -> Self {
        Self {
            problem: Problem {
                severity: Severity::Info,
                rule: root.rule,
                class: root.problem.class,
                target: target.to_owned(),
                devices: Vec::new(),
                worst_on: 0,
                next_step: "",
                other_steps: 0,
                symptoms: Vec::new(),
            },
            worst: Vec::new(),
            steps: Vec::new(),
            last: HashMap::new(),
        }
    }

    fn add(&mut self, record: &'a DeviceRecord, finding: &'a Finding, is_root: bool) {
        let problem = &mut self.problem;
        let severity = finding.problem.severity;
        problem.severity = problem.severity.min(severity);
        // Devices come one after the other, so only the last can be the same.
        if problem.devices.last().is_none_or(|last| !std::ptr::eq(*last, record)) {
            problem.devices.push(record);
            self.worst.push(severity);
        }
        if let Some(worst) = self.worst.last_mut() {
            *worst = severity.min(*worst);
        }
        let first_here = self.last.insert(finding.rule, problem.devices.len()) != Some(problem.devices.len());
        if !is_root && finding.rule != problem.rule {
            let at = problem.symptoms.iter().position(|symptom| symptom.rule == finding.rule).unwrap_or_else(|| {
                problem.symptoms.push(Symptom { rule: finding.rule, severity, devices: 0 });
                problem.symptoms.len() - 1
            });
            let symptom = &mut problem.symptoms[at];
            symptom.severity = symptom.severity.min(severity);
            symptom.devices += usize::from(first_here);
        } else if first_here {
            let step = row::next_step(finding);
            match self.steps.iter_mut().find(|(known, _)| *known == step) {
                Some((_, devices)) => *devices += 1,
                None => self.steps.push((step, 1)),
            }
        }
    }

    fn finish(self) -> Problem<'a> {
        let mut problem = self.problem;
        problem.worst_on = self.worst.iter().filter(|worst| **worst == problem.severity).count();
        // Of equal numbers the first: the order of the inventory, not chance.
        let most = self.steps.iter().rev().max_by_key(|(_, devices)| *devices);
        problem.next_step = most.map_or("", |(step, _)| step);
        problem.other_steps =
            self.steps.iter().map(|(_, devices)| devices).sum::<usize>() - most.map_or(0, |(_, n)| *n);
        problem.symptoms.sort_by_key(|symptom| (symptom.severity, std::cmp::Reverse(symptom.devices), symptom.rule));
        problem
    }
}

impl Problem<'_> {
    fn order(&self) -> (Severity, std::cmp::Reverse<usize>, &str, &str) {
        (self.severity, std::cmp::Reverse(self.devices.len()), self.rule, &self.target)
    }

    /// What fails, in words; empty where the rule's name says it all.
    pub fn failure(&self) -> String {
        let far_end = if self.target.is_empty() { "the server" } else { &self.target };
        match self.class {
            None => String::new(),
            Some(FailureClass::Dns) => format!("{far_end} cannot be resolved"),
            Some(FailureClass::Tls) => format!("TLS with {far_end} fails"),
            Some(FailureClass::Refused) => format!("{far_end} refuses the connection"),
            Some(FailureClass::Timeout) => format!("no answer from {far_end}"),
            Some(FailureClass::Http) => format!("{far_end} answers with an HTTP error"),
            Some(FailureClass::Identity) => format!("{far_end} does not accept the device's identity"),
            Some(FailureClass::Server) => format!("{far_end} answers with an error"),
        }
    }
}

impl Serialize for Problem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let devices: Vec<_> = self.devices.iter().map(|record| record.device.name.as_str()).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rule", self.rule)?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("cause", self.class.map_or("", FailureClass::as_str))?;
        map.serialize_entry("target", &self.target)?;
        map.serialize_entry("n_devices", &devices.len())?;
        map.serialize_entry("n_worst", &self.worst_on)?;
        map.serialize_entry("next_step", self.next_step)?;
        map.serialize_entry("symptoms", &self.symptoms)?;
        map.serialize_entry("devices", &devices)?;
        map.end()
    }
}

impl Serialize for Symptom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("rule", self.rule)?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("n_devices", &self.devices)?;
        map.end()
    }
}
