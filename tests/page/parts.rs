//! The other parts of the page: a device, the causes, the tiles, the charts.

use serde_json::json;

use super::assemble::page;
use super::browser::{Browser, DESK};
use super::checks::{self, clean, column, count};
use super::fleet::{HOSTILE, SMALL, Size, fleet};

pub(crate) fn device() {
    let data = fleet(SMALL);
    // The first device has a hostile name, refused commands and findings.
    let mut browser = Browser::open(&page(&data), "#/devices?q=refused-by-nobody", DESK);
    assert_eq!(count(&mut browser, "devices"), "0 of 30 devices");
    browser.go(&checks::device_address(HOSTILE[0]));
    browser.wait("document.querySelectorAll('#device .fact-group').length > 0");
    let groups = browser.js("[...document.querySelectorAll('#device .fact-group h4')].map((head) => head.textContent)");
    let order = ["Transport", "URL", "Trust", "Clock", "Reporting", "Communication"];
    assert_eq!(groups.as_array().expect("groups")[..6], order.map(|name| json!(name)));
    let text = browser.text("document.querySelector('#device').innerText");
    for part in [
        "show license all, line 12",
        "transport.url: <u>line</u>",
        "Not known (not permitted: % Authorization failed)",
        "not printed",
        "fails: 5 since the last success",
        "<i>reason</i>",
        "Could not be judged",
        "Brand New Field: 1",
        "show license all, line 77",
        "show logging | include SMART_LIC",
        "2 commands refused",
        "evidence of ",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let verdicts = browser.js("document.querySelectorAll('#device .verdicts tr').length").as_u64();
    assert_eq!(verdicts, Some(u64::try_from(slaudit::rules::ALL.len()).expect("small")), "the verdict of every rule");
    browser.picture("device");

    // One that did not answer has no facts, and says so.
    let lost = data["blocks"][9]["rows"][0][0].as_str().expect("a name").to_owned();
    browser.go(&checks::device_address(&lost));
    browser.wait("document.querySelector('#device').innerText.includes('Nothing was read')");
    assert!(browser.text("document.querySelector('#device').innerText").contains("check that SSH is enabled"));

    // Details in blocks are found too.
    let data = fleet(Size { is_packed: true, ..SMALL });
    let rows = data["blocks"].as_array().into_iter().flatten().flat_map(|block| block["rows"].as_array()).flatten();
    let name = rows.map(|row| row[0].as_str().expect("a name")).nth(20).expect("a device");
    let mut browser = Browser::open(&page(&data), &checks::device_address(name), DESK);
    browser.wait("document.querySelectorAll('#device .fact-group').length > 0");
    assert!(browser.text("document.querySelector('#device').innerText").contains("FOC00000020"));
    clean(&mut browser);
}

pub(crate) fn causes() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "", DESK);
    assert_eq!(browser.js("document.querySelectorAll('#causes > li').length"), 8);
    browser.picture("overview");
    let text = browser.text("document.querySelector('#causes > li').innerText");
    for part in ["critical", "10 devices", "ssm.example.com cannot be resolved", "Leads to", "BER1 (3)"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The clipboard of a page from a file, and what is in it.
    browser
        .call("Browser.grantPermissions", &json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}));
    browser.click("#causes > li .copy");
    browser.wait("document.querySelector('#causes > li .copy').textContent === 'Copied'");
    let step = data["problems"][0]["next_step"].as_str().expect("a step");
    assert_eq!(browser.text("navigator.clipboard.readText()"), step);
    // The same where the browser closes it to pages.
    browser.js("navigator.clipboard.writeText = () => Promise.reject(new Error('closed'))");
    browser.click("#causes > li:nth-child(2) .copy");
    browser.wait("document.querySelector('#causes > li:nth-child(2) .copy').textContent === 'Copied'");
    assert_eq!(
        browser.text("navigator.clipboard.readText()"),
        data["problems"][1]["next_step"].as_str().expect("a step")
    );
    // Steps that are known are lines to be pasted.
    let lines = "license smart renew auth\nshow license status";
    assert_eq!(browser.text("document.querySelector('#causes > li:nth-child(3) pre').textContent"), lines);
    browser.click("#causes > li:nth-child(3) .copy");
    browser.wait("document.querySelector('#causes > li:nth-child(3) .copy').textContent === 'Copied'");
    assert_eq!(browser.text("navigator.clipboard.readText()"), lines);

    browser.click("#causes > li .cause-count");
    assert!(browser.text("document.querySelector('#devices .chips').innerText").contains("Cause: "));
    browser.go("#/overview");
    browser.click(".all-causes");
    assert_eq!(browser.js("document.querySelectorAll('#causes > li').length"), 12);
    browser.click("#causes > li .cause-line a");
    let rule = data["problems"][0]["rule"].as_str().expect("a rule");
    assert_eq!(browser.text("location.hash"), format!("#/rules/{rule}"));
    assert_eq!(browser.text("document.activeElement.id"), format!("rule-{rule}"));
    clean(&mut browser);
}

pub(crate) fn tiles() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "", DESK);
    let critical = browser.text("document.querySelector('.tile.critical .number').textContent");
    browser.click("a.tile.critical");
    assert_eq!(count(&mut browser, "findings"), format!("{critical} of 90 findings"));
    assert_eq!(browser.js("document.querySelector('a.tile.critical').ariaCurrent"), "true");
    browser.click("a.tile.critical");
    assert_eq!(count(&mut browser, "findings"), "90 findings");
    browser.click("a.tile.unknown");
    assert_eq!(count(&mut browser, "devices"), "3 of 30 devices");
    browser.click("#tabs a[data-view=not-judged]");
    assert!(browser.text("document.querySelector('#not-judged').innerText").contains("No answer"));
    clean(&mut browser);
}

pub(crate) fn charts() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "", DESK);
    browser.wait("document.querySelectorAll('.plot > svg').length === 3");
    let labels =
        browser.js("[...document.querySelectorAll('.plot > svg')].map((chart) => chart.getAttribute('aria-label'))");
    assert_eq!(labels.as_array().map(Vec::len), Some(3), "{labels}");
    let [severity, site] = ["severity", "site"].map(|name| column(&data, name));
    let rows = data["findings"].as_array().expect("rows");
    let high = rows.iter().filter(|row| row[severity] == "high" && row[site] == "LON1").count();
    let bar = format!(
        "[...document.querySelectorAll('.plot title')].some((title) => title.textContent === 'LON1: {high} high finding{}')",
        if high == 1 { "" } else { "s" }
    );
    assert_eq!(browser.js(&bar), true);
    // Each severity has a pattern of its own.
    let patterns = browser
        .js("new Set([...document.querySelectorAll('.legend rect.bar')].map((bar) => bar.getAttribute('fill'))).size")
        .as_u64();
    assert!(patterns >= Some(5), "{patterns:?}");
    browser.js("document.querySelector('#charts').scrollIntoView()");
    browser.picture("charts");
    browser.click(".plot a[aria-label$='past their deadline'] rect");
    assert!(browser.text("location.hash").starts_with("#/devices?due=..-1"), "a bar leads to its devices");
    clean(&mut browser);
}
