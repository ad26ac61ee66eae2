//! The inventory file: CSV with a header, delimiter `,` `;` or TAB, `#` comment lines.
//!
//! ```text
//! # core sites
//! name,address,site,expect_transport,rack
//! lon1-core-1,192.0.2.11,LON1,smart,12
//! ```

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::header::Header;
use super::row::Row;
use super::{Device, Inventory, InventoryErrors, Problem};

/// No inventory is larger; `/dev/zero` is.
const MAX_BYTES: u64 = 256 << 20;

/// An inventory that may be used, and what its author should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The devices.
    pub inventory: Inventory,
    /// Not wrong, but perhaps not meant.
    pub warnings: Vec<Problem>,
}

impl Inventory {
    /// Reads an inventory file. Every error of the file is reported, not the first only.
    pub fn load(path: &Path) -> Result<Loaded, InventoryErrors> {
        let source = path.display().to_string();
        match read(path) {
            Ok(bytes) => Self::parse(&bytes, &source),
            Err(what) => Err(InventoryErrors::one(Problem::of(&source.into(), what))),
        }
    }

    /// Reads the content of an inventory file; `source` names it in messages.
    pub fn parse(bytes: &[u8], source: &str) -> Result<Loaded, InventoryErrors> {
        let mut reader = Reader { source: source.into(), errors: Vec::new(), warnings: Vec::new() };
        let inventory = reader.read(bytes);
        if reader.errors.is_empty() {
            Ok(Loaded { inventory, warnings: reader.warnings })
        } else {
            Err(InventoryErrors { problems: reader.errors })
        }
    }
}

/// The bytes of a file, or why there are none.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, String> {
    let fails = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let file = File::open(path).map_err(fails)?;
    if file.metadata().map_err(fails)?.is_dir() {
        return Err("is a directory; name the file in it".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(fails)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err("is larger than 256 MiB; this is not an inventory".to_owned());
    }
    Ok(bytes)
}

/// Bytes to text with LF line ends, and a warning where they had to be guessed.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Option<&'static str>), &'static str> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err("is a workbook, not CSV; save it as CSV from the spreadsheet program");
    }
    let (text, warning) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding.decode_without_bom_handling(&bytes[mark..]).0, None),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => (text.into(), None),
            // What spreadsheet programs on Windows write when asked for plain "CSV".
            Err(_) => (
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
                Some("is not UTF-8 and was read as Windows-1252; save it as \"CSV UTF-8\" if names look wrong"),
            ),
        },
    };
    if text.contains('\0') {
        return Err("is not text; save it as CSV in UTF-8");
    }
    Ok((text.replace("\r\n", "\n").replace('\r', "\n"), warning))
}

