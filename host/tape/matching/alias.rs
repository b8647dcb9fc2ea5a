//! Aliases with placeholders: `price.{sku}`, `rates.{order.currency}`.

use playback_recording::value::{Field, Name, Type, Value, json};
use std::fmt;

/// A parsed alias. Without placeholders every call has the same alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasPattern {
    source: Name,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A parameter's position, and the record fields below it.
    Argument(usize, Vec<String>),
}

/// An alias that cannot be used for the function it was written for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AliasError {
    /// An opening brace without its closing one, or the reverse.
    #[error("alias `{0}` has an unmatched brace; write a placeholder as `{{argument}}`")]
    Unmatched(String),
    /// Nothing at all.
    #[error("an alias is empty; leave the rule out to use the function's own name")]
    Empty,
    /// A placeholder names no argument of the function.
    #[error("alias `{alias}` names `{placeholder}`, but {problem}")]
    Unknown {
        /// The alias as written.
        alias: String,
        /// What stands between the braces.
        placeholder: String,
        /// What there is instead.
        problem: String,
    },
}

impl AliasPattern {
    /// An alias that is the same for every call.
    pub fn fixed(alias: impl Into<Name>) -> Self {
        let source = alias.into();
        Self { parts: vec![Part::Text(source.to_string())], source }
    }

    /// Parses `pattern` for a function with these `parameters`. Doubled braces stand for themselves.
    pub fn parse(pattern: &str, parameters: &[Field]) -> Result<Self, AliasError> {
        if pattern.is_empty() {
            return Err(AliasError::Empty);
        }
        let unmatched = || AliasError::Unmatched(pattern.to_owned());
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
                continue;
            }
            let (placeholder, after) = rest.split_once('}').filter(|_| brace == "{").ok_or_else(unmatched)?;
            parts.extend((!text.is_empty()).then(|| Part::Text(std::mem::take(&mut text))));
            parts.push(placeholder_in(pattern, placeholder, parameters)?);
            rest = after;
        }
        text.push_str(rest);
        parts.extend((!text.is_empty()).then_some(Part::Text(text)));
        Ok(Self { source: pattern.into(), parts })
    }

    /// Whether every call has the same alias.
    pub fn is_fixed(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The alias of a call with these arguments, one a parameter.
    pub fn render(&self, arguments: &[Value]) -> Name {
        if let [Part::Text(text)] = self.parts.as_slice() {
            // Without a placeholder or doubled brace the source is the alias: shared, not copied.
            return if **text == *self.source { self.source.clone() } else { text.as_str().into() };
        }
        let mut alias = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => alias.push_str(text),
                Part::Argument(position, fields) => {
                    let argument = arguments.get(*position).unwrap_or(&Value::Null);
                    alias.push_str(&plain(
                        fields.iter().fold(argument, |value, field| value.get(field).unwrap_or(&Value::Null)),
                    ));
                }
            }
        }
        alias.into()
    }
}

impl fmt::Display for AliasPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

fn placeholder_in(alias: &str, placeholder: &str, parameters: &[Field]) -> Result<Part, AliasError> {
    let unknown = |problem| AliasError::Unknown {
        alias: alias.to_owned(),
        placeholder: placeholder.to_owned(),
        problem,
    };
    let mut names = placeholder.split('.');
    let first = names.next().unwrap_or_default();
    let position = parameters
        .iter()
        .position(|parameter| &*parameter.name == first)
        .ok_or_else(|| unknown(format!("the function's arguments are {}", list_names(parameters))))?;
    let mut ty = &parameters[position].ty;
    let mut fields = Vec::new();
    for name in names {
        let Type::Record(declared) = ty else {
            return Err(unknown(format!("`{name}` is looked for in {ty}, which is not a record")));
        };
        let field = declared
            .iter()
            .find(|field| &*field.name == name)
            .ok_or_else(|| unknown(format!("the fields there are {}", list_names(declared))))?;
        ty = &field.ty;
        fields.push(name.to_owned());
    }
    Ok(Part::Argument(position, fields))
}

/// `a`, `b` and so on, for messages.
pub(crate) fn list_names(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => json::to_json(other).to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parameters() -> Vec<Field> {
        vec![
            Field { name: "sku".into(), ty: Type::String },
            Field {
                name: "order".into(),
                ty: Type::Record(vec![Field {
                    name: "day".into(),
                    ty: Type::Int { signed: false, bits: 32 },
                }]),
            },
        ]
    }

    fn render(pattern: &str) -> String {
        let arguments = [Value::from("apple"), Value::record([("day", Value::from(3u32))])];
        AliasPattern::parse(pattern, &parameters()).unwrap().render(&arguments).to_string()
    }

    #[test]
    fn placeholders_are_filled_from_the_arguments() {
        assert_eq!(render("price.{sku}"), "price.apple");
        assert_eq!(render("{sku}/{order.day}"), "apple/3");
        assert_eq!(render("plain"), "plain");
        assert_eq!(render("{{sku}}"), "{sku}");
    }

    #[test]
    fn a_placeholder_that_names_nothing_is_refused_with_what_there_is() {
        let message = |pattern| AliasPattern::parse(pattern, &parameters()).unwrap_err().to_string();
        assert_eq!(
            message("price.{colour}"),
            "alias `price.{colour}` names `colour`, but the function's arguments are `sku`, `order`"
        );
        assert_eq!(
            message("{order.month}"),
            "alias `{order.month}` names `order.month`, but the fields there are `day`"
        );
        assert!(message("{sku.x}").contains("is not a record"));
        assert!(message("{sku").contains("unmatched brace"));
        assert!(message("sku}").contains("unmatched brace"));
        assert!(message("").contains("empty"));
    }
}
