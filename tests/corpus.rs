//! Reads every captured output of the corpus, and checks the facts against plain text searches in the same file.
//!
//! The corpus is not part of the project: `SLAUDIT_CORPUS` names it, else `../shared/transcripts`. Without it every test here is
//! reported as ignored. Snapshots of the facts are in `tests/snapshots/`.

mod captures;
#[path = "corpus/checks.rs"]
mod checks;
#[path = "corpus/snapshot.rs"]
mod snapshot;

use std::process::ExitCode;

use captures::{Capture, captures, corpus};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(root) = corpus() else {
        let absent = || Err(Failed::from("no corpus"));
        let trial = Trial::test("corpus (absent: set SLAUDIT_CORPUS)", absent).with_ignored_flag(true);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let captures = captures(&root);
    let mut trials: Vec<Trial> = Vec::new();
    for capture in &captures {
        let name = capture.name.clone();
        let capture = capture.clone();
        trials.push(Trial::test(name, move || check(&capture)));
    }
    trials.push(Trial::test("unparsed lines of the whole corpus", move || unparsed(&captures)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn check(capture: &Capture) -> Result<(), Failed> {
    let reading = capture.read();
    checks::all(capture, &reading)?;
    snapshot::compare(&capture.name, &reading);
    Ok(())
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
