//! The house rules that a compiler does not check: imports point upstream, libraries stay in their part of the house, every
//! file of a registry folder is registered, and the documents name paths that exist.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules in the order of the flow. Each may import only what stands before it.
const FLOW: [&str; 31] = [
    "disk",
    "inventory",
    "stamp",
    "transcript",
    "session",
    "fact",
    "facts",
    "remedy",
    "failure",
    "syslog",
    "commands",
    "reading",
    "slac",
    "finding",
    "rules",
    "waivers",
    "record",
    "store",
    "run",
    "diff",
    "reports",
    "interview",
    "fleet",
    "pipeline",
    "exit",
    "cli",
    "settings",
    "secrets",
    "progress",
    "actions",
    "main",
];

/// Where a library may be used.
const LIBRARIES: [(&str, &[&str]); 10] = [
    ("ssh2", &["session"]),
    ("libssh2_sys", &["session"]),
    ("tokio", &["session", "interview", "fleet"]),
    ("clap", &["cli", "settings", "actions", "main"]),
    ("clap_complete", &["cli", "actions"]),
    ("clap_mangen", &["actions"]),
    ("indicatif", &["progress"]),
    ("quick_xml", &["slac", "reports"]),
    ("rust_xlsxwriter", &["reports"]),
    ("rusqlite", &["store"]),
];

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The sources with the module each belongs to.
fn sources() -> Vec<(PathBuf, String, String)> {
    let src = root().join("src");
    let files = rust_files(&src);
    assert!(files.len() > 100, "only {} files under src", files.len());
    files
        .into_iter()
        .map(|path| {
            let relative = path.strip_prefix(&src).expect("under src");
            let first = relative.components().next().expect("a name").as_os_str().to_string_lossy();
            let module = first.trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).expect("text");
            (path, module, text)
        })
        .collect()
}

/// The code without comments and without its unit tests, which may look downstream for a fixture.
pub(crate) fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The modules that a file names by `crate::`, those in a group `crate::{a, b::c}` too.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push(name);
        }
    }
    found
}

#[test]
fn imports_point_upstream() {
    let mut arrows = 0;
    for (path, module, text) in sources() {
        if module == "lib" {
            continue;
        }
        let own = FLOW.iter().position(|name| *name == module);
        let own = own.unwrap_or_else(|| panic!("{}: `{module}` has no place in the flow", path.display()));
        for import in imports(&code(&text)) {
            let Some(place) = FLOW.iter().position(|name| *name == import) else { continue };
            arrows += 1;
            assert!(place <= own, "{}: `{module}` may not import `{import}`, which stands behind it", path.display());
        }
    }
    assert!(arrows > 100, "only {arrows} imports were found: does the test still read them?");
}

#[test]
fn every_module_of_the_flow_exists_and_stands_in_order() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("text");
    let declared: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(declared, FLOW[..FLOW.len() - 1]);
}

#[test]
fn libraries_stay_in_their_part_of_the_house() {
    for (path, module, text) in sources() {
        let code = code(&text);
        for (library, places) in LIBRARIES {
            let used = code.contains(&format!("{library}::"));
            assert!(
                !used || places.contains(&module.as_str()),
                "{}: `{library}` is not for `{module}`",
                path.display()
            );
        }
        let exits = code.contains("process::exit");
        assert!(!exits, "{}: only main decides the exit code", path.display());
    }
}

#[test]
fn every_file_of_a_registry_is_registered() {
    for (folder, registered) in [("commands", "COMMAND"), ("rules", "RULE"), ("reports", "Report =")] {
        let registry = fs::read_to_string(root().join(format!("src/{folder}/mod.rs"))).expect("text");
        let all = &registry[registry.find("pub static ALL").expect("a registry")..];
        let mut count = 0;
        for path in rust_files(&root().join("src").join(folder)) {
            let text = fs::read_to_string(&path).expect("text");
            let defines = text.lines().any(|line| line.contains("static ") && line.contains(registered));
            if !defines || path.ends_with("mod.rs") {
                continue;
            }
            let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(all.contains(&format!("{stem}::")), "{} is not in the registry", path.display());
            count += 1;
        }
        assert!(count > 0, "src/{folder} has no entry");
    }
}

/// Cargo builds only the programs that `Cargo.toml` names, so a file that is no module of one of them would be no test.
#[test]
fn every_file_of_tests_belongs_to_a_program() {
    let read = |path: &Path| fs::read_to_string(path).expect("text");
    let programs = ["suite", "outside", "readers"];
    let manifest = read(&root().join("Cargo.toml"));
    let roots = programs.map(|name| {
        let path = format!("tests/{name}.rs");
        assert!(manifest.contains(&format!("path = \"{path}\"")), "Cargo.toml has no test {path}");
        read(&root().join(path))
    });
    let files = rust_files(&root().join("tests"));
    let texts: Vec<String> = files.iter().map(|path| read(path)).collect();
    let mut modules = 0;
    for path in &files {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let in_tests = path.strip_prefix(root().join("tests")).expect("under tests").to_string_lossy().into_owned();
        if programs.iter().any(|name| in_tests == format!("{name}.rs")) {
            continue;
        }
        let is_module = match in_tests.strip_suffix("/mod.rs").or_else(|| in_tests.strip_suffix(".rs")) {
            Some(name) if !name.contains('/') => roots.iter().any(|text| text.contains(&format!("\nmod {name};"))),
            _ => texts.iter().any(|text| text.contains(&format!("\nmod {stem};")) && text.contains(&in_tests)),
        };
        assert!(is_module, "tests/{in_tests} is no module of tests/suite.rs, tests/outside.rs or tests/readers.rs");
        modules += 1;
    }
    assert!(modules > 40, "only {modules} files of tests were found");
}

#[test]
fn documents_name_paths_that_exist() {
    for document in ["README.md", "RULES.md"] {
        let text = fs::read_to_string(root().join(document)).expect("text");
        let mut paths = 0;
        for word in text.split(|c: char| c.is_whitespace() || "`()[],;\"'".contains(c)) {
            let is_path = ["src/", "tests/", "mock-device/", ".ci/", ".cargo/", "contrib/"]
                .iter()
                .any(|start| word.starts_with(start));
            let word = word.trim_end_matches(['.', ':', '/']);
            assert!(!is_path || word.contains('*') || root().join(word).exists(), "{document}: {word} does not exist");
            paths += usize::from(is_path);
        }
        assert!(paths > 0 || document == "RULES.md", "{document} names no path: is it still read?");
    }
}

#[test]
fn no_file_is_longer_than_one_idea() {
    for (path, _, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines; 400 is the limit of the house", path.display());
    }
}

#[test]
fn the_readme_is_short_and_starts_with_the_two_commands() {
    let text = fs::read_to_string(root().join("README.md")).expect("text");
    assert!(text.lines().count() <= 200, "{} lines", text.lines().count());
    let places = ["make demo", "make test", "\n## "].map(|word| text.find(word).unwrap_or_else(|| panic!("{word}")));
    assert!(places.is_sorted(), "both commands stand before the first heading");
}
