//! From `>` to `#`: the enable secret, sent once. Where it was refused too often on other devices not even `enable` is typed: AAA
//! servers count every answer to the question after it, an empty one too.

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::connect::failed;
use super::drive::DriveError;
use super::prompt::Shows;
use super::shell::{LARGEST_REPLY, SILENCE, Session};
use super::terminal::{Received, press, receive, send};
use super::{Breaker, Failure, SessionError, Stage};
use crate::transcript::dialect::{asks_for_password, typed};
use crate::transcript::text::normalise;

/// Why the session stays unprivileged where an AAA server is too slow.
const NO_ANSWER: &str = "no answer to `enable` in time";
/// Why it stays so where the secret must not be sent any more.
const NOT_SENT: &str = "not sent: other devices refused it";

impl Session {
    /// Reaches privileged mode, or says why not; the session then goes on without.
    ///
    /// # Errors
    /// Where the session is lost by it.
    pub(super) async fn enable(&mut self, secret: &SecretString, breaker: &Breaker) -> Result<(), SessionError> {
        let Some(login) = breaker.enter_enable().await else {
            self.enable_refused = Some(NOT_SENT.to_owned());
            return Ok(());
        };
        let mut is_sent = false;
        let done = self.send_enable(secret, &mut is_sent).await;
        match &self.enable_refused {
            // Also where the device did not ask: `enable` works there.
            None if done.is_ok() => login.accepted(),
            Some(words) if is_sent && words != NO_ANSWER => login.refused(),
            // Whether the secret was refused, nobody knows.
            _ => drop(login),
        }
        if is_sent { done.map_err(SessionError::after_a_secret) } else { done }
    }

    async fn send_enable(&mut self, secret: &SecretString, is_sent: &mut bool) -> Result<(), SessionError> {
        let fail = |error| failed(Stage::Prompt, error);
        let mut deadline = Instant::now() + self.timeouts.enable;
        self.screen.take();
        send(&mut self.driver, &mut self.channel, typed::ENABLE, deadline).await.map_err(fail)?;
        loop {
            match self.screen.shows() {
                // A question for something else, such as `Username:`, is not answered with the secret.
                Shows::Question(question) if asks_for_password(&question) => {
                    self.screen.take();
                    if !std::mem::replace(is_sent, true) {
                        press(&mut self.driver, &mut self.channel, secret.expose_secret(), deadline)
                            .await
                            .map_err(fail)?;
                    }
                    // Asked again, the secret was refused: it is not sent twice, empty lines lead back to the prompt. A device
                    // asks again only where it checks the secret itself; what AAA refuses is answered with the prompt.
                    press(&mut self.driver, &mut self.channel, "\n", deadline).await.map_err(fail)?;
                }
                // A prompt from before the typed line is no answer to it.
                Shows::Prompt(prompt)
                    if prompt.is_of(&self.prompt)
                        && (*is_sent || !self.echoes || self.screen.has_echo(typed::ENABLE)) =>
                {
                    let words = normalise(&self.screen.take());
                    if prompt.is_privileged() {
                        self.prompt = prompt;
                        self.enable_refused = None;
                    } else if self.enable_refused.is_none() {
                        let telling = words.lines().map(str::trim).find(|line| line.starts_with('%'));
                        self.enable_refused =
                            Some(telling.unwrap_or("the device did not accept the enable secret").to_owned());
                    }
                    return Ok(());
                }
                _ => {}
            }
            match receive(&mut self.driver, &mut self.channel, &mut self.screen, deadline).await {
                Ok(0) => {
                    let what = "the device closed the session during `enable`";
                    return Err(SessionError::new(
                        Stage::Prompt,
                        Failure::Unreachable,
                        what,
                        "check the enable secret",
                    ));
                }
                Ok(_) if self.screen.len() > LARGEST_REPLY => {
                    self.driver.cut();
                    let (what, advice) = ("`enable` prints without end", "log in once by hand and look at it");
                    return Err(SessionError::new(Stage::Prompt, Failure::Timeout, what, advice));
                }
                Ok(_) => {}
                // A slow AAA server: one empty line, a little patience, then the session goes on unprivileged or ends.
                Err(Received::Silence) if self.enable_refused.is_none() => {
                    self.enable_refused = Some(NO_ANSWER.to_owned());
                    deadline = Instant::now() + SILENCE;
                    press(&mut self.driver, &mut self.channel, "\n", deadline).await.map_err(fail)?;
                }
                Err(Received::Silence) => return Err(fail(DriveError::Deadline)),
                Err(Received::Failed(error)) => return Err(fail(error)),
            }
        }
    }
}
