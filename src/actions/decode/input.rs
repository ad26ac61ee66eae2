//! Where the text comes from: an argument that is a file is read, `-` is standard input, everything else is text.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::reports::text::one_line;
use crate::syslog::Message;
use crate::transcript::intake;
use crate::transcript::text::normalise;

/// A text and its name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// File name, `-`, or `None` for text of the command line.
    pub(super) name: Option<String>,
    /// Clean: LF line ends, no control characters but TAB.
    pub(super) text: String,
}

/// Reads everything the arguments name, in their order; without any, `stdin`.
pub(super) fn read(arguments: &[OsString], stdin: &mut dyn Read, is_terminal: bool) -> anyhow::Result<Vec<Source>> {
    if arguments.is_empty() && is_terminal {
        bail!("nothing to decode; give a message, a file, or pipe text in (`-` reads what is typed)");
    }
    let mut sources: Vec<Source> = Vec::new();
    let dash = OsString::from("-");
    let arguments = if arguments.is_empty() { std::slice::from_ref(&dash) } else { arguments };
    for argument in arguments {
        let path = Path::new(argument);
        let name = argument.to_string_lossy();
        if name == "-" {
            let text = intake::read_text(&mut *stdin).context("standard input")?;
            sources.push(Source { name: Some("-".to_owned()), text });
        } else if path.is_dir() {
            bail!("{}: is a folder; name its files", one_line(&name));
        } else if path.exists() {
            let text = File::open(path).map_err(anyhow::Error::from).and_then(|file| Ok(intake::read_text(file)?));
            let text = text.with_context(|| one_line(&name).into_owned())?;
            sources.push(Source { name: Some(name.into_owned()), text });
        } else {
            let text = normalise(name.as_bytes());
            match sources.last_mut() {
                // A message without quotes comes as words; one that begins another message begins a line.
                Some(Source { name: None, text: known }) => {
                    known.push(if Message::parse(&text).is_some() { '\n' } else { ' ' });
                    known.push_str(&text);
                }
                _ => sources.push(Source { name: None, text }),
            }
        }
    }
    Ok(sources)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(arguments: &[&str], stdin: &str, is_terminal: bool) -> anyhow::Result<Vec<Source>> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        read(&arguments, &mut stdin.as_bytes(), is_terminal)
    }

    fn text(text: &str) -> Source {
        Source { name: None, text: text.to_owned() }
    }

    #[test]
    fn a_terminal_without_arguments_is_wrong_usage() {
        assert!(read_with(&[], "", true).is_err());
        assert_eq!(read_with(&["-"], "a\r\n", true).expect("typed text")[0].text, "a\n");
        assert_eq!(read_with(&[], "", false).expect("nothing").len(), 1);
    }

    #[test]
    fn words_are_one_message_and_messages_are_lines() {
        let joined = read_with(&["%A-1-B:", "some", "text", "%A-1-C: more"], "", false).expect("text");
        assert_eq!(joined, [text("%A-1-B: some text\n%A-1-C: more")]);
        let mixed = read_with(&["%A-1-B: x", "-", "%A-1-C: y"], "in", false).expect("text");
        assert_eq!(
            mixed.iter().map(|source| source.text.as_str()).collect::<Vec<_>>(),
            ["%A-1-B: x", "in", "%A-1-C: y"]
        );
    }

    #[test]
    fn files_are_read_and_folders_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("log");
        std::fs::write(&file, "x\r\ny").expect("written");
        let name = file.to_str().expect("UTF-8");
        assert_eq!(read_with(&[name], "", false).expect("a file")[0].text, "x\ny");
        std::fs::write(&file, "").expect("written");
        assert_eq!(read_with(&[name], "", false).expect("a file")[0].text, "");
        std::fs::write(&file, [0_u8; 64]).expect("written");
        assert!(read_with(&[name], "", false).is_err());
        assert!(read_with(&[folder.path().to_str().expect("UTF-8")], "", false).is_err());
    }
}
