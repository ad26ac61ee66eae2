//! A host that sends one kind of SSH packet without end, as fast as the client takes them.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::transport::{Transport, string};
use crate::wire::Wire;

/// Which packets come without end, and from when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flood {
    /// The message number, as in RFC 4250, 4.1: 2 is IGNORE, 94 is CHANNEL_DATA.
    pub packet: u8,
    /// From when on.
    pub at: FloodAt,
}

/// When a flood begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FloodAt {
    /// After the identification.
    BeforeKeyExchange,
    /// After the key exchange, when the client asks for a login.
    BeforeLogin,
    /// After the login.
    AfterLogin,
    /// In the reply to the first show command.
    InReply,
}

const SERVICE_REQUEST: u8 = 5;
const SERVICE_ACCEPT: u8 = 6;
const AUTH_REQUEST: u8 = 50;
const AUTH_FAILURE: u8 = 51;
const AUTH_SUCCESS: u8 = 52;
const OPEN: u8 = 90;
const OPEN_CONFIRMATION: u8 = 91;
const DATA: u8 = 94;
const REQUEST: u8 = 98;
const SUCCESS: u8 = 99;

const PROMPT: &[u8] = b"flood#";
/// Packets that are sent in one write.
const AT_ONCE: usize = 256;

/// Plays a host that floods, until the client goes. Every password is accepted.
pub(crate) async fn play(flood: Flood, banner: &str, seed: &[u8; 32], wire: Wire) -> io::Result<()> {
    let (mut transport, client) = Transport::greet(wire, banner).await?;
    if flood.at == FloodAt::BeforeKeyExchange {
        return pour(flood.packet, transport).await;
    }
    transport.exchange_keys(&client, banner, seed).await?;
    loop {
        let packet = transport.receive().await?;
        match packet.first().copied() {
            Some(SERVICE_REQUEST) => {
                transport.send(&[vec![SERVICE_ACCEPT], string(b"ssh-userauth")].concat()).await?;
            }
            Some(AUTH_REQUEST) if flood.at == FloodAt::BeforeLogin => return pour(flood.packet, transport).await,
            Some(AUTH_REQUEST) => {
                let method = strings(&packet[1..]).nth(2).unwrap_or_default();
                if method != b"password" {
                    let offer = [vec![AUTH_FAILURE], string(b"password"), vec![0]].concat();
                    transport.send(&offer).await?;
                    continue;
                }
                transport.send(&[AUTH_SUCCESS]).await?;
                if flood.at == FloodAt::AfterLogin {
                    return pour(flood.packet, transport).await;
                }
            }
            Some(OPEN) => {
                // Channel 0 on both sides, a window of 2 MiB, packets of 32 KiB.
                let confirmation = [&[OPEN_CONFIRMATION][..], &[0; 8], &[0, 0x20, 0, 0], &[0, 0, 0x80, 0]].concat();
                transport.send(&confirmation).await?;
            }
            Some(REQUEST) => {
                transport.send(&[SUCCESS, 0, 0, 0, 0]).await?;
                if strings(&packet[5..]).next() == Some(b"shell") {
                    transport.send(&data(PROMPT)).await?;
                }
            }
            Some(DATA) => {
                let line = strings(&packet[5..]).next().unwrap_or_default().trim_ascii_end();
                if line.starts_with(b"show") {
                    transport.send(&data(line)).await?;
                    return pour(flood.packet, transport).await;
                }
                transport.send(&data(&[line, b"\r\n", PROMPT].concat())).await?;
            }
            _ => {}
        }
    }
}

/// Sends packets of this kind without end; what the client says is read and forgotten.
async fn pour(packet: u8, mut transport: Transport) -> io::Result<()> {
    let payload = payload(packet);
    let mut answer = [0; 4096];
    loop {
        let packets: Vec<u8> = (0..AT_ONCE).flat_map(|_| transport.packet(&payload)).collect();
        let mut rest = &packets[..];
        while !rest.is_empty() {
            let (mut reader, mut writer) = tokio::io::split(&mut transport.wire);
            tokio::select! {
                written = writer.write(rest) => match written? {
                    0 => return Ok(()),
                    written => rest = &rest[written..],
                },
                read = reader.read(&mut answer) => if read? == 0 { return Ok(()) },
            }
        }
    }
}

/// A short packet of this kind: many of them cost the reader more than a few long ones.
fn payload(packet: u8) -> Vec<u8> {
    let rest = match packet {
        // IGNORE: data.
        2 => string(b"nothing"),
        // UNIMPLEMENTED: the number of a packet. USERAUTH_INFO_RESPONSE: how many answers.
        3 | 61 => vec![0; 4],
        // DEBUG: whether to show it, text, language.
        4 => [vec![0], string(b"nothing"), string(b"")].concat(),
        // USERAUTH_BANNER: text, language.
        53 => [string(b"nothing\r\n"), string(b"")].concat(),
        // GLOBAL_REQUEST: its name, and that an answer is wanted.
        80 => [string(b"nothing@example.com"), vec![1]].concat(),
        DATA => data(b"nothing")[1..].to_vec(),
        _ => Vec::new(),
    };
    [vec![packet], rest].concat()
}

/// Data on channel 0.
fn data(bytes: &[u8]) -> Vec<u8> {
    [vec![DATA, 0, 0, 0, 0], string(bytes)].concat()
}

/// The strings of a packet, one after another.
fn strings(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, tail) = rest.split_first_chunk::<4>()?;
        let (text, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = tail;
        Some(text)
    })
}
