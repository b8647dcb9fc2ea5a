#![allow(clippy::unwrap_used, clippy::panic)]

use super::super::error::truncated;
use super::*;
use crate::value::cbor;
use std::sync::Arc;

fn read(bytes: &[u8]) -> Read<Value> {
    Reader::new(bytes, 1 << 16).value()
}

fn reason(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn what_is_never_written_is_refused() {
    assert_eq!(reason(b"\x9f\x01\xff"), "at byte 0: indefinite lengths are not allowed in a recording");
    assert_eq!(
        reason(b"\x81\xf9\x3c\x00"),
        "at byte 1: a half-precision float is not allowed in a recording"
    );
    assert_eq!(reason(b"\xc1\x00"), "at byte 0: tag 1 has no meaning in a recording");
    assert_eq!(reason(b"\xa1\x01\x02"), "at byte 1: expected a text, found an unsigned integer");
    assert!(reason(b"\x62\xff\xff").starts_with("at byte 0: the text is not UTF-8: invalid"));
    assert_eq!(reason(b"\x1c"), "at byte 0: no item of CBOR begins like this");
    assert_eq!(reason(b"\xf7"), "at byte 0: a simple value without a meaning is not allowed in a recording");
    assert_eq!(reason(b"\xa2\x61a\xf6\x61a\xf6"), "at byte 1: the map has `a` twice");
    assert!(reason(b"\xd8\x27\x1b\xff\xff\xff\xff\xff\xff\xff\xff").contains("too large for the number"));
}

#[test]
fn a_name_that_comes_twice_is_found_among_many() {
    let mut entries: Vec<(Name, Value)> = (0..100).map(|n| (format!("n{n}").into(), Value::Null)).collect();
    assert_eq!(repeated(&entries), None);
    entries.push(("n7".into(), Value::Null));
    assert_eq!(repeated(&entries).map(|name| &**name), Some("n7"));
}

#[test]
fn claimed_lengths_take_no_memory() {
    for head in [b"\x9b", b"\xbb", b"\x5b", b"\x7b"] {
        let bytes = [&head[..], &[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]].concat();
        assert_eq!(read(&bytes), Err(truncated(0)));
    }
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |depth: usize| [vec![0x81; depth], vec![0xf6]].concat();
    assert!(read(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(reason(&nested(MAX_DEPTH + 1)), "at byte 128: values nest more than 128 deep");
    assert!(read(&nested(60_000)).is_err());
}

#[test]
fn memory_ends_at_the_budget() {
    let mut bytes = vec![0x99, 0x04, 0x00];
    bytes.resize(3 + 1024, 0xf6);
    let needed = size_of::<Value>() * 1025;
    assert!(Reader::new(&bytes, needed).value().is_ok());
    let refused = Reader::new(&bytes, needed - 1).value();
    assert_eq!(refused, Err(Box::new(ReadError::TooLarge { offset: 3, budget: needed - 1 })));
}

#[test]
fn names_of_fields_are_shared() {
    let order = Value::record([("sku", Value::from("a")), ("count", 1u8.into())]);
    let mut bytes = Vec::new();
    cbor::write(&Value::List(vec![order.clone(), order]), &mut bytes);
    let Value::List(orders) = read(&bytes).unwrap() else { panic!("not a list") };
    let [Value::Map(first), Value::Map(second)] = &orders[..] else { panic!("not two records") };
    assert!(Arc::ptr_eq(&first[1].0, &second[1].0));
}
