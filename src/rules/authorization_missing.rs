//! `authorization-missing`: a licence that needs an authorization code is in use without one. Reads `licenses`,
//! `udis` and `authorization.units`, else `authorization.installed`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "authorization-missing",
    category: Category::Authorization,
    severity: Severity::High,
    title: "A licence in use is not authorized",
    why: "Enforced and export-controlled licences need an authorization code (SLAC) on the device; without it the feature may not \
          be used, or stops.",
    reads: "License Usage of show license all or show license tech support: Status and Enforcement type; HA UDI List; show license \
            authorization.",
    healthy: "No licence NOT AUTHORIZED, and an installed code where an enforced or export-restricted one is in use. IN USE(15) of \
              tech support is IN USE.",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED.",
    remedy: remedies::authorization,
    explained_by: &["authorization-failing", "clock-not-synchronized"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let licenses = device.facts.licenses.get()?;
    let mut enforced = Vec::new();
    let mut checks = Checks::default();
    let mut refused: Vec<&str> = Vec::new();
    for license in licenses.iter().filter(|license| situation::is_in_use(license)) {
        if license.status.to_uppercase().contains("NOT AUTHORIZED") {
            if !refused.contains(&license.name.as_str()) {
                refused.push(&license.name);
                let line = device.facts.proof("licenses", &device.facts.licenses, license, "status");
                checks.fail(problem(&license.name, &license.status, device).proved_by(line.as_ref()));
            }
        } else if situation::needs_authorization(license) {
            enforced.push(license);
        }
    }
    if enforced.is_empty() && refused.is_empty() {
        return not_applicable("no licence in use needs an authorization code");
    }
    if let Some(first) = enforced.first() {
        let names: Vec<_> = enforced.iter().map(|license| license.name.as_str()).collect();
        let kind = first.enforcement.as_deref().unwrap_or_default();
        check_codes(&mut checks, &names.join(", "), kind, device);
    }
    checks.answer()
}

/// Every unit needs its own code; where units are not told apart, a device of one unit needs one.
fn check_codes(checks: &mut Checks, names: &str, kind: &str, device: Subject<'_>) {
    let told_apart = device.facts.authorization_units.value().map(Vec::as_slice).unwrap_or_default();
    for unit in told_apart {
        let status = unit.status.to_uppercase();
        if status.contains("NOT INSTALLED") {
            let observed = format!("in use, {kind}, and this unit: {}", unit.status);
            let subject = situation::unit_name(&unit.role, &unit.pid, &unit.serial);
            if !checks.has_about(&subject) {
                let problem = problem(names, &observed, device).about(subject);
                let line = device.facts.proof("authorization.units", &device.facts.authorization_units, unit, "status");
                checks.fail(problem.proved_by(line.as_ref()));
            }
        } else if !status.contains("INSTALLED") {
            checks.miss(&not_understood(unit, device));
        }
    }
    if told_apart.is_empty() {
        checks.ask(&device.facts.authorization_installed, |installed| {
            let problem = || problem(names, &format!("in use, {kind}, and no authorization code"), device);
            (!installed).then(|| problem().proved_by(device.facts.authorization_installed.evidence()))
        });
    }
    // A unit that is not printed here may have none. Units may print one serial number: they are counted.
    match device.facts.udis.get() {
        Ok(units) if units.len() > told_apart.len().max(1) => checks.miss(&Unknown::NotRead("a code of every unit")),
        Ok(_) => {}
        Err(why) => checks.miss(why),
    }
}

/// A status in words that nobody has seen says neither yes nor no.
fn not_understood(unit: &AuthorizationUnit, device: Subject<'_>) -> Unknown {
    let line = device.facts.proof("authorization.units", &device.facts.authorization_units, unit, "status");
    match line.filter(|_| !unit.status.trim().is_empty()) {
        Some(at) => Unknown::Unparsed(ParseError { at, wanted: "status of an authorization code" }),
        None => Unknown::Absent,
    }
}

