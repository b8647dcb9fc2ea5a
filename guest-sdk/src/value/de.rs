//! From CBOR to what serde makes a value of.

use super::error::Error;
use super::head::{ARRAY, BYTES, FALSE, MAP, NEGATIVE, NULL, SIMPLE, TAG, TEXT, TRUE, UNSIGNED};
use serde::de::{self, DeserializeOwned, DeserializeSeed, Visitor};
use std::cell::RefCell;
use std::fmt;
use std::slice;
use std::str::FromStr;

/// As deep as the host lets values be.
const MAX_DEPTH: usize = 128;

/// The one value that `bytes` are, and where there is something that its type does not have.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Vec<String>), Error> {
    let mut input = Input { rest: bytes, depth: 0 };
    let dropped = RefCell::default();
    let value = T::deserialize(Deserializer {
        input: &mut input,
        at: Path { above: None, name: &"", dropped: &dropped },
        in_option: false,
    })?;
    match input.rest {
        [] => Ok((value, dropped.into_inner())),
        rest => Err(Error::new(format!("{} bytes follow it", rest.len()))),
    }
}

/// What is in a string of bytes; `None`: it is something else.
pub(super) fn bytes(item: &[u8]) -> Option<&[u8]> {
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
pub(super) fn parts(bytes: &[u8]) -> Result<Parts<'_>, Error> {
    let mut input = Input { rest: bytes, depth: 0 };
    let map = input.head()?;
    if map.major != MAP {
        return Err(Error::new("it is no map of what was returned and what was left"));
    }
    let mut parts = Vec::new();
    for _ in 0..map.number {
        let key = input.head()?;
        if key.major != TEXT {
            return Err(Error::new("a key in it is no text"));
        }
        let (key, before) = (input.text(key.number)?, input.rest);
        input.skip()?;
        parts.push((key, &before[..before.len() - input.rest.len()]));
    }
    Ok(Parts(parts))
}

/// What is not read yet.
struct Input<'de> {
    rest: &'de [u8],
    depth: usize,
}

/// The head of an item.
#[derive(Clone, Copy)]
struct Head {
    major: u8,
    /// The number in it; for a simple value its first byte.
    number: u64,
}

impl<'de> Input<'de> {
    fn take(&mut self, length: u64) -> Result<&'de [u8], Error> {
        let cut_off = || Error::new("it is cut off");
        let length = usize::try_from(length).map_err(|_| cut_off())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(taken)
    }

    fn peek(&self) -> Result<u8, Error> {
        self.rest.first().copied().ok_or_else(|| Error::new("it is cut off"))
    }

    fn head(&mut self) -> Result<Head, Error> {
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
            _ => return Err(Error::new("it is no CBOR that the host writes")),
        };
        Ok(Head { major, number })
    }

    fn text(&mut self, length: u64) -> Result<&'de str, Error> {
        str::from_utf8(self.take(length)?).map_err(|_| Error::new("a text in it is no UTF-8"))
    }

    /// Passes over an item.
    fn skip(&mut self) -> Result<(), Error> {
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
    fn float(&mut self, head: Head) -> Result<Option<Float>, Error> {
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

enum Float {
    Single(f32),
    Double(f64),
}

/// Where in the value something is.
#[derive(Clone, Copy)]
struct Path<'p> {
    above: Option<&'p Path<'p>>,
    name: &'p dyn fmt::Display,
    dropped: &'p RefCell<Vec<String>>,
}

impl Path<'_> {
    fn note_dropped(&self) {
        let mut names = Vec::new();
        let mut at = Some(self);
        while let Some(Path { above, name, .. }) = at {
            names.extend(above.map(|_| name.to_string()));
            at = *above;
        }
        names.reverse();
        self.dropped.borrow_mut().push(format!("/{}", names.join("/")));
    }
}

struct Deserializer<'a, 'de> {
    input: &'a mut Input<'de>,
    at: Path<'a>,
    /// Whether the value is the payload of an option.
    in_option: bool,
}

