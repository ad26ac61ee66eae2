//! The `slaudit` binary: read the settings, run the action, end with its code.

use std::io::Write as _;
use std::process::ExitCode;

use slaudit::actions;
use slaudit::exit::{Exit, guarded};
use slaudit::reports::text::one_line;
use slaudit::settings::Settings;

fn main() -> ExitCode {
    guarded(|| match Settings::read(std::env::args_os().collect()) {
        Ok(settings) => actions::run(&settings).unwrap_or_else(|error| {
            say(&error);
            error.downcast_ref::<actions::Failed>().map_or(Exit::Usage, actions::Failed::exit)
        }),
        Err(error) => usage(&error),
    })
    .into()
}

/// Help and version are no errors; everything else is wrong usage.
fn usage(error: &anyhow::Error) -> Exit {
    if let Some(error) = error.downcast_ref::<clap::Error>() {
        let _ = error.print();
        return if error.use_stderr() { Exit::Usage } else { Exit::Clean };
    }
    say(error);
    Exit::Usage
}

/// `{:#}` joins where, what and advice in one line; a list stays a list. Names in it may come from other people's files.
fn say(error: &anyhow::Error) {
    let text = format!("error: {error:#}");
    for line in text.lines() {
        let _ = writeln!(std::io::stderr(), "{}", one_line(line));
    }
}
