//! One session of a jump host, and all the connections it carries: a task that copies between channels and socket pairs.
//!
//! Nothing is copied faster than it is taken: a side that does not read fills one buffer here, then the window of its channel, and
//! its sender waits. Each turn costs one look at each connection; between turns the task sleeps until a socket is ready.
//!
//! libssh2 opens one channel at a time, and none can be given up: its answer, when it comes late, would be taken for that of the
//! next. A link whose opening is late therefore opens nothing more, and ends with its last connection.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use libssh2_sys as raw;
use ssh2::{BlockDirections, ErrorCode};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::super::connect::{failed, is_closed};
use super::super::dial::{Opened, Request};
use super::super::drive::{DriveError, Driver};
use super::super::stream::{Fate, Stream};
use super::super::{Failure, SessionError, Stage};
use super::line::Line;

/// What a link tells its keeper.
pub(super) enum Event {
    /// It can open the next connection.
    Free,
    /// A connection has ended.
    Closed,
    /// It opens nothing more.
    Retired,
    /// Its session has ended: why, where it was lost, and the connection that was being opened.
    Ended(Option<(SessionError, Option<Request>)>),
}

/// A session of a jump host.
pub(super) struct Link {
    number: usize,
    /// The jump host, for errors.
    name: Arc<str>,
    driver: Driver,
    orders: mpsc::Receiver<Request>,
    events: mpsc::UnboundedSender<(usize, Event)>,
    opening: Option<Opening>,
    retired: bool,
    lines: Vec<Line>,
    /// The operation whose packet is half sent: libssh2 must send the rest of it before anything else.
    half_sent: Option<Operation>,
    fate: Fate,
    next_line: usize,
}

/// A channel that the server has not answered yet.
struct Opening {
    request: Request,
    began: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Open,
    Read(usize),
    Write(usize),
    Close(usize),
}

/// Why a link stops.
enum End {
    /// Nobody needs it.
    Idle,
    /// Its session is lost.
    Lost(SessionError),
}

impl Link {
    pub(super) fn new(
        number: usize,
        name: Arc<str>,
        driver: Driver,
        orders: mpsc::Receiver<Request>,
        events: mpsc::UnboundedSender<(usize, Event)>,
    ) -> Self {
        Self {
            number,
            name,
            driver,
            orders,
            events,
            opening: None,
            retired: false,
            lines: Vec::new(),
            half_sent: None,
            fate: Fate::default(),
            next_line: 0,
        }
    }

    /// Serves until the session is lost, or until nobody can ask for more and the last connection is closed.
    pub(super) async fn run(mut self) {
        let mut lost = None;
        if let End::Lost(error) = self.serve().await {
            let error = error.at_hop(&self.name);
            // Before the sockets are closed, which happens when `self` is dropped.
            self.fate.seal(error.clone());
            lost = Some((error, self.opening.take().map(|opening| opening.request)));
        }
        self.tell(Event::Ended(lost));
    }

    async fn serve(&mut self) -> End {
        loop {
            if let Err(why) = self.turn() {
                return End::Lost(lost(&why));
            }
            if let Some(error) = self.flooded() {
                return End::Lost(error);
            }
            if self.retired && self.lines.is_empty() {
                return End::Idle;
            }
            let (may_open, late) = (self.opening.is_none() && !self.retired, self.late());
            let Self { driver, orders, lines, opening, half_sent, retired, .. } = self;
            let listens = opening.is_some() || lines.iter().any(Line::listens);
            let ready = poll_fn(|context| {
                // All are asked, so that all wake the task. What the network cannot take or give any more, libssh2 will say.
                let mut ready = driver.stream.flush(context) && half_sent.is_some();
                ready |= listens && driver.stream.poll_fill(context).is_ready();
                for line in lines.iter() {
                    ready |= line.poll_ready(context);
                }
                if ready { Poll::Ready(()) } else { Poll::Pending }
            });
            tokio::select! {
                () = ready => {}
                order = orders.recv(), if may_open => match order {
                    Some(request) => *opening = Some(Opening { request, began: Instant::now() }),
                    None => *retired = true,
                },
                () = sleep_until(late), if !may_open && !*retired => {
                    // A packet that cannot even be sent whole: nothing else can be sent either.
                    if *half_sent == Some(Operation::Open) {
                        return End::Lost(lost("it takes no more data"));
                    }
                    self.give_up();
                }
            }
        }
    }

    /// When the opening is late.
    fn late(&self) -> Instant {
        let far = Instant::now() + std::time::Duration::from_secs(86_400);
        self.opening.as_ref().map_or(far, |opening| opening.began + opening.request.limit)
    }

    fn give_up(&mut self) {
        self.retired = true;
        self.tell(Event::Retired);
        self.tell(Event::Closed);
        if let Some(Opening { request, .. }) = self.opening.take() {
            let what = format!("no answer from {}:{} in time", request.host, request.port);
            let advice = format!("check that it is up and the path to it from `{}` is open", self.name);
            let _ = request.reply.send(Err(SessionError::new(Stage::Connect, Failure::Timeout, what, advice)));
        }
    }

    /// Moves all that can be moved without waiting.
    fn turn(&mut self) -> Result<(), String> {
        self.driver.stream.before_call();
        while self.pass()? {}
        Ok(())
    }

