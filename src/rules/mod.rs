//! The rules: what slaudit judges. One file a rule, named after its id, and one line in [`ALL`].
//!
//! A rule sees facts, never text. Without its evidence its verdict is Unknown, never Pass.

use crate::fact::Unknown;
use crate::facts::Facts;
use crate::finding::{Problem, Severity, Verdict};
use crate::inventory::{Expectations, spelled};
use crate::remedy::Step;

mod catalogue;
mod judgement;

// What several rules ask.
mod checks;
mod failure;
mod history;
mod prelude;
mod release;
mod remedies;
pub(crate) mod situation;
mod subject;
pub(crate) mod url;

// The rules, in the order of the catalogue.
mod account_unexpected;
mod ack_due_soon;
mod ack_never_received;
mod ack_overdue;
mod ack_stale;
mod agent_offline;
mod authorization_failing;
mod authorization_missing;
mod callhome_disabled;
mod callhome_method_email;
mod callhome_profile_inactive;
mod callhome_url_wrong;
mod clock_not_synchronized;
mod clock_skewed;
mod communication_failing;
mod cslu_undiscovered;
mod cslu_url_wrong;
mod dns_domain_missing;
mod dns_server_missing;
mod http_client_trustpoint_wrong;
mod http_source_interface_unusable;
mod identity_rejected;
mod license_out_of_compliance;
mod logged;
mod ntp_own_reference;
mod ntp_server_missing;
mod onprem_tenant_missing;
mod policy_default;
mod policy_removed;
mod proxy_incomplete;
mod pull_server_inactive;
mod reach_probe_failed;
mod registration_invalid;
mod release_without_onprem_support;
mod release_without_slp;
mod report_backlog;
mod report_push_overdue;
mod serial_unexpected;
mod server_identity_check_off;
mod slac_udi_mismatch;
mod smart_url_wrong;
mod transport_off;
mod transport_unexpected;
mod trust_code_expired;
mod trust_code_member_missing;
mod trust_code_missing;
mod trustpoint_missing;
mod trustpoint_revocation_check;
mod vrf_mismatch;

#[cfg(test)]
mod case;
#[cfg(test)]
mod hard_cases;
#[cfg(test)]
mod sample;

pub use catalogue::{Row, catalogue_markdown, explain, rows};
pub use checks::Undecided;
pub(crate) use judgement::SWITCHED_OFF;
pub use judgement::{Judgement, RuleSet, UnknownRules, judge};
pub use subject::Subject;

/// One rule: its metadata and its judgement.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; names the problem.
    pub id: &'static str,
    /// The part of the catalogue it stands in.
    pub category: Category,
    /// True where only a Pass or Not Applicable lets a device be healthy.
    pub core: bool,
    /// The usual severity; a problem may differ where [`Rule::severity_note`] says so.
    pub severity: Severity,
    /// When the severity is another one; empty where it never is.
    pub severity_note: &'static str,
    /// Which generation of Smart Licensing it speaks about.
    pub generation: Generation,
    /// The problem in a few words.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// Where it is read: commands and their lines.
    pub reads: &'static str,
    /// What a device shows where all is well, and where the rule stays quiet.
    pub healthy: &'static str,
    /// Which part of the guide or which public notice it comes from.
    pub source: &'static str,
    /// What cures a problem of it on this device.
    pub remedy: fn(Subject<'_>, &Problem) -> Vec<Step>,
    /// Rules whose failure on the same device explains this one, the most direct cause first.
    pub explained_by: &'static [&'static str],
    /// The judgement: the problems (none is a pass), or why there is no answer.
    pub judge: fn(Subject<'_>) -> Judged,
}

impl Rule {
    /// What to do about a problem of it, in one line, where nothing is known of the device.
    pub fn next_step(&'static self) -> String {
        let (facts, expected) = (Facts::default(), Expectations::default());
        let device = Subject { rule: self, ..Subject::new(&facts, &expected) };
        remedies::filled(device, device.problem("", "")).next_step()
    }
}

/// What a rule answers: its problems (none is a pass), or why there is no answer.
pub type Judged = Result<Vec<Problem>, Undecided>;

