//! Which command a text names: as typed by people (`sh lic tech sup`), or as spelled by files (`show_license_all`).

use std::borrow::Cow;

use super::{ALL, CONFIGURATION, Command, Ping};
use crate::inventory::Platform;

/// Names under which people and files know a command, besides what is sent.
const ALIASES: &[(&str, &str)] = &[
    // The guide's short form; also what people make of the bundle's name.
    ("show license tech", "show license tech support"),
    ("show license tech-support", "show license tech support"),
    ("show startup-config", CONFIGURATION),
];

/// What a filter begins with.
const FILTERS: [&str; 4] = ["include", "section", "begin", "exclude"];

/// The command that a text names: words may be cut short where only one command fits, underscores stand for blanks, and what
/// follows a `|` is left out unless two commands differ in it.
///
/// ```
/// use slaudit::commands::find;
/// assert_eq!(find("sh lic tech sup").map(|command| command.sends), Some("show license tech support"));
/// assert_eq!(find("show_license_all").map(|command| command.sends), Some("show license all"));
/// assert!(find("reload").is_none());
/// ```
pub fn find(text: &str) -> Option<&'static Command> {
    // What slaudit itself sent.
    if let Some(command) = by_text(text) {
        return Some(command);
    }
    let typed = normalise(text);
    if Ping::read(&typed).is_some() {
        return ALL.iter().find(|command| command.is_probe()).copied();
    }
    let (words, filter) = typed.split_once('|').map_or((typed.as_str(), ""), |(words, filter)| (words.trim(), filter));
    let mut words: Vec<&str> = words.split_ascii_whitespace().collect();
    // File names lose the bar: `show_logging_include_SMART_LIC`.
    let mut filter = filter.to_owned();
    if let Some(at) = words.iter().position(|word| FILTERS.contains(word)) {
        filter = words.split_off(at).join(" ");
    }
    if !words.first().is_some_and(|word| word.len() >= 2 && "show".starts_with(word)) || words.len() < 2 {
        return None;
    }
    let known = ALL.iter().map(|command| (command.sends, *command));
    let aliases = ALIASES.iter().filter_map(|(name, sends)| Some((*name, by_text(sends)?)));
    // Of all names that fit, the one with the most words typed in full.
    let mut best: Vec<(usize, &'static Command)> = Vec::new();
    for (name, command) in known.chain(aliases) {
        let Some(exact) = fit(&words, base(name)) else { continue };
        match best.first() {
            Some((most, _)) if exact < *most => continue,
            Some((most, _)) if exact > *most => best.clear(),
            _ => {}
        }
        best.push((exact, command));
    }
    let (_, first) = *best.first()?;
    let others = &best[1..];
    if others.iter().all(|(_, other)| std::ptr::eq(*other, first)) {
        return Some(first);
    }
    // Commands that differ in their filter only: the nearest one, else the first.
    let same_base = others.iter().all(|(_, other)| base(other.sends) == base(first.sends));
    let by_filter =
        || best.iter().find(|(_, command)| filters_alike(command.sends, &filter)).map(|(_, command)| *command);
    if same_base { by_filter().or(Some(first)) } else { None }
}

/// The command that a text names, as it is typed in full. For a ping that is the line with its host, without which its reply
/// says nothing.
pub fn full_text(text: &str) -> Option<Cow<'static, str>> {
    let command = find(text)?;
    if !command.is_probe() {
        return Some(Cow::Borrowed(command.sends));
    }
    let typed = text.trim().replace('_', " ");
    let ping = Ping::read(typed.strip_prefix("do ").unwrap_or(&typed))?;
    ping.question(Platform::IosXe).map(|question| Cow::Owned(question.text().to_owned()))
}

/// The command that sends exactly this.
fn by_text(sends: &str) -> Option<&'static Command> {
    ALL.iter().find(|command| command.sends == sends).copied()
}

fn normalise(text: &str) -> String {
    let text = text.trim().replace('_', " ").to_ascii_lowercase();
    text.strip_prefix("do ").map_or(text.clone(), str::to_owned)
}

