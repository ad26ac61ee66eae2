//! Logging in: by what the device offers, each secret once.
//!
//! A key comes first, then keyboard-interactive or password, whichever the device names first. Without a key file and without
//! a password the keys of the agent are tried. A refused password is never sent again: it could lock the account.

use std::path::Path;

use libssh2_sys as raw;
use secrecy::{ExposeSecret, SecretString};
use ssh2::{ErrorCode, KeyboardInteractivePrompt, Prompt};
use tokio::task::block_in_place;
use tokio::time::{Duration, Instant};

use super::breaker::{Breaker, Login};
use super::connect::{Connection, failed, is_closed};
use super::credentials::Credentials;
use super::drive::{DriveError, Driver};
use super::feed::Cutter;
use super::{Failure, SessionError, Stage};

/// Servers close after three refused tries (`ip ssh authentication-retries`), keys of an agent included.
const AGENT_KEYS: usize = 3;

/// A device that has accepted the login; there is no shell yet.
pub struct LoggedIn {
    pub(super) driver: Driver,
    pub(super) auth_method: &'static str,
}

impl Connection {
    /// Logs in within `limit` where the breaker allows it, and tells the breaker how it went.
    ///
    /// # Errors
    /// After [`Failure::Refused`] nothing may be tried again: a secret was sent and not accepted. [`Failure::Stopped`] where the
    /// breaker allows nothing; then no secret was sent.
    pub async fn log_in(
        mut self,
        who: &Credentials,
        breaker: &Breaker,
        limit: Duration,
    ) -> Result<LoggedIn, SessionError> {
        // The breaker guards the secret: a key that works says nothing about a password.
        let login = if who.password.is_none() { Some(self.enter(breaker, who).await?) } else { None };
        let fate = self.driver.stream.fate();
        let tried = self.authenticate(who, breaker, limit).await.map_err(|error| fate.explain(error));
        if let Some(login) = login {
            told(login, tried.as_ref().map(|_| true));
        }
        let auth_method = tried?;
        breaker.logged_in();
        Ok(LoggedIn { auth_method, driver: self.driver })
    }

