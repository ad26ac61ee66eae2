//! Transcripts of a run that could not be kept: how many, why, and what to do, said once.

use std::path::Path;

use crate::transcript::archive::ArchiveError;

/// The devices of a run whose transcripts could not be kept.
#[derive(Debug, Default)]
pub(super) struct Unkept {
    devices: usize,
    first: Option<ArchiveError>,
}

impl Unkept {
    /// Counts a device.
    pub(super) fn add(&mut self, error: ArchiveError) {
        self.devices += 1;
        self.first.get_or_insert(error);
    }

    /// What is said at the end of the run; nothing where all was kept.
    pub(super) fn message(&self, transcripts: &Path, go_on: &str) -> Option<String> {
        let error = self.first.as_ref()?;
        let (whose, they, first) = match self.devices {
            1 => ("the transcript of 1 device".to_owned(), "it is", ""),
            devices => (format!("the transcripts of {devices} devices"), "they are", ", the first because of"),
        };
        let remedy = error.remedy(transcripts);
        Some(format!(
            "error: {whose} could not be kept{first}: {error}\n{they} not done; {remedy}, then ask again: {go_on}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::PathBuf;

    use super::*;
    use crate::transcript::archive::ArchiveProblem;

    fn full(device: &str) -> ArchiveError {
        let problem = ArchiveProblem::Io(io::ErrorKind::StorageFull.into());
        ArchiveError { path: PathBuf::from(format!("runs/x/transcripts/.{device}.0.partial/show_clock.txt")), problem }
    }

    #[test]
    fn however_many_devices_are_hit_it_is_said_once() {
        let (folder, go_on) = (Path::new("runs/x/transcripts"), "slaudit audit --resume x");
        let mut unkept = Unkept::default();
        assert_eq!(unkept.message(folder, go_on), None);
        unkept.add(full("sw1"));
        let one = unkept.message(folder, go_on).expect("a message");
        assert!(one.contains("the transcript of 1 device could not be kept: runs/x/transcripts/.sw1."), "{one}");
        for number in 2..=500 {
            unkept.add(full(&format!("sw{number}")));
        }
        let all = unkept.message(folder, go_on).expect("a message");
        assert_eq!(all.lines().count(), 2, "{all}");
        for part in ["of 500 devices", ".sw1.0", "free space at runs/x/transcripts", "again: slaudit audit --resume x"]
        {
            assert!(all.contains(part), "{part} is not in: {all}");
        }
    }
}
