//! The units of a device against those of SLAC files.
//!
//! Units are known by their serial number. A file *covers* a device where it names at least one of its units.

use crate::facts::Udi;
use crate::inventory::{SlacFile, SlacUdi};

/// A UDI and the file that lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed<'a> {
    /// The file.
    pub file: &'a SlacFile,
    /// The UDI.
    pub udi: &'a SlacUdi,
}

/// How the units of one device compare with the files that cover it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison<'a> {
    /// Units that are listed with their product id.
    pub matched: Vec<&'a Udi>,
    /// Units that no file lists.
    pub missing: Vec<&'a Udi>,
    /// Units that are listed with another product id.
    pub pid_differs: Vec<(&'a Udi, Listed<'a>)>,
    /// What the files list besides: units of other devices, or of none.
    pub others: Vec<Listed<'a>>,
}

impl Comparison<'_> {
    /// True where every unit is listed as it is; whether the files list others is another question.
    pub fn has_all_units(&self) -> bool {
        self.missing.is_empty() && self.pid_differs.is_empty()
    }
}

/// Compares the units of a device with files that are meant for it.
pub fn compare<'a>(units: &'a [Udi], files: impl IntoIterator<Item = &'a SlacFile>) -> Comparison<'a> {
    let listed: Vec<_> =
        files.into_iter().flat_map(|file| file.udis.iter().map(move |udi| Listed { file, udi })).collect();
    let mut comparison = Comparison::default();
    for unit in units {
        let same_unit: Vec<_> = listed.iter().filter(|listed| same_serial(&listed.udi.serial, &unit.serial)).collect();
        let same_pid = |listed: &&&Listed<'_>| listed.udi.pid.trim().eq_ignore_ascii_case(unit.pid.trim());
        match (same_unit.first(), same_unit.iter().find(same_pid)) {
            (None, _) => comparison.missing.push(unit),
            // A unit whose product id is not printed has no other one.
            (Some(_), Some(_)) => comparison.matched.push(unit),
            (Some(_), None) if unit.pid.trim().is_empty() => comparison.matched.push(unit),
            (Some(other), None) => comparison.pid_differs.push((unit, **other)),
        }
    }
    let is_own = |listed: &Listed<'_>| units.iter().any(|unit| same_serial(&unit.serial, &listed.udi.serial));
    for other in listed.iter().filter(|listed| !is_own(listed)) {
        if !comparison.others.iter().any(|known| same_serial(&known.udi.serial, &other.udi.serial)) {
            comparison.others.push(*other);
        }
    }
    comparison
}

/// True where a file covers a device.
pub fn names_a_unit(file: &SlacFile, units: &[Udi]) -> bool {
    file.udis.iter().any(|udi| units.iter().any(|unit| same_serial(&unit.serial, &udi.serial)))
}

/// Of the files what matters for one device: the files that cover it, their UDIs of its units, and some of the others. A file of a
/// thousand UDIs would else be kept with each of a thousand devices.
pub fn relevant(files: &[SlacFile], units: &[Udi]) -> Vec<SlacFile> {
    const OTHERS: usize = 16;
    let covering = files.iter().filter(|file| names_a_unit(file, units));
    covering
        .map(|file| {
            let mut others = 0;
            let matters = |udi: &&SlacUdi| {
                let is_own = units.iter().any(|unit| same_serial(&unit.serial, &udi.serial));
                others += usize::from(!is_own);
                is_own || others <= OTHERS
            };
            SlacFile { name: file.name.clone(), udis: file.udis.iter().filter(matters).cloned().collect() }
        })
        .collect()
}

/// Serial numbers are compared without case; an empty one is no unit's.
pub fn same_serial(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    !a.is_empty() && a.eq_ignore_ascii_case(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(pid: &str, serial: &str) -> Udi {
        Udi { role: "member".to_owned(), pid: pid.to_owned(), serial: serial.to_owned() }
    }

    fn file(udis: &[(&str, &str)]) -> SlacFile {
        let udi =
            |(pid, serial): &(&str, &str)| SlacUdi { pid: (*pid).to_owned(), serial: (*serial).to_owned(), line: 1 };
        SlacFile { name: "a.xml".to_owned(), udis: udis.iter().map(udi).collect() }
    }

    #[test]
    fn every_unit_is_matched_missing_or_another_product() {
        let units = [unit("A", "F1"), unit("A", "F2"), unit("B", "F3"), unit("", "F4")];
        let files = [file(&[("a", "f1"), ("A", "F3"), ("A", "F4")]), file(&[("A", "F9"), ("B", "f9")])];
        let found = compare(&units, &files);
        assert_eq!(found.matched, [&units[0], &units[3]]);
        assert_eq!(found.missing, [&units[1]]);
        assert_eq!(found.pid_differs.iter().map(|(unit, _)| *unit).collect::<Vec<_>>(), [&units[2]]);
        assert_eq!(found.others.iter().map(|listed| listed.udi.serial.as_str()).collect::<Vec<_>>(), ["F9"]);
        assert!(!found.has_all_units());
    }

    #[test]
    fn units_without_a_serial_number_are_nobody_s() {
        let units = [unit("A", "")];
        assert!(!names_a_unit(&file(&[("A", "")]), &units));
        assert_eq!(compare(&units, &[file(&[("A", "")])]).missing.len(), 1);
    }

    #[test]
    fn what_is_kept_with_a_device_is_short() {
        let serials: Vec<String> = (0..1000).map(|number| format!("F{number}")).collect();
        let long = file(&serials.iter().map(|serial| ("A", serial.as_str())).collect::<Vec<_>>());
        let kept = relevant(&[long, file(&[("A", "G1")])], &[unit("A", "F900"), unit("A", "F3")]);
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].udis.len(), 18);
        assert_eq!(kept[0].udis[17].serial, "F900");
    }

    #[test]
    fn two_units_that_print_one_serial_are_both_matched() {
        let units = [unit("A", "F1"), unit("A", "F1")];
        assert_eq!(compare(&units, &[file(&[("A", "F1")])]).matched.len(), 2);
    }
}
