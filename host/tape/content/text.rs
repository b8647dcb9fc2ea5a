//! Bodies that are text: JSON, lines of JSON, and lines.

use playback_recording::value::{Value, json};

/// Up to how many bytes a text is read as JSON.
const MAX_JSON_BYTES: usize = 16 << 20;
/// The most lines of which each is a part: lines are aligned, which takes long where there are many.
const MAX_LINES: usize = 10_000;

/// Any JSON value.
pub(super) fn json(text: &str) -> Option<Value> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json = (text.len() <= MAX_JSON_BYTES).then(|| json::parse(text).ok()).flatten()?;
    json::from_json(json).ok()
}

/// A JSON value a line.
pub(super) fn json_lines(text: &str) -> Option<Value> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let is_short = text.len() <= MAX_JSON_BYTES && lines.clone().count() <= MAX_LINES;
    is_short.then(|| lines.map(json).collect::<Option<_>>().map(Value::List)).flatten()
}

/// The lines of a text. What ends the last line counts, and so does how lines end.
pub(super) fn lines(text: &str) -> Option<Value> {
    let is_short = text.split('\n').count() <= MAX_LINES;
    is_short.then(|| Value::List(text.split('\n').map(Value::from).collect()))
}
