//! `slaudit.toml`, table by table. Everything that is wrong with it is told at once.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use toml::de::{DeTable, DeValue};

use super::lookup::{Choice, Opened};
use super::options::{Options, Preset};
use super::table::{Faults, Table};
use crate::finding::Severity;
use crate::inventory::{Expectations, ExpectedTransport, SshProfile, Topology};
use crate::rules::{self, RuleSet};
use crate::waivers::{self, Waiver};

/// The configuration file.
#[derive(Debug, Default)]
pub struct File {
    /// Where it is; `None` where there is none.
    pub path: Option<PathBuf>,
    /// Why it is this one.
    pub choice: Choice,
    /// `[audit]`.
    pub(super) presets: Vec<Preset>,
    expect: Expectations,
    /// Credential sets by name.
    pub credentials: BTreeMap<String, CredentialSet>,
    /// What all jump hosts have in common.
    pub jump: Jump,
    rules: BTreeMap<&'static str, RuleSetting>,
    pub(super) waivers: Vec<Waiver>,
    /// The lines of the keys, by table and key.
    lines: BTreeMap<(String, String), usize>,
}

/// `[jump]`.
#[derive(Debug, Default)]
pub struct Jump {
    /// The credential set of jump hosts; without one it is `default`.
    pub credential: Option<String>,
    /// Which algorithms they may be offered; without it `compat`.
    pub ssh_profile: Option<SshProfile>,
}

impl Jump {
    /// The credential set of jump hosts: never that of the device behind them.
    pub fn credential(&self) -> &str {
        self.credential.as_deref().unwrap_or("default")
    }
}

/// `[credentials.NAME]`: where the account and its secrets come from. The secrets themselves have no key.
#[derive(Debug, Clone, Default)]
pub struct CredentialSet {
    /// The account.
    pub user: Option<String>,
    /// The directory of the account: refused logins of one user name count together, unless their realms differ.
    pub realm: Option<String>,
    /// A command whose first line of output is the password.
    pub password_command: Option<String>,
    /// An environment variable that holds it.
    pub password_env: Option<String>,
    /// A private key file.
    pub identity: Option<PathBuf>,
    /// A command whose first line of output is the passphrase of the private key.
    pub passphrase_command: Option<String>,
    /// A command whose first line of output is the enable secret.
    pub enable_command: Option<String>,
    /// An environment variable that holds it.
    pub enable_env: Option<String>,
}

/// `[rules.ID]`.
#[derive(Debug, Clone, Copy)]
pub(super) struct RuleSetting {
    pub(super) enabled: Option<bool>,
    pub(super) severity: Option<Severity>,
}

impl File {
    pub(super) fn load(opened: Opened, options: &Options) -> anyhow::Result<Self> {
        let Opened { path, file, choice } = opened;
        let text = io::read_to_string(file).with_context(|| format!("{}: cannot be read", path.display()))?;
        let file = Self::parse(&text, &path, options).map_err(|error| anyhow!(error))?;
        Ok(Self { choice, ..file })
    }

    pub(super) fn parse(text: &str, path: &Path, options: &Options) -> Result<Self, super::FileErrors> {
        let (document, syntax) = DeTable::parse_recoverable(text);
        let faults = Faults::of(text);
        faults.add_syntax(&syntax);
        let mut file = Self { path: Some(path.to_owned()), ..Self::default() };
        file.read(&Table::new("", 1, document.get_ref(), &faults), options);
        faults.end(path)?;
        Ok(file)
    }

    fn read(&mut self, root: &Table<'_>, options: &Options) {
        if let Some(audit) = root.table("audit") {
            self.note(&audit);
            self.presets = options.read(&audit);
        }
        if let Some(expect) = root.table("expect") {
            self.note(&expect);
            self.expect = read_expect(&expect);
        }
        for (name, set) in root.table("credentials").map(|table| table.tables()).unwrap_or_default() {
            self.note(&set);
            self.credentials.insert(name.to_owned(), read_credentials(&set));
        }
        if let Some(jump) = root.table("jump") {
            self.note(&jump);
            let ssh_profile = jump.choice("ssh_profile", SshProfile::ALL, SshProfile::as_str);
            self.jump = Jump { credential: jump.text("credential"), ssh_profile };
            jump.end();
        }
        for (id, rule) in root.table("rules").map(|table| table.tables()).unwrap_or_default() {
            self.note(&rule);
            let severity = rule.choice("severity", Severity::ALL, Severity::as_str);
            let setting = RuleSetting { enabled: rule.flag("enabled"), severity };
            rule.end();
            match rules::named(id) {
                Ok(known) => drop(self.rules.insert(known.id, setting)),
                Err(what) => rule.fault(rule.line, "", what),
            }
        }
        for waiver in root.list("waiver") {
            self.waivers.extend(read_waiver(&waiver, self.path.as_deref()));
        }
        root.end();
    }

