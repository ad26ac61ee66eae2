//! Messages about trust codes: TRUST_CODE_INSTALL_FAILED, TRUST_CODE_INSTALL_SUCCESS.

use super::{Action, Cause, Entry, Field, Kind, Origin, SET_CLOCK, Step, run, say};

const CHECK_ACCOUNT: Step = say(
    "In CSSM (https://software.cisco.com), open Smart Software Licensing > Manage licenses > Inventory, choose the Virtual Account \
     and look for the device under Product Instances. If it is not there, find the Smart Account and Virtual Account it is in.",
);
const NEW_TOKEN: Step = run(
    "Create a token in the right Virtual Account and install it (local instead of all on a standalone device).",
    &["license smart trust idtoken <token> all"],
);
const FORCE: Step = run(
    "To replace the trust code, ask for a new one with force (local instead of all on a standalone device).",
    &["license smart trust idtoken <token> all force"],
);

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
    causes: &[
        Cause { reason: "trust.already", steps: &[FORCE] },
        Cause { reason: "server.account", steps: &[CHECK_ACCOUNT, NEW_TOKEN] },
        Cause { reason: "time.signature", steps: &[SET_CLOCK] },
        Cause { reason: "time.stamp", steps: &[SET_CLOCK] },
    ],
    actions: &[Action {
        when: "",
        peers: &[],
        steps: &[
            run("See which units have a trust code: Trust Code Installed.", &["show license status"]),
            say("Act on the reason above, then install the trust code again."),
        ],
    }],
    clears: &[],
};

pub(super) static INSTALL_SUCCESS: Entry = Entry {
    mnemonic: "TRUST_CODE_INSTALL_SUCCESS",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Success,
    fields: &[(Field::Udi, "the unit that has the trust code now")],
    explanation: "A trust code was installed on this unit.",
    causes: &[],
    actions: &[Action {
        when: "",
        peers: &[],
        steps: &[run(
            "Nothing to do. The time under Trust Code Installed is that of this installation:",
            &["show license status"],
        )],
    }],
    clears: &["TRUST_CODE_INSTALL_FAILED"],
};
