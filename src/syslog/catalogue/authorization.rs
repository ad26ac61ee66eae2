//! Messages about authorization codes (SLAC): AUTHORIZATION_INSTALL_FAILED, AUTHORIZATION_INSTALL_SUCCESS, AUTHORIZATION_REMOVED.

use super::{Action, Cause, Entry, Field, Kind, Origin, SET_CLOCK, Step, run, say};

/// The units a code must name.
const COMPARE_UDIS: Step = run(
    "List every unit of the device, stack or pair, and compare with the <udi> lines of the code.",
    &["show license udi"],
);

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
    causes: &[
        Cause {
            reason: "udi.not_enough",
            steps: &[COMPARE_UDIS, say("Generate codes for all of them, and install again.")],
        },
        Cause {
            reason: "udi.mismatch",
            steps: &[COMPARE_UDIS, say("Generate the code for exactly these units, and install again.")],
        },
        Cause {
            reason: "time.signature",
            steps: &[
                SET_CLOCK,
                run("See that Clock sync-ed with NTP is True, then install again.", &["show license tech support"]),
            ],
        },
    ],
    actions: &[Action {
        when: "",
        peers: &[],
        steps: &[
            run(
                "Read Failure Reason under Authorization Confirmation (and Request), then act on the reason above.",
                &["show license tech support"],
            ),
            COMPARE_UDIS,
        ],
    }],
    clears: &[],
};

pub(super) static INSTALL_SUCCESS: Entry = Entry {
    mnemonic: "AUTHORIZATION_INSTALL_SUCCESS",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Success,
    fields: &[(Field::Udi, "the unit that has the code now")],
    explanation: "An authorization code was installed on this unit.",
    causes: &[],
    actions: &[Action {
        when: "",
        peers: &[],
        steps: &[run("Nothing to do. What the code grants is shown by:", &["show license authorization"])],
    }],
    clears: &["AUTHORIZATION_INSTALL_FAILED", "AUTHORIZATION_REMOVED"],
};

pub(super) static REMOVED: Entry = Entry {
    mnemonic: "AUTHORIZATION_REMOVED",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Notice,
    fields: &[(Field::Udi, "the unit that had the code")],
    explanation: "The authorization code of this unit was removed, and with it the licences it granted. Features that use them may \
                  behave differently, or stop.",
    causes: &[],
    actions: &[Action {
        when: "",
        peers: &[],
        steps: &[run(
            "Nothing to do if it was meant, for example before a unit is returned. See whether a licence in use lacks its \
             authorization now:",
            &["show license all"],
        )],
    }],
    clears: &[],
};
