//! `show license` of the time before Smart Licensing: one block a feature. It proves that the release has no SLP.
//!
//! ```text
//! Index 1 Feature: appxk9
//!         Period left: Life time
//!         License Type: Permanent
//!         License State: Active, In Use
//! StoreIndex: 0   Feature: securityk9     Version: 1.0          `show license all` of the same releases
//! ```

use super::lines::Text;
use super::plan::{IOS, NEEDS_LICENSE};
use super::{Answers, Command};
use crate::fact::Fact;

pub(super) static COMMAND: Command = Command { sends: "show license", platforms: IOS, wanted: NEEDS_LICENSE, read };

fn read(text: &Text<'_>) -> Answers {
    let mut answers = Answers::default();
    let speaker = text.speaker(false);
    if let Some(evidence) = before_smart_licensing(text) {
        answers.recognised = true;
        answers.facts.slp_enabled = Fact::known(false, evidence);
    } else {
        answers.facts.slp_enabled = Fact::Unknown(speaker.missing);
    }
    answers
}

/// The first line of a block of a feature, where the text has one.
pub(super) fn before_smart_licensing(text: &Text<'_>) -> Option<crate::fact::Evidence> {
    let is_feature =
        |line: &str| (line.starts_with("Index ") || line.starts_with("StoreIndex:")) && line.contains("Feature:");
    text.lines.iter().find(|line| is_feature(line.text) && !line.torn).map(|line| line.evidence(text.command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_by_index_are_no_slp() {
        let old = "Index 1 Feature: appxk9\n        Period left: Life time\n        License State: Active, In Use\n";
        assert_eq!(read(&Text::whole("show license", old)).facts.slp_enabled.value(), Some(&false));
        assert_eq!(read(&Text::whole("show license", "something else\n")).facts.slp_enabled.value(), None);
    }
}
