//! Reads every captured output of the corpus, and checks the facts against plain text searches in the same file.
//!
//! The corpus is not part of the project: `SLAUDIT_CORPUS` names it, else `../shared/transcripts`. Without it every test here is
//! reported as ignored. Snapshots of the facts are in `tests/snapshots/`, without the names and numbers of anybody's network.

#[path = "corpus/checks.rs"]
mod checks;
#[path = "corpus/identifiers.rs"]
mod identifiers;
#[path = "corpus/snapshot.rs"]
mod snapshot;

use std::path::Path;

use libtest_mimic::{Failed, Trial};

use crate::captures::{Capture, Corpus, captures, corpus};
use crate::trial::{Obstacle, trial};

/// What to do where the captures are missing.
const NO_CORPUS: &str = "no corpus: SLAUDIT_CORPUS names its folder, SLAUDIT_CORPUS=none leaves its tests out";

pub(crate) fn trials() -> Vec<Trial> {
    let root = match corpus() {
        Corpus::At(root) => root,
        Corpus::Wrong(why) => return vec![Trial::test("corpus", move || Err(why.into()))],
        Corpus::Missing => return vec![without(Obstacle::missing(NO_CORPUS))],
        Corpus::LeftOut => return vec![without(Obstacle::NotWanted("SLAUDIT_CORPUS=none".to_owned()))],
    };
    let captures = captures(&root);
    let mut trials: Vec<Trial> = Vec::new();
    for capture in &captures {
        let name = capture.name.clone();
        let capture = capture.clone();
        trials.push(Trial::test(name, move || check(&capture)));
    }
    let all = captures.clone();
    trials.push(Trial::test("unparsed lines of the whole corpus", move || unparsed(&captures)));
    trials.push(Trial::test("every snapshot of a capture has its capture", move || snapshot::orphans(&all)));
    trials.push(Trial::test("no file of the project names anybody's network", move || foreign(&root)));
    trials
}

/// Stands for all tests of the corpus where there is none.
fn without(obstacle: Obstacle) -> Trial {
    trial("corpus", Some(obstacle), || Err("there is no corpus".into()))
}

fn check(capture: &Capture) -> Result<(), Failed> {
    let reading = capture.read();
    checks::all(capture, &reading)?;
    snapshot::compare(capture, &reading)
}

/// A number that may only fall: each line of known formats that nothing reads.
fn unparsed(captures: &[Capture]) -> Result<(), Failed> {
    let lines: Vec<String> = captures
        .iter()
        .flat_map(|capture| {
            let name = &capture.name;
            capture.read().unparsed.into_iter().map(move |line| format!("{name}:{}: {}", line.line, line.text))
        })
        .collect();
    if lines.is_empty() { Ok(()) } else { Err(format!("{} lines:\n{}", lines.len(), lines.join("\n")).into()) }
}

/// No tracked file holds a serial number, host name, account or address of the captures.
fn foreign(corpus: &Path) -> Result<(), Failed> {
    let known = identifiers::from_corpus(corpus);
    if known.len() < 100 {
        return Err(format!("only {} identifiers were found in the corpus: are they still read?", known.len()).into());
    }
    let mut found = Vec::new();
    for path in identifiers::tracked_files()? {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for name in known.iter().filter(|name| identifiers::holds(&text, name)) {
            found.push(format!("{}: {name}", path.display()));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(format!("{} identifiers of other people's networks, see CONTRIBUTING.md:\n{}", found.len(), found.join("\n"))
        .into())
}
