//! Waivers: findings that somebody has accepted, with a reason, until a day. They stand in `slaudit.toml` or in a CSV file:
//!
//! ```text
//! rule,device,reason,owner,until
//! clock-not-synchronized,lab-*,isolated lab,netops,2027-01-31
//! ```
//!
//! The header is required, its order free; other columns are the author's own. Delimiters and comments are those of inventories.

use std::path::Path;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::inventory::{InventoryErrors, Problem, Table, nearest};
use crate::rules;

/// What a waiver says, all of it required: the columns of the file, and the keys of `[[waiver]]`.
pub const FIELDS: [&str; 5] = ["rule", "device", "reason", "owner", "until"];

/// One waiver.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The rule's id.
    pub rule: &'static str,
    /// The devices, a glob on their names; case is ignored.
    pub device: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it is valid.
    pub until: Date,
    /// Where it stands, for messages: `waivers.csv row 3`.
    pub place: String,
    devices: GlobMatcher,
}

/// Whether a waiver may still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The day has not passed.
    Valid,
    /// It has.
    Expired,
}

/// A field of a waiver that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of [`FIELDS`].
    pub field: &'static str,
    /// What is wrong, then what to do.
    pub what: String,
}

impl Waiver {
    /// Reads the five texts, in the order of [`FIELDS`].
    ///
    /// # Errors
    /// Every field that cannot be used.
    pub fn read(texts: [&str; 5], place: String) -> Result<Self, Vec<Fault>> {
        let texts = texts.map(str::trim);
        let mut faults = Vec::new();
        let mut fault = |at: usize, what: String| faults.push(Fault { field: FIELDS[at], what });
        for at in (0..FIELDS.len()).filter(|at| texts[*at].is_empty()) {
            fault(at, "is empty; a waiver says rule, device, reason, owner and until".to_owned());
        }
        let [rule, device, reason, owner, until] = texts;
        let rule = match rules::named(rule) {
            Ok(rule) => Some(rule.id),
            Err(_) if rule.is_empty() => None,
            Err(what) => {
                fault(0, what);
                None
            }
        };
        let devices = match GlobBuilder::new(device).case_insensitive(true).build() {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(error) => {
                fault(1, format!("is no glob: {}", error.kind()));
                None
            }
        };
        let until = match day(until) {
            Some(day) => Some(day),
            None if until.is_empty() => None,
            None => {
                fault(4, "is no day of the calendar; write it as 2027-01-31".to_owned());
                None
            }
        };
        match (rule, devices, until) {
            (Some(rule), Some(devices), Some(until)) if faults.is_empty() => {
                let (device, reason, owner) = (device.to_owned(), reason.to_owned(), owner.to_owned());
                Ok(Self { rule, device, reason, owner, until, place, devices })
            }
            _ => Err(faults),
        }
    }

    fn is_about(&self, rule: &str, device: &str) -> bool {
        // A name may hold what means something in a glob.
        let is_named = self.device.to_lowercase() == device.to_lowercase() || self.devices.is_match(device);
        self.rule.eq_ignore_ascii_case(rule) && is_named
    }

    fn standing(&self, on: Date) -> Standing {
        if on <= self.until { Standing::Valid } else { Standing::Expired }
    }
}

/// `2027-01-31` and nothing else: a date with a time or a zone would raise the question when the day ends.
fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// All waivers that a run may use.
#[derive(Debug, Clone, Default)]
pub struct Waivers(Vec<Waiver>);

impl Waivers {
    /// These.
    pub fn new(waivers: Vec<Waiver>) -> Self {
        Self(waivers)
    }

    /// Reads a CSV file.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with row, column and value.
    pub fn load(path: &Path) -> Result<Self, InventoryErrors> {
        let source: Arc<str> = path.display().to_string().into();
        let table = Table::load(path, &FIELDS)
            .map_err(|what| InventoryErrors { problems: vec![Problem::of(&source, what)] })?;
        let mut problems = Vec::new();
        let waivers = read_rows(&table, &source, &mut problems);
        if let Some(line) = table.open_quote {
            let what = "a quote is opened and never closed; the rows from here on were not checked";
            problems.push(Problem::of(&source, what).row(line));
        }
        if problems.is_empty() { Ok(Self(waivers)) } else { Err(InventoryErrors { problems }) }
    }

