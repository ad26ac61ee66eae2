//! The binary against OpenSSH's own server and agent: what a mock device in Rust cannot show.
//!
//! Each test starts what it needs on 127.0.0.1 and stops it. Where there is no sshd, every test is reported as ignored.

#[path = "openssh/client.rs"]
mod client;
#[path = "openssh/server.rs"]
mod server;

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use client::Client;
use libtest_mimic::Trial;
use server::{Agent, PASSPHRASE, Server, has, host_key};

use crate::trial::{Obstacle, trial};

type Test = fn();

pub(crate) fn trials() -> Vec<Trial> {
    let missing = server::missing();
    let no_old = || {
        let old = [("kex", "diffie-hellman-group1-sha1"), ("cipher", "3des-cbc"), ("HostKeyAlgorithms", "ssh-rsa")];
        old.into_iter().find(|(kind, name)| !has(kind, name)).map(|_| "this OpenSSH has no group1-sha1 or 3des-cbc")
    };
    let tests: &[(&str, Test, bool)] = &[
        ("modern algorithms of every kind", modern, false),
        ("compat reaches what IOS 15 offers", compat, false),
        ("legacy reaches what IOS 12 offers", legacy, true),
        ("a mismatch prints ours, theirs and the profile that works", mismatch, true),
        ("key files of every type, with and without passphrase", key_files, false),
        ("a wrong or missing passphrase is told, and nothing is sent", passphrases, false),
        ("the passphrase of a key reaches no output and no file", passphrase_is_kept, false),
        ("the agent's keys of every type", agent, false),
        ("an agent whose third key fits", agent_order, false),
        ("one jump host", one_jump, false),
        ("two jump hosts", two_jumps, false),
        ("forty-two devices cost a jump host two logins at most", shared_jump, false),
        ("a jump host that forbids forwarding", forbidden, false),
        ("a jump host whose key has changed", changed_key, false),
        ("a jump host that goes down in the middle", lost_jump, false),
        ("a jump host that is there again for the second try", jump_comes_back, false),
        ("hosts, accounts, keys and jump hosts of ~/.ssh/config", ssh_config, false),
        ("a locked key of ~/.ssh/config that the agent holds", locked_in_agent, false),
        ("a black hole behind a jump host holds nobody up", black_hole, false),
    ];
    let trials = tests.iter().map(|(name, test, old)| {
        let why = missing.or_else(|| if *old { no_old() } else { None });
        let test = *test;
        trial(name, why.map(Obstacle::missing), move || {
            test();
            Ok(())
        })
    });
    trials.collect()
}

const GROUP14: &str =
    "KexAlgorithms diffie-hellman-group14-sha1\nCiphers aes128-cbc\nHostKeyAlgorithms ssh-rsa\nMACs hmac-sha1";
const GROUP1: &str =
    "KexAlgorithms diffie-hellman-group1-sha1\nCiphers 3des-cbc\nHostKeyAlgorithms ssh-rsa\nMACs hmac-sha1";

fn modern() {
    let offers = [
        ("curve25519-sha256", "chacha20-poly1305@openssh.com", "ssh-ed25519", "hmac-sha2-512-etm@openssh.com"),
        ("ecdh-sha2-nistp256", "aes128-gcm@openssh.com", "ecdsa-sha2-nistp256", "hmac-sha2-256"),
        ("diffie-hellman-group16-sha512", "aes256-ctr", "rsa-sha2-512", "hmac-sha2-256-etm@openssh.com"),
        ("diffie-hellman-group-exchange-sha256", "aes192-ctr", "rsa-sha2-256", "hmac-sha2-512"),
    ];
    for (kex, cipher, key, mac) in offers {
        let lines = format!("KexAlgorithms {kex}\nCiphers {cipher}\nHostKeyAlgorithms {key}\nMACs {mac}");
        let server = Server::start(&lines);
        let run = Client::new().device("sw01", server.port, "modern", "").key("ed25519").audit();
        let row = run.expect("sw01", "audited");
        assert_eq!((row["ssh_kex"].as_str(), row["hostname_seen"].as_str()), (kex, "sw01"));
        assert_eq!(row["auth_method"], "publickey");
    }
}

