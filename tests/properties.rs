//! What terminals and captures do to an output must not change what is read from it: lost blank lines and indentation, CRLF,
//! log lines in between, an end too early. A fact may become unknown; it never becomes another one.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use slaudit::reading::Reading;
use slaudit::transcript::{Cut, Reply};

use crate::captures::{Capture, Corpus, captures, corpus, read_reply};

/// The invented outputs of this project, and the captures of the corpus where it is there.
fn outputs() -> Vec<Capture> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands");
    let mut outputs = captures(&own);
    assert!(outputs.len() >= 5, "tests/commands holds only {} outputs", outputs.len());
    match corpus() {
        Corpus::At(folder) => outputs.extend(captures(&folder)),
        Corpus::Wrong(why) => panic!("{why}"),
        // `tests/corpus.rs` reports it, as ignored or as a failure.
        Corpus::Missing | Corpus::LeftOut => {}
    }
    outputs
}

/// Known facts as JSON. The log is left out where log lines are put in.
fn known(reading: &Reading) -> BTreeMap<&'static str, String> {
    let mut known = BTreeMap::new();
    reading.facts.for_each(|key, value| {
        if let (Ok(value), true) = (value, key != "log") {
            known.insert(key, value.to_string());
        }
    });
    known
}

/// Nothing lost, nothing changed.
fn same(capture: &Capture, text: &str) -> Result<(), TestCaseError> {
    let reading = read_reply(&capture.command, Reply::Output(text.to_owned()));
    prop_assert_eq!(known(&reading), known(&capture.read()), "{}", capture.name);
    Ok(())
}

/// Something lost perhaps, nothing changed.
fn less(capture: &Capture, reply: Reply) -> Result<(), TestCaseError> {
    let before = known(&capture.read());
    for (key, value) in known(&read_reply(&capture.command, reply)) {
        // The header and the agent tell one moment in two forms.
        if key != "clock.device_time" {
            prop_assert_eq!(Some(&value), before.get(key), "{} in {}", key, capture.name);
        }
    }
    Ok(())
}

const LOG: [&str; 5] = [
    "*Nov 24 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by vty0 (192.0.2.1)",
    "000123: Nov 24 10:00:00.123 CET: %LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to up",
    "RP/0/RP0/CPU0:Nov 24 10:00:00.123 UTC: exec[1]: %SECURITY-LOGIN-6-AUTHEN_SUCCESS : Successfully authenticated",
    "%SMART_LIC-3-COMM_FAILED:Communications failure with the Cisco Smart License Utility (CSLU) : no answer",
    "Nov 24 2031 10:00:00: %ASA-5-111008: User 'x' executed the command",
];

/// Few cases, each over every output, the same ones every time; `PROPTEST_CASES` asks for more and others.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let rng_seed = if asked.is_some() { RngSeed::Random } else { RngSeed::Fixed(20_261_124) };
    ProptestConfig { cases: asked.unwrap_or(12), failure_persistence: None, rng_seed, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn log_lines_in_between(places in prop::collection::vec((any::<prop::sample::Index>(), 0..LOG.len()), 1..6)) {
        for capture in outputs().iter().filter(|capture| capture.command != "show logging") {
            let mut lines: Vec<&str> = capture.text.lines().collect();
            for (place, log) in &places {
                lines.insert(place.index(lines.len() + 1), LOG[*log]);
            }
            // Where a terminal broke lines, a message may have come between the halves of one.
            let is_broken = capture.text.lines().any(|line| line.len() == 80);
            let text = lines.join("\n");
            if is_broken { less(capture, Reply::Output(text))? } else { same(capture, &text)? }
        }
    }

    #[test]
    fn blank_lines_lost_and_added(keep in any::<u64>()) {
        for capture in outputs() {
            let lines = capture.text.lines().enumerate();
            let kept: Vec<&str> = lines.filter(|(at, line)| !line.trim().is_empty() || (keep >> (at % 64)) & 1 == 1).map(|(_, line)| line).collect();
            same(&capture, &kept.join("\n"))?;
            same(&capture, &kept.join("\n          \n"))?;
        }
    }

    #[test]
    fn indentation_lost_or_changed(widths in prop::collection::vec(0_usize..9, 16)) {
        // A table's rows, a wrapped list and a name at column 0 are told by their words as well.
        for capture in outputs() {
            let lines = capture.text.lines().enumerate();
            let moved: Vec<String> = lines.map(|(at, line)| format!("{:1$}{2}", "", widths[at % 16], line.trim())).collect();
            same(&capture, &moved.join("\r\n"))?;
        }
    }

    #[test]
    fn an_end_too_early(place in any::<prop::sample::Index>()) {
        for capture in outputs() {
            let mut end = place.index(capture.text.len() + 1);
            while !capture.text.is_char_boundary(end) {
                end -= 1;
            }
            let partial = capture.text[..end].to_owned();
            less(&capture, Reply::Cut { partial, why: Cut::TimedOut })?;
        }
    }

    #[test]
    fn a_message_inside_a_line(place in any::<prop::sample::Index>(), log in 0..2_usize) {
        for capture in outputs().iter().filter(|capture| capture.command != "show logging") {
            let mut at = place.index(capture.text.len() + 1);
            while !capture.text.is_char_boundary(at) {
                at -= 1;
            }
            let (before, after) = capture.text.split_at(at);
            less(capture, Reply::Output(format!("{before}{}\n{after}", LOG[log])))?;
        }
    }

    #[test]
    fn no_text_stops_the_reader(text in "\\PC{0,200}|[ -~\r\n\t:=<>#%*]{0,400}") {
        for command in slaudit::commands::ALL {
            read_reply(command.sends, Reply::Output(text.clone()));
            read_reply(command.sends, Reply::Cut { partial: text.clone(), why: Cut::TooLarge });
        }
    }
}

#[test]
fn a_terminal_of_80_columns() {
    for capture in outputs().iter().filter(|capture| capture.command.starts_with("show license")) {
        let mut wrapped = String::new();
        for line in capture.text.lines() {
            let letters: Vec<char> = line.chars().collect();
            for piece in letters.chunks(80) {
                wrapped.extend(piece);
                wrapped.push('\n');
            }
        }
        less(capture, Reply::Output(wrapped)).expect("no other fact");
    }
}
