//! `slaudit completions SHELL` and `slaudit man`: made from the command line's own description, so that they are never stale.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{Failed, print};
use crate::cli;
use crate::exit::Exit;
use crate::reports::files::write_whole;

/// Files and variables that no option names.
const FILES: [(&str, &str); 4] = [
    (
        "./slaudit.toml, ~/.config/slaudit/slaudit.toml, /etc/slaudit/slaudit.toml",
        "The configuration; the first is used.",
    ),
    ("slaudit-runs/RUN/", "A run: findings.csv, devices.csv, report.json, run.log, transcripts/."),
    ("slaudit-runs/latest", "The newest complete run."),
    ("~/.ssh/known_hosts, ~/.ssh/config", "Host keys, and what OpenSSH knows about hosts."),
];
const SECRETS: [(&str, &str); 4] = [
    ("SLAUDIT_PASSWORD", "The password of the default credential set. No option takes a secret."),
    ("SLAUDIT_ENABLE_PASSWORD", "The enable secret of the default credential set."),
    ("SLAUDIT_PASSPHRASE", "The passphrase of its private key."),
    ("CREDENTIALS_DIRECTORY", "Set by systemd: its files SET.password, SET.enable and SET.passphrase are read."),
];

/// Prints the completions of a shell.
pub(super) fn completions(shell: Shell) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "slaudit", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Clean)
}

/// Prints the main page, or writes a page a command.
pub(super) fn man(out: Option<&Path>) -> anyhow::Result<Exit> {
    let pages = pages()?;
    let Some(out) = out else {
        let (_, main) = pages.first().context("there is no page")?;
        print(main)?;
        return Ok(Exit::Clean);
    };
    fs::create_dir_all(out)
        .with_context(|| format!("{}: cannot make the folder; choose another --out", out.display()))?;
    for (name, text) in &pages {
        write_whole(&out.join(name), |file| file.write_all(text.as_bytes())).map_err(Failed::from)?;
    }
    Ok(Exit::Clean)
}

/// Every page with its file name, the main one first.
fn pages() -> anyhow::Result<Vec<(String, String)>> {
    let mut command = cli::command();
    command.build();
    let mut pages = vec![("slaudit.1".to_owned(), main_page(&command)?)];
    for action in command.get_subcommands().filter(|action| !action.is_hide_set()) {
        let page = of(action.clone(), &command);
        let mut text = Vec::new();
        page.render(&mut text)?;
        see_also(&["slaudit".to_owned()]).to_writer(&mut text)?;
        pages.push((page.get_filename(), String::from_utf8(text)?));
    }
    Ok(pages)
}

fn of(mut command: Command, whole: &Command) -> Man {
    let version = whole.get_version().unwrap_or_default();
    // As --help has it: a synopsis of thirty options is no synopsis.
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_owned();
    Man::new(command.override_usage(usage)).source(format!("slaudit {version}")).manual("slaudit")
}

fn main_page(command: &Command) -> anyhow::Result<String> {
    let page = of(command.clone(), command);
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    page.render_subcommands_section(&mut text)?;
    let codes: Vec<_> = Exit::ALL.iter().map(|exit| (exit.code().to_string(), exit.meaning())).collect();
    let codes: Vec<_> = codes.iter().map(|(code, meaning)| (code.as_str(), *meaning)).collect();
    section("EXIT STATUS", &codes).to_writer(&mut text)?;
    section("FILES", &FILES).to_writer(&mut text)?;
    section("ENVIRONMENT", &SECRETS).to_writer(&mut text)?;
    let names: Vec<_> = command.get_subcommands().map(|action| format!("slaudit-{}", action.get_name())).collect();
    see_also(&names).to_writer(&mut text)?;
    Ok(String::from_utf8(text)?)
}

/// A heading and a list of terms.
fn section(heading: &str, terms: &[(&str, &str)]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [heading]);
    for (term, meaning) in terms {
        roff.control("TP", []);
        roff.text([bold(*term)]);
        roff.text([roman(*meaning)]);
    }
    roff
}

fn see_also(pages: &[String]) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    for (at, page) in pages.iter().enumerate() {
        let end = if at + 1 == pages.len() { "(1)" } else { "(1)," };
        roff.text([bold(page.as_str()), roman(end)]);
    }
    roff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_the_main_page_every_exit_code() {
        let pages = pages().expect("pages");
        let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "slaudit.1");
        assert_eq!(names.len(), 1 + cli::command().get_subcommands().count());
        assert!(names.contains(&"slaudit-audit.1") && names.contains(&"slaudit-man.1"), "{names:?}");
        for exit in Exit::ALL {
            let line = format!("\\fB{}\\fR\n{}", exit.code(), exit.meaning().replace('-', "\\-"));
            assert!(pages[0].1.contains(&line), "{line} is not in\n{}", pages[0].1);
        }
        // What a page says about an option does not depend on the machine on which it was made.
        let audit = &pages.iter().find(|(name, _)| name == "slaudit-audit.1").expect("audit").1;
        assert!(audit.contains("SLAUDIT_CONCURRENCY") && audit.contains("256"), "{audit}");
    }

    #[test]
    fn every_shell_has_completions_of_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut cli::command(), "slaudit", &mut text);
            let text = String::from_utf8(text).expect("text");
            for action in cli::command().get_subcommands() {
                assert!(text.contains(action.get_name()), "{shell}: {}", action.get_name());
            }
        }
    }
}
