//! The blocks that `show license tech support`, `all`, `status`, `usage`, `udi` and their kin share, in every generation.
//!
//! ```text
//! Transport:                                            a block: its title alone on the line
//!   Type: Smart
//!   URL: https://smartreceiver.cisco.com/licservice/license
//! License Usage                                         a part: title and underline
//! =============
//! Handle: 1
//!   License: network-advantage
//!   Status: IN USE(15)
//! Communication Statistics:
//! Usage Reporting:                                      the same title again, with another meaning
//!   Attempts: Total=3, Success=3, Fail=0  Ongoing Failure: Overall=0 Communication=0
//! ```
//!
//! Titles decide what a line means, never its indentation or a blank line: captures lose both.

mod answers;
mod authorizations;
mod blocks;
mod fields;
mod lists;
mod titles;
mod units;

pub(crate) use answers::Scope;
use authorizations::AuthorizationLines;
use fields::Fields;
use lists::{ChannelLines, LicenseLines};
pub(crate) use titles::Block;
use titles::Title;
use units::{TrustLines, Units};

use super::lines::{Field, Line, Text};
use crate::fact::DeviceTime;
use crate::facts::TransportType;

/// What one licence command says, each value with its line.
#[derive(Debug, Default)]
pub(crate) struct Licensing<'a> {
    /// At least one line was one of a licence output.
    pub recognised: bool,
    /// The block in which the reply ends.
    last: Option<Block>,
    /// Lines of a known block, or of an unknown one, that nothing here understands.
    pub unparsed: Vec<Line<'a>>,
    /// Title of the lines that follow, inside the Transport block: `proxy` or `vrf`.
    under: &'static str,

    /// The facts that stand on one line.
    fields: Fields<'a>,
    slp_status: Field<'a, bool>,
    agent_transport: Field<'a, TransportType>,
    current_time: Field<'a, DeviceTime>,
    reporting_frequency: Vec<(u32, Line<'a>)>,
    policy_unread: Option<Line<'a>>,
    trust: TrustLines<'a>,
    licenses: LicenseLines<'a>,
    units: Units<'a>,
    channels: ChannelLines<'a>,
    authorizations: AuthorizationLines<'a>,
}

impl<'a> Licensing<'a> {
    /// Reads a reply that begins in `first`, the block in which lines stand before any title.
    pub(crate) fn read(text: &Text<'a>, first: Block) -> Self {
        let mut licensing = Self::default();
        let mut place = Place { block: first, since: Line::default(), parent: None };
        let mut lines = text.lines.iter().copied().peekable();
        while let Some(line) = lines.next() {
            if line.is_rule() {
                continue;
            }
            let underlined = lines.peek().is_some_and(|next| next.text.starts_with("===") && next.is_rule());
            licensing.line(&mut place, line, underlined);
        }
        licensing.last = Some(place.block);
        licensing
    }

    fn line(&mut self, place: &mut Place<'a>, line: Line<'a>, underlined: bool) {
        // Half a title may be another one: `License Authorization` of `License Authorizations`.
        let may_be_title = !line.torn || line.text.contains(':');
        if let (true, Some(title)) = (may_be_title, Title::of(line.text, place.block)) {
            self.recognised = true;
            place.enter(title.block, line);
            self.under = "";
            match title.block {
                Block::TrustCode => self.trust.open(title.rest, line),
                Block::Channel => self.channels.open(line),
                Block::License => self.licenses.open(line),
                Block::HaUnits => self.units.expect_list(),
                _ => {}
            }
            return;
        }
        // The title `Communication Statistics:` was lost, so that this one was taken for the block of the same name before it.
        if place.block == Block::Usage && line.text.starts_with("Attempts:") {
            place.block = Block::Channel;
            self.channels.open(place.since);
        }
        if underlined {
            // A part that no release known here prints: what stands in it must not be taken for the block before it.
            place.enter(Block::Unknown, line);
            self.unparsed.push(line);
            return;
        }
        place.leave_unknown(line);
        if self.read_in(place.block, line) {
            return;
        }
        self.unparsed.push(line);
        // A unit that cannot be read is one of the list all the same, and no title, though it may end in `SN:`.
        let is_unit = matches!(place.block, Block::HaUnits | Block::Authorizations) && line.text.contains("PID:");
        if line.torn || is_unit {
            self.tear(place.block, line);
        }
        if line.torn || (line.text.ends_with(':') && !is_unit) {
            place.enter_unknown(line);
        }
    }
}

impl<'a> Licensing<'a> {
    /// A line was lost in a block: a list that has its lines there, or begins after it, is not whole.
    fn tear(&mut self, block: Block, line: Line<'a>) {
        match block {
            Block::Policy => _ = self.policy_unread.get_or_insert(line),
            Block::Usage | Block::TrustCode => self.trust.tear(line),
            Block::Other => self.trust.tear_data(line),
            Block::LicenseUsage | Block::License => self.licenses.tear(line),
            Block::Product | Block::HaUnits => self.units.tear(line),
            Block::Communication | Block::Channel => self.channels.tear(line),
            Block::Authorizations | Block::Reservation | Block::Start => self.authorizations.tear(line),
            _ => {}
        }
    }
}

/// Where in the output a line stands.
#[derive(Debug)]
struct Place<'a> {
    block: Block,
    /// The title of the block.
    since: Line<'a>,
    /// The block around one with an unknown title, and the indentation of both titles.
    parent: Option<(Block, Line<'a>)>,
}

impl<'a> Place<'a> {
    fn enter(&mut self, block: Block, since: Line<'a>) {
        (self.block, self.since, self.parent) = (block, since, None);
    }

    /// A title that is not known: its lines are nobody's. Where it is indented deeper than the title of the block it stands in,
    /// the block goes on after it.
    fn enter_unknown(&mut self, line: Line<'a>) {
        if self.block.is_free() {
            return;
        }
        let parent =
            (self.block != Block::Unknown && line.indent > self.since.indent).then_some((self.block, self.since));
        (self.block, self.since, self.parent) = (Block::Unknown, line, parent.or(self.parent));
    }

    fn leave_unknown(&mut self, line: Line<'a>) {
        if let (Block::Unknown, Some((block, since))) = (self.block, self.parent)
            && line.indent <= self.since.indent
        {
            self.enter(block, since);
        }
    }
}