    /// Logs in, each method within `limit`; answers with the method that worked.
    ///
    /// # Errors
    /// [`Failure::Refused`] where a secret was sent and not accepted; nothing is tried a second time.
    async fn authenticate(
        &mut self,
        who: &Credentials,
        breaker: &Breaker,
        limit: Duration,
    ) -> Result<&'static str, SessionError> {
        let deadline = Instant::now() + limit;
        let offered = self.offered(&who.user, deadline).await?;
        if self.driver.ssh.authenticated() {
            return Ok("none");
        }
        let mut refused = Vec::new();
        for method in offered.split(',') {
            let is_secret = ["keyboard-interactive", "password"].contains(&method);
            let was_sent = refused.iter().any(|method| ["keyboard-interactive", "password"].contains(method));
            let accepted = match (method, &who.password) {
                ("publickey", _) => self.by_key(who, deadline).await.inspect_err(|error| {
                    if error.failure == Failure::NoMethod {
                        breaker.stop(error);
                    }
                })?,
                (_, Some(password)) if is_secret && !was_sent => {
                    let by_questions = method == "keyboard-interactive";
                    self.by_secret(who, password, by_questions, breaker, limit).await?
                }
                _ => None,
            };
            match accepted {
                Some((true, method)) => return Ok(method),
                Some((false, method)) => refused.push(method),
                None => {}
            }
        }
        Err(not_accepted(who, &offered, &refused, self.driver.stream.is_closed().await))
    }

    /// Sends the password once, where the breaker allows it. The wait for the breaker does not count towards `limit`.
    async fn by_secret(
        &mut self,
        who: &Credentials,
        password: &SecretString,
        by_questions: bool,
        breaker: &Breaker,
        limit: Duration,
    ) -> Result<Option<(bool, &'static str)>, SessionError> {
        let login = self.enter(breaker, who).await?;
        let (deadline, fate) = (Instant::now() + limit, self.driver.stream.fate());
        let tried = if by_questions {
            self.by_questions(who, password, deadline).await
        } else {
            self.by_password(who, password, deadline).await
        };
        let tried = tried.map_err(|error| fate.explain(error));
        match &tried {
            // Nothing was sent, nothing is known.
            Ok(None) => drop(login),
            Ok(Some((accepted, _))) => told(login, Ok(*accepted)),
            Err(error) => told(login, Err(error)),
        }
        tried
    }

    /// Waits for leave to send a secret. Meanwhile a device may have closed, as they do when nobody logs in: that refuses nothing.
    async fn enter<'b>(&self, breaker: &'b Breaker, who: &Credentials) -> Result<Login<'b>, SessionError> {
        let Some(login) = breaker.enter().await else { return Err(breaker.stopped(&who.set)) };
        if self.driver.stream.is_closed().await {
            let what = "the device closed the connection while the login waited for its turn";
            let advice = "run again, or raise the time that the device gives a login (`ip ssh time-out`)";
            return Err(SessionError::new(Stage::Authentication, Failure::Unreachable, what, advice));
        }
        Ok(login)
    }

    /// The methods the device offers, in its order.
    async fn offered(&mut self, user: &str, deadline: Instant) -> Result<String, SessionError> {
        let list = self.driver.ssh(deadline, |ssh| match ssh.auth_methods(user) {
            Ok(list) => Ok(list.to_owned()),
            // A device without any check accepts the question itself; libssh2 then keeps its last error.
            Err(_) if ssh.authenticated() => Ok(String::new()),
            Err(error) => Err(error),
        });
        list.await.map_err(|error| failed(Stage::Authentication, error))
    }

    async fn by_key(
        &mut self,
        who: &Credentials,
        deadline: Instant,
    ) -> Result<Option<(bool, &'static str)>, SessionError> {
        if let Some(path) = &who.identity {
            return self.by_file(who, path, deadline).await.map(|accepted| Some((accepted, "publickey")));
        }
        if who.password.is_some() {
            return Ok(None);
        }
        let Some(path) = &who.spare_identity else { return self.by_agent(who, deadline).await };
        let of_file = match self.by_file(who, path, deadline).await {
            Ok(true) => return Ok(Some((true, "publickey"))),
            Ok(false) => Ok(Some((false, "publickey"))),
            Err(error) => Err(error),
        };
        // A key file that cannot be read, most likely: its passphrase was typed into the agent.
        match &of_file {
            Err(error) if error.failure != Failure::NoMethod => of_file,
            _ => match self.by_agent(who, deadline).await? {
                Some(answer) => Ok(Some(answer)),
                None => of_file,
            },
        }
    }

    async fn by_file(&mut self, who: &Credentials, path: &Path, deadline: Instant) -> Result<bool, SessionError> {
        let phrase = who.passphrase.as_ref().map(ExposeSecret::expose_secret);
        match self.driver.ssh(deadline, |ssh| ssh.userauth_pubkey_file(&who.user, None, path, phrase)).await {
            Ok(()) => Ok(true),
            Err(DriveError::Ssh(error)) if is_key_file(&error) => {
                let what = format!("{}: {}", path.display(), error.message());
                // libssh2 says "unsupported private key format" for a wrong passphrase too.
                let advice = "check the key file; is its passphrase missing or wrong?";
                Err(SessionError::new(Stage::Authentication, Failure::NoMethod, what, advice))
            }
            Err(error) => refusal(error).map(|()| false),
        }
    }

    /// One agent for all its keys: libssh2's own loop over them crashes when it is called again after "would block".
    async fn by_agent(
        &mut self,
        who: &Credentials,
        deadline: Instant,
    ) -> Result<Option<(bool, &'static str)>, SessionError> {
        let Ok(mut agent) = self.driver.ssh.agent() else { return Ok(None) };
        // The agent is asked by blocking calls, which no deadline reaches: the other devices go on meanwhile.
        if block_in_place(|| agent.connect().and_then(|()| agent.list_identities())).is_err() {
            return Ok(None);
        }
        let mut tried = None;
        for key in agent.identities().unwrap_or_default().iter().take(AGENT_KEYS) {
            match self.driver.ssh(deadline, |_| block_in_place(|| agent.userauth(&who.user, key))).await {
                Ok(()) => return Ok(Some((true, "agent"))),
                Err(error) => refusal(error)?,
            }
            tried = Some((false, "agent"));
        }
        Ok(tried)
    }

    async fn by_password(
        &mut self,
        who: &Credentials,
        password: &SecretString,
        deadline: Instant,
    ) -> Result<Option<(bool, &'static str)>, SessionError> {
        match self.driver.ssh(deadline, |ssh| ssh.userauth_password(&who.user, password.expose_secret())).await {
            Ok(()) => Ok(Some((true, "password"))),
            Err(error) => match refusal(error) {
                Ok(()) => Ok(Some((false, "password"))),
                Err(error) => Err(error.after_a_secret()),
            },
        }
    }

    async fn by_questions(
        &mut self,
        who: &Credentials,
        password: &SecretString,
        deadline: Instant,
    ) -> Result<Option<(bool, &'static str)>, SessionError> {
        let mut answers = Answers { password, sent: false, other: None, cutter: self.driver.cutter() };
        let done = self.driver.ssh(deadline, |ssh| ssh.userauth_keyboard_interactive(&who.user, &mut answers)).await;
        let (sent, other) = (answers.sent, answers.other);
        match (done, other) {
            (Ok(()), _) => Ok(Some((true, "keyboard-interactive"))),
            (Err(_), Some(question)) => {
                let what = format!("the device asks `{question}`");
                let advice = "slaudit answers one hidden question with the password; log in once by hand, or use a key";
                let failure = if sent { Failure::Refused } else { Failure::NoMethod };
                Err(SessionError::new(Stage::Authentication, failure, what, advice))
            }
            (Err(error), None) => match refusal(error) {
                Ok(()) if sent => Ok(Some((false, "keyboard-interactive"))),
                // Refused before a question was asked: the password is still unused.
                Ok(()) => Ok(None),
                Err(error) if sent => Err(error.after_a_secret()),
                Err(error) => Err(error),
            },
        }
    }
}

