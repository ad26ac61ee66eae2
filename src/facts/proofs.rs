//! The lines that prove the parts of a list. A fact that is a list has one line of its own, mostly its first; a problem is about
//! one of its parts.

use super::Facts;
use crate::fact::{Evidence, Fact};

/// Lines by the key of their fact, by the place of their part in the list, and by what they say of it.
///
/// Only lines that may prove a problem are noted: most parts of most lists never do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Proofs(Vec<Proof>);

#[derive(Debug, Clone, PartialEq)]
struct Proof {
    key: &'static str,
    part: usize,
    says: &'static str,
    line: Evidence,
}

impl Proofs {
    /// Notes the line that says something of a part.
    pub(crate) fn note(&mut self, key: &'static str, part: usize, says: &'static str, line: Evidence) {
        self.0.push(Proof { key, part, says, line });
    }

    /// Every line noted for a fact.
    pub(crate) fn of(&self, key: &str) -> impl DoubleEndedIterator<Item = &Evidence> {
        self.0.iter().filter(move |proof| proof.key == key).map(|proof| &proof.line)
    }

    /// The lines of a fact that is taken from `other`.
    pub(super) fn take_over(&mut self, key: &str, other: &mut Self) {
        self.0.retain(|proof| proof.key != key);
        self.0.extend(other.0.extract_if(.., |proof| proof.key == key));
    }
}

impl Facts {
    /// The line that says something of a part of a list; the list's own where none was noted.
    pub(crate) fn proof<T>(&self, key: &str, list: &Fact<Vec<T>>, part: &T, says: &str) -> Option<Evidence> {
        self.proof_where(key, list, part, says, |_| true)
    }

    /// The same, where a part has several such lines: the first one that holds what is asked for.
    pub(crate) fn proof_where<T>(
        &self,
        key: &str,
        list: &Fact<Vec<T>>,
        part: &T,
        says: &str,
        holds: impl Fn(&str) -> bool,
    ) -> Option<Evidence> {
        let part = list.value()?.iter().position(|one| std::ptr::eq(one, part));
        let is_it = |proof: &&Proof| proof.key == key && Some(proof.part) == part && proof.says == says;
        let mut own = self.proofs.0.iter().filter(is_it).map(|proof| &proof.line).filter(|line| holds(&line.text));
        own.next().or(list.evidence()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Udi;

    fn line(text: &str) -> Evidence {
        Evidence { command: "show license udi", line: 3, text: text.to_owned() }
    }

    /// Two units, and a line about the second.
    fn units(list: &str, second: &str) -> Facts {
        let unit = |role: &str| Udi { role: role.to_owned(), pid: "A".to_owned(), serial: "F1".to_owned() };
        let udis = Fact::known(vec![unit("active"), unit("active")], line(list));
        let mut facts = Facts { udis, ..Facts::default() };
        facts.proofs.note("udis", 1, "unit", line(second));
        facts
    }

    fn shown(facts: &Facts, part: usize) -> Option<String> {
        let units = facts.udis.value().expect("units");
        facts.proof("udis", &facts.udis, &units[part], "unit").map(|line| line.text)
    }

    #[test]
    fn a_part_has_its_own_line_and_the_others_that_of_the_list() {
        let facts = units("the list", "the second");
        assert_eq!((shown(&facts, 0).as_deref(), shown(&facts, 1).as_deref()), (Some("the list"), Some("the second")));
    }

    #[test]
    fn lines_follow_their_fact() {
        let mut other = units("another list", "another second");
        other.proofs.note("licenses", 0, "status", line("no fact"));
        let mut kept = units("the list", "the second");
        kept.absorb(other.clone(), |_, _, _| false);
        assert_eq!(shown(&kept, 1).as_deref(), Some("the second"));
        kept.absorb(other, |_, _, _| true);
        assert_eq!(shown(&kept, 1).as_deref(), Some("another second"));
        assert_eq!(kept.proofs.of("licenses").count(), 0, "a line without its fact proves nothing");
    }
}
