//! A session: prompt, commands and their answers, and the faults of a device that answers wrongly.

use std::sync::Arc;
use std::time::Duration;

use russh::Channel;
use russh::server::Msg;

use crate::clock::Form;
use crate::fault::Fault;
use crate::filter::{Filter, FilterError};
use crate::grammar::{self, Parsed, SESSION};
use crate::scenario::{Echoes, Refusal};
use crate::shared::Shared;
use crate::template::Values;
use crate::terminal::{Flow, Gone, Request, Terminal};
use crate::wire::Switch;

/// One session.
pub(crate) struct Shell {
    device: Arc<Shared>,
    terminal: Terminal,
    switch: Switch,
    privilege: u8,
    timestamps: bool,
    /// Show commands so far; faults count them.
    shows: usize,
    prompts: usize,
}

impl Shell {
    pub(crate) fn new(device: Arc<Shared>, channel: Channel<Msg>, switch: Switch) -> Shell {
        let mut terminal = Terminal::new(channel, device.fault);
        let settings = device.scenario.shell();
        terminal.fixed_width = settings.fixed_width;
        if device.noisy() {
            // Some terminal servers add a CR of their own.
            terminal.line_end = "\r\r\n";
        }
        let (privilege, timestamps) = (settings.privilege, settings.timestamps);
        Shell { device, terminal, switch, privilege, timestamps, shows: 0, prompts: 0 }
    }

    /// Serves the channel until one side ends it.
    pub(crate) async fn run(mut self) {
        let Err(Gone) = self.serve().await else { return };
        self.terminal.close().await;
        // IOS ends the connection with its only session, and without a word: a client that is told to disconnect drops
        // what it has not printed yet. It has a second to take the rest.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.terminal.hang()).await;
        self.switch.cut();
    }

    async fn serve(&mut self) -> Flow<()> {
        match self.terminal.request().await? {
            Request::Shell => self.interactive().await,
            Request::Exec(line) => {
                self.terminal.length = 0;
                self.terminal.width = 0;
                self.enter(&line);
                self.execute(&line).await?;
                Err(Gone)
            }
        }
    }

