//! The page where things are not as on a desk: hostile text, paper, a phone, the night, no script, no data.

use serde_json::{Value, json};

use super::assemble::page;
use super::browser::{Browser, DESK, Look, PHONE};
use super::checks::{self, choose, clean};
use super::fleet::{HOSTILE, SMALL, Size, fleet};

pub(crate) fn hostile() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "", DESK);
    for fragment in ["#/overview", "#/findings", "#/devices", "#/not-judged", "#/rules"] {
        browser.go(fragment);
    }
    browser.picture("hostile");
    for name in HOSTILE {
        browser.go(&format!("#/devices?q={}", checks::encoded(name)));
        // The words of a name may be in others too; it is there as it stands.
        let shown =
            browser.js("[...document.querySelectorAll('#devices .rows a.device')].map((link) => link.textContent)");
        let spelled = checks::spelled(name);
        assert!(shown.as_array().expect("names").contains(&json!(spelled)), "{name:?}: {shown}");
        browser.go(&checks::device_address(name));
        browser.wait("document.querySelectorAll('#device .fact-group').length > 0");
        assert_eq!(browser.text("document.querySelector('#device-title').textContent"), spelled);
    }
    browser.js("window.dispatchEvent(new Event('beforeprint'))");
    assert_eq!(browser.js("window.owned ?? null"), Value::Null);
    let foreign = "document.querySelectorAll('img, iframe, object, embed, form, base, [onerror], [onload], a[href]:not([href^=\"#/\"]), script:not([type]), [style*=url]').length";
    assert_eq!(browser.js(foreign), 0);
    assert!(browser.text("document.title").contains("<b>3</b> could not be judged"));
    assert_eq!(browser.js("document.querySelector('h1 b')"), Value::Null);
    clean(&mut browser);
}

pub(crate) fn paper() {
    let data = fleet(Size { devices: 400, findings: 900, is_packed: true });
    let mut browser = Browser::open(&page(&data), "", DESK);
    browser.js("window.dispatchEvent(new Event('beforeprint'))");
    browser.call("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    assert_eq!(browser.js("document.querySelectorAll('#findings .printed tbody tr').length"), 300);
    assert!(
        browser
            .text("document.querySelector('#findings .printed').innerText")
            .contains("The first 300 of 900 rows; all are in findings.csv.")
    );
    let shown = "(selector) => [...document.querySelectorAll(selector)].some((part) => part.checkVisibility())";
    for (selector, is_there) in [
        ("#findings .printed", true),
        ("#devices .printed", true),
        ("#rules .rule", true),
        ("#not-judged .group", true),
        (".plot svg", true),
        ("#tabs", false),
        (".tools", false),
        (".copy", false),
        (".table", false),
    ] {
        assert_eq!(browser.js(&format!("({shown})({})", json!(selector))), is_there, "{selector}");
    }
    assert_eq!(browser.text("getComputedStyle(document.querySelector('#devices')).breakBefore"), "page");
    browser.js("window.dispatchEvent(new Event('afterprint'))");
    assert_eq!(browser.js("document.querySelectorAll('.printed').length"), 0);
    // The browser itself asks for the rows when it prints.
    let printed = browser.call("Page.printToPDF", &json!({"printBackground": true}));
    let length = printed["data"].as_str().expect("a document").len();
    assert!(length > 200_000, "a document of {length} characters has no rows");
    clean(&mut browser);
}

pub(crate) fn phone() {
    let data = fleet(SMALL);
    let mut browser = Browser::open(&page(&data), "", PHONE);
    browser.picture("phone");
    for fragment in
        ["#/overview", "#/findings", "#/devices", "#/not-judged", "#/rules", &checks::device_address(HOSTILE[1])]
    {
        browser.go(fragment);
        let wide = browser.js("document.documentElement.scrollWidth").as_u64().expect("a width");
        let widest =
            "[...document.querySelectorAll('main *')].filter((part) => part.getBoundingClientRect().right > 391)
            .map((part) => `${part.tagName}.${part.className.baseVal ?? part.className}`).slice(0, 9)";
        assert!(wide <= 390, "{fragment} is {wide} pixels wide: {}", browser.js(widest));
    }
    browser.go("#/findings");
    let stacked = "(() => { const row = document.querySelector('#findings .rows .row'); const top = (name) => row.querySelector(name).getBoundingClientRect().top; return top('.c-severity') < top('.c-title') && top('.c-title') < top('.c-device'); })()";
    assert_eq!(browser.js(stacked), true);
    assert_eq!(browser.js("document.querySelector('#findings .filters').checkVisibility()"), false);
    browser.click("#findings .more");
    choose(&mut browser, "findings", "Sort by", "Device, down");
    assert!(browser.text("location.hash").contains("sort=-device"));
    browser.picture("phone-findings");
    clean(&mut browser);
}

pub(crate) fn contrast() {
    let data = fleet(SMALL);
    for dark in [false, true] {
        let mut browser = Browser::open(&page(&data), "", Look { dark, ..DESK });
        let background = browser.text("getComputedStyle(document.body).backgroundColor");
        assert_eq!(background == "rgb(15, 20, 26)", dark, "{background}");
        for fragment in [
            "#/overview",
            "#/findings?severity=critical",
            "#/devices",
            "#/not-judged",
            "#/rules",
            &checks::device_address(HOSTILE[2]),
        ] {
            browser.go(fragment);
            browser.settle();
            let poor = browser.js(checks::POOR_CONTRAST);
            assert_eq!(poor, json!([]), "dark: {dark}, {fragment}");
        }
        browser.go("#/overview");
        browser.js("scrollTo(0, 0)");
        browser.picture(if dark { "dark" } else { "light" });
        clean(&mut browser);
    }
}

pub(crate) fn without_script() {
    let mut browser = Browser::start();
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.show(&page(&fleet(SMALL)), "");
    browser.wait("document.querySelector('noscript p') !== null");
    let text = browser.text("document.body.innerText");
    assert!(text.contains("findings.csv") && text.contains("devices.csv"), "{text}");
    assert!(text.contains("devices have problems"), "the verdict is there all the same: {text}");
}

pub(crate) fn broken() {
    let mut data = fleet(SMALL);
    data["findings"] = json!(7);
    let mut browser = Browser::start();
    browser.show(&page(&data), "");
    browser.wait("document.querySelector('#failure')?.hidden === false");
    assert!(browser.text("document.querySelector('#failure').textContent").contains("findings.csv"));
    // Details that cannot be unpacked cost the details, not the page.
    let mut data = fleet(SMALL);
    data["blocks"][1]["details"] = json!("AAAA");
    let mut browser = Browser::open(&page(&data), &checks::device_address(HOSTILE[1]), DESK);
    browser.wait("document.querySelector('#device .notice') !== null");
    assert!(browser.text("document.querySelector('#device').innerText").contains("findings"));
}

pub(crate) fn empty() {
    let mut data = fleet(SMALL);
    for part in ["findings", "problems", "not_judged", "history", "blocks"] {
        data[part] = json!([]);
    }
    let mut browser = Browser::open(&page(&data), "", DESK);
    for (fragment, text) in [
        ("#/overview", "No device could be judged"),
        ("#/findings", "There are no findings."),
        ("#/devices", "There are no devices."),
        ("#/not-judged", "Every device was judged."),
        ("#/rules", "Why"),
    ] {
        browser.go(fragment);
        let shown = browser.text("document.querySelector('main').innerText");
        assert!(shown.contains(text), "{fragment}: {shown}");
    }
    clean(&mut browser);
}
