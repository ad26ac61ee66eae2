//! `communication-failing`: a channel of the licensing agent fails now. Reads the counters of `communication`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "communication-failing",
    category: Category::Communication,
    core: true,
    severity: Severity::Medium,
    severity_note: "high where no ACK came within the push interval, or the deadline is past or within 30 days",
    title: "Communication fails",
    why: "The last attempts of this channel all failed. As long as that goes on, reports stay on the device, and the deadline comes \
          nearer.",
    reads: "show license tech support: Communication Statistics, Ongoing Failure, Last Response and Failure Reason of each channel.",
    healthy: "Ongoing Failure: Overall=0. The total of failures and an old reason are history. Hello Message does not count where \
              reports are fetched, nor a refused authorization, which has a rule of its own.",
    source: "Troubleshooting guide, COMM_FAILED.",
    remedy: remedies::communication,
    explained_by: &[
        "identity-rejected",
        "smart-url-wrong",
        "cslu-url-wrong",
        "onprem-tenant-missing",
        "callhome-url-wrong",
        "callhome-profile-inactive",
        "cslu-undiscovered",
        "dns-server-missing",
        "dns-domain-missing",
        "http-client-trustpoint-wrong",
        "trustpoint-missing",
        "trustpoint-revocation-check",
        "clock-not-synchronized",
        "vrf-mismatch",
        "http-source-interface-unusable",
        "release-without-onprem-support",
        "proxy-incomplete",
    ],
    judge,
    ..Rule::DEFAULT
};

/// What may be behind an address that answers wrongly or not at all.
const ADDRESS: &[&str] = &[
    "smart-url-wrong",
    "cslu-url-wrong",
    "onprem-tenant-missing",
    "callhome-url-wrong",
    "callhome-profile-inactive",
    "cslu-undiscovered",
    "dns-server-missing",
    "dns-domain-missing",
    "vrf-mismatch",
    "http-source-interface-unusable",
    "release-without-onprem-support",
    "proxy-incomplete",
];
/// What may be behind a name that is not found.
const NAME: &[&str] = &[
    "dns-server-missing",
    "dns-domain-missing",
    "smart-url-wrong",
    "cslu-url-wrong",
    "callhome-url-wrong",
    "cslu-undiscovered",
    "proxy-incomplete",
];
/// What may be behind a failed TLS handshake.
const TLS: &[&str] = &[
    "http-client-trustpoint-wrong",
    "trustpoint-missing",
    "trustpoint-revocation-check",
    "clock-not-synchronized",
    "smart-url-wrong",
    "cslu-url-wrong",
    "callhome-url-wrong",
    "proxy-incomplete",
];

fn judge(device: Subject<'_>) -> Judged {
    if device.is_off() {
        return not_applicable("the transport is off");
    }
    let channels = device.facts.communication.get()?;
    let urgent = device.deadline_is_near() || misses_ack(device);
    let severity = if urgent { Severity::High } else { Severity::Medium };
    let judged = channels.iter().filter(|channel| channel.ongoing_overall > 0 && device.counts(channel));
    Ok(judged
        .map(|channel| {
            let class = failure::class(channel);
            let mut problem = Problem::new(severity, failure::described(channel), "Ongoing Failure: Overall=0")
                .about(&channel.channel)
                .proved_by(device.evidence(channel).as_ref());
            problem.class = class;
            problem.explained_by = Some(causes(channel, class));
            problem
        })
        .collect())
}

/// The rules that would explain a failure of this class.
fn causes(channel: &Channel, class: Option<FailureClass>) -> &'static [&'static str] {
    if channel.failure_reason.as_deref().is_some_and(failure::names_clock) {
        return if class == Some(FailureClass::Tls) { TLS } else { &["clock-not-synchronized"] };
    }
    match class {
        Some(FailureClass::Identity) => &["identity-rejected"],
        Some(FailureClass::Tls) => TLS,
        Some(FailureClass::Dns) => NAME,
        Some(FailureClass::Time) => &["clock-not-synchronized"],
        Some(FailureClass::Udi | FailureClass::Throttled | FailureClass::Internal) => &[],
        Some(FailureClass::Server) => &["identity-rejected", "release-without-onprem-support"],
        Some(FailureClass::Http | FailureClass::Transport | FailureClass::Refused | FailureClass::Timeout) | None => {
            ADDRESS
        }
    }
}

