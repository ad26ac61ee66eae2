//! Trust codes, trustpoints and the account.

use super::{Topology, on_ios, run, set, show, step};

const DIRECT: &[Topology] = &[Topology::Direct];
const ON_PREM: &[Topology] = &[Topology::OnPremPush, Topology::OnPremPull];

#[rustfmt::skip]
steps! {
    CHECK_ACCOUNT "check-account" step(
        "check in CSSM that the device is in the right Virtual Account (Smart Software Manager > Inventory > Product Instances)", &[],
    ).at(DIRECT);
    NEW_TOKEN "new-token" step("get a token from CSSM for the right Virtual Account", &[]).at(DIRECT);
    TRUST_CODE "trust-code" step("install a trust code; local on a standalone device, all on a stack or pair", &[
        run("license smart trust idtoken <token> all"), show("show license status", "Trust Code Installed, every unit"),
    ]).at(DIRECT);
    TRUST_CODE_AGAIN "trust-code-again" step("replace the trust code; local on a standalone device, all on a stack or pair", &[
        run("license smart trust idtoken <token> all force"), show("show license status", "Trust Code Installed, every unit"),
    ]).at(DIRECT).when("or, with a token of the right Virtual Account");
    TRUST_CODES "trust-codes" step("see which units have a trust code", &[show("show license status", "Trust Code Installed")]).at(DIRECT);
    CLIENT_TRUSTPOINT "client-trustpoint" on_ios("towards CSSM, let the HTTP client use the licensing trustpoint", &[
        set("ip http client secure-trustpoint SLA-TrustPoint"), show("show license tech support", "no new Failure Reason"),
    ]).at(DIRECT);
    ON_PREM_TRUSTPOINT "on-prem-trustpoint" on_ios("towards SSM On-Prem, let the licensing trustpoint accept its certificates", &[
        set("crypto pki trustpoint SLA-TrustPoint"), set(" enrollment terminal"), set(" revocation-check none"),
        show("show crypto pki trustpoints status", "SLA-TrustPoint, Issuing CA authenticated"),
    ]).at(ON_PREM);
    TRUSTPOINT_BY_ITSELF "trustpoint-by-itself" step(
        "with a right clock the device creates SLA-TrustPoint by itself, within a minute",
        &[show("show crypto pki trustpoints status", "SLA-TrustPoint, Issuing CA authenticated")],
    ).at(DIRECT);
    MOVE_ACCOUNT "move-account" step("move the product instance in CSSM to the account that is expected", &[]);
    REPLACED_HARDWARE "replaced-hardware" step(
        "correct the inventory, remove the old product instance in CSSM, install trust and authorization codes on the new one", &[],
    ).when("if the hardware was replaced");
}
