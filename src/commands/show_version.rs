//! `show version`: system, release, model, serial number, uptime, and on IOS XE whether SLP is there.
//!
//! ```text
//! Cisco IOS XE Software, Version 17.03.03                                   IOS XE
//! Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.3.3, RELEASE SOFTWARE (fc7)
//! sw1 uptime is 11 hours, 42 minutes
//! Smart Licensing Status: Registration Not Applicable/Not Applicable        SLP, 17.3.2 to 17.8
//! cisco C9500-48Y4C (X86) processor with 2904385K/6147K bytes of memory.
//! Processor board ID FDO0000AAAA
//! Cisco IOS XR Software, Version 7.9.2 LNT                                  IOS XR
//!   NXOS: version 10.3(6) [Maintenance Release]                             NX-OS
//! Cisco Adaptive Security Appliance Software Version 9.8(4)10               ASA
//! ```

use super::lines::{Field, Line, Text};
use super::plan::{ALWAYS, EVERYWHERE};
use super::uptime::span;
use super::{Answers, Command};
use crate::facts::Facts;
use crate::inventory::Platform;

pub(super) static COMMAND: Command = Command { sends: "show version", platforms: EVERYWHERE, wanted: ALWAYS, read };

#[derive(Debug, Default)]
struct Version<'a> {
    platform: Field<'a, Platform>,
    release: Field<'a, String>,
    /// By the first line of IOS XE, whose parts have two digits (`17.03.03`).
    padded_release: Field<'a, String>,
    model: Field<'a, String>,
    /// `Model Number`, for devices that print no line `cisco ... processor`.
    second_model: Field<'a, String>,
    hostname: Field<'a, String>,
    serial: Field<'a, String>,
    /// `System Serial Number`, and ASA's only one.
    second_serial: Field<'a, String>,
    uptime: Field<'a, u64>,
    slp: Field<'a, bool>,
    /// A licence of the time before Smart Licensing.
    right_to_use: Field<'a, bool>,
}

fn read(text: &Text<'_>) -> Answers {
    let mut version = Version::default();
    for line in &text.lines {
        version.line(*line);
    }
    let recognised = version.platform.value().is_some();
    let speaker = text.speaker(recognised);
    let mut facts = Facts::default();
    let slp = if version.slp.is_missing() { version.right_to_use } else { version.slp };
    // A release that prints nothing about it has not said that it is not there.
    if !slp.is_missing() {
        facts.slp_enabled = speaker.fact(slp);
    }
    facts.platform = speaker.fact(version.platform);
    // A second source counts where the first is known not to be there: not where it may be in what is missing.
    let is_whole = text.is_whole();
    facts.os_version = speaker.fact(or_second(version.release, version.padded_release, is_whole));
    facts.model = speaker.fact(or_second(version.model, version.second_model, is_whole));
    facts.serial = speaker.fact(or_second(version.serial, version.second_serial, is_whole));
    facts.hostname = speaker.fact(version.hostname);
    facts.uptime_s = speaker.fact(version.uptime);
    Answers { facts, recognised, ..Answers::default() }
}

fn or_second<'a>(first: Field<'a, String>, second: Field<'a, String>, is_whole: bool) -> Field<'a, String> {
    if first.is_missing() && is_whole { second } else { first }
}

