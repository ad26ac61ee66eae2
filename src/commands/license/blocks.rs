//! What a line says in each block of a licence output.
//!
//! Keys are matched whole, without regard to case, and only in their block: `Status:` alone means six things.

use super::Licensing;
use super::titles::Block;
use super::units::split_date;
use crate::commands::lines::{Folded, Line, is_none, leading_number, text_value};
use crate::fact::DeviceTime;
use crate::facts::TransportType;

pub(super) const TIME: &str = "time like `Jun 17 15:04:29 2025 IST`";
const NUMBER: &str = "number";
pub(super) const TEXT: &str = "value";

impl<'a> Licensing<'a> {
    /// Reads a line of a block; false where nothing here understands it.
    pub(super) fn read_in(&mut self, block: Block, line: Line<'a>) -> bool {
        match line.text {
            "Smart Licensing is ENABLED" => return self.fields.smart_licensing_enabled.take(line, TEXT, Some(true)),
            "Smart Licensing is DISABLED" => return self.fields.smart_licensing_enabled.take(line, TEXT, Some(false)),
            _ => {}
        }
        let (key, value) = line.key_value().unwrap_or((line.text, ""));
        let folded = Folded::of(key);
        let key = folded.as_str();
        let understood = self.fields.take(block, line, key, value).unwrap_or_else(|| match block {
            Block::Slp => self.read_slp(line, key, value),
            Block::Account => self.read_account(line, key, value),
            Block::Privacy => key.ends_with("privacy") || key == "sending hostname",
            Block::Transport => self.read_transport(line, key, value),
            Block::Policy => self.read_policy(line, key, value),
            Block::Usage => key == "last report file write",
            Block::TrustCode => self.trust.take(line),
            Block::LicenseUsage => self.licenses.take_row(line),
            Block::License => self.licenses.take(line, key, value),
            Block::Product | Block::Start if key == "udi" => self.units.take_udi(line, value),
            Block::HaUnits => self.units.take_unit(line),
            Block::Jobs if key == "current time" => self.current_time.take(line, TIME, DeviceTime::parse(value)),
            Block::Channel => self.channels.take(line),
            Block::Authorizations | Block::Reservation | Block::Start => self.read_authorization_code(line, key, value),
            Block::UsageSummary => self.read_summary(line, key),
            Block::Telemetry => {
                matches!(
                    key,
                    "data channel"
                        | "reports on disk"
                        | "device telemetry"
                        | "product analytics"
                        | "not available reason"
                ) || key.starts_with("total current")
            }
            Block::Registration => self.read_registration(line, key, value),
            Block::Authorization => self.read_authorization(line, key, value),
            Block::Other => self.read_other(line, key, value),
            Block::Jobs | Block::Free => true,
            Block::Product | Block::Agent | Block::Communication | Block::Unknown => false,
        });
        self.recognised |= understood && !block.is_free();
        understood
    }