    /// The same with those of another place.
    #[must_use]
    pub fn with(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// All of them, in the order in which they stand.
    pub fn iter(&self) -> impl Iterator<Item = &Waiver> {
        self.0.iter()
    }

    /// The waiver of a rule on a device. Of several a valid one wins, and of equals the one that lasts longest.
    pub fn of(&self, rule: &str, device: &str, on: Date) -> Option<(&Waiver, Standing)> {
        let longest = self.0.iter().filter(|waiver| waiver.is_about(rule, device)).max_by_key(|waiver| waiver.until)?;
        Some((longest, longest.standing(on)))
    }

    /// The valid waivers that end within so many days, the nearest end first.
    pub fn expiring(&self, on: Date, within_days: i64) -> Vec<&Waiver> {
        let last = on.checked_add(within_days.days()).unwrap_or(Date::MAX);
        let mut ending: Vec<_> = self.0.iter().filter(|waiver| (on..=last).contains(&waiver.until)).collect();
        ending.sort_by_key(|waiver| waiver.until);
        ending
    }
}

fn read_rows(table: &Table, source: &Arc<str>, problems: &mut Vec<Problem>) -> Vec<Waiver> {
    let Some(((line, header), rows)) = table.rows.split_first() else {
        let what = "is empty; the first line names the columns: rule,device,reason,owner,until";
        problems.push(Problem::of(source, what));
        return Vec::new();
    };
    let Some(positions) = read_header(header, *line, source, problems) else { return Vec::new() };
    let mut waivers = Vec::new();
    for (row, record) in rows {
        // A stray delimiter would shift the fields behind it.
        if record.iter().skip(header.len()).any(|value| !value.trim().is_empty()) {
            let what = format!(
                "has {} fields, the header {}; quote a value that holds the delimiter",
                record.len(),
                header.len()
            );
            problems.push(Problem::of(source, what).row(*row));
            continue;
        }
        let texts = positions.map(|at| record.get(at).unwrap_or_default());
        let place = format!("{source} row {row}");
        match Waiver::read(texts, place) {
            Ok(waiver) => waivers.push(waiver),
            Err(faults) => problems.extend(faults.into_iter().map(|fault| {
                let value = FIELDS.iter().position(|field| *field == fault.field).map_or("", |at| texts[at]);
                Problem::of(source, fault.what).row(*row).column(fault.field).value(value)
            })),
        }
    }
    waivers
}

/// Where each of [`FIELDS`] stands; `None` where the header lacks one or has it twice.
fn read_header(
    header: &csv::StringRecord,
    line: u64,
    source: &Arc<str>,
    problems: &mut Vec<Problem>,
) -> Option<[usize; 5]> {
    let is = |name: &str, field: &str| name.trim().eq_ignore_ascii_case(field);
    let mut positions = [0; 5];
    let before = problems.len();
    for (field, position) in FIELDS.iter().zip(&mut positions) {
        let mut places = header.iter().enumerate().filter(|(_, name)| is(name, field)).map(|(at, _)| at);
        let what = match (places.next(), places.next()) {
            (Some(at), None) => {
                *position = at;
                continue;
            }
            (Some(_), Some(_)) => "stands twice in the header; remove one of the two".to_owned(),
            (None, _) => {
                let own = header.iter().filter(|name| !FIELDS.iter().any(|known| is(name, known)));
                let meant = own.filter(|name| nearest(name.trim(), [*field]).is_some()).map(str::trim).next();
                let hint = meant.map(|name| format!("; rename the column {name}")).unwrap_or_default();
                format!("is missing in the header, which is rule,device,reason,owner,until{hint}")
            }
        };
        problems.push(Problem::of(source, what).row(line).column(field));
    }
    (problems.len() == before).then_some(positions)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn waiver(rule: &str, device: &str, until: &str) -> Waiver {
        Waiver::read([rule, device, "lab", "netops", until], "f row 2".to_owned()).expect("a waiver")
    }

    fn load(content: &str) -> Result<Waivers, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("w.csv");
        std::fs::write(&path, content).expect("written");
        let name = path.display().to_string();
        Waivers::load(&path).map_err(|errors| errors.to_string().replace(&name, "w.csv"))
    }

