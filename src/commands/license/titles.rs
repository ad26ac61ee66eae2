//! Titles of licence outputs: which block a line opens. Known by their whole text, with or without a colon, at any indentation.

use crate::commands::lines::Folded;

/// A block of a licence output, named after its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// Before any title, and under the title of the whole.
    Start,
    Slp,
    Account,
    Privacy,
    Transport,
    Policy,
    /// `Usage Reporting:` with the ACK and its deadline.
    Usage,
    TrustCode,
    LicenseUsage,
    /// One licence: `Handle: 1`, or `network-advantage (C9300-24 Network Advantage):`.
    License,
    Product,
    HaUnits,
    Agent,
    Jobs,
    Communication,
    /// One channel under `Communication Statistics:`.
    Channel,
    /// `Overall status:` with its units.
    Authorizations,
    Reservation,
    UsageSummary,
    /// Summaries of telemetry and analytics.
    Telemetry,
    Registration,
    Authorization,
    /// `Other Info`: a hundred names and values of the agent.
    Other,
    /// Blocks that hold nothing slaudit asks for, and whose lines are many and change with the release.
    Free,
    /// Under a title that is not known.
    Unknown,
}

impl Block {
    /// True where any line is taken, so that a new one is no news.
    pub(super) fn is_free(self) -> bool {
        matches!(self, Self::Jobs | Self::Other | Self::Free)
    }
}

/// The one title with text beside it.
const TRUST: &str = "Trust Code Installed:";

/// A title and what stands beside it on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Title<'a> {
    pub block: Block,
    pub rest: &'a str,
}

impl<'a> Title<'a> {
    /// The title that a line is, in the block `current`.
    pub(super) fn of(text: &'a str, current: Block) -> Option<Self> {
        let plain = |block| Some(Self { block, rest: "" });
        if let Some((title, rest)) = text.split_at_checked(TRUST.len())
            && title.eq_ignore_ascii_case(TRUST)
        {
            return Some(Self { block: Block::TrustCode, rest: rest.trim_start() });
        }
        if let Some(number) = text.strip_prefix("Handle:") {
            let is_number = number.trim_start().starts_with(|c: char| c.is_ascii_digit());
            return if is_number { plain(Block::License) } else { None };
        }
        let name = match text.strip_suffix(':') {
            Some(name) => name,
            // A name and a value: most lines end here.
            None if text.contains(':') => return None,
            None => text,
        };
        let folded = Folded::of(name);
        if let Some(block) = block_of(folded.as_str()) {
            // In `Other Info` the same word with an empty value is a line like any other.
            let is_line = current == Block::Other && block == Block::Transport;
            // Under `Communication Statistics:` it is a channel.
            let in_statistics = matches!(current, Block::Communication | Block::Channel);
            return match block {
                _ if is_line => None,
                Block::Usage if in_statistics => plain(Block::Channel),
                block => plain(block),
            };
        }
        if text.len() == name.len() {
            return None;
        }
        match current {
            Block::LicenseUsage | Block::License | Block::Authorization if name.ends_with(')') => plain(Block::License),
            Block::Communication | Block::Channel if !is_channel_key(folded.as_str()) => plain(Block::Channel),
            _ => None,
        }
    }
}

/// Keys of a channel, whose value may be empty.
fn is_channel_key(name: &str) -> bool {
    matches!(name, "attempts" | "last response" | "failure reason" | "last success time" | "last failure time")
        || matches!(name, "communication level allowed" | "overall state")
        || name.contains(':')
}

/// The block of a title in lower case.
fn block_of(name: &str) -> Option<Block> {
    Some(match name {
        "smart licensing tech support info" | "smart licensing status" | "license authorizations" => Block::Start,
        "smart licensing using policy" => Block::Slp,
        "account information" => Block::Account,
        "data privacy" => Block::Privacy,
        "transport" => Block::Transport,
        "policy" => Block::Policy,
        "usage reporting" => Block::Usage,
        "license usage" => Block::LicenseUsage,
        "product information" => Block::Product,
        "ha udi list" => Block::HaUnits,
        "agent version" => Block::Agent,
        "upcoming scheduled jobs" => Block::Jobs,
        "communication statistics" => Block::Communication,
        "trust establishment"
        | "trust acknowledgement"
        | "result polling"
        | "authorization request"
        | "authorization confirmation"
        | "authorization return"
        | "trust sync"
        | "hello message"
        | "telemetry reporting" => Block::Channel,
        "overall status" => Block::Authorizations,
        "reservation info" => Block::Reservation,
        "usage report summary" => Block::UsageSummary,
        "telemetry report summary" | "device telemetry report summary" | "product analytics report summary" => {
            Block::Telemetry
        }
        "registration" => Block::Registration,
        "license authorization" => Block::Authorization,
        "other info" => Block::Other,
        "license conversion"
        | "export authorization key"
        | "utility"
        | "miscellaneous"
        | "evaluation period"
        | "license certificates"
        | "ha info"
        | "specified license reservations"
        | "purchased licenses"
        | "derived licenses"
        | "authorizations"
        | "last reporting not required"
        | "device enforcement state"
        | "platform provided mapping table" => Block::Free,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str, current: Block) -> Option<Block> {
        Title::of(text, current).map(|title| title.block)
    }

    #[test]
    fn one_title_has_two_meanings() {
        assert_eq!(block("Usage Reporting:", Block::Policy), Some(Block::Usage));
        assert_eq!(block("Usage Reporting:", Block::Channel), Some(Block::Channel));
        assert_eq!(block("Transport:", Block::Privacy), Some(Block::Transport));
        assert_eq!(block("Transport: cslu", Block::Other), None);
        assert_eq!(block("Transport:", Block::Other), None);
    }

    #[test]
    fn licences_open_blocks_of_their_own() {
        assert_eq!(block("a (b):", Block::LicenseUsage), Some(Block::License));
        assert_eq!(block("Handle: 12", Block::Start), Some(Block::License));
        assert_eq!(block("a (b):", Block::Transport), None);
        assert_eq!(block("Measurements:", Block::License), None);
    }

    #[test]
    fn a_channel_of_a_later_release_is_a_channel() {
        assert_eq!(block("Carrier Pigeon:", Block::Channel), Some(Block::Channel));
        assert_eq!(block("Failure Reason:", Block::Channel), None);
        assert_eq!(block("Carrier: Pigeon:", Block::Channel), None);
    }

    #[test]
    fn nx_os_spells_titles_its_own_way() {
        assert_eq!(block("Smart Licensing using Policy:", Block::Free), Some(Block::Slp));
        assert_eq!(block("Trust Code installed: <none>", Block::Usage), Some(Block::TrustCode));
    }

    #[test]
    fn the_trust_code_title_carries_text() {
        let title = Title::of("Trust Code Installed:    Trust Code Type: CSSM", Block::Usage).expect("a title");
        assert_eq!(title.rest, "Trust Code Type: CSSM");
    }
}
