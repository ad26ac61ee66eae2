//! `callhome-profile-inactive`: no active Call Home profile carries Smart Licensing data. Reads `call_home.profiles`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "callhome-profile-inactive",
    category: Category::CallHome,
    core: true,
    severity: Severity::High,
    title: "No active Call Home profile reports Smart Licensing",
    why: "A profile has to be active and to carry Smart Licensing data; otherwise the device has no destination for its reports.",
    reads: "show call-home profile all or show call-home smart-licensing: status and Reporting Data of every profile.",
    healthy: "Any one profile is ACTIVE and reports Smart Licensing. It need not be CiscoTAC-1.",
    source: "Troubleshooting guide, COMM_FAILED: CSSM not reachable, transport callhome.",
    remedy: remedies::call_home,
    explained_by: &["callhome-disabled"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_type(TransportType::Callhome)?;
    if !device.reporting_profiles()?.is_empty() {
        return Ok(Vec::new());
    }
    let profiles = device.facts.call_home_profiles.get()?;
    if profiles.iter().any(|profile| profile.active && profile.reporting_licensing.is_none()) {
        return Err(Undecided::Unknown(Unknown::Absent));
    }
    let described: Vec<_> = profiles
        .iter()
        .map(|profile| match (profile.active, profile.reporting_licensing) {
            (true, _) => format!("{}: active, without Smart Licensing data", profile.name),
            (false, _) => format!("{}: inactive", profile.name),
        })
        .collect();
    let observed = if described.is_empty() { "no profile".to_owned() } else { described.join("; ") };
    let problem = device.problem(observed, "an active profile that reports Smart Licensing");
    // The profile that is nearest to right: one that would report if it were active, else one that is active.
    let would = |profile: &&CallHomeProfile| !profile.active && profile.reporting_licensing == Some(true);
    let active = |profile: &&CallHomeProfile| profile.active;
    let line = match (profiles.iter().find(would), profiles.iter().find(active)) {
        (Some(profile), _) => {
            device.facts.proof("call_home.profiles", &device.facts.call_home_profiles, profile, "status")
        }
        (None, Some(profile)) => {
            device.facts.proof("call_home.profiles", &device.facts.call_home_profiles, profile, "data")
        }
        (None, None) => device.facts.call_home_profiles.evidence().cloned(),
    };
    Ok(vec![problem.proved_by(line.as_ref())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::CallHomeProfile;
    use crate::rules::case::{Case, known, refused};

    fn profile(name: &str, active: bool, reporting: Option<bool>) -> CallHomeProfile {
        CallHomeProfile { name: name.to_owned(), active, reporting_licensing: reporting, ..CallHomeProfile::default() }
    }

    fn with_profiles(profiles: Vec<CallHomeProfile>) -> Case {
        Case::call_home().with(|facts| facts.call_home_profiles = known(profiles))
    }

    #[test]
    fn fails_inactive() {
        let problem = with_profiles(vec![profile("CiscoTAC-1", false, Some(true))]).fails(&RULE);
        assert_eq!(problem.observed, "CiscoTAC-1: inactive");
    }

    #[test]
    fn fails_without_licensing_data() {
        with_profiles(vec![profile("CiscoTAC-1", true, Some(false))]).fails(&RULE);
        with_profiles(Vec::new()).fails(&RULE);
    }

    #[test]
    fn passes_active() {
        Case::call_home().passes(&RULE);
    }

    #[test]
    fn unknown_where_the_data_is_not_printed() {
        with_profiles(vec![profile("CiscoTAC-1", true, None)]).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::call_home().with(|facts| facts.call_home_profiles = refused()).unknown(&RULE);
    }

    #[test]
    fn trap_another_profile_reports() {
        with_profiles(vec![profile("CiscoTAC-1", false, Some(true)), profile("Campus", true, Some(true))])
            .passes(&RULE);
    }

    #[test]
    fn trap_an_inactive_profile_under_smart_is_normal() {
        let inactive = known(vec![profile("CiscoTAC-1", false, Some(true))]);
        Case::direct().with(|facts| facts.call_home_profiles = inactive).not_applicable(&RULE);
    }
}
