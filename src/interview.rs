//! One device: connect, ask what is still needed, take leave. The result is a transcript, whole or in part, and how it went.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::inventory::Device;
use crate::reading::Reader;
use crate::run::{Contact, Status};
use crate::session::{Breaker, Credentials, Failure, HostKeys, Session, SessionError, Timeouts, connect};
use crate::transcript::redact::Redactor;
use crate::transcript::{Cut, Exchange, Reply, Transcript};

/// What an interview needs besides the device.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Who logs in.
    pub credentials: &'a Credentials,
    /// Whether the credentials may still be used.
    pub breaker: &'a Breaker,
    /// The known host keys.
    pub host_keys: &'a HostKeys,
    /// Limits of each stage.
    pub timeouts: &'a Timeouts,
    /// Limit of the whole interview, its retries included.
    pub device_timeout: Duration,
    /// Connections tried again after a failure that may pass. Never after a refused login.
    pub retries: u32,
    /// Takes secrets out of what is kept.
    pub redactor: &'a Redactor,
}

/// How an interview went.
#[derive(Debug)]
pub struct Interview {
    /// What the device said; without exchanges where it said nothing.
    pub transcript: Transcript,
    /// How it was reached.
    pub contact: Contact,
    /// How it ended.
    pub end: End,
}

/// How an interview ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Every wanted command was asked.
    Complete,
    /// A reply was cut; nothing was asked after it.
    Cut {
        /// The command.
        command: String,
        /// Why its reply is incomplete.
        why: Cut,
    },
    /// There was no session.
    Failed(SessionError),
    /// The credential set had been stopped; nothing was sent.
    Stopped,
    /// The time for the device was over.
    OutOfTime(Duration),
    /// Saved output of which nothing more is known.
    Saved,
    /// A device of an earlier run, with what was said of it then.
    Recorded(Status, String),
}

/// How long before a connection is tried again, and how much longer each time after that.
const BACKOFF: Duration = Duration::from_secs(1);

/// Interviews one device. It always ends, at the latest after `access.device_timeout`.
pub async fn interview(device: &Device, access: Access<'_>) -> Interview {
    let began = Instant::now();
    let transcript = Transcript { device: device.clone(), exchanges: Vec::new(), hostname: None };
    let contact = Contact { started: Some(Timestamp::now()), path: "direct".to_owned(), ..Contact::default() };
    let mut interview = Interview { transcript, contact, end: End::Complete };
    // The future writes into `interview` as it goes, so that what was heard is kept when the time is over.
    let talk = talk(&mut interview, access, began + access.device_timeout);
    if timeout_at(began + access.device_timeout, talk).await.is_err() {
        interview.end = End::OutOfTime(access.device_timeout);
    }
    interview.contact.took = began.elapsed();
    interview
}

async fn talk(interview: &mut Interview, access: Access<'_>, deadline: Instant) {
    for attempt in 0..=access.retries {
        interview.contact.attempts = attempt + 1;
        interview.transcript.exchanges.clear();
        interview.end = match attempt_once(interview, access).await {
            Ok(end) => end,
            Err(error) => End::Failed(error),
        };
        let passing = match &interview.end {
            End::Failed(error) => error.may_be_tried_again(),
            End::Cut { why, .. } => *why == Cut::Closed,
            _ => false,
        };
        let again = Instant::now() + BACKOFF * (attempt + 1);
        if !passing || attempt == access.retries || again >= deadline {
            return;
        }
        sleep_until(again).await;
    }
}

async fn attempt_once(interview: &mut Interview, access: Access<'_>) -> Result<End, SessionError> {
    let device = interview.transcript.device.clone();
    let connection = connect(&device, access.host_keys, access.timeouts).await?;
    interview.contact.ssh_kex.clone_from(&connection.kex);
    interview.contact.ssh_host_key.clone_from(&connection.host_key);
    let Some(login) = access.breaker.enter().await else { return Ok(End::Stopped) };
    let logged_in = match connection.log_in(access.credentials, access.timeouts.authentication).await {
        Ok(logged_in) => {
            login.accepted();
            logged_in
        }
        Err(error) => {
            if error.failure == Failure::Refused {
                login.refused();
            }
            return Err(error);
        }
    };
    let mut session = logged_in.open(access.credentials, access.timeouts).await?;
    session.auth_method.clone_into(&mut interview.contact.auth_method);
    interview.contact.enable_refused.clone_from(&session.enable_refused);
    session.hostname().clone_into(&mut interview.contact.hostname_seen);
    interview.transcript.hostname = Some(session.hostname().to_owned());
    let end = ask_all(&mut session, &device, interview, access.redactor).await;
    session.close().await;
    Ok(end)
}

async fn ask_all(session: &mut Session, device: &Device, interview: &mut Interview, redactor: &Redactor) -> End {
    let mut reader = Reader::new(device);
    while let Some(command) = reader.next_command() {
        let exchange = redacted(session.ask(command.sends).await, redactor);
        reader.add(&exchange);
        let cut = match &exchange.reply {
            Reply::Cut { why, .. } => Some(*why),
            Reply::Output(_) | Reply::Refused(_) => None,
        };
        interview.transcript.exchanges.push(exchange);
        if let Some(why) = cut {
            return End::Cut { command: command.sends.to_owned(), why };
        }
    }
    End::Complete
}

/// The same without secrets: what is kept must be safe to hand on.
fn redacted(exchange: Exchange, redactor: &Redactor) -> Exchange {
    let clean = |text: String| match redactor.redact(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(clean) => clean,
    };
    let reply = match exchange.reply {
        Reply::Output(text) => Reply::Output(clean(text)),
        Reply::Refused(words) => Reply::Refused(clean(words)),
        Reply::Cut { partial, why } => Reply::Cut { partial: clean(partial), why },
    };
    Exchange { reply, ..exchange }
}
