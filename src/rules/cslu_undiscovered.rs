//! `cslu-undiscovered`: transport cslu without an address, and no CSLU was ever found. Reads `transport.type`,
//! `transport.cslu_address`, `reporting.last_ack` and the channel Hello Message.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "cslu-undiscovered",
    category: Category::Transport,
    severity: Severity::Medium,
    severity_note: "high where the ACK deadline is past or within 30 days",
    title: "No CSLU was found",
    why: "Without an address the device looks for the name cslu-local. Nobody answered: this is how every device stands that was \
          never given a transport, and it will miss its deadline.",
    reads: "Transport, Cslu address and Usage Reporting, Last ACK received of show license status or show license all; Hello \
            Message of show license tech support.",
    healthy: "A recent ACK, or a hello that CSLU answered. A set address, and reports that CSLU, SSM On-Prem or a controller \
              fetches, are other rules' matter.",
    source: "Troubleshooting guide, COMM_FAILED: CSLU not reachable, zero-touch discovery.",
    remedy: remedies::discovery,
    explained_by: &["dns-server-missing", "dns-domain-missing"],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_discovery()?;
    let hello = device.channel("hello_message");
    let observed = match device.facts.last_ack.get()? {
        None if hello.is_some_and(|hello| hello.success > 0 && hello.ongoing_overall == 0) => return Ok(Vec::new()),
        None => "no address, and never an ACK".to_owned(),
        Some(_) if device.has_fresh_ack()? => return Ok(Vec::new()),
        Some(ack) => {
            device.facts.communication.get()?;
            match hello {
                Some(hello) if hello.ongoing_overall > 0 => {
                    format!("no address, last ACK {}, hello: {}", ack.text, failure::described(hello))
                }
                _ => return Ok(Vec::new()),
            }
        }
    };
    let near = device.deadline_is_near();
    let severity = if near { Severity::High } else { Severity::Medium };
    let problem = Problem::new(severity, observed, "a CSLU that is found by its name, or its address");
    Ok(vec![problem.proved_by(device.facts.cslu_address.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Topology;
    use crate::rules::case::{Case, channel, dated, failing, known, refused};

    #[test]
    fn fails_without_any_ack() {
        let case = Case::cslu("").with(|facts| facts.last_ack = known(None));
        assert_eq!(case.fails(&RULE).severity, Severity::Medium);
    }

    #[test]
    fn fails_worse_near_the_deadline() {
        let case = Case::cslu("").with(|facts| {
            facts.last_ack = known(None);
            facts.next_ack_deadline = dated("2025-07-01 12:00");
        });
        assert_eq!(case.fails(&RULE).severity, Severity::High);
    }

    #[test]
    fn fails_where_the_hello_fails_and_the_ack_is_old() {
        let case = Case::cslu("").with(|facts| {
            facts.last_ack = dated("2025-01-01 12:00");
            facts.communication = known(vec![failing("hello_message", "NO REPLY", "")]);
        });
        assert!(case.fails(&RULE).observed.contains("30 failures"));
    }

    #[test]
    fn passes_with_an_answered_hello() {
        Case::cslu("")
            .with(|facts| {
                facts.last_ack = known(None);
                facts.communication = known(vec![channel("hello_message")]);
            })
            .passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::cslu("").with(|facts| facts.last_ack = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_without_counters_and_with_an_old_ack() {
        Case::cslu("")
            .with(|facts| {
                facts.last_ack = dated("2025-01-01 12:00");
                facts.communication = refused();
            })
            .unknown(&RULE);
    }

    #[test]
    fn not_applicable_elsewhere() {
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").not_applicable(&RULE);
        Case::cslu("").expecting(|expect| expect.topology = Some(Topology::CsluPull)).not_applicable(&RULE);
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn trap_a_fresh_ack_means_that_a_cslu_was_found() {
        // cslu, empty address, next push a minute ago, trust codes of an earlier direct connection.
        let case = Case::cslu("").with(|facts| {
            facts.next_push = dated("2025-06-17 11:59");
            facts.trust_codes = Case::stack().facts.trust_codes;
        });
        case.passes(&RULE);
    }
}
