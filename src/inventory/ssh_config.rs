//! What `~/.ssh/config` says about hosts: Host, HostName, User, Port, IdentityFile, ProxyJump, Include.
//!
//! ```text
//! Host core-*
//!     HostName %h.example.com
//!     ProxyJump ops@bastion
//! ```
//!
//! As in OpenSSH the first value counts. What stands under `Match` is not used, because its conditions may run programs; it and
//! every other keyword is told, for the hosts that it applies to. Of the crates that read this format ssh2-config 0.9 was read: it
//! takes what stands under `Match` for a part of the host before it, and refuses a file for a value that slaudit has no use for.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Target;
use super::target::parse_port;

/// Files included by files, as deep as OpenSSH follows.
const DEPTH: usize = 16;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SshConfigError {
    /// A file that cannot be read.
    #[error("{}: cannot be read: {source}; name another with --ssh-config, or none", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line that makes no sense.
    #[error("{}: line {line}: {what}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong, and what to write.
        what: String,
    },
    /// Jump hosts behind one another in a circle.
    #[error(
        "ssh config: the ProxyJump of `{0}` leads in a circle; correct it, or give the jump hosts in the inventory"
    )]
    Circle(String),
}

/// The lines of a configuration that say something about hosts.
#[derive(Debug, Default)]
pub struct SshConfig {
    settings: Vec<Setting>,
}

/// What a configuration says about one host; empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostSettings {
    /// The host to connect to instead.
    pub host_name: Option<String>,
    /// The account.
    pub user: Option<String>,
    /// The TCP port.
    pub port: Option<u16>,
    /// The first key file that exists.
    pub identity: Option<PathBuf>,
    /// Jump hosts, nearest to here first.
    pub jump: Vec<String>,
}

#[derive(Debug)]
struct Setting {
    /// Every list must match: that of the `Host` line, and those of the files that include it.
    scope: Scope,
    keyword: String,
    value: String,
    path: Rc<Path>,
    line: usize,
}

type Scope = Vec<Rc<Vec<String>>>;

impl SshConfig {
    /// Reads a configuration with all it includes. `home` is where `~` and relative names of included files lead to.
    ///
    /// # Errors
    /// Where a file is there and cannot be read.
    pub fn load(path: &Path, home: &Path) -> Result<Self, SshConfigError> {
        let mut config = Self::default();
        config.add_file(path, home, &Vec::new(), 0)?;
        Ok(config)
    }

