//! `ping`: the one command that makes a device send packets of its own, asked with `--probe` only, and read wherever somebody
//! saved it. It goes to the host that the device reports to, in the VRF in which it reports.
//!
//! ```text
//! Translating "ssm.example.com"...domain server (192.0.2.53) [OK]
//! Type escape sequence to abort.
//! Sending 5, 100-byte ICMP Echos to 192.0.2.9, timeout is 2 seconds:
//! .!!!!
//! Success rate is 80 percent (4/5), round-trip min/avg/max = 1/1/2 ms
//!
//! % Unrecognized host or address, or protocol not running.          no address for the name
//!
//! PING 192.0.2.9 (192.0.2.9): 56 data bytes                         NX-OS
//! Request 0 timed out
//! 5 packets transmitted, 0 packets received, 100.00% packet loss
//! ```

use super::lines::{Field, Text, leading_number};
use super::plan::{IOS_AND_NX_OS, Situation, Wanted};
use super::{Answers, Command};
use crate::facts::{Facts, Probe, Reporting};
use crate::inventory::Platform;
use crate::session::Question;

const PROBES: Wanted = Wanted { when: "--probe", holds: is_wanted };

pub(super) static COMMAND: Command = Command { sends: "ping", platforms: IOS_AND_NX_OS, wanted: PROBES, read };

/// What stands before the counts on IOS, and between them on NX-OS.
const RATE: &str = "Success rate is ";
const PACKETS: &str = " packets transmitted, ";
/// What IOS, IOS XR and NX-OS say of a name without an address, and of an address of a protocol that is off.
const UNRESOLVED: [&str; 3] = ["Unrecognized host", "Bad hostname or protocol", "Invalid host/interface"];

/// A ping: where to, and in which VRF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ping {
    host: String,
    vrf: Option<String>,
}

impl Ping {
    /// The one that tells whether a device reaches what it reports to; `None` where that is not known, or nothing.
    pub(crate) fn to_server(reporting: &Reporting<'_>) -> Option<Self> {
        let host = reporting.host.ok()??.to_owned();
        // Where the VRF is not known the global table is tried: an answer is an answer, and the rule knows what silence is worth.
        Some(Self { host, vrf: reporting.vrf.unwrap_or_default().map(str::to_owned) })
    }

    /// The ping that a line asks for, typed by slaudit or by people.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let (host, vrf) = match words[..] {
            [ping, host] if is_ping(ping) => (host, None),
            [ping, "vrf", vrf, host] | [ping, host, "vrf", vrf] if is_ping(ping) => (host, Some(vrf)),
            _ => return None,
        };
        // Only what could be asked is read.
        Question::ping(host, vrf, Platform::IosXe)?;
        Some(Self { host: host.to_owned(), vrf: vrf.map(str::to_owned) })
    }

    /// The line to type.
    pub(crate) fn question(&self, platform: Platform) -> Option<Question> {
        Question::ping(&self.host, self.vrf.as_deref(), platform)
    }

    /// True for the same host in the same VRF. Names are compared without case: files lose it.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let vrf = |ping: &Self| ping.vrf.as_deref().map(str::to_lowercase);
        self.host.eq_ignore_ascii_case(&other.host) && vrf(self) == vrf(other)
    }

    /// What came of it, with its own names.
    pub(crate) fn named(self, probe: &Probe) -> Probe {
        Probe { host: self.host, vrf: self.vrf, ..*probe }
    }
}

fn is_ping(word: &str) -> bool {
    word.eq_ignore_ascii_case("ping")
}

/// True where the device is to be asked, and its answer would be judged: it sends its reports itself, under SLP.
pub(super) fn is_wanted(now: &Situation<'_>) -> bool {
    let reporting = now.reporting();
    now.device.expect.probe
        && !reporting.is_fetched()
        && !reporting.is_off()
        && now.facts.slp_enabled.value() != Some(&false)
        && question(now).is_some()
}

/// The ping of this situation.
pub(super) fn question(now: &Situation<'_>) -> Option<Question> {
    Ping::to_server(&now.reporting())?.question(now.platform())
}

/// What came of it; the reader knows for which host.
fn read(text: &Text<'_>) -> Answers {
    let mut probe: Field<'_, Probe> = Field::default();
    for line in &text.lines {
        let counts = if let Some(rest) = line.text.strip_prefix(RATE) {
            let pair = rest.split_once('(').and_then(|(_, pair)| pair.split_once('/'));
            pair.and_then(|(received, sent)| counted(leading_number(sent)?, received.parse().ok()?))
        } else if let Some((sent, rest)) = line.text.split_once(PACKETS) {
            sent.parse().ok().and_then(|sent| counted(sent, leading_number(rest)?))
        } else if UNRESOLVED.iter().any(|words| line.text.trim_start_matches(['%', ' ']).starts_with(words)) {
            Some(Probe::default())
        } else {
            continue;
        };
        probe.take(*line, "result of a ping", counts);
    }
    let recognised = !probe.is_missing();
    let facts = Facts { probe: text.speaker(recognised).fact(probe), ..Facts::default() };
    Answers { facts, recognised, ..Answers::default() }
}

