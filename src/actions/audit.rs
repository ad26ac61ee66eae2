//! `slaudit audit`: from an inventory to a run folder. Every device is in the store as soon as it is done.

use std::collections::HashMap;
use std::fs::{File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::evidence::Unkept;
use super::finish::{Ending, Place, Target, finish};
use super::saved::say;
use super::{Failed, command_line, head, inventory, judged, listed, reach, run_name, slac, waive, waivers};
use crate::cli::{AccessOptions, Audit};
use crate::exit::Exit;
use crate::fleet::{self, Done, LAST_ORDERS, Pace, Stop};
use crate::interview::{Access, interview};
use crate::inventory::{Device, Expectations, Inventory, Reach, Shard};
use crate::pipeline;
use crate::progress::{Progress, line_of};
use crate::record::{DeviceRecord, DeviceRow};
use crate::reports::files::{RunFolder, run_id};
use crate::reports::text::one_line;
use crate::rules::RuleSet;
use crate::run::Run;
use crate::secrets::{Keyring, from_home};
use crate::session::{HostKeys, Routes, Timeouts, Turns, UnderWay};
use crate::settings::Settings;
use crate::store::{Draft, Head, Packed};
use crate::transcript::archive::{self, About, ArchiveError, Recording};
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
    /// Where transcripts are kept; `None` with `--out -`: nothing is written.
    transcripts: Option<PathBuf>,
    /// The store takes nothing more: whoever is asked now is asked for nothing.
    is_pointless: AtomicBool,
}

/// Audits the selected devices.
#[allow(clippy::too_many_lines, reason = "the steps of an audit in their order, each a call")]
pub(super) fn run(options: &Audit, settings: &Settings) -> anyhow::Result<Exit> {
    let common = &settings.cli.common;
    let target = Target::of(Some(&options.pace.out), &options.output.format)?;
    let rules = settings.file.rule_set(&options.output.rules, &options.output.skip_rules)?;
    let waivers = waivers(&options.output, settings)?;
    let resumed = options.resume.as_deref().map(|name| resume(name, &target, &rules)).transpose()?;
    let (mut asked, source) = match &resumed {
        Some((draft, _)) => left(draft, options, settings)?,
        None => listed(&options.selection, settings)?,
    };
    let places = part(&mut asked, options.shard);
    let mut inventory = asked.clone();
    let reach = reach(&mut inventory, &options.access, settings)?;
    inventory.expect(&Expectations {
        slac: slac::expected(&options.output.slac)?,
        probe: options.access.probe,
        ..Expectations::default()
    });
    warn_of_ignored(&reach, common.quiet);
    let keyring = Keyring::read(&inventory.devices, &options.access, &settings.file, &reach)?;
    drop(reach);
    let host_keys = host_keys(&options.access, common.quiet)?;
    let (mut draft, folder) = match (resumed, &target) {
        (Some((draft, out)), _) => {
            let folder = RunFolder::create(&out, &draft.head().id)?;
            (draft, Some(folder))
        }
        (None, target) => {
            let started = Timestamp::now();
            let head = head(&run_id(started), started, &options.output, source, &asked.extra_columns, &rules);
            target.begin(Head { shard: options.shard, ..head }).context("nothing was contacted")?
        }
    };
    let mut log = Log::begin(folder.as_ref())?;
    // Now that nobody else drives the run.
    if let (Some(folder), true) = (&folder, options.resume.is_some()) {
        archive::sweep(&folder.transcripts()).context("nothing was contacted")?;
    }
    // As the inventory has them: whoever goes on with the run completes them anew.
    draft.expect(places.into_iter().zip(&asked.devices)).context("nothing was contacted")?;
    drop(asked);
    let timeouts = timeouts(&options.access);
    let turns = Arc::new(Turns::new(options.pace.login_rate));
    let shared = Arc::new(Shared {
        redactor: Redactor::new(keyring.secrets()),
        routes: Routes::new(host_keys, timeouts, Arc::clone(&turns)),
        timeouts,
        device_timeout: options.access.device_timeout,
        retries: options.access.retries,
        inventory,
        keyring,
        rules,
        transcripts: folder.as_ref().map(RunFolder::transcripts),
        is_pointless: AtomicBool::new(false),
    });
    let devices = &shared.inventory.devices;
    let progress = Progress::begin(devices.len(), common.quiet, common.verbose > 0);
    if options.resume.is_some() {
        let left = if devices.len() == 1 { "1 device is".to_owned() } else { format!("{} devices are", devices.len()) };
        say(common.quiet, &format!("run {}: {left} left", draft.head().id));
    }
    let (mut not_stored, mut unkept) = (None, Unkept::default());
    let pace = pace(options, devices, turns, |warning| progress.say(warning));
    shared.keyring.limit(pace.concurrency);
    let stop = fleet::run(
        devices.len(),
        &pace,
        |index| devices[index].site.clone(),
        |index| work(Arc::clone(&shared), index, shared.keyring.under_way(index)),
        |why, running| progress.say(&stopping(why, running)),
        |index, done| {
            shared.keyring.ended(index);
            let (packed, kept) = match done {
                Done::Finished(done) => done,
                Done::Panicked(words) => {
                    let words = shared.redactor.redact(&words);
                    without_transcript(&shared, &pipeline::broken(&devices[index], &words, &shared.rules))
                }
                Done::Stopped(why) => {
                    without_transcript(&shared, &pipeline::unfinished(&devices[index], why, &shared.rules))
                }
            };
            if let Err(error) = kept {
                unkept.add(error);
            }
            let stored = packed.map_err(Failed::internal).and_then(|packed| {
                progress.done(&packed.row);
                log.device(&packed.row);
                draft.put(&packed).map_err(Failed::from)
            });
            if let Err(error) = stored {
                shared.is_pointless.store(true, Ordering::Relaxed);
                not_stored.get_or_insert(error);
            }
        },
    );
    progress.end();
    let stop = stop.map_err(|error| Failed::internal(format!("the run could not be driven: {error}")))?;
    let (id, started) = (draft.head().id.clone(), draft.head().started);
    let go_on = command_line::resuming(&draft.head().command, &id);
    let unkept = shared.transcripts.as_deref().and_then(|transcripts| unkept.message(transcripts, &go_on));
    for line in unkept.iter().flat_map(|message| message.lines()) {
        let _ = writeln!(io::stderr(), "{}", one_line(line));
    }
    // Without a folder there is nothing to go on with.
    let advised = |error: Failed, advice: &str| match &folder {
        Some(_) => error.advise(&format!("{advice}: {go_on}")),
        None => error,
    };
    if let Some(error) = not_stored {
        return Err(advised(error, "what was stored before is whole; mend this and go on with").into());
    }
    let (breaker, is_site_aside) = (shared.keyring.any_stopped(), shared.keyring.any_site_aside());
    // The reports need its room.
    drop(shared);
    let ended = draft.finish(Timestamp::now(), &waive(&waivers, started));
    let run = ended.map_err(Failed::from).and_then(|store| Run::load(store, &id).map_err(Failed::from));
    let reports = "every device is stored; mend this, and for the reports";
    let run = run.map_err(|error| advised(error, reports))?;
    let place = folder.as_ref().map_or(Place::Output, Place::Folder);
    let ending = Ending { stop, breaker, lost: unkept.is_some() };
    let exit = finish(&run, place, &options.output, common.quiet, ending).map_err(|error| match error.downcast() {
        Ok(error) => advised(error, reports).into(),
        Err(error) => error,
    })?;
    if (stop.is_some() || breaker || is_site_aside) && folder.is_some() {
        say(common.quiet, &format!("the rest of the devices: {go_on}"));
    }
    Ok(exit)
}

