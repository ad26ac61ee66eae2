//! Messages that are not in the guide but were seen on devices: a line each, and no more than is known.

use super::{Action, Entry, Kind, Origin, only};
use crate::remedy::steps;

/// A message of which little is known. Its text has no field that would be known.
const fn seen(
    mnemonic: &'static str,
    severity: u8,
    kind: Kind,
    explanation: &'static str,
    actions: &'static [Action],
) -> Entry {
    Entry {
        mnemonic,
        severity,
        origin: Origin::Seen,
        kind,
        fields: &[],
        explanation,
        reasons: &[],
        actions,
        clears: &[],
    }
}

static NOTHING: [Action; 1] = [only(&[&steps::NOTHING])];

pub(super) static AGENT_ENABLED: Entry =
    seen("AGENT_ENABLED", 6, Kind::Notice, "The Smart Agent was switched on, as at every boot.", &NOTHING);

pub(super) static AGENT_READY: Entry =
    seen("AGENT_READY", 6, Kind::Notice, "The Smart Agent has started, as at every boot.", &NOTHING);

pub(super) static EXPORT_CONTROLLED: Entry = seen(
    "EXPORT_CONTROLLED",
    6,
    Kind::Notice,
    "Says whether export-controlled features may be used. Usual at boot; it matters only where such a feature is configured.",
    &[only(&[&steps::SEE_CODES])],
);

pub(super) static EVAL_START: Entry = seen(
    "EVAL_START",
    5,
    Kind::Notice,
    "An evaluation period began. It belongs to Smart Licensing before Smart Licensing Using Policy.",
    &[only(&[&steps::SEE_LICENSES])],
);

pub(super) static EVAL_EXPIRED: Entry = seen(
    "EVAL_EXPIRED",
    3,
    Kind::Failure,
    "The evaluation period is over. It belongs to Smart Licensing before Smart Licensing Using Policy, where the device must then \
     be registered.",
    &[only(&[&steps::SEE_LICENSES])],
);

pub(super) static SYSTEM_CLOCK_CHANGED: Entry = seen(
    "SYSTEM_CLOCK_CHANGED",
    5,
    Kind::Notice,
    "The clock of the device was set. Time stamps before and after it do not compare.",
    &[only(&[&steps::NTP_SERVER])],
);

pub(super) static PLATFORM_ERROR: Entry = seen(
    "PLATFORM_ERROR",
    2,
    Kind::Failure,
    "The Smart Agent met an error of the platform; the text says which. What it means is not documented.",
    &[only(&[&steps::SUPPORT])],
);