impl<'a> Version<'a> {
    fn line(&mut self, line: Line<'a>) {
        let text = line.text;
        self.system(line);
        if let Some((key, value)) = line.key_value() {
            self.named(line, key, value);
        }
        if let Some(id) = text.strip_prefix("Processor board ID ").or_else(|| text.strip_prefix("Processor Board ID "))
        {
            self.serial.take(line, "serial number", Some(id.trim().to_owned()));
        }
        if let Some((name, uptime)) = text.split_once(" uptime is ").or_else(|| text.split_once(" up ")) {
            // `Uptime for this control processor is` and `System uptime is` name no host.
            if let (false, Some(seconds)) = (name.contains(' '), span(uptime)) {
                self.uptime.take(line, "duration", Some(seconds));
                if !matches!(name, "System" | "Kernel") {
                    self.hostname.take(line, "host name", Some(name.to_owned()));
                }
            }
        }
        // `cisco C9300-24UX (X86) processor`, `cisco NCS-5500 () processor`, `cisco Nexus9000 C9332D-GX2B Chassis`.
        let lower_cisco = text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("cisco "));
        if lower_cisco && (text.contains(") processor") || text.to_ascii_lowercase().contains(" chassis")) {
            let end = text.find(" (").or_else(|| text.find(" Chassis")).or_else(|| text.find(" chassis"));
            let model = text[6..end.unwrap_or(text.len()).max(6)].trim();
            let model = model.strip_suffix(" Chassis").or_else(|| model.strip_suffix(" chassis")).unwrap_or(model);
            self.model.take(line, "model", (!model.is_empty()).then(|| model.to_owned()));
        }
    }

    /// Lines that name the system and its release.
    fn system(&mut self, line: Line<'a>) {
        let text = line.text;
        if text.contains("IOS XR Software") {
            self.take_system(line, Platform::IosXr, release_in(text));
        } else if let Some(rest) = text.strip_prefix("Cisco Adaptive Security Appliance Software Version ") {
            self.take_system(line, Platform::Asa, rest.split(' ').next());
        } else if text.contains("Nexus Operating System") {
            self.take_system(line, Platform::NxOs, None);
        } else if let Some(rest) = text.strip_prefix("Cisco IOS XE Software, Version ") {
            self.platform.take(line, "system", Some(Platform::IosXe));
            let release =
                rest.split([' ', ',']).next().filter(|release| release.starts_with(|c: char| c.is_ascii_digit()));
            self.padded_release.take(line, "release", release.map(without_padding));
        } else if text.starts_with("Cisco IOS Software") || text.starts_with("Cisco Internetwork Operating System") {
            let is_xe = ["IOSXE", "IOS-XE", "IOS XE"].iter().any(|mark| text.contains(mark));
            let platform = if is_xe { Platform::IosXe } else { Platform::Ios };
            self.take_system(line, platform, release_in(text));
        } else if text.starts_with("IOS (tm)") {
            self.take_system(line, Platform::Ios, release_in(text));
        } else if text.starts_with("Cisco IOS-XE software, Copyright") && self.platform.value() == Some(&Platform::Ios)
        {
            self.platform = Field::Read(Platform::IosXe, line);
        }
    }

    fn take_system(&mut self, line: Line<'a>, platform: Platform, release: Option<&str>) {
        self.platform.take(line, "system", Some(platform));
        if let Some(release) = release {
            self.release.take(line, "release", Some(release.to_owned()));
        }
    }

    /// Lines of the form `name: value`, and NX-OS's `NXOS: version 10.3(6)`.
    fn named(&mut self, line: Line<'a>, key: &str, value: &str) {
        match key {
            "Smart Licensing Status" => {
                self.slp.take(line, "state of Smart Licensing", slp(value));
            }
            "License Type" => {
                let old = ["Permanent", "RightToUse", "Right-To-Use", "RTU", "Evaluation", "EvalRightToUse"];
                if old.iter().any(|kind| value.starts_with(kind)) {
                    self.right_to_use.take(line, "licence type", Some(false));
                }
            }
            "NXOS" | "system" | "kickstart" if value.starts_with("version ") => {
                self.platform.take(line, "system", Some(Platform::NxOs));
                // NX-OS before 7.0(3) names its release in the line `system:`; `kickstart:` stands before it.
                let release = value.split_ascii_whitespace().nth(1);
                if key != "kickstart" {
                    self.release.take(line, "release", release.map(str::to_owned));
                }
            }
            "Device name" => {
                self.hostname.take(line, "host name", Some(value.to_owned()));
            }
            "Model Number" => {
                self.second_model.take(line, "model", Some(value.to_owned()));
            }
            "Hardware" if value.contains(',') => {
                let model = value.split(',').next().unwrap_or(value).trim();
                self.model.take(line, "model", Some(model.to_owned()));
            }
            "System Serial Number" | "Serial Number" => {
                self.second_serial.take(line, "serial number", Some(value.to_owned()));
            }
            _ => {}
        }
    }
}

/// `Registration Not Applicable/Not Applicable` and `Smart Licensing Using Policy` are SLP; a state of registration is not.
fn slp(value: &str) -> Option<bool> {
    if value.contains("Using Policy") || value.starts_with("Registration Not Applicable") {
        Some(true)
    } else if value.starts_with("UNREGISTERED") || value.starts_with("REGISTERED") || value.contains("DISABLED") {
        Some(false)
    } else {
        None
    }
}

/// The word behind the last `Version`: `..., Experimental Version 17.13.20230512:105008 [...`.
/// The release that a line names; nothing where it may go on in the next line, which a narrow terminal made.
fn release_in(text: &str) -> Option<&str> {
    let at = text.find("Version ")? + "Version ".len();
    let release = text[at..].split([' ', ',', '[']).next()?;
    let broken = at + release.len() == text.len() && [80, 132].contains(&text.chars().count());
    (!release.is_empty() && !broken).then_some(release)
}

