//! What holds for the rules as a whole: each has its file, and its file has cases of every verdict.

use std::fs;
use std::path::Path;

use slaudit::rules::ALL;

/// The system message of a rule about one: such rules are a table in one file.
fn message(id: &str) -> Option<String> {
    id.strip_prefix("logged-").map(|name| name.replace('-', "_").to_uppercase())
}

/// The source of a rule.
fn source(id: &str) -> String {
    let name = if message(id).is_some() { "logged".to_owned() } else { id.replace('-', "_") };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules").join(format!("{name}.rs"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// How many cases of a kind a rule has.
fn cases(source: &str, kind: &str) -> usize {
    source.matches(&format!("    fn {kind}_")).count()
}

#[test]
fn every_rule_has_a_failing_a_passing_and_an_unknown_case() {
    for rule in ALL {
        let source = source(rule.id);
        for kind in ["fails", "passes", "unknown"] {
            assert!(cases(&source, kind) > 0, "{}: no case `fn {kind}_...` in its file", rule.id);
        }
        let row = message(rule.id).map(|message| format!("        (&{message}, "));
        assert!(row.is_none_or(|row| source.contains(&row)), "{}: its cases have no row for it", rule.id);
    }
}

#[test]
fn every_rule_says_what_it_is() {
    for rule in ALL {
        let source = source(rule.id);
        assert!(source.contains(&format!("//! `{}`: ", rule.id)), "{}: the first lines name the rule", rule.id);
        assert!(source.to_lowercase().contains("reads"), "{}: its first lines say what is read", rule.id);
        let lines = source.lines().count();
        assert!(lines <= 400, "{}: {lines} lines", rule.id);
    }
}

#[test]
fn every_file_is_registered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let registry = fs::read_to_string(folder.join("mod.rs")).expect("the registry is readable");
    let mut rules = 0;
    for entry in fs::read_dir(&folder).expect("the folder is readable") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if path.extension().is_some_and(|extension| extension == "rs") && stem != "mod" {
            assert!(registry.contains(&format!("mod {stem};")), "{stem}.rs is in no `mod` line");
            let text = fs::read_to_string(&path).expect("the file is readable");
            for rule in
                text.lines().filter_map(|line| line.strip_prefix("pub(super) static ")?.strip_suffix(": Rule = Rule {"))
            {
                assert!(registry.contains(&format!("&{stem}::{rule},")), "{rule} of {stem}.rs is not in ALL");
                rules += 1;
            }
        }
    }
    assert_eq!(rules, ALL.len());
}
