//! A logged-in device: a pty shell whose prompt is learned, and the questions asked on it.
//!
//! The prompt is learned without waiting for silence: each line of the session's preparation is sent when a prompt-shaped
//! line stands last, and the prompt is learned when two of them in turn were equal. Banners that look like prompts fail that
//! test, and no round trip is spent on learning alone.

use jiff::Timestamp;
use tokio::time::{Duration, Instant};

use super::aside::aside;
use super::auth::LoggedIn;
use super::connect::{FIND_OUT, failed};
use super::credentials::Credentials;
use super::drive::{DriveError, Driver};
use super::prompt::{Screen, Shows, body};
use super::terminal::{Received, press, receive, send};
use super::{Breaker, Failure, Question, SessionError, Stage, Timeouts};
use crate::transcript::dialect::{NEXT_PAGE, Prompt, is_log_line, typed};
use crate::transcript::text::normalise;
use crate::transcript::{Cut, Exchange, Reply};

/// More than any show command prints; a device that prints without end is cut here.
pub(super) const LARGEST_REPLY: usize = 8 * 1024 * 1024;
/// Wide enough for every line of the outputs; some devices take the width from here and not from `terminal width`.
const COLUMNS: u32 = 511;
/// Rows of the pty. 0 would mean "no paging" to some releases and "24" to others.
const ROWS: u32 = 1000;
/// How long a silent device is given before it is asked for its prompt by an empty line.
pub(super) const SILENCE: Duration = Duration::from_secs(3);
/// How long `exit` may take.
const GOODBYE: Duration = Duration::from_secs(1);
/// Prompts that may differ while learning: banners, "Press RETURN".
const LEARNING: usize = 6;

/// A logged-in device that answers commands.
pub struct Session {
    pub(super) driver: Driver,
    pub(super) channel: ssh2::Channel,
    pub(super) screen: Screen,
    pub(super) prompt: Prompt,
    pub(super) echoes: bool,
    /// Log lines were asked to stay out.
    quiet: bool,
    pub(super) timeouts: Timeouts,
    /// How the login worked: `agent`, `publickey`, `keyboard-interactive`, `password`, `none`.
    pub auth_method: &'static str,
    /// Why the session is not privileged although it should be.
    pub enable_refused: Option<String>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("prompt", &self.prompt.text())
            .field("auth_method", &self.auth_method)
            .finish_non_exhaustive()
    }
}

impl LoggedIn {
    /// Opens a shell, learns its prompt, prepares the terminal and reaches privileged mode where there is a secret for it.
    ///
    /// # Errors
    /// Names the stage.
    pub async fn open(
        self,
        who: &Credentials,
        breaker: &Breaker,
        timeouts: &Timeouts,
    ) -> Result<Session, SessionError> {
        let fate = self.driver.stream.fate();
        self.start(who, breaker, timeouts).await.map_err(|error| fate.explain(error))
    }

    async fn start(self, who: &Credentials, breaker: &Breaker, timeouts: &Timeouts) -> Result<Session, SessionError> {
        let mut shell = Shell::start(self.driver, Instant::now() + timeouts.prompt).await?;
        let Learned { prompt, echoes } = shell.learn().await?;
        if prompt.is_foreign() {
            let what = format!("the prompt `{}` is not one of a Cisco device", prompt.text());
            let advice = "take it out of the inventory, or check its address";
            return Err(SessionError::new(Stage::Prompt, Failure::Foreign, what, advice));
        }
        let mut session = Session {
            driver: shell.driver,
            channel: shell.channel,
            screen: shell.screen,
            prompt,
            echoes,
            quiet: false,
            timeouts: *timeouts,
            auth_method: self.auth_method,
            enable_refused: None,
        };
        session.prepare().await?;
        if let (false, Some(secret)) = (session.prompt.is_privileged(), &who.enable) {
            session.enable(secret, breaker).await?;
        }
        Ok(session)
    }
}

/// A shell whose prompt is not known yet.
struct Shell {
    driver: Driver,
    channel: ssh2::Channel,
    screen: Screen,
    deadline: Instant,
}

struct Learned {
    prompt: Prompt,
    echoes: bool,
}

impl Shell {
    async fn start(mut driver: Driver, deadline: Instant) -> Result<Self, SessionError> {
        let fail = |error| failed(Stage::Prompt, error);
        let mut channel = driver.ssh(deadline, |ssh| ssh.channel_session()).await.map_err(fail)?;
        let size = Some((COLUMNS, ROWS, 0, 0));
        driver.ssh(deadline, |_| channel.request_pty("vt100", None, size)).await.map_err(fail)?;
        driver.ssh(deadline, |_| channel.shell()).await.map_err(fail)?;
        Ok(Self { driver, channel, screen: Screen::default(), deadline })
    }

