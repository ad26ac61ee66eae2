//! What a run is to do: the command line, the environment and `slaudit.toml`, joined. Flags beat environment beats file.
//!
//! ```toml
//! [audit]                      # any option of audit, dashes as underscores
//! concurrency = 100
//! [expect]                     # for the whole fleet; the inventory's columns win
//! transport = "smart"
//! [credentials.default]
//! user = "netaudit"
//! password_command = "pass show net/ro"
//! [jump]
//! credential = "bastion"       # the name of another set
//! [rules.transport-off]
//! severity = "low"             # or enabled = false
//! ```
//!
//! The values of `[audit]` are read by the parser of the command line, so that both understand the same.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, CommandFactory as _, FromArgMatches as _};
use serde::Deserialize;

use crate::cli::Cli;
use crate::finding::Severity;
use crate::inventory::{Expectations, ExpectedTransport, SshProfile, Topology};
use crate::rules::RuleSet;

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    audit: toml::Table,
    expect: Expect,
    /// Credential sets by name.
    pub credentials: BTreeMap<String, CredentialSet>,
    /// What all jump hosts have in common.
    pub jump: Jump,
    rules: BTreeMap<String, RuleSetting>,
}

/// `[expect]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expect {
    transport: Option<ExpectedTransport>,
    url: Option<String>,
    urls: Vec<String>,
    smart_account: Option<String>,
    virtual_account: Option<String>,
    policy: Option<String>,
    topology: Option<Topology>,
}

/// `[jump]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jump {
    /// The credential set of jump hosts; without one they are logged in to with the device's.
    pub credential: Option<String>,
    /// Which algorithms they may be offered; without it `compat`.
    pub ssh_profile: Option<SshProfile>,
}

/// `[credentials.NAME]`: where the account and its secrets come from. The secrets themselves have no key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialSet {
    /// The account.
    pub user: Option<String>,
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
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RuleSetting {
    enabled: Option<bool>,
    severity: Option<Severity>,
}

/// The command line and the file, joined.
#[derive(Debug)]
pub struct Settings {
    /// The command with its options.
    pub cli: Cli,
    /// The configuration file; empty where there is none.
    pub file: File,
}

impl Settings {
    /// Reads the command line, finds the configuration file and joins both.
    ///
    /// # Errors
    /// Clap's own for the command line (help and version among them), with the file's name for the file.
    pub fn read(arguments: Vec<OsString>) -> anyhow::Result<Self> {
        let matches = Cli::command().try_get_matches_from(&arguments)?;
        let config = matches.get_one::<PathBuf>("config").cloned();
        let (file, path) = match find(config)? {
            Some(path) => (File::load(&path)?, path),
            None => (File::default(), PathBuf::new()),
        };
        let more = file.arguments(&matches).with_context(|| format!("{}: [audit]", path.display()))?;
        let matches = if more.is_empty() {
            matches
        } else {
            let joined = arguments.into_iter().chain(more);
            Cli::command()
                .try_get_matches_from(joined)
                .map_err(|error| anyhow!("{}: [audit]: {error}", path.display()))?
        };
        Ok(Self { cli: Cli::from_arg_matches(&matches)?, file })
    }
}

/// The configuration file: the one named, else the first that exists.
fn find(named: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    if let Some(path) = named {
        if !path.exists() {
            bail!("{}: there is no such configuration file", path.display());
        }
        return Ok(Some(path));
    }
    let user = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".config")))
        .map(|folder| folder.join("slaudit/slaudit.toml"));
    let places = [Some(PathBuf::from("slaudit.toml")), user, Some(PathBuf::from("/etc/slaudit/slaudit.toml"))];
    Ok(places.into_iter().flatten().find(|path| path.is_file()))
}

impl File {
    fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
        // The error of the TOML reader shows the line and what is allowed there.
        toml::from_str(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
    }

    /// The values of `[audit]` as arguments, those that the command line or the environment does not give.
    fn arguments(&self, matches: &ArgMatches) -> anyhow::Result<Vec<OsString>> {
        let cli = Cli::command();
        let audit = cli.find_subcommand("audit").context("there is no command audit")?;
        let known = |key: &str| {
            audit.get_arguments().find(|argument| argument.get_id() == key && argument.get_long().is_some())
        };
        let (name, given) = matches.subcommand().context("no command")?;
        let here = cli.find_subcommand(name).context("no such command")?;
        let (mut arguments, mut unknown) = (Vec::new(), Vec::new());
        for (key, value) in &self.audit {
            let Some(argument) = known(key) else {
                let names = audit
                    .get_arguments()
                    .filter(|argument| argument.get_long().is_some())
                    .map(|argument| argument.get_id().as_str());
                let hint = crate::inventory::nearest(key, names)
                    .map(|name| format!("; did you mean `{name}`?"))
                    .unwrap_or_default();
                unknown.push(format!("`{key}` is no option of audit{hint}"));
                continue;
            };
            let takes = here.get_arguments().any(|own| own.get_id() == key.as_str() && own.get_long().is_some());
            let is_given =
                takes && matches!(given.value_source(key), Some(ValueSource::CommandLine | ValueSource::EnvVariable));
            // What audits write must not decide what an analysis, which writes only where it is told, prints.
            let is_of_audits = name != "audit" && key == "format";
            if !takes || is_given || is_of_audits {
                continue;
            }
            let long = argument.get_long().unwrap_or(key);
            match (argument.get_action(), value) {
                (ArgAction::SetTrue, toml::Value::Boolean(true)) => arguments.push(format!("--{long}").into()),
                (ArgAction::SetTrue, toml::Value::Boolean(false)) => {}
                (ArgAction::SetTrue, _) => unknown.push(format!("`{key}` must be true or false")),
                (_, toml::Value::Array(values)) => {
                    let texts: Vec<_> = values.iter().map(plain).collect();
                    arguments.push(format!("--{long}={}", texts.join(",")).into());
                }
                (_, value) => arguments.push(format!("--{long}={}", plain(value)).into()),
            }
        }
        if unknown.is_empty() { Ok(arguments) } else { bail!(unknown.join("\n")) }
    }

    /// What is expected of the whole fleet.
    pub fn expectations(&self) -> Expectations {
        let expect = &self.expect;
        Expectations {
            transport: expect.transport,
            url: expect.url.clone(),
            urls: expect.urls.clone(),
            smart_account: expect.smart_account.clone(),
            virtual_account: expect.virtual_account.clone(),
            policy: expect.policy.clone(),
            topology: expect.topology,
            ..Expectations::default()
        }
    }

    /// Which rules run, and how bad each is, with the options `--rules` and `--skip-rules`.
    ///
    /// # Errors
    /// Names every id that is no rule.
    pub fn rule_set(&self, only: &[String], skip: &[String]) -> anyhow::Result<RuleSet> {
        let off = self.rules.iter().filter(|(_, setting)| setting.enabled == Some(false)).map(|(id, _)| id.clone());
        let severity = self.rules.iter().filter_map(|(id, setting)| Some((id.clone(), setting.severity?)));
        let set = RuleSet {
            only: only.to_vec(),
            skip: skip.iter().cloned().chain(off).collect(),
            severity: severity.collect(),
        };
        set.validate()?;
        Ok(set)
    }
}

/// A value as one would type it.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
