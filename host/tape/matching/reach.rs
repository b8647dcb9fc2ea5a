//! Parts of a value at a JSON pointer, also inside texts and bytes that are JSON.

use playback_recording::value::{Name, Value, readable};
use std::borrow::Cow;

/// Returns the part at `pointer`. A text, or bytes, in which there has to be a part is read as JSON. `None`: there is nothing.
pub(super) fn part<'v>(value: &'v Value, pointer: &str) -> Option<Cow<'v, Value>> {
    let Some((name, rest)) = split(pointer) else { return Some(Cow::Borrowed(value)) };
    match value {
        Value::List(items) => part(items.get(index(name)?)?, rest),
        Value::Map(_) => part(value.get(&unescaped(name))?, rest),
        other => part(&read(other)?, pointer).map(|part| Cow::Owned(part.into_owned())),
    }
}

/// Returns the value with what `change` makes of the part at `pointer`. What was read as JSON to get there stays so. `None`: there
/// is no such part.
pub(super) fn with_part(
    value: &Value,
    pointer: &str,
    change: &mut dyn FnMut(&Value) -> Value,
) -> Option<Value> {
    let Some((name, rest)) = split(pointer) else { return Some(change(value)) };
    match value {
        Value::List(items) => {
            let at = index(name)?;
            let changed = with_part(items.get(at)?, rest, change)?;
            let mut items = items.clone();
            *items.get_mut(at)? = changed;
            Some(Value::List(items))
        }
        Value::Map(fields) => {
            let name = unescaped(name);
            let at = fields.iter().position(|(field, _)| **field == *name)?;
            let changed = with_part(&fields.get(at)?.1, rest, change)?;
            let mut fields: Vec<(Name, Value)> = fields.clone();
            fields.get_mut(at)?.1 = changed;
            Some(Value::Map(fields))
        }
        other => with_part(&read(other)?, pointer, change),
    }
}

/// The first part of a pointer and the rest of it. `None`: it is empty.
fn split(pointer: &str) -> Option<(&str, &str)> {
    let pointer = pointer.strip_prefix('/')?;
    Some(pointer.split_at(pointer.find('/').unwrap_or(pointer.len())))
}

fn index(part: &str) -> Option<usize> {
    part.parse().ok()
}

fn unescaped(part: &str) -> Cow<'_, str> {
    if part.contains('~') { part.replace("~1", "/").replace("~0", "~").into() } else { part.into() }
}

/// The object or the array that a text is in JSON.
fn read(value: &Value) -> Option<Value> {
    match value {
        Value::Text(text) => readable::json_value(text),
        Value::Bytes(bytes) => readable::json_value(readable::text(bytes)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_reaches_through_records_and_into_json_in_texts_and_bytes() {
        let body = Value::Bytes(br#"{"order": {"id": 7, "a/b": "[1, 2]"}}"#.to_vec());
        let value = Value::record([("body", body)]);
        let at = |pointer: &str| part(&value, pointer).map(Cow::into_owned);
        assert_eq!(at("/body/order/id"), Some(7.into()));
        assert_eq!(at("/body/order/a~1b/1"), Some(2.into()));
        assert_eq!(at(""), Some(value.clone()));
        assert_eq!(at("/body/order/id/x"), None);
        assert_eq!(at("/body/no"), None);
    }

    #[test]
    fn a_part_is_changed_and_everything_else_stays() {
        let value = Value::List(vec![1.into(), r#"{"id": 1, "n": 2}"#.into()]);
        let changed = with_part(&value, "/1/id", &mut |_| "new".into());
        let inner = Value::record([("id", Value::from("new")), ("n", 2.into())]);
        assert_eq!(changed, Some(Value::List(vec![1.into(), inner])));
        assert_eq!(with_part(&value, "/1/no", &mut |_| "new".into()), None);
        assert_eq!(with_part(&value, "/0/id", &mut |_| "new".into()), None);
    }
}
