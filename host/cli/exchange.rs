//! HTTP exchanges as people read them: headers and bodies as the text or the JSON that they are.

use super::session::Detail;
use super::shown::shown;
use playback_host::recording::format::is_http_exchange;
use playback_host::recording::{Function, Outcome};
use playback_host::value::{Value, readable};
use std::borrow::Cow;
use std::fmt::{self, Formatter};

/// Returns the value with its byte strings readable, if `function` stands for HTTP exchanges.
pub(crate) fn readable<'v>(function: Option<&Function>, value: &'v Value) -> Cow<'v, Value> {
    match function {
        Some(function) if is_http_exchange(&function.name) => Cow::Owned(readable::readable(value)),
        _ => Cow::Borrowed(value),
    }
}

/// Writes a response, a line for each of its parts: all, or those that say something. Returns false, and writes nothing,
/// if the outcome is not a response.
pub(crate) fn put_response(
    f: &mut Formatter<'_>,
    function: Option<&Function>,
    outcome: &Outcome,
    indent: &str,
    detail: Detail,
) -> Result<bool, fmt::Error> {
    let response = match (function, outcome) {
        (Some(function), Outcome::Returned(value)) if is_http_exchange(&function.name) => value.get("ok"),
        _ => None,
    };
    let Some(Value::Map(parts)) = response else { return Ok(false) };
    write!(f, "{indent}returned a response")?;
    for (name, value) in parts {
        let says_nothing = match &**name {
            "chunks" => true,
            "trailers" => *value == Value::Null,
            "end" => value.get("complete").is_some(),
            _ => false,
        };
        if detail == Detail::Full || !says_nothing {
            write!(f, "{indent}  {name} = {}", shown(&readable::readable(value), detail))?;
        }
    }
    Ok(true)
}
