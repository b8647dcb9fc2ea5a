//! Telling bytes from everything else: serde writes a `Vec<u8>` one number at a time, and on the tape it is one string of bytes.

use crate::value::Error;
use crate::value::head;
use serde::ser::{self, Impossible, Serialize};

/// Appends so many items, of which their type says that they are bytes: without a look at each, as there may be many.
pub(super) fn collect<T: Serialize>(
    len: usize,
    items: impl Iterator<Item = T>,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    head::write(head::BYTES, len as u64, out);
    let (start, mut are_bytes) = (out.len(), true);
    out.extend(items.map(|item| {
        item.serialize(Byte).unwrap_or_else(|_| {
            are_bytes = false;
            0
        })
    }));
    match are_bytes && out.len() - start == len {
        true => Ok(()),
        false => Err(Error::new("it says that it is bytes, and is not")),
    }
}

/// Tells a byte from everything else.
pub(super) struct Byte;

/// It is none. An error that takes nothing to make.
#[derive(Debug)]
pub(super) struct NoByte;

impl std::fmt::Display for NoByte {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no byte")
    }
}

impl std::error::Error for NoByte {}

impl ser::Error for NoByte {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

macro_rules! no_bytes {
    ($($name:ident($($argument:ty),*))*) => {
        $(fn $name(self $(, _: $argument)*) -> Result<u8, NoByte> { Err(NoByte) })*
    };
}

impl ser::Serializer for Byte {
    type Ok = u8;
    type Error = NoByte;
    type SerializeSeq = Impossible<u8, NoByte>;
    type SerializeTuple = Impossible<u8, NoByte>;
    type SerializeTupleStruct = Impossible<u8, NoByte>;
    type SerializeTupleVariant = Impossible<u8, NoByte>;
    type SerializeMap = Impossible<u8, NoByte>;
    type SerializeStruct = Impossible<u8, NoByte>;
    type SerializeStructVariant = Impossible<u8, NoByte>;

    #[inline(always)]
    fn serialize_u8(self, value: u8) -> Result<u8, NoByte> {
        Ok(value)
    }

    no_bytes! {
        serialize_bool(bool)
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_none() serialize_unit() serialize_unit_struct(&'static str)
        serialize_unit_variant(&'static str, u32, &'static str)
    }

    fn collect_str<T: std::fmt::Display + ?Sized>(self, _: &T) -> Result<u8, NoByte> {
        Err(NoByte)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<u8, NoByte> {
        Err(NoByte)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<u8, NoByte> {
        Err(NoByte)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<u8, NoByte> {
        Err(NoByte)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, NoByte> {
        Err(NoByte)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, NoByte> {
        Err(NoByte)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, NoByte> {
        Err(NoByte)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, NoByte> {
        Err(NoByte)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, NoByte> {
        Err(NoByte)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, NoByte> {
        Err(NoByte)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, NoByte> {
        Err(NoByte)
    }
}