fn compat() {
    let server = Server::start(GROUP14);
    let run = Client::new().device("sw01", server.port, "compat", "").key("ed25519").audit();
    assert_eq!(run.expect("sw01", "audited")["ssh_kex"], "diffie-hellman-group14-sha1");
}

fn legacy() {
    let server = Server::start(GROUP1);
    let run = Client::new().device("sw01", server.port, "legacy", "").key("ed25519").audit();
    assert_eq!(run.expect("sw01", "audited")["ssh_kex"], "diffie-hellman-group1-sha1");
}

fn mismatch() {
    let (fourteen, one) = (Server::start(GROUP14), Server::start(GROUP1));
    let jump = Server::start("");
    let run = Client::new()
        .device("a", fourteen.port, "modern", "")
        .device("b", one.port, "compat", "")
        .device("c", one.port, "modern", &format!("127.0.0.1:{}", jump.port))
        .key("ed25519")
        .audit();
    for (device, theirs, profile) in [
        ("a", "theirs diffie-hellman-group14-sha1", "`compat`"),
        ("b", "theirs diffie-hellman-group1-sha1", "`legacy`"),
        ("c", "theirs diffie-hellman-group1-sha1", "`legacy`"),
    ] {
        let detail = &run.expect(device, "no_common_algorithm")["status_detail"];
        assert!(detail.contains("ours curve25519-sha256") && detail.contains(theirs), "{detail}");
        assert!(detail.contains(profile), "{detail}");
    }
}

fn key_files() {
    let server = Server::start("");
    for kind in ["ed25519", "rsa", "ecdsa"] {
        let run = Client::new().device("sw01", server.port, "modern", "").key(kind).audit();
        assert_eq!(run.expect("sw01", "audited")["auth_method"], "publickey", "{kind}");
        let locked = Client::new().device("sw01", server.port, "modern", "").key(&format!("{kind}-locked"));
        let run = locked.environment("SLAUDIT_PASSPHRASE", PASSPHRASE).audit();
        assert_eq!(run.expect("sw01", "audited")["auth_method"], "publickey", "{kind} with a passphrase");
    }
}

fn passphrases() {
    let server = Server::start("");
    for kind in ["ed25519", "rsa", "ecdsa"] {
        for phrase in ["wrong", ""] {
            let mut client = Client::new().device("sw01", server.port, "modern", "").key(&format!("{kind}-locked"));
            if !phrase.is_empty() {
                client = client.environment("SLAUDIT_PASSPHRASE", phrase);
            }
            let run = client.audit();
            let detail = &run.expect("sw01", "auth_failed")["status_detail"];
            assert!(detail.contains("passphrase"), "{kind}, `{phrase}`: {detail}");
            assert!(detail.contains(&format!("{kind}-locked")), "{detail}");
        }
    }
    assert_eq!(server.logins(), 0);
}

fn passphrase_is_kept() {
    let server = Server::start("");
    for phrase in [PASSPHRASE, "another horse, another battery"] {
        let client = Client::new().device("sw01", server.port, "modern", "").key("ed25519-locked").option("-vvv");
        let client = client.environment("SLAUDIT_PASSPHRASE", phrase).environment("RUST_BACKTRACE", "full");
        let run = client.audit();
        run.expect("sw01", if phrase == PASSPHRASE { "audited" } else { "auth_failed" });
        assert!(!run.said.contains(phrase), "{}", run.said);
        assert_eq!(client.file_with(phrase), None);
        assert!(client.file_with("sw01").is_some(), "the files were read");
    }
}

fn agent() {
    let server = Server::start("");
    for kind in ["ed25519", "rsa", "ecdsa"] {
        let agent = Agent::start(&[kind]);
        let client = Client::new().device("sw01", server.port, "modern", "");
        let run = client.environment("SSH_AUTH_SOCK", &agent.socket()).audit();
        assert_eq!(run.expect("sw01", "audited")["auth_method"], "agent", "{kind}");
    }
}

