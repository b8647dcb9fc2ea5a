//! Items of CBOR that stand on a tape in several places.

use crate::value::Value;
use crate::value::cbor;

/// Begins an array of `length` items, of which the first is this name.
pub(crate) fn begin(name: &str, length: usize, out: &mut Vec<u8>) {
    cbor::write_array(length, out);
    cbor::write_text(name, out);
}

/// Appends two texts, such as a key and what it stands for.
pub(crate) fn write_pair(key: &str, text: &str, out: &mut Vec<u8>) {
    cbor::write_text(key, out);
    cbor::write_text(text, out);
}

/// Appends an array of values.
pub(crate) fn write_values(values: &[Value], out: &mut Vec<u8>) {
    write_array(values, cbor::write, out);
}

/// Appends an array.
pub(crate) fn write_array<T>(items: &[T], write: fn(&T, &mut Vec<u8>), out: &mut Vec<u8>) {
    cbor::write_array(items.len(), out);
    items.iter().for_each(|item| write(item, out));
}
