//! Messages about trust codes: TRUST_CODE_INSTALL_FAILED, TRUST_CODE_INSTALL_SUCCESS.

use super::{Action, Entry, Field, Kind, Origin, Reason, SET_CLOCK, Step, run, say};

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
    reasons: &[
        Reason {
            name: "A trust code is there already",
            words: &["already"],
            origin: Origin::Guide,
            meaning: "A trust code is tied to the UDI of its unit. A unit that has one does not take a second one by itself.",
            steps: &[FORCE],
        },
        Reason {
            name: "Another Smart Account or Virtual Account",
            words: &["account", "smartaccount", "virtualaccount"],
            origin: Origin::Guide,
            meaning: "The token belongs to an account that this device is not in. A token counts for the devices of its account \
                      only.",
            steps: &[CHECK_ACCOUNT, NEW_TOKEN],
        },
        Reason {
            name: "Signature mismatch",
            words: &["signature"],
            origin: Origin::Guide,
            meaning: "The clock of the device is wrong, so that a valid signature does not verify.",
            steps: &[SET_CLOCK],
        },
        Reason {
            name: "Time stamp mismatch",
            words: &["timestamp", "time stamp", "time-stamp"],
            origin: Origin::Guide,
            meaning: "The clock of the device and that of CSSM differ.",
            steps: &[SET_CLOCK],
        },
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
    reasons: &[],
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
