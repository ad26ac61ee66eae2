//! `--limit`: which devices of the inventory take part.
//!
//! ```text
//! --limit 'lon1-*,site=FRA*,!role=lab,!lon1-old-1'
//! ```
//!
//! Terms are joined by commas. A term is a glob on names, or `column=glob` for any column of the inventory, the user's own
//! included; `column=` means empty. Chosen is what any plain term matches, less what any term with `!` matches; with
//! `!` terms alone it is everything less those. Case is ignored, as it is in names.

use globset::{GlobBuilder, GlobMatcher};

use super::problem::nearest;
use super::{Column, Device, Inventory};

/// A selection that was understood.
#[derive(Debug)]
pub struct Limit {
    terms: Vec<Term>,
}

/// Why a selection cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// No term at all.
    #[error("--limit is empty\nwrite a glob on names, or column=glob, for example 'lon1-*,!role=lab'")]
    Empty,
    /// A glob with unbalanced brackets and the like.
    #[error("--limit: {term:?} is not a glob: {why}\nput special characters into brackets, for example [[]")]
    Glob {
        /// The term.
        term: String,
        /// What the glob parser says.
        why: String,
    },
    /// A column the inventory does not have.
    #[error("--limit: no column {column:?} in {term:?}\n{advice}")]
    Column {
        /// The term.
        term: String,
        /// Its column.
        column: String,
        /// The nearest or all columns there are.
        advice: String,
    },
    /// Terms that leave nobody.
    #[error("--limit selects no device of {devices}\n{}", .terms.join("\n"))]
    Nothing {
        /// How many devices there were to choose from.
        devices: usize,
        /// For each term, how many devices it matches.
        terms: Vec<String>,
    },
}

#[derive(Debug)]
struct Term {
    text: String,
    excludes: bool,
    /// The column that is compared.
    key: String,
    /// What stands for the value, literally: a name may hold brackets.
    literal: String,
    glob: GlobMatcher,
}

impl Limit {
    /// Reads an expression; whether its columns exist is seen by [`Limit::select`].
    pub fn parse(expression: &str) -> Result<Self, LimitError> {
        let terms = split(expression).into_iter().map(Term::parse).collect::<Result<Vec<_>, _>>()?;
        if terms.is_empty() { Err(LimitError::Empty) } else { Ok(Self { terms }) }
    }

    /// The devices that take part, in the order of the inventory. Nobody is an error: it is never what was meant.
    pub fn select(&self, inventory: &Inventory) -> Result<Inventory, LimitError> {
        let columns = self.terms.iter().map(|term| term.find_column(inventory)).collect::<Result<Vec<_>, _>>()?;
        let mut counts = vec![0_usize; self.terms.len()];
        let some_include = self.terms.iter().any(|term| !term.excludes);
        let mut chosen = Inventory { devices: Vec::new(), extra_columns: inventory.extra_columns.clone() };
        for device in &inventory.devices {
            let (mut included, mut excluded) = (!some_include, false);
            for ((term, column), count) in self.terms.iter().zip(&columns).zip(&mut counts) {
                if term.matches(&column.value(device)) {
                    *count += 1;
                    *if term.excludes { &mut excluded } else { &mut included } = true;
                }
            }
            if included && !excluded {
                chosen.devices.push(device.clone());
            }
        }
        if chosen.devices.is_empty() {
            let terms = self.terms.iter().zip(counts).map(|(term, count)| format!("  {} matches {count}", term.text));
            return Err(LimitError::Nothing { devices: inventory.devices.len(), terms: terms.collect() });
        }
        Ok(chosen)
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, LimitError> {
        let (excludes, rest) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest.trim_start()));
        let (key, value) = rest.split_once('=').unwrap_or((Column::Name.as_str(), rest));
        let value = value.trim();
        let glob = GlobBuilder::new(value).case_insensitive(true).build();
        let why = |error: globset::Error| LimitError::Glob { term: text.to_owned(), why: error.kind().to_string() };
        Ok(Self {
            text: text.to_owned(),
            excludes,
            key: key.trim().to_lowercase(),
            literal: value.to_lowercase(),
            glob: glob.map_err(why)?.compile_matcher(),
        })
    }

    fn matches(&self, value: &str) -> bool {
        value.to_lowercase() == self.literal || (!self.literal.is_empty() && self.glob.is_match(value))
    }

    fn find_column(&self, inventory: &Inventory) -> Result<Source, LimitError> {
        if let Some(column) = Column::parse(&self.key) {
            return Ok(Source::Known(column));
        }
        if let Some(at) = inventory.extra_columns.iter().position(|name| name.to_lowercase() == self.key) {
            return Ok(Source::Extra(at));
        }
        let known = Column::ALL.iter().map(|column| column.as_str());
        let known: Vec<_> = known.chain(inventory.extra_columns.iter().map(String::as_str)).collect();
        let advice = match nearest(&self.key, known.iter().copied()) {
            Some(near) => format!("did you mean {near}?"),
            None => format!("there are {}", known.join(", ")),
        };
        Err(LimitError::Column { term: self.text.clone(), column: self.key.clone(), advice })
    }
}

