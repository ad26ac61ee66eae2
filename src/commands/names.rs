//! Which command a text names: as typed by people (`sh lic tech sup`), or as spelled by files (`show_license_all`).

use super::{ALL, CONFIGURATION, Command};

/// Names under which people and files know a command, besides what is sent.
const ALIASES: &[(&str, &str)] = &[
    // The guide's short form; also what people make of the bundle's name.
    ("show license tech", "show license tech support"),
    ("show license tech-support", "show license tech support"),
    ("show ntp config", CONFIGURATION),
    ("show startup-config", CONFIGURATION),
];

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
    let typed = normalise(text);
    let (words, filter) = typed.split_once('|').map_or((typed.as_str(), ""), |(words, filter)| (words.trim(), filter));
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
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
        || best.iter().find(|(_, command)| filters_alike(command.sends, filter)).map(|(_, command)| *command);
    if same_base { by_filter().or(Some(first)) } else { None }
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
