//! `logged-comm-failed`: the log has COMM_FAILED without a later COMM_RESTORED of that peer. Reads `log`, the channels, the
//! device's own clock and its uptime.

use crate::facts::{Facts, LogMessage, TransportType};
use crate::finding::{Problem, Severity};
use crate::inventory::{Expectations, Topology};
use crate::rules::history::{Unsettled, Weight};
use crate::rules::{Category, Generation, Judged, Rule, failure, history, next_steps, situation};

pub(super) static RULE: Rule = Rule {
    id: "logged-comm-failed",
    category: Category::SystemMessages,
    core: false,
    severity: Severity::High,
    severity_note: "info where the counters of all channels are clean, the peer is one of an earlier transport, the device sends \
                    nothing itself, or the message is of the first hour after boot and something succeeded since",
    generation: Generation::Slp,
    title: "Logged: communication failed",
    why: "The device logs every attempt that fails. Without a later COMM_RESTORED the last word is a failure, and the text says why.",
    reads: "show logging: COMM_FAILED and COMM_RESTORED; Communication Statistics and Last ACK received of show license tech support; show version: uptime.",
    healthy: "No COMM_FAILED, or a later COMM_RESTORED of the same peer (whatever its severity digit). A message older than seven \
              days is settled by a later success of the counters or a later ACK, and without these there is no answer.",
    source: "Troubleshooting guide, COMM_FAILED and COMM_RESTORED.",
    next_step: "act on the reason in the message; Failure Reason of show license tech support has the present one",
    explained_by: &[
        "communication-failing",
        "identity-rejected",
        "dns-server-missing",
        "cslu-undiscovered",
        "http-client-trustpoint-wrong",
    ],
    judge,
};

fn judge(facts: &Facts, expected: &Expectations) -> Judged {
    let unsettled = history::unsettled(facts, expected, "COMM_FAILED", &["COMM_RESTORED"])?;
    let clean = facts.communication.is_known() && !situation::any_channel_fails(facts, expected);
    // Nobody waits for what a device tries that has no transport or whose reports are fetched.
    let idle = situation::is_off(facts, expected) || situation::is_fetched(expected);
    let severity = if clean || idle { Severity::Info } else { Severity::High };
    Ok(unsettled
        .into_iter()
        .map(|Unsettled { message, weight }| {
            let is_mild = weight == Weight::Harmless || is_of_another_transport(message, facts, expected);
            let severity = if is_mild { Severity::Info } else { severity };
            let class = failure::class_of(&message.text);
            let mut problem = Problem::new(severity, history::described(message), "COMM_RESTORED after it")
                .about(history::subject(message))
                .proved_by(history::evidence(message, facts).as_ref())
                .next_step(next_steps::communication(class, facts, expected));
            problem.class = class;
            problem
        })
        .collect())
}

