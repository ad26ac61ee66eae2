//! The log as history: which messages still stand, and how old they are.
//!
//! Time stamps of a log mostly lack the year and the zone: they are compared with each other and with the device's own clock
//! only. The digit of a message's severity differs between releases and is never read.

use std::cmp::Ordering;

use jiff::SignedDuration;
use jiff::civil::DateTime;

use crate::fact::{DeviceTime, Evidence, Unknown};
use crate::facts::{Facts, LogMessage};
use crate::rules::situation::DAY;
use crate::rules::{Subject, Undecided};
use crate::stamp::{Now, Stamp};
use crate::syslog::spelling;

/// Seconds after which a message alone says nothing about the present.
const RECENT: i64 = 7 * DAY;
/// Seconds after boot in which failures are usual: the network is not up yet.
const BOOT: i64 = 3_600;
/// Uptimes are printed in minutes, and the clock is read a little later.
const UPTIME_STEP: i64 = 120;

/// A failure that nothing settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsettled<'a> {
    /// The message.
    pub(super) message: &'a LogMessage,
    /// How much it weighs.
    pub(super) weight: Weight,
}

/// How much an unsettled failure weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Its age lowers nothing.
    Full,
    /// It is of the first hour after boot, and something succeeded since: only to be reported.
    Harmless,
}

/// How old a message is, as far as that matters.
enum Age {
    /// Logged within the last seven days, or without a readable time stamp.
    Recent,
    /// Logged in the first hour after boot, within the last seven days.
    AtBoot,
    /// Logged earlier, or by a clock that was not set.
    Old,
}

/// The failures that nothing settled and that are not history, by the age of their last message.
///
/// Older than seven days, or of the first hour after boot, a failure alone proves nothing: some releases log the change of state
/// once and are silent afterwards. A later success in the counters or a later ACK settles the older one; without these
/// the answer is unknown, because silence is no pass.
pub(super) fn unsettled<'a>(
    device: Subject<'a>,
    mnemonic: &str,
    cured_by: &[&str],
) -> Result<Vec<Unsettled<'a>>, Undecided> {
    let facts = device.facts;
    let standing = standing(facts, mnemonic, cured_by)?;
    if standing.is_empty() {
        return Ok(Vec::new());
    }
    let now = clock(&device.now()?, facts);
    let (mut found, mut is_open) = (Vec::new(), false);
    for message in standing {
        let stamp = stamp(message);
        let moment = stamp.and_then(|stamp| moment(&stamp, &now));
        // A clock that was not set orders messages within their boot only; without the boot, nothing came after it for sure.
        let is_placed = now.uptime.is_some() || stamp.is_some_and(|stamp| !stamp.is_unset());
        let succeeded = is_placed && moment.is_some_and(|moment| succeeded_since(moment, &now, device));
        match (age(stamp.as_ref(), moment, &now), succeeded) {
            (Age::Recent, _) => found.push(Unsettled { message, weight: Weight::Full }),
            (Age::AtBoot, true) => found.push(Unsettled { message, weight: Weight::Harmless }),
            (Age::Old, true) => {}
            (Age::AtBoot | Age::Old, false) => is_open = true,
        }
    }
    if is_open && found.is_empty() {
        facts.communication.get()?;
        return Err(Undecided::Unknown(Unknown::NotRead("a success after the message, in the log or in the counters")));
    }
    Ok(found)
}

/// When a message was logged, by the device's local clock. A clock that was not set shows no moment before its boot: the message
/// is of the time between the boot and the setting.
fn moment(stamp: &Stamp<'_>, now: &Now) -> Option<DateTime> {
    let moment = stamp.at(now)?;
    if !stamp.is_unset() {
        return Some(moment);
    }
    let boot = now.uptime.and_then(|uptime| now.local.checked_sub(SignedDuration::from_secs(uptime)).ok());
    Some(boot.map_or(moment, |boot| moment.max(boot)))
}

