//! `slac-udi-mismatch`: a SLAC file that is to be installed names other units than the device has. Reads `udis` against the
//! files of `--slac`; `licenses` and `authorization` where no file names the device.

use crate::rules::prelude::*;
use crate::slac::{self, Listed};

pub(super) static RULE: Rule = Rule {
    id: "slac-udi-mismatch",
    category: Category::Authorization,
    severity: Severity::High,
    severity_note: "info where every unit is named and the file names others too: right for a file that was made for several devices",
    title: "The SLAC file names other units than the device has",
    why: "An authorization code is bound to the UDIs in its file. Where they are not those of the device, every unit of a stack or \
          pair included, the installation fails.",
    reads: "the <udi> elements of the files given with --slac; show license udi, or Product Information of show license all: UDI and \
            HA UDI List.",
    healthy: "Every unit is in a file, with its product id and serial number. Quiet for devices that no file names, unless a \
              licence in use lacks its code.",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED: UDI mismatch.",
    remedy: remedies::codes_by_file,
    judge,
    ..Rule::DEFAULT
};

/// So many UDIs of other devices are named.
const NAMED: usize = 8;

fn judge(device: Subject<'_>) -> Judged {
    let Some(files) = &device.expected.slac else {
        return not_applicable("no SLAC file given");
    };
    let units = device.facts.udis.get()?;
    let covering: Vec<_> = files.iter().filter(|file| slac::names_a_unit(file, units)).collect();
    if covering.is_empty() && !lacks_code(device) {
        return not_applicable("no SLAC file names this device");
    }
    let found = slac::compare(units, covering);
    let problem = |observed: String, expected: &str, subject: String| {
        device.problem(observed, expected).about(subject).proved_by(device.facts.udis.evidence())
    };
    let line = |unit| device.facts.proof("udis", &device.facts.udis, unit, "unit");
    let mut problems: Vec<Problem> = Vec::new();
    for unit in &found.missing {
        let name = situation::unit_name(&unit.role, &unit.pid, &unit.serial);
        // Two units may print the same.
        if problems.iter().all(|known| known.subject != name) {
            let missing = problem("in no SLAC file".to_owned(), "every unit in the SLAC file", name);
            problems.push(missing.proved_by(line(*unit).as_ref()));
        }
    }
    for (unit, Listed { file, udi }) in &found.pid_differs {
        let name = situation::unit_name(&unit.role, &unit.pid, &unit.serial);
        let observed = format!("{} line {}: PID {} for this serial number", file.name, udi.line, udi.pid);
        problems.push(problem(observed, "the product id of the unit", name).proved_by(line(*unit).as_ref()));
    }
    if let Some(first) = found.others.first() {
        let names: Vec<_> =
            found.others.iter().take(NAMED).map(|l| situation::unit_name("", &l.udi.pid, &l.udi.serial)).collect();
        let more = if found.others.len() > NAMED { " and more" } else { "" };
        let observed = format!("{} also names {}{more}", first.file.name, names.join(", "));
        let mut other = problem(observed, "only units of this device", "foreign".to_owned());
        if found.has_all_units() {
            other.severity = Severity::Info;
        }
        problems.push(other);
    }
    Ok(problems)
}

/// True where a licence in use is known to need a code that is not installed: such a device should be in a file.
fn lacks_code(device: Subject<'_>) -> bool {
    let not_installed = |status: &str| status.to_uppercase().contains("NOT INSTALLED");
    let by_unit =
        device.facts.authorization_units.value().is_some_and(|units| units.iter().any(|u| not_installed(&u.status)));
    device.uses_enforced_licence() && (by_unit || device.facts.authorization_installed.value() == Some(&false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{SlacFile, SlacUdi};
    use crate::rules::case::{Case, known, license, refused};

    /// Files, each by its serial numbers; the product id is that of the cases.
    fn given(case: Case, files: &[&[&str]]) -> Case {
        let udi = |serial: &&str| SlacUdi { pid: "C9300-24UX".to_owned(), serial: (*serial).to_owned(), line: 3 };
        let file =
            |serials: &&[&str]| SlacFile { name: "slac.xml".to_owned(), udis: serials.iter().map(udi).collect() };
        case.expecting(|expect| expect.slac = Some(files.iter().map(file).collect()))
    }

    #[test]
    fn fails_for_a_unit_that_is_missing_and_names_the_foreign_one() {
        let case = given(Case::stack(), &[&["FCW0001A001", "FCW0002A002", "FCW0009A009"]]);
        let problems = case.fails_with(&RULE);
        assert_eq!(problems[0].subject, "member PID:C9300-24UX,SN:FCW0003A003");
        assert_eq!(problems[1].observed, "slac.xml also names PID:C9300-24UX,SN:FCW0009A009");
        assert!(problems.iter().all(|problem| problem.severity == Severity::High));
    }

    #[test]
    fn fails_where_the_product_id_differs() {
        let mut case = given(Case::direct(), &[&["FCW0001A001"]]);
        case.facts.udis = known(vec![crate::facts::Udi {
            role: "standalone".to_owned(),
            pid: "C9300-48P".to_owned(),
            serial: "FCW0001A001".to_owned(),
        }]);
        assert_eq!(case.fails(&RULE).observed, "slac.xml line 3: PID C9300-24UX for this serial number");
    }

    #[test]
    fn fails_where_a_code_is_needed_and_no_file_names_the_device() {
        let case = given(Case::direct(), &[&["FCW0009A009"]])
            .with(|facts| facts.licenses = known(vec![license("hseck9", "IN USE", "EXPORT RESTRICTED")]));
        assert_eq!(case.fails(&RULE).observed, "in no SLAC file");
    }

    #[test]
    fn passes_with_every_unit_in_one_file_or_several() {
        given(Case::stack(), &[&["FCW0001A001", "fcw0002a002", "FCW0003A003"]]).passes(&RULE);
        given(Case::stack(), &[&["FCW0001A001"], &["FCW0002A002", "FCW0003A003"], &["FCW0009A009"]]).passes(&RULE);
    }

    #[test]
    fn trap_a_file_for_several_devices() {
        let problem = given(Case::direct(), &[&["FCW0001A001", "FCW0009A009"]]).fails(&RULE);
        assert_eq!((problem.severity, problem.subject.as_str()), (Severity::Info, "foreign"));
    }

    #[test]
    fn unknown_where_the_units_are_not_known() {
        given(Case::stack(), &[&["FCW0001A001"]]).with(|facts| facts.udis = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_without_a_file_that_names_it() {
        Case::stack().not_applicable(&RULE);
        given(Case::stack(), &[&["FCW0009A009"]]).not_applicable(&RULE);
    }
}
