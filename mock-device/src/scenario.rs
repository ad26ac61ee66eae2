//! A scenario: what one kind of device answers, and what an audit of it must find.
//!
//! A scenario is a small TOML file over another one:
//!
//! ```toml
//! summary = "Smart transport with somebody else's URL"
//! extends = "healthy-smart"
//! [set]                                   # values of placeholders, see the `template` module
//! url = "https://example.com/"
//! [commands]                              # whole answers, where a value is not enough
//! "show vrf" = ""
//! [refuse]                                # authorization | command-authorization | invalid | incomplete
//! "show logging" = "authorization"
//! [shell]                                 # how the session behaves
//! timestamps = true
//! [inventory]                             # what is right for this device
//! transport = "smart"
//! [expect]                                # what an audit must say
//! health = "problem"
//! findings = ["smart-url-wrong"]
//! ```

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde::Deserialize;

use crate::builtin;
use crate::error::MockError;
use crate::template::{Names, Template, Unit, Values};

/// A scenario, cheap to clone: five thousand devices share its texts.
#[derive(Debug, Clone)]
pub struct Scenario(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    summary: String,
    commands: BTreeMap<String, Template>,
    refuse: BTreeMap<String, Refusal>,
    shell: Shell,
    before_login: Option<Template>,
    after_login: Option<Template>,
    inventory: Inventory,
    expect: Expect,
}

/// What an audit must say of a device with this scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// The status column: `audited`, `not_supported`, ...
    pub status: String,
    /// `ok`, `problem` or `unknown`.
    pub health: String,
    /// The ids of exactly the rules that fail, informational ones included.
    pub findings: Vec<String>,
}

/// What is right for a device with this scenario, as columns of an inventory; empty where nothing is expected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inventory {
    /// `iosxe`, or `auto` for what is no Cisco device.
    pub platform: String,
    /// Column `expect_transport`.
    pub transport: String,
    /// Column `expect_url`.
    pub url: String,
    /// Column `topology`.
    pub topology: String,
}

/// How a command is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// `% Authorization failed.`
    Authorization,
    /// `Command authorization failed.`
    CommandAuthorization,
    /// A caret and `% Invalid input detected`, as where the privilege level hides the command.
    Invalid,
    /// `% Incomplete command.`
    Incomplete,
}

/// How the session of a scenario behaves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
// Each is one independent line of a scenario file; enums would only rename yes and no.
#[allow(clippy::struct_excessive_bools)]
pub(crate) struct Shell {
    /// The privilege level after login; 15 shows `#`, less shows `>`.
    pub(crate) privilege: u8,
    /// Whether a right enable password is accepted.
    pub(crate) enable: bool,
    /// Commands that need level 15, by their first words.
    pub(crate) privileged: Vec<String>,
    /// `terminal exec prompt timestamp` is set.
    pub(crate) timestamps: bool,
    /// Log lines inside outputs and after the prompt, BEL and stray CR.
    pub(crate) noise: bool,
    /// A running-config without content, as a lowered privilege level shows.
    pub(crate) blank_config: bool,
    /// The terminal stays 80 columns wide whatever the client asks for.
    pub(crate) fixed_width: bool,
    /// A Unix shell instead of IOS.
    pub(crate) unix: bool,
    /// What comes back to a ping of a host whose name is resolved.
    pub(crate) ping: Echoes,
    /// The server's identification.
    pub(crate) server_id: String,
}

/// What comes back to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Echoes {
    /// An answer to every request.
    All,
    /// Nothing.
    Silent,
}

impl Default for Shell {
    fn default() -> Self {
        Shell {
            privilege: 15,
            enable: true,
            privileged: Vec::new(),
            timestamps: false,
            noise: false,
            blank_config: false,
            fixed_width: false,
            unix: false,
            ping: Echoes::All,
            server_id: "SSH-2.0-Cisco-1.25".into(),
        }
    }
}

