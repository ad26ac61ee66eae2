//! What a line says in each block of a licence output.
//!
//! Keys are matched whole, without regard to case, and only in their block: `Status:` alone means six things.

use super::Licensing;
use super::titles::Block;
use super::units::split_date;
use crate::commands::lines::{Folded, Line, is_none, leading_number, text_value, time_value};
use crate::fact::DeviceTime;
use crate::facts::TransportType;

const TIME: &str = "time like `Jun 17 15:04:29 2025 IST`";
const NUMBER: &str = "number";
const TEXT: &str = "value";

impl<'a> Licensing<'a> {
    /// Reads a line of a block; false where nothing here understands it.
    pub(super) fn read_in(&mut self, block: Block, line: Line<'a>) -> bool {
        match line.text {
            "Smart Licensing is ENABLED" => return self.enabled.take(line, TEXT, Some(true)),
            "Smart Licensing is DISABLED" => return self.enabled.take(line, TEXT, Some(false)),
            _ => {}
        }
        let (key, value) = line.key_value().unwrap_or((line.text, ""));
        let folded = Folded::of(key);
        let key = folded.as_str();
        let understood = match block {
            Block::Slp => self.read_slp(line, key, value),
            Block::Account => self.read_account(line, key, value),
            Block::Privacy => key.ends_with("privacy") || key == "sending hostname",
            Block::Transport => self.read_transport(line, key, value),
            Block::Policy => self.read_policy(line, key, value),
            Block::Usage => self.read_usage(line, key, value),
            Block::TrustCode => self.trust.take(line),
            Block::LicenseUsage => self.licenses.take_row(line),
            Block::License => self.licenses.take(line, key, value),
            Block::Product | Block::Start if key == "udi" => self.units.take_udi(line, value),
            Block::HaUnits => self.units.take_unit(line),
            Block::Agent | Block::Start if key == "smart agent for licensing" => {
                self.agent.take(line, "version", (!value.is_empty()).then(|| value.to_owned()))
            }
            Block::Jobs => self.read_job(line, key, value),
            Block::Communication => match key {
                "communication level allowed" => self.level.take(line, TEXT, plain(value)),
                "overall state" => self.state.take(line, TEXT, plain(value)),
                _ => false,
            },
            Block::Channel => self.channels.take(line),
            Block::Authorizations | Block::Reservation | Block::Start => self.read_authorization_code(line, key, value),
            Block::UsageSummary => self.read_summary(line, key, value),
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
            Block::Free => return true,
            Block::Product | Block::Agent | Block::Unknown => false,
        };
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
                self.account_as_of.take(line, TIME, Some(as_of));
                self.smart_account.take(line, "account", text_value(name))
            }
            "virtual account" => self.virtual_account.take(line, "account", text_value(name)),
            _ => false,
        }
    }

    fn read_transport(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "type" => self.transport.take(line, "transport", transport(value)),
            "url" | "registration url" => self.url.take(line, "URL", text_value(value)),
            "utility url" | "username" | "password" | "ip mode" => true,
            "cslu address" => self.cslu_address.take(line, "URL", text_value(value)),
            "proxy" | "vrf" if value.is_empty() => {
                self.under = if key == "proxy" { "proxy" } else { "vrf" };
                true
            }
            "proxy" => self.read_proxy_none(line, value),
            "address" => self.proxy_address.take(line, "address", text_value(value)),
            "port" => {
                let port = if is_none(value) || value == "<empty>" { Some(None) } else { value.parse().ok().map(Some) };
                self.proxy_port.take(line, "port", port)
            }
            "vrf" => self.vrf.take(line, "VRF", text_value(value)),
            "server identity check" => self.server_identity_check.take(line, "True or False", boolean(value)),
            "trust point" => self.trustpoint.take(line, "trustpoint", text_value(value)),
            // Under `Proxy:` or `VRF:`.
            "not configured" => match self.under {
                "proxy" => self.read_proxy_none(line, "Not Configured"),
                "vrf" => self.vrf.take(line, "VRF", Some(None)),
                _ => false,
            },
            _ => false,
        }
    }

    fn read_proxy_none(&mut self, line: Line<'a>, value: &str) -> bool {
        let none = is_none(value).then_some(None);
        self.proxy_port.take(line, "port", none);
        self.proxy_address.take(line, "address", none.map(|_: Option<u16>| None))
    }

    fn read_policy(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "policy in use" => self.policy_in_use.take(line, TEXT, text_value(value)),
            "policy name" => self.policy_name.take(line, TEXT, text_value(value)),
            "reporting ack required" => {
                let required = match value.split([' ', '(']).next() {
                    Some("yes" | "Yes" | "YES") => Some(true),
                    Some("no" | "No" | "NO") => Some(false),
                    _ => None,
                };
                self.ack_required.take(line, "yes or no", required)
            }
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

    fn read_usage(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "last ack received" => self.last_ack.take(line, TIME, time_value(value)),
            "next ack deadline" => self.ack_deadline.take(line, TIME, time_value(value)),
            "reporting push interval" => self.push_interval.take(line, "number of days", leading_number(value)),
            "next ack push check" => self.ack_push_check.take(line, TIME, time_value(value)),
            "next report push" => self.next_push.take(line, TIME, time_value(value)),
            "last report push" => self.last_push.take(line, TIME, time_value(value)),
            _ => key == "last report file write",
        }
    }

    fn read_job(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "current time" => self.current_time.take(line, TIME, DeviceTime::parse(value)),
            "send utility rum reports" => {
                let expired = (!value.is_empty()).then(|| value.starts_with("Expired Not Rescheduled"));
                self.send_rum_expired.take(line, "time or `Expired Not Rescheduled`", expired)
            }
            _ => true,
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

    fn read_summary(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        let behind = |name: &str| Some(line.text[line.text.find(name)? + name.len()..].trim_start());
        match key {
            "total" => self.rum_total.take(line, NUMBER, leading_number(value)),
            "total acknowledged received" | "waiting for ack" => {
                // `0(349)`: none of the old kind, 349 of the new; tech support's own way to say 349.
                let rest = behind("Waiting for Ack:").unwrap_or_default();
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let all: Option<u64> = rest[digits..].strip_prefix('(').and_then(leading_number);
                let first = leading_number(rest).map(|first: u64| all.map_or(first, |all| first.max(all)));
                if all.is_some() {
                    self.rum_unacknowledged.take(line, NUMBER, first);
                }
                self.rum_waiting.take(line, NUMBER, first)
            }
            "available to report" => self.rum_available.take(line, NUMBER, leading_number(value)),
            "maximum display" | "in storage" => {
                let stored = behind("In Storage:").and_then(leading_number);
                stored.is_none() || self.rum_in_storage.take(line, NUMBER, stored)
            }
            _ => matches!(key, "report module status" | "purged" | "collecting data"),
        }
    }

    fn read_registration(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "status" => self.registration.take(line, "status", plain(value).map(Some)),
            "smart account" | "virtual account" => self.read_account(line, key, value),
            "last renewal attempt" => self.last_renewal.take(line, TEXT, text_value(value)),
            "registration expires" => self.registration_expires.take(line, TIME, time_value(value)),
            "initial registration" | "next renewal attempt" | "export-controlled functionality" => true,
            _ => key == "failure reason",
        }
    }

    fn read_authorization(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            // Under SLP `show license usage` prints the block still, with `Not Applicable`.
            "status" if value == "Not Applicable" => self.authorization.take(line, "status", Some(None)),
            "status" => {
                let status = split_date(value, " on ").map_or(value, |(status, _)| status);
                self.authorization.take(line, "status", plain(status).map(Some))
            }
            "last communication attempt" => self.last_contact.take(line, TEXT, text_value(value)),
            "next communication attempt" | "communication deadline" => true,
            _ => key == "failure reason" || key.starts_with("evaluation period"),
        }
    }

    fn read_other(&mut self, line: Line<'a>, key: &str, value: &str) -> bool {
        match key {
            "clock sync-ed with ntp" => self.ntp.take(line, "True or False", boolean(value)),
            "overall trust" => self.overall_trust.take(line, TEXT, plain(value)),
            "transport" => {
                self.agent_transport.take(line, "transport", transport(value));
                true
            }
            _ => self.trust.take_data(line),
        }
    }
}

/// A text that must be there; `<empty>` is the empty string.
fn plain(value: &str) -> Option<String> {
    match value {
        "" => None,
        "<empty>" => Some(String::new()),
        value => Some(value.to_owned()),
    }
}

fn boolean(value: &str) -> Option<bool> {
    match value {
        "True" | "TRUE" | "true" => Some(true),
        "False" | "FALSE" | "false" => Some(false),
        _ => None,
    }
}

/// `Transport Off` in `show license status`, `Off` by its configuration.
fn transport(value: &str) -> Option<TransportType> {
    let value = value.to_ascii_lowercase();
    Some(match value.as_str() {
        "smart" => TransportType::Smart,
        "callhome" | "call-home" | "call home" => TransportType::Callhome,
        "cslu" => TransportType::Cslu,
        "transport off" | "off" => TransportType::Off,
        _ => return None,
    })
}