/// The run to go on with, and the directory it is in.
///
/// # Errors
/// There is no such run, or it was begun with other rules: what they found on the devices that are done could not be told from
/// what is resolved.
fn resume(name: &str, target: &Target, rules: &RuleSet) -> anyhow::Result<(Draft, PathBuf)> {
    let Target::Folder(out) = target else { bail!("--resume goes on with a run folder; give --out DIR") };
    let named = run_name::find(name, out)?;
    let store = named.store()?;
    let past = store.run(&named.id)?.with_context(|| format!("--resume {name}: the store has no run {}", named.id))?;
    if past.head.rules_version != Run::rules_version() || past.head.rules != judged(rules) {
        bail!(
            "--resume {name}: the run was begun with other rules, or by another slaudit; use those, or audit anew: slaudit {}",
            one_line(&past.head.command)
        );
    }
    Ok((store.resume(past), named.runs))
}

/// The devices that a run lacks. Where an inventory is named, a row of it replaces the one that the run had: an address may have
/// been corrected. Nobody is added.
fn left(draft: &Draft, options: &Audit, settings: &Settings) -> anyhow::Result<(Inventory, String)> {
    let head = draft.head();
    let mut left = Inventory { devices: draft.missing()?, extra_columns: head.extra_columns.clone() };
    if let Some(path) = &options.selection.inventory {
        let file = inventory(path, settings)?;
        let extra = |device: &Device, name: &String| {
            let at = file.extra_columns.iter().position(|column| column == name)?;
            device.extra.get(at).cloned()
        };
        let rows: HashMap<_, _> = file.devices.iter().map(|device| (device.name.to_lowercase(), device)).collect();
        for device in &mut left.devices {
            if let Some(row) = rows.get(&device.name.to_lowercase()) {
                let columns = head.extra_columns.iter().map(|name| extra(row, name).unwrap_or_default()).collect();
                *device = Device { name: device.name.clone(), extra: columns, ..(*row).clone() };
            }
        }
    }
    Ok((left, head.inventory.clone()))
}

/// Keeps the devices of a part, and answers with their places among all of them.
fn part(inventory: &mut Inventory, shard: Option<Shard>) -> Vec<usize> {
    let is_mine = |device: &Device| shard.is_none_or(|shard| shard.has(&device.name));
    let all = inventory.devices.iter().enumerate();
    let places = all.filter(|(_, device)| is_mine(device)).map(|(place, _)| place).collect();
    inventory.devices.retain(is_mine);
    places
}

