//! `slaudit decode`: system messages explained, from arguments, files or standard input.
//!
//! Exit code 0 where at least one message was found, 1 where none was, as `grep` does; 2 for a file that cannot be read.

mod input;
mod json;
mod text;

use std::io::{self, IsTerminal as _, Write as _};

use super::print;
use crate::cli::{AnswerFormat, Decode};
use crate::exit::Exit;
use crate::remedy::{self, Step, Template};
use crate::settings::Settings;
use crate::syslog::{self, Decoded};

/// What one source holds. Sources are decoded one by one: they may be of different devices.
struct Part {
    /// File name, `-`, or `None` for text of the command line.
    source: Option<String>,
    decoded: Decoded,
}

/// Explains messages.
pub(super) fn run(options: &Decode, settings: &Settings) -> anyhow::Result<Exit> {
    let stdin = io::stdin();
    let sources = input::read(&options.inputs, &mut stdin.lock(), stdin.is_terminal())?;
    let parts: Vec<Part> =
        sources.into_iter().map(|source| Part { decoded: syslog::decode(&source.text), source: source.name }).collect();
    print(&match options.format {
        AnswerFormat::Text => text::write(&parts),
        AnswerFormat::Json => json::write(&parts)?,
    })?;
    if parts.iter().any(|part| !part.decoded.messages.is_empty()) {
        return Ok(Exit::Clean);
    }
    if !settings.cli.common.quiet {
        let _ = writeln!(io::stderr(), "{}", none(&parts, options.inputs.len()));
    }
    Ok(Exit::Problems)
}

/// What to say where nothing was found. A single word that is no file was perhaps meant as one.
fn none(parts: &[Part], inputs: usize) -> String {
    let form = "it looks like %SMART_LIC-3-COMM_FAILED: text";
    if inputs == 1 && parts.iter().all(|part| part.source.is_none()) {
        format!("there is no system message in this text, and no file of that name; {form}")
    } else {
        format!("there is no system message; {form}")
    }
}

/// The steps of a list, with the one that keeps a changed configuration.
fn advice(steps: &[&Template]) -> Vec<Step> {
    remedy::kept(steps.iter().map(|template| template.step()).collect())
}

/// The words of a step as a sentence, which ends in a colon where commands follow.
fn sentence(step: &Step) -> String {
    let comma = if step.when.is_empty() { "" } else { ", " };
    let text = format!("{}{comma}{}", step.when, step.text);
    let mut rest = text.chars();
    let first: String = rest.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}{}", rest.as_str(), if step.commands.is_empty() { "." } else { ":" })
}
