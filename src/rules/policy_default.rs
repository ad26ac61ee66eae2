//! `policy-default`: the vendor's default policy, or another one, where the operator expects his own. Reads `policy.name`,
//! `policy.in_use` and `policy.ack_required`.

use crate::rules::prelude::*;

/// What is expected where any policy but the vendor's default is right.
const ANY: &str = "custom";

pub(super) static RULE: Rule = Rule {
    id: "policy-default",
    category: Category::Reporting,
    severity: Severity::Low,
    title: "Not the expected policy",
    why: "The policy says when reports are due. An account that agreed on a policy of its own gets the longer or shorter deadlines only \
          where the device has it; until then the vendor's default is in force.",
    reads: "show license status, show license all or show license tech support: Policy in use and Policy name.",
    healthy: "The policy name of the inventory (expect_policy) or of the configuration (policy under [expect]), without regard to case; \
              with the word custom any policy that is installed. Where nothing is expected every policy is right.",
    source: "Troubleshooting guide, POLICY_REMOVED and POLICY_INSTALL_SUCCESS: the Cisco default policy is in force where no other is; \
             a policy comes with an ACK, from CSLU, or by a command.",
    remedy: |device, problem| remedies::before(device.step(&steps::POLICY_ACCOUNT), remedies::report(device, problem)),
    explained_by: &["policy-removed", "communication-failing", "ack-never-received", "account-unexpected"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let Some(wanted) = device.expected.policy.as_deref().map(str::trim).filter(|wanted| !wanted.is_empty()) else {
        return not_applicable("no policy is expected");
    };
    let any = wanted.eq_ignore_ascii_case(ANY);
    if let Some(Some(name)) = device.facts.policy_name.value() {
        let right = any || folded(name) == folded(wanted);
        let problem = || unexpected(device, format!("policy {name}"), wanted, device.facts.policy_name.evidence());
        return Ok(if right { Vec::new() } else { vec![problem()] });
    }
    let in_use = device.facts.policy_in_use.get()?.as_deref().ok_or(&Unknown::Absent)?;
    match Origin::read(in_use, device) {
        Origin::Vendor => {
            let evidence = device.facts.policy_in_use.evidence();
            Ok(vec![unexpected(
                device,
                format!("the Cisco default policy ({})", in_use.trim_end_matches('.')),
                wanted,
                evidence,
            )])
        }
        Origin::Installed if any => Ok(Vec::new()),
        Origin::Installed => Err(missing(&device.facts.policy_name)),
        Origin::Open => {
            let at = device.facts.policy_in_use.evidence().cloned();
            let wanted = "policy whose origin slaudit knows";
            Err(Undecided::Unknown(at.map_or(Unknown::Absent, |at| Unknown::Unparsed(ParseError { at, wanted }))))
        }
    }
}

/// Where a policy without a name comes from.
enum Origin {
    /// The device itself: nobody installed one.
    Vendor,
    /// CSSM, CSLU, SSM On-Prem or a file.
    Installed,
    /// It does not say.
    Open,
}

impl Origin {
    fn read(in_use: &str, device: Subject<'_>) -> Self {
        // Each attribute names its origin in parentheses; a merged policy may hold the account's.
        let attribute = device.facts.ack_required.evidence().map(|line| line.text.to_lowercase()).unwrap_or_default();
        let in_use = in_use.to_lowercase();
        if in_use.starts_with("installed") || attribute.contains("customer policy") {
            Self::Installed
        } else if in_use.starts_with("merged") || in_use.contains("default") {
            Self::Vendor
        } else {
            Self::Open
        }
    }
}

fn unexpected(device: Subject<'_>, observed: String, wanted: &str, evidence: Option<&Evidence>) -> Problem {
    device.problem(observed, format!("policy {wanted}")).proved_by(evidence)
}

fn missing(name: &Fact<Option<String>>) -> Undecided {
    name.get().err().map_or(Undecided::Unknown(Unknown::Absent), Undecided::from)
}

/// A name without regard to case and to runs of blanks.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, known, proved, refused, text};

    fn expecting(policy: &str) -> Case {
        Case::direct().expecting(|expect| expect.policy = Some(policy.to_owned()))
    }

    fn with_default(policy: &str) -> Case {
        expecting(policy).with(|facts| {
            facts.policy_in_use = text("Merged from multiple sources.");
            facts.policy_name = absent();
            facts.ack_required = proved(true, "Reporting ACK required: yes (CISCO default)");
        })
    }

    fn installed(policy: &str, name: &str) -> Case {
        expecting(policy).with(|facts| {
            facts.policy_in_use = text("Installed On Oct 11 15:39:41 2022 PDT");
            facts.policy_name = text(name);
        })
    }

    #[test]
    fn fails_on_the_default() {
        let problem = with_default("SLE Policy").fails(&RULE);
        assert_eq!(problem.severity, Severity::Low);
        assert_eq!(problem.observed, "the Cisco default policy (Merged from multiple sources)");
        assert_eq!(problem.expected, "policy SLE Policy");
        assert!(problem.evidence.is_some());
        with_default("custom").fails(&RULE);
    }

    #[test]
    fn fails_on_another_policy() {
        let problem = installed("SLE Policy", "Custom Policy").fails(&RULE);
        assert_eq!(
            (problem.observed.as_str(), problem.expected.as_str()),
            ("policy Custom Policy", "policy SLE Policy")
        );
    }

    #[test]
    fn passes_on_the_expected_one() {
        installed("sle  policy ", "SLE Policy").passes(&RULE);
    }

    #[test]
    fn passes_on_any_installed_one() {
        installed("custom", "SLE Policy").passes(&RULE);
        installed("Custom", "SLE Policy").with(|facts| facts.policy_name = absent()).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        let case = with_default("SLE Policy").with(|facts| {
            facts.policy_in_use = refused();
            facts.policy_name = refused();
        });
        assert_eq!(case.unknown(&RULE), "not permitted: % Authorization failed.");
    }

    #[test]
    fn unknown_where_an_installed_one_has_no_name() {
        let case = installed("SLE Policy", "").with(|facts| facts.policy_name = absent());
        assert_eq!(case.unknown(&RULE), "not printed");
    }

    #[test]
    fn unknown_where_the_device_prints_none() {
        with_default("custom").with(|facts| facts.policy_in_use = known(None)).unknown(&RULE);
    }

    #[test]
    fn unknown_where_the_origin_is_not_known() {
        let case = with_default("custom").with(|facts| facts.policy_in_use = text("Some later wording"));
        assert!(case.unknown(&RULE).contains("policy whose origin slaudit knows"));
    }

    #[test]
    fn not_applicable_where_nothing_is_expected() {
        with_default("").not_applicable(&RULE);
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn trap_a_merged_policy_may_hold_the_account_s() {
        with_default("custom")
            .with(|facts| facts.ack_required = proved(true, "Reporting ACK required: yes (Customer Policy)"))
            .passes(&RULE);
    }
}