fn agent_order() {
    let server = Server::start("");
    let agent = Agent::start(&["other-ed25519", "host-ecdsa", "rsa"]);
    let client = Client::new().device("sw01", server.port, "compat", "");
    let run = client.environment("SSH_AUTH_SOCK", &agent.socket()).audit();
    assert_eq!(run.expect("sw01", "audited")["auth_method"], "agent");
}

fn one_jump() {
    let (jump, device) = (Server::start(""), Server::start(""));
    let hop = format!("127.0.0.1:{}", jump.port);
    let run = Client::new().device("sw01", device.port, "", &hop).key("ed25519").audit();
    assert_eq!(run.expect("sw01", "audited")["path"], format!("{hop} > 127.0.0.1"));
    assert_eq!((jump.logins(), device.logins()), (1, 1));
}

fn two_jumps() {
    let servers = [Server::start(""), Server::start(GROUP14), Server::start("")];
    let hops = format!("127.0.0.1:{} > {}@127.0.0.1:{}", servers[0].port, server::user(), servers[1].port);
    let run = Client::new().device("sw01", servers[2].port, "", &hops).key("rsa").audit();
    run.expect("sw01", "audited");
    assert_eq!(servers.each_ref().map(Server::logins), [1, 1, 1]);
}

fn shared_jump() {
    let jump = Server::start("MaxStartups 2\nMaxSessions 1");
    // Fifteen addresses at most: sshd listens on sixteen.
    let addresses: Vec<String> = (1..=14).map(|number| format!("127.0.9.{number}")).collect();
    let listen: String = addresses.iter().fold(String::new(), |text, address| text + "ListenAddress " + address + "\n");
    let devices = [Server::start(&listen), Server::start(&listen), Server::start(&listen)];
    let mut client = Client::new().key("ed25519").option("--connect-timeout=60");
    let mut names = Vec::new();
    for device in &devices {
        for address in &addresses {
            let name = format!("{address}-{}", device.port);
            client = client.row(&format!("{name},{address},{},,127.0.0.1:{},iosxe", device.port, jump.port));
            names.push(name);
        }
    }
    let run = client.audit();
    for name in &names {
        run.expect(name, "audited");
    }
    assert!(jump.logins() <= 2, "{} logins for {} devices", jump.logins(), names.len());
}

fn forbidden() {
    let (jump, device) = (Server::start("AllowTcpForwarding no"), Server::start(""));
    let hop = format!("127.0.0.1:{}", jump.port);
    let run = Client::new().device("sw01", device.port, "", &hop).key("ed25519").audit();
    let detail = &run.expect("sw01", "unreachable")["status_detail"];
    assert!(detail.contains("AllowTcpForwarding") && detail.contains(&hop), "{detail}");
}

fn changed_key() {
    let (jump, device) = (Server::start(""), Server::start(""));
    let hop = format!("127.0.0.1:{}", jump.port);
    let other = std::fs::read_to_string(server::keys().join("other-ed25519.pub")).expect("a key");
    let known = format!("[127.0.0.1]:{} {other}", jump.port);
    let client = Client::new().device("sw01", device.port, "", &hop).key("ed25519").file("known_hosts", &known);
    let run = client.audit();
    let detail = &run.expect("sw01", "host_key_changed")["status_detail"];
    assert!(detail.contains(&format!("jump host `{hop}`")), "{detail}");
    assert_eq!((run.exit, jump.logins(), device.logins()), (3, 0, 0));
    assert!(host_key("ed25519").is_file());
}

/// A device that stops answering in its first session; `retries` decide whether it gets a second.
fn lose_the_jump_host(retries: &str) -> (client::Run, Server, String) {
    let (jump, device) = (Server::start(""), Server::start(""));
    device.hang_in_first_session();
    let hop = format!("127.0.0.1:{}", jump.port);
    let client = Client::new().device("sw01", device.port, "", &hop).key("ed25519").option(retries);
    let run = std::thread::scope(|scope| {
        let running = scope.spawn(|| client.audit());
        device.wait_for_the_hang();
        jump.end_sessions();
        running.join().expect("a run")
    });
    (run, jump, hop)
}

