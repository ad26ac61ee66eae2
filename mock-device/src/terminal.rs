//! The two directions of a session: what is typed, with its echo, and what is printed, page by page.

use std::collections::VecDeque;

use russh::server::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf};

use crate::fault::Fault;
use crate::screen::{self, ERASE, Line, MORE};

/// The client is gone, or the session has ended.
pub(crate) struct Gone;

pub(crate) type Flow<T> = Result<T, Gone>;

/// The client's terminal.
pub(crate) struct Terminal {
    output: ChannelWriteHalf<Msg>,
    input: ChannelReadHalf,
    typed: VecDeque<u8>,
    after_return: bool,
    fault: Fault,
    /// Lines of a page; 0 is without pages.
    pub(crate) length: usize,
    /// Columns; 0 is without limit.
    pub(crate) width: usize,
    /// Whether the width stays what it is.
    pub(crate) fixed_width: bool,
    /// How a line of an output ends.
    pub(crate) line_end: &'static str,
}

/// What a client asks for when it opens a session.
pub(crate) enum Request {
    Shell,
    Exec(String),
}

impl Terminal {
    pub(crate) fn new(channel: Channel<Msg>, fault: Fault) -> Terminal {
        let (input, output) = channel.split();
        Terminal {
            output,
            input,
            typed: VecDeque::new(),
            after_return: false,
            fault,
            length: 24,
            width: 80,
            fixed_width: false,
            line_end: "\r\n",
        }
    }

    /// Waits for the request for a shell or a command.
    pub(crate) async fn request(&mut self) -> Flow<Request> {
        loop {
            match self.input.wait().await {
                Some(ChannelMsg::RequestPty { col_width, .. }) => self.resize(col_width),
                Some(ChannelMsg::RequestShell { .. }) => return Ok(Request::Shell),
                Some(ChannelMsg::Exec { command, .. }) => {
                    return Ok(Request::Exec(String::from_utf8_lossy(&command).into_owned()));
                }
                Some(ChannelMsg::Close | ChannelMsg::Eof) | None => return Err(Gone),
                Some(_) => {}
            }
        }
    }

    /// Sends a text as it is.
    pub(crate) async fn send(&mut self, text: &str) -> Flow<()> {
        if let Fault::SlowDrip { bytes, every } = self.fault {
            for piece in text.as_bytes().chunks(bytes.max(1)) {
                self.output.data_bytes(piece.to_vec()).await.map_err(|_| Gone)?;
                tokio::time::sleep(every).await;
            }
            return Ok(());
        }
        if text.is_empty() {
            return Ok(());
        }
        self.output.data_bytes(self.bytes(text)).await.map_err(|_| Gone)
    }

    /// The text as it goes over the line.
    fn bytes(&self, text: &str) -> Vec<u8> {
        let bytes = text.as_bytes();
        if self.fault != Fault::DirtyBytes {
            return bytes.to_vec();
        }
        // Colour and BEL on every line, and once a word in Latin-1.
        let dirty = bytes.split_inclusive(|byte| *byte == b'\n').flat_map(|line| match line.strip_suffix(b"\r\n") {
            Some(body) if body.ends_with(b"minutes") => [body, b" since last \xe9t\xe9\r\n"].concat(),
            Some(body) => [b"\x1b[32m", body, b"\x1b[0m\x07\r\n"].concat(),
            None => line.to_vec(),
        });
        dirty.collect()
    }

    /// Says that nothing more comes, and leaves the channel open.
    pub(crate) async fn half_close(&self) {
        let _ = self.output.eof().await;
    }

    /// Sends a text with CRLF line ends, without pages.
    pub(crate) async fn print(&mut self, text: &str) -> Flow<()> {
        self.send(&text.replace('\n', "\r\n")).await
    }

