//! One credential set: the places of its account, key and secrets, and how a secret is read from each.

use std::env::VarError;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use serde::Serialize;

use super::command::{self, first_line};
use crate::cli::AccessOptions;
use crate::inventory::spelled;
use crate::session::Credentials;
use crate::settings::{CredentialSet, File, from_home};

/// One credential set and all the places its parts may come from.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) set: CredentialSet,
    pub(super) options: &'a AccessOptions,
}

impl Source<'_> {
    fn is_default(&self) -> bool {
        self.name == "default"
    }

    pub(super) fn user(&self) -> Option<String> {
        self.user_and_origin().map(|(user, _)| user)
    }

    /// The account; true where the set itself names it.
    fn user_and_origin(&self) -> Option<(String, bool)> {
        // `--user` is about the default set; another set knows its own account best.
        let given = self.options.user.clone().map(|user| (user, false));
        let own = self.set.user.clone().map(|user| (user, true));
        if self.is_default() { given.or(own) } else { own.or(given) }
    }

    /// The private key; true where the set itself names it.
    fn identity(&self) -> Option<(PathBuf, bool)> {
        let given = if self.is_default() { self.options.identity.as_ref() } else { None };
        let identity = given.map(|path| (path, false)).or(self.set.identity.as_ref().map(|path| (path, true)));
        identity.map(|(path, own)| (from_home(path), own))
    }

    pub(super) fn read(&self) -> anyhow::Result<Credentials> {
        let user = self.user().unwrap_or_default();
        let identity = self.identity().map(|(path, _)| path);
        if let Some(path) = identity.as_ref().filter(|path| !path.is_file()) {
            bail!("credential set `{}`: {}: there is no such key file", self.name, path.display());
        }
        Ok(Credentials {
            set: self.name.to_owned(),
            password: self.secret(Part::Password)?,
            passphrase: self.secret(Part::Passphrase)?,
            enable: self.secret(Part::Enable)?,
            identity,
            spare_identity: None,
            realm: self.set.realm.clone(),
            user,
        })
    }

    /// The places where a secret may come from, in the order in which they are asked.
    fn places(&self, part: Part) -> Vec<Place> {
        let (command, own_variable) = match part {
            Part::Password => (&self.set.password_command, self.set.password_env.as_ref()),
            Part::Passphrase => (&self.set.passphrase_command, None),
            Part::Enable => (&self.set.enable_command, self.set.enable_env.as_ref()),
        };
        let mut places = Vec::new();
        if self.is_default() {
            if part == Part::Password && self.options.ask_pass {
                places.push(Place::Prompt);
            }
            places.push(Place::Variable(part.variable()));
        }
        places.extend(command.clone().map(Place::Command));
        places.extend(own_variable.cloned().map(Place::OwnVariable));
        let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
        places.extend(folder.map(|folder| Place::File(Path::new(&folder).join(format!("{}.{part}", self.name)))));
        places
    }

    /// The secret from the first place that has it.
    fn secret(&self, part: Part) -> anyhow::Result<Option<SecretString>> {
        for place in self.places(part) {
            if let Some(secret) = self.from(&place, part)? {
                return Ok(Some(secret));
            }
        }
        Ok(None)
    }

    fn from(&self, place: &Place, part: Part) -> anyhow::Result<Option<SecretString>> {
        let empty = |place: &str| anyhow::anyhow!("credential set `{}`: {place} is empty", self.name);
        match place {
            Place::Prompt => {
                let user = self.user().unwrap_or_default();
                let typed = rpassword::prompt_password(format!("Password of {user}: "))
                    .context("the password cannot be asked for without a terminal")?;
                if typed.is_empty() {
                    bail!("no password was typed; nothing was contacted");
                }
                Ok(Some(typed.into()))
            }
            // An empty variable is one that was not set: an empty password would be a refused login on every device.
            Place::Variable(name) => match std::env::var(name) {
                Ok(text) => Ok(Some(text).filter(|text| !text.is_empty()).map(Into::into)),
                Err(VarError::NotPresent) => Ok(None),
                // Another secret than the one that was meant must not be tried.
                Err(VarError::NotUnicode(_)) => bail!("{name} is no UTF-8 text"),
            },
            Place::Command(command) => command::run(command, command::LIMIT)
                .with_context(|| format!("credential set `{}`: {part}_command", self.name))
                .map(Some),
            Place::OwnVariable(name) => {
                let text = std::env::var(name)
                    .with_context(|| format!("credential set `{}`: {part}_env: {name}", self.name))?;
                if text.is_empty() { Err(empty(name)) } else { Ok(Some(text.into())) }
            }
            Place::File(path) => match std::fs::read_to_string(path) {
                Ok(text) if first_line(&text).is_empty() => Err(empty(&path.display().to_string())),
                Ok(text) => Ok(Some(first_line(&text).into())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error).with_context(|| format!("credential {}", path.display())),
            },
        }
    }
}

spelled! {
    /// The secrets of a credential set.
    Part {
        /// The password of the account.
        Password = "password",
        /// The passphrase of the private key.
        Passphrase = "passphrase",
        /// The enable secret.
        Enable = "enable",
    }
}

impl Part {
    /// The variable of the default set.
    const fn variable(self) -> &'static str {
        match self {
            Self::Password => "SLAUDIT_PASSWORD",
            Self::Passphrase => "SLAUDIT_PASSPHRASE",
            Self::Enable => "SLAUDIT_ENABLE_PASSWORD",
        }
    }
}

/// Where a secret may come from.
#[derive(Debug)]
enum Place {
    /// `--ask-pass`.
    Prompt,
    /// A variable of slaudit's, for the default set.
    Variable(&'static str),
    /// `*_command`.
    Command(String),
    /// `*_env`.
    OwnVariable(String),
    /// A file of systemd's credential directory.
    File(PathBuf),
}

/// A place where a secret may come from, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SecretPlace {
    /// `--ask-pass`, a variable, a key of the set, a file.
    pub place: String,
    /// True where the place would give a secret, as far as can be told without asking it.
    pub set: bool,
}

impl Place {
    fn described(&self, part: Part) -> SecretPlace {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|text| !text.is_empty());
        let (place, set) = match self {
            Self::Prompt => ("--ask-pass".to_owned(), true),
            Self::Variable(name) => ((*name).to_owned(), is_set(name)),
            // The command itself may hold what it should not.
            Self::Command(_) => (format!("{part}_command"), true),
            Self::OwnVariable(name) => (format!("{part}_env {name}"), is_set(name)),
            Self::File(path) => (path.display().to_string(), path.is_file()),
        };
        SecretPlace { place, set }
    }
}

/// What is known of a credential set without reading a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDescription {
    /// The account; true where the set itself names it, else an option does.
    pub user: Option<(String, bool)>,
    /// The private key, likewise.
    pub identity: Option<(PathBuf, bool)>,
    /// The directory of the account.
    pub realm: Option<String>,
    /// The places of each secret, in the order in which they are asked.
    pub secrets: Vec<(Part, Vec<SecretPlace>)>,
}

/// Describes a credential set; one that does not stand in the file has what every default set has.
pub fn describe(name: &str, options: &AccessOptions, file: &File) -> SetDescription {
    let source = Source { name, set: file.credentials.get(name).cloned().unwrap_or_default(), options };
    let places = |part: Part| source.places(part).iter().map(|place| place.described(part)).collect();
    SetDescription {
        user: source.user_and_origin(),
        identity: source.identity(),
        realm: source.set.realm.clone(),
        secrets: Part::ALL.iter().map(|part| (*part, places(*part))).collect(),
    }
}
