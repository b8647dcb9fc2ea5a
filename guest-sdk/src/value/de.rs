//! From CBOR to what serde makes a value of.

mod input;
mod parts;

use super::MAX_DEPTH;
use super::error::Error;
use super::head::{ARRAY, BYTES, FALSE, MAP, NEGATIVE, NULL, TAG, TEXT, TRUE, UNSIGNED};
use input::{Float, Input};
use parts::{Case, Entries, Items, Nothing, each};
use serde::de::{self, DeserializeOwned, Visitor};
use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

pub(crate) use input::Parts;
pub(super) use input::{bytes, parts};

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
        text.parse().map(Some).map_err(|_| Error::new(format!("`{text}` is not an integer")))
    }

    /// The payload of a `{some: payload}`.
    fn some<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let head = self.input.head()?;
        if head.major != MAP || head.number != 1 {
            return Err(Error::new("it is not an option"));
        }
        let key = self.input.head()?;
        if key.major != TEXT || self.input.text(key.number)? != "some" {
            return Err(Error::new("it is not an option"));
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
                (None, _) => Err(Error::new("it is not CBOR that the host writes")),
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
                    return Err(Error::new("it is not a case"));
                }
                let case = self.input.text(key.number)?;
                let payload = Deserializer { input: &mut *self.input, at: self.at, in_option: false };
                let read = visitor.visit_enum(Case { case: case_name(name, case), payload });
                self.input.depth -= 1;
                read.map_err(|error| error.within(&case))
            }
            _ => Err(Error::new(format!("it is not a case of `{name}`"))),
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

/// What serde calls the cases of a `Result`.
fn case_name<'c>(name: &str, case: &'c str) -> &'c str {
    match (name, case) {
        ("Result", "ok") => "Ok",
        ("Result", "err") => "Err",
        _ => case,
    }
}
