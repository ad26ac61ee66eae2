//! A device at a glance: the few answers that the rows, the groups and the summary need and that no single fact gives.
//!
//! Empty means not known.

use super::{DeviceRecord, Status, VerdictRow};
use crate::fact::Fact;
use crate::facts::{Facts, TransportType};
use crate::inventory::Platform;
use crate::rules;

/// The trust codes in one word: `installed`, `partial` (a unit has none), `missing`, or `not_needed` (none, and the transport
/// asks for none).
pub(crate) fn trust(facts: &Facts) -> &'static str {
    let missing = match facts.transport_type.value() {
        Some(TransportType::Cslu | TransportType::Off) => "not_needed",
        _ => "missing",
    };
    if let Some(codes) = facts.trust_codes.value() {
        // Units may print one and the same serial, so they are counted, not matched.
        let units = facts.udis.value().map_or(1, Vec::len);
        return match codes.len() {
            0 => missing,
            some if some < units => "partial",
            _ => "installed",
        };
    }
    match facts.overall_trust.value().map(|text| text.to_uppercase()) {
        Some(text) if text.contains("NO TRUST") => missing,
        Some(text) if text.contains("INSTALLED") => "installed",
        _ => "",
    }
}

/// A printed time; `<none>` where the device says that there is none, as it prints it.
pub(crate) fn printed(fact: &Fact<Option<crate::fact::DeviceTime>>) -> &str {
    match fact.value() {
        Some(Some(time)) => &time.text,
        Some(None) => "<none>",
        None => "",
    }
}

/// The platform, as found, else as the inventory has it.
pub(crate) fn platform(record: &DeviceRecord) -> &'static str {
    let found = record.reading.facts.platform.value().copied().unwrap_or(record.device.platform);
    if found == Platform::Auto { "" } else { found.as_str() }
}

/// The serial number of the chassis, else of the unit that is active.
pub(crate) fn serial(facts: &Facts) -> &str {
    let active = || {
        let units = facts.udis.value()?;
        units.iter().find(|unit| matches!(unit.role.as_str(), "active" | "standalone")).map(|unit| unit.serial.as_str())
    };
    facts.serial.value().map(String::as_str).or_else(active).unwrap_or_default()
}

/// The host name the device gives itself.
pub(crate) fn hostname(record: &DeviceRecord) -> &str {
    match record.contact.hostname_seen.as_str() {
        "" => text(&record.reading.facts.hostname),
        seen => seen,
    }
}

/// A text that is empty where it is not known.
pub(crate) fn text(fact: &Fact<String>) -> &str {
    fact.value().map_or("", String::as_str)
}

/// The verdict of every rule, in the order of the catalogue. A device that was not reached has a verdict
/// for every rule too: silence is reported, not left out.
pub(crate) fn verdicts(record: &DeviceRecord) -> Vec<VerdictRow> {
    let row = |rule: &str, verdict: &str, reason| VerdictRow { rule: rule.into(), verdict: verdict.into(), reason };
    let given = &record.judgement.verdicts;
    let judged = given.iter().map(|(id, verdict)| row(id, verdict.as_str(), verdict.reason()));
    let missing = rules::ALL.iter().filter(|rule| !given.iter().any(|(id, _)| *id == rule.id));
    let why = match record.status {
        Status::Audited | Status::Partial => "not judged".to_owned(),
        status => format!("not audited: {status}"),
    };
    judged.chain(missing.map(|rule| row(rule.id, "unknown", why.clone()))).collect()
}

/// Share of the applicable rules that could be judged, from 0 to 1; `None` where no selected rule applies to the device.
pub(crate) fn coverage(verdicts: &[VerdictRow]) -> Option<f64> {
    let count = |wanted: fn(&VerdictRow) -> bool| {
        let found = verdicts.iter().filter(|row| wanted(row)).count();
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let judged = count(|row| matches!(row.verdict.as_str(), "pass" | "fail"));
    let applicable = judged + count(VerdictRow::is_unknown);
    (applicable > 0).then(|| f64::from(judged) / f64::from(applicable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Evidence;
    use crate::facts::{TrustCode, Udi};

    fn known<T>(value: T) -> Fact<T> {
        Fact::known(value, Evidence { command: "show license all", line: 1, text: String::new() })
    }

    #[test]
    fn trust_is_one_word() {
        let code = TrustCode {
            role: String::new(),
            pid: String::new(),
            serial: String::new(),
            installed: None,
            expires: None,
            kind: None,
        };
        let unit = Udi { role: String::new(), pid: String::new(), serial: String::new() };
        let mut facts = Facts::default();
        assert_eq!(trust(&facts), "");
        facts.overall_trust = known("INSTALLED (2)".to_owned());
        assert_eq!(trust(&facts), "installed");
        facts.overall_trust = known("No Trust Data".to_owned());
        assert_eq!(trust(&facts), "missing");
        facts.udis = known(vec![unit.clone(), unit]);
        facts.trust_codes = known(vec![code.clone()]);
        assert_eq!(trust(&facts), "partial");
        facts.trust_codes = known(vec![code.clone(), code]);
        assert_eq!(trust(&facts), "installed");
        facts.trust_codes = known(Vec::new());
        assert_eq!(trust(&facts), "missing");
        facts.transport_type = known(TransportType::Cslu);
        assert_eq!(trust(&facts), "not_needed");
    }
}
