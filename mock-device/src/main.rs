//! Starts a fleet of mock devices, writes the inventory that matches it, and serves until it is told to end.
//!
//! ```text
//! mock-device --devices 24 --inventory demo.csv --for 600 &
//! slaudit audit demo.csv --user netaudit --ask-pass        # the password is `mock`
//! ```

use std::io::{Read, Write, stderr, stdout};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Parser;
use mock_device::{DEMO_PASSWORD, Fleet, Login, Scenario, mix, scenarios};

/// Mock Cisco IOS XE devices on 127.0.0.0/8.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// How many devices.
    #[arg(long, default_value_t = 24)]
    devices: usize,
    /// demo, all, or names with weights: healthy-smart:9,ack-overdue:1
    #[arg(long, default_value = "demo")]
    scenario_mix: String,
    /// How many devices have which fault: refuse:1,cut:2 (refuse, hang-banner, hang-kex, no-vty, hang-auth,
    /// wrong-password, hang-login, hang-output, cut, endless, drip, log-lines, black-hole, no-ssh, busy, half-closed,
    /// cut-auth, hang-shell, slow-aaa, new-prompt, large, dirty, flood-kex, flood-auth, flood-login, flood-output; with
    /// the number of an SSH packet behind it a flood is one of those: flood-login-94)
    #[arg(long, default_value = "")]
    fault_mix: String,
    /// How long a device thinks before each answer: 300ms, 2s
    #[arg(long, default_value = "0ms", value_parser = duration)]
    delay: Duration,
    /// The TCP port of all devices; 0 chooses one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The first device's address
    #[arg(long, default_value = "127.20.0.1")]
    base: Ipv4Addr,
    /// The user of all devices
    #[arg(long, default_value = "netaudit")]
    user: String,
    /// The environment variable with the password of all devices, which is also the enable password
    #[arg(long, default_value = "MOCK_PASSWORD")]
    password_env: String,
    /// Where the inventory is written once every device listens
    #[arg(long, required_unless_present = "list")]
    inventory: Option<PathBuf>,
    /// Ends by itself after so many seconds
    #[arg(long = "for", default_value_t = 3600, value_name = "SECONDS")]
    seconds: u64,
    /// Ends when standard input closes
    #[arg(long)]
    until_stdin_closes: bool,
    /// Prints the scenarios, and what an audit must find, and ends
    #[arg(long)]
    list: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if arguments.list {
        return list();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))
}

fn list() -> anyhow::Result<()> {
    let mut out = stdout().lock();
    for name in scenarios() {
        let scenario = Scenario::named(name)?;
        let expect = scenario.expect();
        writeln!(out, "{name:22} {}", scenario.summary())?;
        writeln!(out, "{:22} {}, {}: {}", "", expect.status, expect.health, expect.findings.join(", "))?;
    }
    Ok(())
}

async fn serve(arguments: Arguments) -> anyhow::Result<()> {
    let Some(inventory) = arguments.inventory else {
        bail!("--inventory is missing");
    };
    let password = std::env::var(&arguments.password_env).ok().filter(|password| !password.is_empty());
    if password.is_none() {
        writeln!(stderr(), "password and enable password of every device: {DEMO_PASSWORD}")?;
    }
    let password = password.unwrap_or_else(|| DEMO_PASSWORD.into());
    let login = Login { user: arguments.user, enable: Some(password.clone()), password, ..Login::default() };
    let mut devices = mix::devices(arguments.devices, &arguments.scenario_mix)?;
    mix::faults(&mut devices, &arguments.fault_mix)?;
    let devices = devices.into_iter().map(|device| device.delay(arguments.delay).login(login.clone())).collect();
    let fleet = Fleet::start_on(devices, arguments.base, arguments.port).await?;
    write_whole(&inventory, &fleet.inventory_csv())?;
    writeln!(stderr(), "{} devices listen; inventory: {}", fleet.devices().len(), inventory.display())?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        () = tokio::time::sleep(Duration::from_secs(arguments.seconds)) => {}
        () = stdin_closed(arguments.until_stdin_closes) => {}
    }
    fleet.stop().await;
    Ok(())
}

/// Ends when standard input does. A thread of its own reads it: tokio's reader would hold the process back at its end.
async fn stdin_closed(wanted: bool) {
    if !wanted {
        return std::future::pending().await;
    }
    let (closed, wait) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while matches!(std::io::stdin().read(&mut bytes), Ok(1..)) {}
        drop(closed);
    });
    let _ = wait.await;
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let beside = path.with_extension(format!("{}.part", std::process::id()));
    std::fs::write(&beside, text).with_context(|| format!("cannot write {}", beside.display()))?;
    std::fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic()).len());
    let number: u64 = number.parse().map_err(|_| format!("{text:?} is no time; write 300ms or 2s"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        _ => Err(format!("{text:?} has no unit; write 300ms or 2s")),
    }
}