fn problem(license: &str, observed: &str, device: Subject<'_>) -> Problem {
    let mut problem = device.problem(format!("{license}: {observed}"), "an installed authorization code");
    // The guide: with a wrong clock a request is made and not even counted.
    let counted = device.channel("authorization_request").is_some_and(|channel| channel.total > 0);
    problem.explained_by = Some(if counted { &["authorization-failing"] } else { RULE.explained_by });
    problem.about(license)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::License;
    use crate::rules::case::{Case, authorization, known, license, refused, unit};

    fn uses(licenses: Vec<License>) -> Case {
        Case::direct().with(|facts| facts.licenses = known(licenses))
    }

    #[test]
    fn fails_not_authorized() {
        let problem = uses(vec![license("hseck9", "NOT AUTHORIZED", "EXPORT RESTRICTED")]).fails(&RULE);
        assert_eq!(problem.observed, "hseck9: NOT AUTHORIZED");
    }

    #[test]
    fn fails_enforced_without_a_code() {
        let problem = uses(vec![license("hseck9", "IN USE", "EXPORT RESTRICTED")]).fails(&RULE);
        assert_eq!(problem.subject, "active PID:C9300-24UX,SN:FCW0001A001");
        assert_eq!(problem.observed, "hseck9: in use, EXPORT RESTRICTED, and this unit: NOT INSTALLED");
        assert!(problem.explained_by.is_some_and(|causes| causes.contains(&"clock-not-synchronized")));
    }

    #[test]
    fn passes_with_a_code() {
        let case = uses(vec![license("hseck9", "IN USE", "ENFORCED")]);
        let installed = "SMART AUTHORIZATION INSTALLED on Sep 23 17:51:52 2024 UTC";
        let units = vec![authorization("active", "FCW0001A001", installed)];
        case.clone().with(|facts| facts.authorization_units = known(units)).passes(&RULE);
        case.with(|facts| {
            facts.authorization_units = known(Vec::new());
            facts.authorization_installed = known(true);
        })
        .passes(&RULE);
    }

    #[test]
    fn fails_for_the_one_unit_of_a_stack_without_a_code() {
        let installed = "SMART AUTHORIZATION INSTALLED on Sep 23 17:51:52 2024 UTC";
        let units = vec![
            authorization("active", "FCW0001A001", installed),
            authorization("standby", "FCW0002A002", "NOT INSTALLED"),
        ];
        let case = uses(vec![license("hseck9", "IN USE", "ENFORCED")]);
        let problem = case.with(|facts| facts.authorization_units = known(units)).fails(&RULE);
        assert_eq!(problem.subject, "standby PID:C9300-24UX,SN:FCW0002A002");
    }

    #[test]
    fn unknown_where_a_unit_has_no_entry() {
        let installed = "SMART AUTHORIZATION INSTALLED on Sep 23 17:51:52 2024 UTC";
        let case = Case::stack().with(|facts| {
            facts.licenses = known(vec![license("hseck9", "IN USE", "ENFORCED")]);
            facts.authorization_units = known(vec![
                authorization("active", "FCW0001A001", installed),
                authorization("standby", "FCW0002A002", installed),
            ]);
            facts.authorization_installed = known(true);
        });
        case.unknown(&RULE);
        let none = case.with(|facts| facts.authorization_units = refused());
        none.unknown(&RULE);
        none.with(|facts| facts.udis = known(vec![unit("standalone", "FCW0001A001")])).passes(&RULE);
    }

    #[test]
    fn unknown_with_words_that_nobody_has_seen() {
        let case = uses(vec![license("hseck9", "IN USE", "ENFORCED")]);
        let units = vec![authorization("active", "FCW0001A001", "PAK")];
        case.with(|facts| facts.authorization_units = known(units)).unknown(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.licenses = refused()).unknown(&RULE);
        let case = uses(vec![license("hseck9", "IN USE", "ENFORCED")]);
        case.with(|facts| {
            facts.authorization_units = refused();
            facts.authorization_installed = refused();
        })
        .unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_enforced_licences() {
        Case::direct().not_applicable(&RULE);
        uses(vec![license("hseck9", "NOT IN USE", "EXPORT RESTRICTED")]).not_applicable(&RULE);
    }

    #[test]
    fn trap_the_code_behind_the_status() {
        uses(vec![license("network-advantage", "IN USE(15)", "NOT ENFORCED")]).not_applicable(&RULE);
    }
}
