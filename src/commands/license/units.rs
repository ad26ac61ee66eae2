//! Units of a stack or pair in licence outputs: the UDI list and trust codes.
//!
//! ```text
//! Trust Code Installed:    Trust Code Type: CSSM            agent 6: text beside the title
//!     Attributes: <none>
//!   Active: PID:C9350-48T,SN:FOC0000AAAA
//!     INSTALLED on Apr 23 15:28:43 2025 IST    Valid on Apr 23 15:23:40 2025 IST
//!     Expired on Apr 25 02:55:41 2033 IST
//! ```

use crate::commands::lines::{Field, Line};
use crate::fact::DeviceTime;
use crate::facts::{TrustCode, Udi};

/// Reads `Active: PID:C9300-24UX,SN:FCW0000AAAA`, with or without a blank after the role.
pub(crate) fn unit(text: &str) -> Option<Udi> {
    let (role, rest) = text.split_once(':')?;
    let (pid, serial) = product(rest)?;
    let is_role = !role.is_empty() && role.bytes().all(|byte| byte.is_ascii_alphabetic()) && role != "UDI";
    is_role.then(|| Udi { role: role.to_ascii_lowercase(), pid: pid.to_owned(), serial: serial.to_owned() })
}

/// Reads `PID:C9300-24UX,SN:FCW0000AAAA`.
pub(crate) fn product(text: &str) -> Option<(&str, &str)> {
    let (pid, serial) = text.trim().strip_prefix("PID:")?.split_once(',')?;
    let (pid, serial) = (pid.trim(), serial.trim().strip_prefix("SN:")?.trim());
    (!pid.is_empty() && !serial.is_empty()).then_some((pid, serial))
}

/// `UDI:` and `HA UDI List:`.
#[derive(Debug, Default)]
pub(crate) struct Units<'a> {
    udi: Field<'a, Udi>,
    list: Vec<(Udi, Line<'a>)>,
    listed: bool,
    unread: Option<Line<'a>>,
}

impl<'a> Units<'a> {
    /// The title of the list was seen.
    pub(crate) fn expect_list(&mut self) {
        self.listed = true;
    }

    /// A line of the list was lost, or its title.
    pub(crate) fn tear(&mut self, line: Line<'a>) {
        self.unread.get_or_insert(line);
    }

    /// `UDI:`, the unit that answers.
    pub(crate) fn take_udi(&mut self, line: Line<'a>, value: &str) -> bool {
        let udi = product(value).map(|(pid, serial)| Udi {
            role: "standalone".to_owned(),
            pid: pid.to_owned(),
            serial: serial.to_owned(),
        });
        self.udi.take(line, "UDI like `PID:...,SN:...`", udi)
    }

    /// A line of the list.
    pub(crate) fn take_unit(&mut self, line: Line<'a>) -> bool {
        let Some(udi) = unit(line.text).filter(|_| !line.torn) else { return false };
        self.list.push((udi, line));
        true
    }

    /// Every unit; the one that answers where there is no list.
    pub(crate) fn field(&self) -> Field<'a, Vec<Udi>> {
        if let Some(line) = self.unread {
            return Field::Unread("unit", line);
        }
        match (self.list.first(), &self.udi) {
            (Some((_, line)), _) => Field::Read(self.list.iter().map(|(udi, _)| udi.clone()).collect(), *line),
            (None, _) if self.listed => Field::Missing,
            (None, Field::Read(udi, line)) => Field::Read(vec![udi.clone()], *line),
            (None, Field::Unread(wanted, line)) => Field::Unread(wanted, *line),
            (None, Field::Missing) => Field::Missing,
        }
    }

    /// The line of each unit of a list.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        self.list.iter().map(|(_, line)| *line)
    }

    /// The role of a unit that is named by product and serial number only. Units may print one serial number (a pair of
    /// Catalyst 9400 supervisors prints its chassis's), so the place in the list comes first.
    fn role(&self, place: usize, udi: &Udi) -> String {
        let same = |(known, _): &&(Udi, Line<'_>)| known.pid == udi.pid && known.serial == udi.serial;
        let known = self.list.get(place).filter(same).or_else(|| self.list.iter().find(same));
        known.map_or_else(
            || if self.list.is_empty() { "standalone".to_owned() } else { "member".to_owned() },
            |(known, _)| known.role.clone(),
        )
    }
}

/// A unit of the block: its code, whether it is installed, and the line of its end.
#[derive(Debug)]
struct Unit<'a> {
    code: TrustCode,
    installed: bool,
    end: Option<Line<'a>>,
}

