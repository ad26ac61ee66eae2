//! What is wrong with a device is wrong in the way its name says, and ends when the fleet is stopped.

use std::time::{Duration, Instant};

use crate::support::{Terminal, connect, connect_with, within};
use mock_device::{Algorithms, Device, Fault, Fleet, Scenario};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

fn device(name: &str) -> Device {
    Device::new(name, Scenario::named("healthy-smart").expect("a scenario"))
}

async fn start(devices: Vec<Device>) -> Fleet {
    Fleet::start(devices).await.expect("a fleet")
}

fn address(fleet: &Fleet, name: &str) -> std::net::SocketAddr {
    fleet.get(name).expect("a device").address
}

async fn first_bytes(address: std::net::SocketAddr, time: Duration) -> (Vec<u8>, bool) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(time, stream.read_to_end(&mut bytes)).await.is_ok();
    (bytes, ended)
}

#[tokio::test]
async fn before_the_login() {
    let fleet = start(vec![
        device("refuse").fault(Fault::Refuse),
        device("silent").fault(Fault::HangBeforeBanner),
        device("kex").fault(Fault::HangInKeyExchange),
        device("vty").fault(Fault::CloseAfterBanner),
        device("wrong").fault(Fault::RejectLogin),
        device("aaa").fault(Fault::HangInAuthentication),
    ])
    .await;
    assert!(TcpStream::connect(address(&fleet, "refuse")).await.is_err());
    let wait = Duration::from_millis(100);
    assert_eq!(first_bytes(address(&fleet, "silent"), wait).await, (vec![], false));
    assert_eq!(first_bytes(address(&fleet, "kex"), wait).await, (b"SSH-2.0-Cisco-1.25\r\n".to_vec(), false));
    assert_eq!(first_bytes(address(&fleet, "vty"), wait).await, (b"SSH-2.0-Cisco-1.25\r\n".to_vec(), true));
    let mut handle = connect(address(&fleet, "wrong")).await.expect("a connection");
    let answer = within(handle.authenticate_password("netaudit", "mock")).await.expect("an answer");
    assert!(!answer.success());
    assert!(!fleet.get("wrong").expect("a device").log().auth_attempts[0].accepted);
    let mut handle = connect(address(&fleet, "aaa")).await.expect("a connection");
    assert!(tokio::time::timeout(wait, handle.authenticate_password("netaudit", "mock")).await.is_err());
    fleet.stop().await;
}

#[tokio::test]
async fn before_the_key_exchange_is_done() {
    let drip = Fault::DrippingGarbage(Duration::from_millis(5));
    let fleet = start(vec![
        device("other"),
        device("hole").fault(Fault::BlackHole),
        device("closed").fault(Fault::CloseAtOnce),
        device("half").fault(Fault::HangInBanner),
        device("web").fault(Fault::NoSsh),
        device("garbage").fault(Fault::EndlessGarbage),
        device("drip").fault(drip),
        device("algorithms").fault(Fault::HangAfterAlgorithms),
        device("cut").fault(Fault::CutInKeyExchange),
        device("eof").fault(Fault::HalfClosed),
        device("busy").fault(Fault::BusyAtFirst(1)),
    ])
    .await;
    let wait = Duration::from_millis(150);
    assert!(tokio::time::timeout(wait, TcpStream::connect(address(&fleet, "hole"))).await.is_err());
    assert_eq!(first_bytes(address(&fleet, "closed"), wait).await, (vec![], true));
    assert_eq!(first_bytes(address(&fleet, "half"), wait).await, (b"SSH-2.0-Ci".to_vec(), false));
    let (web, ended) = first_bytes(address(&fleet, "web"), wait).await;
    assert!(web.starts_with(b"HTTP/1.1 400") && ended);
    let (garbage, ended) = first_bytes(address(&fleet, "garbage"), wait).await;
    assert!(garbage.len() > 20_000 && !garbage.starts_with(b"SSH") && !ended);
    let (drip, ended) = first_bytes(address(&fleet, "drip"), wait).await;
    assert!((2..=31).contains(&drip.len()) && !ended, "{} bytes", drip.len());
    let (algorithms, ended) = first_bytes(address(&fleet, "algorithms"), wait).await;
    assert!(algorithms.windows(17).any(|text| text == b"curve25519-sha256") && !ended);
    let (cut, ended) = first_bytes(address(&fleet, "cut"), Duration::from_secs(5)).await;
    assert!(cut == algorithms && ended);
    let mut eof = TcpStream::connect(address(&fleet, "eof")).await.expect("a connection");
    let mut bytes = Vec::new();
    within(eof.read_to_end(&mut bytes)).await.expect("an end");
    tokio::io::AsyncWriteExt::write_all(&mut eof, b"still read").await.expect("taken");
    assert_eq!(bytes, b"SSH-2.0-Cisco-1.25\r\n");
    assert!(first_bytes(address(&fleet, "busy"), wait).await.1, "the first finds no line");
    let mut second = Terminal::open(address(&fleet, "busy"), 511).await;
    second.until("busy#").await;
    fleet.stop().await;
}

