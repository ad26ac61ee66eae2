//! The device's own HTTP server, from which CSLU and SSM On-Prem fetch reports, by any of its commands.
//!
//! ```text
//! HTTP server status: Disabled                                   show ip http server status, all
//! HTTP secure server status: Enabled
//! HTTP secure server trustpoint: INVALID_TP                      https cannot work
//! HTTP server application session modules:                       show ip http server session-module, all
//!  Session module Name  Handle Status   Secure-status     Description
//! SL_HTTP               2      Active   Active         HTTP REST IOS-XE Smart License Server
//! ```

use super::Answers;
use super::lines::{Field, Line, Text};
use crate::facts::Facts;

/// Which facts a command can answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub server: bool,
    pub secure_server: bool,
    pub modules: bool,
}

pub(super) fn read(text: &Text<'_>, scope: Scope) -> Answers {
    let mut server: Field<'_, bool> = Field::default();
    let mut secure: Field<'_, bool> = Field::default();
    let mut trustpoint: Field<'_, Option<String>> = Field::default();
    let mut row: Field<'_, bool> = Field::default();
    let mut head: Option<Line<'_>> = None;
    for line in &text.lines {
        if is_head(line.text) {
            head = Some(*line);
        } else if line.text.split_ascii_whitespace().next() == Some("SL_HTTP") {
            row.take(*line, "row of four words and a description", secure_status(line.text));
        }
        match line.key_value() {
            Some(("HTTP server status", value)) => _ = server.take(*line, "Enabled or Disabled", enabled(value)),
            Some(("HTTP secure server status", value)) => _ = secure.take(*line, "Enabled or Disabled", enabled(value)),
            Some(("HTTP secure server trustpoint", value)) => {
                let name = (!value.is_empty()).then(|| value.to_owned());
                trustpoint.take(*line, "trustpoint", Some(name));
            }
            _ => {}
        }
    }
    if let (true, Some(head), true) = (row.is_missing(), head, text.is_whole()) {
        row = Field::Read(false, head);
    }
    let recognised = !(server.is_missing() && secure.is_missing() && row.is_missing());
    let speaker = text.speaker(recognised);
    let mut facts = Facts::default();
    if scope.server {
        facts.http_server_enabled = speaker.fact(server);
    }
    if scope.secure_server {
        facts.http_secure_server_enabled = speaker.fact(secure);
        facts.http_secure_server_trustpoint = speaker.fact(trustpoint);
    }
    if scope.modules {
        facts.sl_http_active = speaker.fact(row);
    }
    Answers { facts, recognised, ..Answers::default() }
}

/// The head of the table of session modules, with its columns aligned or not.
fn is_head(text: &str) -> bool {
    text.starts_with("Session module Name") || text.starts_with("HTTP server application session modules")
}

/// `SL_HTTP  2  Active  Active  HTTP REST ...`: name, handle, status, secure status, and a description of several words.
fn secure_status(row: &str) -> Option<bool> {
    let mut words = row.split_ascii_whitespace().skip(2);
    let (status, secure) = (words.next()?, words.next()?);
    let state = |word: &str| match word {
        "Active" => Some(true),
        "Inactive" => Some(false),
        _ => None,
    };
    state(status)?;
    state(secure)
}

fn enabled(value: &str) -> Option<bool> {
    match value {
        "Enabled" => Some(true),
        "Disabled" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Scope = Scope { server: true, secure_server: true, modules: true };

    fn facts(reply: &str) -> Facts {
        read(&Text::whole("show ip http server all", reply), ALL).facts
    }

    #[test]
    fn an_active_row_beside_a_server_that_cannot_answer() {
        let facts = facts(
            "HTTP server status: Disabled\nHTTP secure server status: Enabled\nHTTP secure server trustpoint: INVALID_TP\n\
             HTTP server application session modules:\nSession module Name Handle Status Secure-status Description\n\
             HTTP_IFS 1 Active Active HTTP based IOS File Server\nSL_HTTP 2 Active Inactive HTTP REST\n",
        );
        assert_eq!(facts.http_server_enabled.value(), Some(&false));
        assert_eq!(facts.http_secure_server_enabled.value(), Some(&true));
        assert_eq!(facts.http_secure_server_trustpoint.value(), Some(&Some("INVALID_TP".to_owned())));
        assert_eq!(facts.sl_http_active.value(), Some(&false));
    }

    #[test]
    fn a_table_without_the_row_is_inactive_and_no_table_is_nothing() {
        assert_eq!(
            facts("Session module Name  Handle Status\nHOME_PAGE 4 Active Active IOS\n").sl_http_active.value(),
            Some(&false)
        );
        assert_eq!(facts("HTTP server status: Enabled\n").sl_http_active.value(), None);
    }
}
