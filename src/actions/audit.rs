//! `slaudit audit`: from an inventory to a run folder.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use super::finish::{Place, Target, finish};
use super::{Failed, Selected, select, slac};
use crate::cli::{AccessOptions, Audit, PaceOptions};
use crate::exit::Exit;
use crate::fleet::{self, Done, Pace};
use crate::interview::{Access, interview};
use crate::inventory::{Device, Expectations, Inventory, Reach};
use crate::pipeline;
use crate::progress::{Progress, line_of};
use crate::reports::files::{RunFolder, run_id};
use crate::rules::RuleSet;
use crate::run::{DeviceRecord, Run};
use crate::secrets::{Keyring, from_home};
use crate::session::{HostKeys, Routes, Timeouts};
use crate::settings::Settings;
use crate::transcript::archive::Archived;
use crate::transcript::redact::Redactor;

/// All that the work on one device needs, shared by all of them.
struct Shared {
    inventory: Inventory,
    keyring: Keyring,
    routes: Routes,
    timeouts: Timeouts,
    device_timeout: Duration,
    retries: u32,
    redactor: Redactor,
    rules: RuleSet,
    /// `None` with `--out -`: nothing is written.
    folder: Option<RunFolder>,
}

/// Audits the selected devices.
pub(super) fn run(options: &Audit, settings: &Settings) -> anyhow::Result<Exit> {
    let started = Timestamp::now();
    let id = run_id(started);
    let Selected { mut inventory, source, reach } = select(&options.selection, &options.access, settings)?;
    inventory.expect(&Expectations {
        slac: slac::expected(&options.output.slac)?,
        probe: options.access.probe,
        ..Expectations::default()
    });
    warn_of_ignored(&reach, settings.cli.common.quiet);
    let target = Target::of(Some(&options.pace.out), &options.output)?;
    let rules = settings.file.rule_set(&options.output.rules, &options.output.skip_rules)?;
    let keyring = Keyring::read(&inventory.devices, &options.access, &settings.file, &reach)?;
    let host_keys = host_keys(&options.access, settings.cli.common.quiet)?;
    let folder = match &target {
        Target::Folder(out) => Some(RunFolder::create(out, &id).context("nothing was contacted")?),
        Target::Output | Target::Nowhere => None,
    };
    let mut log = Log::begin(folder.as_ref())?;
    let timeouts = timeouts(&options.access);
    let shared = Arc::new(Shared {
        redactor: Redactor::new(keyring.secrets()),
        routes: Routes::new(host_keys, timeouts),
        timeouts,
        device_timeout: options.access.device_timeout,
        retries: options.access.retries,
        inventory,
        keyring,
        rules,
        folder,
    });
    let devices = &shared.inventory.devices;
    let common = &settings.cli.common;
    let progress = Progress::begin(devices.len(), common.quiet, common.verbose > 0);
    let mut records: Vec<Option<DeviceRecord>> = vec![None; devices.len()];
    let mut not_kept = None;
    let pace = pace(&options.pace, devices, |warning| progress.say(warning));
    let stop = fleet::run(
        devices.len(),
        &pace,
        |index| devices[index].site.clone(),
        |index| work(Arc::clone(&shared), index),
        |index, done| {
            let (record, kept) = match done {
                Done::Finished(done) => done,
                Done::Panicked(words) => without_transcript(&shared, pipeline::broken(&devices[index], &words)),
                Done::Stopped(why) => without_transcript(&shared, pipeline::unfinished(&devices[index], why)),
            };
            not_kept = not_kept.take().or(kept.err());
            progress.done(&record);
            log.device(&record);
            records[index] = Some(record);
        },
    );
    progress.end();
    let stop = stop.map_err(|error| Failed(format!("the run could not be driven: {error}")))?;
    let run = Run {
        id,
        label: options.output.label.clone(),
        command: command_line(),
        started,
        finished: Timestamp::now(),
        inventory: source,
        extra_columns: shared.inventory.extra_columns.clone(),
        devices: rows(records, &shared.inventory),
    };
    let place_of_reports = shared.folder.as_ref().map_or(Place::Output, Place::Folder);
    let exit = finish(&run, place_of_reports, &options.output, common.quiet, stop, shared.keyring.any_stopped())?;
    match not_kept {
        Some(error) => {
            Err(Failed(format!("the reports are complete, but a transcript could not be kept: {error}")).into())
        }
        None => Ok(exit),
    }
}