#[tokio::test]
async fn between_login_and_prompt() {
    let grace = Fault::LoginGrace(Duration::from_millis(50));
    let fleet = start(vec![
        device("cut-auth").fault(Fault::CutInAuthentication),
        device("grace").fault(grace),
        device("aaa").fault(Fault::SlowAaa(Duration::from_millis(120))),
        device("cut").fault(Fault::CutAfterLogin),
        device("drip").fault(Fault::DrippingBanner(Duration::from_millis(5))),
    ])
    .await;
    let mut handle = connect(address(&fleet, "cut-auth")).await.expect("a connection");
    assert!(!within(handle.authenticate_password("netaudit", "mock")).await.is_ok_and(|answer| answer.success()));
    assert!(first_bytes(address(&fleet, "grace"), Duration::from_secs(5)).await.1);
    Terminal::open(address(&fleet, "grace"), 511).await.until("grace#").await;
    let begun = Instant::now();
    let mut slow = Terminal::open(address(&fleet, "aaa"), 511).await;
    slow.until("aaa#").await;
    slow.ask("show clock", "aaa#").await;
    assert!(begun.elapsed() >= Duration::from_millis(240), "{:?}", begun.elapsed());
    assert_eq!(Terminal::open(address(&fleet, "cut"), 511).await.rest().await, "");
    let chatter = Terminal::open(address(&fleet, "drip"), 511).await.pause(Duration::from_millis(100)).await;
    assert!(chatter.matches("not ready yet").count() > 2 && !chatter.contains('#'), "{chatter}");
    for name in ["shell", "cut-shell"] {
        let fault = if name == "shell" { Fault::HangBeforeShell } else { Fault::CutBeforeShell };
        let fleet = start(vec![device(name).fault(fault)]).await;
        let handle = crate::support::login(address(&fleet, name)).await;
        let mut channel = within(handle.channel_open_session()).await.expect("a channel");
        channel.request_shell(true).await.expect("sent");
        let answer = tokio::time::timeout(Duration::from_millis(150), channel.wait()).await;
        assert!(!matches!(answer, Ok(Some(russh::ChannelMsg::Success))), "{name}: {answer:?}");
        fleet.stop().await;
    }
    fleet.stop().await;
}

