//! How many refused logins reach one account, whatever refuses: counted at the devices, over all of them.

use std::fmt::Write as _;

use mock_device::{AccountLog, Device, Fault, Login};

use super::bench::{Bench, PASSWORD, Run};
use super::healthy;

/// Devices of which some refuse, at sites.
fn fleet(count: usize, site: impl Fn(usize) -> String, refuses: impl Fn(usize) -> bool) -> Bench {
    let device = |number| {
        let fault = if refuses(number) { Fault::RejectLogin } else { Fault::None };
        healthy(&format!("sw{number:02}")).site(site(number)).fault(fault)
    };
    Bench::start((0..count).map(device).collect())
}

fn nowhere(_: usize) -> String {
    String::new()
}

fn reached(bench: &Bench) -> AccountLog {
    bench.fleet.account("netaudit")
}

fn count(run: &Run, status: &str) -> usize {
    run.devices().values().filter(|row| row["status"] == status).count()
}

/// An inventory with these further columns, for the devices whose name begins with `sw`.
fn inventory(bench: &Bench, columns: &str, values: impl Fn(usize) -> String) {
    let mut text = format!("name,address,port,{columns}\n");
    for (number, device) in bench.fleet.devices().iter().filter(|device| device.name.starts_with("sw")).enumerate() {
        let (ip, port) = (device.address.ip(), device.address.port());
        let _ = writeln!(text, "{},{ip},{port},{}", device.name, values(number));
    }
    std::fs::write(bench.inventory(), text).expect("written");
}

fn configuration(bench: &Bench, text: &str) {
    std::fs::write(bench.folder.path().join("slaudit.toml"), text).expect("written");
}

#[test]
fn one_device_that_accepts_a_password_opens_no_door_to_the_others() {
    for accepting in [0, 2, 39] {
        let bench = fleet(40, nowhere, |number| number != accepting);
        let run = bench.audit(&[]);
        assert_eq!(run.exit, 5, "{}", run.stderr);
        let AccountLog { accepted, refused, .. } = reached(&bench);
        assert!((3..=4).contains(&refused) && accepted <= 1, "{refused} refused, {accepted} accepted");
        let rows = (count(&run, "auth_failed"), count(&run, "audited"), count(&run, "skipped_breaker"));
        assert_eq!(rows, (refused, accepted, 40 - refused - accepted));
    }
}

#[test]
fn where_half_of_a_fleet_refuses_the_account_is_stopped_early() {
    for refuses in [|number: usize| number % 2 == 1, |number: usize| !number.is_multiple_of(5)] {
        let bench = fleet(60, nowhere, refuses);
        let run = bench.audit(&["--concurrency", "4"]);
        assert_eq!(run.exit, 5, "{}", run.stderr);
        let AccountLog { accepted, refused, .. } = reached(&bench);
        // The fourth at the latest is too many for so few answers; three more may be under way beside it.
        assert!(refused * 100 <= 400 + 15 * (accepted + refused) + 300, "{refused} refused, {accepted} accepted");
        assert_eq!(run.devices().len(), 60);
    }
}

#[test]
fn a_fleet_of_which_one_device_in_ten_refuses_is_finished() {
    // Without sites, and as the last device of each site.
    for site in [nowhere, |number: usize| format!("site{}", number / 10)] {
        let bench = fleet(60, site, |number| number % 10 == 9);
        let run = bench.audit(&["--concurrency", "4"]);
        assert_eq!(run.exit, 3, "{}", run.stderr);
        assert_eq!((count(&run, "audited"), count(&run, "auth_failed")), (54, 6));
    }
}

#[test]
fn a_site_that_refuses_as_a_whole_is_set_aside_wherever_it_stands() {
    for (bad, concurrency) in [("site0", "256"), ("site1", "256"), ("site2", "256"), ("site0", "1"), ("site0", "5")] {
        let site = |number: usize| format!("site{}", number / 8);
        let bench = fleet(24, site, |number| site(number) == bad);
        let run = bench.audit(&["--concurrency", concurrency]);
        let rows = run.devices();
        assert_eq!(run.exit, 3, "{bad}: {}", run.stderr);
        assert_eq!(rows.len(), 24);
        let AccountLog { accepted, refused, .. } = reached(&bench);
        assert_eq!((accepted, refused), (16, 3), "{bad}");
        assert!(rows.values().all(|row| row["site"] == bad || row["status"] == "audited"), "{bad}");
        let skipped: Vec<_> = rows.values().filter(|row| row["status"] == "skipped_breaker").collect();
        assert_eq!(skipped.len(), 5, "{bad}");
        for row in skipped {
            let detail = &row["status_detail"];
            let advice = format!("check that account `netaudit` may log in to devices at site `{bad}`");
            assert!(detail.starts_with(&advice) && detail.contains("3 devices at site"), "{detail}");
        }
        assert!(run.stderr.contains("--resume "), "{}", run.stderr);
        let joined =
            bench.command().args(["merge", "runs/latest", "--out", "joined"]).output().expect("the binary runs");
        assert_eq!(joined.status.code(), Some(3), "{}", String::from_utf8_lossy(&joined.stderr));
    }
}

