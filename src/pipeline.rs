//! From what a device said to its row: read, judge, and say how it went. The same for a live audit and for saved output.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fleet::Stop;
use crate::interview::{End, Interview};
use crate::inventory::{Device, Platform};
use crate::reading::Reading;
use crate::record::{Contact, DeviceRecord, Status};
use crate::rules::{self, Judgement, RuleSet};
use crate::session::{Failure, SessionError};
use crate::slac;
use crate::transcript::archive::ArchiveError;
use crate::transcript::dialect::Cause;
use crate::transcript::{Cut, Transcript};

/// What stands beside a transcript in the archive, so that its analysis says the same as its run.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    status: Status,
    detail: String,
    contact: Contact,
}

/// The row of a device that was interviewed, or whose output was saved.
pub fn record(interview: Interview, rules: &RuleSet) -> DeviceRecord {
    let Interview { mut device, hostname, reader, mut contact, end, recording: _ } = interview;
    contact.is_site_aside |= matches!(&end, End::Failed(error) if error.failure == Failure::SetAside);
    let reading = reader.finish(&device, hostname.as_deref());
    if let (Some(files), Some(units)) = (&device.expect.slac, reading.facts.udis.value()) {
        device.expect.slac = Some(slac::relevant(files, units).into());
    }
    let judgement =
        if reading.heard == 0 { Judgement::none(rules) } else { rules::judge(&reading.facts, &device, rules) };
    let (status, detail) = how_it_went(&end, &device, &reading, &contact);
    DeviceRecord { device, status, detail, reading, judgement, contact }
}

/// What is written beside a device's transcript.
pub fn kept(record: &DeviceRecord) -> serde_json::Value {
    let kept = Kept { status: record.status, detail: record.detail.clone(), contact: record.contact.clone() };
    serde_json::to_value(kept).unwrap_or_default()
}

/// An interview of an earlier run, with what the run kept beside it. Without that, it is saved output like any other.
pub fn recorded(transcript: Transcript, kept: serde_json::Value) -> Interview {
    match serde_json::from_value::<Kept>(kept) {
        Ok(kept) => Interview::of(transcript, kept.contact, End::Recorded(kept.status, kept.detail)),
        Err(_) => Interview::of(transcript, Contact::default(), End::Saved),
    }
}

/// The row of a device whose work never ended.
pub fn unfinished(device: &Device, why: Stop, rules: &RuleSet) -> DeviceRecord {
    let detail = match why {
        Stop::Interrupted => "run again: the run was interrupted before this device was done",
        Stop::OutOfTime => "run again, or raise --deadline: the time of the run was over before this device was done",
    };
    lost(device, Status::Interrupted, detail.to_owned(), rules)
}

/// The row of a device whose work panicked.
pub fn broken(device: &Device, words: &str, rules: &RuleSet) -> DeviceRecord {
    lost(device, Status::Error, format!("please report this: slaudit failed on this device: {words}"), rules)
}

/// The row of a device that was interviewed, where its transcript could not be written to `transcripts`.
///
/// What was found stays in the reports of the run, but a finding without its evidence is no audit: the device is to be asked again.
/// One that said nothing has no evidence to lose: its row stays as it is, so that a password it refused is not sent again.
pub fn without_evidence(record: DeviceRecord, error: &ArchiveError, transcripts: &Path) -> DeviceRecord {
    if record.reading.heard == 0 {
        return record;
    }
    let mut detail = format!(
        "{}, then ask again with --resume: the transcript could not be kept: {error}",
        error.remedy(transcripts)
    );
    if !record.detail.is_empty() {
        detail = format!("{detail}; besides: {}", record.detail);
    }
    let status = Status::Error;
    DeviceRecord { status, detail, ..record }
}

/// The row of a device whose saved output cannot be read.
pub fn unreadable(device: &Device, why: &str, rules: &RuleSet) -> DeviceRecord {
    lost(device, Status::Error, format!("save the output again: {why}"), rules)
}

fn lost(device: &Device, status: Status, detail: String, rules: &RuleSet) -> DeviceRecord {
    DeviceRecord {
        device: device.clone(),
        status,
        detail,
        reading: Reading::default(),
        judgement: Judgement::none(rules),
        contact: Contact::default(),
    }
}

