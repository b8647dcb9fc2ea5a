//! Values as CBOR ([RFC 8949](https://www.rfc-editor.org/rfc/rfc8949)), by the table in [`crate::value`].
//!
//! Writing never fails: each function appends one item, in its shortest form, to bytes in memory. Reading is
//! [`Reader`]'s, which trusts nothing. What the items of a recording mean is [`crate`]'s business.

use super::Value;

mod error;
mod head;
mod length;
mod read;

pub use error::ReadError;
pub use length::length;
pub use read::Reader;

/// The CBOR tag of a resource: *identifier*.
pub const HANDLE_TAG: u64 = 39;

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

/// The encoding of `value`.
pub fn to_vec(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(value, &mut bytes);
    bytes
}

/// Appends a value.
///
/// What no component can say, an integer of more than 64 bits, is written exactly too (as a bignum), but a
/// [`Reader`] refuses it, as it does a name that a map has twice and nesting beyond
/// [`MAX_DEPTH`](super::MAX_DEPTH).
pub fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => write_null(out),
        Value::Bool(value) => out.push(0xf4 | u8::from(*value)),
        Value::Int(value) => write_int(*value, out),
        Value::F32(value) => {
            out.push(0xfa);
            out.extend_from_slice(&value.to_bits().to_be_bytes());
        }
        Value::F64(value) => {
            out.push(0xfb);
            out.extend_from_slice(&value.to_bits().to_be_bytes());
        }
        Value::Text(text) => write_text(text, out),
        Value::Bytes(bytes) => write_bytes(bytes, out),
        Value::List(items) => {
            write_array(items.len(), out);
            items.iter().for_each(|item| write(item, out));
        }
        Value::Map(entries) => {
            head(MAP, entries.len() as u64, out);
            for (name, value) in entries {
                write_text(name, out);
                write(value, out);
            }
        }
        Value::Handle(number) => {
            head(TAG, HANDLE_TAG, out);
            write_unsigned(u64::from(*number), out);
        }
    }
}

/// Appends an unsigned integer.
pub fn write_unsigned(number: u64, out: &mut Vec<u8>) {
    head(UNSIGNED, number, out);
}

/// Appends a text.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    head(TEXT, text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a byte string.
pub fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    head(BYTES, bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Appends null.
pub fn write_null(out: &mut Vec<u8>) {
    out.push(0xf6);
}

/// Begins an array: the next `len` items are in it.
pub fn write_array(len: usize, out: &mut Vec<u8>) {
    head(ARRAY, len as u64, out);
}

/// Begins a map: the next `len` pairs of items, key and value, are in it.
pub fn write_map(len: usize, out: &mut Vec<u8>) {
    head(MAP, len as u64, out);
}

fn write_int(value: i128, out: &mut Vec<u8>) {
    let (major, tag, magnitude) = match value {
        0.. => (UNSIGNED, 2, value.unsigned_abs()),
        // CBOR counts the negative integers from -1.
        _ => (NEGATIVE, 3, (!value).unsigned_abs()),
    };
    match u64::try_from(magnitude) {
        Ok(magnitude) => head(major, magnitude, out),
        Err(_) => {
            head(TAG, tag, out);
            write_bytes(&magnitude.to_be_bytes(), out);
        }
    }
}

fn head(major: u8, number: u64, out: &mut Vec<u8>) {
    let major = major << 5;
    match number {
        0..=23 => out.push(major | number as u8),
        24..=0xff => out.extend_from_slice(&[major | 24, number as u8]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&(number as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&(number as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::arbitrary;
    use super::*;
    use proptest::prelude::*;

    fn written(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        write(value, &mut out);
        out
    }

    fn read(bytes: &[u8]) -> Result<Value, Box<ReadError>> {
        let mut reader = Reader::new(bytes, 1 << 20);
        let value = reader.value()?;
        assert!(reader.is_at_end());
        Ok(value)
    }

    #[test]
    fn integers_take_the_fewest_bytes() {
        let lengths = [(23, 1), (24, 2), (-24, 1), (-25, 2), (0xffff, 3), (0x1_0000, 5), (1 << 32, 9)];
        for (value, length) in lengths {
            assert_eq!(written(&Value::Int(value)).len(), length, "{value}");
        }
    }

    #[test]
    fn integers_of_64_bits_and_a_sign_are_the_limit() {
        for value in [u64::MAX.into(), i64::MIN.into(), -(1 << 64), 0, -1] {
            assert_eq!(read(&written(&Value::Int(value))), Ok(Value::Int(value)));
        }
        for value in [1 << 64, -(1 << 64) - 1, i128::MAX, i128::MIN] {
            let error = read(&written(&Value::Int(value))).unwrap_err();
            assert!(matches!(*error, ReadError::Invalid { offset: 0, .. }), "{error}");
            assert_eq!(length(&Value::Int(value)), written(&Value::Int(value)).len() as u64);
        }
    }

    #[test]
    fn the_items_are_those_of_the_standard() {
        let order = Value::record([("sku", "a".into()), ("count", 2u8.into()), ("paid", true.into())]);
        let value = Value::List(vec![order, Value::Null, Value::Handle(7), Value::Bytes(vec![1, 2])]);
        let expected = b"\x84\xa3\x63sku\x61a\x65count\x02\x64paid\xf5\xf6\xd8\x27\x07\x42\x01\x02";
        assert_eq!(written(&value), expected);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_value_of_any_type_survives((_, value) in arbitrary::typed()) {
            let bytes = written(&value);
            prop_assert_eq!(length(&value), bytes.len() as u64);
            prop_assert_eq!(read(&bytes), Ok(value));
        }
    }
}
