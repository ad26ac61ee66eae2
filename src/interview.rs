//! One device: connect, ask what is still needed, take leave. The result is what was read, whole or in part, and how it went.
//!
//! A reply is read and written as soon as it is there, and leaves memory then.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::inventory::Device;
use crate::reading::Reader;
use crate::record::{Contact, Status};
use crate::session::{Breaker, Credentials, Hop, Routes, Session, SessionError, Timeouts, aside};
use crate::transcript::archive::Recording;
use crate::transcript::redact::Redactor;
use crate::transcript::{Cut, Exchange, Reply, Transcript};

/// What an interview needs besides the device.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Who logs in.
    pub credentials: &'a Credentials,
    /// Whether the credentials may still be used on this device.
    pub breaker: &'a Breaker,
    /// The jump hosts on the way, nearest to here first.
    pub hops: &'a [Hop],
    /// How hosts are reached.
    pub routes: &'a Routes,
    /// Limits of each stage.
    pub timeouts: &'a Timeouts,
    /// Limit of the whole interview, its retries included.
    pub device_timeout: Duration,
    /// Connections tried again after a failure that may pass. Never after a refused login.
    pub retries: u32,
    /// Takes secrets out of what is kept.
    pub redactor: &'a Redactor,
    /// Where transcripts are kept; `None` where they are not.
    pub transcripts: Option<&'a Path>,
}

impl Access<'_> {
    fn recording(&self, device: &Device) -> Option<Recording> {
        self.transcripts.map(|folder| Recording::of(&device.name, folder))
    }
}

/// How an interview went.
#[derive(Debug)]
pub struct Interview {
    /// The inventory row.
    pub device: Device,
    /// Host name of the prompt, where a prompt was seen.
    pub hostname: Option<String>,
    /// What was understood, reply by reply. Many facts have room there: on the heap, a waiting task stays small.
    pub reader: Box<Reader>,
    /// What the device said, where it is kept.
    pub recording: Option<Recording>,
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
        /// The end of the jump host's session that cut it.
        by: Option<Box<SessionError>>,
    },
    /// There was no session.
    Failed(SessionError),
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
    let contact = Contact { started: Some(Timestamp::now()), path: path(device, access.hops), ..Contact::default() };
    let recording = access.recording(device);
    let mut interview = Interview { recording, ..Interview::begin(device.clone(), contact) };
    // The future writes into `interview` as it goes, so that what was heard is kept when the time is over.
    let mut best = None;
    let talk = talk(device, &mut interview, &mut best, access, began + access.device_timeout);
    if timeout_at(began + access.device_timeout, talk).await.is_err() {
        interview.end = End::OutOfTime(access.device_timeout);
    }
    interview.keep_the_better(best);
    interview.contact.took = began.elapsed();
    interview
}

/// `direct`, or the jump hosts and the address, as `bastion > 10.0.0.1`.
fn path(device: &Device, hops: &[Hop]) -> String {
    if hops.is_empty() {
        return "direct".to_owned();
    }
    hops.iter().map(|hop| hop.name.as_str()).chain([device.address.as_str()]).collect::<Vec<_>>().join(" > ")
}

impl Interview {
    fn begin(device: Device, contact: Contact) -> Self {
        Self { device, hostname: None, reader: Box::default(), recording: None, contact, end: End::Complete }
    }

    /// An interview of another time, of which all that was said is there.
    pub fn of(transcript: Transcript, contact: Contact, end: End) -> Self {
        let reader = Box::new(Reader::of(&transcript));
        Self { reader, hostname: transcript.hostname, end, ..Self::begin(transcript.device, contact) }
    }

    /// Begins anew; the attempt that heard most is kept in `best`.
    fn set_aside(&mut self, best: &mut Option<Self>) {
        let contact = Contact { started: self.contact.started, path: self.contact.path.clone(), ..Contact::default() };
        let heard = std::mem::replace(self, Self::begin(self.device.clone(), contact));
        if best.as_ref().is_none_or(|best| best.reader.heard() <= heard.reader.heard()) {
            *best = Some(heard);
        }
    }

