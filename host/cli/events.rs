//! What is in a recording, as text and as JSON.

use super::session::Detail;
use playback_host::recording::{Clock, Event, Function, Interception, Outcome, Recording, Stream, format};
use playback_host::value::{Name, Value, json};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// A value on one line: cut where it is long, or whole.
pub(crate) fn shown(value: &Value, detail: Detail) -> String {
    match detail {
        Detail::Short => json::short(value),
        Detail::Full => serde_json::to_string(&InOrder(value)).unwrap_or_else(|error| error.to_string()),
    }
}

/// A value as JSON whose fields stand as the type declares them; `serde_json::Value` would sort them.
struct InOrder<'v>(&'v Value);

impl Serialize for InOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::List(items) => serializer.collect_seq(items.iter().map(InOrder)),
            Value::Map(entries) => {
                serializer.collect_map(entries.iter().map(|(name, value)| (&**name, InOrder(value))))
            }
            scalar => json::to_json(scalar).serialize(serializer),
        }
    }
}

/// How a call ended: `returned 45`, `trapped: why`.
pub(crate) fn outcome(outcome: &Outcome, detail: Detail) -> String {
    match outcome {
        Outcome::Returned(Value::Null) => "returned".to_owned(),
        Outcome::Returned(value) => format!("returned {}", shown(value, detail)),
        Outcome::Trapped(reason) => format!("trapped: {reason}"),
    }
}

/// How a call ended: `{"returned": 45}`, `{"trapped": "why"}`.
pub(crate) fn outcome_json(outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Returned(value) => json!({ "returned": json::to_json(value) }),
        Outcome::Trapped(reason) => json!({ "trapped": reason }),
    }
}

/// Arguments on one line: `sku = "apple", count = 2`.
pub(crate) fn arguments<'a>(
    names: impl IntoIterator<Item = &'a Name>,
    values: &[Value],
    detail: Detail,
) -> String {
    let pairs = names.into_iter().zip(values);
    pairs.map(|(name, value)| format!("{name} = {}", shown(value, detail))).collect::<Vec<_>>().join(", ")
}

/// Arguments by name.
pub(crate) fn arguments_json<'a>(names: impl IntoIterator<Item = &'a Name>, values: &[Value]) -> Json {
    names.into_iter().zip(values).map(|(name, value)| (name.to_string(), json::to_json(value))).collect()
}

/// Bytes that are likely text: as text where they are, else in base64.
pub(crate) fn bytes_json(bytes: &[u8]) -> Json {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json::to_json(&Value::Bytes(bytes.to_vec())),
    }
}

/// The name of a standard stream.
pub(crate) fn stream(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    }
}

/// The names of a function's parameters; none of a function that the recording does not name.
pub(crate) fn parameters(function: Option<&Function>) -> &[Name] {
    function.map_or(&[], |function| &function.parameters)
}

/// The events of a recording as text, some lines each. Calls are numbered from 1, as divergences number them.
pub(crate) fn lines(recording: &Recording, detail: Detail) -> impl Iterator<Item = String> {
    let mut number = 0;
    recording.events.iter().map(move |event| match event {
        Event::Interception(call) => {
            number += 1;
            call_lines(recording, call, number, detail)
        }
        Event::Clock(clock, nanoseconds) => format!("{:>5}  {}", "", reading(*clock, *nanoseconds)),
        Event::Stdin(bytes) => format!("{:>5}  stdin  {}", "", text(bytes, detail)),
        Event::Written(to, bytes) => format!("{:>5}  {} {}", "", stream(*to), text(bytes, detail)),
    })
}

/// The lines that the service wrote to a standard stream.
pub(crate) fn written(recording: &Recording, to: Stream) -> impl Iterator<Item = String> {
    let parts = recording.events.iter().filter_map(move |event| match event {
        Event::Written(stream, bytes) if *stream == to => Some(bytes.as_slice()),
        _ => None,
    });
    let text = String::from_utf8_lossy(&parts.collect::<Vec<_>>().concat()).into_owned();
    let lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    lines.into_iter()
}

fn call_lines(recording: &Recording, call: &Interception, number: usize, detail: Detail) -> String {
    const INDENT: &str = "\n              ";
    let function = recording.function(call);
    let mut lines = format!("{:>5}  {:<6} {}", format!("#{number}"), call.kind, call.alias);
    if let Some(function) = function
        && format::default_alias(&function.name) != *call.alias
    {
        lines += &format!(", which is {}", function.name);
    }
    for (name, value) in parameters(function).iter().zip(&call.arguments) {
        lines += &format!("{INDENT}{name} = {}", shown(value, detail));
    }
    lines + INDENT + &outcome(&call.outcome, detail)
}

fn reading(clock: Clock, nanoseconds: u64) -> String {
    match clock {
        Clock::Wall => match jiff::Timestamp::from_nanosecond(nanoseconds.into()) {
            Ok(time) => format!("wall   {time}"),
            Err(_) => format!("wall   {nanoseconds} ns since 1970"),
        },
        Clock::Monotonic => format!("mono   {nanoseconds} ns"),
    }
}

fn text(bytes: &[u8], detail: Detail) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => shown(&text.into(), detail),
        Err(_) => shown(&Value::Bytes(bytes.to_vec()), detail),
    }
}

/// The events of a recording as JSON.
pub(crate) fn to_json(recording: &Recording) -> Vec<Json> {
    let mut number = 0;
    let mut ordinals = HashMap::<&Name, usize>::new();
    let events = recording.events.iter().map(|event| match event {
        Event::Interception(call) => {
            number += 1;
            let ordinal = ordinals.entry(&call.alias).or_default();
            *ordinal += 1;
            let function = recording.function(call);
            json!({
                "event": call.kind,
                "number": number,
                "function": function.map(|function| &*function.name),
                "alias": &*call.alias,
                "call-of-alias": *ordinal,
                "arguments": arguments_json(parameters(function), &call.arguments),
                "outcome": outcome_json(&call.outcome),
            })
        }
        Event::Clock(Clock::Wall, reading) => json!({ "event": "wall", "nanoseconds": reading }),
        Event::Clock(Clock::Monotonic, reading) => json!({ "event": "monotonic", "nanoseconds": reading }),
        Event::Stdin(bytes) => json!({ "event": "stdin", "bytes": bytes_json(bytes) }),
        Event::Written(to, bytes) => json!({ "event": stream(*to), "bytes": bytes_json(bytes) }),
    });
    events.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_whole_and_in_its_own_order() {
        let value = Value::record([("sku", Value::from("a".repeat(100))), ("count", 2u32.into())]);
        assert_eq!(shown(&value, Detail::Full), format!(r#"{{"sku":"{}","count":2}}"#, "a".repeat(100)));
        assert!(shown(&value, Detail::Short).chars().count() < 100);
    }
}
