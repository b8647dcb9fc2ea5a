//! The day until which a rule applies: a date of TOML, or the same as text.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Toml(toml::value::Datetime),
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = match Option::<Written>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(Written::Text(text)) => text,
        Some(Written::Toml(date)) => date.to_string(),
    };
    let date = text
        .parse()
        .map_err(|_| de::Error::custom(format!("`{text}` is not a day; write it as `2026-12-31`")));
    date.map(Some)
}

#[expect(clippy::ref_option, reason = "serde asks for it")]
pub(crate) fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    date.map(|date| date.to_string()).serialize(serializer)
}
