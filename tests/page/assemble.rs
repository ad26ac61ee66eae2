//! The page with made-up data, put together as reports are.

use serde_json::Value;

/// The page that shows `data`.
pub(crate) fn page(data: &Value) -> String {
    let verdict = data["sentence"].as_str().unwrap_or_default();
    let name = data["run"]["label"].as_str().or(data["run"]["id"].as_str()).unwrap_or_default();
    let mut page = Vec::new();
    slaudit::reports::html::assemble(verdict, name, &mut |out| write!(out, "{data}"), &mut page).expect("a page");
    String::from_utf8(page).expect("UTF-8")
}
