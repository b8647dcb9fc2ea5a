//! Reading CBOR that nobody vouches for. Depth, memory and every claimed length are bounded, whatever the
//! bytes say; what [`super::write`] never writes is refused.

use super::error::{Read, ReadError, invalid};
use super::head::{Head, Items};
use super::{ARRAY, BYTES, HANDLE_TAG, MAP, NEGATIVE, TAG, TEXT, UNSIGNED};
use crate::value::names::Names;
use crate::value::{MAX_DEPTH, Name, Value};
use std::collections::HashSet;

/// Up to this many entries, comparing each name to all before it is faster than hashing.
const FEW_ENTRIES: usize = 16;

/// Reads CBOR items one after the other.
///
/// It holds at most its budget: each item is charged before memory is taken for it. Names are shared: reading
/// a thousand records of one type allocates the names of their fields once.
pub struct Reader<'b> {
    items: Items<'b>,
    names: Names,
    budget: usize,
    left: usize,
}

impl<'b> Reader<'b> {
    /// Reads from the beginning of `bytes`, holding at most `budget` bytes of memory.
    pub fn new(bytes: &'b [u8], budget: usize) -> Self {
        Self { items: Items::new(bytes), names: Names::default(), budget, left: budget }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.items.position()
    }

    /// Whether nothing is left to read.
    pub fn is_at_end(&self) -> bool {
        self.items.is_at_end()
    }

    /// Reads any value of the table in [`crate::value`].
    pub fn value(&mut self) -> Read<Value> {
        self.charge(size_of::<Value>())?;
        self.nested(MAX_DEPTH)
    }

    /// Reads an array of values.
    pub fn values(&mut self) -> Read<Vec<Value>> {
        let length = self.array()?;
        self.list(length, MAX_DEPTH)
    }

    /// Reads a text that is kept as a shared name.
    pub fn name(&mut self) -> Read<Name> {
        self.interned().map(|(name, _)| name)
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
        let head = self.items.expect(TEXT, "a text")?;
        utf8(head.offset, self.items.take(head)?)
    }

