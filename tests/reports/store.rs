//! The memory between runs: what is new, persisting, reopened, resolved and unverified; waivers; runs that are killed, resumed and
//! concurrent; and files of other releases.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use slaudit::fact::Unknown;
use slaudit::finding::{Severity, Verdict};
use slaudit::inventory::Device;
use slaudit::record::{Change, DeviceRecord, FindingRow, Health, State, Status};
use slaudit::remedy::{self, steps};
use slaudit::run::Run;
use slaudit::store::{Draft, Head, Packed, Store, Waived};

use crate::fleet;

const RULE: &str = "ntp-server-missing";

fn head(day: u32) -> Head {
    Head {
        id: format!("202611{day:02}T020000Z-0001"),
        started: format!("2026-11-{day:02}T02:00:00Z").parse().expect("a time"),
        ..fleet::head()
    }
}

/// A device with a verdict on the rule, and a finding where it fails.
fn device(name: &str, verdict: &Verdict) -> DeviceRecord {
    let mut record = fleet::device(name, "LON1");
    for (id, known) in &mut record.judgement.verdicts {
        if *id == RULE {
            *known = verdict.clone();
        }
    }
    if matches!(verdict, Verdict::Fail(_)) {
        fleet::find(&mut record, RULE, None, fleet::problem(Severity::Medium, "ntp server <address>"));
    }
    record
}

fn bad() -> Verdict {
    Verdict::Fail(Vec::new())
}

fn put(draft: &mut Draft, record: &DeviceRecord) {
    draft.put(&Packed::new(record).expect("packed")).expect("kept");
}

fn none(_: &str, _: &str) -> Option<Waived> {
    None
}

/// A whole run into the store of a folder.
fn run(runs: &Path, head: Head, devices: &[DeviceRecord]) -> Run {
    let (id, started) = (head.id.clone(), head.started);
    let mut draft = Store::open(runs).expect("a store").begin(head).expect("begun");
    for record in devices {
        put(&mut draft, record);
    }
    Run::load(draft.finish(started, &none).expect("finished"), &id).expect("a run")
}

fn findings(run: &Run) -> Vec<FindingRow> {
    let mut found = Vec::new();
    run.each_finding(&mut |row| {
        found.push(row);
        Ok(())
    })
    .expect("read");
    found
}

/// What became of the one finding, and how often it was seen.
fn change(run: &Run) -> Option<(Change, u32)> {
    let found = findings(run);
    assert!(found.len() <= 1, "{found:?}");
    found.first().map(|row| (row.track.change, row.track.runs_seen))
}

fn day(day: u32) -> Timestamp {
    head(day).started
}

#[test]
fn a_finding_is_new_persists_is_resolved_once_and_reopened() {
    let runs = tempfile::tempdir().expect("a folder");
    let at = |day: u32, verdict: Verdict| run(runs.path(), head(day), &[device("sw1", &verdict)]);
    assert_eq!(change(&at(1, bad())), Some((Change::New, 1)));
    assert_eq!(change(&at(2, bad())), Some((Change::Persisting, 2)));
    let gone = at(3, Verdict::Pass);
    assert_eq!(change(&gone), Some((Change::Resolved, 2)));
    assert_eq!(gone.overview.counts.at_or_above(Severity::Info), 0, "what is resolved does not count");
    assert_eq!(gone.roster[0].health, Health::Ok);
    assert_eq!(change(&at(4, Verdict::Pass)), None, "told once");
    let back = at(5, bad());
    assert_eq!(change(&back), Some((Change::Reopened, 3)));
    let track = &findings(&back)[0].track;
    assert_eq!((track.first_seen, track.last_seen), (day(1), day(5)));
    assert_eq!(change(&at(6, bad())), Some((Change::Persisting, 4)));
}

#[test]
fn an_outage_never_looks_like_progress() {
    let runs = tempfile::tempdir().expect("a folder");
    run(runs.path(), head(1), &[device("sw1", &bad())]);
    let unknown = run(runs.path(), head(2), &[device("sw1", &Verdict::Unknown(Unknown::NotPermitted("no".into())))]);
    assert_eq!(change(&unknown), Some((Change::Unverified, 1)), "the evidence is missing");
    let lost = run(runs.path(), head(3), &[fleet::lost("sw1", "LON1", Status::Unreachable, "no answer")]);
    assert_eq!(change(&lost), Some((Change::Unverified, 1)), "the device is missing");
    let track = findings(&lost)[0].track.clone();
    assert_eq!((track.first_seen, track.last_seen), (day(1), day(1)), "it was not seen since");
    assert_eq!(lost.overview.counts.at_or_above(Severity::Medium), 1, "it counts as open");
    assert_eq!(lost.roster[0].health, Health::Problem);
    assert!(lost.roster[0].is_unjudged(), "and the device is among those that could not be judged");
    let mut last_audited = None;
    lost.each_device(&mut |device| {
        last_audited = device.row.last_audited;
        Ok(())
    })
    .expect("read");
    assert_eq!(last_audited, Some(day(2)));
    assert_eq!(change(&run(runs.path(), head(4), &[device("sw1", &bad())])), Some((Change::Persisting, 2)));
    let gone = run(runs.path(), head(5), &[device("sw1", &Verdict::NotApplicable("no NTP here"))]);
    assert_eq!(change(&gone), Some((Change::Resolved, 2)), "the question does not come up any more");
}

