//! `clock-skewed`: the device's clock is wrong. Reads `clock.offset_s` (against the collector's clock at the time of the command)
//! and `clock.device_time`.

use crate::rules::prelude::*;

/// Seconds from which a clock counts as wrong: more than a slow command and a collector without NTP explain.
const NOTICEABLE: u64 = 60;
/// Seconds from which CSSM does not accept what the device signs.
const UNACCEPTABLE: u64 = 3_600;

pub(super) static RULE: Rule = Rule {
    id: "clock-skewed",
    category: Category::Clock,
    severity: Severity::Medium,
    severity_note: "critical above one hour",
    generation: Generation::Any,
    title: "The clock is wrong",
    why: "A device may be synchronized to a wrong source. CSSM accepts a difference of less than an hour; beyond it no trust code, \
          policy or authorization code can be installed.",
    reads: "show clock, compared with the collector's own clock when the command was answered. A clock from before 2020 on a device \
            with Smart Licensing Using Policy is wrong by itself.",
    healthy: "Less than a minute apart. Unknown where the collector's time was not recorded, or the device's zone does not tell its \
              offset.",
    source: "Licensing articles for NX-OS and MDS: one hour at most; troubleshooting guide: time stamp mismatch.",
    remedy: remedies::clock,
    explained_by: &["clock-not-synchronized"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if let Some(time) = device.facts.device_time.value()
        && device.facts.slp_enabled.value() == Some(&true)
        && !device.reporting.is_believable(time)
    {
        let observed = format!("the clock says {}", time.text);
        let problem = Problem::new(Severity::Critical, observed, "the true time");
        return Ok(vec![problem.proved_by(device.facts.device_time.evidence())]);
    }
    let offset = *device.facts.clock_offset_s.get()?;
    let severity = match offset.unsigned_abs() {
        UNACCEPTABLE.. => Severity::Critical,
        seconds if seconds > NOTICEABLE => Severity::Medium,
        _ => {
            // A clock that stands in 1999 fails by itself: no pass without having seen it.
            device.facts.device_time.get()?;
            device.facts.slp_enabled.get()?;
            return Ok(Vec::new());
        }
    };
    let direction = if offset > 0 { "ahead" } else { "behind" };
    let observed = format!("{} {direction}", duration(offset.unsigned_abs()));
    Ok(vec![
        Problem::new(severity, observed, "less than a minute apart").proved_by(device.facts.clock_offset_s.evidence()),
    ])
}

/// `75 s`, `12 min`, `3 h`, `5 days`: as much as a reader needs.
fn duration(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        7_200..=172_799 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, absent, known, time};

    fn offset(seconds: i64) -> Case {
        Case::direct().with(|facts| facts.clock_offset_s = known(seconds))
    }

    #[test]
    fn fails_above_a_minute() {
        let problem = offset(-75).fails(&RULE);
        assert_eq!((problem.severity, problem.observed.as_str()), (Severity::Medium, "75 s behind"));
    }

    #[test]
    fn fails_worse_above_an_hour() {
        let problem = offset(3 * 86_400).fails(&RULE);
        assert_eq!((problem.severity, problem.observed.as_str()), (Severity::Critical, "3 days ahead"));
    }

    #[test]
    fn fails_before_2020_without_any_collector() {
        let case = Case::direct().with(|facts| {
            facts.clock_offset_s = absent();
            facts.device_time = known(time("1999-01-01 00:00"));
        });
        assert_eq!(case.fails(&RULE).severity, Severity::Critical);
    }

    #[test]
    fn passes_within_a_minute() {
        offset(-60).passes(&RULE);
    }

    #[test]
    fn unknown_without_the_offset() {
        Case::direct().with(|facts| facts.clock_offset_s = absent()).unknown(&RULE);
    }

    #[test]
    fn trap_an_old_capture_of_an_old_device_is_not_wrong() {
        let case = Case::before_slp().with(|facts| facts.device_time = known(time("2018-12-03 16:43")));
        case.unknown(&RULE);
    }

    #[test]
    fn trap_a_wrong_clock_makes_deadlines_unknown_and_nothing_else_of_time() {
        let case = Case::direct().with(|facts| facts.device_time = known(time("1999-01-01 00:00")));
        for rule in crate::rules::ALL.iter().filter(|rule| rule.category == Category::Reporting) {
            let verdict = rule.verdict(case.subject());
            assert!(!matches!(verdict, crate::finding::Verdict::Fail(_)), "{}: {verdict:?}", rule.id);
        }
    }
}
