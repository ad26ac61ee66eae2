//! What can be wrong with a device, from a connection that nobody answers to an output that never ends.

use std::time::Duration;

use crate::flood::Flood;

/// What is wrong with a device. Commands are counted from 1, and only `show` commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Nobody listens.
    Refuse,
    /// A connection is never answered, not even with a refusal.
    BlackHole,
    /// The connection is accepted and closed.
    CloseAtOnce,
    /// The connection is accepted, and no banner ever comes.
    HangBeforeBanner,
    /// The connection is accepted, half of the banner comes, and no more.
    HangInBanner,
    /// A web server answers instead of SSH.
    NoSsh,
    /// Lines that are no banner come without end, as fast as the client takes them.
    EndlessGarbage,
    /// Text that is no banner comes without end, a byte at a time.
    DrippingGarbage(Duration),
    /// The banner comes, and no key exchange.
    HangInKeyExchange,
    /// The banner and the algorithms come, and no more.
    HangAfterAlgorithms,
    /// The banner and the algorithms come, and the connection is closed.
    CutInKeyExchange,
    /// The banner comes, and the connection is closed: no free vty.
    CloseAfterBanner,
    /// So many connections find no free vty; those after them do.
    BusyAtFirst(usize),
    /// The banner comes, and then the device says that it will send no more; it goes on reading.
    HalfClosed,
    /// An authentication request is never answered.
    HangInAuthentication,
    /// An authentication request is answered by closing the connection.
    CutInAuthentication,
    /// The first connection is closed where nobody has logged in after so long.
    LoginGrace(Duration),
    /// An AAA server takes so long for every login and for every command.
    SlowAaa(Duration),
    /// Every login is rejected.
    RejectLogin,
    /// The login succeeds, and a shell is never given.
    HangBeforeShell,
    /// The login succeeds, and the request for a shell is answered by closing the connection.
    CutBeforeShell,
    /// The login succeeds, and no prompt ever comes.
    HangAfterLogin,
    /// The login succeeds, and the session is closed before a prompt.
    CutAfterLogin,
    /// The login succeeds, and instead of a prompt text comes without end, a piece at a time.
    DrippingBanner(Duration),
    /// The first prompt comes after so long, and after each prompt the device thinks a while before it reads on.
    LatePrompt(Duration),
    /// The enable password is asked for, and what is typed is never answered.
    HangInEnable,
    /// The prompt is another one from this command on: a supervisor has taken over.
    NewPrompt(usize),
    /// Half of the answer to this command comes, and no more.
    HangInOutput(usize),
    /// Half of the answer to this command comes, and the connection is closed.
    CutInOutput(usize),
    /// Half of the answer to this command comes, and then the device says that it will send no more; it goes on reading.
    HalfClosedInOutput(usize),
    /// The answer to this command never ends.
    EndlessOutput(usize),
    /// The answer to this command has so many bytes; the prompt comes after it.
    LargeOutput {
        /// The command.
        command: usize,
        /// About how many.
        bytes: usize,
    },
    /// Everything comes so many bytes at a time.
    SlowDrip {
        /// Bytes at a time.
        bytes: usize,
        /// How long between them.
        every: Duration,
    },
    /// Log lines stand inside outputs and after the prompt.
    LogLines,
    /// Log lines come without end while the device waits for something to be typed, as with `debug` and `terminal monitor`.
    Chatter(Duration),
    /// SSH packets that nobody asked for come without end, as fast as the client takes them.
    Flood(Flood),
    /// Colours, bytes that are no text, and BEL stand in outputs and prompts.
    DirtyBytes,
}
