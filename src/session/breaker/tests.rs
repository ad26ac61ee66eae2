//! The breaker as tasks use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};

use super::counts::PATIENCE;
use super::gate::{Answer, Arrival};
use super::*;

fn account() -> Account {
    Account::new("netaudit", &Slots::default())
}

/// So many devices of no site; a device has one login at a time.
fn devices<const COUNT: usize>() -> [Breaker; COUNT] {
    let set = account().add_set();
    std::array::from_fn(|_| set.for_device(""))
}

/// Long enough for a busy machine, and shorter than the patience with a canary.
async fn waits(login: impl Future<Output = Option<Login<'_>>>) -> bool {
    timeout(Duration::from_millis(60), login).await.is_err()
}

async fn answer(breaker: &Breaker, accepts: bool) {
    let login = breaker.enter().await.expect("leave to log in");
    if accepts { login.accepted() } else { login.refused() }
}

/// Two hundred devices of one site; which of the logins, counted as they begin, are refused.
async fn try_all(refuse: impl Fn(u32) -> bool + Send + Sync + Copy + 'static) -> (u32, bool) {
    let (set, sent) = (account().add_set(), Arc::new(AtomicU32::new(0)));
    let mut devices = JoinSet::new();
    for _ in 0..200 {
        let (breaker, sent) = (set.for_device("LON1"), Arc::clone(&sent));
        devices.spawn(async move {
            let Some(login) = breaker.enter().await else { return };
            let number = sent.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if refuse(number) { login.refused() } else { login.accepted() }
        });
    }
    devices.join_all().await;
    (sent.load(Ordering::SeqCst), set.account.was_stopped())
}

