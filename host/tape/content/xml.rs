//! XML as a value.

use playback_recording::value::{MAX_DEPTH, Name, Value};

/// Returns the document that a text is in XML. An element is a case by its name, with its attributes and its content. Comments, and white space between elements, are left
/// out.
pub fn xml(text: &str) -> Option<Value> {
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
