//! What differs between a value that was recorded and the one that a replay gave, place by place. It reports;
//! what may be ignored is for comparators to say.

mod detail;

pub use detail::{BytesDifference, BytesSide, Detail, TextDifference};

use super::pointer::Pointer;
use super::{Name, Value, json};
use std::collections::HashMap;
use std::fmt;

/// Up to this many fields, looking through them is faster than hashing.
const FEW_FIELDS: usize = 16;

/// One place at which two values differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The place, as a JSON pointer; empty for the whole.
    pub path: String,
    /// What was there when recording; none where there was nothing, not even [`Value::Null`].
    pub recorded: Option<Value>,
    /// What is there on replay.
    pub replayed: Option<Value>,
}

/// Every place at which the values differ, each as deep as it can be told. Fields are compared by name in any
/// order, items of lists by index; a variant with another case and byte strings differ as a whole.
pub fn diff(recorded: &Value, replayed: &Value) -> Vec<Difference> {
    diff_up_to(recorded, replayed, usize::MAX)
}

/// The first of the places at which the values differ, so many at most.
fn diff_up_to(recorded: &Value, replayed: &Value, limit: usize) -> Vec<Difference> {
    let mut found = Found { differences: Vec::new(), limit };
    compare(Some(recorded), Some(replayed), &Pointer::Root, &mut found);
    found.differences
}

struct Found {
    differences: Vec<Difference>,
    limit: usize,
}

fn compare(recorded: Option<&Value>, replayed: Option<&Value>, at: &Pointer<'_>, out: &mut Found) {
    match (recorded, replayed) {
        _ if out.differences.len() >= out.limit => {}
        (Some(Value::List(recorded)), Some(Value::List(replayed))) => {
            for index in 0..recorded.len().max(replayed.len()) {
                compare(recorded.get(index), replayed.get(index), &at.item(index), out);
            }
        }
        (Some(Value::Map(recorded)), Some(Value::Map(replayed))) if !is_other_case(recorded, replayed) => {
            compare_fields(recorded, replayed, at, out);
        }
        (recorded, replayed) if recorded != replayed => out.differences.push(Difference {
            path: at.to_string(),
            recorded: recorded.cloned(),
            replayed: replayed.cloned(),
        }),
        _ => {}
    }
}

type Fields = [(Name, Value)];

fn is_other_case(recorded: &Fields, replayed: &Fields) -> bool {
    matches!((recorded, replayed), ([(recorded, _)], [(replayed, _)]) if recorded != replayed)
}

fn compare_fields(recorded: &Fields, replayed: &Fields, at: &Pointer<'_>, out: &mut Found) {
    let in_recorded = Lookup::new(recorded);
    let in_replayed = Lookup::new(replayed);
    for (index, (name, value)) in recorded.iter().enumerate() {
        compare(Some(value), in_replayed.get(index, name), &at.field(name), out);
    }
    for (index, (name, value)) in replayed.iter().enumerate() {
        if in_recorded.get(index, name).is_none() {
            compare(None, Some(value), &at.field(name), out);
        }
    }
}

/// Fields by name, in linear time for a record of any size.
struct Lookup<'v> {
    fields: &'v Fields,
    by_name: Option<HashMap<&'v str, &'v Value>>,
}

impl<'v> Lookup<'v> {
    fn new(fields: &'v Fields) -> Self {
        let hashed = || fields.iter().map(|(name, value)| (&**name, value)).collect();
        Self { fields, by_name: (fields.len() > FEW_FIELDS).then(hashed) }
    }

    /// The field `name`, which is most likely at `index`.
    fn get(&self, index: usize, name: &str) -> Option<&'v Value> {
        match (self.fields.get(index), &self.by_name) {
            (Some((found, value)), _) if **found == *name => Some(value),
            (_, Some(by_name)) => by_name.get(name).copied(),
            (_, None) => self.fields.iter().find(|(found, _)| **found == *name).map(|(_, value)| value),
        }
    }
}

impl Difference {
    /// Returns what differs inside the values where they are too long to be shown whole, or are bytes.
    pub fn detail(&self) -> Option<Detail> {
        Detail::of(self.recorded.as_ref()?, self.replayed.as_ref()?)
    }
}

/// On one line: `/total: 12.5 -> 12.49`; of long values the part that differs, with its place.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(detail) = self.detail() {
            return detail.put(&self.path, f);
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path.escape_debug())?;
        }
        let shown = |side: &Option<Value>| side.as_ref().map_or("(absent)".to_owned(), json::short);
        write!(f, "{} -> {}", shown(&self.recorded), shown(&self.replayed))
    }
}

