//! The scenarios and templates that are built in: one line for each file.

use crate::error::MockError;

macro_rules! scenarios {
    ($($name:literal),* $(,)?) => {
        const NAMES: &[&str] = &[$($name),*];
        const SCENARIOS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../scenarios/", $name, ".toml")))),*];
    };
}

macro_rules! templates {
    ($($command:literal = $file:literal),* $(,)?) => {
        const TEMPLATES: &[(&str, &str, &str)] =
            &[$(($command, $file, include_str!(concat!("../templates/", $file, ".txt")))),*];
        const COMMANDS: &[(&str, &str)] = &[$(($command, include_str!(concat!("../templates/", $file, ".txt")))),*];
    };
}

macro_rules! blocks {
    ($($name:literal),* $(,)?) => {
        const BLOCKS: &[(&str, &str)] = &[$(($name, include_str!(concat!("../templates/blocks/", $name, ".txt")))),*];
    };
}

scenarios![
    "healthy-smart",
    "callhome-healthy",
    "callhome-wrong-url",
    "callhome-inactive",
    "cslu-healthy",
    "cslu-wrong-port",
    "cslu-undiscovered",
    "onprem-healthy",
    "onprem-no-tenant",
    "clock-unsynchronized",
    "stack-member-no-trust",
    "trust-missing-offline",
    "transport-off",
    "before-slp",
    "smart-wrong-url",
    "smart-unreachable",
    "ack-overdue",
    "read-only-refused",
    "enable-needed",
    "noisy",
    "paged",
    "not-cisco",
];

templates![
    "show version" = "show_version",
    "show clock" = "show_clock",
    "show privilege" = "show_privilege",
    "show running-config" = "show_running-config",
    "show logging" = "show_logging",
    "show license tech support" = "show_license_tech_support",
    "show license all" = "show_license_all",
    "show license status" = "show_license_status",
    "show license summary" = "show_license_summary",
    "show license usage" = "show_license_usage",
    "show license udi" = "show_license_udi",
    "show license authorization" = "show_license_authorization",
    "show license history message" = "show_license_history_message",
    "show call-home smart-licensing" = "show_call-home_smart-licensing",
    "show call-home profile all" = "show_call-home_profile_all",
    "show crypto pki trustpoints status" = "show_crypto_pki_trustpoints_status",
    "show ntp status" = "show_ntp_status",
    "show ntp associations" = "show_ntp_associations",
    "show hosts" = "show_hosts",
    "show ip interface brief" = "show_ip_interface_brief",
    "show vrf" = "show_vrf",
    "show ip http server session-module" = "show_ip_http_server_session-module",
    "show ip http server all" = "show_ip_http_server_all",
];

blocks!["status_head", "policy", "quiet", "trust_by_unit", "licenses", "product", "sla_trustpoint"];

/// The names of all built-in scenarios.
pub fn scenarios() -> &'static [&'static str] {
    NAMES
}

/// The file of a built-in scenario.
pub(crate) fn scenario_text(name: &str) -> Result<&'static str, MockError> {
    find(SCENARIOS, name).ok_or_else(|| MockError::UnknownScenario { name: name.into(), known: NAMES.join(", ") })
}

/// Every command with a template, and the template.
pub(crate) fn templates() -> &'static [(&'static str, &'static str)] {
    COMMANDS
}

/// The template in the file of this name.
pub(crate) fn template(file: &str) -> Option<&'static str> {
    TEMPLATES.iter().find(|(_, name, _)| *name == file).map(|(_, _, text)| *text)
}

/// A text that several templates share.
pub(crate) fn block(name: &str) -> Option<&'static str> {
    find(BLOCKS, name)
}

fn find(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(key, _)| *key == name).map(|(_, text)| *text)
}
