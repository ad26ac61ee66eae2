//! What the logins of one account have shown, and whether one more may begin. Pure: time is an argument.
//!
//! ```text
//! nothing accepted yet   one login at a time, three refusals in all stop the account
//! accepted once          window 1, 2, 3 ... up to the concurrency; a refusal resets it to 1
//!                        five refusals in a row, or more than 3 + 15 % of the answers, stop the account
//! two refusals in a row  devices of the sites that refused wait while a device of another site can still come
//! three at one site      without a success there: the site is set aside
//! ```

use tokio::time::{Duration, Instant};

/// Refusals without any success that stop an account, a credential set, or the logins at a site. AAA servers often lock an
/// account after three to five.
pub(super) const WITHOUT_SUCCESS: u32 = 3;
/// Refusals in a row that stop an account which has been accepted before.
pub(super) const IN_A_ROW: u32 = 5;
/// Refusals in a row after which the next login goes to another site.
const CHANGE_OF_SITE: u32 = 2;
/// How many refusals an account is allowed, whatever the share.
const ALLOWED: u64 = 3;
/// The share of refusals among the answered logins that is allowed besides, in percent.
const ALLOWED_PERCENT: u64 = 15;
/// How long a login may be without an answer before another one is tried beside it.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
/// How long devices of a site that refused wait for devices of other sites, at most, once nothing happens any more. Longer than
/// a connection may take that nobody answers.
pub(super) const HOLD: Duration = Duration::from_secs(30);

/// What a secret is sent to. Jump hosts may ask another server than devices: what one kind accepts proves nothing to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Device,
    JumpHost,
}

/// A host that wants to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    /// Which credential set of the account it uses.
    pub(super) set: usize,
    pub(super) kind: Kind,
    /// Where it is. Jump hosts are at no site.
    pub(super) site: Option<usize>,
    /// Which of the planned devices it is; `None` where nobody waits for it.
    pub(super) device: Option<usize>,
}

/// Why a login may not begin any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The account: whatever the credential set.
    Account,
    /// One credential set of an account that works with another one.
    Set,
    /// One site.
    Site,
}

/// Answers to one secret, by what it was sent to.
#[derive(Debug, Default)]
struct Trial {
    accepted: [bool; 2],
    refused: [u32; 2],
    pending: [u32; 2],
    stopped: [bool; 2],
}

impl Trial {
    fn is_proven(&self, kind: Kind) -> bool {
        self.accepted[kind as usize]
    }

    /// Refusals that count against a kind which has not accepted yet. A server of jump hosts that accepts a secret has not
    /// forgotten what the server of the devices refused.
    fn refused_before_success(&self, kind: Kind) -> u32 {
        let is_other_server = kind == Kind::JumpHost && self.is_proven(Kind::Device);
        if is_other_server { self.refused[kind as usize] } else { self.refused.iter().sum() }
    }

    /// True where one login more cannot lock an account that has accepted nothing yet: it is the only one, or all those without
    /// an answer may still be refused.
    fn has_room(&self, kind: Kind, is_patience_over: bool) -> bool {
        let other = if kind == Kind::Device { Kind::JumpHost } else { Kind::Device };
        let beside = if self.is_proven(other) { 0 } else { self.pending[other as usize] };
        let pending = self.pending[kind as usize] + beside;
        self.is_proven(kind)
            || pending == 0
            || (is_patience_over && self.refused_before_success(kind) + pending < WITHOUT_SUCCESS)
    }
}

/// Answers at one site.
#[derive(Debug, Default)]
struct Site {
    /// Planned devices whose login is still to come.
    left: u32,
    pending: u32,
    accepted: bool,
    refused: u32,
    is_set_aside: bool,
    /// The row of refusals that it last took part in.
    row: u32,
}

impl Site {
    fn has_room(&self) -> bool {
        self.accepted || self.refused + self.pending < WITHOUT_SUCCESS
    }
}

/// A planned device.
#[derive(Debug)]
struct Planned {
    site: usize,
    /// Its login is still to come.
    is_to_come: bool,
    pending: Option<Caller>,
}