    /// Sends the first half of a text.
    pub(crate) async fn print_half(&mut self, text: &str) -> Flow<()> {
        let half = (text.len() / 2..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.print(&text[..half]).await
    }

    /// Sends an output, stopping at the end of each page.
    pub(crate) async fn page(&mut self, text: &str) -> Flow<()> {
        let mut page = String::with_capacity(text.len() + text.len() / 30);
        let mut left = self.length;
        for line in screen::lines(text, self.width) {
            if self.length > 0 && left == 0 {
                page += MORE;
                self.send(&page).await?;
                page.clear();
                left = match self.answer().await? {
                    Some(lines) => lines,
                    None => return self.send(ERASE).await,
                };
                page += ERASE;
            }
            page += line;
            page += self.line_end;
            left = left.saturating_sub(1);
        }
        self.send(&page).await
    }

    /// How many lines more are wanted; none where the output is to end.
    async fn answer(&mut self) -> Flow<Option<usize>> {
        loop {
            match self.byte().await? {
                b' ' => return Ok(Some(self.length)),
                b'\r' | b'\n' => return Ok(Some(1)),
                b'q' | b'Q' | 3 => return Ok(None),
                _ => {}
            }
        }
    }

    /// Reads a line, echoing it where it is no password.
    pub(crate) async fn read_line(&mut self, prompt: &str, echo: bool) -> Flow<String> {
        let (mut line, mut printed) = (Line::default(), String::new());
        let columns = prompt.chars().count();
        loop {
            if self.typed.is_empty() && !printed.is_empty() {
                self.send(&std::mem::take(&mut printed)).await?;
            }
            let shown = match self.byte().await? {
                b'\r' | b'\n' => {
                    printed += "\r\n";
                    self.send(&printed).await?;
                    return Ok(line.text);
                }
                3 => {
                    line = Line::default();
                    format!("^C\r\n{prompt}")
                }
                8 | 127 => line.pop().into(),
                21 => (0..line.text.chars().count()).map(|_| line.pop()).collect(),
                byte if byte < b' ' => String::new(),
                byte => line.push(char::from(byte), columns, self.width),
            };
            if echo {
                printed += &shown;
            }
        }
    }

    /// Says nothing more until the client goes.
    pub(crate) async fn hang(&mut self) -> Flow<()> {
        loop {
            if let Some(ChannelMsg::Close) | None = self.input.wait().await {
                return Err(Gone);
            }
        }
    }

    /// Closes the channel from this side.
    pub(crate) async fn close(&self) {
        let _ = self.output.eof().await;
        let _ = self.output.close().await;
    }

    fn resize(&mut self, columns: u32) {
        if columns > 0 && !self.fixed_width {
            self.width = usize::try_from(columns).unwrap_or(80);
        }
    }

    /// What the client sends next; some devices cannot wait in silence.
    async fn wait(&mut self) -> Flow<Option<ChannelMsg>> {
        let Fault::Chatter(every) = self.fault else { return Ok(self.input.wait().await) };
        loop {
            match tokio::time::timeout(every, self.input.wait()).await {
                Ok(message) => return Ok(message),
                Err(_) => self.send("\r\n*Nov 24 08:00:00.000: %SYS-7-NV_BLOCK_INIT: debugging is on\r\n").await?,
            }
        }
    }

    async fn byte(&mut self) -> Flow<u8> {
        loop {
            if let Some(byte) = self.typed.pop_front() {
                // Return may come as CR, LF or both.
                if std::mem::take(&mut self.after_return) && byte == b'\n' {
                    continue;
                }
                self.after_return = byte == b'\r';
                return Ok(byte);
            }
            match self.wait().await? {
                Some(ChannelMsg::Data { data }) => self.typed.extend(data.iter()),
                Some(ChannelMsg::WindowChange { col_width, .. }) => self.resize(col_width),
                Some(ChannelMsg::Close | ChannelMsg::Eof) | None => return Err(Gone),
                Some(_) => {}
            }
        }
    }
}
