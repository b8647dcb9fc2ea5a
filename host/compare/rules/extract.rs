//! The one value of an operation that is compared, where a user names one.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Names one value: `outcome/ok/total`, or `shop:orders/outputs#store#1/args/0`, which is the first argument of the first call
/// of that output. Arguments go by position or by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extract {
    /// In the outcome, at this JSON pointer.
    Outcome(String),
    /// In the arguments of a call.
    Output {
        /// The output's alias.
        alias: String,
        /// Which call of it, from 1.
        ordinal: usize,
        /// The JSON pointer in its arguments.
        path: String,
    },
}

/// The text names no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names no value; write `outcome/ok/total`, or `shop:orders/outputs#store#1/args/0` for an argument of a call"
)]
pub struct InvalidExtract(String);

impl FromStr for Extract {
    type Err = InvalidExtract;

    fn from_str(text: &str) -> Result<Self, InvalidExtract> {
        let invalid = || InvalidExtract(text.to_owned());
        if let Some(path) = text.strip_prefix("outcome")
            && (path.is_empty() || path.starts_with('/'))
        {
            return Ok(Self::Outcome(path.to_owned()));
        }
        // An alias may have a `#` and a `/args`: the last that fits counts.
        let (alias, rest) = text.rsplit_once('#').ok_or_else(invalid)?;
        let (ordinal, path) = rest.split_once("/args").unwrap_or((rest, ""));
        let ordinal = ordinal.parse().ok().filter(|ordinal| *ordinal > 0).ok_or_else(invalid)?;
        if alias.is_empty() || !(path.is_empty() || path.starts_with('/')) {
            return Err(invalid());
        }
        Ok(Self::Output { alias: alias.to_owned(), ordinal, path: path.to_owned() })
    }
}

impl fmt::Display for Extract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome(path) => write!(f, "outcome{path}"),
            Self::Output { alias, ordinal, path } => write!(f, "{alias}#{ordinal}/args{path}"),
        }
    }
}

impl Serialize for Extract {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Extract {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Extract;

    #[test]
    fn a_value_is_named_by_its_output_its_call_and_its_place() {
        let output = |path: &str| Extract::Output {
            alias: "shop:orders/outputs#store".into(),
            ordinal: 1,
            path: path.into(),
        };
        assert_eq!("shop:orders/outputs#store#1/args/0".parse(), Ok(output("/0")));
        assert_eq!("shop:orders/outputs#store#1/args".parse(), Ok(output("")));
        assert_eq!("outcome/ok/total".parse(), Ok(Extract::Outcome("/ok/total".into())));
        assert_eq!("outcome".parse(), Ok(Extract::Outcome(String::new())));
    }

    #[test]
    fn a_text_that_names_no_value_is_refused() {
        for text in ["", "outcomes", "store", "store#0/args/0", "store#1/argument", "#1/args"] {
            assert!(text.parse::<Extract>().is_err(), "{text}");
        }
    }
}
