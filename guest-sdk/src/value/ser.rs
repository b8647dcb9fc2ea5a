//! From what serde makes of a value to CBOR.

mod byte;
mod parts;

use super::MAX_DEPTH;
use super::error::Error;
use super::head::{self, ARRAY, BYTES, F32, F64, FALSE, MAP, NEGATIVE, NULL, TEXT, TRUE, UNSIGNED};
use parts::{Entries, Fields, Items, Kind, Sequence};
use serde::ser::{self, Serialize, SerializeSeq};
use std::any::type_name;
use std::sync::atomic::{AtomicU32, Ordering};

/// What becomes of fields that have nothing in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    /// They are null: whatever reads the value finds them.
    Kept,
    /// They are left out, so that a value is the same as one of an older type, which does not have them.
    LeftOut,
}

/// How a value is written, and where in the whole it is.
#[derive(Clone, Copy)]
pub(super) struct Style {
    empty: Empty,
    depth: usize,
}

impl Style {
    pub(super) fn of(empty: Empty) -> Self {
        Self { empty, depth: 0 }
    }

    /// The same for what is in it.
    fn deeper(self) -> Result<Self, Error> {
        match self.depth < MAX_DEPTH {
            true => Ok(Self { depth: self.depth + 1, ..self }),
            false => Err(Error::new(format!("values nest more than {MAX_DEPTH} deep"))),
        }
    }
}

/// How many lists and maps were written.
static PARTS: AtomicU32 = AtomicU32::new(0);

/// Does something, and counts the lists and maps that are written by it. Alone: a component has one thread.
pub(super) fn counted<T>(write: impl FnOnce() -> T) -> (T, u32) {
    let before = PARTS.load(Ordering::Relaxed);
    let done = write();
    (done, PARTS.load(Ordering::Relaxed).wrapping_sub(before))
}

/// Appends one value.
pub(super) struct Serializer<'o> {
    out: &'o mut Vec<u8>,
    style: Style,
    /// Whether the value is the payload of an option.
    in_option: bool,
}

impl<'o> Serializer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, style: Style) -> Self {
        Self { out, style, in_option: false }
    }

    /// An option is null itself when there is nothing, so that whatever would be null in one is `{some: null}`.
    fn null(self) {
        if self.in_option {
            some(self.out);
        }
        self.out.push(NULL);
    }

    /// Begins a map of one entry.
    fn case(self, name: &'static str, case: &'static str) -> &'o mut Vec<u8> {
        let case = case_name(name, case);
        if self.in_option && case == "some" {
            some(self.out);
        }
        head::write(MAP, 1, self.out);
        text(case, self.out);
        self.out
    }
}

/// Begins `{some: ..}`, which holds in an option what is null or looks like `{some: ..}` itself.
fn some(out: &mut Vec<u8>) {
    head::write(MAP, 1, out);
    text("some", out);
}

/// What a case is called: those of a `Result` as in WIT.
fn case_name(name: &'static str, case: &'static str) -> &'static str {
    match (name, case) {
        ("Result", "Ok") => "ok",
        ("Result", "Err") => "err",
        _ => case,
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    head::write(TEXT, text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

impl<'o> ser::Serializer for Serializer<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Sequence<'o>;
    type SerializeTuple = Items<'o>;
    type SerializeTupleStruct = Items<'o>;
    type SerializeTupleVariant = Items<'o>;
    type SerializeMap = Entries<'o>;
    type SerializeStruct = Fields<'o>;
    type SerializeStructVariant = Fields<'o>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.out.push(if value { TRUE } else { FALSE });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        match u64::try_from(value) {
            Ok(value) => head::write(UNSIGNED, value, self.out),
            // CBOR counts the negative integers from -1.
            Err(_) => head::write(NEGATIVE, !value as u64, self.out),
        }
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        match (u64::try_from(value), i64::try_from(value)) {
            (Ok(value), _) => self.serialize_u64(value),
            (_, Ok(value)) => self.serialize_i64(value),
            _ => self.serialize_str(&value.to_string()),
        }
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        head::write(UNSIGNED, value, self.out);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        match u64::try_from(value) {
            Ok(value) => self.serialize_u64(value),
            // CBOR's integers end there.
            Err(_) => self.serialize_str(&value.to_string()),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.out.push(F32);
        self.out.extend_from_slice(&value.to_bits().to_be_bytes());
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.out.push(F64);
        self.out.extend_from_slice(&value.to_bits().to_be_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        text(value.encode_utf8(&mut [0; 4]), self.out);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        text(value, self.out);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        head::write(BYTES, value.len() as u64, self.out);
        self.out.extend_from_slice(value);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.null();
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        let style = match self.in_option {
            true => {
                some(self.out);
                self.style.deeper()?
            }
            false => self.style,
        };
        value.serialize(Serializer { in_option: true, style, ..self })
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.null();
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, case: &'static str) -> Result<(), Error> {
        text(case_name(name, case), self.out);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        case: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let style = self.style.deeper()?;
        let payload = Serializer::new(self.case(name, case), style);
        value.serialize(payload).map_err(|error| error.within(&case))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Sequence<'o>, Error> {
        PARTS.fetch_add(1, Ordering::Relaxed);
        Ok(Sequence { out: self.out, style: self.style.deeper()?, len, count: 0, items: Kind::Unknown })
    }

    /// As item by item, but fast for bytes, of which there may be many.
    fn collect_seq<I>(self, items: I) -> Result<(), Error>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let mut items = items.into_iter();
        let len = match items.size_hint() {
            (least, Some(most)) if least == most => Some(least),
            _ => None,
        };
        if let (Some(len @ 1..), "u8" | "&u8") = (len, type_name::<I::Item>()) {
            PARTS.fetch_add(1, Ordering::Relaxed);
            return byte::collect(len, items, self.out);
        }
        let mut sequence = self.serialize_seq(len)?;
        items.try_for_each(|item| sequence.serialize_element(&item))?;
        sequence.end()
    }

    fn serialize_tuple(self, len: usize) -> Result<Items<'o>, Error> {
        head::write(ARRAY, len as u64, self.out);
        Ok(Items { out: self.out, style: self.style.deeper()?, len, count: 0 })
    }

    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Items<'o>, Error> {
        self.serialize_tuple(len)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        case: &'static str,
        len: usize,
    ) -> Result<Items<'o>, Error> {
        let style = self.style.deeper()?;
        Serializer::new(self.case(name, case), style).serialize_tuple(len)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries<'o>, Error> {
        PARTS.fetch_add(1, Ordering::Relaxed);
        let (style, Self { out, in_option, .. }) = (self.style.deeper()?, self);
        Ok(Entries { out, style, in_option, key: Vec::new(), entries: Vec::new() })
    }

    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Fields<'o>, Error> {
        let (style, Self { out, in_option, .. }) = (self.style.deeper()?, self);
        Ok(Fields { out, style, in_option, len, count: 0, left_out: 0, start: 0 })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        case: &'static str,
        len: usize,
    ) -> Result<Fields<'o>, Error> {
        let style = self.style.deeper()?;
        Serializer::new(self.case(name, case), style).serialize_struct(case, len)
    }
}
