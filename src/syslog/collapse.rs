//! Repeats of one message made one, with the first and the last time: a device without a path to its server logs every attempt.

use super::Message;
use crate::facts::LogMessage;

/// SMART_LIC messages, repeats of one mnemonic about one peer or UDI collapsed, in the order in which they came last: what stands
/// behind another message is newer than it. Other facilities are left out.
///
/// Messages are taken to be in the order of the log. The text kept is the last one's; peers are compared without case, because
/// a failure and its recovery spell them differently.
pub fn collapse(messages: impl IntoIterator<Item = Message>) -> Vec<LogMessage> {
    let mut collapsed: Vec<LogMessage> = Vec::new();
    for message in messages.into_iter().filter(Message::is_smart_lic) {
        let about = message.peer_or_udi().map(str::to_owned);
        let same = |known: &LogMessage| {
            known.mnemonic == message.mnemonic && same_text(known.peer_or_udi.as_deref(), about.as_deref())
        };
        let earlier = collapsed.iter().position(same).map(|at| collapsed.remove(at));
        let (first, count) = match earlier {
            Some(known) => (known.first, known.count),
            None => (message.stamp.clone(), 0),
        };
        collapsed.push(LogMessage {
            mnemonic: message.mnemonic,
            severity: message.severity,
            peer_or_udi: about,
            text: message.text,
            first,
            last: message.stamp,
            count: count + 1,
        });
    }
    collapsed
}

fn same_text(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_counted_with_their_first_and_last_time() {
        let lines = [
            "*Nov 1 10:00:00: %SMART_LIC-3-COMM_FAILED: Communications failure with the A (B) : no route",
            "*Nov 1 10:01:00: %SYS-5-CONFIG_I: Configured",
            "*Nov 1 10:15:00: %SMART_LIC-3-COMM_FAILED: Communications failure with the a (B) : no name",
            "*Nov 1 10:20:00: %SMART_LIC-6-POLICY_INSTALL_SUCCESS: A new licensing policy was successfully installed.",
            "*Nov 1 10:30:00: %SMART_LIC-3-COMM_FAILED: Communications failure with the C : no route",
        ];
        let log = collapse(lines.iter().filter_map(|line| Message::parse(line)));
        let short: Vec<_> = log.iter().map(|m| (m.mnemonic.as_str(), m.count)).collect();
        assert_eq!(short, [("COMM_FAILED", 2), ("POLICY_INSTALL_SUCCESS", 1), ("COMM_FAILED", 1)]);
        assert_eq!(log[0].first.as_deref(), Some("*Nov 1 10:00:00"));
        assert_eq!(log[0].last.as_deref(), Some("*Nov 1 10:15:00"));
        assert!(log[0].text.ends_with("no name"));
    }
}
