//! The lines that all Call Home commands share; one output's form may stand under another's name.
//!
//! ```text
//! Profile Name: CiscoTAC-1                                       show call-home profile all
//!     Profile status: ACTIVE
//!     Reporting Data: Smart Call Home, Smart Licensing
//!     Transport Method: http
//!     HTTP  address: https://tools.cisco.com/its/service/oddce/services/DDCEService
//!  Smart-license messages: enabled                               show call-home smart-licensing
//!  Profile: CiscoTAC-1 (status: ACTIVE)
//!  Destination  URL(s):  https://tools.cisco.com/its/service/oddce/services/DDCEService
//!      call home feature : enable                                show call-home
//!      Smart licensing messages: enabled
//! ```

use super::Answers;
use super::lines::{Field, Line, Text, text_value};
use crate::facts::{CallHomeProfile, Facts, is_address};

#[derive(Debug, Default)]
struct CallHome<'a> {
    enabled: Field<'a, bool>,
    messages: Field<'a, bool>,
    vrf: Field<'a, Option<String>>,
    source_interface: Field<'a, Option<String>>,
    proxy_address: Field<'a, Option<String>>,
    proxy_port: Field<'a, Option<u16>>,
    profiles: Vec<(CallHomeProfile, ProfileLines<'a>)>,
    first: Option<Line<'a>>,
    torn: Option<Line<'a>>,
    /// What the line before began and this one may go on with.
    open: Open,
    recognised: bool,
}

/// The lines of a profile, for evidence: what each says, and where.
type ProfileLines<'a> = Vec<(&'static str, Line<'a>)>;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    Urls,
}

/// Which facts a command of the family can answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub settings: bool,
    pub messages: bool,
    pub profiles: bool,
}

pub(super) fn read(text: &Text<'_>, scope: Scope) -> Answers {
    let mut call_home = CallHome::default();
    for line in &text.lines {
        call_home.line(*line);
    }
    let speaker = text.speaker(call_home.recognised);
    let mut facts = Facts::default();
    let (found, lines): (Vec<_>, Vec<_>) = call_home.profiles.into_iter().unzip();
    for (part, lines) in lines.into_iter().enumerate() {
        for (says, line) in lines {
            facts.proofs.note("call_home.profiles", part, says, line.evidence(text.command));
        }
    }
    let profiles = match (call_home.torn, call_home.first) {
        (Some(line), _) => Field::Unread("Call Home profile", line),
        (None, Some(line)) if text.is_whole() => Field::Read(found, line),
        _ => Field::Missing,
    };
    if scope.profiles || !profiles.is_missing() {
        facts.call_home_profiles = speaker.fact(profiles);
    }
    if scope.messages || !call_home.messages.is_missing() {
        facts.call_home_messages_enabled = speaker.fact(call_home.messages);
    }
    if scope.settings || !call_home.enabled.is_missing() {
        facts.call_home_enabled = speaker.fact(call_home.enabled);
        facts.call_home_vrf = speaker.fact(call_home.vrf);
        facts.call_home_source_interface = speaker.fact(call_home.source_interface);
        facts.proxy_address = speaker.fact(call_home.proxy_address);
        facts.proxy_port = speaker.fact(call_home.proxy_port);
    }
    Answers { facts, recognised: call_home.recognised, ..Answers::default() }
}