fn age(stamp: Option<&Stamp<'_>>, moment: Option<DateTime>, now: &Now) -> Age {
    let (Some(stamp), Some(moment)) = (stamp, moment) else {
        return match stamp {
            Some(stamp) if stamp.since_boot().is_some_and(|seconds| seconds < BOOT) => Age::AtBoot,
            _ => Age::Recent,
        };
    };
    let age = moment.duration_until(now.local).as_secs();
    let since_boot = stamp.since_boot().or(now.uptime.map(|uptime| uptime - age));
    if age > RECENT {
        Age::Old
    } else if since_boot.is_some_and(|seconds| (-UPTIME_STEP..BOOT).contains(&seconds)) {
        Age::AtBoot
    } else {
        Age::Recent
    }
}

/// True where an ACK came or a channel succeeded after a moment, and no channel fails. `Total=0` proves nothing.
fn succeeded_since(moment: DateTime, now: &Now, device: Subject<'_>) -> bool {
    let facts = device.facts;
    let is_later = |time: &DeviceTime| time.local > moment && now.local.duration_until(time.local).as_secs() <= DAY;
    let mut channels = facts.communication.value().into_iter().flatten();
    facts.last_ack.value().and_then(Option::as_ref).is_some_and(is_later)
        || (!device.any_channel_fails()
            && channels.any(|channel| channel.success > 0 && channel.last_success.as_ref().is_some_and(is_later)))
}

/// The device's clock for the stamps of its log.
fn clock(time: &DeviceTime, facts: &Facts) -> Now {
    let uptime = facts.uptime_s.value().and_then(|seconds| i64::try_from(*seconds).ok());
    Now { local: time.local, offset: time.offset(), uptime }
}

/// The last time stamp of a message.
fn stamp(message: &LogMessage) -> Option<Stamp<'_>> {
    Stamp::parse(message.last.as_deref().or(message.first.as_deref())?)
}

/// The messages of a mnemonic that no message of `cured_by` about the same peer or UDI followed.
pub(super) fn standing<'a>(
    facts: &'a Facts,
    mnemonic: &str,
    cured_by: &[&str],
) -> Result<Vec<&'a LogMessage>, Undecided> {
    let log = facts.log.get()?;
    let now = facts.device_time.value().map(|time| clock(time, facts));
    let cured = |at: usize, message: &LogMessage| {
        log.iter().enumerate().any(|(later, cure)| {
            cured_by.contains(&cure.mnemonic.as_str())
                && same_peer(message, cure)
                && follows((at, message), (later, cure), now.as_ref())
        })
    };
    let mut standing: Vec<&LogMessage> = Vec::new();
    for (at, message) in log.iter().enumerate() {
        if message.mnemonic == mnemonic && !cured(at, message) {
            // One finding a peer or unit: its last message stands for the earlier ones.
            standing.retain(|earlier| subject(earlier) != subject(message));
            standing.push(message);
        }
    }
    Ok(standing)
}

/// True where the last `cure` came after the last `message`: by their time stamps, else by their order in the log.
fn follows(message: (usize, &LogMessage), cure: (usize, &LogMessage), now: Option<&Now>) -> bool {
    match stamp(message.1).zip(stamp(cure.1)).and_then(|(failed, cured)| failed.compare(&cured, now)) {
        Some(Ordering::Less) => true,
        Some(Ordering::Greater) => false,
        Some(Ordering::Equal) | None => cure.0 > message.0,
    }
}

/// Peers by their abbreviation, units by their serial number: texts about one of them differ between messages.
fn same_peer(a: &LogMessage, b: &LogMessage) -> bool {
    match (&a.peer_or_udi, &b.peer_or_udi) {
        (Some(a), Some(b)) => spelling(a) == spelling(b),
        _ => true,
    }
}

