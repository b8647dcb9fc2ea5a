//! The types of the WIT package `playback:plugin` as values. Values of a recording are text in them, as JSON.

use playback_host::compare::Verdict;
use playback_host::compare::plugins::{About, Call, Opinion, ResultValue};
use playback_host::value::{Value, json};
use serde_json::Value as Json;

pub(super) fn json(value: &Json) -> Value {
    Value::Text(value.to_string())
}

pub(super) fn about(about: &About) -> Value {
    Value::record([
        ("id", Value::from(about.id.as_str())),
        ("category", about.id.category().as_str().into()),
        ("operation", about.operation.as_str().into()),
        ("recorded-at", about.recorded_at_ms.into()),
        ("metadata", json(&about.metadata)),
    ])
}

pub(super) fn result(result: &ResultValue) -> Value {
    match result {
        ResultValue::Returned(value) => Value::case("returned", json(value)),
        ResultValue::Failed(value) => Value::case("failed", json(value)),
        ResultValue::Trapped(reason) => Value::case("trapped", reason.as_str().into()),
    }
}

pub(super) fn calls(calls: &[Call]) -> Value {
    Value::List(calls.iter().map(call).collect())
}

fn call(call: &Call) -> Value {
    let argument = |(name, value): &(String, Json)| Value::List(vec![name.as_str().into(), json(value)]);
    Value::record([
        ("kind", Value::from(call.kind.to_string())),
        ("alias", call.alias.as_str().into()),
        ("ordinal", call.ordinal.into()),
        ("arguments", Value::List(call.arguments.iter().map(argument).collect())),
        ("outcome", json(&call.outcome)),
        ("answered", call.answered.map(|answered| answered.to_string()).into()),
    ])
}

pub(super) fn invocation(operation: &str, arguments: &[Value]) -> Value {
    let arguments = arguments.iter().map(|value| json(&json::to_json(value))).collect();
    Value::record([("operation", operation.into()), ("arguments", Value::List(arguments))])
}

pub(super) fn read_invocation(value: &Value) -> Result<(String, Vec<Value>), String> {
    let operation = text(value.get("operation")).ok_or("no operation")?;
    let Some(Value::List(arguments)) = value.get("arguments") else { return Err("no arguments".to_owned()) };
    let argument = |value| json::from_json(read_json(value)?).map_err(|error| format!("no value: {error}"));
    Ok((operation, arguments.iter().map(argument).collect::<Result<_, String>>()?))
}

/// Reads JSON. What is wrong with it reads on from "plugin answers with".
pub(super) fn read_json(value: &Value) -> Result<Json, String> {
    match value {
        Value::Text(text) => serde_json::from_str(text).map_err(|error| format!("no JSON: {error}")),
        other => Err(format!("{} where JSON is asked for", other.kind())),
    }
}

/// Reads a rate from 0 to 1.
pub(super) fn read_rate(value: &Value) -> Result<f64, String> {
    match value {
        Value::F64(rate) if (0.0..=1.0).contains(rate) => Ok(*rate),
        other => Err(format!("{}, which is no rate from 0 to 1", json::to_json(other))),
    }
}

pub(super) fn read_result(value: &Value) -> Result<ResultValue, String> {
    let payload = |case: &str| value.get(case).map(read_json).transpose();
    if let Some(value) = payload("returned")? {
        return Ok(ResultValue::Returned(value));
    }
    if let Some(value) = payload("failed")? {
        return Ok(ResultValue::Failed(value));
    }
    text(value.get("trapped")).map(ResultValue::Trapped).ok_or_else(|| "no result".to_owned())
}

pub(super) fn opinion(value: &Value) -> Result<Opinion, String> {
    let verdict = text(value.get("verdict")).unwrap_or_default();
    let verdict: Verdict = verdict.parse().map_err(|_| format!("the verdict `{verdict}`"))?;
    let differences = match value.get("differences") {
        Some(Value::List(items)) => items.iter().map(difference).collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    Ok(Opinion { verdict, message: text(value.get("message")), differences })
}

fn difference(value: &Value) -> Result<(String, Option<Json>, Option<Json>), String> {
    let side = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read_json(value).map(Some),
    };
    Ok((text(value.get("path")).unwrap_or_default(), side("recorded")?, side("replayed")?))
}

fn text(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}