/// Where a term's value stands in a device.
enum Source {
    Known(Column),
    Extra(usize),
}

impl Source {
    fn value(&self, device: &Device) -> String {
        let expect = &device.expect;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        match self {
            Self::Extra(at) => device.extra.get(*at).map(|value| value.trim().to_owned()).unwrap_or_default(),
            Self::Known(Column::Name) => device.name.clone(),
            Self::Known(Column::Address) => device.address.clone(),
            Self::Known(Column::Port) => device.port.to_string(),
            Self::Known(Column::Site) => device.site.clone(),
            Self::Known(Column::Role) => device.role.clone(),
            Self::Known(Column::Platform) => device.platform.to_string(),
            Self::Known(Column::Credential) => device.credential.clone(),
            Self::Known(Column::SshProfile) => device.ssh_profile.to_string(),
            Self::Known(Column::Jump) => device.jump.join(">"),
            Self::Known(Column::ExpectTransport) => expect.transport.map(|v| v.to_string()).unwrap_or_default(),
            Self::Known(Column::ExpectUrl) => text(&expect.url),
            Self::Known(Column::SmartAccount) => text(&expect.smart_account),
            Self::Known(Column::VirtualAccount) => text(&expect.virtual_account),
            Self::Known(Column::Topology) => expect.topology.map(|v| v.to_string()).unwrap_or_default(),
            Self::Known(Column::Serial) => text(&expect.serial),
            Self::Known(Column::ExpectPolicy) => text(&expect.policy),
        }
    }
}

/// Splits at commas, but not at those inside `{a,b}` and `[,]` of a glob.
fn split(expression: &str) -> Vec<&str> {
    let (mut terms, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, c) in expression.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                terms.push(&expression[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&expression[start..]);
    terms.into_iter().map(str::trim).filter(|term| !term.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(expression: &str) -> Result<Vec<String>, String> {
        let csv = "name,address,site,role,platform,rack\nlon1-a,,LON1,core,iosxe,7\nlon1-b,,LON1,lab,ios,8\n\
                   fra1-a,,FRA1,lab,iosxe,7\n[v6]:22,x1,,,,\n";
        let inventory = Inventory::parse(csv.as_bytes(), "f").map_err(|errors| errors.to_string())?.inventory;
        let chosen = Limit::parse(expression).and_then(|limit| limit.select(&inventory)).map_err(|e| e.to_string())?;
        Ok(chosen.devices.into_iter().map(|device| device.name).collect())
    }

    #[test]
    fn terms_add_and_negations_take_away() {
        let cases: [(&str, &[&str]); 10] = [
            ("lon1-*", &["lon1-a", "lon1-b"]),
            ("LON1-A", &["lon1-a"]),
            ("site=fra*", &["fra1-a"]),
            ("lon1-a,site=FRA1", &["lon1-a", "fra1-a"]),
            ("!role=lab", &["lon1-a", "[v6]:22"]),
            ("lon1-*,!role=lab", &["lon1-a"]),
            ("rack=7,!fra1-*", &["lon1-a"]),
            ("site=", &["[v6]:22"]),
            ("[v6]:22", &["[v6]:22"]),
            ("{lon1,fra1}-a", &["lon1-a", "fra1-a"]),
        ];
        for (expression, expected) in cases {
            assert_eq!(select(expression).expect("accepted"), expected, "{expression}");
        }
    }

    #[test]
    fn nothing_chosen_says_what_each_term_matched() {
        let message = select("lon1-*,!site=lon1").expect_err("refused");
        assert_eq!(message, "--limit selects no device of 4\n  lon1-* matches 2\n  !site=lon1 matches 2");
    }

    #[test]
    fn wrong_terms_say_what_is_wrong() {
        assert!(select("sitte=LON1").expect_err("refused").ends_with("did you mean site?"));
        assert!(select("colour=red").expect_err("refused").contains("there are name, address"));
        assert!(select("lon{1").expect_err("refused").contains("is not a glob"));
        assert!(select(" , ").expect_err("refused").contains("is empty"));
    }
}