    /// The error, where the jump host sends what nobody asked for. What it has for a line that is busy was asked for.
    fn flooded(&self) -> Option<SessionError> {
        let unread = || self.lines.iter().map(|line| u64::from(line.channel.read_window().available)).sum();
        let bytes = self.driver.stream.flooded(&self.driver.ssh, unread)?;
        self.driver.cut();
        Some(failed(Stage::Connect, DriveError::Flood(bytes)))
    }

    /// One look at everything; true where something moved.
    fn pass(&mut self) -> Result<bool, String> {
        let mut moved = false;
        if let Some(operation) = self.half_sent {
            moved |= self.operate(operation)?;
            if self.half_sent.is_some() {
                return Ok(false);
            }
        }
        let lines: Vec<usize> = self.lines.iter().map(|line| line.number).collect();
        let of_lines = lines
            .into_iter()
            .flat_map(|number| [Operation::Read(number), Operation::Write(number), Operation::Close(number)]);
        for operation in std::iter::once(Operation::Open).chain(of_lines) {
            moved |= self.operate(operation)?;
            if self.half_sent.is_some() {
                break;
            }
        }
        Ok(moved)
    }

    fn operate(&mut self, operation: Operation) -> Result<bool, String> {
        let moved = match operation {
            Operation::Open => self.open()?,
            Operation::Read(number) => self.read(number)?,
            Operation::Write(number) => self.line(number).map_or(Ok(false), Line::write)?,
            Operation::Close(number) => self.close(number)?,
        };
        let sends = matches!(self.driver.ssh.block_directions(), BlockDirections::Outbound | BlockDirections::Both);
        self.half_sent = sends.then_some(operation);
        Ok(moved)
    }

    fn open(&mut self) -> Result<bool, String> {
        let Some(Opening { request, began }) = &self.opening else { return Ok(false) };
        let began = *began;
        let opened = self.driver.ssh.channel_direct_tcpip(&request.host, request.port, None);
        let answer = match opened {
            Err(error) if error.code() == ErrorCode::Session(raw::LIBSSH2_ERROR_EAGAIN) => return Ok(false),
            Err(error) if is_closed(&error) => return Err(error.message().to_owned()),
            Err(error) => Err(refused(&error, request, &self.name)),
            Ok(channel) => UnixStream::pair().map(|sockets| (channel, sockets)).map_err(|error| {
                let advice = "raise the limit of open files (ulimit -n) or lower --concurrency";
                SessionError::new(Stage::Connect, Failure::Internal, error.to_string(), advice)
            }),
        };
        let Some(Opening { request, .. }) = self.opening.take() else { return Ok(false) };
        let answer = answer.map(|(channel, (inside, outside))| {
            let number = self.next_line;
            self.next_line += 1;
            self.lines.push(Line::new(number, channel, inside));
            Opened { stream: Stream::Jump(outside, self.fate.clone()), began }
        });
        if answer.is_err() {
            self.tell(Event::Closed);
        }
        self.tell(Event::Free);
        // Where nobody waits any more, the dropped socket closes the line.
        let _ = request.reply.send(answer);
        Ok(true)
    }

    fn line(&mut self, number: usize) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.number == number)
    }

    fn read(&mut self, number: usize) -> Result<bool, String> {
        let Some(line) = self.line(number) else { return Ok(false) };
        let (moved, read) = line.read()?;
        self.driver.stream.count_output(read);
        Ok(moved)
    }

    fn close(&mut self, number: usize) -> Result<bool, String> {
        let Some(at) = self.lines.iter().position(|line| line.number == number && line.is_over()) else {
            return Ok(false);
        };
        match self.lines[at].channel.close() {
            Ok(()) => {
                let line = self.lines.swap_remove(at);
                // What its device said after its session had ended was asked for, and is read by nobody.
                self.driver.stream.count_output(line.channel.read_window().available as usize);
                self.tell(Event::Closed);
                Ok(true)
            }
            Err(error) if error.code() == ErrorCode::Session(raw::LIBSSH2_ERROR_EAGAIN) => Ok(false),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    fn tell(&self, event: Event) {
        // A keeper that has gone needs no telling.
        let _ = self.events.send((self.number, event));
    }
}

/// The session of the jump host has ended by itself.
fn lost(why: &str) -> SessionError {
    let advice = "look at its log; does it limit sessions or their length?";
    SessionError::new(Stage::Connect, Failure::Unreachable, format!("its session ended: {why}"), advice)
}

/// The jump host could not connect, or would not.
fn refused(error: &ssh2::Error, request: &Request, name: &str) -> SessionError {
    let why = error.message().trim_start_matches("Channel open failure").trim_matches([' ', '(', ')']);
    let why = if why.is_empty() { "no reason given" } else { why };
    let advice = match why {
        "administratively prohibited" => format!("allow forwarding to it on `{name}` (AllowTcpForwarding, PermitOpen)"),
        "resource shortage" => format!("`{name}` has no room for more connections; look at its limits"),
        _ => format!("check that it is up, its port is right, and the path to it from `{name}` is open"),
    };
    let what = format!("`{name}` cannot connect to {}:{}: {why}", request.host, request.port);
    SessionError::new(Stage::Connect, Failure::Unreachable, what, advice)
}
