//! `ntp-own-reference`: the device is synchronized to its own clock. Reads `ntp.reference` and `ntp.master`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "ntp-own-reference",
    category: Category::Clock,
    severity: Severity::Medium,
    generation: Generation::Any,
    title: "Synchronized to itself",
    why: "A device that is its own reference calls itself synchronized and says nothing about the true time.",
    reads: "show ntp status: reference; show ntp associations: the row marked with an asterisk; show running-config: ntp \
            master.",
    healthy: "Another reference than .LOCL. and 127.x, or no ntp master.",
    source: "Documentation of ntp master; troubleshooting guide: the clock has to agree with that of CSSM.",
    remedy: remedies::clock,
    explained_by: &["ntp-server-missing"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    // Without `ntp master` a device has no clock of its own to follow; a healthy one is then not asked for its reference.
    if !device.facts.ntp_reference.is_known() && device.facts.ntp_master.value() == Some(&false) {
        return Ok(Vec::new());
    }
    let Some(reference) = device.facts.ntp_reference.get()? else {
        return not_applicable("the clock follows no reference");
    };
    if !(reference.contains("LOCL") || reference.starts_with("127.")) {
        return Ok(Vec::new());
    }
    let problem = device.problem(format!("reference {reference}"), "a reference outside of the device");
    Ok(vec![problem.proved_by(device.facts.ntp_reference.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Fact;
    use crate::facts::Facts;
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
    fn passes_without_ntp_master_where_the_reference_was_not_asked() {
        let asked_no_more =
            |facts: &mut Facts| (facts.ntp_reference, facts.ntp_master) = (Fact::default(), known(false));
        Case::direct().with(asked_no_more).passes(&RULE);
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