#[tokio::test]
async fn devices_that_are_planned_after_refusals_at_their_site_hold_up_nobody() {
    let set = account().add_set();
    let logins = async {
        for _ in 0..3 {
            // Each is planned when the one before it was refused already.
            answer(&set.for_device("LON1"), false).await;
        }
        // Nobody is let in any more, and nobody waits for one that is planned at a site that was set aside.
        assert!(set.for_device("LON1").enter().await.is_none());
    };
    timeout(PATIENCE, logins).await.expect("no wait for devices of other sites: there are none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_reaches_three_devices() {
    assert_eq!(try_all(|_| true).await, (3, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_success_and_refusals_after_it_are_four_logins() {
    // Four of five: more than three and 15 %.
    assert_eq!(try_all(|number| number > 0).await, (5, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_of_which_one_in_ten_refuses_is_finished() {
    assert_eq!(try_all(|number| number % 10 == 9).await, (200, false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wake_up_is_lost_whoever_stops_waiting() {
    // Longer than all of it takes, shorter than the patience that would hide a lost wake-up again and again.
    for round in 0..200_u64 {
        let set = account().add_set();
        let mut devices = JoinSet::new();
        for number in 0..40_u64 {
            let breaker = set.for_device(["a", "b", ""][usize::try_from(number % 3).expect("small")]);
            devices.spawn(async move {
                let _guard = breaker.under_way();
                let waits = Duration::from_micros((number * 37 + round * 11) % 300);
                let is_cancelled = number % 4 == 3;
                let limit = if is_cancelled { waits } else { Duration::from_secs(20) };
                let entered = timeout(limit, breaker.enter()).await;
                assert!(is_cancelled || entered.is_ok(), "a device waits and nobody lets it in");
                if let Ok(Some(login)) = entered {
                    tokio::task::yield_now().await;
                    if number % 5 == 4 { drop(login) } else { login.accepted() }
                }
            });
        }
        let began = Instant::now();
        devices.join_all().await;
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        assert!(!waits(set.for_device("a").enter()).await, "the gate is free at the end");
    }
}

#[tokio::test]
async fn the_window_grows_with_successes_and_a_refusal_closes_it() {
    let devices: [Breaker; 5] = devices();
    answer(&devices[0], true).await;
    let first = devices[0].enter().await.expect("leave");
    assert!(waits(devices[1].enter()).await, "once proven there is one at a time");
    first.accepted();
    let [one, two] = [devices[0].enter().await.expect("leave"), devices[1].enter().await.expect("leave")];
    assert!(waits(devices[2].enter()).await, "then two");
    one.refused();
    assert!(waits(devices[2].enter()).await, "the window is one, and one login is under way");
    two.accepted();
    let [_one, _two] = [devices[2].enter().await.expect("leave"), devices[3].enter().await.expect("leave")];
    assert!(waits(devices[4].enter()).await);
}

#[tokio::test]
async fn the_window_is_no_larger_than_the_concurrency() {
    let slots = Slots::default();
    slots.limit(2);
    let set = Account::new("netaudit", &slots).add_set();
    let [a, b, c] = std::array::from_fn(|_| set.for_device(""));
    for _ in 0..10 {
        answer(&a, true).await;
    }
    let _under_way = [a.enter().await.expect("leave"), b.enter().await.expect("leave")];
    assert!(waits(c.enter()).await);
}

#[tokio::test]
async fn five_refusals_in_a_row_stop_an_account_that_works() {
    let set = account().add_set();
    let devices: Vec<_> = (0..60).map(|number| set.for_device(&format!("site {number}"))).collect();
    for device in &devices[..50] {
        answer(device, true).await;
    }
    for device in &devices[50..54] {
        answer(device, false).await;
    }
    assert!(!set.is_open());
    answer(&devices[54], false).await;
    assert!(set.is_open() && devices[55].enter().await.is_none());
    let error = devices[55].stopped("default").to_string();
    assert!(error.contains("account `netaudit` was stopped: 5 of 55 logins were refused"), "{error}");
}

#[tokio::test]
async fn all_sets_of_a_user_name_count_together() {
    let account = account();
    let sets: Vec<_> = (0..5).map(|_| account.add_set().for_device("")).collect();
    for set in &sets[..3] {
        answer(set, false).await;
    }
    assert!(sets.iter().all(Breaker::is_open) && sets[4].enter().await.is_none());
}

#[tokio::test]
async fn a_set_that_is_always_refused_is_stopped_alone_where_another_one_works() {
    let account = account();
    let (wrong, right) = (account.add_set(), account.add_set());
    for number in 0..10 {
        answer(&right.for_device(&number.to_string()), true).await;
    }
    for number in 0..3 {
        assert!(!wrong.is_open());
        answer(&wrong.for_device(&number.to_string()), false).await;
    }
    let device = wrong.for_device("4");
    assert!(device.is_open() && !right.is_open() && account.was_stopped());
    let error = device.stopped("old").to_string();
    assert!(error.contains("credential set `old` was stopped") && error.contains("nothing was sent"), "{error}");
}

#[tokio::test]
async fn a_site_that_refuses_is_set_aside_and_the_others_go_on() {
    let set = account().add_set();
    let (good, bad) = (set.for_device("FRA1"), set.for_device("LON1"));
    answer(&good, true).await;
    for _ in 0..3 {
        answer(&bad, false).await;
        answer(&good, true).await;
    }
    assert!(bad.is_open() && bad.enter().await.is_none() && !good.is_open() && !set.account.was_stopped());
    assert!(set.account.has_site_aside());
    let error = bad.stopped("default").to_string();
    assert!(error.contains("3 devices at site `LON1` refused account `netaudit`"), "{error}");
}

#[tokio::test]
async fn after_two_refusals_in_a_row_another_site_comes_first() {
    let set = account().add_set();
    let [a, b, late] = ["a", "b", "b"].map(|site| set.for_device(site));
    let more: Vec<_> = (0..3).map(|_| set.for_device("a")).collect();
    answer(&b, true).await;
    for device in &more[..2] {
        answer(device, false).await;
    }
    // A device of the other site has not ended: it may come.
    assert!(waits(a.enter()).await);
    assert!(!waits(late.enter()).await);
    assert!(waits(a.enter()).await, "that login had no answer");
    late.ended();
    assert!(!waits(a.enter()).await, "nobody else is to come");
}

#[tokio::test]
async fn nobody_waits_for_a_site_that_was_set_aside() {
    let set = account().add_set();
    let [a, b, c] = ["a", "b", "c"].map(|site| [(); 50].map(|()| set.for_device(site)));
    for device in &c {
        answer(device, true).await;
    }
    // A success between them, because the third in a row would wait for site b.
    for (device, accepts) in [(&a[0], false), (&a[1], false), (&b[0], true), (&a[2], false), (&b[1], true)] {
        answer(device, accepts).await;
    }
    for device in &b[2..4] {
        answer(device, false).await;
    }
    let _late = set.for_device("a");
    assert!(!waits(b[4].enter()).await, "the other devices of site a will not log in, whenever they were planned");
}

#[tokio::test]
async fn whoever_waits_for_another_site_goes_on_when_it_has_ended() {
    let set = account().add_set();
    let [first, second, other] = ["a", "a", "b"].map(|site| set.for_device(site));
    let guard = other.under_way();
    answer(&first, false).await;
    let waits = tokio::spawn(async move { second.enter().await.is_some() });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!waits.is_finished(), "the canary after a refusal is one of another site");
    drop(guard);
    assert!(timeout(Duration::from_secs(2), waits).await.expect("at once").expect("no panic"));
}

#[tokio::test]
async fn who_waits_for_devices_that_have_no_room_to_begin_does_not_wait() {
    let slots = Slots::default();
    slots.limit(1);
    let set = Account::new("netaudit", &slots).add_set();
    let [first, second, _other] = ["a", "a", "b"].map(|site| set.for_device(site));
    answer(&first, false).await;
    assert!(!waits(second.enter()).await);
}

#[test]
fn a_canary_that_hangs_holds_up_nobody_for_long_and_three_secrets_are_out_at_most() {
    let devices: [Breaker; 5] = devices();
    let (gate, began) = (&devices[0].account.0.login, Instant::now());
    let mut waits = Vec::new();
    let mut begins = |device: usize, after: Duration| match gate.arrive(devices[device].caller, began + after) {
        Arrival::Answered(answer) => answer == Answer::Begun,
        Arrival::Waits(waiting) => {
            waits.push(waiting);
            false
        }
    };
    assert!(begins(0, Duration::ZERO));
    assert!(!begins(1, PATIENCE / 2), "the canary may still answer");
    gate.look(began + PATIENCE);
    assert!(begins(2, PATIENCE * 2));
    assert!(!begins(3, PATIENCE * 9), "a fourth secret is sent");
    gate.change(began + PATIENCE * 9, |counts| counts.accept(devices[0].caller, 100, began + PATIENCE * 9));
    assert!(begins(4, PATIENCE * 12), "it does not go on beside those that hang");
    assert!(waits[0].take() == Some(Answer::Begun) && waits[1].take() == Some(Answer::Begun));
}

#[test]
fn a_login_that_begins_as_its_task_ends_goes_to_the_next() {
    let [first, second, third] = devices();
    let (gate, now) = (&first.account.0.login, Instant::now());
    let waits = |device: &Breaker| match gate.arrive(device.caller, now) {
        Arrival::Answered(answer) => panic!("{answer:?}"),
        Arrival::Waits(waiting) => waiting,
    };
    assert!(matches!(gate.arrive(first.caller, now), Arrival::Answered(Answer::Begun)));
    let (cancelled, mut next) = (waits(&second), waits(&third));
    gate.change(now, |counts| counts.end(first.caller));
    assert_eq!(next.take(), None, "the second one has begun");
    drop(cancelled);
    assert_eq!(next.take(), Some(Answer::Begun));
}

#[tokio::test]
async fn the_enable_secret_has_a_gate_of_its_own() {
    let [breaker] = devices();
    for _ in 0..3 {
        breaker.enter_enable().await.expect("leave").refused();
    }
    assert!(breaker.enter_enable().await.is_none());
    assert!(!breaker.is_open() && breaker.enter().await.is_some());
}

#[tokio::test]
async fn jump_hosts_share_the_refusals_and_prove_nothing_about_devices() {
    let hops = account().add_set();
    let [first, second] = ["", ""].map(|site| hops.for_device(site));
    answer(&hops, true).await;
    let canary = first.enter().await.expect("leave");
    assert!(waits(second.enter()).await, "another device before the first one has answered");
    canary.refused();
    answer(&second, false).await;
    assert!(!hops.is_open());
    answer(&second, false).await;
    assert!(hops.is_open() && hops.enter().await.is_none(), "the account has three refusals");
}

#[tokio::test]
async fn a_login_that_was_given_up_holds_up_nobody_and_its_answer_still_counts() {
    let set = account().add_set();
    let [hangs, next] = ["", ""].map(|site| set.for_device(site));
    let late = hangs.enter().await.expect("leave");
    hangs.ended();
    assert!(!waits(next.enter()).await);
    late.refused();
    answer(&next, false).await;
    assert!(!set.is_open());
    answer(&next, false).await;
    assert!(set.is_open());
}

#[tokio::test]
async fn a_set_that_nobody_can_log_in_with_is_stopped_alone() {
    let account = account();
    let (useless, other) = (account.add_set().for_device(""), account.add_set().for_device(""));
    let why = SessionError::new(Stage::Authentication, Failure::NoMethod, "key: cannot be read", "check the key file");
    useless.stop(&why);
    assert!(useless.enter().await.is_none() && !other.is_open() && account.was_stopped());
    let error = useless.stopped("default").to_string();
    assert!(error.starts_with("check the key file") && error.contains("key: cannot be read"), "{error}");
}
