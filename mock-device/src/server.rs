//! The SSH side of a device: who may log in, how many channels there are, and what a connection meets.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use russh::keys::PublicKey;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, PublicKeyOffer, Response, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, ChannelOpenFailure, Pty};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;

use crate::before_login;
use crate::device::Method;
use crate::fault::Fault;
use crate::flood;
use crate::log::Open;
use crate::shared::Shared;
use crate::shell::Shell;
use crate::wire::{Switch, Wire};

/// Serves one connection until it ends; it is the one of this number.
pub(crate) async fn serve(device: Arc<Shared>, stream: TcpStream, switch: Switch, open: Open, number: usize) {
    let banner = format!("{}\r\n", device.scenario.shell().server_id);
    // Answers are small and waited for: they must not be held back to be joined.
    let _ = stream.set_nodelay(true);
    let wire = Wire::new(stream, switch.clone(), open);
    if let Fault::Flood(flood) = device.fault {
        // It ends when the client goes.
        let _ = flood::play(flood, &banner, &device.seed, wire).await;
        return;
    }
    let Some(wire) = before_login::play(device.fault, &banner, number, wire).await else { return };
    let logged_in = Arc::new(AtomicBool::new(false));
    if let (Fault::LoginGrace(time), 1) = (device.fault, number) {
        let (switch, logged_in) = (switch.clone(), Arc::clone(&logged_in));
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            if !logged_in.load(Ordering::SeqCst) {
                switch.cut();
            }
        });
    }
    let visitor = Visitor { device: Arc::clone(&device), switch, has_channel: false, session: None, logged_in };
    if let Ok(session) = russh::server::run_stream(Arc::clone(&device.config), wire, visitor).await {
        let _ = session.await;
    }
}

/// One client.
struct Visitor {
    device: Arc<Shared>,
    switch: Switch,
    has_channel: bool,
    session: Option<AbortHandle>,
    logged_in: Arc<AtomicBool>,
}

impl Drop for Visitor {
    fn drop(&mut self) {
        // The connection is gone; a session that still waits or prints has nobody to talk to.
        if let Some(session) = &self.session {
            session.abort();
        }
    }
}

impl Visitor {
    async fn judge(&self, method: &'static str, user: &str, right: bool) -> Auth {
        match self.device.fault {
            Fault::HangInAuthentication => std::future::pending::<()>().await,
            Fault::SlowAaa(time) => tokio::time::sleep(time).await,
            _ => {}
        }
        let accepted = right && user == self.device.login.user && self.device.fault != Fault::RejectLogin;
        self.device
            .journal
            .write(|log| log.auth_attempts.push(crate::AuthAttempt { method, user: user.to_owned(), accepted }));
        self.logged_in.fetch_or(accepted, Ordering::SeqCst);
        if self.device.fault == Fault::CutInAuthentication {
            self.switch.cut();
        }
        if accepted { Auth::Accept } else { Auth::reject() }
    }

    fn accepts(&self, key: &PublicKey) -> bool {
        self.device
            .login
            .public_key
            .as_deref()
            .and_then(|line| PublicKey::from_openssh(line).ok())
            .is_some_and(|accepted| accepted.key_data() == key.key_data())
    }

    fn offers(&self, method: Method) -> bool {
        self.device.login.methods.contains(&method)
    }
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn authentication_banner(&mut self) -> Result<Option<String>, Self::Error> {
        let banner = self.device.scenario.before_login(self.device.values(1));
        Ok(banner.map(|text| text.replace('\n', "\r\n")))
    }

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let right = self.offers(Method::Password) && password == self.device.login.password;
        Ok(self.judge("password", user, right).await)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, Self::Error> {
        let Some(mut response) = response else {
            if !self.offers(Method::KeyboardInteractive) {
                return Ok(Auth::reject());
            }
            let questions = self.device.login.questions.iter();
            let prompts = questions.map(|(text, echo)| (Cow::Owned(text.clone()), *echo)).collect();
            return Ok(Auth::Partial {
                name: Cow::Borrowed(""),
                instructions: Cow::Borrowed(""),
                prompts: Cow::Owned(prompts),
            });
        };
        let right = response.next().is_some_and(|answer| answer == self.device.login.password.as_bytes());
        Ok(self.judge("keyboard-interactive", user, right).await)
    }

    async fn auth_publickey_offered(&mut self, user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        if self.offers(Method::PublicKey) && self.accepts(offer.public_key) {
            return Ok(Auth::Accept);
        }
        Ok(self.judge("publickey", user, false).await)
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let right = self.accepts(key.public_key);
        Ok(self.judge("publickey", user, right).await)
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if self.has_channel && !self.device.forwards {
            self.device.journal.write(|log| log.channels_refused += 1);
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        self.has_channel = true;
        reply.accept().await;
        let shell = Shell::new(Arc::clone(&self.device), channel, self.switch.clone());
        self.session = Some(tokio::spawn(shell.run()).abort_handle());
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let target = host.parse::<Ipv4Addr>().ok().zip(u16::try_from(port).ok());
        let Some((host, port)) = target.filter(|(host, _)| self.device.forwards && host.is_loopback()) else {
            reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
            return Ok(());
        };
        self.device.journal.write(|log| log.forwarded += 1);
        tokio::spawn(async move {
            let Ok(mut onward) = TcpStream::connect(SocketAddr::from((host, port))).await else {
                reply.reject(ChannelOpenFailure::ConnectFailed).await;
                return;
            };
            reply.accept().await;
            let mut channel = channel.into_stream();
            let _ = tokio::io::copy_bidirectional(&mut channel, &mut onward).await;
        });
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        _term: &str,
        _columns: u32,
        _rows: u32,
        _width: u32,
        _height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        match self.device.fault {
            Fault::HangBeforeShell => return Ok(()),
            Fault::CutBeforeShell => self.switch.cut(),
            _ => {}
        }
        session.channel_success(channel)
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        _data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_success(channel)
    }

    async fn env_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        _value: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn subsystem_request(
        &mut self,
        channel: ChannelId,
        _name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }
}
