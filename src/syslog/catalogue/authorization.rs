//! Messages about authorization codes (SLAC): AUTHORIZATION_INSTALL_FAILED, AUTHORIZATION_INSTALL_SUCCESS, AUTHORIZATION_REMOVED.

use super::{Entry, Field, Kind, Origin, only};
use crate::remedy::steps;

pub(super) static INSTALL_FAILED: Entry = Entry {
    mnemonic: "AUTHORIZATION_INSTALL_FAILED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Failure,
    fields: &[
        (Field::Udi, "the unit that the code was to be installed on"),
        (Field::Reason, "what the device found wrong with the code"),
    ],
    explanation: "An authorization code could not be installed. Features that need one do not work, or stop working, on this unit. \
                  With a wrong clock a request may not even be counted: Authorization Confirmation in show license tech support then \
                  stays at Attempts: Total=0.",
    reasons: &["udi.not_enough", "udi.mismatch", "time.signature"],
    actions: &[only(&[&steps::READ_REASON, &steps::COMPARE_UDIS])],
    clears: &[],
};

pub(super) static INSTALL_SUCCESS: Entry = Entry {
    mnemonic: "AUTHORIZATION_INSTALL_SUCCESS",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Success,
    fields: &[(Field::Udi, "the unit that has the code now")],
    explanation: "An authorization code was installed on this unit.",
    reasons: &[],
    actions: &[only(&[&steps::NOTHING, &steps::SEE_CODES])],
    clears: &["AUTHORIZATION_INSTALL_FAILED", "AUTHORIZATION_REMOVED"],
};

pub(super) static REMOVED: Entry = Entry {
    mnemonic: "AUTHORIZATION_REMOVED",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Notice,
    fields: &[(Field::Udi, "the unit that had the code")],
    explanation: "The authorization code of this unit was removed, and with it the licences it granted. Features that use them may \
                  behave differently, or stop. It may have been meant, for example before a unit is returned.",
    reasons: &[],
    actions: &[only(&[&steps::LICENSES_KEPT])],
    clears: &[],
};