    /// A try that heard less than one before it does not take away what was heard.
    fn keep_the_better(&mut self, best: Option<Self>) {
        let Some(best) = best else { return };
        if self.reader.heard() < best.reader.heard() {
            let attempts = self.contact.attempts;
            *self = Self { contact: Contact { attempts, ..best.contact }, ..best };
        }
    }

    /// Reads a reply, writes it where transcripts are kept, and lets go of it. It must hold no secret.
    fn take(&mut self, exchange: &Exchange) {
        self.reader.add(exchange);
        if let Some(recording) = &mut self.recording {
            recording.add(exchange);
        }
    }
}

async fn talk(
    device: &Device,
    interview: &mut Interview,
    best: &mut Option<Interview>,
    access: Access<'_>,
    deadline: Instant,
) {
    // An account, set or site that was stopped before: the device is not even contacted.
    if access.breaker.is_open() {
        access.routes.turn_unused();
        interview.end = failed(access.breaker.stopped(&access.credentials.set), access);
        return;
    }
    for attempt in 0..=access.retries {
        if attempt > 0 {
            interview.set_aside(best);
            interview.recording = access.recording(device);
        }
        interview.contact.attempts = attempt + 1;
        interview.end = match attempt_once(device, interview, access).await {
            Ok(end) => end,
            Err(error) => failed(error, access),
        };
        let passing = match &interview.end {
            End::Failed(error) => error.may_be_tried_again(),
            // A refused enable secret is not sent to the same device again.
            End::Cut { why, .. } => *why == Cut::Closed && interview.contact.enable_refused.is_none(),
            _ => false,
        };
        let again = Instant::now() + BACKOFF * (attempt + 1);
        if !passing || attempt == access.retries || again >= deadline || access.breaker.is_open() {
            return;
        }
        sleep_until(again).await;
        // Where its turn does not come in time, the failure stands.
        if timeout_at(deadline, access.routes.turn()).await.is_err() {
            return;
        }
    }
}

fn failed(error: SessionError, access: Access<'_>) -> End {
    End::Failed(SessionError { what: access.redactor.redact(&error.what).into_owned(), ..error })
}

async fn attempt_once(device: &Device, interview: &mut Interview, access: Access<'_>) -> Result<End, SessionError> {
    let connection = access.routes.connect(device, access.hops).await?;
    interview.contact.ssh_kex.clone_from(&connection.kex);
    interview.contact.ssh_host_key.clone_from(&connection.host_key);
    let logged_in = connection.log_in(access.credentials, access.breaker, access.timeouts.authentication).await?;
    let mut session = logged_in.open(access.credentials, access.breaker, access.timeouts).await?;
    session.auth_method.clone_into(&mut interview.contact.auth_method);
    let refused = session.enable_refused.as_ref();
    interview.contact.enable_refused = refused.map(|words| access.redactor.redact(words).into_owned());
    session.hostname().clone_into(&mut interview.contact.hostname_seen);
    interview.hostname = Some(session.hostname().to_owned());
    let end = ask_all(&mut session, device, interview, access.redactor).await;
    session.close().await;
    Ok(end)
}

async fn ask_all(session: &mut Session, device: &Device, interview: &mut Interview, redactor: &Redactor) -> End {
    while let Some(question) = interview.reader.next_question(device) {
        let exchange = session.ask(question).await;
        let exchange = aside(size(&exchange), || {
            let exchange = redacted(exchange, redactor);
            interview.take(&exchange);
            exchange
        });
        if let Reply::Cut { why, .. } = exchange.reply {
            let by = session.lost_by().filter(|_| why == Cut::Closed).map(Box::new);
            return End::Cut { command: exchange.command, why, by };
        }
    }
    End::Complete
}

fn size(exchange: &Exchange) -> usize {
    match &exchange.reply {
        Reply::Output(text) | Reply::Refused(text) | Reply::Cut { partial: text, .. } => text.len(),
    }
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
