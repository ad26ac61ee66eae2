//! What is in force, and where each value comes from: what `slaudit config` shows.

use std::any::TypeId;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde::Serialize;
use toml::Value;

use super::Settings;
use super::file::File;
use super::options::Options;
use crate::inventory::{ExpectedTransport, Topology};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", content = "place", rename_all = "snake_case")]
pub enum Origin {
    /// An option or an argument that was typed.
    Flag(String),
    /// An environment variable.
    Environment(String),
    /// The configuration file, with its line.
    File(String),
    /// slaudit's own.
    Default,
    /// Nobody has set it, and it has no default.
    Unset,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "{name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File(place) => f.write_str(place),
            Self::Default => f.write_str("default"),
            Self::Unset => f.write_str("not set"),
        }
    }
}

/// One key with what is in force.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Effective {
    /// The key, as it stands in `slaudit.toml`.
    #[serde(skip)]
    pub key: String,
    /// Its value; `None` where it has none.
    pub value: Option<Value>,
    /// Where this comes from.
    #[serde(flatten)]
    pub origin: Origin,
}

impl Effective {
    fn of_file<T: Into<Value>>(file: &File, table: &str, key: &str, value: Option<T>) -> Self {
        let place = file.place(table, key);
        let value = value.map(Into::into);
        let origin = match (&value, place) {
            (Some(_), Some(place)) => Origin::File(place),
            (Some(_), None) => Origin::Default,
            (None, _) => Origin::Unset,
        };
        Self { key: key.to_owned(), value, origin }
    }
}

/// A table with all of its keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its name, without brackets.
    pub name: String,
    /// Its keys.
    pub entries: Vec<Effective>,
}

impl Settings {
    /// `[audit]`, `[expect]`, `[jump]`, `[rules.*]` and the waivers of the file. Credential sets are described by
    /// [`crate::secrets`], which knows where else secrets come from.
    pub fn effective(&self) -> Vec<Section> {
        let file = &self.file;
        let mut sections = vec![Section { name: "audit".to_owned(), entries: self.options.clone() }];
        let expect = file.expectations();
        let of = |key: &str, value: Option<Value>| Effective::of_file(file, "expect", key, value);
        let urls = expect.urls.iter().map(|url| Value::from(url.as_str())).collect::<Vec<_>>();
        let entries = vec![
            of("transport", expect.transport.map(ExpectedTransport::as_str).map(Value::from)),
            of("url", expect.url.map(Value::from)),
            of("urls", (!urls.is_empty()).then_some(Value::Array(urls))),
            of("smart_account", expect.smart_account.map(Value::from)),
            of("virtual_account", expect.virtual_account.map(Value::from)),
            of("policy", expect.policy.map(Value::from)),
            of("topology", expect.topology.map(Topology::as_str).map(Value::from)),
        ];
        sections.push(Section { name: "expect".to_owned(), entries });
        let profile = file.jump.ssh_profile.unwrap_or(crate::inventory::SshProfile::Compat);
        let entries = vec![
            Effective::of_file(file, "jump", "credential", file.jump.credential.clone()),
            Effective::of_file(file, "jump", "ssh_profile", Some(profile.as_str())),
        ];
        sections.push(Section { name: "jump".to_owned(), entries });
        for (id, setting) in file.rules() {
            let name = format!("rules.{id}");
            let entries = vec![
                Effective::of_file(file, &name, "enabled", Some(setting.enabled.unwrap_or(true))),
                Effective::of_file(file, &name, "severity", setting.severity.map(crate::finding::Severity::as_str)),
            ];
            sections.push(Section { name, entries });
        }
        for waiver in &file.waivers {
            let texts = [
                ("rule", waiver.rule),
                ("device", &waiver.device),
                ("reason", &waiver.reason),
                ("owner", &waiver.owner),
                ("until", &waiver.until.to_string()),
            ];
            let entry = |(key, text): (&str, &str)| Effective {
                key: key.to_owned(),
                value: Some(text.into()),
                origin: Origin::File(waiver.place.clone()),
            };
            sections.push(Section { name: "[waiver]".to_owned(), entries: texts.map(entry).to_vec() });
        }
        sections
    }
}

/// The options of a command that `audit` has too, with their values.
pub(super) fn options(known: &Options, here: &Command, matches: &ArgMatches, file: &File) -> Vec<Effective> {
    let own = |key: &str| here.get_arguments().find(|arg| arg.get_id() == key);
    let keys = known.all().map(|arg| arg.get_id().as_str());
    keys.filter_map(|key| own(key).map(|arg| effective(arg, matches, file))).collect()
}

fn effective(arg: &Arg, matches: &ArgMatches, file: &File) -> Effective {
    let key = arg.get_id().as_str();
    let place = || {
        let is_set = file.presets.iter().any(|preset| preset.key == key);
        is_set.then(|| file.place("audit", key)).flatten()
    };
    let origin = match matches.value_source(key) {
        Some(ValueSource::CommandLine) => {
            Origin::Flag(arg.get_long().map_or_else(|| "argument".to_owned(), |long| format!("--{long}")))
        }
        Some(ValueSource::EnvVariable) => {
            Origin::Environment(arg.get_env().unwrap_or_default().to_string_lossy().into_owned())
        }
        Some(_) => place().map_or(Origin::Default, Origin::File),
        None => Origin::Unset,
    };
    let raw = matches.get_raw(key).into_iter().flatten();
    let texts: Vec<String> = raw.map(|text| text.to_string_lossy().into_owned()).collect();
    let value = match arg.get_action() {
        ArgAction::SetTrue => Some(Value::Boolean(matches.get_flag(key))),
        ArgAction::Count => Some(Value::Integer(matches.get_count(key).into())),
        _ if arg.get_value_delimiter().is_some() && !texts.is_empty() => Some(Value::from(texts)),
        _ => texts.into_iter().next().map(|text| typed(arg, text)),
    };
    Effective { key: key.to_owned(), value, origin }
}

fn typed(arg: &Arg, text: String) -> Value {
    let is_number = arg.get_value_parser().type_id() == TypeId::of::<u32>();
    text.parse().ok().filter(|_| is_number).map_or(Value::String(text), Value::Integer)
}