    async fn interactive(&mut self) -> Flow<()> {
        match self.device.fault {
            Fault::HangAfterLogin => return self.terminal.hang().await,
            Fault::CutAfterLogin => return Err(Gone),
            Fault::DrippingBanner(every) => loop {
                self.terminal.print("Welcome, and wait: the device is not ready yet\n").await?;
                tokio::time::sleep(every).await;
            },
            _ => {}
        }
        if let Some(banner) = self.device.scenario.after_login(self.values()) {
            self.terminal.print(&banner).await?;
        }
        let unix = self.device.scenario.shell().unix;
        if !unix {
            self.terminal.send("\r\n").await?;
        }
        if let Fault::LatePrompt(wait) = self.device.fault {
            tokio::time::sleep(wait).await;
        }
        loop {
            self.show_prompt().await?;
            if matches!(self.device.fault, Fault::LatePrompt(_)) {
                tokio::time::sleep(std::time::Duration::from_millis(60)).await;
            }
            let line = self.terminal.read_line(&self.prompt(), true).await?;
            self.enter(&line);
            match line.trim() {
                "" => {}
                line if unix => self.unix(line).await?,
                comment if comment.starts_with('!') => {}
                _ => self.execute(&line).await?,
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
            "exit" | "logout" => self.leave("logout\n").await,
            "true" | "enable" => Ok(()),
            _ => self.terminal.print(&format!("bash: {word}: command not found\n")).await,
        }
    }

    async fn leave(&mut self, word: &str) -> Flow<()> {
        self.device.journal.write(|log| log.logouts += 1);
        self.terminal.print(word).await?;
        Err(Gone)
    }

    async fn execute(&mut self, line: &str) -> Flow<()> {
        let (typed, filter) = line.split_once('|').map_or((line, None), |(typed, filter)| (typed, Some(filter)));
        let device = Arc::clone(&self.device);
        let known = device.scenario.commands().chain(SESSION.iter().copied());
        let command = match grammar::parse(typed, known) {
            Parsed::Command(full) => full,
            Parsed::Invalid(position) => {
                let text = grammar::invalid(&self.prompt(), position);
                return self.terminal.print(&text).await;
            }
            Parsed::Incomplete => return self.terminal.print("% Incomplete command.\n\n").await,
            Parsed::Ambiguous => {
                return self.terminal.print(&format!("% Ambiguous command:  \"{}\"\n", line.trim())).await;
            }
        };
        if let Fault::SlowAaa(time) = device.fault {
            tokio::time::sleep(time).await;
        }
        if let Some(refusal) = device.scenario.refusal(&command, self.privilege) {
            let text = self.refused(refusal, line, &command);
            return self.terminal.print(&text).await;
        }
        let words: Vec<&str> = command.split(' ').collect();
        match words.as_slice() {
            ["terminal", "length", lines] => self.terminal.length = lines.parse().unwrap_or(24),
            ["terminal", "width", columns] if !self.terminal.fixed_width => {
                self.terminal.width = columns.parse().unwrap_or(80);
            }
            ["terminal", "no", "exec", ..] => self.timestamps = false,
            ["terminal", "exec", ..] => self.timestamps = true,
            ["terminal", ..] => {}
            ["enable"] => return self.enable().await,
            ["disable"] => self.privilege = 1,
            ["exit" | "logout" | "quit"] => return self.leave("").await,
            ["ping", .., host] => return self.ping(host).await,
            _ => return self.show(&command, line, filter).await,
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

    async fn show(&mut self, command: &str, line: &str, filter: Option<&str>) -> Flow<()> {
        let filter = match filter.map(Filter::read).transpose() {
            Ok(filter) => filter,
            Err(FilterError::Incomplete) => return self.terminal.print("% Incomplete command.\n\n").await,
            Err(FilterError::Keyword) => {
                let behind = line.find('|').map_or(0, |bar| bar + 2);
                return self.terminal.print(&grammar::invalid(&self.prompt(), behind)).await;
            }
            Err(FilterError::Pattern) => {
                return self.terminal.print("% Failed to compile regular expression pattern\n\n").await;
            }
        };
        self.think().await;
        let mut text = if self.device.scenario.shell().blank_config && command == "show running-config" {
            "Building configuration...\n\nCurrent configuration : 52 bytes\n!\n!\n!\n!\nend\n\n".to_owned()
        } else {
            self.device.scenario.answer(command, self.values()).unwrap_or_default()
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
                self.terminal.print_half(&text).await?;
                self.terminal.hang().await
            }
            Fault::CutInOutput(number) if number == self.shows => {
                self.terminal.print_half(&text).await?;
                // The half must be on its way before the line is cut.
                tokio::time::sleep(Duration::from_millis(40)).await;
                self.switch.cut();
                Err(Gone)
            }
            Fault::HalfClosedInOutput(number) if number == self.shows => {
                self.terminal.print_half(&text).await?;
                self.terminal.half_close().await;
                self.terminal.hang().await
            }
            Fault::LargeOutput { command, bytes } if command == self.shows => {
                for _ in 0..=bytes / text.len().max(1) {
                    self.terminal.print(&text).await?;
                }
                Ok(())
            }
            Fault::EndlessOutput(number) if number == self.shows => loop {
                self.terminal.print(&text).await?;
                self.terminal.print("this line comes again and again, and no prompt comes after it\n").await?;
            },
            _ => self.terminal.page(&text).await,
        }
    }

    /// The time before an answer.
    async fn think(&mut self) {
        self.shows += 1;
        if !self.device.delay.is_zero() {
            tokio::time::sleep(self.device.delay).await;
        }
    }

    async fn enable(&mut self) -> Flow<()> {
        if self.privilege >= 15 {
            return Ok(());
        }
        let Some(password) = self.device.login.enable.clone() else {
            return self.terminal.print("% Error in authentication.\n\n").await;
        };
        for _ in 0..3 {
            self.terminal.send("Password: ").await?;
            let typed = self.terminal.read_line("", false).await?;
            if self.device.fault == Fault::HangInEnable {
                return self.terminal.hang().await;
            }
            if typed == password && self.device.scenario.shell().enable {
                self.privilege = 15;
                return Ok(());
            }
            if typed == password {
                return self.terminal.print("% Access denied\n\n").await;
            }
        }
        self.terminal.print("% Bad secrets\n\n").await
    }

    async fn ping(&mut self, host: &str) -> Flow<()> {
        self.think().await;
        let literal = host.parse::<std::net::IpAddr>().is_ok();
        let config = self.device.scenario.answer("show running-config", self.values()).unwrap_or_default();
        let server = config.lines().find_map(|line| line.strip_prefix("ip name-server ")?.split(' ').next());
        if !literal {
            let server = server.unwrap_or("255.255.255.255");
            self.terminal.print(&format!("Translating \"{host}\"...domain server ({server})")).await?;
        }
        if !literal && server.is_none() {
            return self.terminal.print("\n% Unrecognized host or address, or protocol not running.\n\n").await;
        }
        let (found, address) = if literal { ("", host) } else { (" [OK]\n\n", "192.0.2.99") };
        let echoes = match self.device.scenario.shell().ping {
            Echoes::All => "!!!!!\nSuccess rate is 100 percent (5/5), round-trip min/avg/max = 1/1/2 ms\n",
            Echoes::Silent => ".....\nSuccess rate is 0 percent (0/5)\n",
        };
        let text = format!(
            "{found}Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to {address}, timeout is 2 seconds:\n{echoes}"
        );
        self.terminal.print(&text).await
    }

    /// The two lines of `terminal exec prompt timestamp`.
    fn header(&self) -> String {
        let clock = self.device.scenario.answer("show clock", self.values()).unwrap_or_default();
        let source = if clock.starts_with('*') { "No time source" } else { "Time source is NTP" };
        format!("Load for five secs: 1%/0%; one minute: 2%; five minutes: 2%\n{source}, {clock}\n")
    }

    fn log_line(&self) -> String {
        let at = Form::Log.print(self.device.clock.now(), 0);
        // The mark of a clock that is not to be trusted stands before every time alike.
        let clock = self.device.scenario.answer("show clock", self.values()).unwrap_or_default();
        let mark = if clock.starts_with('*') { "*" } else { "" };
        format!("{mark}{at}: %SYS-5-CONFIG_I: Configured from console by netadmin on vty1 (192.0.2.200)")
    }

    /// Log lines between the lines of an output, a BEL before some of them.
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
        let mut name = self.device.name.clone();
        if matches!(self.device.fault, Fault::NewPrompt(number) if self.shows >= number) {
            name += "-stby";
        }
        if self.device.scenario.shell().unix {
            return format!("{}@{name}:~$ ", self.device.login.user);
        }
        format!("{name}{}", if self.privilege >= 15 { '#' } else { '>' })
    }

    async fn show_prompt(&mut self) -> Flow<()> {
        self.prompts += 1;
        let mut text = self.prompt();
        if self.device.fault == Fault::DirtyBytes {
            text = format!("\x1b[1m\x07{text}\x1b[0m");
        }
        if self.device.noisy() {
            text.insert(0, '\x07');
            // Without `logging synchronous` a log line stands behind the prompt, and the prompt does not come again.
            if self.prompts.is_multiple_of(3) {
                text = format!("{text}\r\n{}\r\n", self.log_line());
            }
        }
        self.terminal.send(&text).await
    }

    fn values(&self) -> Values<'_> {
        self.device.values(self.privilege)
    }
}