/// True where the peer is a CSLU and the device reports directly now, or the other way round: the message is older than the change.
fn is_of_another_transport(message: &LogMessage, facts: &Facts, expected: &Expectations) -> bool {
    let peer = history::subject(message);
    match facts.transport_type.value() {
        Some(TransportType::Smart | TransportType::Callhome) => peer.contains("CSLU"),
        // What a device calls SSM On-Prem is not sure.
        Some(TransportType::Cslu) => {
            peer.contains("CSSM")
                && matches!(situation::topology(facts, expected), Ok(Topology::CsluPush | Topology::CsluOffline))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FailureClass;
    use crate::rules::case::{Case, failing, known, logged, refused, text};

    const CSSM: Option<&str> = Some("Cisco Smart Software Manager (CSSM)");

    fn with_log(messages: Vec<LogMessage>) -> Case {
        Case::direct().with(|facts| {
            facts.log = known(messages);
            facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
        })
    }

    #[test]
    fn fails_with_its_reason() {
        let mut message = logged("COMM_FAILED", CSSM, "Jun 16 10:00:00");
        message.text = "Unable to resolve server hostname/domain name".to_owned();
        message.count = 12;
        message.first = Some("*Jun 14 08:00:00.1".to_owned());
        let problem = with_log(vec![message]).fails(&RULE);
        assert_eq!((problem.severity, problem.class), (Severity::High, Some(FailureClass::Dns)));
        assert!(
            problem.observed.starts_with("COMM_FAILED 12 times, first Jun 14 08:00:00.1, last Jun 16"),
            "{problem:?}"
        );
    }

    #[test]
    fn fails_mildly_with_clean_counters() {
        let case = with_log(vec![logged("COMM_FAILED", CSSM, "Jun 16 10:00:00")]);
        let clean = Case::direct().facts.communication;
        assert_eq!(case.with(|facts| facts.communication = clean).fails(&RULE).severity, Severity::Info);
    }

    #[test]
    fn fails_mildly_about_a_peer_of_an_earlier_transport() {
        let case = with_log(vec![logged("COMM_FAILED", Some("Cisco Smart License Utility (CSLU)"), "Jun 16 10:00:00")]);
        assert_eq!(case.fails(&RULE).severity, Severity::Info);
        let case = with_log(vec![logged("COMM_FAILED", CSSM, "Jun 16 10:00:00")]).with(|facts| {
            facts.transport_type = known(TransportType::Cslu);
            facts.cslu_address = text("http://192.0.2.1:8182/cslu/v1/pi");
        });
        assert_eq!(case.fails(&RULE).severity, Severity::Info);
    }

    #[test]
    fn fails_mildly_where_the_device_sends_nothing_itself() {
        let cslu =
            || with_log(vec![logged("COMM_FAILED", Some("Cisco Smart License Utility (CSLU)"), "Jun 16 10:00:00")]);
        let cslu = || {
            cslu()
                .with(|facts| facts.transport_type = known(TransportType::Cslu))
                .with(|facts| facts.cslu_address = text(""))
        };
        assert_eq!(cslu().fails(&RULE).severity, Severity::High);
        let pulled = cslu().expecting(|expect| expect.topology = Some(Topology::CsluPull));
        assert_eq!(pulled.fails(&RULE).severity, Severity::Info);
        let off = cslu().with(|facts| facts.transport_type = known(TransportType::Off));
        assert_eq!(off.fails(&RULE).severity, Severity::Info);
    }

    #[test]
    fn passes_on_a_log_without_it() {
        with_log(Vec::new()).passes(&RULE);
    }

    #[test]
    fn passes_after_a_week() {
        with_log(vec![logged("COMM_FAILED", CSSM, "Jun  1 10:00:00")]).passes(&RULE);
    }

    #[test]
    fn passes_after_a_week_by_stamps_since_boot() {
        let up = |days: u64| {
            with_log(vec![logged("COMM_FAILED", CSSM, "1w2d")]).with(|facts| facts.uptime_s = known(days * 86_400))
        };
        up(280).passes(&RULE);
        up(12).fails(&RULE);
        up(9).fails(&RULE);
    }

    #[test]
    fn unknown_on_failures_of_the_first_hour() {
        let case = with_log(vec![logged("COMM_FAILED", CSSM, "Jun 17 10:20:00")]);
        case.with(|facts| facts.uptime_s = known(2 * 3_600)).unknown(&RULE);
    }

    #[test]
    fn unknown_without_a_log() {
        Case::direct().with(|facts| facts.log = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_without_the_time() {
        let case = with_log(vec![logged("COMM_FAILED", CSSM, "Jun 16 10:00:00")]);
        case.with(|facts| facts.device_time = refused()).unknown(&RULE);
    }

    #[test]
    fn trap_restored_with_another_severity_digit() {
        let mut restored = logged("COMM_RESTORED", CSSM, "Jun 16 11:00:00");
        restored.severity = 5;
        with_log(vec![logged("COMM_FAILED", CSSM, "Jun 16 10:00:00"), restored]).passes(&RULE);
    }
}
