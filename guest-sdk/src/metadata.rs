//! Metadata that an operation makes of its arguments and its outcome.

use crate::aside::aside;
use crate::host;
use crate::host::answer::Mode;
use crate::recording;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt::Display;

/// The key under which it is kept that an extractor failed, and why.
const FAILED: &str = "metadata-extractor-failed";

/// What a metadata extractor returns: fields, or why there are none.
#[diagnostic::on_unimplemented(
    message = "a metadata extractor does not return a `{Self}`",
    label = "this one does",
    note = "it returns a `serde_json::Value` that is an object, or a `Result` of anything that serde makes one of"
)]
pub trait Extracted {
    /// The fields.
    ///
    /// # Errors
    ///
    /// Why there are none.
    fn fields(self) -> Result<Map<String, Value>, String>;
}

impl Extracted for Value {
    fn fields(self) -> Result<Map<String, Value>, String> {
        match self {
            Self::Object(fields) => Ok(fields),
            other => Err(format!("metadata are fields with values, and this is `{other}`")),
        }
    }
}

impl Extracted for Map<String, Value> {
    fn fields(self) -> Result<Map<String, Value>, String> {
        Ok(self)
    }
}

impl<T: Serialize, E: Display> Extracted for Result<T, E> {
    fn fields(self) -> Result<Map<String, Value>, String> {
        let fields = self.map_err(|error| error.to_string())?;
        serde_json::to_value(fields).map_err(|error| error.to_string())?.fields()
    }
}

/// What a metadata extractor sees of an argument that the operation takes.
#[diagnostic::on_unimplemented(
    message = "the operation takes this `{Self}`, and the metadata extractor sees a copy of it",
    label = "`Clone` is not implemented for it",
    note = "take it by reference, or derive `Clone`"
)]
pub trait Copied: Sized {
    /// A copy.
    fn copied(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> Copied for T {
    fn copied(&self) -> Self {
        self.clone()
    }
}

/// What makes a copy. Apart from the call that uses it, so that the compiler shows the type of what has none.
pub const fn copied<T: Copied>() -> fn(&T) -> T {
    T::copied
}

/// Whether the running operation is recorded.
#[inline]
pub fn is_recording() -> bool {
    recording::mode() == Mode::Recording
}

/// Adds what is extracted to the recording's metadata. The operation goes on, whatever fails, and nothing of it is on the tape: on
/// a replay nobody extracts.
pub fn extract<E: Extracted>(extract: impl FnOnce() -> E) {
    let ticket = host::aside();
    let added = aside(|| {
        extract().fields().and_then(|fields| {
            fields.into_iter().try_for_each(|(key, value)| {
                recording::metadata(&key, value).map_err(|error| error.to_string())
            })
        })
    });
    host::leave(ticket, None, crate::note::NONE);
    if let Err(problem) = added {
        // A text can be kept.
        let _ = recording::metadata(FAILED, problem);
    }
}
