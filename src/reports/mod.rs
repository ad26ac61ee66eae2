//! The reports: what is written about a run. One file a format, and one line in [`ALL`].
//!
//! A report is a pure function from a [`Run`] to bytes. What each column of `findings.csv` and `devices.csv` means stands in
//! [`row`]; the other formats show the same rows.

mod csv;
pub mod files;
pub mod html;
mod json;
mod jsonl;
mod junit;
mod md;
mod prom;
pub mod row;
mod shorten;
pub mod summary;
pub mod text;
pub mod verdict;
mod xlsx;

use std::io::{self, Write};

use crate::rules::{self, Rule};
use crate::run::Run;
pub(crate) use json::value as write_json;
pub use text::CsvProfile;

/// One file of a run folder.
#[derive(Debug)]
pub struct Report {
    /// The name for `--format`. A format may have more than one file.
    pub format: &'static str,
    /// The file's name without its extension.
    pub name: &'static str,
    /// The file's extension, without a dot.
    pub extension: &'static str,
    /// Whether it is written where no format is named.
    pub by_default: bool,
    /// Writes it, in small pieces: the writer should be buffered. An error is the writer's or the store's.
    pub write: fn(&Run, Options, &mut dyn Write) -> io::Result<()>,
}

impl Report {
    /// For example `findings.csv`.
    pub fn file_name(&self) -> String {
        format!("{}.{}", self.name, self.extension)
    }
}

/// How reports are written, where there is a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// `--csv-profile`.
    pub csv: CsvProfile,
}

impl Default for Options {
    fn default() -> Self {
        Self { csv: CsvProfile::Plain }
    }
}

/// Every report, in the order in which they are written and listed.
pub static ALL: &[&Report] = &[
    &csv::FINDINGS,
    &csv::DEVICES,
    &json::REPORT,
    &xlsx::REPORT,
    &html::REPORT,
    &jsonl::REPORT,
    &md::REPORT,
    &junit::REPORT,
    &prom::REPORT,
];

/// The reports of a format; empty where there is no such format.
pub fn of_format(format: &str) -> Vec<&'static Report> {
    ALL.iter().copied().filter(|report| report.format.eq_ignore_ascii_case(format.trim())).collect()
}

/// The names of all formats, each once.
pub fn formats() -> Vec<&'static str> {
    let mut names: Vec<_> = ALL.iter().map(|report| report.format).collect();
    names.dedup();
    names
}

/// The names of the formats that are written where none is named.
pub fn usual_formats() -> Vec<&'static str> {
    let mut names: Vec<_> = ALL.iter().filter(|report| report.by_default).map(|report| report.format).collect();
    names.dedup();
    names
}

/// The rule of an id. A finding may outlive its rule: a stored run can be older than the catalogue.
pub(crate) fn rule(id: &str) -> Option<&'static Rule> {
    rules::ALL.iter().copied().find(|rule| rule.id == id)
}

/// A moment as files show it: ISO 8601, universal time, whole seconds.
pub(crate) fn utc(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Device;
    use crate::reading::Reading;
    use crate::record::{Contact, DeviceRecord, Status};
    use crate::rules::Judgement;
    use crate::store::{Head, Packed, Store};

    /// An audited device of which nothing is known.
    pub(super) fn device(name: &str, site: &str) -> DeviceRecord {
        DeviceRecord {
            device: Device { site: site.to_owned(), ..Device::named(name) },
            status: Status::Audited,
            detail: String::new(),
            reading: Reading::default(),
            judgement: Judgement::default(),
            contact: Contact::default(),
        }
    }

    /// A run of devices.
    pub(super) fn run_of(records: &[DeviceRecord]) -> Run {
        let head = Head::new("run", jiff::Timestamp::UNIX_EPOCH);
        let mut draft = Store::temporary().expect("a store").begin(head).expect("begun");
        for record in records {
            draft.put(&Packed::new(record).expect("packed")).expect("kept");
        }
        let store = draft.finish(jiff::Timestamp::UNIX_EPOCH, &|_, _| None).expect("finished");
        Run::load(store, "run").expect("a run")
    }

    /// A run of audited devices of which nothing is known, by name and site.
    pub(super) fn run(devices: &[(&str, &str)]) -> Run {
        run_of(&devices.iter().map(|(name, site)| device(name, site)).collect::<Vec<_>>())
    }

    #[test]
    fn no_report_reads_the_devices_twice() {
        let run = run(&[("a", ""), ("b", ""), ("c", "")]);
        let readings = |work: &dyn Fn()| {
            run.readings.set(0);
            work();
            run.readings.get()
        };
        for report in ALL {
            let read = readings(&|| (report.write)(&run, Options::default(), &mut io::sink()).expect("written"));
            let needs_none = matches!(report.extension, "md" | "prom" | "jsonl") || report.name == "findings";
            assert_eq!(read, usize::from(!needs_none), "{}", report.file_name());
        }
        assert_eq!(readings(&|| drop(summary::summary(&run, &summary::Look::default()))), 0);
    }

    #[test]
    fn formats_are_named_once_and_found_without_case() {
        assert_eq!(formats().len(), formats().iter().collect::<std::collections::BTreeSet<_>>().len());
        assert_eq!(
            of_format(" CSV ").iter().map(|report| report.file_name()).collect::<Vec<_>>(),
            ["findings.csv", "devices.csv"]
        );
        assert!(of_format("pdf").is_empty());
        assert!(usual_formats().starts_with(&["csv", "json", "xlsx"]), "{:?}", usual_formats());
    }
}
