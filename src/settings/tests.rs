//! What `slaudit.toml` may hold, and what is said where it is wrong.

use std::path::Path;

use jiff::civil::date;

use super::*;
use crate::waivers::Standing;

fn parse(text: &str) -> Result<File, String> {
    let known = options::Options::of(&cli::command());
    File::parse(text, Path::new("slaudit.toml"), &known).map_err(|errors| errors.to_string())
}

/// The command line with a file, without the environment of whoever runs the tests.
fn read(text: &str, arguments: &[&str]) -> Cli {
    let file = parse(text).expect("a file");
    let no_variables = |command: clap::Command| command.mut_args(|arg| arg.env(clap::builder::Resettable::Reset));
    let command = options::with_presets(cli::command(), arguments[1], &file.presets);
    let command = no_variables(command).mut_subcommands(no_variables);
    Cli::from_arg_matches(&command.try_get_matches_from(arguments).expect("arguments")).expect("a command")
}

fn audit(text: &str, arguments: &[&str]) -> cli::Audit {
    let arguments: Vec<_> = ["slaudit", "audit"].iter().chain(arguments).copied().collect();
    match read(text, &arguments).action {
        cli::Action::Audit(audit) => *audit,
        other => panic!("{other:?}"),
    }
}

/// Beside those of the integration tests.
macro_rules! assert_snapshot {
    ($text:expr) => {
        insta::with_settings!({ snapshot_path => "../../tests/snapshots" }, { insta::assert_snapshot!($text) })
    };
}

#[test]
fn every_error_of_a_file_is_told_at_once() {
    let text = r#"[audit]
concurency = 10
concurrency = "many"
retries = 99999999999999999999
quiet = "yes"
deadline = [1, 2]
skip_rules = ["ack-overdue", "ack-overdu"]
login_rate = 1e-300
config = "other.toml"
label = ""
[expect]
transport = "smrt"
urls = "https://one.example.com"
account = "EXAMPLE-NET"
[credentials.default]
usr = "netaudit"
password = "hunter2"
identity = 5
[credentials]
user = "netaudit"
[jump]
credentials = "bastion"
[rules.transport-of]
severity = "low"
[rules.transport-off]
severity = "lowest"
enabled = "no"
[[waiver]]
rule = "ack-overdu"
device = "["
owner = ""
until = 2027-01-31T10:00:00
[[waiver]]
rule = "ack-overdue"
device = "lab-*"
reason = "lab"
owner = "netops"
untill = 2027-01-31
[waivers]
"#;
    assert_snapshot!(parse(text).expect_err("wrong"));
}

