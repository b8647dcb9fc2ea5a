//! The function that stands for an HTTP exchange on the tape. wasmtime's own `handle` passes resources; this one passes
//! what is in them.

use super::error;
use super::record_type::{field, record};
use crate::wasi::version::is_0_2;
use playback_recording::format::default_alias;
use playback_recording::value::Type;
use playback_tape::{OnExhausted, Sends, Signature};

/// The interface whose `handle` sends requests, without its version.
const INTERFACE: &str = "wasi:http/outgoing-handler";

/// The methods by which nothing is sent that counts: [RFC 9110, 9.2.1](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1).
const SAFE: [&str; 4] = ["GET", "HEAD", "OPTIONS", "TRACE"];

const U16: Type = Type::Int { signed: false, bits: 16 };
const U64: Type = Type::Int { signed: false, bits: 64 };

/// Whether an import is the interface that sends requests, in a version that is linked.
pub(crate) fn is_sender(import: &str) -> bool {
    let version = import.strip_prefix(INTERFACE).and_then(|rest| rest.strip_prefix('@'));
    version.is_some_and(is_0_2)
}

/// Whether an interface of `wasi:http` is linked.
pub(crate) fn is_linked(interface: &str) -> bool {
    let types = interface.strip_prefix("wasi:http/types@");
    is_sender(interface) || types.is_some_and(is_0_2)
}

/// Whether a function stands for an HTTP exchange.
pub(crate) fn is_exchange(signature: &Signature) -> bool {
    signature.interface.as_deref().is_some_and(is_sender)
        && default_alias(&signature.full_name()).ends_with("#handle")
}

/// The function for an import of [`INTERFACE`]. Method, URL and body identify a call where no rule says otherwise.
pub(crate) fn signature(import: &str) -> Signature {
    let parameters = [
        ("method", Type::String),
        ("url", Type::String),
        ("headers", headers()),
        ("body", Type::Bytes),
        ("chunks", chunks()),
        ("trailers", Type::Option(Box::new(headers()))),
        (
            "options",
            record([
                ("connect-timeout", time()),
                ("first-byte-timeout", time()),
                ("between-bytes-timeout", time()),
            ]),
        ),
    ];
    let key = ["method", "url", "body"]
        .iter()
        .filter_map(|name| parameters.iter().position(|(parameter, _)| parameter == name));
    let key = Some(key.collect());
    Signature {
        interface: Some(import.to_owned()),
        name: "handle".to_owned(),
        parameters: parameters.into_iter().map(field).collect(),
        result: Some(Type::Result(Some(Box::new(response())), Some(Box::new(error::ty())))),
        key,
        // One request more is one that the world never got.
        on_exhausted: OnExhausted::Missing,
        sends: Some(Sends { parameter: 0, except: &SAFE }),
    }
}

/// The positions of the arguments that are not there before a request is whole.
pub(super) const OPEN: [usize; 3] = [3, 4, 5];

/// A response, with the lengths of the chunks that its body came in and how the body ended.
fn response() -> Type {
    let end = [("complete", None), ("cut-off", None), ("failed", Some(error::ty()))];
    record([
        ("status", U16),
        ("headers", headers()),
        ("body", Type::Bytes),
        ("chunks", chunks()),
        ("trailers", Type::Option(Box::new(headers()))),
        ("end", Type::Variant(end.into_iter().map(|(name, payload)| (name.into(), payload)).collect())),
    ])
}

fn headers() -> Type {
    Type::List(Box::new(Type::Tuple(vec![Type::String, Type::Bytes])))
}

fn chunks() -> Type {
    Type::List(Box::new(U64))
}

/// Nanoseconds, where the service sets a time at all.
fn time() -> Type {
    Type::Option(Box::new(U64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_body_is_open_until_it_ends() {
        let parameters = signature("wasi:http/outgoing-handler@0.2.0").parameters;
        assert_eq!(OPEN.map(|position| &*parameters[position].name), ["body", "chunks", "trailers"]);
        assert_eq!(&*parameters[0].name, "method", "which says whether something is sent");
    }
}
