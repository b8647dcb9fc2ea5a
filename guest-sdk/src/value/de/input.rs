//! Items of CBOR, before anybody knows what they are to be.

use crate::value::error::Error;
use crate::value::head::{ARRAY, BYTES, MAP, SIMPLE, TAG, TEXT};

/// What is in a string of bytes; `None`: it is something else.
pub(in crate::value) fn bytes(item: &[u8]) -> Option<&[u8]> {
    let mut input = Input { rest: item, depth: 0 };
    let head = input.head().ok().filter(|head| head.major == BYTES)?;
    input.take(head.number).ok().filter(|_| input.rest.is_empty())
}

/// The values of a map by their keys, not read yet.
pub(crate) struct Parts<'de>(Vec<(&'de str, &'de [u8])>);

impl<'de> Parts<'de> {
    /// The value of this key.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn of(&self, name: &str) -> Result<&'de [u8], Error> {
        let part = self.0.iter().find(|(key, _)| *key == name);
        part.map(|(_, value)| *value).ok_or_else(|| Error::new(format!("it has no `{name}`")))
    }
}

/// What `bytes` have by its names.
pub(in crate::value) fn parts(bytes: &[u8]) -> Result<Parts<'_>, Error> {
    let mut input = Input { rest: bytes, depth: 0 };
    let map = input.head()?;
    if map.major != MAP {
        return Err(Error::new("it is not a map of what was returned and what was left"));
    }
    let mut parts = Vec::new();
    for _ in 0..map.number {
        let key = input.head()?;
        if key.major != TEXT {
            return Err(Error::new("a key in it is not text"));
        }
        let (key, before) = (input.text(key.number)?, input.rest);
        input.skip()?;
        parts.push((key, &before[..before.len() - input.rest.len()]));
    }
    Ok(Parts(parts))
}

/// What is not read yet.
pub(super) struct Input<'de> {
    pub(super) rest: &'de [u8],
    pub(super) depth: usize,
}

/// The head of an item.
#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) major: u8,
    /// The number in it; for a simple value its first byte.
    pub(super) number: u64,
}

impl<'de> Input<'de> {
    pub(super) fn take(&mut self, length: u64) -> Result<&'de [u8], Error> {
        let cut_off = || Error::new("it is cut off");
        let length = usize::try_from(length).map_err(|_| cut_off())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn peek(&self) -> Result<u8, Error> {
        self.rest.first().copied().ok_or_else(|| Error::new("it is cut off"))
    }

    pub(super) fn head(&mut self) -> Result<Head, Error> {
        let first = self.peek()?;
        self.take(1)?;
        let (major, low) = (first >> 5, first & 0x1f);
        if major == SIMPLE {
            return Ok(Head { major, number: first.into() });
        }
        let number = match low {
            0..24 => low.into(),
            24..=27 => {
                self.take(1 << (low - 24))?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            _ => return Err(Error::new("it is not CBOR that the host writes")),
        };
        Ok(Head { major, number })
    }

    pub(super) fn text(&mut self, length: u64) -> Result<&'de str, Error> {
        str::from_utf8(self.take(length)?).map_err(|_| Error::new("a text in it is not UTF-8"))
    }

    /// Passes over an item.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let mut left: u64 = 1;
        while left > 0 {
            left -= 1;
            let head = self.head()?;
            match head.major {
                BYTES | TEXT => drop(self.take(head.number)?),
                ARRAY => left = left.saturating_add(head.number),
                MAP => left = left.saturating_add(head.number.saturating_mul(2)),
                TAG => left = left.saturating_add(1),
                SIMPLE => {
                    self.float(head)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The bits of a float, `None` of another simple value.
    pub(super) fn float(&mut self, head: Head) -> Result<Option<Float>, Error> {
        Ok(match head.number {
            0xfa => Some(Float::Single(f32::from_bits(self.bits(4)? as u32))),
            0xfb => Some(Float::Double(f64::from_bits(self.bits(8)?))),
            _ => None,
        })
    }

    fn bits(&mut self, bytes: u64) -> Result<u64, Error> {
        Ok(self.take(bytes)?.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
    }
}

pub(super) enum Float {
    Single(f32),
    Double(f64),
}
