//! The page put together from its assets and one data block: `page.html` with its `{{placeholders}}` filled.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The skeleton.
pub(crate) const SKELETON: &str = include_str!("../../src/reports/html/page.html");

/// The style sheets, in their order.
pub(crate) const STYLES: &[(&str, &str)] = &[
    ("base.css", include_str!("../../src/reports/html/css/base.css")),
    ("tables.css", include_str!("../../src/reports/html/css/tables.css")),
    ("device.css", include_str!("../../src/reports/html/css/device.css")),
    ("print.css", include_str!("../../src/reports/html/css/print.css")),
];

/// The scripts, in their order: together they are one module, in which what is made at once stands before what uses it.
pub(crate) const SCRIPTS: &[(&str, &str)] = &[
    ("elements.js", include_str!("../../src/reports/html/js/elements.js")),
    ("data.js", include_str!("../../src/reports/html/js/data.js")),
    ("route.js", include_str!("../../src/reports/html/js/route.js")),
    ("filter.js", include_str!("../../src/reports/html/js/filter.js")),
    ("rows.js", include_str!("../../src/reports/html/js/rows.js")),
    ("tables.js", include_str!("../../src/reports/html/js/tables.js")),
    ("findings.js", include_str!("../../src/reports/html/js/findings.js")),
    ("devices.js", include_str!("../../src/reports/html/js/devices.js")),
    ("charts.js", include_str!("../../src/reports/html/js/charts.js")),
    ("overview.js", include_str!("../../src/reports/html/js/overview.js")),
    ("facts.js", include_str!("../../src/reports/html/js/facts.js")),
    ("device.js", include_str!("../../src/reports/html/js/device.js")),
    ("lists.js", include_str!("../../src/reports/html/js/lists.js")),
    ("print.js", include_str!("../../src/reports/html/js/print.js")),
    ("start.js", include_str!("../../src/reports/html/js/start.js")),
];

/// The page that shows `data`.
pub(crate) fn page(data: &Value) -> String {
    let style = joined(STYLES);
    let script = joined(SCRIPTS);
    let sentence = data["sentence"].as_str().unwrap_or_default();
    let name = data["run"]["label"].as_str().or(data["run"]["id"].as_str()).unwrap_or_default();
    let mut page = String::new();
    // The skeleton is read once: what a value holds is never taken for a placeholder.
    for (at, part) in SKELETON.split("{{").enumerate() {
        let Some((placeholder, rest)) = part.split_once("}}").filter(|_| at > 0) else {
            page.push_str(part);
            continue;
        };
        match placeholder {
            "title" => page.push_str(&escaped(&format!("{sentence} slaudit {name}"))),
            "verdict" => page.push_str(&escaped(sentence)),
            "style_hash" => page.push_str(&hash(&style)),
            "script_hash" => page.push_str(&hash(&script)),
            "style" => page.push_str(&style),
            "script" => page.push_str(&script),
            // Neither `</script` nor `<!--` can stand in the block.
            "data" => page.push_str(&data.to_string().replace('<', "\\u003c")),
            other => panic!("page.html has the unknown placeholder `{other}`"),
        }
        page.push_str(rest);
    }
    page
}

fn joined(files: &[(&str, &str)]) -> String {
    files.iter().map(|(_, text)| *text).collect()
}

/// The source of the content security policy for exactly this text.
fn hash(text: &str) -> String {
    format!("sha256-{}", Base64::encode_string(&Sha256::digest(text.as_bytes())))
}

/// Text of an element or of an attribute in double quotes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '"' => write!(safe, "&#{};", u32::from(c)).expect("text"),
            other => safe.push(other),
        }
    }
    safe
}
