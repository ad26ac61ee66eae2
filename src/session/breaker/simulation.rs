//! Whole runs in made-up time, with the promise checked at each login.
//!
//! A run is a list of events. One in which somebody still waits and nothing else is to happen is a deadlock, even where a timer
//! would end it.

use std::collections::BTreeMap;

use proptest::prelude::{TestCaseError, prop_assert};
use tokio::time::{Duration, Instant};

use super::counts::{Caller, IN_A_ROW, Kind, PATIENCE, WITHOUT_SUCCESS};
use super::gate::{Answer, Arrival, Gate, Waiting};

/// What becomes of the login of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepts,
    Refuses,
    /// Ends without an answer.
    Hangs,
    /// Ends before it could log in.
    NeverComes,
    /// Its task ends after a while, whatever it waits for.
    IsCancelled,
    /// Its task hangs for ever, and the fleet gives it up.
    IsGivenUp,
}

#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) account: usize,
    pub(super) set: usize,
    pub(super) site: usize,
    pub(super) outcome: Outcome,
    /// Behind the jump host of its account, whose login comes first.
    pub(super) is_behind: bool,
    pub(super) connects: u64,
    pub(super) answers: u64,
}

/// How far the login of a jump host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hop {
    Unused,
    Pending,
    Accepts,
    Refuses,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Arrives(usize),
    Answers(usize),
    Ends(usize),
    Looks(usize),
}

/// A run; the hosts are the devices, and after them the jump host of each account.
pub(super) struct Run<'a> {
    devices: &'a [Device],
    hops_accept: bool,
    gates: &'a [Gate],
    slots: usize,
    takes_turns: bool,
    pub(super) now: Instant,
    pub(super) began: Instant,
    events: BTreeMap<(Instant, usize), Event>,
    waiting: BTreeMap<usize, Waiting<'a>>,
    pending: BTreeMap<usize, Caller>,
    /// Devices behind a jump host that is not logged in to yet, and what became of it.
    behind: Vec<Vec<usize>>,
    hops: Vec<Hop>,
    not_begun: Vec<usize>,
    begun: BTreeMap<usize, usize>,
    running: usize,
    ended: Vec<bool>,
    pub(super) accepted: Vec<bool>,
    sent: usize,
    pub(super) models: Vec<Model>,
}

