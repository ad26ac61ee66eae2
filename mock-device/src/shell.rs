//! A session on a channel: prompt, echo, commands, pages, and the faults of a device that answers wrongly.

use std::collections::VecDeque;
use std::sync::Arc;

use russh::server::{Handle, Msg};
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Disconnect};

use crate::device::Fault;
use crate::filter::{Filter, FilterError};
use crate::grammar::{self, Parsed, SESSION};
use crate::scenario::Refusal;
use crate::screen::{self, ERASE, Line, MORE};
use crate::server::Shared;
use crate::template::Values;
use crate::wire::Switch;

/// The client is gone, or the session has ended.
pub(crate) struct Gone;

type Flow<T> = Result<T, Gone>;

/// One session.
pub(crate) struct Shell {
    pub(crate) device: Arc<Shared>,
    output: ChannelWriteHalf<Msg>,
    input: ChannelReadHalf,
    typed: VecDeque<u8>,
    after_return: bool,
    handle: Handle,
    switch: Switch,
    pub(crate) privilege: u8,
    length: usize,
    width: usize,
    timestamps: bool,
    shows: usize,
    prompts: usize,
}

impl Shell {
    pub(crate) fn new(device: Arc<Shared>, channel: Channel<Msg>, handle: Handle, switch: Switch) -> Shell {
        let (input, output) = channel.split();
        let settings = device.scenario.shell();
        Shell {
            privilege: settings.privilege,
            timestamps: settings.timestamps,
            device,
            output,
            input,
            typed: VecDeque::new(),
            after_return: false,
            handle,
            switch,
            length: 24,
            width: 80,
            shows: 0,
            prompts: 0,
        }
    }

    /// Serves the channel until one side ends it.
    pub(crate) async fn run(mut self) {
        let ended = self.serve().await;
        if let Err(Gone) = ended {
            let _ = self.output.eof().await;
            let _ = self.output.close().await;
            // IOS ends the connection with its only session.
            let _ = self.handle.disconnect(Disconnect::ByApplication, String::new(), String::new()).await;
        }
    }

    async fn serve(&mut self) -> Flow<()> {
        loop {
            match self.input.wait().await {
                Some(ChannelMsg::RequestPty { col_width, .. }) => self.resize(col_width),
                Some(ChannelMsg::RequestShell { .. }) => return self.interactive().await,
                Some(ChannelMsg::Exec { command, .. }) => {
                    let line = String::from_utf8_lossy(&command).into_owned();
                    self.length = 0;
                    self.width = 0;
                    self.enter(&line);
                    self.execute(&line).await?;
                    return Err(Gone);
                }
                Some(ChannelMsg::Close | ChannelMsg::Eof) | None => return Err(Gone),
                Some(_) => {}
            }
        }
    }

    async fn interactive(&mut self) -> Flow<()> {
        if self.device.fault == Fault::HangAfterLogin {
            return self.hang().await;
        }
        if let Some(banner) = self.device.scenario.after_login(self.values(&self.serial())) {
            self.send(&crlf(&banner)).await?;
        }
        if !self.device.scenario.shell().unix {
            self.send("\r\n").await?;
        }
        loop {
            self.show_prompt().await?;
            let line = self.read_line(true).await?;
            self.enter(&line);
            if line.trim().is_empty() || line.trim_start().starts_with('!') {
                continue;
            }
            if self.device.scenario.shell().unix {
                self.unix(line.trim()).await?;
            } else {
                self.execute(&line).await?;
            }
        }
    }

    fn enter(&self, line: &str) {
        if !line.trim().is_empty() {
            self.device.journal.write(|log| log.commands.push(line.to_owned()));
        }
    }

    async fn unix(&mut self, line: &str) -> Flow<()> {
        let word = line.split_whitespace().next().unwrap_or_default();
        match word {
            "exit" | "logout" => self.leave("logout\r\n").await,
            "true" | "enable" => Ok(()),
            _ => self.send(&format!("bash: {word}: command not found\r\n")).await,
        }
    }

    async fn leave(&mut self, word: &str) -> Flow<()> {
        self.device.journal.write(|log| log.logouts += 1);
        self.send(word).await?;
        Err(Gone)
    }

