//! The page `report.html` in a real browser: what people do with it, and what hostile text must not do to it.
//!
//! Each test opens a page of its own in headless Chromium. Where there is none, they are reported as ignored; `make
//! test-reports` installs it. Pictures for people are left in `target/tmp/page`.

#[path = "page/assemble.rs"]
mod assemble;
#[path = "page/browser.rs"]
mod browser;
#[path = "page/checks.rs"]
mod checks;
#[path = "page/fleet.rs"]
mod fleet;

use std::process::ExitCode;

use assemble::{SCRIPTS, SKELETON, STYLES, page};
use browser::{Browser, DESK, Look, PHONE};
use fleet::{HOSTILE, Size, fleet};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

const SMALL: Size = Size { devices: 30, findings: 90, is_packed: false };
const LARGE: Size = Size { devices: 2_000, findings: 10_000, is_packed: true };

type Test = fn();

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A browser is several processes already.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    let missing = browser::program().is_none().then_some("no Chromium: make test-reports installs it");
    let tests: &[(&str, Test)] = &[
        ("two thousand devices open in two seconds and filter in a tenth", large),
        ("search and filters leave the rows they should", filters),
        ("a column sorts both ways", sorts),
        ("a row opens its evidence with command and line", evidence),
        ("a device shows facts in order with evidence, verdicts and what was refused", device),
        ("a cause leads to its devices, its rule and its next step", causes),
        ("a tile filters, and takes its filter off again", tiles),
        ("the address keeps a filtered view, and Back returns", address),
        ("the keyboard reaches search and rows", keyboard),
        ("hostile text stays text", hostile),
        ("paper has rows and no controls", paper),
        ("a phone has stacked rows and no sideways scrolling", phone),
        ("every text has contrast, by day and by night", contrast),
        ("charts have numbers and titles", charts),
        ("without JavaScript it says where the rows are", without_script),
        ("what cannot be shown is told", broken),
        ("an empty run is told as such", empty),
    ];
    let mut trials = vec![Trial::test("no asset reaches out, or makes markup of text", || {
        assets();
        Ok(())
    })];
    trials.extend(tests.iter().map(|(name, test)| {
        let name = missing.map_or_else(|| (*name).to_owned(), |why| format!("{name} ({why})"));
        let test = *test;
        let run = move || -> Result<(), Failed> {
            test();
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(missing.is_some())
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Nothing of the page's own asks a network, and nothing writes markup: what is not there cannot be forgotten to be escaped.
fn assets() {
    let forbidden = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "eval(",
        "Function(",
        "fetch(",
        "XMLHttpRequest",
        "import(",
        "import ",
        "WebSocket",
        "sendBeacon",
        "localStorage",
        "setAttribute(\"style\"",
        "</script",
    ];
    for (name, text) in SCRIPTS {
        for word in forbidden {
            assert!(!text.contains(word), "{name} has `{word}`");
        }
    }
    for (name, text) in STYLES {
        for word in ["url(", "@import", "@font-face", "</style"] {
            assert!(!text.contains(word), "{name} has `{word}`");
        }
    }
    for (name, text) in SCRIPTS.iter().chain(STYLES) {
        assert!(text.lines().count() <= 400, "{name} is longer than one idea");
    }
    for word in [" onclick", " onload", " onerror", " style=", "src="] {
        assert!(!SKELETON.contains(word), "page.html has `{word}`");
    }
}

fn large() {
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

fn filters() {
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

fn sorts() {
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

fn evidence() {
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

fn device() {
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
    let lost = data["devices"][9][0].as_str().expect("a name").to_owned();
    browser.go(&checks::device_address(&lost));
    browser.wait("document.querySelector('#device').innerText.includes('Nothing was read')");
    assert!(browser.text("document.querySelector('#device').innerText").contains("check that SSH is enabled"));

    // Details in blocks are found too.
    let data = fleet(Size { is_packed: true, ..SMALL });
    let mut browser =
        Browser::open(&page(&data), &checks::device_address(data["devices"][20][0].as_str().expect("a name")), DESK);
    browser.wait("document.querySelectorAll('#device .fact-group').length > 0");
    assert!(browser.text("document.querySelector('#device').innerText").contains("FOC00000020"));
    clean(&mut browser);
}

fn causes() {
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

fn tiles() {
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

fn address() {
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

fn keyboard() {
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

fn hostile() {
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

fn paper() {
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

fn phone() {
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

fn contrast() {
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

fn charts() {
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

fn without_script() {
    let mut browser = Browser::start();
    browser.call("Emulation.setScriptExecutionDisabled", &json!({"value": true}));
    browser.show(&page(&fleet(SMALL)), "");
    browser.wait("document.querySelector('noscript p') !== null");
    let text = browser.text("document.body.innerText");
    assert!(text.contains("findings.csv") && text.contains("devices.csv"), "{text}");
    assert!(text.contains("devices have problems"), "the verdict is there all the same: {text}");
}

fn broken() {
    let mut data = fleet(SMALL);
    data["findings"] = json!(7);
    let mut browser = Browser::start();
    browser.show(&page(&data), "");
    browser.wait("document.querySelector('#failure')?.hidden === false");
    assert!(browser.text("document.querySelector('#failure').textContent").contains("findings.csv"));
    // Details that cannot be unpacked cost the details, not the page.
    let mut data = fleet(SMALL);
    data["details"][1] = json!("AAAA");
    let mut browser = Browser::open(&page(&data), &checks::device_address(HOSTILE[1]), DESK);
    browser.wait("document.querySelector('#device .notice') !== null");
    assert!(browser.text("document.querySelector('#device').innerText").contains("findings"));
}

fn empty() {
    let mut data = fleet(SMALL);
    for part in ["findings", "problems", "not_judged", "history", "devices", "details"] {
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

fn column(data: &Value, name: &str) -> usize {
    data["finding_columns"].as_array().expect("columns").iter().position(|column| column == name).expect("a column")
}

/// How many rows a table says it shows.
fn count(browser: &mut Browser, table: &str) -> String {
    browser.text(&format!("document.querySelector('#{table} .count').textContent"))
}

/// Chooses an option of a table's select by its words, without the number behind them.
fn choose(browser: &mut Browser, table: &str, title: &str, option: &str) {
    let act = format!(
        "(() => {{ const label = [...document.querySelectorAll('#{table} .facet')].find((label) => label.textContent.startsWith({}));
            const select = label.querySelector('select');
            select.selectedIndex = [...select.options].findIndex((option) => option.textContent.replace(/\\s*\\(.*/, '') === {});
            select.dispatchEvent(new Event('change', {{ bubbles: true }})); return select.selectedIndex; }})()",
        json!(title),
        json!(option)
    );
    assert!(browser.js(&act).as_i64() > Some(0), "{title} has no {option}");
    browser.settle();
}

/// No error, and no request but for the page itself.
fn clean(browser: &mut Browser) {
    assert_eq!(browser.js("document.querySelector('#failure').hidden"), true);
    assert_eq!(browser.errors, Vec::<String>::new());
    assert!(
        browser.requests.iter().all(|address| address.starts_with("file://") && address.contains("/report.html")),
        "{:?}",
        browser.requests
    );
    assert!(!browser.requests.is_empty(), "requests are seen");
}