/// What is promised, computed anew from the answers.
#[derive(Debug, Default)]
pub(super) struct Model {
    window: usize,
    accepted: usize,
    pub(super) refused: usize,
    row: usize,
    sites: BTreeMap<usize, (bool, usize)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        devices: &'a [Device],
        gates: &'a [Gate],
        slots: usize,
        takes_turns: bool,
        hops_accept: bool,
    ) -> Self {
        let (now, hosts) = (Instant::now(), devices.len() + gates.len());
        Self {
            devices,
            hops_accept,
            gates,
            slots,
            takes_turns,
            now,
            began: now,
            events: BTreeMap::new(),
            waiting: BTreeMap::new(),
            pending: BTreeMap::new(),
            behind: vec![Vec::new(); gates.len()],
            hops: vec![Hop::Unused; gates.len()],
            not_begun: (0..devices.len()).collect(),
            begun: BTreeMap::new(),
            running: 0,
            ended: vec![false; devices.len()],
            accepted: vec![false; hosts],
            sent: 0,
            models: gates.iter().map(|_| Model::default()).collect(),
        }
    }

    fn account(&self, host: usize) -> usize {
        self.devices.get(host).map_or(host.saturating_sub(self.devices.len()), |device| device.account)
    }

    fn caller(&self, host: usize) -> Caller {
        let Some(device) = self.devices.get(host) else {
            return Caller { set: 0, kind: Kind::JumpHost, site: None, device: None };
        };
        // The number that `plan` gave: devices are planned in their order, account by account.
        let number = self.devices[..host].iter().filter(|other| other.account == device.account).count();
        Caller { set: device.set, kind: Kind::Device, site: Some(device.site), device: Some(number) }
    }

    fn schedule(&mut self, after: u64, event: Event) {
        self.sent += 1;
        self.events.insert((self.now + Duration::from_millis(after), self.sent), event);
    }

    pub(super) fn run(mut self) -> Result<Self, TestCaseError> {
        loop {
            self.begin_some();
            self.take_answers()?;
            let is_alive = self.events.values().any(|event| !matches!(event, Event::Looks(_)));
            if !is_alive {
                prop_assert!(self.waiting.is_empty() && self.ended.iter().all(|ended| *ended), "a deadlock");
                return Ok(self);
            }
            let Some(((now, _), event)) = self.events.pop_first() else { continue };
            self.now = now;
            match event {
                Event::Arrives(host) => self.arrive(host)?,
                Event::Answers(host) => self.answer(host),
                Event::Ends(device) => self.end(device),
                Event::Looks(host) => {
                    if self.waiting.contains_key(&host) {
                        self.gates[self.account(host)].look(self.now);
                        self.schedule(3000, Event::Looks(host));
                    }
                }
            }
        }
    }

    fn begin_some(&mut self) {
        while self.running < self.slots && !self.not_begun.is_empty() {
            let begun = |device: &usize| self.begun.get(&self.devices[*device].site).copied().unwrap_or_default();
            let first = (0..self.not_begun.len()).min_by_key(|at| begun(&self.not_begun[*at]));
            let device = self.not_begun.remove(first.filter(|_| self.takes_turns).unwrap_or_default());
            let Device { site, account, outcome, is_behind, connects, .. } = self.devices[device];
            *self.begun.entry(site).or_default() += 1;
            self.running += 1;
            match outcome {
                Outcome::NeverComes => self.schedule(connects, Event::Ends(device)),
                _ if is_behind && self.hops[account] != Hop::Accepts => {
                    if self.hops[account] == Hop::Unused {
                        self.hops[account] = Hop::Pending;
                        self.schedule(connects, Event::Arrives(self.devices.len() + account));
                    }
                    match self.hops[account] {
                        Hop::Refuses => self.schedule(0, Event::Ends(device)),
                        _ => self.behind[account].push(device),
                    }
                }
                _ => self.schedule(connects, Event::Arrives(device)),
            }
            if outcome == Outcome::IsCancelled {
                self.schedule(connects + 4000, Event::Ends(device));
            }
        }
    }

    fn arrive(&mut self, host: usize) -> Result<(), TestCaseError> {
        if self.ended.get(host) == Some(&true) {
            return Ok(());
        }
        let gates = self.gates;
        match gates[self.account(host)].arrive(self.caller(host), self.now) {
            Arrival::Answered(answer) => self.answered(host, answer)?,
            Arrival::Waits(waiting) => {
                self.waiting.insert(host, waiting);
                self.schedule(u64::try_from(PATIENCE.as_millis()).unwrap_or_default(), Event::Looks(host));
            }
        }
        Ok(())
    }

    fn take_answers(&mut self) -> Result<(), TestCaseError> {
        let hosts: Vec<usize> = self.waiting.keys().copied().collect();
        for host in hosts {
            let answer = self.waiting.get_mut(&host).and_then(Waiting::take);
            if let Some(answer) = answer {
                self.waiting.remove(&host);
                self.answered(host, answer)?;
            }
        }
        Ok(())
    }

    fn answered(&mut self, host: usize, answer: Answer) -> Result<(), TestCaseError> {
        if answer == Answer::Stopped {
            match self.devices.get(host) {
                Some(_) => self.schedule(0, Event::Ends(host)),
                None => self.hop_is_done(self.account(host), false),
            }
            return Ok(());
        }
        self.pending.insert(host, self.caller(host));
        self.hold_to_the_promise(host)?;
        let device = self.devices.get(host);
        let outcome = device.map_or(Outcome::Accepts, |device| device.outcome);
        let after = device.map_or(50, |device| device.answers);
        match outcome {
            // The task of the fleet ends both, in its time.
            Outcome::IsCancelled => {}
            Outcome::IsGivenUp => self.schedule(60_000, Event::Ends(host)),
            Outcome::Hangs => self.schedule(30_000, Event::Ends(host)),
            _ => self.schedule(after, Event::Answers(host)),
        }
        Ok(())
    }

    /// At the beginning of each login.
    fn hold_to_the_promise(&self, host: usize) -> Result<(), TestCaseError> {
        let (account, caller) = (self.account(host), self.caller(host));
        let model = &self.models[account];
        let beside = |is: &dyn Fn(&Caller) -> bool| {
            self.pending.iter().filter(|(other, caller)| self.account(**other) == account && is(caller)).count()
        };
        let in_flight = beside(&|_| true);
        let (most, row) = (WITHOUT_SUCCESS as usize, IN_A_ROW as usize);
        if model.accepted == 0 {
            prop_assert!(model.refused + in_flight <= most, "{} refused, {in_flight} in flight", model.refused);
        } else {
            prop_assert!(model.row < row, "{} in a row", model.row);
            prop_assert!(model.refused * 100 <= 300 + 15 * (model.refused + model.accepted), "{model:?}");
            prop_assert!(in_flight <= model.window.max(row), "{in_flight} in flight, window {}", model.window);
        }
        if let Some(site) = caller.site {
            let (accepts, refused) = model.sites.get(&site).copied().unwrap_or_default();
            let there = beside(&|other| other.site == Some(site));
            prop_assert!(accepts || refused + there <= most, "{refused} refused and {there} in flight at site {site}");
        }
        Ok(())
    }

    fn answer(&mut self, host: usize) {
        let Some(caller) = self.pending.remove(&host) else { return };
        let (account, now) = (self.account(host), self.now);
        let accepts = self.devices.get(host).map_or(self.hops_accept, |device| device.outcome == Outcome::Accepts);
        let (gate, model) = (&self.gates[account], &mut self.models[account]);
        let most = gate.most();
        let site = caller.site.map(|site| model.sites.entry(site).or_default());
        if accepts {
            model.window = (model.window + 1).min(self.slots);
            (model.accepted, model.row) = (model.accepted + 1, 0);
            if let Some(site) = site {
                site.0 = true;
            }
            gate.change(now, |counts| counts.accept(caller, most, now));
        } else {
            (model.window, model.refused, model.row) = (1, model.refused + 1, model.row + 1);
            if let Some(site) = site {
                site.1 += 1;
            }
            gate.change(now, |counts| counts.refuse(caller, now));
        }
        self.accepted[host] = accepts;
        match self.devices.get(host) {
            Some(_) => self.schedule(200, Event::Ends(host)),
            None => self.hop_is_done(account, accepts),
        }
    }

    fn hop_is_done(&mut self, account: usize, accepts: bool) {
        self.hops[account] = if accepts { Hop::Accepts } else { Hop::Refuses };
        for device in std::mem::take(&mut self.behind[account]) {
            let event = if accepts { Event::Arrives(device) } else { Event::Ends(device) };
            self.schedule(self.devices[device].connects, event);
        }
    }

    fn end(&mut self, device: usize) {
        if std::mem::replace(&mut self.ended[device], true) {
            return;
        }
        self.waiting.remove(&device);
        let (caller, now) = (self.caller(device), self.now);
        let pending = self.pending.remove(&device);
        self.gates[self.devices[device].account].change(now, |counts| {
            // A task that hangs for ever never says what became of its login.
            if let Some(caller) = pending.filter(|_| self.devices[device].outcome != Outcome::IsGivenUp) {
                counts.end(caller);
            }
            if let Some(number) = caller.device {
                counts.settle(number, true);
            }
        });
        self.running -= 1;
    }
}
