//! `release-without-onprem-support`: SSM On-Prem and the device are too far apart in age. Reads the topology,
//! `device.os_version` and the message REPORTING_NOT_SUPPORTED of the log.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "release-without-onprem-support",
    category: Category::Release,
    severity: Severity::High,
    title: "SSM On-Prem and this release do not work together",
    why: "A device of before 17.3.3, or an SSM On-Prem that is too old, cannot exchange usage reports under Smart Licensing Using \
          Policy: the device stops renewing, and writes its reports to its own disk only.",
    reads: "The CSLU address of show license status or show license all; show version; REPORTING_NOT_SUPPORTED in show logging.",
    healthy: "IOS XE 17.3.3 or later towards SSM On-Prem 8-202102 or later, and no such message.",
    source: "Troubleshooting guide, message REPORTING_NOT_SUPPORTED.",
    remedy: |device, _| remedies::plain(device, &[&steps::UPGRADE_ON_PREM]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let mut checks = Checks::default();
    checks.ask(&device.facts.log, |log| {
        let message = log.iter().find(|message| message.mnemonic == "REPORTING_NOT_SUPPORTED")?;
        let problem = device.problem(history::described(message), "an SSM On-Prem that takes usage reports");
        Some(problem.about("SSM On-Prem").proved_by(history::evidence(message, device.facts).as_ref()))
    });
    match device.topology() {
        Ok(Topology::OnPremPush | Topology::OnPremPull) => checks.ask(&device.facts.os_version, |release| {
            let old = Release::parse(release).is_some_and(|parsed| parsed.before(17, 3, 3));
            let problem = || device.problem(format!("release {release}"), "17.3.3 or later");
            old.then(|| problem().proved_by(device.facts.os_version.evidence()))
        }),
        // What was logged about an On-Prem stands, whatever the device reports to now.
        found => match checks.answer() {
            Ok(problems) if !problems.is_empty() => return Ok(problems),
            _ => return found.and_then(|_| not_applicable("no SSM On-Prem")),
        },
    }
    if let (Some(release), Some(at)) = (device.facts.os_version.value(), device.facts.os_version.evidence())
        && Release::parse(release).is_none()
    {
        checks.miss(&Unknown::Unparsed(ParseError { at: at.clone(), wanted: "release like `17.3.3`" }));
    }
    checks.answer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, logged, refused};

    #[test]
    fn fails_on_an_old_release() {
        let case = Case::on_prem().with(|facts| facts.os_version = known("17.3.2a".to_owned()));
        assert_eq!(case.fails(&RULE).observed, "release 17.3.2a");
    }

    #[test]
    fn fails_where_the_device_says_so() {
        let log = vec![logged("REPORTING_NOT_SUPPORTED", None, "Jun 10 10:00:00")];
        assert_eq!(Case::on_prem().with(|facts| facts.log = known(log)).fails(&RULE).subject, "SSM On-Prem");
    }

    #[test]
    fn passes_on_17_3_3() {
        Case::on_prem().with(|facts| facts.os_version = known("17.3.3".to_owned())).passes(&RULE);
    }

    #[test]
    fn unknown_without_the_release() {
        Case::on_prem().with(|facts| facts.os_version = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_where_the_release_cannot_be_read() {
        let why = Case::on_prem().with(|facts| facts.os_version = known("Everest".to_owned())).unknown(&RULE);
        assert!(why.contains("release like"), "{why}");
    }

    #[test]
    fn not_applicable_without_on_prem() {
        Case::direct().not_applicable(&RULE);
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").not_applicable(&RULE);
    }
}
