//! A part of a fleet for one of several collectors: `2/3` is the second of three.
//!
//! Which part a device is in depends on its name alone, so that all collectors agree, whatever the order of their inventories.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// More collectors than anybody has.
const MOST: u64 = 1000;

/// `--shard I/N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    index: u64,
    of: u64,
}

impl Shard {
    /// True for the devices of this part. The case of the name does not matter.
    pub fn has(self, name: &str) -> bool {
        let digest = Sha256::digest(name.to_lowercase().as_bytes());
        let hash = digest.iter().take(8).fold(0_u64, |hash, byte| hash << 8 | u64::from(*byte));
        hash % self.of == self.index - 1
    }
}

impl Shard {
    /// How many parts there are.
    pub fn of(self) -> u64 {
        self.of
    }

    /// All parts of the same fleet, this one among them.
    pub fn all(self) -> impl Iterator<Item = Self> {
        (1..=self.of).map(move |index| Self { index, ..self })
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(index, of)| {
            let (index, of) = (index.trim().parse().ok()?, of.trim().parse().ok()?);
            (of <= MOST && (1..=of).contains(&index)).then_some(Self { index, of })
        });
        parsed.ok_or_else(|| "write the number of the part and how many there are, such as 1/3".to_owned())
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_in_one_part_and_parts_are_about_equal() {
        let parts: Vec<Shard> = (1..=3).map(|index| format!("{index}/3").parse().expect("a part")).collect();
        let mut sizes = [0; 3];
        for number in 0..3000 {
            let name = format!("SW{number}");
            let of: Vec<_> = (0..3).filter(|at| parts[*at].has(&name)).collect();
            assert_eq!(of.len(), 1);
            assert!(parts[of[0]].has(&name.to_lowercase()));
            sizes[of[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (900..=1100).contains(size)), "{sizes:?}");
        // Recorded once: collectors of different releases must agree.
        assert!("2/2".parse::<Shard>().expect("a part").has("sw01"));
    }

    #[test]
    fn what_is_no_part_is_refused() {
        for text in ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "1/99999", ""] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
