//! Reading from and typing on the shell's channel, each with a deadline.

use std::io::{Read as _, Write as _};

use tokio::time::Instant;

use super::drive::{DriveError, Driver};
use super::prompt::Screen;

/// Why nothing was received.
pub(super) enum Received {
    /// Nothing came in time, or the time is over: a device that never stops talking must not be listened to for ever.
    Silence,
    Failed(DriveError),
}

/// Reads what is there, or waits for the first byte until `until`. 0 bytes: the device closed the channel.
pub(super) async fn receive(
    driver: &mut Driver,
    channel: &mut ssh2::Channel,
    screen: &mut Screen,
    until: Instant,
) -> Result<usize, Received> {
    if Instant::now() >= until {
        return Err(Received::Silence);
    }
    // On the stack of the call, not of the task: thousands of waiting sessions hold no buffer.
    let read = || {
        let mut buffer = [0; 16_384];
        let length = channel.read(&mut buffer)?;
        screen.push(&buffer[..length]);
        Ok(length)
    };
    match driver.io(until, read).await {
        Ok(length) => {
            driver.stream.count_output(length);
            Ok(length)
        }
        Err(DriveError::Deadline) => Err(Received::Silence),
        Err(error) => Err(Received::Failed(error)),
    }
}

/// Types a line. LF ends it on every platform; CR would too, but some relays between here and the device drop it.
pub(super) async fn send(
    driver: &mut Driver,
    channel: &mut ssh2::Channel,
    line: &str,
    deadline: Instant,
) -> Result<(), DriveError> {
    press(driver, channel, &format!("{line}\n"), deadline).await
}

pub(super) async fn press(
    driver: &mut Driver,
    channel: &mut ssh2::Channel,
    keys: &str,
    deadline: Instant,
) -> Result<(), DriveError> {
    let mut rest = keys.as_bytes();
    while !rest.is_empty() {
        let written = driver.io(deadline, || channel.write(rest)).await?;
        if written == 0 {
            return Err(DriveError::Io(std::io::ErrorKind::WriteZero.into()));
        }
        rest = &rest[written..];
    }
    Ok(())
}