/// What stands before the filter.
fn base(sends: &str) -> &str {
    sends.split('|').next().unwrap_or(sends).trim_end()
}

/// How many words are typed in full, where each is the beginning of the name's word in its place.
fn fit(words: &[&str], name: &str) -> Option<usize> {
    let mut names = name.split(' ');
    let mut exact = 0;
    for word in words {
        let full = names.next()?;
        if !full.starts_with(word) {
            return None;
        }
        exact += usize::from(full == *word);
    }
    names.next().is_none().then_some(exact)
}

/// Two filters of the same kind: `section ...` and `sec ...`, with the same first words.
fn filters_alike(sends: &str, filter: &str) -> bool {
    let Some((_, known)) = sends.split_once('|') else { return false };
    let kind = |text: &str| text.trim_start().bytes().next();
    kind(known) == kind(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sends(text: &str) -> Option<&'static str> {
        find(text).map(|command| command.sends)
    }

    #[test]
    fn as_people_type() {
        for (typed, expected) in [
            ("sh lic tech sup", "show license tech support"),
            ("show license tech", "show license tech support"),
            ("show lic all", "show license all"),
            ("SHOW LICENSE STATUS", "show license status"),
            ("sh lic", "show license"),
            ("sho ver", "show version"),
            ("do sh clo", "show clock"),
            ("sh ip int br", "show ip interface brief"),
            ("show ip http server sess", "show ip http server session-module"),
            ("show call-home smart", "show call-home smart-licensing"),
            ("show ntp ass", "show ntp associations"),
            ("show crypto pki trustpoints status", "show crypto pki trustpoints status"),
            ("show crypto pki trustp", "show crypto pki trustpoints"),
        ] {
            assert_eq!(sends(typed), Some(expected), "{typed}");
        }
    }

    #[test]
    fn as_files_are_named() {
        assert_eq!(sends("show_call-home_profile_all"), Some("show call-home profile all"));
        assert_eq!(sends("show_license_tech_support"), Some("show license tech support"));
        assert_eq!(sends("show_running-config"), Some(CONFIGURATION));
        assert_eq!(sends("show_logging"), Some("show logging | include SMART_LIC|Buffer logging"));
        assert_eq!(sends("show_logging_include_SMART_LIC"), sends("show_logging"));
    }

    #[test]
    fn filters_are_left_out_unless_they_tell_two_apart() {
        assert_eq!(sends("show logging | include SMART_LIC"), Some("show logging | include SMART_LIC|Buffer logging"));
        assert_eq!(sends("show run | i ntp"), Some(CONFIGURATION));
        let section = "show running-config | section ^crypto pki trustpoint SLA-TrustPoint";
        assert_eq!(sends("sh run | sec crypto pki trustpoint"), Some(section));
    }

    #[test]
    fn a_ping_keeps_its_host() {
        for (typed, expected) in [
            ("ping ssm.example.com", "ping ssm.example.com"),
            ("do ping vrf Mgmt-vrf 192.0.2.9", "ping vrf Mgmt-vrf 192.0.2.9"),
            ("ping_vrf_Mgmt-vrf_ssm.example.com", "ping vrf Mgmt-vrf ssm.example.com"),
            ("ping ssm.example.com vrf management", "ping vrf management ssm.example.com"),
        ] {
            assert_eq!(full_text(typed).as_deref(), Some(expected), "{typed}");
            assert!(find(typed).is_some_and(Command::is_probe), "{typed}");
        }
        assert_eq!(full_text("sh ver").as_deref(), Some("show version"));
        assert_eq!(full_text("ping"), None);
        assert_eq!(full_text("ping ip"), None);
    }

    #[test]
    fn what_is_none_or_two_is_none() {
        for text in [
            "",
            "show",
            "s",
            "show c",
            "show v",
            "reload",
            "configure terminal",
            "show interfaces",
            "show license all x",
        ] {
            assert_eq!(sends(text), None, "{text}");
        }
    }
}
