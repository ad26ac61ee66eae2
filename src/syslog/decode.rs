//! A text taken apart into the system messages it holds, each with its place in the catalogue: what `slaudit decode` shows.
//!
//! ```text
//! *Nov 19 14:54:55: %SMART_LIC-3-COMM_FAILED: Communications failure with the A (B) : no name    first
//! *Nov 19 15:54:55: %SMART_LIC-3-COMM_FAILED: Communications failure with the A (B) : no name    last, count 2
//! *Nov 19 16:00:00: %SMART_LIC-5-COMM_RESTORED: Communications with the A (B) restored.          clears it
//! ```

use super::catalogue::{self, Action, Entry, Field};
use super::{Message, spelling};
use crate::failure::{self, Reason};
use crate::stamp::Stamp;
use crate::transcript::dialect::owner;
use crate::transcript::unwrap;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

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
    /// The reasons that the message may have, each with the device's words that mean it; those that it names come first.
    pub fn reasons(&self) -> Vec<(&'static Reason, Option<&str>)> {
        let Some(entry) = self.entry else { return Vec::new() };
        let texts = || self.given.iter().map(|given| given.text.as_str());
        let named =
            |reason: &Reason| texts().find(|text| entry.reason(text).is_some_and(|meant| meant.id == reason.id));
        let reasons = entry.reasons.iter().filter_map(|id| failure::find(id));
        let mut all: Vec<_> = reasons.map(|reason| (reason, named(reason))).collect();
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
        let device = owner(line);
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

/// True for the exports of log servers that begin with the newest. A step back alone proves nothing: NTP sets a clock.
fn is_newest_first(found: &[Found<'_>]) -> bool {
    let stamps: Vec<_> = found.iter().filter_map(|found| Stamp::parse(found.message.stamp.as_deref()?)).collect();
    let steps = stamps.windows(2).filter_map(|pair| pair[0].compare(&pair[1], None));
    let (mut back, mut forth) = (0_u64, 0_u64);
    for step in steps {
        match step {
            Ordering::Greater => back += 1,
            Ordering::Less => forth += 1,
            Ordering::Equal => {}
        }
    }
    back > 1 && forth * 10 < back
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
        if let Some(at) = self.given.iter().position(|given| given.text == text) {
            self.given[at].count += 1;
            self.given[..=at].rotate_right(1);
        } else {
            self.given.insert(0, Given { text, count: 1 });
            self.given.truncate(MOST_REASONS);
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

/// True where `a` came after `b`: in the order of the log, and not against their time stamps.
fn is_after(a: (Option<&str>, u64), b: (Option<&str>, u64)) -> bool {
    let stamps = a.0.and_then(Stamp::parse).zip(b.0.and_then(Stamp::parse));
    a.1 > b.1 && stamps.and_then(|(a, b)| a.compare(&b, None)) != Some(Ordering::Less)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str =
        "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart License Utility (CSLU) :";
    const RESTORED: &str =
        "%SMART_LIC-5-COMM_RESTORED: Communications with the Cisco Smart License utility (CSLU) restored.";

    fn one(text: &str) -> Decoding {
        let mut decoded = decode(text);
        assert_eq!(decoded.messages.len(), 1, "{text}");
        decoded.messages.remove(0)
    }

    #[test]
    fn repeats_have_first_last_count_and_their_reasons() {
        let text = format!(
            "*Nov 19 14:54:55: {FAILED} no route\nnoise\n\n*Nov 19 15:00:00: {FAILED} no name\n\
             *Nov 19 15:05:00: {FAILED} no route\n"
        );
        let message = one(&text);
        assert_eq!((message.first.as_deref(), message.count), (Some("*Nov 19 14:54:55"), 3));
        assert_eq!(message.last.as_deref(), Some("*Nov 19 15:05:00"));
        let given = |text: &str, count| Given { text: text.to_owned(), count };
        assert_eq!(message.given, [given("no route", 2), given("no name", 1)]);
        assert!(message.line.starts_with("*Nov 19 14:54:55") && message.line.ends_with("no route"));
        assert_eq!(decode(&text).lines_without_message, 1);
    }

    #[test]
    fn a_failure_is_cleared_by_a_later_success_about_the_same() {
        let cleared = |lines: &[String]| decode(&lines.join("\n")).messages[0].cleared.is_some();
        let failed = |at: &str| format!("*Nov 19 {at}: {FAILED} no name");
        let restored = |at: &str| format!("*Nov 19 {at}: {RESTORED}");
        assert!(cleared(&[failed("10:00:00"), restored("11:00:00")]));
        assert!(!cleared(&[failed("10:00:00"), restored("11:00:00"), failed("12:00:00")]));
        assert!(!cleared(&[failed("10:00:00"), restored("11:00:00").replace("(CSLU)", "(CSSM)")]));
        assert!(!cleared(&[failed("10:00:00")]));
        // Without stamps the order tells.
        assert!(cleared(&[format!("{FAILED} x"), RESTORED.to_owned()]));
        // NTP set the clock back between them: the order tells.
        assert!(!cleared(&[failed("09:00:00"), restored("12:00:00"), failed("11:00:00")]));
        // A success that its stamp shows to be older ends nothing.
        assert!(!cleared(&[failed("09:00:00"), failed("10:00:00"), restored("08:00:00")]));
    }

    #[test]
    fn the_licensing_cloud_is_cssm() {
        let failed = "%LICENSE-SMART_LIC-3-COMM_FAILED : Communications failure with the Cisco Smart Software Manager (CSSM) : no";
        let restored = "%LICENSE-SMART_LIC-5-COMM_RESTORED : Communications with Cisco licensing cloud restored";
        let text = format!("{failed}\n{restored}\n");
        assert!(decode(&text).messages[0].cleared.is_some());
    }

    #[test]
    fn units_are_told_apart_by_their_serial_number() {
        let text = "%SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install has failed on PID:A,SN:F1: x.\n\
                    %SMART_LIC-3-TRUST_CODE_INSTALL_FAILED: The install has failed on PID:A,SN:F2: x.\n\
                    %SMART_LIC-6-TRUST_CODE_INSTALL_SUCCESS: A new one was successfully installed on PID:A,SN:F2.";
        let cleared: Vec<_> = decode(text).messages.iter().map(|message| message.cleared.is_some()).collect();
        assert_eq!(cleared, [false, true, false]);
    }

    #[test]
    fn devices_of_a_log_server_are_told_apart() {
        let text = format!(
            "Nov 19 14:54:45 sw1 123: *Nov 19 14:54:45.907: {FAILED} x\n\
             Nov 19 14:55:45 sw2 12: *Nov 19 14:55:45.907: {RESTORED}\n"
        );
        let decoded = decode(&text);
        assert_eq!(decoded.messages[0].device.as_deref(), Some("sw1"));
        assert_eq!(decoded.messages[0].first.as_deref(), Some("*Nov 19 14:54:45.907"));
        assert_eq!(decoded.messages[0].cleared, None);
        // The host is not taken for a zone.
        let message = one("Nov 19 14:54:45 sw1 %SMART_LIC-3-A: x");
        assert_eq!(message.first.as_deref(), Some("Nov 19 14:54:45"));
    }

    #[test]
    fn a_log_that_begins_with_the_newest_is_turned() {
        let text = format!("Nov 19 12:00:00: {RESTORED}\nNov 19 11:00:00: {FAILED} x\nNov 19 10:00:00: {FAILED} x\n");
        let decoded = decode(&text);
        let failed = &decoded.messages[0];
        assert_eq!(failed.first.as_deref(), Some("Nov 19 10:00:00"));
        assert_eq!(failed.cleared.as_ref().and_then(|cleared| cleared.at.as_deref()), Some("Nov 19 12:00:00"));
    }

    #[test]
    fn broken_lines_are_completed_and_others_are_left_alone() {
        let message = one(
            "%SMART_LIC-3-POLICY_INSTALL_FAILED: The installation of a new\n  licensing policy has failed: Signature mismatch.\n",
        );
        assert_eq!(message.message.field(Field::Reason), Some("Signature mismatch"));
        let decoded = decode("%SMART_LIC-6-POLICY_INSTALL_SUCCESS: A new\nlicensing policy was installed\n");
        assert_eq!(decoded.lines_without_message, 1);
        let decoded = decode(&format!("{FAILED}\n%SYS-5-CONFIG_I: x: y\n"));
        assert_eq!(decoded.messages[0].message.field(Field::Reason), None);
    }

    #[test]
    fn the_peer_chooses_the_steps() {
        let applying = |text: &str| one(text).actions().iter().filter(|(_, applies)| *applies).count();
        let all = one(FAILED).actions().len();
        let cslu = applying(&format!("{FAILED} x"));
        let cssm = applying(
            &format!("{FAILED} x").replace("Cisco Smart License Utility (CSLU)", "Cisco Smart Software Manager (CSSM)"),
        );
        assert_eq!((cslu + cssm, applying("%SMART_LIC-3-COMM_FAILED: torn")), (all, all));
    }
}