#[test]
fn a_run_of_a_part_says_nothing_about_the_rest() {
    let runs = tempfile::tempdir().expect("a folder");
    run(runs.path(), head(1), &[device("sw1", &bad()), device("sw2", &Verdict::Pass)]);
    let other = run(runs.path(), head(2), &[device("sw2", &Verdict::Pass)]);
    assert_eq!(change(&other), None, "sw1 was not selected");
    let few = Head { rules: vec!["transport-off".to_owned()], ..head(3) };
    assert_eq!(change(&run(runs.path(), few, &[device("sw1", &Verdict::Pass)])), None, "the rule was not judged");
    // The name's case does not matter; the last run that had both does.
    let back = run(runs.path(), head(4), &[device("SW1", &bad())]);
    assert_eq!(change(&back), Some((Change::Persisting, 2)));
}

#[test]
fn a_waived_finding_is_counted_nowhere_but_shown() {
    let runs = tempfile::tempdir().expect("a folder");
    let waive = |state: State| {
        move |rule: &str, device: &str| {
            let until = jiff::civil::date(2026, 12, 31);
            (rule == RULE && device == "sw1").then(|| Waived { state, until, reason: "lab".to_owned() })
        }
    };
    for (at, state, health, open) in [(1, State::Waived, Health::Ok, 1), (2, State::WaiverExpired, Health::Problem, 2)]
    {
        let mut draft = Store::open(runs.path()).expect("a store").begin(head(at)).expect("begun");
        put(&mut draft, &device("sw1", &bad()));
        put(&mut draft, &device("sw2", &bad()));
        let store = draft.finish(day(at), &waive(state)).expect("finished");
        let run = Run::load(store, &head(at).id).expect("a run");
        assert_eq!(findings(&run).len(), 2, "hidden never");
        assert_eq!(run.overview.counts.at_or_above(Severity::Info), open);
        assert_eq!(run.roster[0].health, health);
        let waived = findings(&run).into_iter().find(|row| row.device == "sw1").expect("a finding").track;
        assert_eq!((waived.state, waived.waiver_reason.as_str()), (state, "lab"));
    }
}

#[test]
fn a_run_that_was_killed_goes_on_and_ends_as_if_nothing_had_been() {
    let runs = tempfile::tempdir().expect("a folder");
    let names = ["sw1", "sw2", "sw3"];
    let devices: Vec<Device> = names.iter().map(|name| Device::named(name)).collect();
    run(runs.path(), head(1), &[device("sw2", &bad())]);
    {
        let mut draft = Store::open(runs.path()).expect("a store").begin(head(2)).expect("begun");
        draft.expect(devices.iter().enumerate()).expect("noted");
        put(&mut draft, &device("sw2", &bad()));
        // Dropped here without an end, as by `kill -9`.
    }
    let store = Store::open(runs.path()).expect("a store");
    let unfinished = Run::load(store, &head(2).id).expect_err("no reports of half a run");
    assert!(unfinished.to_string().contains("slaudit audit --resume 20261102T020000Z-0001"), "{unfinished}");

    let store = Store::open(runs.path()).expect("a store");
    let past = store.run(&head(2).id).expect("read").expect("a run");
    let mut draft = store.resume(past);
    let missing: Vec<_> = draft.missing().expect("read").into_iter().map(|device| device.name).collect();
    assert_eq!(missing, ["sw1", "sw3"]);
    draft.expect(devices.iter().enumerate()).expect("noted");
    put(&mut draft, &fleet::lost("sw1", "", Status::Interrupted, "again"));
    put(&mut draft, &device("sw3", &bad()));
    let half = draft.finish(day(2), &none).expect("finished");
    // Interrupted once more: what is not done is asked again, and nothing is counted twice.
    let past = half.run(&head(2).id).expect("read").expect("a run");
    assert!(!past.is_complete);
    let mut draft = half.resume(past);
    assert_eq!(draft.missing().expect("read").len(), 1);
    draft.expect(devices.iter().enumerate()).expect("noted");
    let again = Run::load(Store::open(runs.path()).expect("a store"), &head(2).id);
    assert!(again.expect_err("it has not ended any more").to_string().contains("has not ended"));
    put(&mut draft, &device("sw1", &Verdict::Pass));
    let run = Run::load(draft.finish(day(2), &none).expect("finished"), &head(2).id).expect("a run");
    let order: Vec<_> = run.roster.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(order, names, "the order of the inventory");
    assert!(run.is_complete());
    let changes: BTreeMap<_, _> =
        findings(&run).into_iter().map(|row| (row.device, (row.track.change, row.track.runs_seen))).collect();
    let expected = [("sw2", (Change::Persisting, 2)), ("sw3", (Change::New, 1))];
    assert_eq!(changes, expected.map(|(name, change)| (name.to_owned(), change)).into());
}