/// `COMM_FAILED 12 times from May 1 10:00:00 to May 2 10:00:00: the text`.
pub(super) fn described(message: &LogMessage) -> String {
    let clean =
        |stamp: &Option<String>| stamp.as_deref().unwrap_or_default().trim_matches(['*', '.', ':', ' ']).to_owned();
    let (first, last) = (clean(&message.first), clean(&message.last));
    let when = match (message.count, first.as_str(), last.as_str()) {
        (0 | 1, "", "") => String::new(),
        (0 | 1, "", at) | (0 | 1, at, _) => format!(" at {at}"),
        (count, "", "") => format!(" {count} times"),
        (count, first, last) => format!(" {count} times, first {first}, last {last}"),
    };
    format!("{}{when}: {}", message.mnemonic, message.text.trim())
}

/// What a finding about a message is about: its peer or UDI.
pub(super) fn subject(message: &LogMessage) -> &str {
    message.peer_or_udi.as_deref().unwrap_or_default()
}

/// The last line of the message.
pub(super) fn evidence(message: &LogMessage, facts: &Facts) -> Option<Evidence> {
    let is_it = |line: &&Evidence| line.text.contains(&message.mnemonic) && line.text.contains(&message.text);
    facts.proofs.of("log").rev().find(is_it).or(facts.log.evidence().filter(is_it)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::full_text;
    use crate::finding::Severity;
    use crate::inventory::Device;
    use crate::reading::read;
    use crate::rules::Rule;
    use crate::rules::case::{Case, dated, failing, known, logged, refused, time};
    use crate::transcript::{Exchange, Reply, Transcript};

    const COMM_FAILED: &str =
        "%SMART_LIC-3-COMM_FAILED: Communications failure with the Cisco Smart Software Manager (CSSM) : x";

    /// One moment, given as universal time, in the spellings of devices and log servers.
    const SPELLINGS: [&str; 22] = [
        "%b %e %H:%M:%S.123: MESSAGE",
        ".%b %e %H:%M:%S: MESSAGE",
        "*%b %e %H:%M:%S.123: MESSAGE",
        "*%b %e %Y %H:%M:%S.123 UTC: MESSAGE",
        "%b %e %Y %H:%M:%S UTC: MESSAGE",
        "%b %e %H:%M:%S UTC: MESSAGE",
        "000123: %b %e %H:%M:%S.123: MESSAGE",
        "000123: sw1: %b %e %H:%M:%S.123: MESSAGE",
        "%Y-%m-%dT%H:%M:%SZ: MESSAGE",
        "%Y-%m-%dT%H:%M:%S+00:00: MESSAGE",
        "%Y-%m-%dT%H:%M:%S.123456+00:00 sw1 123: MESSAGE",
        "%Y-%m-%dT%H:%M:%S,123Z sw1 MESSAGE",
        "%Y-%m-%d %H:%M:%S sw1: MESSAGE",
        "<187>1 %Y-%m-%dT%H:%M:%S.123Z sw1 - - - - MESSAGE",
        "<187>%b %e %H:%M:%S sw1 123: %b %e %H:%M:%S.123: MESSAGE",
        "%b %e %H:%M:%S sw1 123: *%b %e %H:%M:%S.123: MESSAGE",
        "%b %e %H:%M:%S 192.0.2.1 MESSAGE",
        "RP/0/RP0/CPU0:%b %e %H:%M:%S.123 UTC: smartlicserver[390]: MESSAGE",
        "RP/0/RP0/CPU0:%Y %b %e %H:%M:%S.123 UTC: smartlicserver[390]: MESSAGE",
        "%Y %b %e %H:%M:%S sw1 MESSAGE",
        "%Y %b %e %H:%M:%S.123 UTC: MESSAGE",
        "%b %e %H:%M:%S %Y UTC: MESSAGE",
    ];

    /// The log of a device with one line.
    fn log_of(line: &str) -> crate::fact::Fact<Vec<LogMessage>> {
        let command = full_text("show logging").expect("a command").into_owned();
        let reply = Reply::Output(format!("Syslog logging: enabled\n    Buffer logging:  level debugging\n{line}\n"));
        let exchange = Exchange { command, sent_at: None, took: std::time::Duration::ZERO, reply };
        read(&Transcript { device: Device::named("sw1"), exchanges: vec![exchange], hostname: None }).facts.log
    }

    /// A moment in a spelling.
    fn spelled(form: &str, moment: &str) -> String {
        let moment: DateTime = moment.parse().expect("a moment");
        moment.strftime(form).to_string().replace("MESSAGE", COMM_FAILED)
    }

    fn rule() -> &'static Rule {
        crate::rules::ALL.iter().find(|rule| rule.id == "logged-comm-failed").expect("the rule")
    }

    /// What the counters say.
    enum Counters {
        Succeed,
        Fail,
        NeverTried,
    }

    /// A device at 2025-06-17 12:00 UTC, up for so long, with one failure in its log.
    fn device(line: &str, counters: &Counters, uptime: u64) -> Case {
        Case::direct().with(|facts| {
            facts.log = log_of(line);
            facts.uptime_s = known(uptime);
            facts.last_ack = known(None);
            match counters {
                Counters::Succeed => {
                    if let crate::fact::Fact::Known { value, .. } = &mut facts.communication {
                        value[1].last_success = Some(time("2025-06-17 11:55"));
                    }
                }
                Counters::Fail => facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]),
                Counters::NeverTried => facts.communication = known(vec![crate::facts::Channel::default()]),
            }
        })
    }

    #[test]
    fn all_spellings_of_one_moment_have_one_verdict() {
        const YEAR: u64 = 365 * 86_400;
        let fails = |case: &Case, severity| assert_eq!(case.fails(rule()).severity, severity);
        let passes = |case: &Case| case.passes(rule());
        let unknown = |case: &Case| drop(case.unknown(rule()));
        for form in SPELLINGS {
            let device = |moment, counters, uptime| {
                let line = spelled(form, moment);
                assert!(log_of(&line).value().is_some_and(|log| log.len() == 1), "{line}");
                device(&line, &counters, uptime)
            };
            // Five months ago, a day over a week ago, a day under a week ago, and yesterday.
            for old in ["2025-01-17T10:00:00", "2025-06-09T11:00:00"] {
                passes(&device(old, Counters::Succeed, YEAR));
                unknown(&device(old, Counters::Fail, YEAR));
                unknown(&device(old, Counters::NeverTried, YEAR));
            }
            for recent in ["2025-06-11T13:00:00", "2025-06-16T10:00:00"] {
                fails(&device(recent, Counters::Fail, YEAR), Severity::High);
                fails(&device(recent, Counters::Succeed, YEAR), Severity::Info);
            }
            // The first hour after boot, then the second.
            fails(&device("2025-06-17T10:20:00", Counters::Succeed, 2 * 3_600), Severity::Info);
            unknown(&device("2025-06-17T10:20:00", Counters::Fail, 2 * 3_600));
            fails(&device("2025-06-17T11:20:00", Counters::Fail, 2 * 3_600), Severity::High);
            // The year before.
            let new_year = |counters| {
                device("2024-12-31T23:00:00", counters, YEAR)
                    .with(|facts| facts.device_time = known(time("2025-01-02 12:00")))
            };
            fails(&new_year(Counters::Fail), Severity::High);
        }
    }

    #[test]
    fn times_since_boot_have_an_age_too() {
        let device = |stamp: &str, counters, uptime| device(&format!("{stamp}: {COMM_FAILED}"), &counters, uptime);
        device("1w2d", Counters::Succeed, 280 * 86_400).passes(rule());
        device("1w2d", Counters::Fail, 280 * 86_400).unknown(rule());
        assert_eq!(device("1w2d", Counters::Fail, 12 * 86_400).fails(rule()).severity, Severity::High);
        device("00:01:26", Counters::Fail, 5 * 86_400).unknown(rule());
        assert_eq!(device("00:01:26", Counters::Succeed, 5 * 86_400).fails(rule()).severity, Severity::Info);
        device("00:01:26", Counters::Succeed, 12 * 86_400).passes(rule());
    }

    #[test]
    fn a_clock_that_was_not_set_dates_nothing_before_its_boot() {
        for stamp in ["*Mar  1 00:01:26.123", "*Mar  1 1993 00:01:26.123"] {
            let device = |counters, uptime| device(&format!("{stamp}: {COMM_FAILED}"), &counters, uptime);
            device(Counters::Fail, 2 * 86_400).unknown(rule());
            assert_eq!(device(Counters::Succeed, 2 * 86_400).fails(rule()).severity, Severity::Info);
        }
        for stamp in ["*Mar  1 00:01:26.123", "*Mar  1 1993 00:01:26.123", "Mar  1 1993 00:01:26.123"] {
            let case = device(&format!("{stamp}: {COMM_FAILED}"), &Counters::Succeed, 0);
            case.with(|facts| facts.uptime_s = refused()).unknown(rule());
        }
        let case = device(&format!("*Jun 16 10:00:00: {COMM_FAILED}"), &Counters::Fail, 0);
        assert_eq!(case.with(|facts| facts.uptime_s = refused()).fails(rule()).severity, Severity::High);
    }

    #[test]
    fn an_ack_after_the_message_settles_an_old_one() {
        let case = device(&spelled(SPELLINGS[0], "2025-06-01T10:00:00"), &Counters::Fail, 365 * 86_400);
        case.with(|facts| facts.last_ack = dated("2025-06-10 12:00")).passes(rule());
        let case = device(&spelled(SPELLINGS[0], "2025-06-01T10:00:00"), &Counters::Fail, 365 * 86_400);
        case.with(|facts| facts.last_ack = dated("2025-05-31 12:00")).unknown(rule());
    }

    #[test]
    fn a_failure_without_a_stamp_counts() {
        let device = |counters| device(COMM_FAILED, &counters, 365 * 86_400);
        assert_eq!(device(Counters::Fail).fails(rule()).severity, Severity::High);
        assert_eq!(device(Counters::Succeed).fails(rule()).severity, Severity::Info);
    }

    #[test]
    fn a_cure_counts_for_its_own_peer_and_only_afterwards() {
        let cslu = Some("Cisco Smart License Utility (CSLU)");
        let mut facts = Facts { device_time: known(time("2025-06-17 12:00")), ..Facts::default() };
        facts.log = known(vec![
            logged("COMM_FAILED", cslu, "Jun 10 10:00:00"),
            logged("COMM_RESTORED", Some("Cisco Smart License utility (CSLU)"), "Jun 11 10:00:00"),
            logged("COMM_FAILED", Some("Cisco Smart Software Manager (CSSM)"), "Jun 12 10:00:00"),
        ]);
        let standing = |facts: &Facts| {
            let messages = standing(facts, "COMM_FAILED", &["COMM_RESTORED"]).expect("the log is known");
            messages.iter().map(|message| subject(message).to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(standing(&facts), ["Cisco Smart Software Manager (CSSM)"]);
        facts.log = known(vec![
            logged("COMM_FAILED", cslu, "Jun 12 10:00:00"),
            logged("COMM_RESTORED", cslu, "Jun 11 10:00:00"),
        ]);
        assert_eq!(standing(&facts).len(), 1);
        facts.log = known(vec![
            logged("COMM_FAILED", Some("Cisco Smart Software Manager (CSSM)"), "Jun 12 10:00:00"),
            logged("COMM_RESTORED", Some("Cisco licensing cloud"), "Jun 13 10:00:00"),
        ]);
        assert!(standing(&facts).is_empty());
    }
}
