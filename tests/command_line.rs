//! The binary as a shell meets it: version, completions, man pages, configuration.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The binary without the settings of whoever runs the tests.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slaudit"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SLAUDIT_")) {
        command.env_remove(name);
    }
    command.env_remove("CREDENTIALS_DIRECTORY").args(arguments);
    command
}

fn slaudit(arguments: &[&str]) -> Output {
    command(arguments).output().expect("slaudit runs")
}

/// A folder with a configuration file in which commands are run.
struct Place(tempfile::TempDir);

impl Place {
    fn with(toml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("slaudit.toml"), toml).expect("written");
        Self(folder)
    }

    fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = command(arguments);
        command.current_dir(self.0.path()).env("HOME", self.0.path()).envs(variables.iter().copied());
        command.output().expect("slaudit runs")
    }
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// The OpenSSL that this build must name: the crate's where it is built in, else the one whose headers the system has.
fn openssl() -> String {
    if cfg!(feature = "bundled-openssl") {
        let lock = include_str!("../Cargo.lock");
        let (_, package) = lock.split_once("name = \"openssl-src\"\n").expect("the crate with OpenSSL's source");
        let version =
            package.lines().next().and_then(|line| line.trim_end_matches('"').split_once('+')).expect("a version");
        return version.1.to_owned();
    }
    let output = Command::new("pkg-config").args(["--modversion", "openssl"]).output().expect("pkg-config runs");
    format!("{} (system)", printed(&output).trim())
}

#[test]
fn the_version_names_the_libraries_it_is_built_with() {
    let text = printed(&slaudit(&["--version"]));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with(concat!("slaudit ", env!("CARGO_PKG_VERSION"))), "{text}");
    assert!(lines[1].starts_with("libssh2 1."), "{text}");
    assert!(lines[1].ends_with(&format!(", OpenSSL {}", openssl())), "{} is not in {text}", openssl());
}

#[test]
fn bash_accepts_its_completions_and_completes_an_option() {
    let script = printed(&slaudit(&["completions", "bash"]));
    let ask =
        "COMP_WORDS=(slaudit audit --conc); COMP_CWORD=2; _slaudit slaudit --conc audit; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    let mut bash = bash.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("bash runs");
    let mut input = bash.stdin.take().expect("piped");
    write!(input, "{script}\n{ask}\n").expect("bash reads");
    drop(input);
    let answer = bash.wait_with_output().expect("bash ends");
    assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "--concurrency");
}

#[test]
fn man_pages_are_written_one_a_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("man/man1");
    printed(&slaudit(&["man", "--out", out.to_str().expect("text")]));
    let mut names: Vec<_> =
        std::fs::read_dir(&out).expect("written").flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert!(names.len() > 10 && names.iter().any(|name| name == "slaudit-audit.1"), "{names:?}");
    let main = std::fs::read_to_string(out.join("slaudit.1")).expect("the main page");
    assert_eq!(printed(&slaudit(&["man"])), main);
    assert!(main.contains("EXIT STATUS") && main.contains("slaudit\\-audit"), "{main}");
}

const CONFIGURATION: &str = r#"
[audit]
concurrency = 100
retries = 0
label = "nightly"
rules = []
[expect]
transport = "smart"
[credentials.default]
user = "netaudit"
password_command = "echo hunter2"
[credentials.branch]
enable_env = "BRANCH_ENABLE"
[rules.transport-off]
severity = "low"
[[waiver]]
rule = "ack-overdue"
device = "lab-*"
reason = "lab"
owner = "netops"
until = 2027-01-31
"#;

#[test]
fn the_effective_configuration_says_where_each_value_comes_from() {
    let place = Place::with(CONFIGURATION);
    let variables = [
        ("SLAUDIT_RETRIES", "3"),
        ("SLAUDIT_LABEL", ""),
        ("SLAUDIT_PASSWORD", "hunter3"),
        ("BRANCH_ENABLE", "hunter4"),
    ];
    let text = printed(&place.run(&["config", "fleet.csv", "--concurrency", "10"], &variables));
    let has = |line: &str| {
        let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.lines().any(|printed| blanks(printed) == line), "{line} is not in\n{text}");
    };
    has("# Configuration file: slaudit.toml");
    has("# Looked for slaudit.toml");
    has("inventory = \"fleet.csv\" # argument");
    has("concurrency = 10 # --concurrency");
    has("retries = 3 # environment SLAUDIT_RETRIES");
    has("label = \"nightly\" # slaudit.toml line 5");
    has("# rules # not set");
    has("connect_timeout = \"15s\" # default");
    has("transport = \"smart\" # slaudit.toml line 8");
    has("user = \"netaudit\" # slaudit.toml line 10");
    has("# password: SLAUDIT_PASSWORD; not asked: password_command");
    has("# enable: enable_env BRANCH_ENABLE");
    has("severity = \"low\" # slaudit.toml line 15");
    has("until = \"2027-01-31\" # slaudit.toml line 16");
    assert!(!text.contains("hunter"), "{text}");
    let table: toml::Table = text.parse().expect("the text is TOML");
    assert_eq!(table["audit"]["concurrency"].as_integer(), Some(10));
    assert_eq!(table["waiver"][0]["rule"].as_str(), Some("ack-overdue"));
}

