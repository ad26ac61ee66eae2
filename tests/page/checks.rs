//! What many tests ask of the page: counts, selects, addresses of hostile names, contrast, and that nothing went wrong.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::browser::Browser;

/// A text as part of an address.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// The address of a device's page.
pub(crate) fn device_address(name: &str) -> String {
    format!("#/device/{}", encoded(name))
}

/// A text as the page shows it: what would be obeyed and not seen is spelled out.
pub(crate) fn spelled(text: &str) -> String {
    let spell = |c: char| match c {
        '\u{202a}'..='\u{202e}' => format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(c)),
        other => other.to_string(),
    };
    text.chars().map(spell).collect()
}

/// Texts with less than 4.5 to 1 between their colour and what is behind them (3 to 1 where they are large), as WCAG AA asks.
pub(crate) const POOR_CONTRAST: &str = r"(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
    const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (element) => { for (let at = element; at; at = at.parentElement) { const colour = rgba(getComputedStyle(at).backgroundColor); if (colour[3] > 250) return colour; } return [255, 255, 255]; };
    const poor = new Map();
    for (const element of document.querySelectorAll('body *')) {
        if (!element.checkVisibility() || element.closest('svg, script, noscript')) continue;
        if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
        const style = getComputedStyle(element);
        const pair = [light(rgba(style.color)), light(behind(element))].sort((a, b) => b - a);
        const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
        const size = parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        if (ratio < (isLarge ? 3 : 4.5)) poor.set(element.className, `${element.tagName}.${element.className} ${element.textContent.slice(0, 20)}: ${ratio.toFixed(2)}`);
    }
    return [...poor.values()];
})()";

/// The place of a column in a row about a finding.
pub(crate) fn column(data: &Value, name: &str) -> usize {
    data["finding_columns"].as_array().expect("columns").iter().position(|column| column == name).expect("a column")
}

/// How many rows a table says it shows.
pub(crate) fn count(browser: &mut Browser, table: &str) -> String {
    browser.text(&format!("document.querySelector('#{table} .count').textContent"))
}

/// Chooses an option of a table's select by its words, without the number behind them.
pub(crate) fn choose(browser: &mut Browser, table: &str, title: &str, option: &str) {
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
pub(crate) fn clean(browser: &mut Browser) {
    assert_eq!(browser.js("document.querySelector('#failure').hidden"), true);
    assert_eq!(browser.errors, Vec::<String>::new());
    assert!(
        browser.requests.iter().all(|address| address.starts_with("file://") && address.contains("/report.html")),
        "{:?}",
        browser.requests
    );
    assert!(!browser.requests.is_empty(), "requests are seen");
}
