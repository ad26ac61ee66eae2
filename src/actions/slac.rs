//! `slaudit slac FILE... --run RUN`: the UDIs of SLAC files against those of the devices.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;

use super::saved::{Place, Saved};
use super::slac_view::{FileFault, json, text};
use super::{print, run_name};
use crate::cli::{AnswerFormat, Slac};
use crate::exit::Exit;
use crate::facts::Facts;
use crate::inventory::{Expectations, SlacFile};
use crate::record::{DeviceRecord, Status};
use crate::reports::write_json;
use crate::rules::{RuleSet, situation};
use crate::settings::Settings;
use crate::slac::{self, DeviceUnits, Need};
use crate::transcript::intake::{Reason, read_text};

/// Compares.
pub(super) fn run(options: &Slac, settings: &Settings) -> anyhow::Result<Exit> {
    let (files, faults) = read_files(&options.files);
    if files.iter().all(|file| file.udis.is_empty()) {
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        bail!(
            "no UDI was read from the SLAC files; check their names, or make them in CSSM again\n  {}",
            faults.join("\n  ")
        );
    }
    let (paths, source) = match &options.run {
        Some(name) => {
            let named = run_name::find(name, &options.runs)?;
            (vec![named.folder], format!("run {}", named.id))
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
    if options.format == AnswerFormat::Json {
        let mut document = Vec::new();
        write_json(&json(&source, devices.len(), &files, &faults, &fleet), &mut document)?;
        print(&format!("{}\n", String::from_utf8_lossy(&document)))?;
    } else {
        print(&text(&source, devices.len(), &files, &faults, &fleet))?;
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

fn read_files(paths: &[PathBuf]) -> (Vec<SlacFile>, Vec<FileFault>) {
    let (mut files, mut faults) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.display().to_string();
        let file = File::open(path).map_err(|error| Reason::Unreadable(error.to_string()));
        match file.and_then(read_text) {
            Ok(text) => {
                let slac::Read { file, fault } = slac::read(&name, &text);
                files.push(file);
                faults.extend(fault.map(|at| FileFault { file: name, line: Some(at.line), error: at.what }));
            }
            Err(reason) => faults.push(FileFault { file: name, line: None, error: reason.to_string() }),
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