#[test]
fn the_effective_configuration_is_one_document_for_programs() {
    let place = Place::with(CONFIGURATION);
    let text = printed(&place.run(&["config", "--user", "me", "--format", "json"], &[("SLAUDIT_FORMAT", "csv")]));
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let audit = &document["audit"];
    assert_eq!(audit["user"], serde_json::json!({"value": "me", "from": "flag", "place": "--user"}));
    assert_eq!(audit["format"]["value"], serde_json::json!(["csv"]));
    assert_eq!(audit["format"]["place"], "SLAUDIT_FORMAT");
    assert_eq!(audit["label"], serde_json::json!({"value": "nightly", "from": "file", "place": "slaudit.toml line 5"}));
    assert_eq!(audit["deadline"], serde_json::json!({"value": null, "from": "unset"}));
    let default = &document["credentials"]["default"];
    assert_eq!(default["user"]["place"], "--user");
    assert_eq!(default["password"]["sources"][0], serde_json::json!({"place": "SLAUDIT_PASSWORD", "set": false}));
    assert_eq!(default["password"]["sources"][1], serde_json::json!({"place": "password_command", "set": true}));
    assert!(!text.contains("hunter"), "{text}");
}

#[test]
fn a_wrong_file_is_told_whole_and_breaks_no_shell() {
    let place = Place::with("[audit]\nconcurency = 1\n[expect]\ntransport = \"x\"\n");
    let output = place.run(&["plan", "--hosts", "sw1"], &[]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("2 errors") && text.contains("line 2, ") && text.contains("line 4, "), "{text}");
    for arguments in [&["completions", "zsh"][..], &["man"], &["rules"], &["explain", "ack-overdue"]] {
        printed(&place.run(arguments, &[]));
    }
}