#[cfg(test)]
mod tests {
    use super::super::arbitrary;
    use super::*;
    use proptest::prelude::*;

    fn lines(recorded: &Value, replayed: &Value) -> Vec<String> {
        diff(recorded, replayed).iter().map(Difference::to_string).collect()
    }

    #[test]
    fn fields_are_compared_by_name() {
        let recorded =
            Value::record([("total", Value::from(12.5)), ("sku", "a".into()), ("gone", true.into())]);
        let replayed =
            Value::record([("sku", Value::from("a")), ("note", "x".into()), ("total", 12.49.into())]);
        let expected = ["/total: 12.5 -> 12.49", "/gone: true -> (absent)", "/note: (absent) -> \"x\""];
        assert_eq!(lines(&recorded, &replayed), expected);
    }

    #[test]
    fn records_with_many_fields_are_compared_by_name_too() {
        let fields = |range: &mut dyn Iterator<Item = u16>| {
            Value::record(range.map(|number| (format!("f{number}"), Value::from(number))))
        };
        assert_eq!(diff(&fields(&mut (0..100)), &fields(&mut (0..100).rev())), []);
        assert_eq!(lines(&fields(&mut (0..100)), &fields(&mut (1..100))), ["/f0: 0 -> (absent)"]);
    }

    #[test]
    fn a_variant_with_another_case_differs_as_a_whole() {
        let (recorded, replayed) = (Value::case("ok", 1.into()), Value::case("err", "no".into()));
        assert_eq!(lines(&recorded, &replayed), [r#"{"ok":1} -> {"err":"no"}"#]);
        assert_eq!(lines(&recorded, &Value::case("ok", 2.into())), ["/ok: 1 -> 2"]);
    }

    #[test]
    fn items_are_compared_by_index() {
        let list = |items: &[i32]| Value::List(items.iter().map(|item| (*item).into()).collect());
        assert_eq!(lines(&list(&[1, 2, 3]), &list(&[1, 5])), ["/1: 2 -> 5", "/2: 3 -> (absent)"]);
        assert_eq!(lines(&list(&[]), &list(&[1])), ["/0: (absent) -> 1"]);
    }

    #[test]
    fn nothing_is_not_absent() {
        let note = |value| Value::record([("note", value)]);
        assert_eq!(lines(&note(Value::Null), &note("".into())), ["/note: null -> \"\""]);
        assert_eq!(lines(&Value::Map(vec![]), &note(Value::Null)), ["/note: (absent) -> null"]);
    }

    #[test]
    fn bytes_say_where_they_begin_to_differ() {
        let (recorded, mut replayed) = (vec![0; 1024], vec![0; 1030]);
        replayed[512] = 1;
        let expected =
            "<1024 bytes> -> <1030 bytes>, unlike from byte 512 on: 0000000000000000… -> 0100000000000000…";
        assert_eq!(lines(&Value::Bytes(recorded), &Value::Bytes(replayed)), [expected]);
    }

    #[test]
    fn long_texts_are_shown_from_where_they_differ() {
        let text = |end: &str| Value::Text(format!("{}{end}", "ä".repeat(500)));
        let context = "ä".repeat(12);
        let expected = format!("…\"{context}x\" -> …\"{context}y\", unlike from character 501 on");
        assert_eq!(lines(&text("x"), &text("y")), [expected]);
    }

    #[test]
    fn a_nan_is_equal_to_itself_and_the_zeros_differ() {
        assert_eq!(diff(&f64::NAN.into(), &f64::NAN.into()), []);
        assert_eq!(lines(&0.0.into(), &(-0.0).into()), ["0.0 -> -0.0"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn there_are_differences_just_where_values_are_unequal(
            (recorded, replayed) in arbitrary::types()
                .prop_flat_map(|ty| (arbitrary::values(&ty), arbitrary::values(&ty))),
        ) {
            prop_assert_eq!(diff(&recorded, &recorded), []);
            let differences = diff(&recorded, &replayed);
            prop_assert_eq!(differences.is_empty(), recorded == replayed);
            for difference in differences {
                prop_assert_ne!(&difference.recorded, &difference.replayed);
                prop_assert!(difference.to_string().contains(" -> "));
            }
        }
    }
}
