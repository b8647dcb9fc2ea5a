//! Record a WebAssembly service's operations in production; replay them anywhere, on any build of the service, in
//! a sandbox nothing leaks into or out of; compare.

pub mod cassette;
pub mod recording;
pub mod sandbox;
pub mod tape;
pub mod value;