/// Tells the breaker how a login went; what is neither accepted nor refused is inconclusive.
fn told(login: Login<'_>, went: Result<bool, &SessionError>) {
    match went {
        Ok(true) => login.accepted(),
        Ok(false) => login.refused(),
        Err(error) if error.failure == Failure::Refused => login.refused(),
        Err(_) => {}
    }
}

/// Answers one hidden question, whatever its text (`Password:`, `Enter PASSCODE:`), once.
struct Answers<'a> {
    password: &'a SecretString,
    sent: bool,
    /// A question that the password is no answer to.
    other: Option<String>,
    cutter: Cutter,
}

impl KeyboardInteractivePrompt for Answers<'_> {
    fn prompt(&mut self, _user: &str, instructions: &str, prompts: &[Prompt<'_>]) -> Vec<String> {
        match prompts {
            [] => Vec::new(),
            [hidden] if !hidden.echo && !self.sent => {
                self.sent = true;
                vec![self.password.expose_secret().to_owned()]
            }
            others => {
                let texts = others.iter().map(|prompt| prompt.text.trim()).collect::<Vec<_>>().join(" ");
                self.other = Some(format!("{} {texts}", instructions.trim()).trim().to_owned());
                // Any answer, an empty one too, would count as a wrong password: end the connection instead.
                self.cutter.cut();
                Vec::new()
            }
        }
    }
}

/// A refused login is an answer; anything else is an error of the connection.
fn refusal(error: DriveError) -> Result<(), SessionError> {
    let refused =
        |what: String, advice: &str| Err(SessionError::new(Stage::Authentication, Failure::Refused, what, advice));
    match error {
        DriveError::Ssh(error) => match error.code() {
            ErrorCode::Session(raw::LIBSSH2_ERROR_AUTHENTICATION_FAILED | raw::LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED) => {
                Ok(())
            }
            ErrorCode::Session(raw::LIBSSH2_ERROR_PASSWORD_EXPIRED) => {
                refused("the password has expired".to_owned(), "change the password of the account by hand")
            }
            // A server that closes after the secret was sent has refused it, as far as the account is concerned.
            _ if is_closed(&error) => refused(
                format!("the connection was closed during the login: {}", error.message()),
                "check the account and its password; is it blocked (`login block-for`)?",
            ),
            _ => Err(failed(Stage::Authentication, DriveError::Ssh(error))),
        },
        error => Err(failed(Stage::Authentication, error)),
    }
}

/// The key file, not the device, is the matter.
fn is_key_file(error: &ssh2::Error) -> bool {
    let codes = [raw::LIBSSH2_ERROR_FILE, raw::LIBSSH2_ERROR_KEYFILE_AUTH_FAILED];
    codes.iter().any(|code| error.code() == ErrorCode::Session(*code))
}

fn not_accepted(who: &Credentials, offered: &str, refused: &[&str], is_over: bool) -> SessionError {
    if refused.is_empty() {
        let what = format!("the device offers {offered}; nothing at hand fits");
        let advice = "give a password (--ask-pass) or a key (--identity)";
        return SessionError::new(Stage::Authentication, Failure::NoMethod, what, advice);
    }
    // Some servers close instead of saying no, some after it.
    let (then, blocked) =
        if is_over { (", and the connection was closed", "; is it blocked (`login block-for`)?") } else { ("", "") };
    let what = format!("`{}` was refused by {}{then}; the device offers {offered}", who.user, refused.join(" and "));
    let advice = format!("check the account and secret of credential set `{}`{blocked}", who.set);
    SessionError::new(Stage::Authentication, Failure::Refused, what, advice)
}