/// Interviews and judges one device, and keeps what it said.
async fn work(shared: Arc<Shared>, index: usize) -> (DeviceRecord, Result<(), String>) {
    let device = &shared.inventory.devices[index];
    let Some((set, hops)) = shared.keyring.of(device) else {
        return (pipeline::broken(device, "its credentials were not read"), Ok(()));
    };
    let access = Access {
        credentials: &set.0,
        breaker: &set.1,
        hops,
        routes: &shared.routes,
        timeouts: &shared.timeouts,
        device_timeout: shared.device_timeout,
        retries: shared.retries,
        redactor: &shared.redactor,
    };
    let interview = interview(device, access).await;
    let (record, archived) = pipeline::record(interview, &shared.inventory.extra_columns, &shared.rules);
    let kept = shared.keep(&archived);
    (record, kept)
}

/// A device that did not get to the end of its work: its row is kept, so that an analysis of the run does not lose it.
fn without_transcript(shared: &Shared, record: DeviceRecord) -> (DeviceRecord, Result<(), String>) {
    let kept = shared.keep(&pipeline::row_only(&record, &shared.inventory.extra_columns));
    (record, kept)
}

impl Shared {
    fn keep(&self, archived: &Archived) -> Result<(), String> {
        let Some(folder) = &self.folder else { return Ok(()) };
        archived.write(&folder.transcripts()).map(drop).map_err(|error| error.to_string())
    }
}

/// One row a selected device, always.
fn rows(records: Vec<Option<DeviceRecord>>, inventory: &Inventory) -> Vec<DeviceRecord> {
    let missing = |index: usize| pipeline::broken(&inventory.devices[index], "its work was lost");
    records.into_iter().enumerate().map(|(index, record)| record.unwrap_or_else(|| missing(index))).collect()
}

fn warn_of_ignored(reach: &Reach, quiet: bool) {
    if !quiet && !reach.ignored.is_empty() {
        let keywords: Vec<_> = reach.ignored.iter().map(String::as_str).collect();
        let list = keywords.join(", ");
        let _ = writeln!(io::stderr(), "warning: not used of the SSH configuration (--ssh-config): {list}");
    }
}

/// The known host keys; lines that could not be read are told.
pub(super) fn host_keys(options: &AccessOptions, quiet: bool) -> anyhow::Result<HostKeys> {
    let path = options.known_hosts.clone().unwrap_or_else(|| "~/.ssh/known_hosts".into());
    let path = from_home(&path);
    let keys =
        HostKeys::load(&path, options.host_keys).with_context(|| format!("{}: cannot be read", path.display()))?;
    if !quiet {
        for warning in &keys.warnings {
            let _ = writeln!(io::stderr(), "warning: {}: {warning}; the line is not used", path.display());
        }
    }
    Ok(keys)
}

fn timeouts(options: &AccessOptions) -> Timeouts {
    let usual = Timeouts::default();
    // Who waits less for a command does not wait longer for a prompt.
    let prompt = usual.prompt.min(options.command_timeout);
    Timeouts { connect: options.connect_timeout, command: options.command_timeout, prompt, ..usual }
}

fn pace(options: &PaceOptions, devices: &[Device], warn: impl Fn(&str)) -> Pace {
    let wanted = options.concurrency as usize;
    // Over a jump host a session is a socket pair.
    let descriptors = if devices.iter().all(|device| device.jump.is_empty()) { 1 } else { 2 };
    let concurrency = fleet::fitting_concurrency(wanted, descriptors);
    if concurrency < wanted {
        warn(&format!(
            "warning: the limit of open files allows {concurrency} devices at once, not {wanted} (ulimit -n)"
        ));
    }
    let per_site = options.per_site.map(|limit| limit as usize);
    Pace { concurrency, per_site, login_rate: options.login_rate, deadline: options.deadline }
}

/// What was typed. No option takes a secret.
pub(super) fn command_line() -> String {
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    words.collect::<Vec<_>>().join(" ")
}

/// `run.log`: a line for each device, as it is done.
struct Log(Option<File>);

impl Log {
    fn begin(folder: Option<&RunFolder>) -> anyhow::Result<Self> {
        let open = |folder: &RunFolder| {
            let path: &Path = &folder.path().join("run.log");
            File::create(path).with_context(|| format!("{}: cannot be written; nothing was contacted", path.display()))
        };
        Ok(Self(folder.map(open).transpose()?))
    }

    fn device(&mut self, record: &DeviceRecord) {
        if let Some(file) = &mut self.0 {
            // A full disk shows up when the reports are written; the log alone is no reason to stop.
            let _ = writeln!(file, "{:.3}  {}", Timestamp::now(), line_of(record));
        }
    }
}
