//! `logged-comm-failed`: the log has COMM_FAILED, and nothing after it that ends it. Reads `log`, and what shows that it did no harm.
//! `logged-policy-install-failed`: POLICY_INSTALL_FAILED.
//! `logged-authorization-install-failed`: AUTHORIZATION_INSTALL_FAILED.
//! `logged-trust-code-install-failed`: TRUST_CODE_INSTALL_FAILED; reads `trust_codes` and `udis` too.
//! `logged-authorization-removed`: AUTHORIZATION_REMOVED; reads `licenses` too.
//!
//! A rule is named after its message; what ends a message is known to the catalogue of messages.

use crate::rules::history::{Unsettled, Weight};
use crate::rules::prelude::*;
use crate::syslog::catalogue;

/// What these rules have in common.
const LOGGED: Rule = Rule { category: Category::SystemMessages, severity: Severity::High, judge, ..Rule::DEFAULT };

pub(super) static COMM_FAILED: Rule = Rule {
    id: "logged-comm-failed",
    severity_note: "info where the counters of all channels are clean, the peer is one of an earlier transport, the device sends \
                    nothing itself, or the message is of the first hour after boot and something succeeded since",
    title: "Logged: communication failed",
    why: "The device logs every attempt that fails. Without a later COMM_RESTORED the last word is a failure, and the text says why.",
    reads: "show logging: COMM_FAILED and COMM_RESTORED; Communication Statistics and Last ACK received of show license tech support; \
            show version: uptime.",
    healthy: "No COMM_FAILED, or a later COMM_RESTORED of the same peer (whatever its severity digit). A message older than seven \
              days is settled by a later success of the counters or a later ACK, and without these there is no answer.",
    source: "Troubleshooting guide, COMM_FAILED and COMM_RESTORED.",
    remedy: remedies::communication,
    explained_by: &[
        "communication-failing",
        "identity-rejected",
        "dns-server-missing",
        "cslu-undiscovered",
        "http-client-trustpoint-wrong",
    ],
    ..LOGGED
};

pub(super) static POLICY_INSTALL_FAILED: Rule = Rule {
    id: "logged-policy-install-failed",
    title: "Logged: a policy could not be installed",
    why: "The device goes on with its old policy, whose duties to report may be others. A refused signature or time stamp means that the \
          clock is wrong.",
    reads: "show logging: POLICY_INSTALL_FAILED and POLICY_INSTALL_SUCCESS.",
    healthy: "No such message, or a policy installed after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, POLICY_INSTALL_FAILED.",
    remedy: |device, problem| {
        let mut all = remedies::report(device, problem);
        all.push(device.choice(&steps::SUPPORT));
        all
    },
    explained_by: &["clock-not-synchronized"],
    ..LOGGED
};

pub(super) static AUTHORIZATION_INSTALL_FAILED: Rule = Rule {
    id: "logged-authorization-install-failed",
    title: "Logged: an authorization code could not be installed",
    why: "The licences of that code stay unauthorized. Too few codes for the licences in use, a file made for other units, or a wrong \
          clock are the usual reasons.",
    reads: "show logging: AUTHORIZATION_INSTALL_FAILED and AUTHORIZATION_INSTALL_SUCCESS.",
    healthy: "No such message, or a success of the same unit after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, AUTHORIZATION_INSTALL_FAILED.",
    remedy: remedies::codes_by_file,
    explained_by: &["clock-not-synchronized", "slac-udi-mismatch"],
    ..LOGGED
};

pub(super) static TRUST_CODE_INSTALL_FAILED: Rule = Rule {
    id: "logged-trust-code-install-failed",
    severity_note: "info where every unit has a trust code",
    title: "Logged: a trust code could not be installed",
    why: "One is installed already, the token belongs to another account, or the clock is wrong: the text tells which.",
    reads: "show logging: TRUST_CODE_INSTALL_FAILED and TRUST_CODE_INSTALL_SUCCESS; Trust Code Installed and HA UDI List of show license \
            all.",
    healthy: "No such message, or a success of the same unit after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, TRUST_CODE_INSTALL_FAILED.",
    remedy: remedies::trust_again,
    explained_by: &["clock-not-synchronized", "account-unexpected"],
    ..LOGGED
};

