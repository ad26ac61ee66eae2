//! The binary as a shell meets it: version, completions, man pages, configuration.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// Runs the binary without the settings of whoever runs the tests.
fn slaudit(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slaudit"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SLAUDIT_")) {
        command.env_remove(name);
    }
    command.args(arguments).output().expect("slaudit runs")
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn the_version_names_the_libraries_that_are_built_in() {
    let text = printed(&slaudit(&["--version"]));
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with(concat!("slaudit ", env!("CARGO_PKG_VERSION"))), "{text}");
    assert!(lines[1].starts_with("libssh2 1.") && lines[1].contains(", OpenSSL 3."), "{text}");
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
