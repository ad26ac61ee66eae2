//! `transport-off`: no transport is on, and nothing says that this is meant. Reads `transport.type`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    id: "transport-off",
    category: Category::Transport,
    severity: Severity::Info,
    title: "Transport off: reports are carried by hand",
    why: "Nothing leaves such a device by itself: somebody has to save its usage reports, upload them to CSSM and import the ACK \
          before every deadline.",
    reads: "show license status, show license all or show license tech support: Transport, Type.",
    healthy: "Another type, or a transport or topology given in the inventory. A missing trust code, URL or name server is then no \
              problem.",
    source: "Troubleshooting guide, REPORTING_REQUIRED: no connectivity to CSSM and no CSLU.",
    remedy: remedies::report,
    judge,
    ..Rule::DEFAULT
};

fn judge(device: Subject<'_>) -> Judged {
    if device.expected.transport.is_some() || device.expected.topology.is_some() {
        return Err(Undecided::NotApplicable("the inventory says how this device reports"));
    }
    if *device.facts.transport_type.get()? != TransportType::Off {
        return Ok(Vec::new());
    }
    let problem = device.problem("transport off", "a transport, or topology offline in the inventory");
    Ok(vec![problem.proved_by(device.facts.transport_type.evidence())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::{ExpectedTransport, Topology};
    use crate::rules::case::{Case, refused};

    #[test]
    fn fails_where_nothing_expects_it() {
        assert_eq!(Case::off().fails(&RULE).severity, Severity::Info);
    }

    #[test]
    fn passes_with_a_transport() {
        Case::cslu("").passes(&RULE);
    }

    #[test]
    fn unknown_where_refused() {
        Case::off().with(|facts| facts.transport_type = refused()).unknown(&RULE);
    }

    #[test]
    fn not_applicable_where_it_is_expected() {
        Case::off().expecting(|expect| expect.transport = Some(ExpectedTransport::Off)).not_applicable(&RULE);
        Case::off().expecting(|expect| expect.topology = Some(Topology::Offline)).not_applicable(&RULE);
    }
}