#[test]
fn a_site_that_refuses_holds_nobody_up_where_the_others_never_answer() {
    let device = |number: usize| {
        let (site, fault) = if number < 6 { ("a", Fault::RejectLogin) } else { ("b", Fault::HangBeforeBanner) };
        healthy(&format!("sw{number:02}")).site(site).fault(fault)
    };
    let bench = Bench::start((0..12).map(device).collect());
    let run = bench.audit(&["--connect-timeout", "2", "--retries", "0", "--concurrency", "4"]);
    assert_eq!((run.exit, run.devices().len(), reached(&bench).refused), (5, 12, 3), "{}", run.stderr);
}

#[test]
fn five_credential_sets_of_one_account_are_one_account() {
    let bench = fleet(30, nowhere, |_| true);
    inventory(&bench, "credential", |number| format!("set{}", number % 5));
    let set = |number| format!("[credentials.set{number}]\nuser = \"netaudit\"\npassword_env = \"WRONG\"\n");
    configuration(&bench, &(0..5).map(set).collect::<String>());
    let run = bench.audit_with(&[], &[("WRONG", "wrong")]);
    assert_eq!((run.exit, reached(&bench).refused), (5, 3), "{}", run.stderr);
    // Of different directories they are different accounts.
    let realms = (0..5).map(|number| format!("{}realm = \"{}\"\n", set(number), number % 2));
    configuration(&bench, &realms.collect::<String>());
    let run = bench.audit_with(&[], &[("WRONG", "wrong")]);
    assert_eq!((run.exit, reached(&bench).refused), (5, 3 + 6), "{}", run.stderr);
}

#[test]
fn jump_hosts_and_devices_are_one_account() {
    let mut devices: Vec<Device> = (0..20).map(|number| healthy(&format!("sw{number:02}"))).collect();
    devices = devices.into_iter().map(|device| device.fault(Fault::RejectLogin)).collect();
    devices.extend((0..4).map(|number| healthy(&format!("hop{number}")).forwards(true).fault(Fault::RejectLogin)));
    devices.push(healthy("hop4").forwards(true));
    let bench = Bench::start(devices);
    let hop = |number: usize| bench.fleet.get(&format!("hop{}", number % 5)).expect("a jump host").address;
    inventory(&bench, "jump", |number| hop(number).to_string());
    let run = bench.audit(&[]);
    assert_eq!(run.exit, 5, "{}", run.stderr);
    // Where the jump host that accepts was among them, the answers allow one more.
    let refused = reached(&bench).refused;
    assert!((3..=4).contains(&refused), "{refused}");
    assert_eq!(run.devices().len(), 20);
}

#[test]
fn a_resumed_run_begins_with_one_canary_again() {
    let bench = fleet(20, nowhere, |_| true);
    let run = bench.audit(&[]);
    let id = run.folder.file_name().expect("a name").to_string_lossy().into_owned();
    for round in 1..=2 {
        assert_eq!(reached(&bench).refused, 3 * round);
        let again = bench.audit_with(&["--resume", &id], &[]);
        assert_eq!((again.exit, again.devices().len()), (5, 20), "{}", again.stderr);
    }
    let tries = bench.fleet.devices().iter().map(|device| device.log().auth_attempts.len()).max();
    assert_eq!(tries, Some(1), "a device that refused is not asked again");
}

#[test]
fn a_jump_host_never_sees_the_password_of_a_device() {
    let of_device = Login { password: "of-the-device".into(), ..Login::default() };
    let bench = Bench::start(vec![
        healthy("hop1").forwards(true),
        healthy("sw1").login(of_device.clone()),
        healthy("sw2").login(of_device),
    ]);
    let hop = bench.fleet.get("hop1").expect("a jump host").address;
    inventory(&bench, "credential,jump", |_| format!("branch,{hop}"));
    configuration(
        &bench,
        "[credentials.default]\nuser = \"netaudit\"\n\
         [credentials.branch]\nuser = \"netaudit\"\npassword_env = \"BRANCH\"\n",
    );
    let run = bench.audit_with(&[], &[("BRANCH", "of-the-device"), ("SLAUDIT_PASSWORD", PASSWORD)]);
    let attempts = bench.fleet.get("hop1").expect("a jump host").log().auth_attempts;
    assert!(attempts.iter().all(|attempt| attempt.accepted), "{attempts:?}");
    assert_eq!((run.exit, count(&run, "audited")), (0, 2), "{}", run.stderr);
    // Without a secret for the jump host nothing is contacted.
    let run = bench.audit_with(&[], &[("BRANCH", "of-the-device"), ("SLAUDIT_PASSWORD", "")]);
    assert!(run.exit == 2 && run.stderr.contains("[credentials.default]"), "{}", run.stderr);
}

#[test]
fn the_plan_shows_the_account_of_each_jump_host() {
    let bench = Bench::start(vec![healthy("sw1")]);
    inventory(&bench, "credential,jump", |_| "branch,first > relay@second:2222".to_owned());
    let sets = "[credentials.default]\nuser = \"gate\"\n[credentials.branch]\nuser = \"ops\"\n[credentials.hops]\nuser = \"hop\"\n";
    for (jump, path) in [
        ("", "gate@first > relay@second:2222  ops"),
        ("[jump]\ncredential = \"hops\"\n", "hop@first > relay@second:2222  ops"),
    ] {
        configuration(&bench, &format!("{sets}{jump}"));
        let output = bench.command().arg("plan").arg(bench.inventory()).output().expect("the binary runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(path), "{path}: {text}");
    }
}