    fn add_file(&mut self, path: &Path, home: &Path, outer: &Scope, depth: usize) -> Result<(), SshConfigError> {
        let bytes = fs::read(path).map_err(|source| SshConfigError::Unreadable { path: path.to_owned(), source })?;
        let text = String::from_utf8_lossy(&bytes);
        let shared: Rc<Path> = path.into();
        // `None` under `Match`.
        let mut scope = Some(outer.clone());
        for (number, line) in (1..).zip(text.lines()) {
            let Some((keyword, value)) = split(line) else { continue };
            match (keyword.as_str(), &scope) {
                ("host", _) => {
                    let patterns = words(&value).iter().map(|pattern| pattern.to_lowercase()).collect();
                    scope = Some(outer.iter().cloned().chain([Rc::new(patterns)]).collect());
                }
                ("match", _) => {
                    let all = Setting { scope: outer.clone(), keyword, value, path: Rc::clone(&shared), line: number };
                    self.settings.push(all);
                    scope = None;
                }
                ("include", Some(inner)) if depth < DEPTH => {
                    for pattern in words(&value) {
                        for file in included(&pattern, home) {
                            self.add_file(&file, home, inner, depth + 1)?;
                        }
                    }
                }
                (_, Some(inner)) => {
                    let value = if keyword == "identityfile" { expand(&value, home) } else { value };
                    let scope = inner.clone();
                    self.settings.push(Setting { scope, keyword, value, path: Rc::clone(&shared), line: number });
                }
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// What is said about a host; the keywords that are not used are added to `ignored`.
    ///
    /// # Errors
    /// For a port or a jump host that is none.
    pub fn of(&self, host: &str, ignored: &mut BTreeSet<String>) -> Result<HostSettings, SshConfigError> {
        let (mut settings, mut jump) = (HostSettings::default(), None);
        let lower = host.to_lowercase();
        for setting in self.settings.iter().filter(|setting| matches(&setting.scope, &lower)) {
            let first = || words(&setting.value).into_iter().next();
            match setting.keyword.as_str() {
                "hostname" => {
                    settings.host_name = settings.host_name.or_else(first).map(|name| name.replace("%h", host));
                }
                "user" => settings.user = settings.user.or_else(first),
                "port" if settings.port.is_none() => {
                    let port = parse_port(setting.value.trim()).map_err(|error| setting.error(&error.to_string()))?;
                    settings.port = Some(port);
                }
                "identityfile" if settings.identity.is_none() => {
                    settings.identity = first().map(PathBuf::from).filter(|path| path.is_file());
                }
                "proxyjump" if jump.is_none() => jump = Some(setting),
                "port" | "identityfile" | "proxyjump" => {}
                "match" => {
                    ignored.insert("Match".to_owned());
                }
                other => {
                    ignored.insert(other.to_owned());
                }
            }
        }
        if let Some(setting) = jump.filter(|setting| !setting.value.eq_ignore_ascii_case("none")) {
            for hop in setting.value.split(',').map(|hop| hop.trim().trim_start_matches("ssh://").trim_end_matches('/'))
            {
                hop.parse::<Target>().map_err(|error| setting.error(&format!("jump host `{hop}`: {error}")))?;
                settings.jump.push(hop.to_owned());
            }
        }
        Ok(settings)
    }
}

impl Setting {
    fn error(&self, what: &str) -> SshConfigError {
        SshConfigError::Line { path: self.path.to_path_buf(), line: self.line, what: what.to_owned() }
    }
}

/// Keyword in lower case and value of a line: `Keyword value`, `Keyword = value`.
fn split(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let value = line[end..].trim_start_matches(|c: char| c.is_whitespace() || c == '=').trim();
    Some((line[..end].to_lowercase(), value.to_owned()))
}

/// The words of a value. Quotes hold blanks together; `#` at the start of a word begins a comment.
fn words(value: &str) -> Vec<String> {
    let (mut words, mut rest) = (Vec::new(), value.trim());
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}

fn expand(value: &str, home: &Path) -> String {
    let first = words(value).into_iter().next().unwrap_or_default();
    let path = first.strip_prefix("~/").or_else(|| first.strip_prefix("%d/"));
    // In quotes, for a home directory with a blank in its name.
    format!("\"{}\"", path.map_or_else(|| PathBuf::from(&first), |rest| home.join(rest)).display())
}

/// The files of an `Include`, sorted; wildcards stand in the last part.
fn included(pattern: &str, home: &Path) -> Vec<PathBuf> {
    let path = match pattern.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => home.join(".ssh").join(pattern),
    };
    let (Some(folder), Some(last)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| wildcard(last, name)));
    let mut files: Vec<PathBuf> = named.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn matches(scope: &Scope, host: &str) -> bool {
    scope.iter().all(|patterns| {
        let excluded = patterns.iter().filter_map(|pattern| pattern.strip_prefix('!')).any(|no| wildcard(no, host));
        !excluded && patterns.iter().any(|pattern| wildcard(pattern, host))
    })
}

/// `*` and `?` as OpenSSH has them. Brackets are literal there, so a glob library would read `[host]:port` wrongly.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == text[t]) && pattern[p] != b'*' {
            (p, t) = (p + 1, t + 1);
        } else if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if let Some((star_p, star_t)) = star {
            (p, t) = (star_p + 1, star_t + 1);
            star = Some((star_p, star_t + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{Device, Reach};

    fn config(files: &[(&str, &str)]) -> (SshConfig, tempfile::TempDir) {
        let home = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = home.path().join(".ssh").join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
        (SshConfig::load(&home.path().join(".ssh/config"), home.path()).expect("loaded"), home)
    }

    fn of(config: &SshConfig, host: &str) -> (HostSettings, Vec<String>) {
        let mut ignored = BTreeSet::new();
        let settings = config.of(host, &mut ignored).expect("settings");
        (settings, ignored.into_iter().collect())
    }

    #[test]
    fn the_first_value_counts_and_patterns_are_those_of_openssh() {
        let text =
            "Host core-* !core-9\n  User=first\n\tHostName %h.example.com\nHOST *\n user \"se cond\"\n port 2222 # x\n";
        let (config, _home) = config(&[("config", &text.replace(" # x", ""))]);
        let (core, _) = of(&config, "CORE-1");
        assert_eq!(core.user.as_deref(), Some("first"));
        assert_eq!((core.host_name.as_deref(), core.port), (Some("CORE-1.example.com"), Some(2222)));
        assert_eq!(of(&config, "core-9").0.user.as_deref(), Some("se cond"));
    }

    #[test]
    fn nothing_under_match_is_used_and_what_is_not_used_is_told() {
        let text = "Host a\n User right\n Ciphers aes128-ctr\nMatch exec \"true\"\n User wrong\n ProxyJump wrong\nHost b\n ProxyCommand nc\n";
        let (config, _home) = config(&[("config", text)]);
        let (a, ignored) = of(&config, "a");
        assert_eq!((a.user.as_deref(), a.jump.len()), (Some("right"), 0));
        assert_eq!(ignored, ["Match", "ciphers"]);
        assert_eq!(of(&config, "b").1, ["Match", "proxycommand"]);
    }

    #[test]
    fn an_included_file_speaks_of_the_hosts_of_its_include_only() {
        let files = [
            ("config", "Host a*\n Include conf.d/*.conf\n User late\nHost b\n User other\n"),
            ("conf.d/1.conf", "Port 23\nHost ab b\n User inner\n IdentityFile ~/.ssh/key\n"),
            ("conf.d/not", "Port 24\n"),
            ("key", ""),
        ];
        let (config, home) = config(&files);
        let ab = of(&config, "ab").0;
        assert_eq!((ab.user.as_deref(), ab.port), (Some("inner"), Some(23)));
        assert_eq!(ab.identity, Some(home.path().join(".ssh/key")));
        assert_eq!(of(&config, "ac").0.user.as_deref(), Some("late"));
        assert_eq!(of(&config, "b").0, HostSettings { user: Some("other".into()), ..HostSettings::default() });
    }

    #[test]
    fn the_inventory_wins_and_jump_hosts_may_have_jump_hosts() {
        let text = "Host sw*\n ProxyJump relay\n HostName 10.0.0.1\n Port 2222\nHost relay\n ProxyJump ssh://ops@gate:22\nHost loop\n ProxyJump loop\n";
        let (config, _home) = config(&[("config", text)]);
        let mut devices = vec![Device::named("sw1"), Device::named("sw2"), Device::named("other")];
        (devices[1].jump, devices[1].port) = (vec!["mine".to_owned()], 830);
        Reach::find(&config, &mut devices).expect("found");
        let seen: Vec<_> = devices.iter().map(|d| (d.address.as_str(), d.port, d.jump.join(" > "))).collect();
        let expected = [
            ("10.0.0.1", 2222, "ops@gate:22 > relay".to_owned()),
            ("10.0.0.1", 830, "mine".to_owned()),
            ("other", 22, String::new()),
        ];
        assert_eq!(seen, expected);
        let circle = Reach::find(&config, &mut [Device::named("loop")]).expect_err("a circle");
        assert!(circle.to_string().contains("circle"), "{circle}");
    }

    #[test]
    fn a_wrong_line_is_named() {
        let (config, _home) = config(&[("config", "Host a\n Port many\nHost b\n ProxyJump u:pw@c\n")]);
        let error = config.of("a", &mut BTreeSet::new()).expect_err("refused").to_string();
        assert!(error.contains("config: line 2: not a TCP port"), "{error}");
        assert!(config.of("b", &mut BTreeSet::new()).is_err());
    }
}
