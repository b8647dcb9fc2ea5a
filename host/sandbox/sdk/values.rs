//! What the service sends as CBOR, as values.

use crate::limits::LimitReached;
use crate::state::State;
use playback_recording::value::Value;
use playback_recording::value::cbor::{self, Reader};

impl State {
    /// The values that CBOR of the service is.
    ///
    /// # Errors
    ///
    /// Why it is none that can be kept.
    pub(super) fn values<T>(
        &self,
        bytes: &[u8],
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, Box<cbor::ReadError>>,
    ) -> Result<T, String> {
        let mut reader = Reader::new(bytes, self.sdk.crossing);
        match read(&mut reader) {
            Ok(values) if reader.is_at_end() => Ok(values),
            Ok(_) => Err("something follows its CBOR".to_owned()),
            Err(error) => Err(match *error {
                cbor::ReadError::TooLarge { .. } => LimitReached::Crossing(self.sdk.crossing).to_string(),
                error => error.to_string(),
            }),
        }
    }
}

/// Puts fields in the order of their names: in which a type declares them does not matter.
pub(super) fn sort(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(sort),
        Value::Map(fields) => {
            fields.iter_mut().for_each(|(_, value)| sort(value));
            if !fields.is_sorted_by(|(one, _), (other, _)| one <= other) {
                fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            }
        }
        _ => {}
    }
}