#[test]
fn two_runs_at_once_keep_all_their_devices() {
    let runs = tempfile::tempdir().expect("a folder");
    let path = runs.path();
    std::thread::scope(|scope| {
        for at in 1..=2 {
            scope.spawn(move || {
                let devices: Vec<_> = (0..60).map(|number| device(&format!("sw{number}"), &bad())).collect();
                run(path, head(at), &devices);
            });
        }
    });
    let store = Store::open(path).expect("a store");
    assert_eq!(store.runs().expect("read").len(), 2);
    for at in 1..=2 {
        let run = Run::load(Store::open(path).expect("a store"), &head(at).id).expect("a run");
        assert_eq!((run.roster.len(), findings(&run).len()), (60, 60));
    }
}

#[test]
fn a_file_of_a_newer_slaudit_and_one_that_is_none_are_refused() {
    let runs = tempfile::tempdir().expect("a folder");
    drop(Store::open(runs.path()).expect("a store"));
    let file = runs.path().join("slaudit.db");
    let connection = rusqlite::Connection::open(&file).expect("opened");
    connection.pragma_update(None, "user_version", 99).expect("written");
    drop(connection);
    let error = Store::open(runs.path()).expect_err("newer").to_string();
    assert!(error.contains("slaudit.db") && error.contains("version 99") && error.contains("newer one"), "{error}");
    std::fs::write(&file, "no database at all, however long it may be").expect("written");
    let error = Store::open(runs.path()).expect_err("no store").to_string();
    assert!(error.contains("slaudit.db") && error.contains("not a database"), "{error}");
}

#[test]
fn a_file_from_before_the_first_release_is_refused_with_a_way_out() {
    let runs = tempfile::tempdir().expect("a folder");
    // Version 0: a file of which nothing was made yet, as after a crash in the very first moment.
    let file = runs.path().join("slaudit.db");
    let connection = rusqlite::Connection::open(&file).expect("made");
    assert_eq!(change(&run(runs.path(), head(1), &[device("sw1", &bad())])), Some((Change::New, 1)));
    for version in 1..=3 {
        connection.pragma_update(None, "user_version", version).expect("written");
        let error = Store::open(runs.path()).expect_err("too old").to_string();
        let (first, advice) = error.split_once('\n').expect("an error and its advice");
        assert!(first.contains("slaudit.db") && first.contains(&format!("version {version}")), "{error}");
        assert!(advice.contains("move the file away") && advice.contains("slaudit analyze"), "{error}");
    }
}

#[test]
fn old_output_that_is_read_today_resolves_nothing_of_today() {
    let runs = tempfile::tempdir().expect("a folder");
    run(runs.path(), head(5), &[device("sw1", &bad())]);
    let mut draft = Store::open(runs.path()).expect("a store").begin(head(6)).expect("begun");
    put(&mut draft, &device("sw1", &Verdict::Pass));
    draft.captured_at(day(3));
    let old = Run::load(draft.finish(day(6), &none).expect("finished"), &head(6).id).expect("a run");
    assert_eq!(change(&old), None, "on that day nothing was known yet");
    assert!(!old.is_latest().expect("read"));
    let next = run(runs.path(), head(7), &[device("sw1", &bad())]);
    assert_eq!(change(&next), Some((Change::Persisting, 2)), "not reopened");
    assert!(next.is_latest().expect("read"));
}

#[test]
fn a_rule_that_was_switched_off_resolves_nothing() {
    let runs = tempfile::tempdir().expect("a folder");
    run(runs.path(), head(1), &[device("sw1", &bad())]);
    let off = device("sw1", &Verdict::NotApplicable("switched off by configuration"));
    // Whatever the run says that it judged.
    assert_eq!(change(&run(runs.path(), head(2), &[off])), Some((Change::Unverified, 1)));
}

