//! Values on their way to the tape and back: CBOR, by the mapping that the recording format documents.
//!
//! A struct is a map, an enum a text or `{case: payload}`, a `Result` `{ok: ..}` or `{err: ..}`, bytes are a byte string, an
//! option is null or its payload (`{some: ..}` where that is an option itself), a map whose keys are no texts a list of pairs.

mod de;
mod error;
mod head;
mod ser;

pub(crate) use de::Parts;
pub(crate) use error::Error;

use serde::{Serialize, de::DeserializeOwned};

/// As deep as the host lets values be.
const MAX_DEPTH: usize = 128;

/// The value that is nothing.
pub(crate) const NOTHING: [u8; 1] = [head::NULL];

/// Does something, and counts the lists and maps that are written by it.
pub(crate) fn counted<T>(write: impl FnOnce() -> T) -> (T, u32) {
    ser::counted(write)
}

/// Appends a value to bytes in memory.
///
/// # Errors
///
/// The value's own `Serialize` fails, or it nests too deep.
pub(crate) fn write(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Error> {
    value.serialize(ser::Serializer::new(out, ser::Style::of(ser::Empty::Kept)))
}

/// The same of an argument, which nobody reads back: without fields that have nothing in them, so that a type may get an optional
/// field and its values still are what was recorded.
///
/// # Errors
///
/// As of [`write`].
pub(crate) fn write_argument(value: &(impl Serialize + ?Sized), out: &mut Vec<u8>) -> Result<(), Error> {
    value.serialize(ser::Serializer::new(out, ser::Style::of(ser::Empty::LeftOut)))
}

/// Begins an array of so many values.
pub(crate) fn write_array(count: usize, out: &mut Vec<u8>) {
    head::write(head::ARRAY, count as u64, out);
}

/// Begins a map of so many texts with a value each.
pub(crate) fn write_map(count: usize, out: &mut Vec<u8>) {
    head::write(head::MAP, count as u64, out);
}

/// The values of a map, not read yet.
///
/// # Errors
///
/// It is not a map of texts.
pub(crate) fn parts(bytes: &[u8]) -> Result<Parts<'_>, Error> {
    de::parts(bytes)
}

/// A value, and where there was something that its type does not have, as JSON pointers.
///
/// # Errors
///
/// What is there is no value of the type; the error says where.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Vec<String>), Error> {
    de::read(bytes)
}

/// As [`write`], of bytes, but faster than serde, which writes them one by one.
///
/// # Errors
///
/// None.
pub(crate) fn write_bytes<T: AsRef<[u8]>>(bytes: &T, out: &mut Vec<u8>) -> Result<(), Error> {
    match bytes.as_ref() {
        // As of any list that is empty.
        [] => write_array(0, out),
        bytes => {
            head::write(head::BYTES, bytes.len() as u64, out);
            out.extend_from_slice(bytes);
        }
    }
    Ok(())
}

/// As [`read`], of bytes.
///
/// # Errors
///
/// As of [`read`].
pub(crate) fn read_bytes(bytes: &[u8]) -> Result<(Vec<u8>, Vec<String>), Error> {
    match de::bytes(bytes) {
        Some(bytes) => Ok((bytes.to_vec(), Vec::new())),
        None => read(bytes),
    }
}

#[cfg(test)]
mod tests;
