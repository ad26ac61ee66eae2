//! The keeper of one jump host: gives each device a connection from a session that is logged in, and logs in again where none has
//! room.
//!
//! All its state belongs to one task. Every wait ends: a login has the limits of its stages, an opening that of the device, and a
//! failed login answers everybody who waits for it.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant, sleep_until};

use super::super::SessionError;
use super::super::connect::Connection;
use super::super::dial::{Request, Way};
use super::super::drive::Driver;
use super::link::{Event, Link};
use super::{Hop, Shared};

/// Connections of one session. OpenSSH counts none of them in `MaxSessions`, but all of them share one TCP window.
const CONNECTIONS: usize = 32;
/// Sessions of one jump host: enough for the default concurrency, and for a few black holes that each hold one up.
const SESSIONS: usize = 32;
/// An opening that takes this long holds up those behind it: they get another session.
const STUCK: Duration = Duration::from_secs(2);
/// After a failed login, while other sessions still serve.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct Keeper {
    hop: Arc<Hop>,
    name: Arc<str>,
    /// How the jump host itself is reached.
    way: Way,
    shared: Arc<Shared>,
    requests: mpsc::Receiver<Request>,
    /// Told by links; at most a few for each connection.
    events: mpsc::UnboundedReceiver<(usize, Event)>,
    tell: mpsc::UnboundedSender<(usize, Event)>,
    /// One for each running device at most.
    waiting: VecDeque<Request>,
    links: Vec<Handle>,
    /// One login at a time.
    login: JoinSet<Result<Driver, SessionError>>,
    /// A failure after which nobody logs in here again: a refused login above all.
    barred: Option<SessionError>,
    not_before: Instant,
    number: usize,
}

/// What is known of a link.
struct Handle {
    number: usize,
    orders: mpsc::Sender<Request>,
    connections: usize,
    opening_since: Option<Instant>,
    retired: bool,
}

impl Handle {
    fn is_free(&self) -> bool {
        !self.retired && self.opening_since.is_none() && self.connections < CONNECTIONS
    }

    /// Whether waiting for this link is worth while; if so, until when.
    fn hope(&self) -> Option<Instant> {
        let since = self.opening_since.filter(|_| !self.retired && self.connections < CONNECTIONS)?;
        Some(since + STUCK).filter(|until| *until > Instant::now())
    }
}

impl Keeper {
    /// Starts a keeper, which lives as long as somebody can ask it.
    pub(super) fn start(hop: Hop, way: Way, shared: Arc<Shared>) -> mpsc::Sender<Request> {
        let (ask, requests) = mpsc::channel(CONNECTIONS);
        let (tell, events) = mpsc::unbounded_channel();
        let keeper = Self {
            name: hop.name.as_str().into(),
            hop: Arc::new(hop),
            way,
            shared,
            requests,
            events,
            tell,
            waiting: VecDeque::new(),
            links: Vec::new(),
            login: JoinSet::new(),
            barred: None,
            not_before: Instant::now(),
            number: 0,
        };
        tokio::spawn(keeper.run());
        ask
    }

    async fn run(mut self) {
        loop {
            let until = self.assign();
            tokio::select! {
                request = self.requests.recv() => match request {
                    Some(request) => self.waiting.push_back(request),
                    None => return,
                },
                Some((number, event)) = self.events.recv() => self.note(number, event),
                Some(done) = self.login.join_next() => match done {
                    Ok(done) => self.logged_in(done),
                    // A panic; those who wait must not wait for ever.
                    Err(_) => self.waiting.clear(),
                },
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {}
            }
        }
    }

    /// Gives what waits to links with room, and logs in where there is none. Answers when to look again.
    fn assign(&mut self) -> Option<Instant> {
        self.waiting.retain(|request| !request.reply.is_closed());
        while !self.waiting.is_empty() {
            let Some(link) = self.links.iter_mut().find(|link| link.is_free()) else { break };
            let Some(request) = self.waiting.pop_front() else { break };
            match link.orders.try_send(request) {
                Ok(()) => {
                    link.connections += 1;
                    link.opening_since = Some(Instant::now());
                }
                // It has just ended, and will say so.
                Err(error) => {
                    link.retired = true;
                    self.waiting.push_front(error.into_inner());
                }
            }
        }
        if self.waiting.is_empty() || !self.login.is_empty() {
            return None;
        }
        if let Some(error) = self.barred.clone() {
            if self.links.is_empty() {
                self.answer_all(&error);
            }
            return None;
        }
        let hope = self.links.iter().filter_map(Handle::hope).min();
        if hope.is_some() || self.links.len() >= SESSIONS {
            return hope;
        }
        if self.not_before > Instant::now() {
            return Some(self.not_before);
        }
        let (hop, way, shared) = (Arc::clone(&self.hop), self.way.clone(), Arc::clone(&self.shared));
        let name = Arc::clone(&self.name);
        self.login.spawn(async move { log_in(&hop, &way, &shared).await.map_err(|error| error.at_hop(&name)) });
        None
    }

    fn logged_in(&mut self, done: Result<Driver, SessionError>) {
        match done {
            Ok(driver) => {
                self.number += 1;
                let (orders, taken) = mpsc::channel(1);
                let link = Link::new(self.number, Arc::clone(&self.name), driver, taken, self.tell.clone());
                tokio::spawn(link.run());
                let number = self.number;
                self.links.push(Handle { number, orders, connections: 0, opening_since: None, retired: false });
            }
            Err(error) => {
                if self.links.is_empty() {
                    self.answer_all(&error);
                } else {
                    self.not_before = Instant::now() + PAUSE;
                }
                if error.is_final() {
                    self.barred = Some(error);
                }
            }
        }
    }

    fn note(&mut self, number: usize, event: Event) {
        let Some(at) = self.links.iter().position(|link| link.number == number) else { return };
        match event {
            Event::Free => self.links[at].opening_since = None,
            Event::Closed => self.links[at].connections -= 1,
            Event::Retired => self.links[at].retired = true,
            Event::Ended(lost) => {
                self.links.swap_remove(at);
                let Some((error, unopened)) = lost else { return };
                match unopened {
                    // Perhaps the jump host had ended an idle session: a new one may do.
                    Some(mut request) if !request.again && !error.is_final() => {
                        request.again = true;
                        self.waiting.push_front(request);
                    }
                    Some(request) => drop(request.reply.send(Err(error.clone()))),
                    None => {}
                }
                if error.is_final() {
                    self.barred = Some(error);
                }
            }
        }
    }

    fn answer_all(&mut self, error: &SessionError) {
        for request in self.waiting.drain(..) {
            let _ = request.reply.send(Err(error.clone()));
        }
    }
}

async fn log_in(hop: &Hop, way: &Way, shared: &Shared) -> Result<Driver, SessionError> {
    let Shared { host_keys, timeouts, turns } = shared;
    turns.hop().await;
    let connection = Connection::to(&hop.peer(), way, host_keys, timeouts.connect).await?;
    let (who, breaker) = &*hop.access;
    Ok(connection.log_in(who, breaker, timeouts.authentication).await?.driver)
}
