//! Forms, as `application/x-www-form-urlencoded` has them.

use super::by_name;
use percent_encoding::percent_decode;
use playback_recording::value::Value;
use std::collections::BTreeMap;

/// The fields of a form by their names. A value is text, or bytes where it is no text. `None`: a name is no text.
pub(super) fn fields(text: &str) -> Option<Value> {
    let mut fields = BTreeMap::<String, Vec<Value>>::new();
    for field in text.split('&').filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let name = String::from_utf8(decoded(name)).ok()?;
        let value = String::from_utf8(decoded(value));
        let value = value.map_or_else(|error| Value::Bytes(error.into_bytes()), Value::from);
        fields.entry(name).or_default().push(value);
    }
    Some(by_name(fields))
}

fn decoded(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_those_of_one_name_are_a_list() {
        let tags = Value::List(vec!["a b".into(), "é".into()]);
        let expected = Value::record([
            ("", Value::from("x")),
            ("empty", "".into()),
            ("raw", Value::Bytes(vec![0xff])),
            ("tag", tags),
        ]);
        assert_eq!(fields("tag=a+b&raw=%ff&empty&tag=%C3%A9&=x"), Some(expected));
        assert_eq!(fields("%ff=1"), None);
    }
}
