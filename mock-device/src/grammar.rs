//! The command line of IOS: abbreviated words, and where the caret of an error points.

/// What a typed line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// A command in full words; arguments stand where the grammar has `<...>`.
    Command(String),
    /// No command, from this byte of the line on.
    Invalid(usize),
    /// The beginning of a command.
    Incomplete,
    /// The beginning of several commands.
    Ambiguous,
}

/// Commands that every device knows besides its scenario's.
pub(crate) const SESSION: &[&str] = &[
    "terminal length <n>",
    "terminal width <n>",
    "terminal monitor",
    "terminal no monitor",
    "terminal exec prompt timestamp",
    "terminal no exec prompt timestamp",
    "enable",
    "disable",
    "exit",
    "logout",
    "quit",
    "ping <word>",
    "ping vrf <word> <word>",
];

/// Finds the command that a line means among those a device knows.
pub(crate) fn parse<'a>(line: &str, known: impl Iterator<Item = &'a str>) -> Parsed {
    let words = words(line);
    let mut candidates: Vec<Vec<&str>> = known.map(|command| command.split(' ').collect()).collect();
    let mut full = Vec::with_capacity(words.len());
    for (index, (position, word)) in words.iter().enumerate() {
        let word = word.to_ascii_lowercase();
        let fits = |pattern: &str| match pattern {
            "<n>" => word.bytes().all(|byte| byte.is_ascii_digit()),
            "<word>" => true,
            _ => pattern.starts_with(&word),
        };
        candidates.retain(|candidate| candidate.get(index).is_some_and(|pattern| fits(pattern)));
        // A word in full means itself, although longer ones begin with it; a keyword comes before an argument.
        for best in [|pattern: &str, word: &str| pattern == word, |pattern: &str, _: &str| !pattern.starts_with('<')] {
            if candidates.iter().any(|candidate| best(candidate[index], &word)) {
                candidates.retain(|candidate| best(candidate[index], &word));
            }
        }
        let Some(first) = candidates.first() else {
            return Parsed::Invalid(*position);
        };
        full.push(if first[index].starts_with('<') { words[index].1 } else { first[index] });
    }
    candidates.retain(|candidate| candidate.len() >= words.len());
    let complete: Vec<_> = candidates.iter().filter(|candidate| candidate.len() == words.len()).collect();
    match complete.as_slice() {
        [_] => Parsed::Command(full.join(" ")),
        [] if candidates.iter().all(|candidate| candidate[..] == ["show", "license", "tech", "support"]) => {
            Parsed::Command("show license tech support".into())
        }
        [] => Parsed::Incomplete,
        _ => Parsed::Ambiguous,
    }
}

/// The two lines of an error at a byte of the typed line; the caret stands below it, so the prompt counts.
pub(crate) fn invalid(prompt: &str, position: usize) -> String {
    format!("{}^\n% Invalid input detected at '^' marker.\n\n", " ".repeat(prompt.chars().count() + position))
}

/// The byte at which the word of this number begins.
pub(crate) fn word_position(line: &str, index: usize) -> usize {
    words(line).get(index).map_or(0, |(position, _)| *position)
}

fn words(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut start = None;
    for (index, letter) in line.char_indices() {
        match (letter.is_whitespace(), start) {
            (false, None) => start = Some(index),
            (true, Some(begin)) => {
                found.push((begin, &line[begin..index]));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(begin) = start {
        found.push((begin, &line[begin..]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &[
        "show version",
        "show license status",
        "show license summary",
        "show license tech support",
        "show ip interface brief",
        "show logging",
        "ping vrf <word> <word>",
        "ping <word>",
        "terminal length <n>",
    ];

    fn read(line: &str) -> Parsed {
        parse(line, KNOWN.iter().copied())
    }

    #[test]
    fn takes_abbreviations() {
        assert_eq!(read("sh ver"), Parsed::Command("show version".into()));
        assert_eq!(read("SHOW  IP int BR"), Parsed::Command("show ip interface brief".into()));
        assert_eq!(read("show license tech"), Parsed::Command("show license tech support".into()));
        assert_eq!(read("term len 0"), Parsed::Command("terminal length 0".into()));
        assert_eq!(read("ping vrf Mgmt 192.0.2.1"), Parsed::Command("ping vrf Mgmt 192.0.2.1".into()));
        assert_eq!(read("ping 192.0.2.1"), Parsed::Command("ping 192.0.2.1".into()));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(read("show license"), Parsed::Incomplete);
        assert_eq!(read("show license s"), Parsed::Ambiguous);
        assert_eq!(read("show  lisence status"), Parsed::Invalid(6));
        assert_eq!(read("show version please"), Parsed::Invalid(13));
        assert_eq!(read("terminal length long"), Parsed::Invalid(16));
        assert_eq!(read("bash"), Parsed::Invalid(0));
    }

    #[test]
    fn the_caret_stands_below_the_word() {
        let text = invalid("sw01#", 5);
        let mut lines = text.lines();
        // sw01#show lisence
        assert_eq!(lines.next(), Some("          ^"));
        assert_eq!(lines.next(), Some("% Invalid input detected at '^' marker."));
        assert_eq!(word_position("show  x y", 2), 8);
    }
}
