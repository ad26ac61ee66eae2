//! Messages about communication with CSSM, CSLU or SSM On-Prem: COMM_FAILED, COMM_RESTORED.

use super::{Action, Cause, Entry, Field, Kind, Origin, Step, run, say};

/// What names CSSM as the peer.
const CSSM: &[&str] = &["cssm", "smart software manager", "call home", "call-home", "callhome", "smart transport"];
/// What names the transport `cslu`, which SSM On-Prem has too.
const CSLU: &[&str] = &["cslu", "license utility", "on-prem", "onprem", "satellite"];

const SERVER_ACTIVE: Step = run(
    "See that SL_HTTP is active and that the HTTPS server is enabled with a valid trustpoint; if not, configure it, with a user of \
     privilege 15.",
    &[
        "show ip http server session-module",
        "show ip http server all",
        "ip http secure-server",
        "ip http authentication local",
    ],
);

const RESOLVE: Step = run(
    "See that the device has a name server and a domain, in the VRF that is used, and resolves the server's name.",
    &[
        "show hosts",
        "ip domain lookup",
        "ip name-server [vrf <vrf>] <address>",
        "ip domain name <domain>",
        "ping [vrf <vrf>] <host>",
    ],
);

const REACH: Step = run(
    "See that the server is reached: interface, route, VRF, firewall, source interface of the HTTP client.",
    &[
        "ping [vrf <vrf>] <host>",
        "show ip interface brief",
        "show ip http client all",
        "ip http client source-interface <interface>",
    ],
);

const TRUSTPOINT: Step = run(
    "Let the HTTP client use the licensing trustpoint. Towards SSM On-Prem see its trustpoint, as below.",
    &["ip http client secure-trustpoint SLA-TrustPoint"],
);

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
    causes: &[
        Cause { reason: "dns.not_resolved", steps: &[RESOLVE] },
        Cause {
            reason: "server.not_found",
            steps: &[say("Wait and watch the service status of CSSM. If it is up, compare the URL, as below.")],
        },
        Cause { reason: "tls.handshake", steps: &[TRUSTPOINT] },
        Cause {
            reason: "identity.not_valid",
            steps: &[run(
                "See in CSSM that the device is in the right Virtual Account, then install a new trust code.",
                &["license smart trust idtoken <token> all force"],
            )],
        },
        Cause {
            reason: "server.empty_response",
            steps: &[run("Compare transport and URL with the server.", &["show license status"])],
        },
        Cause {
            reason: "transport.disabled",
            steps: &[run(
                "Enable it, or choose the transport that is meant.",
                &["show call-home smart-licensing", "license smart transport <smart|cslu|callhome>"],
            )],
        },
        Cause { reason: "tls.certificate", steps: &[TRUSTPOINT] },
        Cause { reason: "route.refused", steps: &[REACH] },
        Cause { reason: "route.no_answer", steps: &[REACH] },
    ],
    actions: &[
        Action {
            when: "Directly to CSSM, transport smart",
            peers: CSSM,
            steps: &[
                run(
                    "See that the URL is the one below; if not, configure it.",
                    &[
                        "show license status",
                        "license smart transport smart",
                        "license smart url smart https://smartreceiver.cisco.com/licservice/license",
                    ],
                ),
                run("See that smartreceiver.cisco.com is resolved and answers.", &["ping smartreceiver.cisco.com"]),
            ],
        },
        Action {
            when: "Directly to CSSM, transport callhome",
            peers: CSSM,
            steps: &[
                run(
                    "See that an active profile (usually CiscoTAC-1) reports Smart Licensing to the URL below; if not, configure it.",
                    &[
                        "show call-home smart-licensing",
                        "show call-home profile all",
                        "service call-home",
                        "call-home",
                        " profile \"CiscoTAC-1\"",
                        "  active",
                        "  reporting smart-licensing-data",
                        "  destination transport-method http",
                        "  destination address http \
                         https://tools.cisco.com/its/service/oddce/services/DDCEService",
                    ],
                ),
                run(
                    "See that tools.cisco.com is resolved and answers. If not: are the interfaces up (no shutdown), their masks and \
                     the address of the name server right?",
                    &["ping tools.cisco.com", "show ip interface brief"],
                ),
                run(
                    "See that the HTTP client uses the right source interface; then routing and firewall.",
                    &["show ip http client all", "ip http client source-interface <interface>"],
                ),
            ],
        },
        Action {
            when: "CSLU found by its name (cslu-local)",
            peers: CSLU,
            steps: &[
                run("A recent Last ACK received means that CSLU is reached: stop here.", &["show license all"]),
                run("See that the device reaches it by name.", &["ping cslu-local"]),
                run(
                    "If not, give the name server an entry cslu-local.<domain> with the address of the CSLU host.",
                    &["ip domain name <domain>", "ip name-server <address>"],
                ),
            ],
        },
        Action {
            when: "CSLU by its URL",
            peers: CSLU,
            steps: &[run(
                "See that Type is cslu and Cslu address the CSLU host with port 8182; if not, configure it.",
                &[
                    "show license all",
                    "license smart transport cslu",
                    "license smart url cslu http://<host>:8182/cslu/v1/pi",
                ],
            )],
        },
        Action {
            when: "CSLU collects from the device",
            peers: CSLU,
            steps: &[
                SERVER_ACTIVE,
                say("Open https://<device>/ in a browser on the CSLU host: the REST API must answer."),
            ],
        },
        Action {
            when: "SSM On-Prem, the device sends",
            peers: CSLU,
            steps: &[run(
                "See that Type is cslu and Cslu address the one that SSM On-Prem shows, tenant included; if not, copy it from there.",
                &[
                    "show license all",
                    "license smart transport cslu",
                    "license smart url cslu https://<host>/cslu/v1/pi/<tenant>",
                ],
            )],
        },
        Action { when: "SSM On-Prem, On-Prem collects", peers: CSLU, steps: &[SERVER_ACTIVE] },
        Action {
            when: "SSM On-Prem, sending or collecting",
            peers: CSLU,
            steps: &[run(
                "See that the licensing trustpoint is used and the certificates are accepted.",
                &[
                    "crypto pki trustpoint SLA-TrustPoint",
                    " enrollment terminal",
                    " revocation-check none",
                    "copy running-config startup-config",
                ],
            )],
        },
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
    causes: &[],
    actions: &[Action { when: "", peers: &[], steps: &[say("Nothing to do.")] }],
    clears: &["COMM_FAILED"],
};