/// The status of a device, and what to do first.
fn how_it_went(end: &End, device: &Device, reading: &Reading, contact: &Contact) -> (Status, String) {
    match end {
        End::Failed(error) => (status_of(error), error.to_string()),
        End::OutOfTime(limit) => {
            let what = format!("raise --device-timeout: the device was not done after {} s", limit.as_secs());
            (if reading.heard == 0 { Status::Timeout } else { Status::Partial }, what)
        }
        End::Cut { command, by: Some(error), .. } => (Status::Partial, format!("{error}; `{command}` was cut")),
        End::Cut { command, why, by: None } => (Status::Partial, cut_detail(command, *why)),
        End::Recorded(status, detail) => (*status, detail.clone()),
        End::Complete | End::Saved => match &reading.cut {
            Some((command, why)) => (Status::Partial, cut_detail(command, *why)),
            None => what_was_read(device, reading, contact),
        },
    }
}

fn status_of(error: &SessionError) -> Status {
    match error.failure {
        Failure::Unreachable | Failure::Flood => Status::Unreachable,
        Failure::Timeout => Status::Timeout,
        Failure::Refused | Failure::NoMethod => Status::AuthFailed,
        Failure::HostKeyUnknown => Status::HostKeyUnknown,
        Failure::HostKeyChanged => Status::HostKeyChanged,
        Failure::Stopped | Failure::SetAside => Status::SkippedBreaker,
        Failure::NoCommonAlgorithm => Status::NoCommonAlgorithm,
        Failure::Foreign => Status::NotSupported,
        Failure::Internal => Status::Error,
    }
}

fn cut_detail(command: &str, why: Cut) -> String {
    match why {
        Cut::TimedOut => {
            format!("raise --command-timeout, or look at the device's load: `{command}` did not end in time")
        }
        Cut::Closed => format!("look at the device's log: it closed the session during `{command}`"),
        Cut::TooLarge => format!("look at what the device prints: `{command}` printed more than 8 MiB"),
        Cut::Flood => format!(
            "find out what answers at this address, and whether it is sound: cut during `{command}`, because it sent too much \
             that nobody asked for"
        ),
    }
}

/// True where the account may be what is in the way: AAA says so, or even `show version` is refused in the form of Cisco's
/// systems, as an account of privilege 0 or a parser view has it.
fn may_be_cisco(reading: &Reading) -> bool {
    reading.refused.iter().any(|(command, words)| match Cause::from_words(words) {
        Cause::Account => true,
        Cause::Incomplete => *command == "show version",
        Cause::Other { is_cisco } => is_cisco && *command == "show version",
    })
}

/// Nothing was cut: it hangs on what could be read.
fn what_was_read(device: &Device, reading: &Reading, contact: &Contact) -> (Status, String) {
    let forbidden = reading.refused.iter().filter(|(_, words)| Cause::from_words(words) != Cause::Incomplete);
    let refused: Vec<&str> = forbidden.map(|(command, _)| *command).collect();
    let allow = || format!("allow these commands to the account (README, \"The account\"): {}", refused.join(", "));
    if reading.licence_readable {
        let detail = match &contact.enable_refused {
            Some(words) => format!("check the enable secret: {words}"),
            None if refused.is_empty() => String::new(),
            None => allow(),
        };
        return (Status::Audited, detail);
    }
    let platform = reading.facts.platform.value().copied().unwrap_or(device.platform);
    if let Some(words) = &contact.enable_refused {
        return (Status::EnableFailed, format!("check the enable secret: {words}; without it nothing could be read"));
    }
    match platform {
        Platform::Auto if !refused.is_empty() && !may_be_cisco(reading) => {
            let words = &reading.refused[0].1;
            (
                Status::NotSupported,
                format!(
                    "take it out of the inventory, or check its address: it is no Cisco device that slaudit knows; it said: {words}"
                ),
            )
        }
        _ if !refused.is_empty() => (Status::Partial, allow()),
        _ => (
            Status::Partial,
            "look at the transcript: no licence command gave an output that slaudit understands".to_owned(),
        ),
    }
}
