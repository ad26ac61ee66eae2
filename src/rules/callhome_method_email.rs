//! `callhome-method-email`: the Call Home profile that reports Smart Licensing sends by email only. Reads `call_home.profiles`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "callhome-method-email",
    category: Category::CallHome,
    severity: Severity::High,
    title: "Call Home sends licence reports by email",
    why: "Licence reports need an answer, which no mail brings: only method http works for Smart Licensing.",
    reads: "show call-home profile all: Transport Method.",
    healthy: "http, or http and email, in the active profile that reports Smart Licensing.",
    source: "Troubleshooting guide, COMM_FAILED: transport callhome; documentation of Call Home profiles.",
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
    let mut checks = Checks::default();
    for profile in profiles {
        if profile.methods.is_empty() {
            // `show call-home smart-licensing` prints no method; a URL there is one of http.
            if profile.urls.is_empty() {
                checks.miss(&Unknown::Absent);
            }
        } else if profile.methods.iter().all(|method| method.eq_ignore_ascii_case("email")) {
            let problem = device.problem("transport method email", "transport method http");
            let line = device.facts.proof("call_home.profiles", &device.facts.call_home_profiles, profile, "methods");
            checks.fail(problem.about(&profile.name).proved_by(line.as_ref()));
        }
    }
    checks.answer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, refused};

    fn with_methods(methods: &[&str]) -> Case {
        let mut case = Case::call_home();
        if let crate::fact::Fact::Known { value, .. } = &mut case.facts.call_home_profiles {
            value[0].methods = methods.iter().map(|&method| method.to_owned()).collect();
            value[0].urls.clear();
        }
        case
    }

    #[test]
    fn fails_on_email_only() {
        assert_eq!(with_methods(&["email"]).fails(&RULE).subject, "CiscoTAC-1");
    }

    #[test]
    fn passes_on_http() {
        with_methods(&["http"]).passes(&RULE);
    }

    #[test]
    fn passes_on_both() {
        with_methods(&["http", "email"]).passes(&RULE);
    }

    #[test]
    fn unknown_without_a_method() {
        with_methods(&[]).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::call_home().with(|facts| facts.call_home_profiles = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_under_smart() {
        Case::direct().not_applicable(&RULE);
    }
}
