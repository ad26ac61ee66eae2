//! `serial-unexpected`: the serial number of the inventory is in no unit of the device. Reads `udis` and `device.serial`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "serial-unexpected",
    category: Category::Identity,
    severity: Severity::Medium,
    generation: Generation::Any,
    title: "Another serial number than expected",
    why: "The hardware was replaced, or the address leads to another device. Trust and authorization codes belong to the old serial \
          number, and CSSM counts its licences twice.",
    reads: "show license udi, or Product Information of show license all: UDI and HA UDI List; show version.",
    healthy: "One unit has the serial number of the inventory (serial).",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED: UDI mismatch.",
    remedy: |device, _| vec![device.choice(&steps::REPLACED_HARDWARE)],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let Some(wanted) = device.expected.serial.as_deref() else {
        return not_applicable("no serial number is expected");
    };
    let is_wanted = |serial: &str| serial.trim().eq_ignore_ascii_case(wanted.trim());
    // The chassis serial of a modular device is in no UDI list of its own.
    if device.facts.serial.value().is_some_and(|serial| is_wanted(serial)) {
        return Ok(Vec::new());
    }
    let units = device.facts.udis.get()?;
    if units.iter().any(|unit| is_wanted(&unit.serial)) {
        return Ok(Vec::new());
    }
    let found: Vec<_> = units.iter().map(|unit| unit.serial.as_str()).collect();
    let observed = if found.is_empty() { "no serial number".to_owned() } else { found.join(", ") };
    Ok(vec![device.problem(observed, wanted).proved_by(device.facts.udis.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused};

    fn expecting(case: Case, serial: &str) -> Case {
        case.expecting(|expect| expect.serial = Some(serial.to_owned()))
    }

    #[test]
    fn fails_on_replaced_hardware() {
        let problem = expecting(Case::stack(), "FCW0009A009").fails(&RULE);
        assert_eq!(problem.observed, "FCW0001A001, FCW0002A002, FCW0003A003");
    }

    #[test]
    fn passes_on_any_unit() {
        expecting(Case::stack(), "fcw0003a003").passes(&RULE);
    }

    #[test]
    fn passes_on_the_chassis() {
        let case = expecting(Case::direct(), "FOX0004A004");
        case.with(|facts| facts.serial = known("FOX0004A004".to_owned())).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        expecting(Case::stack(), "FCW0009A009").with(|facts| facts.udis = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_nothing_is_expected() {
        Case::direct().not_applicable(&RULE);
    }
}
