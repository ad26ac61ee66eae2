//! From outputs to facts: the replies of one device are read, and each question gets one answer.
//!
//! A parser stays faithful to one command's text; this module alone decides which command wins when two answer one question.

use std::time::Duration;

use crate::commands::{self, ALL, Answers, Command, Mark, Situation, Stamp, Text};
use crate::fact::{Evidence, Fact, Unknown};
use crate::facts::{Facts, Trustpoint};
use crate::inventory::{Device, Platform};
use crate::syslog::{self, Message};
use crate::transcript::{Cut, Exchange, Reply, Transcript};

/// What a transcript says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The answers.
    pub facts: Facts,
    /// Lines inside a known section that no parser understood: a new release shows up here as a number, not as a lost device.
    pub unparsed: Vec<Unparsed>,
    /// Commands the device refused, with its words.
    pub refused: Vec<(&'static str, String)>,
    /// Commands whose reply is incomplete.
    pub cut: Vec<&'static str>,
    /// True where at least one licence command gave an answer.
    pub licence_readable: bool,
}

/// A line that no parser understood.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Unparsed {
    /// The command that printed it.
    pub command: String,
    /// Line of the reply, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

/// Reads a whole transcript.
pub fn read(transcript: &Transcript) -> Reading {
    let mut reader = Reader::new(&transcript.device);
    for exchange in &transcript.exchanges {
        reader.add(exchange);
    }
    reader.finish(transcript.hostname.as_deref())
}

/// Reads replies one by one, as an interview goes on, and says what to ask next.
#[derive(Debug)]
pub struct Reader<'a> {
    device: &'a Device,
    reading: Reading,
    asked: Vec<&'static str>,
    refused: Vec<&'static str>,
    /// Synchronised by NTP, by the mark before a time alone.
    mark: Option<(bool, Evidence)>,
    /// The device's clock against the collector's, from the reply that took the shortest time.
    offset: Option<(Duration, i64, Evidence)>,
    /// SMART_LIC messages of the log, and those that broke into other outputs.
    log: Vec<Message>,
    stray: Vec<Message>,
    /// Trustpoints by their configuration.
    configured: Option<(Vec<Trustpoint>, Evidence)>,
}

impl<'a> Reader<'a> {
    /// Nothing read yet.
    pub fn new(device: &'a Device) -> Self {
        Self {
            device,
            reading: Reading::default(),
            asked: Vec::new(),
            refused: Vec::new(),
            mark: None,
            offset: None,
            log: Vec::new(),
            stray: Vec::new(),
            configured: None,
        }
    }

    /// Reads one reply. A command that is not in the registry is passed over.
    pub fn add(&mut self, exchange: &Exchange) {
        let Some(command) = commands::find(&exchange.command) else { return };
        if !self.asked.contains(&command.sends) {
            self.asked.push(command.sends);
        }
        let text = match &exchange.reply {
            Reply::Output(output) => Text::whole(command.sends, output),
            Reply::Refused(words) => {
                self.refuse(command.sends, words);
                Text::none(command.sends, Unknown::NotPermitted(words.clone()))
            }
            Reply::Cut { partial, why } => {
                self.reading.cut.push(command.sends);
                let why = match why {
                    Cut::TimedOut => Unknown::TimedOut,
                    Cut::Closed | Cut::TooLarge => Unknown::Truncated,
                };
                Text::cut(command.sends, partial, why)
            }
        };
        let mut answers = command.read(&text);
        if let Some(words) = answers.refused.take() {
            self.refuse(command.sends, &words);
        } else if answers.recognised {
            self.reading.licence_readable |= command.is_licence();
        }
        self.take_time(&mut answers, text.stamp.as_ref(), command, exchange);
        self.take_log(&mut answers, &text);
        self.configured = answers.configured_trustpoints.take().or_else(|| self.configured.take());
        self.reading.unparsed.extend(answers.unparsed.into_iter().map(|(line, text)| Unparsed {
            command: command.sends.to_owned(),
            line,
            text,
        }));
        self.reading.facts.absorb(answers.facts, wins);
    }

    fn refuse(&mut self, sends: &'static str, words: &str) {
        if !self.refused.contains(&sends) {
            self.refused.push(sends);
            self.reading.refused.push((sends, words.to_owned()));
        }
    }