/// The file as it is written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Raw {
    summary: String,
    extends: Option<String>,
    set: BTreeMap<String, String>,
    commands: BTreeMap<String, String>,
    refuse: BTreeMap<String, Refusal>,
    shell: toml::Table,
    banner: Banner,
    units: Vec<Unit>,
    inventory: Option<Inventory>,
    expect: Option<Expect>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Banner {
    before_login: Option<String>,
    after_login: Option<String>,
}

impl Scenario {
    /// A built-in scenario, read once in the life of the process.
    pub fn named(name: &str) -> Result<Scenario, MockError> {
        static READ: OnceLock<Mutex<HashMap<String, Scenario>>> = OnceLock::new();
        let mut read = READ.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(scenario) = read.get(name) {
            return Ok(scenario.clone());
        }
        let scenario = Scenario::read(name, builtin::scenario_text(name)?)?;
        read.insert(name.into(), scenario.clone());
        Ok(scenario)
    }

    /// A scenario of your own; `extends` names a built-in one.
    pub fn load(path: &Path) -> Result<Scenario, MockError> {
        let text = std::fs::read_to_string(path).map_err(|source| MockError::Read { path: path.into(), source })?;
        let name = path.file_stem().map_or_else(|| "scenario".into(), |stem| stem.to_string_lossy().into_owned());
        Scenario::read(&name, &text)
    }

    /// A scenario from the text of its file.
    pub fn read(name: &str, text: &str) -> Result<Scenario, MockError> {
        let mut raw = parse(name, text)?;
        while let Some(parent) = raw.extends.take() {
            raw = raw.over(parse(&parent, builtin::scenario_text(&parent)?)?);
        }
        Inner::compile(name, raw).map(|inner| Scenario(Arc::new(inner)))
    }

    /// The scenario's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// One line about it.
    pub fn summary(&self) -> &str {
        &self.0.summary
    }

    /// What an audit of the device must say, the device's clock being right.
    pub fn expect(&self) -> &Expect {
        &self.0.expect
    }

    /// What is right for the device.
    pub fn inventory(&self) -> &Inventory {
        &self.0.inventory
    }

