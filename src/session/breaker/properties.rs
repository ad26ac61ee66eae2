//! Whatever the devices of a run do, every one of them ends, and no account gets more refusals than promised.

use proptest::prelude::*;
use tokio::time::Instant;

use super::counts::{Counts, WITHOUT_SUCCESS};
use super::gate::{Gate, Slots};
use super::simulation::{Device, Outcome, Run};

fn gates(devices: &[Device], slots: usize) -> Vec<Gate> {
    let shared = Slots::default();
    shared.limit(slots);
    let gates: Vec<Gate> = (0..2).map(|_| Gate::new(shared.clone())).collect();
    for gate in &gates {
        for _ in 0..3 {
            gate.change(Instant::now(), Counts::add_set);
        }
    }
    for device in devices {
        gates[device.account].change(Instant::now(), |counts| counts.plan(device.site));
    }
    gates
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        8 => Just(Outcome::Accepts),
        4 => Just(Outcome::Refuses),
        1 => Just(Outcome::Hangs),
        1 => Just(Outcome::NeverComes),
        1 => Just(Outcome::IsCancelled),
        1 => Just(Outcome::IsGivenUp),
    ]
}

fn device() -> impl Strategy<Value = Device> {
    let of = (0..2_usize, prop_oneof![4 => Just(0_usize), 1 => 1..3_usize], 0..5_usize);
    (of, outcome(), any::<bool>(), 1..3000_u64, 1..2000_u64).prop_map(
        |((account, set, site), outcome, is_behind, connects, answers)| Device {
            account,
            set,
            site,
            outcome,
            is_behind,
            connects,
            answers,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_and_keeps_the_promise(
        devices in prop::collection::vec(device(), 1..60),
        slots in 1..20_usize,
        takes_turns in any::<bool>(),
        hops_accept in any::<bool>(),
    ) {
        let gates = gates(&devices, slots);
        Run::new(&devices, &gates, slots, takes_turns, hops_accept).run()?;
    }

    #[test]
    fn a_site_that_refuses_as_a_whole_stops_nobody_else(
        sites in prop::collection::vec((1..30_usize, 0..4_usize), 2..7),
        bad in any::<prop::sample::Index>(),
        times in prop::collection::vec((1..3000_u64, 1..2000_u64), 64),
        slots in 1..40_usize,
    ) {
        let bad = bad.index(sites.len());
        let of_site = |(site, (count, spread)): (usize, (usize, usize))| {
            let times = times.clone();
            (0..count).map(move |number| {
                let (connects, answers) = times[(site * 7 + number * (spread + 1)) % times.len()];
                let outcome = if site == bad { Outcome::Refuses } else { Outcome::Accepts };
                Device { account: 0, set: 0, site, outcome, is_behind: false, connects, answers }
            })
        };
        let devices: Vec<Device> = sites.iter().copied().enumerate().flat_map(of_site).collect();
        let gates = gates(&devices, slots);
        let run = Run::new(&devices, &gates, slots, true, true).run()?;
        for (number, device) in devices.iter().enumerate() {
            prop_assert_eq!(run.accepted[number], device.site != bad, "device {}, site {}", number, device.site);
        }
        prop_assert!(run.models[0].refused <= WITHOUT_SUCCESS as usize);
        prop_assert!(!gates[0].read(Counts::is_anything_stopped) || sites[bad].0 < 3);
    }

    #[test]
    fn one_site_waits_for_nothing(count in 1..80_usize, slots in 1..20_usize, answers in 1..2000_u64) {
        let device = Device {
            account: 0, set: 0, site: 0, outcome: Outcome::Accepts, is_behind: false, connects: 1, answers,
        };
        let devices = vec![device; count];
        let gates = gates(&devices, slots);
        let run = Run::new(&devices, &gates, slots, true, true).run()?;
        // The canary, then rounds of at least 1, 2, 4 ... devices.
        let rounds = 2 + count.ilog2() as usize + count.div_ceil(slots);
        let took = usize::try_from((run.now - run.began).as_millis()).unwrap_or_default();
        let most = rounds * (usize::try_from(answers).unwrap_or_default() + 201);
        prop_assert!(took <= most, "{} ms, at most {}", took, most);
    }
}
