//! `schema/report.schema.json` describes every key of `report.json`: real documents are valid, and hold nothing it leaves out.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use mock_device::{Device, Fault, Scenario, scenarios};
use serde_json::{Value, json};
use slaudit::facts::Facts;
use slaudit::reports::row::FINDINGS;

use crate::bench::Bench;

fn schema() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/report.schema.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the schema")).expect("JSON")
}

/// The same schema, in which a key that is not described is an error.
fn closed(mut schema: Value) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.values_mut().for_each(close);
                if map.contains_key("properties") {
                    map.insert("additionalProperties".to_owned(), json!(false));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    close(&mut schema);
    schema
}

fn validator(schema: &Value) -> Validator {
    assert!(jsonschema::meta::is_valid(schema));
    jsonschema::draft202012::new(schema).expect("a schema of draft 2020-12")
}

fn errors(schema: &Value, document: &Value) -> Vec<String> {
    let validator = validator(schema);
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("a report")).expect("JSON")
}

/// An audit of every scenario of the mock devices, and of one that cannot be reached.
fn audited() -> Value {
    let device = |name: &&str| Device::new(*name, Scenario::named(name).expect("a scenario"));
    let mut devices: Vec<_> = scenarios().iter().map(device).collect();
    let healthy = Scenario::named("healthy-smart").expect("a scenario");
    devices.push(Device::new("lost", healthy).fault(Fault::Refuse));
    let bench = Bench::start(devices);
    let run = bench.audit(&["--label", "pre"]);
    read(&run.folder.join("report.json"))
}

fn analyzed() -> Value {
    let bench = Bench::start(Vec::new());
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands");
    let output = bench.command().arg("analyze").arg(captures).args(["--format", "json"]).output().expect("it runs");
    serde_json::from_slice(&output.stdout).expect("one document")
}

#[test]
fn real_reports_are_valid_and_hold_nothing_that_is_not_described() {
    for (document, least) in [(audited(), 20), (analyzed(), 4)] {
        let devices = document["devices"].as_array().expect("devices");
        assert!(devices.len() >= least, "{} devices", devices.len());
        assert!(devices.iter().any(|device| device["findings"].as_array().is_some_and(|list| !list.is_empty())));
        assert_eq!(errors(&schema(), &document), [""; 0]);
        assert_eq!(errors(&closed(schema()), &document), [""; 0], "describe the key in schema/report.schema.json");
    }
}

#[test]
fn every_fact_and_every_column_is_described() {
    let schema = schema();
    let described = |name: &str| {
        let properties = schema["$defs"][name]["properties"].as_object().expect("properties");
        properties.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(described("facts"), Facts::KEYS);
    let keys: Vec<_> = FINDINGS.iter().map(|column| column.name).chain(["next_steps"]).collect();
    assert_eq!(described("finding"), keys);
}

#[test]
fn what_breaks_the_contract_is_an_error_and_a_new_key_is_none() {
    let mut document = analyzed();
    document["devices"][0]["one_more"] = json!(1);
    document["one_more"] = json!([]);
    assert_eq!(errors(&schema(), &document), [""; 0]);
    document["devices"][0]["status"] = json!("fine");
    document["devices"][1].as_object_mut().expect("a device").remove("health");
    document["run"]["counts"]["status"]["fine"] = json!(1);
    document["schema"] = json!(2);
    assert_eq!(errors(&schema(), &document).len(), 4, "{:?}", errors(&schema(), &document));
}