/// Reads one file and collects what is wrong with it.
struct Reader {
    source: Arc<str>,
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Reader {
    fn read(&mut self, bytes: &[u8]) -> Inventory {
        let text = match decode(bytes) {
            Ok((text, warning)) => {
                self.warnings.extend(warning.map(|what| Problem::of(&self.source, what)));
                text
            }
            Err(what) => {
                self.errors.push(Problem::of(&self.source, what));
                return Inventory::default();
            }
        };
        let delimiter = delimiter(&text, |names| Header::count_known(names));
        // After a quote that is never closed no field can be trusted; the rows before it can.
        let open = open_quote(&text, delimiter);
        let readable = &text[..open.map_or(text.len(), |(_, at)| at)];
        let inventory = self.rows(readable, delimiter);
        if let Some((line, _)) = open {
            let what = "a quote is opened and never closed; the rows from here on were not checked";
            self.errors.push(Problem::of(&self.source, what).row(line));
        } else if inventory.devices.is_empty() && self.errors.is_empty() {
            self.errors.push(Problem::of(&self.source, "holds no device"));
        }
        inventory
    }

    fn rows(&mut self, text: &str, delimiter: u8) -> Inventory {
        let mut rows = ::csv::ReaderBuilder::new();
        let rows = rows.has_headers(false).flexible(true).delimiter(delimiter).comment(Some(b'#'));
        let mut rows = rows.from_reader(text.as_bytes());
        let mut record = ::csv::StringRecord::new();
        let mut header: Option<Header> = None;
        let mut devices = Vec::new();
        let mut seen = Seen::default();
        // The text is valid UTF-8 and rows may have any length: nothing is left that could fail.
        while rows.read_record(&mut record).is_ok_and(|more| more) {
            if is_filler(&record) {
                continue;
            }
            let number = line_of(&rows, &record, text);
            let Some(header) = &header else {
                let names = record.iter();
                header = Some(Header::read(names, &self.source, number, &mut self.errors, &mut self.warnings));
                continue;
            };
            let before = self.errors.len();
            let (errors, warnings) = (&mut self.errors, &mut self.warnings);
            let device = Row { header, record: &record, number, source: &self.source, errors, warnings }.read();
            let valid = self.errors.len() == before;
            seen.check(&device, valid, number, &self.source, &mut self.errors);
            if valid {
                devices.push(device);
            }
        }
        let extra_columns = header.map(|header| header.extra.into_iter().map(|(name, _)| name).collect());
        Inventory { devices, extra_columns: extra_columns.unwrap_or_default() }
    }
}

/// Blank rows, rows of delimiters only, indented comments, and the `sep=;` line of a spreadsheet program.
fn is_filler(record: &::csv::StringRecord) -> bool {
    let first = record.get(0).unwrap_or("").trim();
    first.starts_with('#')
        || first.to_lowercase().starts_with("sep=")
        || record.iter().all(|value| value.trim().is_empty())
}

/// Line on which a record starts, from 1. The reader's own position of a record counts from the comments before it.
fn line_of<R: Read>(rows: &::csv::Reader<R>, record: &::csv::StringRecord, text: &str) -> u64 {
    let inside: u64 = record.iter().map(|value| value.matches('\n').count() as u64).sum();
    let position = rows.position();
    let at_end = usize::try_from(position.byte()).is_ok_and(|at| at == text.len());
    let next = position.line() + u64::from(at_end && !text.ends_with('\n'));
    next.saturating_sub(1 + inside).max(1)
}

/// A CSV file of another kind in the forms that inventories have, whole.
#[derive(Debug)]
pub(crate) struct Table {
    /// The rows that are no filler, the header first, each with the line on which it starts.
    pub(crate) rows: Vec<(u64, ::csv::StringRecord)>,
    /// The line on which a quote is opened that is never closed; the rows from there on are left out.
    pub(crate) open_quote: Option<u64>,
}

impl Table {
    /// Reads a file; its delimiter is found by the columns that it should have.
    pub(crate) fn load(path: &Path, columns: &[&str]) -> Result<Self, String> {
        let bytes = read(path)?;
        let (text, _) = decode(&bytes)?;
        let known = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        let delimiter = delimiter(&text, |names| names.filter(|name| known(name)).count());
        let open = open_quote(&text, delimiter);
        let text = &text[..open.map_or(text.len(), |(_, at)| at)];
        let mut reader = ::csv::ReaderBuilder::new();
        let reader = reader.has_headers(false).flexible(true).delimiter(delimiter).comment(Some(b'#'));
        let mut reader = reader.from_reader(text.as_bytes());
        let (mut rows, mut record) = (Vec::new(), ::csv::StringRecord::new());
        while reader.read_record(&mut record).is_ok_and(|more| more) {
            if !is_filler(&record) {
                rows.push((line_of(&reader, &record, text), record.clone()));
            }
        }
        Ok(Self { rows, open_quote: open.map(|(line, _)| line) })
    }
}

/// The delimiter: of the header's readings the one with the most known columns, then the most columns.
fn delimiter(text: &str, count_known: impl Fn(&mut dyn Iterator<Item = &str>) -> usize) -> u8 {
    let header = text
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with('#') && !line.to_lowercase().starts_with("sep="));
    let header = header.unwrap_or("");
    let rate = |delimiter: &u8| {
        let names = || header.split(char::from(*delimiter)).map(|name| name.trim_matches(['"', ' ']));
        (count_known(&mut names()), names().count())
    };
    // Of equals the last is taken.
    [b'\t', b';', b','].into_iter().max_by_key(rate).unwrap_or(b',')
}

/// Line and byte position of a row in which a quote is opened and never closed.
fn open_quote(text: &str, delimiter: u8) -> Option<(u64, usize)> {
    let bytes = text.as_bytes();
    let (mut line, mut row) = (1, (1, 0));
    let (mut quoted, mut field_starts, mut at) = (false, true, 0);
    while let Some(byte) = bytes.get(at) {
        let row_starts = at == row.1;
        match byte {
            b'"' if quoted && bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' if quoted => quoted = false,
            b'"' if field_starts => quoted = true,
            b'#' if row_starts && !quoted => at += text[at..].find('\n').map_or(text.len() - at, |end| end) - 1,
            _ => {}
        }
        if *byte == b'\n' {
            line += 1;
            if !quoted {
                row = (line, at + 1);
            }
        }
        field_starts = !quoted && (*byte == delimiter || *byte == b'\n');
        at += 1;
    }
    quoted.then_some(row)
}

/// Finds rows that mean one device twice.
#[derive(Default)]
struct Seen {
    names: HashMap<String, u64>,
    endpoints: HashMap<(String, u16, Vec<String>), u64>,
}

impl Seen {
    /// A row that is wrong already is compared by its name only.
    fn check(&mut self, device: &Device, valid: bool, row: u64, source: &Arc<str>, errors: &mut Vec<Problem>) {
        if device.name.is_empty() {
            return;
        }
        if let Some(first) = self.names.get(&device.name.to_lowercase()) {
            let what = format!("stands in row {first} already; names are unique without regard to case");
            errors.push(Problem::of(source, what).row(row).column("name").value(&device.name));
            return;
        }
        self.names.insert(device.name.to_lowercase(), row);
        if !valid {
            return;
        }
        if let Some(first) = self.endpoints.insert(endpoint(device), row) {
            let what = format!(
                "port {} of this address stands in row {first} already; a device is never asked twice at once",
                device.port
            );
            errors.push(Problem::of(source, what).row(row).column("address").value(&device.address));
        }
    }
}

/// What tells two devices apart on the network. Behind different jump hosts one private address is two devices.
pub(super) fn endpoint(device: &Device) -> (String, u16, Vec<String>) {
    let address = device.address.parse::<std::net::IpAddr>();
    let address = address.map_or_else(|_| device.address.trim_end_matches('.').to_lowercase(), |ip| ip.to_string());
    (address, device.port, device.jump.iter().map(|hop| hop.to_lowercase()).collect())
}
