use proptest::prelude::*;

use super::*;

fn stamp(text: &str) -> Stamp<'_> {
    Stamp::parse(text).unwrap_or_else(|| panic!("no stamp: {text}"))
}

fn now(local: &str, offset: Option<Offset>, uptime: Option<i64>) -> Now {
    Now { local: local.parse().expect("a time"), offset, uptime }
}

/// What is known of a stamp: mark, year and time, zone.
fn known(text: &str) -> String {
    let found = stamp(text);
    let mark = match found.mark {
        Mark::None => "",
        Mark::Lost => ".",
        Mark::NotAuthoritative => "*",
    };
    let when = match found.when {
        When::Dated(local) => local.to_string(),
        When::Yearless { month, day, time } => format!("{month}-{day}T{time}"),
        When::SinceBoot { seconds, unit } => format!("{seconds}+{unit}"),
    };
    let offset = found.zone.offset().map_or("?".to_owned(), |offset| offset.seconds().to_string());
    format!("{mark}{when} {}={offset}", found.zone.text())
}

#[test]
fn every_spelling_is_read() {
    for (text, expected) in [
        ("*Mar  1 00:01:26.123", "*3-1T00:01:26.123 =?"),
        ("Jun 17 11:59:00.123: ", "6-17T11:59:00.123 =?"),
        (".Jun 17 2025 11:59:00 CET", ".2025-06-17T11:59:00 CET=?"),
        ("000123: *Jun 17 11:59:00.123 UTC:", "*6-17T11:59:00.123 UTC=0"),
        ("<189>42: Jun 17 11:59:00 UTC:", "6-17T11:59:00 UTC=0"),
        ("RP/0/RP0/CPU0:Nov 23 10:00:00.123 UTC: ", "11-23T10:00:00.123 UTC=0"),
        ("0/RP0/ADMIN0:Sep 25 23:25:25.856 UTC:", "9-25T23:25:25.856 UTC=0"),
        ("2025 Jun 17 11:59:00.123", "2025-06-17T11:59:00.123 =?"),
        ("2025 Jun  7 11:59:00 CET:", "2025-06-07T11:59:00 CET=?"),
        ("2025-06-17T11:59:00Z", "2025-06-17T11:59:00 Z=0"),
        ("2025-06-17T11:59:00,123+01:00", "2025-06-17T11:59:00.123 +01:00=3600"),
        ("<189>1 2025-06-17T11:59:00.123456-0330", "2025-06-17T11:59:00.123456 -0330=-12600"),
        ("2025-06-17T11:59:00+00:00", "2025-06-17T11:59:00 +00:00=0"),
        ("2025-06-17T11:59:00", "2025-06-17T11:59:00 =?"),
        ("2021-11-17 03:31:32.920 UTC", "2021-11-17T03:31:32.92 UTC=0"),
        ("Jun 17 15:04:29 2025 IST", "2025-06-17T15:04:29 IST=?"),
        ("Aug 3 09:02:50 2024 est", "2024-08-03T09:02:50 est=?"),
        ("Aug 03 09:02:50 2024", "2024-08-03T09:02:50 =?"),
        ("Jan 05 2023 12:19:01 UTC", "2023-01-05T12:19:01 UTC=0"),
        ("*15:08:49.347 IST Wed Mar 19 2025", "*2025-03-19T15:08:49.347 IST=?"),
        ("15:08:49.347 Wed Mar 19 2025", "2025-03-19T15:08:49.347 =?"),
        ("Tue Jan 16 13:19:27.208 UTC", "1-16T13:19:27.208 UTC=0"),
        ("Tue Jun 17 11:59:00 2025", "2025-06-17T11:59:00 =?"),
        ("Tue Jun 17 11:59:00 CEST 2025", "2025-06-17T11:59:00 CEST=?"),
        ("*Nov 19 14:54:45.907 EST5:", "*11-19T14:54:45.907 EST5=?"),
        ("*Nov 19 14:54:45.907 est:", "*11-19T14:54:45.907 est=?"),
        ("00:01:26: ", "86+1 =?"),
        ("1w2d:", "777600+86400 =?"),
        ("3d04h", "273600+3600 =?"),
        ("Feb 29 10:00:00", "2-29T10:00:00 =?"),
    ] {
        assert_eq!(known(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_stamp_is_none() {
    for text in [
        "",
        "*",
        "<none>",
        "Jun 31 15:04:29 2025 UTC",
        "Jun 17 15:04 2025 UTC",
        "Foo 17 15:04:29 2025 UTC",
        "15:08:49.12345678901 UTC Wed Mar 19 2025",
        "a b c d",
        "12",
        "5d",
        "d",
        "1w2",
        "1w2d3",
        "\u{e9}T\u{e9}\u{e9}",
        "2025-13-01T00:00:00Z",
        "Jun 17 25:00:00",
        "000123: ",
        "11:59:00 CET",
    ] {
        assert_eq!(Stamp::parse(text), None, "{text}");
    }
}

#[test]
fn the_name_of_a_device_is_no_zone() {
    for (text, rest) in [
        ("Nov 19 14:54:45 sw1: %X", " sw1: %X"),
        ("Nov 19 14:54:45 core: %X", " core: %X"),
        ("Nov 19 14:54:45 CORE %X", " CORE %X"),
        ("Nov 19 14:54:45 CET: %X", ": %X"),
        ("Nov 19 14:54:45.1 core: %X", ": %X"),
        ("Nov 19 14:54:45 2042: %X", " 2042: %X"),
        ("2025-11-19T14:54:45 core: %X", " core: %X"),
        ("2025-11-19T14:54:45+00:00 sw1 1: x", " sw1 1: x"),
    ] {
        assert_eq!(Stamp::at_start(text).map(|(_, rest)| rest), Some(rest), "{text}");
    }
}

#[test]
fn the_last_stamp_of_a_text_is_found() {
    let last = |text: &'static str| find_last(text).map(|range| &text[range]);
    assert_eq!(last("<189>Nov 19 14:54:46 sw1 123: *Nov 19 14:54:45.907: "), Some("*Nov 19 14:54:45.907"));
    assert_eq!(last("Switch#ReadyNov 19 14:54:45.907 UTC: "), Some("Nov 19 14:54:45.907 UTC"));
    assert_eq!(last("000042: 00:01:23: "), Some("00:01:23"));
    assert_eq!(last("ov 19 14:54:45.907: "), None, "the rest of a torn date is no time since boot");
    assert_eq!(last("at 10:00:00: "), None);
}

#[test]
fn stamps_are_ordered_where_they_can_be() {
    let compare = |a: &str, b: &str| stamp(a).compare(&stamp(b), None);
    let less = Some(Ordering::Less);
    assert_eq!(compare("*Nov 19 14:54:45.907", "*Nov 19 14:54:45.908 UTC"), less);
    assert_eq!(compare("Nov  9 14:54:45", ".Nov 19 10:00:00"), less);
    assert_eq!(compare("Dec 31 23:59:59", "Jan  1 00:00:01"), less);
    assert_eq!(compare("Dec 31 2025 23:59:59", "Jan 1 2026 00:00:01"), less);
    assert_eq!(compare("2025-11-19T14:54:45+00:00", "2025-11-19T14:54:46.1Z"), less);
    assert_eq!(compare("2025-11-19T15:54:45+02:00", "Nov 19 2025 14:54:45 UTC"), less);
    assert_eq!(compare("2025-11-19T14:54:45+00:00", "2025-11-19T16:54:45+02:00"), Some(Ordering::Equal));
    for (a, b, why) in [
        ("1w2d", "1w3d", "the boots may differ"),
        ("00:01:26", "Nov 19 10:00:00", "one is a time since boot"),
        ("Nov 19 2025 10:00:00", "Nov 19 10:00:00", "one has no year"),
        ("*Nov 19 10:00:00", "Nov 19 11:00:00", "the clock was set between them"),
        ("Mar 1 1993 00:01:00", "Nov 19 2025 11:00:00", "the clock was set between them"),
    ] {
        assert_eq!((compare(a, b), compare(b, a)), (None, None), "{why}");
    }
}

#[test]
fn the_device_s_clock_tells_the_year() {
    let known = now("2025-11-20T12:00:00", None, None);
    let compare = |a: &str, b: &str| stamp(a).compare(&stamp(b), Some(&known));
    assert_eq!(compare("Jan  1 10:00:00", "Nov 19 10:00:00"), Some(Ordering::Less));
    assert_eq!(compare("Dec 24 10:00:00", "Nov 19 10:00:00"), Some(Ordering::Less), "of the year before");
    assert_eq!(compare("Nov 19 2025 10:00:00", "Nov 19 09:00:00"), Some(Ordering::Greater));
    assert_eq!(compare("1w2d", "Nov 19 09:00:00"), None);
}

#[test]
fn a_missing_year_is_the_latest_that_fits() {
    let at = |text: &str, local: &str| stamp(text).at(&now(local, None, None)).map(|at| at.to_string());
    for (text, local, moment) in [
        ("*Dec 31 23:59:59.907", "2025-01-02T00:00:00", "2024-12-31T23:59:59.907"),
        ("Jan  1 08:00:00.1 UTC:", "2025-01-02T00:00:00", "2025-01-01T08:00:00.1"),
        ("Jan  1 08:00:00", "2024-12-31T23:00:00", "2025-01-01T08:00:00"),
        ("Jan  2 08:00:00", "2024-12-31T23:00:00", "2024-01-02T08:00:00"),
        ("Feb 29 10:00:00", "2027-03-01T00:00:00", "2024-02-29T10:00:00"),
        ("Jun 17 2023 08:00:00", "2025-01-02T00:00:00", "2023-06-17T08:00:00"),
    ] {
        assert_eq!(at(text, local).as_deref(), Some(moment), "{text}");
    }
    assert_eq!(at("1w2d", "2025-01-02T00:00:00"), None, "without the uptime");
}

#[test]
fn offsets_count_where_both_are_known() {
    let at = |text: &str, offset| {
        stamp(text).at(&now("2025-06-17T12:00:00", offset, None)).expect("a moment").time().to_string()
    };
    assert_eq!(at("2025-06-17T11:59:00+02:00", Some(Offset::UTC)), "09:59:00");
    assert_eq!(at("2025-06-17T11:59:00+02:00", None), "11:59:00");
    assert_eq!(at("Jun 17 11:59:00 CEST", Some(Offset::UTC)), "11:59:00");
    assert_eq!(at("Jun 17 11:59:00 UTC", Some(Offset::constant(2))), "13:59:00");
}

#[test]
fn a_time_since_boot_is_the_latest_that_it_may_mean() {
    let at = |text: &str, uptime| {
        stamp(text).at(&now("2025-06-17T12:00:00", None, Some(uptime))).expect("a moment").to_string()
    };
    assert_eq!(at("1w2d", 12 * DAY), "2025-06-15T12:00:00");
    assert_eq!(at("1w2d", 9 * DAY), "2025-06-17T12:00:00");
    assert_eq!(at("00:01:26", 3_600), "2025-06-17T11:01:27");
}

/// A moment in one of the spellings, with the time that is read back.
fn spelled(at: DateTime, form: usize) -> String {
    let (year, tenth) = (at.year(), at.strftime("%Y-%m-%dT%H:%M:%S%.f"));
    match form {
        0 => at.strftime("%b %e %Y %H:%M:%S%.f").to_string(),
        1 => at.strftime("*%b %e %Y %H:%M:%S%.f CET").to_string(),
        2 => at.strftime("%Y %b %e %H:%M:%S%.f").to_string(),
        3 => format!("{tenth}Z"),
        4 => format!("{tenth}+01:00").replace('.', ","),
        5 => tenth.to_string(),
        6 => at.strftime("%b %d %H:%M:%S%.f %Y IST").to_string(),
        7 => at.strftime(".%H:%M:%S%.f UTC %a %b %e %Y").to_string(),
        8 => at.strftime("000123: %b %e %Y %H:%M:%S%.f: ").to_string(),
        9 => at.strftime("RP/0/RP0/CPU0:%Y %b %e %H:%M:%S%.f UTC: ").to_string(),
        10 => at.strftime("%a %b %e %H:%M:%S%.f CEST %Y").to_string(),
        _ => format!("<189>1 {year}{}", &tenth.to_string()[4..]),
    }
}

proptest! {
    #[test]
    fn a_moment_is_the_same_in_every_spelling(seconds in 0..4_000_000_000_i64, millis in 0..1000_i32, form in 0..12_usize) {
        let at = Offset::UTC.to_datetime(Timestamp::new(seconds, millis * 1_000_000).expect("a moment"));
        prop_assume!(at.year() < 2099);
        let text = spelled(at, form);
        prop_assert_eq!(Stamp::parse(&text).and_then(|stamp| stamp.local()), Some(at), "{}", text);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,80}|[*.A-Za-z0-9:/<> ,+é-]{0,60}") {
        let _ = Stamp::parse(&text);
        let found = find_last(&text);
        prop_assert!(found.is_none_or(|range| Stamp::at_start(&text[range]).is_some()));
    }

    #[test]
    fn comparison_is_antisymmetric(a in any_stamp(), b in any_stamp()) {
        let (a, b) = (stamp(&a), stamp(&b));
        let known = now("2025-06-17T12:00:00", Some(Offset::UTC), Some(3_600));
        for now in [None, Some(&known)] {
            prop_assert_eq!(a.compare(&b, now), b.compare(&a, now).map(Ordering::reverse));
            prop_assert!(a.compare(&a, now).is_none_or(|order| order == Ordering::Equal));
        }
    }

    #[test]
    fn a_moment_lies_at_most_a_day_ahead(text in any_stamp(), uptime in 0..100_000_000_i64) {
        let now = now("2025-06-17T12:00:00", Some(Offset::UTC), Some(uptime));
        let found = stamp(&text);
        let ahead = found.at(&now).map(|at| now.local.duration_until(at).as_secs());
        prop_assert!(found.local().is_some() || ahead.is_none_or(|ahead| ahead <= DAY), "{}", text);
    }
}

fn any_stamp() -> impl Strategy<Value = String> {
    let dated = (0..4_000_000_000_i64, 0..12_usize).prop_filter_map("a year", |(seconds, form)| {
        let at = Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?);
        (at.year() < 2099).then(|| spelled(at, form))
    });
    let yearless = (0..4_000_000_000_i64, "[*.]?", "| UTC| CET").prop_map(|(seconds, mark, zone)| {
        let at = Offset::UTC.to_datetime(Timestamp::from_second(seconds).expect("a moment"));
        format!("{mark}{}{zone}", at.strftime("%b %e %H:%M:%S"))
    });
    prop_oneof![dated, yearless, "[0-9]w[0-6]d|[0-6]d[0-9]{2}h|00:[0-5][0-9]:[0-5][0-9]"]
}