#[test]
fn an_error_names_the_variable_that_it_comes_from() {
    let place = Place::with("");
    let said = |arguments: &[&str], value| {
        let output = place.run(arguments, &[("SLAUDIT_CONCURRENCY", value)]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let text = said(&["plan", "--hosts", "sw1", "--nosuch"], "many");
    assert!(!text.contains("SLAUDIT_CONCURRENCY"), "{text}");
    let text = said(&["audit", "--hosts", "sw1"], "many");
    assert!(text.contains("environment SLAUDIT_CONCURRENCY: invalid value 'many'"), "{text}");
    let text = said(&["audit", "--concurrency", "few"], "4");
    assert!(text.contains("'few'") && !text.contains("SLAUDIT_CONCURRENCY"), "{text}");
}

#[test]
fn an_empty_variable_is_not_set() {
    let place = Place::with("[audit]\nconcurrency = 100\n");
    let variables = [("SLAUDIT_CONCURRENCY", ""), ("SLAUDIT_CONFIG", ""), ("SLAUDIT_QUIET", ""), ("SLAUDIT_USER", "")];
    let text = printed(&place.run(&["config"], &variables));
    assert!(text.contains("slaudit.toml line 2") && text.contains("# user "), "{text}");
}

/// A `password_command` that leaves a trace where it runs.
const FOREIGN: &str = "[credentials.default]\npassword_command = \"touch ran; echo x\"\n";

fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("a mode");
}

#[test]
fn a_configuration_file_that_others_may_write_is_refused_by_every_command_that_reads_it() {
    let place = Place::with(FOREIGN);
    let file = place.0.path().join("slaudit.toml");
    set_mode(&file, 0o646);
    let commands: [&[&str]; 9] = [
        &["audit", "--hosts", "127.0.0.1:1", "--user", "x", "--out", "-", "--format", "json", "--retries", "0"],
        &["plan", "--hosts", "sw1"],
        &["analyze", "."],
        &["config"],
        &["decode", "."],
        &["report", "latest"],
        &["diff", "a", "b"],
        &["remediate", "latest", "--out", "fixes"],
        &["merge", "a", "b", "--out", "joined"],
    ];
    for arguments in commands {
        let output = place.run(arguments, &[]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        for part in ["slaudit.toml: this configuration file is not used", "everybody may write", "mode 0646"] {
            assert!(text.contains(part), "{arguments:?}: {part} is not in: {text}");
        }
        assert!(text.contains("--config slaudit.toml (or SLAUDIT_CONFIG)") && text.contains("chmod o-w"), "{text}");
    }
    assert!(!place.0.path().join("ran").exists(), "nothing of it has run");
    for arguments in [&["completions", "zsh"][..], &["man"], &["rules"]] {
        printed(&place.run(arguments, &[]));
    }
    // Who names it has read it.
    let named = printed(&place.run(&["config", "--config", "slaudit.toml"], &[]));
    assert!(named.contains("# Named by --config or SLAUDIT_CONFIG"), "{named}");
    printed(&place.run(&["config"], &[("SLAUDIT_CONFIG", "slaudit.toml")]));
    set_mode(&file, 0o644);
    printed(&place.run(&["config"], &[]));
}

#[test]
fn the_folder_and_the_links_of_a_configuration_file_are_checked_too() {
    let place = Place::with("");
    let shared = place.0.path().join("shared");
    std::fs::create_dir(&shared).expect("a folder");
    std::fs::write(shared.join("slaudit.toml"), FOREIGN).expect("written");
    set_mode(&shared.join("slaudit.toml"), 0o644);
    let config = |mode: u32| {
        set_mode(&shared, mode);
        let mut command = command(&["config"]);
        let output = command.current_dir(&shared).env("HOME", place.0.path()).output().expect("slaudit runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = config(0o777);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("everybody may write to the folder") && said.contains("mode 0777"), "{said}");
    assert_eq!(config(0o1777).0, Some(0), "as /tmp: nobody else may replace it");
    assert_eq!(config(0o755).0, Some(0));
    // From the user's own folder by a link into one that others may write.
    set_mode(&shared, 0o777);
    std::fs::remove_file(place.0.path().join("slaudit.toml")).expect("removed");
    std::os::unix::fs::symlink("shared/slaudit.toml", place.0.path().join("slaudit.toml")).expect("a link");
    let output = place.run(&["config"], &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(2)
            && said.contains("everybody may write to the folder /")
            && said.contains("/shared ("),
        "{said}"
    );
}

#[test]
fn the_file_in_the_folder_of_the_user_is_checked_alike() {
    let place = Place::with("");
    std::fs::remove_file(place.0.path().join("slaudit.toml")).expect("removed");
    let folder = place.0.path().join("home/slaudit");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("slaudit.toml"), FOREIGN).expect("written");
    set_mode(&folder, 0o755);
    set_mode(&folder.join("slaudit.toml"), 0o666);
    let home = place.0.path().join("home");
    let home = home.to_str().expect("text");
    let output = place.run(&["config"], &[("XDG_CONFIG_HOME", home)]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("home/slaudit/slaudit.toml"), "{said}");
    set_mode(&folder.join("slaudit.toml"), 0o600);
    let output = place.run(&["config", "--format", "json"], &[("XDG_CONFIG_HOME", home)]);
    let document: serde_json::Value = serde_json::from_str(&printed(&output)).expect("JSON");
    assert_eq!(document["looked_for"], serde_json::json!(["slaudit.toml", document["file"]]));
}

#[test]
fn a_configuration_file_of_another_user_is_refused() {
    let place = Place::with(FOREIGN);
    let file = place.0.path().join("slaudit.toml");
    // Only root may give a file away; the decision itself is tested for every account beside its code.
    let text = if std::os::unix::fs::chown(&file, Some(12_345), None).is_ok() {
        let output = place.run(&["plan", "--hosts", "sw1"], &[]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    } else {
        // A link to root's own is fine, which nobody else may write.
        std::fs::remove_file(&file).expect("removed");
        std::os::unix::fs::symlink("/etc/hostname", &file).expect("a link");
        let output = place.run(&["plan", "--hosts", "sw1"], &[]);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!text.contains("is not used"), "{text}");
        return;
    };
    assert!(text.contains("slaudit.toml belongs to 12345, not to root") && text.contains("owner 12345"), "{text}");
    assert!(text.contains("mode 0644") && text.contains("chown -h root"), "{text}");
    std::fs::remove_file(&file).expect("removed");
    std::fs::write(place.0.path().join("own.toml"), "").expect("written");
    std::os::unix::fs::symlink("own.toml", &file).expect("a link");
    std::os::unix::fs::lchown(&file, Some(12_345), None).expect("root may");
    let output = place.run(&["plan", "--hosts", "sw1"], &[]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(2) && text.contains("the link /") && text.contains("belongs to 12345"),
        "{text}"
    );
}
