//! `identity-rejected`: the server answers, and does not accept the identity of the device. Reads the reasons of
//! `communication`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "identity-rejected",
    category: Category::Communication,
    severity: Severity::High,
    title: "The server does not accept this device's identity",
    why: "The network works: the server answered that it does not know this device, or wants it to register again. It was removed \
          or moved in CSSM, or its trust code belongs to another account.",
    reads: "show license tech support: Communication Statistics, Failure Reason of a channel with an ongoing failure.",
    healthy: "No ongoing failure whose reason speaks of identity or of registering again. Communication=0 beside Overall above 0 \
              says only that a server answered.",
    source: "Captures of show license tech support; troubleshooting guide, TRUST_CODE_INSTALL_FAILED: account mismatch.",
    remedy: remedies::trust_again,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.is_off() {
        return not_applicable("the transport is off");
    }
    device.facts.communication.get()?;
    let rejected: Vec<_> =
        device.failing().filter(|channel| failure::class(channel) == Some(FailureClass::Identity)).collect();
    let Some(first) = rejected.first() else { return Ok(Vec::new()) };
    let names: Vec<_> = rejected.iter().map(|channel| channel.channel.replace('_', " ")).collect();
    let reason = first.failure_reason.as_deref().unwrap_or_default();
    // One device, one identity: several channels that are refused are one problem.
    let mut problem = device
        .problem(format!("{}: {reason}", names.join(", ")), "an identity that is accepted")
        .proved_by(device.reason_line(first).as_ref());
    problem.class = Some(FailureClass::Identity);
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, channel, failing, known, refused};

    const REASON: &str = r#"{"product_instance_identifier":["The identity for the instance f654477d is not valid.Please re-register the instance."]}"#;

    #[test]
    fn fails_once_for_all_channels() {
        let case = Case::direct().with(|facts| {
            facts.communication = known(vec![
                failing("trust_sync", "INVALID STATUS CODE", REASON),
                failing("usage_reporting", "INVALID STATUS CODE", REASON),
            ]);
        });
        let problem = case.fails(&RULE);
        assert!(problem.observed.starts_with("trust sync, usage reporting: {"), "{}", problem.observed);
        assert_eq!(problem.class, Some(FailureClass::Identity));
    }

    #[test]
    fn passes_on_another_failure() {
        Case::direct()
            .with(|facts| facts.communication = known(vec![failing("trust_sync", "INVALID STATUS CODE", "")]))
            .passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::direct().with(|facts| facts.communication = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_with_the_transport_off() {
        Case::off().not_applicable(&RULE);
    }

    #[test]
    fn trap_the_reason_of_an_old_failure() {
        let mut old = channel("trust_sync");
        old.failure_reason = Some(REASON.to_owned());
        Case::direct().with(|facts| facts.communication = known(vec![old])).passes(&RULE);
    }
}
