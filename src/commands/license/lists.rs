//! Lists in licence outputs: licences by handle, by name or as a table, and the channels of `Communication Statistics:`.
//!
//! ```text
//! Handle: 1                                              tech support
//!   License: network-advantage
//! network-advantage (C9300-24 Network Advantage):        all, usage
//! (LAN_ENTERPRISE_SERVICES_PKG):                         NX-OS: no name before the parenthesis
//! network-advantage   (C9300-48 Network Advan...)   1 IN USE      summary
//! ```

use super::units::split_date;
use crate::commands::lines::{Field, Folded, Line, leading_number, text_value, time_value};
use crate::facts::{Channel, License};

/// Licences as printed, none merged.
#[derive(Debug, Default)]
pub(crate) struct LicenseLines<'a> {
    first: Option<Line<'a>>,
    items: Vec<License>,
    /// Of the licences that are not authorized: the place in the list, and the line that says so.
    refused: Vec<(usize, Line<'a>)>,
    unread: Option<Line<'a>>,
}

impl<'a> LicenseLines<'a> {
    /// `Handle: 1` or `name (description):`.
    pub(crate) fn open(&mut self, line: Line<'a>) {
        self.first.get_or_insert(line);
        let name = if line.text.starts_with("Handle:") { "" } else { name_of(line.text.trim_end_matches(':')) };
        self.items.push(License {
            name: name.to_owned(),
            count: 0,
            status: String::new(),
            enforcement: None,
            kind: None,
        });
        if line.torn {
            self.unread.get_or_insert(line);
        }
    }

    /// A line of a licence was lost.
    pub(crate) fn tear(&mut self, line: Line<'a>) {
        self.unread.get_or_insert(line);
    }

    /// A line of the licence opened last.
    pub(crate) fn take(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        let place = self.items.len().saturating_sub(1);
        let Some(item) = self.items.last_mut() else { return false };
        if key == "status" && value.starts_with("NOT AUTHORIZED") {
            self.refused.push((place, line));
        }
        let readable = match key {
            "license" => {
                value.clone_into(&mut item.name);
                !value.is_empty()
            }
            // Where the line `License:` was lost.
            "feature name" => {
                if item.name.is_empty() {
                    value.clone_into(&mut item.name);
                }
                true
            }
            "count" => leading_number(value).map(|count| item.count = count).is_some(),
            "status" => {
                without_code(value).clone_into(&mut item.status);
                !value.is_empty()
            }
            "enforcement type" => text_value(value).map(|text| item.enforcement = text).is_some(),
            "license type" => text_value(value).map(|text| item.kind = text).is_some(),
            _ => return is_license_key(key) || line.text.starts_with("ENTITLEMENT"),
        };
        if line.torn || !readable {
            self.unread.get_or_insert(line);
        }
        readable && !line.torn
    }

    /// A line of the block that belongs to no licence: a row of the summary's table, or `No licenses in use`.
    pub(crate) fn take_row(&mut self, line: Line<'a>) -> bool {
        let lower = line.text.to_ascii_lowercase();
        if lower.starts_with("no licenses in use") || lower.starts_with("license ") && lower.ends_with("status") {
            self.first.get_or_insert(line);
            return true;
        }
        let row = (|| {
            let (name, rest) = line.text.rsplit_once(')')?;
            let (count, status) = rest.trim().split_once(' ')?;
            let count: u64 = count.parse().ok()?;
            Some((name_of(name), count, status.trim()))
        })();
        let Some((name, count, status)) = row.filter(|_| !line.torn) else {
            self.unread.get_or_insert(line);
            return false;
        };
        self.first.get_or_insert(line);
        self.items.push(License {
            name: name.to_owned(),
            count,
            status: status.to_owned(),
            enforcement: None,
            kind: None,
        });
        true
    }

