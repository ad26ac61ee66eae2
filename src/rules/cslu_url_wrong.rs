//! `cslu-url-wrong`: transport cslu with an address that is neither CSLU's nor SSM On-Prem's, or not the expected one. Reads
//! `transport.type` and `transport.cslu_address`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "cslu-url-wrong",
    category: Category::Transport,
    core: true,
    severity: Severity::High,
    title: "Wrong address of CSLU or SSM On-Prem",
    why: "CSLU listens on port 8182 under one path, SSM On-Prem under the same path with a tenant behind it; at any other address \
          nobody takes the reports.",
    reads: "show license status, show license all or show license tech support: Transport, Cslu address.",
    healthy: "http(s)://<host>:8182/cslu/v1/pi for CSLU, http(s)://<host>/cslu/v1/pi/<tenant> for SSM On-Prem, or the URL that the \
              inventory expects. An empty address means discovery, which has a rule of its own.",
    source: "Troubleshooting guide, COMM_FAILED: CSLU not reachable, SSM On-Prem not reachable.",
    remedy: remedies::cslu,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_type(TransportType::Cslu)?;
    let address = device.facts.cslu_address.get()?.as_deref().unwrap_or_default();
    if device.expected.accepts_url(address) {
        return Ok(Vec::new());
    }
    let observed = match url::cslu_address(Some(address)) {
        CsluAddress::Empty => return not_applicable("no address is set: the device looks for cslu-local"),
        CsluAddress::TenantMissing => return not_applicable("onprem-tenant-missing judges this address"),
        CsluAddress::Wrong(fault) => format!("{address} ({fault})"),
        CsluAddress::Cslu | CsluAddress::OnPrem { .. } => match device.expected.url.as_deref() {
            Some(wanted) if url::is_cslu_form(wanted) && !url::same_server(address, wanted) => {
                format!("{address} (another server than expected)")
            }
            _ => return Ok(Vec::new()),
        },
    };
    let right =
        device.expected.url.as_deref().unwrap_or("http://<host>:8182/cslu/v1/pi or https://<host>/cslu/v1/pi/<tenant>");
    let problem = device.problem(observed, right).proved_by(device.facts.cslu_address.evidence());
    Ok(vec![problem])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, refused};

    #[test]
    fn fails_without_slashes() {
        Case::cslu("http:192.0.2.1:8182/cslu/v1/pi").fails(&RULE);
    }

    #[test]
    fn fails_on_another_port() {
        let problem = Case::cslu("http://192.0.2.1:8181/cslu/v1/pi").fails(&RULE);
        assert!(problem.observed.contains("8182"), "{}", problem.observed);
    }

    #[test]
    fn fails_on_another_path() {
        Case::cslu("http://192.0.2.1:8182/cslu/v2/pi").fails(&RULE);
    }

    #[test]
    fn fails_on_another_server_than_expected() {
        let wanted = "http://192.0.2.9:8182/cslu/v1/pi";
        let case = Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").expecting(|e| e.url = Some(wanted.to_owned()));
        let problem = case.fails(&RULE);
        assert_eq!(problem.expected, wanted);
        assert!(problem.next_step().contains(wanted));
    }

    #[test]
    fn passes_on_both_forms() {
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").passes(&RULE);
        Case::cslu("http://ssm.example.com/cslu/v1/pi/on-prem-default").passes(&RULE);
    }

    #[test]
    fn passes_on_an_accepted_address() {
        let gateway = "http://gateway.example.com/anything";
        Case::cslu(gateway).expecting(|expect| expect.urls = vec![gateway.to_owned()]).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::cslu("").with(|facts| facts.cslu_address = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_elsewhere() {
        Case::cslu("").not_applicable(&RULE);
        Case::cslu("https://ssm.example.com/cslu/v1/pi").not_applicable(&RULE);
        Case::direct().not_applicable(&RULE);
    }

    #[test]
    fn trap_http_and_https_are_both_right() {
        let case = Case::cslu("https://ssm.example.com/cslu/v1/pi/campus-1");
        case.expecting(|e| e.url = Some("http://SSM.example.com/cslu/v1/pi/campus-1".to_owned())).passes(&RULE);
    }
}
