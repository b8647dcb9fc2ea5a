//! Recordings of older builds, which refused each interface called `wasi:` that they did not know. A provider answers such
//! an interface today, and a replay gives what the recorded service got.

use super::interceptor::Interceptor;
use playback_recording::Outcome;
use playback_recording::value::{Type, Value};

/// What a call of this function got that was refused with this code.
pub(crate) fn refused(interceptor: &Interceptor, code: &str) -> Outcome {
    let has_code =
        |error: &Type| matches!(error, Type::Enum(names) if names.iter().any(|name| **name == *code));
    match &interceptor.signature.result {
        Some(Type::Result(_, Some(error))) if has_code(error) => {
            Outcome::Returned(Value::case("err", Value::from(code)))
        }
        _ => Outcome::Trapped(format!("`{}` was called, which is not granted", interceptor.function.name)),
    }
}
