//! A WIT type as plain data, written back as WIT text by `Display`. Names that WIT gives to types are not
//! kept, but for resources: a component's own type information has no others.

use super::Name;
use std::fmt;

/// What a value must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `bool`
    Bool,
    /// An integer of 8, 16, 32 or 64 bits.
    Int {
        /// `s8` to `s64` rather than `u8` to `u64`.
        signed: bool,
        /// 8, 16, 32 or 64.
        bits: u8,
    },
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// `char`
    Char,
    /// `string`
    String,
    /// `list<u8>`
    Bytes,
    /// A `list` of anything but `u8`.
    List(Box<Type>),
    /// A `list<T, N>` of this many elements, of bytes too.
    FixedLengthList(Box<Type>, u32),
    /// A `map`: the types of its keys and its values.
    Map(Box<Type>, Box<Type>),
    /// A `record`, fields in declared order.
    Record(Vec<Field>),
    /// A `tuple`.
    Tuple(Vec<Type>),
    /// A `variant`: its cases, each with its payload if it has one.
    Variant(Vec<(Name, Option<Type>)>),
    /// An `enum`: its cases.
    Enum(Vec<Name>),
    /// An `option`.
    Option(Box<Type>),
    /// A `result`.
    Result(Option<Box<Type>>, Option<Box<Type>>),
    /// `flags`, in declared order.
    Flags(Vec<Name>),
    /// A resource, handed over: the name of its type.
    Own(Name),
    /// A resource, lent: the name of its type.
    Borrow(Name),
    /// Whatever there is: of a value that the service itself gives its type. No type of WIT.
    Any,
}

/// A named part: of a record, or a parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As declared.
    pub name: Name,
    /// What it holds.
    pub ty: Type,
}

impl Type {
    /// The smallest and the largest value of an integer type.
    pub fn int_bounds(signed: bool, bits: u8) -> (i128, i128) {
        match signed {
            true => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
            false => (0, (1 << bits) - 1),
        }
    }

    /// Whether it is `u8`, lists of which are bytes.
    pub fn is_byte(&self) -> bool {
        matches!(self, Self::Int { signed: false, bits: 8 })
    }

    /// Whether a value of this type can hold a resource.
    pub fn holds_resource(&self) -> bool {
        match self {
            Self::Own(_) | Self::Borrow(_) => true,
            Self::List(element) | Self::FixedLengthList(element, _) | Self::Option(element) => {
                element.holds_resource()
            }
            Self::Map(key, value) => key.holds_resource() || value.holds_resource(),
            Self::Record(fields) => fields.iter().any(|field| field.ty.holds_resource()),
            Self::Tuple(items) => items.iter().any(Self::holds_resource),
            Self::Variant(cases) => cases.iter().flat_map(|(_, payload)| payload).any(Self::holds_resource),
            Self::Result(ok, err) => [ok, err].into_iter().flatten().any(|payload| payload.holds_resource()),
            _ => false,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int { signed, bits } => write!(f, "{}{bits}", if *signed { 's' } else { 'u' }),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::Char => f.write_str("char"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("list<u8>"),
            Self::List(element) => write!(f, "list<{element}>"),
            Self::FixedLengthList(element, length) => write!(f, "list<{element}, {length}>"),
            Self::Map(key, value) => write!(f, "map<{key}, {value}>"),
            Self::Record(fields) => {
                braced(f, "record", fields, |f, field| write!(f, "{}: {}", field.name, field.ty))
            }
            Self::Tuple(items) => {
                f.write_str("tuple<")?;
                separated(f, items, |f, item| item.fmt(f))?;
                f.write_str(">")
            }
            Self::Variant(cases) => braced(f, "variant", cases, |f, (name, payload)| match payload {
                Some(payload) => write!(f, "{name}({payload})"),
                None => f.write_str(name),
            }),
            Self::Enum(names) => braced(f, "enum", names, |f, name| f.write_str(name)),
            Self::Option(payload) => write!(f, "option<{payload}>"),
            Self::Result(None, None) => f.write_str("result"),
            Self::Result(Some(ok), None) => write!(f, "result<{ok}>"),
            Self::Result(None, Some(err)) => write!(f, "result<_, {err}>"),
            Self::Result(Some(ok), Some(err)) => write!(f, "result<{ok}, {err}>"),
            Self::Flags(names) => braced(f, "flags", names, |f, name| f.write_str(name)),
            Self::Own(resource) => f.write_str(resource),
            Self::Borrow(resource) => write!(f, "borrow<{resource}>"),
            Self::Any => f.write_str("any"),
        }
    }
}

type Write<T> = fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result;

fn braced<T>(f: &mut fmt::Formatter<'_>, keyword: &str, items: &[T], write: Write<T>) -> fmt::Result {
    write!(f, "{keyword} {{ ")?;
    separated(f, items, write)?;
    f.write_str(" }")
}

fn separated<T>(f: &mut fmt::Formatter<'_>, items: &[T], write: Write<T>) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        write(f, item)?;
    }
    Ok(())
}
