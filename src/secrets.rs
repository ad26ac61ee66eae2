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
use crate::inventory::{Device, HostSettings, Reach, SshProfile, Target};
use crate::session::{Breaker, Credentials, Hop};
use crate::settings::{CredentialSet, File};

/// The credential sets of a run, each with its breaker.
#[derive(Debug)]
pub struct Keyring {
    sets: HashMap<Key, Arc<(Credentials, Breaker)>>,
    doors: HashMap<String, Doors>,
}

/// Set, account, and key file of the SSH configuration.
type Key = (String, String, Option<PathBuf>, bool);

/// Who logs in on the way to a device, and to itself.
#[derive(Debug)]
struct Doors {
    device: Arc<(Credentials, Breaker)>,
    hops: Vec<Hop>,
}

impl Keyring {
    /// Reads every secret that the devices and their jump hosts need.
    ///
    /// # Errors
    /// Names the credential set, and where its secret was looked for.
    pub fn read(devices: &[Device], options: &AccessOptions, file: &File, reach: &Reach) -> anyhow::Result<Self> {
        let mut keyring = Self { sets: HashMap::new(), doors: HashMap::new() };
        let mut reader = SetReader { options, file, read: HashMap::new() };
        for device in devices {
            let set = reader.set(&device.credential).with_context(|| format!("device `{}`", device.name))?;
            let own = keyring.access(false, &set, device.user.as_deref(), &reach.device(&device.name), &device.name)?;
            let mut hops = Vec::new();
            for text in &device.jump {
                let on = || format!("jump host `{text}` of device `{}`", device.name);
                let target = text.parse::<Target>().with_context(on)?;
                let set = match &file.jump.credential {
                    Some(name) => reader.set(name).context("[jump] credential")?,
                    None => set.clone(),
                };
                let known = reach.hop(&target.host);
                // The account of a set that is meant for jump hosts; else the SSH configuration knows better than the device's.
                let of_set = Some(set.user.as_str()).filter(|user| file.jump.credential.is_some() && !user.is_empty());
                let of_device = device.user.as_deref().filter(|_| file.jump.credential.is_none());
                let user = target.user.as_deref().or(of_set).or(known.user.as_deref()).or(of_device);
                hops.push(Hop {
                    access: keyring.access(true, &set, user, &known, text)?,
                    name: Target { user: None, ..target.clone() }.to_string(),
                    host: known.host_name.unwrap_or(target.host),
                    port: target.port.or(known.port).unwrap_or(22),
                    ssh_profile: file.jump.ssh_profile.unwrap_or(SshProfile::Compat),
                });
            }
            keyring.doors.insert(device.name.clone(), Doors { device: own, hops });
        }
        Ok(keyring)
    }

    /// One breaker for each set and account, however many hosts take it. Jump hosts have one of their own: that a bastion
    /// accepts a password says nothing about the devices behind it.
    fn access(
        &mut self,
        is_hop: bool,
        set: &Credentials,
        user: Option<&str>,
        known: &HostSettings,
        host: &str,
    ) -> anyhow::Result<Arc<(Credentials, Breaker)>> {
        let of_set = Some(set.user.as_str()).filter(|user| !user.is_empty());
        let Some(user) = user.or(of_set).or(known.user.as_deref()) else {
            bail!("no account for `{host}`: give --user, SLAUDIT_USER, or `user` in [credentials.{}]", set.set);
        };
        // A key or password that slaudit was told of is the better one.
        let spare = known.identity.clone().filter(|_| set.identity.is_none() && set.password.is_none());
        let key = (set.set.clone(), user.to_owned(), spare.clone(), is_hop);
        let made = || {
            let who = Credentials { user: user.to_owned(), spare_identity: spare, ..set.clone() };
            Arc::new((who, Breaker::default()))
        };
        Ok(Arc::clone(self.sets.entry(key).or_insert_with(made)))
    }

    /// Who logs in to a device, and whether that set may still be used; the same for each jump host on the way.
    pub fn of(&self, device: &Device) -> Option<(&(Credentials, Breaker), &[Hop])> {
        let doors = self.doors.get(&device.name)?;
        Some((&doors.device, &doors.hops))
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

/// Reads each credential set once.
struct SetReader<'a> {
    options: &'a AccessOptions,
    file: &'a File,
    read: HashMap<String, Credentials>,
}

impl SetReader<'_> {
    fn set(&mut self, name: &str) -> anyhow::Result<Credentials> {
        if let Some(set) = self.read.get(name) {
            return Ok(set.clone());
        }
        let set = match self.file.credentials.get(name) {
            Some(set) => set.clone(),
            None if name == "default" => CredentialSet::default(),
            None => bail!("there is no [credentials.{name}] in slaudit.toml"),
        };
        let set = Source { name, set, options: self.options }.read()?;
        self.read.insert(name.to_owned(), set.clone());
        Ok(set)
    }
}

/// The account of each device without reading a secret, for `slaudit plan`.
pub fn account_without_secrets(device: &Device, options: &AccessOptions, file: &File, reach: &Reach) -> String {
    let set = file.credentials.get(&device.credential).cloned().unwrap_or_default();
    let source = Source { name: &device.credential, set, options };
    let known = || reach.device(&device.name).user;
    device.user.clone().or_else(|| source.user()).or_else(known).unwrap_or_else(|| "(no account)".to_owned())
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
            spare_identity: None,
            user,
        })
    }

    fn password(&self, user: &str) -> anyhow::Result<Option<SecretString>> {
        if self.is_default() && self.options.ask_pass {
            let typed = rpassword::prompt_password(format!("Password of {user}: "))
                .context("the password cannot be asked for without a terminal")?;
            if typed.is_empty() {
                bail!("no password was typed; nothing was contacted");
            }
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
        // An empty variable is one that was not set: an empty password would be a refused login on every device.
        if let Some(text) = std::env::var(variable).ok().filter(|text| self.is_default() && !text.is_empty()) {
            return Ok(Some(text.into()));
        }
        let empty = |place: &str| anyhow::anyhow!("credential set `{}`: {place} is empty", self.name);
        if let Some(command) = command {
            return run(command).with_context(|| format!("credential set `{}`: {part}_command", self.name)).map(Some);
        }
        if let Some(name) = own_variable {
            let text =
                std::env::var(name).with_context(|| format!("credential set `{}`: {part}_env: {name}", self.name))?;
            if text.is_empty() {
                return Err(empty(name));
            }
            return Ok(Some(text.into()));
        }
        let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") else { return Ok(None) };
        let path = Path::new(&folder).join(format!("{}.{part}", self.name));
        match std::fs::read_to_string(&path) {
            Ok(text) if first_line(&text).is_empty() => Err(empty(&path.display().to_string())),
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
