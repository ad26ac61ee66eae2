//! Circles of imports: inside a module folder, too, a file imports only what does not lead back to it.
//!
//! A child may use its parent's items (`super::Rule`): that is how Rust's privacy works. Two siblings that import each other, or
//! longer circles, are one idea in several files and fail here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::architecture::{code, root, rust_files};

/// A module path without the crate: `["rules", "situation"]`.
type Module = Vec<String>;

/// The code of every module of a crate.
fn modules(src: &Path) -> BTreeMap<Module, String> {
    let mut modules = BTreeMap::new();
    for path in rust_files(src) {
        let relative = path.strip_prefix(src).expect("under src").with_extension("");
        let mut module: Module = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        module.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
        let text = std::fs::read_to_string(&path).expect("text");
        modules.entry(module).or_insert_with(String::new).push_str(&code(&text));
    }
    modules
}

/// The paths of `use` trees and of single mentions: `use super::{a, b::{c, d}}` names three.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            if !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                expand("", &code[at..], &mut found);
            }
        }
    }
    found
}

/// Reads one path or tree at the beginning of `text`; answers with how many bytes it took.
fn expand(before: &str, text: &str, found: &mut Vec<String>) -> usize {
    let length = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let path = format!("{before}{}", &text[..length]);
    if !(path.ends_with("::") && text[length..].starts_with('{')) {
        found.push(path);
        return length;
    }
    let mut at = length + 1;
    while at < text.len() && !text[at..].starts_with('}') {
        let skipped = text[at..].len() - text[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
        at += skipped;
        if text[at..].starts_with('}') {
            break;
        }
        // ` as name` behind a path is passed over with whatever else is no path.
        at += expand(&path, &text[at..], found).max(1);
    }
    at + 1
}

/// The module in which a path of module `at` ends.
fn target(modules: &BTreeMap<Module, String>, at: &Module, path: &str) -> Option<Module> {
    let mut parts = path.split("::").filter(|part| !part.is_empty()).peekable();
    let mut module = at.clone();
    match parts.next()? {
        "crate" => module.clear(),
        "super" => drop(module.pop()),
        _ => {}
    }
    while parts.next_if_eq(&"super").is_some() {
        module.pop();
    }
    for part in parts {
        module.push(part.to_owned());
        if !modules.contains_key(&module) {
            module.pop();
            break;
        }
    }
    Some(module)
}

/// What a module imports, directly or through others; its parents are no part of it.
fn reached(imports: &BTreeMap<Module, BTreeSet<Module>>, from: &Module) -> BTreeSet<Module> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        for next in imports.get(module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

fn circles(src: &Path) -> Vec<String> {
    let modules = modules(src);
    assert!(modules.len() > 10, "{} has modules", src.display());
    let mut imports: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, code) in &modules {
        for path in paths(code) {
            let target = target(&modules, module, &path).expect("a path");
            if !module.starts_with(&target) {
                imports.entry(module.clone()).or_default().insert(target);
            }
        }
    }
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 10, "{} has imports", src.display());
    modules
        .keys()
        .filter(|module| reached(&imports, module).contains(*module))
        .map(|module| module.join("::"))
        .collect()
}

#[test]
fn no_module_imports_itself_through_others() {
    for src in ["src", "mock-device/src"] {
        assert_eq!(
            circles(&root().join(src)),
            Vec::<String>::new(),
            "{src}: these files import each other in a circle"
        );
    }
}

#[test]
fn trees_of_imports_are_read_whole() {
    let code = "use super::{a, b::{c, d as e}};\nuse crate::f;\nlet x = super::super::g::h(1);";
    let found = ["crate::f", "super::a", "super::b::c", "super::b::d", "super::super::g::h"].map(str::to_owned);
    assert!(found.iter().all(|path| paths(code).contains(path)), "{:?}", paths(code));
}