    /// The device's clock, its mark, and how far it is from the collector's.
    fn take_time(&mut self, answers: &mut Answers, stamp: Option<&Stamp<'_>>, command: &Command, exchange: &Exchange) {
        if let Some(stamp) = stamp {
            let evidence = stamp.line.evidence(command.sends);
            // A header names its source; the mark of `show clock` counts where no header was seen.
            if let Some(by_ntp) = stamp.by_ntp {
                self.mark = Some((by_ntp && stamp.mark == Mark::None, evidence.clone()));
            }
            if let (Some(time), false) = (&stamp.time, answers.facts.device_time.is_known()) {
                answers.facts.device_time = Fact::known(time.clone(), evidence);
            }
        }
        if let Some(mark) = answers.mark.take() {
            self.mark.get_or_insert(mark);
        }
        let Fact::Known { value: time, evidence } = &answers.facts.device_time else { return };
        let (Some(device), Some(sent)) = (time.utc(), exchange.sent_at) else { return };
        let Ok(collector) = sent.checked_add(exchange.took) else { return };
        if self.offset.as_ref().is_none_or(|(took, ..)| exchange.took <= *took) {
            let seconds = device.duration_since(collector).as_secs();
            self.offset = Some((exchange.took, seconds, evidence.clone()));
        }
    }

    fn take_log(&mut self, answers: &mut Answers, text: &Text<'_>) {
        if answers.log.is_empty() {
            let smart = text.log.iter().filter_map(|line| Message::parse(line.text)).filter(Message::is_smart_lic);
            self.stray.extend(smart);
        } else {
            self.log = std::mem::take(&mut answers.log);
        }
    }

    /// The next command to ask, by what is known so far; `None` where nothing is wanted any more.
    pub fn next_command(&self) -> Option<&'static Command> {
        let now =
            Situation { device: self.device, facts: &self.reading.facts, refused: &self.refused, asked: &self.asked };
        let platform = now.platform();
        ALL.iter().copied().find(|command| {
            command.platforms.contains(&platform) && !self.asked.contains(&command.sends) && (command.wanted)(&now)
        })
    }

    /// The answers of everything read. `hostname` is the one of the prompt.
    pub fn finish(mut self, hostname: Option<&str>) -> Reading {
        self.settle_log();
        self.settle_trust();
        let facts = &mut self.reading.facts;
        if !facts.platform.is_known() && self.device.platform != Platform::Auto {
            facts.platform = Fact::known(self.device.platform, outside("inventory", self.device.platform.as_str()));
        }
        if let (false, Some(name)) = (facts.hostname.is_known(), hostname) {
            facts.hostname = Fact::known(name.to_owned(), outside("prompt", name));
        }
        if let Some((_, seconds, evidence)) = self.offset {
            facts.clock_offset_s = Fact::known(seconds, evidence);
        }
        // The mark decides only where no reply can say more: not where the agent's line was lost with the end of a reply.
        let is_open = match &facts.ntp_synchronized {
            Fact::Known { .. } => false,
            Fact::Unknown(why) => {
                matches!(why, Unknown::NotCollected | Unknown::Absent | Unknown::NotPermitted(_))
            }
        };
        let has_marks = !matches!(facts.platform.value(), Some(Platform::NxOs | Platform::Asa));
        if let (true, true, Some((synchronized, evidence))) = (is_open, has_marks, self.mark) {
            facts.ntp_synchronized = Fact::known(synchronized, evidence);
        }
        self.reading
    }

    /// Messages that broke into other outputs are in the log as well, unless the log lost them since.
    fn settle_log(&mut self) {
        let Fact::Known { value, .. } = &mut self.reading.facts.log else { return };
        self.stray.retain(|message| !self.log.contains(message));
        if !self.stray.is_empty() {
            self.log.append(&mut self.stray);
            *value = syslog::collapse(std::mem::take(&mut self.log));
        }
    }

    /// What one command tells of a thing, and another of the same thing.
    fn settle_trust(&mut self) {
        let facts = &mut self.reading.facts;
        if let Some((configured, evidence)) = self.configured.take() {
            match &mut facts.trustpoints {
                Fact::Known { value, .. } => {
                    for trustpoint in value {
                        let same = configured.iter().find(|other| other.name == trustpoint.name);
                        trustpoint.revocation_check = same.and_then(|other| other.revocation_check.clone());
                    }
                }
                unknown @ Fact::Unknown(_) => *unknown = Fact::known(configured, evidence),
            }
        }
        // `show license status` dates a trust code without naming the unit.
        if let (Fact::Known { value: codes, .. }, Some([udi])) =
            (&mut facts.trust_codes, facts.udis.value().map(Vec::as_slice))
        {
            for code in codes.iter_mut().filter(|code| code.serial.is_empty()) {
                (code.pid, code.serial) = (udi.pid.clone(), udi.serial.clone());
            }
        }
    }
}

/// Evidence that no command printed.
fn outside(place: &'static str, text: &str) -> Evidence {
    Evidence { command: place, line: 0, text: text.to_owned() }
}

