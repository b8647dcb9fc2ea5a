//! What a service reads from its standard input and writes to its standard output and error.

pub(crate) mod last_message;
pub(crate) mod lines;
mod port;
mod record;
mod replay;

pub use port::StreamPort;
