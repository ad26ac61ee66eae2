//! `callhome-url-wrong`: the Call Home profile that reports Smart Licensing sends it to another URL than that of CSSM. Reads
//! `call_home.profiles`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "callhome-url-wrong",
    category: Category::CallHome,
    core: true,
    severity: Severity::High,
    title: "Wrong URL of the Call Home profile",
    why: "Call Home reaches CSSM at exactly one URL; with any other one, a transport gateway nobody expects included, no report \
          arrives there.",
    reads: "show call-home smart-licensing: Destination URL(s); show call-home profile all: HTTP address. show license status does \
            not print it.",
    healthy: "https://tools.cisco.com/its/service/oddce/services/DDCEService, or a URL that the operator names, in the active \
              profile that reports Smart Licensing.",
    source: "Troubleshooting guide, COMM_FAILED: CSSM not reachable, transport callhome.",
    remedy: remedies::call_home,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_type(TransportType::Callhome)?;
    let profiles = device.reporting_profiles()?;
    if profiles.is_empty() {
        return not_applicable("no active profile reports Smart Licensing");
    }
    let mut problems = Vec::new();
    for profile in profiles {
        let is_right = |url: &String| url::call_home_fault(url).is_none() || device.expected.accepts_url(url);
        let by_http = profile.methods.is_empty() || profile.methods.iter().any(|method| method.starts_with("http"));
        if !by_http || (!profile.urls.is_empty() && profile.urls.iter().all(is_right)) {
            continue;
        }
        let wrong: Vec<&String> = profile.urls.iter().filter(|url| !is_right(url)).collect();
        let (says, first) = wrong.first().map_or(("name", ""), |url| ("url", url.as_str()));
        let list = &device.facts.call_home_profiles;
        let evidence = device.facts.proof_where("call_home.profiles", list, profile, says, |line| line.contains(first));
        let wrong: Vec<_> =
            wrong.iter().map(|url| format!("{url} ({})", url::call_home_fault(url).unwrap_or_default())).collect();
        let observed = if wrong.is_empty() { "no URL".to_owned() } else { wrong.join("; ") };
        let right = device.expected.url.as_deref().unwrap_or(url::CALL_HOME);
        let problem = device.problem(observed, right).about(&profile.name).proved_by(evidence.as_ref());
        problems.push(problem);
    }
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::CallHomeProfile;
    use crate::rules::case::{Case, known, refused};

    const GATEWAY: &str = "https://gateway.example.com/Transportgateway/services/DeviceRequestHandler";

    fn with_urls(urls: &[&str]) -> Case {
        Case::call_home().with(|facts| {
            facts.call_home_profiles = known(vec![CallHomeProfile {
                name: "Campus".to_owned(),
                active: true,
                reporting_licensing: Some(true),
                methods: vec!["http".to_owned()],
                urls: urls.iter().map(|&url| url.to_owned()).collect(),
            }]);
        })
    }

    #[test]
    fn fails_on_another_url() {
        let problem = with_urls(&["https://tools.cisco.com/its/service/oddce/services/DDCE"]).fails(&RULE);
        assert_eq!(problem.subject, "Campus");
        assert!(problem.observed.ends_with("(another path)"), "{}", problem.observed);
    }

    #[test]
    fn fails_on_a_gateway_that_nothing_expects() {
        assert!(with_urls(&[GATEWAY]).fails(&RULE).observed.contains("transport gateway"));
    }

    #[test]
    fn fails_without_a_url() {
        assert_eq!(with_urls(&[]).fails(&RULE).observed, "no URL");
    }

    #[test]
    fn passes_on_the_vendor_s() {
        Case::call_home().passes(&RULE);
    }

    #[test]
    fn passes_on_an_expected_gateway() {
        with_urls(&[GATEWAY]).expecting(|expect| expect.urls = vec![GATEWAY.to_owned()]).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::call_home().with(|facts| facts.call_home_profiles = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_under_smart() {
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn trap_the_url_of_an_inactive_profile_means_nothing() {
        let mut case = with_urls(&[GATEWAY]);
        let mut profiles = Case::call_home().facts.call_home_profiles.value().cloned().unwrap_or_default();
        let mut idle = case.facts.call_home_profiles.value().cloned().unwrap_or_default();
        idle[0].active = false;
        profiles.append(&mut idle);
        case.facts.call_home_profiles = known(profiles);
        case.passes(&RULE);
    }
}