#[test]
fn a_device_that_the_breaker_kept_from_being_asked_is_left() {
    let runs = tempfile::tempdir().expect("a folder");
    let devices = [Device::named("sw1"), Device::named("sw2")];
    let mut draft = Store::open(runs.path()).expect("a store").begin(head(1)).expect("begun");
    draft.expect(devices.iter().enumerate()).expect("noted");
    put(&mut draft, &fleet::lost("sw1", "", Status::AuthFailed, "wrong"));
    put(&mut draft, &fleet::lost("sw2", "", Status::SkippedBreaker, "stopped"));
    let left: Vec<_> = draft.missing().expect("read").into_iter().map(|device| device.name).collect();
    assert_eq!(left, ["sw2"], "a refused login is not tried again, what was not contacted is");
}

/// Every report of a run but for its id, as one text.
fn files(run: &Run) -> String {
    let mut text = String::new();
    for report in slaudit::reports::ALL.iter().filter(|report| report.extension != "xlsx") {
        let mut out = Vec::new();
        (report.write)(run, slaudit::reports::Options::default(), &mut out).expect("written");
        text += &String::from_utf8(out).expect("UTF-8").replace(&run.head.id, "<id>");
    }
    text
}

#[test]
fn parts_joined_are_the_whole_byte_for_byte() {
    let runs = tempfile::tempdir().expect("a folder");
    let mut devices: Vec<_> = (0..9).map(|at| device(&format!("sw{at}"), &bad())).collect();
    devices[4] = fleet::lost("sw4", "FRA1", Status::Unreachable, "no answer");
    devices[5] = device("sw5", &Verdict::Pass);
    let plan: Vec<Device> = devices.iter().map(|record| record.device.clone()).collect();
    // Some history, so that all kinds of change are among them.
    let before: Vec<_> = ["sw4", "sw5", "sw1"].iter().map(|name| device(name, &bad())).collect();
    run(runs.path(), head(1), &before);
    let part = |name: &str, index: usize, of: usize| {
        let head = Head { id: name.to_owned(), ..head(2) };
        let mut draft = Store::open(runs.path()).expect("a store").begin(head).expect("begun");
        let mine = |at: &usize| at % of == index;
        draft.expect(plan.iter().enumerate().filter(|(at, _)| mine(at))).expect("noted");
        // Devices end in any order.
        for at in (0..devices.len()).rev().filter(mine) {
            put(&mut draft, &devices[at]);
        }
        Run::load(draft.finish(day(2), &none).expect("finished"), name).expect("a run")
    };
    let whole = files(&part("20261102T020000Z-000c", 0, 1));
    assert!(["new", "persisting", "resolved", "unverified"].iter().all(|change| whole.contains(change)));
    // The whole must not be a run before its own parts.
    rusqlite::Connection::open(runs.path().join("slaudit.db"))
        .expect("opened")
        .execute_batch("PRAGMA foreign_keys = ON; DELETE FROM run WHERE id = '20261102T020000Z-000c'")
        .expect("deleted");
    part("a", 0, 2);
    part("b", 1, 2);
    for again in ["20261102T020000Z-000a", "20261102T020000Z-000b"] {
        let head = Head { id: again.to_owned(), ..head(2) };
        let mut draft = Store::open(runs.path()).expect("a store").begin(head).expect("begun");
        for part in ["b", "a"] {
            draft.adopt(&Store::open(runs.path()).expect("a store"), part).expect("taken over");
        }
        let joined = Run::load(draft.finish(day(2), &none).expect("finished"), again).expect("a run");
        assert_eq!(files(&joined), whole);
        rusqlite::Connection::open(runs.path().join("slaudit.db"))
            .expect("opened")
            .execute("UPDATE run SET part_of = 'x' WHERE id = ?1", [again])
            .expect("set aside");
    }
}

#[test]
fn steps_survive_the_store_and_rows_without_them_are_read() {
    let runs = tempfile::tempdir().expect("a folder");
    let mut record = device("sw1", &bad());
    let steps = remedy::kept(vec![steps::NTP_SERVER.step().with("[vrf <vrf>] ", "vrf Mgmt-vrf "), steps::SYNC.step()]);
    record.judgement.findings[0].problem.steps.clone_from(&steps);
    let line = record.judgement.findings[0].problem.next_step();
    assert!(line.starts_with("ntp server vrf Mgmt-vrf <ntp-server> version 2 prefer ; write memory"), "{line}");
    let found = |run: &Run| {
        let mut found = Vec::new();
        run.each_finding(&mut |finding| {
            found.push((finding.next_step, finding.steps));
            Ok(())
        })
        .expect("read");
        found
    };
    assert_eq!(found(&run(runs.path(), head(1), &[record])), [(line.clone(), steps)]);
    let connection = rusqlite::Connection::open(runs.path().join("slaudit.db")).expect("opened");
    connection.execute("UPDATE finding SET row = json_remove(row, '$.steps')", []).expect("written");
    drop(connection);
    let past = Run::load(Store::open(runs.path()).expect("a store"), &head(1).id).expect("a run");
    assert_eq!(found(&past), [(line, Vec::new())]);
}
