//! Messages about the licensing policy: POLICY_INSTALL_FAILED, POLICY_INSTALL_SUCCESS, POLICY_REMOVED.

use super::{Action, Cause, Entry, Field, Kind, Origin, SET_CLOCK, run, say};

pub(super) static INSTALL_FAILED: Entry = Entry {
    mnemonic: "POLICY_INSTALL_FAILED",
    severity: 3,
    origin: Origin::Guide,
    kind: Kind::Failure,
    fields: &[(Field::Reason, "what the device found wrong with the policy code")],
    explanation: "A policy reached the device, but its code could not be read, so it is not in force. The earlier policy stays.",
    causes: &[
        Cause { reason: "time.signature", steps: &[SET_CLOCK] },
        Cause { reason: "time.stamp", steps: &[SET_CLOCK] },
    ],
    actions: &[Action { when: "", peers: &[], steps: &[SET_CLOCK] }],
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
    causes: &[],
    actions: &[Action {
        when: "",
        peers: &[],
        steps: &[run("Nothing to do. The policy in use and what it asks for are shown by:", &["show license all"])],
    }],
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
    causes: &[Cause {
        reason: "policy.reset",
        steps: &[say(
            "Ask whether it was meant. If not, trust code and authorization codes are to be checked as well.",
        )],
    }],
    actions: &[
        Action { when: "It was meant", peers: &[], steps: &[say("Nothing to do.")] },
        Action {
            when: "It was not meant; the device reports to CSSM, CSLU or SSM On-Prem",
            peers: &[],
            steps: &[
                run(
                    "Reporting directly, see that the device still has its trust code; if not, install a new one.",
                    &["show license status", "license smart trust idtoken <token> all"],
                ),
                run("Send a report: the policy comes with its acknowledgement.", &["license smart sync all"]),
                run("See that the policy is in use again.", &["show license all"]),
            ],
        },
        Action {
            when: "It was not meant; CSLU or SSM On-Prem collects from the device, or a controller does",
            peers: &[],
            steps: &[say("Collect from the device there: the policy comes with the acknowledgement.")],
        },
        Action {
            when: "It was not meant; no connection",
            peers: &[],
            steps: &[run(
                "Carry a report to CSSM and its acknowledgement, or a policy file from there, back.",
                &[
                    "license smart save usage all file bootflash:<name>",
                    "license smart import bootflash:<file-from-cssm>",
                ],
            )],
        },
    ],
    clears: &[],
};
