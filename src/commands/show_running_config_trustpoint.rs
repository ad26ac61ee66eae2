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
use crate::fact::Evidence;
use crate::facts::Trustpoint;

pub(super) static COMMAND: Command = Command {
    sends: "show running-config | section ^crypto pki trustpoint SLA-TrustPoint",
    platforms: IOS,
    wanted: USES_TRUSTPOINT,
    read,
};

fn read(text: &Text<'_>) -> Answers {
    let mut trustpoints: Vec<(Trustpoint, Evidence)> = Vec::new();
    for line in text.lines.iter().filter(|line| !line.torn) {
        if let Some(name) = line.text.strip_prefix("crypto pki trustpoint ") {
            let trustpoint = Trustpoint { name: name.trim().to_owned(), ..Trustpoint::default() };
            trustpoints.push((trustpoint, line.evidence(text.command)));
        } else if line.indent == 0 && !line.text.starts_with("revocation-check ") {
            // The next section of a whole configuration.
        } else if let (Some(check), Some((trustpoint, tells))) =
            (line.text.strip_prefix("revocation-check "), trustpoints.last_mut())
        {
            trustpoint.revocation_check = Some(check.trim().to_owned());
            *tells = line.evidence(text.command);
        }
    }
    // What is not there may not be permitted: this filter has no canary, and the trustpoint commands say what exists.
    Answers { recognised: !trustpoints.is_empty(), configured_trustpoints: trustpoints, ..Answers::default() }
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
            let trustpoints = read(&Text::whole(COMMAND.sends, reply)).configured_trustpoints;
            assert_eq!(trustpoints[0].0.revocation_check.as_deref(), Some("crl none"));
            assert_eq!((trustpoints[0].1.line, trustpoints[0].1.text.as_str()), (3, "revocation-check crl none"));
        }
        assert!(read(&Text::whole(COMMAND.sends, "")).configured_trustpoints.is_empty());
    }
}
