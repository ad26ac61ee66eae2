//! `release-without-slp`: the device has Smart Licensing from before Smart Licensing Using Policy, or no Smart Licensing at all.
//! Reads `slp_enabled`, and names the release and the registration.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "release-without-slp",
    category: Category::Release,
    severity: Severity::Info,
    severity_note: "medium where the inventory or the configuration expects a transport or a topology of Smart Licensing Using \
                    Policy",
    generation: Generation::Any,
    title: "No Smart Licensing Using Policy on this release",
    why: "Such a device registers, or uses licence files, and knows neither policies nor usage reports: every other rule about \
          reporting has no meaning on it, and it will change its ways with the next upgrade.",
    reads: "show version; the blocks Smart Licensing Using Policy and Registration of show license status and show license all.",
    healthy: "The block Smart Licensing Using Policy reads Status: ENABLED. A refused command proves nothing about the release.",
    source: "Release notes: IOS XE 17.3.2 brought Smart Licensing Using Policy.",
    remedy: |device, _| remedies::plain(device, &[&steps::UPGRADE_SLP]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if *device.facts.slp_enabled.get()? {
        return Ok(Vec::new());
    }
    let is_expected = device.expected.transport.is_some() || device.expected.topology.is_some();
    let mut observed = match device.facts.smart_licensing_enabled.value() {
        Some(false) => "no Smart Licensing".to_owned(),
        _ => "Smart Licensing before SLP".to_owned(),
    };
    if let Some(release) = device.facts.os_version.value() {
        observed.push_str(", release ");
        observed.push_str(release);
    }
    if let Some(Some(status)) = device.facts.registration_status.value() {
        observed.push_str(", registration ");
        observed.push_str(status);
    }
    let severity = if is_expected { Severity::Medium } else { Severity::Info };
    let problem = Problem::new(severity, observed, "Smart Licensing Using Policy");
    Ok(vec![problem.proved_by(device.facts.slp_enabled.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::ExpectedTransport;
    use crate::rules::case::{Case, refused};

    #[test]
    fn fails_before_slp() {
        let problem = Case::before_slp().fails(&RULE);
        assert_eq!(problem.severity, Severity::Info);
        assert_eq!(problem.observed, "Smart Licensing before SLP, release 16.12.5b, registration REGISTERED");
    }

    #[test]
    fn fails_worse_where_slp_is_expected() {
        let case = Case::before_slp().expecting(|expect| expect.transport = Some(ExpectedTransport::Cslu));
        assert_eq!(case.fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn passes_with_slp() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_where_nothing_was_readable() {
        Case::default().unknown(&RULE);
    }

    #[test]
    fn trap_a_refused_command_is_not_an_old_release() {
        let why = Case::direct().with(|facts| facts.slp_enabled = refused()).unknown(&RULE);
        assert!(why.starts_with("not permitted"), "{why}");
    }

    #[test]
    fn trap_a_device_before_slp_is_not_twenty_missing_fields() {
        use crate::finding::Verdict;
        let case = Case::before_slp();
        for rule in crate::rules::ALL.iter().filter(|rule| rule.generation == Generation::Slp) {
            let verdict = rule.verdict(case.subject());
            assert_eq!(verdict, Verdict::NotApplicable("Smart Licensing before SLP"), "{}", rule.id);
        }
    }
}