impl<'a> CallHome<'a> {
    fn line(&mut self, line: Line<'a>) {
        let open = std::mem::take(&mut self.open);
        let Some((key, value)) = line.key_value() else { return };
        let key = key.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let lower = key.to_ascii_lowercase();
        let known = match lower.as_str() {
            "profile name" => {
                self.open_profile(line, value);
                true
            }
            "profile" => match value.split_once(" (status:") {
                Some((name, status)) => {
                    self.open_profile(line, name.trim());
                    self.last().0.active = is_active(status.trim_end_matches(')'));
                    self.last().1.push(("status", line));
                    true
                }
                None => false,
            },
            "profile status" => {
                self.last().0.active = is_active(value);
                self.last().1.push(("status", line));
                true
            }
            "reporting data" => {
                self.last().0.reporting_licensing = Some(value.to_ascii_lowercase().contains("smart licensing"));
                self.last().1.push(("data", line));
                true
            }
            "transport method" => {
                let methods = value.split([',', ' ']).filter(|word| !word.is_empty() && *word != "and");
                self.last().0.methods = methods.map(str::to_ascii_lowercase).collect();
                self.last().1.push(("methods", line));
                true
            }
            "http address" | "http address(es)" | "https address" => {
                self.urls(value, line);
                true
            }
            // `show call-home smart-licensing` names the profile that carries licensing, and its address.
            "destination url(s)" | "destination url" => {
                let profile = &mut self.last().0;
                profile.reporting_licensing = Some(true);
                if profile.methods.is_empty() {
                    profile.methods.push("http".to_owned());
                }
                self.urls(value, line);
                true
            }
            "smart-license messages" | "smart licensing messages" => {
                self.messages.take(line, "enabled or disabled", enabled(value))
            }
            "call home feature" => self.enabled.take(line, "enable or disable", enabled(value)),
            "vrf for call-home messages" => self.vrf.take(line, "VRF", text_value(value)),
            "source interface" => self.source_interface.take(line, "interface", text_value(value)),
            "http proxy" => self.proxy(line, value),
            // The next address of a list.
            _ if open == Open::Urls && (lower == "http" || lower == "https") => {
                self.urls(line.text, line);
                true
            }
            _ => false,
        };
        if known {
            self.recognised = true;
            if line.torn {
                self.torn.get_or_insert(line);
            }
        }
    }

    /// `Not yet set up`, or `192.0.2.80:8080`.
    fn proxy(&mut self, line: Line<'a>, value: &str) -> bool {
        const WANTED: &str = "proxy like `192.0.2.80:8080`";
        let proxy = match text_value(value) {
            Some(None) => Some((None, None)),
            Some(Some(_)) => host_and_port(value).map(|(host, port)| (Some(host.to_owned()), Some(port))),
            None => None,
        };
        let (address, port) = proxy.unzip();
        self.proxy_address.take(line, WANTED, address) & self.proxy_port.take(line, WANTED, port)
    }

    fn open_profile(&mut self, line: Line<'a>, name: &str) {
        self.first.get_or_insert(line);
        // `show call-home detail` names a profile in its settings, and prints it whole below.
        if let Some(at) = self.profiles.iter().position(|(profile, _)| profile.name == name) {
            let profile = self.profiles.remove(at);
            self.profiles.push(profile);
        } else {
            let profile = CallHomeProfile { name: name.to_owned(), ..CallHomeProfile::default() };
            self.profiles.push((profile, vec![("name", line)]));
        }
    }

    fn last(&mut self) -> &mut (CallHomeProfile, ProfileLines<'a>) {
        if self.profiles.is_empty() {
            self.profiles.push(Default::default());
        }
        let last = self.profiles.len() - 1;
        &mut self.profiles[last]
    }

    fn urls(&mut self, value: &str, line: Line<'a>) {
        let urls = value.split([',', ' ']).filter(|word| word.contains("://")).map(str::to_owned);
        let (profile, lines) = self.last();
        profile.urls.extend(urls);
        lines.push(("url", line));
        self.open = Open::Urls;
    }
}

fn host_and_port(text: &str) -> Option<(&str, u16)> {
    let (host, port) = text.trim().rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let is_host = is_address(host) || (is_name && !host.is_empty());
    Some((host, port.parse().ok()?)).filter(|_| is_host)
}

fn is_active(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("ACTIVE")
}

