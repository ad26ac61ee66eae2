//! `callhome-disabled`: transport Callhome with Call Home or its licence messages switched off. Reads `call_home.enabled` and
//! `call_home.messages_enabled`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "callhome-disabled",
    category: Category::CallHome,
    core: true,
    severity: Severity::High,
    title: "Call Home is disabled",
    why: "Under transport Callhome the reports ride on Call Home; with the feature or its Smart Licensing messages off, none leaves.",
    reads: "show call-home smart-licensing: Smart-license messages; show call-home: call home feature; service call-home in the \
            running configuration.",
    healthy: "Both enabled. Under any other transport a disabled Call Home is normal.",
    source: "Troubleshooting guide, COMM_FAILED: CSSM not reachable, transport callhome.",
    remedy: remedies::call_home,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_type(TransportType::Callhome)?;
    let mut checks = Checks::default();
    for (what, fact) in [
        ("call home feature", &device.facts.call_home_enabled),
        ("smart-license messages", &device.facts.call_home_messages_enabled),
    ] {
        checks.ask(fact, |enabled| {
            let problem = || device.problem(format!("{what}: disabled"), format!("{what}: enabled"));
            (!enabled).then(|| problem().about(what).proved_by(fact.evidence()))
        });
    }
    checks.answer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, known, refused};

    #[test]
    fn fails_without_the_feature() {
        let case = Case::call_home().with(|facts| facts.call_home_enabled = known(false));
        assert_eq!(case.fails(&RULE).observed, "call home feature: disabled");
    }

    #[test]
    fn fails_without_messages_whatever_else_is_known() {
        let case = Case::call_home().with(|facts| {
            facts.call_home_messages_enabled = known(false);
            facts.call_home_enabled = refused();
        });
        assert_eq!(case.fails(&RULE).subject, "smart-license messages");
    }

    #[test]
    fn passes_with_both() {
        Case::call_home().passes(&RULE);
    }

    #[test]
    fn unknown_with_one_of_two() {
        Case::call_home().with(|facts| facts.call_home_enabled = absent()).unknown(&RULE);
    }

    #[test]
    fn trap_call_home_off_under_smart_is_normal() {
        Case::direct().with(|facts| facts.call_home_enabled = known(false)).not_applicable(&RULE);
    }
}
