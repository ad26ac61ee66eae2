//! Runs made by hand: one with everything nasty, and fleets of any size.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use slaudit::fact::{DeviceTime, Evidence, Fact, Unknown};
use slaudit::facts::{TransportType, TrustCode, Udi};
use slaudit::finding::{FailureClass, Finding, Fingerprint, Problem, Severity, Verdict};
use slaudit::inventory::{Device, Platform};
use slaudit::reading::{Reading, Unparsed};
use slaudit::record::{Contact, DeviceRecord, Status};
use slaudit::remedy::Step;
use slaudit::rules::{self, Judgement};
use slaudit::run::Run;
use slaudit::store::{Head, Packed, Store, Waive};

/// A run of these devices that took 12 seconds.
pub(crate) fn run(devices: &[DeviceRecord]) -> Run {
    stored(head(), devices)
}

/// What is known of a run besides its devices.
pub(crate) fn head() -> Head {
    Head {
        command: "audit inventory.csv".to_owned(),
        inventory: "inventory.csv".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules_version: Run::rules_version(),
        rules: rules::ALL.iter().map(|rule| rule.id.to_owned()).collect(),
        rules_known: rules::ALL.len(),
        ..Head::new("20261124T020000Z-7f3a", time("2026-11-24T02:00:00.25Z"))
    }
}

/// A run as reports get it: through a store.
pub(crate) fn stored(head: Head, devices: &[DeviceRecord]) -> Run {
    stored_with(head, devices, &|_, _| None)
}

/// The same with waivers.
pub(crate) fn stored_with(head: Head, devices: &[DeviceRecord], waive: Waive<'_>) -> Run {
    finished(Store::temporary().expect("a store"), head, devices, waive)
}

