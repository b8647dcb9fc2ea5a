//! Values as people read them: on one line, cut or whole.

use super::session::Detail;
use playback_host::value::Value;
use playback_host::value::json::{self, View};
use serde::Serialize;
use std::fmt::{self, Display, Formatter, from_fn};
use std::io;

/// A value on one line: cut where it is long, or whole.
pub(crate) fn shown(value: &Value, detail: Detail) -> impl Display {
    from_fn(move |f| match detail {
        Detail::Short => f.write_str(&json::short(value)),
        Detail::Full => {
            let mut serializer = serde_json::Serializer::new(Text(f));
            View(value).serialize(&mut serializer).map_err(|_| fmt::Error)
        }
    })
}

/// What JSON is written to where it is a part of a text.
struct Text<'f, 't>(&'f mut Formatter<'t>);

impl io::Write for Text<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = str::from_utf8(bytes).map_err(io::Error::other)?;
        self.0.write_str(text).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_whole_and_in_its_own_order() {
        let value = Value::record([("sku", Value::from("a".repeat(100))), ("count", 2u32.into())]);
        let whole = format!(r#"{{"sku":"{}","count":2}}"#, "a".repeat(100));
        assert_eq!(shown(&value, Detail::Full).to_string(), whole);
        assert!(shown(&value, Detail::Short).to_string().chars().count() < 100);
    }
}
