//! What the host reads and nobody vouches for, one function for each form of it. Each panics where a promise is broken: what is
//! read can be written, and reads back as it was; what cannot be read is an error.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a broken promise is a panic")]

use playback_host::cassette::{Key, Location, Selector};
use playback_host::recording::{
    Category, EventsView, Metadata, RecordingId, decode, encode, format, format::Limits,
};
use playback_host::value::cbor::{self, Reader};
use playback_host::value::json::{self, View};
use playback_host::value::{Hex, Value};
use playback_host::{Engine, Options, Service};
use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::LazyLock;

/// Memory for what one input becomes, in bytes.
const BUDGET: usize = 4 << 20;

/// Reads a `.tape` file: these bytes, and one that has them as its content, with an end that fits.
pub fn tape(data: &[u8]) {
    read_tape(data, data);
    let mut content = data.to_vec();
    mend_end(&mut content);
    let mut compressor = zstd::bulk::Compressor::new(1).expect("zstd works");
    compressor.include_checksum(true).expect("zstd works");
    read_tape(&compressor.compress(&content).expect("zstd works"), &content);
}

fn read_tape(stored: &[u8], content: &[u8]) {
    let limits = Limits::default().stored(BUDGET).content(BUDGET).decoded(BUDGET).contents(0);
    let metadata = metadata_of(content);
    let Ok(recording) = decode(stored, metadata.clone(), &limits) else { return };
    serde_json::to_vec(&EventsView(&recording)).expect("events are JSON");
    let written = encode(&recording, &Limits::default()).expect("what was read can be written");
    assert_eq!(decode(&written, metadata, &Limits::default()).as_ref(), Ok(&recording));
}

/// Gives the end of a recording the digest of what is before it, if there is one.
fn mend_end(content: &mut [u8]) {
    let end = content.windows(5).rposition(|window| window == b"\x83\x63end");
    if let Some(end) = end.filter(|end| content.len() >= end + 5 + 1 + 17) {
        let digest = format::digest(&content[..end]);
        let at = content.len() - digest.len();
        content[at..].copy_from_slice(&digest);
    }
}

/// The metadata under which a recording with this content is kept.
fn metadata_of(content: &[u8]) -> Metadata {
    let header = Reader::new(content, BUDGET).value();
    let id = match header.as_ref().ok().and_then(|header| header.get("id")) {
        Some(Value::Text(id)) if id.parse::<RecordingId>().is_ok() => id,
        _ => "a/20260102/019b7a3c-5d1e-7abc-8def-0123456789ab",
    };
    let metadata = serde_json::json!({
        "id": id, "recorded-at": "2026-01-02T00:00:00Z", "duration-us": 12, "operation": "a", "component": "sha256:00",
        "host": "0.1.0", "size": 1, "counts": {"inputs": 1, "outputs": 2, "ambient": 3},
    });
    serde_json::from_value(metadata).expect("it has what metadata have")
}

/// Reads a value in CBOR.
pub fn cbor(data: &[u8]) {
    let mut reader = Reader::new(data, BUDGET);
    if let Ok(value) = reader.value() {
        let written = cbor::to_vec(&value);
        let mut again = Reader::new(&written, BUDGET);
        assert_eq!(again.value().as_ref(), Ok(&value));
        assert!(again.is_at_end());
        assert!(written.len() <= reader.position(), "nothing is written in more bytes than it was");
        assert_eq!(serde_json::to_value(View(&value)).expect("a value is JSON"), json::to_json(&value));
        json::short(&value);
    }
}

/// Reads a value in JSON.
pub fn json(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let Ok(value) = json::parse(text).map_err(drop).and_then(|json| json::from_json(json).map_err(drop))
    else {
        return;
    };
    assert_eq!(json::from_json(json::to_json(&value)).as_ref().ok(), Some(&value));
    let written = serde_json::to_string(&View(&value)).expect("a value is JSON");
    let again = json::parse(&written).expect("what was written can be read");
    assert_eq!(json::from_json(again).ok().as_ref(), Some(&value));
}

/// Reads the metadata of a recording: these bytes, and a file that has them as its fields.
pub fn metadata(data: &[u8]) {
    let digest = Hex(&format::digest(data)).to_string();
    let closed = [data, b",\"digest\":\"", digest.as_bytes(), b"\"}"].concat();
    for file in [data, &closed] {
        if let Ok(metadata) = Metadata::from_json(file) {
            let written = metadata.to_json().expect("what was read can be written");
            assert_eq!(Metadata::from_json(&written).ok(), Some(metadata));
        }
    }
}

/// Reads a call of an operation, with its arguments in WAVE.
pub fn arguments(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match SERVICE.invocation(text) {
        Ok((_, arguments)) => assert_eq!(arguments.len(), 6),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A service with an operation whose arguments are of many types.
pub static SERVICE: LazyLock<Service> = LazyLock::new(|| {
    let engine = Engine::new(&Options::default()).expect("there is an engine");
    let component = wat::parse_str(COMPONENT).expect("the component parses");
    Service::from_bytes(&engine, "fuzz.wasm", &component).expect("the component is a service")
});

const COMPONENT: &str = r#"
(component
  (core module $module
    (memory (export "memory") 1)
    (func (export "allocate") (param i32 i32 i32 i32) (result i32) i32.const 0)
    (func (export "order") (param i32 i32 i64 i32 f32 i32 i32 i32 i32 i32 i32 i32)))
  (core instance $core (instantiate $module))
  (type $record (record (field "sku" string) (field "count" s64)))
  (export $item "item" (type $record))
  (type $variant (variant (case "free") (case "price" f32)))
  (export $price "price" (type $variant))
  (type $flagged (flags "fast" "fragile"))
  (export $flags "flags-of-order" (type $flagged))
  (type $enumerated (enum "blue" "red"))
  (export $color "color" (type $enumerated))
  (func (export "order")
    (param "item" $item) (param "price" $price) (param "flags" $flags) (param "color" $color)
    (param "codes" (list (tuple char u8))) (param "note" (option string))
    (canon lift (core func $core "order")
      (memory (core memory $core "memory")) (realloc (core func $core "allocate")))))
"#;

/// Reads names: of recordings, categories and what is kept, and what selects them.
pub fn names(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    reads_as_written::<RecordingId>(text);
    reads_as_written::<Category>(text);
    reads_as_written::<Key>(text);
    reads_as_written::<Location>(text);
    _ = text.parse::<Selector>();
}

/// Checks that what the text names is written as a text that names the same.
fn reads_as_written<T: FromStr<Err: Debug> + Display + Debug + PartialEq>(text: &str) {
    if let Ok(name) = text.parse::<T>() {
        assert_eq!(name.to_string().parse::<T>().expect("what was read can be written"), name);
    }
}
