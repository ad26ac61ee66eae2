//! Clock, transport, name resolution and the way to the server.

use super::{Topology, on_ios, run, set, show, step};

const DIRECT: &[Topology] = &[Topology::Direct];
const CSLU: &[Topology] = &[Topology::CsluPush, Topology::CsluOffline];
const PULL: &[Topology] = &[Topology::CsluPull, Topology::OnPremPull];
const ON_PREM: &[Topology] = &[Topology::OnPremPush, Topology::OnPremPull];

#[rustfmt::skip]
steps! {
    NTP_CONFIGURED "ntp-configured" step(
        "look why none of the configured servers is followed before adding another: <servers>",
        &[show("show ntp associations", "a server with a `*` before it")],
    ).when("where NTP servers are configured");
    NTP_SERVER "ntp-server" on_ios("let NTP set the clock", &[
        set("ntp server [vrf <vrf>] <ntp-server> version 2 prefer"),
        show("show ntp status", "Clock is synchronized"), show("show license tech support", "Clock sync-ed with NTP: True"),
    ]);

    TRANSPORT_SMART "transport-smart" on_ios("report directly to CSSM, by Smart transport", &[
        set("license smart transport smart"), set("license smart url smart https://smartreceiver.cisco.com/licservice/license"),
        show("show license status", "Transport, URL"),
    ]).at(DIRECT);
    TRANSPORT_CALL_HOME "transport-callhome" on_ios("report directly to CSSM, by Call Home", &[set("license smart transport callhome")]).at(DIRECT);
    CALL_HOME_PROFILE "call-home-profile" on_ios("let an active profile report Smart Licensing to CSSM", &[
        set("service call-home"), set("call-home"), set(" profile \"CiscoTAC-1\""), set("  active"),
        set("  reporting smart-licensing-data"), set("  destination transport-method http"),
        set("  destination address http https://tools.cisco.com/its/service/oddce/services/DDCEService"),
        show("show call-home profile all", "CiscoTAC-1 (status: ACTIVE), the destination URL"),
    ]).at(DIRECT);
    CALL_HOME_OTHER_URL "call-home-other-url" step(
        "the profile keeps its other address beside the new one; slaudit suggests no removal, so take it out by hand: <urls>", &[],
    ).at(DIRECT).when("where the profile has another address");
    TRANSPORT_CSLU "transport-cslu" on_ios("report to CSLU", &[
        set("license smart transport cslu"), set("license smart url cslu http://<cslu-host>:8182/cslu/v1/pi"),
        show("show license status", "Transport, Cslu address"),
    ]).at(CSLU);
    ON_PREM_URL "on-prem-url" step("copy the transport URL, with its tenant, from the SSM On-Prem page", &[]).at(ON_PREM);
    TRANSPORT_ON_PREM "transport-on-prem" on_ios("report to SSM On-Prem", &[
        set("license smart transport cslu"), set("license smart url cslu https://<on-prem-host>/cslu/v1/pi/<tenant>"),
        show("show license status", "Transport, Cslu address"),
    ]).at(ON_PREM);
    CONFIGURED_HOST "configured-host" step("the host <host> is the one configured now; check it", &[]).when("where an address is configured");
    TRANSPORT_OFF "transport-off" on_ios("carry reports by file from then on; the inventory says that this is right here", &[
        set("license smart transport off"), show("show license status", "Transport, Type"),
    ]).at(&[Topology::Offline]);
    TRANSPORT_CHOOSE "transport-choose" on_ios("choose the transport that is meant", &[set("license smart transport <transport>")]);
    PROXY_ADDRESS "proxy-address" on_ios("complete the proxy", &[
        set("license smart proxy address <proxy-host>"), show("show license status", "Proxy, Address and Port"),
    ]).when("where the address is missing");
    PROXY_PORT "proxy-port" on_ios("complete the proxy", &[
        set("license smart proxy port <proxy-port>"), show("show license status", "Proxy, Address and Port"),
    ]).when("where the port is missing");
    SERVER_IDENTITY_CHECK "server-identity-check" on_ios("check the name in the certificate of the server", &[
        set("license smart server-identity-check"), show("show license status", "Server Identity Check: True"),
    ]);

    DOMAIN_LOOKUP "domain-lookup" on_ios("resolve names", &[set("ip domain lookup")]).when("where lookup is off");
    NAME_SERVER "name-server" on_ios("name a server that resolves names", &[set("ip name-server [vrf <vrf>] <name-server>")]);
    DOMAIN_NAME "domain-name" on_ios("give the device a domain", &[set("ip domain name <domain>")]).when("where no domain is set");
    RESOLVED "resolved" step("see that the name of the server is resolved", &[
        show("ping [vrf <vrf>] <host>", "the name is resolved"), show("show hosts", "the name servers"),
    ]);
    CSLU_DNS_ENTRY "cslu-dns-entry" step(
        "on the name server, make an entry cslu-local.<domain> with the address of the CSLU host", &[],
    ).at(&[Topology::CsluPush]);
    CSLU_FOUND "cslu-found" step("see that CSLU is found; a recent Last ACK received means that it is", &[
        show("ping cslu-local", "an answer"), show("show license all", "Last ACK received"),
    ]).at(&[Topology::CsluPush]);

    ROUTE "route" step("check route, firewall and ip http client source-interface towards <host>", &[
        show("ping [vrf <vrf>] <host>", "an answer"), show("show ip interface brief", "the source interface is up"),
        show("show ip http client all", "the source interface"),
    ]);
    NOT_ICMP "not-icmp" step("open a connection to its port instead", &[]).when("where only ICMP is filtered");
    CHOOSE_INTERFACE "choose-interface" step(
        "choose an interface that is up and has a way to the host; up and with an address: <interfaces>", &[],
    );
    SOURCE_INTERFACE "source-interface" on_ios("send from an interface with a way to the host", &[
        set("ip http client source-interface <interface>"), show("show ip http client all", "source interface"),
    ]);
    CALL_HOME_INTERFACE "call-home-interface" on_ios("send from an interface with a way to the host", &[
        set("call-home"), set(" source-interface <interface>"), show("show call-home", "source interface"),
    ]).at(DIRECT);
    LICENSE_VRF "license-vrf" on_ios("report in the VRF of the source interface", &[
        set("license smart vrf <vrf>"), show("show license status", "VRF"),
    ]);
    SERVICE_UP "service-up" step(
        "check the transport and its URL against this topology and that the service on <host> is up", &[show("show license status", "Transport, URL")],
    );
    SERVICE_LISTENS "service-listens" step("check that the service on <host> listens and that no firewall refuses it", &[]);
    SERVER_CERTIFICATE "server-certificate" step(
        "check that <host> serves the scheme and port of the transport URL, and its certificate the name in it", &[],
    );
    SERVER_LOG "server-log" step("look into the log of <host>", &[]);
    CSSM_STATUS "cssm-status" step("wait and watch the service status of CSSM; where it is up, compare the URL", &[]).at(DIRECT);
    CALL_HOME_CHECK "call-home-check" step("see whether Call Home carries Smart Licensing", &[
        show("show call-home smart-licensing", "enabled"), show("show call-home profile all", "an active profile"),
    ]).at(DIRECT);
    CSSM_REACHED "cssm-reached" step("see that the server is resolved and answers", &[
        show("ping smartreceiver.cisco.com", "an answer"), show("ping tools.cisco.com", "an answer, for Call Home"),
    ]).at(DIRECT);
    FAILURES_GONE "failures-gone" step("see that no channel fails any more", &[
        show("show license tech support", "Ongoing Failure: Overall=0 of every channel"),
    ]);
    RATE_LIMIT "rate-limit" step("wait an hour: CSSM limits how often it is asked", &[]);

    HTTP_SERVER "http-server" on_ios("let CSLU or SSM On-Prem fetch over https", &[
        set("ip http secure-server"), set("ip http authentication local"),
        show("show ip http server session-module", "SL_HTTP is Active"),
    ]).at(PULL);
    HTTP_USER "http-user" step("a local user of privilege 15 is needed as well; make it by the rules of your site", &[]).at(PULL);
    OPEN_DEVICE "open-device" step("open https://<device>/ in a browser on the CSLU or SSM On-Prem host: the REST API must answer", &[]).at(PULL);

    SAVE "save" on_ios("keep the configuration", &[run("write memory")]);
    SUPPORT "support" step("collect show license tech support, show license history message and show tech-support license for the vendor", &[
        show("show license tech support", ""), show("show license history message", ""), show("show tech-support license", ""),
    ]).when("where it stays");
}
