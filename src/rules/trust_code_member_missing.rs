//! `trust-code-member-missing`: a unit of a stack or pair has no trust code while another one has. Reads `udis` and
//! `trust_codes`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "trust-code-member-missing",
    category: Category::Trust,
    severity: Severity::High,
    title: "A unit of the stack has no trust code",
    why: "Trust codes belong to one unit each. After a change of the active unit, the one without a trust code has to report, and \
          cannot.",
    reads: "HA UDI List and Trust Code Installed of show license all or show license tech support.",
    healthy: "As many INSTALLED as units. Two units may print one serial number: they are counted.",
    source: "Troubleshooting guide, TRUST_CODE_INSTALL_FAILED; documentation of trust codes in high availability.",
    remedy: remedies::trust_again,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_direct()?;
    let units = device.facts.udis.get()?;
    if units.len() < 2 {
        return not_applicable("one unit only");
    }
    let codes = device.facts.trust_codes.get()?;
    if codes.is_empty() {
        return not_applicable("no unit has a trust code");
    }
    let missing = without_code(units, codes);
    if !missing.is_empty() && codes.iter().any(|code| code.serial.is_empty() && !is_role_of(code, units)) {
        // One date for the whole device does not tell the units apart.
        return Err(Undecided::Unknown(Unknown::Absent));
    }
    let mut problems: Vec<Problem> = Vec::new();
    for unit in missing {
        let subject = situation::unit_name(&unit.role, &unit.pid, &unit.serial);
        if problems.iter().all(|problem| problem.subject != subject) {
            let observed = format!("no trust code ({} of {} units have one)", codes.len(), units.len());
            let problem = device.problem(observed, "a trust code on every unit");
            let line = device.facts.proof("udis", &device.facts.udis, unit, "unit");
            problems.push(problem.about(subject).proved_by(line.as_ref()));
        }
    }
    Ok(problems)
}

fn is_role_of(code: &TrustCode, units: &[Udi]) -> bool {
    units.iter().any(|unit| unit.role.eq_ignore_ascii_case(&code.role))
}

/// The units that remain when each trust code has been given to one unit: of its role and serial number, else of its serial
/// number (roles change), else, where codes print no serial number, of its role.
fn without_code<'a>(units: &'a [Udi], codes: &[TrustCode]) -> Vec<&'a Udi> {
    type Fits = fn(&Udi, &TrustCode) -> bool;
    let tries: [Fits; 3] = [
        |unit, code| unit.serial == code.serial && unit.role.eq_ignore_ascii_case(&code.role),
        |unit, code| unit.serial == code.serial,
        |unit, code| code.serial.is_empty() && unit.role.eq_ignore_ascii_case(&code.role),
    ];
    let mut units: Vec<&Udi> = units.iter().collect();
    let mut codes: Vec<&TrustCode> = codes.iter().collect();
    for fits in tries {
        codes.retain(|code| match units.iter().position(|unit| fits(unit, code)) {
            Some(at) => {
                units.remove(at);
                false
            }
            None => true,
        });
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused, trust_code, unit};

    fn stack(units: Vec<Udi>, codes: Vec<TrustCode>) -> Case {
        Case::stack().with(|facts| {
            facts.udis = known(units);
            facts.trust_codes = known(codes);
        })
    }

    #[test]
    fn fails_for_the_unit_without() {
        let mut case = Case::stack();
        case.facts.trust_codes = known(vec![trust_code("active", "FCW0001A001"), trust_code("standby", "FCW0002A002")]);
        let problem = case.fails(&RULE);
        assert_eq!(problem.subject, "member PID:C9300-24UX,SN:FCW0003A003");
        assert_eq!(problem.observed, "no trust code (2 of 3 units have one)");
    }

    #[test]
    fn fails_once_for_two_units_that_look_the_same() {
        let units = vec![unit("active", "A"), unit("member", "B"), unit("member", "B")];
        stack(units, vec![trust_code("active", "A")]).fails(&RULE);
    }

    #[test]
    fn passes_with_all() {
        Case::stack().passes(&RULE);
    }

    #[test]
    fn passes_after_a_change_of_roles() {
        let codes = vec![trust_code("standby", "A"), trust_code("active", "B")];
        stack(vec![unit("active", "A"), unit("standby", "B")], codes).passes(&RULE);
    }

    #[test]
    fn unknown_where_units_are_not_told_apart() {
        stack(vec![unit("active", "A"), unit("standby", "B")], vec![trust_code("standalone", "")]).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::stack().with(|facts| facts.udis = refused()).unknown(&RULE);
        Case::stack().with(|facts| facts.trust_codes = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_elsewhere() {
        Case::direct().not_applicable(&RULE);
        Case::stack().with(|facts| facts.trust_codes = known(Vec::new())).not_applicable(&RULE);
    }

    #[test]
    fn trap_two_units_may_print_one_serial() {
        let units = vec![unit("active", "A"), unit("standby", "A")];
        stack(units.clone(), vec![trust_code("active", "A"), trust_code("standby", "A")]).passes(&RULE);
        stack(units, vec![trust_code("active", "A")]).fails(&RULE);
    }

    #[test]
    fn trap_codes_left_over_after_a_change_to_cslu() {
        let mut case = Case::cslu("");
        case.facts.udis = Case::stack().facts.udis;
        case.facts.trust_codes = known(vec![trust_code("active", "FCW0001A001")]);
        case.not_applicable(&RULE);
    }
}
