//! `onprem-tenant-missing`: an SSM On-Prem address without its tenant, or with another one than expected. Reads
//! `transport.type` and `transport.cslu_address`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "onprem-tenant-missing",
    category: Category::Transport,
    core: true,
    severity: Severity::High,
    title: "SSM On-Prem address without its tenant",
    why: "SSM On-Prem finds the local account by the last part of the path. Without it the address is neither SSM On-Prem's nor, \
          for want of port 8182, CSLU's.",
    reads: "show license status, show license all or show license tech support: Transport, Cslu address.",
    healthy: "http(s)://<host>/cslu/v1/pi/<tenant>, with the tenant that the inventory expects, where it names one. The default \
              local account is on-prem-default.",
    source: "Troubleshooting guide, COMM_FAILED: SSM On-Prem not reachable.",
    remedy: remedies::on_prem,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    device.needs_type(TransportType::Cslu)?;
    let address = device.facts.cslu_address.get()?.as_deref().unwrap_or_default();
    let wanted =
        device.expected.url.as_deref().filter(|url| matches!(url::cslu_address(Some(url)), CsluAddress::OnPrem { .. }));
    let observed = match (url::cslu_address(Some(address)), wanted) {
        _ if device.expected.accepts_url(address) => return Ok(Vec::new()),
        (CsluAddress::TenantMissing, _) => format!("{address} (neither a tenant nor port 8182)"),
        (found @ CsluAddress::OnPrem { .. }, Some(wanted)) => {
            if found == url::cslu_address(Some(wanted)) || !url::same_server(address, wanted) {
                return Ok(Vec::new());
            }
            format!("{address} (another tenant than expected)")
        }
        (CsluAddress::OnPrem { .. }, None) => return Ok(Vec::new()),
        _ => return not_applicable("no SSM On-Prem address"),
    };
    let right = wanted.unwrap_or("https://<host>/cslu/v1/pi/<tenant>");
    Ok(vec![device.problem(observed, right).proved_by(device.facts.cslu_address.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, refused};

    #[test]
    fn fails_without_a_tenant() {
        Case::cslu("https://ssm.example.com/cslu/v1/pi").fails(&RULE);
        Case::cslu("https://ssm.example.com:443/cslu/v1/pi").fails(&RULE);
    }

    #[test]
    fn fails_on_another_tenant() {
        let wanted = "https://ssm.example.com/cslu/v1/pi/campus-2";
        let problem = Case::on_prem().expecting(|expect| expect.url = Some(wanted.to_owned())).fails(&RULE);
        assert_eq!(problem.expected, wanted);
    }

    #[test]
    fn passes_with_a_tenant() {
        Case::on_prem().passes(&RULE);
    }

    #[test]
    fn passes_where_another_server_is_the_problem() {
        let wanted = "https://other.example.com/cslu/v1/pi/campus-2";
        Case::on_prem().expecting(|expect| expect.url = Some(wanted.to_owned())).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::on_prem().with(|facts| facts.cslu_address = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_to_cslu() {
        Case::cslu("http://192.0.2.1:8182/cslu/v1/pi").not_applicable(&RULE);
        Case::cslu("").not_applicable(&RULE);
        Case::direct().not_applicable(&RULE);
    }
}
