//! Which SSH algorithms a device may be offered, as data; and what a device offers, read from its KEXINIT when nothing fits.
//!
//! The build must hold all of them: `.cargo/config.toml` has the defines, a test below asks libssh2.

use std::fmt;

use ssh2::MethodType;

use crate::inventory::SshProfile;

/// The algorithms of one profile, best first: elliptic curves before groups, because group14 costs a device six times as much.
pub(super) struct Offer {
    pub(super) kex: &'static [&'static str],
    pub(super) host_key: &'static [&'static str],
    pub(super) cipher: &'static [&'static str],
    pub(super) mac: &'static [&'static str],
}

const MODERN: Offer = Offer {
    kex: &[
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521",
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512",
        "diffie-hellman-group14-sha256",
    ],
    host_key: &[
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "rsa-sha2-512",
        "rsa-sha2-256",
    ],
    cipher: &[
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
    ],
    mac: &["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
};

/// What IOS 15 and IOS XE 16 have besides: SHA-1 with group 14, RSA host keys signed with SHA-1, CBC of AES.
const COMPAT_ADDS: Offer = Offer {
    kex: &["diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1"],
    host_key: &["ssh-rsa"],
    cipher: &["aes128-cbc", "aes192-cbc", "aes256-cbc"],
    mac: &["hmac-sha1-etm@openssh.com", "hmac-sha1"],
};

/// What only IOS 12 and early 15 need.
const LEGACY_ADDS: Offer = Offer {
    kex: &["diffie-hellman-group1-sha1"],
    host_key: &["ssh-dss"],
    cipher: &["3des-cbc"],
    mac: &["hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
};

/// Picks one kind of algorithm from an offer.
type Part = fn(&Offer) -> &'static [&'static str];

/// The kinds of algorithms that both sides must agree on, in the order of a KEXINIT.
const KINDS: [(&str, Part); 4] = [
    ("key exchange", |offer| offer.kex),
    ("host key", |offer| offer.host_key),
    ("cipher", |offer| offer.cipher),
    ("MAC", |offer| offer.mac),
];

fn offers(profile: SshProfile) -> &'static [Offer] {
    const ALL: [Offer; 3] = [MODERN, COMPAT_ADDS, LEGACY_ADDS];
    match profile {
        SshProfile::Modern => &ALL[..1],
        SshProfile::Compat => &ALL[..2],
        SshProfile::Legacy => &ALL,
    }
}

fn list(profile: SshProfile, part: Part) -> Vec<&'static str> {
    offers(profile).iter().flat_map(|offer| part(offer).iter().copied()).collect()
}

/// Restricts a session to a profile. Host keys of the types in `known` come first: a server with several keys then shows the
/// one that can be compared.
pub(super) fn restrict(ssh: &ssh2::Session, profile: SshProfile, known: &[String]) -> Result<(), ssh2::Error> {
    let mut host_keys = list(profile, |offer| offer.host_key);
    host_keys.sort_by_key(|name| !known.iter().any(|kind| key_type_of(name) == kind));
    let (ciphers, macs) = (list(profile, |offer| offer.cipher), list(profile, |offer| offer.mac));
    let both_ways = [
        (MethodType::Kex, list(profile, |offer| offer.kex)),
        (MethodType::HostKey, host_keys),
        (MethodType::CryptCs, ciphers.clone()),
        (MethodType::CryptSc, ciphers),
        (MethodType::MacCs, macs.clone()),
        (MethodType::MacSc, macs),
    ];
    for (kind, names) in both_ways {
        ssh.method_pref(kind, &names.join(","))?;
    }
    Ok(())
}

/// The type of key in known_hosts that a signature algorithm uses: the rsa-sha2 algorithms sign with `ssh-rsa` keys.
fn key_type_of(algorithm: &str) -> &str {
    if algorithm.starts_with("rsa-sha2-") { "ssh-rsa" } else { algorithm }
}

/// The algorithms of a profile, for `slaudit plan`: kinds and names.
pub fn describe(profile: SshProfile) -> Vec<(&'static str, Vec<&'static str>)> {
    KINDS.iter().map(|(kind, part)| (*kind, list(profile, *part))).collect()
}

