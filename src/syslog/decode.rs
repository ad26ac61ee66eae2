//! A text taken apart into the system messages it holds, each with its place in the catalogue: what `slaudit decode` shows.
//!
//! ```text
//! *Nov 19 14:54:55: %SMART_LIC-3-COMM_FAILED: Communications failure with the A (B) : no name    first
//! *Nov 19 15:54:55: %SMART_LIC-3-COMM_FAILED: Communications failure with the A (B) : no name    last, count 2
//! *Nov 19 16:00:00: %SMART_LIC-5-COMM_RESTORED: Communications with the A (B) restored.          clears it
//! ```

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::catalogue::{self, Action, Entry, Field, Reason};
use super::{Message, pattern, stamp};
use crate::transcript::unwrap;

/// Lines that the text of one message may go on over.
const MOST_LINES: usize = 4;
/// Distinct reasons of one message that are told apart.
const MOST_REASONS: usize = 20;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The messages, those of one facility and mnemonic about one peer or UDI joined, in the order in which they came first.
    pub messages: Vec<Decoding>,
    /// Lines that are neither blank nor part of a message.
    pub lines_without_message: u64,
}

/// One message with its repeats.
#[derive(Debug)]
pub struct Decoding {
    /// The device that the line names, where a log server or `logging origin-id` put it before the message.
    pub device: Option<String>,
    /// The last one: its fields are those that count.
    pub message: Message,
    /// The line of the first one, as it stood.
    pub line: String,
    /// The line of the last one, where there are several.
    pub last_line: Option<String>,
    /// Time stamp of the first one, as printed.
    pub first: Option<String>,
    /// Time stamp of the last one, as printed.
    pub last: Option<String>,
    /// How many.
    pub count: u64,
    /// What it means; `None` where the catalogue does not know it.
    pub entry: Option<&'static Entry>,
    /// The reasons the messages gave, each once, the last one's first.
    pub given: Vec<Given>,
    /// The success that followed the last one, about the same peer or UDI.
    pub cleared: Option<Cleared>,
}

/// A reason in the device's own words, and how often it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// As printed.
    pub text: String,
    /// How many of the messages.
    pub count: u64,
}

/// What ended a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// For example `COMM_RESTORED`.
    pub mnemonic: &'static str,
    /// Its time stamp, as printed.
    pub at: Option<String>,
}

impl Decoding {
    /// The reasons of the catalogue, each with the device's words that mean it; those that the message names come first.
    pub fn reasons(&self) -> Vec<(&'static Reason, Option<&str>)> {
        let reasons = self.entry.map_or(&[][..], |entry| entry.reasons);
        let named =
            |reason: &Reason| self.given.iter().map(|given| given.text.as_str()).find(|text| reason.is_meant(text));
        let mut all: Vec<_> = reasons.iter().map(|reason| (reason, named(reason))).collect();
        all.sort_by_key(|(_, named)| named.is_none());
        all
    }

    /// What to do, each with whether it applies: the peer that the message names may tell the transport.
    pub fn actions(&self) -> Vec<(&'static Action, bool)> {
        let actions = self.entry.map_or(&[][..], |entry| entry.actions);
        let peer = self.message.field(Field::Peer).unwrap_or_default().to_lowercase();
        let is_named = |action: &Action| action.peers.iter().any(|words| peer.contains(words));
        let none_named = !actions.iter().any(is_named);
        actions.iter().map(|action| (action, none_named || action.peers.is_empty() || is_named(action))).collect()
    }
}

/// Takes a clean text apart. Lines that a narrow terminal or a mail broke are made whole where that completes a message.
pub fn decode(text: &str) -> Decoded {
    let text = unwrap(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut without = 0;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        let mut messages = Message::all(line);
        let Some(last) = messages.last_mut() else {
            without += u64::from(!line.trim().is_empty());
            continue;
        };
        let mut whole = Cow::Borrowed(line.trim());
        if let Some((text, taken)) = completed(last, &lines[at..]) {
            for rest in &lines[at..at + taken] {
                whole = Cow::Owned(format!("{whole} {}", rest.trim()));
            }
            last.text = text;
            at += taken;
        }
        let device = device(line);
        found.extend(messages.into_iter().map(|message| Found { device, message, line: whole.clone() }));
    }
    if is_newest_first(&found) {
        found.reverse();
    }
    let mut groups = Groups::default();
    for found in found {
        groups.add(found);
    }
    Decoded { messages: groups.finish(), lines_without_message: without }
}

/// A message and where it stood.
struct Found<'a> {
    device: Option<&'a str>,
    message: Message,
    line: Cow<'a, str>,
}

