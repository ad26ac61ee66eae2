//! The commands slaudit knows: what is sent, where and when, and how the reply is read. All of them show, but `ping`.
//!
//! One file a command, named after it, and one line in [`ALL`]. The order of [`ALL`] is the order in which a device is asked, and
//! the order of trust: where two commands answer one question, the earlier wins (`reading` knows the exceptions).

mod lines;
mod names;
mod plan;
mod uptime;

mod call_home;
mod http_server;
mod license;
mod trustpoints;

mod ping;

mod show_call_home;
mod show_call_home_profile_all;
mod show_call_home_smart_licensing;
mod show_clock;
mod show_crypto_pki_trustpoints;
mod show_crypto_pki_trustpoints_status;
mod show_hosts;
mod show_ip_http_server_all;
mod show_ip_http_server_secure_status;
mod show_ip_http_server_session_module;
mod show_ip_http_server_status;
mod show_ip_interface_brief;
mod show_license;
mod show_license_all;
mod show_license_authorization;
mod show_license_history_message;
mod show_license_status;
mod show_license_summary;
mod show_license_tech_support;
mod show_license_udi;
mod show_license_usage;
mod show_logging;
mod show_ntp_associations;
mod show_ntp_config;
mod show_ntp_peer_status;
mod show_ntp_status;
mod show_privilege;
mod show_running_config;
mod show_running_config_trustpoint;
mod show_version;
mod show_vrf;

pub use names::{find, full_text};
pub use plan::{Situation, Wanted};

pub(crate) use lines::{ClockHeader, Text};
pub(crate) use ping::Ping;

use crate::fact::Evidence;
use crate::facts::{Facts, Trustpoint};
use crate::inventory::Platform;
use crate::session::Question;
use crate::syslog::Message;
use lines::Line;

/// A command that slaudit may send to a device. Only this module and its children make one: what may be sent is a closed list.
#[derive(Debug)]
pub struct Command {
    /// What is sent, for example `show license status`; the host of a ping stands behind it.
    pub sends: &'static str,
    /// Where it exists.
    pub platforms: &'static [Platform],
    /// When its answer is still needed.
    pub wanted: Wanted,
    /// How a reply is read.
    read: fn(&Text<'_>) -> Answers,
}

impl Command {
    /// The line to type; `None` where a ping has nowhere to go.
    pub(crate) fn question(&self, now: &Situation<'_>) -> Option<Question> {
        if self.is_probe() { ping::question(now) } else { Some(Question::show(self.sends)) }
    }

    /// True for the command that is asked with `--probe` only.
    pub fn is_probe(&self) -> bool {
        self.sends == ping::COMMAND.sends
    }

    /// Reads a reply.
    pub(crate) fn read(&self, text: &Text<'_>) -> Answers {
        (self.read)(text)
    }

    /// True for the commands of which one must be readable before a device counts as audited.
    pub(crate) fn is_licence(&self) -> bool {
        self.sends.starts_with("show license")
            && !matches!(self.sends, "show license udi" | "show license history message")
    }
}

/// What one reply says.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    /// Facts; what the command does not tell is "not collected".
    pub facts: Facts,
    /// Lines that no parser understood.
    pub unparsed: Vec<(usize, String)>,
    /// At least one line was one of this command.
    pub recognised: bool,
    /// The device answered, and its answer means that it would not.
    pub refused: Option<String>,
    /// Synchronised, by the mark before a time.
    pub mark: Option<(bool, Evidence)>,
    /// Messages of the log.
    pub log: Vec<Message>,
    /// Trustpoints by their configuration, which alone tells how they check for revocation, each with the line that tells it.
    pub configured_trustpoints: Vec<(Trustpoint, Evidence)>,
}

impl Line<'_> {
    /// The line as it is kept where no parser understood it.
    fn kept(&self) -> (usize, String) {
        (self.number, self.text.to_owned())
    }
}

