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
use crate::commands::lines::{Field, Line, is_none, leading_number, text_value, time_value};
use crate::facts::{Channel, License};

/// Licences as printed, none merged.
#[derive(Debug, Default)]
pub(crate) struct LicenseLines<'a> {
    first: Option<Line<'a>>,
    items: Vec<License>,
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
        let Some(item) = self.items.last_mut() else { return false };
        let readable = match key {
            "License" => {
                value.clone_into(&mut item.name);
                !value.is_empty()
            }
            // Where the line `License:` was lost.
            "Feature Name" => {
                if item.name.is_empty() {
                    value.clone_into(&mut item.name);
                }
                true
            }
            "Count" => leading_number(value).map(|count| item.count = count).is_some(),
            "Status" => {
                without_code(value).clone_into(&mut item.status);
                !value.is_empty()
            }
            "Enforcement type" | "Enforcement Type" => text_value(value).map(|text| item.enforcement = text).is_some(),
            "License type" | "License Type" => text_value(value).map(|text| item.kind = text).is_some(),
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
        "Entitlement Tag"
            | "Description"
            | "Version"
            | "Authorized Count"
            | "Out-Of-Compliance Count"
            | "Insufficient Count"
            | "No license"
            | "Status time"
            | "Request Time"
            | "Export status"
            | "Export Status"
            | "Feature Description"
            | "Day-0 Verification"
            | "Measurements"
            | "Interval"
            | "Current Value"
            | "Current Report"
            | "Soft Enforced"
            | "Evaluation period left"
            | "Reservation"
            | "Reservation Status"
    )
}

/// The channels of `Communication Statistics:`.
#[derive(Debug, Default)]
pub(crate) struct ChannelLines<'a> {
    title: Option<Line<'a>>,
    first: Option<Line<'a>>,
    channels: Vec<Channel>,
    unread: Option<Line<'a>>,
    /// The last line was a reason, which may go on.
    in_reason: bool,
}

impl<'a> ChannelLines<'a> {
    /// The title of a channel; its counters follow.
    pub(crate) fn open(&mut self, line: Line<'a>) {
        self.title = Some(line);
        self.in_reason = false;
    }

    /// A line of a channel was lost, or its title.
    pub(crate) fn tear(&mut self, line: Line<'a>) {
        self.unread.get_or_insert(line);
    }

    /// A line of the channel opened last.
    pub(crate) fn take(&mut self, line: Line<'a>) -> bool {
        let Some((key, value)) = line.key_value() else { return self.go_on(line) };
        if key == "Attempts" {
            self.in_reason = false;
            return self.take_counters(line);
        }
        // Lines of a channel whose counters were lost must not change the channel before it.
        let Some(channel) = self.channels.last_mut().filter(|_| self.title.is_none()) else {
            return matches!(key, "Last Response" | "Failure Reason" | "Last Success Time" | "Last Failure Time");
        };
        let readable = match key {
            "Last Response" => {
                match split_date(value, " on ") {
                    Some((response, at)) => {
                        channel.last_response = Some(response.to_owned());
                        channel.last_response_at = Some(at);
                    }
                    None if is_none(value) => channel.last_response = None,
                    None => channel.last_response = Some(value.to_owned()),
                }
                !value.is_empty()
            }
            "Failure Reason" => {
                channel.failure_reason = text_value(value).flatten();
                true
            }
            "Last Success Time" => time_value(value).map(|time| channel.last_success = time).is_some(),
            "Last Failure Time" => time_value(value).map(|time| channel.last_failure = time).is_some(),
            _ => return self.go_on(line),
        };
        self.in_reason = key == "Failure Reason";
        if line.torn {
            self.unread.get_or_insert(line);
        }
        readable && !line.torn
    }

    /// The rest of a reason that a narrow terminal wrapped.
    fn go_on(&mut self, line: Line<'a>) -> bool {
        let reason = self.channels.last_mut().and_then(|channel| channel.failure_reason.as_mut());
        match reason {
            Some(reason) if self.in_reason && !line.torn => {
                reason.push(' ');
                reason.push_str(line.text);
                true
            }
            _ => false,
        }
    }

    fn take_counters(&mut self, line: Line<'a>) -> bool {
        let count = |name: &str| {
            let at = line.text.find(name)? + name.len();
            leading_number::<u64>(line.text[at..].trim_start_matches([' ', '=']))
        };
        let channel = (|| {
            Some(Channel {
                channel: snake_case(self.title?.text),
                total: count("Total")?,
                success: count("Success")?,
                fail: count("Fail=").or_else(|| count("Fail "))?,
                ongoing_overall: count("Overall")?,
                ongoing_communication: count("Communication")?,
                line: line.number,
                counters: line.text.to_owned(),
                ..Channel::default()
            })
        })();
        let Some(channel) = channel.filter(|_| !line.torn) else {
            // A channel that cannot be read may be the one that fails.
            self.unread.get_or_insert(line);
            return false;
        };
        self.first.get_or_insert(line);
        self.channels.push(channel);
        self.title = None;
        true
    }

    /// Every channel.
    pub(crate) fn field(&mut self) -> Field<'a, Vec<Channel>> {
        match (self.unread, self.first) {
            (Some(line), _) => Field::Unread("counters of a channel", line),
            (None, Some(line)) => Field::Read(std::mem::take(&mut self.channels), line),
            (None, None) => Field::Missing,
        }
    }
}

/// `Trust Establishment:` is `trust_establishment`.
fn snake_case(title: &str) -> String {
    title.trim_end_matches(':').split_ascii_whitespace().collect::<Vec<_>>().join("_").to_ascii_lowercase()
}
