//! Messages about usage reports: REPORTING_REQUIRED, REPORTING_NOT_SUPPORTED.

use super::{Entry, Field, Kind, Origin, only, when};
use crate::remedy::steps;

pub(super) static REQUIRED: Entry = Entry {
    mnemonic: "REPORTING_REQUIRED",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Notice,
    fields: &[(Field::Days, "days that were left when the message was logged, not now")],
    explanation: "A usage (RUM) report must have reached CSSM, and its acknowledgement the device, before the days are over. Many \
                  days are normal on a new device; a report that is sent and acknowledged ends the reminder.",
    reasons: &[],
    actions: &[
        when("CSLU, the device sends", &[&steps::SYNC, &steps::CSLU_PASSES_ON]),
        when("CSLU, CSLU collects", &[&steps::CSLU_COLLECT]),
        when("Directly to CSSM", &[&steps::SYNC]),
        when("A controller", &[&steps::CONTROLLER_REPORT]),
        when("CSLU without a connection to CSSM", &[&steps::SYNC, &steps::CSLU_EXPORT]),
        when("No connection and no CSLU", &[&steps::SAVE_REPORT, &steps::UPLOAD_REPORT, &steps::IMPORT_ACK]),
        when("SSM On-Prem, the device sends", &[&steps::SYNC, &steps::ON_PREM_SYNC]),
        when("SSM On-Prem, On-Prem collects", &[&steps::ON_PREM_COLLECT, &steps::ON_PREM_SYNC]),
    ],
    clears: &[],
};

pub(super) static NOT_SUPPORTED: Entry = Entry {
    mnemonic: "REPORTING_NOT_SUPPORTED",
    severity: 4,
    origin: Origin::Guide,
    kind: Kind::Failure,
    fields: &[],
    explanation: "The SSM On-Prem (once called satellite) that the device is connected to does not understand Smart Licensing Using \
                  Policy. The device stops renewing registration and authorization, and keeps its usage reports to itself.",
    reasons: &["server.too_old"],
    actions: &[only(&[&steps::UPGRADE_ON_PREM, &steps::ON_PREM_URL, &steps::TRANSPORT_ON_PREM])],
    clears: &[],
};
