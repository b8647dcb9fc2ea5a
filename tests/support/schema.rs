//! As much of JSON Schema as the schema of `playback.toml` uses.

use serde_json::Value as Json;

/// Whether a value is valid by `schema`, whose references are into `root`. A keyword that this does not know is refused.
pub(crate) fn is_valid(root: &Json, schema: &Json, value: &Json) -> bool {
    let keywords = match schema {
        Json::Bool(all) => return *all,
        schema => schema.as_object().expect("a schema is an object or a boolean"),
    };
    let valid = |schema: &Json, value: &Json| is_valid(root, schema, value);
    let list = |of: &Json| of.as_array().expect("a list").clone();
    keywords.iter().all(|(keyword, of)| match keyword.as_str() {
        "$ref" => {
            let path =
                of.as_str().and_then(|path| path.strip_prefix('#')).expect("a reference into the schema");
            valid(root.pointer(path).expect("what is referred to is there"), value)
        }
        "type" if of.is_array() => list(of).iter().any(|of| is_of_type(of, value)),
        "type" => is_of_type(of, value),
        "enum" => list(of).contains(value),
        "const" => of == value,
        "anyOf" => list(of).iter().any(|schema| valid(schema, value)),
        "allOf" => list(of).iter().all(|schema| valid(schema, value)),
        "oneOf" => list(of).iter().filter(|schema| valid(schema, value)).count() == 1,
        "minimum" => value.as_f64().is_none_or(|number| number >= of.as_f64().unwrap()),
        "maximum" => value.as_f64().is_none_or(|number| number <= of.as_f64().unwrap()),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| valid(of, item))),
        "required" => value
            .as_object()
            .is_none_or(|value| list(of).iter().all(|key| value.contains_key(key.as_str().unwrap()))),
        "properties" => value.as_object().is_none_or(|value| {
            of.as_object()
                .unwrap()
                .iter()
                .all(|(key, schema)| value.get(key).is_none_or(|value| valid(schema, value)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|value| {
            let known =
                |key: &String| keywords.get("properties").is_some_and(|known| known.get(key).is_some());
            value.iter().filter(|(key, _)| !known(key)).all(|(_, value)| valid(of, value))
        }),
        "$schema" | "title" | "description" | "default" | "format" | "definitions" => true,
        unknown => panic!("the keyword `{unknown}` is not known here"),
    })
}

fn is_of_type(name: &Json, value: &Json) -> bool {
    match name.as_str().expect("a type is a name") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        unknown => panic!("`{unknown}` is not a type of JSON"),
    }
}