    async fn learn(&mut self) -> Result<Learned, SessionError> {
        let mut before = None;
        for _ in 0..LEARNING {
            let shown = self.next_prompt().await?;
            if before.as_ref() == Some(&shown) {
                let echoes = self.wait_for_echo(&shown).await?;
                self.screen.take();
                return Ok(Learned { prompt: shown, echoes });
            }
            // What stood before the first prompt is a banner; what stands before the second is the echo of this line.
            self.screen.take();
            send(&mut self.driver, &mut self.channel, typed::PAGING_OFF, self.deadline)
                .await
                .map_err(|error| failed(Stage::Prompt, error))?;
            before = Some(shown);
        }
        Err(self.no_prompt(Failure::Timeout, "its last line keeps changing"))
    }

    /// True where the device repeats what is typed. Two equal prompts may both be older than the typed line (a slow device answers
    /// an empty line late): only silence behind a prompt says that there is no echo, because without one replies cannot be told
    /// apart. Silence behind the echo is a slow device, whose prompt is still to come.
    async fn wait_for_echo(&mut self, prompt: &Prompt) -> Result<bool, SessionError> {
        while !self.screen.is_done(prompt, Some(typed::PAGING_OFF)) {
            let quiet = self.deadline.min(Instant::now() + SILENCE);
            match receive(&mut self.driver, &mut self.channel, &mut self.screen, quiet).await {
                Ok(0) => return Err(self.no_prompt(Failure::Unreachable, "the device closed the session")),
                Ok(_) if self.screen.len() > LARGEST_REPLY => {
                    return Err(self.no_prompt(Failure::Timeout, "the device prints without end"));
                }
                Ok(_) => {}
                Err(Received::Silence) if self.stands(prompt) => return Ok(false),
                Err(Received::Silence) if Instant::now() < self.deadline => {}
                Err(Received::Silence) => {
                    self.driver.cut();
                    return Err(self.no_prompt(Failure::Timeout, "the device does not stop talking"));
                }
                Err(Received::Failed(error)) => return Err(failed(Stage::Prompt, error)),
            }
        }
        Ok(true)
    }

    fn stands(&self, prompt: &Prompt) -> bool {
        self.screen.is_done(prompt, None)
    }

    /// Waits for a prompt-shaped last line; a silent device is sent an empty line now and then.
    async fn next_prompt(&mut self) -> Result<Prompt, SessionError> {
        loop {
            match self.screen.shows() {
                Shows::Prompt(prompt) => return Ok(prompt),
                Shows::Pager => {
                    self.screen.answer();
                    press(&mut self.driver, &mut self.channel, NEXT_PAGE, self.deadline)
                        .await
                        .map_err(|error| failed(Stage::Prompt, error))?;
                }
                Shows::Question(_) | Shows::Nothing => {}
            }
            let quiet = self.deadline.min(Instant::now() + SILENCE);
            match receive(&mut self.driver, &mut self.channel, &mut self.screen, quiet).await {
                Ok(0) => return Err(self.no_prompt(Failure::Unreachable, "the device closed the session")),
                Ok(_) if self.screen.len() > LARGEST_REPLY => {
                    return Err(self.no_prompt(Failure::Timeout, "the device prints without end"));
                }
                Ok(_) => {}
                Err(Received::Silence) if Instant::now() >= self.deadline => {
                    self.driver.cut();
                    return Err(self.no_prompt(Failure::Timeout, "no line looked like one in time"));
                }
                Err(Received::Silence) => {
                    press(&mut self.driver, &mut self.channel, "\n", self.deadline)
                        .await
                        .map_err(|error| failed(Stage::Prompt, error))?;
                }
                Err(Received::Failed(error)) => return Err(failed(Stage::Prompt, error)),
            }
        }
    }

    fn no_prompt(&self, failure: Failure, why: &str) -> SessionError {
        let advice = "log in once by hand and look at what the device shows; no free vty, or an odd banner?";
        let shown = self.screen.last_words();
        let shown = if shown.is_empty() { "nothing".to_owned() } else { format!("`{shown}`") };
        SessionError::new(Stage::Prompt, failure, format!("no prompt: {why}; it showed {shown}"), advice)
    }
}

/// A write that the deadline stopped is no closed session, and neither is a host that was cut because it floods.
fn cut_by(error: &DriveError) -> Cut {
    match error {
        DriveError::Deadline => Cut::TimedOut,
        DriveError::Flood(_) => Cut::Flood,
        DriveError::Ssh(_) | DriveError::Io(_) => Cut::Closed,
    }
}

impl Session {
    /// Host name of the prompt.
    pub fn hostname(&self) -> &str {
        self.prompt.hostname()
    }

