//! `[audit]`: the options of `audit` with other values than the built-in ones.
//!
//! They become the defaults of the command line, of every option that has the same environment variable: so flags beat the
//! environment, this beats the file, and `out` is where `remediate` looks for runs too.

use std::any::TypeId;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use toml::de::DeValue;

use super::from_home;
use super::table::{Entry, Table};
use crate::{reports, rules};

/// The options that may stand in `[audit]`.
#[derive(Debug)]
pub(super) struct Options {
    /// `audit` without its variables: the environment of this moment says nothing about what stands in the file.
    audit: Command,
    variables: Vec<(String, OsString)>,
    /// Those that every command has.
    common: Vec<Arg>,
}

/// A value of `[audit]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Preset {
    /// The option's id, which is its key.
    pub(super) key: String,
    /// The environment variable of all options that it is the default of.
    variable: Option<OsString>,
    /// The value as one would type it.
    pub(super) text: String,
}

impl Options {
    /// Takes them from the command line's description.
    pub(super) fn of(cli: &Command) -> Self {
        let audit = cli.find_subcommand("audit").cloned().unwrap_or_default().no_binary_name(true);
        let variable = |arg: &Arg| Some((arg.get_id().to_string(), arg.get_env()?.to_owned()));
        let variables = audit.get_arguments().filter_map(variable).collect();
        let audit = audit.mut_args(|arg| arg.env(Resettable::Reset));
        // The file does not name itself.
        let common = cli.get_arguments().filter(|arg| arg.is_global_set() && arg.get_id() != "config").cloned();
        Self { audit, variables, common: common.map(|arg| arg.env(Resettable::Reset)).collect() }
    }

    /// All of them, in the order of the help.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arg> {
        self.audit.get_arguments().chain(&self.common)
    }

    /// Reads the table. Each value is tried by the parser of the command line, so that both understand the same.
    pub(super) fn read(&self, table: &Table<'_>) -> Vec<Preset> {
        let mut presets = Vec::new();
        for entry in table.entries() {
            let Some(arg) = self.all().find(|arg| arg.get_id() == entry.key) else {
                let known: Vec<_> = self.all().map(|arg| arg.get_id().as_str()).collect();
                table.unknown(*entry, &known);
                continue;
            };
            match self.value(arg, *entry) {
                // An empty list is what it is without the key.
                Ok(None) => {}
                Ok(Some(text)) => {
                    let variable = self.variables.iter().find(|(id, _)| id == entry.key).map(|(_, name)| name.clone());
                    presets.push(Preset { key: entry.key.to_owned(), variable, text });
                }
                Err(what) => table.fault(entry.line, entry.key, what),
            }
        }
        presets
    }

    /// The value as one would type it.
    fn value(&self, arg: &Arg, entry: Entry<'_>) -> Result<Option<String>, String> {
        let is_flag = matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::Count);
        let text = match (entry.value, is_flag) {
            (DeValue::Boolean(value), true) => return Ok(Some(given(arg, *value))),
            (DeValue::Integer(_), true) if matches!(arg.get_action(), ArgAction::Count) => plain(entry.value)?,
            (_, true) => return Err("must be true or false".to_owned()),
            (DeValue::Array(values), false) => {
                let Some(delimiter) = arg.get_value_delimiter() else {
                    return Err("takes one value, not a list".to_owned());
                };
                if values.is_empty() {
                    return Ok(None);
                }
                let texts: Result<Vec<_>, _> = values.iter().map(|value| plain(value.get_ref())).collect();
                texts?.join(&delimiter.to_string())
            }
            (value, false) => plain(value)?,
        };
        let text = Self::at_home(arg, &text);
        self.check(arg, &text)?;
        Ok(Some(text))
    }

    /// What a shell would have done with `~/`.
    fn at_home(arg: &Arg, text: &str) -> String {
        if arg.get_value_parser().type_id() != TypeId::of::<PathBuf>() {
            return text.to_owned();
        }
        let one = |text: &str| from_home(Path::new(text)).display().to_string();
        match arg.get_value_delimiter() {
            Some(delimiter) => text.split(delimiter).map(one).collect::<Vec<_>>().join(&delimiter.to_string()),
            None => one(text),
        }
    }

    fn check(&self, arg: &Arg, text: &str) -> Result<(), String> {
        if ["rules", "skip_rules"].contains(&arg.get_id().as_str()) {
            let ids: Result<Vec<_>, _> = text.split(',').map(rules::named).collect();
            return ids.map(drop);
        }
        let is_report = |name: &&str| !reports::of_format(name).is_empty();
        if let Some(name) = text.split(',').find(|name| arg.get_id() == "format" && !is_report(name)) {
            return Err(format!("{name:?}: there is no such report; use {}", reports::formats().join(", ")));
        }
        let Some(long) = arg.get_long() else { return Ok(()) };
        let common = Command::new("common").no_binary_name(true).args(&self.common);
        let parser =
            if self.common.iter().any(|own| own.get_id() == arg.get_id()) { common } else { self.audit.clone() };
        if matches!(arg.get_action(), ArgAction::Count) {
            return if text.parse::<u8>().is_ok() { Ok(()) } else { Err("must be a number up to 255".to_owned()) };
        }
        let tried = parser.try_get_matches_from([format!("--{long}={text}")]);
        // What else an audit needs is not asked here.
        let Err(error) = tried else { return Ok(()) };
        if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
            return Ok(());
        }
        let why = std::error::Error::source(&error).map(ToString::to_string);
        let why = why.unwrap_or_else(|| error.to_string().lines().next().unwrap_or_default().to_owned());
        Err(format!("{text:?}: {why}"))
    }
}

