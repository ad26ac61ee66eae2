//! Reports, their ACKs, and the policy.

use super::{Topology, run, show, step};

const PUSH: &[Topology] = &[Topology::Direct, Topology::CsluPush, Topology::CsluOffline, Topology::OnPremPush];
const ON_PREM: &[Topology] = &[Topology::OnPremPush, Topology::OnPremPull];
const OFFLINE: &[Topology] = &[Topology::Offline];

#[rustfmt::skip]
steps! {
    SYNC "sync" step("send a report", &[
        run("license smart sync all"), show("show license status", "Last ACK received, Next ACK deadline"),
    ]).at(PUSH);
    ON_PREM_SYNC "on-prem-sync" step("synchronize SSM On-Prem with CSSM: over the network, or by file where it has no connection", &[]).at(ON_PREM);
    CSLU_COLLECT "cslu-collect" step("in CSLU, collect usage reports from this product instance", &[]).at(&[Topology::CsluPull]);
    CSLU_PASSES_ON "cslu-passes-on" step("a CSLU that is logged in to CSSM passes it on by itself", &[]).at(&[Topology::CsluPush]);
    ON_PREM_COLLECT "on-prem-collect" step(
        "in SSM On-Prem: Reports > Synchronisation pull schedule with the devices > Synchronise now with the device", &[],
    ).at(&[Topology::OnPremPull]);
    CONTROLLER_REPORT "controller-report" step(
        "wait for the scheduled report, or use the controller's ad-hoc upload (Catalyst Center 2.2.2 and later: Manage Licenses > Upload \
         Resource Utilization Details to CSSM)", &[],
    ).at(&[Topology::Controller]);
    CSLU_EXPORT "cslu-export" step("export from CSLU, upload to CSSM and import the ACK into CSLU", &[]).at(&[Topology::CsluOffline]);
    SAVE_REPORT "save-report" step("save the report", &[run("license smart save usage all file bootflash:<name>")]).at(OFFLINE);
    UPLOAD_REPORT "upload-report" step(
        "copy the file to a workstation, upload it to CSSM, download the ACK and copy it to bootflash:<ack-file>", &[],
    ).at(OFFLINE);
    IMPORT_ACK "import-ack" step("install the ACK", &[
        run("license smart import bootflash:<ack-file>"), show("show license status", "Last ACK received, Next ACK deadline"),
    ]).at(OFFLINE);
    POLICY_ACCOUNT "policy-account" step(
        "check in CSSM that the device is in the account that has the policy (the vendor's licensing team makes it, nobody configures it); \
         it comes with the next ACK", &[],
    );
    POLICY_MEANT "policy-meant" step("ask whether it was meant; if not, the policy comes back with the next ACK", &[
        show("show license all", "the policy in use"),
    ]);
    BACKLOG_RELEASE "backlog-release" step("upgrade to 17.3.7, 17.6.5, 17.9.1 or later", &[]).when("on releases of field notice FN72578");
    CURE_CONNECTION "cure-connection" step("cure the connection", &[]);
    UPGRADE_ON_PREM "upgrade-on-prem" step(
        "upgrade SSM On-Prem (8-202102 or later) and the device (17.3.3 or later), or report directly or through CSLU",
        &[show("show version", "the release")],
    ).at(ON_PREM);
    UPGRADE_SLP "upgrade-slp" step(
        "upgrade to a release with Smart Licensing Using Policy (IOS XE 17.3.2 or later), or leave the device out", &[],
    );
    RESET_CHECK "reset-check" step("see that trust code and authorization codes are still there", &[
        show("show license status", "Trust Code Installed"), show("show license authorization", "the codes"),
    ]);
    NOTHING "nothing" step("nothing to do", &[]);
    SEE_LICENSES "see-licenses" step("see how the device is licensed and which policy it has", &[show("show license all", "")]);
    SEE_CODES "see-codes" step("see what the authorization codes grant", &[show("show license authorization", "")]);
}
