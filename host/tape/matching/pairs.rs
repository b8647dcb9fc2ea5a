//! Lists of names with values, such as HTTP headers, as records: what differs in them has a name then.

use playback_recording::value::{Name, Value};

/// Returns the arguments with each list of name and value pairs as a record. A name that is there several times has the list
/// of its values.
pub(crate) fn by_name(arguments: Vec<(Name, Value)>) -> Value {
    let named = |(name, value): (Name, Value)| (name, record(&value).unwrap_or(value));
    Value::Map(arguments.into_iter().map(named).collect())
}

/// Returns a list of name and value pairs as a record. `None`: the value is no such list.
pub(crate) fn record(value: &Value) -> Option<Value> {
    let Value::List(items) = value else { return None };
    let mut fields: Vec<(Name, Vec<Value>)> = Vec::new();
    for item in items {
        let Value::List(pair) = item else { return None };
        let [Value::Text(name), value] = pair.as_slice() else { return None };
        match fields.iter_mut().find(|(other, _)| **other == **name) {
            Some((_, values)) => values.push(value.clone()),
            None => fields.push((name.as_str().into(), vec![value.clone()])),
        }
    }
    let one_or_more = |mut values: Vec<Value>| match (values.len(), values.pop()) {
        (1, Some(only)) => only,
        (_, last) => Value::List(values.into_iter().chain(last).collect()),
    };
    let fields = fields.into_iter().map(|(name, values)| (name, one_or_more(values)));
    Some(Value::Map(fields.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use playback_recording::value::diff::diff;

    #[test]
    fn a_header_that_differs_is_named() {
        let arguments = |headers: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| {
                Value::List(vec![(*name).into(), Value::Bytes((*value).into())])
            };
            by_name(vec![
                ("headers".into(), Value::List(headers.iter().map(pair).collect())),
                ("n".into(), 1.into()),
            ])
        };
        let recorded = arguments(&[("a", "1"), ("x-tenant", "acme"), ("x", "1"), ("x", "2")]);
        let replayed = arguments(&[("x-tenant", "umbrella"), ("x", "1"), ("x", "3"), ("b", "2")]);
        let paths: Vec<String> = diff(&recorded, &replayed).into_iter().map(|it| it.path).collect();
        assert_eq!(paths, ["/headers/a", "/headers/x-tenant", "/headers/x/1", "/headers/b"]);
    }
}
