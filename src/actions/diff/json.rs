//! The comparison for programs: one document, schema 1. Keys are only ever added.

use std::io;

use serde::Serialize;

use super::Compared;
use crate::record::{FindingRow, Status};
use crate::reports::row::FindingObject;
use crate::reports::write_json;
use crate::run::Run;
use crate::store::Head;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    old: RunJson<'a>,
    new: RunJson<'a>,
    worse: bool,
    counts: Counts,
    lost_devices: Vec<LostJson<'a>>,
    gained_devices: &'a [String],
    findings: Findings<'a>,
}

#[derive(Serialize)]
struct RunJson<'a> {
    id: &'a str,
    label: Option<&'a str>,
    started_utc: String,
}

#[derive(Serialize)]
struct Counts {
    new: usize,
    persisting: usize,
    resolved: usize,
    unverified: usize,
    lost_devices: usize,
}

#[derive(Serialize)]
struct LostJson<'a> {
    device: &'a str,
    site: &'a str,
    status: Option<&'a str>,
}

#[derive(Serialize)]
struct Findings<'a> {
    new: Vec<FindingObject<'a>>,
    persisting: Vec<FindingObject<'a>>,
    resolved: Vec<FindingObject<'a>>,
    unverified: Vec<Unverified<'a>>,
}

#[derive(Serialize)]
struct Unverified<'a> {
    why: &'a str,
    #[serde(flatten)]
    finding: FindingObject<'a>,
}

pub(super) fn write(compared: &Compared) -> io::Result<String> {
    let (diff, old, new) = (&compared.diff, &compared.old, &compared.new);
    // Each finding as the run that found it tells it.
    let document = Document {
        schema: 1,
        old: run(old),
        new: run(new),
        worse: compared.is_worse,
        counts: Counts {
            new: diff.new.len(),
            persisting: diff.persisting.len(),
            resolved: diff.resolved.len(),
            unverified: diff.unverified.len(),
            lost_devices: diff.lost.len(),
        },
        lost_devices: diff
            .lost
            .iter()
            .map(|lost| LostJson { device: &lost.device, site: &lost.site, status: lost.status.map(Status::as_str) })
            .collect(),
        gained_devices: &diff.gained,
        findings: Findings {
            new: of(&new.head, &diff.new),
            persisting: of(&new.head, &diff.persisting),
            resolved: of(&old.head, &diff.resolved),
            unverified: diff
                .unverified
                .iter()
                .map(|(row, why)| Unverified { why, finding: FindingObject(&old.head, row) })
                .collect(),
        },
    };
    let mut out = Vec::new();
    write_json(&document, &mut out)?;
    out.push(b'\n');
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn of<'a>(run: &'a Head, rows: &'a [FindingRow]) -> Vec<FindingObject<'a>> {
    rows.iter().map(|row| FindingObject(run, row)).collect()
}

fn run(run: &Run) -> RunJson<'_> {
    RunJson { id: &run.head.id, label: run.head.label.as_deref(), started_utc: crate::reports::utc(run.head.started) }
}
