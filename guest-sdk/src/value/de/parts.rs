//! What has parts: sequences, maps and cases with a payload.

use super::input::Input;
use super::{Deserializer, Path};
use crate::value::error::Error;
use crate::value::head::{ARRAY, NULL, TEXT};
use serde::de::{self, DeserializeSeed, Visitor};
use std::fmt;
use std::slice;

/// Bytes one by one, as serde has those of a `Vec<u8>`.
pub(super) fn each<'de, V: Visitor<'de>>(bytes: &[u8], visitor: V) -> Result<V::Value, Error> {
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

/// Sees nothing where there is nothing in an option.
pub(super) struct Nothing<V>(pub(super) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Nothing<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }
}

pub(super) struct Items<'a, 'de> {
    pub(super) input: &'a mut Input<'de>,
    pub(super) at: &'a Path<'a>,
    pub(super) number: u64,
    pub(super) left: u64,
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

pub(super) struct Entries<'a, 'de> {
    pub(super) input: &'a mut Input<'de>,
    pub(super) at: &'a Path<'a>,
    pub(super) left: u64,
    /// Whether each is an array of key and value.
    pub(super) pairs: bool,
    /// The last key, where it is a text.
    pub(super) key: Option<&'de str>,
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
                return Err(Error::new("it is not a map"));
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
pub(super) struct Case<'a, 'de> {
    pub(super) case: &'a str,
    pub(super) payload: Deserializer<'a, 'de>,
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
