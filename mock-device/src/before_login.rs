//! What goes wrong before anybody logs in: no banner, half of one, something else, or an end in the middle of the key exchange.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use crate::fault::Fault;
use crate::transport::{framed, kexinit};
use crate::wire::Wire;

/// A line of garbage, and what a dripping device says byte by byte.
const GARBAGE: &[u8] = b"220 mail.example.com ESMTP: this is no SSH server\r\n";
const WEB_SERVER: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nThis is no SSH server.\r\n";

/// Plays the fault of a connection; answers with the connection where there is none before the login. It is the connection of
/// this number.
pub(crate) async fn play(fault: Fault, banner: &str, number: usize, mut wire: Wire) -> Option<Wire> {
    match fault {
        Fault::CloseAtOnce => {}
        Fault::HangBeforeBanner => silence(&mut wire).await,
        Fault::HangInBanner => say(&mut wire, &banner.as_bytes()[..banner.len() / 2]).await,
        Fault::NoSsh => {
            let _ = wire.write_all(WEB_SERVER).await;
        }
        Fault::EndlessGarbage => while wire.write_all(GARBAGE).await.is_ok() {},
        Fault::DrippingGarbage(every) => drip(&mut wire, every).await,
        Fault::HangInKeyExchange => say(&mut wire, banner.as_bytes()).await,
        Fault::HangAfterAlgorithms => say(&mut wire, &[banner.as_bytes(), &algorithms()].concat()).await,
        Fault::CutInKeyExchange => {
            let _ = wire.write_all(&[banner.as_bytes(), &algorithms()].concat()).await;
            // What the client sends is read: unread bytes would turn the end into a reset.
            let _ = tokio::time::timeout(Duration::from_millis(40), silence(&mut wire)).await;
        }
        Fault::HalfClosed => {
            let _ = wire.write_all(banner.as_bytes()).await;
            let _ = wire.shutdown().await;
            silence(&mut wire).await;
        }
        Fault::CloseAfterBanner => close_after(&mut wire, banner).await,
        Fault::BusyAtFirst(count) if number <= count => close_after(&mut wire, banner).await,
        _ => return Some(wire),
    }
    None
}

async fn close_after(wire: &mut Wire, banner: &str) {
    let _ = wire.write_all(banner.as_bytes()).await;
}

/// Says this, and then nothing more.
async fn say(wire: &mut Wire, bytes: &[u8]) {
    let _ = wire.write_all(bytes).await;
    silence(wire).await;
}

/// Reads and says nothing until the client goes.
async fn silence(wire: &mut Wire) {
    let mut bytes = [0; 512];
    while matches!(wire.read(&mut bytes).await, Ok(1..)) {}
}

async fn drip(wire: &mut Wire, every: Duration) {
    for byte in GARBAGE.iter().cycle() {
        if wire.write_all(&[*byte]).await.is_err() {
            return;
        }
        sleep(every).await;
    }
}

/// A KEXINIT packet (RFC 4253, 6 and 7.1) that every client can agree with.
fn algorithms() -> Vec<u8> {
    let offer = [
        "curve25519-sha256,ecdh-sha2-nistp256,diffie-hellman-group14-sha256",
        "ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-256",
        "aes128-ctr,aes256-ctr",
        "aes128-ctr,aes256-ctr",
        "hmac-sha2-256",
        "hmac-sha2-256",
        "none",
        "none",
        "",
        "",
    ];
    framed(&kexinit(&offer), 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packet_is_whole() {
        let packet = algorithms();
        let length = u32::from_be_bytes(packet[..4].try_into().expect("four bytes")) as usize;
        assert_eq!((packet.len(), packet.len() % 8), (length + 4, 0));
        assert!(packet[4] >= 4 && packet[5] == 20);
    }
}
