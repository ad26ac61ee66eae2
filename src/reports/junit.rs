//! `junit.xml`: the run for CI servers, which draw histories of test cases and tell new failures from old ones.
//!
//! ```text
//! <testsuite name="fra1-acc-sw07" tests="31" failures="2" errors="0" skipped="3" ...>
//!   <testcase name="audited" classname="FRA1.fra1-acc-sw07" time="2.412"/>
//!   <testcase name="ack-overdue" classname="FRA1.fra1-acc-sw07" time="0"><failure type="critical" message="...">...
//! ```
//!
//! A suite a device, a case a rule: open findings are failures, waived and unknown rules are skipped, a device that was not
//! audited is an error. Rules that do not apply are no cases. A case keeps its name whether it fails or passes.
//!
//! Jenkins takes what stands before the last dot of `classname` as a package: the site. GitLab shows `classname` and `name`, and
//! the text of an element rather than its `message`; of two cases of one name it takes the first, and of a file 30 MB: about
//! 5,000 devices. Times of suites carry no zone,
//! as the schema of Ant has it; they are UTC.

use std::fmt::Write as _;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::text::{capped, one_line};
use super::{Options, Report, rule, utc};
use crate::record::{FindingRow, Status, VerdictRow};
use crate::run::Run;
use crate::store::Device;

/// A suite a device.
pub(super) static REPORT: Report =
    Report { format: "junit", name: "junit", extension: "xml", by_default: false, write };

/// Characters of one value; the whole is in `report.json`.
const LIMIT: usize = 1_000;

fn write(run: &Run, _: Options, out: &mut dyn Write) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let took = run.overview.took.as_secs_f64();
    let root = BytesStart::new("testsuites");
    xml.write_event(Event::Start(root.with_attributes([("name", "slaudit"), ("time", &seconds(took))])))?;
    run.each_device(&mut |device| suite(run, &device, &mut xml))?;
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    xml.get_mut().write_all(b"\n")
}

fn suite<W: Write>(run: &Run, device: &Device, xml: &mut Writer<W>) -> io::Result<()> {
    let row = &device.row;
    let cases = cases(device, run.overview.counts.is_blind())?;
    let count = |wanted: fn(&Outcome) -> bool| cases.iter().filter(|case| wanted(&case.outcome)).count().to_string();
    let took = seconds(row.contact.took.as_secs_f64());
    let started = row.contact.started.unwrap_or(run.head.started).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let start = BytesStart::new("testsuite").with_attributes([
        ("name", &*value(&row.name)),
        ("tests", &cases.len().to_string()),
        ("failures", &count(|outcome| matches!(outcome, Outcome::Failed { .. }))),
        ("errors", &count(|outcome| matches!(outcome, Outcome::Error { .. }))),
        ("skipped", &count(|outcome| matches!(outcome, Outcome::Skipped(_)))),
        ("time", &took),
        ("timestamp", &started),
        ("hostname", &value(&row.address)),
    ]);
    xml.write_event(Event::Start(start))?;
    // A dot of a name would end Jenkins' package too early.
    let class = |name: &str| value(name).replace('.', "_");
    let class =
        if row.site.is_empty() { class(&row.name) } else { format!("{}.{}", class(&row.site), class(&row.name)) };
    for (at, case) in cases.iter().enumerate() {
        // The session is the first case; rules judge in no time.
        let time = if at == 0 { took.as_str() } else { "0" };
        case.write(&class, time, xml)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))
}

