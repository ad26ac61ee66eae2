//! Where secrets come from: a prompt, the environment, a command, or systemd's credential directory. Never an argument.
//!
//! Each is read once, before the first connection, and lives in a type that cannot be printed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::cli::AccessOptions;
use crate::inventory::Device;
use crate::session::{Breaker, Credentials};
use crate::settings::{CredentialSet, File};

/// The credential sets of a run, each with its breaker, by set and account.
#[derive(Debug)]
pub struct Keyring {
    sets: HashMap<(String, String), Arc<(Credentials, Breaker)>>,
    accounts: HashMap<String, String>,
}

impl Keyring {
    /// Reads every secret that the devices need.
    ///
    /// # Errors
    /// Names the credential set, and where its secret was looked for.
    pub fn read(devices: &[Device], options: &AccessOptions, file: &File) -> anyhow::Result<Self> {
        let mut keyring = Self { sets: HashMap::new(), accounts: HashMap::new() };
        let mut read: HashMap<String, Credentials> = HashMap::new();
        for device in devices {
            let name = &device.credential;
            if !read.contains_key(name) {
                let set = match file.credentials.get(name) {
                    Some(set) => set.clone(),
                    None if name == "default" => CredentialSet::default(),
                    None => bail!("device `{}`: there is no [credentials.{name}] in slaudit.toml", device.name),
                };
                read.insert(name.clone(), Source { name, set, options }.read()?);
            }
            let of_set = &read[name];
            let user = account(device, of_set)?;
            keyring.accounts.insert(device.name.clone(), user.clone());
            keyring
                .sets
                .entry((name.clone(), user.clone()))
                .or_insert_with(|| Arc::new((Credentials { user, ..of_set.clone() }, Breaker::default())));
        }
        Ok(keyring)
    }

    /// Who logs in to a device, and whether that set may still be used.
    pub fn of(&self, device: &Device) -> Option<Arc<(Credentials, Breaker)>> {
        let user = self.accounts.get(&device.name)?;
        self.sets.get(&(device.credential.clone(), user.clone())).cloned()
    }

    /// Every secret, for redaction.
    pub fn secrets(&self) -> Vec<SecretString> {
        self.sets.values().flat_map(|set| set.0.secrets().cloned()).collect()
    }

    /// True where a breaker has stopped a set.
    pub fn any_stopped(&self) -> bool {
        self.sets.values().any(|set| set.1.is_open())
    }
}

fn account(device: &Device, set: &Credentials) -> anyhow::Result<String> {
    let user = device.user.clone().unwrap_or_else(|| set.user.clone());
    if user.is_empty() {
        bail!("no account for `{}`: give --user, SLAUDIT_USER, or `user` in [credentials.{}]", device.name, set.set);
    }
    Ok(user)
}

/// The account of each device without reading a secret, for `slaudit plan`.
pub fn account_without_secrets(device: &Device, options: &AccessOptions, file: &File) -> String {
    let set = file.credentials.get(&device.credential).cloned().unwrap_or_default();
    let source = Source { name: &device.credential, set, options };
    device.user.clone().or_else(|| source.user()).unwrap_or_else(|| "(no account)".to_owned())
}

/// One credential set and all the places its parts may come from.
struct Source<'a> {
    name: &'a str,
    set: CredentialSet,
    options: &'a AccessOptions,
}

impl Source<'_> {
    fn is_default(&self) -> bool {
        self.name == "default"
    }

    fn user(&self) -> Option<String> {
        // `--user` is about the default set; another set knows its own account best.
        let given = self.options.user.clone();
        if self.is_default() { given.or(self.set.user.clone()) } else { self.set.user.clone().or(given) }
    }

    fn read(&self) -> anyhow::Result<Credentials> {
        let user = self.user().unwrap_or_default();
        let identity = if self.is_default() { self.options.identity.as_ref() } else { None };
        let identity = identity.or(self.set.identity.as_ref()).map(|path| from_home(path));
        if let Some(path) = identity.as_ref().filter(|path| !path.is_file()) {
            bail!("credential set `{}`: {}: there is no such key file", self.name, path.display());
        }
        Ok(Credentials {
            set: self.name.to_owned(),
            password: self.password(&user)?,
            passphrase: self.first_of_places(
                "SLAUDIT_PASSPHRASE",
                self.set.passphrase_command.as_deref(),
                None,
                "passphrase",
            )?,
            enable: self.first_of_places(
                "SLAUDIT_ENABLE_PASSWORD",
                self.set.enable_command.as_deref(),
                self.set.enable_env.as_deref(),
                "enable",
            )?,
            identity,
            user,
        })
    }

    fn password(&self, user: &str) -> anyhow::Result<Option<SecretString>> {
        if self.is_default() && self.options.ask_pass {
            let typed = rpassword::prompt_password(format!("Password of {user}: "))
                .context("the password cannot be asked for without a terminal")?;
            return Ok(Some(typed.into()));
        }
        self.first_of_places(
            "SLAUDIT_PASSWORD",
            self.set.password_command.as_deref(),
            self.set.password_env.as_deref(),
            "password",
        )
    }

    /// The first place that has it: the environment (default set only), the set's command, the set's variable, the
    /// credential directory's file `SET.PART`.
    fn first_of_places(
        &self,
        variable: &str,
        command: Option<&str>,
        own_variable: Option<&str>,
        part: &str,
    ) -> anyhow::Result<Option<SecretString>> {
        if let Some(text) = std::env::var(variable).ok().filter(|_| self.is_default()) {
            return Ok(Some(text.into()));
        }
        if let Some(command) = command {
            return run(command).with_context(|| format!("credential set `{}`: {part}_command", self.name)).map(Some);
        }
        if let Some(name) = own_variable {
            let text =
                std::env::var(name).with_context(|| format!("credential set `{}`: {part}_env: {name}", self.name))?;
            return Ok(Some(text.into()));
        }
        let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") else { return Ok(None) };
        let path = Path::new(&folder).join(format!("{}.{part}", self.name));
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(first_line(&text).into())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("credential {}", path.display())),
        }
    }
}

/// Runs a command by the shell and takes the first line it prints; its questions and errors go to the terminal.
fn run(command: &str) -> anyhow::Result<SecretString> {
    let output = Command::new("sh").args(["-c", command]).stdin(Stdio::inherit()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("`{command}` failed ({})", output.status);
    }
    let text = String::from_utf8(output.stdout).map_err(|_| anyhow::anyhow!("`{command}` printed no text"))?;
    let line = first_line(&text);
    if line.is_empty() {
        bail!("`{command}` printed nothing");
    }
    Ok(line.into())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// `~/` is the home directory, as shells have it.
pub fn from_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}
