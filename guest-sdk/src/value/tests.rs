//! Values survive the way to the tape and back, and look there as the recording format says.

#![allow(clippy::unwrap_used, reason = "tests panic where a promise is broken")]

use super::*;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    id: String,
    lines: Vec<Line>,
    note: Option<Option<String>>,
    paid: Paid,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
    count: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Paid {
    No,
    Cash(f64),
    Card { number: String, month: u8 },
    Split(u8, u8),
}

fn written(value: impl Serialize) -> Vec<u8> {
    let mut out = Vec::new();
    write(&value, &mut out).unwrap();
    out
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) -> Vec<u8> {
    let bytes = written(&value);
    assert_eq!(read::<T>(&bytes).unwrap(), (value, vec![]), "{bytes:02x?}");
    bytes
}

fn order(paid: Paid, note: Option<Option<String>>) -> Order {
    let line = |sku: &str, count| Line { sku: sku.into(), count };
    Order { id: "o-1".into(), lines: vec![line("apple", 3), line("bread", 300)], note, paid }
}

#[test]
fn whatever_serde_can_say_comes_back_as_it_was() {
    for paid in [Paid::No, Paid::Cash(2.5), Paid::Card { number: "42".into(), month: 7 }, Paid::Split(1, 2)] {
        for note in [None, Some(None), Some(Some("leave it".to_owned()))] {
            round_trip(order(paid.clone(), note));
        }
    }
    round_trip((i64::MIN, i64::MAX, u64::MAX, -1_i8, 'ß', true, (), [1_u8, 2, 3]));
    round_trip([u128::MAX, u128::from(u64::MAX), 0]);
    round_trip([i128::MIN, i128::MAX, -1, 0]);
    round_trip(HashMap::from([(3_u32, "three".to_owned()), (1, "one".to_owned())]));
    round_trip(BTreeMap::from([("a".to_owned(), vec![0_u16; 3])]));
    round_trip(vec![Some(()), None]);
    round_trip(Some(Some(Some(5))));
    round_trip(vec![Some(Some(1)), Some(None), None]);
    round_trip(Ok::<_, String>(vec![(1, 2)]));
    round_trip(Err::<(), _>("no".to_owned()));
    round_trip(Ok::<(), String>(()));
    round_trip(vec![Vec::<u8>::new(), vec![1, 2]]);
    assert_eq!(read::<f32>(&round_trip(-0.0_f32)).unwrap().0.to_bits(), (-0.0_f32).to_bits());
    let nan = f64::from_bits(0x7ff8_dead_beef_0001);
    assert_eq!(read::<f64>(&written(nan)).unwrap().0.to_bits(), nan.to_bits());
}

#[test]
fn what_is_in_an_option_is_not_mistaken_for_the_option() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct One {
        some: Option<u8>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[allow(non_camel_case_types, reason = "named to be mistaken")]
    enum Case {
        some(u8),
        other { some: u8 },
    }
    let json = [
        json!(null),
        json!({"some": null}),
        json!({"some": {"some": null}}),
        json!([null]),
        json!({"some": 1, "b": 2}),
    ];
    for value in json {
        round_trip(Some(value.clone()));
        round_trip(vec![Some(Some(value.clone())), Some(None), None]);
    }
    round_trip(vec![Some(One { some: None }), Some(One { some: Some(1) }), None]);
    round_trip(vec![Some(Case::some(1)), Some(Case::other { some: 1 }), None]);
    round_trip(vec![Some(BTreeMap::from([("some".to_owned(), 1)])), Some(BTreeMap::new()), None]);
}

#[test]
fn what_serde_keeps_until_it_knows_the_type_comes_back_too() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Outer {
        id: u8,
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Inner {
        bytes: Vec<u8>,
        note: Option<Sort>,
        #[serde(with = "serde_bytes")]
        more: Vec<u8>,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Sort {
        Nothing(()),
        Bytes(Vec<u8>),
        Text(String),
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "sort")]
    enum Tagged {
        Of(Inner),
    }
    let inner = |note| Inner { bytes: vec![1, 2], note, more: vec![3] };
    for note in [None, Some(Sort::Bytes(vec![0])), Some(Sort::Text("a".into()))] {
        round_trip(Outer { id: 1, inner: inner(note) });
    }
    round_trip(vec![Some(Sort::Nothing(())), Some(Sort::Bytes(vec![0])), None]);
    round_trip(Tagged::Of(inner(None)));
}

