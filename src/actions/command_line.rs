//! What was typed, as a run keeps it and as it can be typed again.

use crate::reports::text::one_line;

/// The words behind the program's name, quoted as a shell wants them. No option takes a secret.
pub(super) fn typed() -> String {
    let words: Vec<_> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    quoted(words.iter().map(String::as_str))
}

/// How to go on with a run: the command that it was begun with, without what the run itself knows.
pub(super) fn resuming(command: &str, id: &str) -> String {
    let rest = without(command, &["--limit", "--hosts", "--shard", "--label", "--resume"]);
    format!("slaudit {} --resume {id}", one_line(&rest))
}

/// A command without some of its options, which all take a value.
pub(super) fn without(command: &str, options: &[&str]) -> String {
    let Some(words) = shlex::split(command) else { return command.to_owned() };
    let mut words = words.iter();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if options.contains(&word.as_str()) {
            words.next();
        } else if !word.split_once('=').is_some_and(|(name, _)| options.contains(&name)) {
            kept.push(word.as_str());
        }
    }
    quoted(kept.into_iter())
}

fn quoted<'a>(words: impl Iterator<Item = &'a str>) -> String {
    // A NUL, which no argument can hold, is all that cannot be quoted.
    let quote = |word: &'a str| shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned);
    words.map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_with_the_command_it_was_begun_with() {
        let command =
            "audit 'my fleet.csv' --user netaudit --limit 'site=LON1,!role=lab' --out=runs --label=pre --shard 1/2";
        assert_eq!(
            resuming(command, "20261124T020000Z-7f3a"),
            "slaudit audit 'my fleet.csv' --user netaudit '--out=runs' --resume 20261124T020000Z-7f3a"
        );
        assert_eq!(resuming("audit --hosts sw1,sw2 --resume old", "new"), "slaudit audit --resume new");
    }

    #[test]
    fn the_command_of_a_part_is_that_of_the_whole() {
        for command in ["audit a.csv --shard 1/2 --quiet", "audit a.csv --shard=2/2 --quiet"] {
            assert_eq!(without(command, &["--shard"]), "audit a.csv --quiet");
        }
    }
}
