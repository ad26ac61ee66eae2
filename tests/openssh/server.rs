//! OpenSSH's own programs on loopback: servers that play a device or a jump host, an agent, and the keys for both.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The passphrase of the keys that have one.
pub(crate) const PASSPHRASE: &str = "correct horse battery";
/// Longer than any of the programs needs to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);
const SSHD: &str = "/usr/sbin/sshd";

/// Why the tests cannot be run here.
pub(crate) fn missing() -> Option<&'static str> {
    let known = |program: &str| Path::new("/usr/bin").join(program).is_file();
    if !Path::new(SSHD).is_file() {
        return Some("no sshd: install openssh-server, .ci/setup does");
    }
    if !["ssh", "ssh-keygen", "ssh-agent", "ssh-add"].into_iter().all(known) {
        return Some("no ssh-keygen or ssh-agent: install openssh-client, .ci/setup does");
    }
    // Started by root it wants its empty directory, which the service of the system makes otherwise.
    if user() == "root" && fs::create_dir_all("/run/sshd").is_err() {
        return Some("sshd has no /run/sshd, and it cannot be made");
    }
    // Without the group of terminals on the mount, only root can give one away.
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    if user() != "root" && !mounts.lines().any(|line| line.contains(" devpts ") && line.contains("gid=")) {
        return Some("terminals are mounted without a group (devpts, gid=5): only root can run these tests here");
    }
    None
}

/// The account that runs the tests: sshd knows no other without root.
pub(crate) fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// The algorithms of one kind that this build of OpenSSH has.
pub(crate) fn has(kind: &str, name: &str) -> bool {
    let output = Command::new("/usr/bin/ssh").args(["-Q", kind]).output().expect("ssh -Q");
    String::from_utf8_lossy(&output.stdout).lines().any(|line| line == name)
}

/// Key files, made once: `ed25519`, `rsa`, `ecdsa`, each also as `-locked` with a passphrase; host keys beside them.
pub(crate) fn keys() -> &'static Path {
    static KEYS: OnceLock<TempDir> = OnceLock::new();
    KEYS.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        for kind in ["ed25519", "rsa", "ecdsa"] {
            for (name, phrase) in
                [(kind.to_owned(), ""), (format!("{kind}-locked"), PASSPHRASE), (format!("host-{kind}"), "")]
            {
                make_key(&folder.path().join(name), kind, phrase);
            }
        }
        make_key(&folder.path().join("other-ed25519"), "ed25519", "");
        folder
    })
    .path()
}

fn make_key(path: &Path, kind: &str, phrase: &str) {
    let made = Command::new("/usr/bin/ssh-keygen")
        .args(["-q", "-t", kind, "-N", phrase, "-C", "test", "-f"])
        .arg(path)
        .status()
        .expect("ssh-keygen");
    assert!(made.success(), "ssh-keygen -t {kind}");
}

/// A running sshd; it ends with this value.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
}

impl Server {
    /// With these lines in its configuration, before the usual ones: the first value of a keyword counts.
    pub(crate) fn start(lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let path = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("ios.sh", include_str!("ios.sh")),
            ("show_version.txt", include_str!("show_version.txt")),
            ("show_license_tech_support.txt", include_str!("../commands/show_license_tech_support/standalone.txt")),
        ] {
            fs::write(path(name), text).expect("written");
        }
        fs::set_permissions(path("ios.sh"), fs::Permissions::from_mode(0o755)).expect("executable");
        let mut authorized = String::new();
        for kind in ["ed25519", "rsa", "ecdsa", "ed25519-locked", "rsa-locked", "ecdsa-locked"] {
            authorized += &fs::read_to_string(keys().join(format!("{kind}.pub"))).expect("a public key");
        }
        fs::write(path("authorized_keys"), authorized).expect("written");
        let mut text = format!("{lines}\n");
        if !lines.contains("HostKey ") {
            for kind in ["ed25519", "ecdsa", "rsa"] {
                let _ = writeln!(text, "HostKey {}", host_key(kind).display());
            }
        }
        let _ = write!(
            text,
            "ListenAddress 127.0.0.1\nPort {port}\nPidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\nPrintMotd no\nMaxStartups 200\n\
             AuthorizedKeysFile {}\nForceCommand {}\nLogLevel VERBOSE\n",
            path("authorized_keys").display(),
            path("ios.sh").display()
        );
        fs::write(path("sshd_config"), text).expect("written");
        let child = Command::new(SSHD)
            .arg("-D")
            .args(["-f".as_ref(), path("sshd_config").as_os_str(), "-E".as_ref(), path("log").as_os_str()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sshd");
        let mut server = Self { child, folder, port };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().expect("its state");
            assert!(ended.is_none() && began.elapsed() < PATIENCE, "sshd did not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Lets the first session of the device hang at its first show command.
    pub(crate) fn hang_in_first_session(&self) {
        let hang = "[ -e \"$here/hung\" ] || case \"$line\" in show*) touch \"$here/hung\"; sleep 30 ;; esac\n";
        let script = include_str!("ios.sh").replacen("    case", &format!("    {hang}    case"), 1);
        fs::write(self.folder.path().join("ios.sh"), script).expect("written");
    }

    pub(crate) fn wait_for_the_hang(&self) {
        let began = Instant::now();
        while !self.folder.path().join("hung").exists() {
            assert!(began.elapsed() < PATIENCE, "no session hangs:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Logins that succeeded.
    pub(crate) fn logins(&self) -> usize {
        self.log().lines().filter(|line| line.starts_with("Accepted publickey ")).count()
    }

    /// Stops listening and ends every session, as a machine that goes down.
    pub(crate) fn end_sessions(&self) {
        let mut of_parent = std::collections::HashMap::<u32, Vec<u32>>::new();
        for entry in fs::read_dir("/proc").expect("/proc").flatten() {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse().ok());
            of_parent.entry(parent.unwrap_or_default()).or_default().push(id);
        }
        // Its descendants only.
        let mut ids = of_parent.get(&self.child.id()).cloned().unwrap_or_default();
        let mut at = 0;
        while at < ids.len() {
            ids.extend(of_parent.get(&ids[at]).cloned().unwrap_or_default());
            at += 1;
        }
        for id in ids {
            let _ = Command::new("kill").args(["-KILL", &id.to_string()]).stderr(Stdio::null()).status();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end_sessions();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A private host key.
pub(crate) fn host_key(kind: &str) -> PathBuf {
    keys().join(format!("host-{kind}"))
}

/// A running ssh-agent with keys; it ends with this value.
pub(crate) struct Agent {
    child: Child,
    folder: TempDir,
}

impl Agent {
    pub(crate) fn start(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("agent");
        let child = Command::new("/usr/bin/ssh-agent")
            .args(["-D".as_ref(), "-a".as_ref(), socket.as_os_str()])
            .stdout(Stdio::null())
            .spawn()
            .expect("ssh-agent");
        let agent = Self { child, folder };
        let began = Instant::now();
        // The socket is there a moment before somebody listens.
        while UnixStream::connect(&socket).is_err() {
            assert!(began.elapsed() < PATIENCE, "ssh-agent did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        for name in names {
            let added = Command::new("/usr/bin/ssh-add")
                .arg("-q")
                .arg(keys().join(name))
                .env("SSH_AUTH_SOCK", agent.socket())
                .stderr(Stdio::null())
                .status();
            assert!(added.expect("ssh-add").success(), "{name}");
        }
        agent
    }

    pub(crate) fn socket(&self) -> String {
        self.folder.path().join("agent").display().to_string()
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
