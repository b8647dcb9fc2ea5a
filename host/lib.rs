//! Record a WebAssembly service's operations in production; replay them anywhere, on any build of the service, in
//! a sandbox nothing leaks into or out of; compare.
//!
//! A service is a component. What it gets from the world and what it sends there crosses its WIT imports, and
//! that boundary is the tape: recording captures each crossing, replaying answers from the recording and calls nobody.
//!
//! ```no_run
#![doc = include_str!("../examples/embed.rs")]
//! ```
//!
//! Each layer is a crate of its own in a directory of `host/`, so that the compiler checks who imports whom:
//!
//! | layer | is | imports |
//! |---|---|---|
//! | [`recording`] | one finished operation as data, and its file format; [`value`]: component values as plain data | nothing |
//! | [`tape`] | what each call of a running operation returns; knows no wasm and no disk | `recording` |
//! | [`compare`] | what changed between recordings and replays, and reports of it | `tape`, `recording` |
//! | [`cassette`] | where recordings are kept and looked up | `recording` |
//! | [`sandbox`] | runs components with a tape at their boundary; the only layer that knows wasmtime | `tape`, `recording` |
//!
//! A library that runs inside a service says what it does with `tracing`: spans and events that carry the recording's id. Nothing
//! is written unless the service subscribes.
//!
//! The command line, `playback-host`, is a client of this library and nothing more. `ARCHITECTURE.md`, beside this file,
//! follows one call through the layers and lists the invariants.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

mod harness;

pub use harness::Harness;
pub use playback_cassette as cassette;
pub use playback_compare as compare;
pub use playback_recording as recording;
pub use playback_recording::value;
pub use playback_sandbox as sandbox;
pub use playback_tape as tape;

pub use cassette::Cassette;
pub use recording::{Category, Outcome, Recording, RecordingId};
pub use sandbox::{Engine, Limits, Options, ProviderComponent, Providers, Recorder, Replayer, Service};
pub use tape::{Playback, Rules};
pub use value::Value;
