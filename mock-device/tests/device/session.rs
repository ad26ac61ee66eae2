//! What a client sees of a device: login, prompt, commands, pages, and the one channel.

use std::time::Duration;

use crate::support::{Terminal, connect, interactive, login, within};
use mock_device::{Device, Fault, Fleet, Login, Method, Scenario, scenarios};
use russh::ChannelMsg;

fn device(name: &str, scenario: &str) -> Device {
    Device::new(name, Scenario::named(scenario).expect("a scenario"))
}

async fn start(devices: Vec<Device>) -> Fleet {
    Fleet::start(devices).await.expect("a fleet")
}

fn address(fleet: &Fleet, name: &str) -> std::net::SocketAddr {
    fleet.get(name).expect("a device").address
}

#[tokio::test]
async fn a_session_from_login_to_exit() {
    let fleet = start(vec![device("sw01", "healthy-smart")]).await;
    let mut terminal = Terminal::open(address(&fleet, "sw01"), 511).await;
    let greeting = terminal.until("sw01#").await;
    assert!(greeting.contains("Authorised use only"), "{greeting}");
    assert_eq!(terminal.ask("terminal length 0", "sw01#").await, "terminal length 0\r\nsw01#");
    let clock = terminal.ask("show clock", "sw01#").await;
    assert!(clock.starts_with("show clock\r\n") && clock.contains(" UTC "), "{clock}");
    let long = terminal.ask("show license tech support", "sw01#").await;
    assert!(long.lines().count() > 320 && long.contains("Clock sync-ed with NTP: True\r\n"), "{long}");
    assert!(!long.replace("\r\n", "").contains('\n'));
    let config = terminal.ask("show running-config | include ^hostname|^ntp (server|peer)", "sw01#").await;
    assert!(
        config.ends_with("hostname sw01\r\nntp server 192.0.2.123 version 2 prefer\r\nntp server 192.0.2.124\r\nsw01#"),
        "{config}"
    );
    let wrong = terminal.ask("show lisence", "sw01#").await;
    assert_eq!(wrong, "show lisence\r\n          ^\r\n% Invalid input detected at '^' marker.\r\n\r\nsw01#");
    assert!(terminal.ask("show license", "sw01#").await.contains("% Incomplete command."));
    terminal.send("exit\r").await;
    terminal.rest().await;
    let heard = fleet.get("sw01").expect("a device").log();
    assert_eq!((heard.connections, heard.logouts), (1, 1));
    assert_eq!(heard.commands.len(), 7);
    assert_eq!(heard.commands[1], "show clock");
    fleet.stop().await;
}

#[tokio::test]
async fn pages_until_told_otherwise() {
    let fleet = start(vec![device("sw01", "paged")]).await;
    let mut terminal = Terminal::open(address(&fleet, "sw01"), 511).await;
    terminal.until("sw01#").await;
    assert!(terminal.ask("terminal length 0", "sw01#").await.contains("% Authorization failed."));
    terminal.send("show license all\r").await;
    let page = terminal.until(" --More-- ").await;
    assert_eq!(page.matches("\r\n").count(), 25, "{page}");
    terminal.send("\r").await;
    let line = terminal.until(" --More-- ").await;
    assert!(line.starts_with("\x08\x08\x08\x08\x08\x08\x08\x08\x08        \x08"), "{line:?}");
    assert_eq!(line.matches("\r\n").count(), 1);
    terminal.send("  ").await;
    terminal.until(" --More-- ").await;
    terminal.send("q").await;
    assert!(terminal.until("sw01#").await.ends_with("\x08sw01#"));
    fleet.stop().await;
}

#[tokio::test]
async fn enable_asks_three_times() {
    let fleet = start(vec![device("sw01", "enable-needed")]).await;
    let mut terminal = Terminal::open(address(&fleet, "sw01"), 511).await;
    terminal.until("sw01>").await;
    assert!(terminal.ask("show running-config", "sw01>").await.contains("% Invalid input"));
    terminal.send("enable\r").await;
    terminal.until("Password: ").await;
    for _ in 0..2 {
        terminal.send("wrong\r").await;
        assert_eq!(terminal.until("Password: ").await, "\r\nPassword: ");
    }
    terminal.send("wrong\r").await;
    assert!(terminal.until("sw01>").await.contains("% Bad secrets"));
    terminal.send("enable\r").await;
    terminal.until("Password: ").await;
    terminal.send("mock\r").await;
    assert_eq!(terminal.until("sw01#").await, "\r\nsw01#");
    terminal.send("terminal length 0\r").await;
    terminal.until("sw01#").await;
    assert!(terminal.ask("show running-config", "sw01#").await.contains("\r\nhostname sw01\r\n"));
    fleet.stop().await;
}