/// True where no ACK came within the push interval.
fn misses_ack(device: Subject<'_>) -> bool {
    let interval = device.facts.push_interval_days.value().copied().filter(|days| *days > 0);
    match (device.facts.last_ack.value(), interval) {
        (Some(None), _) => true,
        (Some(Some(ack)), Some(interval)) => {
            device.seconds_to(ack).is_ok_and(|to| -to > i64::from(interval) * situation::DAY)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, channel, dated, failing, known, refused};

    fn with_channel(case: Case, channel: Channel) -> Case {
        case.with(|facts| facts.communication = known(vec![channel]))
    }

    #[test]
    fn fails_per_channel() {
        let case = Case::direct().with(|facts| {
            facts.communication = known(vec![
                failing("usage_reporting", "NO REPLY", ""),
                channel("trust_sync"),
                failing("result_polling", "NO REPLY", "Unable to resolve server hostname/domain name"),
            ]);
        });
        let problems = case.fails_with(&RULE);
        let told: Vec<_> = problems.iter().map(|p| (p.subject.as_str(), p.class)).collect();
        assert_eq!(
            told,
            [("usage_reporting", Some(FailureClass::Timeout)), ("result_polling", Some(FailureClass::Dns))]
        );
        assert_eq!(problems[0].severity, Severity::Medium);
        assert_eq!(problems[0].observed, "30 failures since the last success, NO REPLY");
    }

    #[test]
    fn fails_worse_without_an_ack_in_the_interval_or_near_the_deadline() {
        let case = with_channel(Case::direct(), failing("usage_reporting", "NO REPLY", ""));
        assert_eq!(
            case.clone().with(|facts| facts.last_ack = dated("2025-05-01 12:00")).fails(&RULE).severity,
            Severity::High
        );
        assert_eq!(case.clone().with(|facts| facts.last_ack = known(None)).fails(&RULE).severity, Severity::High);
        let near = case.with(|facts| facts.next_ack_deadline = dated("2025-07-01 12:00"));
        assert_eq!(near.fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn fails_with_the_line_of_the_counters() {
        let mut channel = failing("usage_reporting", "NO REPLY", "");
        channel.line = 188;
        channel.counters = "Attempts: Total=40, Success=10, Fail=30".to_owned();
        let problem = with_channel(Case::direct(), channel).fails(&RULE);
        assert_eq!(problem.evidence.map(|line| line.line), Some(188));
    }

    #[test]
    fn fails_and_blames_the_clock_only_where_a_reason_does() {
        let blames = |reason: &str| {
            let problem = with_channel(Case::direct(), failing("trust_sync", "NO REPLY", reason)).fails(&RULE);
            problem.explained_by.unwrap_or_default().contains(&"clock-not-synchronized")
        };
        assert!(blames("Signature mismatch") && blames("TLS handshake failure"));
        assert!(!blames("") && !blames("Unable to resolve server hostname/domain name"));
    }

    #[test]
    fn passes_with_clean_counters() {
        Case::direct().passes(&RULE);
        Case::cslu("").passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.communication = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_with_the_transport_off() {
        with_channel(Case::off(), failing("usage_reporting", "NO REPLY", "")).not_applicable(&RULE);
    }

    #[test]
    fn trap_failures_of_the_past_and_their_reason() {
        let mut old = channel("trust_sync");
        old.fail = 190;
        old.failure_reason = Some("Null pointer Error".to_owned());
        with_channel(Case::direct(), old).passes(&RULE);
    }

    #[test]
    fn trap_a_hello_where_reports_are_fetched() {
        let case = with_channel(Case::cslu(""), failing("hello_message", "NO REPLY", ""));
        case.clone().fails(&RULE);
        case.expecting(|expect| expect.topology = Some(Topology::CsluPull)).passes(&RULE);
    }

    #[test]
    fn trap_a_refused_authorization_is_another_rule_s_matter() {
        let refusal = failing("authorization_request", "INVALID STATUS CODE", "Not enough licenses");
        with_channel(Case::direct(), refusal).passes(&RULE);
    }
}
