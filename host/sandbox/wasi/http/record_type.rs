//! Record types, written short.

use playback_recording::value::{Field, Type};

pub(super) fn record<const N: usize>(fields: [(&str, Type); N]) -> Type {
    Type::Record(fields.into_iter().map(field).collect())
}

pub(super) fn field((name, ty): (&str, Type)) -> Field {
    Field { name: name.into(), ty }
}
