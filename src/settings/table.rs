//! Tables of `slaudit.toml` read key by key: every fault is kept with its line, and a key that nobody asked for is one.
//!
//! ```text
//! slaudit.toml: 2 errors
//!   line 2, [audit] concurency: no such key; did you mean `concurrency`?
//!   line 9, [rules.transport-of]: no rule is called `transport-of`; did you mean `transport-off`?
//! ```

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::inventory::nearest;

/// One thing that is wrong with the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    line: usize,
    place: String,
    what: String,
}

/// Everything that is wrong with a configuration file, in the order of the file.
#[derive(Debug)]
pub struct FileErrors {
    path: PathBuf,
    faults: Vec<Fault>,
}

impl fmt::Display for FileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        write!(f, "{}: {count} error{}", self.path.display(), if count == 1 { "" } else { "s" })?;
        for Fault { line, place, what } in &self.faults {
            let place = if place.is_empty() { String::new() } else { format!(", {place}") };
            write!(f, "\n  line {line}{place}: {what}")?;
        }
        Ok(())
    }
}

impl std::error::Error for FileErrors {}

/// The faults of a file while it is read.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    text: &'a str,
    found: RefCell<Vec<Fault>>,
}

impl<'a> Faults<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, found: RefCell::default() }
    }

    /// The line on which something stands, from 1.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    /// Keeps a fault; `place` is a table with its key.
    pub(super) fn add(&self, line: usize, place: &str, what: impl Into<String>) {
        self.found.borrow_mut().push(Fault { line, place: place.to_owned(), what: what.into() });
    }

    /// Keeps what the syntax is wrong in, once a line: one slip often has several consequences.
    pub(super) fn add_syntax(&self, errors: &[toml::de::Error]) {
        for error in errors {
            let line = error.span().map_or(1, |span| self.line(&span));
            if self.found.borrow().iter().any(|fault| fault.line == line) {
                continue;
            }
            // `user = netaudit` begins like `nan`.
            let hint = if error.message().starts_with("invalid float") { "; text stands in quotes" } else { "" };
            self.add(line, "", format!("{}{hint}", error.message()));
        }
    }

    /// All faults; those about a line whose syntax is wrong are left out, they may be its consequence.
    pub(super) fn end(self, path: &Path) -> Result<(), FileErrors> {
        let mut faults = self.found.into_inner();
        faults.sort();
        let broken: Vec<_> = faults.iter().filter(|fault| fault.place.is_empty()).map(|fault| fault.line).collect();
        faults.retain(|fault| fault.place.is_empty() || !broken.contains(&fault.line));
        faults.dedup();
        if faults.is_empty() { Ok(()) } else { Err(FileErrors { path: path.to_owned(), faults }) }
    }
}

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a DeValue<'a>,
    pub(super) line: usize,
}

