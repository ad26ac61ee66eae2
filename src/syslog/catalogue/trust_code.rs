//! Messages about trust codes: TRUST_CODE_INSTALL_FAILED, TRUST_CODE_INSTALL_SUCCESS.

use super::{Entry, Field, Kind, Origin, only};
use crate::remedy::steps;

pub(super) static INSTALL_FAILED: Entry = Entry {
    mnemonic: "TRUST_CODE_INSTALL_FAILED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Failure,
    fields: &[
        (Field::Udi, "the unit that the trust code was to be installed on"),
        (Field::Reason, "what went wrong, in the device's words"),
    ],
    explanation: "A trust code could not be installed on this unit. Without one a device cannot report directly to CSSM.",
    reasons: &["trust.already", "server.account", "time.signature", "time.stamp"],
    actions: &[only(&[&steps::TRUST_CODES, &steps::NEW_TOKEN, &steps::TRUST_CODE])],
    clears: &[],
};

pub(super) static INSTALL_SUCCESS: Entry = Entry {
    mnemonic: "TRUST_CODE_INSTALL_SUCCESS",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Success,
    fields: &[(Field::Udi, "the unit that has the trust code now")],
    explanation: "A trust code was installed on this unit. The time under Trust Code Installed is that of this installation.",
    reasons: &[],
    actions: &[only(&[&steps::NOTHING, &steps::TRUST_CODES])],
    clears: &["TRUST_CODE_INSTALL_FAILED"],
};
