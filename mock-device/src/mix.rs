//! Which scenarios and faults the devices of a fleet have: `demo`, `all`, or `name:weight,name:weight`.

use std::time::Duration;

use crate::builtin;
use crate::device::Device;
use crate::error::MockError;
use crate::fault::Fault;
use crate::flood::{Flood, FloodAt};
use crate::scenario::Scenario;

/// The first devices of the demonstration: something of everything, one that refuses, one wrong password.
const DEMO: &[(&str, Fault)] = &[
    ("healthy-smart", Fault::None),
    ("healthy-smart", Fault::None),
    ("smart-wrong-url", Fault::None),
    ("cslu-healthy", Fault::None),
    ("stack-member-no-trust", Fault::None),
    ("callhome-healthy", Fault::None),
    ("noisy", Fault::None),
    ("clock-unsynchronized", Fault::None),
    ("onprem-healthy", Fault::None),
    ("ack-overdue", Fault::None),
    ("enable-needed", Fault::None),
    ("callhome-wrong-url", Fault::None),
    ("healthy-smart", Fault::Refuse),
    ("paged", Fault::None),
    ("cslu-wrong-port", Fault::None),
    ("transport-off", Fault::None),
    ("trust-missing-offline", Fault::None),
    ("healthy-smart", Fault::RejectLogin),
    ("onprem-no-tenant", Fault::None),
    ("before-slp", Fault::None),
    ("callhome-inactive", Fault::None),
    ("read-only-refused", Fault::None),
    ("not-cisco", Fault::None),
    ("onprem-healthy", Fault::None),
];

/// What the demonstration goes on with: mostly healthy devices.
const MORE: &[&str] = &[
    "healthy-smart",
    "cslu-healthy",
    "onprem-healthy",
    "healthy-smart",
    "cslu-undiscovered",
    "healthy-smart",
    "callhome-healthy",
    "cslu-healthy",
    "clock-unsynchronized",
    "healthy-smart",
    "onprem-healthy",
    "cslu-wrong-port",
];

/// So many devices with the scenarios of this mix, at three sites.
///
/// A mix is `demo`, `all` (each scenario in turn), or names with weights, as `healthy-smart:9,ack-overdue:1`.
pub fn devices(count: usize, mix: &str) -> Result<Vec<Device>, MockError> {
    let choices = choices(mix)?;
    (0..count)
        .map(|index| {
            let (scenario, fault) = match mix {
                "demo" => DEMO.get(index).copied().unwrap_or((MORE[index % MORE.len()], Fault::None)),
                _ => (choices[index % choices.len()].as_str(), Fault::None),
            };
            let site = ["LON1", "FRA1", "BER2"][index % 3];
            let (role, short) = match index / 3 % 6 {
                0 => ("core", "core"),
                1 => ("distribution", "dist"),
                _ => ("access", "acc"),
            };
            let name = format!("{}-{short}-{:02}", site.to_lowercase(), index / 3 + 1);
            Ok(Device::new(name, Scenario::named(scenario)?).fault(fault).site(site).role(role))
        })
        .collect()
}

/// Gives faults to devices that have none, the last ones first: `refuse:1,cut:2` is three devices.
pub fn faults(devices: &mut [Device], mix: &str) -> Result<(), MockError> {
    let mut healthy = devices.iter_mut().rev().filter(|device| device.fault == Fault::None);
    for (name, count) in weights(mix)? {
        let fault = fault(&name).ok_or_else(|| MockError::Mix {
            mix: mix.into(),
            problem: format!("no fault is called {name:?}; there are {}", FAULTS.map(|(name, _)| name).join(", ")),
        })?;
        healthy.by_ref().take(count).for_each(|device| device.fault = fault);
    }
    Ok(())
}

