//! The items of CBOR one by one, without what they hold: what comes next, and how much of it there is.

use super::error::{Read, invalid, truncated};
use super::{ARRAY, BYTES, MAP, NEGATIVE, TAG, TEXT, UNSIGNED};

/// The beginning of an item.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// Where it stands.
    pub(super) offset: usize,
    /// What the item is: [`UNSIGNED`] to [`TAG`], or 7 for null, booleans and floats.
    pub(super) major: u8,
    /// How the argument was written, or the argument itself.
    pub(super) info: u8,
    /// A number, a length, a tag or the bits of a float.
    pub(super) argument: u64,
}

/// A place in a sequence of items.
pub(super) struct Items<'b> {
    /// What is left to read, of `length` bytes in all.
    rest: &'b [u8],
    length: usize,
}

impl<'b> Items<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    pub(super) fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Reads null, if that comes next.
    pub(super) fn null(&mut self) -> bool {
        match self.rest {
            [0xf6, rest @ ..] => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Reads the beginning of an item of a major type, which messages call `expected`.
    pub(super) fn expect(&mut self, major: u8, expected: &str) -> Read<Head> {
        let head = self.head()?;
        match head.major == major {
            true => Ok(head),
            false => Err(invalid(head.offset, format!("expected {expected}, found {}", head.kind()))),
        }
    }

    /// Reads the beginning of any item.
    #[inline(always)]
    pub(super) fn head(&mut self) -> Read<Head> {
        let offset = self.position();
        let Some((first, rest)) = self.rest.split_first() else {
            return Err(truncated(offset));
        };
        let (major, info) = (first >> 5, first & 0x1f);
        self.rest = rest;
        let argument = if info < 24 { u64::from(info) } else { self.argument(info, offset)? };
        Ok(Head { offset, major, info, argument })
    }

    /// The argument of an item where it has bytes of its own.
    fn argument(&mut self, info: u8, offset: usize) -> Read<u64> {
        match info {
            24 => self.big_endian(offset, |[byte]| u64::from(byte)),
            25 => self.big_endian(offset, |bytes| u64::from(u16::from_be_bytes(bytes))),
            26 => self.big_endian(offset, |bytes| u64::from(u32::from_be_bytes(bytes))),
            27 => self.big_endian(offset, u64::from_be_bytes),
            31 => Err(invalid(offset, "indefinite lengths are not allowed in a recording")),
            _ => Err(invalid(offset, "no item of CBOR begins like this")),
        }
    }

    #[inline]
    fn big_endian<const N: usize>(&mut self, offset: usize, number: fn([u8; N]) -> u64) -> Read<u64> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or_else(|| truncated(offset))?;
        self.rest = rest;
        Ok(number(*bytes))
    }

    /// The bytes of a text or a byte string.
    #[inline]
    pub(super) fn take(&mut self, head: Head) -> Read<&'b [u8]> {
        let length = usize::try_from(head.argument).unwrap_or(usize::MAX);
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(|| truncated(head.offset))?;
        self.rest = rest;
        Ok(bytes)
    }

    /// A claimed length, once the bytes left could hold that many items of `per_entry` bytes.
    #[inline]
    pub(super) fn length(&self, head: Head, per_entry: usize) -> Read<usize> {
        match usize::try_from(head.argument) {
            Ok(length) if length <= self.rest.len() / per_entry => Ok(length),
            _ => Err(truncated(head.offset)),
        }
    }
}

impl Head {
    /// For messages.
    pub(super) fn kind(self) -> &'static str {
        match (self.major, self.info) {
            (UNSIGNED, _) => "an unsigned integer",
            (NEGATIVE, _) => "a negative integer",
            (BYTES, _) => "a byte string",
            (TEXT, _) => "a text",
            (ARRAY, _) => "an array",
            (MAP, _) => "a map",
            (TAG, _) => "a tag",
            (_, 20 | 21) => "a bool",
            (_, 22) => "null",
            (_, 25) => "a half-precision float",
            (_, 26 | 27) => "a float",
            _ => "a simple value without a meaning",
        }
    }
}