fn given(arg: &Arg, value: bool) -> String {
    match arg.get_action() {
        ArgAction::Count => u8::from(value).to_string(),
        _ => value.to_string(),
    }
}

/// A text, a number or a date without its quotes.
fn plain(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) if text.trim().is_empty() => Err("is empty; leave the key out instead".to_owned()),
        DeValue::String(text) => Ok(text.to_string()),
        DeValue::Integer(number) => Ok(i128::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| number.to_string(), |number| number.to_string())),
        DeValue::Float(number) => Ok(number.to_string()),
        DeValue::Datetime(time) => Ok(time.to_string()),
        DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => Err("takes a text or a number".to_owned()),
    }
}

/// The command line with the values of the file as its defaults, for one command.
pub(super) fn with_presets(cli: Command, action: &str, presets: &[Preset]) -> Command {
    presets.iter().fold(cli, |cli, preset| {
        // What audits write must not decide what an analysis, which writes only where it is told, prints.
        if preset.key == "format" && action == "analyze" {
            return cli;
        }
        if cli.get_arguments().any(|arg| arg.get_id() == preset.key.as_str()) {
            return cli.mut_arg(&preset.key, |arg| arg.default_value(preset.text.clone()));
        }
        let Some(variable) = &preset.variable else { return cli };
        let is_meant = |arg: &&Arg| arg.get_env() == Some(variable.as_os_str());
        let id = cli.find_subcommand(action).and_then(|here| here.get_arguments().find(is_meant));
        let Some(id) = id.map(|arg| arg.get_id().to_string()) else { return cli };
        cli.mut_subcommand(action, |here| here.mut_arg(id, |arg| arg.default_value(preset.text.clone())))
    })
}

/// An empty variable is one that is not set: service managers and CI write `SLAUDIT_LABEL=`.
pub(super) fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(without_empty_variables)
}

/// An error about a value that nobody typed names the variable from which it comes.
pub(super) fn name_variable(error: clap::Error, command: &Command, typed: &[OsString]) -> anyhow::Error {
    let Some(ContextValue::String(about)) = error.get(ContextKind::InvalidArg) else { return error.into() };
    let here = typed.iter().find_map(|word| command.find_subcommand(word.to_str()?));
    let mut args = here.into_iter().flat_map(Command::get_arguments).chain(command.get_arguments());
    let Some(arg) = args.find(|arg| arg.to_string() == *about) else { return error.into() };
    let long = format!("--{}", arg.get_long().unwrap_or_default());
    let is_typed = typed.iter().any(|word| word.to_string_lossy().starts_with(&long));
    let variable = arg.get_env().filter(|name| !is_typed && std::env::var_os(name).is_some());
    let Some(variable) = variable else { return error.into() };
    let text = error.to_string();
    let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    anyhow::anyhow!("environment {}: {what}", variable.to_string_lossy())
}
