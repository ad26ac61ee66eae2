//! The tables: search, filters, order, rows, and the address and keyboard that lead to them.

use serde_json::Value;

use super::assemble::page;
use super::browser::{Browser, DESK};
use super::checks::{choose, clean, column, count};
use super::fleet::{LARGE, SMALL, fleet};

pub(crate) fn large() {
    let data = fleet(LARGE);
    let mut browser = Browser::open(&page(&data), "#/findings", DESK);
    let opened = browser.js("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd").as_f64();
    let opened = opened.expect("a time");
    assert!(opened < 2_000.0, "put together after {opened:.0} ms");
    assert_eq!(count(&mut browser, "findings"), "10,000 findings");
    browser.click("#findings-search");
    browser.write("lon1 observation");
    browser.settle();
    browser.click("#findings .severities label:nth-of-type(2) input");
    browser.go("#/findings?sort=observed");
    browser.go("#/devices?site=LON1&rule=ack-overdue");
    let slowest = "Math.max(...performance.getEntriesByType('measure').map((entry) => entry.duration))";
    let slowest = browser.js(slowest).as_f64().expect("filters were measured");
    assert!(slowest < 100.0, "a filter took {slowest:.0} ms");
    browser.go("#/findings");
    for place in [0, 50_000, 400_000] {
        browser.js(&format!("scrollTo(0, {place})"));
        browser.settle();
        let rows = browser.js("document.querySelectorAll('#findings .rows .row').length").as_u64().expect("rows");
        assert!((8..80).contains(&rows), "{rows} rows are made at {place}");
        let visible = "[...document.querySelectorAll('#findings .rows .row')].some((row) => { const box = row.getBoundingClientRect(); return box.top < innerHeight * 0.8 && box.bottom > innerHeight * 0.8; })";
        assert_eq!(browser.js(visible), true, "there is a row in the middle of the window at {place}");
    }
    clean(&mut browser);
}

pub(crate) fn filters() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "#/findings", DESK);
    assert_eq!(count(&mut browser, "findings"), "90 findings");
    let matching = |test: &dyn Fn(&Value) -> bool| {
        data["findings"].as_array().expect("rows").iter().filter(|row| test(row)).count()
    };
    let [severity, site, device] = ["severity", "site", "device"].map(|name| column(&data, name));

    let high = matching(&|row| row[severity] == "high");
    browser.click("#findings .severities label:nth-of-type(2) input");
    assert_eq!(count(&mut browser, "findings"), format!("{high} of 90 findings"));
    let shown = browser.js(
        "[...document.querySelectorAll('#findings .rows .c-severity')].every((cell) => cell.textContent === 'high')",
    );
    assert_eq!(shown, true);

    let both = matching(&|row| row[severity] == "high" && row[site] == "LON1");
    assert!(both > 0 && both < high);
    choose(&mut browser, "findings", "Site", "LON1");
    assert_eq!(count(&mut browser, "findings"), format!("{both} of 90 findings"));

    browser.click("#findings .search .quiet:not(.more)");
    assert_eq!(count(&mut browser, "findings"), "90 findings");

    // All words, in any order, in any column.
    let word = data["findings"][0][device].as_str().expect("a name").to_lowercase();
    let with = |row: &Value| {
        row.as_array()
            .expect("cells")
            .iter()
            .any(|cell| cell.as_str().is_some_and(|text| text.to_lowercase().contains(&word)))
    };
    let found = matching(&|row| with(row) && row.to_string().contains("observation"));
    browser.click("#findings-search");
    browser.write(&format!("OBSERVATION {}", word.split_whitespace().next().expect("a word")));
    let text = count(&mut browser, "findings");
    assert!(text.starts_with(&format!("{found} of 90")), "{text}, not {found}");

    browser.write("zzz");
    assert_eq!(count(&mut browser, "findings"), "0 of 90 findings");
    assert_eq!(browser.js("document.querySelector('#findings .none').hidden"), false);

    // Devices are left that have a finding which passes all filters on findings.
    let rule = data["findings"][3][column(&data, "rule")].as_str().expect("a rule").to_owned();
    let mut names: Vec<_> = data["findings"]
        .as_array()
        .expect("rows")
        .iter()
        .filter(|row| row[column(&data, "rule")] == rule.as_str())
        .map(|row| row[device].to_string())
        .collect();
    names.sort();
    names.dedup();
    browser.go(&format!("#/devices?rule={rule}"));
    assert_eq!(count(&mut browser, "devices"), format!("{} of 30 devices", names.len()));
    browser.go("#/devices?status=unreachable");
    assert_eq!(count(&mut browser, "devices"), "3 of 30 devices");
    clean(&mut browser);
}

