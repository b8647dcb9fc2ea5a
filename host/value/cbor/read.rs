//! Reading CBOR that nobody vouches for. Depth, memory and every claimed length are bounded, whatever the
//! bytes say; what [`super::write`] never writes is refused.

use super::HANDLE_TAG;
use super::names::Names;
use crate::value::{MAX_DEPTH, Name, Value};
use minicbor::data::Type as Item;
use minicbor::decode::Decoder;
use std::borrow::Cow;
use std::collections::HashSet;

/// Up to this many entries, comparing each name to all before it is faster than hashing.
const FEW_ENTRIES: usize = 16;

/// Reads CBOR items one after the other.
///
/// It holds at most its budget: each item is charged before memory is taken for it. Names are shared: reading
/// a thousand records of one type allocates the names of their fields once.
pub struct Reader<'b> {
    decoder: Decoder<'b>,
    names: Names,
    budget: usize,
    left: usize,
}

/// Why bytes are no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes end in the middle of an item.
    #[error("the item at byte {offset} is cut off")]
    Truncated {
        /// Where the item begins.
        offset: usize,
    },
    /// Something that the format does not have.
    #[error("at byte {offset}: {reason}")]
    Invalid {
        /// Where the item begins.
        offset: usize,
        /// What is wrong with it.
        reason: Cow<'static, str>,
    },
    /// The values would take more memory than they may.
    #[error("at byte {offset}: the values so far need more than the {budget} bytes of memory they may take")]
    TooLarge {
        /// Where the item begins that is too much.
        offset: usize,
        /// The limit, in bytes.
        budget: usize,
    },
}

type Read<T> = Result<T, ReadError>;

impl<'b> Reader<'b> {
    /// Reads from the beginning of `bytes`, holding at most `budget` bytes of memory.
    pub fn new(bytes: &'b [u8], budget: usize) -> Self {
        Self { decoder: Decoder::new(bytes), names: Names::new(), budget, left: budget }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.decoder.position()
    }

    /// Whether nothing is left to read.
    pub fn is_at_end(&self) -> bool {
        self.remaining() == 0
    }

    /// Reads any value of the table in [`crate::value`].
    pub fn value(&mut self) -> Read<Value> {
        self.charge(size_of::<Value>())?;
        self.nested(MAX_DEPTH)
    }

    /// Reads an array of values.
    pub fn values(&mut self) -> Read<Vec<Value>> {
        let length = self.array()?;
        self.items(length, MAX_DEPTH)
    }

    /// Reads a text that is kept as a shared name.
    pub fn name(&mut self) -> Read<Name> {
        let text = self.text()?;
        let (name, allocated) = self.names.intern(text);
        if allocated {
            self.charge(text.len())?;
        }
        Ok(name)
    }

    /// Reads a text that is kept on its own.
    pub fn string(&mut self) -> Read<String> {
        let text = self.text()?;
        self.charge(text.len())?;
        Ok(text.to_owned())
    }

    /// Reads a byte string that is kept.
    pub fn buffer(&mut self) -> Read<Vec<u8>> {
        let bytes = self.bytes()?;
        self.charge(bytes.len())?;
        Ok(bytes.to_vec())
    }

