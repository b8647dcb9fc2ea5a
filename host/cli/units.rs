//! Sizes and times, as people write and read them.

use bytesize::ByteSize;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt::Display;
use std::num::{NonZeroU64, NonZeroUsize};
use std::str::FromStr;
use std::time::Duration;

/// A number of bytes: `512MiB`, `64KiB`, `1000000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

/// A length of time: `10s`, `500ms`, `2m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Duration);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || {
            format!("`{}` is not a size; write `512MiB`, `64KiB` or a number of bytes", text.escape_debug())
        };
        let ByteSize(bytes) = text.trim().parse().map_err(|_| invalid())?;
        match usize::try_from(bytes) {
            Ok(0) => Err(format!("`{text}` is nothing at all; write at least one byte")),
            // What is too large for 64 bits is read as the most that they hold.
            Ok(usize::MAX) | Err(_) => Err(format!("`{text}` is more than this machine can address")),
            Ok(bytes) => Ok(Self(bytes)),
        }
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let invalid = || format!("`{}` is no time; write `10s`, `500ms` or `2m`", text.escape_debug());
        let time = text.trim().parse::<jiff::SignedDuration>().map_err(|_| invalid())?;
        match Duration::try_from(time) {
            Ok(Duration::ZERO) => Err(format!("`{text}` is no time at all; write more")),
            Ok(time) => Ok(Self(time)),
            Err(_) => Err(invalid()),
        }
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Size;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a size such as \"512MiB\", or a number of bytes")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Size, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Size, E> {
                number.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for Size {
    /// In the largest unit that divides it.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(bytes) = self;
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.iter().find(|(shift, _)| *bytes > 0 && bytes.trailing_zeros() >= *shift) {
            Some((shift, unit)) => serializer.collect_str(&format_args!("{}{unit}", bytes >> shift)),
            None => serializer.collect_str(&format_args!("{bytes}B")),
        }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", self.0))
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let description = "A size such as `512MiB`, or a number of bytes";
        json_schema!({ "description": description, "type": ["string", "integer"], "minimum": 1 })
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A time such as `10s` or `500ms`", "type": "string" })
    }
}

/// How many at most: a number that is not 0.
pub(crate) fn at_least_one(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "write a whole number, 1 or more".to_owned())
}

/// An amount of fuel: a number that is not 0.
pub(crate) fn fuel(text: &str) -> Result<NonZeroU64, String> {
    text.parse().map_err(|_| "write a whole number, 1 or more".to_owned())
}

/// A size with three digits: `812 B`, `1.24 KiB`.
pub(crate) fn size(bytes: u64) -> String {
    const NAMES: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut names = NAMES.iter();
    let mut name = names.next().unwrap_or(&"");
    while amount >= 1000.0
        && let Some(next) = names.next()
    {
        (amount, name) = (amount / 1024.0, next);
    }
    format!("{} {name}", three_digits(amount))
}

/// A time with three digits: `312 us`, `1.24 ms`, `12.0 s`.
pub(crate) fn duration(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..1e3 => format!("{micros:.0} us"),
        ..1e6 => format!("{} ms", three_digits(micros / 1e3)),
        _ => format!("{} s", three_digits(micros / 1e6)),
    }
}

fn three_digits(amount: f64) -> String {
    match amount {
        ..9.995 => format!("{amount:.2}"),
        ..99.95 => format!("{amount:.1}"),
        _ => format!("{amount:.0}"),
    }
}

/// `1 input`, `2 inputs`.
pub(crate) fn count(number: impl TryInto<u64>, what: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    if number == 1 { format!("{number} {what}") } else { format!("{number} {what}s") }
}

/// A time of day without fractions: `2026-01-31 12:30:05 UTC`.
pub(crate) fn moment(time: jiff::Timestamp) -> impl Display {
    time.strftime("%Y-%m-%d %H:%M:%S UTC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        let size = |text: &str| text.parse::<Size>().map(|size| size.0);
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert_eq!(size("64 kib"), Ok(64 << 10));
        assert_eq!(size("1MB"), Ok(1_000_000));
        assert_eq!(size("1000"), Ok(1000));
        assert_eq!(size("1.5GiB"), Ok(3 << 29));
        for text in ["", "MiB", "-1", "1XiB", "0", "0.1B", "99999999999TiB", "18446744073709551616", "1 2"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_need_a_unit() {
        let time = |text: &str| text.parse::<Time>().map(|time| time.0);
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("1m 30s"), Ok(Duration::from_secs(90)));
        for text in ["", "10", "-1s", "0s", "soon"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_and_times_are_written_as_they_are_read() {
        let sizes = [1, 1000, 64 << 10, 512 << 20, 3 << 40].map(Size);
        assert_eq!(sizes.map(|size| json!(size)), ["1B", "1000B", "64KiB", "512MiB", "3TiB"].map(Json::from));
        let times = [1, 1_500, 10_000_000, 90_000_000_001].map(|us| Time(Duration::from_micros(us)));
        for (size, time) in sizes.into_iter().zip(times) {
            assert_eq!(serde_json::from_value::<Size>(json!(size)).ok(), Some(size));
            assert_eq!(serde_json::from_value::<Time>(json!(time)).ok(), Some(time));
        }
    }

    #[test]
    fn amounts_are_shown_with_three_digits() {
        assert_eq!([812, 1024, 12_700, 1 << 20].map(size), ["812 B", "1.00 KiB", "12.4 KiB", "1.00 MiB"]);
        let times = [312, 1_240, 999_999, 12_000_000].map(|us| duration(Duration::from_micros(us)));
        assert_eq!(times, ["312 us", "1.24 ms", "1000 ms", "12.0 s"]);
    }
}