fn enabled(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "enable" | "enabled" => Some(true),
        "disable" | "disabled" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Scope = Scope { settings: true, messages: true, profiles: true };

    fn facts(reply: &str) -> Facts {
        read(&Text::whole("show call-home", reply), ALL).facts
    }

    #[test]
    fn profiles_in_full() {
        let facts = facts(
            "Profile Name: CiscoTAC-1\n    Profile status: INACTIVE\n    Reporting Data: Smart Call Home, Smart Licensing\n\
             Transport Method: email\n    Email address(es): a@example.com\n                       b@example.com\n\
             Profile Name: OnPrem\nProfile status: ACTIVE\nReporting Data: Smart Licensing\nTransport Method: http and email\n\
             HTTP  address: https://ssm.example.com/Transportgateway/services/DeviceRequestHandler\n\
             https://ssm2.example.com/Transportgateway/services/DeviceRequestHandler\nOther address(es): default\n",
        );
        let profiles = facts.call_home_profiles.value().expect("profiles");
        assert_eq!(
            (profiles[0].active, profiles[0].methods.as_slice(), profiles[0].urls.len()),
            (false, ["email".to_owned()].as_slice(), 0)
        );
        assert_eq!((profiles[1].active, profiles[1].methods.len(), profiles[1].urls.len()), (true, 2, 2));
        assert_eq!(profiles[1].reporting_licensing, Some(true));
        let line = |says: &str, holds: &str| {
            let found =
                facts.proof_where("call_home.profiles", &facts.call_home_profiles, &profiles[1], says, |line| {
                    line.contains(holds)
                });
            found.map(|line| line.line)
        };
        assert_eq!((line("name", ""), line("status", ""), line("methods", "")), (Some(7), Some(8), Some(10)));
        assert_eq!((line("url", "ssm.example"), line("url", "ssm2.example")), (Some(11), Some(12)));
    }

    #[test]
    fn the_short_form() {
        let facts = facts(
            "Current smart-licensing transport settings:\n Smart-license messages: disabled\n Profile: CiscoTAC-1 (status: INACTIVE)\n \
             Destination  URL(s):  https://tools.cisco.com/its/service/oddce/services/DDCEService\n",
        );
        assert_eq!(facts.call_home_messages_enabled.value(), Some(&false));
        let profiles = facts.call_home_profiles.value().expect("profiles");
        assert_eq!((profiles[0].active, profiles[0].urls.len()), (false, 1));
    }

    #[test]
    fn settings_and_a_profile_named_twice() {
        let facts = facts(
            "Current call home settings:\n    call home feature : enable\n    vrf for call-home messages: Mgmt-vrf\n    source interface: Not yet set up\n\
             Profile: CiscoTAC-1 (status: ACTIVE)\n    Smart licensing messages: enabled\nProfile Name: CiscoTAC-1\nProfile status: ACTIVE\n",
        );
        assert_eq!(facts.call_home_enabled.value(), Some(&true));
        assert_eq!(facts.call_home_vrf.value(), Some(&Some("Mgmt-vrf".to_owned())));
        assert_eq!(facts.call_home_source_interface.value(), Some(&None));
        assert_eq!(facts.call_home_profiles.value().map(Vec::len), Some(1));
    }

    #[test]
    fn the_proxy_of_call_home() {
        let proxy = |value: &str| {
            let facts = facts(&format!("call home feature : enable\nhttp proxy: {value}\n"));
            (facts.proxy_address.value().cloned(), facts.proxy_port.value().copied())
        };
        assert_eq!(proxy("Not yet set up"), (Some(None), Some(None)));
        assert_eq!(proxy("192.0.2.80:8080"), (Some(Some("192.0.2.80".to_owned())), Some(Some(8080))));
        assert_eq!(proxy("[2001:DB8::80]:8080"), (Some(Some("2001:DB8::80".to_owned())), Some(Some(8080))));
        assert_eq!(proxy("somewhere else"), (None, None));
    }
}
