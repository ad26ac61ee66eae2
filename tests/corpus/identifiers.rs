//! What tells whose network a capture is from: serial numbers, names of hosts and accounts, mail and network addresses.
//!
//! They are found in the captured text by its words, not by slaudit's parsers, so that a snapshot says what was read and not where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use libtest_mimic::Failed;
use regex::Regex;

/// The kinds in the order in which they are looked for; the first group of a pattern is the identifier.
static PATTERNS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let patterns = [
        ("mail", r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"),
        ("serial", r"\b([A-Z]{3}[0-9]{4}[0-9A-Z]{4})\b"),
        ("serial", r"(?i:\bSN|serial[ _-]?(?:number|num|no\.?)|processor board ID)[ \t]*[:=]?[ \t]*([0-9A-Z]{8,})\b"),
        ("certificate", r"(?i:self-signed-(?:certificate-)?)([0-9]{6,})"),
        ("subject", r"(?i:\b(?:cn|ou|dc)=)([^,\r\n]+)"),
        ("account", r"(?:Smart|Virtual) Account(?: Name)?:[ \t]*([^\r\n<]+?)(?: As of [^\r\n]*)?[ \t]*\r?$"),
        ("host", r"^([A-Za-z][\w.-]+)[#>]"),
        ("host", r"^[ \t]*([A-Za-z][\w.-]+) uptime is"),
        ("host", r"^([A-Za-z][\w.-]+) up [0-9]+ (?:year|day|hour|min)"),
        ("host", r"(?i:\bdevice name|\bhost ?name):?[ \t]+([A-Za-z][\w.-]+)"),
        ("host", r"\b((?:[A-Za-z0-9_-]+\.)+(?:com|net|org|edu|gov|io|local|lan))\b"),
        ("address", r"\b((?:[0-9]{1,3}\.){3}[0-9]{1,3})\b"),
        ("address", r"(?i)\b((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:)+(?::[0-9a-f]{1,4})+)\b"),
    ];
    let compile = |(kind, pattern)| (kind, Regex::new(&format!("(?m){pattern}")).expect("a pattern"));
    patterns.into_iter().map(compile).collect()
});

/// Words that stand where a name may stand and name nobody: what every network has, what a prompt or a column is called, the
/// vendor's products and public services.
const COMMON: [&str; 26] = [
    "ACT-2 Lite SUDI",
    "Boot",
    "DEFAULT",
    "Default",
    "Device",
    "IE-3105-18T2C",
    "Kernel",
    "Router",
    "Switch",
    "System",
    "True",
    "cisco.com",
    "default",
    "ntp",
    "privacy",
    "router",
    "smartreceiver-dev.cisco.com",
    "smartreceiver-stage.cisco.com",
    "smartreceiver.cisco.com",
    "software.cisco.com",
    "switch",
    "tools.cisco.com",
    "uptime",
    "www.apache.org",
    "www.cisco.com",
    "yes",
];

/// True for what names nobody: reserved addresses and domains, the vendor's services and certificates, masks.
fn is_common(kind: &str, name: &str) -> bool {
    let starts = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    match kind {
        "address" => {
            starts(&["0.", "127.", "255.", "192.0.2.", "198.51.100.", "203.0.113.", "224.", "2001:DB8:", "2001:db8:"])
        }
        "host" => COMMON.contains(&name) || starts(&["regid."]),
        "subject" => COMMON.contains(&name) || name.len() < 4 || name.contains("Cisco") || name.starts_with("ACT2"),
        _ => COMMON.contains(&name),
    }
}

/// The identifiers of a capture, each with its kind.
fn identifiers(text: &str) -> BTreeMap<String, &'static str> {
    let mut found = BTreeMap::new();
    for (kind, pattern) in PATTERNS.iter() {
        for captures in pattern.captures_iter(text) {
            let name = captures[1].trim();
            if !is_common(kind, name) {
                found.entry(name.to_owned()).or_insert(*kind);
            }
        }
    }
    found
}

/// Replaces every identifier of a capture in a text that was made of it, each by one name of its own.
pub(crate) fn mask(text: &str, capture: &str) -> String {
    let mut names: Vec<(String, &str)> = identifiers(capture).into_iter().collect();
    // A longer one may hold a shorter one.
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut masked = text.to_owned();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, kind) in names {
        let places = places(&masked, &name);
        if places.is_empty() {
            continue;
        }
        let count = counts.entry(kind).or_default();
        *count += 1;
        for at in places.into_iter().rev() {
            masked.replace_range(at..at + name.len(), &format!("<{kind} {count}>"));
        }
    }
    masked
}

/// Where a text holds a name as a whole word.
fn places(text: &str, name: &str) -> Vec<usize> {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(|at| !is_word(text[..*at].chars().next_back()) && !is_word(text[at + name.len()..].chars().next()))
        .collect()
}

/// True where a text holds a name as a whole word.
pub(crate) fn holds(text: &str, name: &str) -> bool {
    !places(text, name).is_empty()
}

/// All identifiers of all captures.
pub(crate) fn from_corpus(corpus: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![corpus.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "txt") {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap_or_default()).into_owned();
                names.extend(identifiers(&text).into_keys());
            }
        }
    }
    names
}

/// The files of the project, without what is only built.
pub(crate) fn tracked_files() -> Result<Vec<PathBuf>, Failed> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(project)
        .output()?;
    let names = String::from_utf8(listed.stdout)?;
    let files: Vec<PathBuf> = names.lines().map(|name| project.join(name)).collect();
    if files.len() < 100 { Err("git lists no files".into()) } else { Ok(files) }
}