    async fn execute(&mut self, line: &str) -> Flow<()> {
        let (command, filter) = line.split_once('|').map_or((line, None), |(command, filter)| (command, Some(filter)));
        let device = Arc::clone(&self.device);
        let known = device.scenario.commands().chain(SESSION.iter().copied());
        let command = match grammar::parse(command, known) {
            Parsed::Command(full) => full,
            Parsed::Invalid(position) => {
                let text = grammar::invalid(&self.prompt(), position);
                return self.send(&crlf(&text)).await;
            }
            Parsed::Incomplete => return self.send("% Incomplete command.\r\n\r\n").await,
            Parsed::Ambiguous => return self.send(&format!("% Ambiguous command:  \"{}\"\r\n", line.trim())).await,
        };
        if let Some(refusal) = device.scenario.refusal(&command, self.privilege) {
            let text = self.refused(refusal, line, &command);
            return self.send(&crlf(&text)).await;
        }
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["terminal", "length", lines] => self.length = lines.parse().unwrap_or(24),
            ["terminal", "width", columns] if !device.scenario.shell().fixed_width => {
                self.width = columns.parse().unwrap_or(80);
            }
            ["terminal", "no", "exec", ..] => self.timestamps = false,
            ["terminal", "exec", ..] => self.timestamps = true,
            ["terminal", ..] => {}
            ["enable"] => return self.enable().await,
            ["disable"] => self.privilege = 1,
            ["exit" | "logout" | "quit"] => return self.leave("").await,
            ["ping", .., host] => return self.ping(host).await,
            _ => return self.show(&command, filter).await,
        }
        Ok(())
    }

    fn refused(&self, refusal: Refusal, line: &str, command: &str) -> String {
        match refusal {
            Refusal::Authorization => "% Authorization failed.\n\n".into(),
            Refusal::CommandAuthorization => "Command authorization failed.\n\n".into(),
            Refusal::Incomplete => "% Incomplete command.\n\n".into(),
            // The parser stops at the first word that this level does not have.
            Refusal::Invalid => {
                let word = usize::min(2, command.split(' ').count() - 1);
                grammar::invalid(&self.prompt(), grammar::word_position(line, word))
            }
        }
    }

    async fn show(&mut self, command: &str, filter: Option<&str>) -> Flow<()> {
        self.shows += 1;
        let filter = match filter.map(Filter::read).transpose() {
            Ok(filter) => filter,
            Err(FilterError::Incomplete) => return self.send("% Incomplete command.\r\n\r\n").await,
            Err(FilterError::Keyword) => return self.send("% Invalid input detected at '^' marker.\r\n\r\n").await,
            Err(FilterError::Pattern) => {
                return self.send("% Failed to compile regular expression pattern\r\n\r\n").await;
            }
        };
        if !self.device.delay.is_zero() {
            tokio::time::sleep(self.device.delay).await;
        }
        let mut text = if self.device.scenario.shell().blank_config && command == "show running-config" {
            "Building configuration...\n\nCurrent configuration : 52 bytes\n!\n!\n!\n!\nend\n\n".to_owned()
        } else {
            self.device.scenario.answer(command, self.values(&self.serial())).unwrap_or_default()
        };
        if let Some(filter) = filter {
            text = filter.apply(&text);
        }
        if self.timestamps {
            text = self.header() + &text;
        }
        if self.device.noisy() {
            text = self.with_log_lines(&text);
        }
        match self.device.fault {
            Fault::HangInOutput(number) if number == self.shows => {
                self.send_half(&text).await?;
                self.hang().await
            }
            Fault::CutInOutput(number) if number == self.shows => {
                self.send_half(&text).await?;
                // The half must be on its way before the line is cut.
                tokio::time::sleep(std::time::Duration::from_millis(40)).await;
                self.switch.cut();
                Err(Gone)
            }
            Fault::EndlessOutput(number) if number == self.shows => loop {
                self.send(&crlf(&text)).await?;
                self.send("this line comes again and again, and no prompt comes after it\r\n").await?;
            },
            _ => self.send_pages(&text).await,
        }
    }

    async fn send_half(&mut self, text: &str) -> Flow<()> {
        let text = crlf(text);
        let half = (text.len() / 2..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        self.send(&text[..half]).await
    }

    async fn send_pages(&mut self, text: &str) -> Flow<()> {
        let mut page = String::with_capacity(text.len() + text.len() / 30);
        let mut left = self.length;
        let end = if self.device.noisy() { "\r\r\n" } else { "\r\n" };
        for line in screen::lines(text, self.width) {
            if self.length > 0 && left == 0 {
                page += MORE;
                self.send(&page).await?;
                page.clear();
                loop {
                    match self.byte().await? {
                        b' ' => left = self.length,
                        b'\r' | b'\n' => left = 1,
                        b'q' | b'Q' | 3 => {
                            return self.send(ERASE).await;
                        }
                        _ => continue,
                    }
                    break;
                }
                page += ERASE;
            }
            page += line;
            page += end;
            left = left.saturating_sub(1);
        }
        self.send(&page).await
    }

    async fn enable(&mut self) -> Flow<()> {
        if self.privilege >= 15 {
            return Ok(());
        }
        let Some(password) = self.device.login.enable.clone() else {
            return self.send("% Error in authentication.\r\n\r\n").await;
        };
        for _ in 0..3 {
            self.send("Password: ").await?;
            let typed = self.read_line(false).await?;
            if typed == password && self.device.scenario.shell().enable {
                self.privilege = 15;
                return Ok(());
            }
            if typed == password {
                return self.send("% Access denied\r\n\r\n").await;
            }
        }
        self.send("% Bad secrets\r\n\r\n").await
    }

    async fn ping(&mut self, host: &str) -> Flow<()> {
        self.shows += 1;
        if !self.device.delay.is_zero() {
            tokio::time::sleep(self.device.delay).await;
        }
        let literal = host.parse::<std::net::Ipv4Addr>().is_ok();
        let config = self.device.scenario.answer("show running-config", self.values("")).unwrap_or_default();
        if !literal && !config.lines().any(|line| line.starts_with("ip name-server")) {
            let text = format!("% Unrecognized host or address, or protocol not running: {host}\n\n");
            return self.send(&crlf(&text)).await;
        }
        let address = if literal { host } else { "192.0.2.99" };
        let text = format!(
            "Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to {address}, timeout is 2 seconds:\n!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/1/2 ms\n"
        );
        self.send(&crlf(&text)).await
    }

    /// The two lines of `terminal exec prompt timestamp`.
    fn header(&self) -> String {
        let clock = self.device.scenario.answer("show clock", self.values("")).unwrap_or_default();
        let source = if clock.starts_with('*') { "No time source" } else { "Time source is NTP" };
        format!("Load for five secs: 1%/0%; one minute: 2%; five minutes: 2%\n{source}, {clock}\n")
    }

    fn log_line(&self) -> String {
        let at = crate::clock::Form::Log.print(self.device.clock.now(), 0);
        format!("*{at}: %SYS-5-CONFIG_I: Configured from console by netadmin on vty1 (192.0.2.200)")
    }

    /// Log lines between the lines of an output, a BEL before one of them.
    fn with_log_lines(&self, text: &str) -> String {
        let mut noisy = String::with_capacity(text.len() + 1024);
        for (number, line) in text.lines().enumerate() {
            if number > 0 && number % 17 == 0 {
                noisy += if number % 2 == 0 { "\x07" } else { "" };
                noisy += &self.log_line();
                noisy.push('\n');
            }
            noisy += line;
            noisy.push('\n');
        }
        noisy
    }

    fn prompt(&self) -> String {
        let name = &self.device.name;
        if self.device.scenario.shell().unix {
            return format!("{}@{name}:~$ ", self.device.login.user);
        }
        format!("{name}{}", if self.privilege >= 15 { '#' } else { '>' })
    }

    async fn show_prompt(&mut self) -> Flow<()> {
        self.prompts += 1;
        let mut text = self.prompt();
        if self.device.noisy() {
            text.insert(0, '\x07');
            if self.prompts % 3 == 0 {
                text = format!("{text}\r\n{}\r\n", self.log_line());
            }
        }
        self.send(&text).await
    }

    pub(crate) fn serial(&self) -> String {
        self.device.serial()
    }

    fn values<'a>(&'a self, serial: &'a str) -> Values<'a> {
        self.device.values(serial, self.privilege)
    }

    fn resize(&mut self, columns: u32) {
        if columns > 0 && !self.device.scenario.shell().fixed_width {
            self.width = usize::try_from(columns).unwrap_or(80);
        }
    }

    /// Waits for the client to go.
    async fn hang(&mut self) -> Flow<()> {
        loop {
            if let Some(ChannelMsg::Close) | None = self.input.wait().await {
                return Err(Gone);
            }
        }
    }

    async fn send(&mut self, text: &str) -> Flow<()> {
        if let Fault::SlowDrip { bytes, every } = self.device.fault {
            for piece in text.as_bytes().chunks(bytes.max(1)) {
                self.output.data_bytes(piece.to_vec()).await.map_err(|_| Gone)?;
                tokio::time::sleep(every).await;
            }
            return Ok(());
        }
        if text.is_empty() {
            return Ok(());
        }
        self.output.data_bytes(text.as_bytes().to_vec()).await.map_err(|_| Gone)
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
            match self.input.wait().await {
                Some(ChannelMsg::Data { data }) => self.typed.extend(data.iter()),
                Some(ChannelMsg::WindowChange { col_width, .. }) => self.resize(col_width),
                Some(ChannelMsg::Close | ChannelMsg::Eof) | None => return Err(Gone),
                Some(_) => {}
            }
        }
    }

    async fn read_line(&mut self, echo: bool) -> Flow<String> {
        let (mut line, mut printed) = (Line::default(), String::new());
        let prompt = self.prompt().chars().count();
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
                    format!("^C\r\n{}", self.prompt())
                }
                8 | 127 => line.pop().into(),
                21 => (0..line.text.chars().count()).map(|_| line.pop()).collect(),
                byte if byte < b' ' => String::new(),
                byte => line.push(char::from(byte), prompt, self.width),
            };
            if echo {
                printed += &shown;
            }
        }
    }
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}
