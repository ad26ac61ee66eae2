//! `slaudit slac FILE... --run RUN`: the UDIs of SLAC files against those of the devices.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use serde::Serialize;

use super::saved::{Place, Saved};
use super::table::table;
use super::{print, run_name};
use crate::cli::Slac;
use crate::exit::Exit;
use crate::facts::{Facts, Udi};
use crate::inventory::{Expectations, SlacFile};
use crate::reports::json_value;
use crate::reports::text::one_line;
use crate::rules::{RuleSet, situation};
use crate::run::{DeviceRecord, Status};
use crate::settings::Settings;
use crate::slac::{self, Answer, DeviceUnits, Fleet, Listed, Need};
use crate::transcript::intake::read_text;

/// Compares.
pub(super) fn run(options: &Slac, settings: &Settings) -> anyhow::Result<Exit> {
    let (files, faults) = read_files(&options.files);
    if files.iter().all(|file| file.udis.is_empty()) {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        bail!("no UDI was read from the SLAC files; make them in CSSM again\n  {}", faults.join("\n  "));
    }
    let (paths, source) = match &options.run {
        Some(name) => {
            let folder = run_name::find(name, &options.runs)?;
            let source = format!("run {}", run_name::id(&folder));
            (vec![folder], source)
        }
        None => (options.from.clone(), "saved output".to_owned()),
    };
    let saved = Saved::find(&Place { paths: &paths, ..Place::default() }, settings.cli.common.quiet)?;
    // The rules are not asked: the comparison is made here, over all devices.
    let (expected, rules) = (Expectations::default(), RuleSet::default());
    let records = saved.records(&expected, &rules);
    // What is no device of Cisco has no licence either.
    let devices: Vec<_> = records.filter(|r| r.status != Status::NotSupported).map(|r| units_of(&r)).collect();
    let fleet = slac::compare_fleet(&devices, &files);
    if options.format == "json" {
        let mut json = Vec::new();
        json_value(&json_of(&source, &devices, &files, &faults, &fleet), &mut json)?;
        print(&format!("{}\n", String::from_utf8_lossy(&json)))?;
    } else {
        print(&text(&source, &devices, &files, &faults, &fleet))?;
    }
    // What could not be read may have held a unit: such a comparison is no match.
    let whole = faults.is_empty() && !saved.lost_something();
    Ok(if whole && fleet.is_match() { Exit::Clean } else { Exit::Problems })
}

/// What `--slac` of `audit` and `analyze` gives the devices to compare with; `None` without the option.
///
/// # Errors
/// Names every file that cannot be read whole: a rule must not judge by half a list.
pub(super) fn expected(paths: &[PathBuf]) -> anyhow::Result<Option<Arc<[SlacFile]>>> {
    if paths.is_empty() {
        return Ok(None);
    }
    let (files, faults) = read_files(paths);
    if !faults.is_empty() {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        bail!("--slac: {}; make the file in CSSM again", faults.join("\n"));
    }
    Ok(Some(files.into()))
}

/// A file that cannot be read whole.
#[derive(Debug, Serialize)]
struct FileFault {
    file: String,
    /// Line of the file; `None` where nothing of it could be read.
    line: Option<usize>,
    error: String,
}

impl std::fmt::Display for FileFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let line = self.line.map(|line| format!(" line {line}:")).unwrap_or_default();
        write!(f, "{}:{line} {}", one_line(&self.file), one_line(&self.error))
    }
}

fn read_files(paths: &[PathBuf]) -> (Vec<SlacFile>, Vec<FileFault>) {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.display().to_string();
        match read_text(path) {
            Ok(text) => {
                let slac::Read { file, fault } = slac::read(&name, &text);
                files.push(file);
                faults.extend(fault.map(|at| FileFault { file: name, line: Some(at.line), error: at.what }));
            }
            Err(unplaced) => faults.push(FileFault { file: name, line: None, error: unplaced.reason.to_string() }),
        }
    }
    (files, faults)
}

fn units_of(record: &DeviceRecord) -> DeviceUnits {
    let facts = &record.reading.facts;
    let units = facts.udis.get().cloned().map_err(|why| match record.status {
        Status::Audited => why.to_string(),
        status => format!("{why} ({status})"),
    });
    DeviceUnits { name: record.device.name.clone(), units, need: need(facts) }
}