    /// The lines of the licences that are not authorized, with their places in the list.
    pub(crate) fn refused(&self) -> impl Iterator<Item = (usize, Line<'a>)> {
        self.refused.iter().copied()
    }

    /// Every licence.
    pub(crate) fn field(&mut self) -> Field<'a, Vec<License>> {
        match (self.unread, self.first) {
            (Some(line), _) => Field::Unread("licence", line),
            (None, Some(line)) if self.items.iter().any(|item| item.name.is_empty()) => Field::Unread("licence", line),
            (None, Some(line)) => Field::Read(std::mem::take(&mut self.items), line),
            (None, None) => Field::Missing,
        }
    }
}

/// `network-advantage (C9300-24 Network Advantage)` is `network-advantage`; `(LAN_PKG)` is `LAN_PKG`.
fn name_of(text: &str) -> &str {
    let text = text.trim();
    match text.find('(') {
        Some(0) => text.trim_start_matches('(').trim_end_matches(')'),
        Some(at) => text[..at].trim_end(),
        None => text,
    }
}

/// `IN USE(15)` is `IN USE`.
fn without_code(status: &str) -> &str {
    let code = status.strip_suffix(')').and_then(|status| status.rsplit_once('('));
    match code {
        Some((words, code)) if !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit()) => words.trim_end(),
        _ => status,
    }
}

/// Keys of a licence that no fact is made of.
fn is_license_key(key: &str) -> bool {
    matches!(
        key,
        "entitlement tag"
            | "description"
            | "version"
            | "authorized count"
            | "out-of-compliance count"
            | "insufficient count"
            | "no license"
            | "status time"
            | "request time"
            | "export status"
            | "feature description"
            | "day-0 verification"
            | "measurements"
            | "interval"
            | "current value"
            | "current report"
            | "soft enforced"
            | "evaluation period left"
            | "reservation"
            | "reservation status"
    )
}

/// The channels of `Communication Statistics:`.
#[derive(Debug, Default)]
pub(crate) struct ChannelLines<'a> {
    title: Option<Line<'a>>,
    first: Option<Line<'a>>,
    channels: Vec<Channel>,
    /// The lines of reasons, with the places of their channels.
    reasons: Vec<(usize, Line<'a>)>,
    unread: Option<Line<'a>>,
    /// Counters that do not end on their line.
    unfinished: Option<Line<'a>>,
    /// What the line before began, and a narrow terminal may have wrapped.
    open: Open,
    /// Characters of the line before.
    width: usize,
}

/// Columns of a terminal that nobody made wider, less the blank that is lost at its edge.
const FULL: usize = 79;

/// A line that may go on in the next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    Counters,
    Reason,
}

impl<'a> ChannelLines<'a> {
    /// The title of a channel; its counters follow.
    pub(crate) fn open(&mut self, line: Line<'a>) {
        self.title = Some(line);
        self.open = Open::Nothing;
    }

    /// A line of a channel was lost, or its title.
    pub(crate) fn tear(&mut self, line: Line<'a>) {
        self.unread.get_or_insert(line);
    }

    /// A line of the channel opened last.
    pub(crate) fn take(&mut self, line: Line<'a>) -> bool {
        let (key, value) = line.key_value().unwrap_or_default();
        let folded = Folded::of(key);
        let open = std::mem::take(&mut self.open);
        let width = std::mem::replace(&mut self.width, line.indent + line.text.len());
        if folded.as_str() == "attempts" {
            return self.take_counters(line);
        }
        // Lines of a channel whose counters were lost must not change the channel before it.
        let place = self.channels.len().saturating_sub(1);
        let Some(channel) = self.channels.last_mut().filter(|_| self.title.is_none()) else {
            return matches!(
                folded.as_str(),
                "last response" | "failure reason" | "last success time" | "last failure time"
            );
        };
        let readable = match folded.as_str() {
            "last response" => {
                match split_date(value, " on ") {
                    Some((response, at)) => {
                        channel.last_response = Some(response.to_owned());
                        channel.last_response_at = Some(at);
                    }
                    None => channel.last_response = text_value(value).flatten(),
                }
                !value.is_empty()
            }
            "failure reason" => {
                self.open = Open::Reason;
                channel.failure_reason = text_value(value).flatten();
                if channel.failure_reason.is_some() {
                    self.reasons.push((place, line));
                }
                true
            }
            "last success time" => time_value(value).map(|time| channel.last_success = time).is_some(),
            "last failure time" => time_value(value).map(|time| channel.last_failure = time).is_some(),
            _ => return self.go_on(line, open, width),
        };
        if line.torn {
            self.unread.get_or_insert(line);
        }
        readable && !line.torn
    }

