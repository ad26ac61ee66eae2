//! `metrics.prom`: the figures of a run for Prometheus, by the textfile collector of node_exporter.
//!
//! ```text
//! slaudit_devices{status="unreachable"} 9
//! slaudit_findings{rule="ack-overdue",severity="critical"} 3
//! slaudit_ack_deadline_seconds{device="fra1-acc-sw07",site="FRA1"} 518400
//! ```
//!
//! A series that vanishes looks like a problem that is cured, or keeps an alert from ever firing. So every status, every health
//! and every severity of every rule that the run judged is there, with 0; a rule that was switched off is not: nobody looked.
//! Whether the figures are of today is told by `time() - slaudit_last_success_timestamp_seconds`. There are no time stamps on
//! samples: the collector refuses them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::text::one_line;
use super::{Options, Report};
use crate::run::Run;

/// Figures for alerts and graphs.
pub(super) static REPORT: Report =
    Report { format: "prom", name: "metrics", extension: "prom", by_default: false, write };

const DAY: i64 = 24 * 60 * 60;

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    let counts = &run.overview.counts;
    let devices = Family::begin(out, "slaudit_devices", "Devices of the last run by how the audit of them went.")?;
    for (status, count) in &counts.status {
        devices.sample(out, &[("status", status.as_str())], count)?;
    }
    let health = Family::begin(out, "slaudit_device_health", "Devices of the last run by health.")?;
    for (value, count) in &counts.health {
        health.sample(out, &[("health", value.as_str())], count)?;
    }
    findings(run, out)?;
    let help = "Findings of the last run that somebody has accepted until a day that has not passed.";
    Family::begin(out, "slaudit_findings_waived", help)?.sample(out, &[], counts.waived)?;
    deadlines(run, out)?;

    let started = run.head.started;
    let took = run.overview.took.as_secs_f64();
    Family::begin(out, "slaudit_run_duration_seconds", "How long the last run took.")?.sample(
        out,
        &[],
        format_args!("{took:.3}"),
    )?;
    let help = "When the last run began.";
    Family::begin(out, "slaudit_run_timestamp_seconds", help)?.sample(out, &[], started.as_second())?;
    if let Some(success) = run.last_success()? {
        let help = "When the last complete run began of which at least one device could be judged.";
        Family::begin(out, "slaudit_last_success_timestamp_seconds", help)?.sample(out, &[], success.as_second())?;
    }
    let rules = Family::begin(out, "slaudit_rules", "Rules of the catalog, by whether the last run judged by them.")?;
    let selected = run.overview.rules;
    rules.sample(out, &[("selected", "true")], selected.rules)?;
    rules.sample(out, &[("selected", "false")], selected.known.saturating_sub(selected.rules))?;
    let info = [("run_id", run.head.id.as_str()), ("version", run.head.version.as_str())];
    Family::begin(out, "slaudit_run_info", "The last run and the slaudit that made it.")?.sample(out, &info, 1)
}

/// Open findings. Those of a rule that the run did not judge are there too, where an older slaudit left some.
fn findings(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let family = Family::begin(out, "slaudit_findings", "Open findings of the last run, waived ones left out.")?;
    for ((rule, severity), count) in &run.overview.by_rule {
        family.sample(out, &[("rule", rule), ("severity", severity.as_str())], count)?;
    }
    Ok(())
}

/// A series for each device whose deadline is known. Seconds, for Prometheus has no other unit of time; the resolution is a day.
fn deadlines(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let mut nearest = BTreeMap::<(String, String), i64>::new();
    for member in &run.roster {
        if let Some(days) = member.days_to_ack_deadline {
            // Two names that read the same are one series: a series twice makes the collector drop the whole file.
            let labels = (one_line(&member.name).into_owned(), one_line(&member.site).into_owned());
            let seconds = days.saturating_mul(DAY);
            nearest.entry(labels).and_modify(|known| *known = seconds.min(*known)).or_insert(seconds);
        }
    }
    let help =
        "Time from the run to the next ACK deadline, by the device's own clock, in whole days; negative when past.";
    let family = Family::begin(out, "slaudit_ack_deadline_seconds", help)?;
    for ((device, site), seconds) in &nearest {
        family.sample(out, &[("device", device), ("site", site)], seconds)?;
    }
    Ok(())
}

/// The samples of one name.
struct Family(&'static str);

impl Family {
    fn begin(out: &mut dyn Write, name: &'static str, help: &str) -> io::Result<Self> {
        write!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n")?;
        Ok(Self(name))
    }

    fn sample(&self, out: &mut dyn Write, labels: &[(&str, &str)], value: impl std::fmt::Display) -> io::Result<()> {
        out.write_all(self.0.as_bytes())?;
        for (at, (name, text)) in labels.iter().enumerate() {
            write!(out, "{}{name}=\"{}\"", if at == 0 { "{" } else { "," }, escaped(text))?;
        }
        writeln!(out, "{} {value}", if labels.is_empty() { "" } else { "}" })
    }
}

/// A label's value: any UTF-8 but for these two, and line breaks, which [`one_line`] has taken.
fn escaped(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('"', "\\\"")
}