impl Rule {
    /// What a rule is unless it says otherwise: not core, about Smart Licensing Using Policy, always of one severity, explained by no
    /// other rule.
    const DEFAULT: Self = Self {
        id: "",
        category: Category::Release,
        core: false,
        severity: Severity::Medium,
        severity_note: "",
        generation: Generation::Slp,
        title: "",
        why: "",
        reads: "",
        healthy: "",
        source: "",
        remedy: |_, _| Vec::new(),
        explained_by: &[],
        judge: |_| Ok(Vec::new()),
    };

    /// The verdict on one device.
    pub fn verdict(&'static self, device: Subject<'_>) -> Verdict {
        if let Some(why) = self.generation.excludes(device.facts) {
            return Verdict::NotApplicable(why);
        }
        let device = Subject { rule: self, ..device };
        match (self.judge)(device) {
            Ok(problems) if problems.is_empty() => Verdict::Pass,
            Ok(problems) => {
                Verdict::Fail(problems.into_iter().map(|problem| remedies::filled(device, problem)).collect())
            }
            Err(Undecided::NotApplicable(why)) => Verdict::NotApplicable(why),
            Err(Undecided::Unknown(Unknown::NotCollected)) => Verdict::Unknown(Unknown::NotRead(self.reads)),
            Err(Undecided::Unknown(why)) => Verdict::Unknown(why),
        }
    }
}

spelled! {
    /// Parts of the catalogue.
    Category {
        /// Releases and generations of Smart Licensing.
        Release = "release",
        /// How reports are sent.
        Transport = "transport",
        /// Call Home.
        CallHome = "call_home",
        /// Name resolution and reach.
        Reach = "reach",
        /// Trust codes and trustpoints.
        Trust = "trust",
        /// Clock and NTP.
        Clock = "clock",
        /// Policy and reporting.
        Reporting = "reporting",
        /// Communication.
        Communication = "communication",
        /// Authorization codes.
        Authorization = "authorization",
        /// Account and identity.
        Identity = "identity",
        /// System messages.
        SystemMessages = "system_messages",
    }
}

spelled! {
    /// The generation of Smart Licensing that a rule speaks about.
    Generation {
        /// Smart Licensing Using Policy.
        Slp = "slp",
        /// Smart Licensing before it: registration and compliance.
        BeforeSlp = "before_slp",
        /// Both.
        Any = "any",
    }
}

impl Generation {
    /// Why a rule of this generation has no meaning on the device; `None` where it has one or the device does not tell.
    fn excludes(self, facts: &Facts) -> Option<&'static str> {
        match (self, facts.slp_enabled.value()) {
            (Self::Slp, Some(false)) => Some("Smart Licensing before SLP"),
            (Self::BeforeSlp, Some(true)) => Some("Smart Licensing Using Policy"),
            _ => None,
        }
    }
}

/// Every rule, in the order of the catalogue.
pub static ALL: &[&Rule] = &[
    &release_without_slp::RULE,
    &registration_invalid::RULE,
    &license_out_of_compliance::RULE,
    &release_without_onprem_support::RULE,
    &transport_unexpected::RULE,
    &transport_off::RULE,
    &agent_offline::RULE,
    &smart_url_wrong::RULE,
    &cslu_url_wrong::RULE,
    &onprem_tenant_missing::RULE,
    &cslu_undiscovered::RULE,
    &proxy_incomplete::RULE,
    &server_identity_check_off::RULE,
    &callhome_disabled::RULE,
    &callhome_profile_inactive::RULE,
    &callhome_url_wrong::RULE,
    &callhome_method_email::RULE,
    &dns_server_missing::RULE,
    &dns_domain_missing::RULE,
    &http_source_interface_unusable::RULE,
    &vrf_mismatch::RULE,
    &reach_probe_failed::RULE,
    &pull_server_inactive::RULE,
    &trustpoint_missing::RULE,
    &trustpoint_revocation_check::RULE,
    &http_client_trustpoint_wrong::RULE,
    &trust_code_missing::RULE,
    &trust_code_member_missing::RULE,
    &trust_code_expired::RULE,
    &clock_not_synchronized::RULE,
    &ntp_server_missing::RULE,
    &ntp_own_reference::RULE,
    &clock_skewed::RULE,
    &ack_overdue::RULE,
    &ack_due_soon::RULE,
    &ack_never_received::RULE,
    &ack_stale::RULE,
    &report_push_overdue::RULE,
    &report_backlog::RULE,
    &policy_default::RULE,
    &policy_removed::RULE,
    &communication_failing::RULE,
    &identity_rejected::RULE,
    &authorization_missing::RULE,
    &authorization_failing::RULE,
    &slac_udi_mismatch::RULE,
    &account_unexpected::RULE,
    &serial_unexpected::RULE,
    &logged::COMM_FAILED,
    &logged::POLICY_INSTALL_FAILED,
    &logged::AUTHORIZATION_INSTALL_FAILED,
    &logged::TRUST_CODE_INSTALL_FAILED,
    &logged::AUTHORIZATION_REMOVED,
];

