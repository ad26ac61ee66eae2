//! The `slaudit` binary: read the settings, run the action, end with its code.

use std::io::Write as _;
use std::process::ExitCode;

use slaudit::actions;
use slaudit::exit::Exit;
use slaudit::reports::text::one_line;
use slaudit::settings::Settings;

fn main() -> ExitCode {
    let settings = match Settings::read(std::env::args_os().collect()) {
        Ok(settings) => settings,
        Err(error) => return usage(&error),
    };
    let exit = actions::run(&settings).unwrap_or_else(|error| {
        say(&error);
        error.downcast_ref::<actions::Failed>().map_or(Exit::Usage, |_| Exit::Internal)
    });
    exit.into()
}

/// Help and version are no errors; everything else is wrong usage.
fn usage(error: &anyhow::Error) -> ExitCode {
    if let Some(error) = error.downcast_ref::<clap::Error>() {
        let _ = error.print();
        return if error.use_stderr() { Exit::Usage.into() } else { Exit::Clean.into() };
    }
    say(error);
    Exit::Usage.into()
}

/// `{:#}` joins where, what and advice in one line; a list stays a list. Names in it may come from other people's files.
fn say(error: &anyhow::Error) {
    let text = format!("error: {error:#}");
    for line in text.lines() {
        let _ = writeln!(std::io::stderr(), "{}", one_line(line));
    }
}
