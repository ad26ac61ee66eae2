//! `pull-server-inactive`: CSLU or SSM On-Prem fetches the reports, and the device's HTTPS server cannot answer. Reads
//! `http.sl_http_active`, `http.server_enabled`, `http.secure_server_enabled`, `http.secure_server_trustpoint`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "pull-server-inactive",
    category: Category::Reach,
    severity: Severity::High,
    severity_note: "info where only plain HTTP is disabled",
    title: "The HTTPS server that reports are fetched from is not ready",
    why: "Where CSLU or SSM On-Prem fetches, the device is the server: without its HTTPS server, a valid trustpoint for it and the \
          module SL_HTTP nobody can fetch anything.",
    reads: "show ip http server session-module or show ip http server all: HTTP server status, HTTP secure server status, HTTP \
            secure server trustpoint, and the row SL_HTTP of the session modules.",
    healthy: "Secure server enabled with a trustpoint that exists, SL_HTTP active. That reports are fetched only the inventory can \
              say (topology cslu-pull or onprem-pull).",
    source: "Troubleshooting guide, COMM_FAILED: CSLU-initiated and SSM On-Prem-initiated communication.",
    remedy: |device, _| remedies::plain(device, &[&steps::HTTP_SERVER, &steps::HTTP_USER, &steps::OPEN_DEVICE]),
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if !device.expected.topology.is_some_and(crate::inventory::Topology::is_pull) {
        return not_applicable("nothing fetches the reports of this device");
    }
    let mut checks = Checks::default();
    let off = |severity, fact: &Fact<bool>, what: &str, observed: &str, right: &str| {
        Problem::new(severity, observed, right).about(what).proved_by(fact.evidence())
    };
    checks.ask(&device.facts.sl_http_active, |active| {
        let (fact, right) = (&device.facts.sl_http_active, "secure status of SL_HTTP: Active");
        (!active).then(|| off(Severity::High, fact, "SL_HTTP", "secure status of SL_HTTP: Inactive", right))
    });
    checks.ask(&device.facts.http_secure_server_enabled, |enabled| {
        let (fact, right) = (&device.facts.http_secure_server_enabled, "HTTP secure server: Enabled");
        (!enabled).then(|| off(Severity::High, fact, "HTTP secure server", "HTTP secure server: Disabled", right))
    });
    checks.ask(&device.facts.http_server_enabled, |enabled| {
        let (fact, right) = (&device.facts.http_server_enabled, "HTTP server: Enabled, where CSLU fetches over http");
        (!enabled).then(|| off(Severity::Info, fact, "HTTP server", "HTTP server: Disabled", right))
    });
    match device.facts.http_secure_server_trustpoint.get() {
        Err(why) => checks.miss(why),
        Ok(None) => {}
        Ok(Some(name)) => match standing(name, device) {
            Standing::Valid => {}
            Standing::Untold => checks.miss(&Unknown::Absent),
            Standing::Invalid => {
                let observed = format!("secure server trustpoint {name}");
                let problem = device.problem(observed, "a trustpoint that exists").about("secure server trustpoint");
                checks.fail(problem.proved_by(device.facts.http_secure_server_trustpoint.evidence()));
            }
        },
    }
    checks.answer()
}

/// What is known about a trustpoint by its name.
enum Standing {
    Valid,
    Invalid,
    Untold,
}

/// A self-signed trustpoint is made by the device itself; another one has to be among those that the device lists.
fn standing(name: &str, device: Subject<'_>) -> Standing {
    if name.eq_ignore_ascii_case("INVALID_TP") {
        return Standing::Invalid;
    }
    if name.starts_with("TP-self-signed-") || name.eq_ignore_ascii_case("SLA-TrustPoint") {
        return Standing::Valid;
    }
    let Some(points) = device.facts.trustpoints.value() else { return Standing::Untold };
    if points.iter().any(|point| point.name.eq_ignore_ascii_case(name)) {
        Standing::Valid
    } else if points.iter().any(|point| !point.name.eq_ignore_ascii_case("SLA-TrustPoint")) {
        Standing::Invalid
    } else {
        // A list that holds the licence trustpoint only was asked for that one: it proves nothing about others.
        Standing::Untold
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, known, refused, text};

    fn pulled() -> Case {
        let case = Case::cslu("").expecting(|expect| expect.topology = Some(Topology::CsluPull));
        case.with(|facts| {
            facts.sl_http_active = known(true);
            facts.http_server_enabled = known(true);
            facts.http_secure_server_enabled = known(true);
            facts.http_secure_server_trustpoint = text("TP-self-signed-1234567890");
        })
    }

    #[test]
    fn fails_without_sl_http() {
        assert_eq!(pulled().with(|facts| facts.sl_http_active = known(false)).fails(&RULE).subject, "SL_HTTP");
    }

    #[test]
    fn fails_without_the_secure_server() {
        pulled().with(|facts| facts.http_secure_server_enabled = known(false)).fails(&RULE);
    }

    #[test]
    fn fails_on_an_invalid_trustpoint_though_sl_http_is_active() {
        let case = pulled().with(|facts| {
            facts.http_server_enabled = known(false);
            facts.http_secure_server_trustpoint = text("INVALID_TP");
        });
        let problems = case.fails_with(&RULE);
        let severities: Vec<_> = problems.iter().map(|problem| problem.severity).collect();
        assert_eq!(severities, [Severity::Info, Severity::High]);
    }

    #[test]
    fn fails_on_a_trustpoint_that_does_not_exist() {
        let case = pulled().with(|facts| {
            facts.http_secure_server_trustpoint = text("corporate");
            let mut points = facts.trustpoints.value().cloned().unwrap_or_default();
            points.push(crate::facts::Trustpoint { name: "other".to_owned(), ..crate::facts::Trustpoint::default() });
            facts.trustpoints = known(points);
        });
        assert_eq!(case.fails(&RULE).subject, "secure server trustpoint");
    }

    #[test]
    fn passes_when_ready() {
        pulled().passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        pulled().with(|facts| facts.http_secure_server_enabled = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_where_the_trustpoints_are_not_listed() {
        pulled().with(|facts| facts.http_secure_server_trustpoint = text("corporate")).unknown(&RULE);
    }

    #[test]
    fn not_applicable_to_a_device_that_sends() {
        Case::cslu("").with(|facts| facts.sl_http_active = known(false)).not_applicable(&RULE);
        Case::direct().not_applicable(&RULE);
    }
}