    fn read_slp(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "status" => {
                let enabled = match value {
                    "ENABLED" => Some(true),
                    "DISABLED" => Some(false),
                    _ => None,
                };
                self.slp_status.take(line, "ENABLED or DISABLED", enabled)
            }
            "reporting mode" => true,
            _ => false,
        }
    }

    fn read_account(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        // A name may hold `As of` itself; what counts is the last one, with a date behind it.
        let (name, as_of) = match split_date(value, " As of ") {
            Some((name, as_of)) => (name, Some(as_of)),
            None => (value, None),
        };
        match key {
            "smart account" => {
                self.fields.account_as_of.take(line, TIME, Some(as_of));
                self.fields.smart_account.take(line, "account", text_value(name))
            }
            "virtual account" => self.fields.virtual_account.take(line, "account", text_value(name)),
            _ => false,
        }
    }

    fn read_transport(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "utility url" | "username" | "password" | "ip mode" => true,
            "proxy" | "vrf" if value.is_empty() => {
                self.under = if key == "proxy" { "proxy" } else { "vrf" };
                true
            }
            "proxy" => self.read_proxy_none(line, value),
            "port" => {
                let port = if is_none(value) || value == "<empty>" { Some(None) } else { value.parse().ok().map(Some) };
                self.fields.proxy_port.take(line, "port", port)
            }
            "vrf" => self.fields.transport_vrf.take(line, "VRF", text_value(value)),
            // Under `Proxy:` or `VRF:`.
            "not configured" => match self.under {
                "proxy" => self.read_proxy_none(line, "Not Configured"),
                "vrf" => self.fields.transport_vrf.take(line, "VRF", Some(None)),
                _ => false,
            },
            _ => false,
        }
    }

    fn read_proxy_none(&mut self, line: Line<'a>, value: &str) -> bool {
        let none = is_none(value).then_some(None);
        self.fields.proxy_port.take(line, "port", none);
        self.fields.proxy_address.take(line, "address", none.map(|_: Option<u16>| None))
    }

    fn read_policy(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "reporting frequency (days)" | "ongoing reporting frequency (days)" => {
                let days = leading_number(value).filter(|_| !line.torn);
                match days {
                    Some(days) => self.reporting_frequency.push((days, line)),
                    None => _ = self.policy_unread.get_or_insert(line),
                }
                days.is_some()
            }
            _ if line.torn => false,
            _ => {
                // A group of licences: `Enforced (Perpetual/Subscription) License Attributes:`.
                let is_group = ["unenforced", "enforced", "export"].iter().any(|word| key.starts_with(word));
                is_group && value.is_empty() || key.ends_with("(days)")
            }
        }
    }

    fn read_authorization_code(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "status" | "reservation status" => self.authorizations.take_status(line, value),
            "license reservation" => self.authorizations.take_reservation(line, value),
            "request code"
            | "last return code"
            | "last confirmation code"
            | "reservation authorization code"
            | "last data push"
            | "last file export"
            | "export-controlled functionality" => true,
            // An authorization code is printed as a line of XML.
            _ => self.authorizations.take_unit(line) || (line.text.starts_with('<') && !line.torn),
        }
    }

    fn read_summary(&mut self, line: Line<'a>, key: &str) -> bool {
        let behind = |name: &str| Some(line.text[line.text.find(name)? + name.len()..].trim_start());
        match key {
            "total acknowledged received" | "waiting for ack" => {
                // `0(349)`: none of the old kind, 349 of the new; tech support's own way to say 349.
                let rest = behind("Waiting for Ack:").unwrap_or_default();
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let all: Option<u64> = rest[digits..].strip_prefix('(').and_then(leading_number);
                let first = leading_number(rest).map(|first: u64| all.map_or(first, |all| first.max(all)));
                if all.is_some() {
                    self.fields.rum_unacknowledged.take(line, NUMBER, first);
                }
                self.fields.rum_waiting_for_ack.take(line, NUMBER, first)
            }
            "maximum display" | "in storage" => {
                let stored = behind("In Storage:").and_then(leading_number);
                stored.is_none() || self.fields.rum_in_storage.take(line, NUMBER, stored)
            }
            _ => matches!(key, "report module status" | "purged" | "collecting data"),
        }
    }

    fn read_registration(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "smart account" | "virtual account" => self.read_account(line, key, value),
            "initial registration" | "next renewal attempt" | "export-controlled functionality" => true,
            _ => key == "failure reason",
        }
    }

    fn read_authorization(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            // Under SLP `show license usage` prints the block still, with `Not Applicable`.
            "status" if value == "Not Applicable" => self.fields.authorization_status.take(line, "status", Some(None)),
            "status" => {
                let status = split_date(value, " on ").map_or(value, |(status, _)| status);
                self.fields.authorization_status.take(line, "status", plain(status).map(Some))
            }
            "next communication attempt" | "communication deadline" => true,
            _ => key == "failure reason" || key.starts_with("evaluation period"),
        }
    }

    fn read_other(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "transport" => {
                self.agent_transport.take(line, "transport", transport(value));
                true
            }
            _ => self.trust.take_data(line),
        }
    }
}

/// A text that must be there; `<empty>` is the empty string.
pub(super) fn plain(value: &str) -> Option<String> {
    match value {
        "" => None,
        "<empty>" => Some(String::new()),
        value => Some(value.to_owned()),
    }
}

pub(super) fn boolean(value: &str) -> Option<bool> {
    match value {
        "True" | "TRUE" | "true" => Some(true),
        "False" | "FALSE" | "false" => Some(false),
        _ => None,
    }
}

/// `Transport Off` in `show license status`, `Off` by its configuration.
pub(super) fn transport(value: &str) -> Option<TransportType> {
    let value = value.to_ascii_lowercase();
    Some(match value.as_str() {
        "smart" => TransportType::Smart,
        "callhome" | "call-home" | "call home" => TransportType::Callhome,
        "cslu" => TransportType::Cslu,
        "transport off" | "off" => TransportType::Off,
        _ => return None,
    })
}

/// A text that must be there, as printed.
pub(super) fn text(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

/// `yes (CISCO default)`.
pub(super) fn yes_or_no(value: &str) -> Option<bool> {
    match value.split([' ', '(']).next() {
        Some("yes" | "Yes" | "YES") => Some(true),
        Some("no" | "No" | "NO") => Some(false),
        _ => None,
    }
}
