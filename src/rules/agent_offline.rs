//! `agent-offline`: the transport is direct, and the agent does not use it. Reads `overall_state` and `transport.type`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "agent-offline",
    category: Category::Transport,
    core: true,
    severity: Severity::High,
    title: "The licensing agent does not try to report",
    why: "URL, clock and counters may all look well, because the agent never sends anything: it takes itself for offline, or has \
          no trust for direct communication. Only its own state tells.",
    reads: "show license tech support: Overall State, and Transport, Type.",
    healthy: "Overall State reads <empty>. Unknown where it has words that nobody has seen.",
    source: "Captures of show license tech support; troubleshooting guide, TRUST_CODE_INSTALL_FAILED.",
    remedy: remedies::trust,
    explained_by: &["trust-code-missing"],
    judge,
    ..Rule::DEFAULT
};

/// States in which the agent sends nothing. Lower case.
const SILENT: [&str; 2] = ["configured for offline transport", "insufficient trust for direct communication"];

fn judge(device: Subject<'_>) -> Judged {
    device.needs_direct()?;
    let state = device.facts.overall_state.get()?;
    if state.trim().is_empty() {
        return Ok(Vec::new());
    }
    if !SILENT.iter().any(|words| state.to_lowercase().contains(words)) {
        // A state that nobody has seen says neither yes nor no.
        return Err(Undecided::Unknown(device.facts.overall_state.evidence().map_or(Unknown::Absent, |at| {
            Unknown::Unparsed(ParseError { at: at.clone(), wanted: "state of the agent that is known" })
        })));
    }
    let transport = device.facts.transport_type.value().map_or("", |transport| transport.as_str());
    let observed = format!("Overall State: {} (transport {transport})", state.trim());
    let problem = device.problem(observed, "an agent that reports by its transport");
    Ok(vec![problem.proved_by(device.facts.overall_state.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused};

    fn state(case: Case, words: &str) -> Case {
        case.with(|facts| facts.overall_state = known(words.to_owned()))
    }

    #[test]
    fn fails_offline_under_smart() {
        let problem = state(Case::direct(), "Device configured for Offline transport").fails(&RULE);
        assert_eq!(problem.observed, "Overall State: Device configured for Offline transport (transport smart)");
    }

    #[test]
    fn fails_without_trust() {
        state(Case::call_home(), "Insufficient trust for direct communication").fails(&RULE);
    }

    #[test]
    fn passes_on_an_empty_state() {
        Case::direct().passes(&RULE);
    }

    #[test]
    fn unknown_with_words_that_nobody_has_seen() {
        assert!(state(Case::direct(), "Waiting").unknown(&RULE).contains("state of the agent"));
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.overall_state = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_elsewhere() {
        state(Case::off(), "Device configured for Offline transport").not_applicable(&RULE);
        Case::cslu("").not_applicable(&RULE);
    }
}
