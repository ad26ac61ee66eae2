//! The server's side of SSH's transport (RFC 4253), as far as a host needs it that sends what no SSH library would.
//!
//! One algorithm of each kind: curve25519-sha256, ssh-ed25519, chacha20-poly1305@openssh.com.

use std::io;

use ring::aead::chacha20_poly1305_openssh::{KEY_LEN, OpeningKey, SealingKey, TAG_LEN};
use ring::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wire::Wire;

const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;
const ECDH_INIT: u8 = 30;
const ECDH_REPLY: u8 = 31;

/// What the client may choose from, in the order of RFC 4253, 7.1.
pub(crate) type Offer = [&'static str; 10];

const OFFER: Offer = [
    "curve25519-sha256",
    "ssh-ed25519",
    "chacha20-poly1305@openssh.com",
    "chacha20-poly1305@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-256",
    "none",
    "none",
    "",
    "",
];

/// A connection whose packets are read and written one by one.
pub(crate) struct Transport {
    pub(crate) wire: Wire,
    seal: Option<SealingKey>,
    open: Option<OpeningKey>,
    sent: u32,
    received: u32,
}

impl Transport {
    /// Says who we are, and reads who the client is; answers with its identification.
    pub(crate) async fn greet(mut wire: Wire, banner: &str) -> io::Result<(Self, String)> {
        wire.write_all(banner.as_bytes()).await?;
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            line.push(wire.read_u8().await?);
        }
        let client = String::from_utf8_lossy(&line).trim_end().to_owned();
        Ok((Self { wire, seal: None, open: None, sent: 0, received: 0 }, client))
    }

    /// Exchanges keys; everything after it is encrypted.
    pub(crate) async fn exchange_keys(&mut self, client: &str, banner: &str, seed: &[u8; 32]) -> io::Result<()> {
        let ours = kexinit(&OFFER);
        self.send(&ours).await?;
        let theirs = self.receive().await?;
        let init = self.receive().await?;
        if theirs.first() != Some(&KEXINIT) || init.first() != Some(&ECDH_INIT) || init.len() != 37 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let client_point = &init[5..];
        let random = SystemRandom::new();
        let private = EphemeralPrivateKey::generate(&X25519, &random).map_err(failed)?;
        let point = private.compute_public_key().map_err(failed)?;
        let peer = UnparsedPublicKey::new(&X25519, client_point);
        let secret = agree_ephemeral(private, &peer, mpint).map_err(failed)?;
        let key = Ed25519KeyPair::from_seed_unchecked(seed).map_err(failed)?;
        let host_key = [string(b"ssh-ed25519"), string(key.public_key().as_ref())].concat();
        let hashed = [
            string(client.as_bytes()),
            string(banner.trim_end().as_bytes()),
            string(&theirs),
            string(&ours),
            string(&host_key),
            string(client_point),
            string(point.as_ref()),
            secret.clone(),
        ];
        let hash = digest(&SHA256, &hashed.concat());
        let signature = [string(b"ssh-ed25519"), string(key.sign(hash.as_ref()).as_ref())].concat();
        let reply = [vec![ECDH_REPLY], string(&host_key), string(point.as_ref()), string(&signature)].concat();
        self.send(&reply).await?;
        self.send(&[NEWKEYS]).await?;
        if self.receive().await?.first() != Some(&NEWKEYS) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.open = Some(OpeningKey::new(&derive(&secret, hash.as_ref(), b'C')));
        self.seal = Some(SealingKey::new(&derive(&secret, hash.as_ref(), b'D')));
        Ok(())
    }

    pub(crate) async fn send(&mut self, payload: &[u8]) -> io::Result<()> {
        let packet = self.packet(payload);
        self.wire.write_all(&packet).await
    }

    /// The next packet as it goes on the wire.
    pub(crate) fn packet(&mut self, payload: &[u8]) -> Vec<u8> {
        let number = self.sent;
        self.sent = self.sent.wrapping_add(1);
        let Some(seal) = &self.seal else { return framed(payload, 4) };
        // The length is encrypted on its own, and counts for no block.
        let mut packet = framed(payload, 0);
        let mut tag = [0; TAG_LEN];
        seal.seal_in_place(number, &mut packet, &mut tag);
        packet.extend(tag);
        packet
    }

    /// The payload of the next packet.
    pub(crate) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        let number = self.received;
        self.received = self.received.wrapping_add(1);
        let mut head = [0; 4];
        self.wire.read_exact(&mut head).await?;
        let length = self.open.as_ref().map_or(head, |open| open.decrypt_packet_length(number, head));
        let length = u32::from_be_bytes(length) as usize;
        if !(2..=35_000).contains(&length) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut packet = head.to_vec();
        packet.resize(4 + length, 0);
        self.wire.read_exact(&mut packet[4..]).await?;
        if let Some(open) = &self.open {
            let mut tag = [0; TAG_LEN];
            self.wire.read_exact(&mut tag).await?;
            open.open_in_place(number, &mut packet, &tag).map_err(failed)?;
        }
        let padding = usize::from(packet[4]);
        let end = packet.len().checked_sub(padding).filter(|end| *end >= 5).ok_or(io::ErrorKind::InvalidData)?;
        Ok(packet[5..end].to_vec())
    }
}

