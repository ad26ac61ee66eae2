//! Findings of all devices joined by cause: one problem is one rule, one class of failure and one far end, with every device
//! it is seen on.
//!
//! A CSLU that is down on 400 devices is one problem with 400 devices, and the ACK deadlines it makes some of them miss are its
//! symptoms, not problems of their own.

use std::collections::HashMap;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::finding::{FailureClass, Severity, root};
use crate::record::{FindingRow, Member};

/// One problem of the fleet.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The worst severity, of the problem itself or of a symptom.
    pub severity: Severity,
    /// The rule that names it.
    pub rule: String,
    /// How it fails, where it is a failure to communicate.
    pub class: Option<FailureClass>,
    /// Host and port at the far end that all the devices fail with; empty where the cause is on the devices.
    pub target: String,
    /// The devices, each once, in the order of the inventory.
    pub devices: Vec<Arc<Member>>,
    /// On how many of them it is as bad as `severity` says.
    pub worst_on: usize,
    /// What to do, on most of the devices.
    pub next_step: String,
    /// On how many devices something else is to be done, by their way of reporting.
    pub other_steps: usize,
    /// What it leads to, worst first.
    pub symptoms: Vec<Symptom>,
}

/// Findings that a problem explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// Their rule.
    pub rule: String,
    /// The worst severity among them.
    pub severity: Severity,
    /// On how many devices.
    pub devices: usize,
}

/// The problems of a run in the making; devices are added in the order of the inventory.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    groups: Vec<Group>,
    /// The place of a group by its rule, class of failure and far end.
    places: HashMap<(String, Option<FailureClass>, String), usize>,
}

impl Grouping {
    /// Adds a device with its open findings; `far_end` is the host that it reports to.
    pub(super) fn add(&mut self, member: &Arc<Member>, far_end: &str, open: &[&FindingRow]) {
        for finding in open {
            let root = root(*finding, open, |other, of| of.explained_by.as_ref() == Some(&other.rule));
            // Without a class of failure the cause is on the device, and where it reports to does not matter.
            let target = if root.class.is_some() { far_end } else { "" };
            let at = *self.places.entry((root.rule.clone(), root.class, target.to_owned())).or_insert_with(|| {
                self.groups.push(Group::new(root, target));
                self.groups.len() - 1
            });
            self.groups[at].add(member, finding, std::ptr::eq(*finding, root));
        }
    }

    /// The problems, worst first, then by the number of devices.
    pub(super) fn finish(self) -> Vec<Problem> {
        let mut problems: Vec<_> = self.groups.into_iter().map(Group::finish).collect();
        problems.sort_by(|a, b| a.order().cmp(&b.order()));
        problems
    }
}

/// A problem in the making.
#[derive(Debug)]
struct Group {
    problem: Problem,
    /// The worst severity on each device, in the order of `problem.devices`.
    worst: Vec<Severity>,
    /// Next steps, each with the number of devices.
    steps: Vec<(String, usize)>,
    /// The devices counted so far for each symptom, so that two units of one stack count once.
    last: HashMap<String, usize>,
}

impl Group {
    fn new(root: &FindingRow, target: &str) -> Self {
        Self {
            problem: Problem {
                severity: Severity::Info,
                rule: root.rule.clone(),
                class: root.class,
                target: target.to_owned(),
                devices: Vec::new(),
                worst_on: 0,
                next_step: String::new(),
                other_steps: 0,
                symptoms: Vec::new(),
            },
            worst: Vec::new(),
            steps: Vec::new(),
            last: HashMap::new(),
        }
    }

    fn add(&mut self, member: &Arc<Member>, finding: &FindingRow, is_root: bool) {
        let problem = &mut self.problem;
        let severity = finding.severity;
        problem.severity = problem.severity.min(severity);
        // Devices come one after the other, so only the last can be the same.
        if problem.devices.last().is_none_or(|last| !Arc::ptr_eq(last, member)) {
            problem.devices.push(Arc::clone(member));
            self.worst.push(severity);
        }
        if let Some(worst) = self.worst.last_mut() {
            *worst = severity.min(*worst);
        }
        let first_here = self.last.insert(finding.rule.clone(), problem.devices.len()) != Some(problem.devices.len());
        if !is_root && finding.rule != problem.rule {
            let at = problem.symptoms.iter().position(|symptom| symptom.rule == finding.rule).unwrap_or_else(|| {
                problem.symptoms.push(Symptom { rule: finding.rule.clone(), severity, devices: 0 });
                problem.symptoms.len() - 1
            });
            let symptom = &mut problem.symptoms[at];
            symptom.severity = symptom.severity.min(severity);
            symptom.devices += usize::from(first_here);
        } else if first_here {
            match self.steps.iter_mut().find(|(known, _)| *known == finding.next_step) {
                Some((_, devices)) => *devices += 1,
                None => self.steps.push((finding.next_step.clone(), 1)),
            }
        }
    }

    fn finish(self) -> Problem {
        let mut problem = self.problem;
        problem.worst_on = self.worst.iter().filter(|worst| **worst == problem.severity).count();
        // Of equal numbers the first: the order of the inventory, not chance.
        let most = self.steps.iter().rev().max_by_key(|(_, devices)| *devices);
        problem.next_step = most.map(|(step, _)| step.clone()).unwrap_or_default();
        problem.other_steps =
            self.steps.iter().map(|(_, devices)| devices).sum::<usize>() - most.map_or(0, |(_, n)| *n);
        problem.symptoms.sort_by(|a, b| {
            let order = |symptom: &Symptom| (symptom.severity, std::cmp::Reverse(symptom.devices));
            order(a).cmp(&order(b)).then_with(|| a.rule.cmp(&b.rule))
        });
        problem
    }
}

impl Problem {
    fn order(&self) -> (Severity, std::cmp::Reverse<usize>, &str, &str) {
        (self.severity, std::cmp::Reverse(self.devices.len()), &self.rule, &self.target)
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
            Some(FailureClass::Throttled) => format!("{far_end} is asked too often"),
            Some(FailureClass::Time) => "the clock of the device is wrong".to_owned(),
            Some(FailureClass::Udi) => "the codes are for other units".to_owned(),
            Some(FailureClass::Transport) => "the transport does not carry Smart Licensing".to_owned(),
            Some(FailureClass::Internal) => "the licensing agent has an error of its own".to_owned(),
        }
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let devices: Vec<_> = self.devices.iter().map(|member| member.name.as_str()).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rule", &self.rule)?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("cause", self.class.map_or("", FailureClass::as_str))?;
        map.serialize_entry("target", &self.target)?;
        map.serialize_entry("n_devices", &devices.len())?;
        map.serialize_entry("n_worst", &self.worst_on)?;
        map.serialize_entry("next_step", &self.next_step)?;
        map.serialize_entry("symptoms", &self.symptoms)?;
        map.serialize_entry("devices", &devices)?;
        map.end()
    }
}

impl Serialize for Symptom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("rule", &self.rule)?;
        map.serialize_entry("severity", &self.severity)?;
        map.serialize_entry("n_devices", &self.devices)?;
        map.end()
    }
}
