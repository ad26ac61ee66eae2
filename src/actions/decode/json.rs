//! The answer for programs: one document, schema 1. Keys are only ever added.
//!
//! ```text
//! {"schema":1,
//! "messages":[
//! {"source":"show_logging.txt","facility":"SMART_LIC","severity":3,...}],
//! "lines_without_message":12}
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use super::{Part, advice, sentence};
use crate::failure::{Origin, Reason};
use crate::remedy::steps::SUPPORT;
use crate::remedy::{Step, Template};
use crate::reports::write_json;
use crate::syslog::catalogue::{Action, Kind};
use crate::syslog::{Decoding, severity};

/// The document.
pub(super) fn write(parts: &[Part]) -> std::io::Result<String> {
    let mut out = b"{\"schema\":1,\n\"messages\":[".to_vec();
    let messages = parts.iter().flat_map(|part| part.decoded.messages.iter().map(move |message| (part, message)));
    for (at, (part, message)) in messages.enumerate() {
        out.extend_from_slice(if at == 0 { b"\n" } else { b",\n" });
        write_json(&MessageJson::new(part.source.as_deref(), message), &mut out)?;
    }
    let without: u64 = parts.iter().map(|part| part.decoded.lines_without_message).sum();
    out.extend_from_slice(format!("],\n\"lines_without_message\":{without}}}\n").as_bytes());
    Ok(String::from_utf8_lossy(&out).into_owned())
}

#[derive(Serialize)]
struct MessageJson<'a> {
    source: Option<&'a str>,
    device: Option<&'a str>,
    facility: &'a str,
    severity: u8,
    severity_name: Option<&'a str>,
    severity_meaning: Option<&'a str>,
    mnemonic: &'a str,
    text: &'a str,
    line: &'a str,
    last_line: Option<&'a str>,
    first: Option<&'a str>,
    last: Option<&'a str>,
    count: u64,
    /// Null where the catalogue does not know the message; so are the keys from here on, or empty.
    kind: Option<Kind>,
    /// `guide`, or `seen` on devices.
    meaning_from: Option<Origin>,
    fields: BTreeMap<&'static str, FieldJson<'a>>,
    reasons_given: Vec<GivenJson<'a>>,
    explanation: Option<&'a str>,
    reasons: Vec<ReasonJson<'a>>,
    actions: Vec<ActionJson>,
    support: Option<StepJson>,
    clears: &'static [&'static str],
    cleared_by: Option<ClearedJson<'a>>,
}

#[derive(Serialize)]
struct FieldJson<'a> {
    value: Option<&'a str>,
    meaning: &'static str,
}

#[derive(Serialize)]
struct GivenJson<'a> {
    text: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct ReasonJson<'a> {
    reason: &'static str,
    /// The words of a message that mean it, else null.
    named_by: Option<&'a str>,
    #[serde(rename = "from")]
    origin: Origin,
    meaning: &'static str,
    steps: Vec<StepJson>,
    reason_id: &'static str,
}

#[derive(Serialize)]
struct ActionJson {
    when: &'static str,
    /// False where the peer that the message names is another one.
    applies: bool,
    steps: Vec<StepJson>,
}

#[derive(Serialize)]
struct StepJson {
    text: String,
    commands: Vec<Cow<'static, str>>,
    id: Cow<'static, str>,
}

#[derive(Serialize)]
struct ClearedJson<'a> {
    mnemonic: &'static str,
    at: Option<&'a str>,
}

impl<'a> MessageJson<'a> {
    fn new(source: Option<&'a str>, decoding: &'a Decoding) -> Self {
        let Decoding { message, entry, .. } = decoding;
        let level = severity::find(message.severity);
        let fields = entry
            .map_or(&[][..], |entry| entry.fields)
            .iter()
            .map(|(field, meaning)| (field.as_str(), FieldJson { value: message.field(*field), meaning }));
        Self {
            source,
            device: decoding.device.as_deref(),
            facility: &message.facility,
            severity: message.severity,
            severity_name: level.map(|level| level.name),
            severity_meaning: level.map(|level| level.meaning),
            mnemonic: &message.mnemonic,
            text: &message.text,
            line: &decoding.line,
            last_line: decoding.last_line.as_deref(),
            first: decoding.first.as_deref(),
            last: decoding.last.as_deref(),
            count: decoding.count,
            kind: entry.map(|entry| entry.kind),
            meaning_from: entry.map(|entry| entry.origin),
            fields: fields.collect(),
            reasons_given: decoding
                .given
                .iter()
                .map(|given| GivenJson { text: &given.text, count: given.count })
                .collect(),
            explanation: entry.map(|entry| entry.explanation),
            reasons: decoding.reasons().into_iter().map(reason_json).collect(),
            actions: decoding.actions().into_iter().map(|(action, applies)| action_json(action, applies)).collect(),
            support: entry.filter(|entry| entry.kind == Kind::Failure).map(|_| step_json(SUPPORT.step())),
            clears: entry.map_or(&[], |entry| entry.clears),
            cleared_by: decoding
                .cleared
                .as_ref()
                .map(|cleared| ClearedJson { mnemonic: cleared.mnemonic, at: cleared.at.as_deref() }),
        }
    }
}

fn reason_json<'a>((reason, named_by): (&'static Reason, Option<&'a str>)) -> ReasonJson<'a> {
    let Reason { id, name, origin, meaning, .. } = reason;
    ReasonJson { reason: name, named_by, origin: *origin, meaning, steps: steps_json(reason.steps), reason_id: id }
}

fn action_json(action: &'static Action, applies: bool) -> ActionJson {
    ActionJson { when: action.when, applies, steps: steps_json(action.steps) }
}

fn steps_json(steps: &[&Template]) -> Vec<StepJson> {
    advice(steps).into_iter().map(step_json).collect()
}

fn step_json(step: Step) -> StepJson {
    let text = sentence(&step);
    StepJson { id: step.id, text, commands: step.commands.into_iter().map(|command| command.line).collect() }
}
