//! The end of a run: reports, summary, exit code. The same after an audit and after an analysis.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Failed, print};
use crate::cli::{Formats, Output};
use crate::exit::Exit;
use crate::fleet::Stop;
use crate::reports::files::RunFolder;
use crate::reports::summary::{Look, summary};
use crate::reports::verdict::sentence;
use crate::reports::{self, Options, Report, write_json};
use crate::run::{Counts, Run};
use crate::store::{Draft, Head, Store};

/// What `--out` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A run folder under this directory.
    Folder(PathBuf),
    /// One document on standard output, nothing else there.
    Output,
    /// No report: only the summary is shown.
    Nowhere,
}

impl Target {
    /// Reads `--out` and `--format` before anything is done.
    ///
    /// # Errors
    /// Names every format that does not exist, and formats of which standard output cannot take one document.
    pub(super) fn of(out: Option<&Path>, output: &Formats) -> anyhow::Result<Self> {
        let target = match out {
            Some(path) if path.as_os_str() == "-" => Self::Output,
            Some(path) => Self::Folder(path.to_owned()),
            None if output.format.is_empty() => Self::Nowhere,
            None => Self::Output,
        };
        let reports = chosen(output, target == Self::Output)?;
        if target == Self::Output && reports.len() != 1 {
            anyhow::bail!("--format {}: more than one file; give --out DIR", output.format.join(","));
        }
        Ok(target)
    }

    /// Begins a run, in a folder of its own where it is to have one.
    pub(super) fn begin(&self, head: Head) -> anyhow::Result<(Draft, Option<RunFolder>)> {
        let Self::Folder(out) = self else { return Ok((Store::temporary()?.begin(head)?, None)) };
        let runs = RunFolder::at(out)?;
        // The store first: a folder of a run that the store does not know would be in everybody's way.
        let draft = Store::open(runs.path())?.begin(head)?;
        let folder = RunFolder::create(out, &draft.head().id)?;
        Ok((draft, Some(folder)))
    }
}

/// The reports that `--format` names; without it the usual ones, on standard output the JSON document.
fn chosen(output: &Formats, on_output: bool) -> anyhow::Result<Vec<&'static Report>> {
    if output.format.is_empty() {
        let usual = || reports::ALL.iter().copied().filter(|report| report.by_default).collect();
        return Ok(if on_output { reports::of_format("json") } else { usual() });
    }
    let unknown: Vec<_> =
        output.format.iter().filter(|name| reports::of_format(name).is_empty()).map(String::as_str).collect();
    if !unknown.is_empty() {
        anyhow::bail!("--format {}: there is no such report; use {}", unknown.join(","), reports::formats().join(", "));
    }
    let wanted = |report: &&Report| output.format.iter().any(|name| name.trim().eq_ignore_ascii_case(report.format));
    Ok(reports::ALL.iter().copied().filter(wanted).collect())
}

/// Where the reports go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// Into a run folder.
    Folder(&'a RunFolder),
    /// To standard output, nothing else there.
    Output,
    /// Nowhere: only the summary is shown.
    Nowhere,
}

/// How a run came to its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ending {
    /// Why it ended before all devices were done.
    pub(super) stop: Option<Stop>,
    /// Whether a credential set was stopped after refused logins.
    pub(super) breaker: bool,
    /// Whether evidence is missing that was there: it could not be read, or not be kept. Such a run is not complete.
    pub(super) lost: bool,
}

/// Writes the reports, shows the summary and answers with the exit code.
pub(super) fn finish(
    run: &Run,
    place: Place<'_>,
    output: &Output,
    quiet: bool,
    ending: Ending,
) -> anyhow::Result<Exit> {
    let names = write(run, place, &output.format)?;
    let exit = Exit::of(&run.overview.counts, output.fail_on.0, output.max_unreachable, ending.stop, ending.breaker);
    let exit = match exit {
        Exit::Clean if ending.lost => Exit::Incomplete,
        Exit::Problems if ending.lost => Exit::ProblemsAndIncomplete,
        exit => exit,
    };
    let folder = match place {
        // Nothing but the document stands there.
        Place::Output => return Ok(exit),
        Place::Folder(folder) => {
            // The newest run that was complete, not the one that ended last.
            if run.is_latest().map_err(Failed::from)? {
                folder.mark_latest().map_err(Failed::from)?;
            }
            Some(shown(folder.path()))
        }
        Place::Nowhere => None,
    };
    if quiet {
        print(&in_a_line(run, folder.as_deref(), exit)?)?;
    } else {
        print(&summary(run, &look(folder.as_deref().map(|folder| (folder, names.as_slice())))))?;
    }
    Ok(exit)
}

/// What `--quiet` prints: one line of JSON, for whoever starts runs by a timer. Keys are only ever added.
fn in_a_line(run: &Run, folder: Option<&str>, exit: Exit) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Line<'a> {
        run_id: &'a str,
        label: Option<&'a str>,
        folder: Option<&'a str>,
        verdict: String,
        exit_code: u8,
        complete: bool,
        counts: &'a Counts,
        duration_s: f64,
        rules_selected: usize,
        rules_known: usize,
    }
    let line = Line {
        run_id: &run.head.id,
        label: run.head.label.as_deref(),
        folder,
        verdict: sentence(run),
        exit_code: exit as u8,
        complete: run.is_complete(),
        counts: &run.overview.counts,
        duration_s: run.overview.took.as_secs_f64(),
        rules_selected: run.overview.rules.rules,
        rules_known: run.overview.rules.known,
    };
    let mut text = Vec::new();
    write_json(&line, &mut text)?;
    text.push(b'\n');
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Writes the reports and answers with the names of the files.
pub(super) fn write(run: &Run, place: Place<'_>, formats: &Formats) -> anyhow::Result<Vec<String>> {
    let (reports, options) = (chosen(formats, matches!(place, Place::Output))?, Options { csv: formats.csv_profile });
    match place {
        Place::Folder(folder) => Ok(folder.write(run, &reports, options).map_err(Failed::from)?),
        Place::Output => {
            for report in reports {
                let mut out = io::BufWriter::new(io::stdout().lock());
                let written = (report.write)(run, options, &mut out).and_then(|()| out.flush());
                if let Err(error) = written.filter_broken_pipe() {
                    return Err(Failed::unwritten(format!("standard output: {error}")).into());
                }
            }
            Ok(Vec::new())
        }
        Place::Nowhere => Ok(Vec::new()),
    }
}

trait FilterBrokenPipe {
    fn filter_broken_pipe(self) -> Self;
}

impl FilterBrokenPipe for io::Result<()> {
    /// A reader that has gone away is no error.
    fn filter_broken_pipe(self) -> Self {
        match self {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// How the terminal is: its width, and whether colours are welcome.
fn look<'a>(files: Option<(&'a str, &'a [String])>) -> Look<'a> {
    let terminal = console::Term::stdout();
    let size = terminal.size_checked();
    let (height, width) = size.map_or((40, 80), |(rows, columns)| (usize::from(rows), usize::from(columns)));
    // https://no-color.org: any value that is not empty.
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    Look { width, height, colour: io::stdout().is_terminal() && !no_colour, files }
}
