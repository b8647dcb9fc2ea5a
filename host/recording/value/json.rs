//! Values as JSON, by the table in [`crate::value`], for people, rules and plugins.
//!
//! JSON says less than a value does: which of its arrays are tuples or flags, and which of its numbers are
//! floats. What is read from JSON has a form of its own until it is [fitted](mod@super::fit) to a type.

use super::pointer::Pointer;
use super::{MAX_DEPTH, Name, Value, float};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Map, Number, Value as Json};

mod parse;
mod short;
mod view;

pub use parse::parse;
pub use short::short;
pub(super) use short::{is_short, is_short_text, quoted};
pub use view::{ReadableView, View};

/// The only key of an object that stands for a byte string. No WIT name has a `$`.
const BYTES: &str = "$bytes";
/// The only key of an object that stands for a resource.
const HANDLE: &str = "$handle";

/// Up to here an `f64` tells every integer from its neighbours.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Why JSON is not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJson {
    /// `{"$bytes": ...}` without base64 in it.
    #[error("at `{path}`: `$bytes` takes a string of standard base64 with its padding")]
    Bytes {
        /// Where, as a JSON pointer.
        path: String,
    },
    /// `{"$handle": ...}` without the number of a resource in it.
    #[error("at `{path}`: `$handle` takes the number of a resource, 0 to 4294967295")]
    Handle {
        /// Where, as a JSON pointer.
        path: String,
    },
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the JSON nests more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// The value as JSON. An integer that neither `u64` nor `s64` holds, which no component can say, is a text.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Number::from_i128(*value).map_or_else(|| value.to_string().into(), Json::Number),
        Value::F32(value) => {
            let number = value.is_finite().then(|| Number::from_f64(float::shortest(*value))).flatten();
            number.map_or_else(|| float::special_f32(*value).into(), Json::Number)
        }
        Value::F64(value) => {
            Number::from_f64(*value).map_or_else(|| float::special_f64(*value).into(), Json::Number)
        }
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => single(BYTES, BASE64_STANDARD.encode(bytes).into()),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => {
            entries.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect()
        }
        Value::Handle(number) => single(HANDLE, (*number).into()),
    }
}

/// The value that the JSON is without knowing its type.
///
/// Numbers become [`Value::Int`] where they are integral and exact, so `1.0` does, and else [`Value::F64`],
/// as does `-0.0`. The texts for NaN and infinities stay texts.
///
/// # Errors
///
/// `$bytes` or `$handle` with something else in it, or nesting beyond [`MAX_DEPTH`].
pub fn from_json(json: Json) -> Result<Value, InvalidJson> {
    untyped(json, &Pointer::Root, MAX_DEPTH)
}

fn single(key: &str, value: Json) -> Json {
    Json::Object(Map::from_iter([(key.to_owned(), value)]))
}

fn untyped(json: Json, at: &Pointer<'_>, depth: usize) -> Result<Value, InvalidJson> {
    let deeper = || depth.checked_sub(1).ok_or(InvalidJson::TooDeep);
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => from_number(&number),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => {
            let depth = deeper()?;
            let items = items.into_iter().enumerate();
            Value::List(
                items.map(|(index, item)| untyped(item, &at.item(index), depth)).collect::<Result<_, _>>()?,
            )
        }
        Json::Object(object) => match (object.len(), object.get(BYTES), object.get(HANDLE)) {
            (1, Some(base64), _) => {
                from_base64(base64).ok_or_else(|| InvalidJson::Bytes { path: at.to_string() })?
            }
            (1, _, Some(number)) => {
                from_handle(number).ok_or_else(|| InvalidJson::Handle { path: at.to_string() })?
            }
            _ => {
                let depth = deeper()?;
                let entry = |(name, value): (String, Json)| {
                    let value = untyped(value, &at.field(&name), depth)?;
                    Ok((Name::from(name), value))
                };
                Value::Map(object.into_iter().map(entry).collect::<Result<_, _>>()?)
            }
        },
    })
}

