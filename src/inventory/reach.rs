//! How the devices of a run are reached, as far as `~/.ssh/config` says it: addresses, ports, accounts, keys and jump hosts.

use std::collections::{BTreeSet, HashMap};

use super::ssh_config::{HostSettings, SshConfig, SshConfigError};
use super::{Device, Target};

/// Jump hosts on the way to a jump host; more is a circle.
const HOPS: usize = 8;

/// What a configuration adds to the devices of a run and to their jump hosts.
#[derive(Debug, Default)]
pub struct Reach {
    devices: HashMap<String, HostSettings>,
    hops: HashMap<String, HostSettings>,
    /// Keywords that apply to these hosts and are not used.
    pub ignored: BTreeSet<String>,
}

impl Reach {
    /// Looks up every device and jump host, and fills in what the inventory leaves open: address, port, jump hosts. A port of 22
    /// counts as left open.
    ///
    /// # Errors
    /// Names the line.
    pub fn find(config: &SshConfig, devices: &mut [Device]) -> Result<Self, SshConfigError> {
        let mut reach = Self::default();
        for device in devices {
            let settings = config.of(&device.address, &mut reach.ignored)?;
            if device.jump.is_empty() {
                device.jump.clone_from(&settings.jump);
                reach.lead_to_first(config, device)?;
            }
            for hop in &device.jump {
                reach.hop_settings(config, hop)?;
            }
            device.port = settings.port.filter(|_| device.port == 22).unwrap_or(device.port);
            if let Some(name) = &settings.host_name {
                device.address.clone_from(name);
            }
            // Nothing is said about most devices of a fleet.
            if settings != HostSettings::default() {
                reach.devices.insert(device.name.clone(), settings);
            }
        }
        Ok(reach)
    }

    /// A jump host of the configuration may itself be behind one.
    fn lead_to_first(&mut self, config: &SshConfig, device: &mut Device) -> Result<(), SshConfigError> {
        while let Some(first) = device.jump.first() {
            let before = self.hop_settings(config, first)?.jump;
            if before.is_empty() {
                break;
            }
            if device.jump.len() > HOPS {
                return Err(SshConfigError::Circle(device.name.clone()));
            }
            device.jump.splice(..0, before);
        }
        Ok(())
    }

    fn hop_settings(&mut self, config: &SshConfig, hop: &str) -> Result<HostSettings, SshConfigError> {
        // A hop that is no target is refused later, with the name of its device.
        let host = hop.parse::<Target>().map_or_else(|_| hop.to_owned(), |target| target.host);
        if !self.hops.contains_key(&host) {
            let settings = config.of(&host, &mut self.ignored)?;
            self.hops.insert(host.clone(), settings);
        }
        Ok(self.hops[&host].clone())
    }

    /// What is said about a device.
    pub fn device(&self, name: &str) -> HostSettings {
        self.devices.get(name).cloned().unwrap_or_default()
    }

    /// What is said about a jump host, by the host that was asked for.
    pub fn hop(&self, host: &str) -> HostSettings {
        self.hops.get(host).cloned().unwrap_or_default()
    }
}
