//! Limits that end an operation, as a recording knows them: which one it was, and what was said of it.

use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{EnumIter, EnumString, IntoStaticStr};

/// The limit that ended an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which one. Two operations that ended at limits of one kind ended alike, whatever these were set to.
    pub kind: LimitKind,
    /// The same in words, with what it was set to.
    pub text: String,
}

/// What is limited. Each kind is named as its setting is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum LimitKind {
    /// Linear memory.
    Memory,
    /// Elements of tables.
    TableElements,
    /// Core instances.
    Instances,
    /// Wall time.
    Time,
    /// Instructions.
    Fuel,
    /// Bytes written to standard streams.
    Written,
    /// Memory for the values of one call.
    Crossing,
    /// Memory for all calls of a replay.
    Recording,
}

impl LimitKind {
    /// Its name, as it stands on a tape.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, LimitKind};
    use crate::Outcome;
    use crate::value::Value;
    use strum::IntoEnumIterator;

    #[test]
    fn a_kind_has_one_name_on_tapes_and_in_json() {
        for kind in LimitKind::iter() {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::json!(kind), kind.name());
        }
        assert!("patience".parse::<LimitKind>().is_err());
    }

    #[test]
    fn outcomes_are_alike_that_a_limit_of_one_kind_ended_wherever_it_was_set() {
        let stopped = |kind, text: &str| Outcome::Stopped(Limit { kind, text: text.into() });
        let one_second = stopped(LimitKind::Time, "1s");
        assert!(one_second.is_like(&stopped(LimitKind::Time, "2s")));
        assert!(!one_second.is_like(&stopped(LimitKind::Memory, "1s")));
        assert!(!one_second.is_like(&Outcome::Trapped("1s".into())));
    }

    #[test]
    fn a_program_that_exits_ends_like_one_that_returns() {
        let returned = |case: &str, payload: Value| Outcome::Returned(Value::case(case, payload));
        for (status, case, other) in [(0, "ok", "err"), (1, "err", "ok")] {
            let (exited, returned_case) = (Outcome::Exited(status), returned(case, Value::Null));
            assert!(exited.is_like(&returned_case) && returned_case.is_like(&exited));
            assert!(!exited.is_like(&returned(other, Value::Null)));
            assert!(!exited.is_like(&returned(case, "a value".into())));
        }
    }
}
