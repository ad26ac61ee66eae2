//! SLAC files against the devices of a run: each device, and what belongs to none.

use super::{Comparison, Listed, compare, names_a_unit, same_serial};
use crate::facts::Udi;
use crate::inventory::SlacFile;

/// What is known of one device.
#[derive(Debug, Clone)]
pub struct DeviceUnits {
    /// Its name.
    pub name: String,
    /// Its units, or why they are not known.
    pub units: Result<Vec<Udi>, String>,
    /// Whether it needs an authorization code.
    pub need: Need,
}

/// Whether a device needs an authorization code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// No licence in use needs one.
    None,
    /// One is needed, and installed.
    Installed,
    /// The licences in use that lack theirs.
    Lacking(String),
    /// It is not known; why.
    Unknown(String),
}

/// The answer about one device that the files are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Compared. `others` of the comparison are in a file that covers the device, and in no device of the run.
    Compared(Comparison<'a>),
    /// Named by no file although the licences named lack their code.
    NotNamed(&'a [Udi], &'a str),
    /// Not compared; why.
    NotCompared(String),
}

impl Answer<'_> {
    /// True where every unit is in the files as it is, and nothing else is.
    pub fn is_match(&self) -> bool {
        matches!(self, Self::Compared(found) if found.has_all_units() && found.others.is_empty())
    }
}

/// The comparison of all devices.
#[derive(Debug, Clone, Default)]
pub struct Fleet<'a> {
    /// One answer a device that the files are about, in the order of the run.
    pub answers: Vec<(&'a str, Answer<'a>)>,
    /// UDIs of files that cover no device: no device of the run has them.
    pub of_no_device: Vec<Listed<'a>>,
    /// Files that cover more than one device, with the number of devices.
    pub shared: Vec<(&'a SlacFile, usize)>,
    /// Devices that no file names and that need no code.
    pub need_none: usize,
    /// Devices that no file names and whose code is installed.
    pub installed: usize,
}

/// Compares files with all devices of a run. Where there is one device only, every file is meant for it.
pub fn compare_fleet<'a>(devices: &'a [DeviceUnits], files: &'a [SlacFile]) -> Fleet<'a> {
    let units = |device: &'a DeviceUnits| device.units.as_deref().unwrap_or_default();
    let covers = |file: &SlacFile, device| devices.len() == 1 || names_a_unit(file, units(device));
    let is_somebody_s =
        |listed: &Listed<'_>| devices.iter().flat_map(units).any(|unit| same_serial(&unit.serial, &listed.udi.serial));
    let mut fleet = Fleet::default();
    for device in devices {
        let covering: Vec<_> = files.iter().filter(|file| covers(file, device)).collect();
        let answer = match (&device.units, &device.need) {
            (Err(why), _) => Answer::NotCompared(why.clone()),
            (Ok(units), _) if units.is_empty() => Answer::NotCompared("no unit is printed".to_owned()),
            (Ok(units), _) if !covering.is_empty() => {
                let mut found = compare(units, covering);
                found.others.retain(|listed| !is_somebody_s(listed));
                Answer::Compared(found)
            }
            (Ok(units), Need::Lacking(licences)) => Answer::NotNamed(units, licences),
            (Ok(_), Need::Unknown(why)) => {
                Answer::NotCompared(format!("no file names it, and whether it needs a code is not known: {why}"))
            }
            (Ok(_), Need::None) => {
                fleet.need_none += 1;
                continue;
            }
            (Ok(_), Need::Installed) => {
                fleet.installed += 1;
                continue;
            }
        };
        fleet.answers.push((&device.name, answer));
    }
    for file in files {
        match devices.iter().filter(|device| device.units.is_ok() && covers(file, device)).count() {
            0 => fleet.of_no_device.extend(file.udis.iter().map(|udi| Listed { file, udi })),
            1 => {}
            count => fleet.shared.push((file, count)),
        }
    }
    fleet
}

impl Fleet<'_> {
    /// True where the files and the devices agree, as far as there is anything to compare, and all could be compared.
    pub fn is_match(&self) -> bool {
        self.of_no_device.is_empty() && self.answers.iter().all(|(_, answer)| answer.is_match())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::SlacUdi;

    fn device(name: &str, serials: &[&str], need: Need) -> DeviceUnits {
        let unit = |serial: &&str| Udi { role: "member".to_owned(), pid: "A".to_owned(), serial: (*serial).to_owned() };
        DeviceUnits { name: name.to_owned(), units: Ok(serials.iter().map(unit).collect()), need }
    }

    fn file(serials: &[&str]) -> SlacFile {
        let udi = |serial: &&str| SlacUdi { pid: "A".to_owned(), serial: (*serial).to_owned(), line: 1 };
        SlacFile { name: serials.join("-"), udis: serials.iter().map(udi).collect() }
    }

    fn serials<'a>(listed: &[Listed<'a>]) -> Vec<&'a str> {
        listed.iter().map(|listed| listed.udi.serial.as_str()).collect()
    }

    #[test]
    fn one_file_may_be_for_several_devices() {
        let devices = [device("a", &["F1", "F2"], Need::None), device("b", &["F3"], Need::None)];
        let files = [file(&["F1", "F2", "F3"])];
        let fleet = compare_fleet(&devices, &files);
        assert!(fleet.is_match(), "{fleet:?}");
        assert_eq!(fleet.shared, [(&files[0], 2)]);
    }

    #[test]
    fn what_is_foreign_and_what_is_nobody_s() {
        let devices = [
            device("a", &["F1", "F2"], Need::None),
            device("b", &["F3"], Need::None),
            device("c", &["F4"], Need::Installed),
            device("d", &["F5"], Need::Lacking("hseck9".to_owned())),
            device("e", &["F6"], Need::Unknown("timed out".to_owned())),
        ];
        let files = [file(&["F1", "G1"]), file(&["G2"])];
        let fleet = compare_fleet(&devices, &files);
        let Answer::Compared(found) = &fleet.answers[0].1 else { panic!("{fleet:?}") };
        assert_eq!((found.missing.len(), serials(&found.others)), (1, vec!["G1"]));
        assert_eq!(serials(&fleet.of_no_device), ["G2"]);
        assert_eq!((fleet.need_none, fleet.installed), (1, 1));
        assert!(matches!(&fleet.answers[1], ("d", Answer::NotNamed(units, "hseck9")) if units.len() == 1));
        assert!(matches!(&fleet.answers[2], ("e", Answer::NotCompared(_))));
    }

    #[test]
    fn the_only_device_is_meant_by_every_file() {
        let devices = [device("a", &["F1"], Need::None)];
        let files = [file(&["G1"])];
        let fleet = compare_fleet(&devices, &files);
        let Answer::Compared(found) = &fleet.answers[0].1 else { panic!("{fleet:?}") };
        assert_eq!((found.missing.len(), serials(&found.others)), (1, vec!["G1"]));
        assert!(fleet.of_no_device.is_empty());
    }

    #[test]
    fn units_that_are_not_known_are_no_match() {
        let mut devices = [device("a", &[], Need::None)];
        assert!(!compare_fleet(&devices, &[file(&["G1"])]).is_match());
        devices[0].units = Err("not permitted".to_owned());
        assert!(!compare_fleet(&devices, &[]).is_match());
    }
}
