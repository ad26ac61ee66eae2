//! `user@host:port`, as it stands in `--hosts`, in jump paths and on a command line of `ssh`.
//!
//! ```
//! use slaudit::inventory::Target;
//! let target: Target = "netops@[2001:db8::1]:2222".parse().unwrap();
//! assert_eq!((target.user.as_deref(), target.host.as_str(), target.port), (Some("netops"), "2001:db8::1", Some(2222)));
//! ```

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A host to connect to. A bare IPv6 address has no port; with one it stands in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The account, where one is given.
    pub user: Option<String>,
    /// Host name, IPv4 or IPv6 address, without brackets.
    pub host: String,
    /// TCP port, where one is given.
    pub port: Option<u16>,
}

/// Why a text is no target. Each message ends with what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing where a host is needed.
    #[error("a host is missing; write host, host:port or user@host:port")]
    NoHost,
    /// `@host`.
    #[error("the account before @ is empty; leave the @ out, or write user@host")]
    NoUser,
    /// `user:password@host`.
    #[error(
        "a password is never given here: it would be seen in files and process lists; use --ask-pass or password_command"
    )]
    Password,
    /// `ssh://host`, `host/path`.
    #[error("this is a URL or a path; write the host alone")]
    Url,
    /// A port that is none.
    #[error("not a TCP port; a port is a number from 1 to 65535")]
    Port,
    /// Digits and dots that are no IPv4 address.
    #[error("not an IPv4 address; write four numbers from 0 to 255, without leading zeros")]
    Ipv4,
    /// Colons or brackets, but no IPv6 address.
    #[error("not an IPv6 address; write it as 2001:db8::1, or with a port as [2001:db8::1]:22")]
    Ipv6,
    /// A character that no host name has.
    #[error("a host name holds no {0:?}; use letters, digits, '-', '_' and '.'")]
    Character(char),
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.contains("://") {
            return Err(TargetError::Url);
        }
        let (user, rest) = match text.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, text),
        };
        match user {
            Some("") => return Err(TargetError::NoUser),
            Some(user) if user.contains(':') => return Err(TargetError::Password),
            Some(user) if user.ends_with('@') => return Err(TargetError::Character('@')),
            Some(user) => check_characters(user, |c| !c.is_control() && !c.is_whitespace())?,
            None => {}
        }
        let (host, port) = split_port(rest)?;
        let port = port.map(parse_port).transpose()?;
        Ok(Self { user: user.map(str::to_owned), host: check_host(host)?, port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match self.port {
            Some(port) if self.host.contains(':') => write!(f, "[{}]:{port}", self.host),
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// `host:port` or `[v6]:port`; more than one colon without brackets is an IPv6 address.
fn split_port(text: &str) -> Result<(&str, Option<&str>), TargetError> {
    if text.starts_with('[') {
        let end = text.find(']').ok_or(TargetError::Ipv6)?;
        let (host, rest) = text.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(TargetError::Ipv6),
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => Ok((host, Some(port))),
        _ => Ok((text, None)),
    }
}

/// A TCP port other than 0.
pub(super) fn parse_port(text: &str) -> Result<u16, TargetError> {
    // `parse` would take a leading plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0).ok_or(TargetError::Port)
}

/// The host without brackets, if it can be one: host name, IPv4 or IPv6 address (with a zone).
pub(super) fn check_host(text: &str) -> Result<String, TargetError> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host = bare.unwrap_or(text).trim();
    if host.is_empty() {
        return Err(TargetError::NoHost);
    }
    if bare.is_some() || host.matches(':').count() > 1 {
        let (address, zone) = host.split_once('%').unwrap_or((host, "0"));
        address.parse::<Ipv6Addr>().map_err(|_| TargetError::Ipv6)?;
        check_characters(zone, |c| c.is_ascii_alphanumeric() || "-_.:/".contains(c))?;
    } else if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        host.parse::<Ipv4Addr>().map_err(|_| TargetError::Ipv4)?;
    } else if host.contains('/') {
        return Err(TargetError::Url);
    } else {
        check_characters(host, |c| c.is_alphanumeric() || "-_.".contains(c))?;
        if host.starts_with('-') {
            return Err(TargetError::Character('-'));
        }
    }
    Ok(host.to_owned())
}

fn check_characters(text: &str, allowed: impl Fn(char) -> bool) -> Result<(), TargetError> {
    text.chars().find(|c| !allowed(*c)).map_or(Ok(()), |c| Err(TargetError::Character(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_and_written_alike() {
        for text in [
            "sw1",
            "sw1:2222",
            "ops@sw1",
            "ops@sw1:22",
            "192.0.2.1:1",
            "[2001:db8::1]:22",
            "2001:db8::1",
            "fe80::1%eth0",
        ] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("[2001:db8::1]".parse::<Target>().map(|target| target.host), Ok("2001:db8::1".to_owned()));
        assert_eq!("a@b@sw1".parse::<Target>().map(|target| target.user), Ok(Some("a@b".to_owned())));
    }

    #[test]
    fn wrong_targets_say_why() {
        let cases = [
            ("", TargetError::NoHost),
            ("ops@", TargetError::NoHost),
            (":22", TargetError::NoHost),
            ("@sw1", TargetError::NoUser),
            ("ops:hunter2@sw1", TargetError::Password),
            ("ops@@sw1", TargetError::Character('@')),
            ("ssh://sw1", TargetError::Url),
            ("sw1/1", TargetError::Url),
            ("sw1:0", TargetError::Port),
            ("sw1:+22", TargetError::Port),
            ("sw1:", TargetError::Port),
            ("sw1:70000", TargetError::Port),
            ("10.0.0.256", TargetError::Ipv4),
            ("10.0.0.01", TargetError::Ipv4),
            ("[2001:db8::1", TargetError::Ipv6),
            ("[sw1]:22", TargetError::Ipv6),
            ("2001:db8:::1", TargetError::Ipv6),
            ("sw 1", TargetError::Character(' ')),
            ("-oProxyCommand", TargetError::Character('-')),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Target>(), Err(error), "{text}");
        }
    }
}