impl Unit<'_> {
    fn of(udi: Udi, kind: Option<String>) -> Self {
        let code = TrustCode { role: udi.role, pid: udi.pid, serial: udi.serial, installed: None, expires: None, kind };
        Self { code, installed: false, end: None }
    }
}

/// The block `Trust Code Installed:`, and the trust lines of `Other Info`.
#[derive(Debug, Default)]
pub(crate) struct TrustLines<'a> {
    title: Option<Line<'a>>,
    none: bool,
    unread: Option<Line<'a>>,
    units: Vec<Unit<'a>>,
    /// Of `Other Info`: the unit, and whether it has trust data.
    data: Vec<(Udi, bool, Line<'a>)>,
    data_unread: Option<Line<'a>>,
    /// A trust line that does not say yet whether there is trust data: a narrow terminal wrapped it.
    data_open: Option<(Udi, String, Line<'a>)>,
    /// The type beside the title, for a device that prints no unit.
    kind: Option<String>,
}

impl<'a> TrustLines<'a> {
    /// The title, and the text beside it.
    pub(crate) fn open(&mut self, rest: &'a str, line: Line<'a>) {
        if self.title.is_some() {
            return;
        }
        self.title = Some(line);
        if line.torn {
            self.unread = Some(line);
        } else if rest == "<none>" {
            self.none = true;
        } else if !rest.is_empty() {
            self.take(Line { text: rest, ..line });
        }
    }

    /// A line of the block was lost, or its title.
    pub(crate) fn tear(&mut self, line: Line<'a>) {
        self.unread.get_or_insert(line);
    }

    /// A trust line of `Other Info` was lost.
    pub(crate) fn tear_data(&mut self, line: Line<'a>) {
        self.data_unread.get_or_insert(line);
    }

    /// A line of the block.
    pub(crate) fn take(&mut self, line: Line<'a>) -> bool {
        let understood = !line.torn && self.take_text(line);
        if !understood {
            // A unit whose line cannot be read must not look like one without a trust code.
            self.unread.get_or_insert(line);
        }
        understood
    }

    fn take_text(&mut self, line: Line<'a>) -> bool {
        let text = line.text;
        if let Some(udi) = unit(text) {
            self.units.push(Unit::of(udi, None));
            return true;
        }
        if let Some(kind) = text.strip_prefix("Trust Code Type:") {
            let kind = Some(kind.trim().to_owned());
            match self.units.last_mut() {
                Some(unit) => unit.code.kind = kind,
                None => self.kind = kind,
            }
            return true;
        }
        if text == "<none>" || text.starts_with("NOT INSTALLED") || text.starts_with("Attributes:") {
            return true;
        }
        let mut understood = false;
        for (word, value) in dated(text) {
            let Some(value) = DeviceTime::parse(value) else { return false };
            understood = true;
            // 1970 is "never", not "long ago".
            let dated = Some(value).filter(|time| time.local.year() > 1970);
            match word {
                "INSTALLED on" => {
                    let unit = self.current();
                    (unit.code.installed, unit.installed) = (dated, true);
                }
                "Expired on" | "Expires on" => {
                    let unit = self.current();
                    (unit.code.expires, unit.end) = (dated, Some(line));
                }
                _ => {}
            }
        }
        understood
    }

    /// The unit that the lines are about; a device that stands alone prints none.
    fn current(&mut self) -> &mut Unit<'a> {
        if self.units.is_empty() {
            let alone = Udi { role: "standalone".to_owned(), pid: String::new(), serial: String::new() };
            self.units.push(Unit::of(alone, self.kind.clone()));
        }
        let last = self.units.len() - 1;
        &mut self.units[last]
    }

    /// The line of the end of each installed code; none where the codes are known by `Other Info`.
    pub(crate) fn ends(&self) -> impl Iterator<Item = Option<Line<'a>>> {
        self.units.iter().filter(|unit| unit.installed).map(|unit| unit.end)
    }

    /// A line of `Other Info`, which may be a trust line: `P:X,S:Y: No Trust Data`, `Local Device: No Trust Data`.
    pub(crate) fn take_data(&mut self, line: Line<'a>) -> bool {
        if let Some((udi, mut state, at)) = self.data_open.take() {
            state.push_str(line.text);
            if self.keep_data(&udi, &state, at) {
                return true;
            }
            self.data_unread.get_or_insert(at);
        }
        let Some((udi, state)) = trust_data(line.text) else { return !line.torn || !line.text.starts_with("P:") };
        if line.torn {
            self.data_unread.get_or_insert(line);
            return false;
        }
        if !self.keep_data(&udi, state, line) {
            self.data_open = Some((udi, state.to_owned(), line));
        }
        true
    }

    fn keep_data(&mut self, udi: &Udi, state: &str, line: Line<'a>) -> bool {
        let installed = state.contains("Trust Data INSTALLED");
        let known = installed || state.contains("No Trust Data");
        if known {
            self.data.push((udi.clone(), installed, line));
        }
        known
    }

    /// The installed codes. The block, where it is printed, beats `Other Info`; `data_ended` says that no trust line is missing there.
    pub(crate) fn field(&self, units: &Units<'a>, data_ended: bool) -> Field<'a, Vec<TrustCode>> {
        const WANTED: &str = "trust code like `INSTALLED on Jun 17 15:04:29 2025 UTC`";
        let complete = |mut code: TrustCode| {
            if let (true, Some(udi)) = (code.pid.is_empty(), units.udi.value()) {
                (code.pid, code.serial) = (udi.pid.clone(), udi.serial.clone());
            }
            code
        };
        match (self.title, self.unread) {
            (_, Some(line)) => Field::Unread(WANTED, line),
            (Some(title), None) if self.none || !self.units.is_empty() => {
                let codes = self.units.iter().filter(|unit| unit.installed);
                Field::Read(codes.map(|unit| complete(unit.code.clone())).collect(), title)
            }
            (Some(title), None) => Field::Unread(WANTED, title),
            // Without the list of units a trust line has no role.
            (None, None) => match (self.data_unread.or(units.unread).or(self.open_line()), self.data.first()) {
                (Some(line), _) => Field::Unread("trust data of a unit", line),
                (None, Some((.., line))) if data_ended => {
                    Field::Read(self.data_codes(units).map(complete).collect(), *line)
                }
                _ => Field::Missing,
            },
        }
    }

    /// A trust line whose end never came.
    fn open_line(&self) -> Option<Line<'a>> {
        self.data_open.as_ref().map(|(.., line)| *line)
    }

    fn data_codes<'s>(&'s self, units: &'s Units<'a>) -> impl Iterator<Item = TrustCode> + 's {
        self.data.iter().enumerate().filter(|(_, (_, installed, _))| *installed).map(|(place, (udi, ..))| TrustCode {
            role: units.role(place, udi),
            pid: udi.pid.clone(),
            serial: udi.serial.clone(),
            installed: None,
            expires: None,
            kind: None,
        })
    }
}