    #[test]
    fn a_waiver_is_valid_through_its_last_day() {
        let waivers = Waivers::new(vec![waiver("ack-overdue", "LAB-*", "2027-01-31")]);
        let on = |day| waivers.of("ack-overdue", "lab-sw1", day).map(|(_, standing)| standing);
        assert_eq!(on(date(2027, 1, 31)), Some(Standing::Valid));
        assert_eq!(on(date(2027, 2, 1)), Some(Standing::Expired));
        assert!(waivers.of("ack-overdue", "core-lab-1", date(2027, 1, 1)).is_none());
        assert!(waivers.of("ack-stale", "lab-sw1", date(2027, 1, 1)).is_none());
        let waivers = Waivers::new(vec![waiver("ack-overdue", "sw[1]", "2027-01-31")]);
        assert!(waivers.of("ack-overdue", "SW[1]", date(2027, 1, 1)).is_some());
    }

    #[test]
    fn of_several_a_valid_one_wins_else_the_latest() {
        let days = ["2027-03-01", "2026-01-01", "2026-06-01"];
        let waivers = Waivers::new(days.map(|day| waiver("ack-overdue", "*", day)).to_vec());
        let until = |day| waivers.of("ack-overdue", "sw1", day).map(|(waiver, _)| waiver.until);
        assert_eq!(until(date(2026, 12, 1)), Some(date(2027, 3, 1)));
        assert_eq!(until(date(2028, 1, 1)), Some(date(2027, 3, 1)));
    }

    #[test]
    fn what_ends_soon_is_told_before_it_ends() {
        let days = ["2027-01-15", "2027-01-01", "2026-12-31", "2027-01-16"];
        let waivers = Waivers::new(days.map(|day| waiver("ack-overdue", "*", day)).to_vec());
        let ending = waivers.expiring(date(2027, 1, 1), 14);
        assert_eq!(ending.iter().map(|waiver| waiver.until).collect::<Vec<_>>(), [date(2027, 1, 1), date(2027, 1, 15)]);
        assert!(waivers.expiring(Date::MAX, 14).is_empty());
    }

    #[test]
    fn a_file_of_a_spreadsheet_is_read() {
        let content = "\u{feff}# lab\r\nUntil;ticket;Rule;Owner;Device;Reason\r\n2027-01-31;N-1;ACK-overdue;net;lab-*;\"a; b\"\r\n";
        let waivers = load(content).expect("readable");
        let [one] = waivers.0.as_slice() else { panic!("{waivers:?}") };
        assert_eq!((one.rule, one.device.as_str(), one.reason.as_str()), ("ack-overdue", "lab-*", "a; b"));
        assert!(one.place.ends_with("w.csv row 3"), "{}", one.place);
    }

    #[test]
    fn every_error_is_told_at_once_with_its_place() {
        let content =
            "rule,device,reason,owner,until\nack-overdu,[,,net,2027-02-30\nack-overdue,*,x,net,2027-01-31,y\n";
        let text = load(content).expect_err("five errors");
        for part in [
            "w.csv: 5 errors",
            "row 2, column reason, value \"\": is empty",
            "row 2, column rule, value \"ack-overdu\": no rule is called `ack-overdu`; did you mean `ack-overdue`",
            "row 2, column device, value \"[\": is no glob",
            "row 2, column until, value \"2027-02-30\": is no day",
            "row 3: has 6 fields, the header 5",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn a_header_without_its_columns_is_refused() {
        let text = load("rule,device,reason,untill,until,until\n").expect_err("no owner");
        assert!(
            text.contains("row 1, column owner: is missing") && text.contains("column until: stands twice"),
            "{text}"
        );
        let text = load("rule,device,reason,owner,untill\n").expect_err("no until");
        assert!(text.contains("rename the column untill"), "{text}");
        assert!(load("# nothing\n").expect_err("empty").contains("is empty"));
        assert!(
            load("rule,device,reason,owner,until\na,\"b\n").expect_err("open").contains("row 2: a quote is opened")
        );
    }

    #[test]
    fn days_are_written_one_way() {
        assert_eq!(day("2027-01-31"), Some(date(2027, 1, 31)));
        for text in ["2027-1-31", "31.01.2027", "20270131", "2027-01-31T00:00", "+02027-01-31"] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
