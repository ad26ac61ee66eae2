//! `slaudit plan`: who would be contacted, how, and with which commands. Nothing is resolved, nothing is contacted.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::table::table;
use super::{Selected, print, select};
use crate::cli::Plan;
use crate::commands::{self, Command};
use crate::exit::Exit;
use crate::inventory::{Device, SshProfile};
use crate::secrets::{account_without_secrets, hops_without_secrets};
use crate::session::describe_algorithms;
use crate::settings::Settings;

/// Shows the plan.
pub(super) fn run(options: &Plan, settings: &Settings) -> anyhow::Result<Exit> {
    let Selected { inventory, source, reach } = select(&options.selection, &options.access, settings)?;
    let row = |device: &Device| {
        let hops = hops_without_secrets(device, &options.access, &settings.file, &reach);
        let account = account_without_secrets(device, &options.access, &settings.file, &reach);
        vec![
            device.name.clone(),
            endpoint(device),
            if hops.is_empty() { "direct".to_owned() } else { hops.join(" > ") },
            account,
            device.credential.clone(),
            device.ssh_profile.to_string(),
            device.platform.to_string(),
            device.site.clone(),
        ]
    };
    let rows: Vec<_> = inventory.devices.iter().map(row).collect();
    let header = ["DEVICE", "ADDRESS", "PATH", "ACCOUNT", "CREDENTIAL", "ALGORITHMS", "PLATFORM", "SITE"];
    let count = rows.len();
    let mut text = format!("{count} device{} of {source}\n\n", if count == 1 { "" } else { "s" });
    text += &table(&header, &rows);
    if !reach.ignored.is_empty() {
        let keywords: Vec<_> = reach.ignored.iter().map(String::as_str).collect();
        let _ = writeln!(text, "\nNot used of the SSH configuration of these hosts: {}", keywords.join(", "));
    }
    let profiles: BTreeSet<SshProfile> = inventory.devices.iter().map(|device| device.ssh_profile).collect();
    for profile in profiles {
        let _ = writeln!(text, "\nAlgorithms of `{profile}`");
        for (kind, names) in describe_algorithms(profile) {
            let _ = writeln!(text, "  {kind}: {}", names.join(", "));
        }
    }
    text += "\nCommands, in this order, each only where its answer is still needed\n";
    text += &table(&["  WHEN", "COMMAND"], &commands(options.access.probe));
    print(&text)?;
    Ok(Exit::Clean)
}

fn commands(probe: bool) -> Vec<Vec<String>> {
    let asked =
        commands::ALL.iter().filter(|command| !command.wanted.when.is_empty() && (probe || !command.is_probe()));
    let line = |command: &Command| {
        let ping = "ping [vrf <vrf>] <host>, once: the host that the device reports to, or its proxy";
        if command.is_probe() { ping } else { command.sends }
    };
    asked.map(|command| vec![format!("  {}", command.wanted.when), line(command).to_owned()]).collect()
}

fn endpoint(device: &Device) -> String {
    if device.address.contains(':') {
        format!("[{}]:{}", device.address, device.port)
    } else {
        format!("{}:{}", device.address, device.port)
    }
}