pub(super) static AUTHORIZATION_REMOVED: Rule = Rule {
    id: "logged-authorization-removed",
    severity: Severity::Medium,
    severity_note: "info where no licence in use needs an authorization code",
    title: "Logged: an authorization code was removed",
    why: "With the code its licences went: features that need one may change or stop. It may have been meant.",
    reads: "show logging: AUTHORIZATION_REMOVED and AUTHORIZATION_INSTALL_SUCCESS; License Usage of show license all.",
    healthy: "No such message, or a code installed on the same unit after it. Without a log buffer there is no answer.",
    source: "Troubleshooting guide, AUTHORIZATION_REMOVED.",
    remedy: |device, _| remedies::plain(device, &[&steps::LICENSES_KEPT]),
    ..LOGGED
};

/// The message that a rule is named after.
fn mnemonic(rule: &Rule) -> String {
    rule.id.trim_start_matches("logged-").replace('-', "_").to_ascii_uppercase()
}

/// The messages that end the trouble of another one.
fn cures(mnemonic: &str) -> Vec<&'static str> {
    catalogue::ALL.iter().filter(|entry| entry.clears.contains(&mnemonic)).map(|entry| entry.mnemonic).collect()
}

fn judge(device: Subject<'_>) -> Judged {
    let mnemonic = mnemonic(device.rule);
    if device.facts.log.get()?.iter().all(|message| message.mnemonic != mnemonic) {
        return Ok(Vec::new());
    }
    let cures = cures(&mnemonic);
    let open = if device.rule.id == COMM_FAILED.id {
        history::unsettled(device, &mnemonic, &cures)?
    } else {
        let standing = history::standing(device.facts, &mnemonic, &cures)?;
        standing.into_iter().map(|message| Unsettled { message, weight: Weight::Full }).collect()
    };
    let right = match device.rule.id {
        id if id == AUTHORIZATION_REMOVED.id => "a removal that was meant".to_owned(),
        _ => format!("{} after it", cures.join(" or ")),
    };
    Ok(open.into_iter().map(|unsettled| problem(device, &unsettled, &right)).collect())
}

fn problem(device: Subject<'_>, unsettled: &Unsettled<'_>, right: &str) -> Problem {
    let message = unsettled.message;
    let severity = match unsettled.weight {
        Weight::Harmless => Severity::Info,
        Weight::Full => severity(device, message),
    };
    let mut problem = Problem::new(severity, history::described(message), right)
        .about(history::subject(message))
        .proved_by(history::evidence(message, device.facts).as_ref());
    if device.rule.id == COMM_FAILED.id {
        problem.class = failure::class_of(&message.text);
    } else if failure::names_clock(&message.text) {
        problem.steps = remedies::clock(device, &problem);
    }
    problem
}

/// The severity of a message that nothing ended: milder where the device shows that it did no harm.
fn severity(device: Subject<'_>, message: &LogMessage) -> Severity {
    let facts = device.facts;
    let is_harmless = match device.rule.id {
        id if id == COMM_FAILED.id => {
            let clean = facts.communication.is_known() && !device.any_channel_fails();
            // Nobody waits for what a device tries that has no transport or whose reports are fetched.
            clean || device.is_off() || device.is_fetched() || is_of_another_transport(message, device)
        }
        id if id == TRUST_CODE_INSTALL_FAILED.id => {
            let codes = facts.trust_codes.value().map_or(0, Vec::len);
            codes > 0 && facts.udis.value().is_some_and(|units| codes >= units.len())
        }
        // Where the licences are not readable, the worse is taken.
        id if id == AUTHORIZATION_REMOVED.id => facts.licenses.is_known() && !device.uses_enforced_licence(),
        _ => false,
    };
    if is_harmless { Severity::Info } else { device.rule.severity }
}