#[tokio::test]
async fn in_privileged_mode_and_in_outputs() {
    let fleet = start(vec![
        Device::new("enable", Scenario::named("enable-needed").expect("a scenario")).fault(Fault::HangInEnable),
        device("sw01").fault(Fault::NewPrompt(1)),
        device("eof").fault(Fault::HalfClosedInOutput(1)),
        device("large").fault(Fault::LargeOutput { command: 1, bytes: 300_000 }),
        device("dirty").fault(Fault::DirtyBytes),
    ])
    .await;
    let mut terminal = Terminal::open(address(&fleet, "enable"), 511).await;
    terminal.until("enable>").await;
    terminal.send("enable\r").await;
    terminal.until("Password: ").await;
    terminal.send("mock\r").await;
    assert_eq!(terminal.pause(Duration::from_millis(100)).await, "\r\n");

    let mut terminal = Terminal::open(address(&fleet, "sw01"), 511).await;
    terminal.until("sw01#").await;
    terminal.ask("terminal length 0", "sw01#").await;
    terminal.ask("show clock", "sw01-stby#").await;

    let mut terminal = Terminal::open(address(&fleet, "eof"), 511).await;
    terminal.until("eof#").await;
    terminal.send("show license udi\r").await;
    assert!(!terminal.pause(Duration::from_millis(150)).await.ends_with("eof#"));

    let mut terminal = Terminal::open(address(&fleet, "large"), 511).await;
    terminal.until("large#").await;
    terminal.ask("terminal length 0", "large#").await;
    assert!(terminal.ask("show version", "large#").await.len() > 300_000);

    let mut terminal = Terminal::open(address(&fleet, "dirty"), 511).await;
    terminal.until("dirty#\x1b[0m").await;
    terminal.ask("terminal length 0", "dirty#\x1b[0m").await;
    let version = terminal.ask("show version", "dirty#\x1b[0m").await;
    assert!(version.contains("\x1b[32m") && version.contains('\u{fffd}'), "{version}");
    fleet.stop().await;
}

#[tokio::test]
async fn inside_the_session() {
    let fleet = start(vec![
        device("prompt").fault(Fault::HangAfterLogin),
        device("hang").fault(Fault::HangInOutput(2)),
        device("cut").fault(Fault::CutInOutput(1)),
        device("endless").fault(Fault::EndlessOutput(1)),
        device("drip").fault(Fault::SlowDrip { bytes: 8, every: Duration::from_millis(5) }),
        device("slow").delay(Duration::from_millis(200)),
    ])
    .await;
    let mut terminal = Terminal::open(address(&fleet, "prompt"), 511).await;
    assert_eq!(terminal.pause(Duration::from_millis(100)).await, "");

    let mut terminal = Terminal::open(address(&fleet, "hang"), 511).await;
    terminal.until("hang#").await;
    terminal.ask("terminal length 0", "hang#").await;
    terminal.ask("show clock", "hang#").await;
    terminal.send("show license all\r").await;
    let half = terminal.pause(Duration::from_millis(200)).await;
    assert!(half.contains("Smart Licensing Status") && !half.ends_with("hang#"), "{half}");

    let mut terminal = Terminal::open(address(&fleet, "cut"), 511).await;
    terminal.until("cut#").await;
    terminal.ask("terminal length 0", "cut#").await;
    terminal.send("show license all\r").await;
    let half = terminal.rest().await;
    assert!(half.contains("Smart Licensing Status") && !half.contains("Usage Report Summary"), "{half}");

    let mut terminal = Terminal::open(address(&fleet, "endless"), 511).await;
    terminal.until("endless#").await;
    terminal.send("show clock\r").await;
    // However slow the machine is: the amount counts, and the time is bounded.
    let (mut received, since) = (0, Instant::now());
    while received <= 100_000 && since.elapsed() < Duration::from_secs(20) {
        received += terminal.pause(Duration::from_millis(100)).await.len();
    }
    assert!(received > 100_000, "{received} bytes");

    let mut terminal = Terminal::open(address(&fleet, "drip"), 511).await;
    terminal.until("drip#").await;
    let begun = Instant::now();
    terminal.ask("show license udi", "drip#").await;
    assert!(begun.elapsed() > Duration::from_millis(40));

    let mut terminal = Terminal::open(address(&fleet, "slow"), 511).await;
    terminal.until("slow#").await;
    let begun = Instant::now();
    terminal.ask("show clock", "slow#").await;
    assert!(begun.elapsed() >= Duration::from_millis(200));
    fleet.stop().await;
}