/// Why two sides find no common algorithm, and the profile that would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    kind: &'static str,
    ours: Vec<&'static str>,
    theirs: Vec<String>,
    /// The mildest profile that fits, if any does.
    pub fitting: Option<SshProfile>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Theirs first: old devices offer little, and tables cut long texts.
        write!(f, "no common {}: theirs {}; ours {}", self.kind, self.theirs.join(","), self.ours.join(","))
    }
}

/// Compares a server's offer with a profile; `None` where everything fits.
pub(super) fn compare(server: &[Vec<String>], profile: SshProfile) -> Option<Mismatch> {
    let lacks = |profile: SshProfile| {
        KINDS
            .iter()
            .zip(server)
            .find(|((_, part), theirs)| !list(profile, *part).iter().any(|ours| theirs.iter().any(|name| name == ours)))
    };
    let ((kind, part), theirs) = lacks(profile)?;
    let fitting = SshProfile::ALL.iter().copied().find(|profile| lacks(*profile).is_none());
    Some(Mismatch { kind, ours: list(profile, *part), theirs: theirs.clone(), fitting })
}

/// Reads the name lists of a KEXINIT packet (RFC 4253, 7.1): key exchange, host key, cipher and MAC of the server's direction.
/// `bytes` begin after the identification line.
pub(super) fn read_kexinit(bytes: &[u8]) -> Option<Vec<Vec<String>>> {
    const KEXINIT: u8 = 20;
    // length (4), padding length (1), message (1), cookie (16)
    if *bytes.get(5)? != KEXINIT {
        return None;
    }
    let mut rest = bytes.get(22..)?;
    let mut lists = Vec::new();
    for _ in 0..6 {
        let (length, tail) = rest.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*length) as usize;
        let names = std::str::from_utf8(tail.get(..length)?).ok()?;
        lists.push(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>());
        rest = tail.get(length..)?;
    }
    // kex, host key, cipher c2s, cipher s2c, mac c2s, mac s2c
    lists.remove(5);
    lists.remove(3);
    Some(lists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_holds_every_algorithm_of_every_profile() {
        let ssh = ssh2::Session::new().expect("a session");
        let kinds = [MethodType::Kex, MethodType::HostKey, MethodType::CryptCs, MethodType::MacCs];
        for (kind, (name, names)) in kinds.into_iter().zip(describe(SshProfile::Legacy)) {
            let built = ssh.supported_algs(kind).expect("a list");
            let missing: Vec<_> = names.iter().filter(|name| !built.contains(name)).collect();
            assert!(missing.is_empty(), "{name}: libssh2 was built without {missing:?}; see .cargo/config.toml");
        }
    }

    #[test]
    fn modern_offers_no_sha1_and_no_cbc() {
        for (_, names) in describe(SshProfile::Modern) {
            assert!(!names.iter().any(|n| n.ends_with("sha1") || n.ends_with("-cbc") || *n == "ssh-rsa"), "{names:?}");
        }
    }

    #[test]
    fn a_mismatch_names_both_sides_and_the_profile_that_fits() {
        let names = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let old = [names("diffie-hellman-group1-sha1"), names("ssh-rsa"), names("3des-cbc"), names("hmac-sha1")];
        let mismatch = compare(&old, SshProfile::Compat).expect("a mismatch");
        assert_eq!(mismatch.fitting, Some(SshProfile::Legacy));
        assert!(mismatch.to_string().contains("theirs diffie-hellman-group1-sha1; ours curve25519"), "{mismatch}");
        assert_eq!(compare(&old, SshProfile::Legacy), None);
    }

    #[test]
    fn a_kexinit_is_read_and_garbage_is_not() {
        let mut packet = vec![0, 0, 0, 0, 0, 20];
        packet.extend([0; 16]);
        for list in ["kex-a,kex-b", "key", "cs", "sc", "mac-cs", "mac-sc"] {
            packet.extend(u32::try_from(list.len()).expect("short").to_be_bytes());
            packet.extend(list.as_bytes());
        }
        let lists = read_kexinit(&packet).expect("lists");
        assert_eq!(lists, [vec!["kex-a", "kex-b"], vec!["key"], vec!["cs"], vec!["mac-cs"]]);
        assert_eq!(read_kexinit(&packet[..40]), None);
        assert_eq!(read_kexinit(b"HTTP/1.1 400 Bad Request\r\n"), None);
    }
}