/// Takes a trust line of `Other Info` apart.
fn trust_data(text: &str) -> Option<(Udi, &str)> {
    let udi = |pid: &str, serial: &str| Udi { role: String::new(), pid: pid.to_owned(), serial: serial.to_owned() };
    if let Some(state) = text.strip_prefix("Local Device:") {
        return Some((udi("", ""), state));
    }
    let (pid, rest) = text.strip_prefix("P:")?.split_once(",S:")?;
    let (serial, state) = rest.split_once(':')?;
    Some((udi(pid, serial), state))
}

/// Dates behind their words, several on a line: `INSTALLED on <date>    Valid on <date>`; a date alone is one of installation.
fn dated(text: &str) -> impl Iterator<Item = (&str, &str)> {
    const WORDS: [&str; 4] = ["INSTALLED on", "Valid on", "Expired on", "Expires on"];
    let mut starts: Vec<(usize, &str)> =
        WORDS.iter().filter_map(|word| text.find(word).map(|at| (at, *word))).collect();
    starts.sort_unstable();
    let lead = starts.first().map_or(text.len(), |(at, _)| *at);
    let lone = text[..lead].trim();
    let lone = (!lone.is_empty()).then_some(("INSTALLED on", lone));
    let ends: Vec<usize> = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]).collect();
    lone.into_iter()
        .chain(starts.into_iter().zip(ends).map(move |((at, word), end)| (word, text[at + word.len()..end].trim())))
}

/// A date that follows ` on ` at the end of a text: `OK on Jan 10 20:31:12 2022 UTC`.
pub(crate) fn split_date<'t>(text: &'t str, word: &str) -> Option<(&'t str, DeviceTime)> {
    let at = text.rfind(word)?;
    Some((text[..at].trim_end(), DeviceTime::parse(&text[at + word.len()..])?))
}