/// Whether a licence in use needs a code, and has it.
fn need(facts: &Facts) -> Need {
    if facts.slp_enabled.value() == Some(&false) {
        return Need::None;
    }
    let licences = match facts.licenses.get() {
        Ok(licences) => licences,
        Err(why) => return Need::Unknown(why.to_string()),
    };
    let refused = |status: &str| status.to_uppercase().contains("NOT AUTHORIZED");
    let names = |wanted: &dyn Fn(&crate::facts::License) -> bool| {
        let mut names: Vec<_> = licences.iter().filter(|l| wanted(l)).map(|l| l.name.as_str()).collect();
        names.dedup();
        names.join(", ")
    };
    let not_authorized = names(&|licence| refused(&licence.status));
    if !not_authorized.is_empty() {
        return Need::Lacking(not_authorized);
    }
    let enforced = names(&|licence| situation::is_in_use(licence) && situation::needs_authorization(licence));
    if enforced.is_empty() {
        return Need::None;
    }
    let installed = |status: &str| status.contains("INSTALLED") && !status.contains("NOT INSTALLED");
    match (facts.authorization_units.value().map(Vec::as_slice), facts.authorization_installed.get()) {
        (Some(units @ [_, ..]), _) if units.iter().all(|unit| installed(&unit.status.to_uppercase())) => {
            Need::Installed
        }
        (Some([_, ..]), _) | (_, Ok(false)) => Need::Lacking(enforced),
        (_, Ok(true)) => Need::Installed,
        (_, Err(why)) => Need::Unknown(why.to_string()),
    }
}

/// The comparison for people, in 80 columns where names are short.
fn text(source: &str, devices: &[DeviceUnits], files: &[SlacFile], faults: &[FileFault], fleet: &Fleet<'_>) -> String {
    let udis: usize = files.iter().map(|file| file.udis.len()).sum();
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let matching = fleet.answers.iter().filter(|(_, answer)| answer.is_match()).count();
    let skipped: Vec<_> = fleet.answers.iter().filter_map(not_compared).collect();
    let mut text = format!(
        "{} of {} against {} of {source}:\n{matching} match, {} do not, {} not compared\n",
        count(udis, "UDI"),
        count(files.len(), "SLAC file"),
        count(devices.len(), "device"),
        fleet.answers.len() - matching - skipped.len(),
        skipped.len(),
    );
    let rows: Vec<_> = fleet.answers.iter().flat_map(|(name, answer)| rows(name, answer, files)).collect();
    if !rows.is_empty() {
        text += "\n";
        text += &table(&["DEVICE", "UNIT", "PID", "SERIAL", "RESULT"], &rows);
    }
    let mut part = |title: &str, lines: &[String]| {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{title}");
            for line in lines {
                let _ = writeln!(text, "  {}", one_line(line));
            }
        }
    };
    part("Not compared", &skipped);
    let nobody: Vec<_> = fleet.of_no_device.iter().map(|l| format!("{}  {}", udi(l), at(l, files))).collect();
    part("In the files, and of no device", &nobody);
    let broken: Vec<_> = faults.iter().map(ToString::to_string).collect();
    part("Files that could not be read whole", &broken);
    let shared: Vec<_> =
        fleet.shared.iter().map(|(file, devices)| format!("{} names {devices} devices", file.name)).collect();
    part("Installed by hand, a file must name the units of that device only", &shared);
    let quiet: Vec<_> = [(fleet.need_none, "no code needed"), (fleet.installed, "code installed already")]
        .into_iter()
        .filter(|(devices, _)| *devices > 0)
        .map(|(devices, why)| format!("{}: {why}", count(devices, "device")))
        .collect();
    part("In no file", &quiet);
    text
}

