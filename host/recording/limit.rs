//! Limits that end an operation, as a recording knows them: which one it was, and what was said of it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The limit that ended an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// Which one. Two operations that ended at limits of one kind ended alike, whatever these were set to.
    pub kind: LimitKind,
    /// The same in words, with what it was set to.
    pub text: String,
}

/// What is limited. Each kind is named as its setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::Memory,
        Self::TableElements,
        Self::Instances,
        Self::Time,
        Self::Fuel,
        Self::Written,
        Self::Crossing,
        Self::Recording,
    ];

    /// Its name, as it stands on a tape.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::TableElements => "table-elements",
            Self::Instances => "instances",
            Self::Time => "time",
            Self::Fuel => "fuel",
            Self::Written => "written",
            Self::Crossing => "crossing",
            Self::Recording => "recording",
        }
    }

    /// The kind of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for LimitKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
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

    #[test]
    fn a_kind_has_one_name_on_tapes_and_in_json() {
        for kind in LimitKind::ALL {
            assert_eq!(LimitKind::named(kind.name()), Some(kind));
            assert_eq!(serde_json::json!(kind), kind.name());
        }
        assert_eq!(LimitKind::named("patience"), None);
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
