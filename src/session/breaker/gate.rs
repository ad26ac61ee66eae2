//! The queue of logins to one account: callers that may not log in yet wait here, and only those that may are woken.
//!
//! Waiting tasks are kept in lanes, one for each set, kind and site: within a lane all of them may log in, or none. The next one
//! is the first of the lane that has waited longest among those that may.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::counts::{Caller, Counts, Kind, PATIENCE, Stop};

/// The devices that a run works on at once, and how many of them wait at a gate for devices that have not begun yet.
#[derive(Debug, Clone)]
pub struct Slots(Arc<(AtomicUsize, AtomicUsize)>);

impl Default for Slots {
    fn default() -> Self {
        Self(Arc::new((AtomicUsize::new(usize::MAX), AtomicUsize::new(0))))
    }
}

impl Slots {
    /// Says how many devices there are at once. It bounds the parallel logins too.
    pub fn limit(&self, devices: usize) {
        self.0.0.store(devices.max(1), Ordering::SeqCst);
    }

    fn most(&self) -> u32 {
        self.0.0.load(Ordering::SeqCst).try_into().unwrap_or(u32::MAX)
    }

    /// True where no other device can begin before one of those that wait goes on.
    fn are_full(&self) -> bool {
        self.0.1.load(Ordering::SeqCst) >= self.0.0.load(Ordering::SeqCst)
    }

    fn add(&self, caller: Caller) {
        self.0.1.fetch_add(usize::from(caller.device.is_some()), Ordering::SeqCst);
    }

    fn remove(&self, caller: Caller) {
        self.0.1.fetch_sub(usize::from(caller.device.is_some()), Ordering::SeqCst);
    }
}

/// The gate before one kind of secret of an account: its passwords and keys, or its enable secrets.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    slots: Slots,
}

#[derive(Debug, Default)]
struct State {
    counts: Counts,
    lanes: HashMap<Lane, VecDeque<Waiter>>,
    /// The lanes that are not empty, by the ticket of the first in them.
    heads: BTreeMap<u64, Lane>,
    next_ticket: u64,
}

type Lane = (usize, Kind, Option<usize>);

fn lane(caller: Caller) -> Lane {
    (caller.set, caller.kind, caller.site)
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    caller: Caller,
    answer: oneshot::Sender<Answer>,
}

/// What becomes of one who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Its login has begun.
    Begun,
    /// It may not log in any more.
    Stopped,
}

/// What a gate says to one who arrives.
#[derive(Debug)]
pub(super) enum Arrival<'a> {
    Answered(Answer),
    Waits(Waiting<'a>),
}

/// A place in the queue. Dropped, it is given up, together with a login that had begun and was not taken over.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    gate: &'a Gate,
    ticket: u64,
    caller: Caller,
    answer: oneshot::Receiver<Answer>,
    is_answered: bool,
}

impl Gate {
    pub(super) fn new(slots: Slots) -> Self {
        Self { state: Mutex::default(), slots }
    }

    /// Changes the counts, and lets those in who may log in after the change.
    pub(super) fn change<T>(&self, now: Instant, change: impl FnOnce(&mut Counts) -> T) -> T {
        let mut state = self.lock();
        let result = change(&mut state.counts);
        state.let_in(&self.slots, now);
        result
    }