#[test]
fn a_slip_in_the_syntax_hides_no_other_error() {
    let text = "[audit]\nconcurency = 1\nlabel = \"pre\nuser = netaudit\n[jump]\nprofile = \"modern\"\n";
    assert_snapshot!(parse(text).expect_err("wrong"));
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let text = parse("[credentials.lab]\nenable_password = \"hunter2\"\n").expect_err("a secret");
    assert!(text.contains("line 2, [credentials.lab] enable_password: a secret never stands in this file"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_report_that_there_is_not_is_told_before_the_run() {
    let text = parse("[audit]\nformat = [\"csv\", \"xls\"]\n").expect_err("no report");
    assert!(text.contains("line 2, [audit] format: \"xls\": there is no such report; use csv, "), "{text}");
}

#[test]
fn flags_beat_the_file_and_the_file_beats_the_built_in_value() {
    let file = "[audit]\nconcurrency = 1_000\nretries = 0\nlogin_rate = 20.5\nuser = \"net\"\nask_pass = true\n";
    let audit = audit(file, &["--concurrency", "7", "fleet.csv"]);
    assert_eq!((audit.pace.concurrency, audit.access.retries, audit.pace.login_rate), (7, 0, Some(20.5)));
    assert_eq!((audit.access.user.as_deref(), audit.access.ask_pass), (Some("net"), true));
    assert_eq!(audit.access.connect_timeout.as_secs(), 15);
}

#[test]
fn lists_are_lists_and_an_empty_one_is_none() {
    let audit =
        audit("[audit]\nformat = [\"csv\", \"json\"]\nrules = []\nskip_rules = \"ack-stale,ack-overdue\"\n", &[]);
    assert_eq!(audit.output.format.format, ["csv", "json"]);
    assert_eq!(audit.output.rules, [""; 0]);
    assert_eq!(audit.output.skip_rules, ["ack-stale", "ack-overdue"]);
}

#[test]
fn what_stands_behind_two_dashes_is_read_as_it_was_typed() {
    let audit = audit("[audit]\nuser = \"net\"\n", &["--", "--strange.csv"]);
    assert_eq!(audit.selection.inventory.as_deref(), Some(Path::new("--strange.csv")));
    assert_eq!(audit.access.user.as_deref(), Some("net"));
}

#[test]
fn what_audits_write_is_where_others_look_and_decides_nothing_else() {
    let file = "[audit]\nout = \"runs\"\nformat = \"csv\"\nquiet = true\nverbose = true\n";
    let common = read(file, &["slaudit", "remediate", "latest", "--out", "fixes"]);
    let cli::Action::Remediate(remediate) = &common.action else { panic!() };
    assert_eq!((remediate.runs.as_path(), remediate.out.as_path()), (Path::new("runs"), Path::new("fixes")));
    assert!(common.common.quiet && common.common.verbose == 1);
    let cli::Action::Slac(slac) = read(file, &["slaudit", "slac", "f", "--run", "latest"]).action else { panic!() };
    assert_eq!(slac.runs, Path::new("runs"));
    let cli::Action::Analyze(analyze) = read(file, &["slaudit", "analyze", "x"]).action else { panic!() };
    assert_eq!((analyze.out, analyze.output.format.format.len()), (None, 0));
    assert!(matches!(read(file, &["slaudit", "decode"]).action, cli::Action::Decode(_)));
}

#[test]
fn the_home_directory_is_understood_in_paths() {
    let Some(home) = std::env::home_dir() else { return };
    let audit = audit("[audit]\nout = \"~/runs\"\nslac = [\"a.txt\", \"~/b.txt\"]\nuser = \"~x\"\n", &[]);
    assert_eq!(audit.pace.out, home.join("runs"));
    assert_eq!(audit.output.slac, [PathBuf::from("a.txt"), home.join("b.txt")]);
    assert_eq!(audit.access.user.as_deref(), Some("~x"));
}

#[test]
fn waivers_stand_in_the_file() {
    let file = r#"
[[waiver]]
rule = "Clock-not-synchronized"
device = "lab-*"
reason = "isolated lab"
owner = "netops"
until = 2027-01-31
[[waiver]]
rule = "ack-overdue"
device = "sw1"
reason = "replaced in spring"
owner = "netops"
until = "2027-03-31"
"#;
    let settings =
        Settings { cli: read("", &["slaudit", "rules"]), file: parse(file).expect("a file"), options: Vec::new() };
    let folder = tempfile::tempdir().expect("a folder");
    let csv = folder.path().join("w.csv");
    std::fs::write(&csv, "rule,device,reason,owner,until\nack-overdue,sw2,lab,net,2027-01-01\n").expect("written");
    let waivers = settings.waivers(Some(&csv)).expect("waivers");
    let until =
        |rule, device| waivers.of(rule, device, date(2027, 2, 1)).map(|(w, standing)| (w.place.clone(), standing));
    let expired = |place: &str| Some((place.to_owned(), Standing::Expired));
    assert_eq!(until("clock-not-synchronized", "LAB-1"), expired("slaudit.toml line 2"));
    assert_eq!(until("ack-overdue", "sw1"), Some(("slaudit.toml line 8".to_owned(), Standing::Valid)));
    assert_eq!(until("ack-overdue", "sw2"), expired(&format!("{} row 2", csv.display())));
    std::fs::write(&csv, "rule,device\n").expect("written");
    assert!(settings.waivers(Some(&csv)).expect_err("wrong").to_string().contains("column reason: is missing"));
}

#[test]
fn rules_are_set_by_their_ids_whatever_the_case() {
    let file =
        parse("[rules.Transport-Off]\nseverity = \"Low\"\n[rules.ack-stale]\nenabled = false\n").expect("a file");
    let set = file.rule_set(&[], &[]).expect("a set");
    assert_eq!(set.skip, ["ack-stale"]);
    assert_eq!(set.severity.get("transport-off"), Some(&crate::finding::Severity::Low));
}

#[test]
fn every_option_of_an_audit_has_a_variable_of_its_own_name() {
    let command = cli::command();
    let audit = command.find_subcommand("audit").expect("audit");
    for arg in audit.get_arguments() {
        let wanted = format!("SLAUDIT_{}", arg.get_id().as_str().to_uppercase());
        let name = arg.get_env().map(|name| name.to_string_lossy().into_owned());
        assert_eq!(name, Some(wanted), "{}", arg.get_id());
    }
}

/// `contrib/slaudit.toml` with its keys in force: they stand behind a `#` without a blank.
fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/slaudit.toml");
    let text = std::fs::read_to_string(path).expect("the example");
    let uncommented = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(uncommented).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_sets_nothing_and_every_key_in_it_is_right() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/slaudit.toml");
    let file = parse(&std::fs::read_to_string(path).expect("the example")).expect("comments only");
    assert!(file.presets.is_empty() && file.credentials.is_empty() && file.waivers.is_empty());
    let file = parse(&example()).expect("right");
    let known = options::Options::of(&cli::command());
    for arg in known.all() {
        let preset = file.presets.iter().find(|preset| preset.key == arg.get_id().as_str());
        let preset = preset.unwrap_or_else(|| panic!("contrib/slaudit.toml lacks {}", arg.get_id()));
        // What it says about built-in values is true.
        if let [value] = arg.get_default_values() {
            assert_eq!(preset.text.as_str(), value, "{}", arg.get_id());
        }
    }
}

#[test]
fn the_example_has_every_key_of_every_table() {
    let file = parse(&example()).expect("right");
    let CredentialSet {
        user: Some(_),
        realm: Some(_),
        password_command: Some(_),
        password_env: Some(_),
        identity: Some(_),
        passphrase_command: Some(_),
        enable_command: Some(_),
        enable_env: Some(_),
    } = &file.credentials["default"]
    else {
        panic!("{file:?}")
    };
    let Jump { credential: Some(_), ssh_profile: Some(_) } = &file.jump else { panic!("{:?}", file.jump) };
    let expect = file.expectations();
    assert!(expect.transport.is_some() && expect.topology.is_some() && expect.url.is_some() && !expect.urls.is_empty());
    assert!(expect.smart_account.is_some() && expect.virtual_account.is_some());
    let (_, rule) = file.rules().next().expect("a rule");
    assert!(rule.enabled.is_some() && rule.severity.is_some());
    assert_eq!(file.waivers.len(), 1);
}