    /// Reads a byte string without keeping it.
    pub fn bytes(&mut self) -> Read<&'b [u8]> {
        let head = self.items.expect(BYTES, "a byte string")?;
        self.items.take(head)
    }

    /// Reads an unsigned integer.
    pub fn unsigned(&mut self) -> Read<u64> {
        Ok(self.items.expect(UNSIGNED, "an unsigned integer")?.argument)
    }

    /// Whether the next item is null; if so, reads it.
    pub fn null(&mut self) -> bool {
        self.items.null()
    }

    /// Reads the beginning of an array: how many items follow. Never more than there are bytes left.
    pub fn array(&mut self) -> Read<usize> {
        let head = self.items.expect(ARRAY, "an array")?;
        self.items.length(head, 1)
    }

    /// Reads the beginning of a map: how many entries follow. Never more than there are bytes left.
    pub fn map(&mut self) -> Read<usize> {
        let head = self.items.expect(MAP, "a map")?;
        self.items.length(head, 2)
    }

    /// Takes `bytes` of memory from the budget.
    pub fn charge(&mut self, bytes: usize) -> Read<()> {
        match self.left.checked_sub(bytes) {
            Some(left) => self.left = left,
            None => {
                return Err(Box::new(ReadError::TooLarge { offset: self.position(), budget: self.budget }));
            }
        }
        Ok(())
    }

    /// A value that has been charged for, and that may hold `depth` values inside each other.
    fn nested(&mut self, depth: usize) -> Read<Value> {
        let head = self.items.head()?;
        Ok(match (head.major, head.info) {
            (UNSIGNED, _) => Value::Int(head.argument.into()),
            (NEGATIVE, _) => Value::Int(!i128::from(head.argument)),
            (BYTES, _) => {
                let bytes = self.items.take(head)?;
                self.charge(bytes.len())?;
                Value::Bytes(bytes.to_vec())
            }
            (TEXT, _) => {
                let text = utf8(head.offset, self.items.take(head)?)?;
                self.charge(text.len())?;
                Value::Text(text.to_owned())
            }
            (ARRAY, _) => {
                let length = self.items.length(head, 1)?;
                Value::List(self.list(length, deeper(depth, head)?)?)
            }
            (MAP, _) => {
                let length = self.items.length(head, 2)?;
                Value::Map(self.entries(length, deeper(depth, head)?)?)
            }
            (TAG, _) => Value::Handle(self.handle(head)?),
            (_, 20) => Value::Bool(false),
            (_, 21) => Value::Bool(true),
            (_, 22) => Value::Null,
            (_, 26) => Value::F32(f32::from_bits(head.argument as u32)),
            (_, 27) => Value::F64(f64::from_bits(head.argument)),
            _ => return Err(invalid(head.offset, format!("{} is not allowed in a recording", head.kind()))),
        })
    }

    fn list(&mut self, length: usize, depth: usize) -> Read<Vec<Value>> {
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
        // Names in different slots differ, so that most maps need no search for a name they have twice.
        let (mut slots, mut all_differ) = (0u128, true);
        for _ in 0..length {
            let (name, slot) = self.interned()?;
            all_differ &= slots >> slot & 1 == 0;
            slots |= 1 << slot;
            entries.push((name, self.nested(depth)?));
        }
        match all_differ {
            true => Ok(entries),
            false => match repeated(&entries) {
                Some(name) => {
                    let name = name[..name.floor_char_boundary(80)].escape_debug();
                    Err(invalid(offset, format!("the map has `{name}` twice")))
                }
                None => Ok(entries),
            },
        }
    }

    fn handle(&mut self, tag: Head) -> Read<u32> {
        if tag.argument != HANDLE_TAG {
            return Err(invalid(tag.offset, format!("tag {} has no meaning in a recording", tag.argument)));
        }
        let number = self.unsigned()?;
        let too_large =
            |_| invalid(tag.offset, format!("{number} is too large for the number of a resource"));
        u32::try_from(number).map_err(too_large)
    }

    /// A text as a shared name, with its slot.
    fn interned(&mut self) -> Read<(Name, usize)> {
        let head = self.items.expect(TEXT, "a text")?;
        let bytes = self.items.take(head)?;
        let slot = Names::slot(bytes);
        if let Some(name) = self.names.get(slot, bytes) {
            return Ok((name, slot));
        }
        let text = utf8(head.offset, bytes)?;
        self.charge(text.len())?;
        Ok((self.names.insert(slot, text), slot))
    }
}

fn utf8(offset: usize, bytes: &[u8]) -> Read<&str> {
    // Twice as fast as the standard library's, which can say more about what is wrong.
    simdutf8::basic::from_utf8(bytes).map_err(|_| not_utf8(offset, bytes))
}

#[cold]
fn not_utf8(offset: usize, bytes: &[u8]) -> Box<ReadError> {
    let error = std::str::from_utf8(bytes).err().map(|error| format!(": {error}"));
    invalid(offset, format!("the text is not UTF-8{}", error.unwrap_or_default()))
}

fn deeper(depth: usize, head: Head) -> Read<usize> {
    depth
        .checked_sub(1)
        .ok_or_else(|| invalid(head.offset, format!("values nest more than {MAX_DEPTH} deep")))
}

fn repeated(entries: &[(Name, Value)]) -> Option<&Name> {
    let mut names = entries.iter().map(|(name, _)| name).enumerate();
    if entries.len() > FEW_ENTRIES {
        let mut seen = HashSet::with_capacity(entries.len());
        return names.map(|(_, name)| name).find(|name| !seen.insert(&***name));
    }
    names
        .find(|(index, name)| entries[..*index].iter().any(|(other, _)| other == *name))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests;
