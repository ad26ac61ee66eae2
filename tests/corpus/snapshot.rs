//! The facts of a capture as text, and their comparison with what was read before.

use std::fmt::Write as _;

use slaudit::reading::Reading;

/// Compares the facts of a capture with their snapshot: one line a known fact, then why others are not known.
pub(crate) fn compare(name: &str, reading: &Reading) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let file = name.replace('/', "__");
    // A capture that came to the corpus since has no snapshot yet, and is checked by text search only.
    let known = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{file}.snap"));
    if known.is_file() || std::env::var_os("INSTA_UPDATE").is_some() {
        settings.bind(|| insta::assert_snapshot!(file, facts(reading)));
    }
}

/// Facts as text, for people: `key = json`, and the reasons for the rest by group.
fn facts(reading: &Reading) -> String {
    let mut known = String::new();
    let mut unknown = String::new();
    reading.facts.for_each(|key, value| match value {
        Ok(serde_json::Value::Array(items)) if !items.is_empty() => {
            let _ = writeln!(known, "{key} =");
            for item in items {
                let _ = writeln!(known, "  {item}");
            }
        }
        Ok(value) => {
            let _ = writeln!(known, "{key} = {value}");
        }
        Err(slaudit::fact::Unknown::NotCollected) => {}
        Err(why) => {
            let _ = writeln!(unknown, "{key}: {why}");
        }
    });
    let mut text = known;
    if !unknown.is_empty() {
        let _ = write!(text, "\nunknown\n{unknown}");
    }
    if !reading.unparsed.is_empty() {
        let _ = write!(text, "\nunparsed\n");
        for line in &reading.unparsed {
            let _ = writeln!(text, "{}: {}", line.line, line.text);
        }
    }
    text
}