fn from_number(number: &Number) -> Value {
    match (number.as_i128(), number.as_f64()) {
        (Some(integer), _) => Value::Int(integer),
        (None, Some(float)) if is_exact_integer(float) => Value::Int(float as i128),
        (None, float) => Value::F64(float.unwrap_or(f64::NAN)),
    }
}

fn is_exact_integer(float: f64) -> bool {
    let negative_zero = float == 0.0 && float.is_sign_negative();
    float.fract() == 0.0 && float.abs() <= EXACT && !negative_zero
}

fn from_base64(json: &Json) -> Option<Value> {
    BASE64_STANDARD.decode(json.as_str()?).ok().map(Value::Bytes)
}

fn from_handle(json: &Json) -> Option<Value> {
    u32::try_from(json.as_u64()?).ok().map(Value::Handle)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::arbitrary;
    use super::super::fit::{Source, fit};
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<Value, InvalidJson> {
        from_json(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn numbers_are_integers_where_nothing_is_lost() {
        assert_eq!(parsed("18446744073709551615"), Ok(Value::Int(u64::MAX.into())));
        assert_eq!(parsed("-9223372036854775808"), Ok(Value::Int(i64::MIN.into())));
        assert_eq!(parsed("1e3"), Ok(Value::Int(1000)));
        assert_eq!(parsed("2.0"), Ok(Value::Int(2)));
        assert_eq!(parsed("0.5"), Ok(Value::F64(0.5)));
        assert_eq!(parsed("-0.0"), Ok(Value::F64(-0.0)));
        assert_eq!(parsed("1e300"), Ok(Value::F64(1e300)));
    }

    #[test]
    fn floats_read_like_people_write_them() {
        assert_eq!(to_json(&Value::F32(0.1)).to_string(), "0.1");
        assert_eq!(to_json(&Value::F32(f32::MAX)).to_string(), "3.4028235e+38");
        assert_eq!(to_json(&Value::F64(-0.0)).to_string(), "-0.0");
        assert_eq!(to_json(&Value::F32(f32::from_bits(0x7fc0_0000))), "NaN");
        assert_eq!(to_json(&Value::F32(f32::from_bits(0x7fc0_0001))), "NaN:7fc00001");
        assert_eq!(to_json(&Value::F64(f64::NEG_INFINITY)), "-Infinity");
    }

    #[test]
    fn bytes_and_resources_have_objects_of_their_own() {
        assert_eq!(parsed(r#"{"$bytes": "AQI="}"#), Ok(Value::Bytes(vec![1, 2])));
        assert_eq!(parsed(r#"[{"$handle": 3}]"#), Ok(Value::List(vec![Value::Handle(3)])));
        let bytes = InvalidJson::Bytes { path: "/a/0".into() };
        assert_eq!(parsed(r#"{"a": [{"$bytes": "AQI"}]}"#), Err(bytes));
        assert_eq!(parsed(r#"{"$handle": -1}"#), Err(InvalidJson::Handle { path: String::new() }));
        assert!(matches!(parsed(r#"{"$handle": 1, "a": 2}"#), Ok(Value::Map(_))));
    }

    #[test]
    fn json_that_nests_too_deep_is_refused() {
        let nested = |depth| (0..depth).fold(Json::Null, |inner, _| Json::Array(vec![inner]));
        assert!(from_json(nested(MAX_DEPTH)).is_ok());
        assert_eq!(from_json(nested(MAX_DEPTH + 1)), Err(InvalidJson::TooDeep));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_value_of_any_type_survives((ty, value) in arbitrary::typed()) {
            let text = to_json(&value).to_string();
            prop_assert_eq!(serde_json::to_value(View(&value)).unwrap(), to_json(&value));
            let fitted = fit(parsed(&text).unwrap(), &ty, Source::Json);
            prop_assert_eq!(fitted.map(|fitted| fitted.value), Ok(value), "{} as {}", text, ty);
        }
    }
}
