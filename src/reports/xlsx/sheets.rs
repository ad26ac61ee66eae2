//! The large sheets: findings, devices, and the licences of the devices.

use std::io;

use rust_xlsxwriter::Workbook;
use serde::Deserialize;

use super::failed;
use super::look::Look;
use super::table::{Column, Done, Plan, Rows};
use crate::finding::Severity;
use crate::reports::row::{self, Cell, Kind};
use crate::run::Run;
use crate::store::Device;

/// Columns that only the workbook has: words do not sort by what they mean.
pub(super) const RANKS: [(&str, &str, &str); 2] = [
    ("severity", "rank", "1 critical to 5 info: sorts by severity"),
    ("worst_severity", "worst_rank", "1 critical to 5 info: sorts by worst_severity"),
];

/// The columns of the sheet of licences.
pub(super) static LICENSES: [(&str, Kind, &str); 9] = [
    ("device", Kind::Text, "name in the inventory"),
    ("site", Kind::Text, "site in the inventory"),
    ("udi", Kind::Text, "the unit that speaks for the device: the active one of a stack"),
    ("units", Kind::Number, "units of the device that have a UDI"),
    ("license", Kind::Text, "its name as printed; empty where the device has none, or they are not known"),
    ("count", Kind::Number, "how many of it"),
    ("status", Kind::Text, "in use, not in use, not authorized; or why the licences are not known"),
    ("enforcement", Kind::Text, "whether it is enforced or export restricted, where printed"),
    ("type", Kind::Text, "perpetual, subscription, where printed"),
];

/// Where columns of one sheet are, with the rank behind its severity.
fn with_rank<'a>(columns: impl Iterator<Item = Column<'a>>) -> (Vec<Column<'a>>, usize) {
    let (mut all, mut place) = (Vec::new(), 0);
    for column in columns {
        let rank = RANKS.iter().find(|(severity, ..)| *severity == column.name);
        all.push(column);
        if let Some((_, name, _)) = rank {
            place = all.len();
            all.push(Column::new(*name, Kind::Number));
        }
    }
    (all, place)
}

/// Puts the rank in its place.
fn ranked<'a>(
    mut cells: impl Iterator<Item = Cell<'a>>,
    place: usize,
    severity: Option<Severity>,
) -> impl Iterator<Item = Cell<'a>> {
    let before: Vec<_> = cells.by_ref().take(place).collect();
    let rank = severity.map_or(Cell::Empty, |severity| Cell::Number(severity as i64 + 1));
    before.into_iter().chain([rank]).chain(cells)
}

/// A row a finding, worst first.
pub(super) fn findings(run: &Run, book: &mut Workbook, look: &Look, most: u32) -> io::Result<Done> {
    let own = row::FINDINGS.iter().map(|column| Column::new(column.name, column.kind));
    let (columns, place) = with_rank(own);
    let rows = Some(run.overview.counts.rows());
    // Change, severity, rank and device stay in view.
    let plan = Plan { name: "Findings", columns, rows, frozen: 4, printed: "next_step" };
    let mut table = Rows::begin(book, &plan, look, most).map_err(failed)?;
    run.each_finding(&mut |finding| {
        table.put(ranked(row::finding_cells(&run.head, &finding), place, Some(finding.severity))).map_err(failed)
    })?;
    table.end().map_err(failed)
}

/// A row a device, and a row a licence of it.
pub(super) fn devices(run: &Run, book: &mut Workbook, look: &Look, most: u32) -> io::Result<(Done, Done)> {
    let own = row::DEVICES.iter().map(|column| Column::new(column.name, column.kind));
    let extra = row::extra_columns(&run.head).map(|name| Column::new(name, Kind::Text));
    let (columns, place) = with_rank(own.chain(extra));
    let rows = Some(run.roster.len());
    let plan = Plan { name: "Devices", columns, rows, frozen: 1, printed: "trust" };
    let mut table = Rows::begin(book, &plan, look, most).map_err(failed)?;
    let columns = LICENSES.iter().map(|(name, kind, _)| Column::new(*name, *kind)).collect();
    let plan = Plan { name: "Licenses", columns, rows: None, frozen: 1, printed: "type" };
    let mut licenses = Rows::begin(book, &plan, look, most).map_err(failed)?;
    run.each_device(&mut |device| {
        let worst = device.row.tally.worst();
        table.put(ranked(row::device_cells(&run.head, &device.row), place, worst)).map_err(failed)?;
        licenses_of(&device, &mut licenses)
    })?;
    Ok((table.end().map_err(failed)?, licenses.end().map_err(failed)?))
}

/// What the details of a device say of its licences.
#[derive(Deserialize)]
struct Facts {
    licenses: Option<Vec<License>>,
    udis: Option<Vec<Udi>>,
}

#[derive(Deserialize)]
struct License {
    name: String,
    count: i64,
    status: String,
    enforcement: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Udi {
    role: String,
    pid: String,
    serial: String,
}

#[derive(Deserialize)]
struct Unknown {
    licenses: Option<String>,
}

/// A device has a row here even where its licences are not known: silence is told, not left out.
fn licenses_of(device: &Device, table: &mut Rows<'_>) -> io::Result<()> {
    let details = device.details()?;
    let facts: Facts = serde_json::from_str(details.facts.get())?;
    let units = facts.udis.unwrap_or_default();
    let speaker = units.iter().find(|unit| matches!(unit.role.as_str(), "active" | "standalone")).or(units.first());
    let udi = speaker.map_or_else(String::new, |unit| format!("PID:{},SN:{}", unit.pid, unit.serial));
    let text = |value: &str| Cell::Text(value.to_owned().into());
    let number = |count: usize| Cell::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let mut row = |cells: [Cell<'_>; 5]| {
        let units = if units.is_empty() { Cell::Empty } else { number(units.len()) };
        let whose = [text(&device.row.name), text(&device.row.site), text(&udi), units];
        table.put(whose.into_iter().chain(cells)).map_err(failed)
    };
    let nothing = |why: &str| [Cell::Empty, Cell::Empty, text(why), Cell::Empty, Cell::Empty];
    let Some(licenses) = facts.licenses else {
        let unknown: Unknown = serde_json::from_str(details.unknown.get())?;
        let why = unknown.licenses.map_or_else(|| "not known".to_owned(), |why| format!("not known: {why}"));
        return row(nothing(&why));
    };
    if licenses.is_empty() {
        return row(nothing("no license"));
    }
    for license in &licenses {
        let optional = |value: &Option<String>| value.as_deref().map_or(Cell::Empty, text);
        let (enforcement, kind) = (optional(&license.enforcement), optional(&license.kind));
        row([text(&license.name), Cell::Number(license.count), text(&license.status), enforcement, kind])?;
    }
    Ok(())
}