/// True where the second of two known answers is to be taken.
fn wins(key: &'static str, mine: &Evidence, theirs: &Evidence) -> bool {
    let rank = |evidence: &Evidence| {
        let kind = match key {
            // The agent's own clock at its own moment, then the header of any command, then `show clock`.
            "clock.device_time" if evidence.text.starts_with("Current time") => 0,
            "clock.device_time" if evidence.text.contains("ime source") => 1,
            "clock.device_time" => 2,
            _ => 0,
        };
        (kind, commands::order(evidence.command))
    };
    // Of two replies to one command the later one is the device's present state.
    rank(theirs) <= rank(mine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::TransportType;
    use crate::inventory::Topology;

    fn exchange(command: &str, reply: Reply) -> Exchange {
        Exchange { command: command.to_owned(), sent_at: None, took: Duration::ZERO, reply }
    }

    fn output(command: &str, text: &str) -> Exchange {
        exchange(command, Reply::Output(text.to_owned()))
    }

    fn refused(command: &str) -> Exchange {
        exchange(command, Reply::Refused("% Invalid input detected at '^' marker.".to_owned()))
    }

    /// Asks a device that answers by `replies`, and gives back what it was asked.
    fn interview(device: &Device, replies: &[(&str, &str)]) -> (Vec<&'static str>, Reading) {
        let mut reader = Reader::new(device);
        let mut asked = Vec::new();
        while let Some(command) = reader.next_command() {
            asked.push(command.sends);
            assert!(asked.len() <= ALL.len(), "asked without end: {asked:?}");
            let reply = replies.iter().find(|(name, _)| command.sends.starts_with(name));
            reader.add(&match reply {
                Some((_, text)) => output(command.sends, text),
                None => refused(command.sends),
            });
        }
        (asked, reader.finish(None))
    }

    const VERSION: (&str, &str) = ("show version", "Cisco IOS XE Software, Version 17.09.04\n");
    const CONFIGURATION: (&str, &str) = ("show running-config | include", "hostname sw1\n");
    const LOGGING: (&str, &str) = ("show logging", "Buffer logging:  level debugging\n");
    const CLOCK: (&str, &str) = ("show clock", "10:00:00.000 UTC Mon Nov 24 2025\n");

    fn support(transport: &str, overall: u8) -> String {
        format!(
            "Smart Licensing Using Policy:\n Status: ENABLED\nTransport:\n  {transport}\nUsage Reporting:\n  Last ACK received: <none>\n\
             Communication Statistics:\nTrust Establishment:\n  Attempts: Total=1, Success=0, Fail=1  Ongoing Failure: \
             Overall={overall} Communication=0\nOther Info\n=====\nOverall Trust: No ID\nClock sync-ed with NTP: True\n"
        )
    }

    #[test]
    fn a_healthy_direct_device_is_asked_little() {
        let support = support("Type: Smart", 0);
        let replies = [
            VERSION,
            CONFIGURATION,
            LOGGING,
            CLOCK,
            ("show license tech support", support.as_str()),
            ("show crypto pki trustpoints status", "Trustpoint SLA-TrustPoint:\n"),
            ("show running-config | section", "crypto pki trustpoint SLA-TrustPoint\n revocation-check crl\n"),
        ];
        let (asked, reading) = interview(&Device::named("sw1"), &replies);
        let short: Vec<_> = asked.iter().map(|sends| sends.split(" | ").next().unwrap_or_default()).collect();
        assert_eq!(
            short,
            [
                "show version",
                "show license tech support",
                "show running-config",
                "show logging",
                "show clock",
                "show crypto pki trustpoints status",
                "show running-config"
            ]
        );
        assert_eq!(reading.facts.transport_type.value(), Some(&TransportType::Smart));
        let trustpoints = reading.facts.trustpoints.value().expect("trustpoints");
        assert_eq!(trustpoints[0].revocation_check.as_deref(), Some("crl"));
        assert!(reading.licence_readable && reading.refused.is_empty());
    }

    #[test]
    fn a_device_that_refuses_everything_is_asked_down_the_ladder() {
        let (asked, reading) = interview(&Device::named("sw1"), &[VERSION]);
        for sends in [
            "show license all",
            "show license status",
            "show license udi",
            "show license usage",
            "show ntp status",
            "show hosts",
            "show privilege",
        ] {
            assert!(asked.contains(&sends), "{sends} not in {asked:?}");
        }
        assert!(!reading.licence_readable);
        assert!(matches!(reading.facts.transport_type, Fact::Unknown(Unknown::NotPermitted(_))));
        assert!(matches!(reading.facts.slp_enabled, Fact::Unknown(Unknown::NotPermitted(_))));
    }

    #[test]
    fn the_shorter_command_stands_in_for_the_longer() {
        let all = "Smart Licensing Using Policy:\n  Status: ENABLED\nUsage Reporting:\n  Last ACK received: <none>\nUDI: PID:A,SN:F1\n\
                   License Usage\n=====\nNo licenses in use\nProduct Information\n=====\nUDI: PID:A,SN:F1\nAgent Version\n====\nSmart Agent for Licensing: 5.5\n";
        let (asked, reading) = interview(&Device::named("sw1"), &[VERSION, ("show license all", all)]);
        assert!(!asked.contains(&"show license status") && !asked.contains(&"show license usage"), "{asked:?}");
        assert_eq!(reading.facts.slp_enabled.value(), Some(&true));
        assert!(matches!(reading.facts.communication, Fact::Unknown(Unknown::NotPermitted(_))));
    }

    #[test]
    fn failures_and_topology_widen_the_questions() {
        let support = support("Type: cslu", 3);
        let mut device = Device::named("sw1");
        device.expect.topology = Some(Topology::CsluPull);
        let (asked, _) =
            interview(&device, &[VERSION, CONFIGURATION, LOGGING, CLOCK, ("show license tech support", &support)]);
        for sends in [
            "show license history message",
            "show hosts",
            "show ip interface brief",
            "show vrf",
            "show ip http server session-module",
            "show ip http server all",
        ] {
            assert!(asked.contains(&sends), "{sends} not in {asked:?}");
        }
        assert!(!asked.contains(&"show crypto pki trustpoints status"));
    }

    #[test]
    fn other_systems_are_asked_what_they_have() {
        for (version, present, absent) in [
            ("Cisco Nexus Operating System (NX-OS) Software\n", "show ntp peer-status", "show license tech support"),
            ("Cisco IOS XR Software, Version 24.1.1\n", "show ntp status", "show privilege"),
            (
                "Cisco Adaptive Security Appliance Software Version 9.8(4)10\n",
                "show license all",
                "show running-config",
            ),
        ] {
            let (asked, _) = interview(&Device::named("sw1"), &[("show version", version)]);
            assert!(asked.contains(&present), "{present} not in {asked:?}");
            assert!(!asked.iter().any(|sends| sends.starts_with(absent)), "{absent} in {asked:?}");
        }
    }

    #[test]
    fn the_agent_s_own_line_beats_the_mark_and_the_mark_beats_nothing() {
        let header = "Time source is NTP, .10:00:00.000 UTC Mon Nov 24 2025\n";
        let read = |exchanges: &[Exchange]| {
            let device = Device::named("sw1");
            let mut reader = Reader::new(&device);
            exchanges.iter().for_each(|exchange| reader.add(exchange));
            reader.finish(None).facts.ntp_synchronized.value().copied()
        };
        let agent = output("show license tech support", &format!("{header}{}", support("Type: Smart", 0)));
        assert_eq!(read(&[agent]), Some(true));
        assert_eq!(read(&[output("show license udi", &format!("{header}UDI: PID:A,SN:F1\n"))]), Some(false));
        // The agent's line may stand in what is missing.
        let partial = format!("{header}Transport:\n Type: Smart\n");
        assert_eq!(read(&[exchange("show license tech support", Reply::Cut { partial, why: Cut::TimedOut })]), None);
    }

    #[test]
    fn the_clocks_are_compared_where_the_device_s_offset_is_known() {
        let device = Device::named("sw1");
        let offset = |text: &str| {
            let mut reader = Reader::new(&device);
            reader.add(&Exchange {
                sent_at: "2025-11-24T10:00:00Z".parse().ok(),
                took: Duration::from_secs(2),
                ..output("show clock", text)
            });
            reader.finish(None).facts.clock_offset_s.value().copied()
        };
        assert_eq!(offset("10:01:02.500 UTC Mon Nov 24 2025\n"), Some(60));
        assert_eq!(offset("09:00:02.000 GMT Mon Nov 24 2025\n"), Some(-3600));
        assert_eq!(offset("10:01:02.500 CET Mon Nov 24 2025\n"), None);
    }

    #[test]
    fn a_refusal_proves_nothing_about_the_release() {
        let (_, reading) =
            interview(&Device::named("sw1"), &[("show version", "Cisco IOS XE Software, Version 17.09.04\n")]);
        assert!(!reading.facts.slp_enabled.is_known());
        assert!(
            reading
                .refused
                .iter()
                .any(|(sends, words)| *sends == "show license tech support" && words.contains("Invalid"))
        );
    }

    #[test]
    fn an_unknown_command_is_passed_over() {
        let device = Device::named("sw1");
        let mut reader = Reader::new(&device);
        reader.add(&output("terminal length 0", ""));
        assert_eq!(reader.finish(Some("sw1")).facts.hostname.value().map(String::as_str), Some("sw1"));
    }
}
