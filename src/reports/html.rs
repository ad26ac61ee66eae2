//! `report.html`: the whole run as one page that opens from disk and fetches nothing.
//!
//! `html/page.html` is the skeleton; style, script and one block of JSON are put into it. The block is what `report.json` says,
//! laid out for a browser: rows without keys, texts that come again and again in a table of their own, and the details of a device
//! packed, as the store keeps them, until somebody looks at it. The content security policy allows exactly this style and script.
//!
//! ```text
//! {"run":{..},"sentence":"..","took":"..","finding_columns":[..],"coded":["site",..],"findings":[[..],..],"strings":[..],
//!  "next_steps":{"<next step>":[{"id":"..","text":"..","commands":[..]},..],..},
//!  "device_columns":[..],"blocks":[{"rows":[[..],..],"details":"<base64 of zlib>"},..],"problems":[..],"not_judged":[..],
//!  "rules":[..],"history":[..]}
//! ```

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use base64ct::{Base64, Encoding as _};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::json::{RuleJson, RunJson, each};
use super::row::{self, Cell, StepObject};
use super::summary::duration;
use super::verdict::{not_judged, sentence};
use super::{Options, Report, utc, write_json};
use crate::finding::Severity;
use crate::rules;
use crate::run::{Problem, Run};
use crate::store::Figures;

/// The page.
pub(super) static REPORT: Report =
    Report { format: "html", name: "report", extension: "html", by_default: true, write };

/// The page without style, script and data.
pub const SKELETON: &str = include_str!("html/page.html");

/// The style sheets with their names, in their order.
pub const STYLES: &[(&str, &str)] = &[
    ("base.css", include_str!("html/css/base.css")),
    ("tables.css", include_str!("html/css/tables.css")),
    ("device.css", include_str!("html/css/device.css")),
    ("print.css", include_str!("html/css/print.css")),
];

/// The scripts with their names, in their order. Together they are one module, in which what is made at once stands before what uses it.
pub const SCRIPTS: &[(&str, &str)] = &[
    ("elements.js", include_str!("html/js/elements.js")),
    ("data.js", include_str!("html/js/data.js")),
    ("route.js", include_str!("html/js/route.js")),
    ("filter.js", include_str!("html/js/filter.js")),
    ("rows.js", include_str!("html/js/rows.js")),
    ("tables.js", include_str!("html/js/tables.js")),
    ("findings.js", include_str!("html/js/findings.js")),
    ("devices.js", include_str!("html/js/devices.js")),
    ("charts.js", include_str!("html/js/charts.js")),
    ("overview.js", include_str!("html/js/overview.js")),
    ("facts.js", include_str!("html/js/facts.js")),
    ("device.js", include_str!("html/js/device.js")),
    ("lists.js", include_str!("html/js/lists.js")),
    ("print.js", include_str!("html/js/print.js")),
    ("start.js", include_str!("html/js/start.js")),
];

/// Columns whose texts come again and again: their cells are places in `strings`.
const CODED: &[&str] = &[
    "change",
    "severity",
    "device",
    "site",
    "rule",
    "title",
    "subject",
    "expected",
    "cause",
    "next_step",
    "category",
    "state",
    "waiver_reason",
    "first_seen_utc",
    "last_seen_utc",
    "address",
    "platform",
    "os_version",
    "serial",
    "evidence_command",
    "run_id",
];

/// Runs of the chart.
const RUNS: usize = 14;

/// Devices whose details are packed together: what they have in common costs once.
const BLOCK: usize = 16;

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    let verdict = sentence(run);
    let name = run.head.label.as_deref().unwrap_or(&run.head.id);
    assemble(&verdict, name, &mut |out| data(run, &verdict, out), out)
}

/// Puts the page together: `data` writes the block of JSON.
///
/// # Errors
/// Those of `out` and of `data`.
pub fn assemble(
    verdict: &str,
    name: &str,
    data: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let joined = |files: &[(&str, &str)]| files.iter().map(|(_, text)| *text).collect::<String>();
    let (style, script) = (joined(STYLES), joined(SCRIPTS));
    // The skeleton is read once: what a value holds is never taken for a placeholder.
    for (at, part) in SKELETON.split("{{").enumerate() {
        let Some((placeholder, rest)) = part.split_once("}}").filter(|_| at > 0) else {
            out.write_all(part.as_bytes())?;
            continue;
        };
        match placeholder {
            "title" => out.write_all(escaped(&format!("{verdict} slaudit {name}")).as_bytes())?,
            "verdict" => out.write_all(escaped(verdict).as_bytes())?,
            "style_hash" => out.write_all(hash(&style).as_bytes())?,
            "script_hash" => out.write_all(hash(&script).as_bytes())?,
            "style" => out.write_all(style.as_bytes())?,
            "script" => out.write_all(script.as_bytes())?,
            "data" => data(&mut NoMarkup(out))?,
            other => return Err(io::Error::other(format!("page.html has the unknown placeholder `{other}`"))),
        }
        out.write_all(rest.as_bytes())?;
    }
    Ok(())
}

fn data(run: &Run, verdict: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"{\"run\":")?;
    write_json(&RunJson::new(run), out)?;
    out.write_all(b",\n\"sentence\":")?;
    write_json(&verdict, out)?;
    out.write_all(b",\n\"took\":")?;
    write_json(&duration(run.overview.took), out)?;
    findings(run, out)?;
    devices(run, out)?;
    out.write_all(b",\n\"problems\":[")?;
    each(run.overview.problems.iter().map(ProblemJson), out)?;
    out.write_all(b"],\n\"not_judged\":[")?;
    let names = |group: super::verdict::NotJudged| NotJudgedJson {
        status: group.status.as_str(),
        reason: group.reason,
        devices: group.devices.iter().map(|member| member.name.clone()).collect(),
    };
    each(not_judged(run).into_iter().map(names), out)?;
    out.write_all(b"],\n\"rules\":[")?;
    each(rules::ALL.iter().map(|rule| RuleJson::new(rule)), out)?;
    out.write_all(b"],\n\"history\":[")?;
    each(run.history(RUNS)?.iter().map(HistoryJson), out)?;
    out.write_all(b"]}")
}