#[test]
fn a_value_looks_as_the_recording_format_says() {
    assert_eq!(written(vec![1_u8, 2, 3]), [0x43, 1, 2, 3], "bytes are one string");
    assert_eq!(written(vec![1_u16, 2, 3]), [0x83, 1, 2, 3]);
    assert_eq!(written((1_u8, 2_u8)), [0x82, 1, 2]);
    assert_eq!(written(Paid::No), b"\x62No");
    assert_eq!(written(Ok::<u8, ()>(1)), b"\xa1\x62ok\x01");
    assert_eq!(written(Err::<(), u8>(1)), b"\xa1\x63err\x01");
    assert_eq!(written(None::<u8>), [0xf6]);
    assert_eq!(written(Some(1)), [1]);
    assert_eq!(written(Some(None::<u8>)), b"\xa1\x64some\xf6");
    assert_eq!(written(-1), [0x20]);
    assert_eq!(written(-300), [0x39, 1, 0x2b]);
    assert_eq!(written(BTreeMap::from([(2, 3)])), [0x81, 0x82, 2, 3], "keys that are no texts are pairs");
}

#[test]
fn bytes_are_read_as_serde_reads_them_whatever_was_kept() {
    for bytes in [vec![], vec![1, 2, 3], vec![7; 1_000]] {
        assert_eq!(read_bytes(&written(&bytes)).unwrap().0, bytes);
        let mut out = Vec::new();
        write_bytes(&bytes, &mut out).unwrap();
        assert_eq!(out, written(&bytes), "and written alike");
    }
    assert_eq!(written(vec![7_u8; 1_000]), written(serde_bytes::ByteBuf::from(vec![7; 1_000])));
    // One by one, as an array is.
    assert_eq!(read_bytes(&written([1_u8, 2])).unwrap().0, [1, 2]);
    read_bytes(&written("text")).unwrap_err();
    read_bytes(&[0x43, 1]).unwrap_err();
}

#[test]
fn a_map_is_the_same_in_whatever_order_it_was_filled() {
    let words = ["apple", "bread", "cheese", "dates", "eggs", "flour"];
    let forward: HashMap<&str, usize> = words.iter().map(|word| (*word, word.len())).collect();
    let backward: HashMap<&str, usize> = words.iter().rev().map(|word| (*word, word.len())).collect();
    assert_eq!(written(forward), written(backward));
}

/// Announces other than it has.
struct Announced {
    fields: usize,
    items: usize,
}

impl Serialize for Announced {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Items(usize);

        impl Serialize for Items {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeTuple;
                let mut items = serializer.serialize_tuple(self.0)?;
                items.serialize_element(&1)?;
                items.end()
            }
        }

        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("Announced", self.fields)?;
        fields.serialize_field("items", &Items(self.items))?;
        fields.end()
    }
}

/// A sequence that does not say how many items it has.
struct Uncounted(Vec<serde_json::Value>);

impl Serialize for Uncounted {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let mut items = serializer.serialize_seq(None)?;
        for item in &self.0 {
            match item.as_u64() {
                // Bytes as such, everything else as it is.
                Some(byte @ 0..=255) => items.serialize_element(&(byte as u8))?,
                _ => items.serialize_element(item)?,
            }
        }
        items.end()
    }
}

#[test]
fn a_sequence_is_bytes_only_if_all_of_it_is() {
    let of = |items: serde_json::Value| written(Uncounted(items.as_array().unwrap().clone()));
    assert_eq!(of(json!([1, 2, 200])), [0x43, 1, 2, 200]);
    assert_eq!(of(json!([1, 200, "x"])), [0x83, 1, 0x18, 200, 0x61, b'x']);
    assert_eq!(of(json!(["x", 1])), [0x82, 0x61, b'x', 1]);
    assert_eq!(of(json!([])), [0x80]);
}