/// One table of the file.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// Its name as it stands in the file: `audit`, `credentials.default`; empty for the file itself.
    pub(super) name: String,
    /// Where it begins.
    pub(super) line: usize,
    entries: Vec<Entry<'a>>,
    /// Keys that there are, and keys that have been told already.
    asked: RefCell<Vec<&'static str>>,
    refused: RefCell<Vec<&'static str>>,
    faults: &'a Faults<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn new(name: &str, line: usize, table: &'a DeTable<'a>, faults: &'a Faults<'a>) -> Self {
        let entry = |(key, value): (&'a Spanned<_>, &'a Spanned<_>)| Entry {
            key: AsRef::<str>::as_ref(key.get_ref()),
            value: value.get_ref(),
            line: faults.line(&key.span()),
        };
        let entries = table.iter().map(entry).collect();
        Self { name: name.to_owned(), line, entries, asked: RefCell::default(), refused: RefCell::default(), faults }
    }

    /// All keys.
    pub(super) fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// Keeps a fault about a key.
    pub(super) fn fault(&self, line: usize, key: &str, what: impl Into<String>) {
        let place = match (self.name.as_str(), key) {
            ("", key) => format!("[{key}]"),
            (name, "") => format!("[{name}]"),
            (name, key) => format!("[{name}] {key}"),
        };
        self.faults.add(line, &place, what);
    }

    /// A key that may be there.
    pub(super) fn get(&self, key: &'static str) -> Option<Entry<'a>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key == key).copied()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let entry = self.get(key)?;
        let text = entry.value.as_str().map(str::trim);
        if text.is_none_or(str::is_empty) {
            let what = if text.is_some() { "is empty; leave the key out instead" } else { "must be a text in quotes" };
            self.fault(entry.line, key, what);
            return None;
        }
        text.map(ToOwned::to_owned)
    }

    /// True or false.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let entry = self.get(key)?;
        let value = entry.value.as_bool();
        if value.is_none() {
            self.fault(entry.line, key, "must be true or false");
        }
        value
    }

    /// A list of texts.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let texts = entry.value.as_array().map(|list| list.iter().map(|item| item.get_ref().as_str()).collect());
        let texts: Option<Vec<_>> = texts.unwrap_or_default();
        if entry.value.as_array().is_none() || texts.is_none() {
            self.fault(entry.line, key, "must be a list of texts: [\"one\", \"two\"]");
        }
        texts.unwrap_or_default().into_iter().map(ToOwned::to_owned).collect()
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &'static str,
        all: &[T],
        spelling: impl Fn(T) -> &'static str,
    ) -> Option<T> {
        let text = self.text(key)?;
        let found = all.iter().copied().find(|value| spelling(*value).eq_ignore_ascii_case(&text));
        if found.is_none() {
            let words: Vec<_> = all.iter().map(|value| spelling(*value)).collect();
            let near = nearest(&text, words.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
            let line = self.get(key).map_or(self.line, |entry| entry.line);
            self.fault(line, key, format!("{text:?} is none of {}{}", words.join(", "), near.unwrap_or_default()));
        }
        found
    }

    /// A table in this one.
    pub(super) fn table(&self, key: &'static str) -> Option<Self> {
        self.get(key).and_then(|entry| self.below(entry))
    }

    /// Every entry is a table of its own, under a name of its author's choice.
    pub(super) fn tables(&self) -> Vec<(&'a str, Self)> {
        self.entries.iter().filter_map(|entry| Some((entry.key, self.below(*entry)?))).collect()
    }

    fn below(&self, entry: Entry<'a>) -> Option<Self> {
        let name = if self.name.is_empty() { entry.key.to_owned() } else { format!("{}.{}", self.name, entry.key) };
        let Some(table) = entry.value.as_table() else {
            let example = if self.name.is_empty() { name } else { format!("{}.NAME", self.name) };
            self.fault(entry.line, entry.key, format!("must be a table: [{example}], and its keys below it"));
            return None;
        };
        Some(Self::new(&name, entry.line, table, self.faults))
    }

    /// The tables of a list, `[[waiver]]`.
    pub(super) fn list(&self, key: &'static str) -> Vec<Self> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let items = entry.value.as_array().map(|list| list.iter().collect::<Vec<_>>());
        let tables: Option<Vec<_>> = items.and_then(|items| {
            items.into_iter().map(|item| Some((self.faults.line(&item.span()), item.get_ref().as_table()?))).collect()
        });
        if tables.is_none() {
            self.fault(entry.line, key, format!("is a list of tables; write [[{key}]] over each"));
        }
        let made = |(line, table)| Self::new(&format!("[{key}]"), line, table, self.faults);
        tables.unwrap_or_default().into_iter().map(made).collect()
    }

    /// Keys that must not be there, and why.
    pub(super) fn refuse(&self, keys: &[&'static str], why: &str) {
        for entry in self.entries.iter().filter(|entry| keys.contains(&entry.key)) {
            self.fault(entry.line, entry.key, why);
        }
        self.refused.borrow_mut().extend(keys);
    }

    /// Tells the keys that nobody asked for.
    pub(super) fn end(&self) {
        let (asked, refused) = (self.asked.borrow(), self.refused.borrow());
        let unknown = |entry: &&Entry<'_>| !asked.contains(&entry.key) && !refused.contains(&entry.key);
        for entry in self.entries.iter().filter(unknown) {
            self.unknown(*entry, &asked);
        }
    }

    /// Tells a key that there is not, and which of those there are may have been meant.
    pub(super) fn unknown(&self, entry: Entry<'_>, known: &[&str]) {
        let hint = match nearest(&entry.key.replace('-', "_"), known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.len() > 10 => "`slaudit audit --help` lists them, here with underscores".to_owned(),
            None => format!("there are {}", known.join(", ")),
        };
        let kind = if self.name.is_empty() { "table" } else { "key" };
        self.fault(entry.line, entry.key, format!("no such {kind}; {hint}"));
    }
}
