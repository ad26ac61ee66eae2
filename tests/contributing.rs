//! The recipe "Add a rule" of `CONTRIBUTING.md`, held against every rule there is: where a rule is made otherwise, the recipe
//! is wrong.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use slaudit::rules::ALL;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The numbered steps below a heading, each as one line.
fn steps(document: &str, heading: &str) -> Vec<String> {
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let mut steps: Vec<String> = Vec::new();
    for line in section.lines() {
        let number = line.split_once(". ").filter(|(number, _)| number.parse() == Ok(steps.len() + 1));
        match (number, line.strip_prefix("   ")) {
            (Some((_, text)), _) => steps.push(text.to_owned()),
            (None, Some(more)) => {
                let step = steps.last_mut().expect("a step before its second line");
                *step = format!("{step} {more}");
            }
            (None, None) => {}
        }
    }
    steps
}

/// The texts that stand as code, with one or two backticks.
fn spans(step: &str) -> Vec<String> {
    let mut spans = Vec::new();
    let mut rest = step;
    while let Some(at) = rest.find('`') {
        rest = &rest[at..];
        let ticks = rest.chars().take_while(|c| *c == '`').count();
        let (fence, after) = rest.split_at(ticks);
        let (span, after) = after.split_once(fence).unwrap_or_else(|| panic!("an open span: {step}"));
        spans.push(if ticks > 1 { span.trim().to_owned() } else { span.to_owned() });
        rest = after;
    }
    spans
}

#[test]
fn every_rule_is_made_by_the_recipe() {
    let steps = steps(&read("CONTRIBUTING.md"), "Add a rule");
    assert_eq!(steps.len(), 5);
    let targets = read("Makefile");
    let (mut files, mut texts) = (0, 0);
    for rule in ALL {
        // The rules about system messages are a table.
        let is_row = rule.id.starts_with("logged-");
        let file = if is_row { "logged".to_owned() } else { rule.id.replace('-', "_") };
        let named = |text: &str| text.replace("<rule-id>", rule.id).replace("<rule_id>", &file);
        let mut places = BTreeSet::new();
        for step in &steps {
            let mut file = None;
            for span in spans(step) {
                let span = named(&span);
                if let Some(target) = span.strip_prefix("make ") {
                    assert!(targets.contains(&format!("\n{target}:")), "there is no make {target}");
                } else if [".rs", ".md"].iter().any(|end| span.ends_with(end)) {
                    places.insert(span.clone());
                    file = Some((read(&span), span));
                    files += 1;
                } else if let Some((text, name)) = &file {
                    assert!(text.contains(&span), "{name} does not hold `{span}`, as the recipe says");
                    texts += 1;
                }
            }
        }
        assert!(places.len() <= 4, "a rule costs too much: {places:?}");
    }
    assert!(
        files >= 5 * ALL.len() && texts >= 11 * ALL.len(),
        "{files} files, {texts} texts: is the recipe still read?"
    );
}

#[test]
fn the_documents_for_contributors_name_files_that_exist() {
    let mut paths = 0;
    for document in ["CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        for span in spans(&read(document).replace('\n', " ")) {
            let is_path =
                ["src/", "tests/", "contrib/", "schema/", "mock-device/"].iter().any(|start| span.starts_with(start));
            let exists = Path::new(env!("CARGO_MANIFEST_DIR")).join(&span).exists();
            assert!(!is_path || span.contains('<') || exists, "{document}: {span} does not exist");
            paths += usize::from(is_path);
        }
    }
    assert!(paths >= 10, "only {paths} paths were found: are the documents still read?");
}
