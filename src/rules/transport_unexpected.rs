//! `transport-unexpected`: the device reports another way than the operator expects. Reads `transport.type` and, for SSM
//! On-Prem, `transport.cslu_address`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "transport-unexpected",
    category: Category::Transport,
    severity: Severity::High,
    title: "Another transport than expected",
    why: "A device with the wrong transport reports to the wrong place or to none, however healthy it looks by itself.",
    reads: "show license status, show license all or show license tech support: Transport, Type; for SSM On-Prem the Cslu address.",
    healthy: "The type that the inventory (expect_transport) or the configuration names. SSM On-Prem is type cslu with a tenant in \
              the address.",
    source: "Troubleshooting guide, COMM_FAILED: the transport type of each topology.",
    remedy,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    let Some(wanted) = device.expected.transport else {
        return Err(Undecided::NotApplicable("no transport is expected"));
    };
    let found = *device.facts.transport_type.get()?;
    let right_type = match wanted {
        ExpectedTransport::Smart => TransportType::Smart,
        ExpectedTransport::Callhome => TransportType::Callhome,
        ExpectedTransport::Cslu | ExpectedTransport::OnPrem => TransportType::Cslu,
        ExpectedTransport::Off => TransportType::Off,
    };
    if found != right_type {
        return Ok(vec![problem(format!("transport {found}"), wanted, device)]);
    }
    if wanted != ExpectedTransport::OnPrem {
        return Ok(Vec::new());
    }
    let address = device.facts.cslu_address.get()?.as_deref().unwrap_or_default();
    let observed = match device.cslu_address()? {
        _ if device.expected.accepts_url(address) => return Ok(Vec::new()),
        CsluAddress::Cslu => format!("transport cslu with the address of a CSLU: {address}"),
        CsluAddress::Empty => "transport cslu without an address".to_owned(),
        // An address that is neither has rules of its own.
        _ => return Ok(Vec::new()),
    };
    Ok(vec![problem(observed, wanted, device)])
}

fn problem(observed: String, wanted: ExpectedTransport, device: Subject<'_>) -> Problem {
    let wanted = match wanted {
        ExpectedTransport::OnPrem => "transport cslu with the address of SSM On-Prem".to_owned(),
        other => format!("transport {other}"),
    };
    device.problem(observed, wanted).proved_by(device.facts.transport_type.evidence())
}

fn remedy(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    match device.expected.transport {
        Some(ExpectedTransport::Smart) => remedies::smart(device, problem),
        Some(ExpectedTransport::Callhome) => {
            remedies::before(device.step(&steps::TRANSPORT_CALL_HOME), remedies::call_home(device, problem))
        }
        Some(ExpectedTransport::Cslu) => remedies::cslu(device, problem),
        Some(ExpectedTransport::OnPrem) => remedies::cslu_at(device, true, None),
        Some(ExpectedTransport::Off) => remedies::plain(device, &[&steps::TRANSPORT_OFF]),
        None => remedies::plain(device, &[&steps::TRANSPORT_CHOOSE]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, refused};

    fn expecting(case: Case, transport: ExpectedTransport) -> Case {
        case.expecting(|expect| expect.transport = Some(transport))
    }

    #[test]
    fn fails_on_another_type() {
        let problem = expecting(Case::direct(), ExpectedTransport::Cslu).fails(&RULE);
        assert_eq!((problem.observed.as_str(), problem.expected.as_str()), ("transport smart", "transport cslu"));
    }

    #[test]
    fn fails_on_a_cslu_where_on_prem_is_expected() {
        expecting(Case::cslu("http://192.0.2.1:8182/cslu/v1/pi"), ExpectedTransport::OnPrem).fails(&RULE);
        expecting(Case::cslu(""), ExpectedTransport::OnPrem).fails(&RULE);
    }

    #[test]
    fn passes_on_the_expected_type() {
        expecting(Case::direct(), ExpectedTransport::Smart).passes(&RULE);
        expecting(Case::on_prem(), ExpectedTransport::OnPrem).passes(&RULE);
        expecting(Case::off(), ExpectedTransport::Off).passes(&RULE);
    }

    #[test]
    fn passes_on_an_accepted_address() {
        let address = "http://gateway.example.com:8182/cslu/v1/pi";
        expecting(Case::cslu(address), ExpectedTransport::OnPrem)
            .expecting(|expect| expect.urls = vec![address.to_owned()])
            .passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        let case = Case::direct().with(|facts| facts.transport_type = refused());
        expecting(case, ExpectedTransport::Smart).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_nothing_is_expected() {
        Case::direct().not_applicable(&RULE);
    }
}