    /// Asks for wide lines. It may be refused; only a lost session is an error.
    async fn prepare(&mut self) -> Result<(), SessionError> {
        let limit = self.timeouts.prompt;
        let mut reply = self.type_line(typed::WIDE, limit).await;
        if matches!(reply, Reply::Refused(_)) {
            reply = self.type_line(typed::WIDE_OTHERWISE, limit).await;
        }
        let Reply::Cut { why, .. } = reply else { return Ok(()) };
        let look = "log in once by hand and look at what the device shows";
        let (failure, what, advice) = match why {
            Cut::TimedOut => (Failure::Timeout, "the prompt did not come back", look),
            Cut::Closed => (Failure::Unreachable, "the device closed the session", look),
            Cut::TooLarge => (Failure::Timeout, "the device prints without end", look),
            Cut::Flood => (Failure::Flood, "cut, because it sent too much that nobody asked for", FIND_OUT),
        };
        Err(SessionError::new(Stage::Prompt, failure, what, advice))
    }

    /// Asks one command and waits for its whole reply, at most `timeouts.command`.
    ///
    /// A reply with log lines inside makes the session ask for quiet once; a line less to type for all the others.
    pub async fn ask(&mut self, question: Question) -> Exchange {
        let command = question.text();
        let (sent_at, began) = (Timestamp::now(), Instant::now());
        let reply = self.type_line(command, self.timeouts.command).await;
        let exchange = Exchange { command: command.to_owned(), sent_at: Some(sent_at), took: began.elapsed(), reply };
        let noisy = matches!(&exchange.reply, Reply::Output(text) if !command.contains("logging") && text.lines().any(is_log_line));
        if noisy && !std::mem::replace(&mut self.quiet, true) {
            self.type_line(typed::NO_LOG_LINES, self.timeouts.prompt).await;
        }
        exchange
    }

    async fn type_line(&mut self, line: &str, limit: Duration) -> Reply {
        let deadline = Instant::now() + limit;
        self.screen.take();
        let why = match send(&mut self.driver, &mut self.channel, line, deadline).await {
            Ok(()) => self.wait_for_prompt(line, deadline).await,
            Err(error) => Err(cut_by(&error)),
        };
        let bytes = self.screen.take();
        let text = aside(bytes.len(), || body(&normalise(&bytes), line, &self.prompt));
        match why {
            Ok(()) => Reply::classify(text),
            Err(why) => Reply::Cut { partial: text, why },
        }
    }

    async fn wait_for_prompt(&mut self, line: &str, deadline: Instant) -> Result<(), Cut> {
        let echo = self.echoes.then_some(line);
        let mut asked_again = None;
        loop {
            if self.screen.is_done(&self.prompt, echo) {
                return Ok(());
            }
            let end = self.screen.shows();
            if end == Shows::Pager {
                self.screen.answer();
                press(&mut self.driver, &mut self.channel, NEXT_PAGE, deadline)
                    .await
                    .map_err(|error| cut_by(&error))?;
            }
            let quiet = deadline.min(Instant::now() + SILENCE);
            match receive(&mut self.driver, &mut self.channel, &mut self.screen, quiet).await {
                Ok(0) => return Err(Cut::Closed),
                Err(Received::Failed(error)) => return Err(cut_by(&error)),
                Ok(_) if self.screen.len() > LARGEST_REPLY => {
                    self.driver.cut();
                    return Err(Cut::TooLarge);
                }
                Ok(_) => {}
                Err(Received::Silence) if Instant::now() >= deadline => {
                    self.driver.cut();
                    return Err(Cut::TimedOut);
                }
                Err(Received::Silence) => match end {
                    // An echo that looks like no echo: the prompt stands, and nothing more comes.
                    Shows::Prompt(shown) if shown == self.prompt => return Ok(()),
                    // The device may have been renamed, or failed over: a prompt that comes twice is the new one.
                    Shows::Prompt(shown)
                        if asked_again
                            .as_ref()
                            .is_some_and(|(first, at)| *first == shown && self.screen.len() > *at) =>
                    {
                        self.prompt = shown;
                        return Ok(());
                    }
                    Shows::Prompt(shown) if !shown.is_foreign() && asked_again.is_none() => {
                        asked_again = Some((shown, self.screen.len()));
                        press(&mut self.driver, &mut self.channel, "\n", deadline)
                            .await
                            .map_err(|error| cut_by(&error))?;
                    }
                    _ => {}
                },
            }
        }
    }

    /// The end of the jump host's session, where this one was lost by it.
    pub fn lost_by(&self) -> Option<SessionError> {
        self.driver.stream.fate().get().cloned()
    }

    /// Says `exit`, so that the vty line is free again, and closes.
    pub async fn close(mut self) {
        let deadline = Instant::now() + GOODBYE;
        if send(&mut self.driver, &mut self.channel, typed::GOODBYE, deadline).await.is_ok() {
            while let Ok(1..) = receive(&mut self.driver, &mut self.channel, &mut self.screen, deadline).await {
                self.screen.take();
            }
        }
    }
}
