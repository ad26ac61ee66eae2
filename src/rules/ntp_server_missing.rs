//! `ntp-server-missing`: no NTP server is configured. Reads `ntp.servers` and `clock.ntp_synchronized`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "ntp-server-missing",
    category: Category::Clock,
    severity: Severity::Medium,
    generation: Generation::Any,
    title: "No NTP server is configured",
    why: "Without a server nothing sets the clock; it drifts, and starts at some old date after a power failure.",
    reads: "show running-config: ntp server, ntp peer; show ntp associations.",
    healthy: "At least one server or peer, or a clock that is synchronized another way.",
    source: "Troubleshooting guide: the ntp server command of every clock failure.",
    remedy: remedies::clock,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.facts.ntp_synchronized.value() == Some(&true) {
        return not_applicable("the clock is synchronized");
    }
    if !device.facts.ntp_servers.get()?.is_empty() {
        return Ok(Vec::new());
    }
    let problem = device.problem("no ntp server, no ntp peer", "at least one NTP server");
    Ok(vec![problem.proved_by(no_line(&device.facts.ntp_servers, "ntp server").as_ref())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused};

    fn unsynchronized() -> Case {
        Case::direct().with(|facts| facts.ntp_synchronized = known(false))
    }

    #[test]
    fn fails_without_a_server() {
        unsynchronized().with(|facts| facts.ntp_servers = known(Vec::new())).fails(&RULE);
    }

    #[test]
    fn passes_with_a_server() {
        unsynchronized().passes(&RULE);
    }

    #[test]
    fn unknown_where_the_configuration_is_refused() {
        unsynchronized().with(|facts| facts.ntp_servers = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_to_a_synchronized_clock() {
        Case::direct().with(|facts| facts.ntp_servers = known(Vec::new())).not_applicable(&RULE);
    }
}
