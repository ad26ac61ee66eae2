//! What real devices do inside a session: prompts that change, narrow and paged terminals, privileged mode, noise on the line.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use mock_device::{Device, Fault, Login, Scenario};

use super::bench::{Bench, PASSWORD, Run};
use super::healthy;

const ENABLE: [(&str, &str); 1] = [("SLAUDIT_ENABLE_PASSWORD", PASSWORD)];

fn of(name: &str, scenario: &str) -> Device {
    Device::new(name, Scenario::named(scenario).expect("a scenario"))
}

/// A scenario of the test's own.
fn own(name: &str, text: &str) -> Device {
    Device::new(name, Scenario::read(name, text).expect("a scenario"))
}

fn commands(bench: &Bench, device: &str) -> Vec<String> {
    bench.fleet.get(device).expect("a device").log().commands
}

/// What a device said, by file.
fn transcripts(run: &Run, device: &str) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(run.folder.join("transcripts").join(device)).expect("a folder").flatten();
    let texts = files.filter(|file| Path::new(&file.file_name()).extension().is_some_and(|kind| kind == "txt"));
    texts
        .map(|file| {
            let text = std::fs::read_to_string(file.path()).expect("text");
            (file.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

/// What of the lines of an output does not change with name and time: letters only.
fn shape(text: &str, device: &str) -> Vec<String> {
    let words =
        |line: &str| line.replace(device, "").chars().filter(|c| c.is_alphabetic()).take(12).collect::<String>();
    text.lines().map(words).filter(|line| !line.is_empty()).collect()
}

#[test]
fn a_prompt_that_changes_in_the_middle_is_learned_again_and_is_no_output() {
    let bench = Bench::start(vec![healthy("sw01").fault(Fault::NewPrompt(2)), healthy("plain")]);
    let run = bench.audit(&["--retries", "0"]);
    let row = &run.devices()["sw01"];
    assert_eq!((row["status"].as_str(), row["health"].as_str()), ("audited", "ok"), "{}", row["status_detail"]);
    let (told, plain) = (transcripts(&run, "sw01"), transcripts(&run, "plain"));
    assert_eq!(told.keys().collect::<Vec<_>>(), plain.keys().collect::<Vec<_>>(), "every command was asked");
    for (file, text) in &told {
        assert!(!text.contains("-stby#"), "{file}: {text}");
    }
}

#[test]
fn a_refused_width_is_tried_otherwise_and_broken_lines_are_read_whole() {
    let narrow =
        "extends = \"healthy-smart\"\n[refuse]\n\"terminal width\" = \"invalid\"\n[shell]\nfixed_width = true\n";
    let bench = Bench::start(vec![own("narrow", narrow), healthy("wide")]);
    let run = bench.audit(&[]);
    let typed = commands(&bench, "narrow");
    let widths: Vec<_> = typed.iter().filter(|line| line.starts_with("terminal width")).collect();
    assert_eq!(widths, ["terminal width 511", "terminal width 0"]);
    assert!(!commands(&bench, "wide").contains(&"terminal width 0".to_owned()));
    let rows = run.devices();
    assert_eq!((rows["narrow"]["status"].as_str(), rows["narrow"]["status_detail"].as_str()), ("audited", ""));
    for column in ["health", "transport", "url", "trust", "smart_account", "model", "os_version", "n_unknown"] {
        assert_eq!(rows["narrow"][column], rows["wide"][column], "{column}");
    }
    let broken = transcripts(&run, "narrow").into_values().any(|text| text.lines().any(|line| line.len() == 80));
    assert!(broken, "the device did break its lines");
}

#[test]
fn a_pager_that_cannot_be_switched_off_is_answered_and_leaves_no_trace() {
    let paged = "extends = \"healthy-smart\"\n[refuse]\n\"terminal length\" = \"authorization\"\n";
    let bench = Bench::start(vec![own("paged", paged).serial("FOC2501A0AA"), healthy("plain").serial("FOC2501A0AA")]);
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    let (told, plain) = (transcripts(&run, "paged"), transcripts(&run, "plain"));
    assert_eq!(told.keys().collect::<Vec<_>>(), plain.keys().collect::<Vec<_>>());
    for (file, text) in &told {
        assert_eq!(shape(text, "paged"), shape(&plain[file], "plain"), "{file}");
        assert!(!text.contains("More") && !text.contains('\x08'), "{file}: {text}");
    }
    assert!(told.values().any(|text| text.lines().count() > 100), "there were pages");
}

#[test]
fn enable_is_typed_only_where_the_prompt_says_so_and_its_secret_only_where_asked() {
    let bench = Bench::start(vec![healthy("privileged"), of("enable-needed", "enable-needed")]);
    let run = bench.audit_with(&[], &ENABLE);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    assert!(!commands(&bench, "privileged").contains(&"enable".to_owned()));
    let typed = commands(&bench, "enable-needed");
    assert_eq!(typed.iter().filter(|line| *line == "enable").count(), 1, "{typed:?}");
    assert!(!typed.contains(&PASSWORD.to_owned()), "the secret was typed as a command: {typed:?}");
}

#[test]
fn without_privileged_mode_a_session_goes_on_and_says_what_is_missing() {
    let slow = of("slow", "enable-needed").fault(Fault::SlowAaa(Duration::from_millis(1500)));
    let wrong = Login { enable: Some("another".into()), ..Login::default() };
    let nothing = "extends = \"healthy-smart\"\n[shell]\nprivilege = 1\nprivileged = [\"show\"]\n";
    let bench = Bench::start(vec![
        slow,
        of("wrong", "enable-needed").login(wrong.clone()),
        own("nothing", nothing).login(wrong),
    ]);
    let rows = bench.audit_with(&[], &ENABLE).devices();
    assert_eq!(
        (rows["slow"]["status"].as_str(), rows["slow"]["health"].as_str()),
        ("audited", "ok"),
        "a slow AAA server"
    );
    let detail = &rows["wrong"]["status_detail"];
    assert_eq!(rows["wrong"]["status"], "audited", "what a low level sees was read: {detail}");
    assert!(detail.starts_with("check the enable secret: "), "{detail}");
    assert!(rows["wrong"]["commands_refused"] != "0" && rows["wrong"]["health"] == "unknown");
    let detail = &rows["nothing"]["status_detail"];
    assert_eq!(rows["nothing"]["status"], "enable_failed", "{detail}");
    assert!(detail.starts_with("check the enable secret: "), "{detail}");
}

#[test]
fn an_account_that_may_ask_nothing_does_not_make_a_device_foreign() {
    // Privilege 0, or a parser view: to such an account the commands are not there.
    let low = "extends = \"healthy-smart\"\n[refuse]\n\"show\" = \"invalid\"\n";
    let bench = Bench::start(vec![own("low", low)]);
    let run = bench.audit(&[]);
    let row = &run.devices()["low"];
    assert_eq!((row["status"].as_str(), row["health"].as_str()), ("partial", "unknown"), "{row:?}");
    assert!(row["status_detail"].starts_with("allow these commands to the account"), "{}", row["status_detail"]);
}

#[test]
fn a_wrong_enable_secret_reaches_three_devices() {
    let login = Login { enable: Some("another".into()), ..Login::default() };
    let devices = (0..20).map(|number| of(&format!("sw{number:02}"), "enable-needed").login(login.clone()));
    let bench = Bench::start(devices.collect());
    let rows = bench.audit_with(&[], &ENABLE).devices();
    let with = |words: &str| rows.values().filter(|row| row["status_detail"].contains(words)).count();
    assert_eq!((with("% Bad secrets"), with("not sent: other devices refused it")), (3, 17), "{rows:?}");
    let typed = |device: &&String| commands(&bench, device).iter().any(|line| line == "enable");
    assert_eq!(
        rows.keys().filter(typed).count(),
        3,
        "an answer to its question, an empty one too, counts as a wrong secret"
    );
}

#[test]
fn log_lines_are_asked_to_stay_out_once_and_are_no_evidence() {
    let bench = Bench::start(vec![healthy("noisy").fault(Fault::LogLines), healthy("quiet")]);
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    let quiet = |device: &str| commands(&bench, device).iter().filter(|line| *line == "terminal no monitor").count();
    assert_eq!((quiet("noisy"), quiet("quiet")), (1, 0));
    let rows = run.devices();
    for column in ["health", "transport", "url", "trust", "unparsed_lines", "n_unknown", "clock_synchronized"] {
        assert_eq!(rows["noisy"][column], rows["quiet"][column], "{column}");
    }
    let kept = transcripts(&run, "noisy").into_values().any(|text| text.contains("%SYS-5-CONFIG_I"));
    assert!(kept, "the transcript holds what the device said");
}

#[test]
fn a_device_that_never_stops_talking_is_understood_all_the_same() {
    let chatter = Fault::Chatter(Duration::from_millis(7));
    let bench = Bench::start(vec![
        healthy("sw01").fault(chatter),
        of("enable", "enable-needed").fault(chatter),
        of("refused", "read-only-refused").fault(chatter),
    ]);
    let rows = bench.audit_with(&["--device-timeout", "30"], &ENABLE).devices();
    for device in ["sw01", "enable"] {
        let row = &rows[device];
        assert_eq!((row["status"].as_str(), row["health"].as_str()), ("audited", "ok"), "{}", row["status_detail"]);
    }
    assert_eq!(rows["refused"]["status"], "audited", "{}", rows["refused"]["status_detail"]);
}

#[test]
fn colours_bells_and_other_alphabets_change_nothing() {
    let timestamps = "extends = \"healthy-smart\"\n[shell]\ntimestamps = true\n";
    let bench = Bench::start(vec![
        healthy("dirty").fault(Fault::DirtyBytes),
        own("headed", timestamps),
        of("noisy", "noisy"),
        healthy("clean"),
    ]);
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    let rows = run.devices();
    for device in ["dirty", "headed", "noisy"] {
        for column in ["health", "transport", "url", "trust", "model", "os_version", "unparsed_lines", "n_unknown"] {
            assert_eq!(rows[device][column], rows["clean"][column], "{column} of {device}");
        }
    }
    let clean = transcripts(&run, "clean");
    for (file, text) in transcripts(&run, "dirty") {
        assert!(!text.chars().any(|c| c.is_control() && !"\n\t".contains(c)), "{file}: {text:?}");
        assert_eq!(text.lines().count(), clean[&file].lines().count(), "{file}: lines keep their numbers");
    }
}

#[test]
fn a_device_of_unknown_platform_costs_one_show_version_and_no_guesses() {
    let bench = Bench::start(vec![healthy("known"), healthy("unknown")]);
    let text = bench.fleet.inventory_csv();
    let text = text
        .lines()
        .map(|line| if line.starts_with("unknown,") { line.replace(",iosxe,", ",auto,") } else { line.to_owned() });
    std::fs::write(bench.inventory(), text.collect::<Vec<_>>().join("\n")).expect("written");
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 0, "{}", run.stdout);
    let shows = |device: &str| -> Vec<String> {
        commands(&bench, device).into_iter().filter(|line| line.starts_with("show ")).collect()
    };
    let (mut unknown, mut known) = (shows("unknown"), shows("known"));
    assert_eq!(unknown[0], "show version", "{unknown:?}");
    unknown.sort();
    known.sort();
    assert_eq!(unknown, known, "the same questions, each once");
    assert_eq!(run.devices()["unknown"]["platform"], "iosxe");
}
