//! `show privilege`: the level of the session, asked where something was refused.
//!
//! ```text
//! Current privilege level is 15
//! ```

use super::lines::{Field, Text};
use super::plan::{IOS, WAS_REFUSED_ANYTHING};
use super::{Answers, Command};

pub(super) static COMMAND: Command =
    Command { sends: "show privilege", platforms: IOS, wanted: WAS_REFUSED_ANYTHING, read };

fn read(text: &Text<'_>) -> Answers {
    let mut level: Field<'_, u8> = Field::default();
    for line in &text.lines {
        if let Some(value) = line.text.strip_prefix("Current privilege level is ") {
            level.take(*line, "level", value.trim().parse().ok());
        }
    }
    let recognised = !level.is_missing();
    let mut answers = Answers { recognised, ..Answers::default() };
    answers.facts.privilege = text.speaker(recognised).fact(level);
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level() {
        let answers = read(&Text::whole("show privilege", "Current privilege level is 15\n"));
        assert_eq!(answers.facts.privilege.value(), Some(&15));
    }
}
