//! Every step there is. The commands are those of the vendor's guide, with `<placeholders>`; `[vrf <vrf>]` is left out where there is
//! none.

use super::{Mode, Template};
use crate::inventory::{Platform, Topology};

/// Declares steps and the list of them: a name, its id and what it is.
macro_rules! steps {
    ($($name:ident $id:literal $step:expr;)+) => {
        $(#[doc = concat!("`", $id, "`")]
        pub static $name: $crate::remedy::Template = $crate::remedy::Template { id: $id, ..$step };)+

        /// The steps of this part.
        pub(super) static ALL: &[&$crate::remedy::Template] = &[$(&$name),+];
    };
}

mod authorization;
mod connection;
mod reporting;
mod trust;

pub use authorization::*;
pub use connection::*;
pub use reporting::*;
pub use trust::*;

/// Every step.
pub fn all() -> impl Iterator<Item = &'static Template> {
    [connection::ALL, trust::ALL, reporting::ALL, authorization::ALL].into_iter().flatten().copied()
}

/// Where the configuration commands of the guide are verified.
const IOS: &[Platform] = &[Platform::Auto, Platform::IosXe, Platform::Ios];

type Line = (Mode, &'static str, &'static str);

const fn set(line: &'static str) -> Line {
    (Mode::Configure, line, "")
}

const fn run(line: &'static str) -> Line {
    (Mode::Exec, line, "")
}

const fn show(line: &'static str, shows: &'static str) -> Line {
    (Mode::Show, line, shows)
}

/// A step that is the same on every platform.
const fn step(text: &'static str, commands: &'static [Line]) -> Template {
    Template { id: "", platforms: &[], topologies: &[], condition: "", text, commands }
}

/// A step whose commands are those of IOS XE and IOS.
const fn on_ios(text: &'static str, commands: &'static [Line]) -> Template {
    Template { platforms: IOS, ..step(text, commands) }
}

impl Template {
    const fn at(self, topologies: &'static [Topology]) -> Self {
        Self { topologies, ..self }
    }

    const fn when(self, condition: &'static str) -> Self {
        Self { condition, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_texts_are_parts_of_a_sentence() {
        let ids: BTreeSet<_> = all().map(|step| step.id).collect();
        assert_eq!(ids.len(), all().count());
        for step in all() {
            assert!(step.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", step.id);
            assert!(!step.text.is_empty() && !step.text.ends_with(['.', ':']), "{}", step.id);
            assert!(!step.text.contains('\n') && !step.text.contains("  "), "{}", step.id);
        }
    }

    #[test]
    fn every_command_is_on_the_list() {
        let commands: Vec<_> = all().flat_map(|template| template.step().commands).collect();
        for command in &commands {
            // What is optional is left out, or filled in.
            let line = command.line.replace("[vrf <vrf>] ", "");
            let command = super::super::Command { line: line.into(), ..command.clone() };
            assert!(command.is_allowed(), "{command:?}");
        }
        assert!(commands.len() > 60, "{}", commands.len());
    }
}
