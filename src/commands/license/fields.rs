//! The facts that stand on one line of a licence output, one line a fact: which commands print it, and how it is read.

use super::Scope;
use super::blocks::{TEXT, TIME, boolean, plain, text, transport, yes_or_no};
use super::titles::Block;
use crate::commands::lines::{Field, Line, Speaker, leading_number, text_value, time_value};
use crate::fact::{DeviceTime, Fact};
use crate::facts::{Facts, TransportType};

/// Declares [`Fields`]. A line has the fact, its type and the part of [`Scope`] that prints it; then the block and the key of its
/// line, what is wanted there, and what reads it. Facts without these are read by hand, in `blocks` and `answers`.
macro_rules! fields {
    ($($fact:ident: $type:ty, $scope:ident $(, $block:pat, $key:pat, $wanted:expr, $read:expr)?;)+) => {
        /// What the lines say, each value with its line. Fields are named after the facts.
        #[derive(Debug, Default)]
        pub(super) struct Fields<'a> {
            $(pub(super) $fact: Field<'a, $type>,)+
        }

        impl<'a> Fields<'a> {
            /// Reads a line of a block; `None` where it is none of these, else whether its value was understood.
            pub(super) fn take(&mut self, block: Block, line: Line<'a>, key: &str, value: &str) -> Option<bool> {
                match (block, key) {
                    $($(($block, $key) => Some(self.$fact.take(line, $wanted, $read(value))),)?)+
                    _ => None,
                }
            }

            /// Sets the facts.
            pub(super) fn answer(self, facts: &mut Facts, speaker: &Speaker, scope: Scope) {
                $(put(&mut facts.$fact, self.$fact, speaker, scope.$scope);)+
            }
        }
    };
}

/// Sets a fact from a field. What the command does not print is not asked of it.
pub(super) fn put<T>(fact: &mut Fact<T>, field: Field<'_, T>, speaker: &Speaker, printed: bool) {
    if printed || !field.is_missing() {
        *fact = speaker.fact(field);
    }
}

const DAYS: &str = "number of days";
const NUMBER: &str = "number";
const STATUS: &str = "status";
const TRUTH: &str = "True or False";
const JOB: &str = "time or `Expired Not Rescheduled`";

#[rustfmt::skip]
fields! {
    smart_licensing_enabled: bool, product;
    slp_enabled: bool, slp;
    transport_type: TransportType, status, Block::Transport, "type", "transport", transport;
    transport_url: Option<String>, status, Block::Transport, "url" | "registration url", "URL", text_value;
    cslu_address: Option<String>, status, Block::Transport, "cslu address", "URL", text_value;
    proxy_address: Option<String>, status, Block::Transport, "address", "address", text_value;
    proxy_port: Option<u16>, status;
    transport_vrf: Option<String>, status;
    transport_trustpoint: Option<String>, support, Block::Transport, "trust point", "trustpoint", text_value;
    server_identity_check: bool, support, Block::Transport, "server identity check", TRUTH, boolean;
    smart_account: Option<String>, account;
    virtual_account: Option<String>, account;
    account_as_of: Option<DeviceTime>, account;
    policy_in_use: Option<String>, status, Block::Policy, "policy in use", TEXT, text_value;
    policy_name: Option<String>, status, Block::Policy, "policy name", TEXT, text_value;
    ack_required: bool, status, Block::Policy, "reporting ack required", "yes or no", yes_or_no;
    min_reporting_frequency_days: Option<u32>, status;
    last_ack: Option<DeviceTime>, status, Block::Usage, "last ack received", TIME, time_value;
    next_ack_deadline: Option<DeviceTime>, status, Block::Usage, "next ack deadline", TIME, time_value;
    next_ack_push_check: Option<DeviceTime>, status, Block::Usage, "next ack push check", TIME, time_value;
    next_push: Option<DeviceTime>, status, Block::Usage, "next report push", TIME, time_value;
    last_push: Option<DeviceTime>, status, Block::Usage, "last report push", TIME, time_value;
    push_interval_days: u32, status, Block::Usage, "reporting push interval", DAYS, leading_number;
    agent_version: String, product, Block::Agent | Block::Start, "smart agent for licensing", "version", text;
    rum_total: u64, product, Block::UsageSummary, "total", NUMBER, leading_number;
    rum_waiting_for_ack: u64, product;
    rum_available_to_report: u64, product, Block::UsageSummary, "available to report", NUMBER, leading_number;
    rum_unacknowledged: u64, product;
    rum_in_storage: u64, support;
    send_rum_expired: bool, support, Block::Jobs, "send utility rum reports", JOB, |value: &str| {
        (!value.is_empty()).then(|| value.starts_with("Expired Not Rescheduled"))
    };
    communication_level: String, support, Block::Communication, "communication level allowed", TEXT, plain;
    overall_state: String, support, Block::Communication, "overall state", TEXT, plain;
    overall_trust: String, support, Block::Other, "overall trust", TEXT, plain;
    ntp_synchronized: bool, support, Block::Other, "clock sync-ed with ntp", TRUTH, boolean;
    registration_status: Option<String>, status, Block::Registration, "status", STATUS, |value| plain(value).map(Some);
    registration_expires: Option<DeviceTime>, status, Block::Registration, "registration expires", TIME, time_value;
    registration_last_attempt: Option<String>, status, Block::Registration, "last renewal attempt", TEXT, text_value;
    authorization_status: Option<String>, status;
    authorization_last_attempt: Option<String>, status, Block::Authorization, "last communication attempt", TEXT, text_value;
}
