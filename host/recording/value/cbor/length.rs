//! How many bytes a value takes, without writing it.

use crate::value::Value;

/// Returns the number of bytes that [`write`](super::write) appends for this value.
pub fn length(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) => 1,
        Value::Int(value) => of_int(*value),
        Value::F32(_) => 5,
        Value::F64(_) => 9,
        Value::Text(text) => of_bytes(text.len()),
        Value::Bytes(bytes) => of_bytes(bytes.len()),
        Value::List(items) => of_head(items.len() as u64) + items.iter().map(length).sum::<u64>(),
        Value::Map(entries) => {
            let of_entries = entries.iter().map(|(name, value)| of_bytes(name.len()) + length(value));
            of_head(entries.len() as u64) + of_entries.sum::<u64>()
        }
        Value::Handle(number) => of_head(super::HANDLE_TAG) + of_head(u64::from(*number)),
    }
}

fn of_bytes(length: usize) -> u64 {
    of_head(length as u64) + length as u64
}

fn of_int(value: i128) -> u64 {
    let magnitude = if value < 0 { !value } else { value }.unsigned_abs();
    // A larger one is a bignum: a tag of one byte, and all its bytes.
    u64::try_from(magnitude).map_or(1 + of_bytes(size_of::<u128>()), of_head)
}

fn of_head(number: u64) -> u64 {
    match number {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}