/// True where the peer is a CSLU and the device reports directly now, or the other way round: the message is older than the change.
fn is_of_another_transport(message: &LogMessage, device: Subject<'_>) -> bool {
    let peer = history::subject(message);
    match device.facts.transport_type.value() {
        Some(TransportType::Smart | TransportType::Callhome) => peer.contains("CSLU"),
        // What a device calls SSM On-Prem is not sure.
        Some(TransportType::Cslu) => {
            peer.contains("CSSM") && matches!(device.topology(), Ok(Topology::CsluPush | Topology::CsluOffline))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Channel;
    use crate::rules::case::{Case, failing, known, license, logged, refused, text};

    const CSSM: Option<&str> = Some("Cisco Smart Software Manager (CSSM)");
    const CSLU: Option<&str> = Some("Cisco Smart License Utility (CSLU)");
    const UDI: Option<&str> = Some("PID:C9300-24UX,SN:FCW0001A001");
    const OTHER: Option<&str> = Some("PID:C9300-24UX,SN:FCW0002A002");

    /// Each rule with what its message is about.
    const RULES: [(&Rule, Option<&str>); 5] = [
        (&COMM_FAILED, CSSM),
        (&POLICY_INSTALL_FAILED, None),
        (&AUTHORIZATION_INSTALL_FAILED, UDI),
        (&TRUST_CODE_INSTALL_FAILED, UDI),
        (&AUTHORIZATION_REMOVED, UDI),
    ];

    fn message(rule: &Rule, about: Option<&str>, at: &str) -> LogMessage {
        logged(&mnemonic(rule), about, at)
    }

    fn with_log(messages: Vec<LogMessage>) -> Case {
        Case::direct().with(|facts| facts.log = known(messages))
    }

    /// A device that shows nothing that would make a message harmless.
    fn with_harm(messages: Vec<LogMessage>) -> Case {
        with_log(messages).with(|facts| {
            facts.communication = known(vec![failing("usage_reporting", "NO REPLY", "")]);
            facts.trust_codes = known(Vec::new());
            facts.licenses = known(vec![license("hseck9", "IN USE", "EXPORT RESTRICTED")]);
        })
    }

    fn comm_failed(about: Option<&str>, at: &str) -> Case {
        with_harm(vec![message(&COMM_FAILED, about, at)])
    }

    #[test]
    fn fails_about_its_peer_or_unit() {
        for (rule, about) in RULES {
            let problem = with_harm(vec![message(rule, about, "Jun 16 10:00:00")]).fails(rule);
            assert_eq!((problem.severity, problem.subject.as_str()), (rule.severity, about.unwrap_or_default()));
        }
    }

    #[test]
    fn fails_mildly_where_it_did_no_harm() {
        for (rule, about) in RULES.into_iter().filter(|(rule, _)| !rule.severity_note.is_empty()) {
            let problem = with_log(vec![message(rule, about, "Jun 16 10:00:00")]).fails(rule);
            assert_eq!(problem.severity, Severity::Info, "{}", rule.id);
        }
    }

    #[test]
    fn fails_where_another_unit_succeeded_or_a_success_came_before() {
        for (rule, about) in RULES {
            let cure = cures(&mnemonic(rule))[0];
            let before = logged(cure, about, "Jun 16 09:00:00");
            let other = logged(
                cure,
                about.map(|about| if about == CSSM.unwrap_or("") { "CSLU" } else { OTHER.unwrap_or("") }),
                "Jun 16 11:00:00",
            );
            let failed = message(rule, about, "Jun 16 10:00:00");
            with_harm(vec![before, failed.clone()]).fails(rule);
            if about.is_some() {
                with_harm(vec![failed, other]).fails(rule);
            }
        }
    }

    #[test]
    fn passes_on_a_log_without_it() {
        for (rule, _) in RULES {
            with_harm(Vec::new()).passes(rule);
        }
    }

    #[test]
    fn passes_after_a_success_whatever_its_severity_digit() {
        for (rule, about) in RULES {
            let mut success = logged(cures(&mnemonic(rule))[0], about, "Jun 16 11:00:00");
            success.severity = 5;
            with_harm(vec![message(rule, about, "Jun 16 10:00:00"), success]).passes(rule);
        }
    }

    #[test]
    fn unknown_without_a_log() {
        for (rule, _) in RULES {
            Case::direct().with(|facts| facts.log = refused()).unknown(rule);
        }
    }

    #[test]
    fn a_reason_that_names_the_clock_points_to_the_clock() {
        for (rule, about) in RULES.into_iter().filter(|(rule, _)| rule.explained_by.contains(&"clock-not-synchronized"))
        {
            let mut message = message(rule, about, "Jun 10 10:00:00");
            let other = with_log(vec![message.clone()]).fails(rule).next_step();
            message.text = "Signature mismatch".to_owned();
            let step = with_log(vec![message]).fails(rule).next_step();
            assert!(
                step != other && step.contains("ntp server <ntp-server> version 2 prefer ; write memory"),
                "{step}"
            );
        }
    }

    #[test]
    fn fails_with_its_class_and_how_often() {
        let mut message = message(&COMM_FAILED, CSSM, "Jun 16 10:00:00");
        message.text = "Unable to resolve server hostname/domain name".to_owned();
        message.count = 12;
        message.first = Some("*Jun 14 08:00:00.1".to_owned());
        let problem = with_harm(vec![message]).fails(&COMM_FAILED);
        assert_eq!(problem.class, Some(FailureClass::Dns));
        assert!(
            problem.observed.starts_with("COMM_FAILED 12 times, first Jun 14 08:00:00.1, last Jun 16"),
            "{problem:?}"
        );
    }

    #[test]
    fn fails_mildly_about_a_peer_of_an_earlier_transport() {
        assert_eq!(comm_failed(CSLU, "Jun 16 10:00:00").fails(&COMM_FAILED).severity, Severity::Info);
        let case = comm_failed(CSSM, "Jun 16 10:00:00").with(|facts| {
            facts.transport_type = known(TransportType::Cslu);
            facts.cslu_address = text("http://192.0.2.1:8182/cslu/v1/pi");
        });
        assert_eq!(case.fails(&COMM_FAILED).severity, Severity::Info);
    }

    #[test]
    fn fails_mildly_where_the_device_sends_nothing_itself() {
        let cslu = || {
            comm_failed(CSLU, "Jun 16 10:00:00")
                .with(|facts| facts.transport_type = known(TransportType::Cslu))
                .with(|facts| facts.cslu_address = text(""))
        };
        assert_eq!(cslu().fails(&COMM_FAILED).severity, Severity::High);
        let pulled = cslu().expecting(|expect| expect.topology = Some(Topology::CsluPull));
        assert_eq!(pulled.fails(&COMM_FAILED).severity, Severity::Info);
        let off = cslu().with(|facts| facts.transport_type = known(TransportType::Off));
        assert_eq!(off.fails(&COMM_FAILED).severity, Severity::Info);
    }

    #[test]
    fn passes_after_a_week() {
        comm_failed(CSSM, "Jun  1 10:00:00").passes(&COMM_FAILED);
        let up = |days: u64| comm_failed(CSSM, "1w2d").with(|facts| facts.uptime_s = known(days * 86_400));
        up(280).passes(&COMM_FAILED);
        up(12).fails(&COMM_FAILED);
        up(9).fails(&COMM_FAILED);
    }

    #[test]
    fn unknown_after_a_week_where_no_success_has_a_time() {
        let undated = Channel { channel: "usage_reporting".to_owned(), total: 5, success: 5, ..Channel::default() };
        let case = with_log(vec![message(&COMM_FAILED, CSSM, "Jun  1 10:00:00")]).with(|facts| {
            facts.last_ack = known(None);
            facts.communication = known(vec![undated]);
        });
        case.unknown(&COMM_FAILED);
    }

    #[test]
    fn unknown_on_failures_of_the_first_hour() {
        let case = comm_failed(CSSM, "Jun 17 10:20:00");
        case.with(|facts| facts.uptime_s = known(2 * 3_600)).unknown(&COMM_FAILED);
    }

    #[test]
    fn unknown_without_the_time() {
        comm_failed(CSSM, "Jun 16 10:00:00").with(|facts| facts.device_time = refused()).unknown(&COMM_FAILED);
    }
}
