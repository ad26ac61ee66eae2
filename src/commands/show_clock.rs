//! `show clock`: the device's time, and by its mark whether it is synchronised.
//!
//! ```text
//! *04:45:00.857 UTC Thu Aug 7 2025          not authoritative
//! .04:37:54.849 UTC Thu Aug 7 2025          authoritative, and NTP does not answer
//! 18:56:04.554 EST Mon Oct 17 2016          synchronised, on IOS, IOS XE and IOS XR; NX-OS and ASA print no marks
//! ```

use super::lines::{Field, Text};
use super::plan::{ALWAYS, LICENSING};
use super::{Answers, Command};
use crate::fact::DeviceTime;
use crate::facts::Facts;
use crate::stamp::{Mark, Stamp};

pub(super) static COMMAND: Command = Command { sends: "show clock", platforms: LICENSING, wanted: ALWAYS, read };

fn read(text: &Text<'_>) -> Answers {
    let found = text
        .lines
        .iter()
        .filter(|line| !line.torn)
        .find_map(|line| Some((*line, Stamp::parse(line.text)?.mark, DeviceTime::parse(line.text)?)));
    let mut facts = Facts::default();
    let speaker = text.speaker(found.is_some());
    let mark = found.as_ref().map(|(line, mark, _)| (*mark == Mark::None, line.evidence(text.command)));
    let recognised = found.is_some();
    facts.device_time = speaker.fact(found.map_or(Field::Missing, |(line, _, time)| Field::Read(time, line)));
    Answers { facts, recognised, mark, ..Answers::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks() {
        for (reply, synchronized) in [
            ("*04:45:00.857 UTC Thu Aug 7 2025\n", false),
            (".04:45:00.857 UTC Thu Aug 7 2025\n", false),
            ("sw1#show clock\n04:45:00.857 UTC Thu Aug 7 2025\n    ", true),
        ] {
            let answers = read(&Text::whole("show clock", reply));
            assert_eq!(answers.mark.map(|(mark, _)| mark), Some(synchronized), "{reply}");
            assert_eq!(
                answers.facts.device_time.value().map(|time| time.text.as_str()),
                Some("04:45:00.857 UTC Thu Aug 7 2025")
            );
        }
    }

    #[test]
    fn no_time_no_mark() {
        let answers = read(&Text::whole("show clock", "% Something else\n"));
        assert!(answers.mark.is_none() && !answers.facts.device_time.is_known());
    }
}
