//! From the lines of a licence output to facts.
//!
//! A fact that the command never prints stays "not collected"; one that it prints and did not is "not printed", or, in a reply
//! that was cut, what cut it.

use super::fields::put;
use super::{Block, Licensing};
use crate::commands::Answers;
use crate::commands::lines::{Field, Line, Speaker, Text};
use crate::fact::Unknown;
use crate::facts::Facts;

/// Which facts a command can answer.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "a set of parts of an output; each command names its own")]
pub(crate) struct Scope {
    /// Transport, policy, usage reporting, trust codes.
    pub status: bool,
    /// Whether it is SLP at all.
    pub slp: bool,
    /// Accounts.
    pub account: bool,
    /// Licences.
    pub licenses: bool,
    /// Units.
    pub units: bool,
    /// Authorization codes of the units.
    pub authorizations: bool,
    /// Agent version, reports in store.
    pub product: bool,
    /// Counters, jobs and the agent's own state.
    pub support: bool,
}

impl Scope {
    /// Everything that `show license all` prints.
    pub(crate) const ALL: Self = Self {
        status: true,
        slp: true,
        account: true,
        licenses: true,
        units: true,
        authorizations: true,
        product: true,
        support: false,
    };
    /// The same, with counters, jobs and the agent's own state.
    pub(crate) const SUPPORT: Self = Self { support: true, ..Self::ALL };
}

impl<'a> Licensing<'a> {
    /// Every fact of this output.
    pub(crate) fn answers(mut self, text: &Text<'a>, scope: Scope) -> Answers {
        let mut speaker = text.speaker(self.recognised);
        // The last part of a long output was not reached: saved by a terminal that lost the rest.
        let ended = text.is_whole() && self.reached_end(scope);
        if !ended && speaker.missing == Unknown::Absent {
            speaker.missing = Unknown::Truncated;
        }
        let mut facts = Facts::default();
        self.conclude(ended);
        self.answer_lists(&mut facts, &speaker, scope, ended);
        put(&mut facts.device_time, self.current_time, &speaker, false);
        self.fields.answer(&mut facts, &speaker, scope);
        Answers {
            facts,
            unparsed: self.unparsed.iter().map(Line::kept).collect(),
            recognised: self.recognised,
            ..Answers::default()
        }
    }

