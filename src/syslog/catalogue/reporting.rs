//! Messages about usage reports: REPORTING_REQUIRED, REPORTING_NOT_SUPPORTED.

use super::{Action, Cause, Entry, Field, Kind, Origin, Step, run, say};

/// From the device to its server.
const SYNC: Step = run("Send the report from the device.", &["license smart sync all"]);
/// From SSM On-Prem to CSSM.
const ON_PREM_TO_CSSM: Step =
    say("Then synchronise SSM On-Prem with CSSM: over the network, or by file where it has no connection.");

pub(super) static REQUIRED: Entry = Entry {
    mnemonic: "REPORTING_REQUIRED",
    severity: 6,
    origin: Origin::Guide,
    kind: Kind::Notice,
    fields: &[(Field::Days, "days that were left when the message was logged, not now")],
    explanation: "A usage (RUM) report must have reached CSSM, and its acknowledgement the device, before the days are over. Many \
                  days are normal on a new device; a report that is sent and acknowledged ends the reminder.",
    causes: &[],
    actions: &[
        Action {
            when: "CSLU, the device sends",
            peers: &[],
            steps: &[SYNC, say("A CSLU that is logged in to CSSM passes it on by itself.")],
        },
        Action {
            when: "CSLU, CSLU collects",
            peers: &[],
            steps: &[say("In CSLU, collect the usage reports of this product instance.")],
        },
        Action { when: "Directly to CSSM", peers: &[], steps: &[SYNC] },
        Action {
            when: "A controller",
            peers: &[],
            steps: &[
                say("Nothing, if the controller's next scheduled report comes in time."),
                say(
                    "At once, from Catalyst Center (Cisco DNA Center) 2.2.2 or later: Manage Licenses > Upload Resource Utilization \
                     Details to CSSM.",
                ),
            ],
        },
        Action {
            when: "CSLU without a connection to CSSM",
            peers: &[],
            steps: &[
                run(
                    "Bring the report to CSLU: send it from the device, or collect it in CSLU.",
                    &["license smart sync all"],
                ),
                say("In CSLU, Export to Cisco SSM; upload the file to CSSM and download the acknowledgement."),
                say("In CSLU, Import from Cisco SSM."),
            ],
        },
        Action {
            when: "No connection and no CSLU",
            peers: &[],
            steps: &[
                run("Save the report.", &["license smart save usage all file bootflash:<name>"]),
                say("From a workstation, upload it to CSSM and download the acknowledgement."),
                run("Install the acknowledgement.", &["license smart import bootflash:<ack-file>"]),
            ],
        },
        Action { when: "SSM On-Prem, the device sends", peers: &[], steps: &[SYNC, ON_PREM_TO_CSSM] },
        Action {
            when: "SSM On-Prem, On-Prem collects",
            peers: &[],
            steps: &[
                say(
                    "In SSM On-Prem: Reports > Synchronisation pull schedule with the devices > Synchronise now with the device.",
                ),
                ON_PREM_TO_CSSM,
            ],
        },
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
    causes: &[Cause {
        reason: "server.too_old",
        steps: &[run("Upgrade SSM On-Prem, and the device where it is older.", &["show version"])],
    }],
    actions: &[
        Action {
            when: "SSM On-Prem is to stay",
            peers: &[],
            steps: &[
                say(
                    "Upgrade SSM On-Prem to a version with Smart Licensing Using Policy, and the device to 17.3.3 or later.",
                ),
                run(
                    "Copy the transport URL from its page and configure it.",
                    &["license smart transport cslu", "license smart url cslu https://<host>/cslu/v1/pi/<tenant>"],
                ),
            ],
        },
        Action {
            when: "Or change the topology",
            peers: &[],
            steps: &[say("Report directly to CSSM, through CSLU, through a controller, or by file.")],
        },
    ],
    clears: &[],
};
