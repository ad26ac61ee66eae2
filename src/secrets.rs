//! Where secrets come from: a prompt, the environment, a command, or systemd's credential directory. Never an argument.
//!
//! Each is read once, before the first connection, and lives in a type that cannot be printed.

mod command;
mod source;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::cli::AccessOptions;
use crate::inventory::{Device, HostSettings, Reach, SshProfile, Target};
use crate::session::{Account, Breaker, Credentials, Hop, Slots, UnderWay, agent_has_keys};
pub use crate::settings::from_home;
use crate::settings::{CredentialSet, File};
use source::Source;
pub use source::{SecretPlace, SetDescription, describe};

/// The credential sets of a run, and the accounts that they log in with.
#[derive(Debug)]
pub struct Keyring {
    sets: HashMap<Key, Set>,
    accounts: HashMap<AccountName, Account>,
    slots: Slots,
    /// In the order of the devices.
    doors: Vec<Doors>,
    /// Whether the agent has keys, once somebody needs them.
    agent: OnceLock<Result<(), String>>,
}

/// Set, account, and key file of the SSH configuration.
type Key = (String, String, Option<PathBuf>);
/// A credential set with its breaker, as jump hosts use it.
type Set = Arc<(Credentials, Breaker)>;

/// What refused logins count against, however many credential sets log in with it. Directories take no notice of case.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AccountName {
    user: String,
    realm: Option<String>,
}

impl AccountName {
    fn new(user: &str, realm: Option<&str>) -> Self {
        Self { user: user.to_lowercase(), realm: realm.map(str::to_lowercase) }
    }
}

/// Who logs in on the way to a device, and to itself.
#[derive(Debug)]
struct Doors {
    set: Set,
    breaker: Breaker,
    hops: Vec<Hop>,
}

impl Keyring {
    /// Reads every secret that the devices and their jump hosts need.
    ///
    /// # Errors
    /// Names the credential set, and where its secret was looked for.
    pub fn read(devices: &[Device], options: &AccessOptions, file: &File, reach: &Reach) -> anyhow::Result<Self> {
        // What a crash of the process leaves behind would hold all of them.
        let _ = rlimit::Resource::CORE.set(0, 0);
        let mut keyring = Self {
            sets: HashMap::new(),
            accounts: HashMap::new(),
            slots: Slots::default(),
            doors: Vec::with_capacity(devices.len()),
            agent: OnceLock::new(),
        };
        let mut reader = SetReader { options, file, read: HashMap::new() };
        for device in devices {
            let set = reader.set(&device.credential).with_context(|| format!("device `{}`", device.name))?;
            let own = keyring.access(&set, device.user.as_deref(), &reach.device(&device.name), &device.name)?;
            let mut hops = Vec::new();
            for text in &device.jump {
                let on = || format!("jump host `{text}` of device `{}`", device.name);
                let target = text.parse::<Target>().with_context(on)?;
                let set = reader.set(file.jump.credential()).with_context(|| {
                    let place =
                        if file.jump.credential.is_some() { "[jump] credential" } else { "without [jump] credential" };
                    format!("{} ({place})", on())
                })?;
                let known = reach.hop(&target.host);
                let user = hop_user(&target, device, Some(&set.user), &known, file);
                hops.push(Hop {
                    access: keyring.access(&set, user.as_deref(), &known, text)?,
                    name: Target { user: None, ..target.clone() }.to_string(),
                    host: known.host_name.unwrap_or(target.host),
                    port: target.port.or(known.port).unwrap_or(22),
                    ssh_profile: file.jump.ssh_profile.unwrap_or(SshProfile::Compat),
                });
            }
            let breaker = own.1.for_device(&device.site);
            keyring.doors.push(Doors { set: own, breaker, hops });
        }
        Ok(keyring)
    }

