//! `RULES.md` is what the rules say of themselves.

use std::env;
use std::fs;
use std::path::Path;

use slaudit::rules::catalogue_markdown;

#[test]
fn the_catalogue_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RULES.md");
    let wanted = catalogue_markdown();
    if env::var_os("SLAUDIT_UPDATE").is_some() {
        fs::write(&path, wanted).expect("RULES.md can be written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let line = found.lines().zip(wanted.lines()).position(|(found, wanted)| found != wanted).map_or(0, |at| at + 1);
    assert!(
        found == wanted,
        "RULES.md is stale (line {line}); refresh it with `SLAUDIT_UPDATE=1 cargo test --test rules_md`"
    );
}