    /// Reports without an ACK. `Waiting for Ack: 0(10)` of tech support counts those `Available to Report: 3` among them (it is Total
    /// less what was acknowledged, where nothing was purged); `Waiting for Ack: 3` of the other outputs stands beside them.
    fn unacknowledged(&mut self) -> Field<'a, u64> {
        match (&self.fields.rum_unacknowledged, &self.fields.rum_waiting_for_ack, &self.fields.rum_available_to_report)
        {
            (Field::Missing, Field::Read(waiting, at), Field::Read(available, below)) => {
                let line = if waiting >= available { *at } else { *below };
                Field::Read(waiting.saturating_add(*available), line)
            }
            _ => std::mem::take(&mut self.fields.rum_unacknowledged),
        }
    }

    /// True where the output has what stands last in it in every generation.
    fn reached_end(&self, scope: Scope) -> bool {
        if scope.support {
            !self.fields.overall_trust.is_missing()
                || !self.fields.ntp_synchronized.is_missing()
                || self.last == Some(Block::Other)
        } else {
            !scope.product || !self.fields.agent_version.is_missing()
        }
    }

    /// True where a list cannot go on in what is missing of a reply.
    fn closed(&self, ended: bool, blocks: &[Block]) -> bool {
        ended || self.last.is_some_and(|last| last != Block::Unknown && !blocks.contains(&last))
    }

    /// The facts that hang on several lines.
    fn conclude(&mut self, ended: bool) {
        self.fields.slp_enabled = self.slp(ended);
        self.fields.min_reporting_frequency_days = self.smallest_frequency(ended);
        self.fields.rum_unacknowledged = self.unacknowledged();
        if !matches!(self.fields.transport_type, Field::Read(..)) && !self.agent_transport.is_missing() {
            self.fields.transport_type = std::mem::take(&mut self.agent_transport);
        }
    }

    fn answer_lists(&mut self, facts: &mut Facts, speaker: &Speaker, scope: Scope, ended: bool) {
        let trust_closed = self.closed(ended, &[Block::TrustCode]);
        let data_ended = ended || !self.fields.overall_trust.is_missing();
        let trust = self.trust.field(&self.units, data_ended);
        put(&mut facts.trust_codes, if trust_closed { trust } else { Field::Missing }, speaker, scope.status);
        if self.closed(ended, &[Block::LicenseUsage, Block::License]) {
            put(&mut facts.licenses, self.licenses.field(), speaker, scope.licenses);
        } else if scope.licenses {
            facts.licenses = speaker.fact(Field::Missing);
        }
        let units = if self.closed(ended, &[Block::Product, Block::HaUnits, Block::Start]) {
            self.units.field()
        } else {
            Field::Missing
        };
        put(&mut facts.udis, units, speaker, scope.units);
        let channels = if self.closed(ended, &[Block::Communication, Block::Channel]) {
            self.channels.field()
        } else {
            Field::Missing
        };
        put(&mut facts.communication, channels, speaker, scope.support);
        let closed = self.closed(ended, &[Block::Authorizations, Block::Reservation, Block::Start]);
        let (installed, units) = if closed {
            (self.authorizations.installed(), self.authorizations.units())
        } else {
            (Field::Missing, Field::Missing)
        };
        put(&mut facts.authorization_installed, installed, speaker, scope.authorizations);
        put(&mut facts.authorization_units, units, speaker, scope.authorizations);
        self.note_lines(facts, speaker.command);
    }

    /// The lines that prove a problem of one part of a list.
    fn note_lines(&self, facts: &mut Facts, command: &'static str) {
        let ends = self.trust.ends().enumerate().filter_map(|(part, line)| Some(("trust_codes", part, "end", line?)));
        let units = self.units.lines().enumerate().map(|(part, line)| ("udis", part, "unit", line));
        let reasons = self.channels.reasons().map(|(part, line)| ("communication", part, "reason", line));
        let refused = self.licenses.refused().map(|(part, line)| ("licenses", part, "status", line));
        let statuses = self.authorizations.statuses().enumerate();
        let statuses = statuses.filter_map(|(part, line)| Some(("authorization.units", part, "status", line?)));
        for (key, part, says, line) in ends.chain(units).chain(reasons).chain(refused).chain(statuses) {
            facts.proofs.note(key, part, says, line.evidence(command));
        }
    }

    /// SLP by its own block; not SLP by the blocks that only Smart Licensing before it prints.
    fn slp(&self, ended: bool) -> Field<'a, bool> {
        match (
            &self.slp_status,
            &self.fields.registration_status,
            &self.fields.authorization_status,
            &self.fields.smart_licensing_enabled,
        ) {
            (Field::Read(enabled, line), ..) => Field::Read(*enabled, *line),
            (Field::Unread(wanted, line), ..) => Field::Unread(wanted, *line),
            (_, Field::Read(_, line), ..) => Field::Read(false, *line),
            // `Not Applicable`: there is nothing to register for under SLP.
            (_, _, Field::Read(status, line), _) => Field::Read(status.is_none(), *line),
            (_, _, _, Field::Read(false, line)) if ended => Field::Read(false, *line),
            _ => Field::Missing,
        }
    }

    fn smallest_frequency(&self, ended: bool) -> Field<'a, Option<u32>> {
        if !self.closed(ended, &[Block::Policy]) {
            return Field::Missing;
        }
        if let Some(line) = self.policy_unread {
            return Field::Unread("number of days", line);
        }
        let least = self.reporting_frequency.iter().filter(|(days, _)| *days > 0).min_by_key(|(days, _)| *days);
        match (least, self.reporting_frequency.first()) {
            (Some((days, line)), _) => Field::Read(Some(*days), *line),
            (None, Some((_, line))) => Field::Read(None, *line),
            (None, None) => Field::Missing,
        }
    }
}