/// What a device leaves: its row for the store, and whether its transcript could be kept.
type Left = (Result<Packed, String>, Result<(), ArchiveError>);

/// Interviews and judges one device, and keeps what it said. Others may wait for it as long as `_guard` lives.
async fn work(shared: Arc<Shared>, index: usize, _guard: Option<UnderWay>) -> Left {
    let device = &shared.inventory.devices[index];
    if shared.is_pointless.load(Ordering::Relaxed) {
        return (packed(&pipeline::unfinished(device, Stop::Interrupted, &shared.rules)), Ok(()));
    }
    let Some((credentials, breaker, hops)) = shared.keyring.for_device(index) else {
        return (packed(&pipeline::broken(device, "its credentials were not read", &shared.rules)), Ok(()));
    };
    let access = Access {
        credentials,
        breaker,
        hops,
        routes: &shared.routes,
        timeouts: &shared.timeouts,
        device_timeout: shared.device_timeout,
        retries: shared.retries,
        redactor: &shared.redactor,
        transcripts: shared.transcripts.as_deref(),
    };
    let mut interview = interview(device, access).await;
    let recording = interview.recording.take();
    let record = pipeline::record(interview, &shared.rules);
    let kept = shared.keep(recording, &record);
    let record = match (&kept, &shared.transcripts) {
        (Err(error), Some(transcripts)) => pipeline::without_evidence(record, error, transcripts),
        _ => record,
    };
    (packed(&record), kept)
}

/// A device that did not get to the end of its work: its row is kept, so that an analysis of the run does not lose it.
fn without_transcript(shared: &Shared, record: &DeviceRecord) -> Left {
    let recording = shared.transcripts.as_deref().map(|folder| Recording::of(&record.device.name, folder));
    (packed(record), shared.keep(recording, record))
}

fn packed(record: &DeviceRecord) -> Result<Packed, String> {
    Packed::new(record).map_err(|error| format!("{}: {error}", record.device.name))
}

impl Shared {
    /// Puts what a device said in its place, with its row beside it.
    fn keep(&self, recording: Option<Recording>, record: &DeviceRecord) -> Result<(), ArchiveError> {
        let Some(recording) = recording else { return Ok(()) };
        let hostname = Some(record.contact.hostname_seen.as_str()).filter(|seen| !seen.is_empty());
        let (device, extra_columns) = (&record.device, &*self.inventory.extra_columns);
        let about = About { device, extra_columns, hostname, contact: pipeline::kept(record) };
        recording.finish(about).map(drop)
    }
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
    let (command, prompt) = (options.command_timeout, usual.prompt.min(options.command_timeout));
    Timeouts { connect: options.connect_timeout, command, prompt, enable: usual.enable.min(command), ..usual }
}

/// Said when nothing new begins any more.
fn stopping(why: Stop, running: usize) -> String {
    let seconds = LAST_ORDERS.as_secs();
    match why {
        Stop::Interrupted => {
            format!("stopping: {running} devices are finishing, at most {seconds} s; once more stops at once")
        }
        Stop::OutOfTime => format!("the time of the run is over: {running} devices are finishing, at most {seconds} s"),
    }
}

fn pace(options: &Audit, devices: &[Device], turns: Arc<Turns>, warn: impl Fn(&str)) -> Pace {
    let Audit { pace: options, access, .. } = options;
    let wanted = options.concurrency as usize;
    // A connection, and the socket pair between it and libssh2. Over a jump host the connection is a socket pair, too.
    let descriptors = if devices.iter().all(|device| device.jump.is_empty()) { 3 } else { 4 };
    let concurrency = fleet::fitting_concurrency(wanted, descriptors);
    if concurrency < wanted {
        warn(&format!(
            "warning: the limit of open files allows {concurrency} devices at once, not {wanted} (ulimit -n)"
        ));
    }
    let per_site = options.per_site.map(|limit| limit as usize);
    // A device ends by its own deadline; this is for one that hangs where none reaches.
    let device_limit = access.device_timeout + Duration::from_secs(30);
    Pace { concurrency, per_site, turns, device_limit, deadline: options.deadline }
}

/// `run.log`: a line for each device, as it is done. Whoever drives the run holds its lock.
struct Log(Option<File>);

impl Log {
    fn begin(folder: Option<&RunFolder>) -> anyhow::Result<Self> {
        let open = |folder: &RunFolder| {
            let path: &Path = &folder.path().join("run.log");
            let file = File::options().create(true).append(true).open(path);
            let file = file.with_context(|| format!("{}: cannot be written; nothing was contacted", path.display()))?;
            // Held until the process ends: a run that is still going on must not be gone on with.
            if let Err(TryLockError::WouldBlock) = file.try_lock() {
                bail!("{}: the run is still going on; nothing was contacted", path.display());
            }
            Ok(file)
        };
        Ok(Self(folder.map(open).transpose()?))
    }

    fn device(&mut self, row: &DeviceRow) {
        if let Some(file) = &mut self.0 {
            // A full disk shows up when the reports are written; the log alone is no reason to stop.
            let _ = writeln!(file, "{:.3}  {}", Timestamp::now(), line_of(row));
        }
    }
}