fn counted(sent: u64, received: u64) -> Option<Probe> {
    (sent > 0 && received <= sent).then(|| Probe { resolved: true, sent, received, ..Probe::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::{Fact, Unknown};

    fn answers(reply: &str) -> Answers {
        read(&Text::whole("ping", reply))
    }

    fn counts(reply: &str) -> (bool, u64, u64) {
        let answers = answers(reply);
        let probe = answers.facts.probe.value().unwrap_or_else(|| panic!("{:?}", answers.facts.probe));
        (probe.resolved, probe.sent, probe.received)
    }

    const SENDING: &str =
        "Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to 192.0.2.9, timeout is 2 seconds:\n";

    #[test]
    fn ios_tells_a_rate() {
        let translating = "Translating \"ssm.example.com\"...domain server (192.0.2.53) [OK]\n\n";
        let rate = "!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/1/2 ms\n";
        assert_eq!(counts(&format!("{translating}{SENDING}{rate}")), (true, 5, 5));
        assert_eq!(counts(&format!("{SENDING}.!!!!\nSuccess rate is 80 percent (4/5)\n")), (true, 5, 4));
        assert_eq!(counts(&format!("{SENDING}U.U.U\nSuccess rate is 0 percent (0/5)\n")), (true, 5, 0));
    }

    #[test]
    fn nx_os_tells_packets() {
        let head = "PING ssm.example.com (192.0.2.9): 56 data bytes\n";
        let lost = "Request 0 timed out\nping: sendto 192.0.2.9 64 chars, No route to host\n\n--- ssm.example.com ping statistics ---\n5 packets transmitted, 0 packets received, 100.00% packet loss\n";
        assert_eq!(counts(&format!("{head}{lost}")), (true, 5, 0));
        assert_eq!(counts("5 packets transmitted, 5 packets received, 0.00% packet loss\n"), (true, 5, 5));
        assert_eq!(counts("% Invalid host/interface ssm.example.com\n"), (false, 0, 0));
    }

    #[test]
    fn a_name_without_an_address() {
        let translating = "Translating \"ssm.example.com\"...domain server (255.255.255.255)\n";
        let words = "% Unrecognized host or address, or protocol not running.\n";
        assert_eq!(counts(&format!("{translating}{words}")), (false, 0, 0));
        assert_eq!(counts("Bad hostname or protocol not running\n"), (false, 0, 0));
    }

    #[test]
    fn anything_else_is_no_answer() {
        for reply in [
            "",
            SENDING,
            "% VRF BLUE does not exist\n",
            "Success rate is unknown\n",
            "Success rate is 0 percent (9/5)\n",
        ] {
            assert!(!answers(reply).facts.probe.is_known(), "{reply}");
        }
        let cut = read(&Text::cut("ping", &format!("{SENDING}.."), Unknown::TimedOut));
        assert_eq!(cut.facts.probe, Fact::Unknown(Unknown::TimedOut));
    }

    #[test]
    fn a_typed_ping_is_read_where_it_could_be_asked() {
        let ping = |host: &str, vrf: Option<&str>| Ping { host: host.to_owned(), vrf: vrf.map(str::to_owned) };
        for (line, expected) in [
            ("ping 192.0.2.9", Some(ping("192.0.2.9", None))),
            ("Ping ssm.example.com", Some(ping("ssm.example.com", None))),
            ("ping vrf Mgmt-vrf cslu-local", Some(ping("cslu-local", Some("Mgmt-vrf")))),
            ("ping cslu-local vrf management", Some(ping("cslu-local", Some("management")))),
            ("ping", None),
            ("ping ip", None),
            ("ping vrf Mgmt-vrf", None),
            ("ping 192.0.2.9 repeat 100", None),
            ("traceroute 192.0.2.9", None),
        ] {
            assert_eq!(Ping::read(line), expected, "{line}");
        }
        assert!(ping("SSM.example.com", Some("mgmt")).is(&ping("ssm.example.com", Some("Mgmt"))));
        assert!(!ping("ssm.example.com", None).is(&ping("ssm.example.com", Some("Mgmt"))));
    }
}
