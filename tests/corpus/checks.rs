//! What a capture must give, found by plain text search in the capture itself, without the parsers.

use libtest_mimic::Failed;
use slaudit::fact::{DeviceTime, Fact};
use slaudit::facts::Facts;
use slaudit::reading::Reading;

use crate::captures::Capture;

/// Every check that applies to the capture; all that fail are told at once.
pub(crate) fn all(capture: &Capture, reading: &Reading) -> Result<(), Failed> {
    let facts = &reading.facts;
    let mut problems = Vec::new();
    let mut compare = |what: &str, expected: Option<String>, got: Option<String>| {
        if expected.is_some() && expected != got {
            problems.push(format!("{what}: {expected:?} stands in the capture, {got:?} was read"));
        }
    };
    if capture.command.starts_with("show license") {
        transport(capture, facts, &mut compare);
        reporting(capture, facts, &mut compare);
        counts(capture, facts, &mut compare);
        agent(capture, facts, &mut compare);
    }
    if let Some(state) = value(capture, "Smart Licensing Status:") {
        let is_slp = state.contains("Using Policy") || state.contains("Not Applicable");
        compare("SLP", Some(is_slp.to_string()), facts.slp_enabled.value().map(ToString::to_string));
    }
    let rows = lines(capture).filter(|line| line.starts_with("Profile Name:")).count();
    if rows > 0 {
        compare(
            "profiles",
            Some(rows.to_string()),
            facts.call_home_profiles.value().map(|list| list.len().to_string()),
        );
    }
    let rows = lines(capture).filter(|line| line.starts_with("Trustpoint ") && line.ends_with(':')).count();
    if rows > 0 {
        compare("trustpoints", Some(rows.to_string()), facts.trustpoints.value().map(|list| list.len().to_string()));
    }
    evidence(capture, facts, &mut problems);
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// Lines without surrounding blanks.
fn lines(capture: &Capture) -> impl Iterator<Item = &str> {
    capture.text.lines().map(str::trim)
}

/// What stands behind a name at the start of a line; the first one, where there are several.
fn value<'c>(capture: &'c Capture, name: &str) -> Option<&'c str> {
    lines(capture).find_map(|line| line.strip_prefix(name)).map(str::trim).filter(|value| !value.is_empty())
}

type Compare<'a> = dyn FnMut(&str, Option<String>, Option<String>) + 'a;

fn transport(capture: &Capture, facts: &Facts, compare: &mut Compare<'_>) {
    let block: Vec<&str> = lines(capture).skip_while(|line| *line != "Transport:").skip(1).take(14).collect();
    let in_block = |name: &str| block.iter().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let kind = in_block("Type:").map(|kind| kind.to_lowercase().replace("transport ", ""));
    compare("transport", kind, facts.transport_type.value().map(|kind| kind.as_str().to_owned()));
    let inner =
        |fact: &Fact<Option<String>>| fact.value().map(|value| value.clone().unwrap_or_else(|| "<none>".to_owned()));
    let text = |name: &str| in_block(name).map(|value| value.replace("<empty>", ""));
    compare("URL", text("URL:"), inner(&facts.transport_url));
    compare("CSLU address", text("Cslu address:"), inner(&facts.cslu_address));
    compare("proxy", text("Address:"), inner(&facts.proxy_address));
    compare("trustpoint", text("Trust Point:"), inner(&facts.transport_trustpoint));
    let check = in_block("Server Identity Check:").map(str::to_lowercase);
    compare("identity check", check, facts.server_identity_check.value().map(ToString::to_string));
}

fn reporting(capture: &Capture, facts: &Facts, compare: &mut Compare<'_>) {
    let time = |fact: &Fact<Option<DeviceTime>>| {
        fact.value().map(|time| time.as_ref().map_or("<none>".to_owned(), |time| time.text.clone()))
    };
    for (name, fact) in [
        ("Last ACK received:", &facts.last_ack),
        ("Next ACK deadline:", &facts.next_ack_deadline),
        ("Next ACK push check:", &facts.next_ack_push_check),
        ("Next report push:", &facts.next_push),
        ("Last report push:", &facts.last_push),
        ("Registration Expires:", &facts.registration_expires),
    ] {
        compare(name, value(capture, name).map(str::to_owned), time(fact));
    }
    let days = value(capture, "Reporting push interval:").and_then(|value| value.split(' ').next()).map(str::to_owned);
    compare("push interval", days, facts.push_interval_days.value().map(ToString::to_string));
    let least = lines(capture)
        .filter_map(|line| line.strip_prefix("Reporting frequency (days):"))
        .filter_map(|value| value.split_whitespace().next()?.parse::<u32>().ok())
        .filter(|days| *days > 0)
        .min();
    let got = facts.min_reporting_frequency_days.value().copied().flatten();
    compare("reporting frequency", least.map(|days| days.to_string()), got.map(|days| days.to_string()));
}

