//! Authorization codes (SLAC), and registration from before Smart Licensing Using Policy.

use super::{run, show, step};

#[rustfmt::skip]
steps! {
    UNITS "units" step("the units of this device: <units>", &[]);
    COMPARE_UDIS "compare-udis" step("compare the UDIs of every unit with those of the code, for example with slaudit slac", &[
        show("show license udi", "the UDI of every unit"),
    ]);
    REQUEST_CODE "request-code" step("request an authorization code", &[
        run("license smart authorization request add <feature> all"),
        show("show license authorization", "SMART AUTHORIZATION INSTALLED, every unit"),
    ]);
    MAKE_CODES "make-codes" step("make the codes in CSSM for exactly these units and copy the file to bootflash:<slac-file>", &[]);
    IMPORT_CODES "import-codes" step("install the codes", &[
        run("license smart import bootflash:<slac-file>"),
        show("show license authorization", "SMART AUTHORIZATION INSTALLED, every unit"),
    ]);
    MORE_CODES "more-codes" step("bring as many authorization codes as licenses in use: add them in CSSM, then request again", &[]);
    READ_REASON "read-reason" step("read Failure Reason under Authorization Confirmation and Request, and act on it", &[
        show("show license tech support", "Failure Reason"),
    ]);
    CHECK_LICENSES "check-licenses" step("check the licenses of the account in CSSM and every UDI, then request again", &[
        show("show license udi", "the UDI of every unit"),
    ]);
    LICENSES_KEPT "licenses-kept" step("check that no feature in use lost its license; else install the code again", &[
        show("show license all", "the licenses in use"),
    ]);
    BUY_LICENSES "buy-licenses" step("move or buy licenses in CSSM for the Virtual Account of this device", &[]);
    REGISTER "register" step("register the device", &[
        run("license smart register idtoken <token>"), show("show license status", "Registration, Status: REGISTERED"),
    ]).when("with Smart Licensing from before SLP");
    CHECK_WAY "check-way" step("check name resolution, route and proxy towards CSSM or the satellite", &[]);
    RENEW_ID "renew-id" step("renew the registration", &[
        run("license smart renew id"), show("show license status", "Registration, Status: REGISTERED"),
    ]);
    RENEW_AUTHORIZATION "renew-authorization" step("renew the authorization", &[
        run("license smart renew auth"), show("show license status", "License Authorization, Status: AUTHORIZED"),
    ]);
}
