//! How much more a build may cost: `max-increase` of `playback.toml`.

use super::Measure;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

/// How much more a build may cost in one number: `"5%"`, or an absolute number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A share of what it cost before, in steps of 0.0001 %.
    Percent(u64),
    /// So much.
    Absolute(u64),
}

/// The text is not a bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an increase; write a percentage with at most four decimals such as `5%`, or a whole number"
)]
pub struct InvalidBound(String);

/// How much more a build may cost. Each bound holds for the total of a category: all its recordings that were measured, together.
/// `compare --cost` judges it, and a run fails where it is exceeded. A shard is judged by its own recordings, and a merged report by
/// all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct MaxIncrease {
    /// Of the wasm instructions that the service runs. It needs a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<Bound>,
    /// Of the most linear memory that it has. It needs a baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bound>,
    /// Of the calls that cross its boundary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crossings: Option<Bound>,
    /// Of the bytes of their arguments and results.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Bound>,
}

/// In one percent.
const STEPS: u64 = 10_000;

impl Bound {
    /// Returns true if a cost may change so.
    pub fn allows(self, before: u64, after: u64) -> bool {
        let increase = u128::from(after.saturating_sub(before));
        match self {
            Self::Percent(steps) => {
                increase * u128::from(100 * STEPS) <= u128::from(before) * u128::from(steps)
            }
            Self::Absolute(most) => increase <= u128::from(most),
        }
    }
}

impl MaxIncrease {
    /// Returns the bound of one number.
    pub fn of(&self, measure: Measure) -> Option<Bound> {
        match measure {
            Measure::Instructions => self.instructions,
            Measure::Memory => self.memory,
            Measure::Crossings => self.crossings,
            Measure::Bytes => self.bytes,
        }
    }

    /// Returns these bounds, and those of `other` where this has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            instructions: self.instructions.or(other.instructions),
            memory: self.memory.or(other.memory),
            crossings: self.crossings.or(other.crossings),
            bytes: self.bytes.or(other.bytes),
        }
    }
}

impl FromStr for Bound {
    type Err = InvalidBound;

    fn from_str(text: &str) -> Result<Self, InvalidBound> {
        let parsed = || {
            let Some(percent) = text.trim().strip_suffix('%') else {
                return text.trim().parse().ok().map(Self::Absolute);
            };
            let (whole, part) = percent.trim_end().split_once('.').unwrap_or((percent.trim_end(), "0"));
            let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
            if !is_number(whole) || !is_number(part) || part.len() > 4 {
                return None;
            }
            let steps = whole.parse::<u64>().ok()?.checked_mul(STEPS)?;
            Some(Self::Percent(steps.checked_add(format!("{part:0<4}").parse().ok()?)?))
        };
        parsed().ok_or_else(|| InvalidBound(text.escape_debug().to_string()))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(steps) if steps % STEPS == 0 => write!(f, "{}%", steps / STEPS),
            Self::Percent(steps) => {
                let part = format!("{:04}", steps % STEPS);
                write!(f, "{}.{}%", steps / STEPS, part.trim_end_matches('0'))
            }
            Self::Absolute(most) => most.fmt(f),
        }
    }
}

impl Serialize for Bound {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Percent(_) => serializer.collect_str(self),
            Self::Absolute(most) => serializer.serialize_u64(*most),
        }
    }
}

impl<'de> Deserialize<'de> for Bound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Bound;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a percentage such as \"5%\", or a whole number")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Bound, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Bound, E> {
                Ok(Bound::Absolute(number))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Bound, E> {
                number.to_string().parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Bound {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Bound".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let description = "A percentage such as `5%`, or a whole number";
        schemars::json_schema!({ "description": description, "type": ["string", "integer"], "minimum": 0 })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

    use super::*;

    #[test]
    fn bounds_are_read_as_they_are_written_and_what_is_none_is_refused() {
        for (text, bound, written) in [
            ("5%", Bound::Percent(50_000), "5%"),
            (" 0.5 %", Bound::Percent(5_000), "0.5%"),
            ("0.0001%", Bound::Percent(1), "0.0001%"),
            ("0%", Bound::Percent(0), "0%"),
            ("1000", Bound::Absolute(1_000), "1000"),
        ] {
            assert_eq!(text.parse(), Ok(bound));
            assert_eq!(bound.to_string(), written);
            let json = serde_json::to_string(&bound).unwrap();
            assert_eq!(serde_json::from_str::<Bound>(&json).unwrap(), bound);
        }
        for text in
            ["", "%", "-5%", "+5%", "5.%", ".5%", "5.00001%", "1e3%", "-1", "5 %%", "99999999999999999999%"]
        {
            let error = text.parse::<Bound>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{text}` is not an increase")), "{error}");
        }
    }

    #[test]
    fn a_bound_is_exact_to_the_last_instruction() {
        let five = Bound::Percent(50_000);
        assert!(five.allows(1_000_000, 1_050_000) && !five.allows(1_000_000, 1_050_001));
        assert!(five.allows(1_000_000, 10) && five.allows(0, 0) && !five.allows(0, 1));
        let none = Bound::Percent(0);
        assert!(none.allows(u64::MAX, u64::MAX) && !none.allows(u64::MAX - 1, u64::MAX));
        assert!(Bound::Percent(u64::MAX).allows(u64::MAX / 2, u64::MAX));
        let ten = Bound::Absolute(10);
        assert!(ten.allows(0, 10) && !ten.allows(0, 11) && ten.allows(5, 0));
    }
}
