//! `show running-config | section ^crypto pki trustpoint SLA-TrustPoint`: how certificates are checked for revocation.
//!
//! ```text
//! crypto pki trustpoint SLA-TrustPoint
//!  enrollment pkcs12
//!  revocation-check crl
//!  hash sha256
//! ```
//!
//! An `include` would lose the line above it. The section of this trustpoint holds no secret.

use super::lines::Text;
use super::plan::{IOS, USES_TRUSTPOINT};
use super::{Answers, Command};
use crate::facts::Trustpoint;

pub(super) static COMMAND: Command = Command {
    sends: "show running-config | section ^crypto pki trustpoint SLA-TrustPoint",
    platforms: IOS,
    wanted: USES_TRUSTPOINT,
    read,
};

fn read(text: &Text<'_>) -> Answers {
    let mut trustpoints: Vec<Trustpoint> = Vec::new();
    let mut evidence = None;
    for line in text.lines.iter().filter(|line| !line.torn) {
        if let Some(name) = line.text.strip_prefix("crypto pki trustpoint ") {
            evidence.get_or_insert_with(|| line.evidence(text.command));
            trustpoints.push(Trustpoint { name: name.trim().to_owned(), ..Trustpoint::default() });
        } else if line.indent == 0 && !line.text.starts_with("revocation-check ") {
            // The next section of a whole configuration.
        } else if let (Some(check), Some(trustpoint)) =
            (line.text.strip_prefix("revocation-check "), trustpoints.last_mut())
        {
            trustpoint.revocation_check = Some(check.trim().to_owned());
        }
    }
    // What is not there may not be permitted: this filter has no canary, and the trustpoint commands say what exists.
    Answers {
        recognised: evidence.is_some(),
        configured_trustpoints: evidence.map(|line| (trustpoints, line)),
        ..Answers::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_and_without_indentation() {
        for reply in [
            "crypto pki trustpoint SLA-TrustPoint\n enrollment pkcs12\n revocation-check crl none\n hash sha256\n",
            "crypto pki trustpoint SLA-TrustPoint\nenrollment pkcs12\nrevocation-check crl none\n",
        ] {
            let (trustpoints, _) =
                read(&Text::whole(COMMAND.sends, reply)).configured_trustpoints.expect("a trustpoint");
            assert_eq!(trustpoints[0].revocation_check.as_deref(), Some("crl none"));
        }
        assert!(read(&Text::whole(COMMAND.sends, "")).configured_trustpoints.is_none());
    }
}