pub(crate) fn sorts() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "#/findings", DESK);
    let head = "#findings .head .c-observed button";
    let first = "document.querySelector('#findings .rows .c-observed').textContent";
    browser.click(head);
    // As people count: 9 before 10.
    assert_eq!(browser.js(first), "observation 0");
    let second = "document.querySelectorAll('#findings .rows .c-observed')[2].textContent";
    assert_eq!(browser.js(second), "observation 2");
    assert_eq!(browser.js("document.querySelector('#findings .head .c-observed').ariaSort"), "ascending");
    browser.click(head);
    assert_eq!(browser.js(first), "observation 89");
    assert_eq!(browser.js("document.querySelector('#findings .head .c-observed').ariaSort"), "descending");
    browser.click(head);
    assert_eq!(browser.js("document.querySelector('#findings .rows .c-severity').textContent"), "critical");

    // What has no deadline comes last, both ways.
    for sort in ["days_left", "-days_left"] {
        browser.go(&format!("#/findings?sort={sort}"));
        assert_ne!(browser.text("document.querySelector('#findings .rows .c-days').textContent"), "\u{2013}", "{sort}");
    }
    clean(&mut browser);
}

pub(crate) fn evidence() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "#/findings?sort=observed", DESK);
    browser.click("#findings .rows .row:nth-child(2) .c-observed");
    let open = "document.querySelector('#findings .rows .row.opened').innerText";
    let text = browser.text(open);
    for part in ["show license tech support, line 101", "evidence of 1 <b>as printed</b>", "something else", "Copy"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(browser.js("document.querySelector('.row.opened .row-main').ariaExpanded"), "true");
    // The row below stands below what is open.
    let below = "(() => { const [open, next] = [...document.querySelectorAll('#findings .rows .row')].slice(1, 3).map((row) => row.getBoundingClientRect()); return next.top - open.bottom; })()";
    let gap = browser.js(below).as_f64().expect("a number");
    assert!(gap.abs() < 2.0, "{gap} pixels between an open row and the next");
    browser.picture("finding");
    browser.click("#findings .rows .row.opened .c-observed");
    assert_eq!(browser.js("document.querySelector('#findings .row.opened')"), Value::Null);
    clean(&mut browser);
}

pub(crate) fn address() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "#/findings?severity=high&q=observation&sort=-device", DESK);
    assert_eq!(browser.js("document.querySelector('#findings-search').value"), "observation");
    assert_eq!(browser.js("document.querySelectorAll('#findings .severities input')[1].checked"), true);
    let filtered = count(&mut browser, "findings");
    assert!(filtered.contains(" of 90"), "{filtered}");
    browser.click("#findings .severities label:nth-of-type(1) input");
    assert_eq!(browser.text("location.hash"), "#/findings?severity=critical,high&q=observation&sort=-device");
    browser.click("#tabs a[data-view=rules]");
    browser.js("history.back()");
    browser.settle();
    assert_eq!(browser.js("document.querySelectorAll('#findings .severities input')[0].checked"), true);
    browser.js("history.back()");
    browser.settle();
    assert_eq!(count(&mut browser, "findings"), filtered);
    browser.js("history.forward()");
    browser.settle();
    assert_ne!(count(&mut browser, "findings"), filtered);
    // What someone types becomes one entry, not one a letter.
    browser.go("#/findings");
    let entries = browser.js("history.length");
    browser.click("#findings-search");
    browser.write(" 42");
    browser.wait("location.hash.includes('42')");
    assert_eq!(browser.js("history.length"), entries);
    // Nonsense behind the # is the overview.
    browser.go("#/device/nobody");
    assert_eq!(browser.js("document.querySelector('#overview').hidden"), false);
    browser.go("#/findings?cause=77&severity=&due=x&sort=nothing");
    assert_eq!(count(&mut browser, "findings"), "90 findings");
    clean(&mut browser);
}

pub(crate) fn keyboard() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "", DESK);
    browser.press("/");
    browser.settle();
    assert_eq!(browser.text("document.activeElement.id"), "findings-search");
    browser.write("observation 1");
    browser.press("/");
    assert_eq!(browser.js("document.activeElement.value"), "observation 1/", "in a field / is a character");
    browser.go("#/findings");
    browser.js("document.querySelector('#findings .rows .row-main').focus()");
    browser.press("ArrowDown");
    browser.press("ArrowDown");
    let place =
        "[...document.querySelectorAll('#findings .rows .row')].indexOf(document.activeElement.closest('.row'))";
    assert_eq!(browser.js(place), 2);
    browser.press("Enter");
    assert_eq!(browser.js("document.activeElement.closest('.row').classList.contains('opened')"), true);
    assert_ne!(browser.text("getComputedStyle(document.activeElement).outlineStyle"), "none", "the focus is seen");
    browser.press("Tab");
    assert_eq!(browser.text("document.activeElement.className"), "device", "the next stop is the device of the row");
    browser.press("Enter");
    browser.wait("location.hash.startsWith('#/device/')");
    assert_eq!(browser.text("document.activeElement.id"), "device-title");
    clean(&mut browser);
}
