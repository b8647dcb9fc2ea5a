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
//! Where things are, and who may import whom:
//!
//! | module | is | imports |
//! |---|---|---|
//! | [`value`] | component values as plain data: stored, shown, fitted, compared | nothing |
//! | [`recording`] | one finished operation as data, and its file format | `value` |
//! | [`tape`] | what each call of a running operation returns; knows no wasm and no disk | `recording` |
//! | [`cassette`] | where recordings are kept and looked up | `recording` |
//! | [`sandbox`] | runs components with a tape at their boundary; the only place that knows wasmtime | `tape` |
//!
//! The command line, `playback-host`, is a client of this library and nothing more.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "only the command line prints")]

pub mod cassette;
pub mod recording;
pub mod sandbox;
pub mod tape;
pub mod value;

pub use cassette::Cassette;
pub use recording::{Category, Outcome, Recording, RecordingId};
pub use sandbox::{Engine, Limits, Options, ProviderComponent, Providers, Recorder, Replayer, Service};
pub use tape::{Playback, Rules};
pub use value::Value;
