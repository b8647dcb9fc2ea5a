//! Outgoing HTTP, `wasi:http` 0.2. One exchange is one call on the tape, of a function that [stands for it](function).
//! While recording requests [go to the network](record) as far as that is granted, and what passes is noted; on replay
//! they are [answered from the tape](replay), and nothing is sent.

mod context;
mod error;
mod exchange;
mod exchanges;
mod function;
mod get;
mod handles;
mod link;
mod made;
mod network;
mod record;
mod record_type;
mod replay;
mod secrets;
mod served;

pub(crate) use context::Http;
pub(crate) use exchanges::{Connection, Exchanges, Sending};
pub(crate) use function::{is_exchange, is_linked, is_sender, signature};
pub(crate) use link::{HttpViews, link};
pub use network::{Host, InvalidHost, Network};
pub(crate) use record::Sender;
pub(crate) use replay::Answerer;
pub(crate) use secrets::{ALWAYS as ALWAYS_SECRET, Secrets};