    /// Reads the counts.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Counts) -> T) -> T {
        read(&self.lock().counts)
    }

    /// How many logins there may be at once.
    pub(super) fn most(&self) -> u32 {
        self.slots.most()
    }

    /// Waits until the login of this caller has begun; false where it may not log in any more.
    pub(super) async fn enter(&self, caller: Caller) -> bool {
        let now = Instant::now();
        let mut waiting = match self.arrive(caller, now) {
            Arrival::Answered(answer) => return answer == Answer::Begun,
            Arrival::Waits(waiting) => waiting,
        };
        // Time alone lets others in, too: each of those that wait looks now and then.
        let mut again = now + PATIENCE;
        loop {
            if let Ok(answer) = timeout_at(again, &mut waiting.answer).await {
                waiting.is_answered = true;
                return answer == Ok(Answer::Begun);
            }
            again = Instant::now() + PATIENCE;
            self.look(Instant::now());
        }
    }

    /// Asks for a login, which has begun where the answer says so.
    pub(super) fn arrive(&self, caller: Caller, now: Instant) -> Arrival<'_> {
        let mut state = self.lock();
        if state.counts.stop(caller).is_some() {
            return Arrival::Answered(Answer::Stopped);
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let (tell, mut answer) = oneshot::channel();
        state.queue(Waiter { ticket, caller, answer: tell });
        self.slots.add(caller);
        state.let_in(&self.slots, now);
        match answer.try_recv() {
            Ok(answer) => Arrival::Answered(answer),
            Err(_) => Arrival::Waits(Waiting { gate: self, ticket, caller, answer, is_answered: false }),
        }
    }

    /// Lets those in who may log in by now.
    pub(super) fn look(&self, now: Instant) {
        self.lock().let_in(&self.slots, now);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn queue(&mut self, waiter: Waiter) {
        let key = lane(waiter.caller);
        let queue = self.lanes.entry(key).or_default();
        if queue.is_empty() {
            self.heads.insert(waiter.ticket, key);
        }
        queue.push_back(waiter);
    }

    /// Takes the first out of a lane.
    fn take(&mut self, ticket: u64) -> Option<Waiter> {
        let key = self.heads.remove(&ticket)?;
        let queue = self.lanes.get_mut(&key)?;
        let waiter = queue.pop_front();
        match queue.front() {
            Some(next) => drop(self.heads.insert(next.ticket, key)),
            None => drop(self.lanes.remove(&key)),
        }
        waiter
    }

    /// Takes somebody out who does not wait any more; false where nobody of this ticket waits.
    fn withdraw(&mut self, ticket: u64, caller: Caller) -> bool {
        if self.heads.contains_key(&ticket) {
            return self.take(ticket).is_some();
        }
        let queue = self.lanes.get_mut(&lane(caller));
        let Some(queue) = queue else { return false };
        // Tickets of a lane ascend.
        let at = queue.binary_search_by_key(&ticket, |waiter| waiter.ticket);
        at.is_ok_and(|at| queue.remove(at).is_some())
    }

    /// Answers all that can be answered now.
    fn let_in(&mut self, slots: &Slots, now: Instant) {
        if self.counts.take_news_of_a_stop() {
            let stopped = self.heads.iter().filter(|(_, lane)| self.stop(lane).is_some());
            for ticket in stopped.map(|(ticket, _)| *ticket).collect::<Vec<_>>() {
                let mut next = Some(ticket);
                while let Some(ticket) = next {
                    next = self.answer(ticket, Answer::Stopped, slots, now);
                }
            }
        }
        while let Some(ticket) = self.next(slots, now) {
            self.answer(ticket, Answer::Begun, slots, now);
        }
    }

    fn stop(&self, lane: &Lane) -> Option<Stop> {
        self.lanes.get(lane).and_then(VecDeque::front).and_then(|first| self.counts.stop(first.caller))
    }

    /// Answers the first of a lane; the ticket of the next one in it.
    fn answer(&mut self, ticket: u64, answer: Answer, slots: &Slots, now: Instant) -> Option<u64> {
        let Waiter { caller, answer: tell, .. } = self.take(ticket)?;
        slots.remove(caller);
        if answer == Answer::Begun {
            self.counts.begin(caller, now);
        }
        // A caller that has given up is accounted for in `Waiting::drop`, which waits for the lock held here.
        let _ = tell.send(answer);
        self.lanes.get(&lane(caller)).and_then(VecDeque::front).map(|next| next.ticket)
    }

    /// The ticket of the next one who may log in.
    fn next(&self, slots: &Slots, now: Instant) -> Option<u64> {
        if self.counts.is_closed(now) {
            return None;
        }
        let mut second = None;
        for (ticket, key) in &self.heads {
            let caller = self.lanes.get(key)?.front()?.caller;
            if !self.counts.may(caller, now) {
                continue;
            }
            if !self.counts.is_second_choice(caller) {
                return Some(*ticket);
            }
            second = second.or(Some(*ticket));
        }
        let waits_for_others = self.counts.others_may_come(now) && !slots.are_full();
        second.filter(|_| !waits_for_others)
    }
}

#[cfg(test)]
impl Waiting<'_> {
    /// The answer, where it is there.
    pub(super) fn take(&mut self) -> Option<Answer> {
        let answer = self.answer.try_recv().ok();
        self.is_answered |= answer.is_some();
        answer
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let mut state = self.gate.lock();
        if state.withdraw(self.ticket, self.caller) {
            self.gate.slots.remove(self.caller);
        } else if self.answer.try_recv() == Ok(Answer::Begun) {
            state.counts.end(self.caller);
        }
        state.let_in(&self.gate.slots, Instant::now());
    }
}