/// The counts of one account.
#[derive(Debug)]
pub(super) struct Counts {
    window: u32,
    pending: u32,
    answered: u32,
    refused: u32,
    in_a_row: u32,
    /// Numbers the rows of refusals: a success begins the next one.
    row: u32,
    /// Logins that are still to come, and how many of them at sites of the present row.
    left: u32,
    left_in_row: u32,
    /// When the last login began, and when something last happened.
    last_begun: Option<Instant>,
    last_change: Option<Instant>,
    is_stopped: bool,
    /// Something may have been stopped since somebody looked.
    has_news_of_a_stop: bool,
    account: Trial,
    sets: Vec<Trial>,
    sites: Vec<Site>,
    devices: Vec<Planned>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            window: 1,
            pending: 0,
            answered: 0,
            refused: 0,
            in_a_row: 0,
            row: 1,
            left: 0,
            left_in_row: 0,
            last_begun: None,
            last_change: None,
            is_stopped: false,
            has_news_of_a_stop: false,
            account: Trial::default(),
            sets: Vec::new(),
            sites: Vec::new(),
            devices: Vec::new(),
        }
    }
}

impl Counts {
    /// Adds a credential set, and answers with its number.
    pub(super) fn add_set(&mut self) -> usize {
        self.sets.push(Trial::default());
        self.sets.len() - 1
    }

    /// A device of this site will log in; answers with its number.
    pub(super) fn plan(&mut self, site: usize) -> usize {
        let row = self.row;
        let at = self.site(site);
        let (is_awaited, is_in_row) = (!at.is_set_aside, at.row == row);
        // Nobody waits for a site that is set aside; one of the present row counts there too.
        if is_awaited {
            at.left += 1;
            self.left += 1;
            self.left_in_row += u32::from(is_in_row);
        }
        self.devices.push(Planned { site, is_to_come: is_awaited, pending: None });
        self.devices.len() - 1
    }

    /// No login of a device is to come any more: it was answered, or the device has ended. A login that has no answer, as of a
    /// task that hangs for ever, holds up nobody any longer.
    pub(super) fn settle(&mut self, device: usize, has_ended: bool) {
        let Some(planned) = self.devices.get_mut(device) else { return };
        if std::mem::replace(&mut planned.is_to_come, false) {
            let site = &mut self.sites[planned.site];
            // Those of a site that is set aside are not waited for.
            if !site.is_set_aside {
                site.left -= 1;
                self.left -= 1;
                self.left_in_row -= u32::from(site.row == self.row);
            }
        }
        if let Some(caller) = self.devices[device].pending.filter(|_| has_ended) {
            self.end(caller);
        }
    }

    /// Why this caller may not log in any more.
    pub(super) fn stop(&self, caller: Caller) -> Option<Stop> {
        if self.is_stopped {
            return Some(Stop::Account);
        }
        if self.sets[caller.set].stopped[caller.kind as usize] {
            return Some(Stop::Set);
        }
        let site = caller.site.and_then(|site| self.sites.get(site));
        site.is_some_and(|site| site.is_set_aside).then_some(Stop::Site)
    }

    /// Stops a set that nobody can log in with.
    pub(super) fn stop_set(&mut self, set: usize) {
        self.sets[set].stopped = [true; 2];
        self.has_news_of_a_stop = true;
    }

    /// True once after something may have been stopped.
    pub(super) fn take_news_of_a_stop(&mut self) -> bool {
        std::mem::take(&mut self.has_news_of_a_stop)
    }

    /// True where the account or one of its sets was stopped.
    pub(super) fn is_anything_stopped(&self) -> bool {
        self.is_stopped || self.sets.iter().any(|set| set.stopped.contains(&true))
    }

    /// True where a site was set aside.
    pub(super) fn is_a_site_set_aside(&self) -> bool {
        self.sites.iter().any(|site| site.is_set_aside)
    }

    /// Refused and answered logins.
    pub(super) fn answers(&self) -> (u32, u32) {
        (self.refused, self.answered)
    }

    /// True where this caller may log in now, its turn provided.
    pub(super) fn may(&self, caller: Caller, now: Instant) -> bool {
        let is_patience_over = self.last_begun.is_none_or(|last| last + PATIENCE <= now);
        self.has_window(is_patience_over)
            && self.account.has_room(caller.kind, is_patience_over)
            && self.sets[caller.set].has_room(caller.kind, is_patience_over)
            && caller.site.and_then(|site| self.sites.get(site)).is_none_or(Site::has_room)
    }

    /// True where nobody at all may log in now.
    pub(super) fn is_closed(&self, now: Instant) -> bool {
        !self.has_window(self.last_begun.is_none_or(|last| last + PATIENCE <= now))
    }

    fn has_window(&self, is_patience_over: bool) -> bool {
        let most = if self.is_proven() { IN_A_ROW.saturating_sub(self.in_a_row) } else { WITHOUT_SUCCESS };
        self.pending < self.window || (is_patience_over && self.pending < most)
    }

    fn is_proven(&self) -> bool {
        self.account.accepted.contains(&true)
    }

