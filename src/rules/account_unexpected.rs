//! `account-unexpected`: the device is in another Smart or Virtual Account than expected. Reads `account.smart_account` and
//! `account.virtual_account`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "account-unexpected",
    category: Category::Identity,
    severity: Severity::Medium,
    generation: Generation::Any,
    title: "Another account than expected",
    why: "The licences of a device in the wrong account are missing there and booked elsewhere; its trust code belongs to that \
          account too.",
    reads: "show license status, show license all or show license tech support: Account Information; before SLP: Registration.",
    healthy: "The accounts of the inventory (smart_account, virtual_account) or of the configuration. A device that was not told its \
              account yet prints <none>, which proves nothing.",
    source: "Troubleshooting guide, TRUST_CODE_INSTALL_FAILED: Smart Account and Virtual Account mismatch.",
    remedy: |device, _| vec![device.step(&steps::MOVE_ACCOUNT), device.choice(&steps::TRUST_CODE_AGAIN)],
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.expected.smart_account.is_none() && device.expected.virtual_account.is_none() {
        return not_applicable("no account is expected");
    }
    let mut checks = Checks::default();
    compare(
        device,
        &mut checks,
        "Smart Account",
        &device.facts.smart_account,
        device.expected.smart_account.as_deref(),
    );
    compare(
        device,
        &mut checks,
        "Virtual Account",
        &device.facts.virtual_account,
        device.expected.virtual_account.as_deref(),
    );
    checks.answer()
}

fn compare(device: Subject<'_>, checks: &mut Checks, what: &str, fact: &Fact<Option<String>>, wanted: Option<&str>) {
    let Some(wanted) = wanted else { return };
    match fact.get() {
        Err(why) => checks.miss(why),
        Ok(None) => checks.miss(&Unknown::Absent),
        // CSSM tells accounts apart without regard to case.
        Ok(Some(found)) if found.trim().to_lowercase() == wanted.trim().to_lowercase() => {}
        Ok(Some(found)) => checks.fail(
            device
                .problem(format!("{what} {found}"), format!("{what} {wanted}"))
                .about(what)
                .proved_by(fact.evidence()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::case::{Case, known, refused};

    fn expecting(smart: Option<&str>, virtual_account: Option<&str>) -> Case {
        Case::direct().expecting(|expect| {
            expect.smart_account = smart.map(ToOwned::to_owned);
            expect.virtual_account = virtual_account.map(ToOwned::to_owned);
        })
    }

    #[test]
    fn fails_in_another_account() {
        let problem = expecting(Some("example-net"), Some("Branch")).fails(&RULE);
        assert_eq!(
            (problem.observed.as_str(), problem.expected.as_str()),
            ("Virtual Account Campus", "Virtual Account Branch")
        );
    }

    #[test]
    fn passes_in_the_right_one() {
        expecting(Some("EXAMPLE-NET"), Some("Campus")).passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        expecting(Some("EXAMPLE-NET"), None).with(|facts| facts.smart_account = refused()).unknown(&RULE);
    }

    #[test]
    fn unknown_while_the_device_was_not_told() {
        expecting(Some("EXAMPLE-NET"), None).with(|facts| facts.smart_account = known(None)).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_nothing_is_expected() {
        Case::direct().not_applicable(&RULE);
    }
}
