//! Texts and bytes as values with parts, where a rule says what they are.

use crate::rules::Format;
use playback_recording::value::readable;
use playback_recording::value::{MAX_DEPTH, Name, Value};

/// Returns the value as text, if it is text.
pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Bytes(bytes) => readable::text(bytes),
        _ => None,
    }
}

/// Returns the parts of a text of this format. `None`: it is not of this format, and is compared as it is.
pub(super) fn of(value: &Value, format: Format) -> Option<Value> {
    let text = text(value)?;
    match format {
        Format::Json => readable::json_value(text),
        Format::Xml => xml(text),
        Format::Text => Some(lines(text)),
    }
}

fn lines(text: &str) -> Value {
    Value::List(text.lines().map(Value::from).collect())
}

/// An element is a case by its name, with its attributes and its content. Comments, and white space between elements, are left
/// out.
pub(crate) fn xml(text: &str) -> Option<Value> {
    let document = roxmltree::Document::parse(text).ok()?;
    element(document.root_element(), 0)
}

fn element(node: roxmltree::Node<'_, '_>, depth: usize) -> Option<Value> {
    // An element takes three levels of a value.
    if depth > MAX_DEPTH / 4 {
        return None;
    }
    let name = |name: &str, space: Option<&str>| match space {
        Some(space) => format!("{{{space}}}{name}"),
        None => name.to_owned(),
    };
    let attributes = node.attributes().map(|attribute| {
        let name = name(attribute.name(), attribute.namespace());
        (Name::from(format!("@{name}")), Value::from(attribute.value()))
    });
    let mut fields: Vec<(Name, Value)> = attributes.collect();
    let mut content = Vec::new();
    for child in node.children() {
        if child.is_element() {
            content.push(element(child, depth + 1)?);
        } else if let Some(text) = child.text().filter(|text| child.is_text() && !text.trim().is_empty()) {
            content.push(text.trim().into());
        }
    }
    if !content.is_empty() {
        fields.push(("content".into(), Value::List(content)));
    }
    let tag = node.tag_name();
    Some(Value::case(name(tag.name(), tag.namespace()), Value::Map(fields)))
}