/// `17.03.03` is `17.3.3`.
fn without_padding(release: &str) -> String {
    let part = |part: &str| {
        let bare = part.trim_start_matches('0');
        if bare.starts_with(|c: char| c.is_ascii_digit()) { bare.to_owned() } else { format!("0{bare}") }
    };
    release.split('.').map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(reply: &str) -> Facts {
        read(&Text::whole("show version", reply)).facts
    }

    #[test]
    fn ios_xe_with_slp() {
        let facts = facts(
            "Cisco IOS XE Software, Version 17.03.03\n\
             Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.3.3, RELEASE SOFTWARE (fc7)\n\
             BOOTLDR: System Bootstrap, Version 17.8.1r[FC1], RELEASE SOFTWARE (P)\n\
             sw1 uptime is 1 week, 2 hours\nUptime for this control processor is 1 week, 3 hours\n\
             Smart Licensing Status: Registration Not Applicable/Not Applicable\n\
             cisco C9500-48Y4C (X86) processor with 2904385K/6147K bytes of memory.\nProcessor board ID FDO0000AAAA\n\
             Model Number                       : C9500-48Y4C\nSystem Serial Number               : FDO0000AAAB\n",
        );
        assert_eq!(facts.platform.value(), Some(&Platform::IosXe));
        assert_eq!(facts.os_version.value().map(String::as_str), Some("17.3.3"));
        assert_eq!(facts.hostname.value().map(String::as_str), Some("sw1"));
        assert_eq!(facts.model.value().map(String::as_str), Some("C9500-48Y4C"));
        assert_eq!(facts.serial.value().map(String::as_str), Some("FDO0000AAAA"));
        assert_eq!(facts.uptime_s.value(), Some(&(7 * 86_400 + 7_200)));
        assert_eq!(facts.slp_enabled.value(), Some(&true));
    }

    #[test]
    fn releases_before_slp_say_so_and_silence_says_nothing() {
        let state = |line: &str| {
            facts(&format!("Cisco IOS XE Software, Version 16.12.04\n{line}\n")).slp_enabled.value().copied()
        };
        assert_eq!(state("Smart Licensing Status: UNREGISTERED/EVAL EXPIRED"), Some(false));
        assert_eq!(state("Smart Licensing Status: Smart Licensing Using Policy"), Some(true));
        assert_eq!(state("License Type: Permanent Right-To-Use"), Some(false));
        assert_eq!(state("License Type: Smart License"), None);
        assert_eq!(state("Smart Licensing Status: Something New"), None);
        assert_eq!(
            facts("Cisco IOS XE Software, Version 16.12.04\n").os_version.value().map(String::as_str),
            Some("16.12.4")
        );
    }

    #[test]
    fn other_systems() {
        for (reply, platform, release) in [
            ("Cisco IOS XR Software, Version 7.9.2 LNT\n", Platform::IosXr, "7.9.2"),
            ("Cisco IOS XR Software, Version 6.1.4.10I[Default]\n", Platform::IosXr, "6.1.4.10I"),
            ("Cisco Nexus Operating System (NX-OS) Software\n NXOS: version 9.3(15)\n", Platform::NxOs, "9.3(15)"),
            (
                "Cisco Nexus Operating System (NX-OS) Software\n  kickstart: version 6.0(2)U6(10)\n  system:    version 6.0(2)U6(10)\n",
                Platform::NxOs,
                "6.0(2)U6(10)",
            ),
            ("Cisco Adaptive Security Appliance Software Version 9.8(4)10\n", Platform::Asa, "9.8(4)10"),
            (
                "Cisco IOS Software, 901 Software (ASR901-UNIVERSALK9-M), Version 15.6(2)SP4, RELEASE SOFTWARE (fc3)\n",
                Platform::Ios,
                "15.6(2)SP4",
            ),
            (
                "Cisco IOS Software, IOS-XE Software, Catalyst 4500 L3 Switch Software (cat4500e), Version 03.11.00.E\n",
                Platform::IosXe,
                "03.11.00.E",
            ),
        ] {
            let facts = facts(reply);
            assert_eq!(facts.platform.value(), Some(&platform), "{reply}");
            assert_eq!(facts.os_version.value().map(String::as_str), Some(release), "{reply}");
        }
    }

    #[test]
    fn a_release_that_a_narrow_terminal_breaks_is_read_elsewhere() {
        let first = "Cisco IOS XE Software, Version 17.15.03\n";
        let broken = "Cisco IOS Software [IOSXE], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 1\n7.15.3, RELEASE SOFTWARE (fc3)\n";
        assert_eq!(broken.find('\n'), Some(80));
        assert_eq!(facts(&format!("{first}{broken}")).os_version.value().map(String::as_str), Some("17.15.3"));
        assert!(!facts(broken).os_version.is_known());
    }

    #[test]
    fn rubbish_proves_nothing() {
        assert!(matches!(
            facts("no output of this kind\n").platform,
            crate::fact::Fact::Unknown(crate::fact::Unknown::Unparsed(_))
        ));
    }
}
