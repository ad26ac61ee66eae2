//! What `contrib/` gives people to copy, against the binary itself. `tests/delivery.rs` tries it with systemd and promtool.

#[path = "delivery/programs.rs"]
mod programs;

use programs::{SLAUDIT, project, quiet, read, text};

/// The command of a unit or of a cron file, behind the name of the program.
fn audit_of(command: &str, program: &str) -> Vec<String> {
    let (_, arguments) = command.split_once(program).unwrap_or_else(|| panic!("no {program} in {command}"));
    arguments.split_whitespace().map(ToOwned::to_owned).collect()
}

fn cron_line() -> String {
    let file = read(&project("contrib/cron/slaudit"));
    file.lines().find(|line| line.starts_with(|c: char| c.is_ascii_digit())).expect("a job").to_owned()
}

#[test]
fn units_and_cron_file_give_options_that_exist() {
    let unit = read(&project("contrib/systemd/slaudit.service")).replace("\\\n", " ");
    let unit = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("ExecStart");
    for command in [audit_of(unit, "/usr/bin/slaudit "), audit_of(&cron_line(), " slaudit audit /")] {
        let options = command.iter().skip_while(|word| !word.starts_with("--")).map(String::as_str);
        let here = project("contrib");
        let options: Vec<_> = options.map(|word| word.replace("/etc/slaudit", text(&here))).collect();
        let options: Vec<_> =
            ["config", "inventory.csv"].into_iter().chain(options.iter().map(String::as_str)).collect();
        let shown = quiet(SLAUDIT, &options);
        assert!(shown.contains("deadline = \"3h\"") && shown.contains("contrib/slaudit.toml"), "{shown}");
    }
}

#[test]
fn a_second_run_of_the_cron_file_is_not_begun() {
    let line = cron_line();
    let words: Vec<_> = line.split_whitespace().collect();
    let (schedule, user, command) = (&words[..5], words[5], words[6..].join(" "));
    assert_eq!((schedule.join(" ").as_str(), user), ("0 2 * * *", "slaudit"));
    // cron makes line ends of them.
    assert!(!command.contains('%'), "{command}");
    let folder = tempfile::tempdir().expect("a folder");
    let lock = folder.path().join("lock");
    let (before, _) = command.split_once(" slaudit audit").expect("the audit");
    let command = before.replace("/var/lib/slaudit/lock", text(&lock));
    assert!(command.contains(text(&lock)), "{command}");
    // The lock is held while the second command asks for it.
    let held = format!("{command} sh -c '{command} true; echo $?'");
    assert_eq!(quiet("sh", &["-c", &held]), "75\n");
    assert_eq!(quiet("sh", &["-c", &format!("{command} true; echo $?")]), "0\n");
}