    /// Every command that has an answer, in full words.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.0.commands.keys().map(String::as_str)
    }

    pub(crate) fn shell(&self) -> &Shell {
        &self.0.shell
    }

    pub(crate) fn answer(&self, command: &str, values: Values) -> Option<String> {
        self.0.commands.get(command).map(|template| template.fill(values))
    }

    pub(crate) fn before_login(&self, values: Values) -> Option<String> {
        self.0.before_login.as_ref().map(|template| template.fill(values))
    }

    pub(crate) fn after_login(&self, values: Values) -> Option<String> {
        self.0.after_login.as_ref().map(|template| template.fill(values))
    }

    /// How the scenario refuses a command at this privilege level, if it does.
    pub(crate) fn refusal(&self, command: &str, privilege: u8) -> Option<Refusal> {
        let begins = |words: &String| {
            command.strip_prefix(words.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        self.0
            .refuse
            .iter()
            .find(|(words, _)| begins(words))
            .map(|(_, refusal)| *refusal)
            .or_else(|| (privilege < 15 && self.0.shell.privileged.iter().any(begins)).then_some(Refusal::Invalid))
    }
}

impl Raw {
    /// This scenario's values over its parent's.
    fn over(mut self, parent: Raw) -> Raw {
        let mut merged = parent;
        merged.summary = self.summary;
        merged.set.append(&mut self.set);
        merged.commands.append(&mut self.commands);
        merged.refuse.append(&mut self.refuse);
        merged.shell.extend(self.shell);
        merged.banner.before_login = self.banner.before_login.or(merged.banner.before_login);
        merged.banner.after_login = self.banner.after_login.or(merged.banner.after_login);
        if !self.units.is_empty() {
            merged.units = self.units;
        }
        merged.inventory = self.inventory.or(merged.inventory);
        merged.expect = self.expect.or(merged.expect);
        merged
    }
}

impl Inner {
    fn compile(name: &str, raw: Raw) -> Result<Inner, MockError> {
        let shell: Shell = raw.shell.try_into().map_err(|source| toml_error(name, source))?;
        let mut set = raw.set;
        set.insert("unit_count".into(), raw.units.len().to_string());
        let names = Names { set: &set, units: &raw.units, block: builtin::block, template: builtin::template };
        let read = |place: &str, text: &str| {
            Template::read(text, &names).map_err(|problem| MockError::Placeholder {
                scenario: name.into(),
                place: place.into(),
                problem,
            })
        };
        let mut commands = BTreeMap::new();
        if !shell.unix {
            for (command, text) in builtin::templates() {
                if !raw.commands.contains_key(*command) {
                    commands.insert((*command).to_owned(), read(command, text)?);
                }
            }
        }
        for (command, text) in &raw.commands {
            commands.insert(command.clone(), read(command, text)?);
        }
        let banner = |text: &Option<String>| text.as_deref().map(|text| read("banner", text)).transpose();
        Ok(Inner {
            name: name.into(),
            summary: raw.summary,
            before_login: banner(&raw.banner.before_login)?,
            after_login: banner(&raw.banner.after_login)?,
            commands,
            refuse: raw.refuse,
            shell,
            inventory: raw.inventory.unwrap_or_default(),
            expect: raw.expect.unwrap_or_default(),
        })
    }
}

fn parse(name: &str, text: &str) -> Result<Raw, MockError> {
    toml::from_str(text).map_err(|source| toml_error(name, source))
}

fn toml_error(name: &str, source: toml::de::Error) -> MockError {
    MockError::Toml { name: name.into(), source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios;

    fn values() -> Values<'static> {
        let now = "2026-11-24T15:08:49.347Z".parse().expect("a time");
        Values { hostname: "sw01", serial: "FOC1111A0AA", privilege: 15, now }
    }

    #[test]
    fn every_scenario_fills_every_command() {
        for name in scenarios() {
            let scenario = Scenario::named(name).expect(name);
            assert!(!scenario.summary().is_empty(), "{name} has no summary");
            assert!(!scenario.expect().status.is_empty(), "{name} expects nothing");
            assert!(["ok", "problem", "unknown"].contains(&scenario.expect().health.as_str()), "{name}");
            for command in scenario.commands() {
                let text = scenario.answer(command, values()).expect("an answer");
                assert!(!text.contains("{{") && !text.contains("}}"), "{name}: {command}: {text}");
                assert!(text.ends_with('\n'), "{name}: {command} does not end its last line");
            }
        }
    }

    #[test]
    fn the_long_output_is_as_long_as_on_a_device() {
        let scenario = Scenario::named("healthy-smart").expect("a scenario");
        let text = scenario.answer("show license tech support", values()).expect("an answer");
        let lines = text.lines().count();
        assert!((320..=440).contains(&lines), "{lines} lines");
        assert!(text.contains("  Last ACK received: Nov 16 15:08:49 2026 UTC\n"), "{text}");
    }

    #[test]
    fn a_file_may_extend_a_built_in_scenario() {
        let text = "summary = \"x\"\nextends = \"healthy-smart\"\n[set]\nurl = \"https://example.com/\"\n[refuse]\n\"show logging\" = \"authorization\"\n";
        let scenario = Scenario::read("own", text).expect("a scenario");
        let status = scenario.answer("show license status", values()).expect("an answer");
        assert!(status.contains("\n  URL: https://example.com/\n"), "{status}");
        assert_eq!(scenario.refusal("show logging", 15), Some(Refusal::Authorization));
        assert_eq!(scenario.refusal("show logging2", 15), None);
        let wrong = Scenario::read("own", "extends = \"nobody\"").expect_err("no such parent");
        assert!(wrong.to_string().contains("nobody"), "{wrong}");
    }

    #[test]
    fn a_level_of_one_hides_what_needs_fifteen() {
        let scenario = Scenario::named("enable-needed").expect("a scenario");
        assert_eq!(scenario.refusal("show running-config", 1), Some(Refusal::Invalid));
        assert_eq!(scenario.refusal("show running-config", 15), None);
        assert_eq!(scenario.refusal("show version", 1), None);
    }
}