#[test]
fn an_argument_is_the_same_whether_or_not_its_type_has_optional_fields_with_nothing_in_them() {
    #[derive(Serialize, Default)]
    struct Many {
        a: u8,
        b: Option<u8>,
        c: Option<Box<Many>>,
        #[serde(flatten)]
        d: BTreeMap<String, Option<u8>>,
    }
    #[derive(Serialize)]
    struct Few {
        a: u8,
        c: Option<Box<Few>>,
    }
    let argument = |value: &dyn Fn(&mut Vec<u8>) -> Result<(), Error>| {
        let mut out = Vec::new();
        value(&mut out).unwrap();
        out
    };
    #[derive(Serialize)]
    struct Wide {
        a: [u8; 2],
        b: Option<u8>,
        c: Option<u8>,
    }
    let wide = Wide { a: [1, 2], b: None, c: Some(3) };
    assert_eq!(argument(&|out| write_argument(&wide, out)), b"\xa2\x61a\x82\x01\x02\x61c\x03");
    let few = Few { a: 1, c: Some(Box::new(Few { a: 0, c: None })) };
    let bytes = argument(&|out| write_argument(&few, out));
    assert_eq!(bytes, b"\xa2\x61a\x01\x61c\xa1\x61a\x00");
    // The entries of a map are no fields: that one is there says something.
    let many = Many { d: BTreeMap::from([("e".to_owned(), None)]), ..Many::default() };
    assert!(argument(&|out| write_argument(&many, out)).ends_with(b"\x61e\xf6"));
}

#[test]
fn a_field_that_is_new_is_none_and_one_that_is_gone_is_noted() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Line {
        sku: String,
        note: Option<String>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        lines: Vec<Line>,
    }
    let bytes = written(order(Paid::No, None));
    let (read, dropped) = read::<Order>(&bytes).unwrap();
    assert_eq!(read.lines[1], Line { sku: "bread".into(), note: None });
    assert_eq!(dropped, ["/id", "/lines/0/count", "/lines/1/count", "/note", "/paid"]);
}

#[test]
fn what_does_not_fit_says_where() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Order {
        lines: Vec<Line>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Line {
        count: String,
    }
    let problem = read::<Order>(&written(order(Paid::No, None))).unwrap_err().to_string();
    assert_eq!(problem, "at `/lines/0/count`: invalid type: integer `3`, expected a string");
    let problem = read::<Vec<u8>>(&written(("x", 1))).unwrap_err().to_string();
    assert_eq!(problem, "at `/0`: invalid type: string \"x\", expected u8");
    let problem = read::<Paid>(&written("Gold")).unwrap_err().to_string();
    assert!(problem.starts_with("unknown variant `Gold`, expected one of `No`, `Cash`"), "{problem}");
    let problem = read::<u128>(&written("many")).unwrap_err().to_string();
    assert_eq!(problem, "`many` is not an integer");
    for (value, problem) in [
        (Announced { fields: 2, items: 1 }, "it says that it has 2 fields, and has 1"),
        (Announced { fields: 1, items: 3 }, "at `/items`: it says that it has 3 items, and has 1"),
    ] {
        assert_eq!(write(&value, &mut Vec::new()).unwrap_err().to_string(), problem);
    }
}

#[test]
fn bytes_that_are_no_value_are_refused_and_never_panic() {
    let whole = written(order(Paid::Card { number: "42".into(), month: 7 }, Some(None)));
    for at in 0..whole.len() {
        read::<Order>(&whole[..at]).unwrap_err();
        for byte in [0, 0x1f, 0x5f, 0x9b, 0xbf, 0xc6, 0xf7, 0xff] {
            let mut changed = whole.clone();
            changed[at] = byte;
            let _ = read::<Order>(&changed);
            let _ = read::<serde_json::Value>(&changed);
        }
    }
    let deep = [vec![0x81; 1_000], vec![0]].concat();
    assert_eq!(
        read::<serde_json::Value>(&deep).unwrap_err().to_string().matches("nests too deep").count(),
        1
    );
    let claims = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    read::<Vec<u64>>(&claims).unwrap_err();
    assert!(read::<u8>(&[1, 2]).unwrap_err().to_string().contains("follow it"));
}