fn lost_jump() {
    let (run, _, hop) = lose_the_jump_host("--retries=0");
    let detail = &run.expect("sw01", "partial")["status_detail"];
    assert!(detail.contains(&format!("jump host `{hop}`: its session ended")), "{detail}");
}

fn jump_comes_back() {
    let (run, jump, _) = lose_the_jump_host("--retries=1");
    assert_eq!(run.expect("sw01", "audited")["attempts"], "2");
    assert_eq!(jump.logins(), 2);
}

fn ssh_config() {
    let (jump, device) = (Server::start(""), Server::start(""));
    let (user, keys) = (server::user(), server::keys().display());
    let text = format!(
        "Host sw*\n  HostName 127.0.0.1\n  Port {}\n  ProxyJump gate\n  IdentityFile {keys}/none\n  IdentityFile {keys}/ecdsa\n\
         Host gate\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile {keys}/rsa\n  ServerAliveInterval 9\n\
         Host *\n  User {user}\n",
        device.port, jump.port
    );
    let client = Client::new().row("sw01,,,,,iosxe").file(".ssh/config", &text);
    let plan = client.plan();
    assert!(plan.contains(&format!("{user}@gate")) && plan.contains("serveraliveinterval"), "{plan}");
    assert!(plan.contains(&format!("127.0.0.1:{}", device.port)) && plan.contains(&user), "{plan}");
    let run = client.audit();
    let row = run.expect("sw01", "audited");
    assert_eq!((row["path"].as_str(), row["auth_method"].as_str()), ("gate > 127.0.0.1", "publickey"));
    assert!(run.said.contains("warning: not used of the SSH configuration"), "{}", run.said);
    assert_eq!((jump.logins(), device.logins()), (1, 1));
    let run = Client::new().row("sw01,,,,,iosxe").file(".ssh/config", &text).option("--ssh-config=none").audit();
    assert_eq!(run.exit, 2, "without it nobody is named to log in: {}", run.said);
}

fn locked_in_agent() {
    let server = Server::start("");
    let agent = Agent::start(&["ed25519"]);
    let text = format!("Host *\n  User {}\n  IdentityFile {}/rsa-locked\n", server::user(), server::keys().display());
    let client = Client::new().device("sw01", server.port, "", "").file(".ssh/config", &text);
    let run = client.environment("SSH_AUTH_SOCK", &agent.socket()).audit();
    assert_eq!(run.expect("sw01", "audited")["auth_method"], "agent");
    let run = Client::new().device("sw01", server.port, "", "").file(".ssh/config", &text).audit();
    let detail = &run.expect("sw01", "auth_failed")["status_detail"];
    assert!(detail.contains("passphrase") && detail.contains("rsa-locked"), "{detail}");
}

fn black_hole() {
    // A listener whose queue is full answers no SYN.
    let hole = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    hole.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("an address");
    hole.listen(0).expect("a listener");
    let at = hole.local_addr().expect("an address").as_socket().expect("an address");
    let _full: Vec<_> =
        (0..3).filter_map(|_| TcpStream::connect_timeout(&at, Duration::from_millis(200)).ok()).collect();
    let (jump, device) = (Server::start(""), Server::start("ListenAddress 127.0.9.1\nListenAddress 127.0.9.2"));
    let hop = format!("127.0.0.1:{}", jump.port);
    let client = Client::new()
        .device("hole", at.port(), "", &hop)
        .row(&format!("a,127.0.9.1,{},,{hop},iosxe", device.port))
        .row(&format!("b,127.0.9.2,{},,{hop},iosxe", device.port))
        .key("ed25519")
        .option("--connect-timeout=8")
        .option("--retries=0");
    let run = client.audit();
    let detail = &run.expect("hole", "timeout")["status_detail"];
    assert!(detail.contains(&hop) && detail.contains("in time"), "{detail}");
    for device in ["a", "b"] {
        let took: u64 = run.expect(device, "audited")["duration_ms"].parse().expect("a number");
        assert!(took < 7000, "{device} took {took} ms");
    }
}