/// A KEXINIT with this offer.
pub(crate) fn kexinit(offer: &Offer) -> Vec<u8> {
    let mut payload = vec![KEXINIT];
    payload.extend([7; 16]);
    payload.extend(offer.iter().flat_map(|list| string(list.as_bytes())));
    // No guessed packet follows; four bytes are reserved.
    payload.extend([0; 5]);
    payload
}

/// A packet that is not encrypted: length, padding length, payload, padding. So many bytes of its head count for the blocks.
pub(crate) fn framed(payload: &[u8], head: usize) -> Vec<u8> {
    let mut padding = 8 - (payload.len() + 1 + head) % 8;
    if padding < 4 {
        padding += 8;
    }
    let mut packet = number(payload.len() + 1 + padding).to_vec();
    packet.push(u8::try_from(padding).unwrap_or_default());
    packet.extend(payload);
    packet.resize(packet.len() + padding, 0);
    packet
}

/// Bytes with their length before them.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    [&number(bytes.len()), bytes].concat()
}

fn number(value: usize) -> [u8; 4] {
    u32::try_from(value).unwrap_or(u32::MAX).to_be_bytes()
}

/// A positive number: no zeros in front, but one where the first bit is set.
fn mpint(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let digits = &bytes[start..];
    let sign: &[u8] = if digits.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    string(&[sign, digits].concat())
}

/// A key for one direction (RFC 4253, 7.2). The first exchange's hash is the session's id.
fn derive(secret: &[u8], hash: &[u8], letter: u8) -> [u8; KEY_LEN] {
    let first = digest(&SHA256, &[secret, hash, &[letter], hash].concat());
    let second = digest(&SHA256, &[secret, hash, first.as_ref()].concat());
    let mut key = [0; KEY_LEN];
    key[..32].copy_from_slice(first.as_ref());
    key[32..].copy_from_slice(second.as_ref());
    key
}

fn failed<E>(_: E) -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_whole_blocks() {
        for length in 0..40 {
            let payload = vec![1; length];
            for head in [0, 4] {
                let packet = framed(&payload, head);
                assert_eq!((packet.len() - 4 + head) % 8, 0);
                assert!(packet[4] >= 4);
                assert_eq!(u32::from_be_bytes(packet[..4].try_into().expect("four bytes")) as usize, packet.len() - 4);
            }
        }
    }

    #[test]
    fn numbers_are_positive_and_short() {
        assert_eq!(mpint(&[0, 0, 0x7f]), [0, 0, 0, 1, 0x7f]);
        assert_eq!(mpint(&[0x80]), [0, 0, 0, 2, 0, 0x80]);
    }
}
