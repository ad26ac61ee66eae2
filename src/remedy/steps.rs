//! The steps that remedies are made of: exact commands, with what is known filled in and `<placeholders>` for the rest.
//!
//! A value of a device or an inventory stands in a command only where it is one harmless word; else the placeholder stays.

use super::{Mode, Step};
use crate::facts::{Facts, Reporting};
use crate::finding::Finding;
use crate::inventory::{Expectations, Platform, Topology};
use crate::rules::url::{self, Url};
use crate::rules::{Subject, situation};

pub(super) fn configure(line: impl Into<String>) -> Step {
    Step::new(Mode::Configure, line)
}

pub(super) fn exec(line: impl Into<String>) -> Step {
    Step::new(Mode::Exec, line)
}

pub(super) fn manual(line: impl Into<String>) -> Step {
    Step::new(Mode::Manual, line)
}

pub(super) fn verify(line: impl Into<String>) -> Step {
    Step::new(Mode::Verify, line)
}

/// The finding's own next step, for what is not done by commands.
pub(super) fn told(finding: &Finding) -> Vec<Step> {
    vec![manual(finding.problem.next_step.clone().unwrap_or_default())]
}

/// True where the finding itself points at the clock.
pub(super) fn points_to_clock(finding: &Finding) -> bool {
    finding.problem.next_step.as_deref().is_some_and(|step| step.starts_with("ntp server"))
}