fn findings(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<_> = row::FINDINGS.iter().map(|column| column.name).collect();
    let coded: Vec<bool> = columns.iter().map(|name| CODED.contains(name)).collect();
    out.write_all(b",\n\"finding_columns\":")?;
    write_json(&columns, out)?;
    out.write_all(b",\n\"coded\":")?;
    write_json(&CODED, out)?;
    out.write_all(b",\n\"findings\":[")?;
    let mut strings = Strings::default();
    let mut separator: &[u8] = b"\n";
    // The steps of each next step, by its line: cards show them as lines to be pasted.
    let mut steps = BTreeMap::new();
    run.each_finding(&mut |finding| {
        out.write_all(std::mem::replace(&mut separator, b",\n"))?;
        if !steps.contains_key(&finding.next_step) {
            steps.insert(finding.next_step.clone(), finding.steps.clone());
        }
        let cells = row::finding_cells(&run.head, &finding).zip(&coded);
        let cells: Vec<_> = cells.map(|(cell, coded)| if *coded { strings.place(cell) } else { cell }).collect();
        write_json(&cells, out)
    })?;
    out.write_all(b"],\n\"strings\":[")?;
    each(&strings.texts, out)?;
    out.write_all(b"],\n\"next_steps\":")?;
    write_json(&steps.iter().map(|(line, steps)| (line, StepObject::all(steps))).collect::<BTreeMap<_, _>>(), out)
}

fn devices(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<_> = row::DEVICES.iter().map(|column| column.name.into()).collect();
    let columns: Vec<_> = columns.into_iter().chain(row::extra_columns(&run.head)).collect();
    out.write_all(b",\n\"device_columns\":")?;
    write_json(&columns, out)?;
    out.write_all(b",\n\"blocks\":[")?;
    let mut block = Block { rows: Vec::new(), details: Vec::new(), separator: b"\n" };
    run.each_device(&mut |device| {
        let mut row = Vec::new();
        write_json(&row::device_cells(&run.head, &device.row).collect::<Vec<_>>(), &mut row)?;
        block.rows.push(String::from_utf8_lossy(&row).into_owned());
        block.details.push(device.details_json()?);
        if block.rows.len() == BLOCK { block.write(out) } else { Ok(()) }
    })?;
    block.write(out)?;
    out.write_all(b"]")
}

/// Devices that stand together: their rows, and their details as an array of JSON under zlib, which browsers unpack when somebody
/// looks. So one reading of the devices is enough, and no more than a block is in memory.
struct Block {
    rows: Vec<String>,
    details: Vec<String>,
    separator: &'static [u8],
}

impl Block {
    fn write(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        write!(packed, "[{}]", self.details.join(","))?;
        out.write_all(std::mem::replace(&mut self.separator, b",\n"))?;
        // Base64 needs no escapes.
        let details = Base64::encode_string(&packed.finish()?);
        write!(out, "{{\"rows\":[{}],\"details\":\"{details}\"}}", self.rows.join(",\n"))?;
        self.rows.clear();
        self.details.clear();
        Ok(())
    }
}

/// Texts that come again and again, each once.
#[derive(Default)]
struct Strings {
    places: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Strings {
    fn place<'a>(&mut self, cell: Cell<'a>) -> Cell<'a> {
        let text = match cell {
            Cell::Text(text) => text,
            Cell::Time(time) => utc(time).into(),
            other => return other,
        };
        let known = self.places.get(&*text).copied();
        let place = known.unwrap_or_else(|| {
            self.texts.push(text.to_string());
            self.places.insert(text.into_owned(), self.texts.len() - 1);
            self.texts.len() - 1
        });
        Cell::Number(i64::try_from(place).unwrap_or(i64::MAX))
    }
}

/// A problem with what fails, in words.
struct ProblemJson<'a>(&'a Problem);

impl Serialize for ProblemJson<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Json<'a> {
            failure: String,
            #[serde(flatten)]
            problem: &'a Problem,
        }
        Json { failure: self.0.failure(), problem: self.0 }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct NotJudgedJson {
    status: &'static str,
    reason: &'static str,
    devices: Vec<String>,
}

/// The open findings of a run by severity.
struct HistoryJson<'a>(&'a Figures);

impl Serialize for HistoryJson<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("run_id", &self.0.id)?;
        map.serialize_entry("started_utc", &utc(self.0.started))?;
        for (severity, count) in Severity::ALL.iter().zip(&self.0.open) {
            map.serialize_entry(severity.as_str(), count)?;
        }
        map.end()
    }
}

/// Writes JSON without `<`, so that neither `</script` nor `<!--` can stand in it. In JSON it stands only inside strings.
struct NoMarkup<'a>(&'a mut dyn Write);

impl Write for NoMarkup<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (at, part) in bytes.split(|byte| *byte == b'<').enumerate() {
            if at > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The source of the content security policy for exactly this text.
fn hash(text: &str) -> String {
    format!("sha256-{}", Base64::encode_string(&Sha256::digest(text.as_bytes())))
}

/// Text of an element or of an attribute in double quotes.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(text.len());
    for c in super::text::one_line(text).chars() {
        match c {
            '<' | '>' | '&' | '"' => {
                let _ = write!(safe, "&#{};", u32::from(c));
            }
            other => safe.push(other),
        }
    }
    safe
}