impl<'de> Deserializer<'_, 'de> {
    /// Goes into something that has parts. Whoever does comes out again, or gives up.
    fn enter(&mut self) -> Result<(), Error> {
        if self.input.depth == MAX_DEPTH {
            return Err(Error::new("it nests too deep"));
        }
        self.input.depth += 1;
        Ok(())
    }

    fn items<V: Visitor<'de>>(mut self, number: u64, visitor: V) -> Result<V::Value, Error> {
        self.enter()?;
        let mut items = Items { input: &mut *self.input, at: &self.at, number, left: number };
        let value = visitor.visit_seq(&mut items)?;
        if items.left > 0 {
            return Err(Error::new(format!("it has {number} items, {} too many", items.left)));
        }
        self.input.depth -= 1;
        Ok(value)
    }

    fn entries<V: Visitor<'de>>(mut self, left: u64, pairs: bool, visitor: V) -> Result<V::Value, Error> {
        self.enter()?;
        let mut entries = Entries { input: &mut *self.input, at: &self.at, left, pairs, key: None };
        let value = visitor.visit_map(&mut entries)?;
        if entries.left > 0 {
            return Err(Error::new(format!("{} entries too many", entries.left)));
        }
        self.input.depth -= 1;
        Ok(value)
    }

    /// Goes to the payload of a `{some: payload}`, as which in an option stands what is null or looks like one itself.
    fn unwrap(&mut self) {
        if std::mem::take(&mut self.in_option)
            && let Some(rest) = self.input.rest.strip_prefix(b"\xa1\x64some")
        {
            self.input.rest = rest;
        }
    }

    /// An integer of more than 64 bits, where it is one: it is a text.
    fn wide<T: FromStr>(&mut self) -> Result<Option<T>, Error> {
        if self.input.peek()? >> 5 != TEXT {
            return Ok(None);
        }
        let head = self.input.head()?;
        let text = self.input.text(head.number)?;
        text.parse().map(Some).map_err(|_| Error::new(format!("`{text}` is no integer")))
    }

    /// The payload of a `{some: payload}`.
    fn some<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let head = self.input.head()?;
        if head.major != MAP || head.number != 1 {
            return Err(Error::new("it is no option"));
        }
        let key = self.input.head()?;
        if key.major != TEXT || self.input.text(key.number)? != "some" {
            return Err(Error::new("it is no option"));
        }
        if self.input.peek()? == NULL {
            self.input.take(1)?;
            return visitor.visit_none();
        }
        visitor.visit_some(Deserializer { in_option: true, ..self })
    }
}

