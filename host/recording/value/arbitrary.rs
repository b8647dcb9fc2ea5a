//! Any type, and any value of it in the form that the table in [`crate::value`] gives it. For property tests.

use super::{Field, Name, Type, Value};
use proptest::collection::vec;
use proptest::prelude::*;

/// A type and a value of it.
pub(crate) fn typed() -> impl Strategy<Value = (Type, Value)> {
    types().prop_flat_map(|ty| (values(&ty), Just(ty))).prop_map(|(value, ty)| (ty, value))
}

/// Any type of limited depth.
pub(crate) fn types() -> impl Strategy<Value = Type> {
    let ints = (any::<bool>(), prop_oneof![Just(8), Just(16), Just(32), Just(64)]);
    let leaf = prop_oneof![
        Just(Type::Bool),
        ints.prop_map(|(signed, bits)| Type::Int { signed, bits }),
        Just(Type::F32),
        Just(Type::F64),
        Just(Type::Char),
        Just(Type::String),
        Just(Type::Bytes),
        (1..5usize).prop_map(|count| Type::Enum(names("case", count))),
        prop_oneof![1..5usize, Just(32)].prop_map(|count| Type::Flags(names("flag", count))),
        Just(Type::Own("bucket".into())),
        Just(Type::Borrow("bucket".into())),
        Just(Type::Result(None, None)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let payload = proptest::option::of(inner.clone());
        prop_oneof![
            inner.clone().prop_map(list_of),
            (inner.clone(), 1..4u32)
                .prop_map(|(element, length)| Type::FixedLengthList(Box::new(element), length)),
            (map_keys(), inner.clone()).prop_map(|(key, value)| Type::Map(Box::new(key), Box::new(value))),
            vec(inner.clone(), 1..5).prop_map(record_of),
            vec(inner.clone(), 1..4).prop_map(Type::Tuple),
            vec(payload.clone(), 1..5).prop_map(|payloads| {
                Type::Variant(names("case", payloads.len()).into_iter().zip(payloads).collect())
            }),
            inner.prop_map(|payload| Type::Option(Box::new(payload))),
            (payload.clone(), payload)
                .prop_map(|(ok, err)| Type::Result(ok.map(Box::new), err.map(Box::new))),
        ]
    })
}

/// The types that keys of maps may have.
fn map_keys() -> impl Strategy<Value = Type> {
    prop_oneof![
        2 => Just(Type::String),
        1 => Just(Type::Char),
        1 => Just(Type::Bool),
        1 => Just(Type::Int { signed: true, bits: 64 }),
    ]
}

/// Any value of `ty`.
pub(crate) fn values(ty: &Type) -> BoxedStrategy<Value> {
    match ty {
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Int { signed, bits } => {
            let (low, high) = Type::int_bounds(*signed, *bits);
            prop_oneof![4 => low..=high, 1 => Just(low), 1 => Just(high), 1 => Just(0)]
                .prop_map(Value::Int)
                .boxed()
        }
        Type::F32 => f32s().prop_map(Value::F32).boxed(),
        Type::F64 => f64s().prop_map(Value::F64).boxed(),
        Type::Char => any::<char>().prop_map(Value::from).boxed(),
        Type::String => prop_oneof![".{0,12}", Just("NaN".to_owned())].prop_map(Value::Text).boxed(),
        Type::Bytes => vec(any::<u8>(), 0..12).prop_map(Value::Bytes).boxed(),
        Type::List(element) => vec(values(element), 0..4).prop_map(Value::List).boxed(),
        Type::FixedLengthList(element, length) if element.is_byte() => {
            vec(any::<u8>(), *length as usize).prop_map(Value::Bytes).boxed()
        }
        Type::FixedLengthList(element, length) => {
            vec(values(element), *length as usize).prop_map(Value::List).boxed()
        }
        Type::Map(key, value) => {
            let entry = (values(key), values(value)).prop_map(|(key, value)| Value::List(vec![key, value]));
            vec(entry, 0..4).prop_map(Value::List).boxed()
        }
        Type::Record(fields) => {
            let parts: Vec<_> =
                fields.iter().map(|field| (Just(field.name.clone()), values(&field.ty))).collect();
            parts.prop_map(Value::Map).boxed()
        }
        Type::Tuple(items) => items.iter().map(values).collect::<Vec<_>>().prop_map(Value::List).boxed(),
        Type::Variant(cases) => one_of(cases.iter().map(|(name, payload)| case(name, payload.as_ref()))),
        Type::Enum(names) => one_of(names.iter().map(|name| Just(Value::from(&**name)).boxed())),
        Type::Option(payload) => {
            let some = values(payload);
            let some = match **payload {
                Type::Option(_) => some.prop_map(|payload| Value::case("some", payload)).boxed(),
                _ => some,
            };
            prop_oneof![1 => Just(Value::Null), 3 => some].boxed()
        }
        Type::Result(ok, err) => one_of([case("ok", ok.as_deref()), case("err", err.as_deref())]),
        Type::Flags(names) => {
            let names: Vec<Value> = names.iter().map(|name| Value::from(&**name)).collect();
            let len = names.len();
            proptest::sample::subsequence(names, 0..=len).prop_map(Value::List).boxed()
        }
        Type::Own(_) | Type::Borrow(_) => any::<u32>().prop_map(Value::Handle).boxed(),
        Type::Any => Just(Value::Null).boxed(),
    }
}

fn f32s() -> impl Strategy<Value = f32> {
    let special =
        [0x8000_0000, 0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0x7f80_0000, 0xff80_0000, 1, 0x7f7f_ffff];
    prop_oneof![any::<u32>(), (-2000..2000i16).prop_map(|n| f32::from(n).to_bits()), sampled(special)]
        .prop_map(f32::from_bits)
}

fn f64s() -> impl Strategy<Value = f64> {
    let high = [0x8000, 0x7ff8, 0xfff8, 0x7ff0, 0xfff0, 0x7fef, 0x433f, 0x4340].map(|high: u64| high << 48);
    let any_nan = (0..1u64 << 51).prop_map(|payload| 0x7ff8 << 48 | payload);
    prop_oneof![any::<u64>(), any::<i32>().prop_map(|n| f64::from(n).to_bits()), sampled(high), any_nan]
        .prop_map(f64::from_bits)
}

fn sampled<T: Clone + std::fmt::Debug + 'static, const N: usize>(
    choices: [T; N],
) -> impl Strategy<Value = T> {
    proptest::sample::select(choices.to_vec())
}

fn case(name: &str, payload: Option<&Type>) -> BoxedStrategy<Value> {
    let name = Name::from(name);
    let payload = payload.map_or_else(|| Just(Value::Null).boxed(), values);
    payload.prop_map(move |payload| Value::case(name.clone(), payload)).boxed()
}

fn one_of(choices: impl IntoIterator<Item = BoxedStrategy<Value>>) -> BoxedStrategy<Value> {
    proptest::strategy::Union::new(choices).boxed()
}

fn names(prefix: &str, count: usize) -> Vec<Name> {
    (0..count).map(|number| format!("{prefix}-{number}").into()).collect()
}

fn record_of(types: Vec<Type>) -> Type {
    let names = names("field", types.len());
    Type::Record(names.into_iter().zip(types).map(|(name, ty)| Field { name, ty }).collect())
}

fn list_of(element: Type) -> Type {
    match element {
        Type::Int { signed: false, bits: 8 } => Type::Bytes,
        element => Type::List(Box::new(element)),
    }
}