    /// The rest of counters or of a reason, on a terminal of 80 columns.
    fn go_on(&mut self, line: Line<'a>, open: Open, width: usize) -> bool {
        let Some(channel) = self.channels.last_mut().filter(|_| !line.torn) else { return false };
        match (open, &mut channel.failure_reason) {
            (Open::Reason, Some(reason)) => {
                self.open = Open::Reason;
                // A line that was full was broken within a word.
                if width < FULL {
                    reason.push(' ');
                }
                reason.push_str(line.text);
                true
            }
            // What is missing of them, or the end of the last number.
            (Open::Counters, _) if self.unfinished.is_some() || line.text.bytes().all(|byte| byte.is_ascii_digit()) => {
                channel.counters.push_str(line.text);
                let understood = count(channel).is_some();
                if understood {
                    self.unfinished = None;
                }
                understood
            }
            _ => false,
        }
    }

    fn take_counters(&mut self, line: Line<'a>) -> bool {
        let (Some(title), false) = (self.title.take(), line.torn) else {
            self.unread.get_or_insert(line);
            return false;
        };
        self.first.get_or_insert(line);
        let mut channel = Channel {
            channel: snake_case(title.text),
            line: line.number,
            counters: line.text.to_owned(),
            ..Channel::default()
        };
        let understood = count(&mut channel).is_some();
        self.channels.push(channel);
        self.open = Open::Counters;
        if !understood {
            self.unfinished.get_or_insert(line);
        }
        understood || line.indent + line.text.len() + 10 >= FULL
    }

    /// The lines of reasons, with the places of their channels.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (usize, Line<'a>)> {
        self.reasons.iter().copied()
    }

    /// Every channel. One whose counters could not be read may be the one that fails: then nothing is known.
    pub(crate) fn field(&mut self) -> Field<'a, Vec<Channel>> {
        match (self.unread.or(self.unfinished), self.first) {
            (Some(line), _) => Field::Unread("counters of a channel", line),
            (None, Some(line)) => {
                // They stay until the device is done; a thousand devices at once have room for a dozen unused ones each.
                self.channels.shrink_to_fit();
                Field::Read(std::mem::take(&mut self.channels), line)
            }
            (None, None) => Field::Missing,
        }
    }
}

/// Fills the numbers from the counters' text: `Attempts: Total=11, Success=0, Fail=11  Ongoing Failure: Overall=11 Communication=11`.
fn count(channel: &mut Channel) -> Option<()> {
    let text = &channel.counters;
    let behind = |name: &str| {
        let at = text.find(name)? + name.len();
        leading_number::<u64>(text[at..].trim_start_matches([' ', '=']))
    };
    (channel.total, channel.success, channel.fail) = (behind("Total")?, behind("Success")?, behind("Fail")?);
    (channel.ongoing_overall, channel.ongoing_communication) = (behind("Overall")?, behind("Communication")?);
    Some(())
}

/// `Trust Establishment:` is `trust_establishment`.
fn snake_case(title: &str) -> String {
    title.trim_end_matches(':').split_ascii_whitespace().collect::<Vec<_>>().join("_").to_ascii_lowercase()
}