const FAULTS: [(&str, Fault); 26] = [
    ("refuse", Fault::Refuse),
    ("hang-banner", Fault::HangBeforeBanner),
    ("hang-kex", Fault::HangInKeyExchange),
    ("no-vty", Fault::CloseAfterBanner),
    ("hang-auth", Fault::HangInAuthentication),
    ("wrong-password", Fault::RejectLogin),
    ("hang-login", Fault::HangAfterLogin),
    ("hang-output", Fault::HangInOutput(2)),
    ("cut", Fault::CutInOutput(2)),
    ("endless", Fault::EndlessOutput(2)),
    ("drip", Fault::SlowDrip { bytes: 64, every: Duration::from_millis(20) }),
    ("log-lines", Fault::LogLines),
    ("black-hole", Fault::BlackHole),
    ("no-ssh", Fault::NoSsh),
    ("busy", Fault::BusyAtFirst(1)),
    ("half-closed", Fault::HalfClosed),
    ("cut-auth", Fault::CutInAuthentication),
    ("hang-shell", Fault::HangBeforeShell),
    ("slow-aaa", Fault::SlowAaa(Duration::from_millis(500))),
    ("new-prompt", Fault::NewPrompt(2)),
    ("large", Fault::LargeOutput { command: 2, bytes: 50_000_000 }),
    ("dirty", Fault::DirtyBytes),
    ("flood-kex", flood(2, FloodAt::BeforeKeyExchange)),
    ("flood-auth", flood(53, FloodAt::BeforeLogin)),
    ("flood-login", flood(80, FloodAt::AfterLogin)),
    ("flood-output", flood(192, FloodAt::InReply)),
];

const fn flood(packet: u8, at: FloodAt) -> Fault {
    Fault::Flood(Flood { packet, at })
}

fn fault(name: &str) -> Option<Fault> {
    // `flood-login-94`: another kind of packet.
    let (place, packet) = name.rsplit_once('-').and_then(|(place, number)| Some((place, number.parse().ok()?))).unzip();
    let (_, fault) = FAULTS.into_iter().find(|(known, _)| *known == place.unwrap_or(name))?;
    match (fault, packet) {
        (Fault::Flood(Flood { at, .. }), Some(packet)) => Some(flood(packet, at)),
        (fault, None) => Some(fault),
        (_, Some(_)) => None,
    }
}

/// Scenario names, each as often as it weighs, spread out rather than in blocks.
fn choices(mix: &str) -> Result<Vec<String>, MockError> {
    match mix {
        "demo" => return Ok(Vec::new()),
        "all" => return Ok(builtin::scenarios().iter().map(|name| (*name).to_owned()).collect()),
        _ => {}
    }
    let mut left = weights(mix)?;
    let mut choices = Vec::new();
    while left.iter().any(|(_, weight)| *weight > 0) {
        for (name, weight) in &mut left {
            if *weight > 0 {
                *weight -= 1;
                choices.push(name.clone());
            }
        }
    }
    if choices.is_empty() {
        return Err(MockError::Mix { mix: mix.into(), problem: "it holds no scenario".into() });
    }
    Ok(choices)
}

fn weights(mix: &str) -> Result<Vec<(String, usize)>, MockError> {
    mix.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, weight) = part.split_once(':').unwrap_or((part, "1"));
            let weight = weight
                .parse()
                .map_err(|_| MockError::Mix { mix: mix.into(), problem: format!("{weight:?} is no number") })?;
            Ok((name.to_owned(), weight))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demonstration_has_one_wrong_password_however_large_it_is() {
        let devices = devices(200, "demo").expect("a mix");
        let with = |fault: Fault| devices.iter().filter(|device| device.fault == fault).count();
        assert_eq!((devices.len(), with(Fault::RejectLogin), with(Fault::Refuse)), (200, 1, 1));
        let healthy = devices.iter().filter(|device| device.scenario.expect().health == "ok").count();
        assert!(healthy > 120, "{healthy}");
        let names: std::collections::HashSet<_> = devices.iter().map(|device| &device.name).collect();
        assert_eq!(names.len(), 200);
    }

    #[test]
    fn weights_and_faults_are_counted() {
        let mut devices = devices(8, "healthy-smart:3,ack-overdue:1").expect("a mix");
        let overdue = devices.iter().filter(|device| device.scenario.name() == "ack-overdue").count();
        assert_eq!(overdue, 2);
        faults(&mut devices, "refuse:1,cut:2").expect("faults");
        assert_eq!(devices[7].fault, Fault::Refuse);
        assert_eq!(devices[5].fault, Fault::CutInOutput(2));
        assert_eq!(devices[4].fault, Fault::None);
        faults(&mut devices, "flood-login-94:1").expect("faults");
        assert_eq!(devices[4].fault, flood(94, FloodAt::AfterLogin));
        assert!(faults(&mut devices, "cut-94:1").is_err());
    }

    #[test]
    fn says_what_it_does_not_know() {
        assert!(devices(1, "nobody").expect_err("unknown").to_string().contains("healthy-smart"));
        assert!(devices(1, "healthy-smart:x").is_err());
        assert!(devices(1, "").is_err());
        assert!(faults(&mut [], "melt:1").expect_err("unknown").to_string().contains("no-vty"));
    }
}