/// True for the exports of log servers that begin with the newest. Some steps back are usual: NTP sets a clock.
fn is_newest_first(found: &[Found<'_>]) -> bool {
    let stamps: Vec<_> = found.iter().filter_map(|found| found.message.stamp.as_deref()).collect();
    let steps = stamps.windows(2).filter_map(|pair| stamp::compare(pair[0], pair[1]));
    let (mut back, mut forth) = (0_u64, 0_u64);
    for step in steps {
        match step {
            Ordering::Greater => back += 1,
            Ordering::Less => forth += 1,
            Ordering::Equal => {}
        }
    }
    back > forth
}

/// The whole text of a message that lacks fields, and how many of the next lines belong to it; `None` where they do not
/// complete it.
fn completed(message: &Message, next: &[&str]) -> Option<(String, usize)> {
    let fields = catalogue::find(&message.mnemonic).filter(|_| message.is_smart_lic())?.fields;
    let is_whole = |message: &Message| fields.iter().all(|(field, _)| message.field(*field).is_some());
    if is_whole(message) {
        return None;
    }
    let mut longer = message.clone();
    for (taken, line) in next.iter().take(MOST_LINES).enumerate() {
        if line.trim().is_empty() || !Message::all(line).is_empty() {
            return None;
        }
        longer.text.push(' ');
        longer.text.push_str(line.trim());
        if is_whole(&longer) {
            return Some((longer.text, taken + 1));
        }
    }
    None
}

/// The device before a message: `Nov 19 14:54:45 sw1 123: *Nov ...` of a log server, `000042: sw1: *Nov ...` of the device.
fn device(line: &str) -> Option<&str> {
    static DEVICE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(concat!(
            r"^(?:<\d{1,3}>\d{0,2} ?)?(?:",
            r"(?:[A-Z][a-z]{2} {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{1,40})",
            r" (?<relayed>[A-Za-z0-9][A-Za-z0-9._:-]{0,252}?):? (?:\d+: |[*.A-Z]|%)",
            r"|(?:\d+: )?(?<origin>[A-Za-z][A-Za-z0-9._-]{0,252}): (?:\d+: )?[*.]?[A-Z][a-z]{2} {1,2}\d{1,2} )",
        ))
    });
    /// A zone after the time: `Nov 19 14:54:45 CET: %SMART_LIC-...`.
    static ZONE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^%]{0,60} [A-Z]{2,5}(?:[+-]?\d{1,4})?: ?%"));
    let found = DEVICE.captures(line)?;
    let relayed = found.name("relayed").filter(|_| !ZONE.is_match(line));
    relayed.or_else(|| found.name("origin")).map(|name| name.as_str())
}

/// What makes two messages one: device, facility, mnemonic, and the peer or UDI without its spelling.
type Key = (Option<String>, String, String, Option<String>);

#[derive(Default)]
struct Groups {
    all: Vec<Decoding>,
    /// The place of a key, and of the last message of it in the order of the text.
    places: HashMap<Key, (usize, u64)>,
    seen: u64,
}

impl Groups {
    fn add(&mut self, Found { device, message, line }: Found<'_>) {
        self.seen += 1;
        let key = key(device, &message, &message.mnemonic);
        let reason = message.field(Field::Reason).filter(|_| has_reason(&message)).map(str::to_owned);
        let place = self.places.entry(key).or_insert((self.all.len(), 0));
        place.1 = self.seen;
        let Some(known) = self.all.get_mut(place.0) else {
            let entry = message.is_smart_lic().then(|| catalogue::find(&message.mnemonic)).flatten();
            self.all.push(Decoding {
                device: device.map(str::to_owned),
                line: line.into_owned(),
                last_line: None,
                first: message.stamp.clone(),
                last: message.stamp.clone(),
                count: 1,
                entry,
                given: reason.into_iter().map(|text| Given { text, count: 1 }).collect(),
                cleared: None,
                message,
            });
            return;
        };
        known.count += 1;
        known.give(reason);
        known.last_line = Some(line.into_owned());
        known.last.clone_from(&message.stamp);
        known.message = message;
    }

    fn finish(self) -> Vec<Decoding> {
        let Self { mut all, places, .. } = self;
        let mut cleared = Vec::new();
        for (at, failure) in all.iter().enumerate() {
            for success in
                catalogue::ALL.iter().filter(|entry| entry.clears.contains(&failure.message.mnemonic.as_str()))
            {
                let place = |mnemonic: &str| places.get(&key(failure.device.as_deref(), &failure.message, mnemonic));
                let (Some(failed), Some(cured)) = (place(&failure.message.mnemonic), place(success.mnemonic)) else {
                    continue;
                };
                let last = &all[cured.0];
                if is_after((last.last.as_deref(), cured.1), (failure.last.as_deref(), failed.1)) {
                    cleared.push((at, Cleared { mnemonic: success.mnemonic, at: last.last.clone() }));
                }
            }
        }
        for (at, by) in cleared {
            if all[at].message.is_smart_lic() {
                all[at].cleared = Some(by);
            }
        }
        all
    }
}

impl Decoding {
    /// Counts a reason, and puts it first.
    fn give(&mut self, reason: Option<String>) {
        let Some(text) = reason else { return };
        match self.given.iter().position(|given| given.text == text) {
            Some(at) => {
                self.given[at].count += 1;
                self.given[..=at].rotate_right(1);
            }
            None => {
                self.given.insert(0, Given { text, count: 1 });
                self.given.truncate(MOST_REASONS);
            }
        }
    }
}

fn has_reason(message: &Message) -> bool {
    let entry = catalogue::find(&message.mnemonic).filter(|_| message.is_smart_lic());
    entry.is_some_and(|entry| entry.fields.iter().any(|(field, _)| *field == Field::Reason))
}

fn key(device: Option<&str>, message: &Message, mnemonic: &str) -> Key {
    (device.map(str::to_lowercase), message.facility.clone(), mnemonic.to_owned(), message.peer_or_udi().map(spelling))
}

/// Peers by their abbreviation, units by their serial number: a failure and its recovery spell them differently.
fn spelling(text: &str) -> String {
    let text = text.to_lowercase();
    let serial = text.rsplit_once("sn:").map(|(_, serial)| serial);
    let short = text.rsplit_once('(').map(|(_, short)| short.trim_end_matches(')'));
    serial.or(short).unwrap_or(&text).trim().to_owned()
}

/// True where `a` came after `b`: in the order of the log, and not against their time stamps.
fn is_after(a: (Option<&str>, u64), b: (Option<&str>, u64)) -> bool {
    a.1 > b.1 && a.0.zip(b.0).and_then(|(a, b)| stamp::compare(a, b)) != Some(Ordering::Less)
}