/// A run of a store, up to its end. Interrupted devices leave it incomplete.
pub(crate) fn finished(store: Store, head: Head, devices: &[DeviceRecord], waive: Waive<'_>) -> Run {
    let (id, end) = (head.id.clone(), head.started + SignedDuration::from_millis(12_650));
    let mut draft = store.begin(head).expect("begun").in_lots();
    for record in devices {
        draft.put(&Packed::new(record).expect("packed")).expect("kept");
    }
    Run::load(draft.finish(end, waive).expect("finished"), &id).expect("a run")
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// Verdicts that do not change with the catalogue: none of its rules applies, and one that is not in it has this verdict.
fn verdicts(verdict: Verdict) -> Vec<(&'static str, Verdict)> {
    let mut verdicts: Vec<_> = rules::ALL.iter().map(|rule| (rule.id, Verdict::NotApplicable("a test"))).collect();
    verdicts.push(("test-rule", verdict));
    verdicts
}

/// A healthy device of a site.
pub(crate) fn device(name: &str, site: &str) -> DeviceRecord {
    let mut device = Device::named(name);
    site.clone_into(&mut device.site);
    DeviceRecord {
        device,
        status: Status::Audited,
        detail: String::new(),
        reading: Reading { licence_readable: true, ..Reading::default() },
        judgement: Judgement { verdicts: verdicts(Verdict::Pass), findings: Vec::new() },
        contact: Contact::default(),
    }
}

/// A device that was not audited.
pub(crate) fn lost(name: &str, site: &str, status: Status, detail: &str) -> DeviceRecord {
    let mut record = device(name, site);
    record.status = status;
    detail.clone_into(&mut record.detail);
    record.judgement.verdicts = verdicts(Verdict::Unknown(Unknown::NotCollected));
    record
}

/// Adds a finding; `cause` is the rule that explains it.
pub(crate) fn find(record: &mut DeviceRecord, rule: &'static str, cause: Option<&'static str>, problem: Problem) {
    let fingerprint = Fingerprint::new(rule, &record.device.name, &problem.subject);
    record.judgement.findings.push(Finding { rule, problem, explained_by: cause, fingerprint });
    record.judgement.findings.sort_by_key(|finding| finding.problem.severity);
}

pub(crate) fn problem(severity: Severity, next_step: &str) -> Problem {
    Problem {
        steps: vec![Step::in_words("test", next_step.to_owned())],
        ..Problem::new(severity, "observed", "expected")
    }
}

pub(crate) fn failing(severity: Severity, channel: &str, class: FailureClass) -> Problem {
    let mut problem = problem(severity, "check the way to the server, then license smart sync all").about(channel);
    problem.class = Some(class);
    problem
}

pub(crate) fn known<T>(value: T) -> Fact<T> {
    Fact::known(value, Evidence { command: "show license all", line: 7, text: "as printed".to_owned() })
}

fn printed(text: &str, local: &str, zone: &str) -> DeviceTime {
    DeviceTime { text: text.to_owned(), local: local.parse().expect("a local time"), zone: zone.to_owned() }
}

pub(crate) fn reports_to(record: &mut DeviceRecord, cslu: &str) {
    record.reading.facts.transport_type = known(TransportType::Cslu);
    record.reading.facts.cslu_address = known(Some(cslu.to_owned()));
}

/// Makes the ACK deadline of a device known: a time of UTC. Its clock shows the beginning of the run.
pub(crate) fn due(record: &mut DeviceRecord, deadline: &str) {
    let facts = &mut record.reading.facts;
    facts.next_ack_deadline = known(Some(printed(deadline, deadline, "UTC")));
    facts.device_time = known(printed("02:00:00.000 UTC Tue Nov 24 2026", "2026-11-24T02:00:00", "UTC"));
}

/// Every kind of hostile and awkward value, on four devices.
pub(crate) fn nasty() -> Run {
    let head = Head {
        label: Some("pre \"change\"".to_owned()),
        extra_columns: vec!["owner".to_owned(), "Status".to_owned(), "=evil".to_owned()],
        ..head()
    };
    let records = vec![hostile(), lost_in_a_folder(), complete(), partial()];
    stored(head, &records)
}

/// A device that attacks whoever reads about it.
pub(crate) fn hostile() -> DeviceRecord {
    let mut record = device("../x", "=cmd|'/c calc'!A1");
    record.device.extra = vec!["Zo\u{eb}, \"net\" ops".to_owned(), "+49 30 1234".to_owned(), "\t=1".to_owned()];
    record.contact.hostname_seen = "\u{1b}]0;owned\u{7}sw\u{1b}[31m01".into();
    let mut first = Problem::new(Severity::High, "=HYPERLINK(\"http://evil\",\"a,b\")", "-1");
    first.subject = "hello_message".into();
    first.class = Some(FailureClass::Server);
    first.steps = vec![Step::in_words("test", "one\r\ntwo\n\nthree")];
    first.evidence = Some(Evidence {
        command: "show license tech support",
        line: 412,
        text: format!("Failure Reason: {{\"status\":\"{}\"}}", "no, \u{2603} ".repeat(1_000)),
    });
    find(&mut record, "test-communication", None, first);
    let mut second = Problem::new(Severity::Low, "\u{202e}fdp.exe\u{9b}31m\0", "\u{1f469}\u{200d}\u{1f4bb}");
    second.subject = "@unit".into();
    find(&mut record, "test-identity", Some("test-communication"), second);
    record
}

fn lost_in_a_folder() -> DeviceRecord {
    let detail = "check the route: no answer from 192.0.2.1:22 within 15 s";
    let mut record = lost("a/b", "LON1", Status::Unreachable, detail);
    record.contact.attempts = 2;
    record.contact.path = "direct".into();
    record.contact.started = Some(time("2026-11-24T02:00:01.5Z"));
    record.contact.took = Duration::from_millis(15_004);
    record
}

/// A device of which all is known.
fn complete() -> DeviceRecord {
    let mut record = device("lon1-acc-sw01", "LON1");
    let facts = &mut record.reading.facts;
    facts.smart_licensing_enabled = known(true);
    facts.transport_type = known(TransportType::Smart);
    facts.transport_url = known(Some("https://smartreceiver.cisco.com/licservice/license".to_owned()));
    facts.smart_account = known(Some("EXAMPLE-NET".to_owned()));
    facts.virtual_account = known(None);
    facts.last_ack = known(Some(printed("Nov 10 02:00:00 2026 UTC", "2026-11-10T02:00:00", "UTC")));
    facts.next_ack_deadline = known(Some(printed("Dec 01 02:00:00 2026 UTC", "2026-12-01T02:00:00", "UTC")));
    facts.device_time = known(printed("02:00:05.000 UTC Tue Nov 24 2026", "2026-11-24T02:00:05", "UTC"));
    facts.clock_offset_s = known(-3);
    facts.ntp_synchronized = known(true);
    let unit = |role: &str, serial: &str| Udi { role: role.into(), pid: "C9300-24UX".into(), serial: serial.into() };
    facts.udis = known(vec![unit("active", "FCW2304L0AB"), unit("member", "0012")]);
    facts.trust_codes = known(vec![TrustCode {
        role: "active".into(),
        pid: "C9300-24UX".into(),
        serial: "FCW2304L0AB".into(),
        installed: Some(printed("Oct 14 11:37:52 2021 IST", "2021-10-14T11:37:52", "IST")),
        expires: None,
        kind: None,
    }]);
    facts.platform = known(Platform::IosXe);
    facts.model = known("C9300-24UX".to_owned());
    facts.os_version = known("17.12.4".to_owned());
    record.contact = Contact {
        hostname_seen: "lon1-acc-sw01".to_owned(),
        auth_method: "keyboard-interactive".to_owned(),
        ssh_kex: "curve25519-sha256".to_owned(),
        ssh_host_key: "ssh-ed25519 SHA256:AAAA".to_owned(),
        path: "bastion > core".to_owned(),
        attempts: 1,
        took: Duration::from_millis(2_412),
        started: Some(time("2026-11-24T02:00:00.9Z")),
        ..Contact::default()
    };
    let mut due = problem(Severity::Medium, "license smart sync all");
    due.deadline = Some(printed("Dec 01 02:00:00 2026 UTC", "2026-12-01T02:00:00", "UTC"));
    due.days_left = Some(6);
    find(&mut record, "test-deadline", None, due);
    record
}

fn partial() -> DeviceRecord {
    let mut record = device("lon1-rtr01", "LON1");
    record.status = Status::Partial;
    record.detail = "allow show license all: every licence command was refused".into();
    let refusal = "% Authorization failed".to_owned();
    record.reading.refused = vec![("show license all", refusal.clone()), ("show license status", refusal.clone())];
    record.reading.facts.ntp_synchronized = Fact::Unknown(Unknown::NotPermitted(refusal.clone()));
    record.reading.unparsed =
        vec![Unparsed { command: "show version".into(), line: 3, text: "\u{7}new line of 17.18".into() }];
    record.judgement.verdicts.push(("test-clock", Verdict::Unknown(Unknown::NotPermitted(refusal))));
    record.judgement.verdicts.push(("test-proxy", Verdict::NotApplicable("no proxy")));
    record
}

/// A fleet with the usual troubles: a part without DNS, a CSLU that is down, a wrong clock, and lost devices. The larger, the
/// more of each.
pub(crate) fn troubled(devices: usize) -> Run {
    let sites = ["LON1", "FRA1", "BER2", "NYC3"];
    let records = (0..devices).map(|at| {
        let site = sites[(at / 7) % sites.len()];
        let name = format!("{}-acc-sw{:02}", site.to_lowercase(), at);
        match at % 24 {
            5 => lost(&name, site, Status::Unreachable, "check the route"),
            11 => lost(&name, site, Status::AuthFailed, "check the password"),
            part => trouble(device(&name, site), part),
        }
    });
    run(&records.collect::<Vec<_>>())
}

fn trouble(mut record: DeviceRecord, part: usize) -> DeviceRecord {
    match part {
        1..=3 => {
            find(&mut record, "dns-server-missing", None, problem(Severity::High, "ip name-server <address>"));
            let step = "license smart sync all";
            find(&mut record, "ack-overdue", Some("communication-failing"), problem(Severity::Critical, step));
            let why = failing(Severity::High, "usage_reporting", FailureClass::Dns);
            find(&mut record, "communication-failing", Some("dns-server-missing"), why);
        }
        7..=10 => {
            reports_to(&mut record, "http://CSLU1.example.com:8182/cslu/v1/pi");
            let hello = failing(Severity::High, "hello_message", FailureClass::Timeout);
            find(&mut record, "communication-failing", None, hello);
            if part == 8 {
                let usage = failing(Severity::High, "usage_reporting", FailureClass::Timeout);
                find(&mut record, "communication-failing", None, usage);
                let stale = problem(Severity::High, "license smart sync all");
                find(&mut record, "ack-stale", Some("communication-failing"), stale);
            }
        }
        14..=18 => {
            let step = "service call-home, call-home, profile \"CiscoTAC-1\", active, destination address http \
                        https://tools.cisco.com/its/service/oddce/services/DDCEService";
            find(&mut record, "callhome-url-wrong", None, problem(Severity::High, step));
        }
        20 | 21 => {
            let step = "ntp server <address> version 2 prefer, verify with show ntp status";
            find(&mut record, "clock-not-synchronized", None, problem(Severity::Medium, step));
        }
        22 => find(&mut record, "policy-default", None, problem(Severity::Low, "install the policy")),
        _ => {}
    }
    record
}
