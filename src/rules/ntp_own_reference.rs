//! `ntp-own-reference`: the device is synchronized to its own clock. Reads `ntp.reference`.

use crate::facts::Facts;
use crate::finding::{Problem, Severity};
use crate::inventory::Expectations;
use crate::rules::checks::not_applicable;
use crate::rules::{Category, Generation, Judged, Rule, next_steps};

pub(super) static RULE: Rule = Rule {
    id: "ntp-own-reference",
    category: Category::Clock,
    core: false,
    severity: Severity::Medium,
    severity_note: "",
    generation: Generation::Any,
    title: "Synchronized to itself",
    why: "A device that is its own reference calls itself synchronized and says nothing about the true time.",
    reads: "show ntp status: reference; show ntp associations: the row marked with an asterisk.",
    healthy: "Another reference than .LOCL. and 127.x.",
    source: "Documentation of ntp master; troubleshooting guide: the clock has to agree with that of CSSM.",
    next_step: next_steps::NTP,
    explained_by: &["ntp-server-missing"],
    judge,
};

fn judge(facts: &Facts, _expected: &Expectations) -> Judged {
    let Some(reference) = facts.ntp_reference.get()? else {
        return not_applicable("the clock follows no reference");
    };
    if !(reference.contains("LOCL") || reference.starts_with("127.")) {
        return Ok(Vec::new());
    }
    let problem = Problem::new(Severity::Medium, format!("reference {reference}"), "a reference outside of the device");
    Ok(vec![problem.proved_by(facts.ntp_reference.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused, text};

    #[test]
    fn fails_on_itself() {
        Case::direct().with(|facts| facts.ntp_reference = text(".LOCL.")).fails(&RULE);
        Case::direct().with(|facts| facts.ntp_reference = text("127.127.1.1")).fails(&RULE);
    }

    #[test]
    fn passes_on_a_server() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.ntp_reference = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_a_reference() {
        Case::direct().with(|facts| facts.ntp_reference = known(None)).not_applicable(&RULE);
    }
}
