//! Which steps cure a problem on this device: by its topology and platform, with what is known of it filled in.
//!
//! A value of a device or an inventory stands in a command only where it is one harmless word; else the placeholder stays.

use crate::failure::FailureClass;
use crate::finding::Problem;
use crate::inventory::{Platform, Topology};
use crate::remedy::{self, Step, Template, steps};
use crate::rules::Subject;
use crate::rules::url::{self, Url};

/// A problem with the steps that cure it, and with the one that keeps a changed configuration.
pub(super) fn filled(device: Subject<'_>, mut problem: Problem) -> Problem {
    if problem.steps.is_empty() {
        problem.steps = (device.rule.remedy)(device, &problem);
    }
    problem.steps = remedy::kept(problem.steps);
    problem
}

/// A text as a word of a command, where it is one.
pub(super) fn word(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || "._:/-[]~%+=&@,".contains(c);
    let is_short = !text.is_empty() && text.len() <= 180;
    (is_short && text.chars().all(is_harmless) && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['))
        .then_some(text)
}

impl Subject<'_> {
    fn platform(self) -> Option<Platform> {
        self.facts.platform.value().copied()
    }

    /// A step for the platform of the device, with its VRF and the host it reports to.
    pub(super) fn step(self, template: &Template) -> Step {
        let mut step = template.step_on(self.platform());
        if let Some(vrf) = self.vrf() {
            step = step.with("[vrf <vrf>] ", &vrf);
        }
        match self.host_in_use().ok().and_then(word) {
            Some(host) => step.with("<host>", host),
            None => step,
        }
    }

    /// A step that is a choice, with its condition.
    pub(super) fn choice(self, template: &Template) -> Step {
        self.step(template).when(template.condition)
    }

    /// `vrf NAME ` where licensing uses one, nothing where it is known to use none; `None` where that is not known.
    fn vrf(self) -> Option<String> {
        let named = self.reporting.vrf.ok()?;
        Some(named.and_then(word).map(|vrf| format!("vrf {vrf} ")).unwrap_or_default())
    }

    fn is_on_prem(self) -> bool {
        matches!(self.topology(), Ok(Topology::OnPremPush | Topology::OnPremPull))
    }
}

/// Steps that need nothing of the device but what every step gets.
pub(super) fn plain(device: Subject<'_>, templates: &[&Template]) -> Vec<Step> {
    templates.iter().map(|template| device.step(template)).collect()
}

/// A step before others.
pub(super) fn before(first: Step, others: Vec<Step>) -> Vec<Step> {
    std::iter::once(first).chain(others).collect()
}

/// A clock that NTP sets.
pub(super) fn clock(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let servers = device.facts.ntp_servers.value().map(Vec::as_slice).unwrap_or_default();
    let mut all = Vec::new();
    if !servers.is_empty() {
        all.push(device.step(&steps::NTP_CONFIGURED).with("<servers>", &servers.join(", ")));
    }
    all.push(device.step(&steps::NTP_SERVER));
    all
}

/// Smart transport, to the expected URL or the vendor's.
pub(super) fn smart(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let wanted = device.expected.url.as_deref().filter(|url| !url.contains("/cslu/")).unwrap_or(url::SMART);
    vec![device.step(&steps::TRANSPORT_SMART).with(url::SMART, word(wanted).unwrap_or("<smart-url>"))]
}

/// Transport cslu, to CSLU or to SSM On-Prem as the topology is.
pub(super) fn cslu(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    cslu_at(device, device.is_on_prem(), device.facts.cslu_address.value().and_then(Option::as_deref))
}

/// Transport cslu with a tenant of SSM On-Prem.
pub(super) fn on_prem(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    cslu_at(device, true, device.facts.cslu_address.value().and_then(Option::as_deref))
}

/// Transport cslu: the expected URL, else the form of the topology with the host of `present` where it has one.
pub(super) fn cslu_at(device: Subject<'_>, on_prem: bool, present: Option<&str>) -> Vec<Step> {
    let (template, host, path) = if on_prem {
        (&steps::TRANSPORT_ON_PREM, "https://<on-prem-host>", "/cslu/v1/pi/<tenant>")
    } else {
        (&steps::TRANSPORT_CSLU, "http://<cslu-host>", ":8182/cslu/v1/pi")
    };
    let step = device.step(template);
    let wanted = device.expected.url.iter().chain(&device.expected.urls).find(|url| url.contains("/cslu/v1/pi"));
    if let Some(wanted) = wanted.and_then(|url| word(url)) {
        return vec![step.with(&format!("{host}{path}"), wanted)];
    }
    let mut all = Vec::new();
    let present = present.and_then(Url::parse).filter(|url| word(url.host).is_some());
    if on_prem {
        all.push(device.step(&steps::ON_PREM_URL));
    }
    let Some(url) = present else {
        all.push(step);
        return all;
    };
    all.push(steps::CONFIGURED_HOST.step().with("<host>", url.host));
    let scheme = if url.scheme.eq_ignore_ascii_case("http") { "http" } else { "https" };
    let name = if url.host.contains(':') { format!("[{}]", url.host) } else { url.host.to_owned() };
    all.push(step.with(host, &format!("{scheme}://{name}")));
    all
}

/// Call Home to CSSM, by the profile that is there.
pub(super) fn call_home(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let profiles = device.facts.call_home_profiles.value().map(Vec::as_slice).unwrap_or_default();
    let named = profiles.iter().find(|profile| profile.name == problem.subject);
    let vendor = || profiles.iter().find(|profile| profile.name == "CiscoTAC-1");
    let profile = named.or_else(vendor).or(profiles.first());
    let name = profile.and_then(|profile| word(&profile.name)).unwrap_or("CiscoTAC-1");
    let wanted = device.expected.url.as_deref().map_or(url::CALL_HOME, |url| word(url).unwrap_or("<call-home-url>"));
    let others = profile.map(|profile| profile.urls.iter().filter(|url| *url != wanted).map(String::as_str).collect());
    let others: Vec<_> = others.unwrap_or_default();
    let step = device.step(&steps::CALL_HOME_PROFILE).with("CiscoTAC-1", name).with(url::CALL_HOME, wanted);
    let mut all = vec![step];
    if !others.is_empty() {
        all.push(device.step(&steps::CALL_HOME_OTHER_URL).with("<urls>", &others.join(", ")));
    }
    all
}

/// Names resolved: only what is not there.
pub(super) fn names(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let mut all = name_server(device, problem);
    all.push(device.step(&steps::RESOLVED));
    all
}

fn name_server(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let mut all = Vec::new();
    if device.facts.dns_lookup_enabled.value() != Some(&true) {
        all.push(device.step(&steps::DOMAIN_LOOKUP));
    }
    all.push(device.step(&steps::NAME_SERVER));
    if !matches!(device.facts.dns_domain.value(), Some(Some(_))) {
        all.push(device.step(&steps::DOMAIN_NAME));
    }
    all
}

/// CSLU found by its name, or named.
pub(super) fn discovery(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let mut all = name_server(device, problem);
    let domain = device.facts.dns_domain.value().and_then(Option::as_deref).and_then(word).unwrap_or("<domain>");
    all.push(device.step(&steps::CSLU_DNS_ENTRY).with("<domain>", domain));
    all.push(device.step(&steps::TRANSPORT_CSLU).when("or, instead of all this"));
    all.push(device.step(&steps::CSLU_FOUND));
    all
}

/// A first trust code.
pub(super) fn trust(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    trust_code(device, &[&steps::NEW_TOKEN], &steps::TRUST_CODE)
}

/// A trust code in place of another one.
pub(super) fn trust_again(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    trust_code(device, &[&steps::CHECK_ACCOUNT, &steps::NEW_TOKEN], &steps::TRUST_CODE_AGAIN)
}

/// A trust code: `all` for a stack or a pair, `local` for one unit; NX-OS takes neither word.
fn trust_code(device: Subject<'_>, before: &[&Template], template: &Template) -> Vec<Step> {
    let account = device.expected.virtual_account.as_deref();
    let mut all = plain(device, before);
    if let (Some(token), Some(account)) = (all.last_mut(), account) {
        *token = token.clone().with("the right Virtual Account", &format!("Virtual Account {account}"));
    }
    let step = device.step(template);
    all.push(match device.facts.udis.value().map(Vec::len) {
        _ if device.platform() == Some(Platform::NxOs) => step.with("<token> all", "<token>"),
        Some(0 | 1) => step.with("<token> all", "<token> local"),
        _ => step,
    });
    all
}

/// A report brought to CSSM and its ACK back.
pub(super) fn report(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let by_file: [&Template; 3] = [&steps::SAVE_REPORT, &steps::UPLOAD_REPORT, &steps::IMPORT_ACK];
    match device.topology() {
        Ok(Topology::Direct | Topology::CsluPush) => plain(device, &[&steps::SYNC]),
        Ok(Topology::OnPremPush) => plain(device, &[&steps::SYNC, &steps::ON_PREM_SYNC]),
        Ok(Topology::CsluPull) => plain(device, &[&steps::CSLU_COLLECT]),
        Ok(Topology::OnPremPull) => plain(device, &[&steps::ON_PREM_COLLECT, &steps::ON_PREM_SYNC]),
        Ok(Topology::Controller) => plain(device, &[&steps::CONTROLLER_REPORT]),
        Ok(Topology::CsluOffline) => plain(device, &[&steps::SYNC, &steps::CSLU_EXPORT]),
        Ok(Topology::Offline) => plain(device, &by_file),
        Err(_) => {
            let mut all = plain(device, &[&steps::SYNC]);
            let mut files = plain(device, &by_file);
            files[0] = files[0].clone().when("without a transport");
            all.append(&mut files);
            all
        }
    }
}

/// Authorization codes for exactly the units of this device: requested where the device reports directly, else by file.
pub(super) fn authorization(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    match device.topology() {
        Ok(Topology::Direct) => {
            let mut all = units(device);
            let request = device.step(&steps::REQUEST_CODE);
            let is_one = device.facts.udis.value().is_some_and(|units| units.len() == 1);
            all.push(if is_one { request.with("<feature> all", "<feature> local") } else { request });
            all.push(device.step(&steps::MAKE_CODES).when("or by file"));
            all
        }
        _ => codes_by_file(device, problem),
    }
}

/// Authorization codes by file.
pub(super) fn codes_by_file(device: Subject<'_>, _: &Problem) -> Vec<Step> {
    let mut all = units(device);
    all.extend(plain(device, &[&steps::COMPARE_UDIS, &steps::MAKE_CODES, &steps::IMPORT_CODES]));
    all
}

fn units(device: Subject<'_>) -> Vec<Step> {
    let units = device.facts.udis.value().map(Vec::as_slice).unwrap_or_default();
    let name = |unit: &crate::facts::Udi| super::situation::unit_name(&unit.role, &unit.pid, &unit.serial);
    let names: Vec<_> = units.iter().map(name).collect();
    if names.is_empty() { Vec::new() } else { vec![steps::UNITS.step().with("<units>", &names.join("; "))] }
}

/// The trustpoint for TLS with the server: of the HTTP client towards CSSM, with its revocation check towards SSM On-Prem.
fn certificate(device: Subject<'_>) -> Vec<Step> {
    // The guide: a client certificate is asked for where the device is connected to CSSM itself.
    let template: &Template = match device.topology() {
        _ if device.is_on_prem() => &steps::ON_PREM_TRUSTPOINT,
        Ok(Topology::Direct) => &steps::CLIENT_TRUSTPOINT,
        _ => &steps::SERVER_CERTIFICATE,
    };
    plain(device, &[template])
}

/// What to look at where a channel fails, by the class of the failure.
pub(super) fn communication(device: Subject<'_>, problem: &Problem) -> Vec<Step> {
    let all = match problem.class {
        Some(FailureClass::Dns | FailureClass::Timeout) | None if device.needs_discovery().is_ok() => {
            return discovery(device, problem);
        }
        Some(FailureClass::Dns) => return names(device, problem),
        Some(FailureClass::Identity) => return trust_again(device, problem),
        Some(FailureClass::Time) => return clock(device, problem),
        Some(FailureClass::Tls) => certificate(device),
        Some(FailureClass::Http | FailureClass::Transport) => plain(device, &[&steps::SERVICE_UP]),
        Some(FailureClass::Throttled) => plain(device, &[&steps::RATE_LIMIT, &steps::SYNC]),
        Some(FailureClass::Udi) => plain(device, &[&steps::COMPARE_UDIS, &steps::SYNC]),
        Some(FailureClass::Internal) => plain(device, &[&steps::SYNC, &steps::SUPPORT]),
        Some(FailureClass::Server) => plain(device, &[&steps::SERVER_LOG, &steps::SYNC, &steps::SUPPORT]),
        Some(FailureClass::Refused) => plain(device, &[&steps::SERVICE_LISTENS]),
        Some(FailureClass::Timeout) | None => plain(device, &[&steps::ROUTE]),
    };
    all.into_iter().chain(plain(device, &[&steps::FAILURES_GONE])).collect()
}

#[cfg(test)]
mod tests;
