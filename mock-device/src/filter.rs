//! What stands behind the `|` of a show command: `include`, `exclude`, `begin`, `section`, `count`.

use regex::Regex;

/// A filter as typed, ready to be applied.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    kind: Kind,
    pattern: Regex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Include,
    Exclude,
    Begin,
    Section,
    Count,
}

/// Why what stands behind the `|` is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterError {
    /// The keyword is unknown.
    Keyword,
    /// There is no pattern.
    Incomplete,
    /// The pattern is no regular expression.
    Pattern,
}

impl Filter {
    /// Reads `include ^hostname|^ntp`; keywords may be cut short, as `inc` or `sec`.
    pub(crate) fn read(text: &str) -> Result<Filter, FilterError> {
        let text = text.trim_start();
        let (word, pattern) = text.split_once(' ').unwrap_or((text, ""));
        let kind = [
            ("include", Kind::Include),
            ("exclude", Kind::Exclude),
            ("begin", Kind::Begin),
            ("section", Kind::Section),
            ("count", Kind::Count),
        ]
        .into_iter()
        .find(|(name, _)| !word.is_empty() && name.starts_with(&word.to_ascii_lowercase()))
        .map(|(_, kind)| kind)
        .ok_or(FilterError::Keyword)?;
        // `section include X` is the long form of `section X`.
        let pattern = match kind {
            Kind::Section => pattern.strip_prefix("include ").unwrap_or(pattern),
            _ => pattern,
        };
        if pattern.is_empty() {
            return Err(FilterError::Incomplete);
        }
        let pattern = Regex::new(pattern).map_err(|_| FilterError::Pattern)?;
        Ok(Filter { kind, pattern })
    }

    /// The lines of `text` that the device would print.
    pub(crate) fn apply(&self, text: &str) -> String {
        let hit = |line: &&str| self.pattern.is_match(line);
        match self.kind {
            Kind::Include => join(text.lines().filter(hit)),
            Kind::Exclude => join(text.lines().filter(|line| !hit(line))),
            Kind::Begin => join(text.lines().skip_while(|line| !hit(line))),
            Kind::Count => format!("Number of lines which match regexp = {}\n", text.lines().filter(hit).count()),
            Kind::Section => self.sections(text),
        }
    }

    /// A matching line and all that is indented deeper below it.
    fn sections(&self, text: &str) -> String {
        let mut open: Option<usize> = None;
        join(text.lines().filter(|line| {
            let depth = line.len() - line.trim_start_matches(' ').len();
            if open.is_some_and(|parent| depth > parent) {
                return true;
            }
            open = self.pattern.is_match(line).then_some(depth);
            open.is_some()
        }))
    }
}

fn join<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.fold(String::new(), |mut text, line| {
        text += line;
        text += "\n";
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "hostname sw01\n!\ncall-home\n profile \"A\"\n  active\n!\nip domain name example.com\nno ip domain lookup\nntp server 192.0.2.1\n";

    fn apply(filter: &str) -> String {
        Filter::read(filter).expect("a filter").apply(CONFIG)
    }

    #[test]
    fn includes_alternatives() {
        assert_eq!(
            apply("include ^hostname|^(no )?ip domain"),
            "hostname sw01\nip domain name example.com\nno ip domain lookup\n"
        );
        assert_eq!(apply("inc ^ntp (server|peer)"), "ntp server 192.0.2.1\n");
        assert_eq!(apply("include nothing"), "");
    }

    #[test]
    fn a_section_is_the_line_and_what_is_below() {
        assert_eq!(apply("section ^call-home"), "call-home\n profile \"A\"\n  active\n");
        assert_eq!(apply("sec profile"), " profile \"A\"\n  active\n");
    }

    #[test]
    fn excludes_begins_and_counts() {
        assert_eq!(apply("begin ^ntp"), "ntp server 192.0.2.1\n");
        assert_eq!(apply("exclude .").len(), 0);
        assert!(apply("count ip").contains("= 2"));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(Filter::read("grep x").err(), Some(FilterError::Keyword));
        assert_eq!(Filter::read("include").err(), Some(FilterError::Incomplete));
        assert_eq!(Filter::read("include (").err(), Some(FilterError::Pattern));
    }
}