#[tokio::test]
async fn stopping_ends_every_session() {
    let fleet = start(vec![device("sw01"), device("sw02").fault(Fault::HangAfterLogin)]).await;
    let mut one = Terminal::open(address(&fleet, "sw01"), 511).await;
    one.until("sw01#").await;
    let mut two = Terminal::open(address(&fleet, "sw02"), 511).await;
    assert_eq!(fleet.get("sw01").expect("a device").log().open_now, 1);
    fleet.stop().await;
    one.rest().await;
    two.rest().await;
}

#[tokio::test]
async fn host_keys_stay_until_the_hardware_is_replaced() {
    let before = start(vec![device("sw01"), device("sw02")]).await;
    let after = start(vec![device("sw01"), device("sw02").key_number(1)]).await;
    let key = |fleet: &Fleet, name: &str| fleet.get(name).expect("a device").host_key.clone();
    assert!(key(&before, "sw01").starts_with("ssh-ed25519 "));
    assert_eq!(key(&before, "sw01"), key(&after, "sw01"));
    assert_ne!(key(&before, "sw02"), key(&after, "sw02"));
    assert_ne!(key(&before, "sw01"), key(&before, "sw02"));
}

#[tokio::test]
async fn an_old_device_has_no_algorithm_for_a_new_client() {
    let fleet =
        start(vec![device("rsa").algorithms(Algorithms::Rsa), device("old").algorithms(Algorithms::Legacy)]).await;
    let mut terminal = Terminal::open(address(&fleet, "rsa"), 511).await;
    terminal.until("rsa#").await;
    assert!(fleet.get("old").expect("a device").host_key.starts_with("ssh-rsa "));
    assert!(connect(address(&fleet, "old")).await.is_err());
    let preferred = russh::Preferred {
        kex: vec![russh::kex::DH_G14_SHA1].into(),
        key: vec![russh::keys::Algorithm::Rsa { hash: None }].into(),
        cipher: vec![russh::cipher::AES_128_CBC].into(),
        mac: vec![russh::mac::HMAC_SHA1].into(),
        ..russh::Preferred::default()
    };
    let config = russh::client::Config { preferred, ..russh::client::Config::default() };
    let mut handle = connect_with(address(&fleet, "old"), config).await.expect("a connection");
    assert!(within(handle.authenticate_password("netaudit", "mock")).await.expect("an answer").success());
    fleet.stop().await;
}

#[tokio::test]
async fn a_jump_host_passes_connections_on() {
    let fleet = start(vec![device("jump").forwards(true), device("sw01")]).await;
    let target = address(&fleet, "sw01");
    let handle = crate::support::login(address(&fleet, "jump")).await;
    let channel =
        within(handle.channel_open_direct_tcpip(target.ip().to_string(), target.port().into(), "127.0.0.1", 0))
            .await
            .expect("a channel");
    let mut stream = channel.into_stream();
    let mut banner = [0; 18];
    within(stream.read_exact(&mut banner)).await.expect("a banner");
    assert_eq!(&banner, b"SSH-2.0-Cisco-1.25");
    let outside = within(handle.channel_open_direct_tcpip("192.0.2.1", 22, "127.0.0.1", 0)).await;
    assert!(outside.is_err());
    fleet.stop().await;
}

#[test]
fn a_fleet_without_asynchronous_tests() {
    let fleet = Fleet::start_blocking(vec![device("sw01")]).expect("a fleet");
    let csv = fleet.inventory_csv();
    let address = fleet.get("sw01").expect("a device").address;
    assert!(csv.starts_with("name,address,port,"), "{csv}");
    assert!(
        csv.contains(&format!("sw01,{},{},LON1,access,iosxe,smart,,direct,FOC25", address.ip(), address.port())),
        "{csv}"
    );
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    let mut banner = [0; 18];
    std::io::Read::read_exact(&mut stream, &mut banner).expect("a banner");
    assert_eq!(&banner, b"SSH-2.0-Cisco-1.25");
}
