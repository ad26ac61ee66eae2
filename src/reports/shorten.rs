//! Many device names in little room: all of them, else what they have in common and how many.
//!
//! ```text
//! fra1-acc-sw07, fra1-acc-sw09, ber2-rtr01      all of them fit
//! lon1-* (17 of 22 in LON1)                     one site
//! LON1 17 of 22, BER2 3 of 9, 4 more sites      several
//! sw-0001, sw-0002 and 398 more                 no sites
//! ```

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use console::measure_text_width;

use super::text::{fit, one_line};
use super::verdict::thousands;
use crate::record::Member;
use crate::run::Run;

/// What is needed to say "17 of 22": how many devices each site has.
pub(crate) struct Sites<'a>(BTreeMap<&'a str, usize>);

impl<'a> Sites<'a> {
    pub(crate) fn of(run: &'a Run) -> Self {
        let mut sites = BTreeMap::new();
        for member in &run.roster {
            *sites.entry(member.site.as_str()).or_default() += 1;
        }
        Self(sites)
    }

    /// The names of `devices` in at most `width` columns. Safe to print.
    pub(crate) fn shorten(&self, devices: &[Arc<Member>], width: usize) -> String {
        let all = self.0.values().sum::<usize>();
        let fits = |text: &String| measure_text_width(text) <= width;
        // More names than columns cannot fit: no need to try.
        let names = (devices.len() <= width).then(|| names(devices)).filter(fits);
        let whole = (devices.len() == all && all > 1).then(|| format!("all {} devices", thousands(all))).filter(fits);
        let short = names.or(whole).or_else(|| self.by_site(devices, width)).unwrap_or_else(|| first(devices, width));
        fit(&short, width).into_owned()
    }

    /// By site, where every device has one.
    fn by_site(&self, devices: &[Arc<Member>], width: usize) -> Option<String> {
        let mut found = BTreeMap::<&str, usize>::new();
        for member in devices {
            *found.entry(&member.site).or_default() += 1;
        }
        if found.contains_key("") {
            return None;
        }
        let mut sites: Vec<_> = found.into_iter().collect();
        sites.sort_by_key(|(site, count)| (Reverse(*count), *site));
        let share = |(site, count): &(&str, usize)| {
            let of = self.0.get(site).copied().unwrap_or(*count);
            let shown = if of == *count {
                format!("all {}", thousands(of))
            } else {
                format!("{} of {}", thousands(*count), thousands(of))
            };
            (one_line(site).into_owned(), shown)
        };
        if let [site] = sites.as_slice() {
            let (name, shown) = share(site);
            let short = format!("{shown} in {name}");
            let stem = prefix(devices);
            let with_stem = (!stem.is_empty()).then(|| format!("{stem}* ({short})"));
            return with_stem.into_iter().chain([short]).find(|text| measure_text_width(text) <= width);
        }
        let parts: Vec<_> = sites.iter().map(share).map(|(name, shown)| format!("{name} {shown}")).collect();
        let counted = |shown: usize| match parts.len() - shown {
            0 => parts.join(", "),
            1 => format!("{}, 1 more site", parts[..shown].join(", ")),
            more => format!("{}, {} more sites", parts[..shown].join(", "), thousands(more)),
        };
        // The longest that fits; where not even one site does, their number.
        let longest = (1..=parts.len()).rev().map(counted).find(|text| measure_text_width(text) <= width);
        longest.or_else(|| Some(format!("{} sites", thousands(parts.len()))))
    }
}

fn names(devices: &[Arc<Member>]) -> String {
    devices.iter().map(|member| one_line(&member.name)).collect::<Vec<_>>().join(", ")
}

/// As many names as fit, and how many are left.
fn first(devices: &[Arc<Member>], width: usize) -> String {
    let shown = |count: usize| format!("{} and {} more", names(&devices[..count]), thousands(devices.len() - count));
    // A column and a comma a name at least.
    let most = devices.len().saturating_sub(1).min(width / 3);
    (1..=most).rev().map(shown).find(|text| measure_text_width(text) <= width).unwrap_or_else(|| {
        let stem = prefix(devices);
        if stem.is_empty() { names(&devices[..devices.len().min(1)]) } else { format!("{stem}*") }
    })
}

/// What all names begin with, up to the last `-`, `_` or `.`: half a word is no prefix that people know.
fn prefix(devices: &[Arc<Member>]) -> String {
    let mut names = devices.iter().map(|member| one_line(&member.name));
    let Some(first) = names.next() else { return String::new() };
    let length = names.fold(first.len(), |length, name| {
        first
            .char_indices()
            .zip(name.chars())
            .find(|((_, a), b)| a != b)
            .map_or(name.len(), |((at, _), _)| at)
            .min(length)
    });
    // Every length is where a character of the first begins, or its end.
    let common = first.get(..length).unwrap_or_default();
    common.rfind(['-', '_', '.']).map_or(String::new(), |at| common[..=at].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::tests::run;

    fn shortened(run: &Run, range: std::ops::Range<usize>, width: usize) -> String {
        Sites::of(run).shorten(&run.roster[range], width)
    }

    #[test]
    fn names_become_fewer_as_room_does() {
        let run =
            run(&[("lon1-sw1", "LON1"), ("lon1-sw2", "LON1"), ("lon1-rtr", "LON1"), ("ber", "BER2"), ("x", "FRA1")]);
        assert_eq!(shortened(&run, 0..3, 40), "lon1-sw1, lon1-sw2, lon1-rtr");
        assert_eq!(shortened(&run, 0..2, 25), "lon1-sw1, lon1-sw2");
        assert_eq!(shortened(&run, 0..3, 24), "lon1-* (all 3 in LON1)");
        assert_eq!(shortened(&run, 0..3, 15), "all 3 in LON1");
        assert_eq!(shortened(&run, 0..5, 38), "lon1-sw1, lon1-sw2, lon1-rtr, ber, x");
        assert_eq!(shortened(&run, 0..5, 24), "all 5 devices");
        assert_eq!(shortened(&run, 1..5, 25), "LON1 2 of 3, 2 more sites");
        assert_eq!(shortened(&run, 1..5, 20), "3 sites");
    }

    #[test]
    fn without_sites_the_first_names_stand() {
        let run = run(&[("core", ""), ("edge-1", ""), ("edge-2", "A"), ("edge-3", "")]);
        assert_eq!(shortened(&run, 1..4, 18), "edge-1 and 2 more");
        assert_eq!(shortened(&run, 1..4, 8), "edge-*");
        assert_eq!(shortened(&run, 0..3, 6), "core");
    }

    #[test]
    fn half_a_word_is_no_prefix() {
        let run = run(&[("berlin1", "B"), ("berlin22", "B"), ("berlin1234567890", "B"), ("x", "B")]);
        assert_eq!(shortened(&run, 0..3, 20), "3 of 4 in B");
    }
}
