//! `playback-host config schema`: what `playback.toml` may say, for editors. It is made from the types that read the file.

use super::Exit;
use super::config::Config;
use super::terminal::Terminal;
use anyhow::Result;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

/// The JSON schema of `playback.toml`, in the draft that editors know.
fn schema() -> Json {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Config>();
    schema.insert("title".to_owned(), "playback.toml".into());
    schema.to_value()
}

/// Prints it, so that people can read it too.
pub(crate) fn print(terminal: &mut Terminal) -> Result<Exit> {
    terminal.document(format!("{:#}\n", schema()).as_bytes());
    Ok(Exit::Success)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic where a promise is broken")]

    use super::*;
    use crate::cli::settings;
    use std::collections::BTreeSet;

    /// The properties of the schema for a table; `None` where it is not a table of named keys.
    fn properties<'s>(root: &'s Json, schema: &'s Json) -> Option<Vec<(&'s str, &'s Json)>> {
        if let Some(reference) = schema["$ref"].as_str() {
            return properties(root, root.pointer(reference.strip_prefix('#')?)?);
        }
        let alternatives = ["anyOf", "allOf", "oneOf"].map(|of| schema[of].as_array());
        let mut alternatives = alternatives.into_iter().flatten().flatten();
        match schema["properties"].as_object() {
            Some(properties) => Some(properties.iter().map(|(key, of)| (&**key, of)).collect()),
            None => alternatives.find_map(|schema| properties(root, schema)),
        }
    }

    /// The keys that the parser names when it is given one that it does not know.
    fn known(text: &str) -> BTreeSet<String> {
        let error = toml::from_str::<Config>(text).expect_err(text).message().to_owned();
        let names = error.split_once("expected ").expect(&error).1;
        names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn the_schema_has_the_keys_of_the_parser_and_neither_takes_others() {
        let root = schema();
        let table = |path: &[&str]| {
            path.iter().fold(&root, |schema, key| match *key {
                "*" => &schema["additionalProperties"],
                "[]" => &schema["items"],
                key => {
                    properties(&root, schema).unwrap().into_iter().find(|(name, _)| *name == key).unwrap().1
                }
            })
        };
        for (text, path) in [
            ("x-x = 1", &[][..]),
            ("service.x-x = 1", &["service"]),
            ("service.providers = [{ component = \"a\", x-x = 1 }]", &["service", "providers", "[]"]),
            ("record.x-x = 1", &["record"]),
            ("replay.x-x = 1", &["replay"]),
            ("compare.x-x = 1", &["compare"]),
            ("compare.max-increase.x-x = 1", &["compare", "max-increase"]),
            ("compare.rule = [{ at = \"outcome\", x-x = 1 }]", &["compare", "rule", "[]"]),
            ("limits.x-x = 1", &["limits"]),
            ("category.a.x-x = 1", &["category", "*"]),
            ("category.a.max-increase.x-x = 1", &["category", "*", "max-increase"]),
            ("category.a.sampling.x-x = 1", &["category", "*", "sampling"]),
            ("interceptions.a.x-x = 1", &["interceptions", "*"]),
        ] {
            let keys = properties(&root, table(path)).expect(text);
            let keys: BTreeSet<String> = keys.into_iter().map(|(key, _)| key.to_owned()).collect();
            assert_eq!(keys, known(text), "{text}");
        }
    }

    #[test]
    fn each_key_of_the_schema_is_in_the_table_of_settings_and_the_other_way_round() {
        let root = schema();
        let keys = properties(&root, &root).unwrap().into_iter().flat_map(|(key, schema)| {
            match properties(&root, schema) {
                Some(below) => below.into_iter().map(|(below, _)| format!("{key}.{below}")).collect(),
                // What only the file can say, by names of its own.
                None if ["category", "interceptions"].contains(&key) => Vec::new(),
                None => vec![key.to_owned()],
            }
        });
        // Rules, bounds, and what is said of plugins, are in the file alone.
        let alone = ["compare.rule", "compare.max-increase", "compare.tuner", "limits.plugins"];
        let keys: BTreeSet<String> = keys.filter(|key| !alone.contains(&key.as_str())).collect();
        assert_eq!(keys, settings::keys().map(str::to_owned).collect());
    }
}
