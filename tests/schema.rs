//! `playback-host config schema` and the parser of `playback.toml` take the same files and refuse the same.

use crate::support::command::Folder;
use crate::support::{root, schema};

/// Every setting, and every form that one can have.
const ALL: &str = include_str!("every_setting.toml");

/// The examples of `playback.toml` in the documents.
fn examples() -> Vec<String> {
    let documents =
        ["README.md", "guest-sdk/README.md"].map(|file| std::fs::read_to_string(root().join(file)).unwrap());
    let blocks = documents.iter().flat_map(|text| text.split("```toml\n").skip(1));
    let blocks = blocks.map(|block| block.split("```").next().unwrap().to_owned());
    blocks.filter(|block| !block.starts_with("# Cargo.toml")).collect()
}

/// Whether the parser and the schema take a file.
fn is_taken(folder: &Folder, schema: &serde_json::Value, text: &str) -> [bool; 2] {
    folder.write("tried.toml", text);
    let value = as_editors_read(toml::from_str(text).expect(text));
    [folder.run("config --config tried.toml").code == 0, schema::is_valid(schema, schema, &value)]
}

/// A file as editors give it to a schema: JSON has no dates, so a date is text.
fn as_editors_read(value: toml::Value) -> serde_json::Value {
    match value {
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(as_editors_read).collect(),
        toml::Value::Table(fields) => serde_json::Value::Object(
            fields.into_iter().map(|(key, value)| (key, as_editors_read(value))).collect(),
        ),
        other => serde_json::to_value(other).unwrap(),
    }
}

/// The schema, which is printed whatever the configuration says.
fn printed(folder: &Folder) -> serde_json::Value {
    folder.write("playback.toml", "casette = 1");
    serde_json::from_str(&folder.ok("config schema")).unwrap()
}

#[test]
fn the_schema_and_the_parser_take_every_setting_and_every_example() {
    let folder = Folder::with(&[]);
    let schema = printed(&folder);
    let examples = examples();
    assert!(examples.len() >= 2, "{examples:?}");
    for text in examples.iter().map(String::as_str).chain([ALL, ""]) {
        assert_eq!(is_taken(&folder, &schema, text), [true, true], "{text}");
    }
}

#[test]
fn the_schema_and_the_parser_refuse_unknown_keys_and_values_of_another_type() {
    let folder = Folder::with(&[]);
    let schema = printed(&folder);
    for text in [
        "casette = \"tapes\"",
        "cache = 7",
        "format = \"yaml\"",
        "verbose = \"very\"",
        "verbose = 256",
        "service = 1",
        "service.dir = [\"a\"]",
        "service.dirs = \"a\"",
        "service.network = \"yes\"",
        "service.providers = [\"shop.wasm\"]",
        "service.providers = [{ dirs = [\"a\"] }]",
        "service.providers = [{ component = \"a\", argument = 1 }]",
        "record.sampling-seed = -1",
        "replay.compare-streams = [\"stdin\"]",
        "limits.timeout = \"1s\"",
        "limits.time = 1",
        "limits.memory = 0",
        "limits.memory = 1.5",
        "limits.fuel = 0",
        "limits.instances = -1",
        "category.quote.rate = 1",
        "category.quote.sampling = { rate = 2 }",
        "category.quote.sampling = { rat = 1 }",
        "compare.rule = [{ ignore = true }]",
        "compare.rule = [{ at = \"outcome\", ignor = true }]",
        "compare.rule = [{ at = \"outcome\", tolerance = 1 }]",
        "compare.rule = [{ at = \"outcome\", as = \"yaml\" }]",
        "compare.cost = \"yes\"",
        "compare.max-increase = \"5%\"",
        "compare.max-increase = { instruction = \"5%\" }",
        "compare.max-increase = { instructions = -1 }",
        "compare.max-increase = { instructions = 0.05 }",
        "category.quote.max-increase = 5",
        "category.quote.order = \"all\"",
        "interceptions.a = 7",
        "interceptions.a.on-mising = \"fail\"",
        "interceptions.a.on-missing = \"never\"",
        "interceptions.a.on-missing = { default = 1, live = 2 }",
        "interceptions.a.key = \"sku\"",
        "interceptions.a.kind = \"both\"",
    ] {
        assert_eq!(is_taken(&folder, &schema, text), [false, false], "{text}");
    }
}

#[test]
fn what_config_shows_is_what_the_schema_has_and_can_be_written_into_a_file() {
    let folder = Folder::with(&[]);
    let schema = printed(&folder);
    folder.write("all.toml", ALL);
    for setting in folder.json("config --config all.toml") {
        let key = setting["setting"].as_str().unwrap();
        let names = toml::from_str::<serde_json::Value>(&format!("{key} = 0")).unwrap();
        let value = within(&names, &setting["value"]);
        assert!(schema::is_valid(&schema, &schema, &value), "{value}");
    }
}

/// The object with this value in place of the number in it.
fn within(names: &serde_json::Value, value: &serde_json::Value) -> serde_json::Value {
    match names {
        serde_json::Value::Object(names) => {
            names.iter().map(|(name, names)| (name.clone(), within(names, value))).collect()
        }
        _ => value.clone(),
    }
}
