//! `slaudit config`: what is in force, and where each value comes from. The text is TOML; what TOML cannot say is a comment.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::print;
use crate::cli::{AccessOptions, AnswerFormat, Config};
use crate::exit::Exit;
use crate::reports::text::one_line;
use crate::reports::write_json;
use crate::secrets::{self, SecretPlace, SetDescription};
use crate::settings::{Choice, Effective, File, Origin, Section, Settings, places};

/// Shows it.
pub(super) fn run(options: &Config, settings: &Settings) -> anyhow::Result<Exit> {
    // What an audit would refuse is refused here too.
    let output = &options.audit.output;
    settings.file.rule_set(&output.rules, &output.skip_rules)?;
    settings.waivers(output.waivers.as_deref())?;
    let sections = settings.effective();
    let sets = sets(&options.audit.access, settings, &sections);
    if options.format == AnswerFormat::Json {
        let mut document = Vec::new();
        write_json(&as_json(&sections, &sets, settings), &mut document)?;
        print(&format!("{}\n", String::from_utf8_lossy(&document)))?;
    } else {
        print(&as_text(&sections, &sets, settings))?;
    }
    Ok(Exit::Clean)
}

/// A credential set, and where its secrets would come from.
struct Set {
    section: Section,
    secrets: Vec<(&'static str, Vec<SecretPlace>)>,
}

/// The credential sets of the file, and the default one, which there is always.
fn sets(options: &AccessOptions, settings: &Settings, sections: &[Section]) -> Vec<Set> {
    let file = &settings.file;
    let mut names: Vec<_> = file.credentials.keys().map(String::as_str).collect();
    if !names.contains(&"default") {
        names.insert(0, "default");
    }
    let audit = sections.iter().filter(|section| section.name == "audit").flat_map(|section| &section.entries);
    let given: Vec<_> = audit.collect();
    let made = |name: &str| {
        let table = format!("credentials.{name}");
        let entry = |key: &str, value: Option<(String, bool)>| {
            let origin = match &value {
                Some((_, true)) => file.place(&table, key).map(Origin::File),
                Some((_, false)) => given.iter().find(|entry| entry.key == key).map(|entry| entry.origin.clone()),
                None => None,
            };
            let value = value.map(|(text, _)| text.into());
            Effective { key: key.to_owned(), value, origin: origin.unwrap_or(Origin::Unset) }
        };
        let SetDescription { user, identity, realm, secrets } = secrets::describe(name, options, file);
        let identity = identity.map(|(path, own)| (path.display().to_string(), own));
        let realm = realm.map(|text| (text, true));
        let entries = vec![entry("user", user), entry("identity", identity), entry("realm", realm)];
        let secrets = secrets.into_iter().map(|(part, places)| (part.as_str(), places)).collect();
        Set { section: Section { name: table.clone(), entries }, secrets }
    };
    names.into_iter().map(made).collect()
}

fn as_text(sections: &[Section], sets: &[Set], settings: &Settings) -> String {
    let mut text = heading(&settings.file);
    for section in sections {
        if section.name == "jump" {
            for set in sets {
                text += &table(&set.section);
                for (part, places) in &set.secrets {
                    let _ = writeln!(text, "# {part}: {}", one_line(&source(places)));
                }
            }
        }
        text += &table(section);
    }
    text
}

/// Which file is in use, and where it was looked for.
fn heading(file: &File) -> String {
    let looked_for = looked_for(file).iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let text = match (&file.path, file.choice) {
        (None, _) => format!("No configuration file; looked for {looked_for}"),
        (Some(path), Choice::Found) => format!("Configuration file: {}\n# Looked for {looked_for}", path.display()),
        (Some(path), Choice::Named) => {
            format!("Configuration file: {}\n# Named by --config or SLAUDIT_CONFIG", path.display())
        }
    };
    let lines = text.lines().map(|line| format!("{}\n", one_line(line)));
    format!("# {}", lines.collect::<String>())
}

/// The places that were looked at, in their order; none where a file was named.
fn looked_for(file: &File) -> Vec<PathBuf> {
    let mut places = places();
    match (&file.path, file.choice) {
        (None, _) => {}
        (Some(_), Choice::Named) => places.clear(),
        (Some(path), Choice::Found) => {
            let used = places.iter().position(|place| place == path).unwrap_or(places.len());
            places.truncate(used + 1);
        }
    }
    places
}

/// A table of TOML; keys without a value are comments.
fn table(section: &Section) -> String {
    // The name of a set is its author's.
    let (table, name) = section.name.split_once('.').unwrap_or((&section.name, ""));
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let name = if is_bare { name.to_owned() } else { toml::Value::from(name).to_string() };
    let dot = if name.is_empty() { "" } else { "." };
    let mut text = format!("\n[{table}{dot}{name}]\n");
    let line = |entry: &Effective| match &entry.value {
        Some(value) => format!("{} = {value}", entry.key),
        None => format!("# {}", entry.key),
    };
    let lines: Vec<_> = section.entries.iter().map(line).collect();
    let width = lines.iter().map(|line| line.chars().count()).filter(|width| *width <= 40).max().unwrap_or(0);
    for (line, entry) in lines.iter().zip(&section.entries) {
        let _ = writeln!(text, "{line:width$}  # {}", one_line(&entry.origin.to_string()));
    }
    text
}

/// Where a secret would come from: the first place that has it.
fn source(places: &[SecretPlace]) -> String {
    let names = |wanted: &dyn Fn(usize) -> bool| {
        let chosen = places.iter().enumerate().filter(|(at, _)| wanted(*at)).map(|(_, place)| place.place.as_str());
        chosen.collect::<Vec<_>>().join(", ")
    };
    let used = places.iter().position(|place| place.set);
    let unset = names(&|at| !places[at].set);
    let later = names(&|at| places[at].set && used.is_some_and(|used| at > used));
    let mut text = used.map_or("no source has it", |at| places[at].place.as_str()).to_owned();
    for (words, names) in [("not set", unset), ("not asked", later)] {
        if !names.is_empty() {
            let _ = write!(text, "; {words}: {names}");
        }
    }
    text
}

fn as_json(sections: &[Section], sets: &[Set], settings: &Settings) -> Value {
    let entries = |section: &Section| -> Map<String, Value> {
        section.entries.iter().map(|entry| (entry.key.clone(), json!(entry))).collect()
    };
    let named = |name: &str| sections.iter().find(|section| section.name == name).map(entries).unwrap_or_default();
    let rules = sections.iter().filter_map(|section| Some((section.name.strip_prefix("rules.")?, entries(section))));
    let waivers = sections.iter().filter(|section| section.name == "[waiver]").map(entries);
    let sets = sets.iter().map(|set| {
        let mut map = entries(&set.section);
        map.extend(set.secrets.iter().map(|(part, places)| ((*part).to_owned(), json!({ "sources": places }))));
        (set.section.name.trim_start_matches("credentials.").to_owned(), Value::Object(map))
    });
    json!({
        "file": settings.file.path,
        "audit": named("audit"),
        "expect": named("expect"),
        "credentials": sets.collect::<Map<_, _>>(),
        "jump": named("jump"),
        "rules": rules.map(|(id, map)| (id.to_owned(), Value::Object(map))).collect::<Map<_, _>>(),
        "waivers": waivers.collect::<Vec<_>>(),
        "looked_for": looked_for(&settings.file),
    })
}