impl<'de> de::Deserializer<'de> for Deserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.unwrap();
        let head = self.input.head()?;
        match head.major {
            UNSIGNED => visitor.visit_u64(head.number),
            NEGATIVE => match i64::try_from(head.number) {
                Ok(number) => visitor.visit_i64(!number),
                Err(_) => visitor.visit_i128(!i128::from(head.number)),
            },
            // As they came: what serde keeps until it knows the type must do for a `Vec<u8>` too.
            BYTES => each(self.input.take(head.number)?, visitor),
            TEXT => visitor.visit_borrowed_str(self.input.text(head.number)?),
            ARRAY => self.items(head.number, visitor),
            MAP => self.entries(head.number, false, visitor),
            TAG => Err(Error::new("it is a resource, which no value of a service is")),
            _ => match (self.input.float(head)?, head.number as u8) {
                (Some(Float::Single(value)), _) => visitor.visit_f32(value),
                (Some(Float::Double(value)), _) => visitor.visit_f64(value),
                (None, FALSE) => visitor.visit_bool(false),
                (None, TRUE) => visitor.visit_bool(true),
                (None, NULL) => visitor.visit_unit(),
                (None, _) => Err(Error::new("it is no CBOR that the host writes")),
            },
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match (self.in_option, self.input.peek()?) {
            (true, _) => self.some(visitor),
            (false, NULL) => {
                self.input.take(1)?;
                visitor.visit_none()
            }
            (false, _) => visitor.visit_some(Deserializer { in_option: true, ..self }),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.in_option {
            // Nothing as the payload of an option: `{some: null}`.
            true => {
                let (input, at) = (self.input, self.at);
                Deserializer { input, at, in_option: true }.some(Nothing(visitor))
            }
            false => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.input.peek()? >> 5 != BYTES {
            return self.deserialize_any(visitor);
        }
        let head = self.input.head()?;
        each(self.input.take(head.number)?, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        self.unwrap();
        if self.input.peek()? >> 5 != ARRAY {
            return self.deserialize_any(visitor);
        }
        let head = self.input.head()?;
        self.entries(head.number, true, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        mut self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.unwrap();
        let head = self.input.head()?;
        match (head.major, head.number) {
            (TEXT, length) => {
                let case = case_name(name, self.input.text(length)?);
                visitor.visit_enum(de::value::StrDeserializer::new(case))
            }
            (MAP, 1) => {
                self.enter()?;
                let key = self.input.head()?;
                if key.major != TEXT {
                    return Err(Error::new("it is no case"));
                }
                let case = self.input.text(key.number)?;
                let payload = Deserializer { input: &mut *self.input, at: self.at, in_option: false };
                let read = visitor.visit_enum(Case { case: case_name(name, case), payload });
                self.input.depth -= 1;
                read.map_err(|error| error.within(&case))
            }
            _ => Err(Error::new(format!("it is no case of `{name}`"))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.input.skip()?;
        self.at.note_dropped();
        visitor.visit_unit()
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.input.peek()? >> 5 != BYTES {
            return self.deserialize_any(visitor);
        }
        let head = self.input.head()?;
        visitor.visit_borrowed_bytes(self.input.take(head.number)?)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_i128<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.wide()? {
            Some(integer) => visitor.visit_i128(integer),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        match self.wide()? {
            Some(integer) => visitor.visit_u128(integer),
            None => self.deserialize_any(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string struct identifier
    }
}

/// Bytes one by one, as serde has those of a `Vec<u8>`.
fn each<'de, V: Visitor<'de>>(bytes: &[u8], visitor: V) -> Result<V::Value, Error> {
    visitor.visit_seq(Bytes(bytes.iter()))
}

/// Bytes that are items.
struct Bytes<'b>(slice::Iter<'b, u8>);

impl<'de> de::SeqAccess<'de> for Bytes<'_> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        match self.0.next() {
            Some(byte) => seed.deserialize(de::value::U8Deserializer::new(*byte)).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// What serde calls the cases of a `Result`.
fn case_name<'c>(name: &str, case: &'c str) -> &'c str {
    match (name, case) {
        ("Result", "ok") => "Ok",
        ("Result", "err") => "Err",
        _ => case,
    }
}

/// Sees nothing where there is nothing in an option.
struct Nothing<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Nothing<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }
}

struct Items<'a, 'de> {
    input: &'a mut Input<'de>,
    at: &'a Path<'a>,
    number: u64,
    left: u64,
}

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let index = self.number - self.left;
        self.left -= 1;
        let at = Path { above: Some(self.at), name: &index, dropped: self.at.dropped };
        let item = seed.deserialize(Deserializer { input: self.input, at, in_option: false });
        item.map(Some).map_err(|error| error.within(&index))
    }

    fn size_hint(&self) -> Option<usize> {
        // No more than there is: each takes a byte at least.
        usize::try_from(self.left).ok().map(|left| left.min(self.input.rest.len()))
    }
}

struct Entries<'a, 'de> {
    input: &'a mut Input<'de>,
    at: &'a Path<'a>,
    left: u64,
    /// Whether each is an array of key and value.
    pairs: bool,
    /// The last key, where it is a text.
    key: Option<&'de str>,
}

impl<'de> de::MapAccess<'de> for Entries<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        if self.pairs {
            let head = self.input.head()?;
            if head.major != ARRAY || head.number != 2 {
                return Err(Error::new("it is no map"));
            }
        }
        let before = self.input.rest;
        self.key = match self.input.peek()? >> 5 {
            TEXT => {
                let head = self.input.head()?;
                Some(self.input.text(head.number)?)
            }
            _ => None,
        };
        self.input.rest = before;
        let at = Path { above: Some(self.at), name: &"key", dropped: self.at.dropped };
        seed.deserialize(Deserializer { input: self.input, at, in_option: false }).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let name = self.key.unwrap_or("*");
        let at = Path { above: Some(self.at), name: &name, dropped: self.at.dropped };
        let value = seed.deserialize(Deserializer { input: self.input, at, in_option: false });
        value.map_err(|error| error.within(&name))
    }
}

/// A case with its payload.
struct Case<'a, 'de> {
    case: &'a str,
    payload: Deserializer<'a, 'de>,
}

impl<'a, 'de> de::EnumAccess<'de> for Case<'a, 'de> {
    type Error = Error;
    type Variant = Deserializer<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Error> {
        let case = seed.deserialize(de::value::StrDeserializer::<Error>::new(self.case))?;
        Ok((case, self.payload))
    }
}

impl<'de> de::VariantAccess<'de> for Deserializer<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        // `{case: null}` is the case without its payload.
        match self.input.head()?.number as u8 {
            NULL => Ok(()),
            _ => Err(Error::new("the case has no payload today")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_tuple(self, len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        de::Deserializer::deserialize_any(self, visitor)
    }
}
