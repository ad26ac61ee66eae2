//! Whole runs in made-up time: whatever the devices do, every one of them ends, and no account gets more refusals than promised.
//!
//! A run is a list of events. One in which somebody still waits and nothing else is to happen is a deadlock, even where a timer
//! would end it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tokio::time::{Duration, Instant};

use super::counts::{Caller, IN_A_ROW, Kind, PATIENCE, WITHOUT_SUCCESS};
use super::gate::{Answer, Arrival, Gate, Slots, Waiting};

/// What becomes of the login of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
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
struct Device {
    account: usize,
    set: usize,
    site: usize,
    outcome: Outcome,
    /// Behind the jump host of its account, whose login comes first.
    is_behind: bool,
    connects: u64,
    answers: u64,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Arrives(usize),
    Answers(usize),
    Ends(usize),
    Looks(usize),
}

/// A run; the hosts are the devices, and after them the jump host of each account.
struct Run<'a> {
    devices: &'a [Device],
    hops_accept: bool,
    gates: &'a [Gate],
    slots: usize,
    takes_turns: bool,
    now: Instant,
    began: Instant,
    events: BTreeMap<(Instant, usize), Event>,
    waiting: BTreeMap<usize, Waiting<'a>>,
    pending: BTreeMap<usize, Caller>,
    /// Devices behind a jump host that is not logged in to yet, and what became of it.
    behind: Vec<Vec<usize>>,
    hops: Vec<Option<Option<bool>>>,
    not_begun: Vec<usize>,
    begun: BTreeMap<usize, usize>,
    running: usize,
    ended: Vec<bool>,
    accepted: Vec<bool>,
    sent: usize,
    models: Vec<Model>,
}

/// What is promised, computed anew from the answers.
#[derive(Debug, Default)]
struct Model {
    window: usize,
    accepted: usize,
    refused: usize,
    row: usize,
    sites: BTreeMap<usize, (bool, usize)>,
}

impl<'a> Run<'a> {
    fn new(devices: &'a [Device], gates: &'a [Gate], slots: usize, takes_turns: bool, hops_accept: bool) -> Self {
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
            hops: vec![None; gates.len()],
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

    fn run(mut self) -> Result<Self, TestCaseError> {
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
                _ if is_behind && self.hops[account] != Some(Some(true)) => {
                    if self.hops[account].is_none() {
                        self.hops[account] = Some(None);
                        self.schedule(connects, Event::Arrives(self.devices.len() + account));
                    }
                    match self.hops[account] {
                        Some(Some(false)) => self.schedule(0, Event::Ends(device)),
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
            let answer = self.waiting.get_mut(&host).and_then(|waiting| waiting.take());
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
            site.into_iter().for_each(|site| site.0 = true);
            gate.change(now, |counts| counts.accept(caller, most, now));
        } else {
            (model.window, model.refused, model.row) = (1, model.refused + 1, model.row + 1);
            site.into_iter().for_each(|site| site.1 += 1);
            gate.change(now, |counts| counts.refuse(caller, now));
        }
        self.accepted[host] = accepts;
        match self.devices.get(host) {
            Some(_) => self.schedule(200, Event::Ends(host)),
            None => self.hop_is_done(account, accepts),
        }
    }

    fn hop_is_done(&mut self, account: usize, accepts: bool) {
        self.hops[account] = Some(Some(accepts));
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
            let says = pending.filter(|_| self.devices[device].outcome != Outcome::IsGivenUp);
            says.into_iter().for_each(|caller| counts.end(caller));
            caller.device.into_iter().for_each(|number| counts.settle(number, true));
        });
        self.running -= 1;
    }
}

fn gates(devices: &[Device], slots: usize) -> Vec<Gate> {
    let shared = Slots::default();
    shared.limit(slots);
    let gates: Vec<Gate> = (0..2).map(|_| Gate::new(shared.clone())).collect();
    for gate in &gates {
        for _ in 0..3 {
            gate.change(Instant::now(), super::counts::Counts::add_set);
        }
    }
    for device in devices {
        gates[device.account].change(Instant::now(), |counts| counts.plan(device.site));
    }
    gates
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        8 => Just(Outcome::Accepts),
        4 => Just(Outcome::Refuses),
        1 => Just(Outcome::Hangs),
        1 => Just(Outcome::NeverComes),
        1 => Just(Outcome::IsCancelled),
        1 => Just(Outcome::IsGivenUp),
    ]
}

fn device() -> impl Strategy<Value = Device> {
    let of = (0..2_usize, prop_oneof![4 => Just(0_usize), 1 => 1..3_usize], 0..5_usize);
    (of, outcome(), any::<bool>(), 1..3000_u64, 1..2000_u64).prop_map(
        |((account, set, site), outcome, is_behind, connects, answers)| Device {
            account,
            set,
            site,
            outcome,
            is_behind,
            connects,
            answers,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_and_keeps_the_promise(
        devices in prop::collection::vec(device(), 1..60),
        slots in 1..20_usize,
        takes_turns in any::<bool>(),
        hops_accept in any::<bool>(),
    ) {
        let gates = gates(&devices, slots);
        Run::new(&devices, &gates, slots, takes_turns, hops_accept).run()?;
    }

    #[test]
    fn a_site_that_refuses_as_a_whole_stops_nobody_else(
        sites in prop::collection::vec((1..30_usize, 0..4_usize), 2..7),
        bad in any::<prop::sample::Index>(),
        times in prop::collection::vec((1..3000_u64, 1..2000_u64), 64),
        slots in 1..40_usize,
    ) {
        let bad = bad.index(sites.len());
        let of_site = |(site, (count, spread)): (usize, (usize, usize))| {
            let times = times.clone();
            (0..count).map(move |number| {
                let (connects, answers) = times[(site * 7 + number * (spread + 1)) % times.len()];
                let outcome = if site == bad { Outcome::Refuses } else { Outcome::Accepts };
                Device { account: 0, set: 0, site, outcome, is_behind: false, connects, answers }
            })
        };
        let devices: Vec<Device> = sites.iter().copied().enumerate().flat_map(of_site).collect();
        let gates = gates(&devices, slots);
        let run = Run::new(&devices, &gates, slots, true, true).run()?;
        for (number, device) in devices.iter().enumerate() {
            prop_assert_eq!(run.accepted[number], device.site != bad, "device {}, site {}", number, device.site);
        }
        prop_assert!(run.models[0].refused <= WITHOUT_SUCCESS as usize);
        prop_assert!(!gates[0].read(super::counts::Counts::is_anything_stopped) || sites[bad].0 < 3);
    }

    #[test]
    fn one_site_waits_for_nothing(count in 1..80_usize, slots in 1..20_usize, answers in 1..2000_u64) {
        let device = Device {
            account: 0, set: 0, site: 0, outcome: Outcome::Accepts, is_behind: false, connects: 1, answers,
        };
        let devices = vec![device; count];
        let gates = gates(&devices, slots);
        let run = Run::new(&devices, &gates, slots, true, true).run()?;
        // The canary, then rounds of at least 1, 2, 4 ... devices.
        let rounds = 2 + count.ilog2() as usize + count.div_ceil(slots);
        let took = usize::try_from((run.now - run.began).as_millis()).unwrap_or_default();
        let most = rounds * (usize::try_from(answers).unwrap_or_default() + 201);
        prop_assert!(took <= most, "{} ms, at most {}", took, most);
    }
}
