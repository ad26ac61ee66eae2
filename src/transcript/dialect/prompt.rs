//! Prompts and questions: `sw01#`, `sw01(config)#`, `RP/0/RP0/CPU0:xr1#`, `Password:`.

use crate::stamp::is_node;

/// Longest line that can be a prompt. IOS cuts host names in prompts at 20 characters, IOS XR at 31; paths may be longer.
const LONGEST: usize = 128;
/// Longest name of a device.
const LONGEST_NAME: usize = 63;

/// A prompt: `sw01#`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prompt {
    stem: String,
    end: char,
}

/// A line that begins with a prompt, and what was typed at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PromptLine<'a> {
    stem: &'a str,
    end: char,
    /// What was typed, without blanks around it and without the `do` of a configuration mode.
    pub(crate) typed: &'a str,
}

impl<'a> PromptLine<'a> {
    /// Reads a line that begins with a prompt: one word, maybe with a mode in parentheses, that ends in `#` or `>`.
    pub(crate) fn parse(line: &'a str) -> Option<Self> {
        let at = line.find(['#', '>'])?;
        let (body, end) = (&line[..at], &line[at..=at]);
        let stem = stem(body)?;
        let typed = line[at + 1..].trim();
        Some(Self { stem, end: end.chars().next()?, typed: typed.strip_prefix("do ").unwrap_or(typed).trim_start() })
    }

    /// The name of the device, without the marks of a mode and of a standby unit; `None` where it could be none.
    pub(crate) fn host(&self) -> Option<&'a str> {
        let host = host(self.stem);
        let inside = |c: char| c.is_alphanumeric() || "_.:/@~+-".contains(c);
        let ends = |c: char| c.is_ascii_alphanumeric();
        let is_name =
            host.len() <= LONGEST_NAME && host.starts_with(ends) && host.ends_with(ends) && host.chars().all(inside);
        is_name.then(|| host.strip_suffix("-stby").unwrap_or(host))
    }

    /// True for a prompt alone on its line.
    pub(crate) fn is_empty(&self) -> bool {
        self.typed.is_empty()
    }
}

impl Prompt {
    /// Reads a whole line as a prompt; `$` and `%` are the prompts of other systems.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        if let Some(body) = line.strip_suffix(['$', '%']) {
            let fits = |c: char| fits(c) || " ()".contains(c);
            let is_one = line.len() <= LONGEST && body.chars().any(char::is_alphanumeric) && body.chars().all(fits);
            let stem = body.find('(').filter(|at| *at > 0).map_or(body, |at| &body[..at]);
            return is_one.then(|| Self { stem: stem.to_owned(), end: if line.ends_with('$') { '$' } else { '%' } });
        }
        let found = PromptLine::parse(line).filter(PromptLine::is_empty)?;
        Some(Self { stem: found.stem.to_owned(), end: found.end })
    }

    /// True where enable mode is reached.
    pub(crate) fn is_privileged(&self) -> bool {
        self.end == '#'
    }

    /// True where no Cisco device prompts like this.
    pub(crate) fn is_foreign(&self) -> bool {
        matches!(self.end, '$' | '%')
    }

    /// The host name: without `RP/0/RP0/CPU0:`, `-stby` stays.
    pub(crate) fn hostname(&self) -> &str {
        host(&self.stem)
    }

    /// True where both are of one host, in whatever mode.
    pub(crate) fn is_of(&self, other: &Self) -> bool {
        self.stem == other.stem
    }

    /// The prompt as text.
    pub(crate) fn text(&self) -> String {
        format!("{}{}", self.stem, self.end)
    }
}

/// The question that a line ends in, for example `Password:`.
pub(crate) fn question(line: &str) -> Option<&str> {
    let line = line.trim();
    (line.ends_with(':') && line.len() <= LONGEST).then_some(line)
}

/// True for a question that a secret answers, and for no other such as `Username:`.
pub(crate) fn asks_for_password(question: &str) -> bool {
    question.to_ascii_lowercase().contains("pass")
}

/// The part of a prompt that stays the same in every mode.
fn stem(body: &str) -> Option<&str> {
    let (stem, mode) = body.split_at(body.find('(').filter(|at| *at > 0).unwrap_or(body.len()));
    let has_blanks = mode.ends_with(')');
    let fits_mode = |c: char| fits(c) || "()".contains(c) || (has_blanks && c == ' ');
    let is_prompt = body.len() < LONGEST
        && body.chars().any(char::is_alphanumeric)
        && stem.chars().all(|c| fits(c) || "()".contains(c))
        && mode.chars().all(fits_mode);
    is_prompt.then_some(stem)
}

fn fits(c: char) -> bool {
    c.is_alphanumeric() || "._-/:@~+[]".contains(c)
}

fn host(stem: &str) -> &str {
    stem.rsplit_once(':').filter(|(node, _)| is_node(node)).map_or(stem, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(text: &str) -> Prompt {
        Prompt::read(text).expect("a prompt")
    }

    #[test]
    fn prompts_of_all_systems_are_read() {
        for line in ["sw01#", "sw01>", "sw01-stby# ", "RP/0/RP0/CPU0:xr1#", "n9k(maint-mode)#", "a.b-c/d:e@f#"] {
            assert!(Prompt::read(line).is_some_and(|prompt| !prompt.is_foreign()), "{line}");
        }
        assert!(prompt("user@box:~$").is_foreign() && prompt("[user@box ~]$").is_foreign());
        for line in ["", "####", "#", "Welcome to lab #", "password:", "<empty>", "*** stop >", "$"] {
            assert_eq!(Prompt::read(line), None, "{line}");
        }
    }

    #[test]
    fn a_mode_in_parentheses_is_the_same_prompt() {
        assert_eq!(prompt("sw01(config)#"), prompt("sw01#"));
        assert_ne!(prompt("sw01>"), prompt("sw01#"));
        assert_eq!(prompt("RP/0/RP0/CPU0:xr1#").hostname(), "xr1");
    }

    #[test]
    fn what_was_typed_stands_behind_a_prompt() {
        let read = |line: &'static str| PromptLine::parse(line).and_then(|line| Some((line.host()?, line.typed)));
        assert_eq!(read("sw1#sh ver"), Some(("sw1", "sh ver")));
        assert_eq!(read("sw1(config-if range)# do sh ver "), Some(("sw1", "sh ver")));
        assert_eq!(read("RP/0/RP0/CPU0:xr1#show version"), Some(("xr1", "show version")));
        assert_eq!(read("sw1-stby#"), Some(("sw1", "")));
        for line in ["banner # with > signs", " description a#b", "-x-#", "foo bar>", "<x>show y"] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn questions_end_in_a_colon() {
        assert_eq!(question("Password: "), Some("Password:"));
        assert_eq!((question(""), question("sw1#")), (None, None));
        assert!(asks_for_password("Enter PASSCODE:") && !asks_for_password("Username:"));
    }
}