/// Every command, in the order in which a device is asked.
pub static ALL: &[&Command] = &[
    &show_version::COMMAND,
    &show_license_tech_support::COMMAND,
    &show_license_all::COMMAND,
    &show_license_status::COMMAND,
    &show_license_udi::COMMAND,
    &show_license_usage::COMMAND,
    &show_license_summary::COMMAND,
    &show_license::COMMAND,
    &show_running_config::COMMAND,
    &show_logging::COMMAND,
    &show_clock::COMMAND,
    &show_ntp_status::COMMAND,
    &show_ntp_associations::COMMAND,
    &show_ntp_peer_status::COMMAND,
    &show_ntp_config::COMMAND,
    &show_call_home_profile_all::COMMAND,
    &show_call_home::DETAIL,
    &show_call_home_smart_licensing::COMMAND,
    &show_call_home::COMMAND,
    &show_crypto_pki_trustpoints_status::COMMAND,
    &show_crypto_pki_trustpoints::COMMAND,
    &show_running_config_trustpoint::COMMAND,
    &show_ip_http_server_session_module::COMMAND,
    &show_ip_http_server_all::COMMAND,
    &show_ip_http_server_status::COMMAND,
    &show_ip_http_server_secure_status::COMMAND,
    &show_license_authorization::COMMAND,
    &show_license_history_message::COMMAND,
    &show_hosts::COMMAND,
    &show_ip_interface_brief::COMMAND,
    &show_vrf::COMMAND,
    &show_privilege::COMMAND,
    &ping::COMMAND,
];

/// The filtered configuration.
pub(crate) const CONFIGURATION: &str = show_running_config::SENDS;

/// Where a command stands in [`ALL`]: smaller is asked, and trusted, first.
pub(crate) fn order(sends: &str) -> usize {
    ALL.iter().position(|command| command.sends == sends).unwrap_or(ALL.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_but_one_only_shows() {
        assert_eq!(ALL.iter().filter(|command| command.is_probe()).count(), 1);
        for command in ALL.iter().filter(|command| !command.is_probe()) {
            assert!(command.sends.starts_with("show "), "{}", command.sends);
            // The door of the session takes it.
            assert_eq!(crate::session::Question::show(command.sends).text(), command.sends);
            // Half a command line, a second command or a redirection could do more than show.
            assert!(!command.sends.contains(['\n', '\r', ';', '\0']), "{}", command.sends);
            for word in ["redirect", "append", "tee"] {
                assert!(!command.sends.contains(word), "{}", command.sends);
            }
        }
    }

    #[test]
    fn every_command_can_be_typed_on_a_device() {
        for command in ALL {
            assert!(command.sends.len() < 254, "{} characters: {}", command.sends.len(), command.sends);
            assert!(!command.sends.contains('?'), "a question mark asks for help: {}", command.sends);
            assert!(command.sends.is_ascii());
        }
    }

    #[test]
    fn every_command_is_found_by_what_it_sends() {
        let mut seen = BTreeSet::new();
        for command in ALL {
            assert!(seen.insert(command.sends), "twice: {}", command.sends);
            let found = find(command.sends).map(|found| found.sends);
            assert_eq!(found, Some(command.sends));
        }
    }

    #[test]
    fn the_configuration_filter_has_its_canary_and_no_secret() {
        let filter = CONFIGURATION.split_once("| include ").map(|(_, filter)| filter).expect("a filter");
        let filter = regex::Regex::new(filter).expect("a pattern");
        assert!(filter.is_match("hostname sw1"));
        for line in [
            "username netops privilege 15 secret 9 $9$x",
            "enable secret 9 $9$x",
            "ip http client password 7 0123",
            "ip http client username netops",
            "license smart proxy username netops",
            "ntp authentication-key 2 md5 0123 7",
            "snmp-server community public RO",
            "tacacs server x",
            " key 7 0123",
        ] {
            assert!(!filter.is_match(line), "{line}");
        }
        for line in [
            "no ip domain lookup",
            "ip domain name x",
            "ip host cslu-local 192.0.2.1",
            "ipv6 host cslu-local 2001:DB8::1",
            "service call-home",
            "no service call-home",
            "ip http client source-interface Vlan1",
            "ntp server 192.0.2.1",
            "license smart usage interval 30",
        ] {
            assert!(filter.is_match(line), "{line}");
        }
    }
}