    fn note(&mut self, table: &Table<'_>) {
        let lines = table.entries().iter().map(|entry| ((table.name.clone(), entry.key.to_owned()), entry.line));
        self.lines.extend(lines);
    }

    /// Where a key stands: `slaudit.toml line 3`.
    pub fn place(&self, table: &str, key: &str) -> Option<String> {
        let line = self.lines.get(&(table.to_owned(), key.to_owned()))?;
        Some(format!("{} line {line}", self.path.as_ref()?.display()))
    }

    /// What is expected of the whole fleet.
    pub fn expectations(&self) -> Expectations {
        self.expect.clone()
    }

    /// The rules that have a setting.
    pub(super) fn rules(&self) -> impl Iterator<Item = (&'static str, RuleSetting)> {
        self.rules.iter().map(|(id, setting)| (*id, *setting))
    }

    /// Which rules run, and how bad each is, with the options `--rules` and `--skip-rules`.
    ///
    /// # Errors
    /// Names every id that is no rule.
    pub fn rule_set(&self, only: &[String], skip: &[String]) -> anyhow::Result<RuleSet> {
        let off = self.rules().filter(|(_, setting)| setting.enabled == Some(false)).map(|(id, _)| id.to_owned());
        let severity = self.rules().filter_map(|(id, setting)| Some((id.to_owned(), setting.severity?)));
        let set = RuleSet {
            only: only.to_vec(),
            skip: skip.iter().cloned().chain(off).collect(),
            severity: severity.collect(),
        };
        set.validate()?;
        Ok(set)
    }
}

fn read_expect(table: &Table<'_>) -> Expectations {
    let expect = Expectations {
        transport: table.choice("transport", ExpectedTransport::ALL, ExpectedTransport::as_str),
        url: table.text("url"),
        urls: table.texts("urls"),
        smart_account: table.text("smart_account"),
        virtual_account: table.text("virtual_account"),
        policy: table.text("policy"),
        topology: table.choice("topology", Topology::ALL, Topology::as_str),
        ..Expectations::default()
    };
    table.end();
    expect
}

fn read_credentials(table: &Table<'_>) -> CredentialSet {
    let set = CredentialSet {
        user: table.text("user"),
        realm: table.text("realm"),
        password_command: table.text("password_command"),
        password_env: table.text("password_env"),
        identity: table.text("identity").map(PathBuf::from),
        passphrase_command: table.text("passphrase_command"),
        enable_command: table.text("enable_command"),
        enable_env: table.text("enable_env"),
    };
    table.refuse(
        &["password", "passphrase", "enable", "secret", "enable_password"],
        "a secret never stands in this file; name a command or a variable that gives it",
    );
    table.end();
    set
}

fn read_waiver(table: &Table<'_>, path: Option<&Path>) -> Option<Waiver> {
    let mut texts: [String; 5] = Default::default();
    let (mut missing, mut told) = (Vec::new(), Vec::new());
    for (field, text) in waivers::FIELDS.into_iter().zip(&mut texts) {
        match table.get(field).map(|entry| (entry.line, entry.value)) {
            None => missing.push(field),
            Some((_, DeValue::String(value))) => *text = value.to_string(),
            Some((_, DeValue::Datetime(value))) if field == "until" => *text = value.to_string(),
            Some((line, _)) => {
                let what = if field == "until" { "must be a day, as 2027-01-31" } else { "must be a text in quotes" };
                table.fault(line, field, what);
                told.push(field);
            }
        }
    }
    table.end();
    if !missing.is_empty() {
        let all = waivers::FIELDS.join(", ");
        table.fault(table.line, "", format!("lacks {}; a waiver says {all}", missing.join(", ")));
        told.append(&mut missing);
    }
    let place = format!("{} line {}", path.unwrap_or(Path::new("slaudit.toml")).display(), table.line);
    match Waiver::read(texts.each_ref().map(String::as_str), place) {
        Ok(waiver) => Some(waiver),
        Err(found) => {
            for fault in found.into_iter().filter(|fault| !told.contains(&fault.field)) {
                let line = table.get(fault.field).map_or(table.line, |entry| entry.line);
                table.fault(line, fault.field, fault.what);
            }
            None
        }
    }
}
