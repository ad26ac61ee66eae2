//! Echoes: a command as the device repeats it, maybe after a prompt, maybe cut by a narrow terminal.

use super::PromptLine;

/// True for a show command with or without the prompt it was typed at: `sw1#show clock`, `show license all`.
pub(crate) fn is_echo(line: &str) -> bool {
    let typed = PromptLine::parse(line).map_or(line, |line| line.typed);
    show_argument(typed).is_some_and(|argument| argument.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// True for the echo of one command. A narrow terminal shows only its end, after `$`, or its start.
pub(crate) fn is_echo_of(line: &str, command: &str) -> bool {
    let line = line.trim();
    let shown = line.rsplit_once('$').map_or(line, |(_, tail)| tail);
    line.ends_with(command) || (shown.len() >= 8 && (command.ends_with(shown) || command.starts_with(shown)))
}

/// The first word after `show`, in any abbreviation: `lic` of `sh lic stat`; `None` for other commands.
pub(crate) fn show_argument(typed: &str) -> Option<&str> {
    let mut words = typed.split_ascii_whitespace();
    let word = words.next().filter(|word| (2..=4).contains(&word.len()))?;
    "show".get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word))?;
    words.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn show_commands_are_echoes() {
        for line in ["sw1#show clock", "sw1(config)#sh lic stat", "show license all", "RP/0/RP0/CPU0:xr1#sho ver"] {
            assert!(is_echo(line), "{line}");
        }
        for line in ["show", "Show License Status", "shell x", "sw1 is up#show x", "s v", "<x>show y"] {
            assert!(!is_echo(line), "{line}");
        }
        assert_eq!((show_argument("SHOW ver"), show_argument("ping x")), (Some("ver"), None));
    }

    #[test]
    fn an_echo_may_be_cut() {
        let long = "show running-config | include ^hostname|^ntp (server|peer)";
        assert!(is_echo_of("sw01#$g | include ^hostname|^ntp (server|peer)", long));
        assert!(is_echo_of("sw01#show clock", "show clock"));
        assert!(!is_echo_of("10:00", "show clock"));
    }
}
