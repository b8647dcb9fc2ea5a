//! What has parts: sequences, tuples, structs and maps.

use super::byte::Byte;
use super::{Empty, Serializer, Style, some, text};
use crate::value::error::Error;
use crate::value::head::{self, ARRAY, BYTES, MAP, NULL, TEXT, UNSIGNED};
use serde::ser::{self, Serialize};

/// A sequence whose items are not known before the first one: bytes are one string of bytes.
pub(in crate::value) struct Sequence<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) style: Style,
    pub(super) len: Option<usize>,
    pub(super) count: usize,
    pub(super) items: Kind,
}

pub(super) enum Kind {
    Unknown,
    /// They are in `out`, behind their head, which is at this place; without one where their number is not known.
    Bytes(usize),
    /// They are in `out`, behind their head.
    Values,
    /// Their number is not known: they are here.
    Counted(Vec<u8>),
}

impl Sequence<'_> {
    #[cold]
    fn begin_bytes(&mut self) {
        self.items = Kind::Bytes(self.out.len());
        if let Some(len) = self.len {
            head::write(BYTES, len as u64, self.out);
            self.out.reserve(len);
        }
    }

    /// Begins a sequence of values, with the bytes that came before the first that is none.
    #[cold]
    fn begin_values(&mut self) {
        let bytes = match std::mem::replace(&mut self.items, Kind::Values) {
            Kind::Bytes(start) => {
                let bytes = self.out.split_off(start);
                bytes[bytes.len() - self.count..].to_vec()
            }
            _ => Vec::new(),
        };
        let mut counted = Vec::new();
        let out = match self.len {
            Some(len) => {
                head::write(ARRAY, len as u64, self.out);
                &mut *self.out
            }
            None => &mut counted,
        };
        bytes.iter().for_each(|byte| head::write(UNSIGNED, u64::from(*byte), out));
        if self.len.is_none() {
            self.items = Kind::Counted(counted);
        }
    }
}

impl ser::SerializeSeq for Sequence<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if let Kind::Unknown | Kind::Bytes(_) = self.items {
            if let Ok(byte) = value.serialize(Byte) {
                if let Kind::Unknown = self.items {
                    self.begin_bytes();
                }
                self.out.push(byte);
                self.count += 1;
                return Ok(());
            }
            self.begin_values();
        }
        let out = match &mut self.items {
            Kind::Counted(items) => items,
            _ => &mut *self.out,
        };
        value.serialize(Serializer::new(out, self.style)).map_err(|error| error.within(&self.count))?;
        self.count += 1;
        Ok(())
    }

    fn end(mut self) -> Result<(), Error> {
        match &self.items {
            Kind::Bytes(start) if self.len.is_none() => {
                let bytes = self.out.split_off(*start);
                head::write(BYTES, bytes.len() as u64, self.out);
                self.out.extend_from_slice(&bytes);
                return Ok(());
            }
            Kind::Unknown => self.begin_values(),
            _ => {}
        }
        if let Kind::Counted(items) = &self.items {
            head::write(ARRAY, self.count as u64, self.out);
            self.out.extend_from_slice(items);
            return Ok(());
        }
        complete(self.len.unwrap_or(self.count), self.count, "items")
    }
}

/// What was announced is there: what is not whole cannot be read.
fn complete(announced: usize, count: usize, what: &str) -> Result<(), Error> {
    match announced == count {
        true => Ok(()),
        false => Err(Error::new(format!("it says that it has {announced} {what}, and has {count}"))),
    }
}

/// Items whose number is known.
pub(in crate::value) struct Items<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) style: Style,
    pub(super) len: usize,
    pub(super) count: usize,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Serializer::new(self.out, self.style)).map_err(|error| error.within(&self.count))?;
        self.count += 1;
        Ok(())
    }
}

/// What serde has three names for.
macro_rules! items {
    ($($kind:ident $item:ident)*) => {
        $(impl ser::$kind for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                complete(self.len, self.count, "items")
            }
        })*
    };
}

items! {
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

/// The fields of a struct.
pub(in crate::value) struct Fields<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) style: Style,
    pub(super) in_option: bool,
    pub(super) len: usize,
    pub(super) count: usize,
    /// How many of them had nothing in them.
    pub(super) left_out: usize,
    /// Where the map begins.
    pub(super) start: usize,
}

impl Fields<'_> {
    /// Begins the map, whose first entry, if there is one, is called so.
    fn begin(&mut self, first: &str) {
        if self.in_option && self.len == 1 && first == "some" {
            some(self.out);
        }
        self.start = self.out.len();
        head::write(MAP, self.len as u64, self.out);
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if self.count == 0 {
            self.begin(name);
        }
        self.count += 1;
        let start = self.out.len();
        text(name, self.out);
        let value_start = self.out.len();
        value.serialize(Serializer::new(self.out, self.style)).map_err(|error| error.within(&name))?;
        if self.style.empty == Empty::LeftOut && self.out[value_start..] == [NULL] {
            self.out.truncate(start);
            self.left_out += 1;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        if self.count == 0 {
            self.begin("");
        }
        complete(self.len, self.count, "fields")?;
        if self.left_out > 0 {
            let (mut before, mut after) = (Vec::new(), Vec::new());
            head::write(MAP, self.len as u64, &mut before);
            head::write(MAP, (self.len - self.left_out) as u64, &mut after);
            self.out.splice(self.start..self.start + before.len(), after);
        }
        Ok(())
    }
}

/// And two.
macro_rules! fields {
    ($($kind:ident)*) => {
        $(impl ser::$kind for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }

/// The entries of a map. By their keys, not as they come: a hash map has them in another order each time it is built otherwise.
pub(in crate::value) struct Entries<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) style: Style,
    pub(super) in_option: bool,
    pub(super) key: Vec<u8>,
    pub(super) entries: Vec<(Vec<u8>, Vec<u8>)>,
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key.clear();
        key.serialize(Serializer::new(&mut self.key, self.style))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let mut bytes = Vec::new();
        let key = std::mem::take(&mut self.key);
        value
            .serialize(Serializer::new(&mut bytes, self.style))
            .map_err(|error| error.within(&String::from_utf8_lossy(key.get(1..).unwrap_or_default())))?;
        self.entries.push((key, bytes));
        Ok(())
    }

    fn end(mut self) -> Result<(), Error> {
        self.entries.sort();
        let is_text = |(key, _): &(Vec<u8>, Vec<u8>)| key.first().is_some_and(|head| head >> 5 == TEXT);
        let are_texts = self.entries.iter().all(is_text);
        if let ([(key, _)], true) = (&*self.entries, self.in_option)
            && key == b"\x64some"
        {
            some(self.out);
        }
        head::write(if are_texts { MAP } else { ARRAY }, self.entries.len() as u64, self.out);
        for (key, value) in self.entries {
            if !are_texts {
                head::write(ARRAY, 2, self.out);
            }
            self.out.extend_from_slice(&key);
            self.out.extend_from_slice(&value);
        }
        Ok(())
    }
}