struct Case {
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Skipped(String),
    Failed { kind: &'static str, message: String, text: String },
    Error { kind: &'static str, message: String },
}

/// Whether the device was audited, then its rules in the order of the catalogue. Where the run could judge no device it audited none.
fn cases(device: &Device, is_blind: bool) -> io::Result<Vec<Case>> {
    let status = device.row.status;
    let detail = if device.row.detail.is_empty() { status.as_str() } else { &device.row.detail };
    let outcome = match status {
        Status::Audited | Status::NotSupported if is_blind => {
            Outcome::Error { kind: "not_judged", message: "no device of the run could be judged".to_owned() }
        }
        Status::Audited => Outcome::Passed,
        Status::NotSupported => Outcome::Skipped(value(detail)),
        _ => Outcome::Error { kind: status.as_str(), message: value(detail) },
    };
    let mut cases = vec![Case { name: "audited".to_owned(), outcome }];
    let verdicts = device.details()?.verdicts()?;
    for verdict in &verdicts {
        let findings: Vec<_> = device.findings.iter().filter(|finding| finding.rule == verdict.rule).collect();
        if let Some(outcome) = outcome_of(verdict, &findings, status) {
            cases.push(Case { name: value(&verdict.rule), outcome });
        }
    }
    // A finding may outlive its rule.
    let mut rest: Vec<_> =
        device.findings.iter().filter(|f| !verdicts.iter().any(|verdict| verdict.rule == f.rule)).collect();
    rest.sort_by(|a, b| a.rule.cmp(&b.rule));
    for findings in rest.chunk_by(|a, b| a.rule == b.rule) {
        if let Some(outcome) = told(findings) {
            cases.push(Case { name: value(&findings[0].rule), outcome });
        }
    }
    Ok(cases)
}

fn outcome_of(verdict: &VerdictRow, findings: &[&FindingRow], status: Status) -> Option<Outcome> {
    told(findings).or_else(|| match verdict.verdict.as_str() {
        "pass" => Some(Outcome::Passed),
        "not_applicable" => None,
        // Where the device did not answer its error says it all.
        "unknown" => status.has_answered().then(|| Outcome::Skipped(format!("unknown: {}", value(&verdict.reason)))),
        _ => Some(Outcome::Failed {
            kind: rule(&verdict.rule).map_or("", |rule| rule.severity.as_str()),
            message: value(rule(&verdict.rule).map_or(verdict.rule.as_str(), |rule| rule.title)),
            text: value(&verdict.reason),
        }),
    })
}

/// What findings of one rule say; `None` where all of them are resolved.
fn told(findings: &[&FindingRow]) -> Option<Outcome> {
    let open: Vec<_> = findings.iter().filter(|finding| finding.track.is_open()).collect();
    if let Some(worst) = open.first() {
        let message = format!("{}: {}", title(worst), value(&worst.observed));
        let text = open.iter().map(|finding| described(finding)).collect::<Vec<_>>().join("\n");
        return Some(Outcome::Failed { kind: worst.severity.as_str(), message, text });
    }
    let waived = findings.iter().find(|finding| finding.track.state == crate::record::State::Waived)?;
    let until = waived.track.waiver_until.map_or_else(String::new, |day| format!(" until {day}"));
    Some(Outcome::Skipped(format!("waived{until}: {}", value(&waived.track.waiver_reason))))
}

fn title(finding: &FindingRow) -> String {
    value(rule(&finding.rule).map_or(finding.rule.as_str(), |rule| rule.title))
}

/// A finding in lines.
fn described(finding: &FindingRow) -> String {
    let mut text = format!("{}: {}\n", finding.severity, title(finding));
    let mut line = |name: &str, about: &str| {
        if !about.is_empty() {
            let _ = writeln!(text, "{name}: {}", value(about));
        }
    };
    line("subject", &finding.subject);
    line("observed", &finding.observed);
    line("expected", &finding.expected);
    line("cause", finding.cause());
    line("next step", &finding.next_step);
    if let Some(deadline) = finding.deadline {
        line("deadline", &utc(deadline));
    }
    if let Some(days) = finding.days_left {
        line("days left", &days.to_string());
    }
    if let Some(proof) = &finding.proof {
        line("evidence", &format!("{}, line {}: {}", proof.command, proof.line, proof.text));
    }
    let track = &finding.track;
    let runs = if track.runs_seen == 1 { "1 run".to_owned() } else { format!("{} runs", track.runs_seen) };
    let _ = writeln!(text, "{}: seen since {} in {runs}", track.change, utc(track.first_seen));
    text
}

impl Case {
    fn write<W: Write>(&self, class: &str, time: &str, xml: &mut Writer<W>) -> io::Result<()> {
        let case =
            BytesStart::new("testcase").with_attributes([("name", &*self.name), ("classname", class), ("time", time)]);
        let (name, kind, message, text) = match &self.outcome {
            Outcome::Passed => return xml.write_event(Event::Empty(case)),
            Outcome::Skipped(why) => ("skipped", "", why, why),
            Outcome::Failed { kind, message, text } => ("failure", *kind, message, text),
            Outcome::Error { kind, message } => ("error", *kind, message, message),
        };
        xml.write_event(Event::Start(case))?;
        let mut inner = BytesStart::new(name);
        if !kind.is_empty() {
            inner.push_attribute(("type", kind));
        }
        inner.push_attribute(("message", message.as_str()));
        xml.write_event(Event::Start(inner))?;
        xml.write_event(Event::Text(BytesText::new(text)))?;
        xml.write_event(Event::End(BytesEnd::new(name)))?;
        xml.write_event(Event::End(BytesEnd::new("testcase")))
    }
}

/// A text in one line, without the characters that XML does not have.
fn value(text: &str) -> String {
    capped(one_line(text), LIMIT).into_owned()
}

fn seconds(time: f64) -> String {
    format!("{time:.3}")
}