    /// True where this caller is at a site of the present row of refusals, which is so long that others come first.
    pub(super) fn is_second_choice(&self, caller: Caller) -> bool {
        let long = if self.is_proven() { CHANGE_OF_SITE } else { 1 };
        self.in_a_row >= long && caller.site.and_then(|site| self.sites.get(site)).is_some_and(|at| at.row == self.row)
    }

    /// True where a device of a site that is not in the present row of refusals may still come. Nobody waits for ever.
    pub(super) fn others_may_come(&self, now: Instant) -> bool {
        self.left > self.left_in_row && self.last_change.is_none_or(|last| now < last + HOLD)
    }

    /// A login begins.
    pub(super) fn begin(&mut self, caller: Caller, now: Instant) {
        self.last_begun = Some(now);
        self.last_change = Some(now);
        self.pending += 1;
        self.account.pending[caller.kind as usize] += 1;
        self.sets[caller.set].pending[caller.kind as usize] += 1;
        if let Some(site) = caller.site {
            self.site(site).pending += 1;
        }
        if let Some(device) = caller.device {
            self.devices[device].pending = Some(caller);
        }
    }

    /// A login ends without an answer: nothing is known. Where the device was given up before, that was said already.
    pub(super) fn end(&mut self, caller: Caller) {
        if caller.device.is_some_and(|device| self.devices[device].pending.take().is_none()) {
            return;
        }
        self.pending -= 1;
        self.account.pending[caller.kind as usize] -= 1;
        self.sets[caller.set].pending[caller.kind as usize] -= 1;
        if let Some(site) = caller.site {
            self.site(site).pending -= 1;
        }
    }

    /// A secret was accepted. The window grows up to `most`.
    pub(super) fn accept(&mut self, caller: Caller, most: u32, now: Instant) {
        self.answer(caller, now);
        if self.is_proven() {
            self.window = (self.window + 1).min(most.max(1));
        }
        self.in_a_row = 0;
        self.row += 1;
        self.left_in_row = 0;
        self.account.accepted[caller.kind as usize] = true;
        self.sets[caller.set].accepted[caller.kind as usize] = true;
        if let Some(site) = caller.site {
            self.site(site).accepted = true;
        }
    }

    /// A secret was refused.
    pub(super) fn refuse(&mut self, caller: Caller, now: Instant) {
        self.answer(caller, now);
        self.has_news_of_a_stop = true;
        self.window = 1;
        self.refused += 1;
        self.in_a_row += 1;
        self.account.refused[caller.kind as usize] += 1;
        self.sets[caller.set].refused[caller.kind as usize] += 1;
        self.is_stopped |= self.is_too_much(caller.kind);
        self.stop_useless_set(caller);
        if let Some(site) = caller.site {
            self.refused_at(site);
        }
    }

    fn answer(&mut self, caller: Caller, now: Instant) {
        self.end(caller);
        if let Some(device) = caller.device {
            self.settle(device, false);
        }
        self.answered += 1;
        self.last_change = Some(now);
    }

    fn is_too_much(&self, kind: Kind) -> bool {
        let untried = !self.account.is_proven(kind) && !self.account.is_proven(Kind::Device);
        let allowed = ALLOWED * 100 + u64::from(self.answered) * ALLOWED_PERCENT;
        (untried && self.refused >= WITHOUT_SUCCESS)
            || self.in_a_row >= IN_A_ROW
            || u64::from(self.refused) * 100 > allowed
    }

    fn stop_useless_set(&mut self, caller: Caller) {
        let set = &mut self.sets[caller.set];
        let is_useless = !set.is_proven(caller.kind) && set.refused_before_success(caller.kind) >= WITHOUT_SUCCESS;
        if is_useless {
            // One secret: where neither kind accepts it, neither gets it again.
            for (stopped, accepted) in set.stopped.iter_mut().zip(set.accepted) {
                *stopped |= !accepted;
            }
        }
    }

    fn refused_at(&mut self, number: usize) {
        let row = self.row;
        let site = self.site(number);
        site.refused += 1;
        let (joins, left) = (site.row != row, site.left);
        site.row = row;
        let is_over = !site.accepted && site.refused >= WITHOUT_SUCCESS && !site.is_set_aside;
        if is_over {
            site.is_set_aside = true;
            site.left = 0;
        }
        self.left_in_row += if joins { left } else { 0 };
        if is_over {
            self.left -= left;
            self.left_in_row -= left;
        }
    }

    fn site(&mut self, number: usize) -> &mut Site {
        if self.sites.len() <= number {
            self.sites.resize_with(number + 1, Site::default);
        }
        &mut self.sites[number]
    }
}