fn counts(capture: &Capture, facts: &Facts, compare: &mut Compare<'_>) {
    let number = |test: &dyn Fn(&str) -> bool| lines(capture).filter(|line| test(line)).count();
    let mut count = |what: &str, expected: usize, got: Option<usize>| {
        if expected > 0 {
            compare(what, Some(expected.to_string()), got.map(|got| got.to_string()));
        }
    };
    count("channels", number(&|line| line.starts_with("Attempts:")), facts.communication.value().map(Vec::len));
    count("handles", number(&|line| line.starts_with("Handle:")), facts.licenses.value().map(Vec::len));
    count(
        "licences by name",
        number(&|line| line.ends_with("):") && !line.contains("History")),
        facts.licenses.value().map(Vec::len),
    );
    let in_list = |line: &str| ["Active:PID", "Standby:PID", "Member:PID"].iter().any(|role| line.starts_with(role));
    count("units", number(&in_list), facts.udis.value().map(Vec::len));
    let codes = facts.trust_codes.value().map(Vec::len);
    count("trust codes", number(&|line| line.starts_with("INSTALLED on")), codes);
    if number(&|line| line.starts_with("Trust Code Installed:")) == 0 {
        count("trust data", number(&|line| line.contains("Trust Data INSTALLED")), codes);
    }
    if value(capture, "Trust Code Installed:") == Some("<none>") {
        compare("trust codes", Some("0".to_owned()), codes.map(|codes| codes.to_string()));
    }
    let sum: u64 = lines(capture)
        .filter(|line| line.starts_with("Attempts:"))
        .filter_map(|line| line.split("Overall=").nth(1)?.split(' ').next()?.parse::<u64>().ok())
        .sum();
    let got = facts.communication.value().map(|list| list.iter().map(|channel| channel.ongoing_overall).sum::<u64>());
    if got.is_some() {
        compare("failures going on", Some(sum.to_string()), got.map(|sum| sum.to_string()));
    }
}

fn agent(capture: &Capture, facts: &Facts, compare: &mut Compare<'_>) {
    let text = |fact: &Fact<String>| fact.value().cloned();
    compare("agent", value(capture, "Smart Agent for Licensing:").map(str::to_owned), text(&facts.agent_version));
    compare("overall trust", value(capture, "Overall Trust:").map(str::to_owned), text(&facts.overall_trust));
    let state = value(capture, "Overall State:").map(|state| state.replace("<empty>", ""));
    compare("overall state", state, text(&facts.overall_state));
    let level = value(capture, "Communication Level Allowed:").map(str::to_owned);
    compare("communication level", level, text(&facts.communication_level));
    let ntp = value(capture, "Clock sync-ed with NTP:").map(str::to_lowercase);
    compare("NTP", ntp, facts.ntp_synchronized.value().map(ToString::to_string));
    let now = value(capture, "Current time:").map(str::to_owned);
    compare("time", now, facts.device_time.value().map(|time| time.text.clone()));
    let waiting = lines(capture).find_map(|line| line.split("Waiting for Ack:").nth(1)).map(|rest| {
        let numbers = rest.trim().trim_end_matches(')').split('(').filter_map(|number| number.parse::<u64>().ok());
        numbers.max().unwrap_or_default().to_string()
    });
    compare("waiting for ACK", waiting, facts.rum_waiting_for_ack.value().map(ToString::to_string));
    unacknowledged(capture, facts, compare);
    if lines(capture).any(|line| line == "Registration:") {
        compare("SLP", Some("false".to_owned()), facts.slp_enabled.value().map(ToString::to_string));
    }
}

/// The number in parentheses, else the sum of both.
fn unacknowledged(capture: &Capture, facts: &Facts, compare: &mut Compare<'_>) {
    let behind = |name: &str| lines(capture).find_map(|line| line.split(name).nth(1)).map(str::trim);
    let (Some(waiting), Some(available)) = (behind("Waiting for Ack:"), behind("Available to Report:")) else { return };
    let number = |text: &str| text.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u64>().ok();
    let all = match waiting.split_once('(') {
        Some((_, all)) => number(all),
        None => number(waiting).and_then(|waiting| Some(waiting + number(available)?)),
    };
    compare(
        "unacknowledged",
        all.map(|all| all.to_string()),
        facts.rum_unacknowledged.value().map(ToString::to_string),
    );
}

/// Every fact's evidence is the line of the capture that it names.
fn evidence(capture: &Capture, facts: &Facts, problems: &mut Vec<String>) {
    let lines: Vec<&str> = capture.text.lines().collect();
    facts.for_each_evidence(|key, evidence| {
        let line = evidence.line.checked_sub(1).and_then(|index| lines.get(index)).map(|line| line.trim());
        let proves = line.is_some_and(|line| line.contains(&evidence.text));
        let has_no_line = evidence.line == 0 && evidence.text.is_empty();
        if !(proves || has_no_line) {
            problems.push(format!("{key}: line {} is {line:?}, not {:?}", evidence.line, evidence.text));
        }
    });
}