/// A text as a word of a command, where it is one.
pub(super) fn word(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "._:/-[]~%+=&@,".contains(c);
    let is_short = !text.is_empty() && text.len() <= 180;
    (is_short && text.chars().all(is_harmless) && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
        .then_some(text)
}

/// `vrf NAME ` where licensing uses one, else nothing.
fn vrf(facts: &Facts) -> String {
    // What the inventory expects is no matter for it.
    let expected = Expectations::default();
    let found = Reporting::new(facts, &expected).vrf.unwrap_or_default().and_then(word);
    found.map(|vrf| format!("vrf {vrf} ")).unwrap_or_default()
}

/// A clock that NTP sets.
pub(super) fn ntp(facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    let servers = facts.ntp_servers.value().map(Vec::as_slice).unwrap_or_default();
    if !servers.is_empty() {
        steps.push(manual(format!(
            "configured already: {}; look with show ntp associations why none is followed before adding another",
            servers.join(", ")
        )));
    }
    steps.push(configure(format!("ntp server {}<ntp-server> version 2 prefer", vrf(facts))));
    steps.push(verify("show ntp status: Clock is synchronized"));
    steps.push(verify("show license tech support: Clock sync-ed with NTP: True"));
    steps
}

/// Smart transport, to the expected URL or the vendor's.
pub(super) fn smart(expected: &Expectations) -> Vec<Step> {
    let wanted = expected.url.as_deref().filter(|url| !url.contains("/cslu/")).unwrap_or(url::SMART);
    vec![
        configure("license smart transport smart"),
        configure(format!("license smart url smart {}", word(wanted).unwrap_or("<smart-url>"))),
        verify("show license status: Transport, URL"),
    ]
}

/// Transport cslu: the expected URL, else the form of the topology with the host of `present` where it has one.
pub(super) fn cslu(facts: &Facts, expected: &Expectations, on_prem: bool, present: Option<&str>) -> Vec<Step> {
    let wanted = expected.url.iter().chain(&expected.urls).find(|url| url.contains("/cslu/v1/pi"));
    let on_prem =
        on_prem || matches!(Subject::new(facts, expected).topology(), Ok(Topology::OnPremPush | Topology::OnPremPull));
    let mut steps = Vec::new();
    let address = if let Some(wanted) = wanted.and_then(|url| word(url)) {
        wanted.to_owned()
    } else {
        let present = present.and_then(Url::parse).filter(|url| word(url.host).is_some());
        if on_prem {
            steps.push(manual("copy the transport URL, with its tenant, from the SSM On-Prem page"));
        }
        if let Some(url) = &present {
            steps.push(manual(format!("the host {} is the one configured now; check it", url.host)));
        }
        let is_http = present.is_some_and(|url| url.scheme.eq_ignore_ascii_case("http"));
        let host =
            present.map(|url| if url.host.contains(':') { format!("[{}]", url.host) } else { url.host.to_owned() });
        if on_prem {
            let scheme = if is_http { "http" } else { "https" };
            format!("{scheme}://{}/cslu/v1/pi/<tenant>", host.as_deref().unwrap_or("<on-prem-host>"))
        } else {
            let scheme = if present.is_some() && !is_http { "https" } else { "http" };
            format!("{scheme}://{}:8182/cslu/v1/pi", host.as_deref().unwrap_or("<cslu-host>"))
        }
    };
    steps.push(configure("license smart transport cslu"));
    steps.push(configure(format!("license smart url cslu {address}")));
    steps.push(verify("show license status: Transport, Cslu address"));
    steps
}

/// Call Home to CSSM, by the profile that is there.
pub(super) fn call_home(facts: &Facts, expected: &Expectations, subject: &str) -> Vec<Step> {
    let profiles = facts.call_home_profiles.value().map(Vec::as_slice).unwrap_or_default();
    let named = profiles.iter().find(|profile| profile.name == subject);
    let vendor = || profiles.iter().find(|profile| profile.name == "CiscoTAC-1");
    let profile = named.or_else(vendor).or(profiles.first());
    let name = profile.and_then(|profile| word(&profile.name)).unwrap_or("CiscoTAC-1");
    let wanted = expected.url.as_deref().map_or(url::CALL_HOME, |url| word(url).unwrap_or("<call-home-url>"));
    let mut steps = vec![
        configure("service call-home"),
        configure("call-home"),
        configure(format!(" profile \"{name}\"")),
        configure("  active"),
        configure("  reporting smart-licensing-data"),
        configure("  destination transport-method http"),
        configure(format!("  destination address http {wanted}")),
    ];
    let others: Vec<_> = profile
        .map(|profile| profile.urls.iter().filter(|url| *url != wanted).map(String::as_str).collect())
        .unwrap_or_default();
    if !others.is_empty() {
        steps.push(manual(format!(
            "the profile keeps its other address beside the new one; slaudit suggests no removal, so take it out by hand: {}",
            others.join(", ")
        )));
    }
    steps.push(verify(format!("show call-home profile all: {name} (status: ACTIVE), the destination URL")));
    steps
}

/// Names resolved: only what is not there.
pub(super) fn dns(facts: &Facts) -> Vec<Step> {
    let mut steps = Vec::new();
    if facts.dns_lookup_enabled.value() != Some(&true) {
        steps.push(configure("ip domain lookup"));
    }
    steps.push(configure(format!("ip name-server {}<name-server>", vrf(facts))));
    if !matches!(facts.dns_domain.value(), Some(Some(_))) {
        steps.push(configure("ip domain name <domain>"));
    }
    steps.push(verify(format!("ping {}<host of the URL>: the name is resolved", vrf(facts))));
    steps
}

/// CSLU found by its name, or named.
pub(super) fn discovery(facts: &Facts) -> Vec<Step> {
    let mut steps = dns(facts);
    steps.pop();
    let domain = facts.dns_domain.value().and_then(Option::as_deref).and_then(word).unwrap_or("<domain>");
    steps.push(manual(format!("on the name server: an entry cslu-local.{domain} with the address of the CSLU host")));
    steps.push(manual(
        "or, instead of all this: license smart transport cslu / license smart url cslu http://<cslu-host>:8182/cslu/v1/pi",
    ));
    steps.push(verify("ping cslu-local; show license all: Last ACK received"));
    steps
}

/// A trust code: `all` for a stack or a pair, `local` for one unit.
pub(super) fn trust(facts: &Facts, expected: &Expectations, force: bool) -> Vec<Step> {
    let account = expected
        .virtual_account
        .as_deref()
        .map_or_else(|| "for the right Virtual Account".to_owned(), |account| format!("for Virtual Account {account}"));
    let scope = match facts.udis.value().map(Vec::len) {
        // NX-OS takes neither word.
        _ if facts.platform.value() == Some(&Platform::NxOs) => "",
        Some(0 | 1) => " local",
        _ => " all",
    };
    let check = if force { "check in CSSM that the device is in the right Virtual Account; " } else { "" };
    vec![
        manual(format!("{check}create a token in CSSM {account}")),
        exec(format!("license smart trust idtoken <token>{scope}{}", if force { " force" } else { "" })),
        verify("show license status: Trust Code Installed, every unit"),
    ]
}

/// The trustpoint towards SSM On-Prem.
pub(super) fn on_prem_trustpoint() -> Vec<Step> {
    vec![
        configure("crypto pki trustpoint SLA-TrustPoint"),
        configure(" enrollment terminal"),
        configure(" revocation-check none"),
        verify("show crypto pki trustpoints status"),
    ]
}

/// The client certificate of TLS to CSSM.
pub(super) fn client_certificate() -> Vec<Step> {
    vec![
        configure("ip http client secure-trustpoint SLA-TrustPoint"),
        verify("show license tech support: no new Failure Reason"),
    ]
}

/// A report brought to CSSM and its ACK back.
pub(super) fn report(facts: &Facts, expected: &Expectations) -> Vec<Step> {
    let sync = || exec("license smart sync all");
    let mut steps = match Subject::new(facts, expected).topology() {
        Ok(Topology::Direct | Topology::CsluPush) => vec![sync()],
        Ok(Topology::OnPremPush) => vec![sync(), manual("then in SSM On-Prem: synchronise with CSSM")],
        Ok(Topology::CsluOffline) => {
            vec![sync(), manual("then export from CSLU, upload to CSSM, import the ACK into CSLU")]
        }
        Ok(Topology::Offline) => vec![
            exec("license smart save usage all file bootflash:<name>"),
            manual("copy the file to a workstation, upload it to CSSM, download the ACK, copy it to bootflash:"),
            exec("license smart import bootflash:<ack-file>"),
        ],
        Ok(Topology::CsluPull | Topology::OnPremPull | Topology::Controller) | Err(_) => {
            vec![manual(crate::rules::report_step(Subject::new(facts, expected)))]
        }
    };
    steps.push(verify("show license status: Last ACK received, Next ACK deadline"));
    steps
}

/// Authorization codes for exactly the units of this device.
pub(super) fn authorization(facts: &Facts, expected: &Expectations, by_file: bool) -> Vec<Step> {
    let units = facts.udis.value().map(Vec::as_slice).unwrap_or_default();
    let mut steps: Vec<_> = units
        .iter()
        .map(|unit| manual(format!("unit: {}", situation::unit_name(&unit.role, &unit.pid, &unit.serial))))
        .collect();
    let is_direct = matches!(Subject::new(facts, expected).topology(), Ok(Topology::Direct));
    let scope = if units.len() == 1 { "local" } else { "all" };
    if is_direct && !by_file {
        steps.push(exec(format!("license smart authorization request add <feature> {scope}")));
        steps.push(manual(
            "or by file: make the codes in CSSM for exactly these units, copy the file, license smart import",
        ));
    } else {
        steps.push(manual(
            "make the codes in CSSM for exactly these units; compare the file with slaudit slac; copy it to bootflash:",
        ));
        steps.push(exec("license smart import bootflash:<slac-file>"));
    }
    steps.push(verify("show license authorization: SMART AUTHORIZATION INSTALLED, every unit"));
    steps
}
