//! Messages about communication with CSSM, CSLU or SSM On-Prem: COMM_FAILED, COMM_RESTORED.

use super::{Action, Entry, Field, Kind, Origin, Reason, Step, run, say};

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
        Reason {
            name: "The name is not resolved",
            words: &["resolve", "unknown host", "dns"],
            origin: Origin::Seen,
            meaning: "DNS does not answer, or does not know the server: cslu-local where no CSLU address is configured.",
            steps: &[RESOLVE],
        },
        Reason {
            name: "404 host not found",
            words: &["404"],
            origin: Origin::Guide,
            meaning: "CSSM is down.",
            steps: &[say("Wait and watch the service status of CSSM. If it is up, compare the URL, as below.")],
        },
        Reason {
            name: "TLS or SSL handshake",
            words: &["tls", "ssl", "handshake", "certificate"],
            origin: Origin::Guide,
            meaning: "The client certificate is missing, which may follow an upgrade of the server. It happens to devices that report \
                      directly to CSSM. Apart from that, neither the configuration nor the connection is at fault.",
            steps: &[run(
                "Let the HTTP client use the licensing trustpoint. Towards SSM On-Prem see its trustpoint, as below.",
                &["ip http client secure-trustpoint SLA-TrustPoint"],
            )],
        },
        Reason {
            name: "The identity is not accepted",
            words: &["identity for the instance", "re-register", "register again", "identity is not valid"],
            origin: Origin::Seen,
            meaning: "The server answers, but does not know the device any more. Neither network nor DNS is at fault.",
            steps: &[run(
                "See in CSSM that the device is in the right Virtual Account, then install a new trust code.",
                &["license smart trust idtoken <token> all force"],
            )],
        },
        Reason {
            name: "Empty response",
            words: &["empty response"],
            origin: Origin::Seen,
            meaning: "The server does not speak the configured transport, as SSM On-Prem with a URL of another transport.",
            steps: &[run("Compare transport and URL with the server.", &["show license status"])],
        },
        Reason {
            name: "The transport is switched off",
            words: &["transport is disabled"],
            origin: Origin::Seen,
            meaning: "Call Home is the transport, but does not carry Smart Licensing.",
            steps: &[run(
                "Enable it, or choose the transport that is meant.",
                &["show call-home smart-licensing", "license smart transport <smart|cslu|callhome>"],
            )],
        },
        Reason {
            name: "The server is not reached",
            words: &[
                "reachable",
                "unreachable",
                "timed out",
                "timeout",
                "no route",
                "no reply",
                "refused",
                "communications failure",
                "communication failure",
                "init failure",
            ],
            origin: Origin::Guide,
            meaning: "There is no way through the network to CSSM, CSLU or SSM On-Prem, or nothing listens there.",
            steps: &[REACH],
        },
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
    reasons: &[],
    actions: &[Action { when: "", peers: &[], steps: &[say("Nothing to do.")] }],
    clears: &["COMM_FAILED"],
};
