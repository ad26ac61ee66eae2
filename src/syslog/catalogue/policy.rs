//! Messages about the licensing policy: POLICY_INSTALL_FAILED, POLICY_INSTALL_SUCCESS, POLICY_REMOVED.

use super::{Entry, Field, Kind, Origin, only, when};
use crate::remedy::steps;

pub(super) static INSTALL_FAILED: Entry = Entry {
    mnemonic: "POLICY_INSTALL_FAILED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Failure,
    fields: &[(Field::Reason, "what the device found wrong with the policy code")],
    explanation: "A policy reached the device, but its code could not be read, so it is not in force. The earlier policy stays.",
    reasons: &["time.signature", "time.stamp"],
    actions: &[only(&[&steps::NTP_SERVER])],
    clears: &[],
};

pub(super) static INSTALL_SUCCESS: Entry = Entry {
    mnemonic: "POLICY_INSTALL_SUCCESS",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Success,
    fields: &[],
    explanation: "A policy was installed: by a command, by a CSLU that contacted the device, or with the acknowledgement of a \
                  report.",
    reasons: &[],
    actions: &[only(&[&steps::NOTHING, &steps::SEE_LICENSES])],
    clears: &["POLICY_INSTALL_FAILED", "POLICY_REMOVED"],
};

pub(super) static REMOVED: Entry = Entry {
    mnemonic: "POLICY_REMOVED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Notice,
    fields: &[],
    explanation: "A custom policy is gone and the vendor's default policy took its place at once. Deadlines and reporting \
                  intervals may be others now.",
    reasons: &["policy.reset"],
    actions: &[
        when("It was meant", &[&steps::NOTHING]),
        when(
            "It was not meant; the device reports to CSSM, CSLU or SSM On-Prem",
            &[&steps::TRUST_CODES, &steps::SYNC, &steps::SEE_LICENSES],
        ),
        when("It was not meant; CSLU collects from the device", &[&steps::CSLU_COLLECT]),
        when(
            "It was not meant; SSM On-Prem collects from the device",
            &[&steps::ON_PREM_COLLECT, &steps::ON_PREM_SYNC],
        ),
        when("It was not meant; a controller reports", &[&steps::CONTROLLER_REPORT]),
        when("It was not meant; no connection", &[&steps::SAVE_REPORT, &steps::UPLOAD_REPORT, &steps::IMPORT_ACK]),
    ],
    clears: &[],
};
