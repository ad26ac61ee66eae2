//! A small client: logs in, types, and reads until a text comes. Every wait ends after ten seconds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use russh::client::{self, Handle, KeyboardInteractiveAuthResponse, Msg};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelMsg};

/// Nothing here may wait longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A client that accepts every host key.
pub(crate) struct Client;

impl client::Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _key: &PublicKeyOrCertificate) -> Result<bool, Self::Error> {
        Ok(true)
    }
}

/// Ends a test that waits for ever.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("took longer than ten seconds")
}

/// A connection that is not logged in.
pub(crate) async fn connect(address: SocketAddr) -> Result<Handle<Client>, russh::Error> {
    connect_with(address, client::Config::default()).await
}

/// A connection with other algorithms than the usual ones.
pub(crate) async fn connect_with(address: SocketAddr, config: client::Config) -> Result<Handle<Client>, russh::Error> {
    within(client::connect(Arc::new(config), address, Client)).await
}

/// A connection with a password login.
pub(crate) async fn login(address: SocketAddr) -> Handle<Client> {
    let mut handle = connect(address).await.expect("a connection");
    let answer = within(handle.authenticate_password("netaudit", "mock")).await.expect("an answer");
    assert!(answer.success());
    handle
}

/// The answer of keyboard-interactive to one password.
pub(crate) async fn interactive(handle: &mut Handle<Client>, password: &str) -> bool {
    let start = within(handle.authenticate_keyboard_interactive_start("netaudit", None)).await.expect("an answer");
    let KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } = start else {
        return false;
    };
    assert_eq!(prompts.len(), 1);
    assert!(!prompts[0].echo);
    let answer = within(handle.authenticate_keyboard_interactive_respond(vec![password.into()])).await;
    matches!(answer.expect("an answer"), KeyboardInteractiveAuthResponse::Success)
}

/// A shell on a terminal.
pub(crate) struct Terminal {
    channel: Channel<Msg>,
    seen: String,
    _handle: Handle<Client>,
}

impl Terminal {
    pub(crate) async fn open(address: SocketAddr, columns: u32) -> Terminal {
        let handle = login(address).await;
        let channel = within(handle.channel_open_session()).await.expect("a channel");
        channel.request_pty(true, "vt100", columns, 24, 0, 0, &[]).await.expect("a terminal");
        channel.request_shell(true).await.expect("a shell");
        Terminal { channel, seen: String::new(), _handle: handle }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.channel.data_bytes(text.as_bytes().to_vec()).await.expect("sent");
    }

    /// Reads until the text stands at the end, and answers with all since the last call.
    pub(crate) async fn until(&mut self, end: &str) -> String {
        within(async {
            while !self.seen.ends_with(end) {
                assert!(self.next().await, "closed before {end:?}: {:?}", self.seen);
            }
        })
        .await;
        std::mem::take(&mut self.seen)
    }

    /// Reads until the device closes.
    pub(crate) async fn rest(&mut self) -> String {
        within(async { while self.next().await {} }).await;
        std::mem::take(&mut self.seen)
    }

    /// Reads for so long and no longer.
    pub(crate) async fn pause(&mut self, time: Duration) -> String {
        let _ = tokio::time::timeout(time, async { while self.next().await {} }).await;
        std::mem::take(&mut self.seen)
    }

    async fn next(&mut self) -> bool {
        match self.channel.wait().await {
            Some(ChannelMsg::Data { data }) => self.seen += &String::from_utf8_lossy(&data),
            Some(ChannelMsg::Close) | None => return false,
            Some(_) => {}
        }
        true
    }

    /// Types a line and reads up to the next prompt.
    pub(crate) async fn ask(&mut self, line: &str, prompt: &str) -> String {
        self.send(&format!("{line}\r")).await;
        self.until(prompt).await
    }
}
