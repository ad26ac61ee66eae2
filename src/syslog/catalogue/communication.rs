//! Messages about communication with CSSM, CSLU or SSM On-Prem: COMM_FAILED, COMM_RESTORED.

use super::{Action, Entry, Field, Kind, Origin, only};
use crate::remedy::{Template, steps};

/// What names CSSM as the peer.
const CSSM: &[&str] = &["cssm", "smart software manager", "call home", "call-home", "callhome", "smart transport"];
/// What names the transport `cslu`, which SSM On-Prem has too.
const CSLU: &[&str] = &["cslu", "license utility", "on-prem", "onprem", "satellite"];

const fn cssm(when: &'static str, steps: &'static [&'static Template]) -> Action {
    Action { when, peers: CSSM, steps }
}

const fn cslu(when: &'static str, steps: &'static [&'static Template]) -> Action {
    Action { when, peers: CSLU, steps }
}

pub(super) static FAILED: Entry = Entry {
    mnemonic: "COMM_FAILED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Failure,
    fields: &[
        (Field::Peer, "the server that the configured transport leads to"),
        (Field::Reason, "why the attempt failed, in the device's words"),
    ],
    explanation: "An attempt to talk to CSSM, CSLU or SSM On-Prem failed. It is logged for every attempt, so that many are one \
                  problem. A report that is due is tried for up to four hours, then every 15 minutes; once communication works, the \
                  configured interval is back. Within minutes after a boot it is usual.",
    reasons: &[
        "dns.not_resolved",
        "server.not_found",
        "tls.handshake",
        "tls.certificate",
        "tls.server_identity",
        "identity.not_valid",
        "server.empty_response",
        "server.status_code",
        "transport.disabled",
        "throttled.429",
        "route.refused",
        "route.no_answer",
    ],
    actions: &[
        cssm("Directly to CSSM, transport smart", &[&steps::TRANSPORT_SMART, &steps::CSSM_REACHED]),
        cssm(
            "Directly to CSSM, transport callhome",
            &[&steps::CALL_HOME_PROFILE, &steps::CSSM_REACHED, &steps::SOURCE_INTERFACE],
        ),
        cslu(
            "CSLU found by its name (cslu-local)",
            &[&steps::CSLU_FOUND, &steps::DOMAIN_NAME, &steps::NAME_SERVER, &steps::CSLU_DNS_ENTRY],
        ),
        cslu("CSLU by its URL", &[&steps::TRANSPORT_CSLU]),
        cslu("CSLU collects from the device", &[&steps::HTTP_SERVER, &steps::HTTP_USER, &steps::OPEN_DEVICE]),
        cslu("SSM On-Prem, the device sends", &[&steps::ON_PREM_URL, &steps::TRANSPORT_ON_PREM]),
        cslu("SSM On-Prem, On-Prem collects", &[&steps::HTTP_SERVER, &steps::HTTP_USER]),
        cslu("SSM On-Prem, sending or collecting", &[&steps::ON_PREM_TRUSTPOINT]),
    ],
    clears: &[],
};

pub(super) static RESTORED: Entry = Entry {
    mnemonic: "COMM_RESTORED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Success,
    fields: &[(Field::Peer, "the server that is reached again")],
    explanation: "Communication with CSSM, CSLU or SSM On-Prem works again.",
    reasons: &[],
    actions: &[only(&[&steps::NOTHING])],
    clears: &["COMM_FAILED"],
};
