//! From outputs to facts: the replies of one device are read, and each question gets one answer.
//!
//! A parser stays faithful to one command's text; this module alone decides which command wins when two answer one question.

use std::borrow::Cow;
use std::time::Duration;

use crate::commands::{self, ALL, Answers, ClockHeader, Command, Ping, Situation, Text};
use crate::fact::{Evidence, Fact, Unknown};
use crate::facts::{Facts, Probe, Reporting, TransportType, Trustpoint};
use crate::inventory::{Device, Platform};
use crate::session::Question;
use crate::stamp::Mark;
use crate::syslog::{self, Message};
use crate::transcript::{Cut, Exchange, Reply, Transcript, unwrap};

/// What a transcript says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// The answers.
    pub facts: Facts,
    /// Lines inside a known section that no parser understood: a new release shows up here as a number, not as a lost device.
    pub unparsed: Vec<Unparsed>,
    /// Commands the device refused, with its words.
    pub refused: Vec<(&'static str, String)>,
    /// The first command whose reply is incomplete.
    pub cut: Option<(String, Cut)>,
    /// How many replies there were, those to commands that slaudit does not know among them.
    pub heard: usize,
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

fn has_long_lines(command: &Command) -> bool {
    ["show license", "show logging"].iter().any(|start| command.sends.starts_with(start))
}

/// Reads a whole transcript.
pub fn read(transcript: &Transcript) -> Reading {
    Reader::of(transcript).finish(&transcript.device, transcript.hostname.as_deref())
}

/// Reads replies one by one, as an interview goes on, and says what to ask next.
#[derive(Debug, Default)]
pub struct Reader {
    reading: Reading,
    asked: Vec<&'static str>,
    refused: Vec<&'static str>,
    /// Synchronised by NTP, by the mark before a time alone.
    mark: Option<(bool, Evidence)>,
    /// The device's clock against the collector's, from the reply that took the shortest time.
    offset: Option<(Duration, i64, Evidence)>,
    /// SMART_LIC messages of the log, and those that broke into other outputs.
    log: Vec<Message>,
    stray: Vec<(Message, Evidence)>,
    /// Trustpoints by their configuration.
    configured: Vec<(Trustpoint, Evidence)>,
    /// Name servers and domain in use: what DHCP or PPP gave a device is in no configuration.
    learned: (Fact<Vec<String>>, Fact<Option<String>>),
    /// The proxy of Call Home, address and port, which says nothing about other transports.
    call_home_proxy: (Fact<Option<String>>, Fact<Option<u16>>),
    /// Pings, and what came of each.
    pings: Vec<(Ping, Fact<Probe>)>,
}

impl Reader {
    /// All replies of a transcript.
    pub fn of(transcript: &Transcript) -> Self {
        let mut reader = Self::default();
        for exchange in &transcript.exchanges {
            reader.add(exchange);
        }
        reader
    }

    /// How many replies were read.
    pub fn heard(&self) -> usize {
        self.reading.heard
    }

    /// Reads one reply. A command that is not in the registry is passed over.
    pub fn add(&mut self, exchange: &Exchange) {
        self.reading.heard += 1;
        if let Reply::Cut { why, .. } = &exchange.reply {
            self.reading.cut.get_or_insert_with(|| (exchange.command.clone(), *why));
        }
        let Some(command) = commands::find(&exchange.command) else { return };
        if !self.asked.contains(&command.sends) {
            self.asked.push(command.sends);
        }
        let lines = match &exchange.reply {
            // Tables may be just as wide as a terminal; only licence outputs and logs have lines that are wider.
            Reply::Output(text) | Reply::Cut { partial: text, .. } if has_long_lines(command) => unwrap(text),
            Reply::Output(text) | Reply::Cut { partial: text, .. } => Cow::Borrowed(text.as_str()),
            Reply::Refused(_) => Cow::Borrowed(""),
        };
        let text = match &exchange.reply {
            Reply::Output(_) => Text::whole(command.sends, &lines),
            Reply::Refused(words) => {
                self.refuse(command.sends, words);
                Text::none(command.sends, Unknown::NotPermitted(words.clone()))
            }
            Reply::Cut { why, .. } => {
                let why = match why {
                    Cut::TimedOut => Unknown::TimedOut,
                    Cut::Closed | Cut::TooLarge | Cut::Flood => Unknown::Truncated,
                };
                Text::cut(command.sends, &lines, why)
            }
        };
        let mut answers = command.read(&text);
        if let Some(words) = answers.refused.take() {
            self.refuse(command.sends, &words);
        } else if answers.recognised {
            self.reading.licence_readable |= command.is_licence();
        } else if let Some(words) = text.refusal() {
            // Saved output, in which nobody told a refusal from an answer.
            self.refuse(command.sends, &words);
            answers = command.read(&Text::none(command.sends, Unknown::NotPermitted(words)));
        }
        self.take_time(&mut answers, text.clock.as_ref(), command, exchange);
        self.take_log(&mut answers, &text);
        let probe = std::mem::take(&mut answers.facts.probe);
        self.pings.extend(Ping::read(&exchange.command).map(|ping| (ping, probe)));
        if command.sends == "show hosts" {
            self.learned = (answers.facts.dns_servers.clone(), answers.facts.dns_domain.clone());
        }
        if !answers.configured_trustpoints.is_empty() {
            self.configured = std::mem::take(&mut answers.configured_trustpoints);
        }
        self.reading.unparsed.extend(answers.unparsed.into_iter().map(|(line, text)| Unparsed {
            command: command.sends.to_owned(),
            line,
            text,
        }));
        if command.sends.starts_with("show call-home") {
            let (address, port) = std::mem::take(&mut self.call_home_proxy);
            let facts = &mut answers.facts;
            let (new, new_port) = (std::mem::take(&mut facts.proxy_address), std::mem::take(&mut facts.proxy_port));
            self.call_home_proxy = (new.or(address), new_port.or(port));
        }
        self.reading.facts.absorb(answers.facts, wins);
        self.take_proxy();
    }

    /// Under Call Home the proxy is Call Home's own.
    fn take_proxy(&mut self) {
        let facts = &mut self.reading.facts;
        let (address, port) = &self.call_home_proxy;
        let is_printed = matches!(address, Fact::Known { .. } | Fact::Unknown(Unknown::Unparsed(_)));
        if is_printed && facts.transport_type.value() == Some(&TransportType::Callhome) {
            facts.proxy_address.clone_from(address);
            facts.proxy_port.clone_from(port);
        }
    }

    fn refuse(&mut self, sends: &'static str, words: &str) {
        if !self.refused.contains(&sends) {
            self.refused.push(sends);
            self.reading.refused.push((sends, words.to_owned()));
        }
    }

    /// The device's clock, its mark, and how far it is from the collector's.
    fn take_time(
        &mut self,
        answers: &mut Answers,
        clock: Option<&ClockHeader<'_>>,
        command: &Command,
        exchange: &Exchange,
    ) {
        if let Some(clock) = clock {
            let evidence = clock.line.evidence(command.sends);
            // A header names its source; the mark of `show clock` counts where no header was seen.
            if let Some(by_ntp) = clock.by_ntp {
                self.mark = Some((by_ntp && clock.mark == Mark::None, evidence.clone()));
            }
            if let (Some(time), false) = (&clock.time, answers.facts.device_time.is_known()) {
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
            let smart = text.log.iter().filter_map(|line| Some((Message::parse(line.text)?, line)));
            let smart = smart.filter(|(message, _)| message.is_smart_lic());
            self.stray.extend(smart.map(|(message, line)| (message, line.evidence(text.command))));
        } else {
            self.log = std::mem::take(&mut answers.log);
        }
    }

    /// The next thing to ask, by what is known so far; `None` where nothing is wanted any more.
    pub fn next_question(&self, device: &Device) -> Option<Question> {
        let now = Situation { device, facts: &self.reading.facts, refused: &self.refused, asked: &self.asked };
        let platform = now.platform();
        let mut wanted = ALL.iter().filter(|command| {
            command.platforms.contains(&platform)
                && !self.asked.contains(&command.sends)
                && (command.wanted.holds)(&now)
        });
        wanted.find_map(|command| command.question(&now))
    }

    /// The answers of everything read. `hostname` is the one of the prompt.
    pub fn finish(mut self, device: &Device, hostname: Option<&str>) -> Reading {
        self.settle_log();
        self.settle_trust();
        self.settle_names();
        self.settle_probe(device);
        let facts = &mut self.reading.facts;
        if !facts.platform.is_known() && device.platform != Platform::Auto {
            facts.platform = Fact::known(device.platform, outside("inventory", device.platform.as_str()));
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
        self.stray.retain(|(message, _)| !self.log.contains(message));
        if !self.stray.is_empty() {
            let proofs = &mut self.reading.facts.proofs;
            for (message, line) in self.stray.drain(..) {
                self.log.push(message);
                proofs.note("log", 0, "message", line);
            }
            *value = syslog::collapse(std::mem::take(&mut self.log));
        }
    }

    /// A configuration without name server or domain says only that none is configured.
    fn settle_names(&mut self) {
        let (servers, domain) = std::mem::take(&mut self.learned);
        let facts = &mut self.reading.facts;
        let none = facts.dns_servers.value().is_some_and(Vec::is_empty);
        if none && servers.value().is_some_and(|servers| !servers.is_empty()) {
            facts.dns_servers = servers;
        }
        if facts.dns_domain.value() == Some(&None) && matches!(domain.value(), Some(Some(_))) {
            facts.dns_domain = domain;
        }
    }

    /// Of all pings the last one of the host in use, in the VRF in use: a ping of anything else says nothing about reports.
    fn settle_probe(&mut self, device: &Device) {
        let Some(wanted) = Ping::to_server(&Reporting::new(&self.reading.facts, &device.expect)) else { return };
        if let Some((ping, found)) = self.pings.drain(..).rev().find(|(ping, _)| ping.is(&wanted)) {
            self.reading.facts.probe = match found {
                Fact::Known { value, evidence } => Fact::known(ping.named(&value), evidence),
                unknown @ Fact::Unknown(_) => unknown,
            };
        }
    }

    /// What one command tells of a thing, and another of the same thing.
    fn settle_trust(&mut self) {
        let facts = &mut self.reading.facts;
        if let (Fact::Unknown(_), Some((_, first))) = (&facts.trustpoints, self.configured.first()) {
            let configured = self.configured.iter().map(|(trustpoint, _)| trustpoint.clone()).collect();
            facts.trustpoints = Fact::known(configured, first.clone());
        }
        if let Fact::Known { value, .. } = &mut facts.trustpoints {
            for (part, trustpoint) in value.iter_mut().enumerate() {
                let same = self.configured.iter().find(|(other, _)| other.name == trustpoint.name);
                if let Some((other, line)) = same {
                    trustpoint.revocation_check.clone_from(&other.revocation_check);
                    facts.proofs.note("trustpoints", part, "revocation", line.clone());
                }
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
mod tests;