fn not_compared((name, answer): &(&str, Answer<'_>)) -> Option<String> {
    match answer {
        Answer::NotCompared(why) => Some(format!("{name}: {why}")),
        Answer::Compared(_) | Answer::NotNamed(..) => None,
    }
}

/// The rows of a device: one where all is right, else one a unit.
fn rows(name: &str, answer: &Answer<'_>, files: &[SlacFile]) -> Vec<Vec<String>> {
    let row = |unit: &Udi, result: String| {
        vec![name.to_owned(), unit.role.clone(), unit.pid.clone(), unit.serial.clone(), result]
    };
    match answer {
        Answer::NotCompared(_) => Vec::new(),
        Answer::NotNamed(units, licences) => {
            units.iter().map(|unit| row(unit, format!("missing; {licences} lacks a code"))).collect()
        }
        Answer::Compared(found) => {
            let matched = found.matched.iter().map(|unit| row(unit, "matches".to_owned()));
            let missing = found.missing.iter().map(|unit| row(unit, "missing in the files".to_owned()));
            let differs = found
                .pid_differs
                .iter()
                .map(|(unit, listed)| row(unit, format!("PID differs: {} in {}", listed.udi.pid, at(listed, files))));
            let foreign = found.others.iter().map(|listed| {
                let result = format!("foreign: {}", at(listed, files));
                vec![name.to_owned(), String::new(), listed.udi.pid.clone(), listed.udi.serial.clone(), result]
            });
            matched.chain(missing).chain(differs).chain(foreign).collect()
        }
    }
}

fn udi(listed: &Listed<'_>) -> String {
    format!("PID:{},SN:{}", listed.udi.pid, listed.udi.serial)
}

/// Where a UDI stands: `codes.xml:12`, with the folder where two files have one name.
fn at(listed: &Listed<'_>, files: &[SlacFile]) -> String {
    let short = |file: &SlacFile| PathBuf::from(&file.name).file_name().map(|name| name.to_string_lossy().into_owned());
    let alone = files.iter().filter(|file| short(file) == short(listed.file)).count() == 1;
    let name = short(listed.file).filter(|_| alone).unwrap_or_else(|| listed.file.name.clone());
    format!("{name}:{}", listed.udi.line)
}

/// The comparison for programs, schema 1.
#[derive(Serialize)]
struct Json<'a> {
    schema: u32,
    source: &'a str,
    #[serde(rename = "match")]
    is_match: bool,
    files: Vec<FileJson<'a>>,
    faults: &'a [FileFault],
    devices: Vec<DeviceJson<'a>>,
    of_no_device: Vec<ListedJson<'a>>,
    n_devices: usize,
    n_need_none: usize,
    n_installed: usize,
}

#[derive(Serialize)]
struct FileJson<'a> {
    file: &'a str,
    udis: usize,
}

#[derive(Default, Serialize)]
struct DeviceJson<'a> {
    device: &'a str,
    result: &'static str,
    reason: String,
    matched: Vec<&'a Udi>,
    missing: Vec<&'a Udi>,
    pid_differs: Vec<DiffersJson<'a>>,
    foreign: Vec<ListedJson<'a>>,
}

#[derive(Serialize)]
struct DiffersJson<'a> {
    unit: &'a Udi,
    listed: ListedJson<'a>,
}

#[derive(Serialize)]
struct ListedJson<'a> {
    pid: &'a str,
    serial: &'a str,
    file: &'a str,
    line: usize,
}

fn listed_json<'a>(listed: &Listed<'a>) -> ListedJson<'a> {
    let Listed { file, udi } = *listed;
    ListedJson { pid: &udi.pid, serial: &udi.serial, file: &file.name, line: udi.line }
}

fn json_of<'a>(
    source: &'a str,
    devices: &[DeviceUnits],
    files: &'a [SlacFile],
    faults: &'a [FileFault],
    fleet: &'a Fleet<'a>,
) -> Json<'a> {
    let device = |(name, answer): &'a (&str, Answer<'a>)| {
        let result = if answer.is_match() { "match" } else { "mismatch" };
        let base = DeviceJson { device: name, result, ..DeviceJson::default() };
        match answer {
            Answer::NotCompared(why) => DeviceJson { result: "not_compared", reason: why.clone(), ..base },
            Answer::NotNamed(units, licences) => {
                let reason = format!("no file names it, and {licences} lacks a code");
                DeviceJson { reason, missing: units.iter().collect(), ..base }
            }
            Answer::Compared(found) => DeviceJson {
                matched: found.matched.clone(),
                missing: found.missing.clone(),
                pid_differs: found
                    .pid_differs
                    .iter()
                    .map(|(unit, listed)| DiffersJson { unit, listed: listed_json(listed) })
                    .collect(),
                foreign: found.others.iter().map(listed_json).collect(),
                ..base
            },
        }
    };
    Json {
        schema: 1,
        source,
        is_match: faults.is_empty() && fleet.is_match(),
        files: files.iter().map(|file| FileJson { file: &file.name, udis: file.udis.len() }).collect(),
        faults,
        devices: fleet.answers.iter().map(device).collect(),
        of_no_device: fleet.of_no_device.iter().map(listed_json).collect(),
        n_devices: devices.len(),
        n_need_none: fleet.need_none,
        n_installed: fleet.installed,
    }
}