#[tokio::test]
async fn exec_answers_one_command_and_closes() {
    let fleet = start(vec![device("sw01", "healthy-smart")]).await;
    let handle = login(address(&fleet, "sw01")).await;
    let mut channel = within(handle.channel_open_session()).await.expect("a channel");
    channel.exec(true, "show license udi").await.expect("sent");
    let mut text = String::new();
    within(async {
        while let Some(message) = channel.wait().await {
            if let ChannelMsg::Data { data } = message {
                text += &String::from_utf8_lossy(&data);
            }
        }
    })
    .await;
    assert!(text.starts_with("UDI: PID:C9300-48P,SN:FOC"), "{text}");
    within(async {
        while !handle.is_closed() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    fleet.stop().await;
}

#[tokio::test]
async fn a_second_channel_is_refused() {
    let fleet = start(vec![device("sw01", "healthy-smart")]).await;
    let handle = login(address(&fleet, "sw01")).await;
    let _first = within(handle.channel_open_session()).await.expect("a channel");
    assert!(within(handle.channel_open_session()).await.is_err());
    assert_eq!(fleet.get("sw01").expect("a device").log().channels_refused, 1);
    fleet.stop().await;
}

#[tokio::test]
async fn only_the_methods_offered_are_taken() {
    let login = Login { methods: vec![Method::KeyboardInteractive], ..Login::default() };
    let fleet = start(vec![device("sw01", "healthy-smart").login(login)]).await;
    let mut handle = connect(address(&fleet, "sw01")).await.expect("a connection");
    let refused = within(handle.authenticate_password("netaudit", "mock")).await.expect("an answer");
    assert!(!refused.success());
    assert!(!interactive(&mut handle, "wrong").await);
    assert!(interactive(&mut handle, "mock").await);
    let log = fleet.get("sw01").expect("a device").log();
    let tries: Vec<_> = log.auth_attempts.iter().map(|attempt| (attempt.method, attempt.accepted)).collect();
    assert!(tries.ends_with(&[("keyboard-interactive", false), ("keyboard-interactive", true)]), "{tries:?}");
    fleet.stop().await;
}

#[tokio::test]
async fn noise_is_there_and_a_unix_host_is_none() {
    let fleet = start(vec![
        device("noisy", "noisy"),
        device("box", "not-cisco"),
        device("logs", "healthy-smart").fault(Fault::LogLines),
    ])
    .await;
    let mut terminal = Terminal::open(address(&fleet, "noisy"), 511).await;
    assert!(terminal.until("noisy#").await.contains("password:"));
    terminal.ask("terminal length 0", "noisy#").await;
    terminal.send("show license status\r").await;
    let text = terminal.pause(Duration::from_millis(300)).await;
    assert!(text.contains("Time source is NTP, ") && text.contains(": %SYS-5-CONFIG_I: "), "{text}");
    assert!(text.contains('\x07') && text.contains("\r\r\n"));

    let mut terminal = Terminal::open(address(&fleet, "box"), 80).await;
    terminal.until("netaudit@box:~$ ").await;
    assert_eq!(
        terminal.ask("show version", ":~$ ").await,
        "show version\r\nbash: show: command not found\r\nnetaudit@box:~$ "
    );

    let mut terminal = Terminal::open(address(&fleet, "logs"), 511).await;
    terminal.until("logs#").await;
    assert!(terminal.ask("show license udi", "logs#").await.contains("UDI: PID"));
    fleet.stop().await;
}

#[tokio::test]
async fn every_scenario_serves_every_command() {
    let fleet = start(scenarios().iter().map(|name| device(name, name)).collect()).await;
    for name in scenarios() {
        let scenario = Scenario::named(name).expect("a scenario");
        if ["noisy", "paged", "not-cisco"].contains(name) {
            continue;
        }
        let prompt = if ["read-only-refused", "enable-needed"].contains(name) { ">" } else { "#" };
        let prompt = format!("\r\n{name}{prompt}");
        let mut terminal = Terminal::open(address(&fleet, name), 511).await;
        terminal.until(&prompt).await;
        terminal.ask("terminal length 0", &prompt).await;
        for command in scenario.commands() {
            let text = terminal.ask(command, &prompt).await;
            assert!(text.starts_with(command), "{name}: {text}");
        }
    }
    fleet.stop().await;
}

#[tokio::test]
async fn a_ping_is_answered_as_the_scenario_says() {
    let fleet = start(vec![
        device("good", "healthy-smart"),
        device("walled", "smart-unreachable"),
        device("nameless", "smart-wrong-url"),
    ])
    .await;
    for (name, host, words) in [
        ("good", "smartreceiver.cisco.com", "Success rate is 100 percent (5/5)"),
        ("good", "192.0.2.1", "Echos to 192.0.2.1, timeout"),
        ("walled", "smartreceiver.cisco.com", "Success rate is 0 percent (0/5)"),
        ("nameless", "smartreceiver.example.com", "% Unrecognized host or address"),
    ] {
        let prompt = format!("\r\n{name}#");
        let mut terminal = Terminal::open(address(&fleet, name), 511).await;
        terminal.until(&prompt).await;
        let text = terminal.ask(&format!("ping {host}"), &prompt).await;
        assert!(text.contains(words), "{name}, {host}: {text}");
    }
    fleet.stop().await;
}