    /// Each set once for each account and key file, however many hosts take it, and each account once.
    fn access(
        &mut self,
        set: &Credentials,
        user: Option<&str>,
        known: &HostSettings,
        host: &str,
    ) -> anyhow::Result<Set> {
        let of_set = Some(set.user.as_str()).filter(|user| !user.is_empty());
        let Some(user) = user.or(of_set).or(known.user.as_deref()) else {
            bail!("no account for `{host}`: give --user, SLAUDIT_USER, or `user` in [credentials.{}]", set.set);
        };
        // A key or password that slaudit was told of is the better one.
        let spare = known.identity.clone().filter(|_| set.identity.is_none() && set.password.is_none());
        if set.identity.is_none() && set.password.is_none() && spare.is_none() {
            // Known before anything is contacted: no device can be logged in to like this.
            self.agent.get_or_init(agent_has_keys).as_ref().map_err(|why| {
                anyhow::anyhow!(
                    "nothing to log in with to `{host}`: give a password (--ask-pass, SLAUDIT_PASSWORD, [credentials.{}]) \
                     or a key (--identity); {why}",
                    set.set
                )
            })?;
        }
        let key = (set.set.clone(), user.to_owned(), spare.clone());
        let (accounts, slots) = (&mut self.accounts, &self.slots);
        let made = || {
            let who = Credentials { user: user.to_owned(), spare_identity: spare, ..set.clone() };
            let name = AccountName::new(user, set.realm.as_deref());
            let breaker = accounts.entry(name).or_insert_with(|| Account::new(user, slots)).add_set();
            Arc::new((who, breaker))
        };
        Ok(self.sets.entry(key).or_insert_with(made).clone())
    }

    /// Says how many devices there are at once, which bounds the parallel logins.
    pub fn limit(&self, devices: usize) {
        self.slots.limit(devices);
    }

    /// How to log in to a device, by its position among those that were read: its credentials, its breaker, and the jump hosts on
    /// the way with theirs.
    pub fn for_device(&self, device: usize) -> Option<(&Credentials, &Breaker, &[Hop])> {
        let doors = self.doors.get(device)?;
        Some((&doors.set.0, &doors.breaker, &doors.hops))
    }

    /// The guard that says when a device has ended, to be taken before its work begins.
    pub fn under_way(&self, device: usize) -> Option<UnderWay> {
        self.doors.get(device).map(|doors| doors.breaker.under_way())
    }

    /// A device has ended, although its task may hang for ever.
    pub fn ended(&self, device: usize) {
        if let Some(doors) = self.doors.get(device) {
            doors.breaker.ended();
        }
    }

    /// Every secret, for redaction.
    pub fn secrets(&self) -> Vec<SecretString> {
        self.sets.values().flat_map(|set| set.0.secrets().cloned()).collect()
    }

    /// True where an account or a credential set was stopped.
    pub fn any_stopped(&self) -> bool {
        self.accounts.values().any(Account::was_stopped)
    }

    /// True where the devices of a site were set aside.
    pub fn any_site_aside(&self) -> bool {
        self.accounts.values().any(Account::has_site_aside)
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

/// The jump hosts of each device with their accounts, nearest first, without reading a secret, for `slaudit plan`.
pub fn hops_without_secrets(device: &Device, options: &AccessOptions, file: &File, reach: &Reach) -> Vec<String> {
    let name = file.jump.credential();
    let source = Source { name, set: file.credentials.get(name).cloned().unwrap_or_default(), options };
    let set_user = source.user();
    let shown = |text: &String| {
        // A hop that is no target is refused before an audit, with the name of its device.
        let Ok(target) = text.parse::<Target>() else { return text.clone() };
        let user = hop_user(&target, device, set_user.as_deref(), &reach.hop(&target.host), file).or(set_user.clone());
        Target { user, ..target }.to_string()
    };
    device.jump.iter().map(shown).collect()
}

/// The account of a jump host, where it is not that of its credential set: the path names it, or the SSH configuration does. A
/// set that is meant for jump hosts knows better than that. The account that `--hosts` names for a device is used where nothing
/// else is, and the device has the same credential set.
fn hop_user(
    target: &Target,
    device: &Device,
    of_set: Option<&str>,
    known: &HostSettings,
    file: &File,
) -> Option<String> {
    let of_set = of_set.filter(|user| !user.is_empty());
    let of_own_set = of_set.filter(|_| file.jump.credential.is_some());
    let of_device = device.user.as_deref().filter(|_| of_set.is_none() && device.credential == file.jump.credential());
    let user = target.user.as_deref().or(of_own_set).or(known.user.as_deref()).or(of_device);
    user.map(ToOwned::to_owned)
}
