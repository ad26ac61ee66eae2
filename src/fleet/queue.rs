//! Which device is next: of the sites with room the one of which fewest devices have begun, so that a site which refuses every
//! login is never all that an account has tried. A full site holds up nobody else.
//!
//! Within a site the order is that of the inventory, but each site begins at another place of it. Otherwise what all sites have
//! at the same place, such as a last device that refuses, would come in a row.

use std::collections::{BTreeSet, HashMap, VecDeque};

/// The devices that have not begun, by site.
#[derive(Debug)]
pub(super) struct Queue {
    /// Devices of one site at once.
    limit: usize,
    sites: Vec<Site>,
    /// The site of each device.
    site_of: Vec<usize>,
    /// For each site that has room: how many of its devices have begun, its next waiting device, and the site. The next device
    /// is found without a look at the others.
    ready: BTreeSet<(usize, usize, usize)>,
}

#[derive(Debug, Default)]
struct Site {
    waiting: VecDeque<usize>,
    busy: usize,
    begun: usize,
    /// Devices without a site are not paced. In turn with the sites they count as one.
    unlimited: bool,
}

impl Queue {
    /// Devices `0..count`, each at the site that `site` names; an empty name is no site.
    pub(super) fn new(count: usize, limit: Option<usize>, site: impl Fn(usize) -> String) -> Self {
        let mut queue = Self {
            limit: limit.unwrap_or(usize::MAX).max(1),
            sites: Vec::new(),
            site_of: Vec::with_capacity(count),
            ready: BTreeSet::new(),
        };
        let mut names = HashMap::new();
        for device in 0..count {
            let name = site(device);
            let unlimited = name.is_empty();
            let number = *names.entry(name).or_insert(queue.sites.len());
            if number == queue.sites.len() {
                queue.sites.push(Site { unlimited, ..Site::default() });
            }
            queue.sites[number].waiting.push_back(device);
            queue.site_of.push(number);
        }
        for number in 0..queue.sites.len() {
            let waiting = &mut queue.sites[number].waiting;
            waiting.rotate_left(number % waiting.len());
            queue.offer(number);
        }
        queue
    }

    /// The next device, which begins now.
    pub(super) fn begin(&mut self) -> Option<usize> {
        let (_, device, number) = self.ready.pop_first()?;
        self.sites[number].waiting.pop_front();
        self.sites[number].busy += 1;
        self.sites[number].begun += 1;
        self.offer(number);
        Some(device)
    }

    /// A device that had begun has ended.
    pub(super) fn end(&mut self, device: usize) {
        let number = self.site_of[device];
        self.sites[number].busy -= 1;
        self.offer(number);
    }

    /// True where a device could begin.
    pub(super) fn has_next(&self) -> bool {
        !self.ready.is_empty()
    }

    fn offer(&mut self, number: usize) {
        let site = &self.sites[number];
        if let Some(first) = site.waiting.front().filter(|_| site.unlimited || site.busy < self.limit) {
            self.ready.insert((site.begun, *first, number));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_full_site_holds_up_no_other() {
        let sites = ["a", "a", "a", "b", "", "", "a"];
        let mut queue = Queue::new(sites.len(), Some(1), |device| sites[device].to_owned());
        let begun: Vec<_> = std::iter::from_fn(|| queue.begin()).collect();
        assert_eq!(begun, [0, 3, 4, 5], "one of each site, and all that have none");
        queue.end(0);
        assert_eq!((queue.begin(), queue.begin()), (Some(1), None));
        queue.end(3);
        assert!(!queue.has_next());
        queue.end(1);
        assert_eq!(queue.begin(), Some(2));
    }

    #[test]
    fn sites_take_turns_and_each_begins_at_another_place_of_its_own() {
        let sites = ["a", "a", "a", "a", "b", "", "", "b"];
        let mut queue = Queue::new(sites.len(), None, |device| sites[device].to_owned());
        assert_eq!(std::iter::from_fn(|| queue.begin()).collect::<Vec<_>>(), [0, 5, 7, 1, 4, 6, 2, 3]);
        let mut queue = Queue::new(5, None, |_| "a".to_owned());
        assert_eq!(std::iter::from_fn(|| queue.begin()).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn the_last_device_of_each_site_does_not_come_in_a_row() {
        let mut queue = Queue::new(500, None, |device| format!("site {}", device / 10));
        let order: Vec<_> = std::iter::from_fn(|| queue.begin()).collect();
        let last: Vec<_> = (0..500).filter(|at| order[*at] % 10 == 9).collect();
        assert_eq!(last.len(), 50);
        assert!(last.windows(2).all(|pair| pair[1] - pair[0] > 5), "{last:?}");
    }

    #[test]
    fn a_large_fleet_costs_no_more_a_device_than_a_small_one() {
        // One device at once a site, and the last one always the only one with room: the worst case of a search.
        let time = |count: usize| {
            let mut queue = Queue::new(count, Some(1), |device| format!("site {}", device / 2));
            let began = Instant::now();
            let first: Vec<_> = std::iter::from_fn(|| queue.begin()).collect();
            for device in first.into_iter().rev() {
                queue.end(device);
                // The other one of the two.
                assert_eq!(queue.begin(), Some(device ^ 1));
            }
            began.elapsed() / u32::try_from(count).expect("a small number")
        };
        // The best of three: a busy machine is slow now and then.
        let best = |count| (0..3).map(|_| time(count)).min().expect("three");
        let (few, many) = (best(500), best(60_000));
        assert!(many < few * 8 + Duration::from_micros(8), "{few:?} a device of 500, {many:?} a device of 60,000");
    }
}