/// The rule of an id, without regard to case.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id.trim()))
}

/// Ids that a misspelled one may have meant, the nearest first; at most three.
pub fn suggest(id: &str) -> Vec<&'static str> {
    let wanted = id.trim().to_lowercase().replace('_', "-");
    let mut near: Vec<(f64, &'static str)> = ALL
        .iter()
        .map(|rule| {
            // A fragment such as `trust-code` means the ids that hold it, however long they are.
            let holds = wanted.len() >= 3 && rule.id.contains(&wanted);
            (if holds { 1.0 } else { strsim::jaro_winkler(&wanted, rule.id) }, rule.id)
        })
        .filter(|(likeness, _)| *likeness >= 0.85)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, id)| id).collect()
}

/// The rule of an id; for an id that no rule has, what to write instead.
pub fn named(id: &str) -> Result<&'static Rule, String> {
    find(id).ok_or_else(|| match suggest(id).as_slice() {
        [] => format!("no rule is called `{id}`; `slaudit rules` lists them"),
        near => format!("no rule is called `{id}`; did you mean `{}`?", near.join("` or `")),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::inventory::Expectations;

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        let ids: BTreeSet<_> = ALL.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), ALL.len());
        for id in ids {
            assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{id}");
        }
    }

    #[test]
    fn explanations_name_rules_and_never_form_a_circle() {
        fn depth(id: &str, path: &mut Vec<String>) {
            assert!(!path.iter().any(|known| known == id), "a circle: {path:?} -> {id}");
            let rule = find(id).unwrap_or_else(|| panic!("{path:?} names {id}, which is no rule"));
            path.push(id.to_owned());
            for cause in rule.explained_by {
                depth(cause, path);
            }
            path.pop();
        }
        for rule in ALL {
            depth(rule.id, &mut Vec::new());
        }
    }

    #[test]
    fn texts_are_one_line_and_complete() {
        for rule in ALL {
            for (name, text) in [
                ("title", rule.title),
                ("why", rule.why),
                ("reads", rule.reads),
                ("healthy", rule.healthy),
                ("source", rule.source),
                ("next_step", &rule.next_step()),
            ] {
                assert!(!text.trim().is_empty(), "{}: {name} is empty", rule.id);
                assert!(!text.contains('\n') && !text.contains("  "), "{}: {name} is not one line", rule.id);
            }
            for name in ["why", "reads", "healthy", "source"] {
                let text = match name {
                    "why" => rule.why,
                    "reads" => rule.reads,
                    "healthy" => rule.healthy,
                    _ => rule.source,
                };
                assert!(text.ends_with('.'), "{}: {name} has no full stop", rule.id);
            }
            assert!(!rule.title.ends_with('.'), "{}: a title is no sentence", rule.id);
        }
    }

    #[test]
    fn nothing_known_means_nothing_judged() {
        let (facts, expected) = (Facts::default(), Expectations::default());
        for rule in ALL {
            let verdict = rule.verdict(Subject::new(&facts, &expected));
            assert!(matches!(verdict, Verdict::Unknown(_) | Verdict::NotApplicable(_)), "{}: {verdict:?}", rule.id);
        }
    }

    #[test]
    fn a_misspelled_id_gets_suggestions() {
        assert_eq!(suggest("clock-not-synchronised").first(), Some(&"clock-not-synchronized"));
        assert_eq!(suggest("trust_code_missing").first(), Some(&"trust-code-missing"));
        assert!(suggest("xyzzy").is_empty());
        assert_eq!(find("Trust-Code-Missing").map(|rule| rule.id), Some("trust-code-missing"));
    }
}