    /// Reads a text without keeping it.
    pub fn text(&mut self) -> Read<&'b str> {
        let offset = self.position();
        self.decoder.str().map_err(|error| self.failed(offset, "a text", &error))
    }

    /// Reads a byte string without keeping it.
    pub fn bytes(&mut self) -> Read<&'b [u8]> {
        let offset = self.position();
        self.decoder.bytes().map_err(|error| self.failed(offset, "a byte string", &error))
    }

    /// Reads an unsigned integer.
    pub fn unsigned(&mut self) -> Read<u64> {
        let offset = self.position();
        self.decoder.u64().map_err(|error| self.failed(offset, "an unsigned integer", &error))
    }

    /// Whether the next item is null; if so, reads it.
    pub fn null(&mut self) -> bool {
        self.peek() == Ok(Item::Null) && self.decoder.null().is_ok()
    }

    /// Reads the beginning of an array: how many items follow. Never more than there are bytes left.
    pub fn array(&mut self) -> Read<usize> {
        let offset = self.position();
        let length = self.decoder.array().map_err(|error| self.failed(offset, "an array", &error))?;
        self.length(offset, length, 1)
    }

    /// Reads the beginning of a map: how many entries follow. Never more than there are bytes left.
    pub fn map(&mut self) -> Read<usize> {
        let offset = self.position();
        let length = self.decoder.map().map_err(|error| self.failed(offset, "a map", &error))?;
        self.length(offset, length, 2)
    }

    /// Takes `bytes` of memory from the budget.
    pub fn charge(&mut self, bytes: usize) -> Read<()> {
        let too_large = ReadError::TooLarge { offset: self.position(), budget: self.budget };
        self.left = self.left.checked_sub(bytes).ok_or(too_large)?;
        Ok(())
    }

    /// A value that has been charged for, and that may hold `depth` values inside each other.
    fn nested(&mut self, depth: usize) -> Read<Value> {
        let offset = self.position();
        Ok(match self.peek()? {
            Item::Null => self.decoder.null().map(|()| Value::Null).map_err(|error| self.failed(offset, "a value", &error))?,
            Item::Bool => Value::Bool(self.decoder.bool().map_err(|error| self.failed(offset, "a value", &error))?),
            Item::U8 | Item::U16 | Item::U32 | Item::U64 => Value::Int(self.unsigned()?.into()),
            Item::I8 | Item::I16 | Item::I32 | Item::I64 | Item::Int => {
                Value::Int(self.decoder.int().map_err(|error| self.failed(offset, "a value", &error))?.into())
            }
            Item::F32 => Value::F32(self.decoder.f32().map_err(|error| self.failed(offset, "a value", &error))?),
            Item::F64 => Value::F64(self.decoder.f64().map_err(|error| self.failed(offset, "a value", &error))?),
            Item::String => Value::Text(self.string()?),
            Item::Bytes => Value::Bytes(self.buffer()?),
            Item::Array => {
                let length = self.array()?;
                Value::List(self.items(length, deeper(depth, offset)?)?)
            }
            Item::Map => {
                let length = self.map()?;
                Value::Map(self.entries(length, deeper(depth, offset)?)?)
            }
            Item::Tag => Value::Handle(self.handle()?),
            other => return Err(invalid(offset, format!("{other} is not allowed in a recording"))),
        })
    }

    fn handle(&mut self) -> Read<u32> {
        let offset = self.position();
        let tag = self.decoder.tag().map_err(|error| self.failed(offset, "a tag", &error))?.as_u64();
        if tag != HANDLE_TAG {
            return Err(invalid(offset, format!("tag {tag} has no meaning in a recording")));
        }
        let number = self.unsigned()?;
        u32::try_from(number).map_err(|_| invalid(offset, format!("{number} is too large for a resource's number")))
    }

    fn items(&mut self, length: usize, depth: usize) -> Read<Vec<Value>> {
        self.charge(length.saturating_mul(size_of::<Value>()))?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(self.nested(depth)?);
        }
        Ok(items)
    }

    fn entries(&mut self, length: usize, depth: usize) -> Read<Vec<(Name, Value)>> {
        let offset = self.position();
        self.charge(length.saturating_mul(size_of::<(Name, Value)>()))?;
        let mut entries = Vec::with_capacity(length);
        for _ in 0..length {
            entries.push((self.name()?, self.nested(depth)?));
        }
        match repeated(&entries) {
            Some(name) => Err(invalid(offset, format!("the map has `{}` twice", name.escape_debug()))),
            None => Ok(entries),
        }
    }

    /// A claimed length, once the bytes left could hold that many items of `per_entry` bytes.
    fn length(&self, offset: usize, claimed: Option<u64>, per_entry: usize) -> Read<usize> {
        let Some(claimed) = claimed else {
            return Err(invalid(offset, "indefinite lengths are not allowed in a recording"));
        };
        match usize::try_from(claimed) {
            Ok(length) if length <= self.remaining() / per_entry => Ok(length),
            _ => Err(ReadError::Truncated { offset }),
        }
    }

    fn remaining(&self) -> usize {
        self.decoder.input().len().saturating_sub(self.position())
    }

    #[cold]
    fn failed(&self, offset: usize, expected: &str, error: &minicbor::decode::Error) -> ReadError {
        let mut decoder = self.decoder.clone();
        decoder.set_position(offset);
        match decoder.datatype() {
            _ if error.is_end_of_input() => ReadError::Truncated { offset },
            Ok(found) if error.is_type_mismatch() => invalid(offset, format!("expected {expected}, found {found}")),
            _ => invalid(offset, format!("expected {expected}, found a damaged one")),
        }
    }

    fn peek(&self) -> Read<Item> {
        self.decoder.datatype().map_err(|error| self.failed(self.position(), "a value", &error))
    }
}

fn deeper(depth: usize, offset: usize) -> Read<usize> {
    depth.checked_sub(1).ok_or_else(|| invalid(offset, format!("values nest more than {MAX_DEPTH} deep")))
}

fn repeated(entries: &[(Name, Value)]) -> Option<&Name> {
    if entries.len() > FEW_ENTRIES {
        let mut seen = HashSet::with_capacity(entries.len());
        return entries.iter().map(|(name, _)| name).find(|name| !seen.insert(&***name));
    }
    let twice = |(index, (name, _)): &(usize, &(Name, _))| entries[..*index].iter().any(|(other, _)| other == name);
    entries.iter().enumerate().find(twice).map(|(_, (name, _))| name)
}

fn invalid(offset: usize, reason: impl Into<Cow<'static, str>>) -> ReadError {
    ReadError::Invalid { offset, reason: reason.into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
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
        assert_eq!(reason(b"\x9f\x01\xff"), "at byte 0: indefinite array is not allowed in a recording");
        assert_eq!(reason(b"\x81\xf9\x3c\x00"), "at byte 1: f16 is not allowed in a recording");
        assert_eq!(reason(b"\xc1\x00"), "at byte 0: tag 1 has no meaning in a recording");
        assert_eq!(reason(b"\xa1\x01\x02"), "at byte 1: expected a text, found u8");
        assert_eq!(reason(b"\x62\xff\xff"), "at byte 0: expected a text, found a damaged one");
        assert_eq!(reason(b"\xf7"), "at byte 0: undefined is not allowed in a recording");
        assert_eq!(reason(b"\xa2\x61a\xf6\x61a\xf6"), "at byte 1: the map has `a` twice");
        assert!(reason(b"\xd8\x27\x1b\xff\xff\xff\xff\xff\xff\xff\xff").contains("resource's number"));
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
            assert_eq!(read(&bytes), Err(ReadError::Truncated { offset: 0 }));
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
        assert_eq!(refused, Err(ReadError::TooLarge { offset: 3, budget: needed - 1 }));
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
}
