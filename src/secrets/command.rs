//! A command that prints a secret, within a time.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::bail;
use secrecy::SecretString;

/// How long a command may take that prints a secret: it may ask an agent or a server, but it may not hold up a run for ever.
pub(super) const LIMIT: Duration = Duration::from_secs(30);
/// Bytes of the longest line that is taken for a secret.
const LONGEST_SECRET: u64 = 64 * 1024;

/// Runs a command by the shell and takes the first line it prints; its questions and errors go to the terminal. Errors do not
/// repeat the command, which may hold what it should not.
pub(super) fn run(command: &str, limit: Duration) -> anyhow::Result<SecretString> {
    let deadline = Instant::now() + limit;
    let late = || anyhow::anyhow!("the command was not done after {} s", limit.as_secs());
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).stdin(Stdio::inherit()).stderr(Stdio::inherit()).stdout(Stdio::piped());
    let mut child = shell.spawn()?;
    let Some(output) = child.stdout.take() else { bail!("the command has no output") };
    let (line, first) = channel();
    std::thread::spawn(move || {
        let (mut output, mut bytes) = (BufReader::new(output), Vec::new());
        let read = output.by_ref().take(LONGEST_SECRET).read_until(b'\n', &mut bytes);
        let _ = line.send(read.map(|_| bytes));
        // A command that cannot print the rest would fail.
        let _ = io::copy(&mut output, &mut io::sink());
    });
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() >= deadline => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(late());
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    if !status.success() {
        bail!("the command failed ({status})");
    }
    // What it has left behind may still hold its output open.
    let bytes = first.recv_timeout(deadline.saturating_duration_since(Instant::now())).map_err(|_| late())??;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("the command printed no text"))?;
    let line = first_line(&text);
    if line.is_empty() {
        bail!("the command printed nothing");
    }
    Ok(line.into())
}

/// The first line of a text: what stands behind it is no part of a secret.
pub(super) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    const SHORT: Duration = Duration::from_millis(300);

    fn text(command: &str) -> Result<String, String> {
        run(command, SHORT).map(|secret| secret.expose_secret().to_owned()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_prints_a_secret_in_its_first_line() {
        assert_eq!(text("echo s3cret; echo 'url: x'; head -c 200000 /dev/zero"), Ok("s3cret".to_owned()));
        assert!(text("false").expect_err("failed").contains("failed"));
        assert!(text("true").expect_err("nothing").contains("printed nothing"));
    }

    #[test]
    fn a_command_that_does_not_end_is_ended_and_said_so() {
        let began = Instant::now();
        // `exec`: the shell itself becomes the command, as with a command alone.
        let said = text("exec sleep 20").expect_err("too long");
        assert!(said.contains("the command was not done after"), "{said}");
        let said = text("sleep 3 & true").expect_err("nothing was printed");
        assert!(said.contains("was not done"), "{said}");
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(
            text("echo s3cret; sleep 3 >&- & true"),
            Ok("s3cret".to_owned()),
            "what it leaves behind does not matter"
        );
    }
}
